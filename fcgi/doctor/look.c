/* look.c: how the doctor looks at things: files of the system, people's rights, other programs. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "fcgi/doctor/internal.h"

#define SYSTEM_FILE_MAX (4u << 20)

/* Links of another root name places of that root; nothing of it can hold us up. */
static int open_below(int root, const char *path, int flags)
{
    struct open_how how = {.flags = (uint64_t)flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    return fd < 0 ? -errno : fd;
}

int sg_doctor_read(const struct sg_doctor *d, const char *path, struct sg_buf *ret)
{
    sg_autofd int fd =
        d->elsewhere ? open_below(d->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY) : -1;
    int rc = !d->elsewhere ? sg_file_read(d->root, path, ret, SYSTEM_FILE_MAX)
             : fd < 0      ? fd
                           : sg_fd_read_all(fd, ret, SYSTEM_FILE_MAX);
    return rc < 0 ? rc : sg_buf_puts(ret, ""); /* never NULL */
}

int sg_doctor_read_line(const struct sg_doctor *d, const char *path, char *ret, size_t n)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    int rc = sg_doctor_read(d, path, &text);
    if (rc < 0)
        return rc;
    text.data[strcspn(text.data, "\n")] = '\0';
    return sg_str_copy(ret, n, text.data);
}

int sg_doctor_stat(const struct sg_doctor *d, const char *path, struct stat *ret)
{
    if (!d->elsewhere)
        return fstatat(d->root, path, ret, 0) < 0 ? -errno : 0;
    sg_autofd int fd = open_below(d->root, path, O_PATH);
    if (fd < 0)
        return fd;
    return fstat(fd, ret) < 0 ? -errno : 0;
}

int sg_doctor_place(const struct sg_doctor *d, const char *path, char *ret, size_t n)
{
    char own[32];
    if (!d->elsewhere)
        return sg_str_copy(ret, n, path);
    sg_autofd int fd = open_below(d->root, path, O_PATH);
    if (fd < 0)
        return fd;
    snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(own, ret, n);
    if (len < 0 || (size_t)len == n)
        return len < 0 ? -errno : -ENAMETOOLONG;
    ret[len] = '\0';
    return 0;
}

int sg_doctor_switch(const struct sg_doctor *d, const char *path, int64_t *ret)
{
    struct stat st;
    char line[32], *end;
    int rc = sg_doctor_read_line(d, path, line, sizeof line);
    if (rc < 0) /* without its neighbours there is no /proc: not a kernel that lacks it */
        return rc == -ENOENT && sg_doctor_stat(d, "proc/sys/kernel", &st) == 0 ? 0 : rc;
    errno = 0;
    *ret = strtoll(line, &end, 10);
    return end == line || *end || errno ? -EINVAL : 1;
}

bool sg_doctor_has_word(const char *text, const char *word)
{
    static const char between[] = " ,\n\t";
    for (const char *at = text; *at;) {
        size_t n = strcspn(at, between);
        if (n == strlen(word) && strncmp(at, word, n) == 0)
            return true;
        at += n;
        at += strspn(at, between);
    }
    return false;
}

bool sg_person_find(const char *name, struct sg_person *ret)
{
    uint64_t number;
    bool by_number = sg_str_to_u64(name, &number) == 0 && number <= UINT32_MAX;
    const struct passwd *pw = by_number ? getpwuid((uid_t)number) : getpwnam(name);
    *ret = (struct sg_person){0};
    sg_str_copy(ret->name, sizeof ret->name, pw ? pw->pw_name : name);
    if (!pw) {
        ret->uid = by_number ? (uid_t)number : 0;
        return by_number; /* a number needs no entry */
    }
    ret->uid = pw->pw_uid;
    ret->ngroups = SG_GROUPS_MAX;
    if (getgrouplist(pw->pw_name, pw->pw_gid, ret->groups, &ret->ngroups) < 0)
        ret->ngroups = SG_GROUPS_MAX; /* the first of them */
    return true;
}

bool sg_person_may(const struct sg_person *p, mode_t mode, uid_t uid, gid_t gid, int what)
{
    bool member = false;
    for (int i = 0; i < p->ngroups; i++)
        member = member || p->groups[i] == gid;
    unsigned shift = p->uid == uid ? 6 : member ? 3 : 0;
    return p->uid == 0 || ((mode >> shift) & (unsigned)what) == (unsigned)what;
}

int sg_person_may_connect(const struct sg_person *p, const char *socket, char *ret, size_t n)
{
    size_t len = strlen(socket);
    for (size_t i = 1; i <= len; i++) { /* each directory, then the socket */
        struct stat st;
        if (i < len && socket[i] != '/')
            continue;
        snprintf(ret, n, "%.*s", (int)i, socket);
        if (stat(ret, &st) < 0)
            return -errno;
        if (!sg_person_may(p, st.st_mode, st.st_uid, st.st_gid, i < len ? X_OK : W_OK))
            return 0;
    }
    return 1;
}

int sg_doctor_listens(const char *path)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    if (!S_ISSOCK(st.st_mode)) /* connect(2) says the same of it as of a dead socket */
        return -ENOTSOCK;
    if (sg_str_copy(sa.sun_path, sizeof sa.sun_path, path) < 0)
        return -ENAMETOOLONG;
    sg_autofd int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sock < 0)
        return -errno;
    int rc = connect(sock, (const struct sockaddr *)&sa, sizeof sa);
    return rc == 0 || errno == EAGAIN ? 0 : -errno; /* EAGAIN: more wait than it has room for */
}

int sg_subid_find(const char *text, const char *name, uid_t uid, uint64_t *first, uint64_t *count)
{
    char number[16];
    snprintf(number, sizeof number, "%u", uid);
    for (const char *line = text; *line; line = strchrnul(line, '\n') + 1) {
        char owner[64];
        unsigned long long a, b;
        if (sscanf(line, "%63[^:\n]:%llu:%llu", owner, &a, &b) == 3 &&
            (strcmp(owner, number) == 0 || (name && strcmp(owner, name) == 0))) {
            *first = a;
            *count = b;
            return 0;
        }
        if (!*strchrnul(line, '\n'))
            break;
    }
    return -ENOENT;
}

uint64_t sg_subid_free(const char *text, uint64_t first, uint64_t count)
{
    bool met;
    do {
        met = false;
        for (const char *line = text; *line; line += *line == '\n') {
            unsigned long long a, b;
            if (sscanf(line, "%*[^:\n]:%llu:%llu", &a, &b) == 2 && a < first + count &&
                first < a + b) {
                first = a + b;
                met = true;
            }
            line = strchrnul(line, '\n');
        }
    } while (met);
    return first;
}

bool sg_subid_meets(const char *text, uint64_t first, uint64_t count, char *ret, size_t n)
{
    for (const char *line = text; *line; line += *line == '\n') {
        char owner[64];
        unsigned long long a, b;
        if (sscanf(line, "%63[^:\n]:%llu:%llu", owner, &a, &b) == 3 && a < first + count &&
            first < a + b) {
            sg_str_copy(ret, n, owner);
            return true;
        }
        line = strchrnul(line, '\n');
    }
    return false;
}

/* stdout and stderr are theirs; everything else of ours is closed on exec. */
static int start(const char *program, char *const argv[], int out, int err, pid_t *ret)
{
    posix_spawn_file_actions_t fa;
    char *env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};
    posix_spawn_file_actions_init(&fa);
    int rc = posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&fa, out, 1);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&fa, err, 2);
    if (rc == 0)
        rc = posix_spawn(ret, program, &fa, NULL, argv, env);
    posix_spawn_file_actions_destroy(&fa);
    return -rc;
}

/* 1: there may be more; 0: its end; or -errno. */
static int take(int fd, struct sg_buf *to, size_t max)
{
    char chunk[16384];
    ssize_t n = read(fd, chunk, sizeof chunk);
    if (n < 0)
        return errno == EINTR ? 1 : -errno;
    if (to->len + (size_t)n > max)
        return -EFBIG;
    return n == 0 ? 0 : sg_buf_append(to, chunk, (size_t)n) < 0 ? -ENOMEM : 1;
}

/* Both streams, until both have ended. */
static int drain(int fds[2], struct sg_buf *to[2], unsigned ms, size_t max)
{
    struct pollfd p[2] = {{.fd = fds[0], .events = POLLIN}, {.fd = fds[1], .events = POLLIN}};
    int64_t until = sg_now_ms() + ms;
    while (p[0].fd >= 0 || p[1].fd >= 0) {
        int64_t left = until - sg_now_ms();
        int rc = left <= 0 ? 0 : poll(p, 2, (int)left);
        if (rc == 0)
            return -ETIMEDOUT;
        if (rc < 0 && errno != EINTR)
            return -errno;
        for (size_t i = 0; rc > 0 && i < 2; i++) {
            int more = p[i].revents ? take(p[i].fd, to[i], max) : 1;
            if (more < 0)
                return more;
            if (more == 0)
                p[i].fd = -1;
        }
    }
    return 0;
}

int sg_doctor_spawn(const char *program, char *const argv[], unsigned ms, size_t max,
                    struct sg_buf *out, struct sg_buf *err)
{
    int o[2], e[2], status;
    pid_t pid;
    if (pipe2(o, O_CLOEXEC) < 0)
        return -errno;
    sg_autofd int out_end = o[0];
    sg_autofd int their_out = o[1];
    if (pipe2(e, O_CLOEXEC) < 0)
        return -errno;
    sg_autofd int err_end = e[0];
    sg_autofd int their_err = e[1];
    int rc = start(program, argv, their_out, their_err, &pid);
    if (rc < 0)
        return rc;
    sg_fd_close(&their_out);
    sg_fd_close(&their_err);
    rc = drain((int[2]){out_end, err_end}, (struct sg_buf *[2]){out, err}, ms, max);
    if (rc < 0)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    sg_buf_puts(out, "");
    sg_buf_puts(err, "");
    if (rc == 0 && (out->failed || err->failed))
        rc = -ENOMEM;
    return rc < 0 ? rc : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
