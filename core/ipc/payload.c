/* payload.c: the job's variable part, written by the worker, read by pid 1 of a box. */
#include "core/ipc/payload.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define PAYLOAD_MAGIC 0x4c504753u /* "SGPL" */

struct payload_header {
    uint32_t magic, nfiles, nargs, nenv;
};

static void put_u32(struct sg_buf *out, size_t v)
{
    uint32_t word = (uint32_t)v;
    sg_buf_append(out, &word, sizeof(word));
}

static void put_text(struct sg_buf *out, const char *text)
{
    size_t n = strlen(text);
    put_u32(out, n);
    sg_buf_append(out, text, n);
}

size_t sg_payload_size(const struct sg_job *job)
{
    size_t n = sizeof(struct payload_header);
    for (size_t i = 0; i < job->nfiles; i++)
        n += 2 * sizeof(uint32_t) + strlen(job->files[i].path) + job->files[i].content.n;
    for (size_t i = 0; i < job->nargs; i++)
        n += sizeof(uint32_t) + strlen(job->args[i]);
    for (size_t i = 0; i < job->nenv; i++)
        n += sizeof(uint32_t) + strlen(job->env[i]);
    return n;
}

int sg_payload_encode(const struct sg_job *job, struct sg_buf *out)
{
    size_t n = sg_payload_size(job);
    if (n > SG_PAYLOAD_BYTES_MAX)
        return -EFBIG;
    if (sg_buf_reserve(out, n) < 0)
        return -ENOMEM;
    struct payload_header h = {PAYLOAD_MAGIC, (uint32_t)job->nfiles, (uint32_t)job->nargs,
                               (uint32_t)job->nenv};
    sg_buf_append(out, &h, sizeof(h));
    for (size_t i = 0; i < job->nfiles; i++) {
        const struct sg_job_file *f = &job->files[i];
        put_u32(out, strlen(f->path));
        put_u32(out, f->content.n);
        sg_buf_puts(out, f->path);
        sg_buf_append(out, f->content.data, f->content.n);
    }
    for (size_t i = 0; i < job->nargs; i++)
        put_text(out, job->args[i]);
    for (size_t i = 0; i < job->nenv; i++)
        put_text(out, job->env[i]);
    return out->failed ? -ENOMEM : 0;
}

static bool take_u32(struct sg_payload *p, uint32_t *ret)
{
    if (p->n - p->at < sizeof(*ret))
        return false;
    memcpy(ret, p->data + p->at, sizeof(*ret));
    p->at += sizeof(*ret);
    return true;
}

static bool take_span(struct sg_payload *p, uint32_t n, struct sg_span *ret)
{
    if (p->n - p->at < n)
        return false;
    *ret = (struct sg_span){p->data + p->at, n};
    p->at += n;
    return true;
}

/* The one reader of an item, for the check of the whole and for handing out alike. */
static bool take_file(struct sg_payload *p, struct sg_payload_file *ret)
{
    uint32_t path_len, content_len;
    struct sg_span path;
    if (!take_u32(p, &path_len) || !take_u32(p, &content_len) || path_len > SG_PATH_MAX ||
        content_len > SG_FILE_BYTES_MAX || !take_span(p, path_len, &path) ||
        memchr(path.data, 0, path.n))
        return false;
    memcpy(ret->path, path.data, path.n);
    ret->path[path.n] = 0;
    return take_span(p, content_len, &ret->content);
}

static bool take_text(struct sg_payload *p, struct sg_span *ret)
{
    uint32_t n;
    return take_u32(p, &n) && take_span(p, n, ret) && !memchr(ret->data, 0, ret->n);
}

static int bad(struct sg_error *err, const char *what, uint32_t index)
{
    return sg_error_set(err, SG_E_INVALID, "payload: %s %u is broken", what, index);
}

static int check_files(struct sg_payload *p, struct sg_error *err)
{
    struct sg_payload_file f;
    for (uint32_t i = 0; i < p->nfiles; i++) {
        if (!take_file(p, &f))
            return bad(err, "file", i);
        const char *wrong = sg_path_check(f.path);
        if (wrong)
            return sg_error_set(err, SG_E_INVALID, "payload: path of file %u: %s", i, wrong);
    }
    return 0;
}

static const char *env_wrong(const struct sg_span *s)
{
    char name[65];
    const char *equals = memchr(s->data, '=', s->n);
    size_t n = equals ? (size_t)(equals - s->data) : s->n;
    if (!equals || n >= sizeof(name))
        return "is not NAME=value";
    memcpy(name, s->data, n);
    name[n] = 0;
    return sg_env_name_check(name);
}

static int check_texts(struct sg_payload *p, struct sg_error *err)
{
    struct sg_span s;
    for (uint32_t i = 0; i < p->nargs; i++)
        if (!take_text(p, &s))
            return bad(err, "argument", i);
    for (uint32_t i = 0; i < p->nenv; i++) {
        if (!take_text(p, &s))
            return bad(err, "environment entry", i);
        const char *wrong = env_wrong(&s);
        if (wrong)
            return sg_error_set(err, SG_E_INVALID, "payload: environment entry %u: %s", i, wrong);
    }
    return 0;
}

static int check_header(struct sg_payload *p, struct sg_error *err)
{
    struct payload_header h;
    if (p->n < sizeof(h) || p->n > SG_PAYLOAD_BYTES_MAX)
        return sg_error_set(err, SG_E_INVALID, "payload of %zu bytes", p->n);
    memcpy(&h, p->data, sizeof(h));
    if (h.magic != PAYLOAD_MAGIC)
        return sg_error_set(err, SG_E_INVALID, "payload: this is none");
    if (h.nfiles < 1 || h.nfiles > SG_FILES_MAX || h.nargs > SG_ARGS_MAX || h.nenv > SG_ENV_MAX)
        return sg_error_set(err, SG_E_INVALID, "payload: %u files, %u arguments, %u variables",
                            h.nfiles, h.nargs, h.nenv);
    p->nfiles = h.nfiles;
    p->nargs = h.nargs;
    p->nenv = h.nenv;
    p->at = sizeof(h);
    return 0;
}

int sg_payload_open(struct sg_payload *p, const void *data, size_t n, struct sg_error *err)
{
    struct sg_payload check = {.data = data, .n = n};
    int rc = check_header(&check, err);
    if (rc < 0)
        return rc;
    struct sg_payload start = check;
    rc = check_files(&check, err);
    if (rc == 0)
        rc = check_texts(&check, err);
    if (rc == 0 && check.at != check.n)
        rc = sg_error_set(err, SG_E_INVALID, "payload: %zu bytes too many", check.n - check.at);
    if (rc == 0)
        *p = start;
    return rc;
}

int sg_payload_file(struct sg_payload *p, struct sg_payload_file *ret)
{
    if (p->done >= p->nfiles || !take_file(p, ret))
        return 0;
    p->done++;
    return 1;
}

static int next_text(struct sg_payload *p, uint32_t first, uint32_t count, struct sg_span *ret)
{
    if (p->done < first || p->done - first >= count || !take_text(p, ret))
        return 0;
    p->done++;
    return 1;
}

int sg_payload_arg(struct sg_payload *p, struct sg_span *ret)
{
    return next_text(p, p->nfiles, p->nargs, ret);
}

int sg_payload_env(struct sg_payload *p, struct sg_span *ret)
{
    return next_text(p, p->nfiles + p->nargs, p->nenv, ret);
}
