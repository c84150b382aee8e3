/* check.c: sandgate runtimes --check: the self-test of each runtime, run as any program is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/time.h"
#include "fcgi/answer.h"
#include "fcgi/cli/cli.h"
#include "fcgi/compile.h"
#include "fcgi/hints.h"
#include "fcgi/self_test.h"

#define EXPECTED   "ok\n"
#define DETAIL_MAX 400

/* The end of what it wrote, in one line. */
static void put_tail(struct sg_buf *ret, const char *what, struct sg_span text)
{
    size_t n = text.n < DETAIL_MAX ? text.n : DETAIL_MAX;
    const char *from = text.data + (text.n - n);
    if (n == 0)
        return;
    sg_buf_printf(ret, "; %s: %s", what, n < text.n ? "..." : "");
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)from[i];
        bool last = i + 1 == n && byte == '\n';
        if (!last)
            sg_buf_printf(ret, "%c", byte < ' ' || byte > '~' ? ' ' : byte);
    }
}

/* Why it has not passed; nothing: it has. */
static int judge(const struct sg_run_result *r, const struct sg_limits *limits, struct sg_buf *ret)
{
    sg_auto(sg_run_output) struct sg_run_output kept = {0};
    char text[256];
    int rc = sg_run_output_map(&kept, r, limits->output_bytes);
    if (rc < 0)
        return rc;
    bool said = kept.out.n == strlen(EXPECTED) && memcmp(kept.out.data, EXPECTED, kept.out.n) == 0;
    if (sg_answer_error(&r->outcome, text, sizeof text))
        sg_buf_puts(ret, text);
    else if (!said)
        sg_buf_puts(ret, "It printed something else than ok.");
    else
        return 0;
    put_tail(ret, "stdout", said ? (struct sg_span){0} : kept.out);
    put_tail(ret, "stderr", kept.err);
    return 0;
}

static void put_not_compiled(const struct sg_compiled *compiled, struct sg_buf *ret)
{
    char text[512];
    sg_compiled_error(compiled, text, sizeof text);
    sg_buf_puts(ret, text);
    put_tail(ret, "stderr", compiled->kept.err);
}

/* Runs it; *why: as of judge. A refusal is a failed test, a lost executor is not. */
static int test(struct sg_cli *c, const struct sg_runtime *rt, struct sg_buf *why,
                struct sg_timings *ret_timings, struct sg_error *err)
{
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_compiled) struct sg_compiled compiled = SG_COMPILED_INIT;
    struct sg_run_result r = SG_RUN_RESULT_INIT;
    int rc = sg_self_test_job(rt, &c->cfg.limits_default, &job);
    if (rc < 0)
        return sg_error_errno(err, -rc, "the self-test of %s", rt->language);
    sg_hints_fill(&job, &c->runtimes, NULL);
    rc = sg_compile(&c->link, &c->runtimes, &job, NULL, NULL, &compiled, err);
    bool goes_on = sg_compiled_goes_on(&compiled);
    if (rc == 0 && goes_on)
        rc = sg_link_run(&c->link, &job, NULL, &r, err);
    const struct sg_run_result *last = goes_on ? &r : &compiled.result;
    if (rc == 0 && last->end == SG_RUN_REFUSED)
        sg_buf_printf(why, "%s%s%s", last->refused.text, last->refused.fix[0] ? "; " : "",
                      last->refused.fix);
    else if (rc == 0 && !goes_on)
        put_not_compiled(&compiled, why);
    else if (rc == 0 && (rc = judge(&r, &job.limits, why)) < 0)
        sg_error_errno(err, -rc, "the output of the self-test of %s", rt->language);
    *ret_timings = r.outcome.timings;
    sg_run_result_done(&r);
    return rc == 0 && why->failed ? sg_error_errno(err, ENOMEM, "the self-test") : rc;
}

/* What the executor has of it: 1 and its version; 0: its interpreter is not there. */
static int find(struct sg_cli *c, struct sg_runtime *rt, struct sg_msg_runtime_reply *ret,
                struct sg_error *err)
{
    ret->count = 1;
    for (uint32_t i = 0; i < ret->count && i < SG_RUNTIMES_MAX; i++) {
        int rc = sg_link_runtime(&c->link, i, ret, err);
        if (rc < 0)
            return rc;
        if (i < ret->count && strcmp(ret->language, rt->language) == 0 &&
            (!rt->version[0] || sg_version_matches(ret->version, rt->version)))
            return 1;
    }
    return 0;
}

/* 1: passed, or there is nothing to test; 0: failed. */
static int check_one(struct sg_cli *c, struct sg_runtime *rt, struct sg_error *err)
{
    sg_autofree struct sg_msg_runtime_reply *reply = calloc(1, sizeof *reply);
    sg_auto(sg_buf) struct sg_buf why = {0};
    struct sg_timings t = {0};
    if (!reply)
        return sg_error_errno(err, ENOMEM, "the self-test");
    int rc = find(c, rt, reply, err);
    if (rc < 0)
        return rc;
    if (rc == 0) {
        printf("%s: not available: there is no %s\n", rt->language, sg_runtime_program(rt));
        return rt->optional;
    }
    const char *version = reply->version[0] ? reply->version : "(version unknown)";
    if (!rt->self_test) {
        printf("%s %s: %s: it has no self_test, only its trial run\n", rt->language, version,
               reply->ready ? "passed" : "FAILED");
        return reply->ready;
    }
    rc = test(c, rt, &why, &t, err);
    if (rc < 0)
        return rc;
    if (why.len == 0)
        printf("%s %s: passed (%s start, %.0f ms)\n", rt->language, version,
               sg_start_name((enum sg_start)t.start), t.run_us / 1000.0);
    else
        printf("%s %s: FAILED: %s\n", rt->language, version, why.data);
    return why.len == 0;
}

int sg_cli_check_runtimes(struct sg_cli *c)
{
    struct sg_error err = SG_ERROR_INIT;
    bool passed = true;
    for (size_t i = 0; i < c->runtimes.n; i++) {
        int rc = check_one(c, &c->runtimes.v[i], &err);
        if (rc < 0) {
            sg_cli_tell(&err);
            return SG_CLI_SERVICE_FAILED;
        }
        passed = passed && rc;
    }
    return passed ? EXIT_SUCCESS : SG_CLI_FOUND;
}
