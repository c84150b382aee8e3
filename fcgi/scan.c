/* scan.c: see scan.h */
#include "fcgi/scan.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fcgi/json.h"

/* Offset behind the string that begins at text[at] == '"'. */
static size_t skip_string(const char *text, size_t n, size_t at)
{
    for (at++; at < n; at++) {
        if (text[at] == '\\')
            at++;
        else if (text[at] == '"')
            return at + 1;
    }
    return n;
}

enum sg_scan sg_scan_json(const char *text, size_t n, size_t *ret_at)
{
    size_t depth = 0, values = 1;
    for (size_t at = 0; at < n; at++) {
        char c = text[at];
        if (c == '"') {
            at = skip_string(text, n, at) - 1;
            continue;
        }
        bool opens = c == '{' || c == '[';
        if (opens)
            depth++;
        else if ((c == '}' || c == ']') && depth > 0)
            depth--;
        if (opens || c == ',')
            values++;
        *ret_at = at;
        if (depth > SG_JSON_DEPTH_MAX)
            return SG_SCAN_TOO_DEEP;
        if (values > SG_JSON_VALUES_MAX)
            return SG_SCAN_TOO_MANY_VALUES;
    }
    return SG_SCAN_OK;
}

struct level {
    bool object, wants_key;
    size_t index;
    size_t key_at, key_n; /* with its quotation marks; 0: none yet */
};

static void put_level(const struct level *l, const char *text, struct sg_buf *ret)
{
    if (!l->object) {
        sg_buf_printf(ret, "/%zu", l->index);
        return;
    }
    if (l->key_n == 0)
        return;
    json_t *key = json_loadb(text + l->key_at, l->key_n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (key)
        sg_json_pointer_add(ret, json_string_value(key), strlen(json_string_value(key)));
    else
        sg_buf_puts(ret, "/?");
    json_decref(key);
}

static void step(struct level *l, const char *text, size_t n, size_t *at)
{
    if (text[*at] == '"') {
        size_t end = skip_string(text, n, *at);
        if (l->object && l->wants_key) {
            l->key_at = *at;
            l->key_n = end - *at;
            l->wants_key = false;
        }
        *at = end - 1;
    } else if (text[*at] == ',') {
        l->index++;
        l->wants_key = l->object;
        l->key_n = 0;
    }
}

void sg_scan_pointer(const char *text, size_t n, size_t at, struct sg_buf *ret)
{
    struct level levels[SG_JSON_DEPTH_MAX + 1] = {0};
    size_t depth = 0; /* levels[1] is the outermost container */
    for (size_t i = 0; i < n && i < at; i++) {
        char c = text[i];
        if (c == '{' || c == '[') {
            if (depth == SG_JSON_DEPTH_MAX)
                break;
            levels[++depth] = (struct level){.object = c == '{', .wants_key = c == '{'};
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        } else if (depth > 0) {
            step(&levels[depth], text, n, &i);
        } else if (c == '"') {
            i = skip_string(text, n, i) - 1;
        }
    }
    for (size_t d = 1; d <= depth; d++)
        put_level(&levels[d], text, ret);
}
