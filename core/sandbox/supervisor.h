/*
 * supervisor.h: sandgate-native's small parent: holds the socket and the host's privileges, and
 * restarts the working child.
 *
 *   supervisor   listens, accepts, checks who connects (SO_PEERCRED, which tells host ids only
 * outside of U), passes each connection to the child over a socketpair (SCM_RIGHTS); writes the id
 * maps of U
 *     `- child   in the outer user namespace U: the event loop, boxes
 *
 *
 * Started by systemd (or what speaks sd_notify(3)), the supervisor says when the first trial runs
 * have ended (READY), how they went (STATUS), that it stops (STOPPING), and, as long as the child's
 * event loop answers, that all is well (WATCHDOG).
 *
 * The child dies with the supervisor (PR_SET_PDEATHSIG), the boxes die with the child. What a
 * killed child left in the cgroups is swept by the next one. At its end the supervisor has reaped
 * all of them (PR_SET_CHILD_SUBREAPER): nothing is left to init.
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

/* Besides connections ("c" and a descriptor), supervisor and child send each other these bytes. */
enum sg_work_word {
    SG_WORK_ASK = 'a',       /* to the child, which answers SG_WORK_ALIVE */
    SG_WORK_ALIVE = 'w',     /* from the child, as are the next ones */
    SG_WORK_READY = 'r',     /* all trial runs have passed */
    SG_WORK_NOT_READY = 'n', /* one has failed; they are repeated */
};

/* Runs the service until SIGTERM, SIGINT or SIGHUP, or, with embedded_sock >= 0, one private
   executor until that connection is closed. Returns the process's exit status. Takes the socket
   over. */
int sg_supervise(const struct sg_config *cfg, struct sg_runtimes *runtimes,
                 const struct sg_programs *programs, int embedded_sock);

/* The working child: never returns. channel: to the supervisor; embedded_sock: as above or -1. */
struct sg_native_setup;
void __attribute__((noreturn))
sg_native_work(const struct sg_config *cfg, struct sg_runtimes *runtimes,
               const struct sg_native_setup *setup, int channel, int embedded_sock);

#endif
