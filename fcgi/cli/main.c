/* main.c: sandgate COMMAND. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "fcgi/cli/cli.h"

#ifndef SG_VERSION
#define SG_VERSION "unversioned"
#endif

#define KNOWN_EVERY_MS 20
#define KNOWN_MOST_MS  30000

static const struct {
    const char *name;
    int (*run)(struct sg_cli *c, int argc, char **argv);
} commands[] = {
    {"doctor", sg_cli_doctor},
    {"run", sg_cli_run},
    {"runtimes", sg_cli_runtimes},
    {"validate", sg_cli_validate},
};

void sg_cli_tell(const struct sg_error *err)
{
    fprintf(stderr, "sandgate: %s%s%s\n", err->text, err->fix[0] ? "; " : "", err->fix);
}

void sg_cli_put_plain(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        bool c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;
        putchar((*c < 0x20 && *c != '\t') || *c == 0x7f || c1 ? '?' : *c);
        c += c1;
    }
}

int sg_cli_load(struct sg_cli *c)
{
    struct sg_error err = SG_ERROR_INIT;
    if (sg_config_load(&c->cfg, c->config_path, &err) < 0 ||
        sg_runtimes_load(&c->runtimes, c->cfg.runtime_dir, &err) < 0) {
        if (!c->config_path)
            sg_error_fix(&err, "name a configuration with --config FILE");
        sg_cli_tell(&err);
        return SG_CLI_SERVICE_FAILED;
    }
    sg_link_init(&c->link, &c->cfg);
    c->link.quiet = true; /* what there is to tell comes with the answer */
    return 0;
}

int sg_cli_load_scoring(struct sg_cli *c, const char *policy, const struct sg_policy **ret,
                        struct sg_error *err)
{
    if (sg_scoring_open(&c->scoring, &c->cfg, err) < 0)
        return SG_E_UNAVAILABLE; /* not what was asked for is wrong */
    const char *name = policy ? policy : c->cfg.validate.policies.v[0];
    *ret = sg_policies_find(&c->scoring.policies, name);
    return *ret ? 0
                : sg_error_set(err, SG_E_INVALID, "--policy %s: there is no such policy in %s",
                               name, c->cfg.policy_dir);
}

/* A private executor makes its trial runs when it is asked; a service has made them, or still does.
 */
int sg_cli_wait_known(struct sg_cli *c, struct sg_error *err)
{
    struct sg_msg_status_reply status;
    for (int waited = 0; waited < KNOWN_MOST_MS; waited += KNOWN_EVERY_MS) {
        int rc = sg_link_status(&c->link, &status, err);
        if (rc < 0 || status.ready || !status.pending)
            return rc;
        nanosleep(&(struct timespec){.tv_nsec = KNOWN_EVERY_MS * 1000000L}, NULL);
    }
    return sg_error_set(err, SG_E_UNAVAILABLE, "the executor's trial runs do not end");
}

static int run_command(struct sg_cli *c, int argc, char **argv)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(commands); i++)
        if (strcmp(argv[0], commands[i].name) == 0)
            return commands[i].run(c, argc, argv);
    fprintf(stderr, "sandgate: there is no command %s\n", argv[0]);
    return sg_cli_see_help("");
}

/* -1: a command follows. */
static int read_options(struct sg_cli *c, int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"version", no_argument, NULL, 'V'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    for (int o; (o = getopt_long(argc, argv, "+c:Vh", options, NULL)) != -1;) {
        switch (o) {
        case 'c':
            c->config_path = optarg;
            break;
        case 'V':
            puts("sandgate " SG_VERSION);
            return EXIT_SUCCESS;
        case 'h':
            sg_cli_help();
            return EXIT_SUCCESS;
        default:
            return sg_cli_see_help("");
        }
    }
    if (optind < argc)
        return -1;
    fputs("sandgate: which command?\n", stderr);
    return sg_cli_see_help("");
}

int main(int argc, char **argv)
{
    struct sg_cli c = {.link = {.client = SG_CLIENT_INIT}};
    c.config_path = getenv("SANDGATE_CONFIG");
    sg_log_open("sandgate", "stderr", SG_LOG_WARNING);
    int status = read_options(&c, argc, argv);
    if (status < 0) {
        int first = optind;
        optind = 0; /* glibc: begin anew, with the command's own options */
        status = run_command(&c, argc - first, argv + first);
    }
    sg_link_done(&c.link);
    sg_runtimes_done(&c.runtimes);
    sg_scoring_done(&c.scoring);
    sg_config_done(&c.cfg);
    if (fflush(stdout) != 0 && status == 0)
        status = SG_CLI_SERVICE_FAILED;
    return status;
}
