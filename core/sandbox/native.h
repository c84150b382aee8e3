/*
 * native.h: the native engine: runs in boxes of this kernel, behind core/exec/server.h.
 *
 *     struct sg_native *n = sg_native_new(loop, &cfg, &runtimes, &setup, &err);
 *     struct sg_server *s = sg_server_new(loop, &cfg, &runtimes, &sg_native_ops, n);
 *     sg_native_trials(n, s, on_ready);
 */
#ifndef SG_SANDBOX_NATIVE_H
#define SG_SANDBOX_NATIVE_H

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/runtimes.h"
#include "core/exec/loop.h"
#include "core/exec/server.h"
#include "core/sandbox/cgroup.h"
#include "core/sandbox/userns.h"

struct sg_native;

/* What was made with the host's privileges before the user namespace was entered. Borrowed. */
struct sg_native_setup {
    struct sg_cgroups *cgroups;
    struct sg_userns *userns;
    int box_program;      /* sandgate-box, opened: its path may not be reachable from inside U */
    int template_library; /* sandgate-template.so, opened; -1: no templates */
};

extern const struct sg_engine_ops sg_native_ops;

/* Compiles the profiles of all runtimes, looks up facts. NULL with err. */
struct sg_native *sg_native_new(struct sg_loop *loop, const struct sg_config *cfg,
                                struct sg_runtimes *runtimes, const struct sg_native_setup *setup,
                                struct sg_error *err);
void sg_native_free(struct sg_native *n);

/* Trial run of every runtime: finds version and packages, tells the server; then done(arg,
 * all_passed). */
void sg_native_trials(struct sg_native *n, struct sg_server *s,
                      void (*done)(void *arg, bool all_passed), void *arg);

#endif
