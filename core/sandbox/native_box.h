/*
 * native_box.h: one live box, from outside. Private to the native engine.
 *
 * native.c           the engine: boxes, reaping, trial runs
 * native_cell.c      what is kept from one box to the next
 * native_start.c     making a box: cgroup, cell; ordering a cold start
 * native_pool.c      boxes, and clones in them, that wait for a run
 * native_gauges.c    what each box is doing
 * native_template.c  templates: started, watched, replaced
 * native_ahead.c     an interpreter that waits in a box for its program
 * native_warm.c      a template's clone in a box: joining, what is in force, GO, its end
 * native_event.c     what a box says, and whether it can be true
 * native_run.c       a box that runs: events, streams, deadlines
 * native_files.c     the files that it leaves
 * native_end.c       the verdict: why it ended, the figures, clearing away
 */
#ifndef SG_SANDBOX_NATIVE_BOX_H
#define SG_SANDBOX_NATIVE_BOX_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/exec/capture.h"
#include "core/exec/server.h"
#include "core/exec/trials.h"
#include "core/sandbox/box.h"
#include "core/sandbox/collect.h"
#include "core/sandbox/launcher.h"
#include "core/sandbox/native.h"

#include "core/sandbox/profile.h"

struct sg_native_box;
struct sg_shelf;

/* A directory or file that a template depends on, as it was when the template started. */
struct sg_stamp {
    char *path; /* owned */
    uint64_t inode, mtime_ns;
};

/* One process of template.h. */
struct sg_template {
    struct sg_shelf *shelf;
    struct sg_template *next; /* of all there are */
    pid_t pid;                /* 0: reaped */
    int sock, err;            /* owned: orders and events; what it writes to stderr */
    struct sg_watch sock_watch, err_watch;
    struct sg_capture said;
    struct sg_cgroup cgroup;
    struct sg_timer deadline;    /* of its start */
    bool ready, retired, buried; /* buried: reaped, but its cgroup is not empty yet */
    int64_t born_ms;
    uint64_t begun_ns; /* CLOCK_REALTIME, as files count */
    uint64_t clones;
    struct sg_stamp *stamps; /* owned */
    size_t nstamps;
    char reason[256];
};

/* Programs that are started before they are needed, of one kind. */
struct sg_shelf {
    struct sg_native *native;
    size_t runtime;      /* index in the runtimes */
    const char *imports; /* borrowed: of its template; NULL: single-use processes (ahead) */
    size_t index;        /* of the template in its runtime */
    struct sg_program_plan *plan; /* owned: what every program of it is confined by */
    struct sg_template *current, *successor;
    struct sg_timer retry;
    int retry_ms;
    unsigned target; /* as many shall wait */
    int64_t missed_ms;
    uint64_t clones;
    unsigned failures; /* of its programs, before they waited, in a row */
    int64_t pause_ms;  /* one has failed; no other before then */
    char reason[256];  /* why there is no template; "" */
};

/* What a cell keeps for its boxes: joined by clones. */
enum sg_cell_ns { SG_CELL_NS_USER, SG_CELL_NS_UTS, SG_CELL_NS_NET, SG_CELL_NS_COUNT };

/* See box.h: the namespaces of a box that no program can change, and who makes boxes in them. */
struct sg_cell {
    struct sg_native *native;
    struct sg_cell *next;      /* of all there are */
    struct sg_native_box *box; /* that is in it; NULL: idle */
    int ids;                   /* index of the pair */
    pid_t launcher, keeper;    /* 0: not there, or reaped */
    int control;               /* owned; our end */
    struct sg_watch watch;
    struct sg_cgroup cgroup;  /* of the last box, for the next one; no name: there is none */
    int ns[SG_CELL_NS_COUNT]; /* owned; -1: not asked for yet */
    int net_dev, sockstat;    /* owned: counters of the network namespace */
    unsigned boxes;           /* so far */
    bool spoiled;             /* for no other box */
};

struct sg_native {
    struct sg_loop *loop;                                /* borrowed */
    const struct sg_config *cfg;                         /* borrowed */
    struct sg_runtimes *runtimes;                        /* borrowed */
    const struct sg_native_setup *setup;                 /* borrowed */
    struct sg_server *server;                            /* borrowed; NULL before the trial runs */
    struct sg_profile profiles[SG_RUNTIMES_MAX];         /* of the runtime with the same index */
    struct sg_profile compile_profiles[SG_RUNTIMES_MAX]; /* the same of its compile stage */
    struct sg_plan_facts facts;
    struct sg_box_ids ids;
    struct sg_launchers launchers;
    struct sg_timer refill, watch;
    int64_t last_run_us, pace_us; /* of runs: moving average of the time between two */
    uint64_t serial;
    int child_signal; /* owned: signalfd of SIGCHLD */
    struct sg_watch child_watch;
    struct sg_native_box *boxes;   /* list */
    struct sg_cell *cells;         /* list */
    uint64_t sources;              /* of what the cells there are are made of */
    struct sg_template *templates; /* list */
    struct sg_shelf *shelves;      /* owned */
    size_t nshelves;
    unsigned target; /* prepared boxes without a program */
    int64_t missed_ms, pause_ms;
    struct sg_trials *trials; /* owned */
    void (*trials_done)(void *arg, bool all_passed);
    void *trials_arg;
};

enum sg_box_state {
    SG_BOX_STATE_MAKING,   /* the launcher, then pid 1, are at work */
    SG_BOX_STATE_PREPARED, /* pid 1 waits for an order */
    SG_BOX_STATE_JOINING,  /* a template clones itself into it, or an interpreter starts ahead */
    SG_BOX_STATE_WAITING,  /* a program waits for GO */
    SG_BOX_STATE_STARTED,  /* the program is a run's; or has been ordered to start */
};

/* Counters at the moment when the program was told to go: what was before is not the run's. */
struct sg_baseline {
    uint64_t cpu_us, cpu_user_us, cpu_system_us, throttled, pids_hits, memory_hits;
};

struct sg_native_box {
    struct sg_native *native;
    struct sg_native_box *next;
    struct sg_run *run;     /* NULL: nobody's yet */
    struct sg_shelf *shelf; /* whose program is in it, or shall be; NULL: none */
    enum sg_box_state state;
    enum sg_start start;
    struct sg_limits limits; /* that its cgroup has */
    struct sg_lab lab;
    uint64_t serial;
    struct sg_cell *cell; /* its while it exists */
    struct sg_cgroup cgroup;
    pid_t init;                    /* 0: not there, or reaped */
    pid_t program;                 /* of a clone, in our pid namespace */
    int program_pidfd;             /* owned: of it */
    uint64_t ns[SG_PLAN_NS_COUNT]; /* inodes of pid 1's namespaces, order of sg_plan_ns */
    bool exit_stands_still;        /* a clone that calls exit_group does nothing else any more */
    bool renewed; /* its cgroup was another box's: what has been counted is more than 0 */
    bool unmade;  /* there is no pid 1, and nobody who could make it */
    bool init_ended, init_known, ready; /* ready: pid 1 has told so */
    int init_pidfd;                     /* owned */
    int control, out, err;              /* owned; our ends */
    int workdir; /* owned: from before there was a program; -1: not told yet, or taken */
    struct sg_collect *collect; /* owned: what takes files out of it; NULL: not begun, or done */
    bool collected;
    int64_t ended_us; /* when nobody was left */
    int clone, exit;  /* owned: a clone's channel, the listener of its exit_group */
    int denied;       /* owned: struct sg_denied of a traced run, written by pid 1; -1: none */
    struct sg_watch control_watch, out_watch, err_watch, clone_watch, exit_watch;
    struct sg_capture out_kept, err_kept;
    struct sg_timer deadline, cpu_timer, teardown, listen, portion;
    struct sg_baseline base;
    uint64_t held_bytes; /* memory that it takes while it waits */
    int64_t begun_us;
    struct sg_box_event started, exited; /* kind 0: not seen */
    struct sg_error failure;             /* of a set-up step */
    enum sg_refusal refusal;
    bool killed; /* by us, for: */
    enum sg_reason reason;
    bool concluded;
    bool held; /* the program is not read: nobody takes its output */
    int teardown_tries;
};

/* native_cell.c */
/* One that is idle, or a new one. NULL with err and the step that failed. */
struct sg_cell *sg_cell_get(struct sg_native *n, const struct sg_lab *lab, enum sg_step *ret_step,
                            struct sg_error *err);
/* Has the keeper make a box; fds as enum sg_cell_fd, which stay the caller's. 0 or -errno. Whatever
   comes of it, the cell is the box's until sg_cell_put(). */
int sg_cell_make(struct sg_cell *c, struct sg_native_box *b, const int *fds, size_t nfds);
/* Has its network namespace sockets that outlive their box? So do those that lie in a socket of
   their own, until the kernel collects that garbage. Nobody else may find them. */
bool sg_cell_has_sockets(const struct sg_cell *c);
/* Removes a cgroup that was kept: nobody is in it, who was has been reaped. */
void sg_cell_remove_cgroup(const struct sg_cgroups *all, struct sg_cgroup *g);
/* Would it be kept, if its box had gone? */
bool sg_cell_is_kept(const struct sg_cell *c);
/* The box has gone, with all that was in it. Kept for another one, unless it is spoiled. */
void sg_cell_put(struct sg_cell *c);
/* Ends what is to make its box. */
void sg_cell_kill(struct sg_cell *c);
/* All that are idle end, and the others when their boxes do. */
void sg_cells_discard(struct sg_native *n);
/* Has something of the host that their roots are made of been replaced since the last question? */
bool sg_cells_stale(struct sg_native *n);
/* How many more boxes there is a pair of ids for; UINT32_MAX: no matter. */
uint32_t sg_cells_left(const struct sg_native *n);
/* A child has been reaped: was it one of theirs? */
bool sg_cell_reaped(struct sg_native *n, const siginfo_t *child);
void sg_cells_done(struct sg_native *n);
/* Borrowed descriptors, by a pid that is in the box just now; or -errno. */
int sg_cell_ns(struct sg_cell *c, enum sg_cell_ns which, pid_t pid);
int sg_cell_net_dev(struct sg_cell *c, pid_t pid);
/* Opens what is asked of the network namespace later, when nobody may be left in it. */
void sg_cell_open_counters(struct sg_cell *c, pid_t pid);
/* native_start.c */
/* Makes the place; on failure the box has nothing that would have to be waited for. */
int sg_native_box_make(struct sg_native_box *b, struct sg_error *err);
/* Other limits for a box that is there. */
int sg_native_box_limit(struct sg_native_box *b, const struct sg_limits *limits,
                        struct sg_error *err);
/* Has pid 1 start the run's program. On failure the box exists and must be ended. */
int sg_native_box_run_cold(struct sg_native_box *b, struct sg_error *err);
/* New pipes: our ends in the box, the program's in ends (owned by the caller, on failure too). */
int sg_native_box_streams(struct sg_native_box *b, bool merge, int ends[2], struct sg_error *err);
int sg_native_box_order(struct sg_native_box *b, const struct sg_box_order *order, const int *fds,
                        size_t nfds, struct sg_error *err);
/* The plan of a box with that pair of ids, as pid 1 has it. 0 or a negative code. */
int sg_native_plan(const struct sg_native *n, int ids, const struct sg_lab *lab,
                   struct sg_plan *ret, struct sg_error *err);
/* native_run.c */
int sg_native_box_watch(struct sg_native_box *b);
int sg_native_box_watch_streams(struct sg_native_box *b);
/* The same in a moment: a short run is not to share the cores with us reading line by line; at its
   end all that lies in the pipes is read. */
void sg_native_box_watch_streams_soon(struct sg_native_box *b);
void sg_native_box_kill(struct sg_native_box *b, enum sg_reason reason);
/* Until its program has started, a box ends when that takes too long. */
void sg_native_box_set_up_deadline(struct sg_native_box *b);
/* A step failed on our side: the box ends, and its run is answered with that. */
void sg_native_box_fail(struct sg_native_box *b, const struct sg_error *err);
void sg_native_box_failed(struct sg_native_box *b, const struct sg_box_event *e);
/* Nobody is there who could make the box, or sandgate-box could not be executed. */
void sg_native_box_unmade(struct sg_native_box *b);
void sg_native_box_not_launched(struct sg_native_box *b);
/* The program goes: deadlines run from now. */
void sg_native_box_started(struct sg_native_box *b);
/* Pid 1 has ended; concludes the box. */
void sg_native_box_reaped(struct sg_native_box *b);
void sg_native_box_settle(struct sg_native_box *b);
/* native_ahead.c */
/* Has pid 1 start the shelf's interpreter, which then waits for its program. On failure the box
 * must be ended. */
int sg_ahead_start(struct sg_native_box *b, struct sg_error *err);
void sg_ahead_waits(struct sg_native_box *b);
int sg_ahead_go(struct sg_native_box *b, struct sg_error *err);
/* native_warm.c */
/* Remembers what the box has used so far, for a program that waits in it. */
void sg_warm_baseline(struct sg_native_box *b);
/* What RLIMITs of the run are lower than those of a program that waits; returns how many. */
size_t sg_warm_lower(const struct sg_native_box *b, struct sg_plan_rlimit rows[3]);
/* Has the shelf's template clone itself into a prepared box. 0, or a negative code: nothing has
   been ordered but that pid 1 watches; the box must be ended. */
int sg_warm_join(struct sg_native_box *b, struct sg_error *err);
/* Takes what a clone has said. Nobody is woken by that once it has been told to go: it is looked
 * for at the end. ended: it has; a run that it has not taken starts anew. */
void sg_warm_hear(struct sg_native_box *b, bool ended);
/* Gives the run to a program that waits. As above. */
int sg_warm_go(struct sg_native_box *b, struct sg_error *err);
/* native_pool.c */
int sg_pool_init(struct sg_native *n, struct sg_error *err);
void sg_pool_done(struct sg_native *n);
/* Begins to keep programs waiting: the trial runs are over. */
void sg_pool_open(struct sg_native *n);
/* A run begins. */
void sg_pool_note_run(struct sg_native *n);
/* Do runs take all cores, or follow each other closely? Then a clone is wanted at once. */
bool sg_pool_is_busy(const struct sg_native *n);
/* The shelf that serves a run; NULL: none, it starts cold. */
struct sg_shelf *sg_pool_shelf(struct sg_native *n, const struct sg_run *run);
/* A box with a program of that shelf that waits; NULL: none. */
struct sg_native_box *sg_pool_take_waiting(struct sg_shelf *shelf);
/* A prepared box; NULL: none. */
struct sg_native_box *sg_pool_take_prepared(struct sg_native *n);
/* Makes one more of what shall wait. True when it did, or when there is more to do. */
bool sg_pool_refill(struct sg_native *n);
/* The box's place is made: into the pool, or on with what it is for. */
void sg_pool_prepared(struct sg_native_box *b);
/* A box that waited, or was being made, has ended without a run. */
void sg_pool_lost(struct sg_native_box *b);
/* What the server tells of the shelves of a runtime. */
void sg_pool_report(struct sg_native *n, size_t runtime);
/* native_gauges.c */
void sg_native_count_boxes(void *engine, uint64_t ret[SG_BOX_USE_COUNT]);
/* native_template.c */
/* Starts a successor of the shelf's template, if none is starting. */
void sg_template_start(struct sg_shelf *shelf);
/* It cannot be had, or its clones cannot: runs start cold, and it is tried again later. */
void sg_template_lost(struct sg_template *t, const char *why);
/* Ends one; with_clones: and what waits of its shelf. */
void sg_template_retire(struct sg_template *t, bool with_clones);
bool sg_template_reaped(struct sg_native *n, pid_t pid);
/* Frees those that could not be cleared away before. */
void sg_template_sweep(struct sg_native *n);
/* Has something on disk changed since it started? */
bool sg_template_stale(const struct sg_template *t);
/* native_files.c */
/* The box's last process has ended, or stands still: takes the files that its run gives back. True
   when that is done, or nothing is to be done; else it settles the box again later. */
bool sg_native_files(struct sg_native_box *b);
/* native_end.c: answers; when all its processes have been reaped, clears away and frees the box. */
void sg_native_box_conclude(struct sg_native_box *b);
void sg_native_box_clear(struct sg_native_box *b);
/* native_event.c */
/* The next event on a control socket: 1 and *ret; 0: the other end has gone, or did not send one;
   -EAGAIN: there is none now. *ret_fd: the descriptor that came with it (the caller's), or -1;
   NULL: none is wanted. */
int sg_native_event(int control, struct sg_box_event *ret, int *ret_fd);
/* Pid 1 is ours, but lives where foreign code does: who takes it over says what he likes, and is
   believed what a box in this state can say. What is used as an index is within its bounds then. */
bool sg_native_event_fits(const struct sg_native_box *b, const struct sg_box_event *e);
/* The same of a FAILED event alone, whoever sent it. */
bool sg_native_failure_fits(const struct sg_box_event *e);
/* When it says that it was; now, where that cannot be. */
int64_t sg_native_event_time(const struct sg_box_event *e, int64_t not_before);
/* native.c */
void sg_native_box_forget(struct sg_native_box *b);
/* A new box that begins to be made; NULL with err. */
struct sg_native_box *sg_native_box_new(struct sg_native *n, const struct sg_limits *limits,
                                        struct sg_error *err);
/* The run that a box could not serve before its program went starts anew, cold, in another. */
void sg_native_start_again(struct sg_native_box *b);
/* Makes what later boxes need, in so many milliseconds: a run that has just begun is not to be held
 * up. */
#define SG_REFILL_WAIT_MS 20
void sg_native_refill_soon(struct sg_native *n, int64_t in_ms);
/* Of the run's stage. */
struct sg_profile *sg_native_profile(struct sg_native *n, const struct sg_run *run);
/* Of the run: what was used before its program went does not count. SG_UNKNOWN: not measured. */
uint64_t sg_native_cpu_us(struct sg_native_box *b);

#endif
