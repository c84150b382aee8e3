/* Scopes: what a name is where it is read, and when it may still be the built-in one. */
#include "tests/unit/core/validate/values.h"

static const struct value_row python[] = {
    /* certainly something else */
    {"def eval(x): pass\nprobe(eval)", "local"},
    {"eval = 1\nprobe(eval)", "1"},
    {"def f(eval): probe(eval)", ""},
    {"def f():\n probe(eval)\n eval = 1", "1"},
    {"lambda eval: probe(eval)", ""},
    {"[probe(eval) for eval in [1]]", "1"},
    {"import math as eval\nprobe(eval)", "math"},
    {"def f(*eval, **exec): probe(exec)", ""},
    {"def f(eval: int = 1): probe(eval)", "1"},
    {"try: pass\nexcept E as eval: probe(eval)", "builtins.E | builtins.eval"},
    /* perhaps */
    {"probe(eval)\neval = 1", "1 | builtins.eval"},
    {"if x: eval = 1\nprobe(eval)", "1 | builtins.eval"},
    {"while x: eval = 1\nprobe(eval)", "1 | builtins.eval"},
    {"if False:\n def eval(x): pass\nprobe(eval)", "builtins.eval | local"},
    {"eval = 1\ndel eval\nprobe(eval)", "1 | builtins.eval"},
    {"def f(): probe(eval)\neval = 1", "1 | builtins.eval"},
    {"[0 for eval in [1]]\nprobe(eval)", "builtins.eval"},
    {"x and (eval := 1)\nprobe(eval)", "1 | builtins.eval"},
    /* which scope */
    {"def f(e=eval): probe(e)", "builtins.eval"},
    {"def f(eval=eval): probe(eval)", "builtins.eval"},
    {"class A:\n eval = 1\n def f(self): probe(eval)", "builtins.eval"},
    {"class A:\n eval = 1\n probe(eval)", "1"},
    {"x = 1\ndef f():\n global x\n x = 'a'\nprobe(x)", "'a' | 1"},
    {"def f():\n x = 1\n def g():\n  nonlocal x\n  x = 'a'\n probe(x)", "'a' | 1"},
    {"def f():\n x = 1\n def g(): probe(x)", "1"},
    {"[(y := 'a') for x in z]\nprobe(y)", "'a' | builtins.y"},
    {"def f():\n global eval\n eval = 1\n probe(eval)", "1 | builtins.eval"},
    {"def f():\n global x\n del x\nx = 1\nprobe(x)", "1 | builtins.x"},
    {"def f():\n global x\n def x(): pass\nprobe(x)", "builtins.x | local"},
    {"def f():\n def g():\n  nonlocal y\n  del y\n y = 1\n probe(y)", "1"},
    {"class A:\n probe(eval)\n eval = 1", "1 | builtins.eval"},
    {"class A:\n def f(self): pass\n probe(f)", "local"},
    {"from a import *\nfrom b import *\nprobe(x)", "a.x | b.x | builtins.x"},
    {"from a import *\nx = 1\nprobe(x)", "1"},
    {"from a import *\ndef f(x): probe(x)", ""},
    {"match x:\n case eval: probe(eval)", "builtins.eval"},
};

static const struct value_row javascript[] = {
    /* let and const are the block's, var the function's */
    {"const eval = 1; probe(eval)", "1"},
    {"{ const eval = 1; probe(eval) }", "1"},
    {"{ const eval = 1 } probe(eval)", "eval"},
    {"if (x) { var eval = 1 } probe(eval)", "1"},
    {"function f() { var eval = 1 } probe(eval)", "eval"},
    {"function f() { { var eval = 1 } probe(eval) }", "1"},
    {"for (let eval = 1;;) probe(eval)", "1"},
    {"for (let eval = 1;;) {} probe(eval)", "eval"},
    {"for (const eval of x) {} probe(eval)", "eval"},
    {"for (var eval of [1]); probe(eval)", "eval"},
    {"switch (x) { case 1: let eval = 1 } probe(eval)", "eval"},
    {"try {} catch (eval) {} probe(eval)", "eval"},
    /* functions and classes */
    {"function eval() {} probe(eval)", "local"},
    {"function f(eval = 1) { probe(eval) }", "1"},
    {"function f({eval}) { probe(eval) }", ""},
    {"function f([a, ...eval]) { probe(eval) }", ""},
    {"function f(...eval) { probe(eval) }", ""},
    {"function f(a = probe(eval)) { let eval = 1 }", "eval"},
    {"eval => probe(eval)", ""},
    {"(x, eval) => probe(eval)", ""},
    {"const f = function eval() { probe(eval) }", "local"},
    {"(function eval() {}); probe(eval)", "eval"},
    {"class eval {} probe(eval)", "local"},
    {"class A { f(eval) { probe(eval) } }", ""},
    /* assignment keeps what it was, whichever scope it is in */
    {"let e; function f() { e = eval } probe(e)", "eval"},
    {"let e = 1; e = eval; probe(e)", "1 | eval"},
    {"let e = 1; e ||= eval; probe(e)", "1 | eval"},
    {"[e] = [eval]; let e; probe(e)", "eval"},
    {"({e} = {e: eval}); let e; probe(e)", "eval"},
    {"for (e of [eval]); let e; probe(e)", "eval"},
    {"o.e = eval; function f(p) { probe(p.e) }", "eval"},
    {"import eval from 'm'; probe(eval)", "m"},
    {"import {a as eval} from 'm'; probe(eval)", "m.a"},
    {"import * as eval from 'm'; probe(eval)", "m"},
};

static void test_javascript(void **state)
{
    (void)state;
    check_values("javascript", javascript, SG_ARRAY_LEN(javascript));
}

static void test_python(void **state)
{
    (void)state;
    check_values("python", python, SG_ARRAY_LEN(python));
}

/* Names that are no variables are not read. */
static void test_labels(void **state)
{
    (void)state;
    static const char text[] =
        "x.eval\nf(eval=1)\ndef eval(): pass\nimport eval\nclass eval: pass\n"
        "global exec\ndel exec\nfor eval in x: pass\n";
    struct sg_analysis a;
    analyse(&a, "python", text);
    for (uint32_t i = 0; i < a.tree.count; i++)
        if (a.tree.nodes[i].role == SG_ROLE_NAME &&
            (sg_node_text_is(&a, i, "eval") || sg_node_text_is(&a, i, "exec")))
            assert_true(a.tree.nodes[i].flags & SG_NODE_LABEL);
    sg_analysis_close(&a);
}

static void test_work_is_bounded(void **state)
{
    (void)state;
    static const char text[] = "a = b = c = d = e = f\n";
    struct sg_analysis a;
    struct sg_bounds bounds;
    struct sg_breach breach = {.bound = SG_BOUND_NONE};
    sg_bounds_default(&bounds);
    bounds.work = 1;
    int rc =
        sg_analysis_open(&a, language("python"), text, sizeof text - 1, &bounds, NULL, &breach);
    for (int i = 0; rc == 0 && i < 5000; i++)
        sg_analysis_work(&a, 1);
    assert_int_equal(rc == 0 ? a.breach.bound : breach.bound, SG_BOUND_WORK);
    if (rc == 0)
        sg_analysis_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_python),
        cmocka_unit_test(test_javascript),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_work_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
