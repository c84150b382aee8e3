#define _GNU_SOURCE
#include "core/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define READ_STEP 16384

int sg_fd_write_all(int fd, const void *data, size_t n)
{
    const char *s = data;
    while (n > 0) {
        ssize_t w = write(fd, s, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return -errno;
        s += w;
        n -= (size_t)w;
    }
    return 0;
}

int sg_fd_read_all(int fd, struct sg_buf *out, size_t max)
{
    for (size_t got = 0;;) {
        /* One byte more than allowed is asked for, since only that tells "too much" from "just
         * fits". */
        size_t want = max - got < READ_STEP ? max - got + 1 : READ_STEP;
        int r = sg_buf_reserve(out, want);
        if (r < 0)
            return r;
        ssize_t n = read(fd, out->data + out->len, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return 0;
        if ((size_t)n > max - got)
            return -EFBIG;
        got += (size_t)n;
        out->len += (size_t)n;
        out->data[out->len] = '\0';
    }
}

int sg_file_read(int dirfd, const char *path, struct sg_buf *out, size_t max)
{
    sg_autofd int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    return sg_fd_read_all(fd, out, max);
}

int sg_file_write(int dirfd, const char *path, const char *text)
{
    sg_autofd int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    size_t n = strlen(text);
    ssize_t w;
    do
        w = write(fd, text, n);
    while (w < 0 && errno == EINTR);
    if (w < 0)
        return -errno;
    return (size_t)w == n ? 0 : -EIO;
}

int sg_memfd_open(const char *name)
{
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
        fd = memfd_create(name, flags);
    return fd < 0 ? -errno : fd;
}

int sg_memfd_seal(int fd)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    return fcntl(fd, F_ADD_SEALS, seals) < 0 || lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

int sg_memfd_sealed(const char *name, const void *data, size_t n)
{
    sg_autofd int fd = sg_memfd_open(name);
    if (fd < 0)
        return fd;
    int r = sg_fd_write_all(fd, data, n);
    if (r == 0)
        r = sg_memfd_seal(fd);
    return r < 0 ? r : SG_TAKE_FD(fd);
}

/* Not fstat(3): glibc makes newfstatat of it, with a path, which a confined worker must not. */
static ssize_t size_of(int fd, size_t max)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    off_t n = lseek(fd, 0, SEEK_END);
    if (at < 0 || n < 0 || lseek(fd, at, SEEK_SET) < 0)
        return -errno;
    return (uint64_t)n > max ? -EFBIG : (ssize_t)n;
}

ssize_t sg_memfd_check(int fd, size_t max)
{
    const int needed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0)
        return -errno;
    return (seals & needed) != needed ? -EPERM : size_of(fd, max);
}

int sg_memfd_map(int fd, size_t max, const char **ret_data, size_t *ret_n)
{
    ssize_t n = sg_memfd_check(fd, max);
    return n < 0 ? (int)n : sg_fd_map(fd, max, ret_data, ret_n);
}

int sg_fd_map(int fd, size_t max, const char **ret_data, size_t *ret_n)
{
    ssize_t n = size_of(fd, max);
    if (n < 0)
        return (int)n;
    void *data = NULL;
    if (n > 0) {
        data = mmap(NULL, (size_t)n, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data == MAP_FAILED)
            return -errno;
    }
    *ret_data = data;
    *ret_n = (size_t)n;
    return 0;
}

/* Room for the ancillary data of SG_FDS_MAX descriptors, aligned as cmsg(3) asks. */
union fd_control {
    struct cmsghdr align;
    char space[CMSG_SPACE(SG_FDS_MAX * sizeof(int))];
};

int sg_socket_send(int sock, const void *data, size_t n, const int *fds, size_t nfds)
{
    struct iovec iov = {.iov_base = (void *)(uintptr_t)data, .iov_len = n};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    union fd_control control = {0};
    if (nfds > SG_FDS_MAX)
        return -EINVAL;
    if (nfds > 0) {
        msg.msg_control = control.space;
        msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
    }
    ssize_t w;
    do
        w = sendmsg(sock, &msg, MSG_NOSIGNAL);
    while (w < 0 && errno == EINTR);
    if (w < 0)
        return -errno;
    return (size_t)w == n ? 0 : -EMSGSIZE;
}

/* Copies received descriptors out of the ancillary data; how many there were. */
size_t sg_socket_fds(struct msghdr *msg, int *fds)
{
    size_t count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
            if (count < SG_FDS_MAX)
                fds[count++] = fd;
            else
                close(fd);
        }
    }
    return count;
}

ssize_t sg_socket_recv(int sock, void *data, size_t n, int *fds, size_t *nfds, int flags)
{
    struct iovec iov = {.iov_base = data, .iov_len = n};
    union fd_control control = {0};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.space,
                         .msg_controllen = sizeof(control.space)};
    *nfds = 0;
    ssize_t r;
    do
        r = recvmsg(sock, &msg, flags | MSG_CMSG_CLOEXEC);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return -errno;
    size_t count = sg_socket_fds(&msg, fds);
    if (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        for (size_t i = 0; i < count; i++)
            sg_fd_close(&fds[i]);
        return -EMSGSIZE;
    }
    *nfds = count;
    return r;
}
