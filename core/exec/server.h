/*
 * server.h: what every executor does, whatever its engine: takes connections, checks messages
 * again, hands out slots, queues, cancels, answers.
 *
 * Life of a run:  RUN message -> queued -> slot -> engine->start() -> sg_run_started() ->
 *                 sg_run_finished() or sg_run_failed() (exactly one of them) -> answer -> slot is
 * free when the engine calls sg_run_released() (after teardown, maybe later than the answer).
 *
 * Fair queue: the next run is the oldest one of the client that has the fewest running; a client is
 * the name in the message ("" is one client too). Beyond `queue` waiting, or after queue_wait_ms:
 * REFUSED busy with a computed retry_after_s (runs ahead times mean run time over slots, 1..60).
 * When the queue is full and another client has more waiting than the newcomer's, that client's
 * newest waiting run is refused instead. At most 1024 connections.
 *
 * Engine calls from within sg_run_...() are never made: the next run is started from the loop. An
 * engine may call sg_run_...() from within start() and cancel().
 */
#ifndef SG_EXEC_SERVER_H
#define SG_EXEC_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/runtimes.h"
#include "core/exec/capture.h"
#include "core/exec/loop.h"
#include "core/exec/relay.h"
#include "core/ipc/message.h"
#include "core/model/outcome.h"

struct sg_server;

/* One run, as an engine sees it. The server owns it; valid until sg_run_released(). */
struct sg_run {
    struct sg_msg_run request;        /* checked: limits within maxima, runtime known */
    const struct sg_runtime *runtime; /* borrowed from the server's runtimes */
    int payload_fd, stdin_fd;         /* owned by the run; the engine may SG_TAKE_FD them */
    int product_fd; /* owned by the run: what is executed; of a compilation what it has made, which
                       the engine puts here before sg_run_finished; -1: nothing */
    int files_fd; /* owned by the run: what it gives back (ipc/files.h), which the engine puts here
                     before sg_run_finished; -1: nothing */
    uint32_t queue_us;
    struct sg_relay relay; /* of a streamed run: what its captures are given goes there */
    void *engine_data;     /* the engine's own */
};

struct sg_engine_ops {
    const char *name; /* "native" */
    /* Begins a run; must not block for long. 0, or a negative code with err set (then no other call
       is made for this run: the server answers REFUSED and frees the slot). */
    int (*start)(void *engine, struct sg_run *run, struct sg_error *err);
    /* Ends a run that was started; sg_run_finished (reason cancelled) follows, soon, as usual. */
    void (*cancel)(void *engine, struct sg_run *run);
    /* Adds each box that there is to its use. */
    void (*count_boxes)(void *engine, uint64_t ret[SG_BOX_USE_COUNT]);
};

struct sg_server_runtime { /* what the trial run found; index as in the runtimes */
    bool ready;
    char reason[384];
    char packages[SG_PACKAGES_TEXT_MAX];
};

/* Borrows all arguments for its life. */
struct sg_server *sg_server_new(struct sg_loop *loop, const struct sg_config *cfg,
                                struct sg_runtimes *runtimes, const struct sg_engine_ops *ops,
                                void *engine);
/* The engine must not touch runs any more. */
void sg_server_free(struct sg_server *s);
/* Takes over a connected SEQPACKET socket (owned from now on, on failure too). only: when it
   closes, the server is drained, so the loop stops (embedded executor). 0 or -errno; -EUSERS: too
   many. */
int sg_server_connection(struct sg_server *s, int sock, bool only);
/* Runs a program of ours through the engine (trial runs): as a request, but the result goes to
   done(), and no connection is needed. Descriptors are borrowed; product_fd: of a compilation, or
   -1. outcome is NULL when refused. product: what is to be executed, -1: the source; of a language
   with a compile stage that is then compiled. */
int sg_server_trial(struct sg_server *s, const struct sg_runtime *rt, const char *source,
                    int product,
                    void (*done)(void *arg, const struct sg_outcome *outcome, int stdout_fd,
                                 int stderr_fd, int product_fd, const struct sg_error *err),
                    void *arg, struct sg_error *err);
/* For STATUS and RUNTIMES replies. */
void sg_server_set_runtime(struct sg_server *s, size_t index, const struct sg_server_runtime *info);
/* Was the last word about it that it is ready? */
bool sg_server_runtime_ready(const struct sg_server *s, size_t index);
/* For the same replies: the templates of a runtime, at most SG_TEMPLATES_MAX. */
void sg_server_set_templates(struct sg_server *s, size_t index,
                             const struct sg_template_info *infos, size_t n);
/* The engine brings those up to date when they are asked for: called with the index of a runtime.
 */
void sg_server_on_templates(struct sg_server *s, void (*fn)(void *arg, size_t index), void *arg);
/* fn is called once, at the first STATUS, METRICS or RUNTIMES message, or RUN that names a version
   while none is known: an executor that makes no trial runs at its start begins them then. The
   question itself is answered at once with what is known. */
void sg_server_on_question(struct sg_server *s, void (*fn)(void *arg), void *arg);
/* No new runs, waiting ones are REFUSED stopping, trial runs are cancelled; stops the loop when the
   last run is released. */
void sg_server_drain(struct sg_server *s);

/* Called by engines. */
/* New captures for the run's streams: kept as the request says, or relayed. A relay that is full
   (sg_relay_is_full) shall not be given more than what is left at the end of the run. */
void sg_run_capture(struct sg_run *run, struct sg_capture *out, struct sg_capture *err);
void sg_run_started(struct sg_run *run);
/* out and err: sealed memfds (sg_capture_memfd), borrowed. The server fills in timings.queue_us,
 * language and version.
 */
void sg_run_finished(struct sg_run *run, const struct sg_outcome *outcome, int out_fd, int err_fd);
/* refusal: what kind of answer; err: text, step, fix. */
void sg_run_failed(struct sg_run *run, enum sg_refusal refusal, const struct sg_error *err);
void sg_run_released(struct sg_run *run);

#endif
