/* An interpreter that waits in a box for its program: started once, used once (box_ahead.c). */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/sandbox/native_box.h"

int sg_ahead_start(struct sg_native_box *b, struct sg_error *err)
{
    const struct sg_box_order order = {.kind = SG_BOX_ORDER_AHEAD};
    const struct sg_program_plan *plan = b->shelf->plan;
    int fds[SG_RUN_FD_PAYLOAD] = {-1, -1, -1, -1};
    b->state = SG_BOX_STATE_JOINING;
    b->cell->spoiled = true;
    sg_native_box_set_up_deadline(b);
    fds[SG_RUN_FD_PLAN] = sg_memfd_sealed("sandgate-program", plan, sizeof *plan);
    fds[SG_RUN_FD_STDIN] = sg_memfd_sealed("sandgate-stdin", NULL, 0);
    int r = fds[0] < 0 || fds[1] < 0 ? sg_error_errno(err, EMFILE, "a program that waits") : 0;
    if (r == 0)
        r = sg_native_box_streams(b, false, fds + SG_RUN_FD_STDIN + 1, err);
    if (r == 0)
        r = sg_native_box_order(b, &order, fds, SG_RUN_FD_PAYLOAD, err);
    for (size_t i = 0; i < SG_RUN_FD_PAYLOAD; i++)
        sg_fd_close(&fds[i]);
    return r;
}

void sg_ahead_waits(struct sg_native_box *b)
{
    if (b->state != SG_BOX_STATE_JOINING || !b->started.kind)
        return;
    b->state = SG_BOX_STATE_WAITING;
    b->start = SG_START_AHEAD;
    b->shelf->clones++;
    b->shelf->failures = 0;
    sg_warm_baseline(b);
    sg_loop_timer_stop(b->native->loop, &b->deadline);
    sg_native_refill_soon(b->native, 0);
}

int sg_ahead_go(struct sg_native_box *b, struct sg_error *err)
{
    struct sg_box_order go = {.kind = SG_BOX_ORDER_GO};
    const int fds[SG_GO_FDS] = {b->run->payload_fd, b->run->stdin_fd};
    go.nlower = (uint32_t)sg_warm_lower(b, go.lower);
    int r = sg_native_box_watch_streams(b);
    if (r == 0)
        r = sg_socket_send(b->control, &go, sizeof go, fds, SG_GO_FDS);
    if (r < 0)
        return sg_error_errno(err, -r, "a program that waited did not take the run");
    sg_fd_close(&b->run->payload_fd);
    sg_fd_close(&b->run->stdin_fd);
    return 0;
}
