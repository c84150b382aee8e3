/*
 * fd.h: descriptors: whole reads and writes, sealed memfds, passing over unix sockets.
 */
#ifndef SG_BASE_FD_H
#define SG_BASE_FD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"

/* Writes all n bytes; 0 or -errno. Retries EINTR; not for non-blocking descriptors. */
int sg_fd_write_all(int fd, const void *data, size_t n);

/* Reads from fd to its end, appending at most max bytes; -EFBIG when there is more. */
int sg_fd_read_all(int fd, struct sg_buf *out, size_t max);

/* Opens (O_RDONLY|O_CLOEXEC, relative to dirfd or AT_FDCWD) and reads a whole small file. 0 or
 * -errno. */
int sg_file_read(int dirfd, const char *path, struct sg_buf *out, size_t max);

/* Writes text to an existing file (a cgroup or proc file) in one write(2). 0 or -errno. */
int sg_file_write(int dirfd, const char *path, const char *text);

/* New memfd (CLOEXEC, MFD_NOEXEC_SEAL where the kernel has it, 6.3) with these bytes, sealed
   against every change, offset 0. The descriptor is the caller's. -errno on failure. */
int sg_memfd_sealed(const char *name, const void *data, size_t n);

/* The same in two steps: an empty memfd to be written to (the caller's, or -errno), and the seals.
   0 or -errno. */
int sg_memfd_open(const char *name);
int sg_memfd_seal(int fd);

/* Checks that fd is a memfd that nobody can change any more (F_SEAL_WRITE|SHRINK|GROW) of at most
   max bytes. Returns its size, or -errno (-EPERM: seals are missing, -EFBIG). Kernel: fcntl(2)
   F_GET_SEALS. */
ssize_t sg_memfd_check(int fd, size_t max);

/* Maps a checked memfd read-only; NULL with *n == 0 for an empty one. Undo with munmap. 0 or
 * -errno. */
int sg_memfd_map(int fd, size_t max, const char **ret_data, size_t *ret_n);

/* The same without looking at the seals, for one that somebody else has checked. */
int sg_fd_map(int fd, size_t max, const char **ret_data, size_t *ret_n);

#define SG_FDS_MAX 16

/* Sends one SEQPACKET message with nfds descriptors (unix(7), SCM_RIGHTS; MSG_NOSIGNAL). 0 or
 * -errno. */
int sg_socket_send(int sock, const void *data, size_t n, const int *fds, size_t nfds);

/* Receives one message of at most n bytes, descriptors with CLOEXEC into fds (room for SG_FDS_MAX).
   Returns its length, 0 at end of file, or -errno; -EMSGSIZE when it was longer than n or carried
   more descriptors than fit (all received ones are closed then). flags as recvmsg(2). */
ssize_t sg_socket_recv(int sock, void *data, size_t n, int *fds, size_t *nfds, int flags);
/* The descriptors that came with a message (recvmsg(2)), into fds: how many. Those beyond
   SG_FDS_MAX are closed. */
struct msghdr;
size_t sg_socket_fds(struct msghdr *msg, int *fds);

#endif
