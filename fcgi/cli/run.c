/* run.c: sandgate run. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "fcgi/answer.h"
#include "fcgi/answer_denied.h"
#include "fcgi/cli/cli.h"
#include "fcgi/compile.h"
#include "fcgi/hints.h"
#include "fcgi/problem.h"

#define INSTANCE "/v1/execute" /* the same operation, so the same documents */

/* A person's ^C is to a run what a client's leaving is to the worker: it is watched in the same
 * way. */
struct interrupt {
    struct sg_transport transport; /* first */
    int signals;                   /* owned */
    int seen;                      /* number, 0: none yet */
};

static void interrupt_watch(struct sg_transport *t, struct pollfd *ret)
{
    *ret = (struct pollfd){.fd = ((struct interrupt *)t)->signals, .events = POLLIN};
}

static bool interrupt_gone(struct sg_transport *t, const struct pollfd *seen)
{
    struct interrupt *in = (struct interrupt *)t;
    struct signalfd_siginfo info;
    (void)seen;
    if (read(in->signals, &info, sizeof info) == (ssize_t)sizeof info)
        in->seen = (int)info.ssi_signo;
    return in->seen != 0;
}

static const struct sg_transport_ops interrupt_ops = {
    .name = "cli", .watch = interrupt_watch, .gone = interrupt_gone};

static int interrupt_open(struct interrupt *in)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    *in = (struct interrupt){.transport = {.ops = &interrupt_ops, .listen_fd = -1}};
    in->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return in->signals < 0 ? -errno : 0;
}

static int exit_status(const struct sg_outcome *o)
{
    if (o->reason == SG_REASON_WALL_TIME || o->reason == SG_REASON_CPU_TIME)
        return SG_CLI_TIMED_OUT;
    if (o->exit_code >= 0)
        return o->exit_code;
    return SG_CLI_SIGNAL + (o->signal > 0 ? o->signal : SIGKILL);
}

static void tell_cut(const char *name, const struct sg_stream_info *info)
{
    if (info->total_bytes > info->kept_bytes)
        fprintf(stderr,
                "sandgate: %s is cut: of %" PRIu64 " bytes the first %" PRIu64
                " and the last %" PRIu64 " are here (--limit output_bytes)\n",
                name, info->total_bytes, info->head_bytes, info->kept_bytes - info->head_bytes);
}

/* A program that failed by itself has said why; what stopped it from outside is said here. */
static void tell_end(const struct sg_outcome *o)
{
    char text[512];
    if (o->reason != SG_REASON_EXITED && sg_answer_error(o, text, sizeof text))
        fprintf(stderr, "sandgate: %s\n", text);
}

static void tell_denied(const struct sg_denied *denied)
{
    struct sg_denied_call calls[SG_DENIED_CALLS_MAX];
    size_t n = denied->traced ? sg_denied_list(denied, calls) : 0;
    if (denied->traced)
        fprintf(stderr, "sandgate: refused system calls: %s", n > 0 ? "" : "none");
    for (size_t i = 0; i < n; i++) {
        char name[SG_DENIED_NAME_SIZE];
        sg_denied_name(calls[i].number, name);
        fprintf(stderr, "%s%s %" PRIu32, i > 0 ? ", " : "", name, calls[i].count);
    }
    if (denied->traced)
        fputc('\n', stderr);
}

static int put_streams(const struct sg_outcome *o, const struct sg_run_output *kept)
{
    int rc = sg_fd_write_all(STDOUT_FILENO, kept->out.data, kept->out.n);
    int rc2 = sg_fd_write_all(STDERR_FILENO, kept->err.data, kept->err.n);
    tell_cut("stdout", &o->out);
    tell_cut("stderr", &o->err);
    tell_end(o);
    tell_denied(&o->denied);
    return rc < 0 ? rc : rc2;
}

static int put_document(struct sg_buf *json)
{
    sg_buf_puts(json, "\n");
    return json->failed ? -ENOMEM : sg_fd_write_all(STDOUT_FILENO, json->data, json->len);
}

static int put_json(const struct sg_job *job, const struct sg_verdict *v,
                    const struct sg_compiled *compiled, const struct sg_outcome *o,
                    const struct sg_run_output *kept)
{
    sg_auto(sg_buf) struct sg_buf json = {0};
    struct sg_answer a = {.id = job->id,
                          .outcome = o,
                          .out = kept->out,
                          .err = kept->err,
                          .files = sg_run_output_files(kept),
                          .verdict = v,
                          .job = job,
                          .compiled = compiled};
    sg_answer_write(&json, &a);
    return put_document(&json);
}

static int not_handed_on(int rc)
{
    struct sg_error e = SG_ERROR_INIT;
    sg_error_errno(&e, -rc, "the output cannot be handed on");
    sg_cli_tell(&e);
    return SG_CLI_SERVICE_FAILED;
}

static int put_result(const struct sg_cli_run *run, const struct sg_job *job,
                      const struct sg_verdict *v, const struct sg_compiled *compiled,
                      const struct sg_run_result *r)
{
    sg_auto(sg_run_output) struct sg_run_output kept = {0};
    int rc = sg_run_output_map(&kept, r, job->limits.output_bytes);
    if (rc == 0)
        rc = run->json ? put_json(job, v, compiled, &r->outcome, &kept)
                       : put_streams(&r->outcome, &kept);
    return rc < 0 ? not_handed_on(rc) : exit_status(&r->outcome);
}

/* What the compiler says belongs to nothing that a program prints. */
static int put_compiler(const struct sg_cli_run *run, const struct sg_compiled *compiled)
{
    if (!compiled->needed || compiled->result.end != SG_RUN_RESULT || run->json)
        return 0;
    int rc = sg_fd_write_all(STDERR_FILENO, compiled->kept.out.data, compiled->kept.out.n);
    int rc2 = sg_fd_write_all(STDERR_FILENO, compiled->kept.err.data, compiled->kept.err.n);
    return rc < 0 ? rc : rc2;
}

static int put_not_compiled(const struct sg_cli_run *run, const struct sg_job *job,
                            const struct sg_verdict *v, const struct sg_compiled *compiled)
{
    sg_auto(sg_buf) struct sg_buf json = {0};
    struct sg_answer a = {.id = job->id, .verdict = v, .job = job, .compiled = compiled};
    char text[512];
    int rc = 0;
    if (run->json) {
        sg_answer_write_not_compiled(&json, &a);
        rc = put_document(&json);
    } else {
        sg_compiled_error(compiled, text, sizeof text);
        fprintf(stderr, "sandgate: %s\n", text);
    }
    int status = exit_status(&compiled->result.outcome);
    return rc < 0 ? not_handed_on(rc) : status ? status : SG_CLI_FOUND;
}

static int put_problem(const struct sg_cli_run *run, const struct sg_job *job,
                       const struct sg_problem *p)
{
    sg_auto(sg_buf) struct sg_buf json = {0};
    const struct sg_problem_info *info = &sg_problem_table[p->id];
    if (run->json) {
        sg_problem_write(&json, p, INSTANCE, job->id);
        sg_buf_puts(&json, "\n");
        if (!json.failed)
            (void)sg_fd_write_all(STDOUT_FILENO, json.data, json.len);
    } else {
        const char *hint = p->hint[0] ? p->hint : info->hint ? info->hint : "";
        fprintf(stderr, "sandgate: %s%s%s\n", p->detail[0] ? p->detail : info->title,
                hint[0] ? "; " : "", hint);
    }
    return info->status == 422 ? SG_CLI_USAGE : SG_CLI_SERVICE_FAILED;
}

static int put_refusal(const struct sg_cli_run *run, const struct sg_job *job,
                       const struct sg_msg_refused *refused)
{
    sg_auto(sg_problem) struct sg_problem p = {0};
    sg_problem_from_refusal(&p, refused);
    return put_problem(run, job, &p);
}

static int put_failure(const struct sg_cli_run *run, const struct sg_job *job, int rc,
                       const struct sg_error *err)
{
    sg_auto(sg_problem) struct sg_problem p = {0};
    if (!run->json) {
        sg_cli_tell(err);
        return SG_CLI_SERVICE_FAILED;
    }
    sg_problem_set(&p,
                   rc == SG_E_CANCELLED     ? SG_PROBLEM_EXECUTOR_LOST
                   : rc == SG_E_UNAVAILABLE ? SG_PROBLEM_EXECUTOR_UNREACHABLE
                                            : SG_PROBLEM_INTERNAL,
                   "%s", err->text);
    return put_problem(run, job, &p);
}

/* v: NULL when the program was not scored. */
static int have_run(struct sg_cli *c, const struct sg_cli_run *run, struct sg_job *job,
                    const struct sg_verdict *v)
{
    sg_auto(sg_compiled) struct sg_compiled compiled = SG_COMPILED_INIT;
    struct sg_run_result r = SG_RUN_RESULT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    struct interrupt in;
    int status;
    sg_hints_fill(job, &c->runtimes, v);
    c->link.engine = job->engine;
    int rc = interrupt_open(&in);
    if (rc == 0 && job->version[0])
        rc = sg_cli_wait_known(c, &err);
    if (rc == 0)
        rc = sg_compile(&c->link, &c->runtimes, job, &in.transport, NULL, &compiled, &err);
    if (rc == 0 && (rc = put_compiler(run, &compiled)) < 0)
        sg_error_errno(&err, -rc, "the compiler's output cannot be handed on");
    bool goes_on = sg_compiled_goes_on(&compiled);
    const struct sg_run_result *last = goes_on ? &r : &compiled.result;
    if (rc == 0 && goes_on)
        rc = sg_link_run(&c->link, job, &in.transport, &r, &err);
    if (rc < 0)
        status = put_failure(run, job, rc, &err);
    else if (last->end == SG_RUN_GONE)
        status = SG_CLI_SIGNAL + in.seen;
    else if (last->end == SG_RUN_REFUSED)
        status = put_refusal(run, job, &last->refused);
    else if (!goes_on)
        status = put_not_compiled(run, job, v, &compiled);
    else
        status = put_result(run, job, v, &compiled, &r);
    sg_fd_close(&in.signals);
    sg_run_result_done(&r);
    return status;
}

static int put_rejected(const struct sg_cli_run *run, const struct sg_job *job,
                        const struct sg_verdict *v)
{
    sg_auto(sg_buf) struct sg_buf json = {0};
    struct sg_answer a = {.id = job->id, .verdict = v, .job = job};
    char text[1024];
    if (!run->json) {
        sg_verdict_sentence(v, text, sizeof text);
        fprintf(stderr, "sandgate: %s (--policy chooses another policy, --no-validate none)\n",
                text);
        return SG_CLI_REJECTED;
    }
    sg_answer_write_rejected(&json, &a);
    sg_buf_puts(&json, "\n");
    return !json.failed && sg_fd_write_all(STDOUT_FILENO, json.data, json.len) == 0
               ? SG_CLI_REJECTED
               : SG_CLI_SERVICE_FAILED;
}

/* Whose rules hold for the job's language; one without any is for --no-validate, or for a policy
   that lets such languages run. */
static int find_rules(struct sg_cli *c, const struct sg_job *job, struct sg_screen *screen,
                      struct sg_error *err)
{
    const struct sg_runtime *rt = sg_runtimes_find(&c->runtimes, job->language);
    screen->language = rt ? sg_validator_language(c->scoring.validator, rt->rules) : NULL;
    screen->skip = !screen->language && screen->policy->unscored;
    return screen->language || screen->skip
               ? 0
               : sg_error_set(err, SG_E_INVALID,
                              "there are no rules to score %s by; --no-validate runs it "
                              "all the same",
                              job->language);
}

static int score_and_run(struct sg_cli *c, const struct sg_cli_run *run, struct sg_job *job)
{
    sg_auto(sg_verdict) struct sg_verdict verdict = {0};
    struct sg_screen screen = {0};
    struct sg_error err = SG_ERROR_INIT;
    if (run->unvalidated)
        return have_run(c, run, job, NULL);
    int rc = sg_cli_load_scoring(c, run->policy, &screen.policy, &err);
    if (rc == 0)
        rc = find_rules(c, job, &screen, &err);
    if (rc == 0 && screen.skip)
        return have_run(c, run, job, NULL);
    if (rc == 0)
        rc = sg_scoring_apply(&c->scoring, &screen, job, &verdict, &err);
    if (rc < 0) {
        sg_cli_tell(&err);
        return rc == SG_E_INVALID ? SG_CLI_USAGE : SG_CLI_SERVICE_FAILED;
    }
    return verdict.decision == SG_DECISION_REJECTED ? put_rejected(run, job, &verdict)
                                                    : have_run(c, run, job, &verdict);
}

int sg_cli_run(struct sg_cli *c, int argc, char **argv)
{
    sg_auto(sg_job) struct sg_job job = {0};
    struct sg_cli_run run;
    struct sg_error err = SG_ERROR_INIT;
    int status = sg_cli_run_parse(c, &run, argc, argv);
    if (status >= 0)
        return status;
    status = sg_cli_load(c);
    if (status != 0)
        return status;
    if (sg_cli_job(c, &run, &job, &err) < 0) {
        sg_cli_tell(&err);
        return err.code == -ENOMEM ? SG_CLI_SERVICE_FAILED : SG_CLI_USAGE;
    }
    job.output_chosen = !run.json; /* only the document has files */
    return score_and_run(c, &run, &job);
}
