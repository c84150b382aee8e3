/* The files that a run gives back, taken in portions, so that other boxes get their turn. */
#include "core/sandbox/native_box.h"

#include <errno.h>

#include "core/base/fd.h"
#include "core/base/time.h"

#define PORTION_US 1000

/* A run that was cancelled is answered to nobody. */
static bool is_wanted(const struct sg_native_box *b)
{
    bool cancelled = b->killed && b->reason == SG_REASON_CANCELLED;
    return b->run && b->run->request.stage == SG_JOB_RUN && b->started.kind && !b->failure.code &&
           !cancelled && b->workdir >= 0 && !sg_output_is_none(&b->run->request.output);
}

static void fail(struct sg_native_box *b, int r)
{
    sg_error_errno(&b->failure, -r, "taking the files that the program left");
    b->refusal = SG_REFUSAL_INTERNAL;
}

static void end(struct sg_native_box *b)
{
    b->collected = true;
    sg_loop_timer_stop(b->native->loop, &b->portion);
    sg_collect_free(b->collect);
    b->collect = NULL;
}

static void begin(struct sg_native_box *b)
{
    struct sg_loop *loop = b->native->loop;
    b->ended_us = sg_now_us();
    /* It has ended: no limit of time is met any more. */
    sg_loop_timer_stop(loop, &b->deadline);
    sg_loop_timer_stop(loop, &b->cpu_timer);
    if (!is_wanted(b))
        return;
    b->collect =
        sg_collect_new(SG_TAKE_FD(b->workdir), &b->run->request.output, &b->native->cfg->output);
    if (!b->collect)
        fail(b, -ENOMEM);
}

static void on_portion(void *arg)
{
    sg_native_box_settle(arg);
}

bool sg_native_files(struct sg_native_box *b)
{
    if (b->collected)
        return true;
    if (!b->ended_us)
        begin(b);
    if (b->collect && b->killed && b->reason == SG_REASON_CANCELLED) {
        end(b);
        return true;
    }
    if (b->collect && !sg_collect_step(b->collect, sg_now_us() + PORTION_US)) {
        sg_loop_timer(b->native->loop, &b->portion, 0, on_portion, b);
        return false;
    }
    int r = b->collect ? sg_collect_take(b->collect, &b->run->files_fd) : 0;
    if (r < 0)
        fail(b, r);
    end(b);
    return true;
}
