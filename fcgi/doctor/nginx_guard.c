/* nginx_guard.c: see nginx_locations.h: does nginx refuse strangers before it passes a request on?
   Only what lets nobody in who is not named counts: who refuses some is open to all others. */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/doctor/nginx_locations.h"

static bool is(const struct sg_nginx *n, int at, unsigned i, const char *text)
{
    const char *word = sg_nginx_word(n, at, i);
    return word && strcmp(word, text) == 0;
}

/* The first rule of that kind for everybody; n->n: there is none. */
static int first_for_all(const struct sg_nginx *n, int block, const char *kind)
{
    for (int at = -1; (at = sg_nginx_child(n, block, kind, at)) >= 0;)
        if (is(n, at, 1, "all"))
            return at;
    return (int)n->n;
}

/* Allow and deny are one list, of which the first rule that fits decides; a block that has any rule
   of its own inherits none (ngx_http_access_module). */
bool sg_locations_denies(const struct sg_nginx *n, int pass)
{
    int block = n->v[pass].parent;
    while (block >= 0 && sg_nginx_child(n, block, "allow", -1) < 0 &&
           sg_nginx_child(n, block, "deny", -1) < 0)
        block = n->v[block].parent;
    return block >= 0 && first_for_all(n, block, "deny") < first_for_all(n, block, "allow");
}

/* Codes by which who it is, or how often, is refused; 405, 413 and their like are about the
   request. */
static bool is_refusal(const char *code)
{
    static const char *const codes[] = {"401", "403", "404", "429", "444"};
    for (size_t i = 0; code && i < SG_ARRAY_LEN(codes); i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

/* What a variable is of those whom no row of its `map` or `geo` names. NULL: that is not known. */
static const char *value_by_default(const struct sg_nginx *n, const char *kind, const char *name)
{
    for (int at = -1; (at = sg_nginx_next(n, kind, at)) >= 0;) {
        int row = sg_nginx_child(n, at, "default", -1);
        if (!is(n, at, n->v[at].nwords - 1, name))
            continue;
        const char *value = row >= 0 ? sg_nginx_word(n, row, 1) : "";
        return value && !strchr(value, '$') ? value : NULL;
    }
    return NULL;
}

/* What a variable is of somebody who shows nothing: no key, no certificate, no signature. */
static const char *value_of_strangers(const struct sg_nginx *n, const char *name)
{
    const char *value = value_by_default(n, "map", name);
    if (!value)
        value = value_by_default(n, "geo", name);
    if (!value && strcmp(name, "$ssl_client_verify") == 0)
        value = "NONE";
    if (!value && strcmp(name, "$secure_link") == 0)
        value = "";
    return value;
}

/* Does the condition of an `if` hold for strangers? "(NAME)", "(NAME = TEXT)", "(NAME != TEXT)",
   with blanks or without after and before the brackets; others are not known to. */
static bool holds_for_strangers(const struct sg_nginx *n, int at)
{
    sg_auto(sg_buf) struct sg_buf name = {0};
    unsigned last = n->v[at].nwords - 1, i = 1;
    const char *word = sg_nginx_word(n, at, i);
    if (!word || *word != '(')
        return false;
    word = word[1] ? word + 1 : sg_nginx_word(n, at, ++i);
    if (!word || sg_buf_printf(&name, "%.*s", (int)strcspn(word, ")"), word) < 0)
        return false;
    const char *value = value_of_strangers(n, name.data), *how = sg_nginx_word(n, at, i + 1);
    const char *text = sg_nginx_word(n, at, i + 2);
    if (!value)
        return false;
    if (i == last || strcmp(how, ")") == 0)
        return *value && strcmp(value, "0") != 0;
    if (!text)
        return false;
    size_t len = strlen(text);
    len -= i + 2 == last && len > 0 && text[len - 1] == ')';
    bool same = strlen(value) == len && strncmp(value, text, len) == 0;
    return strcmp(how, "=") == 0 ? same : strcmp(how, "!=") == 0 && !same;
}

static bool refuses_in(const struct sg_nginx *n, int block)
{
    for (int at = -1; block >= 0 && (at = sg_nginx_child(n, block, "if", at)) >= 0;)
        if (is_refusal(sg_nginx_word(n, sg_nginx_child(n, at, "return", -1), 1)) &&
            holds_for_strangers(n, at))
            return true;
    return false;
}

/* Of a location within another one only its own are met. */
bool sg_locations_refuses(const struct sg_nginx *n, int pass)
{
    return refuses_in(n, sg_nginx_around(n, pass, "location")) ||
           refuses_in(n, sg_nginx_around(n, pass, "server"));
}
