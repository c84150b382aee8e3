/*
 * box.h: one box from the inside: what sandgate-box tells the executor, and the parts it is made
 * of.
 *
 * Theory of operation
 *
 *   executor            holds the plan, pipes, cgroup; starts launchers ahead by vfork and exec
 *     |- launcher       sandgate-box as started: in a network namespace of its own, waits for its
 * parcel of |                 descriptors, clones pid 1 as its sibling (CLONE_PARENT), writes the
 * id maps, tells the pid, ends
 *     `- pid 1          of fresh user, mount, pid, ipc, uts and cgroup namespaces; builds
 * the root, lays |             out the files, forks the program, lets it execute once, reaps,
 * reports, ends
 *         `- program    gives up everything, loads the filters, executes the interpreter
 *
 * The launcher, pid 1 and the program's process before its exec are this program; foreign code
 * exists only after the one execve. They share descriptor 3, a SEQPACKET socket to the executor:
 * each packet is one struct sg_box_event. It is close-on-exec, so the program never has it. Pid 1
 * dies with the executor (PR_SET_PDEATHSIG, and end of file on descriptor 3), and everything in the
 * box dies with pid 1 (pid_namespaces(7)).
 *
 * Ids: with two, pid 1 is uid 0 of the box and the program uid 1000, and both are host ids that no
 * other box has. With one, both are uid 1000, which is the executor's own host id.
 *
 * The execve: the program's first filter turns execve and execveat into a user notification whose
 * listener pid 1 holds; the second is the profile. At the notification the process stands still
 * with everything in force: pid 1 reads that back from /proc, reports STARTED, lets exactly this
 * call continue and closes the listener, after which the kernel answers every further one with
 * ENOSYS (seccomp_unotify(2)).
 */
#ifndef SG_SANDBOX_BOX_H
#define SG_SANDBOX_BOX_H

#include <stdint.h>
#include <sys/types.h>

#include "core/model/outcome.h"
#include "core/sandbox/plan.h"
#include "core/sandbox/steps.h"

enum sg_box_event_kind { SG_BOX_FAILED = 1, SG_BOX_PID, SG_BOX_STARTED, SG_BOX_EXITED };

struct sg_box_event {
    uint32_t kind;  /* enum sg_box_event_kind */
    uint32_t step;  /* FAILED: enum sg_step */
    int32_t errnum; /* FAILED: errno, or 0 */
    int32_t pid;    /* PID: of pid 1, in the executor's pid namespace */
    int32_t status; /* EXITED: wait status of the program */
    uint32_t alone; /* EXITED: nobody but pid 1 is left in the box, all figures are final */
    int64_t at_us;  /* STARTED, EXITED: CLOCK_MONOTONIC */
    uint64_t cpu_user_us, cpu_system_us; /* EXITED: of the program and the children it waited for */
    struct sg_isolation isolation;       /* STARTED: cgroup layers are the executor's to add */
    char text[160];                      /* FAILED: what exactly */
};

/* Sends FAILED and ends the calling process. errnum 0: no errno belongs to it. */
void __attribute__((noreturn, format(printf, 3, 4)))
sg_box_fail(enum sg_step step, int errnum, const char *fmt, ...);
/* Sends an event; ends the process when the executor is gone. */
void sg_box_tell(const struct sg_box_event *event);
/* In the lab build: fails here when the control file says so. Nothing in production. */
void sg_box_step(const struct sg_plan *plan, enum sg_step step);

/* Command and environment of the program, complete. */
struct sg_box_command {
    char **argv, **envp; /* owned by the process for its life */
};

/* Reads descriptor SG_BOX_FD_PAYLOAD: writes the files into the working directory (which must be
   the current one) and makes the command. Fails the box on any error (step FILES). */
void sg_box_files(const struct sg_plan *plan, struct sg_box_command *ret);

/* Pid 1: never returns. go: end of file means that the launcher has done its part. */
void __attribute__((noreturn)) sg_box_init(const struct sg_plan *plan, int go);

/* The program's process: never returns. channel: to pid 1; host_proc: directory of the executor's
 * /proc. */
void __attribute__((noreturn))
sg_box_program(const struct sg_plan *plan, const struct sg_box_command *command, int channel,
               int host_proc);
/* What the program's process tells pid 1 before it executes, with descriptors: its /proc directory,
   and the listener unless the lab has switched that off. */
struct sg_box_handover {
    int32_t landlock_abi; /* of the domain it entered; 0: none */
};

/* Applies the plan's mounts to an empty root that becomes "/", read-only. Fails the box on any
 * error. */
void sg_box_mounts(const struct sg_plan *plan);

/* Enters a Landlock domain for the plan's access rows; returns the ABI in force, 0 where the kernel
   has none and the plan does not require it. Fails the box otherwise. landlock(7) */
int sg_box_landlock(const struct sg_plan *plan);

/* Waits for the program's one execve, attests, reports STARTED and lets it continue. */
void sg_box_start(const struct sg_plan *plan, pid_t program, int channel);

#endif
