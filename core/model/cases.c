/* cases.c: see cases.h */
#include "core/model/cases.h"

#include <errno.h>
#include <string.h>

static const char *const names[SG_COMPARE_COUNT] = {
    [SG_COMPARE_EXACT] = "exact",
    [SG_COMPARE_TRIMMED] = "trimmed",
};

const char *sg_compare_name(enum sg_compare c)
{
    return (unsigned)c < SG_COMPARE_COUNT ? names[c] : NULL;
}

int sg_compare_from_name(const char *name)
{
    for (int i = 0; i < SG_COMPARE_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -ENOENT;
}

struct sg_job sg_case_job(const struct sg_job *job, const struct sg_case *c)
{
    struct sg_job one = *job;
    one.cases = NULL;
    one.output_chosen = true; /* no files come back */
    one.noutput = 0;
    if (c->own_input)
        one.input = c->input;
    if (c->own_args) {
        one.nargs = c->nargs;
        for (size_t i = 0; i < c->nargs; i++)
            one.args[i] = c->args[i];
    }
    return one;
}

/* isspace(3) reads the locale; this does not. */
static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What is left of s[0..n) without white space at its end. */
static size_t trim_end(const char *s, size_t n)
{
    while (n > 0 && is_space(s[n - 1]))
        n--;
    return n;
}

struct lines {
    const char *at;
    size_t left;
};

/* The next line without its end, trimmed; false when there are no more. */
static bool next_line(struct lines *l, const char **ret, size_t *ret_n)
{
    if (l->left == 0)
        return false;
    const char *end = memchr(l->at, '\n', l->left);
    size_t n = end ? (size_t)(end - l->at) : l->left;
    size_t used = end ? n + 1 : n;
    *ret = l->at;
    *ret_n = trim_end(l->at, n);
    l->at += used;
    l->left -= used;
    return true;
}

static bool same_lines(struct lines a, struct lines b, size_t *ret_line)
{
    for (size_t line = 1;; line++) {
        const char *one = NULL, *other = NULL;
        size_t n = 0, m = 0;
        bool more = next_line(&a, &one, &n);
        bool more_there = next_line(&b, &other, &m);
        if (!more && !more_there)
            return true;
        if (more != more_there || n != m || (n > 0 && memcmp(one, other, n) != 0)) {
            *ret_line = line;
            return false;
        }
    }
}

static bool same_bytes(const char *a, size_t na, const char *b, size_t nb, size_t *ret_line)
{
    size_t most = na < nb ? na : nb, i = 0, line = 1;
    if (na == nb && (na == 0 || memcmp(a, b, na) == 0))
        return true;
    for (; i < most && a[i] == b[i]; i++)
        line += a[i] == '\n';
    *ret_line = line;
    return false;
}

bool sg_case_matches(enum sg_compare how, const struct sg_bytes *expected, const char *output,
                     size_t n, size_t *ret_line)
{
    if (how == SG_COMPARE_EXACT)
        return same_bytes(expected->data, expected->n, output, n, ret_line);
    struct lines a = {expected->data, trim_end(expected->data, expected->n)};
    struct lines b = {output, trim_end(output, n)};
    return same_lines(a, b, ret_line);
}
