/* fold.c: see fold.h */
#include "core/validate/fold.h"

#include <ctype.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"

const struct sg_value *sg_fold_take(struct sg_analysis *a, struct sg_buf *b)
{
    const struct sg_value *v = b->failed ? NULL : sg_value_text(a, b->data ? b->data : "", b->len);
    sg_buf_done(b);
    return v;
}

void sg_fold_code_point(struct sg_buf *out, uint32_t c)
{
    unsigned char u[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; c >>= 6)
        u[i] = (unsigned char)(0x80 | (c & 0x3f));
    u[0] = (unsigned char)(n == 1 ? c : lead[n] | c);
    sg_buf_append(out, u, n);
}

bool sg_fold_append(struct sg_buf *out, const struct sg_value *value)
{
    if (value && value->kind == SG_VALUE_TEXT && out->len + value->n <= SG_VALUE_TEXT_MAX_BYTES) {
        sg_buf_append(out, value->text, value->n);
        return true;
    }
    if (value && value->kind == SG_VALUE_NUMBER && out->len < SG_VALUE_TEXT_MAX_BYTES) {
        sg_buf_printf(out, "%lld", (long long)value->number);
        return true;
    }
    return false;
}

bool sg_fold_append_any(struct sg_buf *out, const struct sg_value *set)
{
    while (set && set->kind != SG_VALUE_TEXT && set->kind != SG_VALUE_NUMBER)
        set = set->next;
    return sg_fold_append(out, set);
}

size_t sg_fold_hex(const char *s, size_t n, size_t most, uint32_t *ret)
{
    size_t i = 0;
    *ret = 0;
    for (; i < n && i < most && isxdigit((unsigned char)s[i]); i++) {
        char c = (char)tolower((unsigned char)s[i]);
        if (*ret < 0x110000)
            *ret = *ret * 16 + (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return i;
}

static const struct sg_value *concatenate(struct sg_analysis *a, const struct sg_value *left,
                                          const struct sg_value *right)
{
    struct sg_buf b = {0};
    if (sg_fold_append(&b, left) && sg_fold_append(&b, right))
        return sg_fold_take(a, &b);
    sg_buf_done(&b);
    return NULL;
}

static const struct sg_value *chain(struct sg_analysis *a, const struct sg_value *left,
                                    const struct sg_value *right)
{
    struct sg_value *v = sg_value_new(a, SG_VALUE_LIST);
    const struct sg_item **end = v ? &v->items : NULL;
    const struct sg_item *const lists[2] = {left->items, right->items};
    unsigned n = 0;
    for (int i = 0; v && i < 2; i++) {
        for (const struct sg_item *from = lists[i]; from; from = from->next) {
            struct sg_item *copy =
                sg_analysis_work(a, 1) ? sg_arena_take(&a->arena, sizeof *copy) : NULL;
            if (!copy || ++n > SG_ITEMS_MAX)
                return NULL;
            copy->values = from->values;
            *end = copy;
            end = &copy->next;
        }
    }
    return v;
}

static const struct sg_value *repeat(struct sg_analysis *a, const struct sg_value *text,
                                     int64_t times)
{
    struct sg_buf b = {0};
    times = times < 0 ? 0 : times;
    if (text->n > 0 && times > (int64_t)(SG_VALUE_TEXT_MAX_BYTES / text->n))
        return NULL;
    for (int64_t i = 0; i < times && text->n > 0; i++)
        sg_buf_append(&b, text->text, text->n);
    return sg_fold_take(a, &b);
}

static const struct sg_value *arithmetic(struct sg_analysis *a, const char *op, int64_t l,
                                         int64_t r)
{
    uint64_t x = (uint64_t)l, y = (uint64_t)r; /* wraps, where Python grows: then it is no name */
    bool divides = r != 0 && !(l == INT64_MIN && r == -1);
    if (strcmp(op, "+") == 0)
        return sg_value_number(a, (int64_t)(x + y));
    if (strcmp(op, "-") == 0)
        return sg_value_number(a, (int64_t)(x - y));
    if (strcmp(op, "*") == 0)
        return sg_value_number(a, (int64_t)(x * y));
    if (strcmp(op, "^") == 0)
        return sg_value_number(a, l ^ r);
    if (strcmp(op, "|") == 0)
        return sg_value_number(a, l | r);
    if (strcmp(op, "&") == 0)
        return sg_value_number(a, l & r);
    if (strcmp(op, "<<") == 0 && r >= 0 && r < 63)
        return sg_value_number(a, (int64_t)(x << y));
    if (strcmp(op, ">>") == 0 && r >= 0 && r < 63)
        return sg_value_number(a, l >> r);
    if ((strcmp(op, "//") == 0 || strcmp(op, "/") == 0) && divides)
        return sg_value_number(a, l / r - (l % r != 0 && (l < 0) != (r < 0) && op[1] == '/'));
    if (strcmp(op, "%") == 0 && divides)
        return sg_value_number(a, l % r);
    if (strcmp(op, "**") == 0 && r >= 0 && r < 64) {
        uint64_t power = 1;
        while (r-- > 0)
            power *= x;
        return sg_value_number(a, (int64_t)power);
    }
    return NULL;
}

/* pathlib: Path("/etc") / "passwd" is still that Path(), of a longer text. */
static const struct sg_value *extend_subject(struct sg_analysis *a, const struct sg_value *left,
                                             const struct sg_value *right)
{
    struct sg_value *v = sg_value_new(a, SG_VALUE_NAME);
    struct sg_buf b = {0};
    if (!v)
        return NULL;
    *v = *left;
    v->next = NULL;
    v->subject = NULL;
    if (!left->subject || !right || right->kind != SG_VALUE_TEXT)
        return v;
    if (right->n == 0 || right->text[0] != '/')
        sg_buf_printf(&b, "%s/", left->subject);
    sg_buf_append(&b, right->text, right->n);
    const struct sg_value *text = sg_fold_take(a, &b);
    v->subject = text ? text->text : NULL;
    return v;
}

const struct sg_value *sg_fold_binary(struct sg_analysis *a, const char *op,
                                      const struct sg_value *left, const struct sg_value *right)
{
    if (left->kind == SG_VALUE_NAME && strcmp(op, "/") == 0)
        return extend_subject(a, left, right);
    if (left->kind == SG_VALUE_TEXT && strcmp(op, "%") == 0 && right)
        return sg_fold_percent(a, left, right);
    if (!right)
        return NULL;
    bool texts = left->kind == SG_VALUE_TEXT || right->kind == SG_VALUE_TEXT;
    bool numbers = left->kind == SG_VALUE_NUMBER && right->kind == SG_VALUE_NUMBER;
    if (strcmp(op, "+") == 0 && texts)
        return concatenate(a, left, right);
    if (strcmp(op, "+") == 0 && left->kind == SG_VALUE_LIST && right->kind == SG_VALUE_LIST)
        return chain(a, left, right);
    if (strcmp(op, "*") == 0 && left->kind == SG_VALUE_TEXT && right->kind == SG_VALUE_NUMBER)
        return repeat(a, left, right->number);
    if (strcmp(op, "*") == 0 && right->kind == SG_VALUE_TEXT && left->kind == SG_VALUE_NUMBER)
        return repeat(a, right, left->number);
    return numbers ? arithmetic(a, op, left->number, right->number) : NULL;
}

/* Bytes of the character at s. */
static size_t width(const char *s, size_t n)
{
    unsigned char c = (unsigned char)*s;
    size_t w = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    return w < n ? w : n;
}

static int64_t count_characters(const struct sg_value *text)
{
    int64_t n = 0;
    for (size_t i = 0; i < text->n; i += width(text->text + i, text->n - i))
        n++;
    return n;
}

/* Character number i; *ret_n is its size. */
static const char *character(const struct sg_value *text, int64_t i, size_t *ret_n)
{
    size_t at = 0;
    while (i-- > 0 && at < text->n)
        at += width(text->text + at, text->n - at);
    *ret_n = at < text->n ? width(text->text + at, text->n - at) : 0;
    return text->text + at;
}

const struct sg_value *sg_fold_character(struct sg_analysis *a, const struct sg_value *text,
                                         int64_t i)
{
    size_t n;
    int64_t count = count_characters(text);
    i = i < 0 ? i + count : i;
    if (i < 0 || i >= count)
        return NULL;
    const char *at = character(text, i, &n);
    return sg_value_text(a, at, n);
}

const struct sg_value *sg_fold_slice(struct sg_analysis *a, const struct sg_value *text,
                                     const int64_t *from, const int64_t *to, const int64_t *step)
{
    struct sg_buf b = {0};
    int64_t count = count_characters(text), by = step ? *step : 1;
    if (by == 0 || by > SG_VALUE_TEXT_MAX_BYTES || by < -SG_VALUE_TEXT_MAX_BYTES ||
        !sg_analysis_work(a, (uint64_t)text->n))
        return NULL;
    int64_t low = by < 0 ? -1 : 0, high = by < 0 ? count - 1 : count;
    int64_t i = from ? *from : by < 0 ? count - 1 : 0, end = to ? *to : by < 0 ? -1 : count;
    if (from)
        i = i < 0 ? (i + count < low ? low : i + count) : (i > high ? high : i);
    if (to)
        end = end < 0 ? (end + count < low ? low : end + count) : (end > high ? high : end);
    for (; by < 0 ? i > end : i < end; i += by) {
        size_t n;
        const char *at = character(text, i, &n);
        sg_buf_append(&b, at, n);
        if (!sg_analysis_work(a, 1 + (uint64_t)i / 16))
            break;
    }
    return sg_fold_take(a, &b);
}

const struct sg_value *sg_fold_join(struct sg_analysis *a, const struct sg_value *separator,
                                    const struct sg_value *items)
{
    struct sg_buf b = {0};
    const struct sg_value *list =
        items->kind == SG_VALUE_TEXT ? sg_fold_split(a, items, NULL) : items;
    bool known = list && list->kind == SG_VALUE_LIST;
    for (const struct sg_item *i = known ? list->items : NULL; i && known; i = i->next) {
        if (b.len > 0 || i != list->items)
            known = sg_fold_append(&b, separator);
        known = known && sg_fold_append_any(&b, i->values) && sg_analysis_work(a, 1);
    }
    if (known)
        return sg_fold_take(a, &b);
    sg_buf_done(&b);
    return NULL;
}

const struct sg_value *sg_fold_replace(struct sg_analysis *a, const struct sg_value *text,
                                       const struct sg_value *from, const struct sg_value *to)
{
    struct sg_buf b = {0};
    if (!from || !to || from->kind != SG_VALUE_TEXT || to->kind != SG_VALUE_TEXT || from->n == 0)
        return NULL;
    for (size_t i = 0; i < text->n && b.len <= SG_VALUE_TEXT_MAX_BYTES;) {
        if (from->n <= text->n - i && memcmp(text->text + i, from->text, from->n) == 0) {
            sg_buf_append(&b, to->text, to->n);
            i += from->n;
        } else {
            sg_buf_append(&b, text->text + i++, 1);
        }
    }
    return sg_fold_take(a, &b);
}

static bool add_item(struct sg_analysis *a, const struct sg_item ***end, const char *s, size_t n)
{
    struct sg_item *item = sg_arena_take(&a->arena, sizeof *item);
    if (!item)
        return false;
    item->values = sg_value_text(a, s, n);
    **end = item;
    *end = &item->next;
    return item->values != NULL;
}

const struct sg_value *sg_fold_split(struct sg_analysis *a, const struct sg_value *text,
                                     const char *separator)
{
    struct sg_value *v = sg_value_new(a, SG_VALUE_LIST);
    const struct sg_item **end = v ? &v->items : NULL;
    size_t skip = separator ? strlen(separator) : 0;
    if (!v)
        return NULL;
    for (size_t i = 0; i < text->n || (skip && i == text->n);) {
        const char *at = text->text + i;
        const char *stop = skip ? memmem(at, text->n - i, separator, skip) : NULL;
        size_t n = stop ? (size_t)(stop - at) : skip ? text->n - i : width(at, text->n - i);
        if (!add_item(a, &end, at, n))
            return NULL;
        i += n + (stop ? skip : 0);
        if (skip && !stop)
            break;
    }
    return v;
}

const struct sg_value *sg_fold_reverse(struct sg_analysis *a, const struct sg_value *value)
{
    static const int64_t back = -1;
    if (value->kind == SG_VALUE_TEXT)
        return sg_fold_slice(a, value, NULL, NULL, &back);
    struct sg_value *v = value->kind == SG_VALUE_LIST ? sg_value_new(a, SG_VALUE_LIST) : NULL;
    for (const struct sg_item *i = v ? value->items : NULL; i; i = i->next) {
        struct sg_item *item = sg_arena_take(&a->arena, sizeof *item);
        if (!item || !sg_analysis_work(a, 1))
            return NULL;
        *item = (struct sg_item){i->values, v->items};
        v->items = item;
    }
    return v;
}

const struct sg_value *sg_fold_case(struct sg_analysis *a, const struct sg_value *text, bool upper)
{
    struct sg_buf b = {0};
    for (size_t i = 0; i < text->n; i++) {
        unsigned char c = (unsigned char)text->text[i];
        char changed = (char)(c >= 0x80 ? c : upper ? toupper(c) : tolower(c));
        sg_buf_append(&b, &changed, 1);
    }
    return sg_fold_take(a, &b);
}

const struct sg_value *sg_fold_strip(struct sg_analysis *a, const struct sg_value *text,
                                     const char *set, bool left, bool right)
{
    size_t from = 0, to = text->n;
    set = set ? set : " \t\r\n\f\v";
    while (left && from < to && strchr(set, text->text[from]) && text->text[from])
        from++;
    while (right && to > from && strchr(set, text->text[to - 1]) && text->text[to - 1])
        to--;
    return sg_value_text(a, text->text + from, to - from);
}

const struct sg_value *sg_fold_percent(struct sg_analysis *a, const struct sg_value *format,
                                       const struct sg_value *right)
{
    struct sg_buf b = {0};
    const struct sg_item *next = right->kind == SG_VALUE_LIST ? right->items : NULL;
    bool known = true, used = false;
    for (size_t i = 0; i < format->n && known; i++) {
        if (format->text[i] != '%') {
            sg_buf_append(&b, format->text + i, 1);
            continue;
        }
        char c = ++i < format->n ? format->text[i] : '\0';
        if (c == '%') {
            sg_buf_append(&b, "%", 1);
            continue;
        }
        const struct sg_value *v = right->kind == SG_VALUE_LIST ? (next ? next->values : NULL)
                                   : used                       ? NULL
                                                                : right;
        next = next ? next->next : NULL;
        used = true;
        bool is_code = c == 'c' && v && v->kind == SG_VALUE_NUMBER;
        if (is_code && v->number >= 0 && v->number < 0x110000)
            sg_fold_code_point(&b, (uint32_t)v->number);
        else
            known = !is_code && c != '\0' && strchr("sdcri", c) && sg_fold_append(&b, v);
    }
    if (known)
        return sg_fold_take(a, &b);
    sg_buf_done(&b);
    return NULL;
}
