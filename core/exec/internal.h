/* internal.h: the server's structs, shared by server.c (connections), queue.c (who is next), run.c
   (life of a run) and trials.c (runs of ours). Nobody else includes it. */
#ifndef SG_EXEC_INTERNAL_H
#define SG_EXEC_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/exec/loop.h"
#include "core/exec/server.h"

enum run_state {
    RUN_QUEUED,   /* waits for a slot */
    RUN_STARTED,  /* has a slot and an engine; owes an answer */
    RUN_ANSWERED, /* has a slot until the engine has torn down */
};

struct run_list;

struct client { /* a name with at least one run */
    char name[SG_CLIENT_MAX + 1];
    unsigned queued, slots;
    struct client *next;
};

struct run {
    struct sg_run pub; /* first: engines hold a pointer to it */
    struct sg_server *server;
    enum run_state state;
    bool cancelled;           /* the engine was told */
    bool begun;               /* the engine has said so: something may have run */
    struct conn *conn;        /* borrowed; NULL: gone, answered, or a trial run */
    struct client *client;    /* borrowed from the server */
    struct sg_timer patience; /* runs while queued */
    int64_t arrived_us, slot_us;
    void (*done)(void *arg, const struct sg_outcome *outcome, int stdout_fd, int stderr_fd,
                 int product_fd, const struct sg_error *err); /* trial runs */
    void *done_arg;
    struct run_list *list;   /* borrowed: server->queue, server->active, or NULL */
    struct run *prev, *next; /* in it */
};

struct conn {
    struct sg_server *server;
    int sock; /* owned */
    bool only;
    struct sg_watch watch;
    struct run *run; /* borrowed; the one that owes it an answer */
    struct conn *prev, *next;
};

struct run_list {
    struct run *first, *last;
    unsigned n;
};

struct server_templates {
    struct sg_template_info v[SG_TEMPLATES_MAX];
    size_t n;
};

struct sg_server {
    struct sg_loop *loop; /* borrowed, these five */
    const struct sg_config *cfg;
    struct sg_runtimes *runtimes;
    const struct sg_engine_ops *ops;
    void *engine;
    struct sg_server_runtime *info;                /* owned; runtimes->n of them */
    bool *info_known;                              /* owned; has the trial run ended? */
    struct server_templates *templates;            /* owned; of each runtime */
    void (*on_templates)(void *arg, size_t index); /* NULL: none */
    void *templates_arg;
    unsigned slots;
    struct conn *conns; /* owned list */
    unsigned nconns;
    struct run_list queue, active; /* owned; active ones hold a slot */
    struct client *clients;        /* owned list */
    struct sg_timer kick;          /* dispatch from the loop, never from an engine's call */
    bool draining;
    bool ended;                     /* the loop has been stopped for that */
    void (*on_question)(void *arg); /* NULL: none, or called already */
    void *question_arg;
    uint64_t runs_total;
    int64_t mean_us; /* of holding a slot, moving average */
};

/* queue.c */
void run_list_add(struct run_list *l, struct run *r);
void run_list_remove(struct run *r); /* from the list it is in, if any */
/* Takes the run in, or makes room, or says no: false. *ret_loser: a queued run that must go
 * instead. */
bool queue_admit(struct sg_server *s, struct run *r, struct run **ret_loser);
struct run *queue_next(const struct sg_server *s); /* NULL: nobody waits or no slot is free */
uint32_t queue_retry_after_s(const struct sg_server *s);
/* A run is counted at its client as waiting, then as holding a slot. */
int client_join(struct sg_server *s, struct run *r); /* 0 or -ENOMEM */
void client_start(struct run *r);
void client_leave(struct sg_server *s, struct run *r);

/* run.c */
struct run *run_new(struct sg_server *s, const struct sg_msg_run *request);
/* False when it is to be traced, and that is not allowed or possible here. */
bool run_may_be_traced(const struct run *r, struct sg_error *err);
/* Leaves list and client, frees. */
void run_forget(struct run *r);
/* Starts what can be started now. */
void run_dispatch(struct sg_server *s);
void run_dispatch_soon(struct sg_server *s);
/* Answers a run that was never started, and forgets it. */
void run_refuse(struct run *r, enum sg_refusal refusal, const struct sg_error *err);
/* The client has asked for the end, or has left: then set r->conn to NULL first. */
void run_cancel(struct run *r);
/* Stops the loop when a draining server has nothing left. */
void server_end_if_idle(struct sg_server *s);

/* server.c */
void conn_refuse(struct conn *c, enum sg_refusal refusal, uint32_t retry_after_s,
                 const struct sg_error *err);
void conn_send(struct conn *c, enum sg_msg_type type, const void *body, const int *fds);
void server_status(struct sg_server *s, struct sg_msg_status_reply *ret);

/* metrics.c */
void server_gauges(struct sg_server *s, struct sg_gauges *ret);

#endif
