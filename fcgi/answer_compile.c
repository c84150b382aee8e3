/* answer_compile.c: what an answer says of the compile stage. See answer.h */
#include <errno.h>

#include "core/base/cleanup.h"
#include "fcgi/answer.h"
#include "fcgi/answer_files.h"
#include "fcgi/answer_internal.h"
#include "fcgi/compile.h"
#include "fcgi/report.h"

/* The limits of a compilation are not the request's. */
static const char *hint_of(const struct sg_outcome *o)
{
    if (o->reason == SG_REASON_EXITED)
        return o->exit_code == 0 ? NULL : "compile.stderr has what the compiler complained about";
    return "the limits of a compilation are the operator's: have it compile less";
}

void sg_answer_put_compile(struct sg_json *j, const struct sg_compiled *c)
{
    char error[512];
    if (!c || !c->needed) {
        sg_json_put_null(j, "compile");
        return;
    }
    const struct sg_outcome *o = &c->result.outcome;
    bool failed = sg_compiled_failed(c);
    if (failed)
        sg_compiled_error(c, error, sizeof error);
    sg_json_key(j, "compile");
    sg_json_open(j, '{');
    sg_answer_put_end(j, o, c->kept.out, c->kept.err);
    sg_json_put_string(j, "error", failed ? error : NULL);
    sg_answer_put_termination(j, o, failed ? hint_of(o) : NULL);
    sg_answer_put_denied(j, &o->denied);
    sg_answer_put_usage(j, &o->usage);
    sg_answer_put_isolation(j, &o->isolation);
    sg_answer_put_timings(j, NULL, &o->timings);
    sg_json_close(j, '}');
}

int sg_answer_write_not_compiled(struct sg_buf *ret, const struct sg_answer *a)
{
    const struct sg_outcome *o = &a->compiled->result.outcome;
    struct sg_json j = SG_JSON_INIT(ret);
    char error[512];
    sg_compiled_error(a->compiled, error, sizeof error);
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "id", a->id);
    sg_answer_put_no_end(&j, "failed", false, a->streamed);
    sg_json_put_string(&j, "error", error);
    sg_report_put(&j, a->verdict, a->job);
    sg_answer_put_no_figures(&j);
    sg_answer_put_compile(&j, a->compiled);
    sg_answer_put_no_cases(&j);
    sg_answer_put_no_files(&j, a->streamed);
    sg_answer_put_runtime(&j, o->language, o->version);
    sg_json_put_string(&j, "engine", sg_engine_name(a->job->engine));
    sg_json_put_null(&j, "isolation");
    sg_answer_put_timings(&j, a->verdict, NULL);
    sg_json_close(&j, '}');
    return ret->failed ? -ENOMEM : 0;
}
