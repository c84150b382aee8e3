/* runtimes.c: sandgate runtimes. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "fcgi/catalog.h"
#include "fcgi/cli/cli.h"

/* -1: go on; else the exit status. */
static int read_options(struct sg_cli *c, int argc, char **argv, bool *ret_json, bool *ret_check)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"check", no_argument, NULL, 'C'},
                                            {"config", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    for (int o; (o = getopt_long(argc, argv, "jc:h", options, NULL)) != -1;) {
        switch (o) {
        case 'j':
            *ret_json = true;
            break;
        case 'C':
            *ret_check = true;
            break;
        case 'c':
            c->config_path = optarg;
            break;
        case 'h':
            sg_cli_runtimes_help();
            return EXIT_SUCCESS;
        default:
            return sg_cli_see_help("runtimes");
        }
    }
    if (*ret_json && *ret_check) {
        fputs("sandgate: --check prints no JSON\n", stderr);
        return sg_cli_see_help("runtimes");
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "sandgate: runtimes takes no %s\n", argv[optind]);
    return sg_cli_see_help("runtimes");
}

static void put_words(const struct sg_strings *s)
{
    for (size_t i = 0; i < s->n; i++)
        printf("%s%s", i > 0 ? ", " : "", s->v[i]);
}

/* What templates hold, and whether they do their work. */
static void put_templates(const struct sg_msg_runtime_reply *reply)
{
    for (uint32_t i = 0; i < reply->ntemplates; i++) {
        const struct sg_template_info *t = &reply->templates[i];
        printf("  template: %s: %s, %" PRIu32 " waiting, %" PRIu64 " clones%s%s\n", t->imports,
               sg_template_state_name((enum sg_template_state)t->state), t->waiting, t->clones,
               t->reason[0] ? ": " : "", t->reason);
    }
}

/* For a person: a line for the language, one for each thing that it comes with. */
static void put_text(const struct sg_runtime *rt, const struct sg_msg_runtime_reply *reply)
{
    printf("%s %s", rt->language, reply->version[0] ? reply->version : "(version unknown)");
    printf("%s\n  names:    ", reply->ready ? "" : "  NOT READY: its trial run has not passed");
    put_words(&rt->aliases);
    fputs("\n  files:    ", stdout);
    for (size_t i = 0; i < rt->extensions.n; i++)
        printf("%s*.%s", i > 0 ? ", " : "", rt->extensions.v[i]);
    fputs("\n  packages: ", stdout);
    for (const char *p = reply->packages; *p;) {
        size_t n = strcspn(p, "\n");
        printf("%s%.*s", p > reply->packages ? ", " : "", (int)n, p);
        p += n + (p[n] == '\n');
    }
    printf("\n  start:    %s\n", reply->start);
    put_templates(reply);
}

static int list(struct sg_cli *c, struct sg_json *j, struct sg_error *err)
{
    struct sg_msg_runtime_reply reply = {.count = 1};
    for (uint32_t i = 0; i < reply.count && i < SG_RUNTIMES_MAX; i++) {
        int rc = sg_link_runtime(&c->link, i, &reply, err);
        if (rc < 0)
            return rc;
        const struct sg_runtime *rt =
            i < reply.count ? sg_runtimes_find(&c->runtimes, reply.language) : NULL;
        if (rt && j)
            sg_catalog_write(j, rt, &reply);
        else if (rt)
            put_text(rt, &reply);
    }
    return 0;
}

static int list_json(struct sg_cli *c, struct sg_error *err)
{
    sg_auto(sg_buf) struct sg_buf out = {0};
    struct sg_json j = SG_JSON_INIT(&out);
    sg_json_open(&j, '[');
    int rc = list(c, &j, err);
    sg_json_close(&j, ']');
    if (rc == 0 && out.failed)
        rc = sg_error_errno(err, ENOMEM, "the list");
    if (rc == 0)
        puts(out.data);
    return rc;
}

int sg_cli_runtimes(struct sg_cli *c, int argc, char **argv)
{
    struct sg_error err = SG_ERROR_INIT;
    bool json = false, check = false;
    int status = read_options(c, argc, argv, &json, &check);
    if (status < 0)
        status = sg_cli_load(c);
    else
        return status;
    if (status != 0)
        return status;
    int rc = sg_cli_wait_known(c, &err);
    if (rc == 0 && check)
        return sg_cli_check_runtimes(c);
    if (rc == 0)
        rc = json ? list_json(c, &err) : list(c, NULL, &err);
    if (rc == 0)
        return EXIT_SUCCESS;
    sg_cli_tell(&err);
    return SG_CLI_SERVICE_FAILED;
}
