/* answer_cases.c: see answer_cases.h */
#include "fcgi/answer_cases.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/answer.h"
#include "fcgi/answer_files.h"
#include "fcgi/answer_internal.h"
#include "fcgi/report.h"

void sg_cases_answer_begin(struct sg_cases_answer *a, const struct sg_job *job)
{
    *a = (struct sg_cases_answer){
        .job = job,
        .output_left = SG_CASES_OUTPUT_BYTES_MAX,
        .timings = {.start = SG_START_COUNT}, /* each has a start of its own */
    };
    a->json = (struct sg_json)SG_JSON_INIT(&a->items);
}

void sg_cases_answer_done(struct sg_cases_answer *a)
{
    sg_buf_done(&a->items);
}

bool sg_cases_answer_success(const struct sg_cases_answer *a)
{
    return a->failed == 0 && a->skipped == 0;
}

/* ---- what a case says in words ---- */

static double seconds(const struct sg_cases_answer *a)
{
    return (double)a->job->cases->wall_time_ms / 1000.0;
}

/* Why it did not pass; false when it did. */
static bool say_why(const struct sg_cases_answer *a, const struct sg_case_result *r, char *ret,
                    size_t n)
{
    if (r->end == SG_CASE_SKIPPED_FAILURE)
        snprintf(ret, n,
                 "It was not run: a test before it did not pass (test_options.stop_on_failure).");
    else if (r->end == SG_CASE_SKIPPED_TIME)
        snprintf(ret, n,
                 "It was not run: the time for all tests was over (test_options.wall_time_ms, "
                 "%g s).",
                 seconds(a));
    else if (r->late)
        snprintf(ret, n,
                 "It was ended when the time for all tests was over (test_options.wall_time_ms, "
                 "%g s).",
                 seconds(a));
    else if (r->passed || sg_answer_error(r->outcome, ret, n))
        return !r->passed;
    else if (r->line > 0)
        snprintf(ret, n, "stdout differs from expected_stdout at line %zu%s.", r->line,
                 r->only_space ? ", by trailing white space only (test_options.compare)" : "");
    else
        snprintf(ret, n,
                 "stdout is longer than what is kept of it (limits.output_bytes), so it is not "
                 "expected_stdout.");
    return true;
}

static void note_first(struct sg_cases_answer *a, size_t index, const char *why)
{
    const char *name = a->job->cases->v[index].name;
    if (a->first[0])
        return;
    if (name)
        snprintf(a->first, sizeof a->first, "test %zu (\"%s\"): %s", index + 1, name, why);
    else
        snprintf(a->first, sizeof a->first, "test %zu: %s", index + 1, why);
}

/* ---- sums ---- */

static void add(uint64_t *sum, uint64_t figure)
{
    *sum = *sum == SG_UNKNOWN || figure == SG_UNKNOWN ? SG_UNKNOWN : *sum + figure;
}

static void keep_highest(uint64_t *peak, uint64_t figure)
{
    if (*peak != SG_UNKNOWN && (figure == SG_UNKNOWN || figure > *peak))
        *peak = figure;
}

static void add_usage(struct sg_usage *sum, const struct sg_usage *u)
{
    add(&sum->wall_time_us, u->wall_time_us);
    add(&sum->cpu_user_us, u->cpu_user_us);
    add(&sum->cpu_system_us, u->cpu_system_us);
    keep_highest(&sum->memory_peak_bytes, u->memory_peak_bytes);
    keep_highest(&sum->processes_peak, u->processes_peak);
    add(&sum->network_rx_bytes, u->network_rx_bytes);
    add(&sum->network_tx_bytes, u->network_tx_bytes);
}

/* A day of milliseconds, which a configuration may allow, is more microseconds than fit. */
static void add_us(uint32_t *sum, uint32_t us)
{
    *sum = us > UINT32_MAX - *sum ? UINT32_MAX : *sum + us;
}

static void add_timings(struct sg_timings *sum, const struct sg_timings *t)
{
    add_us(&sum->queue_us, t->queue_us);
    add_us(&sum->setup_us, t->setup_us);
    add_us(&sum->run_us, t->run_us);
    add_us(&sum->collect_us, t->collect_us);
}

/* ---- one case ---- */

/* The stream as if less of it had been kept: head and tail of `most` bytes together. buf holds what
   the result points to. */
static struct sg_span shorten(struct sg_stream_info *info, struct sg_span kept, size_t most,
                              struct sg_buf *buf)
{
    if (kept.n <= most)
        return kept;
    bool cut = info->total_bytes > kept.n;
    size_t had_head = cut && info->head_bytes < kept.n ? (size_t)info->head_bytes : kept.n / 2;
    size_t had_tail = kept.n - had_head;
    size_t head = most / 2 < had_head ? most / 2 : had_head;
    size_t tail = most - head < had_tail ? most - head : had_tail;
    sg_buf_append(buf, kept.data, head);
    sg_buf_append(buf, kept.data + kept.n - tail, tail);
    info->head_bytes = head;
    info->kept_bytes = buf->len;
    return (struct sg_span){buf->data, buf->len};
}

static void put_run(struct sg_cases_answer *a, size_t index, const struct sg_case_result *r,
                    const char *error)
{
    sg_auto(sg_buf) struct sg_buf out_buf = {0};
    sg_auto(sg_buf) struct sg_buf err_buf = {0};
    struct sg_json *j = &a->json;
    struct sg_outcome o = *r->outcome;
    size_t streams = 2 * (a->job->cases->n - index);
    struct sg_span out = shorten(&o.out, r->out, a->output_left / streams, &out_buf);
    a->output_left -= out.n;
    struct sg_span err = shorten(&o.err, r->err, a->output_left / (streams - 1), &err_buf);
    a->output_left -= err.n;
    a->items.failed |= out_buf.failed || err_buf.failed;
    sg_answer_put_end(j, &o, out, err);
    sg_json_put_string(j, "error", error);
    sg_answer_put_figures(j, &o, r->out, r->err, a->job->merge_stderr);
    sg_answer_put_isolation(j, &o.isolation);
    sg_answer_put_timings(j, NULL, &o.timings);
    if (a->passed + a->failed == 0)
        a->usage = o.usage;
    else
        add_usage(&a->usage, &o.usage);
    add_timings(&a->timings, &o.timings);
    sg_str_copy(a->version, sizeof a->version, o.version);
}

static void put_skipped(struct sg_json *j, const char *error)
{
    sg_answer_put_no_end(j, "skipped", false, false);
    sg_json_put_string(j, "error", error);
    sg_answer_put_no_figures(j);
    sg_json_put_null(j, "isolation");
    sg_answer_put_timings(j, NULL, NULL);
}

void sg_cases_answer_add(void *arg, size_t index, const struct sg_case_result *r)
{
    struct sg_cases_answer *a = arg;
    struct sg_json *j = &a->json;
    char why[256];
    bool right = !say_why(a, r, why, sizeof why);
    if (!right)
        note_first(a, index, why);
    sg_json_open(j, '{');
    sg_json_put_string(j, "name", a->job->cases->v[index].name);
    if (r->end == SG_CASE_RAN) {
        sg_json_put_bool(j, "passed", right);
        put_run(a, index, r, right ? NULL : why);
        a->passed += right;
        a->failed += !right;
    } else {
        sg_json_put_null(j, "passed");
        put_skipped(j, why);
        a->skipped++;
    }
    sg_json_close(j, '}');
}

/* ---- all of them ---- */

void sg_answer_put_no_cases(struct sg_json *j)
{
    sg_json_put_null(j, "test_summary");
    sg_json_put_null(j, "tests");
}

static void put_cases(struct sg_json *j, struct sg_cases_answer *a)
{
    sg_json_key(j, "test_summary");
    sg_json_open(j, '{');
    sg_json_put_uint(j, "total", a->job->cases->n);
    sg_json_put_uint(j, "passed", a->passed);
    sg_json_put_uint(j, "failed", a->failed);
    sg_json_put_uint(j, "skipped", a->skipped);
    sg_json_close(j, '}');
    sg_json_key(j, "tests");
    sg_json_open(j, '[');
    sg_buf_append(j->out, a->items.data, a->items.len);
    j->out->failed |= a->items.failed;
    sg_buf_done(&a->items); /* it may be many megabytes: do not keep both */
    sg_json_close(j, ']');
}

static void put_error(struct sg_json *j, const struct sg_cases_answer *a)
{
    char text[1024], skipped[64] = "";
    if (a->skipped > 0)
        snprintf(skipped, sizeof skipped, ", %zu of them %s not run", a->skipped,
                 a->skipped == 1 ? "was" : "were");
    snprintf(text, sizeof text, "%zu of %zu tests did not pass%s; the first is %s",
             a->failed + a->skipped, a->job->cases->n, skipped, a->first);
    sg_json_put_string(j, "error", sg_cases_answer_success(a) ? NULL : text);
}

int sg_cases_answer_write(struct sg_buf *ret, struct sg_cases_answer *a,
                          const struct sg_verdict *verdict)
{
    struct sg_json j = SG_JSON_INIT(ret);
    bool success = sg_cases_answer_success(a), ran = a->passed + a->failed > 0;
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "id", a->job->id);
    sg_answer_put_no_end(&j, success ? "success" : "failed", success, false);
    put_error(&j, a);
    sg_answer_put_no_files(&j, false);
    sg_report_put(&j, verdict, a->job);
    sg_json_put_null(&j, "termination");
    sg_json_put_null(&j, "denied_syscalls");
    if (ran)
        sg_answer_put_usage(&j, &a->usage);
    else
        sg_json_put_null(&j, "resource_usage");
    sg_answer_put_compile(&j, a->compiled);
    put_cases(&j, a);
    sg_answer_put_runtime(&j, a->job->language, a->version);
    sg_json_put_string(&j, "engine", sg_engine_name(a->job->engine));
    sg_json_put_null(&j, "isolation");
    sg_answer_put_timings(&j, verdict, ran ? &a->timings : NULL);
    sg_json_close(&j, '}');
    return ret->failed ? -ENOMEM : 0;
}
