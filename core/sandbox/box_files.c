/* The job's payload becomes files of the working directory and the program's command. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/ipc/payload.h"

/* Lab build with `environment` off: so many of the executor's own. */
#define LAB_ENV_MAX 64

static void fail(int errnum, const char *what, const char *path)
{
    sg_box_fail(SG_STEP_FILES, errnum, "%s %s", what, path);
}

/* Who shall own what is written: the program; a clone that has its ids already need not ask. */
struct owner {
    bool set;
    uint32_t uid, gid;
};

/* Makes the directories above a file. Runs before any foreign code, in a fresh tmpfs, so a path
   component is a directory that this loop made or a file of the same payload, and then mkdir or
   open refuses. */
static void make_parents(const struct owner *o, char *path)
{
    for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) == 0) {
            if (o->set && chown(path, o->uid, o->gid) < 0)
                fail(errno, "chown of directory", path);
        } else if (errno != EEXIST) {
            fail(errno, "making directory", path);
        }
        *slash = '/';
    }
}

static void write_file(const struct owner *o, struct sg_payload_file *f)
{
    make_parents(o, f->path);
    sg_autofd int fd = open(f->path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        fail(errno, "making file", f->path);
    int r = sg_fd_write_all(fd, f->content.data, f->content.n);
    if (r < 0)
        fail(-r, "writing file", f->path);
    if (o->set && fchown(fd, o->uid, o->gid) < 0)
        fail(errno, "chown of file", f->path);
}

static char *copy_span(const struct sg_span *s)
{
    char *copy = malloc(s->n + 1);
    if (!copy)
        sg_box_fail(SG_STEP_FILES, ENOMEM, "command");
    memcpy(copy, s->data, s->n);
    copy[s->n] = '\0';
    return copy;
}

/* An entry named like an option must not be read as one by the interpreter, nor, as @NAME, as a
   file of options by a compiler. */
static char *entry_argument(const char *path)
{
    struct sg_buf b = {0};
    if (path[0] == '-' || path[0] == '@')
        sg_buf_puts(&b, "./");
    sg_buf_puts(&b, path);
    if (b.failed)
        sg_box_fail(SG_STEP_FILES, ENOMEM, "command");
    return sg_buf_take(&b);
}

/* The runtime's words, with the entry in its place; returns how many. */
static size_t plan_argv(const struct sg_program_plan *p, char *entry, char **argv)
{
    for (uint32_t i = 0; i < p->nargv; i++) {
        const char *text = p->text + p->argv[i];
        argv[i] = strcmp(text, "{file}") == 0 ? entry : (char *)(uintptr_t)text;
    }
    return p->nargv;
}

static void make_argv(const struct sg_program_plan *p, struct sg_payload *pl, char *entry,
                      char **argv)
{
    struct sg_span s;
    size_t n = plan_argv(p, entry, argv);
    /* A compiler's options are the operator's. */
    while (sg_payload_arg(pl, &s) > 0)
        if (p->product != SG_PLAN_MAKES_PRODUCT)
            argv[n++] = copy_span(&s);
    argv[n] = NULL;
}

/* What the request sets replaces what the runtime's file sets. */
static void put_env(char **envp, size_t *n, char *entry)
{
    size_t name = (size_t)(strchrnul(entry, '=') - entry) + 1;
    for (size_t i = 0; i < *n; i++)
        if (strncmp(envp[i], entry, name) == 0) {
            envp[i] = entry;
            return;
        }
    envp[(*n)++] = entry;
}

static size_t plan_envp(const struct sg_program_plan *p, char **envp)
{
    for (uint32_t i = 0; i < p->nenv; i++)
        envp[i] = (char *)(uintptr_t)(p->text + p->env[i]);
    return p->nenv;
}

static void make_envp(const struct sg_program_plan *p, struct sg_payload *pl, char **envp)
{
    struct sg_span s;
    size_t n = plan_envp(p, envp);
#ifdef SG_LAB
    for (char **e = environ; SG_LAB_OFF(&p->lab, ENVIRONMENT) && *e && n < p->nenv + LAB_ENV_MAX;
         e++)
        put_env(envp, &n, *e);
#endif
    while (sg_payload_env(pl, &s) > 0)
        if (p->product != SG_PLAN_MAKES_PRODUCT)
            put_env(envp, &n, copy_span(&s));
    envp[n] = NULL;
}

static void new_command(const struct sg_program_plan *p, size_t nargs, size_t nenv,
                        struct sg_box_command *ret)
{
    ret->argv = calloc(p->nargv + nargs + 1, sizeof(char *));
    ret->envp = calloc(p->nenv + nenv + LAB_ENV_MAX + 1, sizeof(char *));
    if (!ret->argv || !ret->envp)
        sg_box_fail(SG_STEP_FILES, ENOMEM, "command");
}

void sg_box_command_done(struct sg_box_command *c)
{
    free(c->argv);
    free(c->envp);
    *c = (struct sg_box_command){0};
}

void sg_box_command_ahead(const struct sg_program_plan *p, struct sg_box_command *ret)
{
    new_command(p, 0, 0, ret);
    plan_argv(p, entry_argument(p->entry), ret->argv);
    plan_envp(p, ret->envp);
}

void sg_box_files(const struct sg_program_plan *p, int payload, bool own,
                  struct sg_box_command *ret)
{
    struct sg_error err = SG_ERROR_INIT;
    struct sg_payload pl;
    struct sg_payload_file f;
    const struct owner owner = {own, p->uid, p->gid};
    const char *data;
    size_t n;
    char *entry = NULL;
    mode_t mask = umask(022);
    sg_box_step(&p->lab, SG_STEP_FILES);
    /* The executor has checked the seals; a clone's filter does not let it look at them. */
    int r = sg_fd_map(payload, SG_PAYLOAD_BYTES_MAX, &data, &n);
    if (r < 0)
        sg_box_fail(SG_STEP_FILES, -r, "mapping the payload");
    if (sg_payload_open(&pl, data, n, &err) < 0)
        sg_box_fail(SG_STEP_FILES, 0, "%s", err.text);
    while (sg_payload_file(&pl, &f) > 0) {
        write_file(&owner, &f);
        if (!entry)
            entry = entry_argument(f.path);
    }
    if (!entry)
        sg_box_fail(SG_STEP_FILES, 0, "no entry file");
    new_command(p, pl.nargs, pl.nenv, ret);
    make_argv(p, &pl, entry, ret->argv);
    make_envp(p, &pl, ret->envp);
    munmap((void *)(uintptr_t)data, n);
    umask(mask);
}
