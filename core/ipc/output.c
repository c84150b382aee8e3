/* output.c: see output.h */
#include "core/ipc/output.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/base/cleanup.h"

#define HEAD_BYTES (sizeof(struct sg_output_packet) - SG_OUTPUT_CHUNK)

int sg_output_pair(int ends[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    (void)shutdown(ends[0], SHUT_RD);
    return 0;
}

int sg_output_send(int sock, enum sg_output_stream stream, const void *data, size_t n)
{
    uint32_t head = stream;
    struct iovec parts[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)data, n}};
    struct msghdr msg = {.msg_iov = parts, .msg_iovlen = SG_ARRAY_LEN(parts)};
    ssize_t sent;
    do
        sent = sendmsg(sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

ssize_t sg_output_recv(int sock, struct sg_output_packet *ret)
{
    ssize_t n;
    do
        n = recv(sock, ret, sizeof(*ret), MSG_DONTWAIT | MSG_TRUNC); /* its whole length */
    while (n < 0 && errno == EINTR);
    if (n == 0)
        return 0;
    if (n < 0)
        return -errno;
    if ((size_t)n <= HEAD_BYTES || (size_t)n > sizeof(*ret) || ret->stream >= SG_OUTPUT_STREAMS)
        return -EPROTO;
    return n - (ssize_t)HEAD_BYTES;
}
