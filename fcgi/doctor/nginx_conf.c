/* nginx_conf.c: see nginx_conf.h */
#include "fcgi/doctor/nginx_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"

#define MARK           "# configuration file "
#define FILES_MAX      1024
#define INCLUDES_MAX   16 /* in each other */
#define DIRECTIVES_MAX 200000

struct file {
    char path[512];
    const char *text; /* borrowed */
    size_t n;
};

struct reader {
    struct sg_nginx *to;
    struct file *files; /* owned: of a dump */
    size_t nfiles;
    bool dump;
    char dir[512]; /* of the main file */
    unsigned depth;
    struct sg_error *err;
};

/* Where in which file. */
struct place {
    const char *at, *end, *path;
    unsigned line;
};

enum token { TOKEN_WORD = 256, TOKEN_END, TOKEN_BROKEN };

static int read_block(struct reader *r, struct place *p, int parent);

void sg_nginx_done(struct sg_nginx *n)
{
    free(n->v);
    sg_buf_done(&n->words);
    *n = (struct sg_nginx){0};
}

static void skip_blanks(struct place *p)
{
    for (; p->at < p->end; p->at++) {
        if (*p->at == '#')
            while (p->at < p->end && *p->at != '\n')
                p->at++;
        if (p->at == p->end || !strchr(" \t\r\n", *p->at))
            return;
        p->line += *p->at == '\n';
    }
}

/* Between quotes: as it stands, but for what a backslash protects. */
static int read_quoted(struct place *p, struct sg_buf *ret)
{
    char quote = *p->at++;
    for (; p->at < p->end && *p->at != quote; p->at++) {
        if (*p->at == '\\' && p->at + 1 < p->end && strchr("\"'\\", p->at[1]))
            p->at++;
        p->line += *p->at == '\n';
        sg_buf_append(ret, p->at, 1);
    }
    if (p->at == p->end)
        return TOKEN_BROKEN;
    p->at++;
    return TOKEN_WORD;
}

static int read_word(struct place *p, struct sg_buf *ret)
{
    const char *start = p->at;
    for (; p->at < p->end && !strchr(" \t\r\n;", *p->at); p->at++) {
        /* The brace of ${name} is no block's. */
        if (*p->at == '{' && (p->at == start || p->at[-1] != '$'))
            break;
        if (*p->at == '\\' && p->at + 1 < p->end)
            sg_buf_append(ret, p->at++, 1);
        sg_buf_append(ret, p->at, 1);
    }
    return TOKEN_WORD;
}

/* A word, which is appended to ret with its NUL; ';', '{', '}'; TOKEN_END, TOKEN_BROKEN. */
static int next_token(struct place *p, struct sg_buf *ret)
{
    skip_blanks(p);
    if (p->at == p->end)
        return TOKEN_END;
    if (strchr(";{}", *p->at))
        return *p->at++;
    int token = *p->at == '"' || *p->at == '\'' ? read_quoted(p, ret) : read_word(p, ret);
    sg_buf_append(ret, "", 1);
    return token;
}

static int fail(struct reader *r, const struct place *p, const char *what)
{
    return sg_error_set(r->err, SG_E_INVALID, "%s:%u: %s", p->path, p->line, what);
}

/* Another language between braces: it counts them as we do, more or less. */
static void skip_foreign(struct place *p)
{
    for (int open = 1; p->at < p->end && open > 0; p->at++) {
        open += (*p->at == '{') - (*p->at == '}');
        p->line += *p->at == '\n';
    }
}

static int add(struct reader *r, const struct sg_nginx_directive *d)
{
    struct sg_nginx *n = r->to;
    if (n->n == n->room) {
        size_t room = n->room ? 2 * n->room : 256;
        struct sg_nginx_directive *v = realloc(n->v, room * sizeof *v);
        if (!v)
            return sg_error_errno(r->err, ENOMEM, "nginx's configuration");
        n->v = v;
        n->room = room;
    }
    n->v[n->n] = *d;
    return (int)n->n++;
}

static int read_file(struct reader *r, const char *path, const char *text, size_t size, int parent)
{
    struct place p = {.at = text, .end = text + size, .path = path, .line = 1};
    if (r->depth == INCLUDES_MAX)
        return sg_error_set(r->err, SG_E_INVALID, "%s: too many includes in each other", path);
    r->depth++;
    int rc = read_block(r, &p, parent);
    r->depth--;
    return rc;
}

static int include_from_dump(struct reader *r, const char *pattern, int parent)
{
    size_t found = 0;
    for (size_t i = 0; i < r->nfiles; i++) {
        if (fnmatch(pattern, r->files[i].path, FNM_PATHNAME | FNM_PERIOD) != 0)
            continue;
        found++;
        int rc = read_file(r, r->files[i].path, r->files[i].text, r->files[i].n, parent);
        if (rc < 0)
            return rc;
    }
    r->to->missing += found == 0 && !strpbrk(pattern, "*?[");
    return 0;
}

static int include_from_disk(struct reader *r, const char *pattern, int parent)
{
    glob_t found = {0};
    int rc = 0;
    if (glob(pattern, 0, NULL, &found) != 0)
        r->to->missing += !strpbrk(pattern, "*?[");
    for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++) {
        sg_auto(sg_buf) struct sg_buf text = {0};
        if (sg_file_read(AT_FDCWD, found.gl_pathv[i], &text, SG_NGINX_TEXT_MAX) < 0)
            r->to->missing++;
        else
            rc = read_file(r, found.gl_pathv[i], text.data ? text.data : "", text.len, parent);
    }
    globfree(&found);
    return rc;
}

static int include(struct reader *r, int at, int parent)
{
    char pattern[1200];
    const char *name = sg_nginx_word(r->to, at, 1);
    if (!name)
        return 0;
    snprintf(pattern, sizeof pattern, "%s%s%s", *name == '/' ? "" : r->dir, *name == '/' ? "" : "/",
             name);
    return r->dump ? include_from_dump(r, pattern, parent) : include_from_disk(r, pattern, parent);
}

/* A directive has been read up to its end or to its block's beginning. */
static int finish(struct reader *r, struct place *p, struct sg_nginx_directive *d, int token,
                  int *parent)
{
    static const char foreign[] = "_by_lua_block";
    if (d->nwords == 0 && token == ';')
        return 0; /* nginx refuses it, and it does no harm */
    if (r->to->words.failed)
        return sg_error_errno(r->err, ENOMEM, "nginx's configuration");
    if (r->to->n >= DIRECTIVES_MAX)
        return fail(r, p, "there are too many directives");
    int at = add(r, d);
    if (at < 0)
        return at;
    const char *name = sg_nginx_word(r->to, at, 0);
    if (token == '{' && name && strlen(name) > strlen(foreign) &&
        strcmp(name + strlen(name) - strlen(foreign), foreign) == 0)
        skip_foreign(p);
    else if (token == '{')
        *parent = at;
    else if (name && strcmp(name, "include") == 0)
        return include(r, at, *parent);
    return 0;
}

/* Everything up to the end of the file, blocks in blocks. */
static int read_block(struct reader *r, struct place *p, int parent)
{
    struct sg_buf *words = &r->to->words;
    int inside = parent;
    struct sg_nginx_directive d = {.parent = inside, .words = words->len};
    for (;;) {
        int rc = 0, token = next_token(p, words);
        if (token == TOKEN_WORD) {
            d.nwords++;
            continue;
        }
        if (token == TOKEN_BROKEN)
            return fail(r, p, "quotes that are not closed");
        if (token == TOKEN_END)
            return d.nwords == 0 && inside == parent ? 0 : fail(r, p, "it ends too early");
        if (token == '}' && (d.nwords > 0 || inside == parent))
            return fail(r, p, "a } that closes nothing");
        if (token == '}')
            inside = r->to->v[inside].parent;
        else
            rc = finish(r, p, &d, token, &inside);
        if (rc < 0)
            return rc;
        d = (struct sg_nginx_directive){.parent = inside, .words = words->len};
    }
}

/* The files of a dump: each begins behind its mark, and ends at the next one. */
static int split(struct reader *r, const char *text)
{
    r->files = calloc(FILES_MAX, sizeof *r->files);
    if (!r->files)
        return sg_error_errno(r->err, ENOMEM, "nginx's configuration");
    for (const char *at = text; at && r->nfiles < FILES_MAX;) {
        struct file *f = &r->files[r->nfiles];
        const char *name = at + strlen(MARK), *body = strchr(name, '\n');
        if (!body)
            break;
        size_t n = (size_t)(body - name);
        n -= n > 0 && name[n - 1] == ':';
        snprintf(f->path, sizeof f->path, "%.*s", (int)(n < 500 ? n : 500), name);
        const char *next = strstr(body, "\n" MARK);
        f->text = body;
        f->n = next ? (size_t)(next - body) : strlen(body);
        r->nfiles++;
        at = next ? next + 1 : NULL;
    }
    return 0;
}

int sg_nginx_read(struct sg_nginx *ret, const char *text, const char *path, struct sg_error *err)
{
    struct reader r = {.to = ret, .err = err};
    const char *mark = strncmp(text, MARK, strlen(MARK)) == 0 ? text : strstr(text, "\n" MARK);
    int rc = 0;
    r.dump = mark != NULL;
    if (r.dump)
        rc = split(&r, mark + (*mark == '\n'));
    if (rc == 0 && r.dump && r.nfiles > 0)
        path = r.files[0].path;
    sg_str_copy(r.dir, sizeof r.dir, path);
    char *slash = strrchr(r.dir, '/');
    if (slash)
        *slash = '\0';
    else
        sg_str_copy(r.dir, sizeof r.dir, ".");
    if (rc == 0 && r.dump && r.nfiles > 0)
        rc = read_file(&r, path, r.files[0].text, r.files[0].n, -1);
    else if (rc == 0)
        rc = read_file(&r, path, text, strlen(text), -1);
    free(r.files);
    return rc;
}

const char *sg_nginx_word(const struct sg_nginx *n, int at, unsigned i)
{
    if (at < 0 || i >= n->v[at].nwords)
        return NULL;
    const char *word = n->words.data + n->v[at].words;
    while (i-- > 0)
        word += strlen(word) + 1;
    return word;
}

static bool has_name(const struct sg_nginx *n, size_t at, const char *name)
{
    const char *word = sg_nginx_word(n, (int)at, 0);
    return word && strcmp(word, name) == 0;
}

int sg_nginx_next(const struct sg_nginx *n, const char *name, int after)
{
    for (size_t i = (size_t)(after + 1); i < n->n; i++)
        if (has_name(n, i, name))
            return (int)i;
    return -1;
}

/* What is in a block stands behind it, up to the first directive that is in an outer one. */
int sg_nginx_child(const struct sg_nginx *n, int parent, const char *name, int after)
{
    int at = after > parent ? after : parent;
    while (++at < (int)n->n && n->v[at].parent >= parent)
        if (n->v[at].parent == parent && has_name(n, (size_t)at, name))
            return at;
    return -1;
}

int sg_nginx_level(const struct sg_nginx *n, int block, const char *name)
{
    while (block >= 0 && sg_nginx_child(n, block, name, -1) < 0)
        block = n->v[block].parent;
    return block;
}

int sg_nginx_in_force(const struct sg_nginx *n, int block, const char *name)
{
    int level = sg_nginx_level(n, block, name), found = -1;
    for (int at = -1; level >= 0 && (at = sg_nginx_child(n, level, name, at)) >= 0;)
        found = at;
    return found;
}

int sg_nginx_around(const struct sg_nginx *n, int at, const char *name)
{
    while (at >= 0 && !has_name(n, (size_t)at, name))
        at = n->v[at].parent;
    return at;
}
