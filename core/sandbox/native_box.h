/*
 * native_box.h: one live box, from outside. Private to the native engine.
 *
 * native.c        the engine: boxes, reaping, trial runs
 * native_start.c  making a box: cgroup, pipes, plan, launcher
 * native_run.c    a box that runs: events, streams, deadlines
 * native_end.c    the verdict: why it ended, the figures, clearing away
 */
#ifndef SG_SANDBOX_NATIVE_BOX_H
#define SG_SANDBOX_NATIVE_BOX_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/exec/capture.h"
#include "core/exec/server.h"
#include "core/sandbox/box.h"
#include "core/sandbox/launcher.h"
#include "core/sandbox/native.h"

#include "core/sandbox/profile.h"

struct sg_native {
    struct sg_loop *loop;                        /* borrowed */
    const struct sg_config *cfg;                 /* borrowed */
    struct sg_runtimes *runtimes;                /* borrowed */
    const struct sg_native_setup *setup;         /* borrowed */
    struct sg_profile profiles[SG_RUNTIMES_MAX]; /* of the runtime with the same index */
    struct sg_plan_facts facts;
    struct sg_box_ids ids;
    struct sg_launchers launchers;
    struct sg_timer refill;
    uint64_t serial;
    int child_signal; /* owned: signalfd of SIGCHLD */
    struct sg_watch child_watch;
    struct sg_native_box *boxes; /* list */
    struct sg_trials *trials;
};

struct sg_native_box {
    struct sg_native *native;
    struct sg_native_box *next;
    struct sg_run *run;
    struct sg_limits limits;
    struct sg_lab lab;
    uint32_t required; /* layers of the plan */
    uint64_t serial;
    int ids; /* index of the pair, -1: none taken */
    struct sg_cgroup cgroup;
    pid_t launcher, init; /* 0: not there, or reaped */
    bool launcher_ended, init_ended, init_known;
    int init_pidfd;        /* owned */
    int control, out, err; /* owned; our ends */
    int net_dev;           /* owned: counters of the box's network namespace */
    struct sg_watch control_watch, out_watch, err_watch;
    struct sg_capture out_kept, err_kept;
    struct sg_timer deadline, cpu_timer, teardown;
    int64_t begun_us;
    struct sg_box_event started, exited; /* kind 0: not seen */
    struct sg_error failure;             /* of a set-up step */
    enum sg_refusal refusal;
    bool killed; /* by us, for: */
    enum sg_reason reason;
    bool concluded;
    int teardown_tries;
};

/* native_start.c */
int sg_native_box_start(struct sg_native_box *b, struct sg_error *err);
/* native_run.c */
int sg_native_box_watch(struct sg_native_box *b);
void sg_native_box_kill(struct sg_native_box *b, enum sg_reason reason);
/* A child of ours has ended; concludes the box when all that belongs to it has. */
void sg_native_box_reaped(struct sg_native_box *b, const siginfo_t *child);
void sg_native_box_settle(struct sg_native_box *b);
/* native_end.c: answers; when all its processes have been reaped, clears away and frees the box. */
void sg_native_box_conclude(struct sg_native_box *b);
void sg_native_box_clear(struct sg_native_box *b);
/* native.c */
void sg_native_box_forget(struct sg_native_box *b);
/* Makes what later boxes need, in a moment. */
void sg_native_refill_soon(struct sg_native *n);
struct sg_profile *sg_native_profile(struct sg_native *n, const struct sg_runtime *rt);
uint64_t sg_native_cpu_us(const struct sg_native_box *b);

#endif
