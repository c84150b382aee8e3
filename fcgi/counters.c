/* counters.c: see counters.h */
#include "fcgi/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/time.h"

#define MAGIC         0x544e554f43474153ull /* "SAGCOUNT", read as bytes */
#define VERSION       1
#define LOCK_WAIT_MS  1000
#define LOCK_EVERY_MS 2
#define REPLACED_MAX  16 /* times that the path may name another file than the one just locked */

/* A lock of libatomic's would be one per process. */
_Static_assert(__atomic_always_lock_free(sizeof(uint64_t), 0), "counters are shared by processes");

struct header {
    uint64_t magic; /* written last */
    uint32_t version;
    uint32_t header_bytes;
    uint64_t layout;
    uint64_t n;
    uint64_t reserved[4];
};
_Static_assert(sizeof(struct header) == 64, "a cache line, and counters are aligned behind it");

static size_t file_bytes(size_t n)
{
    return sizeof(struct header) + n * sizeof(uint64_t);
}

static int refuse(struct sg_error *err, const char *path, int errnum, const char *what)
{
    sg_error_errno(err, errnum, "%s: %s", path, what);
    sg_error_fix(err,
                 "let worker.metrics name a file in a directory that the workers' user may write");
    return err->code;
}

static int lock(int fd, const char *path, struct sg_error *err)
{
    int64_t end = sg_now_ms() + LOCK_WAIT_MS;
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return refuse(err, path, errno, "cannot lock");
        if (sg_now_ms() > end)
            return sg_error_set(err, SG_E_BUSY, "%s: somebody holds its lock", path);
        nanosleep(&(struct timespec){.tv_nsec = LOCK_EVERY_MS * 1000000L}, NULL);
    }
    return 0;
}

/* Others may write to a file that is not ours alone, and cut it short. */
static int check_owner(const struct stat *st, const char *path, struct sg_error *err)
{
    if (S_ISREG(st->st_mode) && st->st_uid == geteuid() && st->st_nlink <= 1 &&
        (st->st_mode & 077) == 0)
        return 0;
    sg_error_set(err, SG_E_INVALID, "%s: is not a file of this user alone", path);
    sg_error_fix(err, "remove it, or let worker.metrics name another");
    return err->code;
}

/* Opens and locks what the path names, and still names then. The descriptor, or a negative code. */
static int open_locked(const char *path, struct stat *ret, struct sg_error *err)
{
    for (int tries = 0; tries < REPLACED_MAX; tries++) {
        struct stat named;
        sg_autofd int fd =
            open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
        if (fd < 0)
            return refuse(err, path, errno, "cannot open");
        if (lock(fd, path, err) < 0)
            return err->code;
        if (fstat(fd, ret) < 0)
            return refuse(err, path, errno, "cannot look at it");
        if (lstat(path, &named) == 0 && named.st_dev == ret->st_dev && named.st_ino == ret->st_ino)
            return check_owner(ret, path, err) < 0 ? err->code : SG_TAKE_FD(fd);
    }
    return sg_error_set(err, SG_E_BUSY, "%s: is replaced again and again", path);
}

static int map(struct sg_counters *ret, int fd, const char *path, size_t n, struct sg_error *err)
{
    void *at = mmap(NULL, file_bytes(n), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return refuse(err, path, errno, "cannot map");
    *ret = (struct sg_counters){.v = (uint64_t *)((char *)at + sizeof(struct header)),
                                .n = n,
                                .map = at,
                                .map_bytes = file_bytes(n)};
    return 0;
}

/* A new, empty file that is locked. Its blocks are there before it is mapped: a write to a hole of
   a full disk is a SIGBUS. */
static int make(struct sg_counters *ret, int fd, const char *path, uint64_t layout, size_t n,
                struct sg_error *err)
{
    int rc = posix_fallocate(fd, 0, (off_t)file_bytes(n));
    if (rc != 0) {
        (void)unlink(path); /* nobody has it mapped yet */
        return refuse(err, path, rc, "cannot make");
    }
    if (map(ret, fd, path, n, err) < 0)
        return err->code;
    struct header *h = ret->map;
    h->version = VERSION;
    h->header_bytes = sizeof(*h);
    h->layout = layout;
    h->n = n;
    __atomic_store_n(&h->magic, MAGIC, __ATOMIC_RELEASE);
    return 0;
}

static bool fits(int fd, const struct stat *st, uint64_t layout, size_t n)
{
    struct header h;
    return (size_t)st->st_size == file_bytes(n) &&
           pread(fd, &h, sizeof(h), 0) == (ssize_t)sizeof(h) && h.magic == MAGIC &&
           h.version == VERSION && h.header_bytes == sizeof(h) && h.layout == layout && h.n == n;
}

int sg_counters_open(struct sg_counters *ret, const char *path, uint64_t layout, size_t n,
                     struct sg_error *err)
{
    *ret = (struct sg_counters)SG_COUNTERS_INIT;
    if (n == 0 || n > SG_COUNTERS_MAX)
        return sg_error_set(err, SG_E_INVALID, "%zu counters; allowed: 1 to %u", n,
                            SG_COUNTERS_MAX);
    for (int tries = 0; tries < REPLACED_MAX; tries++) {
        struct stat st;
        sg_autofd int fd = open_locked(path, &st, err);
        if (fd < 0)
            return fd;
        if (st.st_size == 0 || fits(fd, &st, layout, n)) {
            int rc =
                st.st_size == 0 ? make(ret, fd, path, layout, n, err) : map(ret, fd, path, n, err);
            (void)flock(fd, LOCK_UN); /* the mapping keeps it open, and so locked */
            return rc;
        }
        if (unlink(path) < 0)
            return refuse(err, path, errno, "cannot replace what is of another version");
    }
    return sg_error_set(err, SG_E_BUSY, "%s: is replaced again and again", path);
}

void sg_counters_add(const struct sg_counters *c, size_t i, uint64_t value)
{
    if (c->v && i < c->n)
        __atomic_fetch_add(&c->v[i], value, __ATOMIC_RELAXED);
}

uint64_t sg_counters_get(const struct sg_counters *c, size_t i)
{
    return c->v && i < c->n ? __atomic_load_n(&c->v[i], __ATOMIC_RELAXED) : 0;
}

void sg_counters_done(struct sg_counters *c)
{
    if (c->map)
        munmap(c->map, c->map_bytes);
    *c = (struct sg_counters)SG_COUNTERS_INIT;
}
