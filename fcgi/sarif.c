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

#define SNIPPET_BYTES_MAX 1024 /* a longer region is pointed to, and not shown */

/* A place in a source, moving forward. */
struct place {
    unsigned file;
    size_t at; /* byte */
    uint32_t line, column;
};

struct writer {
    struct sg_json j;
    const struct sg_sarif *s;           /* borrowed */
    const char *rules[SG_FINDINGS_MAX]; /* borrowed: those that findings refer to, each once */
    size_t nrules;
    struct place place; /* of the finding that was written last */
};

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
   part with a colon would be a scheme, so colons are, too; and what begins with two slashes would
   name a host, so absolute paths, which only the command line tool has, become file:///... */
static void put_uri(struct sg_json *j, const char *key, const char *path)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    if (*path == '/') {
        sg_buf_puts(&b, "file:///");
        path += strspn(path, "/");
    }
    for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
        if (isalnum(*c) || strchr("-._~/!$&'()*+,;=@", *c))
            sg_buf_append(&b, c, 1);
        else
            sg_buf_printf(&b, "%%%02X", *c);
    }
    j->out->failed |= b.failed;
    sg_json_put_string(j, key, b.data ? b.data : "");
}

static void put_text_n(struct sg_json *j, const char *key, const char *text, size_t n)
{
    sg_json_key(j, key);
    sg_json_open(j, '{');
    sg_json_key(j, "text");
    sg_json_string_n(j, text, n);
    sg_json_close(j, '}');
}

static void put_text(struct sg_json *j, const char *key, const char *text)
{
    put_text_n(j, key, text, strlen(text));
}

/* Index among the rules that are told; their number when it is not there yet. */
static size_t rule_index(const struct writer *w, const char *rule)
{
    size_t i = 0;
    while (i < w->nrules && strcmp(w->rules[i], rule) != 0)
        i++;
    return i;
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

/* In the order in which findings meet them. */
static void put_rules(struct writer *w)
{
    const struct sg_verdict *v = w->s->verdict;
    struct sg_rule_info info;
    sg_json_key(&w->j, "rules");
    sg_json_open(&w->j, '[');
    for (size_t i = 0; i < v->nfindings && w->nrules < SG_FINDINGS_MAX; i++) {
        const char *id = v->findings[i].rule;
        if (rule_index(w, id) < w->nrules)
            continue;
        for (size_t r = 0; sg_validator_rule(w->s->validator, w->s->language, r, &info); r++) {
            if (strcmp(info.id, id) != 0)
                continue;
            put_rule(&w->j, &info);
            w->rules[w->nrules++] = id;
            break;
        }
    }
    sg_json_close(&w->j, ']');
}

/* Goes on to a line and column, but not further than so many bytes. Lines are counted as
   core/validate does: a carriage return without a line feed ends one, too. */
static void go_on(struct place *p, const struct sg_source *source, uint32_t line, uint32_t column,
                  size_t most)
{
    const char *text = source->text;
    size_t end = source->n - p->at > most ? p->at + most : source->n;
    while (p->at < end && (p->line < line || (p->line == line && p->column < column))) {
        char c = text[p->at++];
        bool lone = c == '\r' && (p->at == source->n || text[p->at] != '\n');
        if (c == '\n' || lone) {
            p->line++;
            p->column = 1;
        } else {
            p->column += ((unsigned char)c & 0xc0) != 0x80;
        }
    }
    while (p->at < source->n && ((unsigned char)text[p->at] & 0xc0) == 0x80)
        p->at++;
}

/* 3.30.13: exactly what the region holds, which a finding's own snippet, its line, is not. */
static void put_snippet(struct writer *w, const struct sg_finding *f)
{
    const struct sg_source *source = &w->s->sources[f->file];
    struct place *p = &w->place;
    if (p->file != f->file || p->line > f->line || (p->line == f->line && p->column > f->column))
        *p = (struct place){.file = f->file, .line = 1, .column = 1};
    go_on(p, source, f->line, f->column, SIZE_MAX);
    struct place end = *p;
    go_on(&end, source, f->end_line, f->end_column, SNIPPET_BYTES_MAX);
    if (end.at > p->at && end.line == f->end_line && end.column == f->end_column)
        put_text_n(&w->j, "snippet", source->text + p->at, end.at - p->at);
}

static void put_region(struct writer *w, const struct sg_finding *f)
{
    sg_json_key(&w->j, "region");
    sg_json_open(&w->j, '{');
    sg_json_put_uint(&w->j, "startLine", f->line);
    sg_json_put_uint(&w->j, "startColumn", f->column);
    sg_json_put_uint(&w->j, "endLine", f->end_line);
    sg_json_put_uint(&w->j, "endColumn", f->end_column);
    put_snippet(w, f);
    sg_json_close(&w->j, '}');
}

static void put_location(struct writer *w, const struct sg_finding *f)
{
    struct sg_json *j = &w->j;
    sg_json_key(j, "locations");
    sg_json_open(j, '[');
    sg_json_open(j, '{');
    sg_json_key(j, "physicalLocation");
    sg_json_open(j, '{');
    sg_json_key(j, "artifactLocation");
    sg_json_open(j, '{');
    put_uri(j, "uri", w->s->sources[f->file].path);
    sg_json_put_uint(j, "index", f->file);
    sg_json_close(j, '}');
    put_region(w, f);
    sg_json_close(j, '}');
    sg_json_close(j, '}');
    sg_json_close(j, ']');
}

/* 3.27; only a failure has a rank (3.27.25). */
static void put_result(struct writer *w, const struct sg_finding *f)
{
    struct sg_json *j = &w->j;
    sg_json_open(j, '{');
    sg_json_put_string(j, "ruleId", f->rule);
    if (rule_index(w, f->rule) < w->nrules)
        sg_json_put_uint(j, "ruleIndex", rule_index(w, f->rule));
    sg_json_put_string(j, "kind", f->score == 0 ? "informational" : "fail");
    sg_json_put_string(j, "level", level_of(f->severity, f->score));
    if (f->score > 0)
        sg_json_put_uint(j, "rank", f->score);
    put_text(j, "message", f->message);
    if (f->file < w->s->nsources)
        put_location(w, f);
    sg_json_key(j, "properties");
    sg_json_open(j, '{');
    sg_json_put_uint(j, "score", f->score);
    sg_json_put_string(j, "severity", sg_severity_name(f->severity));
    if (f->remedy[0])
        sg_json_put_string(j, "remedy", f->remedy);
    sg_json_close(j, '}');
    sg_json_close(j, '}');
}

static void put_tool(struct writer *w)
{
    sg_json_key(&w->j, "tool");
    sg_json_open(&w->j, '{');
    sg_json_key(&w->j, "driver");
    sg_json_open(&w->j, '{');
    sg_json_put_string(&w->j, "name", "sandgate");
    sg_json_put_string(&w->j, "version", SG_VERSION);
    put_rules(w);
    sg_json_close(&w->j, '}');
    sg_json_close(&w->j, '}');
}

/* 3.24.10: only source code has a language; what else a program brings along has none. */
static bool is_code(const struct sg_sarif *s, size_t i)
{
    const char *path = s->sources[i].path, *name = strrchr(path, '/');
    const char *dot = strrchr(name ? name : path, '.');
    const char *language = dot ? sg_validator_by_extension(s->validator, dot + 1) : NULL;
    return i == 0 || (language && strcmp(language, s->language) == 0);
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
        if (is_code(s, i))
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

/* 3.17.3: what is before the last slash is the kind of run, the rest is the run. */
static void put_id(struct sg_json *j, const char *id)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    sg_buf_printf(&text, "sandgate/%s", id);
    j->out->failed |= text.failed;
    sg_json_key(j, "automationDetails");
    sg_json_open(j, '{');
    sg_json_put_string(j, "id", text.data ? text.data : "");
    sg_json_close(j, '}');
}

/* What the places in results are counted by (3.14.26, 3.14.27). */
static void put_counting(struct sg_json *j)
{
    sg_json_put_string(j, "columnKind", "unicodeCodePoints");
    sg_json_key(j, "newlineSequences");
    sg_json_open(j, '[');
    sg_json_string(j, "\r\n");
    sg_json_string(j, "\n");
    sg_json_string(j, "\r");
    sg_json_close(j, ']');
}

static void put_invocations(struct sg_json *j)
{
    sg_json_key(j, "invocations");
    sg_json_open(j, '[');
    sg_json_open(j, '{');
    sg_json_put_bool(j, "executionSuccessful", true);
    sg_json_close(j, '}');
    sg_json_close(j, ']');
}

static void put_run(struct writer *w)
{
    const struct sg_verdict *v = w->s->verdict;
    struct sg_json *j = &w->j;
    sg_json_open(j, '{');
    put_tool(w);
    put_counting(j);
    if (w->s->id && w->s->id[0])
        put_id(j, w->s->id);
    put_invocations(j);
    put_artifacts(j, w->s);
    sg_json_key(j, "results");
    sg_json_open(j, '[');
    for (size_t i = 0; i < v->nfindings; i++)
        put_result(w, &v->findings[i]);
    sg_json_close(j, ']');
    put_properties(j, v);
    sg_json_close(j, '}');
}

int sg_sarif_write(struct sg_buf *ret, const struct sg_sarif *s)
{
    struct writer w = {.j = SG_JSON_INIT(ret), .s = s, .place = {.line = 1, .column = 1}};
    struct sg_json *j = &w.j;
    sg_json_open(j, '{');
    sg_json_put_string(j, "$schema", SCHEMA);
    sg_json_put_string(j, "version", "2.1.0");
    sg_json_key(j, "runs");
    sg_json_open(j, '[');
    put_run(&w);
    sg_json_close(j, ']');
    sg_json_close(j, '}');
    return ret->failed ? -ENOMEM : 0;
}
