#include "core/config/runtimes.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/config/reader.h"
#include "core/model/job.h"

#define SUFFIX ".conf"
#define FIX    "install the files of runtimes.d, or set runtime_dir"

/* Fixed-size fields of messages and outcomes (core/model/outcome.h) hold these names. */
#define NAME_MAX_BYTES 31

enum field_type {
    FIELD_TEXT,
    FIELD_SET,  /* a list that names nothing twice */
    FIELD_ARGV, /* a list */
    FIELD_VERSION,
    FIELD_BOOL,
};

static const char *check_name(const char *s)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#_-.";
    size_t n = strlen(s);
    if (n == 0 || n > NAME_MAX_BYTES || s[0] == '.' || s[0] == '-' || strspn(s, letters) != n)
        return "is not a name; allowed: 1 to 31 letters, digits, + # _ - ., beginning with none of "
               "- .";
    return NULL;
}

static const char *check_version(const char *s)
{
    return *s ? check_name(s) : NULL;
}

static bool has_control(const char *s)
{
    for (; *s; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return true;
    }
    return false;
}

static const char *check_word(const char *s)
{
    return has_control(s) ? "has a control character; allowed: one line of text" : NULL;
}

static const char *check_entry(const char *s)
{
    return sg_path_check(s) ? "is not a relative path; allowed: a file name like main.py" : NULL;
}

/* The operator may set what a client may not (sg_env_name_check): only the form is checked. */
static const char *check_environment(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t n = strspn(s, letters);
    if (n == 0 || s[n] != '=' || (s[0] >= '0' && s[0] <= '9') || has_control(s))
        return "is no assignment; allowed: NAME=value";
    return NULL;
}

static const char *check_probe(const char *s)
{
    return *s ? NULL : "is empty; allowed: a program that prints version and packages";
}

static const struct {
    const char *name;
    enum field_type type;
    size_t offset;
    bool required;
    const char *(*check)(const char *value); /* a phrase, or NULL when fine */
} fields[] = {
#define AT(member) offsetof(struct sg_runtime, member)
    {"language", FIELD_TEXT, AT(language), true, check_name},
    {"version", FIELD_VERSION, AT(version), false, check_version},
    {"aliases", FIELD_SET, AT(aliases), false, check_name},
    {"extensions", FIELD_SET, AT(extensions), false, check_name},
    {"entry", FIELD_TEXT, AT(entry), true, check_entry},
    {"command", FIELD_ARGV, AT(command), true, check_word},
    {"environment", FIELD_SET, AT(environment), false, check_environment},
    {"profile", FIELD_TEXT, AT(profile), true, check_name},
    {"probe", FIELD_TEXT, AT(probe), true, check_probe},
    {"compiled", FIELD_BOOL, AT(compiled), false, NULL},
#undef AT
};
#define NFIELDS SG_ARRAY_LEN(fields)

struct load {
    struct sg_runtime *runtime;
    unsigned lines[NFIELDS];
    struct sg_reader_key keys[NFIELDS];
    const char *path;
};

static int store_text(void *at, const char *value, struct sg_error *err)
{
    char *copy = strdup(value);
    if (!copy)
        return sg_error_errno(err, ENOMEM, "value");
    *(char **)at = copy;
    return 0;
}

static int store_item(void *at, const char *value, struct sg_error *err)
{
    int r = sg_strings_add(at, value);
    if (r == -E2BIG)
        return sg_error_set(err, SG_E_INVALID, "too many values; allowed: at most %d",
                            SG_RUNTIME_LIST_MAX);
    return r < 0 ? sg_error_errno(err, -r, "value") : 0;
}

static int store_new_item(void *at, const char *value, struct sg_error *err)
{
    if (sg_strings_has(at, value))
        return sg_error_set(err, SG_E_INVALID, "\"%s\" is named twice; allowed: once", value);
    return store_item(at, value, err);
}

/* The check of the field has seen to it that it fits. */
static int store_version(void *at, const char *value, struct sg_error *err)
{
    (void)err;
    return sg_str_copy(at, sizeof(((struct sg_runtime *)0)->version), value);
}

static int store_bool(void *at, const char *value, struct sg_error *err)
{
    bool on = strcmp(value, "on") == 0;
    if (!on && strcmp(value, "off") != 0)
        return sg_error_set(err, SG_E_INVALID, "\"%s\" is neither on nor off; allowed: on, off",
                            value);
    *(bool *)at = on;
    return 0;
}

static int (*const stores[])(void *at, const char *value, struct sg_error *err) = {
    [FIELD_TEXT] = store_text,       [FIELD_SET] = store_new_item, [FIELD_ARGV] = store_item,
    [FIELD_VERSION] = store_version, [FIELD_BOOL] = store_bool,
};

static bool is_list(enum field_type type)
{
    return type == FIELD_SET || type == FIELD_ARGV;
}

static int on_value(void *arg, size_t key, const char *value, struct sg_error *err)
{
    struct load *l = arg;
    if (!value && is_list(fields[key].type) && !fields[key].required)
        return 0;
    if (!value)
        return sg_error_set(err, SG_E_INVALID, "the value is missing; allowed: at least one");
    const char *wrong = fields[key].check ? fields[key].check(value) : NULL;
    if (wrong)
        return sg_error_set(err, SG_E_INVALID, "\"%.64s\" %s", value, wrong);
    return stores[fields[key].type]((char *)l->runtime + fields[key].offset, value, err);
}

static size_t find_field(const char *name)
{
    size_t i = 0;
    while (i + 1 < NFIELDS && strcmp(fields[i].name, name) != 0)
        i++;
    return i;
}

static int refuse(const struct load *l, const char *field, struct sg_error *err)
{
    size_t key = find_field(field);
    sg_reader_where(l->path, l->lines[key], &l->keys[key], err);
    return SG_E_INVALID;
}

static bool names_file(const struct sg_strings *command)
{
    for (size_t i = 0; i < command->n; i++) {
        if (strstr(command->v[i], "{file}"))
            return true;
    }
    return false;
}

/* Two assignments to one name would leave it to the C library which of them counts. */
static const char *environment_twice(const struct sg_strings *environment)
{
    for (size_t i = 0; i < environment->n; i++) {
        size_t n = strcspn(environment->v[i], "=") + 1;
        for (size_t k = 0; k < i; k++) {
            if (strncmp(environment->v[i], environment->v[k], n) == 0)
                return environment->v[i];
        }
    }
    return NULL;
}

static int check_runtime(const struct load *l, struct sg_error *err)
{
    const struct sg_runtime *r = l->runtime;
    for (size_t i = 0; i < NFIELDS; i++) {
        if (fields[i].required && !l->lines[i]) {
            sg_error_set(err, SG_E_INVALID, "is not set; it is required");
            return refuse(l, fields[i].name, err);
        }
    }
    if (r->command.v[0][0] != '/') {
        sg_error_set(err, SG_E_INVALID, "\"%s\" is not absolute; allowed: a path from the root",
                     r->command.v[0]);
        return refuse(l, "command", err);
    }
    if (!names_file(&r->command)) {
        sg_error_set(err, SG_E_INVALID,
                     "does not say where the file goes; allowed: a word with {file}");
        return refuse(l, "command", err);
    }
    const char *twice = environment_twice(&r->environment);
    if (twice) {
        sg_error_set(err, SG_E_INVALID, "\"%s\" sets a name again; allowed: once", twice);
        return refuse(l, "environment", err);
    }
    return 0;
}

static int load_one(struct sg_runtime *ret, const char *path, struct sg_error *err)
{
    struct load l = {.runtime = ret, .path = path};
    for (size_t i = 0; i < NFIELDS; i++)
        l.keys[i] = (struct sg_reader_key){
            .section = "", .name = fields[i].name, .list = is_list(fields[i].type)};
    struct sg_reader reader = {
        .keys = l.keys, .nkeys = NFIELDS, .lines = l.lines, .on_value = on_value, .arg = &l};
    int r = sg_reader_file(&reader, path, err);
    return r < 0 ? r : check_runtime(&l, err);
}

/* A name that r has and that belongs to `other` too; NULL when there is none. */
static const char *shared_name(const struct sg_runtime *r, const struct sg_runtime *other)
{
    if (sg_runtime_answers_to(other, r->language))
        return r->language;
    for (size_t i = 0; i < r->aliases.n; i++) {
        if (sg_runtime_answers_to(other, r->aliases.v[i]))
            return r->aliases.v[i];
    }
    return NULL;
}

static const char *shared_extension(const struct sg_runtime *r, const struct sg_runtime *other)
{
    for (size_t i = 0; i < r->extensions.n; i++) {
        if (sg_strings_has(&other->extensions, r->extensions.v[i]))
            return r->extensions.v[i];
    }
    return NULL;
}

/* Does r go together with one that was read before? */
static int check_pair(const struct sg_runtime *r, const struct sg_runtime *other, const char *path,
                      struct sg_error *err)
{
    if (strcmp(r->language, other->language) == 0) {
        bool differ = r->version[0] && other->version[0] && strcmp(r->version, other->version) != 0;
        return differ ? 0
                      : sg_error_set(err, SG_E_INVALID,
                                     "%s: language %s is there already; allowed: several files of "
                                     "one language when each has a version of its own",
                                     path, r->language);
    }
    const char *name = shared_name(r, other);
    if (name)
        return sg_error_set(
            err, SG_E_INVALID,
            "%s: %s is a name of language %s already; allowed: names of one language", path, name,
            other->language);
    name = shared_extension(r, other);
    if (name)
        return sg_error_set(err, SG_E_INVALID,
                            "%s: extension %s belongs to language %s already; allowed: extensions "
                            "of one language",
                            path, name, other->language);
    return 0;
}

static int add_runtime(struct sg_runtimes *rts, const char *dir, const char *file,
                       struct sg_error *err)
{
    sg_auto(sg_buf) struct sg_buf path = {0};
    if (sg_buf_printf(&path, "%s/%s", dir, file) < 0)
        return sg_error_errno(err, ENOMEM, "%s", dir);
    if (rts->n == SG_RUNTIMES_MAX)
        return sg_error_set(err, SG_E_INVALID, "%s: too many runtimes; allowed: at most %d",
                            path.data, SG_RUNTIMES_MAX);
    /* Counted at once, so that sg_runtimes_done frees what a broken file leaves behind. */
    struct sg_runtime *r = &rts->v[rts->n++];
    int res = load_one(r, path.data, err);
    for (size_t i = 0; res == 0 && i + 1 < rts->n; i++)
        res = check_pair(r, &rts->v[i], path.data, err);
    return res;
}

static int is_runtime_file(const struct dirent *e)
{
    size_t n = strlen(e->d_name), end = strlen(SUFFIX);
    return e->d_name[0] != '.' && n > end && strcmp(e->d_name + n - end, SUFFIX) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort: no influence of the locale */
}

int sg_runtimes_load(struct sg_runtimes *rts, const char *dir, struct sg_error *err)
{
    struct dirent **files = NULL;
    int n = scandir(dir, &files, is_runtime_file, by_name);
    if (n < 0) {
        int r = sg_error_errno(err, errno, "%s", dir);
        sg_error_fix(err, FIX);
        return r;
    }
    sg_runtimes_done(rts);
    int r = 0;
    for (int i = 0; i < n; i++) {
        if (r == 0)
            r = add_runtime(rts, dir, files[i]->d_name, err);
        free(files[i]);
    }
    free(files);
    if (r == 0 && rts->n == 0) {
        r = sg_error_set(err, SG_E_INVALID, "%s: no runtime; allowed: at least one NAME.conf", dir);
        sg_error_fix(err, FIX);
    }
    if (r < 0)
        sg_runtimes_done(rts);
    return r;
}

void sg_runtimes_done(struct sg_runtimes *rts)
{
    for (size_t i = 0; i < rts->n; i++)
        sg_runtime_done(&rts->v[i]);
    rts->n = 0;
}

struct sg_runtime *sg_runtimes_find(struct sg_runtimes *rts, const char *name)
{
    for (size_t i = 0; i < rts->n; i++) {
        if (sg_runtime_answers_to(&rts->v[i], name))
            return &rts->v[i];
    }
    return NULL;
}

struct sg_runtime *sg_runtimes_by_extension(struct sg_runtimes *rts, const char *extension)
{
    for (size_t i = 0; i < rts->n; i++) {
        if (sg_strings_has(&rts->v[i].extensions, extension))
            return &rts->v[i];
    }
    return NULL;
}
