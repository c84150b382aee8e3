/* rules.c: the set of rules, and its index: see rules.h. rules_read.c reads the files. */
#include "core/validate/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"

struct sg_index_entry {
    enum sg_ask ask;
    const char *word; /* borrowed: the pattern's */
    unsigned pattern;
    struct sg_index_entry *next; /* of the same slot */
};

static size_t slot(const struct sg_rules *r, enum sg_ask ask, const char *word, size_t n)
{
    uint64_t h = sg_hash(SG_HASH_START ^ (uint64_t)ask, word, n);
    return (size_t)(h ^ h >> 31) & (r->index_size - 1);
}

static int index_word(struct sg_rules *r, unsigned pattern, enum sg_ask ask, const char *word)
{
    struct sg_index_entry *e = calloc(1, sizeof *e);
    if (!e)
        return -ENOMEM;
    struct sg_index_entry **at = &r->index[slot(r, ask, word, strlen(word))];
    *e = (struct sg_index_entry){ask, word, pattern, *at};
    *at = e;
    return 0;
}

static int add_glob(struct sg_rules *r, unsigned pattern, enum sg_ask ask, const char *word)
{
    struct sg_glob_word *more = realloc(r->globs, (r->nglobs + 1) * sizeof *more);
    if (!more)
        return -ENOMEM;
    r->globs = more;
    more[r->nglobs++] = (struct sg_glob_word){ask, word, strcspn(word, "*"), pattern};
    return 0;
}

static int index_pattern(struct sg_rules *r, unsigned pattern)
{
    const struct sg_test *anchor = &r->patterns[pattern].tests[0];
    int rc = 0;
    for (size_t i = 0; i < anchor->nwords && rc == 0; i++)
        rc = strchr(anchor->words[i], '*') ? add_glob(r, pattern, anchor->ask, anchor->words[i])
                                           : index_word(r, pattern, anchor->ask, anchor->words[i]);
    return rc;
}

int sg_rules_finish(struct sg_rules *r, struct sg_error *err)
{
    r->index_size = 1024;
    r->index = calloc(r->index_size, sizeof *r->index);
    int rc = r->index ? 0 : -ENOMEM;
    for (unsigned i = 0; i < r->npatterns && rc == 0; i++)
        if (!r->patterns[i].structural)
            rc = index_pattern(r, i);
    return rc < 0 ? sg_error_errno(err, -rc, "the index of rules") : 0;
}

static void look_up_exact(const struct sg_rules *r, enum sg_ask ask, const char *word, size_t n,
                          void (*fn)(void *arg, const struct sg_pattern *p), void *arg)
{
    for (const struct sg_index_entry *e = r->index[slot(r, ask, word, n)]; e; e = e->next)
        if (e->ask == ask && strncmp(e->word, word, n) == 0 && e->word[n] == '\0')
            fn(arg, &r->patterns[e->pattern]);
}

void sg_rules_look_up(const struct sg_rules *r, enum sg_ask ask, const char *word,
                      void (*fn)(void *arg, const struct sg_pattern *p), void *arg)
{
    size_t n = strlen(word);
    look_up_exact(r, ask, word, n, fn, arg);
    for (size_t i = 0; ask == SG_ASK_IMPORT && i < n; i++) /* a module below one that is named */
        if (word[i] == '.' || word[i] == '/')
            look_up_exact(r, ask, word, i, fn, arg);
    for (size_t i = 0; i < r->nglobs; i++) {
        const struct sg_glob_word *g = &r->globs[i];
        if (g->ask == ask && (g->literal == 0 || *g->word == *word) &&
            strncmp(g->word, word, g->literal) == 0 && sg_path_fits(g->word, word))
            fn(arg, &r->patterns[g->pattern]);
    }
}

int sg_rules_find(const struct sg_rules *r, const char *id)
{
    for (size_t i = 0; i < r->nrules; i++)
        if (strcmp(r->rules[i].id, id) == 0)
            return (int)i;
    return -1;
}

bool sg_path_fits(const char *pattern, const char *path)
{
    const char *star = NULL, *from = NULL, *wide = NULL, *wide_from = NULL;
    for (;;) {
        if (pattern[0] == '*' && pattern[1] == '*') {
            wide = pattern += 2;
            wide_from = path;
            star = NULL;
        } else if (*pattern == '*') {
            star = ++pattern;
            from = path;
        } else if (*pattern == *path) {
            if (*path == '\0')
                return true;
            pattern++;
            path++;
        } else if (star && *from && !strchr(".()", *from)) {
            pattern = star;
            path = ++from;
        } else if (wide && *wide_from) {
            pattern = wide;
            path = ++wide_from;
            star = NULL;
        } else {
            return false;
        }
    }
}

static void test_done(struct sg_test *t)
{
    for (size_t i = 0; i < t->nwords; i++)
        free(t->words[i]);
    free(t->words);
    free(t->capture);
    free(t->keyword);
}

void sg_pattern_done(struct sg_pattern *p)
{
    for (size_t k = 0; k < p->ntests; k++)
        test_done(&p->tests[k]);
    free(p->tests);
    *p = (struct sg_pattern){0};
}

void sg_rules_done(struct sg_rules *r)
{
    for (size_t i = 0; i < r->nrules; i++) {
        free(r->rules[i].id);
        free(r->rules[i].message);
        free(r->rules[i].remedy);
    }
    for (size_t i = 0; i < r->npatterns; i++)
        sg_pattern_done(&r->patterns[i]);
    for (size_t i = 0; i < r->nqueries; i++) {
        if (r->queries[i].ts)
            ts_query_delete(r->queries[i].ts);
        free(r->queries[i].patterns);
    }
    for (size_t i = 0; r->index && i < r->index_size; i++) {
        while (r->index[i]) {
            struct sg_index_entry *next = r->index[i]->next;
            free(r->index[i]);
            r->index[i] = next;
        }
    }
    free(r->rules);
    free(r->patterns);
    free(r->queries);
    free(r->index);
    free(r->globs);
    *r = (struct sg_rules){0};
}
