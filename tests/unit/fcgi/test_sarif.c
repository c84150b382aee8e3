/* A verdict as SARIF 2.1.0: whole documents word for word, and what sources and names can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/model/policy.h"
#include "fcgi/sarif.h"
#include "tests/unit/core/failing_alloc.h"

/* Rules of which a test knows every word. */
static const char rules_text[] =
    "((_) @use (#use? @use \"os.system\") (#rule! \"t.run\" 60 critical \"runs it\" \"do not\"))\n"
    "((_) @use (#use? @use \"os.getcwd\") (#rule! \"t.look\" 5 low \"looks around\" \"\"))\n"
    "((_) @use (#use? @use \"time\") (#rule! \"t.time\" 30 medium \"the time\" \"none\"))\n"
    "((_) @use (#use? @use \"builtins.eval\") (#rule! \"t.eval\" 100 high \"evaluates\" "
    "\"compute\"))\n"
    "((_) @use (#use? @use \"builtins.len\") (#rule! \"t.len\" 3 info \"counts\" \"\"))\n"
    "((_) @f (#file? @f \"syntax-error\") (#rule! \"t.broken\" 0 info \"does not parse\" \"\"))\n";

static struct sg_validator *validator;

static int open_rules(void **state)
{
    char dir[] = "/tmp/sg-sarif-XXXXXX", path[64];
    struct sg_error err = SG_ERROR_INIT;
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/python.scm", dir);
    sg_autofd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write(fd, rules_text, strlen(rules_text)) > 0;
    int rc = written ? sg_validator_open(&validator, dir, &err) : -1;
    unlink(path);
    rmdir(dir);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.text);
    return rc;
}

static int close_rules(void **state)
{
    (void)state;
    sg_validator_close(validator);
    return 0;
}

static json_t *write_and_read(const struct sg_verdict *v, const struct sg_source *sources, size_t n,
                              const char *id)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_sarif s = {.validator = validator,
                         .language = "python",
                         .verdict = v,
                         .sources = sources,
                         .nsources = n,
                         .id = id};
    assert_int_equal(sg_sarif_write(&b, &s), 0);
    json_t *doc = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(doc);
    return doc;
}

/* "runs/0/results/1/kind"; NULL when there is no such thing. */
static json_t *at(json_t *doc, const char *path)
{
    while (doc && *path) {
        char part[64];
        size_t n = strcspn(path, "/");
        assert_true(n < sizeof part);
        memcpy(part, path, n);
        part[n] = '\0';
        doc = json_is_array(doc) ? json_array_get(doc, strtoul(part, NULL, 10))
                                 : json_object_get(doc, part);
        path += n + (path[n] == '/');
    }
    return doc;
}

static const char *text_at(json_t *doc, const char *path)
{
    return json_string_value(at(doc, path));
}

/* Is the value at that place this one, with no member more or less? expected: JSON; ' stands for ".
 */
static void assert_json(json_t *doc, const char *path, const char *expected)
{
    json_error_t e;
    sg_autofree char *text = strdup(expected);
    assert_non_null(text);
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_t *want = json_loads(text, JSON_DECODE_ANY, &e);
    if (!want)
        fail_msg("%s: %s", path, e.text);
    json_t *have = at(doc, path);
    if (!have || !json_equal(have, want)) {
        sg_autofree char *shown =
            have ? json_dumps(have, JSON_ENCODE_ANY | JSON_INDENT(1)) : strdup("nothing");
        fail_msg("%s is %s", path, shown);
    }
    json_decref(want);
}

static void check_text(struct sg_verdict *ret, const struct sg_source *sources, size_t n,
                       const char *scores)
{
    struct sg_policy policy = {.name = "mine", .threshold = 50, .refuse = true};
    struct sg_bounds bounds;
    struct sg_error err = SG_ERROR_INIT;
    sg_bounds_default(&bounds);
    bounds.parse_ms = 60000;
    if (scores)
        assert_int_equal(sg_strings_add(&policy.scores, scores), 0);
    assert_int_equal(sg_validate(validator, "python", sources, n, &policy, &bounds, ret, &err), 0);
    sg_policy_done(&policy);
}

#define SOURCE(name, content)                                                                      \
    {                                                                                              \
        .path = (name), .text = (content), .n = strlen(content)                                    \
    }

static const struct sg_source program[] = {
    SOURCE("main.py", "import os, time\nif time:\n    os.getcwd(); os.system('x')\n"),
    SOURCE("lib/more.py", "import os\nos.system(\n  'y')\n"),
    SOURCE("data.txt", "import os; os.system('z')"),
};

static void test_frame(void **state)
{
    sg_auto(sg_verdict) struct sg_verdict v = {0};
    (void)state;
    check_text(&v, program, SG_ARRAY_LEN(program), NULL);
    json_t *doc = write_and_read(&v, program, SG_ARRAY_LEN(program), "job-1");
    assert_int_equal(json_object_size(doc), 3);
    assert_true(sg_str_starts(text_at(doc, "$schema"), "https://docs.oasis-open.org/sarif/"));
    assert_string_equal(text_at(doc, "version"), "2.1.0");
    assert_int_equal(json_array_size(at(doc, "runs")), 1);
    assert_int_equal(json_object_size(at(doc, "runs/0")), 8);
    assert_int_equal(json_object_size(at(doc, "runs/0/tool")), 1);
    assert_int_equal(json_object_size(at(doc, "runs/0/tool/driver")), 3);
    assert_string_equal(text_at(doc, "runs/0/tool/driver/name"), "sandgate");
    assert_true(strlen(text_at(doc, "runs/0/tool/driver/version")) > 0);
    assert_json(doc, "runs/0/columnKind", "'unicodeCodePoints'");
    assert_json(doc, "runs/0/newlineSequences", "['\\r\\n', '\\n', '\\r']");
    assert_json(doc, "runs/0/automationDetails", "{'id': 'sandgate/job-1'}");
    assert_json(doc, "runs/0/invocations", "[{'executionSuccessful': true}]");
    assert_json(doc, "runs/0/artifacts",
                "[{'location': {'uri': 'main.py'}, 'length': 57, 'sourceLanguage': 'python'},"
                " {'location': {'uri': 'lib/more.py'}, 'length': 28, 'sourceLanguage': 'python'},"
                " {'location': {'uri': 'data.txt'}, 'length': 25}]");
    char expected[256];
    snprintf(expected, sizeof expected,
             "{'risk_score': 95, 'threshold': 50, 'decision': 'rejected', 'policy': 'mine',"
             " 'policy_version': '%s', 'findings_omitted': 0}",
             v.policy_version);
    assert_json(doc, "runs/0/properties", expected);
    json_decref(doc);
}

/* Only those that results refer to, in the order of the results. */
static void test_rules(void **state)
{
    sg_auto(sg_verdict) struct sg_verdict v = {0};
    (void)state;
    check_text(&v, program, SG_ARRAY_LEN(program), NULL);
    json_t *doc = write_and_read(&v, program, SG_ARRAY_LEN(program), NULL);
    assert_json(doc, "runs/0/tool/driver/rules",
                "[{'id': 't.time', 'shortDescription': {'text': 'the time'},"
                "  'help': {'text': 'none'}, 'defaultConfiguration': {'level': 'warning'},"
                "  'properties': {'score': 30, 'severity': 'medium', 'security-severity': '3.0',"
                "                 'tags': ['security']}},"
                " {'id': 't.look', 'shortDescription': {'text': 'looks around'},"
                "  'defaultConfiguration': {'level': 'note'},"
                "  'properties': {'score': 5, 'severity': 'low', 'security-severity': '0.5',"
                "                 'tags': ['security']}},"
                " {'id': 't.run', 'shortDescription': {'text': 'runs it'},"
                "  'help': {'text': 'do not'}, 'defaultConfiguration': {'level': 'error'},"
                "  'properties': {'score': 60, 'severity': 'critical', 'security-severity': '6.0',"
                "                 'tags': ['security']}}]");
    json_decref(doc);
}

static void test_results(void **state)
{
    sg_auto(sg_verdict) struct sg_verdict v = {0};
    (void)state;
    check_text(&v, program, SG_ARRAY_LEN(program), NULL);
    json_t *doc = write_and_read(&v, program, SG_ARRAY_LEN(program), NULL);
    size_t n = json_array_size(at(doc, "runs/0/results"));
    assert_true(n >= 3 && n == v.nfindings);
    assert_json(doc, "runs/0/results/0",
                "{'ruleId': 't.time', 'ruleIndex': 0, 'kind': 'fail', 'level': 'warning',"
                " 'rank': 30, 'message': {'text': 'the time'}, 'locations': [{'physicalLocation':"
                "   {'artifactLocation': {'uri': 'main.py', 'index': 0},"
                "    'region': {'startLine': 2, 'startColumn': 4, 'endLine': 2, 'endColumn': 8,"
                "               'snippet': {'text': 'time'}}}}],"
                " 'properties': {'score': 30, 'severity': 'medium', 'remedy': 'none'}}");
    assert_json(doc, "runs/0/results/1",
                "{'ruleId': 't.look', 'ruleIndex': 1, 'kind': 'fail', 'level': 'note',"
                " 'rank': 5, 'message': {'text': 'looks around'}, 'locations': [{"
                "  'physicalLocation': {'artifactLocation': {'uri': 'main.py', 'index': 0},"
                "    'region': {'startLine': 3, 'startColumn': 5, 'endLine': 3, 'endColumn': 14,"
                "               'snippet': {'text': 'os.getcwd'}}}}],"
                " 'properties': {'score': 5, 'severity': 'low'}}");
    char last[64];
    snprintf(last, sizeof last, "runs/0/results/%zu/ruleIndex", n - 1);
    assert_json(doc, last, "2");
    snprintf(last, sizeof last, "runs/0/results/%zu/locations/0/physicalLocation/artifactLocation",
             n - 1);
    assert_json(doc, last, "{'uri': 'lib/more.py', 'index': 1}");
    assert_null(at(doc, "runs/0/automationDetails"));
    json_decref(doc);
}

static void test_nothing_found(void **state)
{
    sg_auto(sg_verdict) struct sg_verdict v = {0};
    struct sg_source source = SOURCE("main.py", "print(1)\n");
    (void)state;
    check_text(&v, &source, 1, NULL);
    json_t *doc = write_and_read(&v, &source, 1, "");
    assert_json(doc, "runs/0/results", "[]");
    assert_json(doc, "runs/0/tool/driver/rules", "[]");
    assert_json(doc, "runs/0/properties/risk_score", "0");
    assert_json(doc, "runs/0/properties/decision", "'allowed'");
    assert_null(at(doc, "runs/0/automationDetails"));
    json_decref(doc);
}

static void test_more_than_are_kept(void **state)
{
    sg_auto(sg_verdict) struct sg_verdict v = {0};
    sg_auto(sg_buf) struct sg_buf text = {0};
    (void)state;
    for (int i = 0; i < SG_FINDINGS_MAX + 7; i++)
        assert_int_equal(sg_buf_puts(&text, "eval\n"), 0);
    struct sg_source source = {"main.py", text.data, text.len};
    check_text(&v, &source, 1, NULL);
    json_t *doc = write_and_read(&v, &source, 1, "x");
    assert_int_equal(json_array_size(at(doc, "runs/0/results")), SG_FINDINGS_MAX);
    assert_int_equal(json_array_size(at(doc, "runs/0/tool/driver/rules")), 1);
    assert_json(doc, "runs/0/tool/driver/rules/0/properties/security-severity", "'10.0'");
    assert_json(doc, "runs/0/properties/findings_omitted", "7");
    assert_json(doc, "runs/0/results/199/ruleIndex", "0");
    assert_json(doc, "runs/0/results/199/locations/0/physicalLocation/region",
                "{'startLine': 200, 'startColumn': 1, 'endLine': 200, 'endColumn': 5,"
                " 'snippet': {'text': 'eval'}}");
    json_decref(doc);
}

/* What counts for nothing is told, has no rank (3.27.25), and its place is that of the error. */
static void test_informational(void **state)
{
    sg_auto(sg_verdict) struct sg_verdict v = {0};
    struct sg_source source = SOURCE("main.py", "print(1)\nprint('a'\n");
    (void)state;
    check_text(&v, &source, 1, NULL);
    json_t *doc = write_and_read(&v, &source, 1, NULL);
    assert_int_equal(json_array_size(at(doc, "runs/0/results")), 1);
    assert_json(doc, "runs/0/results/0/kind", "'informational'");
    assert_json(doc, "runs/0/results/0/level", "'none'");
    assert_null(at(doc, "runs/0/results/0/rank"));
    assert_json(doc, "runs/0/results/0/properties", "{'score': 0, 'severity': 'info'}");
    assert_json(doc, "runs/0/tool/driver/rules/0/defaultConfiguration", "{'level': 'none'}");
    assert_json(doc, "runs/0/tool/driver/rules/0/properties/security-severity", "'0.0'");
    json_decref(doc);
}

/* A policy's score is the result's, and the rule keeps its own. */
static void test_scores_of_a_policy(void **state)
{
    sg_auto(sg_verdict) struct sg_verdict v = {0};
    struct sg_source source = SOURCE("main.py", "len\n");
    (void)state;
    check_text(&v, &source, 1, "t.len=77");
    json_t *doc = write_and_read(&v, &source, 1, NULL);
    assert_json(doc, "runs/0/results/0/rank", "77");
    assert_json(doc, "runs/0/results/0/level", "'note'");
    assert_json(doc, "runs/0/tool/driver/rules/0/properties/score", "3");
    assert_json(doc, "runs/0/properties/risk_score", "77");
    json_decref(doc);
}

/* Rules of the bounds are rules, too. */
static void test_bounds(void **state)
{
    sg_auto(sg_verdict) struct sg_verdict v = {0};
    struct sg_source source = SOURCE("main.py", "print(1)\n\xff\n");
    (void)state;
    check_text(&v, &source, 1, NULL);
    json_t *doc = write_and_read(&v, &source, 1, NULL);
    assert_json(doc, "runs/0/results/0/ruleId", "'bounds.encoding'");
    assert_json(doc, "runs/0/results/0/level", "'error'");
    assert_json(doc, "runs/0/tool/driver/rules/0/id", "'bounds.encoding'");
    assert_json(doc, "runs/0/results/0/locations/0/physicalLocation/region",
                "{'startLine': 1, 'startColumn': 1, 'endLine': 1, 'endColumn': 1}");
    json_decref(doc);
}

static const struct {
    const char *path, *uri;
} names[] = {
    {"plain-name_1.~x.py", "plain-name_1.~x.py"},
    {"a b.py", "a%20b.py"},
    {"50%.py", "50%25.py"},
    {"%41.py", "%2541.py"},
    {"a#b?c.py", "a%23b%3Fc.py"},
    {"h\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x8d.py", "h%C3%A4%E2%82%AC%F0%9F%90%8D.py"},
    {"bad\xff.py", "bad%FF.py"},
    {"c:x.py", "c%3Ax.py"},
    {"d/e:f/g.py", "d/e%3Af/g.py"},
    {"back\\slash.py", "back%5Cslash.py"},
    {"q\"<>^`{|}[]\x01\x7f\n.py", "q%22%3C%3E%5E%60%7B%7C%7D%5B%5D%01%7F%0A.py"},
    {"!$&'()*+,;=@.py", "!$&'()*+,;=@.py"},
    {"(stdin)", "(stdin)"},
    {"../up.py", "../up.py"},
    {"/abs/a b.py", "file:///abs/a%20b.py"},
    {"//host/x.py", "file:///host/x.py"},
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(names); i++) {
        sg_auto(sg_verdict) struct sg_verdict v = {0};
        struct sg_source source = SOURCE(names[i].path, "eval\n");
        check_text(&v, &source, 1, NULL);
        json_t *doc = write_and_read(&v, &source, 1, NULL);
        assert_string_equal(text_at(doc, "runs/0/artifacts/0/location/uri"), names[i].uri);
        assert_string_equal(
            text_at(doc, "runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri"),
            names[i].uri);
        json_decref(doc);
    }
}

static const struct {
    const char *text;
    uint32_t line, column, end_line, end_column;
    const char *snippet; /* NULL: none */
} regions[] = {
    {"eval", 1, 1, 1, 5, "eval"},
    {"a\r\nb\r\n  eval(\r\n1)", 3, 3, 4, 3, "eval(\r\n1)"},
    {"a\rb\r  eval(\r1)", 3, 3, 4, 3, "eval(\r1)"},
    {"a\r\n\rb\n\nx", 5, 1, 5, 2, "x"},
    {"\xc3\xa4 = '\xf0\x9f\x90\x8d'; eval", 1, 10, 1, 14, "eval"},
    {"\xc3\xa4\xc3\xb6\xe2\x82\xac", 1, 2, 1, 3, "\xc3\xb6"},
    {"\xc3\xa4\xc3\xb6\xe2\x82\xac", 1, 3, 1, 4, "\xe2\x82\xac"},
    {"\"\\\t\x01\x7f\xe2\x80\xa8", 1, 1, 1, 7, "\"\\\t\x01\x7f\xe2\x80\xa8"},
    {"eval", 1, 1, 1, 1, NULL},   /* nothing */
    {"eval", 1, 1, 1, 6, NULL},   /* behind the end */
    {"eval\n", 3, 1, 3, 2, NULL}, /* alike */
    {"", 1, 1, 1, 1, NULL},
};

static char message[] = "evaluates", line_of_it[] = "not to be seen";

static void test_regions(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(regions); i++) {
        struct sg_finding f = {.rule = "t.eval",
                               .remedy = "",
                               .message = message,
                               .snippet = line_of_it,
                               .severity = SG_SEVERITY_HIGH,
                               .score = 100,
                               .line = regions[i].line,
                               .column = regions[i].column,
                               .end_line = regions[i].end_line,
                               .end_column = regions[i].end_column};
        struct sg_verdict v = {.findings = &f, .nfindings = 1};
        struct sg_source source = SOURCE("main.py", regions[i].text);
        json_t *doc = write_and_read(&v, &source, 1, NULL);
        const char *have =
            text_at(doc, "runs/0/results/0/locations/0/physicalLocation/region/snippet/text");
        if (regions[i].snippet)
            assert_string_equal(have, regions[i].snippet);
        else
            assert_null(at(doc, "runs/0/results/0/locations/0/physicalLocation/region/snippet"));
        json_decref(doc);
    }
}

static void test_long_regions_are_not_shown(void **state)
{
    (void)state;
    for (size_t n = 1022; n <= 1026; n++) {
        sg_auto(sg_buf) struct sg_buf text = {0};
        for (size_t i = 0; i < n; i++)
            assert_int_equal(sg_buf_puts(&text, i + 1 < n ? "x" : "\xc3\xa4"), 0);
        struct sg_finding f = {.rule = "t.eval",
                               .remedy = "",
                               .message = message,
                               .snippet = line_of_it,
                               .score = 1,
                               .line = 1,
                               .column = 1,
                               .end_line = 1,
                               .end_column = (uint32_t)n + 1};
        struct sg_verdict v = {.findings = &f, .nfindings = 1};
        struct sg_source source = {"main.py", text.data, text.len};
        json_t *doc = write_and_read(&v, &source, 1, NULL);
        json_t *region = at(doc, "runs/0/results/0/locations/0/physicalLocation/region");
        const char *have = text_at(region, "snippet/text");
        if (n <= 1024) /* whole characters */
            assert_string_equal(have, text.data);
        else
            assert_null(have);
        assert_int_equal(json_integer_value(at(region, "endColumn")), n + 1);
        json_decref(doc);
    }
}

/* Findings of several files, of one place, and in no order. */
static void test_places_in_any_order(void **state)
{
    static const struct {
        unsigned file;
        uint32_t line, column;
        const char *snippet;
    } places[] = {{0, 3, 1, "c"}, {0, 1, 1, "a"}, {1, 2, 2, "y"}, {1, 2, 2, "y"},
                  {1, 2, 1, "x"}, {0, 2, 1, "b"}, {1, 1, 1, "w"}, {0, 3, 1, "c"}};
    struct sg_source sources[] = {SOURCE("a.py", "a\nb\nc\n"), SOURCE("b.py", "w\nxyz\n")};
    struct sg_finding f[SG_ARRAY_LEN(places)];
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(places); i++)
        f[i] = (struct sg_finding){.rule = "t.eval",
                                   .remedy = "",
                                   .message = message,
                                   .snippet = line_of_it,
                                   .file = places[i].file,
                                   .line = places[i].line,
                                   .column = places[i].column,
                                   .end_line = places[i].line,
                                   .end_column = places[i].column + 1};
    struct sg_verdict v = {.findings = f, .nfindings = SG_ARRAY_LEN(f)};
    json_t *doc = write_and_read(&v, sources, 2, NULL);
    for (size_t i = 0; i < SG_ARRAY_LEN(places); i++) {
        json_t *result = json_array_get(at(doc, "runs/0/results"), i);
        assert_string_equal(text_at(result, "locations/0/physicalLocation/region/snippet/text"),
                            places[i].snippet);
        assert_int_equal(
            json_integer_value(at(result, "locations/0/physicalLocation/artifactLocation/index")),
            places[i].file);
    }
    json_decref(doc);
}

static void test_out_of_memory(void **state)
{
    sg_auto(sg_verdict) struct sg_verdict v = {0};
    struct sg_sarif s = {.validator = validator,
                         .language = "python",
                         .verdict = &v,
                         .sources = program,
                         .nsources = SG_ARRAY_LEN(program),
                         .id = "job-1"};
    int rc = -1, n;
    (void)state;
    check_text(&v, program, SG_ARRAY_LEN(program), NULL);
    for (n = 0; rc != 0; n++) {
        sg_auto(sg_buf) struct sg_buf b = {0};
        fail_alloc_at(n);
        rc = sg_sarif_write(&b, &s);
        bool failed = alloc_failed;
        fail_alloc_never();
        assert_int_equal(rc, failed ? -ENOMEM : 0);
    }
    assert_true(n > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_nothing_found),
        cmocka_unit_test(test_more_than_are_kept),
        cmocka_unit_test(test_informational),
        cmocka_unit_test(test_scores_of_a_policy),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_long_regions_are_not_shown),
        cmocka_unit_test(test_places_in_any_order),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, open_rules, close_rules);
}
