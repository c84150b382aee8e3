/* The working child of sandgate-native: enters U, serves connections that the supervisor hands
 * over. */
#include "core/sandbox/supervisor.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/sandbox/native.h"

struct work {
    struct sg_loop *loop;
    struct sg_server *server;
    struct sg_native *engine;
    int channel, signals;
    struct sg_watch channel_watch, signal_watch;
    struct sg_timer retry; /* of trial runs that failed */
    int retry_ms;
};

#define RETRY_FIRST_MS 5000
#define RETRY_MAX_MS   60000

static void __attribute__((noreturn)) give_up(const struct sg_error *err)
{
    sg_log_error(SG_LOG_ERR, err);
    exit(1);
}

/* A supervisor that does not read loses it: it is not waited for. */
static void tell_supervisor(const struct work *w, char word)
{
    (void)send(w->channel, &word, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* A connection that the supervisor has accepted and checked; end of file: the supervisor is gone.
 */
static void on_channel(void *arg, uint32_t events)
{
    struct work *w = arg;
    char byte;
    int fds[SG_FDS_MAX];
    size_t nfds = 0;
    (void)events;
    ssize_t n = sg_socket_recv(w->channel, &byte, 1, fds, &nfds, MSG_DONTWAIT);
    if (n == 0) {
        sg_loop_unwatch(w->loop, &w->channel_watch);
        sg_server_drain(w->server);
    }
    if (n < 0 &&
        n != -EAGAIN) /* out of descriptors: that connection is lost, the worker makes another */
        sg_log(SG_LOG_WARNING, "connection lost: %s", strerror((int)-n));
    if (n == 1 && byte == SG_WORK_ASK)
        tell_supervisor(w, SG_WORK_ALIVE);
    for (size_t i = 0; i < nfds; i++) {
        int r = sg_server_connection(w->server, fds[i], false);
        if (r < 0)
            sg_log(SG_LOG_WARNING, "connection refused: %s", strerror(-r));
    }
}

static void on_signal(void *arg, uint32_t events)
{
    struct work *w = arg;
    struct signalfd_siginfo info;
    (void)events;
    while (read(w->signals, &info, sizeof info) > 0)
        sg_server_drain(w->server);
}

static void run_trials(void *arg);

/* What failed may have been the host's passing trouble: memory, a full disk. */
static void on_trials_done(void *arg, bool all_passed)
{
    struct work *w = arg;
    tell_supervisor(w, all_passed ? SG_WORK_READY : SG_WORK_NOT_READY);
    if (all_passed) {
        sg_log(SG_LOG_NOTICE, "ready");
        return;
    }
    w->retry_ms = w->retry_ms * 2 < RETRY_MAX_MS ? w->retry_ms * 2 : RETRY_MAX_MS;
    sg_log(SG_LOG_ERR, "not ready: a trial run failed; trying again in %d s", w->retry_ms / 1000);
    sg_loop_timer(w->loop, &w->retry, w->retry_ms, run_trials, w);
}

static void run_trials(void *arg)
{
    struct work *w = arg;
    sg_native_trials(w->engine, w->server, on_trials_done, w);
}

/* A private executor often serves one run only, which need not wait for trial runs. */
static void on_question(void *arg)
{
    run_trials(arg);
}

/* In the lab build the executor leaves this to the boxes, or no control box could be without it. */
static int keep_privileges_down(void)
{
#ifdef SG_LAB
    return 0;
#else
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
}

/* The executor talks over unix sockets that it has or that have paths: it needs no network either.
   In the lab build control boxes shall be able to have the host's. */
static void leave_network(void)
{
#ifndef SG_LAB
    struct sg_error err = SG_ERROR_INIT;
    if (unshare(CLONE_NEWNET) == 0)
        return;
    sg_error_fix(&err, "needs network namespaces (CONFIG_NET_NS); check user.max_net_namespaces");
    sg_error_errno(&err, errno, "leaving the host's network");
    give_up(&err);
#endif
}

/* The order matters: the death signal is cleared by a change of ids, so it comes after; privileges
   that the namespace gives are all there is afterwards, and an exec cannot bring others. */
static void become_executor(int channel)
{
    struct sg_error err = SG_ERROR_INIT;
    if (sg_userns_enter(channel, &err) < 0)
        give_up(&err);
    leave_network();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || keep_privileges_down() < 0 ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || chdir("/") < 0) {
        sg_error_errno(&err, errno, "giving up privileges");
        give_up(&err);
    }
}

static int watch_signals(struct work *w)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_SETMASK, &set, NULL);
    w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return w->signals < 0
               ? -errno
               : sg_loop_watch(w->loop, &w->signal_watch, w->signals, EPOLLIN, on_signal, w);
}

void sg_native_work(const struct sg_config *cfg, struct sg_runtimes *runtimes,
                    const struct sg_native_setup *setup, int channel, int embedded_sock)
{
    struct sg_error err = SG_ERROR_INIT;
    struct work w = {.channel = channel,
                     .signals = -1,
                     .channel_watch = SG_WATCH_INIT,
                     .signal_watch = SG_WATCH_INIT,
                     .retry_ms = RETRY_FIRST_MS / 2};
    become_executor(channel);
    sg_cgroups_sweep(setup->cgroups);
    w.loop = sg_loop_new();
    if (!w.loop || watch_signals(&w) < 0) {
        sg_error_errno(&err, errno, "event loop");
        give_up(&err);
    }
    struct sg_native *engine = sg_native_new(w.loop, cfg, runtimes, setup, &err);
    if (!engine)
        give_up(&err);
    w.server = sg_server_new(w.loop, cfg, runtimes, &sg_native_ops, engine);
    if (!w.server ||
        sg_loop_watch(w.loop, &w.channel_watch, channel, EPOLLIN, on_channel, &w) < 0) {
        sg_error_errno(&err, errno, "server");
        give_up(&err);
    }
    if (embedded_sock >= 0) {
        int r = sg_server_connection(w.server, embedded_sock, true);
        if (r < 0) {
            sg_error_errno(&err, -r, "private connection");
            give_up(&err);
        }
    }
    w.engine = engine;
    if (embedded_sock < 0)
        run_trials(&w);
    else
        sg_server_on_question(w.server, on_question, &w);
    int r = sg_loop_run(w.loop);
    sg_server_free(w.server);
    sg_native_free(engine);
    sg_loop_free(w.loop);
    exit(r < 0 ? 1 : 0);
}
