/* link.c: see link.h */
#include "fcgi/link.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/base/sibling.h"
#include "fcgi/live.h"

#ifndef SG_SBINDIR
#define SG_SBINDIR "/usr/local/sbin"
#endif

#define ASK_TIMEOUT_MS    5000
#define CANCEL_TIMEOUT_MS 5000
#define LATE_TIMEOUT_MS   15000 /* the same where the result is wanted: it is waited for longer */
#define SETTLE_EVERY_MS   10
#define VERSIONS_MOST_MS  10000
/* Beyond time limit and queue, what an executor may take to set up and to tear down. */
#define RUN_SLACK_MS 30000

void sg_link_init(struct sg_link *l, const struct sg_config *cfg)
{
    sg_link_init_engine(l, cfg, SG_ENGINE_NATIVE);
}

void sg_link_init_engine(struct sg_link *l, const struct sg_config *cfg, enum sg_engine engine)
{
    *l = (struct sg_link){.client = SG_CLIENT_INIT, .cfg = cfg, .engine = engine};
}

static const char *service_socket(const struct sg_link *l)
{
    const char *path =
        l->engine == SG_ENGINE_DOCKER ? l->cfg->docker.socket : l->cfg->native.socket;
    return path ? path : "";
}

bool sg_link_is_service(const struct sg_link *l)
{
    return l->engine == SG_ENGINE_DOCKER || *service_socket(l);
}

static int start_child(struct sg_link *l, struct sg_error *err)
{
    char program[PATH_MAX];
    int rc = sg_sibling_path("sandgate-native", SG_SBINDIR, program, sizeof program);
    if (rc < 0)
        return sg_error_errno(err, -rc, "cannot tell where sandgate-native is");
    l->started = true;
    rc = sg_client_spawn(&l->client, program, l->cfg->path, l->quiet, err);
    if (rc < 0)
        sg_error_fix(err, "install sandgate-native, or set native.socket to a running service");
    return rc;
}

int sg_link_open(struct sg_link *l, struct sg_error *err)
{
    if (l->client.sock >= 0 && !sg_client_lost(&l->client))
        return 0;
    sg_client_close(&l->client);
    if (sg_link_is_service(l) && !*service_socket(l)) {
        sg_error_set(err, SG_E_UNAVAILABLE, "%s.socket is not set", sg_engine_name(l->engine));
        sg_error_fix(err, "set docker.socket, and start sandgate-docker");
        return err->code;
    }
    if (sg_link_is_service(l))
        return sg_client_connect(&l->client, sg_engine_name(l->engine), service_socket(l), err);
    if (!l->started)
        return start_child(l, err);
    return sg_error_set(err, SG_E_UNAVAILABLE, "the private executor has ended");
}

bool sg_link_check(struct sg_link *l)
{
    if (l->client.sock >= 0 && sg_client_lost(&l->client))
        sg_client_close(&l->client);
    return l->client.sock < 0 && !sg_link_is_service(l) && l->started;
}

pid_t sg_link_child(const struct sg_link *l)
{
    return l->client.child;
}

void sg_link_done(struct sg_link *l)
{
    sg_client_close(&l->client);
}

void sg_run_result_done(struct sg_run_result *r)
{
    sg_fd_close(&r->out_fd);
    sg_fd_close(&r->err_fd);
    sg_fd_close(&r->product_fd);
    sg_fd_close(&r->files_fd);
}

static int map_kept(struct sg_span *ret, int fd, const struct sg_stream_info *info, uint64_t most)
{
    int rc = sg_memfd_map(fd, (size_t)most, &ret->data, &ret->n);
    return rc < 0 || ret->n == info->kept_bytes ? rc : -EPROTO;
}

static void unmap_kept(struct sg_span *kept)
{
    if (kept->data && kept->n > 0)
        munmap((void *)(uintptr_t)kept->data, kept->n);
    *kept = (struct sg_span){0};
}

static int map_files(struct sg_run_output *ret, int fd)
{
    struct sg_error err = SG_ERROR_INIT;
    int rc = sg_memfd_map(fd, SG_FILES_BLOB_MAX, &ret->blob.data, &ret->blob.n);
    return rc < 0 ? rc : sg_files_open(&ret->files, ret->blob.data, ret->blob.n, &err);
}

int sg_run_output_map(struct sg_run_output *ret, const struct sg_run_result *r, uint64_t most)
{
    *ret = (struct sg_run_output){0};
    int rc = map_kept(&ret->out, r->out_fd, &r->outcome.out, most);
    if (rc == 0)
        rc = map_kept(&ret->err, r->err_fd, &r->outcome.err, most);
    if (rc == 0 && r->files_fd >= 0)
        rc = map_files(ret, r->files_fd);
    if (rc < 0)
        sg_run_output_done(ret);
    return rc;
}

int sg_run_output_map_files(struct sg_run_output *ret, const struct sg_run_result *r)
{
    *ret = (struct sg_run_output){0};
    int rc = r->files_fd >= 0 ? map_files(ret, r->files_fd) : 0;
    if (rc < 0)
        sg_run_output_done(ret);
    return rc;
}

void sg_run_output_done(struct sg_run_output *o)
{
    unmap_kept(&o->out);
    unmap_kept(&o->err);
    unmap_kept(&o->blob);
}

/* One answer out of a message. 1: the run is over; 0: more will come. */
static int take_message(struct sg_msg *m, struct sg_live *live, struct sg_run_result *ret,
                        struct sg_error *err)
{
    if (live && sg_live_takes(m->type)) {
        if (sg_live_message(live, m) >= 0)
            return 0;
        ret->end = SG_RUN_GONE;
        return 1;
    }
    if (m->type == SG_MSG_STARTED)
        return 0;
    if (m->type == SG_MSG_RESULT) {
        memcpy(&ret->outcome, m->body, sizeof ret->outcome);
        ret->end = SG_RUN_RESULT;
        ret->out_fd = SG_TAKE_FD(m->fds[0]);
        ret->err_fd = SG_TAKE_FD(m->fds[1]);
        if (m->nfds > 2)
            ret->files_fd = SG_TAKE_FD(m->fds[2]);
        return 1;
    }
    if (m->type == SG_MSG_REFUSED) {
        memcpy(&ret->refused, m->body, sizeof ret->refused);
        ret->end = SG_RUN_REFUSED;
        return 1;
    }
    return sg_error_set(err, SG_E_PROTOCOL, "the executor sent %s during a run",
                        sg_msg_type_name(m->type));
}

static int read_message(struct sg_link *l, struct sg_live *live, struct sg_run_result *ret,
                        struct sg_error *err)
{
    struct sg_msg m;
    int rc = sg_client_next(&l->client, &m, 0, err);
    if (rc <= 0)
        return rc;
    rc = take_message(&m, live, ret, err);
    sg_msg_done(&m);
    return rc;
}

/* Waits until the run is over or the client has left (SG_RUN_GONE): 1; the deadline is there: 0. */
static int wait_result(struct sg_link *l, struct sg_transport *t, struct sg_live *live,
                       int64_t deadline_ms, struct sg_run_result *ret, struct sg_error *err)
{
    for (;;) {
        struct pollfd p[3] = {{.fd = l->client.sock, .events = POLLIN}, {.fd = -1}, {.fd = -1}};
        int64_t left = deadline_ms - sg_now_ms(), wait = left > 0 ? left : 0;
        if (t)
            t->ops->watch(t, &p[1]);
        if (live)
            sg_live_prepare(live, &p[1], &p[2], &wait);
        int rc = poll(p, SG_ARRAY_LEN(p), wait > INT_MAX ? INT_MAX : (int)wait);
        if (rc < 0 && errno != EINTR)
            return sg_error_errno(err, errno, "cannot wait for the executor");
        if (rc > 0 && p[0].revents) {
            rc = read_message(l, live, ret, err);
            if (rc != 0)
                return rc;
        }
        if (left <= 0) /* after that look: a result may have waited for us */
            return 0;
        bool gone = rc >= 0 && t && p[1].revents && t->ops->gone(t, &p[1]);
        if (gone || (live && sg_live_go_on(live, &p[1], &p[2]) < 0)) {
            ret->end = SG_RUN_GONE;
            return 1;
        }
    }
}

/* Ends the run and takes its result: 1; 0: that takes too long. */
static int end_run(struct sg_link *l, struct sg_transport *t, struct sg_live *live, int64_t most_ms,
                   struct sg_run_result *ret, struct sg_error *err)
{
    int rc = sg_client_cancel(&l->client, err);
    return rc < 0 ? rc : wait_result(l, t, live, sg_now_ms() + most_ms, ret, err);
}

/* The client has left: ends the run and takes its result, so that the connection can serve the next
   request. Where that takes too long, closing the connection cancels as well. */
static void cancel_run(struct sg_link *l)
{
    struct sg_run_result ignored = SG_RUN_RESULT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    if (end_run(l, NULL, NULL, CANCEL_TIMEOUT_MS, &ignored, &err) <= 0)
        sg_client_close(&l->client);
    sg_run_result_done(&ignored);
}

/* A service may have been restarted since the last look. As long as the job is not sent nothing has
   run, so one more try is safe. */
static int send_job(struct sg_link *l, const struct sg_job *job, struct sg_error *err)
{
    int rc = SG_E_UNAVAILABLE;
    for (int tries = sg_link_is_service(l) ? 2 : 1; tries > 0 && rc == SG_E_UNAVAILABLE; tries--) {
        sg_error_clear(err);
        if (sg_link_open(l, err) < 0)
            return SG_E_UNAVAILABLE; /* for whatever reason; err has it */
        rc = sg_client_run(&l->client, job, err);
        if (rc == SG_E_UNAVAILABLE && tries > 1)
            sg_client_close(&l->client);
    }
    return rc;
}

/* A private executor tries its languages out when it is first asked, and knows no version before:
   of plain CGI, where each request has one of its own, none that names a version would be run. */
static int wait_for_versions(struct sg_link *l, const struct sg_job *job, struct sg_error *err)
{
    struct sg_msg_status_reply status;
    if (!job->version[0] || sg_link_is_service(l))
        return 0;
    return sg_link_settled(l, VERSIONS_MOST_MS, &status, err) < 0 ? SG_E_UNAVAILABLE : 0;
}

/* An executor that takes no more connections says so before it closes. */
static bool refused_at_the_door(struct sg_link *l, struct sg_run_result *ret)
{
    struct sg_error err = SG_ERROR_INIT;
    return l->client.sock >= 0 && read_message(l, NULL, ret, &err) == 1 &&
           ret->end == SG_RUN_REFUSED;
}

/* The run is over, with that result or that failure; what it has written may still be on its way.
 */
static int finish_live(struct sg_live *live, int run_rc, struct sg_run_result *ret,
                       struct sg_error *err)
{
    int rc = sg_live_finish(live, run_rc < 0 ? NULL : ret);
    if (rc == SG_E_PROTOCOL)
        return sg_error_set(err, rc, "some of what the program has written is missing");
    if (rc < 0) { /* nobody is there who could be told of a failure */
        sg_run_result_done(ret);
        ret->end = SG_RUN_GONE;
        return 0;
    }
    return run_rc < 0 ? run_rc : 0;
}

int sg_link_run_live(struct sg_link *l, const struct sg_job *job, struct sg_transport *t,
                     struct sg_live *live, int64_t until_ms, struct sg_run_result *ret,
                     struct sg_error *err)
{
    int rc = wait_for_versions(l, job, err);
    if (rc == 0)
        rc = send_job(l, job, err);
    if (rc == SG_E_UNAVAILABLE) {
        bool refused = refused_at_the_door(l, ret);
        sg_client_close(&l->client);
        return refused ? 0 : rc;
    }
    if (rc < 0)
        return rc; /* nothing was sent: the connection is as good as before */
    uint64_t queue_ms =
        l->engine == SG_ENGINE_DOCKER ? l->cfg->docker.queue_wait_ms : l->cfg->native.queue_wait_ms;
    int64_t most = (int64_t)(job->limits.wall_time_ms + queue_ms) + RUN_SLACK_MS;
    int64_t last_ms = sg_now_ms() + most;
    rc = wait_result(l, t, live, until_ms < last_ms ? until_ms : last_ms, ret, err);
    if (rc == 0 && until_ms < last_ms) {
        ret->late = true;
        rc = end_run(l, t, live, LATE_TIMEOUT_MS, ret, err);
    }
    if (rc == 0)
        rc = sg_error_set(err, SG_E_UNAVAILABLE, "the executor did not answer in time");
    if (job->stage == SG_JOB_COMPILE) /* the third descriptor of a RESULT is then the product */
        ret->product_fd = SG_TAKE_FD(ret->files_fd);
    if (rc < 0) {
        sg_client_close(&l->client);
        /* One of another version, as in the middle of an upgrade, has not understood RUN. */
        rc = rc == SG_E_VERSION ? SG_E_UNAVAILABLE : rc == SG_E_PROTOCOL ? rc : SG_E_CANCELLED;
    } else if (ret->end == SG_RUN_GONE) {
        cancel_run(l);
        return 0;
    }
    return live && job->stream ? finish_live(live, rc, ret, err) : rc < 0 ? rc : 0;
}

int sg_link_run_until(struct sg_link *l, const struct sg_job *job, struct sg_transport *t,
                      int64_t until_ms, struct sg_run_result *ret, struct sg_error *err)
{
    return sg_link_run_live(l, job, t, NULL, until_ms, ret, err);
}

int sg_link_run(struct sg_link *l, const struct sg_job *job, struct sg_transport *t,
                struct sg_run_result *ret, struct sg_error *err)
{
    return sg_link_run_until(l, job, t, INT64_MAX, ret, err);
}

int sg_link_status(struct sg_link *l, struct sg_msg_status_reply *ret, struct sg_error *err)
{
    int rc = sg_link_open(l, err);
    if (rc == 0)
        rc = sg_client_status(&l->client, ret, ASK_TIMEOUT_MS, err);
    if (rc < 0)
        sg_client_close(&l->client);
    return rc;
}

int sg_link_gauges(struct sg_link *l, struct sg_gauges *ret, struct sg_error *err)
{
    int rc = sg_link_open(l, err);
    if (rc == 0)
        rc = sg_client_metrics(&l->client, ret, ASK_TIMEOUT_MS, err);
    if (rc < 0)
        sg_client_close(&l->client);
    return rc;
}

int sg_link_settled(struct sg_link *l, unsigned most_ms, struct sg_msg_status_reply *ret,
                    struct sg_error *err)
{
    int64_t end = sg_now_ms() + most_ms;
    int rc;
    while ((rc = sg_link_status(l, ret, err)) == 0 && ret->pending && sg_now_ms() < end)
        nanosleep(&(struct timespec){.tv_nsec = SETTLE_EVERY_MS * 1000000L}, NULL);
    return rc;
}

int sg_link_runtime(struct sg_link *l, uint32_t index, struct sg_msg_runtime_reply *ret,
                    struct sg_error *err)
{
    int rc = sg_link_open(l, err);
    if (rc == 0)
        rc = sg_client_runtime(&l->client, index, ret, ASK_TIMEOUT_MS, err);
    if (rc < 0)
        sg_client_close(&l->client);
    return rc;
}
