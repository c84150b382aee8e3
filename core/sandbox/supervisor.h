/*
 * supervisor.h: sandgate-native's small parent: holds the socket and the host's privileges, and
 * restarts the working child.
 *
 *   supervisor   listens, accepts, checks who connects (SO_PEERCRED, which tells host ids only
 * outside of U), passes each connection to the child over a socketpair (SCM_RIGHTS); writes the id
 * maps of U
 *     `- child   in the outer user namespace U: the event loop, boxes
 *
 * The child dies with the supervisor (PR_SET_PDEATHSIG), the boxes die with the child. What a
 * killed child left in the cgroups is swept by the next one.
 */
#ifndef SG_SANDBOX_SUPERVISOR_H
#define SG_SANDBOX_SUPERVISOR_H

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/runtimes.h"

/* What boxes and templates are made with, opened before the user namespace: owned by the caller. */
struct sg_programs {
    int box;     /* sandgate-box */
    int library; /* sandgate-template.so; -1: no templates */
};

/* Runs the service until SIGTERM or SIGINT, or, with embedded_sock >= 0, one private executor until
   that connection is closed. Returns the process's exit status. Takes the socket over. */
int sg_supervise(const struct sg_config *cfg, struct sg_runtimes *runtimes,
                 const struct sg_programs *programs, int embedded_sock);

/* The working child: never returns. channel: to the supervisor; embedded_sock: as above or -1. */
struct sg_native_setup;
void __attribute__((noreturn))
sg_native_work(const struct sg_config *cfg, struct sg_runtimes *runtimes,
               const struct sg_native_setup *setup, int channel, int embedded_sock);

#endif
