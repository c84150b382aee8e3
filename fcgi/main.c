/*
 * main.c: sandgate-fcgi, the worker behind nginx.
 *
 * Theory of operation. A manager (spawn-fcgi with multiwatch, systemd, fcgiwrap) starts the worker
 * with a listening socket as descriptor 0 (FastCGI), or per request with the environment of
 * CGI/1.1. It reads its configuration, starts its private executor if no service is configured, and
 * then gives up everything it does not need (confine.h). From there on it reads hostile bytes:
 * HTTP, JSON, source code. It holds the web server's connection and the executor's, nothing else.
 * After so many requests, or so long, it ends, and its manager starts a fresh one.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "fcgi/confine.h"
#include "fcgi/exchange.h"
#include "fcgi/metrics.h"
#include "fcgi/route.h"
#include "fcgi/transport.h"
#include "fcgi/worker.h"

#ifndef SG_VERSION
#define SG_VERSION "unversioned"
#endif

/* glibc raises the size from which blocks are mapped, and so given back, as large ones are freed:
   held down here, so that one large request leaves nothing behind. */
#define MAP_FROM_BYTES (128 << 10)

#if SG_CONFINE_SANITIZED
/* The leak check at exit makes a process that traces this one: the filter refuses that. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return 1;
}
#endif

static const char usage[] =
    "Usage: sandgate-fcgi [-c FILE]\n"
    "\n"
    "The worker of Sandgate: FastCGI when descriptor 0 is a listening socket (spawn-fcgi,\n"
    "multiwatch), plain CGI otherwise (fcgiwrap).\n"
    "\n"
    "  -c, --config FILE   configuration; default: $SANDGATE_CONFIG, else the installed one\n"
    "  -V, --version       print the version\n"
    "  -h, --help          print this\n";

/* The configuration's path (NULL: the default), or exits. */
static const char *read_options(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"version", no_argument, NULL, 'V'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *path = getenv("SANDGATE_CONFIG");
    for (int c; (c = getopt_long(argc, argv, "c:Vh", options, NULL)) != -1;) {
        switch (c) {
        case 'c':
            path = optarg;
            break;
        case 'V':
            puts("sandgate-fcgi " SG_VERSION);
            exit(EXIT_SUCCESS);
        case 'h':
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        default:
            fputs(usage, stderr);
            exit(2);
        }
    }
    return path && *path ? path : NULL;
}

/* Everything that would open a file later on. */
static void prepare_libraries(void)
{
    size_t seed = 0;
    time_t now = time(NULL);
    struct tm tm;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (size_t)now;
    json_object_seed(seed ? seed : 1); /* jansson's own way opens /dev/urandom */
    tzset();
    localtime_r(&now, &tm);
    mallopt(M_MMAP_THRESHOLD, MAP_FROM_BYTES);
    mallopt(M_TRIM_THRESHOLD, 2 * MAP_FROM_BYTES);
}

/* The listening socket leaves descriptor 0, so that nothing takes it for stdin. */
static struct sg_transport *open_fastcgi(struct sg_error *err)
{
    sg_autofd int listener = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    sg_autofd int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (listener < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0) {
        sg_error_errno(err, errno, "cannot move the listening socket");
        return NULL;
    }
    struct sg_transport *t = sg_fcgi_open(listener, err);
    if (t)
        listener = -1; /* the transport's now */
    return t;
}

static int load(struct sg_config *cfg, struct sg_runtimes *runtimes, struct sg_scoring *scoring,
                const char *path, struct sg_error *err)
{
    int rc = sg_config_load(cfg, path, err);
    if (rc == 0)
        rc = sg_log_open("sandgate-fcgi", cfg->log_target, (enum sg_log_level)cfg->log_level);
    if (rc == 0)
        rc = sg_runtimes_load(runtimes, cfg->runtime_dir, err);
    if (rc == 0)
        rc = sg_scoring_open(scoring, cfg, err);
    malloc_trim(0); /* compiling the rules takes some megabytes, which the worker would keep */
    return rc;
}

/* It works without, too. Plain CGI would say so at each request: /metrics does, to whoever asks. */
static void open_metrics(struct sg_service *s, bool cgi)
{
    struct sg_error err = SG_ERROR_INIT;
    if (sg_metrics_open(s->metrics, s->cfg, s->runtimes, s->scoring, &err) < 0)
        sg_log_error(cgi ? SG_LOG_DEBUG : SG_LOG_WARNING, &err);
}

/* CGI has no log that the client's operator must look at: the answer at least is a proper one. */
static int fail_to_start(const struct sg_error *err, bool cgi)
{
    static const char answer[] =
        "Status: 500 Internal Server Error\r\nContent-Type: application/problem+json\r\n\r\n";
    sg_auto(sg_problem) struct sg_problem p = {0};
    sg_auto(sg_buf) struct sg_buf body = {0};
    sg_log_error(SG_LOG_ERR, err);
    if (cgi && getenv("GATEWAY_INTERFACE")) {
        sg_problem_set(&p, SG_PROBLEM_INTERNAL, "the service is configured wrongly");
        sg_problem_write(&body, &p, "", "");
        sg_buf_puts(&body, "\n");
        sg_fd_write_all(STDOUT_FILENO, answer, sizeof answer - 1);
        sg_fd_write_all(STDOUT_FILENO, body.data, body.len);
    }
    return EXIT_FAILURE;
}

/* Starts a private executor while that is still possible. A service is connected to at the first
   need. A failure is answered request by request, not by dying: the manager would start us again
   and again. */
static void open_link(struct sg_service *s, bool needed)
{
    struct sg_error err = SG_ERROR_INIT;
    bool service = s->cfg->native.socket && s->cfg->native.socket[0];
    if (needed && !service && sg_strings_has(&s->cfg->worker.engines, "native") &&
        sg_link_open(&s->link, &err) < 0)
        sg_log_error(SG_LOG_ERR, &err);
}

static int confine(const struct sg_service *s, struct sg_error *err)
{
    if (geteuid() == 0)
        sg_log(SG_LOG_NOTICE, "runs as root; a user of its own is better (spawn-fcgi -u)");
    int rc = sg_confine_begin(err);
    return rc < 0 ? rc : sg_confine_filter(sg_link_child(&s->link), err);
}

static int serve_fastcgi(struct sg_service *s, struct sg_transport *t, struct sg_error *err)
{
    open_link(s, true);
    return confine(s, err) < 0 ? fail_to_start(err, false) : sg_worker_loop(s, t);
}

static int serve_cgi(struct sg_service *s, struct sg_transport *t, struct sg_error *err)
{
    sg_auto(sg_problem) struct sg_problem ignored = {0};
    struct sg_exchange x;
    sg_exchange_begin(&x, s, t);
    const struct sg_route *r = sg_route_find(x.method, sg_exchange_path(&x), &ignored);
    sg_exchange_done(&x);
    open_link(s, r && r->executor);
    if (confine(s, err) < 0)
        return fail_to_start(err, true);
    if (t->ops->accept(t, err) == 1)
        sg_worker_serve(s, t);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *path = read_options(argc, argv);
    bool cgi = !sg_transport_is_listener(STDIN_FILENO);
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_config) struct sg_config cfg = {0};
    static struct sg_runtimes runtimes;
    sg_auto(sg_scoring) struct sg_scoring scoring = {0};
    sg_auto(sg_metrics) struct sg_metrics metrics = {0};
    struct sg_service service = {
        .cfg = &cfg, .runtimes = &runtimes, .scoring = &scoring, .metrics = &metrics};

    if (cgi && !getenv("REQUEST_METHOD")) {
        fputs("sandgate-fcgi: descriptor 0 is no listening socket, and there is no CGI "
              "environment\n\n",
              stderr);
        fputs(usage, stderr);
        return 2;
    }
    if (!cgi)
        sg_worker_signals();
    prepare_libraries();
    if (load(&cfg, &runtimes, &scoring, path, &err) < 0)
        return fail_to_start(&err, cgi);
    struct sg_transport *t = cgi ? sg_cgi_open() : open_fastcgi(&err);
    if (!t)
        return fail_to_start(&err, cgi);
    open_metrics(&service, cgi);
    sg_link_init(&service.link, &cfg);
    sg_link_init_engine(&service.docker, &cfg, SG_ENGINE_DOCKER);
    int status = cgi ? serve_cgi(&service, t, &err) : serve_fastcgi(&service, t, &err);
    t->ops->close(t);
    sg_link_done(&service.link);
    sg_link_done(&service.docker);
    sg_runtimes_done(&runtimes);
    return status;
}
