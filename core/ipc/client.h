/*
 * client.h: the worker's side of a connection to an executor.
 *
 *     struct sg_client c = SG_CLIENT_INIT;
 *     sg_client_connect(&c, "native", "/run/sandgate/native.sock", &err);     // or sg_client_spawn
 * for a private one sg_client_run(&c, &job, &err); poll on c.sock beside the client's connection;
 * then sg_client_next(&c, &reply, &err);                             // STARTED, RESULT or REFUSED
 */
#ifndef SG_IPC_CLIENT_H
#define SG_IPC_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/ipc/message.h"
#include "core/model/job.h"

struct sg_client {
    int sock;        /* owned; -1 when not connected */
    pid_t child;     /* private executor, or 0 */
    int child_pidfd; /* owned; -1 when there is no child */
    bool embedded;
    const char *path; /* borrowed: the service's socket; NULL when embedded */
};
#define SG_CLIENT_INIT                                                                             \
    {                                                                                              \
        .sock = -1, .child_pidfd = -1                                                              \
    }

/* Connects to the service of an engine ("native", "docker"), which the fix names. -ENOENT,
   -ECONNREFUSED, -EACCES, ... with text and fix. */
int sg_client_connect(struct sg_client *c, const char *engine, const char *path,
                      struct sg_error *err);
/* Starts `program --embedded [--config FILE] [--quiet]` with one end of a socketpair as descriptor
   3 and an empty environment but PATH, in a process group of its own; stdin and stdout are
   /dev/null, stderr is shared. The program ends when its socket is closed. quiet: it logs errors
   only. */
int sg_client_spawn(struct sg_client *c, const char *program, const char *config_path, bool quiet,
                    struct sg_error *err);
/* Has the other side gone? Looks without waiting (poll(2) POLLHUP/POLLRDHUP). Reconnecting a
   service connection is the caller's choice: sg_client_close, then sg_client_connect. */
bool sg_client_lost(const struct sg_client *c);
int sg_client_run(struct sg_client *c, const struct sg_job *job, struct sg_error *err);
/* Ends the run that is under way; its RESULT (reason cancelled) still comes. */
int sg_client_cancel(struct sg_client *c, struct sg_error *err);
/* Waits up to timeout_ms (-1: for ever) for the next message. 1, 0 at timeout, SG_E_UNAVAILABLE
   when the executor is gone, SG_E_PROTOCOL, SG_E_VERSION. The message is the caller's to
   sg_msg_done. */
int sg_client_next(struct sg_client *c, struct sg_msg *ret, int timeout_ms, struct sg_error *err);
/* One question, one answer, only while no run is under way. A timeout is SG_E_UNAVAILABLE: close
   the connection then, for the answer may still come. */
int sg_client_status(struct sg_client *c, struct sg_msg_status_reply *ret, int timeout_ms,
                     struct sg_error *err);
int sg_client_runtime(struct sg_client *c, uint32_t index, struct sg_msg_runtime_reply *ret,
                      int timeout_ms, struct sg_error *err);
int sg_client_metrics(struct sg_client *c, struct sg_gauges *ret, int timeout_ms,
                      struct sg_error *err);
/* Closes the connection; a private executor is waited for (it ends by itself at once; killed after
 * 5 s). */
void sg_client_close(struct sg_client *c);

#endif
