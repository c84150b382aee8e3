/* sarif.c: see sarif.h. Section numbers are those of the standard. */
#include "fcgi/sarif.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "fcgi/json.h"

#ifndef SG_VERSION
#define SG_VERSION "unversioned"
#endif

#define SCHEMA                                                                                     \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

/* 3.27.10: a finding that counts for nothing is told, and is no failure. */
static const char *level_of(enum sg_severity severity, unsigned score)
{
    static const char *const levels[SG_SEVERITY_COUNT] = {
        [SG_SEVERITY_INFO] = "note",      [SG_SEVERITY_LOW] = "note",
        [SG_SEVERITY_MEDIUM] = "warning", [SG_SEVERITY_HIGH] = "error",
        [SG_SEVERITY_CRITICAL] = "error",
    };
    return score == 0 ? "none" : levels[severity];
}

/* A path as a relative reference (RFC 3986, 4.2): what is not plain is percent-encoded. A first
   part with a colon would be a scheme, so colons are, too. */
static void put_uri(struct sg_json *j, const char *key, const char *path)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
        if (isalnum(*c) || strchr("-._~/!$&'()*+,;=@", *c))
            sg_buf_append(&b, c, 1);
        else
            sg_buf_printf(&b, "%%%02X", *c);
    }
    j->out->failed |= b.failed;
    sg_json_put_string(j, key, b.data ? b.data : "");
}

static void put_text(struct sg_json *j, const char *key, const char *text)
{
    sg_json_key(j, key);
    sg_json_open(j, '{');
    sg_json_put_string(j, "text", text);
    sg_json_close(j, '}');
}

/* Index among the rules that are told, in the order in which findings meet them. */
static size_t rule_index(const struct sg_verdict *v, const char *rule)
{
    size_t n = 0;
    for (size_t i = 0; i < v->nfindings; i++) {
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = strcmp(v->findings[k].rule, v->findings[i].rule) != 0;
        if (!first)
            continue;
        if (strcmp(v->findings[i].rule, rule) == 0)
            return n;
        n++;
    }
    return n;
}

/* 3.49 */
static void put_rule(struct sg_json *j, const struct sg_rule_info *r)
{
    char number[16];
    sg_json_open(j, '{');
    sg_json_put_string(j, "id", r->id);
    put_text(j, "shortDescription", r->message);
    if (r->remedy[0])
        put_text(j, "help", r->remedy);
    sg_json_key(j, "defaultConfiguration");
    sg_json_open(j, '{');
    sg_json_put_string(j, "level", level_of(r->severity, r->score));
    sg_json_close(j, '}');
    sg_json_key(j, "properties");
    sg_json_open(j, '{');
    sg_json_put_uint(j, "score", r->score);
    sg_json_put_string(j, "severity", sg_severity_name(r->severity));
    snprintf(number, sizeof number, "%u.%u", r->score / 10, r->score % 10);
    sg_json_put_string(j, "security-severity", number);
    sg_json_key(j, "tags");
    sg_json_open(j, '[');
    sg_json_string(j, "security");
    sg_json_close(j, ']');
    sg_json_close(j, '}');
    sg_json_close(j, '}');
}

static void put_rules(struct sg_json *j, const struct sg_sarif *s)
{
    const struct sg_verdict *v = s->verdict;
    sg_json_key(j, "rules");
    sg_json_open(j, '[');
    for (size_t i = 0; i < v->nfindings; i++) {
        struct sg_rule_info info;
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = strcmp(v->findings[k].rule, v->findings[i].rule) != 0;
        for (size_t r = 0; first && sg_validator_rule(s->validator, s->language, r, &info); r++)
            if (strcmp(info.id, v->findings[i].rule) == 0)
                put_rule(j, &info);
    }
    sg_json_close(j, ']');
}

static void put_location(struct sg_json *j, const struct sg_sarif *s, const struct sg_finding *f)
{
    sg_json_key(j, "locations");
    sg_json_open(j, '[');
    sg_json_open(j, '{');
    sg_json_key(j, "physicalLocation");
    sg_json_open(j, '{');
    sg_json_key(j, "artifactLocation");
    sg_json_open(j, '{');
    put_uri(j, "uri", f->file < s->nsources ? s->sources[f->file].path : "");
    sg_json_put_uint(j, "index", f->file);
    sg_json_close(j, '}');
    sg_json_key(j, "region");
    sg_json_open(j, '{');
    sg_json_put_uint(j, "startLine", f->line);
    sg_json_put_uint(j, "startColumn", f->column);
    sg_json_put_uint(j, "endLine", f->end_line);
    sg_json_put_uint(j, "endColumn", f->end_column);
    put_text(j, "snippet", f->snippet);
    sg_json_close(j, '}');
    sg_json_close(j, '}');
    sg_json_close(j, '}');
    sg_json_close(j, ']');
}

/* 3.27 */
static void put_result(struct sg_json *j, const struct sg_sarif *s, const struct sg_finding *f)
{
    sg_json_open(j, '{');
    sg_json_put_string(j, "ruleId", f->rule);
    sg_json_put_uint(j, "ruleIndex", rule_index(s->verdict, f->rule));
    sg_json_put_string(j, "kind", f->score == 0 ? "informational" : "fail");
    sg_json_put_string(j, "level", level_of(f->severity, f->score));
    sg_json_put_uint(j, "rank", f->score);
    put_text(j, "message", f->message);
    put_location(j, s, f);
    sg_json_key(j, "properties");
    sg_json_open(j, '{');
    sg_json_put_uint(j, "score", f->score);
    sg_json_put_string(j, "severity", sg_severity_name(f->severity));
    if (f->remedy[0])
        sg_json_put_string(j, "remedy", f->remedy);
    sg_json_close(j, '}');
    sg_json_close(j, '}');
}

static void put_tool(struct sg_json *j, const struct sg_sarif *s)
{
    sg_json_key(j, "tool");
    sg_json_open(j, '{');
    sg_json_key(j, "driver");
    sg_json_open(j, '{');
    sg_json_put_string(j, "name", "sandgate");
    sg_json_put_string(j, "version", SG_VERSION);
    put_rules(j, s);
    sg_json_close(j, '}');
    sg_json_close(j, '}');
}

static void put_artifacts(struct sg_json *j, const struct sg_sarif *s)
{
    sg_json_key(j, "artifacts");
    sg_json_open(j, '[');
    for (size_t i = 0; i < s->nsources; i++) {
        sg_json_open(j, '{');
        sg_json_key(j, "location");
        sg_json_open(j, '{');
        put_uri(j, "uri", s->sources[i].path);
        sg_json_close(j, '}');
        sg_json_put_uint(j, "length", s->sources[i].n);
        sg_json_put_string(j, "sourceLanguage", s->language);
        sg_json_close(j, '}');
    }
    sg_json_close(j, ']');
}

static void put_properties(struct sg_json *j, const struct sg_verdict *v)
{
    sg_json_key(j, "properties");
    sg_json_open(j, '{');
    sg_json_put_uint(j, "risk_score", v->score);
    sg_json_put_uint(j, "threshold", v->threshold);
    sg_json_put_string(j, "decision", sg_decision_name(v->decision));
    sg_json_put_string(j, "policy", v->policy);
    sg_json_put_string(j, "policy_version", v->policy_version);
    sg_json_put_uint(j, "findings_omitted", v->omitted);
    sg_json_close(j, '}');
}

static void put_run(struct sg_json *j, const struct sg_sarif *s)
{
    sg_json_open(j, '{');
    put_tool(j, s);
    sg_json_put_string(j, "columnKind", "unicodeCodePoints");
    if (s->id && s->id[0]) {
        sg_auto(sg_buf) struct sg_buf id = {0};
        sg_buf_printf(&id, "sandgate/%s", s->id);
        j->out->failed |= id.failed;
        sg_json_key(j, "automationDetails");
        sg_json_open(j, '{');
        sg_json_put_string(j, "id", id.data ? id.data : "sandgate/");
        sg_json_close(j, '}');
    }
    sg_json_key(j, "invocations");
    sg_json_open(j, '[');
    sg_json_open(j, '{');
    sg_json_put_bool(j, "executionSuccessful", true);
    sg_json_close(j, '}');
    sg_json_close(j, ']');
    put_artifacts(j, s);
    sg_json_key(j, "results");
    sg_json_open(j, '[');
    for (size_t i = 0; i < s->verdict->nfindings; i++)
        put_result(j, s, &s->verdict->findings[i]);
    sg_json_close(j, ']');
    put_properties(j, s->verdict);
    sg_json_close(j, '}');
}

int sg_sarif_write(struct sg_buf *ret, const struct sg_sarif *s)
{
    struct sg_json j = SG_JSON_INIT(ret);
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "$schema", SCHEMA);
    sg_json_put_string(&j, "version", "2.1.0");
    sg_json_key(&j, "runs");
    sg_json_open(&j, '[');
    put_run(&j, s);
    sg_json_close(&j, ']');
    sg_json_close(&j, '}');
    return ret->failed ? -ENOMEM : 0;
}
