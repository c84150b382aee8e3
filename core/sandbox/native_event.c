/* What a box says: received, and whether it can be true. */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/sandbox/native_box.h"
#include "core/sandbox/steps.h"

#define ERRNO_MAX 4095 /* of the kernel's: MAX_ERRNO */

/* ECONNRESET comes once, before what is still to be read: the other end has left something unread
   (unix(7)). */
int sg_native_event(int control, struct sg_box_event *ret, int *ret_fd)
{
    int fds[SG_FDS_MAX];
    size_t nfds = 0;
    ssize_t n;
    do {
        n = sg_socket_recv(control, ret, sizeof *ret, fds, &nfds, MSG_DONTWAIT);
    } while (n == -EINTR || n == -ECONNRESET);
    if (n == -EAGAIN)
        return -EAGAIN;
    if (ret_fd)
        *ret_fd = n == sizeof *ret && nfds > 0 ? SG_TAKE_FD(fds[0]) : -1;
    for (size_t i = 0; n > 0 && i < nfds; i++)
        sg_fd_close(&fds[i]);
    if (n != sizeof *ret)
        return 0;
    ret->text[sizeof ret->text - 1] = '\0';
    return 1;
}

/* wait(2) tells no other of a program that has ended. */
static bool is_end(int status)
{
    return WIFEXITED(status) || (WIFSIGNALED(status) && WTERMSIG(status) < _NSIG);
}

static bool is_ahead(const struct sg_native_box *b)
{
    return b->shelf && !b->shelf->imports;
}

bool sg_native_failure_fits(const struct sg_box_event *e)
{
    return e->step < SG_STEP_COUNT && e->errnum >= 0 && e->errnum <= ERRNO_MAX;
}

bool sg_native_event_fits(const struct sg_native_box *b, const struct sg_box_event *e)
{
    bool run_starts = b->state == SG_BOX_STATE_STARTED && b->run;
    bool waits_soon = b->state == SG_BOX_STATE_JOINING && is_ahead(b);
    switch (e->kind) {
    case SG_BOX_PID: /* of the keeper: before there is foreign code */
        return !b->init_known;
    case SG_BOX_READY:
        return !b->ready;
    case SG_BOX_STARTED:
        return !b->started.kind && (run_starts || waits_soon);
    case SG_BOX_WAITING:
        return waits_soon && b->started.kind;
    case SG_BOX_EXITED:
        return is_end(e->status) && (b->state != SG_BOX_STATE_STARTED || b->started.kind);
    case SG_BOX_FAILED:
        return sg_native_failure_fits(e);
    default:
        return false;
    }
}

int64_t sg_native_event_time(const struct sg_box_event *e, int64_t not_before)
{
    int64_t now = sg_now_us();
    return e->at_us >= not_before && e->at_us <= now ? e->at_us : now;
}
