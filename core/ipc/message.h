/*
 * message.h: what our processes say to each other, over SOCK_SEQPACKET unix sockets.
 *
 * Every message is one packet: struct sg_msg_header and a body of fixed size, host byte order (both
 * ends are of one build on one machine). A table (message.c) says for each type its size, its
 * number of descriptors, and who may send it; sg_msg_recv refuses everything else. The executor
 * reads nothing of variable size: code, files, arguments travel in a sealed memfd that only the box
 * opens (payload.h).
 *
 *   worker -> executor    RUN      struct sg_msg_run      + 2 memfds: payload, stdin; and a third,
 *                                                         the product, where one is executed
 *                         CANCEL   (no body)              ends the run of this connection
 *                         STATUS   (no body)
 *                         RUNTIMES struct sg_msg_index    asks for the runtime of that number
 *                         METRICS  (no body)
 *   executor -> worker    STREAM   (no body)              + a socket for output (output.h)
 *                         STARTED  struct sg_msg_started  the program is about to run
 *                         RESULT   struct sg_outcome      + 2 memfds: kept stdout, kept stderr; and
 *                                                         maybe a third: of a compilation the
 *                                                         product, else the files that the run
 *                                                         gives back (files.h)
 *                         REFUSED  struct sg_msg_refused  no answer of a run will come
 *                         STATUS_REPLY, RUNTIME_REPLY, METRICS_REPLY (struct sg_gauges)
 *
 * STREAM and STARTED come where RUN asks for them, in this order.
 * One run at a time per connection. Closing the connection cancels its run.
 */
#ifndef SG_IPC_MESSAGE_H
#define SG_IPC_MESSAGE_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/base/fd.h"
#include "core/model/gauges.h"
#include "core/model/job.h"
#include "core/model/limits.h"
#include "core/model/outcome.h"
#include "core/model/output.h"
#include "core/model/runtime.h"

#define SG_MSG_MAGIC   0x54474453u /* "SDGT" */
#define SG_MSG_VERSION 6

enum sg_msg_type {
    SG_MSG_RUN = 1,
    SG_MSG_CANCEL,
    SG_MSG_STATUS,
    SG_MSG_RUNTIMES,
    SG_MSG_STARTED,
    SG_MSG_RESULT,
    SG_MSG_REFUSED,
    SG_MSG_STATUS_REPLY,
    SG_MSG_RUNTIME_REPLY,
    SG_MSG_METRICS,
    SG_MSG_METRICS_REPLY,
    SG_MSG_STREAM,
    SG_MSG_TYPE_END
};
enum sg_msg_side { SG_SIDE_WORKER, SG_SIDE_EXECUTOR }; /* who sends */

struct sg_msg_header {
    uint32_t magic;
    uint16_t version;
    uint16_t type;
    uint32_t body_size;
    uint32_t reserved; /* 0 */
};

struct sg_msg_run {
    char id[SG_ID_MAX + 1];
    char language[SG_LANGUAGE_MAX + 1];
    char version[SG_VERSION_MAX + 1];
    char client[SG_CLIENT_MAX + 1];
    uint8_t merge_stderr;
    uint8_t stage; /* enum sg_job_stage; of COMPILE the executor takes the runtime's own limits */
    uint8_t tell_started; /* STARTED is wanted: it wakes whoever waits for the result */
    /* The entry has the runtime's own name and is its source, and the request sets neither
       arguments nor environment: a program that was started before the request came can take it. */
    uint8_t plain;
    uint8_t stream; /* output is wanted while it is written; RESULT then has what is left of it */
    uint8_t trace_denied_syscalls; /* refused calls are to be counted */
    /* Modules that the program imports, words, as far as some template of its language has them:
       which template serves it. A hint. */
    char imports[SG_IMPORTS_MAX + 1];
    struct sg_limits limits;
    struct sg_output_rules output; /* sg_output_check has passed */
};

struct sg_msg_index {
    uint32_t index;
};

struct sg_msg_started {
    uint32_t queue_us;
    char language[32], version[32];
};

/* Why there is no result. kind says which status the client gets. */
enum sg_refusal {
    SG_REFUSAL_BUSY = 1, /* 503 busy, Retry-After */
    SG_REFUSAL_LAYER,    /* 503 a layer or set-up step failed; step, text, fix */
    SG_REFUSAL_LIMIT,    /* 422 a limit is over the executor's maximum (worker out of step) */
    SG_REFUSAL_RUNTIME,  /* 422 no such runtime or version */
    SG_REFUSAL_PROTOCOL, /* 500 the worker broke the protocol */
    SG_REFUSAL_STOPPING, /* 503 the executor is shutting down, Retry-After */
    SG_REFUSAL_PROGRAM,  /* 422 the payload cannot be laid out: files clash, too many, too large */
    SG_REFUSAL_INTERNAL, /* 500 */
    SG_REFUSAL_LOST,     /* 502 it had begun, and its box or container was lost */
    SG_REFUSAL_END
};
struct sg_msg_refused {
    uint32_t refusal; /* enum sg_refusal */
    uint32_t retry_after_s;
    char step[32];
    char text[384];
    char fix[256];
};

struct sg_msg_status_reply {
    uint32_t slots, running, queue_max, queued, runtimes;
    uint8_t ready;    /* trial runs of all runtimes passed */
    uint8_t pending;  /* some have not ended yet */
    char reason[384]; /* why not ready */
    char
        degraded[384]; /* ready, but slower than it should be: which template failed, and why; "" */
    uint64_t runs_total;
};

enum sg_template_state {
    SG_TEMPLATE_STARTING, /* or starting anew */
    SG_TEMPLATE_READY,
    SG_TEMPLATE_FAILED, /* reason says why; it is tried again */
    SG_TEMPLATE_STATE_COUNT
};
const char *
sg_template_state_name(enum sg_template_state s); /* "starting" ...; NULL out of range */

#define SG_TEMPLATES_MAX SG_RUNTIME_TEMPLATES_MAX
struct sg_template_info {
    uint32_t state;                   /* enum sg_template_state */
    uint32_t waiting;                 /* clones that wait for a program */
    uint64_t clones;                  /* made since the executor started */
    char imports[SG_IMPORTS_MAX + 1]; /* as in the runtime's file */
    char reason[256];
};

#define SG_PACKAGES_TEXT_MAX 8192
struct sg_msg_runtime_reply {
    uint32_t index, count; /* index >= count: no such runtime, other fields are empty */
    uint8_t ready;         /* its trial run passed */
    char language[32], version[32];
    char start[12]; /* "template", "ahead", "cold" */
    uint32_t ntemplates;
    struct sg_template_info templates[SG_TEMPLATES_MAX];
    char packages[SG_PACKAGES_TEXT_MAX]; /* lines "NAME VERSION" */
};

/* Sends one message; body_size comes from the table. fds: as many as the table says, one that may
   be absent is -1 then. 0 or -errno. */
int sg_msg_send(int sock, enum sg_msg_type type, const void *body, const int *fds);

#define SG_MSG_BODY_MAX 16384
struct sg_msg {
    enum sg_msg_type type;
    int fds[SG_FDS_MAX]; /* owned: sg_msg_done closes those not taken */
    size_t nfds;
    _Alignas(16) unsigned char body[SG_MSG_BODY_MAX];
};

/* Receives one message that `from` may send. Returns 1, 0 at end of file, -EAGAIN when flags hold
   MSG_DONTWAIT and there is none, SG_E_PROTOCOL or SG_E_VERSION with text, or -errno. Strings in
   the body are guaranteed to be NUL-terminated and enum fields in range when it returns 1. */
int sg_msg_recv(int sock, enum sg_msg_side from, struct sg_msg *ret, int flags,
                struct sg_error *err);
void sg_msg_done(struct sg_msg *m);
const char *sg_msg_type_name(enum sg_msg_type t);

/* The checks of sg_msg_recv on bytes in memory (also the fuzz entry). 0, SG_E_PROTOCOL or
   SG_E_VERSION. */
int sg_msg_check(const void *packet, size_t n, size_t nfds, enum sg_msg_side from,
                 struct sg_error *err);

#endif
