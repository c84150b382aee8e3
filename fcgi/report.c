/* report.c: see report.h */
#include "fcgi/report.h"

#include <errno.h>

static void put_finding(struct sg_json *j, const struct sg_finding *f, const struct sg_job *job)
{
    sg_json_open(j, '{');
    sg_json_put_string(j, "rule", f->rule);
    sg_json_put_string(j, "severity", sg_severity_name(f->severity));
    sg_json_put_uint(j, "score", f->score);
    sg_json_put_string(j, "message", f->message);
    sg_json_put_string(j, "remedy", f->remedy[0] ? f->remedy : NULL);
    sg_json_put_string(j, "file", f->file < job->nfiles ? job->files[f->file].path : NULL);
    sg_json_put_uint(j, "line", f->line);
    sg_json_put_uint(j, "column", f->column);
    sg_json_put_uint(j, "end_line", f->end_line);
    sg_json_put_uint(j, "end_column", f->end_column);
    sg_json_put_string(j, "snippet", f->snippet);
    sg_json_close(j, '}');
}

static void put_validation(struct sg_json *j, const struct sg_verdict *v, const struct sg_job *job)
{
    sg_json_key(j, "validation");
    sg_json_open(j, '{');
    if (v) {
        sg_json_put_uint(j, "score", v->score);
        sg_json_put_uint(j, "threshold", v->threshold);
    } else {
        sg_json_put_null(j, "score");
        sg_json_put_null(j, "threshold");
    }
    sg_json_put_string(j, "decision", sg_decision_name(v ? v->decision : SG_DECISION_SKIPPED));
    sg_json_put_string(j, "policy", v ? v->policy : NULL);
    sg_json_put_string(j, "policy_version", v ? v->policy_version : NULL);
    sg_json_key(j, "findings");
    sg_json_open(j, '[');
    for (size_t i = 0; v && i < v->nfindings; i++)
        put_finding(j, &v->findings[i], job);
    sg_json_close(j, ']');
    sg_json_put_uint(j, "findings_omitted", v ? v->omitted : 0);
    sg_json_close(j, '}');
}

void sg_report_put(struct sg_json *j, const struct sg_verdict *verdict, const struct sg_job *job)
{
    if (verdict)
        sg_json_put_uint(j, "risk_score", verdict->score);
    else
        sg_json_put_null(j, "risk_score");
    put_validation(j, verdict, job);
}

int sg_report_write(struct sg_buf *ret, const struct sg_verdict *verdict, const struct sg_job *job,
                    const char *language)
{
    struct sg_json j = SG_JSON_INIT(ret);
    char error[1024];
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "id", job->id);
    sg_json_put_string(&j, "language", language);
    sg_verdict_sentence(verdict, error, sizeof error);
    sg_json_put_string(&j, "error", error[0] ? error : NULL);
    sg_report_put(&j, verdict, job);
    sg_json_key(&j, "timings");
    sg_json_open(&j, '{');
    sg_json_key(&j, "validate_ms");
    sg_json_real(&j, (double)verdict->took_us / 1000.0, 3);
    sg_json_close(&j, '}');
    sg_json_close(&j, '}');
    return ret->failed ? -ENOMEM : 0;
}
