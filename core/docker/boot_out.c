/* boot_out.c: see boot_out.h */
#include "core/docker/boot_out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static struct {
    char bytes[sizeof(struct sg_boot_head) + SG_BOOT_CHUNK];
    size_t n, sent;
} frame;

void sg_boot_out_begin(void)
{
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (flags < 0 || fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK) < 0)
        _exit(1);
}

bool sg_boot_out_is_full(void)
{
    return frame.sent < frame.n;
}

void sg_boot_out_flush(void)
{
    while (sg_boot_out_is_full()) {
        ssize_t n = write(STDOUT_FILENO, frame.bytes + frame.sent, frame.n - frame.sent);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0 && errno != EINTR)
            _exit(1);
        frame.sent += n > 0 ? (size_t)n : 0;
    }
}

void sg_boot_out_wait(void)
{
    sg_boot_out_flush();
    while (sg_boot_out_is_full()) {
        struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
        if (poll(&p, 1, -1) < 0 && errno != EINTR)
            _exit(1);
        sg_boot_out_flush();
    }
}

void sg_boot_out_put(enum sg_boot_kind kind, const void *body, size_t n)
{
    const struct sg_boot_head head = {SG_BOOT_MAGIC, kind, (uint32_t)n};
    sg_boot_out_wait();
    memcpy(frame.bytes, &head, sizeof head);
    memcpy(frame.bytes + sizeof head, body, n);
    frame.n = sizeof head + n;
    frame.sent = 0;
    sg_boot_out_flush();
}
