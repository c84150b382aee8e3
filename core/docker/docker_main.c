/* sandgate-docker: the executor whose engine is a Docker Engine. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/notify.h"
#include "core/base/sibling.h"
#include "core/docker/engine.h"
#include "core/exec/listener.h"

#define BOOT_PROGRAM   "sandgate-boot"
#define BOOT_BYTES_MAX (16u << 20)

static const char usage[] =
    "Usage: sandgate-docker [-c FILE] [--check]\n"
    "Runs programs in containers of a Docker Engine for sandgate-fcgi and sandgate.\n"
    "\n"
    "  -c, --config FILE  read FILE instead of the installed sandgate.conf\n"
    "      --check        read configuration, runtimes and profiles, tell what is wrong, and end\n"
    "      --quiet        log errors only\n"
    "      --version      print the version\n"
    "  -h, --help         print this\n"
    "\n"
    "It stays in the foreground, listens on docker.socket, and ends on SIGTERM after the runs "
    "under\n"
    "way. Whoever can use the Engine's socket is root of the Engine's machine: give this program "
    "a\n"
    "user of its own.\n";

struct options {
    const char *config;
    bool check, quiet;
};

struct service {
    struct sg_loop *loop;
    struct sg_server *server;
    struct sg_docker *docker;
    struct sg_listener listener;
    struct sg_watch listen_watch, signal_watch;
    struct sg_notify notify; /* owned */
    struct sg_timer watchdog, pause;
    int signals; /* owned */
};

static void parse_options(int argc, char **argv, struct options *o)
{
    enum { OPT_CHECK = 256, OPT_QUIET, OPT_VERSION };
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, OPT_CHECK},
        {"quiet", no_argument, NULL, OPT_QUIET},  {"version", no_argument, NULL, OPT_VERSION},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "c:h", known, NULL)) != -1;) {
        if (c == 'c') {
            o->config = optarg;
        } else if (c == OPT_CHECK) {
            o->check = true;
        } else if (c == OPT_QUIET) {
            o->quiet = true;
        } else if (c == OPT_VERSION || c == 'h') {
            fputs(c == 'h' ? usage : "sandgate-docker " SG_VERSION "\n", stdout);
            exit(0);
        } else {
            fputs(usage, stderr);
            exit(2);
        }
    }
    if (optind < argc) {
        fprintf(stderr, "sandgate-docker: unexpected argument %s\n", argv[optind]);
        exit(2);
    }
}

static int read_boot_program(struct sg_buf *ret, struct sg_error *err)
{
    char path[512];
    int r = sg_sibling_path(BOOT_PROGRAM, SG_LIBEXECDIR, path, sizeof path);
    if (r == 0)
        r = sg_file_read(AT_FDCWD, path, ret, BOOT_BYTES_MAX);
    return r < 0 ? sg_error_errno(err, -r, "reading " BOOT_PROGRAM) : 0;
}

static int listen_again(struct service *s);

static void on_pause_over(void *arg)
{
    (void)listen_again(arg);
}

static void on_listener(void *arg, uint32_t events)
{
    struct service *s = arg;
    int sock;
    (void)events;
    while ((sock = sg_listener_accept(&s->listener)) >= 0) {
        int r = sg_server_connection(s->server, sock, false);
        if (r < 0)
            sg_log(SG_LOG_WARNING, "connection refused: %s", strerror(-r));
    }
    if (sock == -EMFILE) {
        sg_loop_unwatch(s->loop, &s->listen_watch);
        sg_loop_timer(s->loop, &s->pause, SG_LISTENER_PAUSE_MS, on_pause_over, s);
    }
}

static int listen_again(struct service *s)
{
    return sg_loop_watch(s->loop, &s->listen_watch, s->listener.fd, EPOLLIN, on_listener, s);
}

/* The path goes at once: while the last runs end, another executor may take it. */
static void on_signal(void *arg, uint32_t events)
{
    struct service *s = arg;
    struct signalfd_siginfo info;
    (void)events;
    while (read(s->signals, &info, sizeof info) > 0)
        ;
    sg_notify_send(&s->notify, "STOPPING=1\nSTATUS=stopping: runs under way end");
    sg_loop_timer_stop(s->loop, &s->pause);
    sg_loop_unwatch(s->loop, &s->listen_watch);
    sg_listener_close(&s->listener);
    sg_server_drain(s->server);
}

/* From the event loop itself: as long as it turns. */
static void on_watchdog(void *arg)
{
    struct service *s = arg;
    sg_notify_send(&s->notify, "WATCHDOG=1");
    sg_loop_timer(s->loop, &s->watchdog, s->notify.watchdog_ms, on_watchdog, s);
}

/* Ready as soon as it listens: the Engine may come and go later, and whoever asks is told. */
static void tell_ready(struct service *s)
{
    sg_notify_send(&s->notify, "READY=1\nSTATUS=listening; GET /ready tells of the Engine");
    if (s->notify.watchdog_ms)
        on_watchdog(s);
}

static int open_signals(struct service *s, struct sg_error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    int r = s->signals < 0
                ? -errno
                : sg_loop_watch(s->loop, &s->signal_watch, s->signals, EPOLLIN, on_signal, s);
    return r < 0 ? sg_error_errno(err, -r, "signals") : 0;
}

/* It needs the Engine's socket and no other privilege: nothing that it starts could gain one, since
   it starts nothing, and nobody of its user may look at what it holds. */
static void keep_privileges_down(void)
{
    struct rlimit files;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static int open_service(struct service *s, const struct sg_config *cfg,
                        struct sg_runtimes *runtimes, struct sg_error *err)
{
    int r = open_signals(s, err);
    if (r == 0)
        r = sg_listener_peers(&s->listener, "docker", &cfg->docker.peers, err);
    if (r == 0)
        r = sg_listener_open(&s->listener, cfg->docker.socket, cfg->docker.socket_mode, err);
    if (r < 0)
        return r;
    s->server = sg_server_new(s->loop, cfg, runtimes, &sg_docker_ops, s->docker);
    r = s->server ? listen_again(s) : -ENOMEM;
    return r < 0 ? sg_error_errno(err, -r, "server") : 0;
}

static int serve(const struct sg_config *cfg, struct sg_runtimes *runtimes,
                 const struct sg_buf *boot, bool check, struct sg_error *err)
{
    struct service s = {.loop = sg_loop_new(),
                        .listener = SG_LISTENER_INIT,
                        .listen_watch = SG_WATCH_INIT,
                        .signal_watch = SG_WATCH_INIT,
                        .notify = SG_NOTIFY_INIT,
                        .watchdog = SG_TIMER_INIT,
                        .pause = SG_TIMER_INIT,
                        .signals = -1};
    if (!s.loop)
        return sg_error_errno(err, errno, "event loop");
    s.docker = sg_docker_new(s.loop, cfg, runtimes, boot, err);
    int r = s.docker ? 0 : err->code;
    if (r == 0 && !check)
        r = open_service(&s, cfg, runtimes, err);
    if (r == 0 && !check) {
        keep_privileges_down();
        sg_notify_open(&s.notify);
        tell_ready(&s);
        sg_docker_open(s.docker, s.server);
        r = sg_loop_run(s.loop);
        sg_docker_shut(s.docker);
        sg_loop_run(s.loop);
    }
    sg_loop_timer_stop(s.loop, &s.watchdog);
    sg_loop_timer_stop(s.loop, &s.pause);
    sg_notify_close(&s.notify);
    sg_loop_unwatch(s.loop, &s.listen_watch);
    sg_loop_unwatch(s.loop, &s.signal_watch);
    sg_listener_close(&s.listener);
    sg_docker_free(s.docker);
    sg_server_free(s.server);
    sg_fd_close(&s.signals);
    sg_loop_free(s.loop);
    return r;
}

static int prepare(struct sg_config *cfg, struct sg_runtimes *runtimes, struct sg_error *err)
{
    if (!cfg->docker.socket[0]) {
        sg_error_set(err, SG_E_INVALID, "docker.socket is empty: the executor needs one");
        sg_error_fix(err, "set docker.socket, and add docker to worker.engines");
        return err->code;
    }
    sg_config_serve_docker(cfg);
    sg_runtimes_for_images(runtimes);
    if (runtimes->n > 0)
        return 0;
    sg_error_set(err, SG_E_INVALID, "no runtime has an image");
    sg_error_fix(err, "set image in a file of runtimes.d: see docs/DOCKER.md");
    return err->code;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_config) struct sg_config cfg = {0};
    sg_auto(sg_buf) struct sg_buf boot = {0};
    static struct sg_runtimes runtimes;
    parse_options(argc, argv, &o);
    sg_log_open("sandgate-docker", "stderr", o.quiet ? SG_LOG_ERR : SG_LOG_INFO);
    int r = sg_config_load(&cfg, o.config, &err);
    if (r == 0)
        r = sg_log_open("sandgate-docker", cfg.log_target, o.quiet ? SG_LOG_ERR : cfg.log_level);
    if (r == 0)
        r = sg_runtimes_load(&runtimes, cfg.runtime_dir, &err);
    if (r == 0)
        r = prepare(&cfg, &runtimes, &err);
    if (r == 0)
        r = read_boot_program(&boot, &err);
    if (r == 0)
        r = serve(&cfg, &runtimes, &boot, o.check, &err);
    if (r < 0)
        sg_log_error(SG_LOG_ERR, &err);
    sg_runtimes_done(&runtimes);
    return r < 0;
}
