/* program.c: the files of a run, and what it reads as its stdin. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "fcgi/cli/cli.h"

int sg_cli_read_bytes(const char *path, size_t max, struct sg_bytes *ret, struct sg_error *err)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    bool ours = strcmp(path, "-") == 0;
    int rc = ours ? sg_fd_read_all(STDIN_FILENO, &b, max) : sg_file_read(AT_FDCWD, path, &b, max);
    if (rc == -EFBIG)
        return sg_error_set(err, SG_E_INVALID, "%s: has more than %zu bytes", ours ? "stdin" : path,
                            max);
    if (rc < 0)
        return sg_error_errno(err, -rc, "cannot read %s", ours ? "stdin" : path);
    ret->n = b.len;
    ret->data = sg_buf_take(&b);
    return 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The program keeps its name, which tracebacks show, if the language knows the extension. */
static const char *entry_name(const struct sg_cli_run *run, const struct sg_runtime *rt)
{
    const char *name = base_name(run->file);
    const char *dot = strrchr(name, '.');
    bool fits = dot && sg_strings_has(&rt->extensions, dot + 1) && !sg_path_check(name);
    return fits ? name : rt->entry;
}

static int add_file(struct sg_job *job, const char *name, const char *path, struct sg_error *err)
{
    const char *wrong = sg_path_check(name);
    if (wrong)
        return sg_error_set(err, SG_E_INVALID, "--file %s: %s", name, wrong);
    for (size_t i = 0; i < job->nfiles; i++)
        if (strcmp(job->files[i].path, name) == 0)
            return sg_error_set(err, SG_E_INVALID, "--file %s: there is one of that name", name);
    struct sg_job_file *f = &job->files[job->nfiles];
    f->path = strdup(name);
    if (!f->path)
        return sg_error_errno(err, ENOMEM, "%s", name);
    job->nfiles++;
    return sg_cli_read_bytes(path, SG_FILE_BYTES_MAX, &f->content, err);
}

/* NAME=PATH, or PATH: then a relative one is kept, of another one the last part. */
static int add_further_file(struct sg_job *job, const char *option, struct sg_error *err)
{
    const char *equals = strchr(option, '=');
    if (!equals)
        return add_file(job, sg_path_check(option) ? base_name(option) : option, option, err);
    sg_autofree char *name = strndup(option, (size_t)(equals - option));
    return name ? add_file(job, name, equals + 1, err) : sg_error_errno(err, ENOMEM, "--file");
}

int sg_cli_read_program(const struct sg_cli_run *run, const struct sg_runtime *rt,
                        struct sg_job *job, struct sg_error *err)
{
    if (strcmp(run->file, "-") == 0 && run->input && strcmp(run->input, "-") == 0)
        return sg_error_set(err, SG_E_INVALID, "stdin cannot be program and input at once");
    int rc = add_file(job, entry_name(run, rt), run->file, err);
    for (size_t i = 0; i < run->nfiles && rc == 0; i++)
        rc = add_further_file(job, run->files[i], err);
    if (rc == 0 && run->input)
        rc = sg_cli_read_bytes(run->input, SG_STDIN_BYTES_MAX, &job->input, err);
    return rc;
}
