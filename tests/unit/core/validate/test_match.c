/* Each predicate both ways: a rule, and programs that do and do not break it. */
#include "core/validate/match.h"

#include "core/validate/rules.h"
#include "tests/unit/core/validate/values.h"

static const struct {
    const char *predicates; /* of ((_) @x … ), or a whole pattern */
    const char *hit, *miss;
} rows[] = {
    {"(#import? @x \"os\")", "import os.path", "import osmosis"},
    {"(#import? @x \"os\") (#not-import-below? @x \"os.path\")", "import os", "import os.path"},
    {"(#use? @x \"builtins.eval\")", "x = eval", "x.eval"},
    {"(#member? @x \"__m__\")", "getattr(x, '__m' + '__')", "__m__ = '__m__'"},
    {"(#call? @x \"builtins.eval\")", "eval(1)", "x = eval"},
    {"(#method? @x \"run\")", "x.y().run(1)", "x.run"},
    {"(#call? @x \"builtins.f\") (#arg-is? @x \"1:mode\" \"*w*\")", "f(1, mode='rw')", "f(1, 'r')"},
    {"(#call? @x \"builtins.f\") (#not-arg-is? @x 0 \"True\")", "f(False)", "f(True)"},
    {"(#call? @x \"builtins.f\") (#arg-may-be? @x 0 \"w\")", "f(g())", "f('r')"},
    {"(#call? @x \"builtins.f\") (#not-arg-may-be? @x 0 \"w\")", "f()", "f('w')"},
    {"(#call? @x \"builtins.f\") (#arg-text? @x 0)", "f('a' + g())", "f(1)"},
    {"(#call? @x \"builtins.f\") (#arg-from? @x 0 \"builtins.g()**\")", "y = g().h()\nf(y)",
     "f(h())"},
    {"(#call? @x \"builtins.f\") (#arg-calls? @x 0 \"builtins.g\")", "f(1 + h(g()))", "f(g)"},
    {"(#call? @x \"builtins.f\") (#arg-module? @x 0)", "import m\nf(m)", "f(m)"},
    {"(#call? @x \"builtins.f\") (#arg-given? @x \"2:key\")", "f(key=1)", "f(1, 2)"},
    {"(#call? @x \"builtins.f\") (#arg-unknown? @x 0)", "f(g())", "f('a')"},
    {"(#call? @x \"builtins.f\") (#arg-outside? @x 0 \"/work\")", "f('../../etc/x')",
     "f('a/../b')"},
    {"(#call? @x \"builtins.f\") (#arg-path? @x 0 \"/proc/*\")", "f('/work/../proc//self/./x')",
     "f('/procs/x')"},
    {"(#call? @x \"builtins.f\") (#arg-suspicious? @x 0)", "f('x = danger(1)')", "f('dangerous')"},
    {"(#call? @x \"pathlib.Path().open\") (#arg-outside? @x self \"/work\")",
     "from pathlib import Path\n(Path('/etc') / 'x').open()",
     "from pathlib import Path\n(Path('a') / 'x').open()"},
    {"(#method? @x \"format\") (#base-field? @x \"__\")", "'{0.__class__}'.format(x)",
     "'__{}__'.format(x)"},
    {"(#method? @x \"join\") (#base-is? @x \"a*\")", "'ab'.join(x)", "'ba'.join(x)"},
    {"(#member? @x \"m\") (#base-from? @x \"builtins.b\")", "b.m", "c.m"},
    {"((call function: (_) @f) @x (#use? @f \"builtins.eval\") %s)", "eval(1)", "f(1)"},
    {"((while_statement condition: (_) @c body: (_) @b) @x (#any-of? @c \"True\" \"1\") "
     "(#lacks? @b \"break_statement\") %s)",
     "while 1:\n def f():\n  while x: break", "while 1: break"},
    {"((call function: (_) @f) @x (#unknown? @f) %s)", "g()()", "def h(): pass\nh()"},
    {"((call function: (_) @f) @x (#local? @f) %s)", "def h(): pass\nh()", "g()"},
    {"((call function: (_) @f) @x (#not-eq? @f \"g\") %s)", "h()", "g()"},
    {"(#file? @x \"syntax-error\")", "x = = 1", "x = 1"},
    {"(#file? @x \"unparsed-danger\")", "print((danger]", "print((fine]"},
};

static size_t findings(const char *rule, const char *program)
{
    static const struct sg_policy policy = {.name = "p", .threshold = 1, .refuse = true};
    struct sg_rules r = {.language = language("python")};
    struct sg_error err = SG_ERROR_INIT;
    struct sg_analysis a;
    struct sg_bounds bounds;
    struct sg_breach breach = {.bound = SG_BOUND_NONE};
    sg_auto(sg_buf) struct sg_buf text = {0};
    static const char danger[] =
        "((_) @d (#use? @d \"builtins.danger\") (#rule! \"danger\" 50 high \"m\" \"r\"))\n";
    if (rule[1] != '#')
        sg_buf_printf(&text, rule, "(#rule! \"a\" 5 low \"m\" \"r\")");
    else
        sg_buf_printf(&text, "((_) @x %s (#rule! \"a\" 5 low \"m\" \"r\"))", rule);
    sg_buf_printf(&text, "\n%s", danger);
    if (sg_rules_add(&r, "f", text.data, text.len, &err) < 0 || sg_rules_finish(&r, &err) < 0)
        fail_msg("%s: %s", rule, err.text);
    sg_bounds_default(&bounds);
    bounds.parse_ms = 60000;
    assert_int_equal(
        sg_analysis_open(&a, r.language, program, strlen(program), &bounds, r.roots, &breach), 0);
    struct sg_matches m = {.analysis = &a, .rules = &r, .policy = &policy};
    sg_match(&m);
    size_t n = 0;
    for (size_t i = 0; i < m.n; i++)
        n += m.found[i].rule == 0;
    free(m.found);
    sg_analysis_close(&a);
    sg_rules_done(&r);
    return n;
}

static void test_predicates(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        size_t hit = findings(rows[i].predicates, rows[i].hit);
        size_t miss = findings(rows[i].predicates, rows[i].miss);
        if (hit < 1 || miss != 0) {
            print_message("%s: %zu in %s, %zu in %s\n", rows[i].predicates, hit, rows[i].hit, miss,
                          rows[i].miss);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* A pattern that begins nowhere in particular is looked for everywhere. */
static void test_anywhere(void **state)
{
    (void)state;
    assert_int_equal(findings("([(true) (false)] @x %s)", "x = True\ny = False"), 2);
    assert_int_equal(findings("((true) @x %s)", "x = True\ny = True"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_predicates),
        cmocka_unit_test(test_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
