/* worker.c: see worker.h */
#include "fcgi/worker.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "core/base/log.h"
#include "core/base/time.h"
#include "fcgi/idle.h"
#include "fcgi/metrics.h"
#include "fcgi/route.h"

#define MUCH_MEMORY                                                                                \
    (256u << 10) /* bytes of a request after which freed memory goes to the kernel */
#define MUCH_SCORED                                                                                \
    (16u << 10) /* the same for code that is scored: its tree is a hundred times as large */
#define ACCEPT_PAUSE_MS 100

static volatile sig_atomic_t stop_signal;

static const int stop_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};

static void on_signal(int number)
{
    if (number != SIGPIPE)
        stop_signal = number;
}

void sg_worker_signals(void)
{
    struct sigaction sa = {.sa_handler = on_signal};
    sigset_t stop;
    sigemptyset(&stop);
    for (size_t i = 0; i < SG_ARRAY_LEN(stop_signals); i++) {
        sigaddset(&stop, stop_signals[i]);
        sigaction(stop_signals[i], &sa, NULL);
    }
    sigprocmask(SIG_BLOCK, &stop, NULL);
    /* A handler, not SIG_IGN: libfcgi would put its own in SIG_IGN's place. */
    sigaction(SIGPIPE, &sa, NULL);
}

/* epoll_pwait(2) delivers a blocked signal only when nothing is ready, so a busy worker has to ask.
 */
static bool asked_to_stop(void)
{
    sigset_t pending;
    if (stop_signal)
        return true;
    if (sigpending(&pending) < 0)
        return false;
    for (size_t i = 0; i < SG_ARRAY_LEN(stop_signals); i++)
        if (sigismember(&pending, stop_signals[i]))
            return true;
    return false;
}

void sg_worker_open_signals(sigset_t *ret)
{
    sigprocmask(SIG_SETMASK, NULL, ret);
    for (size_t i = 0; i < SG_ARRAY_LEN(stop_signals); i++)
        sigdelset(ret, stop_signals[i]);
}

void sg_worker_serve(struct sg_service *service, struct sg_transport *t)
{
    struct sg_exchange x;
    sg_exchange_begin(&x, service, t);
    sg_route_answer(&x);
    sg_exchange_send(&x);
    sg_metrics_request(service->metrics, sg_exchange_path(&x), x.status, x.problem.id);
    t->ops->finish(t, x.status == SG_CLIENT_CLOSED_REQUEST);
    sg_exchange_log(&x);
    bool much = x.bytes_in + x.bytes_out > MUCH_MEMORY || (x.risk >= 0 && x.bytes_in > MUCH_SCORED);
    sg_exchange_done(&x);
    if (much)
        malloc_trim(0);
}

/* Takes a connection, if it is still there, and serves it. 1 when it did. */
static int serve_next(struct sg_service *service, struct sg_transport *t)
{
    struct sg_error err = SG_ERROR_INIT;
    int rc = t->ops->accept(t, &err);
    if (rc == 1)
        sg_worker_serve(service, t);
    if (rc == -EMFILE || rc == -ENFILE || rc == -ENOMEM || rc == -ENOBUFS) {
        sg_log(SG_LOG_ERR, "%s", err.text);
        poll(NULL, 0, ACCEPT_PAUSE_MS); /* the connection waits; so do we, not to spin */
        return 0;
    }
    if (rc < 0)
        sg_log(SG_LOG_ERR, "%s", err.text);
    return rc;
}

/* Until asked to stop, or the end of the time or of the requests: EXIT_SUCCESS. */
static int serve(struct sg_service *service, struct sg_transport *t, struct sg_idle *idle,
                 uint64_t *served)
{
    const struct sg_config *cfg = service->cfg;
    int64_t end_ms = sg_now_ms() + (int64_t)cfg->worker.lifetime_s * 1000;
    while (!asked_to_stop() && *served < cfg->worker.requests) {
        int64_t left = end_ms - sg_now_ms();
        if (left <= 0)
            break;
        if (sg_link_check(&service->link)) {
            sg_log(SG_LOG_ERR, "the private executor is gone, so this worker ends too");
            return EXIT_FAILURE;
        }
        (void)sg_link_check(&service->docker); /* a service: made again at the next need */
        int rc = sg_idle_wait(idle, service, left);
        if (rc > 0)
            rc = serve_next(service, t);
        if (rc < 0)
            return EXIT_FAILURE;
        *served += (uint64_t)rc;
    }
    return EXIT_SUCCESS;
}

int sg_worker_loop(struct sg_service *service, struct sg_transport *t)
{
    struct sg_error err = SG_ERROR_INIT;
    struct sg_idle idle;
    uint64_t served = 0;
    if (sg_idle_open(&idle, t->listen_fd, &err) < 0) {
        sg_log_error(SG_LOG_ERR, &err);
        return EXIT_FAILURE;
    }
    int status = serve(service, t, &idle, &served);
    sg_idle_close(&idle);
    if (status == EXIT_SUCCESS)
        sg_log(SG_LOG_NOTICE, "ends after %llu requests%s", (unsigned long long)served,
               asked_to_stop() ? ", asked to" : "");
    return status;
}
