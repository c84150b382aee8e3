/* Directories of rules that are read, and verdicts by small rules of our own: bounds with their
   numbers, order, places, versions. */
#include "core/validate/validate.h"

#include <errno.h>
#include <sys/stat.h>

#include "tests/unit/core/config/files.h"
#include "tests/unit/core/validate/values.h"

#define EVAL                                                                                       \
    "((_) @x (#use? @x \"builtins.eval\") (#rule! \"a.eval\" 40 critical \"evil\" \"no\"))\n"
#define OTHER "((_) @x (#use? @x \"builtins.exec\") (#rule! \"a.eval\"))\n"
#define LEAST "((_) @x (#use? @x \"builtins.info\") (#rule! \"a.info\" 0 info \"m\" \"\"))\n"
#define FILES                                                                                      \
    "((_) @x (#file? @x \"source-encoding\") (#rule! \"a.coding\" 5 low \"coding\" \"\"))\n"       \
    "((_) @x (#file? @x \"binary-file\") (#rule! \"a.binary\" 6 low \"binary\" \"\"))\n"
#define HASH "((_) @x (#use? @x \"hash\") (#rule! \"j.hash\" 5 low \"m\" \"\"))\n"

static const struct sg_policy policy = {.name = "p", .threshold = 100, .refuse = true};
static struct sg_bounds bounds;

static void put(const char *name, const char *text)
{
    file_put(name, text, strlen(text));
}

static int begin(void **state)
{
    sg_bounds_default(&bounds);
    bounds.parse_ms = 60000;
    return files_begin(state);
}

static struct sg_validator *open_dir(void)
{
    struct sg_validator *v = NULL;
    struct sg_error err = SG_ERROR_INIT;
    if (sg_validator_open(&v, files_dir, &err) != 0)
        fail_msg("%s", err.text);
    return v;
}

static struct sg_verdict score(struct sg_validator *v, const char *language, const char *text,
                               size_t n, const struct sg_policy *p)
{
    struct sg_source source = {"main", text, n};
    struct sg_verdict ret;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_validate(v, language, &source, 1, p, &bounds, &ret, &err), 0);
    assert_string_equal(ret.policy, p->name);
    assert_int_equal(ret.threshold, p->threshold);
    return ret;
}

/* ---- directories */

static void check_refused(int code, const char *text)
{
    struct sg_validator *v = NULL;
    struct sg_error err = SG_ERROR_INIT;
    char relative[600];
    assert_int_equal(sg_validator_open(&v, files_dir, &err), code);
    assert_null(v);
    file_relative(relative, sizeof relative, err.text);
    assert_string_equal(relative, text);
    assert_non_null(strstr(err.fix, "rules_dir"));
    assert_int_equal(sg_validator_open(&v, files_dir, NULL), code);
}

static void test_languages_that_have_rules(void **state)
{
    (void)state;
    struct sg_validator *v = open_dir();
    assert_null(sg_validator_list(v, 0));
    assert_null(sg_validator_language(v, "python"));
    assert_false(sg_validator_has_rule(v, "*"));
    sg_validator_close(v);
    put("python-own.scm", EVAL); /* without python.scm there is no Python */
    put("javascript.scm", HASH);
    put("cobol.scm", "not read");
    put("javascript.scm~", "not read");
    put("javascriptx.scm", "not read");
    v = open_dir();
    assert_string_equal(sg_validator_list(v, 0), "javascript");
    assert_null(sg_validator_list(v, 1));
    assert_null(sg_validator_language(v, "python"));
    assert_null(sg_validator_by_extension(v, "py"));
    assert_null(sg_validator_by_extension(v, "scm"));
    assert_string_equal(sg_validator_language(v, "nodejs"), "javascript");
    assert_string_equal(sg_validator_by_extension(v, "cjs"), "javascript");
    struct sg_rule_info info;
    assert_false(sg_validator_rule(v, "python", 0, &info));
    struct sg_verdict verdict;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_validate(v, "python", NULL, 0, &policy, &bounds, &verdict, &err),
                     SG_E_INVALID);
    assert_string_equal(err.text, "there are no rules for python");
    sg_verdict_done(&verdict);
    sg_validator_close(v);
    sg_validator_close(NULL);
}

static void test_rules_are_listed_with_the_bounds(void **state)
{
    (void)state;
    static const char *const ids[] = {
        "a.eval",       "a.info",      "bounds.source-bytes", "bounds.parse-time", "bounds.nodes",
        "bounds.depth", "bounds.work", "bounds.encoding",     "bounds.memory"};
    put("python.scm", EVAL LEAST);
    struct sg_validator *v = open_dir();
    struct sg_rule_info info;
    for (size_t i = 0; i < SG_ARRAY_LEN(ids); i++) {
        assert_true(sg_validator_rule(v, "python", i, &info));
        assert_string_equal(info.id, ids[i]);
        assert_true(*info.message && info.remedy);
        assert_true(sg_validator_has_rule(v, ids[i]));
        assert_int_equal(info.score, i == 0 ? 40 : i == 1 ? 0 : 100);
    }
    assert_false(sg_validator_rule(v, "python", SG_ARRAY_LEN(ids), &info));
    assert_true(sg_validator_has_rule(v, "bounds.*"));
    assert_false(sg_validator_has_rule(v, "a.evals"));
    sg_validator_close(v);
}

/* python.scm first, then the others by their names, whatever the directory's order is. */
static void test_order_of_files(void **state)
{
    (void)state;
    put("python-b.scm", LEAST);
    put("python-a.scm", OTHER);
    put("python.scm", EVAL);
    struct sg_validator *v = open_dir();
    struct sg_verdict d = score(v, "python", "exec, eval, info", 16, &policy);
    assert_int_equal(d.nfindings, 3);
    assert_int_equal(d.score, 40);
    sg_verdict_done(&d);
    sg_validator_close(v);
    put("python-a.scm", LEAST OTHER);
    check_refused(SG_E_INVALID, "D/python-b.scm:1:36: this rule is there already: \"a.info\"");
    put("python-a.scm", "((_) @x (#use? @x \"info\") (#rule! \"a.info\"))");
    check_refused(SG_E_INVALID, "D/python-a.scm:1:27: there is no such rule so far: \"a.info\"");
}

static void test_files_that_cannot_be_read(void **state)
{
    (void)state;
    sg_autofree char *large = malloc(SG_RULE_FILE_BYTES_MAX + 1);
    memset(large, ' ', SG_RULE_FILE_BYTES_MAX + 1);
    put("python.scm", "((nope) @x (#rule! \"a\" 1 low \"m\" \"\"))");
    check_refused(SG_E_INVALID, "D/python.scm:1:3: the grammar has no node of this kind");
    file_put("python.scm", "; \0", 3);
    put("javascript.scm", "");
    struct sg_validator *v = NULL;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_validator_open(&v, files_dir, &err), SG_E_INVALID);
    assert_non_null(strstr(err.text, "python.scm:1:3: a NUL"));
    file_put("python.scm", large, SG_RULE_FILE_BYTES_MAX + 1);
    check_refused(SG_E_INVALID, "D/python.scm: not a file of at most 1048576 bytes");
    file_put("python.scm", large, SG_RULE_FILE_BYTES_MAX);
    sg_validator_close(open_dir());
    unlink(file_path("python.scm"));
    assert_int_equal(mkdir(file_path("python.scm"), 0700), 0);
    check_refused(SG_E_INVALID, "D/python.scm: not a file of at most 1048576 bytes");
    assert_int_equal(rmdir(file_path("python.scm")), 0);
    assert_int_equal(symlink("nowhere", file_path("python.scm")), 0);
    check_refused(-ENOENT, "D/python.scm: No such file or directory");
    unlink(file_path("python.scm"));
}

/* ---- versions */

static void test_versions(void **state)
{
    (void)state;
    char one[SG_HASH_SIZE], two[SG_HASH_SIZE];
    put("python.scm", EVAL);
    put("javascript.scm", HASH);
    struct sg_validator *v = open_dir();
    sg_validator_version(v, one);
    assert_int_equal(strlen(one), 16);
    assert_int_equal(strspn(one, "0123456789abcdef"), 16);
    sg_validator_close(v);
    v = open_dir();
    sg_validator_version(v, two);
    assert_string_equal(one, two);
    sg_validator_close(v);
    static const char *const changed[][2] = {
        {"python.scm", EVAL " "}, {"javascript.scm", HASH ";"}, {"python-own.scm", LEAST}};
    for (size_t i = 0; i < SG_ARRAY_LEN(changed); i++) {
        put(changed[i][0], changed[i][1]);
        v = open_dir();
        sg_validator_version(v, two);
        assert_string_not_equal(one, two);
        memcpy(one, two, sizeof one);
        sg_validator_close(v);
    }
}

static void test_policy_versions(void **state)
{
    (void)state;
    char first[SG_HASH_SIZE], other[SG_HASH_SIZE];
    put("python.scm", EVAL);
    struct sg_validator *v = open_dir();
    sg_validator_policy_version(v, &policy, first);
    struct sg_policy p = {
        .name = "q", .description = (char *)"d", .threshold = 100, .refuse = true};
    sg_validator_policy_version(v, &p, other);
    assert_string_equal(first, other); /* its name changes nothing */
    enum { CHANGES = 5 };
    char versions[CHANGES][SG_HASH_SIZE];
    for (int i = 0; i < CHANGES; i++) { /* the same word, here and there */
        p = (struct sg_policy){.threshold = 100 + (i == 0), .refuse = i != 1};
        if (i >= 2)
            sg_strings_add(i == 2 ? &p.off : i == 3 ? &p.scores : &p.modules, "a.eval=1");
        sg_validator_policy_version(v, &p, versions[i]);
        assert_string_not_equal(versions[i], first);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(versions[i], versions[k]);
        sg_strings_done(i == 2 ? &p.off : i == 3 ? &p.scores : &p.modules);
    }
    struct sg_verdict d = score(v, "python", "x", 1, &policy);
    assert_string_equal(d.policy_version, first);
    sg_verdict_done(&d);
    sg_validator_close(v);
    put("python.scm", EVAL " ");
    v = open_dir();
    sg_validator_policy_version(v, &policy, other);
    assert_string_not_equal(first, other);
    sg_validator_close(v);
}

/* ---- bounds */

static struct sg_bounds but(size_t offset, uint64_t value)
{
    struct sg_bounds b;
    sg_bounds_default(&b);
    b.parse_ms = 60000;
    memcpy((char *)&b + offset, &value, sizeof value);
    return b;
}
#define BUT(field, value) but(offsetof(struct sg_bounds, field), value)

static void check_bound(struct sg_validator *v, const char *text, size_t n, const char *rule,
                        const char *message)
{
    struct sg_policy p = policy;
    struct sg_verdict d = score(v, "python", text, n, &p);
    assert_int_equal(d.nfindings, 1);
    assert_string_equal(d.findings[0].rule, rule);
    assert_string_equal(d.findings[0].message, message);
    assert_int_equal(d.findings[0].score, 100);
    assert_int_equal(d.findings[0].line, 1);
    assert_int_equal(d.decision, SG_DECISION_REJECTED);
    sg_verdict_done(&d);
    p.refuse = false;
    d = score(v, "python", text, n, &p);
    assert_int_equal(d.decision, SG_DECISION_ALLOWED);
    assert_int_equal(d.score, 100);
    sg_verdict_done(&d);
    p.refuse = true;
    assert_int_equal(sg_strings_add(&p.scores, "bounds.*=1"), 0); /* refused, whatever it scores */
    d = score(v, "python", text, n, &p);
    assert_int_equal(d.score, 1);
    assert_int_equal(d.decision, SG_DECISION_REJECTED);
    sg_verdict_done(&d);
    sg_policy_done(&p);
}

static void test_bounds(void **state)
{
    (void)state;
    put("python.scm", LEAST);
    struct sg_validator *v = open_dir();
    sg_auto(sg_buf) struct sg_buf sum = {0}, errors = {0};
    sg_buf_puts(&sum, "info(1");
    for (int i = 0; i < 300; i++)
        sg_buf_puts(&sum, " + x");
    sg_buf_puts(&sum, ")");
    for (int i = 0; i < 20000; i++)
        sg_buf_puts(&errors, "x = = (\n");
    bounds = BUT(source_bytes, 4);
    check_bound(v, "x = 1", 5, "bounds.source-bytes",
                "a source file is too large to be looked at (5 bytes; allowed: 4)");
    bounds = BUT(nodes, 3);
    check_bound(v, "f(x, y)", 7, "bounds.nodes",
                "a source file has too many parts to be looked at (4 nodes; allowed: 3)");
    bounds = BUT(depth, 100);
    check_bound(v, sum.data, sum.len, "bounds.depth",
                "a source file is nested too deeply (100 levels; allowed: 100)");
    bounds = BUT(parse_ms, 1);
    check_bound(v, errors.data, errors.len, "bounds.parse-time",
                "a source file takes too long to be looked at (more than 1 ms of CPU time)");
    bounds = BUT(parse_ms, 60000);
    check_bound(v, "x\0y", 3, "bounds.encoding", "a source file is not UTF-8 text (byte 1)");
    check_bound(v, "x = '\xff'", 7, "bounds.encoding", "a source file is not UTF-8 text (byte 5)");
    check_bound(v, "'\xed\xa0\x80'", 5, "bounds.encoding",
                "a source file is not UTF-8 text (byte 1)");
    sg_validator_close(v);
}

/* What was found before a bound was met is told, too. */
static void test_bound_of_work(void **state)
{
    (void)state;
    put("python.scm", LEAST);
    struct sg_validator *v = open_dir();
    sg_auto(sg_buf) struct sg_buf text = {0};
    for (int i = 0; i < 3000; i++)
        sg_buf_puts(&text, "x = 'a' + 'b'\n");
    bounds = BUT(work, 5000);
    struct sg_verdict d = score(v, "python", text.data, text.len, &policy);
    assert_int_equal(d.decision, SG_DECISION_REJECTED);
    assert_string_equal(d.findings[0].rule, "bounds.work");
    assert_non_null(strstr(d.findings[0].message, " steps; allowed: 5000)"));
    sg_verdict_done(&d);
    sg_validator_close(v);
}

/* A long chain of names, each by a call: as deep as evaluation goes, within the stack. */
static void test_long_chains(void **state)
{
    (void)state;
    put("python.scm", EVAL);
    struct sg_validator *v = open_dir();
    bounds = BUT(parse_ms, 60000);
    for (int n = 200; n <= 20000; n *= 10) {
        sg_auto(sg_buf) struct sg_buf text = {0};
        for (int i = n; i > 0; i--)
            sg_buf_printf(&text, "x%d = getattr(x%d, 'a')\n", i, i - 1);
        sg_buf_puts(&text, "x0 = eval\n");
        struct sg_verdict d = score(v, "python", text.data, text.len, &policy);
        assert_true(d.nfindings >= 1);
        sg_verdict_done(&d);
    }
    sg_validator_close(v);
}

/* ---- findings */

static void test_order_and_places(void **state)
{
    (void)state;
    static const char text[] = "eval; info\n# coding: utf-7\n\xc3\xa4 = '\xf0\x9f\x98\x80'; "
                               "f(info,\n eval)\r\n\tinfo\reval";
    static const struct {
        const char *rule;
        uint32_t line, column, end_line, end_column;
        const char *snippet;
    } rows[] = {
        {"a.eval", 1, 1, 1, 5, "eval; info"},
        {"a.info", 1, 7, 1, 11, "eval; info"},
        {"a.coding", 2, 1, 2, 1, "# coding: utf-7"},
        {"a.info", 3, 12, 3, 16, "\xc3\xa4 = '\xf0\x9f\x98\x80'; f(info,"},
        {"a.eval", 4, 2, 4, 6, "eval)"},
        {"a.info", 5, 2, 5, 6, "info"},
        {"a.eval", 6, 1, 6, 5, "eval"},
    };
    put("python.scm", FILES LEAST EVAL);
    struct sg_validator *v = open_dir();
    struct sg_verdict d = score(v, "python", text, sizeof text - 1, &policy);
    assert_int_equal(d.nfindings, SG_ARRAY_LEN(rows));
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        const struct sg_finding *f = &d.findings[i];
        assert_string_equal(f->rule, rows[i].rule);
        assert_int_equal(f->line, rows[i].line);
        assert_int_equal(f->column, rows[i].column);
        assert_int_equal(f->end_line, rows[i].end_line);
        assert_int_equal(f->end_column, rows[i].end_column);
        assert_string_equal(f->snippet, rows[i].snippet);
    }
    assert_int_equal(d.score, 45);
    sg_verdict_done(&d);
    sg_validator_close(v);
}

static void test_several_files(void **state)
{
    (void)state;
    static const struct sg_source sources[] = {
        {"no-extension", "eval\ninfo", 9},
        {"dir.py/x", "eval", 4},
        {"b.PyW", "eval", 4},
        {"c.py", "\xff", 1},
        {"d.PYC", "\0", 1},
        {".py", "info", 4},
        {"e.so.txt", "eval", 4},
    };
    static const struct {
        unsigned file;
        const char *rule;
    } rows[] = {
        {0, "a.eval"},          {0, "a.info"},   {2, "a.eval"},
        {3, "bounds.encoding"}, {4, "a.binary"}, {5, "a.info"},
    };
    struct sg_verdict d;
    put("python.scm", FILES LEAST EVAL);
    struct sg_validator *v = open_dir();
    bounds = BUT(parse_ms, 60000);
    assert_int_equal(
        sg_validate(v, "python", sources, SG_ARRAY_LEN(sources), &policy, &bounds, &d, NULL), 0);
    assert_int_equal(d.nfindings, SG_ARRAY_LEN(rows));
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        assert_int_equal(d.findings[i].file, rows[i].file);
        assert_string_equal(d.findings[i].rule, rows[i].rule);
    }
    assert_int_equal(d.score, 100);
    sg_verdict_done(&d);
    /* An entry that nobody can read is not read, either. */
    const struct sg_source binary = {"main.pyc", "eval", 4};
    assert_int_equal(sg_validate(v, "python", &binary, 1, &policy, &bounds, &d, NULL), 0);
    assert_int_equal(d.nfindings, 1);
    assert_string_equal(d.findings[0].rule, "a.binary");
    sg_verdict_done(&d);
    assert_int_equal(sg_validate(v, "python", NULL, 0, &policy, &bounds, &d, NULL), 0);
    assert_int_equal(d.decision, SG_DECISION_ALLOWED);
    sg_verdict_done(&d);
    sg_validator_close(v);
}

/* A snippet ends with a whole character, however the line is cut. */
static void test_snippets_are_cut(void **state)
{
    (void)state;
    put("python.scm", EVAL);
    struct sg_validator *v = open_dir();
    for (int n = 100; n < 130; n++) {
        sg_auto(sg_buf) struct sg_buf text = {0};
        sg_buf_puts(&text, " \teval; '");
        for (int i = 0; i < n - 9; i++)
            sg_buf_puts(&text, "x");
        sg_buf_puts(&text, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80'\n");
        const char *line = text.data + 2;
        struct sg_verdict d = score(v, "python", line, text.len - 2, &policy);
        const char *s = d.findings[0].snippet;
        size_t whole = text.len - 3, fits = whole <= SG_SNIPPET_BYTES ? whole : SG_SNIPPET_BYTES;
        assert_memory_equal(s, line, strlen(s));
        assert_true(strlen(s) <= fits && strlen(s) + 3 >= fits);
        assert_int_equal(strlen(s) > (size_t)n - 2 ? (strlen(s) - (size_t)(n - 2)) % 4 : 0,
                         strlen(s) == whole ? 1 : 0);
        sg_verdict_done(&d);
    }
    sg_validator_close(v);
}

/* Off, and a score of nothing: not told. A rule of no score is told all the same. */
static void test_policies(void **state)
{
    (void)state;
    struct sg_policy p = policy;
    put("python.scm", LEAST EVAL);
    struct sg_validator *v = open_dir();
    assert_int_equal(sg_strings_add(&p.scores, "a.*=60"), 0);
    struct sg_verdict d = score(v, "python", "eval, info", 10, &p);
    assert_int_equal(d.score, 100); /* 120, at most 100 */
    assert_int_equal(d.decision, SG_DECISION_REJECTED);
    sg_verdict_done(&d);
    assert_int_equal(sg_strings_add(&p.scores, "a.eval=0"), 0);
    d = score(v, "python", "eval, info", 10, &p);
    assert_int_equal(d.nfindings, 1);
    assert_int_equal(d.score, 60);
    assert_int_equal(d.decision, SG_DECISION_ALLOWED);
    sg_verdict_done(&d);
    sg_strings_done(&p.scores);
    assert_int_equal(sg_strings_add(&p.off, "a.eval"), 0);
    d = score(v, "python", "eval, info", 10, &p);
    assert_int_equal(d.nfindings, 1);
    assert_string_equal(d.findings[0].rule, "a.info");
    assert_int_equal(d.score, 0);
    sg_verdict_done(&d);
    p.threshold = 0;
    d = score(v, "python", "", 0, &p);
    assert_int_equal(d.decision, SG_DECISION_REJECTED);
    sg_verdict_done(&d);
    sg_policy_done(&p);
    sg_validator_close(v);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, files_end)
    static const struct CMUnitTest tests[] = {
        CASE(test_languages_that_have_rules),
        CASE(test_rules_are_listed_with_the_bounds),
        CASE(test_order_of_files),
        CASE(test_files_that_cannot_be_read),
        CASE(test_versions),
        CASE(test_policy_versions),
        CASE(test_bounds),
        CASE(test_bound_of_work),
        CASE(test_long_chains),
        CASE(test_order_and_places),
        CASE(test_several_files),
        CASE(test_snippets_are_cut),
        CASE(test_policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
