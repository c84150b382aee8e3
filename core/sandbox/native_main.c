/* sandgate-native: the executor whose engine is this kernel. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/sibling.h"
#include "core/sandbox/filters.h"
#include "core/sandbox/lab.h"
#include "core/sandbox/supervisor.h"
#include "core/sandbox/template.h"

#define EMBEDDED_SOCK 3

#ifdef SG_LAB
#define BOX_PROGRAM "sandgate-box-lab"
#define TEMPLATES   0 /* a control box shows what a layer is for: each run reads which are off */
#else
#define TEMPLATES   1
#define BOX_PROGRAM "sandgate-box"
#endif

static const char usage[] =
    "Usage: sandgate-native [-c FILE] [--check]\n"
    "Runs programs in boxes of namespaces, cgroups and seccomp for sandgate-fcgi and sandgate.\n"
    "\n"
    "  -c, --config FILE  read FILE instead of the installed sandgate.conf\n"
    "      --check        read configuration, runtimes and profiles, tell what is wrong, and end\n"
    "      --embedded     serve the one connection that is descriptor 3, and end with it\n"
    "      --quiet        log errors only\n"
    "      --version      print the version\n"
    "  -h, --help         print this\n"
    "\n"
    "As a service it stays in the foreground, listens on native.socket, and ends on SIGTERM after "
    "the\n"
    "runs under way.\n";

struct options {
    const char *config;
    bool check, embedded, quiet;
};

static void parse_options(int argc, char **argv, struct options *o)
{
    enum { OPT_CHECK = 256, OPT_EMBEDDED, OPT_QUIET, OPT_VERSION, OPT_STEPS, OPT_LAYERS };
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"check", no_argument, NULL, OPT_CHECK},
        {"embedded", no_argument, NULL, OPT_EMBEDDED},
        {"quiet", no_argument, NULL, OPT_QUIET},
        {"version", no_argument, NULL, OPT_VERSION},
        {"help", no_argument, NULL, 'h'},
#ifdef SG_LAB
        {"list-steps", no_argument, NULL, OPT_STEPS},
        {"list-layers", no_argument, NULL, OPT_LAYERS},
#endif
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "c:h", known, NULL)) != -1;) {
        switch (c) {
        case 'c':
            o->config = optarg;
            break;
        case OPT_CHECK:
            o->check = true;
            break;
        case OPT_EMBEDDED:
            o->embedded = true;
            break;
        case OPT_QUIET:
            o->quiet = true;
            break;
        case OPT_VERSION:
            puts("sandgate-native " SG_VERSION);
            exit(0);
        case 'h':
            fputs(usage, stdout);
            exit(0);
#ifdef SG_LAB
        case OPT_STEPS:
            sg_lab_list_steps();
            exit(0);
        case OPT_LAYERS:
            sg_lab_list_layers();
            exit(0);
#endif
        default:
            fputs(usage, stderr);
            exit(2);
        }
    }
    if (optind < argc) {
        fprintf(stderr, "sandgate-native: unexpected argument %s\n", argv[optind]);
        exit(2);
    }
}

static int open_box_program(struct sg_error *err)
{
    char path[512];
    int r = sg_sibling_path(BOX_PROGRAM, SG_LIBEXECDIR, path, sizeof path);
    if (r < 0)
        return sg_error_errno(err, -r, "path of " BOX_PROGRAM);
    if (access(path, X_OK) < 0)
        return sg_error_errno(err, errno, "%s", path);
    int fd = open(path, O_PATH | O_CLOEXEC);
    return fd < 0 ? sg_error_errno(err, errno, "%s", path) : fd;
}

static bool wants_templates(const struct sg_runtimes *runtimes)
{
    for (size_t i = 0; i < runtimes->n; i++)
        if (strcmp(runtimes->v[i].start, "template") == 0)
            return true;
    return false;
}

/* A build without it (another architecture, sanitizers) starts everything cold. */
static int open_library(const struct sg_runtimes *runtimes)
{
    char path[512];
    if (!wants_templates(runtimes))
        return -1;
    int r = sg_sibling_path(SG_TEMPLATE_FILE, SG_LIBEXECDIR, path, sizeof path);
    int fd = r < 0 ? r : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        sg_log(SG_LOG_NOTICE,
               "no templates: " SG_TEMPLATE_FILE " is not installed, so runs start cold");
    return fd;
}

/* Descriptors 0 to 2 must be taken, or a socket of ours could become standard output. */
static void occupy_stdio(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR); /* inherited, as stdio is */
    while (fd >= 0 && fd <= 2);
    if (fd > 2)
        close(fd);
}

static int fail(const struct sg_error *err)
{
    sg_log_error(SG_LOG_ERR, err);
    return 1;
}

/* A private executor is started run by run: its users know what they have. */
static void leave_out(const struct sg_config *cfg, struct sg_runtimes *runtimes, bool quiet)
{
    size_t left = sg_runtimes_leave_out(runtimes, cfg->native.root);
    for (size_t i = runtimes->n; !quiet && i < runtimes->n + left; i++)
        sg_log(SG_LOG_NOTICE, "runtime %s is left out: there is no %s%s", runtimes->v[i].language,
               cfg->native.root ? cfg->native.root : "", runtimes->v[i].command.v[0]);
}

/* What the two ways of being started need beyond the configuration. */
static int prepare(struct sg_config *cfg, const struct sg_runtimes *runtimes, bool templates,
                   const struct options *o, struct sg_error *err)
{
    if (o->embedded) {
        cfg->native.slots = 1;
        if (fcntl(EMBEDDED_SOCK, F_SETFD, FD_CLOEXEC) < 0)
            return sg_error_set(err, SG_E_INVALID, "--embedded: descriptor 3 is not open");
        return 0; /* for one run the profile is loaded once, by the child */
    }
    if (!cfg->native.socket || !cfg->native.socket[0])
        return sg_error_set(err, SG_E_INVALID,
                            "native.socket is empty: as a service the executor needs one");
    return sg_filters_check(cfg, runtimes, templates, err);
}

int main(int argc, char **argv)
{
    struct options o = {0};
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_config) struct sg_config cfg = {0};
    static struct sg_runtimes runtimes;
    parse_options(argc, argv, &o);
    if (!o.embedded)
        occupy_stdio();
    sg_log_open("sandgate-native", "stderr", o.quiet ? SG_LOG_ERR : SG_LOG_INFO);
    if (sg_config_load(&cfg, o.config, &err) < 0)
        return fail(&err);
    sg_log_open("sandgate-native", cfg.log_target, o.quiet ? SG_LOG_ERR : cfg.log_level);
    if (sg_runtimes_load(&runtimes, cfg.runtime_dir, &err) < 0)
        return fail(&err);
    leave_out(&cfg, &runtimes, o.embedded);
    struct sg_programs programs = {open_box_program(&err), -1};
    if (programs.box < 0)
        return fail(&err);
    if (TEMPLATES && !o.embedded) /* which is there for one run */
        programs.library = open_library(&runtimes);
    if (prepare(&cfg, &runtimes, programs.library >= 0, &o, &err) < 0)
        return fail(&err);
    int status =
        o.check ? 0 : sg_supervise(&cfg, &runtimes, &programs, o.embedded ? EMBEDDED_SOCK : -1);
    sg_runtimes_done(&runtimes);
    close(programs.box);
    sg_fd_close(&programs.library);
    return status;
}
