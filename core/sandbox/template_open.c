/* The library's start in the interpreter, and open(2) and fopen(3) in front of the C library's. */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "core/sandbox/box.h"
#include "core/sandbox/template_library.h"

#define PUBLIC __attribute__((visibility("default")))

static const struct sg_template_plan *plan; /* NULL: not in a template, or not any more */
static const struct sg_program_plan *program;
static const struct sg_template_adapter *adapter;
static bool serving;

/* The ids that the kernel left above the environment when the interpreter was executed:
 * getauxval(3). */
static Elf64_auxv_t *auxiliary;

static void find_auxiliary(void)
{
    char **at = environ;
    while (*at)
        at++;
    auxiliary = (Elf64_auxv_t *)(void *)(at + 1);
}

static void correct_auxiliary(uint64_t uid, uint64_t gid)
{
    for (Elf64_auxv_t *a = auxiliary; a->a_type != AT_NULL; a++) {
        if (a->a_type == AT_UID || a->a_type == AT_EUID)
            a->a_un.a_val = uid;
        else if (a->a_type == AT_GID || a->a_type == AT_EGID)
            a->a_un.a_val = gid;
    }
}

/* Anonymous memory of our own, not the memfd: no clone shall have a mapping that a cold program
 * lacks. */
static const void *take(int fd, size_t n)
{
    void *own = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct stat st;
    if (own == MAP_FAILED || fstat(fd, &st) < 0 || st.st_size != (off_t)n ||
        pread(fd, own, n, 0) != (ssize_t)n)
        return NULL;
    close(fd);
    mprotect(own, n, PROT_READ);
    return own;
}

static void load_filter(void)
{
    struct sock_fprog prog = {(unsigned short)plan->nfilter,
                              (struct sock_filter *)(uintptr_t)plan->filter};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
        sg_box_fail(SG_STEP_SECCOMP, errno, "loading the template's filter");
}

/* Runs before the interpreter's main. The execve has made the process dumpable again. */
__attribute__((constructor)) static void begin(void)
{
    find_auxiliary();
    program = take(SG_TEMPLATE_FD_PROGRAM, sizeof *program);
    plan = take(SG_TEMPLATE_FD_TEMPLATE, sizeof *plan);
    if (!program || !plan || program->magic != SG_PROGRAM_PLAN_MAGIC ||
        plan->magic != SG_TEMPLATE_MAGIC)
        _exit(2);
    fcntl(SG_TEMPLATE_FD_CONTROL, F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    load_filter();
    adapter = sg_template_python();
}

/* The entry's file is being opened for the first time: become the template. Returns in a clone. */
static void stop_here(void)
{
    static const struct sg_template_adapter none;
    serving = true;
    const struct sg_template_plan *t = plan;
    const struct sg_program_plan *p = program;
    sg_template_serve(t, p, adapter ? adapter : &none);
    correct_auxiliary(p->uid, p->gid);
    plan = NULL;
    program = NULL;
    munmap((void *)(uintptr_t)t, sizeof *t);
    munmap((void *)(uintptr_t)p, sizeof *p);
}

static bool is_entry(const char *path)
{
    if (!plan || serving || !path)
        return false;
    const char *name = strrchr(plan->entry, '/') + 1;
    return strcmp(path, plan->entry) == 0 || strcmp(path, name) == 0;
}

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
    long r = syscall(SYS_openat, dir, path, flags, mode);
    return (int)r;
}

/* Python looks into the file before it runs it (is it a zip archive?), through open; only the fopen
 * counts. */
static void meet(const char *path)
{
    if (is_entry(path) && !adapter)
        stop_here();
}

#define MODE_OF(flags, mode)                                                                       \
    do {                                                                                           \
        if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                   \
            va_list ap;                                                                            \
            va_start(ap, flags);                                                                   \
            mode = va_arg(ap, mode_t);                                                             \
            va_end(ap);                                                                            \
        }                                                                                          \
    } while (0)

PUBLIC int open(const char *path, int flags, ...) /* inherited if asked for */
{
    mode_t mode = 0;
    MODE_OF(flags, mode);
    meet(path);
    return open_at(AT_FDCWD, path, flags, mode);
}

PUBLIC int open64(const char *path, int flags, ...)
{
    mode_t mode = 0;
    MODE_OF(flags, mode);
    meet(path);
    return open_at(AT_FDCWD, path, flags, mode);
}

PUBLIC int openat(int dir, const char *path, int flags, ...) /* inherited if asked for */
{
    mode_t mode = 0;
    MODE_OF(flags, mode);
    meet(path);
    return open_at(dir, path, flags, mode);
}

PUBLIC int openat64(int dir, const char *path, int flags, ...)
{
    mode_t mode = 0;
    MODE_OF(flags, mode);
    meet(path);
    return open_at(dir, path, flags, mode);
}

typedef FILE *fopen_fn(const char *, const char *);

static FILE *open_file(const char *symbol, const char *path, const char *mode)
{
    fopen_fn *next = (fopen_fn *)(uintptr_t)dlsym(RTLD_NEXT, symbol);
    if (!is_entry(path))
        return next(path, mode);
    const struct sg_template_adapter *a = adapter;
    stop_here();
    FILE *file = next(path, mode);
    if (file && a && a->run)
        a->run(file, path);
    return file;
}

PUBLIC FILE *fopen(const char *path, const char *mode)
{
    return open_file("fopen", path, mode);
}

PUBLIC FILE *fopen64(const char *path, const char *mode)
{
    return open_file("fopen64", path, mode);
}
