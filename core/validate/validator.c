/* validator.c: the rules of all languages: read, kept, looked up: see validate.h */
#include "core/validate/validator.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"

#define LANGUAGES_MAX 16
#define SUFFIX        ".scm"

struct sg_validator {
    struct sg_rules rules[LANGUAGES_MAX]; /* of those that have a file */
    size_t n;
};

const struct sg_rules *sg_validator_rules(const struct sg_validator *v, const char *language)
{
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->rules[i].language->name, language) == 0)
            return &v->rules[i];
    return NULL;
}

const char *sg_validator_language(const struct sg_validator *v, const char *name)
{
    const struct sg_language *l = sg_language_find(name);
    return l && sg_validator_rules(v, l->name) ? l->name : NULL;
}

const char *sg_validator_by_extension(const struct sg_validator *v, const char *extension)
{
    const struct sg_language *l = sg_language_by_extension(extension);
    return l && sg_validator_rules(v, l->name) ? l->name : NULL;
}

const char *sg_validator_list(const struct sg_validator *v, size_t index)
{
    return index < v->n ? v->rules[index].language->name : NULL;
}

bool sg_validator_has_rule(const struct sg_validator *v, const char *pattern)
{
    struct sg_rule_info info;
    for (size_t l = 0; l < v->n; l++)
        for (size_t i = 0; sg_validator_rule(v, v->rules[l].language->name, i, &info); i++)
            if (sg_policy_glob(pattern, info.id))
                return true;
    return false;
}

static uint64_t rules_hash(const struct sg_validator *v)
{
    uint64_t h = SG_HASH_START;
    for (size_t i = 0; i < v->n; i++) {
        uint32_t abi = ts_language_abi_version(v->rules[i].language->grammar());
        h = sg_hash(h, (const char *)&abi, sizeof abi);
        h = sg_hash(h, (const char *)&v->rules[i].hash, sizeof v->rules[i].hash);
    }
    return h;
}

void sg_validator_version(const struct sg_validator *v, char ret[SG_HASH_SIZE])
{
    snprintf(ret, SG_HASH_SIZE, "%016llx", (unsigned long long)rules_hash(v));
}

static uint64_t hash_strings(uint64_t h, const struct sg_strings *s)
{
    for (size_t i = 0; i < s->n; i++)
        h = sg_hash(h, s->v[i], strlen(s->v[i]) + 1);
    return sg_hash(h, "", 1);
}

void sg_validator_policy_version(const struct sg_validator *v, const struct sg_policy *p,
                                 char ret[SG_HASH_SIZE])
{
    uint64_t h = sg_hash(rules_hash(v), (const char *)&p->threshold, sizeof p->threshold);
    h = sg_hash(h, p->refuse ? "1" : "0", 1);
    h = hash_strings(h, &p->off);
    h = hash_strings(h, &p->scores);
    h = hash_strings(h, &p->modules);
    snprintf(ret, SG_HASH_SIZE, "%016llx", (unsigned long long)h);
}

/* ---- reading */

static int read_file(const char *path, struct sg_buf *ret, struct sg_error *err)
{
    struct stat st;
    sg_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0)
        return sg_error_errno(err, errno, "%s", path);
    if (!S_ISREG(st.st_mode) || (size_t)st.st_size > SG_RULE_FILE_BYTES_MAX)
        return sg_error_set(err, SG_E_INVALID, "%s: not a file of at most %zu bytes", path,
                            SG_RULE_FILE_BYTES_MAX);
    for (;;) {
        char block[16384];
        ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sg_error_errno(err, errno, "%s", path);
        if (n == 0)
            return ret->failed ? sg_error_errno(err, ENOMEM, "%s", path) : 0;
        sg_buf_append(ret, block, (size_t)n);
        if (ret->len > SG_RULE_FILE_BYTES_MAX)
            return sg_error_set(err, SG_E_INVALID, "%s: grows while it is read", path);
    }
}

/* LANGUAGE.scm, or LANGUAGE-anything.scm */
static bool is_rule_file(const char *name, const char *language)
{
    size_t n = strlen(language), m = strlen(name), s = strlen(SUFFIX);
    return m > s && strcmp(name + m - s, SUFFIX) == 0 && strncmp(name, language, n) == 0 &&
           (name[n] == '-' || m == n + s);
}

/* LANGUAGE.scm comes first: the others build on its rules. */
static int in_order(const void *x, const void *y)
{
    const char *a = *(const char *const *)x, *b = *(const char *const *)y;
    size_t n = strlen(a), m = strlen(b);
    bool base_a = !strchr(a, '-'), base_b = !strchr(b, '-');
    if (base_a != base_b)
        return base_a ? -1 : 1;
    int c = strcmp(a, b);
    return c ? c : (n > m) - (n < m);
}

static int add_file(struct sg_rules *r, const char *dir, const char *name, struct sg_error *err)
{
    sg_auto(sg_buf) struct sg_buf path = {0}, text = {0};
    if (sg_buf_printf(&path, "%s/%s", dir, name) < 0)
        return sg_error_errno(err, ENOMEM, "%s", dir);
    int rc = read_file(path.data, &text, err);
    return rc < 0 ? rc : sg_rules_add(r, path.data, text.data ? text.data : "", text.len, err);
}

/* names: of the directory's files, in order. 1: the language has rules, 0: none. */
static int load_language(struct sg_rules *ret, struct sg_language *l, const char *dir,
                         char *const *names, size_t n, struct sg_error *err)
{
    sg_auto(sg_buf) struct sg_buf base = {0};
    bool has_base = false;
    sg_buf_printf(&base, "%s%s", l->name, SUFFIX);
    for (size_t i = 0; base.data && i < n; i++)
        has_base = has_base || strcmp(names[i], base.data) == 0;
    if (!has_base)
        return 0;
    ret->language = l;
    for (size_t i = 0; i < n; i++) {
        int rc = is_rule_file(names[i], l->name) ? add_file(ret, dir, names[i], err) : 0;
        if (rc < 0)
            return rc;
    }
    int rc = sg_rules_finish(ret, err);
    return rc < 0 ? rc : 1;
}

static int list_files(const char *dir, char ***ret, size_t *ret_n, struct sg_error *err)
{
    DIR *d = opendir(dir);
    int rc = d ? 0 : sg_error_errno(err, errno, "%s", dir);
    for (struct dirent *e; d && rc == 0 && (e = readdir(d));) {
        char **more = realloc(*ret, (*ret_n + 1) * sizeof *more);
        if (more)
            *ret = more;
        if (!more || !(more[*ret_n] = strdup(e->d_name)))
            rc = sg_error_errno(err, ENOMEM, "%s", dir);
        else
            (*ret_n)++;
    }
    if (d)
        closedir(d);
    if (rc == 0)
        qsort(*ret, *ret_n, sizeof **ret, in_order);
    return rc;
}

int sg_validator_open(struct sg_validator **ret, const char *dir, struct sg_error *err)
{
    char **names = NULL;
    size_t n = 0;
    struct sg_validator *v = calloc(1, sizeof *v);
    int rc = v ? list_files(dir, &names, &n, err) : sg_error_errno(err, ENOMEM, "%s", dir);
    for (size_t i = 0; rc >= 0 && sg_languages[i]; i++) {
        if (!sg_language_init(sg_languages[i]))
            rc = sg_error_set(err, SG_E_INTERNAL, "the grammar of %s is not the one we know",
                              sg_languages[i]->name);
        else
            rc = load_language(&v->rules[v->n], sg_languages[i], dir, names, n, err);
        v->n += rc != 0; /* counted when it broke off, too, so that it is freed */
    }
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
    if (rc < 0) {
        sg_error_fix(err, "correct the rules, or set rules_dir in sandgate.conf");
        sg_validator_close(v);
        return rc;
    }
    *ret = v;
    return 0;
}

void sg_validator_close(struct sg_validator *v)
{
    for (size_t i = 0; v && i < v->n; i++)
        sg_rules_done(&v->rules[i]);
    free(v);
}
