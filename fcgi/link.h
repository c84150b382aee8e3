/*
 * link.h: the worker's line to its executor: a service on a socket, or a private child.
 *
 *     struct sg_link link;
 *     sg_link_init(&link, &cfg);
 *     sg_link_open(&link, &err);                        // before confinement: may start the child
 *     sg_link_run(&link, &job, transport, &result, &err);
 *
 * A service connection that was lost is made again before the next request. A private child that
 * was lost stays lost (a confined worker cannot start another): the worker answers 502 and ends.
 */
#ifndef SG_FCGI_LINK_H
#define SG_FCGI_LINK_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/ipc/client.h"
#include "core/ipc/files.h"
#include "core/ipc/message.h"
#include "core/ipc/payload.h"
#include "core/model/job.h"
#include "core/model/outcome.h"
#include "fcgi/transport.h"

struct sg_live;

struct sg_link {
    struct sg_client client;
    const struct sg_config *cfg; /* borrowed */
    enum sg_engine engine;
    bool started; /* the private child was started once */
    bool quiet;   /* the private child logs errors only */
};

void sg_link_init(struct sg_link *l, const struct sg_config *cfg);
/* The same to the executor of another engine, which is a service always. */
void sg_link_init_engine(struct sg_link *l, const struct sg_config *cfg, enum sg_engine engine);
/* Connects where needed. SG_E_UNAVAILABLE and others. */
int sg_link_open(struct sg_link *l, struct sg_error *err);
/* Drops a connection whose other end has gone. True when nothing can bring it back: time to end. */
bool sg_link_check(struct sg_link *l);
/* Is the executor a service, and not a private child? */
bool sg_link_is_service(const struct sg_link *l);
/* Is there a private child, and what is its process id (0: none)? */
pid_t sg_link_child(const struct sg_link *l);
void sg_link_done(struct sg_link *l);

/* How a run came back. */
enum sg_run_end {
    SG_RUN_RESULT,  /* outcome, out_fd, err_fd */
    SG_RUN_REFUSED, /* refused */
    SG_RUN_GONE,    /* the client left; the run is cancelled */
};
struct sg_run_result {
    enum sg_run_end end;
    bool late; /* it was cancelled by sg_link_run_until; its end may have crossed that */
    struct sg_outcome outcome;
    struct sg_msg_refused refused;
    int out_fd, err_fd, files_fd; /* owned; files_fd -1: no file comes back */
    int product_fd;               /* owned: what a compilation has made; -1: nothing */
};
#define SG_RUN_RESULT_INIT                                                                         \
    {                                                                                              \
        .out_fd = -1, .err_fd = -1, .files_fd = -1, .product_fd = -1                               \
    }

/* Runs the job, watching the client meanwhile. 0; SG_E_UNAVAILABLE when the executor could not be
   reached, or is of another version; and -errno when the job could not be made into a message
   (-EFBIG over SG_PAYLOAD_BYTES_MAX, -ENOMEM, -EMFILE, ...): nothing ran either way; SG_E_CANCELLED
   when the executor was lost during the run, SG_E_PROTOCOL. */
int sg_link_run(struct sg_link *l, const struct sg_job *job, struct sg_transport *t,
                struct sg_run_result *ret, struct sg_error *err);
/* The same, and at that time of sg_now_ms() the run is cancelled, wherever it is: waiting for a
   slot, being set up (then it is refused), running. */
int sg_link_run_until(struct sg_link *l, const struct sg_job *job, struct sg_transport *t,
                      int64_t until_ms, struct sg_run_result *ret, struct sg_error *err);
/* The same of a run of which somebody hears meanwhile (NULL: nobody). Of a job whose output is
   wanted while it is written (job->stream), all of that has been passed on before this returns, and
   GONE is also a client that takes nothing any more. */
int sg_link_run_live(struct sg_link *l, const struct sg_job *job, struct sg_transport *t,
                     struct sg_live *live, int64_t until_ms, struct sg_run_result *ret,
                     struct sg_error *err);
void sg_run_result_done(struct sg_run_result *r);

/* What a run that ended with SG_RUN_RESULT has kept of its streams, mapped until _done. The
   executor is trusted, yet what it sends is bounded by most, which is what was asked for, and what
   is said of files is checked. 0; -EPROTO when it does not fit the outcome, SG_E_INVALID, -EFBIG,
   -errno. */
struct sg_run_output {
    struct sg_span out, err;
    struct sg_span blob;   /* of files */
    struct sg_files files; /* of no meaning when blob is empty */
};
int sg_run_output_map(struct sg_run_output *ret, const struct sg_run_result *r, uint64_t most);
/* Of a streamed run, whose output has been passed on: the files alone. */
int sg_run_output_map_files(struct sg_run_output *ret, const struct sg_run_result *r);
void sg_run_output_done(struct sg_run_output *o);
/* For sg_answer; NULL: none. */
static inline const struct sg_files *sg_run_output_files(const struct sg_run_output *o)
{
    return o->blob.n ? &o->files : NULL;
}

/* Asks; the connection is closed when there is no answer in time. 0 or a negative code. */
int sg_link_status(struct sg_link *l, struct sg_msg_status_reply *ret, struct sg_error *err);
/* The same, after the trial runs have ended, or most_ms: a private executor begins them when it is
   asked for the first time, so its first answer is never the last word. */
int sg_link_settled(struct sg_link *l, unsigned most_ms, struct sg_msg_status_reply *ret,
                    struct sg_error *err);
int sg_link_gauges(struct sg_link *l, struct sg_gauges *ret, struct sg_error *err);
int sg_link_runtime(struct sg_link *l, uint32_t index, struct sg_msg_runtime_reply *ret,
                    struct sg_error *err);

#endif
