/* options.c: arguments of `run` into a job. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/config/limit_text.h"
#include "core/ipc/payload.h"
#include "fcgi/cli/cli.h"
#include "fcgi/request.h"

enum { OPT_VERSION_OF = 256, OPT_MERGE, OPT_ID, OPT_NO_VALIDATE, OPT_ENGINE, OPT_TRACE };

static const struct option run_options[] = {{"language", required_argument, NULL, 'l'},
                                            {"version-of", required_argument, NULL, OPT_VERSION_OF},
                                            {"file", required_argument, NULL, 'f'},
                                            {"stdin", required_argument, NULL, 'i'},
                                            {"env", required_argument, NULL, 'e'},
                                            {"timeout", required_argument, NULL, 't'},
                                            {"limit", required_argument, NULL, 'L'},
                                            {"merge-stderr", no_argument, NULL, OPT_MERGE},
                                            {"id", required_argument, NULL, OPT_ID},
                                            {"policy", required_argument, NULL, 'p'},
                                            {"no-validate", no_argument, NULL, OPT_NO_VALIDATE},
                                            {"engine", required_argument, NULL, OPT_ENGINE},
                                            {"trace-denied-syscalls", no_argument, NULL, OPT_TRACE},
                                            {"json", no_argument, NULL, 'j'},
                                            {"config", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};

/* Appends to one of the lists; false when it is full, after telling. */
static bool add(const char **list, size_t *n, size_t max, const char *what)
{
    if (*n == max) {
        fprintf(stderr, "sandgate: at most %zu times %s\n", max, what);
        return false;
    }
    list[(*n)++] = optarg;
    return true;
}

/* One option. -1: go on; else the exit status. */
static int take_option(struct sg_cli *c, struct sg_cli_run *r, int option)
{
    bool fits = true;
    switch (option) {
    case 'l':
        r->language = optarg;
        break;
    case OPT_VERSION_OF:
        r->version = optarg;
        break;
    case 'f':
        fits = add(r->files, &r->nfiles, SG_ARRAY_LEN(r->files) - 1, "--file");
        break;
    case 'i':
        r->input = optarg;
        break;
    case 'e':
        fits = add(r->env, &r->nenv, SG_ARRAY_LEN(r->env), "--env");
        break;
    case 't':
        r->timeout = optarg;
        break;
    case 'L':
        fits = add(r->limits, &r->nlimits, SG_ARRAY_LEN(r->limits), "--limit");
        break;
    case OPT_MERGE:
        r->merge_stderr = true;
        break;
    case OPT_ID:
        r->id = optarg;
        break;
    case 'p':
        r->policy = optarg;
        break;
    case OPT_ENGINE:
        r->engine = optarg;
        break;
    case OPT_TRACE:
        r->trace_denied_syscalls = true;
        break;
    case OPT_NO_VALIDATE:
        r->unvalidated = true;
        break;
    case 'j':
        r->json = true;
        break;
    case 'c':
        c->config_path = optarg;
        break;
    case 'h':
        sg_cli_run_help();
        return EXIT_SUCCESS;
    default:
        fits = false;
    }
    return fits ? -1 : sg_cli_see_help("run");
}

int sg_cli_run_parse(struct sg_cli *c, struct sg_cli_run *ret, int argc, char **argv)
{
    *ret = (struct sg_cli_run){0};
    for (int o; (o = getopt_long(argc, argv, "l:f:i:e:t:L:p:jc:h", run_options, NULL)) != -1;) {
        int status = take_option(c, ret, o);
        if (status >= 0)
            return status;
    }
    if (ret->policy && ret->unvalidated) {
        fputs("sandgate: --policy and --no-validate exclude each other\n", stderr);
        return sg_cli_see_help("run");
    }
    if (optind == argc) {
        fputs("sandgate: which file?\n", stderr);
        return sg_cli_see_help("run");
    }
    ret->file = argv[optind];
    ret->args = argv + optind + 1;
    ret->nargs = (size_t)(argc - optind - 1);
    return -1;
}

static int usage(struct sg_error *err, const char *what, const char *value, const char *why)
{
    return sg_error_set(err, SG_E_INVALID, "%s %s: %s", what, value, why);
}

/* Seconds with a fraction, as in the request's timeout. */
static int read_timeout(const char *text, uint64_t *ret_ms)
{
    char *end;
    errno = 0;
    double s = strtod(text, &end);
    if (end == text || *end || errno || !isfinite(s) || s < 0 || s > 1e9)
        return -EINVAL;
    *ret_ms = (uint64_t)llround(s * 1000);
    return 0;
}

static int read_limit(const char *text, struct sg_limits *limits, bool *ret_wall,
                      struct sg_error *err)
{
    const struct sg_limit_info *info = NULL;
    int rc = sg_limit_read(text, limits, &info);
    if (rc == -EINVAL)
        return usage(err, "--limit", text, "is not NAME=VALUE");
    if (rc == -ENOENT)
        return usage(err, "--limit", text, "there is no such limit (see: sandgate run --help)");
    if (rc < 0)
        return usage(err, "--limit", text, "is no number of that unit");
    *ret_wall = *ret_wall || info->offset == offsetof(struct sg_limits, wall_time_ms);
    return 0;
}

static int fill_limits(struct sg_cli *c, const struct sg_cli_run *r, struct sg_job *job,
                       struct sg_error *err)
{
    const struct sg_limit_info *which = NULL;
    bool wall = false;
    job->limits = c->cfg.limits_default;
    for (size_t i = 0; i < r->nlimits; i++)
        if (read_limit(r->limits[i], &job->limits, &wall, err) < 0)
            return err->code;
    if (r->timeout && wall)
        return usage(err, "--timeout", r->timeout, "and --limit wall_time_ms are the same");
    if (r->timeout && read_timeout(r->timeout, &job->limits.wall_time_ms) < 0)
        return usage(err, "--timeout", r->timeout, "is no number of seconds");
    if (sg_limits_check(&job->limits, &c->cfg.limits_max, &which) < 0)
        return sg_error_set(err, SG_E_INVALID,
                            "limit %s: %" PRIu64 " is not within %" PRIu64 " and %" PRIu64 " %s",
                            which->name, sg_limit_get(&job->limits, which), which->min,
                            sg_limit_get(&c->cfg.limits_max, which), which->unit);
    return 0;
}

/* Adds what a job's strings may have together. */
static int count_bytes(size_t *total, const char *what, const char *text, struct sg_error *err)
{
    size_t n = strlen(text) + 1;
    *total += n;
    if (n > SG_REQUEST_STRING_BYTES_MAX || *total > SG_REQUEST_STRINGS_BYTES_MAX)
        return sg_error_set(err, SG_E_INVALID, "%s: arguments and environment are too long", what);
    return 0;
}

static int fill_env(const struct sg_cli_run *r, struct sg_job *job, size_t *total,
                    struct sg_error *err)
{
    for (size_t i = 0; i < r->nenv; i++) {
        char name[128];
        const char *equals = strchr(r->env[i], '=');
        size_t n = equals ? (size_t)(equals - r->env[i]) : 0;
        if (!equals || n >= sizeof name)
            return usage(err, "--env", r->env[i], "is not NAME=VALUE");
        memcpy(name, r->env[i], n);
        name[n] = '\0';
        const char *wrong = sg_env_name_check(name);
        if (wrong)
            return usage(err, "--env", r->env[i], wrong);
        if (count_bytes(total, "--env", r->env[i], err) < 0)
            return err->code;
        job->env[i] = strdup(r->env[i]);
        if (!job->env[i])
            return sg_error_errno(err, ENOMEM, "--env");
        job->nenv++;
    }
    return 0;
}

static int fill_args(const struct sg_cli_run *r, struct sg_job *job, size_t *total,
                     struct sg_error *err)
{
    if (r->nargs > SG_ARGS_MAX)
        return sg_error_set(err, SG_E_INVALID, "%zu arguments are too many: at most %d", r->nargs,
                            SG_ARGS_MAX);
    for (size_t i = 0; i < r->nargs; i++) {
        if (count_bytes(total, "--", r->args[i], err) < 0)
            return err->code;
        job->args[i] = strdup(r->args[i]);
        if (!job->args[i])
            return sg_error_errno(err, ENOMEM, "arguments");
        job->nargs++;
    }
    return 0;
}

/* By --language, else by the file's extension. */
static const struct sg_runtime *find_runtime(struct sg_cli *c, const struct sg_cli_run *r,
                                             struct sg_error *err)
{
    const char *dot = strrchr(r->file, '.');
    const struct sg_runtime *rt = NULL;
    if (r->language)
        rt = sg_runtimes_find(&c->runtimes, r->language);
    else if (dot && !strchr(dot, '/'))
        rt = sg_runtimes_by_extension(&c->runtimes, dot + 1);
    if (!rt && r->language)
        usage(err, "--language", r->language, "there is no such runtime (see: sandgate runtimes)");
    else if (!rt)
        usage(err, "file", r->file, "its extension tells no language: name one with --language");
    return rt;
}

static int fill_names(const struct sg_cli_run *r, const struct sg_runtime *rt, struct sg_job *job,
                      struct sg_error *err)
{
    sg_str_copy(job->language, sizeof job->language, rt->language);
    snprintf(job->client, sizeof job->client, "uid-%u", (unsigned)getuid());
    if (r->version && sg_str_copy(job->version, sizeof job->version, r->version) < 0)
        return usage(err, "--version-of", r->version, "is too long");
    if (!r->id)
        sg_uuid_make(job->id);
    else if (!*r->id || sg_str_copy(job->id, sizeof job->id, r->id) < 0)
        return usage(err, "--id", r->id, "is not of 1 to 64 bytes");
    for (const char *p = job->id; *p; p++)
        if (*p < ' ' || *p > '~')
            return usage(err, "--id", r->id, "has a character that is not printable ASCII");
    job->merge_stderr = r->merge_stderr;
    return 0;
}

/* Whoever sits here is no client: any engine that there is will do. */
static int fill_engine(struct sg_cli *c, const struct sg_cli_run *run, struct sg_job *job,
                       struct sg_error *err)
{
    const struct sg_strings *engines = &c->cfg.worker.engines;
    const char *name = run->engine ? run->engine : engines->n > 0 ? engines->v[0] : "native";
    int engine = sg_engine_from_name(name);
    if (engine < 0)
        return usage(err, "--engine", name, "there is no such engine; allowed: native, docker");
    job->engine = (enum sg_engine)engine;
    return 0;
}

static int fill_trace(struct sg_cli *c, const struct sg_cli_run *run, struct sg_job *job,
                      struct sg_error *err)
{
    static const char option[] = "--trace-denied-syscalls";
    job->trace_denied_syscalls = run->trace_denied_syscalls;
    if (run->trace_denied_syscalls && job->engine != SG_ENGINE_NATIVE)
        return usage(err, option, "", "the native engine alone can count them");
    if (run->trace_denied_syscalls && !c->cfg.native.trace_denied_syscalls)
        return usage(err, option, "", "the configuration forbids it");
    return 0;
}

int sg_cli_job(struct sg_cli *c, const struct sg_cli_run *run, struct sg_job *job,
               struct sg_error *err)
{
    size_t total = 0;
    const struct sg_runtime *rt = find_runtime(c, run, err);
    if (!rt)
        return err->code;
    int rc = fill_names(run, rt, job, err);
    if (rc == 0)
        rc = fill_engine(c, run, job, err);
    if (rc == 0)
        rc = fill_trace(c, run, job, err);
    if (rc == 0)
        rc = fill_limits(c, run, job, err);
    if (rc == 0)
        rc = fill_env(run, job, &total, err);
    if (rc == 0)
        rc = fill_args(run, job, &total, err);
    if (rc == 0)
        rc = sg_cli_read_program(run, rt, job, err);
    if (rc == 0 && sg_payload_size(job) > SG_PAYLOAD_BYTES_MAX)
        rc = sg_error_set(err, SG_E_INVALID,
                          "files, arguments and environment have %zu bytes together; allowed: at "
                          "most %u",
                          sg_payload_size(job), SG_PAYLOAD_BYTES_MAX);
    return rc;
}
