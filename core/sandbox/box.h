/*
 * box.h: one box from the inside: what sandgate-box tells the executor, and the parts of it.
 *
 * Theory of operation
 *
 *   executor           holds plans, pipes, cgroup; starts launchers by vfork and exec
 *     |- launcher      sandgate-box as started; waits for its parcel of descriptors
 *     |- keeper        of a cell: makes one box after the other
 *     `- pid 1         of one box; makes the place, waits for an order
 *         `- program   process 2: pid 1's fork, or the clone of a template
 *
 * A cell is what of a box no program can change, and is dear to make: user, network and UTS
 * namespace, and a mount namespace with the read-only part of the root. The launcher clones its
 * keeper as its sibling (CLONE_PARENT), writes the id maps, tells the pid and ends. For each parcel
 * the keeper clones a pid 1, again as its sibling, into fresh pid, IPC and mount namespaces and the
 * box's cgroup. Pid 1 mounts what is the box's own (/tmp with /work, /dev/shm, /proc), takes a
 * cgroup namespace, tells READY and waits: until its order comes the box is nobody's, and can have
 * been made long before. The program is a fork that executes the interpreter (cold, ahead), or a
 * clone of a template that joins the box (warm: template.h).
 *
 * A cell has one box at a time, and another one only after all of the last has gone, and only if
 * nothing was executed in that: a clone has no call that leaves a trace in the namespaces that
 * stay, as the counters of its sockets would be (native_cell.c).
 *
 * The launcher, the keeper, pid 1 and the program's process before its exec are this program;
 * foreign code exists only after the one execve. They have descriptor 3, a SEQPACKET socket to the
 * executor (launcher and keeper share one, pid 1 and the program's process another): each packet to
 * it is one struct sg_box_event, each packet from it a parcel or one struct sg_box_order. It is
 * close-on-exec, so the program never has it. Pid 1 dies with the executor (PR_SET_PDEATHSIG, and
 * end of file on descriptor 3), and everything in the box dies with pid 1 (pid_namespaces(7)).
 *
 * Ids: with two, pid 1 is uid 0 of the box and the program uid 1000, and both are host ids that no
 * other box has. With one, both are uid 1000, which is the executor's own host id.
 *
 * The execve: the program's first filter turns execve and execveat into a user notification whose
 * listener pid 1 holds; the second is the profile. At the notification the process stands still
 * with everything in force: pid 1 reads that back from /proc, reports STARTED, lets exactly this
 * call continue and closes the listener, after which the kernel answers every further one with
 * ENOSYS (seccomp_unotify(2)). Where the plan says that a program may execute (a shell, a compiler)
 * only this first one is a notification: the filter tells it from later ones by words in registers
 * that execve does not use. A compiled program (product.h) is executed by its descriptor: execveat.
 *
 * Traced: the answer shall tell which calls were refused. A process can have one listener, so
 * profile and listener are one filter then, which pid 1 takes out of the standing process
 * (pidfd_getfd(2): after that filter nothing is sure to be allowed that could send it), and keeps:
 * trace.h. The first execve is stopped, looked at and continued as ever. It is the only call that
 * is ever continued.
 *
 * Ahead: the program's process is started before there is a program. Its file is a FIFO, so the
 * interpreter stops where it opens it; at GO pid 1 puts the real file in the FIFO's place and
 * passes the same bytes through the FIFO.
 */
#ifndef SG_SANDBOX_BOX_H
#define SG_SANDBOX_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/model/outcome.h"
#include "core/sandbox/plan.h"
#include "core/sandbox/steps.h"

enum sg_box_event_kind {
    SG_BOX_FAILED = 1,
    SG_BOX_PID,     /* of pid 1; on a cell's socket: of its keeper */
    SG_BOX_READY,   /* the place is made, and with it comes its working directory (O_RDONLY); a
                       template: it waits for boxes to join */
    SG_BOX_STARTED, /* the program is about to be executed */
    SG_BOX_WAITING, /* a program waits for GO: from pid 1 of one that was started ahead; from a
                       clone that has joined the box and given up everything, with the listener of
                       its exit_group */
    SG_BOX_EXITED,
    SG_BOX_WATCH, /* a template, before READY: text is a directory that it depends on */
};

struct sg_box_event {
    uint32_t kind;  /* enum sg_box_event_kind */
    uint32_t step;  /* FAILED: enum sg_step */
    int32_t errnum; /* FAILED: errno, or 0 */
    int32_t pid;    /* PID: in the executor's pid namespace */
    int32_t status; /* EXITED: wait status of the program */
    uint32_t
        alone; /* EXITED: nobody but pid 1 is left in the box, all figures are final; WAITING: of a
                  clone, exit_group stands still once it has been received (WAIT_KILLABLE_RECV) */
    uint32_t product; /* EXITED: enum sg_product, where the plan's program makes one */
    int64_t at_us;    /* STARTED, EXITED: CLOCK_MONOTONIC */
    uint64_t cpu_user_us, cpu_system_us; /* EXITED: of the program and the children it waited for */
    struct sg_isolation isolation;       /* STARTED: cgroup layers are the executor's to add;
                                            WAITING: Landlock's ABI only */
    char text[160];                      /* FAILED: what exactly */
};

/* Sends FAILED and ends the calling process. errnum 0: no errno belongs to it. */
void __attribute__((noreturn, format(printf, 3, 4)))
sg_box_fail(enum sg_step step, int errnum, const char *fmt, ...);
/* Sends an event; ends the process when the executor is gone. */
void sg_box_tell(const struct sg_box_event *event);
/* In the lab build: fails here when the control file says so. Nothing in production. */
void sg_box_step(const struct sg_lab *lab, enum sg_step step);

/* What the executor orders, and the descriptors that come with it, in this order. */
enum sg_box_order_kind {
    SG_BOX_ORDER_RUN = 1,  /* struct sg_program_plan, stdin, stdout, stderr, payload; of a traced
                              program, as with PRODUCT, and struct sg_denied to be shared */
    SG_BOX_ORDER_AHEAD,    /* struct sg_program_plan, nothing for stdin, stdout, stderr */
    SG_BOX_ORDER_WATCH,    /* none: process 2 is the clone of a template */
    SG_BOX_ORDER_GO,       /* payload, stdin: to pid 1 after AHEAD, to a clone that waits */
    SG_BOX_ORDER_TEMPLATE, /* as RUN, and the library and struct sg_template_plan: to a launcher */
    SG_BOX_ORDER_JOIN,     /* to a template: enum sg_join_fd */
    SG_BOX_ORDER_PRODUCT,  /* as RUN, and a memfd: what is executed, or where what is made goes */
    SG_BOX_ORDER_COUNT
};
struct sg_box_order {
    uint32_t kind;         /* enum sg_box_order_kind */
    uint32_t merge_stderr; /* GO to a clone: stderr goes where stdout goes */
    uint32_t hurry;        /* JOIN: somebody waits for the clone, or for the cores: no rehearsal */
    /* GO to pid 1: the run's limits, where they are lower than those that the program was started
     * with */
    uint32_t nlower;
    struct sg_plan_rlimit lower[3];
};
enum { SG_RUN_FD_PLAN, SG_RUN_FD_STDIN, SG_RUN_FD_PAYLOAD = SG_RUN_FD_STDIN + 3, SG_RUN_FDS };
enum { SG_PRODUCT_FD_PRODUCT = SG_RUN_FDS, SG_PRODUCT_FDS };
enum { SG_GO_FD_PAYLOAD, SG_GO_FD_STDIN, SG_GO_FDS };
enum { SG_TEMPLATE_FD_LIBRARY = SG_RUN_FDS, SG_TEMPLATE_FD_PLAN, SG_TEMPLATE_FDS };

/* Waits for an order; end of file ends the process. Descriptors with close-on-exec. */
void sg_box_receive(int sock, struct sg_box_order *ret, int *fds, size_t *nfds);
/* The same, but the order stays in the socket until it is taken: whoever ends before leaves it
 * unread, which the executor is told (ECONNRESET; unix(7)). */
void sg_box_look(int sock, struct sg_box_order *ret, int *fds, size_t *nfds);
void sg_box_take(int sock);

/* Command and environment of the program, complete. */
struct sg_box_command {
    char **argv, **envp; /* owned by the process for its life */
    int product;         /* borrowed: what is executed, where the plan says that it is a product */
};

/* A new, empty file without a name for the program's stdin: who reads it, from its start; and
   *ret_writer, who fills it. Both the caller's to close. place is a name that is free, where
   nothing of the program runs meanwhile, on a mount that is noexec. -errno. */
int sg_box_input_open(const char *place, int *ret_writer);
/* The same in a box's /tmp, owned by the program when own is set. Fails the box on any error
   (step STDIO). */
int sg_box_input_make(const struct sg_program_plan *plan, bool own, int *ret_writer);
/* Copies what the memfd `from` has. Fails the box likewise. */
void sg_box_input_fill(int writer, int from);

/* Writes the payload's files into the working directory (which must be the current one), owned by
   the program when own is set, and makes the command. Fails the box on any error (step FILES). */
void sg_box_files(const struct sg_program_plan *plan, int payload, bool own,
                  struct sg_box_command *ret);
void sg_box_command_done(struct sg_box_command *command);
/* The command of a program that was started ahead: the runtime's own entry, nothing of a request.
 */
void sg_box_command_ahead(const struct sg_program_plan *plan, struct sg_box_command *ret);

/* Maps a plan that came with an order; the descriptor stays the caller's. Fails the box otherwise.
 */
const struct sg_program_plan *sg_box_map_program(int fd);
/* Takes the caller into the cgroup where its creation has not (v1). fds: as at SG_CELL_FD_CGROUP */
void sg_box_join_cgroup(const struct sg_plan *plan, const int *fds);
/* The same for one whose creation never does: a template is a launcher, which was started before
   there was a cgroup for it. */
void sg_box_move_to_cgroup(const struct sg_plan *plan, const int *fds);
/* Becomes pid 1's ids. */
void sg_box_take_ids(const struct sg_plan *plan);
/* Ends with the executor. */
void sg_box_die_with_executor(const struct sg_plan *plan);
/* The launcher becomes a template's process (template.h): never returns. */
void __attribute__((noreturn)) sg_box_template(const struct sg_plan *plan);

/* The keeper of a cell: never returns. go: a byte means that its ids are mapped. */
void __attribute__((noreturn)) sg_box_cell(const struct sg_plan *plan, int go);
/* Pid 1: never returns. fds: as enum sg_cell_fd, the first already in its place. */
void __attribute__((noreturn)) sg_box_init(const struct sg_plan *plan, const int *fds, size_t nfds);

/* From a new process to one that has given up everything but what its filter is to take: session,
   streams (those that are not negative), working directory, bounding set, ids, limits,
   capabilities, no_new_privs, Landlock. Returns Landlock's ABI in force. Fails the box otherwise.
 */
int sg_box_confine(const struct sg_program_plan *plan, const int streams[3]);

/* Of that, what a template gives up itself: all capabilities, and new ones. */
void sg_box_drop_capabilities(const struct sg_program_plan *plan);

/* The program's process: never returns. channel: to pid 1; host_proc: directory of the executor's
 * /proc. */
void __attribute__((noreturn))
sg_box_program(const struct sg_program_plan *plan, const int streams[3],
               const struct sg_box_command *command, int channel, int host_proc);
/* What the program's process tells pid 1 before it executes, with descriptors: its /proc directory,
   and the listener unless the lab has switched that off. */
struct sg_box_handover {
    int32_t landlock_abi; /* of the domain it entered; 0: none */
};
/* What it tells then, where it is traced: the number that the listener has in it. */
struct sg_box_listener {
    int32_t fd;
};
/* Loads a filter with a listener; returns that, or -1 with errno. A call that has been received
   waits for its answer whatever signals come, where the kernel can do that (Linux 5.19);
   ret_killable (may be NULL): it can. */
struct sock_fprog;
int sg_box_load_listener(const struct sock_fprog *prog, bool *ret_killable);

/* Applies the plan's rows of the cell to an empty root that becomes "/", read-only, for all
   processes of the mount namespace. Fails the box on any error. */
void sg_box_mounts_cell(const struct sg_plan *plan);
/* The rows of one box, in a copy of that; the current directory must be "/". */
void sg_box_mounts(const struct sg_plan *plan);

/* Enters a Landlock domain for the plan's access rows; returns the ABI in force, 0 where the kernel
   has none and the plan does not require it. Fails the box otherwise. landlock(7) */
int sg_box_landlock(const struct sg_program_plan *plan);

/* A program that was started ahead (box_ahead.c): makes the FIFO that stands for its file, in the
   current directory; waits until its interpreter stands there and until GO; lays the run out.
   input: where its stdin is filled; children: readable when a child has ended. Returns when the
   program goes, or has ended. */
void sg_box_ahead_begin(const struct sg_program_plan *plan);
void sg_box_ahead_go(const struct sg_program_plan *plan, pid_t program, int input, int children);

/* Waits for the program's one execve, attests, reports STARTED and lets it continue. Returns the
   listener of a traced program, which is the caller's to answer and close; else -1. */
int sg_box_start(const struct sg_plan *plan, const struct sg_program_plan *program, pid_t pid,
                 int channel);

/* A notification and its answer: the kernel's structures may be longer than our header's, and what
   it does not know must be zero. */
#define SG_BOX_NOTIFICATION_MAX 512
struct sg_box_notification {
    _Alignas(8) unsigned char req[SG_BOX_NOTIFICATION_MAX], resp[SG_BOX_NOTIFICATION_MAX];
};

/* The refused calls of a traced program, and of all its threads and children (box_trace.c). */
struct sg_box_trace {
    const struct sg_program_plan *plan;
    int listener;             /* owned; -1: it is not traced */
    struct sg_denied *denied; /* owned for the life of the process; shared with the executor */
};
/* Shares the counters; the descriptor stays the caller's. Fails the box on any error. */
void sg_box_trace_open(struct sg_box_trace *t, const struct sg_program_plan *plan, int counters);
/* Answers one call, which poll(2) has told of. Ends the process when it no more can. */
void sg_box_trace_answer(struct sg_box_trace *t);

#endif
