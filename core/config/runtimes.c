#include "core/config/runtimes.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/config/compile.h"
#include "core/config/fields.h"
#include "core/config/value.h"
#include "core/model/job.h"

#define FIX "install the files of runtimes.d, or set runtime_dir"

/* Fixed-size fields of messages and outcomes (core/model/outcome.h) hold these names. */
#define NAME_MAX_BYTES 31

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

static const char *check_entry(const char *s)
{
    return sg_path_check(s) ? "is not a relative path; allowed: a file name like main.py" : NULL;
}

/* The operator may set what a client may not (sg_env_name_check): only the form is checked. */
static const char *check_environment(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t n = strspn(s, letters);
    if (n == 0 || s[n] != '=' || (s[0] >= '0' && s[0] <= '9') || sg_value_has_control(s))
        return "is no assignment; allowed: NAME=value";
    return NULL;
}

static const char *check_probe(const char *s)
{
    return *s ? NULL : "is empty; allowed: a program that prints version and packages";
}

static const char *check_self_test(const char *s)
{
    return *s ? NULL : "is empty; allowed: a program that prints ok";
}

static const char *check_start(const char *s)
{
    static const char *const starts[] = {"template", "ahead", "cold"};
    for (size_t i = 0; i < SG_ARRAY_LEN(starts); i++) {
        if (strcmp(s, starts[i]) == 0)
            return NULL;
    }
    return "is no way to start; allowed: template, ahead, cold";
}

/* Length of the module name that s begins with: letters, digits, _, with dots between; 0: none. */
static size_t module_length(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t n = 0;
    for (;;) {
        size_t part = strspn(s + n, letters);
        if (part == 0 || (s[n] >= '0' && s[n] <= '9'))
            return 0;
        n += part;
        if (s[n] != '.')
            return n;
        n++;
    }
}

/* Is the word that begins at `at` there before, too? */
static bool word_twice(const char *s, const char *at, size_t n)
{
    for (const char *w = s; w < at; w += strcspn(w, " ") + 1) {
        if (strcspn(w, " ") == n && memcmp(w, at, n) == 0)
            return true;
    }
    return false;
}

_Static_assert(SG_IMPORTS_MAX == 127, "the number in the message below");
static const char *check_imports(const char *s)
{
    bool none = false;
    if (strlen(s) > SG_IMPORTS_MAX)
        return "is too long; allowed: at most 127 bytes";
    for (const char *w = s;;) {
        size_t n = module_length(w);
        if (n == 0 || (w[n] != '\0' && w[n] != ' '))
            return "is no list of modules; allowed: none, or names with single blanks between";
        if (word_twice(s, w, n))
            return "names a module twice; allowed: once";
        none = none || (n == strlen("none") && memcmp(w, "none", n) == 0);
        if (none && (w > s || w[n]))
            return "has modules beside none; allowed: none alone, or modules";
        if (!w[n])
            return NULL;
        w += n + 1;
    }
}

static const char *check_prepare(const char *s)
{
    return *s ? NULL : "is empty; allowed: a program that a template runs once";
}

/* It becomes a part of URLs. */
static const char *check_image(const char *s)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/@-";
    size_t n = strlen(s);
    if (n == 0 || n > 255 || strspn(s, letters) != n || strstr(s, "..") ||
        !isalnum((unsigned char)s[0]))
        return "is no image; allowed: 1 to 255 letters, digits, _ . : / @ -, beginning with a "
               "letter "
               "or digit";
    return NULL;
}

static const struct sg_field fields[] = {
#define AT(member) offsetof(struct sg_runtime, member)
    {"language", SG_FIELD_TEXT, AT(language), true, check_name, 0},
    {"version", SG_FIELD_CHARS, AT(version), false, check_version,
     sizeof(((struct sg_runtime *)0)->version)},
    {"aliases", SG_FIELD_SET, AT(aliases), false, check_name, 0},
    {"extensions", SG_FIELD_SET, AT(extensions), false, check_name, 0},
    {"entry", SG_FIELD_TEXT, AT(entry), true, check_entry, 0},
    {"command", SG_FIELD_ARGV, AT(command), true, sg_fields_check_line, 0},
    {"environment", SG_FIELD_SET, AT(environment), false, check_environment, 0},
    {"rules", SG_FIELD_TEXT, AT(rules), false, check_name, 0},
    {"profile", SG_FIELD_TEXT, AT(profile), true, check_name, 0},
    {"probe", SG_FIELD_TEXT, AT(probe), true, check_probe, 0},
    {"self_test", SG_FIELD_TEXT, AT(self_test), false, check_self_test, 0},
    {"may_execute", SG_FIELD_BOOL, AT(may_execute), false, NULL, 0},
    {"compiled", SG_FIELD_BOOL, AT(compiled), false, NULL, 0},
    {"compile", SG_FIELD_ARGV, AT(compile), false, sg_fields_check_line, 0},
    {"compile_profile", SG_FIELD_TEXT, AT(compile_profile), false, check_name, 0},
    {"compile_limits", SG_FIELD_SET, AT(compile_limit_texts), false, sg_compile_limit_check, 0},
    {"optional", SG_FIELD_BOOL, AT(optional), false, NULL, 0},
    {"start", SG_FIELD_CHARS, AT(start), false, check_start,
     sizeof(((struct sg_runtime *)0)->start)},
    {"templates", SG_FIELD_SET, AT(templates), false, check_imports, 0},
    {"prepare", SG_FIELD_TEXT, AT(prepare), false, check_prepare, 0},
    {"image", SG_FIELD_TEXT, AT(image), false, check_image, 0},
    {"image_command", SG_FIELD_ARGV, AT(image_command), false, sg_fields_check_line, 0},
#undef AT
};

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

/* Keys that mean something with start = template only. */
static int check_templates(const struct sg_fields *f, const struct sg_runtime *r,
                           struct sg_error *err)
{
    const struct {
        const char *key;
        bool set;
    } keys[] = {{"templates", r->templates.n > 0}, {"prepare", r->prepare}};
    bool templates = strcmp(r->start, "template") == 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(keys); i++) {
        if (!keys[i].set || templates)
            continue;
        sg_error_set(err, SG_E_INVALID,
                     "is set, and start is %s; allowed: only with start = template",
                     r->start[0] ? r->start : "cold");
        return sg_fields_refuse(f, keys[i].key, err);
    }
    if (r->templates.n <= SG_RUNTIME_TEMPLATES_MAX)
        return 0;
    sg_error_set(err, SG_E_INVALID, "has %zu templates; allowed: at most %d", r->templates.n,
                 SG_RUNTIME_TEMPLATES_MAX);
    return sg_fields_refuse(f, "templates", err);
}

/* A program that waits does so under the listener of its one execve, or as a clone, whose filter
   has none. */
static int check_may_execute(const struct sg_fields *f, const struct sg_runtime *r,
                             struct sg_error *err)
{
    if (!r->may_execute || !r->start[0] || strcmp(r->start, "cold") == 0)
        return 0;
    sg_error_set(err, SG_E_INVALID, "is on, and start is %s; allowed: only with start = cold",
                 r->start);
    return sg_fields_refuse(f, "may_execute", err);
}

static int check_command(const struct sg_fields *f, const struct sg_runtime *r,
                         struct sg_error *err)
{
    if (r->command.v[0][0] != '/') {
        sg_error_set(err, SG_E_INVALID, "\"%s\" is not absolute; allowed: a path from the root",
                     r->command.v[0]);
        return sg_fields_refuse(f, "command", err);
    }
    if (!names_file(&r->command)) {
        sg_error_set(err, SG_E_INVALID,
                     "does not say where the file goes; allowed: a word with {file}");
        return sg_fields_refuse(f, "command", err);
    }
    return 0;
}

static int check_runtime(const struct sg_fields *f, const struct sg_runtime *r,
                         struct sg_error *err)
{
    int rc = r->compile.n > 0 ? sg_compile_check(f, r, err) : check_command(f, r, err);
    if (rc == 0)
        rc = sg_compile_check_absent(f, r, err);
    if (rc < 0)
        return rc;
    if (r->image_command.n > 0 && !names_file(&r->image_command)) {
        sg_error_set(err, SG_E_INVALID,
                     "does not say where the file goes; allowed: a word with {file}");
        return sg_fields_refuse(f, "image_command", err);
    }
    const char *twice = environment_twice(&r->environment);
    if (twice) {
        sg_error_set(err, SG_E_INVALID, "\"%s\" sets a name again; allowed: once", twice);
        return sg_fields_refuse(f, "environment", err);
    }
    rc = check_may_execute(f, r, err);
    return rc == 0 ? check_templates(f, r, err) : rc;
}

/* What holds for keys that the file leaves out. 0, or -ENOMEM. */
static int fill_defaults(struct sg_runtime *r, const char *path, struct sg_error *err)
{
    int rc = 0;
    if (!r->rules) {
        r->rules = strdup(r->language);
        rc = r->rules ? 0 : -ENOMEM;
    }
    if (!r->start[0])
        sg_str_copy(r->start, sizeof r->start, "cold");
    sg_compile_fill_limits(r);
    if (rc == 0 && strcmp(r->start, "template") == 0 && r->templates.n == 0)
        rc = sg_strings_add(&r->templates, "none");
    return rc < 0 ? sg_error_errno(err, -rc, "%s", path) : 0;
}

static int load_one(struct sg_runtime *ret, const char *path, struct sg_error *err)
{
    struct sg_fields f = {.fields = fields, .n = SG_ARRAY_LEN(fields), .object = ret, .path = path};
    int r = sg_fields_load(&f, err);
    if (r == 0)
        r = check_runtime(&f, ret, err);
    return r == 0 ? fill_defaults(ret, path, err) : r;
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
        if ((r->compile.n > 0) != (other->compile.n > 0))
            return sg_error_set(err, SG_E_INVALID,
                                "%s: one version of %s has a compile stage and another has none; "
                                "allowed: all or none",
                                path, r->language);
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

static int add_runtime(void *arg, const char *path, const char *name, struct sg_error *err)
{
    struct sg_runtimes *rts = arg;
    (void)name;
    if (rts->n == SG_RUNTIMES_MAX)
        return sg_error_set(err, SG_E_INVALID, "%s: too many runtimes; allowed: at most %d", path,
                            SG_RUNTIMES_MAX);
    /* Counted at once, so that sg_runtimes_done frees what a broken file leaves behind. */
    struct sg_runtime *r = &rts->v[rts->n++];
    int res = load_one(r, path, err);
    for (size_t i = 0; res == 0 && i + 1 < rts->n; i++)
        res = check_pair(r, &rts->v[i], path, err);
    return res;
}

int sg_runtimes_load(struct sg_runtimes *rts, const char *dir, struct sg_error *err)
{
    sg_runtimes_done(rts);
    int r = sg_fields_each_file(dir, "runtime", FIX, add_runtime, rts, err);
    if (r < 0)
        sg_runtimes_done(rts);
    return r;
}

void sg_runtimes_done(struct sg_runtimes *rts)
{
    for (size_t i = 0; i < rts->n + rts->left_out; i++)
        sg_runtime_done(&rts->v[i]);
    rts->n = rts->left_out = 0;
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
