/* Files of rules: what is refused, with its place; how patterns are found again. */
#include "core/validate/rules.h"

#include "tests/unit/core/validate/values.h"

#define RULE "(#rule! \"a.b\" 5 low \"m\" \"r\")"

static const struct {
    const char *text, *error;
} broken[] = {
    {"x", "f:1:1: a pattern begins with a parenthesis"},
    {"\n  ((_) @x " RULE, "f:2:3: a pattern without an end"},
    {"((_) @x)", "f:1:1: a pattern without (#rule! …)"},
    {"((_) @x " RULE ")",
     "f:1:1: (_) needs one of #import?, #use?, #member?, #call?, #method?, #file?"},
    {"((_) @x (#use? @x \"a\") " RULE " " RULE ")", "f:1:53: a second #rule! in one pattern"},
    {"((_) @x (#use? @x \"a\") (#rule! \"a.b\"))", "f:1:24: there is no such rule so far: \"a.b\""},
    {"((_) @x (#use? @x \"a\") (#rule! \"A\" 5 low \"m\" \"r\"))",
     "f:1:24: not an id; allowed: 1 to 63 of a-z 0-9 . - _; not \"A\""},
    {"((_) @x (#use? @x \"a\") (#rule! \"a\" 101 low \"m\" \"r\"))",
     "f:1:24: not a score; allowed: 0 to 100; not \"101\""},
    {"((_) @x (#use? @x \"a\") (#rule! \"a\" 5 grave \"m\" \"r\"))",
     "f:1:24: not a severity; allowed: info, low, medium, high, critical; not \"grave\""},
    {"((_) @x (#use? @x \"a\") (#rule! \"a\" 5))",
     "f:1:24: #rule! takes an id, a score, a severity, a message and a remedy"},
    {"((_) @x (#uses? @x \"a\") " RULE ")", "f:1:9: there is no such predicate: \"uses?\""},
    {"((_) @x (#use? \"a\") " RULE ")", "f:1:9: a capture (@name) is missing in \"use?\""},
    {"((_) @x (#use? @x) " RULE ")", "f:1:9: words are missing in \"use?\""},
    {"((_) @x (#use? @x (a)) " RULE ")",
     "f:1:19: a predicate holds words, strings and captures only"},
    {"((_) @x (#use? @x \"a", "f:1:19: a string without an end"},
    {"((_) @x (#use? @x", "f:1:9: a predicate without an end"},
    {"((_) @x (#use? @x \"a\nb\")", "f:1:19: a string without an end"},
    {"; (\n)", "f:2:1: a pattern begins with a parenthesis"},
    {"\"a\"", "f:1:1: a pattern begins with a parenthesis"},
    {"[(true) (false)] @x " RULE, "f:1:1: a pattern begins with a parenthesis"},
    {"((string \"a) @x " RULE ")", "f:1:43: a string without an end"},
    {"((_) @x (#use? @x [a]) " RULE ")",
     "f:1:19: a predicate holds words, strings and captures only"},
    {"((_) @x (#) " RULE ")", "f:1:9: there is no such predicate: \"\""},
    {"((_) @x (#a-name-that-is-longer-than-any-there-could-be? @x) " RULE ")",
     "f:1:9: there is no such predicate: \"a-name-that-is-longer-than-any-there-could-be?\""},
    {"((_) @x (#not-use? @x \"a\") " RULE ")",
     "f:1:1: (_) needs one of #import?, #use?, #member?, #call?, #method?, #file?"},
    {"((_) @x (#not-? @x \"a\") " RULE ")", "f:1:9: there is no such predicate: \"not-?\""},
    {"((_) @x (#not-rule! \"a\") " RULE ")", "f:1:9: there is no such predicate: \"not-rule!\""},
    {"((_) @x (#use?) " RULE ")", "f:1:9: a capture (@name) is missing in \"use?\""},
    {"((_) @x (#call? @x \"a\") (#arg-is? @x 0) " RULE ")",
     "f:1:25: words are missing in \"arg-is?\""},
    {"((_) @x (#call? @x \"a\") (#arg-given? @x) " RULE ")",
     "f:1:25: words are missing in \"arg-given?\""},
    {"((_) @x (#call? @x \"a\") (#arg-given? @x 100) " RULE ")",
     "f:1:25: which argument? allowed: 0, \"1:mode\", self; not \"100\""},
    {"((_) @x (#call? @x \"a\") (#arg-given? @x \":k\") " RULE ")",
     "f:1:25: which argument? allowed: 0, \"1:mode\", self; not \":k\""},
    {"((_) @x (#use? @x \"a\") (#rule!))",
     "f:1:24: #rule! takes an id, a score, a severity, a message and a remedy"},
    {"((_) @x (#use? @x \"a\") (#rule! \"a\" 5 low \"m\" \"r\" \"s\"))",
     "f:1:24: #rule! takes an id, a score, a severity, a message and a remedy"},
    {"((_) @x (#use? @x \"a\") (#rule! \"\" 5 low \"m\" \"r\"))",
     "f:1:24: not an id; allowed: 1 to 63 of a-z 0-9 . - _; not \"\""},
    {"((_) @x (#use? @x \"a\") (#rule! \"a\" -1 low \"m\" \"r\"))",
     "f:1:24: not a score; allowed: 0 to 100; not \"-1\""},
    {RULE, "f:1:1: patterns and what tree-sitter made of them do not agree"},
    {"((call function: ) @x " RULE ")", "f:1:18: not a pattern"},
    {"((_) @x (#call? @x \"a\") (#arg-is? @x x \"b\") " RULE ")",
     "f:1:25: which argument? allowed: 0, \"1:mode\", self; not \"x\""},
    {"\n((no_such) @x " RULE ")", "f:2:3: the grammar has no node of this kind"},
    {"((call no_field: (_)) @x " RULE ")", "f:1:8: the grammar has no field of this name"},
    {"((call (pass_statement)) @x " RULE ")", "f:1:8: a pattern that nothing can match"},
    {"((call) @x (#eq? @x \"a\") " RULE ")\n((call) @x (#rule! \"a.b\" 5 low \"m\" \"r\"))",
     "f:2:12: this rule is there already: \"a.b\""},
};

static int add(struct sg_rules *r, const char *text, struct sg_error *err)
{
    r->language = language("python");
    return sg_rules_add(r, "f", text, strlen(text), err);
}

static void test_errors(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(broken); i++) {
        struct sg_rules r = {0};
        struct sg_error err = SG_ERROR_INIT;
        int rc = add(&r, broken[i].text, &err);
        if (rc != SG_E_INVALID || strcmp(err.text, broken[i].error) != 0) {
            print_message("%s\n  %d %s\n", broken[i].text, rc, err.text);
            wrong++;
        }
        sg_rules_done(&r);
    }
    assert_int_equal(wrong, 0);
}

/* As many words as there is room for, and no more. */
static void test_many_words(void **state)
{
    (void)state;
    for (int n = 94; n <= 97; n++) {
        sg_auto(sg_buf) struct sg_buf text = {0};
        struct sg_rules r = {0};
        struct sg_error err = SG_ERROR_INIT;
        sg_buf_puts(&text, "((_) @x (#use? @x");
        for (int i = 0; i < n; i++)
            sg_buf_puts(&text, " a");
        sg_buf_puts(&text, ") " RULE ")");
        int rc = add(&r, text.data, &err);
        assert_int_equal(rc, n <= 95 ? 0 : SG_E_INVALID);
        assert_string_equal(err.text, n <= 95 ? "" : "f:1:209: too many words in a predicate");
        sg_rules_done(&r);
    }
}

/* Files build on each other; what one has broken off is given back with the rest. */
static void test_several_files(void **state)
{
    (void)state;
    struct sg_rules r = {0};
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(add(&r, "", &err), 0);
    assert_int_equal(add(&r, "; nothing", &err), 0);
    uint64_t hash = r.hash;
    assert_int_equal(add(&r, "((_) @x (#use? @x \"a\") " RULE ")", &err), 0);
    assert_int_not_equal(r.hash, hash);
    assert_int_equal(
        add(&r, "((call) @x (#rule! \"a.b\"))((_) @y (#call? @y a) (#rule! a.b))", &err), 0);
    assert_int_equal(r.nrules, 1);
    assert_int_equal(r.npatterns, 3);
    assert_int_equal(r.nqueries, 4);
    static const char again[] = "((_) @x (#use? @x \"a\") " RULE ")";
    assert_int_equal(sg_rules_add(&r, "g", again, sizeof again - 1, &err), SG_E_INVALID);
    assert_string_equal(err.text, "g:1:24: this rule is there already: \"a.b\"");
    assert_int_equal(sg_rules_add(&r, "h", "\n (\0)", 5, NULL), SG_E_INVALID);
    err = (struct sg_error)SG_ERROR_INIT;
    assert_int_equal(sg_rules_add(&r, "h", "\n (\0)", 5, &err), SG_E_INVALID);
    assert_string_equal(err.text, "h:2:3: a NUL");
    sg_rules_done(&r);
}

static void count(void *arg, const struct sg_pattern *p)
{
    (void)p;
    ++*(int *)arg;
}

static int found(const struct sg_rules *r, enum sg_ask ask, const char *word)
{
    int n = 0;
    sg_rules_look_up(r, ask, word, count, &n);
    return n;
}

static void test_index(void **state)
{
    (void)state;
    struct sg_rules r = {0};
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(add(&r,
                         "; a comment with ( and \"\n"
                         "((_) @x (#import? @x \"a\") (#rule! \"one\" 5 low \"m\\\"\" \"\"))\n"
                         "((_) @x (#use? @x \"a.b\" \"a.c*\") (#not-arg-given? @x 0) (#rule! "
                         "\"two\" 0 info \"m\" \"r\"))\n"
                         "((_) @x (#member? @x \"__m__\") (#rule! \"one\"))\n"
                         "((exec_statement) @x (#rule! \"two\"))\n",
                         &err),
                     0);
    assert_int_equal(sg_rules_finish(&r, &err), 0);
    assert_int_equal(r.nrules, 2);
    assert_int_equal(r.npatterns, 4);
    assert_string_equal(r.rules[0].message, "m\"");
    assert_int_equal(sg_rules_find(&r, "two"), 1);
    assert_int_equal(sg_rules_find(&r, "three"), -1);
    assert_int_equal(found(&r, SG_ASK_IMPORT, "a"), 1);
    assert_int_equal(found(&r, SG_ASK_IMPORT, "a.x.y"), 1);
    assert_int_equal(found(&r, SG_ASK_IMPORT, "ab"), 0);
    assert_int_equal(found(&r, SG_ASK_USE, "a.b"), 1);
    assert_int_equal(found(&r, SG_ASK_USE, "a.cde"), 1);
    assert_int_equal(found(&r, SG_ASK_USE, "a.c.d"), 0);
    assert_int_equal(found(&r, SG_ASK_USE, "a"), 0);
    assert_int_equal(found(&r, SG_ASK_MEMBER, "__m__"), 1);
    assert_int_equal(found(&r, SG_ASK_CALL, "a.b"), 0);
    assert_true(r.patterns[3].structural);
    assert_true(r.patterns[1].tests[1].negated);
    assert_false(r.anywhere);
    sg_rules_done(&r);
}

static void test_paths(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool fits;
    } rows[] = {
        {"a.b", "a.b", true},         {"a.b", "a.bc", false},
        {"a.*", "a.b", true},         {"a.*", "a.b.c", false},
        {"a.*", "a.b()", false},      {"a.b*", "a.b", true},
        {"a.**", "a.b.c()", true},    {"**.c", "a.b.c", true},
        {"**.c", "c", false},         {"a.**().c", "a.b().d().c", true},
        {"a.**().c", "a.b.c", false}, {"*", "", true},
        {"a.*.c", "a.bcd.c", true},   {"a.*.c", "a.b.d.c", false},
        {"**x**y", "1x2x3y", true},   {"b.*.__self__", "b.print.__self__", true},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        if (sg_path_fits(rows[i].pattern, rows[i].path) != rows[i].fits)
            fail_msg("%s %s", rows[i].pattern, rows[i].path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),        cmocka_unit_test(test_many_words),
        cmocka_unit_test(test_several_files), cmocka_unit_test(test_index),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
