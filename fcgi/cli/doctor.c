/* doctor.c: sandgate doctor. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "fcgi/cli/cli.h"
#include "fcgi/doctor/doctor.h"
#include "fcgi/json.h"

#ifndef SG_VERSION
#define SG_VERSION "unversioned"
#endif

struct options {
    const char *nginx, *root;
    bool json, quiet;
};

/* -1: go on; else the exit status. */
static int read_options(struct sg_cli *c, int argc, char **argv, struct options *ret)
{
    enum { OPT_NGINX = 256, OPT_ROOT };
    static const struct option options[] = {{"nginx", required_argument, NULL, OPT_NGINX},
                                            {"root", required_argument, NULL, OPT_ROOT},
                                            {"json", no_argument, NULL, 'j'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"config", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    for (int o; (o = getopt_long(argc, argv, "jqc:h", options, NULL)) != -1;) {
        switch (o) {
        case OPT_NGINX:
            ret->nginx = optarg;
            break;
        case OPT_ROOT:
            ret->root = optarg;
            break;
        case 'j':
            ret->json = true;
            break;
        case 'q':
            ret->quiet = true;
            break;
        case 'c':
            c->config_path = optarg;
            break;
        case 'h':
            sg_cli_doctor_help();
            return EXIT_SUCCESS;
        default:
            return sg_cli_see_help("doctor");
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "sandgate: doctor takes no %s\n", argv[optind]);
    return sg_cli_see_help("doctor");
}

/* Escape sequences of ECMA-48, for a person at a terminal who has not said NO_COLOR. */
static const char *colour(enum sg_health h)
{
    static const char *const codes[] = {"32", "2", "36", "33", "31"};
    _Static_assert(SG_ARRAY_LEN(codes) == SG_HEALTH_COUNT, "one for each");
    return codes[h];
}

static void put_line(const struct sg_symptom *s, bool colours)
{
    printf("%-20s ", s->check);
    if (colours)
        printf("\033[%sm%-8s\033[0m", colour(s->health), sg_health_name(s->health));
    else
        printf("%-8s", sg_health_name(s->health));
    putchar(' ');
    sg_cli_put_plain(s->text);
    if (s->fix) {
        fputs("\n    fix: ", stdout);
        sg_cli_put_plain(s->fix);
    }
    putchar('\n');
}

static void put_text(const struct sg_doctor *d, bool quiet)
{
    const char *no = getenv("NO_COLOR");
    bool colours = isatty(STDOUT_FILENO) && !(no && *no);
    for (size_t i = 0; i < d->n; i++)
        if (!quiet || d->v[i].health >= SG_HEALTH_WARNING)
            put_line(&d->v[i], colours);
    for (int h = 0; h < SG_HEALTH_COUNT; h++)
        printf("%s%zu %s", h ? ", " : "", sg_doctor_count(d, (enum sg_health)h),
               sg_health_name((enum sg_health)h));
    putchar('\n');
}

static enum sg_health worst(const struct sg_doctor *d)
{
    if (sg_doctor_count(d, SG_HEALTH_ERROR))
        return SG_HEALTH_ERROR;
    return sg_doctor_count(d, SG_HEALTH_WARNING) ? SG_HEALTH_WARNING : SG_HEALTH_OK;
}

static int put_json(const struct sg_doctor *d, bool quiet)
{
    sg_auto(sg_buf) struct sg_buf out = {0};
    struct sg_json j = SG_JSON_INIT(&out);
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "version", SG_VERSION);
    sg_json_put_string(&j, "status", sg_health_name(worst(d)));
    sg_json_key(&j, "summary");
    sg_json_open(&j, '{');
    for (int h = 0; h < SG_HEALTH_COUNT; h++)
        sg_json_put_uint(&j, sg_health_name((enum sg_health)h),
                         sg_doctor_count(d, (enum sg_health)h));
    sg_json_close(&j, '}');
    sg_json_key(&j, "checks");
    sg_json_open(&j, '[');
    for (size_t i = 0; i < d->n; i++) {
        if (quiet && d->v[i].health < SG_HEALTH_WARNING)
            continue;
        sg_json_open(&j, '{');
        sg_json_put_string(&j, "check", d->v[i].check);
        sg_json_put_string(&j, "status", sg_health_name(d->v[i].health));
        sg_json_put_string(&j, "text", d->v[i].text);
        sg_json_put_string(&j, "fix", d->v[i].fix);
        sg_json_close(&j, '}');
    }
    sg_json_close(&j, ']');
    sg_json_close(&j, '}');
    if (out.failed)
        return -ENOMEM;
    puts(out.data);
    return 0;
}

int sg_cli_doctor(struct sg_cli *c, int argc, char **argv)
{
    struct options o = {0};
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_doctor) struct sg_doctor d = {.root = -1, .link = {.client = SG_CLIENT_INIT}};
    int status = read_options(c, argc, argv, &o);
    if (status >= 0)
        return status;
    int rc = sg_doctor_init(&d, o.root);
    if (rc < 0) {
        sg_error_errno(&err, -rc, "--root %s", o.root ? o.root : "/");
        sg_cli_tell(&err);
        return SG_CLI_USAGE;
    }
    d.config_path = c->config_path && *c->config_path ? c->config_path : NULL;
    d.nginx_path = o.nginx;
    rc = sg_doctor_examine(&d);
    if (rc == 0 && !o.json)
        put_text(&d, o.quiet);
    else if (rc == 0)
        rc = put_json(&d, o.quiet);
    if (rc < 0) {
        sg_error_errno(&err, -rc, "the report");
        sg_cli_tell(&err);
        return SG_CLI_SERVICE_FAILED;
    }
    return sg_doctor_count(&d, SG_HEALTH_ERROR) ? SG_CLI_FOUND : EXIT_SUCCESS;
}
