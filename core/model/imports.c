#include "core/model/imports.h"

#include <string.h>

/* Not isalnum: the locale has no say in it. */
static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* How many bytes of s[0..n) are a name. */
static size_t name_length(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && is_name(s[i]))
        i++;
    return i;
}

/* Index of the name; s->n when it is not there. */
static size_t find(const struct sg_imports *s, const char *name, size_t n)
{
    size_t i = 0;
    while (i < s->n && (strlen(s->names[i]) != n || memcmp(s->names[i], name, n) != 0))
        i++;
    return i;
}

bool sg_imports_has(const struct sg_imports *s, const char *name, size_t n)
{
    return find(s, name, n) < s->n;
}

void sg_imports_add(struct sg_imports *s, const char *module, size_t n)
{
    size_t top = name_length(module, n);
    if (top == 0 || top > SG_IMPORTS_NAME_MAX || (module[0] >= '0' && module[0] <= '9'))
        return;
    if ((top < n && module[top] != '.') || sg_imports_has(s, module, top))
        return;
    if (s->n == SG_IMPORTS_NAMES_MAX)
        return;
    memcpy(s->names[s->n], module, top);
    s->names[s->n++][top] = '\0';
}

void sg_imports_remove(struct sg_imports *s, const char *name, size_t n)
{
    size_t i = find(s, name, n);
    if (i == s->n)
        return;
    s->n--;
    memmove(s->names[i], s->names[i + 1], (s->n - i) * sizeof s->names[0]);
}

/* ---- a glance at source text */

struct scan {
    const char *at, *end;
};

static void skip_blanks(struct scan *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\f'))
        c->at++;
}

/* Does a statement begin behind this character? At a colon, too: "try: import x". */
static bool ends_statement(char c)
{
    return c == '\n' || c == '\r' || c == ';' || c == ':';
}

/* Goes past the word and the blanks behind it, if it is there. */
static bool take_word(struct scan *c, const char *word)
{
    size_t n = strlen(word), left = (size_t)(c->end - c->at);
    if (left <= n || memcmp(c->at, word, n) != 0 || (c->at[n] != ' ' && c->at[n] != '\t'))
        return false;
    c->at += n;
    skip_blanks(c);
    return true;
}

static void take_module(struct sg_imports *s, struct scan *c)
{
    const char *from = c->at;
    while (c->at < c->end && (is_name(*c->at) || *c->at == '.'))
        c->at++;
    sg_imports_add(s, from, (size_t)(c->at - from));
}

/* "a.b as c, d": a and d. */
static void take_modules(struct sg_imports *s, struct scan *c)
{
    for (;;) {
        skip_blanks(c);
        take_module(s, c);
        while (c->at < c->end && *c->at != ',' && *c->at != '#' && !ends_statement(*c->at))
            c->at++;
        if (c->at == c->end || *c->at != ',')
            return;
        c->at++;
    }
}

void sg_imports_scan(struct sg_imports *s, const char *text, size_t n)
{
    static const char bom[] = {'\xef', '\xbb', '\xbf'};
    struct scan c = {text, text + n};
    if (n >= sizeof bom && memcmp(text, bom, sizeof bom) == 0)
        c.at += sizeof bom;
    while (c.at < c.end) {
        skip_blanks(&c);
        if (take_word(&c, "import"))
            take_modules(s, &c);
        else if (take_word(&c, "from"))
            take_module(s, &c);
        while (c.at < c.end && !ends_statement(*c.at))
            c.at++;
        if (c.at < c.end)
            c.at++;
    }
}

/* ---- the hint */

static bool has_word(const char *words, const char *word, size_t n)
{
    for (const char *w = words; *w; w += strspn(w, " ")) {
        size_t length = strcspn(w, " ");
        if (length == n && memcmp(w, word, n) == 0)
            return true;
        w += length;
    }
    return false;
}

static void append_word(char *ret, size_t size, const char *word, size_t n)
{
    size_t used = strlen(ret), blank = used > 0;
    if (has_word(ret, word, n) || used + blank + n >= size)
        return;
    if (blank)
        ret[used++] = ' ';
    memcpy(ret + used, word, n);
    ret[used + n] = '\0';
}

void sg_imports_pick(const struct sg_imports *s, const char *words, char *ret, size_t size)
{
    if (strcmp(words, "none") == 0)
        return;
    for (const char *w = words; *w; w += strspn(w, " ")) {
        size_t n = strcspn(w, " "), top = name_length(w, n);
        if (sg_imports_has(s, w, top))
            append_word(ret, size, w, top);
        w += n;
    }
}

/* "matplotlib.pyplot" holds what imports matplotlib. */
static bool is_held(const char *words, const char *name, size_t len)
{
    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n >= len && strncmp(at, name, len) == 0 && (n == len || at[len] == '.'))
            return true;
        at += n;
    }
    return false;
}

bool sg_imports_held(const char *words, const char *imports)
{
    for (const char *at = imports; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (!is_held(words, at, n))
            return false;
        at += n;
    }
    return true;
}
