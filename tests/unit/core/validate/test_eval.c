/* Values of expressions: names, members, indices, calls, constants; in both languages. */
#include "tests/unit/core/validate/values.h"

static const struct value_row python[] = {
    /* names */
    {"probe(eval)", "builtins.eval"},
    {"import os\nprobe(os)", "os"},
    {"import os as o\nprobe(o.system)", "os.system"},
    {"import os.path\nprobe(os.system)", "os.system"},
    {"import os.path as p\nprobe(p.join)", "os.path.join"},
    {"from os import system as s\nprobe(s)", "os.system"},
    {"from . import os\nprobe(os)", "..os"},
    {"from os import *\nprobe(system)", "builtins.system | os.system"},
    {"e = eval\nf = e\nprobe(f)", "builtins.eval"},
    {"a = b\nb = a\nprobe(a)", "builtins.b"},
    {"(x := eval)\nprobe(x)", "builtins.eval"},
    {"a, (b, *c) = 1, (eval, 2, 3)\nprobe(b)", "builtins.eval"},
    {"for f in [eval, 1]: probe(f)", "1 | builtins.eval | builtins.f"},
    {"with open('x') as f: probe(f)", "builtins.f | builtins.open()"},
    {"x = 1\nx = 'a'\nprobe(x)", "'a' | 1"},
    {"x = 'a'\nx += 'b'\nprobe(x)", "'a'"},
    /* reached otherwise */
    {"probe(__builtins__.eval)", "builtins.eval"},
    {"probe(__builtins__['ev' + 'al'])", "builtins.eval"},
    {"probe(globals()['eval'])", "builtins.eval"},
    {"probe(globals().get('eval'))", "builtins.eval"},
    {"import os\nprobe(vars(os)['system'])", "os.system"},
    {"import os\nprobe(os.__dict__['system'])", "os.system"},
    {"import os\nprobe(getattr(os, 'sys' + 'tem'))", "os.system"},
    {"probe(object.__getattribute__(print, '__self__').eval)", "builtins.eval"},
    {"probe(__import__('o' + 's').system)", "os.system"},
    {"import importlib\nprobe(importlib.import_module(name='os'))", "os"},
    {"import sys\nprobe(sys.modules['os'].system)", "os.system"},
    {"import random\nprobe(random._os.system)", "os.system"},
    {"import operator, os\nprobe(operator.attrgetter('system')(os))", "os.system"},
    {"d = {'e': eval}\nprobe(d['e'])", "builtins.eval"},
    {"class A: e = eval\nprobe(A.e)", "builtins.eval"},
    {"class A:\n def f(self): self.o = eval\n def g(x): probe(x.o)", "builtins.eval"},
    {"import posix\nprobe(posix.system)", "os.system"},
    {"from pathlib import Path\nprobe((Path('a') / 'b').unlink)", "pathlib.Path().unlink"},
    {"\xef\xbd\x85val = 1\nprobe(\xef\xbd\x85\xef\xbd\x96\xef\xbd\x81\xef\xbd\x8c)",
     "1"}, /* full width letters: NFKC */
    /* texts */
    {"probe('a' 'b' \"\"\"c\"\"\")", "'abc'"},
    {"probe('\\x65\\u0076\\141\\154\\n')", "'eval\n'"},
    {"probe(r'\\x65')", "'\\x65'"},
    {"probe('\\N{LATIN SMALL LETTER E}')", ""},
    {"x = 'v'\nprobe(f'e{x}al{{}}')", "'eval{}'"},
    {"probe(f'{x}')", ""},
    {"probe('%s%c' % ('ev', 97))", "'eva'"},
    {"probe('{}{0}{x}'.format('a', x='b'))", "'aab'"},
    {"probe('-'.join(['a', 'b']))", "'a-b'"},
    {"probe(str.join('', ['a', 'b']))", "'ab'"},
    {"probe(''.join(reversed('lave')))", "'eval'"},
    {"probe(''.join(chr(c) for c in [101, 118]))", "'ev'"},
    {"probe([c + 'x' for c in 'ab'])", "['ax','bx']"},
    {"probe([c for c in 'ab' if c])", ""},
    {"probe(''.join(map(chr, [101, 118])))", "'ev'"},
    {"probe('lave'[::-1])", "'eval'"},
    {"probe('xevalx'[1:-1])", "'eval'"},
    {"probe('eval'[-1])", "'l'"},
    {"probe('EVAL'.lower().replace('e', 'E').strip())", "'Eval'"},
    {"probe(b'eval'.decode('utf-8'))", "'eval'"},
    {"probe(bytes([101, 118]))", "'ev'"},
    {"probe(bytes.fromhex('65 76').decode())", "'ev'"},
    {"probe('a' * 3)", "'aaa'"},
    {"probe('a' * 10 ** 9)", ""},
    /* numbers, choices, lists */
    {"probe(0x10 + 7 // 2 - -1 * 2 ** 3 % 5)", "22"},
    {"probe(1 / 0)", ""},
    {"probe(ord('a'))", "97"},
    {"probe(eval if x else 'a')", "'a' | builtins.eval"},
    {"probe(a or eval)", "builtins.a | builtins.eval"},
    {"probe([1, (2, 'a')])", "[1,[2,'a']]"},
    {"probe([eval, 1][0])", "builtins.eval"},
    {"probe([eval, 1][x])", "1 | builtins.eval"},
    {"probe(lambda: 1)", "local"},
    {"def f(): pass\nprobe(f)", "local"},
};

static const struct value_row javascript[] = {
    {"probe(eval)", "eval"},
    {"probe(globalThis.global.eval)", "eval"},
    {"probe(window['ev' + 'al'])", "eval"},
    {"probe((0, eval))", "eval"},
    {"probe(e\\u0076\\u{61}l)", "eval"},
    {"const e = eval; probe(e)", "eval"},
    {"let e; e = eval; probe(e)", "eval"},
    {"const fs = require('node:fs'); probe(fs.unlink)", "fs.unlink"},
    {"import {unlink as u} from 'fs'; probe(u)", "fs.unlink"},
    {"import fs from 'fs'; probe(fs.unlink)", "fs.unlink"},
    {"import * as fs from 'fs'; probe(fs.default.unlink)", "fs.unlink"},
    {"const {exec: {call}, ...rest} = require('child_process'); probe(call)",
     "child_process.exec.call"},
    {"const [a, b = eval] = [1, 2]; probe(b)", "2 | eval"},
    {"const o = {e: eval}; probe(o.e)", "eval"},
    {"const {e} = {e: eval}; probe(e)", "eval"},
    {"import('fs').then(m => probe(m.unlink))", "fs.unlink"},
    {"import('fs').then(({unlink}) => probe(unlink))", "fs.unlink"},
    {"probe(process.mainModule.require('fs'))", "fs"},
    {"probe(Reflect.get(globalThis, 'eval'))", "eval"},
    {"probe(eval.bind(null))", "eval"},
    {"probe([].filter.constructor)", "?.constructor"},
    {"probe(''.constructor.constructor)", "?.constructor.constructor"},
    {"class A { f() { probe(this.constructor) } }", ""},
    {"probe(this.eval)", "eval"},
    {"probe('e' + `v${'al'}`)", "'eval'"},
    {"probe(['e', 'v'].join(''))", "'ev'"},
    {"probe('lave'.split('').reverse().join(''))", "'eval'"},
    {"probe(String.fromCharCode(101, 118))", "'ev'"},
    {"probe(String.fromCharCode(...[101, 118]))", "'ev'"},
    {"probe('xeval'.slice(1).concat('!'))", "'eval!'"},
    {"probe('eXval'.replace('X', ''))", "'eval'"},
    {"probe('eval'.charAt(1))", "'v'"},
    {"probe(atob('ZXZhbA=='))", "'eval' | atob()"},
    {"probe('\\x65\\u{76}')", "'ev'"},
    {"{ let eval = 1 } probe(eval)", "eval"},
    {"{ var eval = 1 } probe(eval)", "1"},
    {"function f(eval) { probe(eval) }", ""},
    {"try {} catch (eval) { probe(eval) }", ""},
    {"for (const f of [eval]) probe(f)", "eval"},
};

static void test_python(void **state)
{
    (void)state;
    check_values("python", python, SG_ARRAY_LEN(python));
}

static void test_javascript(void **state)
{
    (void)state;
    check_values("javascript", javascript, SG_ARRAY_LEN(javascript));
}

/* What a name may be is kept to so many values, and long lists are data. */
static void test_bounds_of_values(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf text = {0}, list = {0};
    for (int i = 0; i < 40; i++)
        sg_buf_printf(&text, "if c: x = %d\n", i);
    sg_buf_puts(&text, "probe(x)\n");
    struct sg_analysis a;
    analyse(&a, "python", text.data);
    size_t n = 0;
    uint32_t call = last_of(&a, SG_ROLE_CALL);
    for (const struct sg_value *v = sg_eval(&a, sg_call_argument(&a, call, 0, NULL)); v;
         v = v->next)
        n++;
    assert_int_equal(n, SG_VALUES_MAX);
    sg_analysis_close(&a);
    sg_buf_puts(&list, "probe([");
    for (int i = 0; i < SG_ITEMS_MAX + 1; i++)
        sg_buf_puts(&list, "1,");
    sg_buf_puts(&list, "])");
    analyse(&a, "python", list.data);
    call = last_of(&a, SG_ROLE_CALL);
    assert_null(sg_eval(&a, sg_call_argument(&a, call, 0, NULL)));
    sg_analysis_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_python),
        cmocka_unit_test(test_javascript),
        cmocka_unit_test(test_bounds_of_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
