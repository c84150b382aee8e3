/* internal.h: the structs of the engine, shared by its files. Nobody else includes it. */
#ifndef SG_DOCKER_INTERNAL_H
#define SG_DOCKER_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/docker/boot.h"
#include "core/docker/create.h"
#include "core/docker/engine.h"
#include "core/docker/frames.h"
#include "core/docker/http.h"
#include "core/docker/replies.h"
#include "core/exec/capture.h"
#include "core/exec/trials.h"
#include "core/sandbox/profile.h"

#define REPLY_MAX (4u << 20)
/* So often an interpreter is tried to be started before its program; then containers wait without.
 */
#define AHEAD_FAILURES_MAX 3

enum docker_state {
    DOCKER_AWAY,    /* tried again by a timer; d->down says why */
    DOCKER_OPENING, /* version, sweep, images */
    DOCKER_UP,
};

/* By enum sg_job_stage: what is compiled has a container, limits and a profile for each. */
#define DOCKER_STAGES (SG_JOB_COMPILE + 1)

struct docker_filter {
    struct sg_profile profile; /* of the program's process */
    char *outer;               /* owned: for the Engine; NULL: there is no such stage */
};

/* One runtime's image; index as in the runtimes. */
struct docker_image {
    char base[SG_DOCKER_ID_MAX];    /* id of what the runtime's file names; "": not known */
    char derived[SG_DOCKER_ID_MAX]; /* id of ours, made of it; "": there is none */
    char name[96];                  /* of ours */
    char tried[SG_DOCKER_ID_MAX];   /* the derived one when trial runs began */
    struct sg_error err;            /* why there is none */
    struct docker_filter filters[DOCKER_STAGES];
    unsigned ahead_failures; /* of its interpreter, before it waited, in a row */
};

struct docker_sweep {
    struct sg_timer timer;
    int64_t again_ms;             /* until the next one */
    struct sg_http_request *list; /* owned; under way */
    unsigned removing;            /* calls under way */
    void (*done)(struct sg_docker *d);
};

struct sg_docker {
    struct sg_loop *loop; /* borrowed, these five */
    const struct sg_config *cfg;
    struct sg_runtimes *runtimes;
    struct sg_server *server;
    const struct sg_buf *boot;
    struct sg_http *http; /* owned */
    enum docker_state state;
    struct sg_error down;
    bool told_down, shutting;
    unsigned retry_ms, trial_ms;
    struct sg_timer retry, watch, refill, shut;
    char api[16]; /* "v1.41" */
    char arch[32];
    struct sg_reply_info info;
    uint64_t host_ns[8];
    struct docker_image images[SG_RUNTIMES_MAX];
    struct sg_trials *trials; /* owned; NULL: none are under way */
    bool trials_again;        /* what they stand on has changed since they began */
    struct image_job *job;    /* owned; the image that is being made */
    size_t image_at;
    struct sg_http_request *opening; /* owned; one step at a time */
    struct container *containers;    /* owned */
    unsigned ncontainers;
    int64_t pool_pause_ms; /* until then no container is made that waits: one could not be made */
    struct docker_sweep sweep;
    unsigned named; /* containers so far: a part of their names */
};

enum container_state {
    CONTAINER_CREATING,
    CONTAINER_ATTACHING,
    CONTAINER_STARTING, /* until sandgate-boot waits and the Engine's word is checked */
    CONTAINER_WAITING,
    CONTAINER_RUNNING,
    CONTAINER_REMOVING,
};

struct container {
    struct sg_docker *docker;
    size_t runtime;
    enum sg_job_stage stage; /* that it is made for */
    struct sg_container_limits limits;
    char base[SG_DOCKER_ID_MAX]; /* image it was made of */
    char name[64];               /* ours, from before it is created */
    char id[SG_DOCKER_ID_MAX];   /* "": not created yet */
    enum container_state state;
    bool ready, ahead; /* ahead: it was made before its run was known */
    int remove_tries;
    int64_t born_ms;
    struct sg_http_request *call;  /* owned; the one that is under way */
    struct sg_http_stream *stream; /* owned */
    struct sg_frames frames;
    struct sg_boot_frames boot_frames;
    char said[256]; /* what it wrote on its own stderr, the first of it */
    struct sg_timer deadline, wall;
    bool preparing;   /* its interpreter is being started */
    bool interpreter; /* and waits */
    bool went_ahead;  /* its run took it */
    uint32_t layers;  /* that the Engine's word gives */
    struct sg_boot_ready boot;
    /* the run */
    struct sg_run *run; /* borrowed; NULL: none yet, or it is released */
    bool answered;
    int64_t begun_us, ended_us;
    struct sg_limits limits_of_run;
    struct sg_capture out, err;
    int files; /* owned: what comes back, as far as it has come; -1: nothing */
    uint64_t files_at;
    bool files_whole;
    uint64_t product_bytes; /* of what a compiler has made, in the run's memfd, so far */
    bool killed;
    enum sg_reason reason;  /* why */
    int64_t ending_ms;      /* since when it is to end, or its program has ended; 0: it runs */
    bool ended;             /* its program has, */
    struct sg_boot_end end; /* and so much is known of that */
    struct sg_box_event started_event;
    struct sg_error failure;
    enum sg_refusal refusal;
    struct container *prev, *next;
};

/* engine.c: the Engine does not answer as it should: runs fail, and it is tried again. */
void docker_away(struct sg_docker *d, const struct sg_error *err);
/* Starts a call; done gets the reply. NULL: no memory. Path without version: "/info". */
struct sg_http_request *docker_call(struct sg_docker *d, const char *method, const char *path,
                                    const char *body,
                                    void (*done)(void *, const struct sg_http_reply *), void *arg);
/* 0 when the status is one of 2xx, 304; else err says what the Engine said: step, text, fix. */
int docker_check(struct sg_docker *d, const struct sg_http_reply *r, const char *step,
                 struct sg_error *err);
/* Tells the server that no runtime can be used, and why. */
void docker_tell_unready(struct sg_docker *d, const struct sg_error *err);

/* open.c */
/* Trial runs, if an image is another than at the last ones, or is gone. */
void docker_try_images(struct sg_docker *d);
void docker_open(struct sg_docker *d);
void docker_close_open(struct sg_docker *d); /* forgets what is under way of it */

/* sweep.c: removes what has our label at the Engine and is none of the containers that are known:
   of an earlier executor, of a creation whose answer was lost, of a removal that went wrong. */
/* Calls done when all is removed; not when the Engine is away before. */
void docker_sweep(struct sg_docker *d, void (*done)(struct sg_docker *d));
/* In a second, then in ever longer intervals, up to a minute. */
void docker_sweep_soon(struct sg_docker *d);
void docker_sweep_stop(struct sg_docker *d);

/* image.c: looks up or makes the image of a runtime; then calls done. */
void image_prepare(struct sg_docker *d, size_t runtime, void (*done)(struct sg_docker *d));
void image_job_free(struct sg_docker *d);
/* Is that the container in which an image is being made? */
bool image_job_has(const struct sg_docker *d, const char *name);
/* A name that no other container has: known before the Engine has answered. */
void docker_name_container(struct sg_docker *d, char *ret, size_t size);
/* Looks now and then whether images are still those that they were. */
void image_watch(struct sg_docker *d);

/* container.c */
struct container *container_new(struct sg_docker *d, size_t runtime, enum sg_job_stage stage,
                                const struct sg_container_limits *l);
/* Removes it at the Engine and forgets it; its run is released then. */
void container_remove(struct container *c);
/* Forgets it here only. */
void container_forget(struct container *c);
/* Set-up went wrong, or the container is not what it was; step "" keeps the error's own. */
void container_fail(struct container *c, const struct sg_error *err);

/* pool.c */
bool pool_wants(const struct container *c); /* may it wait on? */
struct container *pool_take(struct sg_docker *d, size_t runtime, enum sg_job_stage stage,
                            const struct sg_container_limits *l);
void pool_refill_soon(struct sg_docker *d);
void pool_drop_stale(struct sg_docker *d); /* those whose image is no more the runtime's */

/* gauges.c */
void docker_count_boxes(void *engine, uint64_t ret[SG_BOX_USE_COUNT]);

/* Those that the container's inside can see; the others are the Engine's word alone. */
#define SEEN_INSIDE                                                                                \
    (SG_LAYER_BIT(SG_LAYER_USER_NS) | SG_LAYER_BIT(SG_LAYER_MOUNT_NS) |                            \
     SG_LAYER_BIT(SG_LAYER_PID_NS) | SG_LAYER_BIT(SG_LAYER_NET_NS) |                               \
     SG_LAYER_BIT(SG_LAYER_IPC_NS) | SG_LAYER_BIT(SG_LAYER_UTS_NS) |                               \
     SG_LAYER_BIT(SG_LAYER_CGROUP_NS) | SG_LAYER_BIT(SG_LAYER_CAPABILITIES) |                      \
     SG_LAYER_BIT(SG_LAYER_NO_NEW_PRIVS) | SG_LAYER_BIT(SG_LAYER_SECCOMP) |                        \
     SG_LAYER_BIT(SG_LAYER_ONE_EXEC) | SG_LAYER_BIT(SG_LAYER_LANDLOCK) |                           \
     SG_LAYER_BIT(SG_LAYER_RLIMITS))

/* run.c */
int run_start(void *engine, struct sg_run *run, struct sg_error *err);
void run_prepare(struct container *c); /* the container is ready, and has no run */
void run_go(struct container *c);      /* the container is ready, and has a run */
int run_frame(struct container *c, enum sg_boot_kind kind, const void *data, size_t n,
              struct sg_error *err);

/* run_end.c */
/* What is executed: the compiler, or the runtime's own command. Borrows everything. */
struct sg_runtime run_stage(const struct container *c);
/* Ends the program; the answer follows. May be the container's end. */
void run_kill(struct container *c, enum sg_reason reason);
void run_cancel_container(void *engine, struct sg_run *run);
/* The container comes to its end: it is waited for, as long as it goes on with that. */
void run_wait_on(struct container *c);
/* Its program has ended; of the container that may be the end, too. */
void run_ended(struct container *c, const struct sg_boot_end *so_far);
void run_end(struct container *c, const struct sg_boot_end *end);
void run_failed(struct container *c); /* c->failure says why */

/* files.c */
/* A frame of the files that come back. 0, or a negative code with err. */
int files_frame(struct container *c, enum sg_boot_kind kind, const void *data, size_t n,
                struct sg_error *err);
/* All of them, as the run wants them: a sealed memfd, the caller's; -1: none. Of a container that
   has not come to its end they may tell only that they were not looked for. */
int files_take(struct container *c, bool at_end);

/* product.c: what is compiled */
/* Is what the run needs of a product there? 0, or a negative code with err. */
int product_prepare(struct sg_run *run, struct sg_error *err);
/* A frame of what a compiler has made. 0, or a negative code with err. */
int product_frame(struct container *c, const void *data, size_t n, struct sg_error *err);
/* What sandgate-boot says of it, looked at again, when the rest of the outcome is there: then the
   run has it. */
enum sg_product product_take(struct container *c, const struct sg_boot_end *end,
                             const struct sg_outcome *o);

/* verdict.c: pure */
struct sg_verdict_facts {
    const struct sg_limits *limits;
    const struct sg_boot_end *end;
    uint64_t out_bytes, err_bytes;
    bool streamed; /* nothing of it is left out, however much it is */
    bool killed;   /* by us */
    enum sg_reason reason;
};
void verdict_fill(struct sg_outcome *o, const struct sg_verdict_facts *f);
/* Has the kernel killed in it for what it has taken itself, not for what others have? */
bool verdict_out_of_memory(const struct sg_limits *l, const struct sg_boot_end *end);

struct sg_verdict_times {
    int64_t begun_us, ended_us, answered_us; /* here: CLOCK_MONOTONIC */
    uint64_t wall_us;                        /* of the program, as the container tells */
};
void verdict_timings(struct sg_timings *t, const struct sg_verdict_times *at);

#endif
