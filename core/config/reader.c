#include "core/config/reader.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/config/scan.h"

#define SECTIONS_MAX 8

/* A key that is put behind the text. sg_scan lets no control character through, so no file can hold
   it. Where it turns up says how the text ends: libconfuse takes the end of a file for the end of a
   section. */
#define END_KEY  "\001end"
#define END_TEXT " \"" END_KEY "\" = 1\n"

struct parse {
    struct sg_reader *reader;
    const char *path;
    const char *sections[SECTIONS_MAX]; /* [0] is "" */
    cfg_opt_t *opts[SECTIONS_MAX];      /* owned */
    size_t nsections;
    struct sg_error err;
};

/* libconfuse hands its callbacks no pointer of ours. */
static struct parse *current;

void sg_reader_where(const char *path, unsigned line, const struct sg_reader_key *key,
                     struct sg_error *err)
{
    if (key)
        sg_error_wrap(err, "%s%s%s", key->section, *key->section ? "." : "", key->name);
    if (line)
        sg_error_wrap(err, "%s:%u", path, line);
    else
        sg_error_wrap(err, "%s", path);
}

static unsigned line_of(const cfg_t *cfg)
{
    return cfg->line > 0 ? (unsigned)cfg->line : 0;
}

/* libconfuse calls the top level "root". */
static const char *section_of(const cfg_t *cfg)
{
    return strcmp(cfg->name, "root") == 0 ? "" : cfg->name;
}

static bool has_section(const struct parse *p, const char *name)
{
    for (size_t i = 0; i < p->nsections; i++) {
        if (strcmp(p->sections[i], name) == 0)
            return true;
    }
    return false;
}

/* Says which keys (at top level also: which sections) there are. */
static void unknown_key(struct parse *p, const cfg_t *cfg, const char *name)
{
    const char *section = section_of(cfg);
    sg_auto(sg_buf) struct sg_buf names = {0};
    for (size_t i = 0; i < p->reader->nkeys; i++) {
        if (strcmp(p->reader->keys[i].section, section) == 0)
            sg_buf_printf(&names, "%s%s", names.len ? ", " : "", p->reader->keys[i].name);
    }
    for (size_t i = 1; !*section && i < p->nsections; i++)
        sg_buf_printf(&names, "%s%s { }", names.len ? ", " : "", p->sections[i]);
    struct sg_reader_key key = {.section = section, .name = name};
    sg_error_set(&p->err, SG_E_INVALID, "no such key; allowed: %s", names.data ? names.data : "");
    sg_reader_where(p->path, line_of(cfg), &key, &p->err);
}

static void on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
    struct parse *p = current;
    char text[256];
    if (p->err.code)
        return;
    if (strcmp(fmt, "no such option '%s'") == 0) {
        const char *name = va_arg(ap, const char *);
        if (strcmp(name, END_KEY) != 0) {
            unknown_key(p, cfg, name);
            return;
        }
        sg_error_set(&p->err, SG_E_INVALID, "section %s is not closed; allowed: %s { ... }",
                     cfg->name, cfg->name);
    } else {
        vsnprintf(text, sizeof(text), fmt, ap);
        bool ended = strstr(text, END_KEY) != NULL;
        sg_error_set(&p->err, SG_E_INVALID, "%s", ended ? "unexpected end of file" : text);
    }
    sg_reader_where(p->path, line_of(cfg), NULL, &p->err);
}

static size_t find_key(const struct sg_reader *r, const char *section, const char *name)
{
    size_t i = 0;
    while (i < r->nkeys &&
           (strcmp(r->keys[i].section, section) != 0 || strcmp(r->keys[i].name, name) != 0))
        i++;
    return i;
}

/* nth: how many values this assignment has had, this one included. */
static int take_value(struct parse *p, size_t key, unsigned line, const char *value, unsigned nth)
{
    struct sg_reader *r = p->reader;
    if (value && strcmp(value, END_KEY) == 0)
        return sg_error_set(&p->err, SG_E_INVALID, "the value is missing");
    if (nth <= 1 && r->lines[key])
        return sg_error_set(&p->err, SG_E_INVALID, "set twice, first on line %u; allowed: once",
                            r->lines[key]);
    if (!r->keys[key].list && nth != 1)
        return sg_error_set(&p->err, SG_E_INVALID, "takes one value; allowed: %s = value",
                            r->keys[key].name);
    r->lines[key] = line;
    return r->on_value(r->arg, key, value, &p->err);
}

static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    struct parse *p = current;
    *(const char **)result = value;
    if (strcmp(opt->name, END_KEY) == 0)
        return 0;
    size_t key = find_key(p->reader, section_of(cfg), opt->name);
    if (key == p->reader->nkeys) {
        unknown_key(p, cfg, opt->name);
        return -1;
    }
    if (take_value(p, key, line_of(cfg), value, opt->nvalues) == 0)
        return 0;
    sg_reader_where(p->path, line_of(cfg), &p->reader->keys[key], &p->err);
    return -1;
}

/* All keys are declared as lists of strings: what is one value and what are several is for
   take_value to say, with the key in its message. */
static void add_option(cfg_opt_t *opts, size_t *n, const char *name)
{
    opts[(*n)++] = (cfg_opt_t){
        .name = name, .type = CFGT_STR, .flags = CFGF_LIST | CFGF_NODEFAULT, .parsecb = on_value};
}

static int find_sections(struct parse *p)
{
    p->sections[p->nsections++] = "";
    for (size_t i = 0; i < p->reader->nkeys; i++) {
        const char *section = p->reader->keys[i].section;
        if (has_section(p, section))
            continue;
        if (p->nsections == SECTIONS_MAX)
            return sg_error_set(&p->err, SG_E_INTERNAL, "too many sections");
        p->sections[p->nsections++] = section;
    }
    return 0;
}

/* Builds libconfuse's tables, the top level last, since it points to the others. */
static int make_options(struct parse *p)
{
    for (size_t s = p->nsections; s-- > 0;) {
        size_t n = 0;
        cfg_opt_t *opts = calloc(p->reader->nkeys + SECTIONS_MAX + 2, sizeof(*opts));
        if (!opts)
            return sg_error_errno(&p->err, ENOMEM, "%s", p->path);
        p->opts[s] = opts;
        for (size_t i = 0; i < p->reader->nkeys; i++) {
            if (strcmp(p->reader->keys[i].section, p->sections[s]) == 0)
                add_option(opts, &n, p->reader->keys[i].name);
        }
        if (s == 0) {
            for (size_t k = 1; k < p->nsections; k++)
                opts[n++] =
                    (cfg_opt_t){.name = p->sections[k], .type = CFGT_SEC, .subopts = p->opts[k]};
            add_option(opts, &n, END_KEY);
        }
    }
    return 0;
}

/* Lists that were set to { } made no call of on_value. */
static int empty_lists(struct parse *p, cfg_t *root)
{
    for (size_t i = 0; i < p->reader->nkeys; i++) {
        const struct sg_reader_key *key = &p->reader->keys[i];
        cfg_t *section = *key->section ? cfg_getsec(root, key->section) : root;
        cfg_opt_t *opt = section ? cfg_getopt(section, key->name) : NULL;
        if (!opt || !(opt->flags & CFGF_MODIFIED) || opt->nvalues > 0)
            continue;
        if (take_value(p, i, line_of(section), NULL, 0) < 0) {
            sg_reader_where(p->path, 0, key, &p->err);
            return p->err.code;
        }
    }
    return 0;
}

static int run_confuse(struct parse *p, const char *text)
{
    cfg_t *root = cfg_init(p->opts[0], CFGF_NONE);
    if (!root)
        return sg_error_errno(&p->err, ENOMEM, "%s", p->path);
    cfg_set_error_function(root, on_error);
    int r = cfg_parse_buf(root, text);
    if (r != CFG_SUCCESS && !p->err.code) {
        sg_error_set(&p->err, SG_E_INVALID, "syntax error");
        sg_reader_where(p->path, line_of(root), NULL, &p->err);
    }
    if (!p->err.code)
        empty_lists(p, root);
    cfg_free(root);
    return p->err.code;
}

static int parse_text(struct parse *p, struct sg_buf *text)
{
    unsigned line = 0;
    if (sg_scan(text->data, text->len, &line, &p->err) < 0) {
        sg_reader_where(p->path, line, NULL, &p->err);
        return p->err.code;
    }
    if (sg_buf_puts(text, END_TEXT) < 0)
        return sg_error_errno(&p->err, ENOMEM, "%s", p->path);
    if (find_sections(p) < 0 || make_options(p) < 0)
        return p->err.code;
    current = p;
    int r = run_confuse(p, text->data);
    current = NULL;
    return r;
}

static int finish(struct parse *p, struct sg_error *err)
{
    for (size_t i = 0; i < p->nsections; i++)
        free(p->opts[i]);
    if (p->err.code) {
        sg_error_set(err, p->err.code, "%s", p->err.text);
        sg_error_fix(err, "%s", p->err.fix);
    }
    return p->err.code;
}

int sg_reader_text(struct sg_reader *r, const char *path, const char *text, size_t n,
                   struct sg_error *err)
{
    struct parse p = {.reader = r, .path = path};
    sg_auto(sg_buf) struct sg_buf copy = {0};
    memset(r->lines, 0, r->nkeys * sizeof(*r->lines));
    if (sg_buf_append(&copy, text, n) < 0)
        sg_error_errno(&p.err, ENOMEM, "%s", path);
    else
        parse_text(&p, &copy);
    return finish(&p, err);
}

int sg_reader_file(struct sg_reader *r, const char *path, struct sg_error *err)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    int got = sg_file_read(AT_FDCWD, path, &text, SG_READER_FILE_MAX);
    if (got == -EFBIG)
        return sg_error_set(err, got, "%s: larger than %d bytes", path, SG_READER_FILE_MAX);
    if (got < 0)
        return sg_error_errno(err, -got, "%s", path);
    return sg_reader_text(r, path, text.data ? text.data : "", text.len, err);
}
