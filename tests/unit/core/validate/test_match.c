/* Each predicate both ways: a rule, and programs that do and do not break it. */
#include "core/validate/match.h"

#include "core/validate/rules.h"
#include "tests/unit/core/validate/values.h"

struct row {
    const char *predicates; /* of ((_) @x … ), or a whole pattern */
    const char *hit, *miss;
};

static const struct row rows[] = {
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

static size_t findings(const char *name, const char *rule, const char *program)
{
    static const struct sg_policy policy = {.name = "p", .threshold = 1, .refuse = true};
    struct sg_rules r = {.language = language(name)};
    struct sg_error err = SG_ERROR_INIT;
    struct sg_analysis a;
    struct sg_bounds bounds;
    struct sg_breach breach = {.bound = SG_BOUND_NONE};
    sg_auto(sg_buf) struct sg_buf text = {0};
    static const char danger[] = "((_) @d (#use? @d \"builtins.danger\" \"danger\") (#rule! "
                                 "\"danger\" 50 high \"m\" \"r\"))\n";
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

/* The same of JavaScript: what is another shape there. */
static const struct row javascript[] = {
    {"(#import? @x \"fs\")", "import a from 'node:fs'", "import a from './fs'"},
    {"(#import? @x \"fs\")", "require('fs/promises')", "require('fsx')"},
    {"(#import? @x \"fs\")", "export {a} from 'fs'", "export {fs}"},
    {"(#import? @x \"fs\")", "import('f' + 's')", "x = 'fs'"},
    {"(#use? @x \"fs.a\")", "const {a} = require('fs')", "const {b: a} = require('fs')"},
    {"(#use? @x \"fs.a\")", "export {a} from 'fs'", "export {a}"},
    {"(#member? @x \"m\")", "x['m']", "x = {m}"},
    {"(#member? @x \"m\")", "const {m: y} = x", "const {y: m} = x"},
    {"(#member? @x \"m\")", "Reflect.get(x, 'm')", "Reflect.got(x, 'm')"},
    {"(#call? @x \"F\")", "new F(1)", "new F.G(1)"},
    {"(#call? @x \"F\") (#arg-is? @x 1 \"w\")", "F(...a, 'w')", "F('w')"},
    {"(#call? @x \"f\") (#arg-suspicious? @x 0)", "f(`danger`)", "f(() => danger)"},
    {"(#method? @x \"run\") (#base-from? @x \"a.**\")", "a.b().run(1)", "b.a.run(1)"},
    {"((new_expression constructor: (_) @f) @x (#call? @x \"F\") (#arg-given? @x 0) %s)",
     "new F(1)", "new F()"},
    {"(#file? @x \"unparsed-danger\")", "x = ( danger ]", "x = ( /* danger */ ]"},
};

static int check_rows(const char *name, const struct row *list, size_t n)
{
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
        size_t hit = findings(name, list[i].predicates, list[i].hit);
        size_t miss = findings(name, list[i].predicates, list[i].miss);
        if (hit < 1 || miss != 0) {
            print_message("%s: %zu in %s, %zu in %s\n", list[i].predicates, hit, list[i].hit, miss,
                          list[i].miss);
            wrong++;
        }
    }
    return wrong;
}

static void test_predicates(void **state)
{
    (void)state;
    assert_int_equal(check_rows("python", rows, SG_ARRAY_LEN(rows)), 0);
    assert_int_equal(check_rows("javascript", javascript, SG_ARRAY_LEN(javascript)), 0);
}

/* Each predicate that is no anchor, negated: what it was true of it is false of, and the other way
   round; what has no such argument is no different. */
static void test_negations(void **state)
{
    (void)state;
    static const struct row negated[] = {
        {"(#method? @x \"j\") (#not-base-is? @x \"a*\")", "'ba'.j(x)", "'ab'.j(x)"},
        {"(#member? @x \"m\") (#not-base-from? @x \"builtins.b\")", "c.m", "b.m"},
        {"(#call? @x \"builtins.f\") (#not-arg-text? @x 0)", "f(1)\n", "f('a')"},
        {"(#call? @x \"builtins.f\") (#not-arg-given? @x 0)", "f(k=1)", "f(1)"},
        {"(#call? @x \"builtins.f\") (#not-arg-calls? @x 0 \"builtins.g\")", "f(g)", "f(g())"},
        {"(#call? @x \"builtins.f\") (#not-arg-module? @x 0)", "f(m)", "import m\nf(m)"},
        {"(#call? @x \"builtins.f\") (#not-arg-unknown? @x 0)", "f('a')", "f(g())"},
        {"(#call? @x \"builtins.f\") (#not-arg-outside? @x 0 \"/work\")", "f('a')", "f('/a')"},
        {"(#call? @x \"builtins.f\") (#not-arg-path? @x 0 \"/a/*\")", "f('/b/c')", "f('/a/c')"},
        {"(#call? @x \"builtins.f\") (#not-arg-from? @x 0 \"builtins.g\")", "f(h)", "f(g)"},
        {"(#call? @x \"builtins.f\") (#not-arg-suspicious? @x 0)", "f('a')", "f('danger')"},
        {"((call function: (_) @f) @x (#not-use? @f \"builtins.eval\") %s)", "f(1)", "eval(1)"},
        {"((call) @x (#not-call? @x \"builtins.eval\") %s)", "f(1)", "eval(1)"},
        {"((call) @x (#not-method? @x \"m\") %s)", "x.n(1)", "x.m(1)"},
        {"((attribute) @x (#not-member? @x \"m\") %s)", "x.n", "x.m"},
        {"((call function: (_) @f) @x (#not-unknown? @f) %s)", "h()", "def w(p): p()"},
        {"((call function: (_) @f) @x (#not-local? @f) %s)", "g()", "def h(): pass\nh()"},
        {"((call) @x (#not-lacks? @x \"string\") %s)", "f('a')", "f(1)"},
        {"((call) @x (#not-any-of? @x \"f(1)\" \"f(2)\") %s)", "f(3)", "f(2)"},
    };
    assert_int_equal(check_rows("python", negated, SG_ARRAY_LEN(negated)), 0);
}

/* Words that a rule of such a score is about, whatever it asks besides: as words, in any text. */
static void test_suspicious(void **state)
{
    (void)state;
    static const char text[] =
        "((_) @x (#use? @x \"builtins.eval\" \"os.system\") (#rule! \"a\" 30 high \"\" \"\"))"
        "((_) @x (#import? @x \"socket\") (#rule! \"b\" 30 high \"\" \"\"))"
        "((_) @x (#member? @x \"__m__\") (#rule! \"c\" 50 high \"\" \"\"))"
        "((_) @x (#use? @x \"builtins.mild\") (#rule! \"d\" 29 high \"\" \"\"))"
        "((_) @x (#use? @x \"builtins.open\") (#arg-is? @x 0 \"w\") (#rule! \"a\"))"
        "((_) @x (#call? @x \"builtins.call\") (#rule! \"a\"))";
    static const struct {
        const char *text;
        bool suspicious;
    } words[] = {
        {"", false},
        {"eval", true},
        {"x=eval(1)", true},
        {"evals", false},
        {"_eval", false},
        {"eval_", false},
        {"\xc3\xa4"
         "eval",
         false},
        {"EVAL", false},
        {"a.socket;", true},
        {"socket\n", true},
        {"x.__m__", true},
        {"mild", false},
        {"os.system", false},
        {"open('w')", false},
        {"call()", false},
        {"ev al", false},
        {"'eval'", true},
        {"system", false},
        {"builtins", false},
    };
    struct sg_rules r = {.language = language("python")};
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_rules_add(&r, "f", text, sizeof text - 1, &err), 0);
    assert_int_equal(sg_rules_finish(&r, &err), 0);
    for (size_t i = 0; i < SG_ARRAY_LEN(words); i++)
        if (sg_match_suspicious(&r, words[i].text, strlen(words[i].text), 30) !=
            words[i].suspicious)
            fail_msg("%s", words[i].text);
    assert_false(sg_match_suspicious(&r, "evals", 3, 30)); /* no further than it is long */
    assert_true(sg_match_suspicious(&r, "evals", 4, 30));
    assert_true(sg_match_suspicious(&r, "mild", 4, 29));
    assert_false(sg_match_suspicious(&r, "eval", 4, 31));
    sg_rules_done(&r);
}

/* A pattern that begins nowhere in particular is looked for everywhere. */
static void test_anywhere(void **state)
{
    (void)state;
    assert_int_equal(findings("python", "([(true) (false)] @x %s)", "x = True\ny = False"), 2);
    assert_int_equal(findings("python", "((true) @x %s)", "x = True\ny = True"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_predicates),
        cmocka_unit_test(test_negations),
        cmocka_unit_test(test_suspicious),
        cmocka_unit_test(test_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
