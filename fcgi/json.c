/* json.c: see json.h */
#include "fcgi/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/str.h"
#include "core/model/outcome.h"

#define POINTER_PART_MAX 128 /* bytes of one component of a pointer that are shown */

static void before(struct sg_json *j)
{
    if (j->comma)
        sg_buf_append(j->out, ",", 1);
    j->comma = true;
}

void sg_json_open(struct sg_json *j, char bracket)
{
    before(j);
    sg_buf_append(j->out, &bracket, 1);
    j->comma = false;
}

void sg_json_close(struct sg_json *j, char bracket)
{
    sg_buf_append(j->out, &bracket, 1);
    j->comma = true;
}

void sg_json_key(struct sg_json *j, const char *key)
{
    sg_json_string(j, key);
    sg_buf_append(j->out, ":", 1);
    j->comma = false;
}

void sg_json_null(struct sg_json *j)
{
    before(j);
    sg_buf_append(j->out, "null", 4);
}

void sg_json_bool(struct sg_json *j, bool value)
{
    before(j);
    sg_buf_puts(j->out, value ? "true" : "false");
}

void sg_json_int(struct sg_json *j, int64_t value)
{
    before(j);
    sg_buf_printf(j->out, "%lld", (long long)value);
}

void sg_json_uint(struct sg_json *j, uint64_t value)
{
    before(j);
    sg_buf_printf(j->out, "%llu", (unsigned long long)value);
}

void sg_json_measured(struct sg_json *j, uint64_t value)
{
    if (value == SG_UNKNOWN)
        sg_json_null(j);
    else
        sg_json_uint(j, value);
}

void sg_json_real(struct sg_json *j, double value, int decimals)
{
    char text[64];
    if (!isfinite(value) || fabs(value) > 1e18) {
        sg_json_null(j);
        return;
    }
    int n = snprintf(text, sizeof text, "%.*f", decimals, value);
    if (strchr(text, '.')) {
        while (n > 1 && text[n - 1] == '0')
            n--;
        if (text[n - 1] == '.')
            n--;
    }
    before(j);
    sg_buf_append(j->out, text, (size_t)n);
}

/* Length of what may stand in a string as it is; stops at the first byte that needs an escape. */
static size_t plain_run(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
            break;
        i++;
    }
    return i;
}

static void put_escape(struct sg_buf *out, unsigned char c)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (size_t i = 0; i + 1 < sizeof names; i += 2) {
        if ((unsigned char)names[i] == c) {
            char two[2] = {'\\', names[i + 1]};
            sg_buf_append(out, two, 2);
            return;
        }
    }
    sg_buf_printf(out, "\\u%04x", c);
}

static void put_valid(struct sg_buf *out, const char *s, size_t n)
{
    while (n > 0) {
        size_t run = plain_run(s, n);
        sg_buf_append(out, s, run);
        s += run;
        n -= run;
        if (n > 0) {
            put_escape(out, (unsigned char)*s);
            s++;
            n--;
        }
    }
}

void sg_json_string_n(struct sg_json *j, const char *text, size_t n)
{
    before(j);
    sg_buf_append(j->out, "\"", 1);
    while (n > 0) {
        size_t valid = sg_utf8_valid_prefix(text, n);
        put_valid(j->out, text, valid);
        text += valid;
        n -= valid;
        if (n > 0) {
            sg_buf_puts(j->out, "\xef\xbf\xbd");
            text++;
            n--;
        }
    }
    sg_buf_append(j->out, "\"", 1);
}

void sg_json_string(struct sg_json *j, const char *text)
{
    if (text)
        sg_json_string_n(j, text, strlen(text));
    else
        sg_json_null(j);
}

void sg_json_base64(struct sg_json *j, const char *data, size_t n)
{
    before(j);
    sg_buf_append(j->out, "\"", 1);
    sg_base64_encode(j->out, data, n);
    sg_buf_append(j->out, "\"", 1);
}

void sg_json_put_string(struct sg_json *j, const char *key, const char *text)
{
    sg_json_key(j, key);
    sg_json_string(j, text);
}

void sg_json_put_bool(struct sg_json *j, const char *key, bool value)
{
    sg_json_key(j, key);
    sg_json_bool(j, value);
}

void sg_json_put_uint(struct sg_json *j, const char *key, uint64_t value)
{
    sg_json_key(j, key);
    sg_json_uint(j, value);
}

void sg_json_put_measured(struct sg_json *j, const char *key, uint64_t value)
{
    sg_json_key(j, key);
    sg_json_measured(j, value);
}

void sg_json_put_null(struct sg_json *j, const char *key)
{
    sg_json_key(j, key);
    sg_json_null(j);
}

void sg_json_pointer_add(struct sg_buf *pointer, const char *key, size_t n)
{
    size_t shown = n > POINTER_PART_MAX ? sg_utf8_valid_prefix(key, POINTER_PART_MAX) : n;
    sg_buf_append(pointer, "/", 1);
    for (size_t i = 0; i < shown; i++) {
        if (key[i] == '~')
            sg_buf_append(pointer, "~0", 2);
        else if (key[i] == '/')
            sg_buf_append(pointer, "~1", 2);
        else
            sg_buf_append(pointer, key + i, 1);
    }
    if (shown < n)
        sg_buf_puts(pointer, "…");
}
