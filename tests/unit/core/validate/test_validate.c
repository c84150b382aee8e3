/* Verdicts: of several files, under policies, within bounds. The rules are those that are shipped.
 */
#include "core/validate/validate.h"

#include <errno.h>

#include "tests/unit/core/validate/values.h"

static struct sg_validator *validator;
static struct sg_bounds bounds;

static int set_up(void **state)
{
    (void)state;
    char dir[4096];
    struct sg_error err = SG_ERROR_INIT;
    const char *top = getenv("SG_SRCDIR");
    sg_bounds_default(&bounds);
    bounds.parse_ms = 60000;
    snprintf(dir, sizeof dir, "%s/packaging/conf/rules", top ? top : ".");
    int rc = sg_validator_open(&validator, dir, &err);
    if (rc < 0)
        print_message("%s\n", err.text);
    return rc;
}

static int tear_down(void **state)
{
    (void)state;
    sg_validator_close(validator);
    return 0;
}

static struct sg_policy strict(void)
{
    return (struct sg_policy){.name = "strict", .threshold = 30, .refuse = true};
}

static struct sg_verdict verdict_of(const char *text, const struct sg_policy *p)
{
    struct sg_source source = {"main.py", text, strlen(text)};
    struct sg_verdict v;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_validate(validator, "python", &source, 1, p, &bounds, &v, &err), 0);
    return v;
}

static void test_score(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned score;
        size_t findings;
    } rows[] = {
        {"", 0, 0},
        {"eval(1)", 40, 1},
        {"eval(1)\neval(2)\n", 40, 2},
        {"import os\neval(1)", 70, 2},
        {"import os, socket, subprocess\neval(1)", 100, 4},
        {"print('a'", 0, 1},
    };
    struct sg_policy p = strict();
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_verdict v = verdict_of(rows[i].text, &p);
        assert_int_equal(v.score, rows[i].score);
        assert_int_equal(v.nfindings, rows[i].findings);
        assert_int_equal(v.decision, v.score >= 30 ? SG_DECISION_REJECTED : SG_DECISION_ALLOWED);
        sg_verdict_done(&v);
    }
}

static void test_policies(void **state)
{
    (void)state;
    struct sg_policy p = strict();
    p.threshold = 41;
    struct sg_verdict v = verdict_of("eval(1)", &p);
    assert_int_equal(v.decision, SG_DECISION_ALLOWED);
    sg_verdict_done(&v);
    p.threshold = 40;
    v = verdict_of("eval(1)", &p);
    assert_int_equal(v.decision, SG_DECISION_REJECTED);
    sg_verdict_done(&v);
    p.refuse = false;
    v = verdict_of("eval(1)", &p);
    assert_int_equal(v.decision, SG_DECISION_ALLOWED);
    assert_int_equal(v.score, 40);
    sg_verdict_done(&v);
    p = strict();
    sg_strings_add(&p.off, "python.ev*");
    sg_strings_add(&p.scores, "python.*=7");
    sg_strings_add(&p.scores, "python.exec=9");
    sg_strings_add(&p.modules, "os");
    v = verdict_of("import os, os.path, socket\neval(1)\nexec(1)\nos.system('x')", &p);
    assert_int_equal(v.score, 7 + 9 + 7);
    assert_int_equal(v.nfindings, 3);
    sg_verdict_done(&v);
    sg_policy_done(&p);
}

static void test_place(void **state)
{
    (void)state;
    struct sg_policy p = strict();
    struct sg_verdict v = verdict_of("# \xc3\xa4\r\nx = '\xc3\xa4\xe2\x82\xac'; eval(1)\n", &p);
    assert_int_equal(v.nfindings, 1);
    const struct sg_finding *f = &v.findings[0];
    assert_int_equal(f->line, 2);
    assert_int_equal(f->column, 11);
    assert_int_equal(f->end_column, 15);
    assert_string_equal(f->snippet, "x = '\xc3\xa4\xe2\x82\xac'; eval(1)");
    sg_verdict_done(&v);
    sg_auto(sg_buf) struct sg_buf text = {0};
    for (int i = 0; i < 100; i++)
        sg_buf_puts(&text, "\xe2\x82\xac");
    sg_auto(sg_buf) struct sg_buf line = {0};
    sg_buf_printf(&line, "    ; eval('%s')", text.data);
    v = verdict_of(line.data + 6, &p);
    assert_true(strlen(v.findings[0].snippet) <= SG_SNIPPET_BYTES);
    assert_int_equal(strlen(v.findings[0].snippet) % 3, 0); /* eval(' and whole characters */
    sg_verdict_done(&v);
}

static void test_many_findings(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf text = {0};
    struct sg_policy p = strict();
    for (int i = 0; i < SG_FINDINGS_MAX + 50; i++)
        sg_buf_puts(&text, "eval(1)\n");
    sg_buf_puts(&text, "import socket\n");
    struct sg_verdict v = verdict_of(text.data, &p);
    assert_int_equal(v.nfindings, SG_FINDINGS_MAX);
    assert_int_equal(v.omitted, 51);
    assert_int_equal(v.score, 80); /* what is not kept counts */
    sg_verdict_done(&v);
}

static void test_bounds(void **state)
{
    (void)state;
    struct sg_policy p = strict();
    struct sg_bounds saved = bounds;
    p.threshold = 100;
    sg_strings_add(&p.scores, "bounds.*=1"); /* whatever it scores, it is refused */
    bounds.source_bytes = 4;
    struct sg_verdict v = verdict_of("x = 1", &p);
    assert_int_equal(v.decision, SG_DECISION_REJECTED);
    assert_string_equal(v.findings[0].rule, "bounds.source-bytes");
    assert_non_null(strstr(v.findings[0].message, "5 bytes; allowed: 4"));
    sg_verdict_done(&v);
    p.refuse = false;
    v = verdict_of("x = 1", &p);
    assert_int_equal(v.decision, SG_DECISION_ALLOWED);
    sg_verdict_done(&v);
    bounds = saved;
    v = verdict_of("x = '\xff'", &p);
    assert_string_equal(v.findings[0].rule, "bounds.encoding");
    sg_verdict_done(&v);
    sg_policy_done(&p);
}

static void test_files(void **state)
{
    (void)state;
    struct sg_policy p = strict();
    const struct sg_source sources[] = {{"start", "import a", 8}, {"a.py", "eval(1)", 7},
                                        {"b.txt", "eval(1)", 7},  {"lib/c.PY", "exec(1)", 7},
                                        {"d.pyc", "\0\xff", 2},   {"e.json", "", 0}};
    struct sg_verdict v;
    assert_int_equal(
        sg_validate(validator, "python", sources, SG_ARRAY_LEN(sources), &p, &bounds, &v, NULL), 0);
    assert_int_equal(v.nfindings, 3);
    assert_int_equal(v.findings[0].file, 1);
    assert_int_equal(v.findings[1].file, 3);
    assert_string_equal(v.findings[2].rule, "python.binary-file");
    sg_verdict_done(&v);
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_validate(validator, "cobol", sources, 1, &p, &bounds, &v, &err),
                     SG_E_INVALID);
}

/* The names, blanks between. */
static void imports_are(const struct sg_verdict *v, const char *words)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    for (size_t i = 0; i < v->imports.n; i++)
        sg_buf_printf(&b, "%s%s", i ? " " : "", v->imports.names[i]);
    assert_string_equal(b.data ? b.data : "", words);
}

static void test_imports(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"", ""},
        {"import a", "a"},
        {"import a.b, c as d", "a c"},
        {"from a.b import c", "a"},
        {"from a import *", "a"},
        {"from . import a\nfrom .b import c\nfrom ..d.e import f", ""},
        {"import os, socket\nimport a", "os socket a"}, /* whatever rules say of them */
        {"from os import system", "os"},
        {"def f():\n  try: import a\n  except ImportError: from b import c", "a b"},
        {"import a\nimport a.b\nfrom a import c", "a"},
        {"x = 'import a'\n# import b\n'''\nimport c\n'''", ""},
        {"__import__('a.b')\nimport importlib\nimportlib.import_module('c')", "a importlib c"},
        {"import a\nprint('a'\n", "a"},
        {"import \\\n  a, b", "a b"},
        {"a.b.c()\nnumpy.x", ""},
    };
    struct sg_policy p = strict();
    sg_strings_add(&p.modules, "a");
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_verdict v = verdict_of(rows[i].text, &p);
        imports_are(&v, rows[i].words);
        sg_verdict_done(&v);
    }
    sg_policy_done(&p);
}

/* Those of each file that is code; none of one that cannot be looked at. */
static void test_imports_of_files(void **state)
{
    (void)state;
    struct sg_policy p = strict();
    const struct sg_source sources[] = {{"start", "import a", 8},
                                        {"b.py", "import b", 8},
                                        {"c.txt", "import c", 8},
                                        {"d.py", "import d\0", 9},
                                        {"lib/e.pyi", "from e import a", 15}};
    struct sg_verdict v;
    assert_int_equal(
        sg_validate(validator, "python", sources, SG_ARRAY_LEN(sources), &p, &bounds, &v, NULL), 0);
    imports_are(&v, "a b e");
    sg_verdict_done(&v);
    assert_int_equal(v.imports.n, 0);
    sg_auto(sg_buf) struct sg_buf text = {0};
    for (int i = 0; i < 2 * SG_IMPORTS_NAMES_MAX; i++)
        sg_buf_printf(&text, "import m%d\n", i);
    v = verdict_of(text.data, &p);
    assert_int_equal(v.imports.n, SG_IMPORTS_NAMES_MAX);
    assert_int_equal(v.decision, SG_DECISION_ALLOWED);
    sg_verdict_done(&v);
}

static void test_versions(void **state)
{
    (void)state;
    char one[SG_HASH_SIZE], two[SG_HASH_SIZE];
    struct sg_policy p = strict();
    sg_validator_policy_version(validator, &p, one);
    sg_validator_policy_version(validator, &p, two);
    assert_string_equal(one, two);
    p.threshold++;
    sg_validator_policy_version(validator, &p, two);
    assert_string_not_equal(one, two);
    p = strict();
    sg_strings_add(&p.modules, "os");
    sg_validator_policy_version(validator, &p, two);
    assert_string_not_equal(one, two);
    sg_policy_done(&p);
    assert_string_equal(sg_validator_language(validator, "js"), "javascript");
    assert_null(sg_validator_language(validator, "cobol"));
    assert_string_equal(sg_validator_by_extension(validator, "py"), "python");
    assert_true(sg_validator_has_rule(validator, "python.import.*"));
    assert_false(sg_validator_has_rule(validator, "python.imports"));
}

static void test_no_directory(void **state)
{
    (void)state;
    struct sg_validator *v = NULL;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_validator_open(&v, "/nonexistent/rules", &err), -ENOENT);
    assert_null(v);
    assert_non_null(strstr(err.fix, "rules_dir"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_score),    cmocka_unit_test(test_policies),
        cmocka_unit_test(test_place),    cmocka_unit_test(test_many_findings),
        cmocka_unit_test(test_bounds),   cmocka_unit_test(test_files),
        cmocka_unit_test(test_imports),  cmocka_unit_test(test_imports_of_files),
        cmocka_unit_test(test_versions), cmocka_unit_test(test_no_directory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
