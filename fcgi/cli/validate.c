/* validate.c: sandgate validate. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "fcgi/cli/cli.h"
#include "fcgi/report.h"
#include "fcgi/sarif.h"

enum form { FORM_TEXT, FORM_JSON, FORM_SARIF };

struct options {
    const char *language, *policy;
    enum form form;
    char **files;
    int nfiles;
};

/* -1: go on; else the exit status. */
static int read_options(struct sg_cli *c, int argc, char **argv, struct options *ret)
{
    static const struct option options[] = {{"language", required_argument, NULL, 'l'},
                                            {"policy", required_argument, NULL, 'p'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"sarif", no_argument, NULL, 's'},
                                            {"config", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    for (int o; (o = getopt_long(argc, argv, "l:p:jsc:h", options, NULL)) != -1;) {
        switch (o) {
        case 'l':
            ret->language = optarg;
            break;
        case 'p':
            ret->policy = optarg;
            break;
        case 'j':
            ret->form = FORM_JSON;
            break;
        case 's':
            ret->form = FORM_SARIF;
            break;
        case 'c':
            c->config_path = optarg;
            break;
        case 'h':
            sg_cli_validate_help();
            return EXIT_SUCCESS;
        default:
            return sg_cli_see_help("validate");
        }
    }
    ret->files = argv + optind;
    ret->nfiles = argc - optind;
    if (ret->nfiles > 0 && ret->nfiles <= SG_FILES_MAX)
        return -1;
    if (ret->nfiles == 0)
        fputs("sandgate: which file?\n", stderr);
    else
        fprintf(stderr, "sandgate: at most %d files\n", SG_FILES_MAX);
    return sg_cli_see_help("validate");
}

/* Files keep the names that they are given by: that is what a person looks for. */
static int read_files(const struct options *o, struct sg_job *job, struct sg_error *err)
{
    for (int i = 0; i < o->nfiles; i++) {
        struct sg_job_file *f = &job->files[job->nfiles];
        f->path = strdup(strcmp(o->files[i], "-") == 0 ? "(stdin)" : o->files[i]);
        if (!f->path)
            return sg_error_errno(err, ENOMEM, "%s", o->files[i]);
        job->nfiles++;
        int rc = sg_cli_read_bytes(o->files[i], SG_FILE_BYTES_MAX, &f->content, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* The named language, or that of the first file. */
static int find_language(const struct sg_cli *c, const struct options *o, struct sg_screen *screen,
                         struct sg_error *err)
{
    const struct sg_validator *v = c->scoring.validator;
    if (o->language) {
        screen->language = sg_validator_language(v, o->language);
        return screen->language
                   ? 0
                   : sg_error_set(err, SG_E_INVALID, "--language %s: there are no rules for it",
                                  o->language);
    }
    const char *dot = strrchr(o->files[0], '.');
    screen->language = dot ? sg_validator_by_extension(v, dot + 1) : NULL;
    return screen->language
               ? 0
               : sg_error_set(err, SG_E_INVALID, "%s: which language? name it with --language",
                              o->files[0]);
}

static void put_finding(const struct sg_finding *f, const struct sg_job *job)
{
    sg_cli_put_plain(job->files[f->file].path);
    printf(":%u:%u: %s: %s [%s, %u]\n", f->line, f->column, sg_severity_name(f->severity),
           f->message, f->rule, f->score);
    if (f->snippet[0]) {
        fputs("    ", stdout);
        sg_cli_put_plain(f->snippet);
        putchar('\n');
    }
    if (f->remedy[0])
        printf("    remedy: %s\n", f->remedy);
}

static int put_text(const struct sg_verdict *v, const struct sg_job *job)
{
    for (size_t i = 0; i < v->nfindings; i++)
        put_finding(&v->findings[i], job);
    if (v->omitted > 0)
        printf("and %zu more\n", v->omitted);
    printf("risk score %u, threshold %u (policy %s): %s\n", v->score, v->threshold, v->policy,
           sg_decision_name(v->decision));
    return 0;
}

static int put(const struct sg_cli *c, const struct options *o, const struct sg_screen *screen,
               const struct sg_verdict *v, const struct sg_job *job)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    struct sg_source sources[SG_FILES_MAX];
    struct sg_sarif sarif = {.validator = c->scoring.validator,
                             .language = screen->language,
                             .verdict = v,
                             .sources = sources,
                             .nsources = job->nfiles,
                             .id = job->id};
    if (o->form == FORM_TEXT)
        return put_text(v, job);
    sg_scoring_sources(job, sources);
    if (o->form == FORM_SARIF)
        sg_sarif_write(&text, &sarif);
    else
        sg_report_write(&text, v, job, screen->language);
    sg_buf_puts(&text, "\n");
    return text.failed ? -ENOMEM : sg_fd_write_all(STDOUT_FILENO, text.data, text.len);
}

int sg_cli_validate(struct sg_cli *c, int argc, char **argv)
{
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_verdict) struct sg_verdict verdict = {0};
    struct options o = {0};
    struct sg_screen screen = {0};
    struct sg_error err = SG_ERROR_INIT;
    int status = read_options(c, argc, argv, &o);
    if (status >= 0)
        return status;
    status = sg_cli_load(c);
    if (status != 0)
        return status;
    sg_uuid_make(job.id);
    int rc = sg_cli_load_scoring(c, o.policy, &screen.policy, &err);
    if (rc == 0)
        rc = find_language(c, &o, &screen, &err);
    if (rc == 0)
        rc = read_files(&o, &job, &err);
    if (rc == 0)
        rc = sg_scoring_apply(&c->scoring, &screen, &job, &verdict, &err);
    if (rc == 0)
        rc = put(c, &o, &screen, &verdict, &job);
    if (rc < 0) {
        sg_error_set(&err, rc, "the report cannot be written");
        sg_cli_tell(&err);
        return rc == SG_E_INVALID || rc == -ENOENT ? SG_CLI_USAGE : SG_CLI_SERVICE_FAILED;
    }
    return verdict.decision == SG_DECISION_REJECTED ? SG_CLI_FOUND : EXIT_SUCCESS;
}
