/* policies.d: the shipped policies, each key, and each way in which a file can be wrong. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/config/config.h"
#include "core/config/policies.h"
#include "tests/unit/core/config/files.h"
#include "tests/unit/core/failing_alloc.h"

static struct sg_policies policies;

static int load(struct sg_error *err)
{
    return sg_policies_load(&policies, files_dir, err);
}

static int clean(void **state)
{
    (void)state;
    fail_alloc_never();
    sg_policies_done(&policies);
    files_remove();
    return 0;
}

static void put(const char *name, const char *text)
{
    file_put(name, text, strlen(text));
}

static void check_list(const struct sg_strings *list, const char *expected)
{
    char text[400] = "";
    for (size_t i = 0; i < list->n; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "",
                 list->v[i]);
    assert_string_equal(text, expected);
}

/* What requests may name by default is there, and the first of it refuses as the manual says. */
static void test_shipped(void **state)
{
    (void)state;
    const char *top = getenv("SG_SRCDIR");
    char dir[600];
    struct sg_error err = SG_ERROR_INIT;
    snprintf(dir, sizeof(dir), "%s/packaging/conf/policies.d", top ? top : ".");
    if (sg_policies_load(&policies, dir, &err) != 0)
        fail_msg("%s", err.text);
    put("c.conf", "");
    struct sg_config cfg = {0};
    assert_int_equal(sg_config_load(&cfg, file_path("c.conf"), &err), 0);
    assert_int_equal(cfg.validate.policies.n, policies.n);
    for (size_t i = 0; i < cfg.validate.policies.n; i++) {
        const struct sg_policy *p = sg_policies_find(&policies, cfg.validate.policies.v[i]);
        assert_non_null(p);
        assert_true(strlen(p->description) > 0);
        assert_int_equal(p->threshold, 30);
        assert_int_equal(p->refuse, strcmp(p->name, "report") != 0);
        assert_int_equal(p->unscored, strcmp(p->name, "report") == 0);
        assert_int_equal(p->modules.n > 0, strcmp(p->name, "balanced") == 0);
    }
    const struct sg_policy *first = sg_policies_find(&policies, cfg.validate.policies.v[0]);
    assert_string_equal(first->name, "strict");
    assert_int_equal(first->off.n + first->scores.n, 0);
    sg_config_done(&cfg);
}

static void test_defaults(void **state)
{
    (void)state;
    put("a.conf", "");
    assert_int_equal(load(NULL), 0);
    assert_int_equal(policies.n, 1);
    const struct sg_policy *p = &policies.v[0];
    assert_string_equal(p->name, "a");
    assert_null(p->description);
    assert_int_equal(p->threshold, 30);
    assert_true(p->refuse);
    assert_int_equal(p->off.n + p->scores.n + p->modules.n, 0);
}

static void test_every_key_arrives(void **state)
{
    (void)state;
    put("My_own-1.conf", "description = 'what it is for'\nthreshold = 100\nrefuse = off\n"
                         "unscored = on\n"
                         "off = { python.locals, 'python.import.*' }\n"
                         "scores = { 'company.*=100', 'company.x=0', 'company.*=7' }\n"
                         "modules = { os.path, fs/promises, '@scope/a-b', X_1 }\n");
    struct sg_error err = SG_ERROR_INIT;
    if (load(&err) != 0)
        fail_msg("%s", err.text);
    const struct sg_policy *p = sg_policies_find(&policies, "My_own-1");
    assert_ptr_equal(p, &policies.v[0]);
    assert_string_equal(p->description, "what it is for");
    assert_int_equal(p->threshold, 100);
    assert_false(p->refuse);
    assert_true(p->unscored);
    check_list(&p->off, "python.locals python.import.*");
    check_list(&p->scores, "company.*=100 company.x=0 company.*=7");
    check_list(&p->modules, "os.path fs/promises @scope/a-b X_1");
    assert_int_equal(sg_policy_score(p, "python.import.os", 50), 0);
    assert_int_equal(sg_policy_score(p, "company.x", 50), 7);
    assert_int_equal(sg_policy_score(p, "python.exec", 50), 50);
}

static void test_order_and_what_is_left_out(void **state)
{
    (void)state;
    put("b.conf", "threshold = 2");
    put("a.conf", "threshold = 1");
    put("B.conf", "off = {}\nscores = {}\nmodules = {}");
    put("c.conf.bak", "broken");
    put(".d.conf", "broken");
    put(".conf", "broken");
    put("README", "broken");
    for (int i = 0; i < 2; i++) { /* loaded again, it is the same, and nothing of before is left */
        assert_int_equal(load(NULL), 0);
        assert_int_equal(policies.n, 3);
        assert_string_equal(policies.v[0].name, "B");
        assert_string_equal(policies.v[1].name, "a");
        assert_string_equal(policies.v[2].name, "b");
        assert_int_equal(sg_policies_find(&policies, "b")->threshold, 2);
        assert_int_equal(sg_policies_find(&policies, "B")->threshold, 30);
        assert_null(sg_policies_find(&policies, "c"));
        assert_null(sg_policies_find(&policies, ""));
        assert_null(sg_policies_find(&policies, "b.conf"));
    }
}

#define X63 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

#define NO_THRESHOLD " is no threshold; allowed: a whole number from 1 to 100"
#define NO_RULE      " is no rule; allowed: 1 to 63 of a-z 0-9 . - _ and *"
#define NO_SCORE     " is no score; allowed: RULE=SCORE, of 0 to 100"
#define NO_MODULE    " is no module; allowed: 1 to 63 letters, digits, _ . / - @"
#define MANY                                                                                       \
    "{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32}"

static void test_errors_of_a_file(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"treshold = 1", "D/a.conf:1: treshold: no such key; allowed: description, threshold, "
                         "refuse, unscored, off, scores, modules"},
        {"name = x", "D/a.conf:1: name: no such key; allowed: description, threshold, refuse, "
                     "unscored, off, scores, modules"},
        {"\ndescription = 'a\nb'", "D/a.conf:3: description: \"a\nb\" has a control character; "
                                   "allowed: one line of text"},
        {"description = \"a\\tb\"", "D/a.conf:1: description: \"a\tb\" has a control character; "
                                    "allowed: one line of text"},
        {"description = ''", NULL},
        {"description = { a, b }",
         "D/a.conf:1: description: takes one value; allowed: description = value"},
        {"description = {}",
         "D/a.conf: description: takes one value; allowed: description = value"},
        {"threshold = 0", "D/a.conf:1: threshold: \"0\"" NO_THRESHOLD},
        {"threshold = 1", NULL},
        {"threshold = 100", NULL},
        {"threshold = 101", "D/a.conf:1: threshold: \"101\"" NO_THRESHOLD},
        {"threshold = -1", "D/a.conf:1: threshold: \"-1\"" NO_THRESHOLD},
        {"threshold = 30.5", "D/a.conf:1: threshold: \"30.5\"" NO_THRESHOLD},
        {"threshold = 18446744073709551617",
         "D/a.conf:1: threshold: \"18446744073709551617\"" NO_THRESHOLD},
        {"threshold = high", "D/a.conf:1: threshold: \"high\"" NO_THRESHOLD},
        {"threshold = ''", "D/a.conf:1: threshold: \"\"" NO_THRESHOLD},
        {"threshold = 1\nthreshold = 2",
         "D/a.conf:2: threshold: set twice, first on line 1; allowed: once"},
        {"refuse = maybe", "D/a.conf:1: refuse: \"maybe\" is neither on nor off; allowed: on, off"},
        {"refuse = on", NULL},
        {"off = Python.os", "D/a.conf:1: off: \"Python.os\"" NO_RULE},
        {"off = ''", "D/a.conf:1: off: \"\"" NO_RULE},
        {"off = { a, 'b c' }", "D/a.conf:1: off: \"b c\"" NO_RULE},
        {"off = " X63, NULL},
        {"off = " X63 "x", "D/a.conf:1: off: \"" X63 "x\"" NO_RULE},
        {"off = {\n  a,\n  a }", "D/a.conf:3: off: \"a\" is named twice; allowed: once"},
        {"off = " MANY, "D/a.conf:1: off: too many values; allowed: at most 32"},
        {"scores = a", "D/a.conf:1: scores: \"a\"" NO_SCORE},
        {"scores = '=1'", "D/a.conf:1: scores: \"=1\"" NO_SCORE},
        {"scores = 'a='", "D/a.conf:1: scores: \"a=\"" NO_SCORE},
        {"scores = 'a=101'", "D/a.conf:1: scores: \"a=101\"" NO_SCORE},
        {"scores = 'a=-1'", "D/a.conf:1: scores: \"a=-1\"" NO_SCORE},
        {"scores = 'a=1 '", "D/a.conf:1: scores: \"a=1 \"" NO_SCORE},
        {"scores = 'a=1=2'", "D/a.conf:1: scores: \"a=1=2\"" NO_SCORE},
        {"scores = 'A=1'", "D/a.conf:1: scores: \"A=1\"" NO_SCORE},
        {"scores = '" X63 "=1'", NULL},
        {"scores = '" X63 "x=1'", "D/a.conf:1: scores: \"" X63 "x\"" NO_SCORE},
        {"scores = { 'a=1', 'a=1' }", "D/a.conf:1: scores: \"a=1\" is named twice; allowed: once"},
        {"scores = { '*=0', 'a.*=100' }", NULL},
        {"modules = 'a*'", "D/a.conf:1: modules: \"a*\"" NO_MODULE},
        {"modules = ''", "D/a.conf:1: modules: \"\"" NO_MODULE},
        {"modules = 'a b'", "D/a.conf:1: modules: \"a b\"" NO_MODULE},
        {"modules = " X63, NULL},
        {"modules = " X63 "x", "D/a.conf:1: modules: \"" X63 "x\"" NO_MODULE},
        {"modules = { os, os }", "D/a.conf:1: modules: \"os\" is named twice; allowed: once"},
        {"modules = " MANY, "D/a.conf:1: modules: too many values; allowed: at most 32"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_error err = SG_ERROR_INIT;
        char text[400];
        put("a.conf", rows[i].text);
        int r = load(&err);
        file_relative(text, sizeof(text), err.text);
        if (r != (rows[i].error ? SG_E_INVALID : 0) ||
            strcmp(text, rows[i].error ? rows[i].error : "") != 0)
            fail_msg("row %zu: %d, %s", i, r, text);
        assert_int_equal(policies.n, r == 0);
    }
}

/* One broken file is none of them: a policy that is missing would be one that refuses too little.
 */
static void test_names_of_files(void **state)
{
    (void)state;
    static const char *const bad[] = {"a b", "a.b", "a*", "\303\244", X63 "xx"};
    for (size_t i = 0; i < SG_ARRAY_LEN(bad); i++) {
        struct sg_error err = SG_ERROR_INIT;
        char text[400], name[80], expected[300];
        put("A.conf", "");
        snprintf(name, sizeof(name), "%s.conf", bad[i]);
        put(name, "");
        assert_int_equal(load(&err), SG_E_INVALID);
        file_relative(text, sizeof(text), err.text);
        snprintf(expected, sizeof(expected),
                 "D/%s: the file's name is no name of a policy; allowed: 1 to 64 letters, digits, "
                 "_ -",
                 name);
        assert_string_equal(text, expected);
        assert_int_equal(policies.n, 0);
        files_remove();
    }
    put(X63 "x.conf", "");
    assert_int_equal(load(NULL), 0);
    assert_non_null(sg_policies_find(&policies, X63 "x"));
}

static void test_directories(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    char text[400];
    assert_int_equal(load(&err), SG_E_INVALID);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D: no policy; allowed: at least one NAME.conf");
    assert_string_equal(err.fix, "install the files of policies.d, or set policy_dir");

    err = (struct sg_error)SG_ERROR_INIT;
    assert_int_equal(sg_policies_load(&policies, file_path("none"), &err), -ENOENT);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D/none: No such file or directory");
    assert_string_equal(err.fix, "install the files of policies.d, or set policy_dir");

    for (int i = 0; i <= SG_POLICIES_MAX; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%03d.conf", i);
        put(name, "");
    }
    err = (struct sg_error)SG_ERROR_INIT;
    assert_int_equal(load(&err), SG_E_INVALID);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D/032.conf: too many policies; allowed: at most 32");
    assert_int_equal(policies.n, 0);
    unlink(file_path("032.conf"));
    assert_int_equal(load(NULL), 0);
    assert_int_equal(policies.n, SG_POLICIES_MAX);
}

static void test_file_that_cannot_be_read(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    char text[400];
    assert_int_equal(symlink("nowhere", file_path("a.conf")), 0);
    assert_int_equal(load(&err), -ENOENT);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D/a.conf: No such file or directory");
    assert_int_equal(policies.n, 0);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    put("a.conf", "description = d\noff = { a, b }\nscores = { 'a=1' }\nmodules = { os }");
    put("b.conf", "");
    int r = -1;
    for (long n = 0; r < 0; n++) {
        struct sg_error err = SG_ERROR_INIT;
        fail_alloc_at(n);
        r = load(&err);
        bool failed = alloc_failed;
        fail_alloc_never();
        assert_int_equal(r, failed ? -ENOMEM : 0);
        assert_int_equal(policies.n, r == 0 ? 2 : 0);
        assert_true(n < 1000);
    }
}

#define CASE(f) cmocka_unit_test_teardown(f, clean)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(test_shipped),           CASE(test_defaults),
        CASE(test_every_key_arrives), CASE(test_order_and_what_is_left_out),
        CASE(test_errors_of_a_file),  CASE(test_names_of_files),
        CASE(test_directories),       CASE(test_file_that_cannot_be_read),
        CASE(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, files_begin, files_end);
}
