/* What a program imports: by names, by a glance at its text, and what of it a template has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/model/imports.h"
#include "core/model/limits.h"

#define X31 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X63 X31 X31 "x"

/* The names, blanks between. */
static void words_of(const struct sg_imports *s, char *ret, size_t size)
{
    size_t used = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < s->n; i++)
        used += (size_t)snprintf(ret + used, size - used, "%s%s", i ? " " : "", s->names[i]);
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *module, *name; /* NULL: it is not added */
    } rows[] = {
        {"numpy", "numpy"}, {"a.b.c", "a"},      {"_a1", "_a1"},    {"a.", "a"},
        {X63, X63},         {X63 ".y", X63},     {X63 "x", NULL},   {"", NULL},
        {".", NULL},        {".a", NULL},        {"..a.b", NULL},   {"1a", NULL},
        {"a-b", NULL},      {"./a", NULL},       {"node:fs", NULL}, {"a b", NULL},
        {"\xc3\xa4", NULL}, {"a\xc3\xa4", NULL},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_imports s = {0};
        sg_imports_add(&s, rows[i].module, strlen(rows[i].module));
        if (s.n != (rows[i].name != NULL) || (s.n && strcmp(s.names[0], rows[i].name) != 0))
            fail_msg("\"%s\": %zu names, %s", rows[i].module, s.n, s.names[0]);
    }
}

static void test_set(void **state)
{
    (void)state;
    struct sg_imports s = {0};
    char text[256];
    sg_imports_add(&s, "alpha", 1); /* the length counts, not a NUL */
    sg_imports_add(&s, "beta", 4);
    sg_imports_add(&s, "a.x", 3);
    sg_imports_add(&s, "gamma", 5);
    words_of(&s, text, sizeof text);
    assert_string_equal(text, "a beta gamma");
    assert_true(sg_imports_has(&s, "beta", 4));
    assert_false(sg_imports_has(&s, "beta", 3));
    assert_false(sg_imports_has(&s, "beta.x", 6));
    assert_false(sg_imports_has(&s, "", 0));
    sg_imports_remove(&s, "beta", 4);
    sg_imports_remove(&s, "delta", 5);
    words_of(&s, text, sizeof text);
    assert_string_equal(text, "a gamma");
    sg_imports_remove(&s, "gamma", 5);
    sg_imports_remove(&s, "a", 1);
    sg_imports_remove(&s, "a", 1);
    assert_int_equal(s.n, 0);
}

static void test_full(void **state)
{
    (void)state;
    struct sg_imports s = {0};
    char name[16];
    for (int i = 0; i < SG_IMPORTS_NAMES_MAX + 3; i++) {
        int n = snprintf(name, sizeof name, "m%d", i);
        sg_imports_add(&s, name, (size_t)n);
    }
    assert_int_equal(s.n, SG_IMPORTS_NAMES_MAX);
    assert_true(sg_imports_has(&s, "m63", 3));
    assert_false(sg_imports_has(&s, "m64", 3));
    sg_imports_remove(&s, "m63", 3); /* the last one of a full set */
    assert_int_equal(s.n, SG_IMPORTS_NAMES_MAX - 1);
    sg_imports_remove(&s, "m0", 2);
    assert_string_equal(s.names[0], "m1");
}

static void test_scan(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"", ""},
        {"import", ""},
        {"import ", ""},
        {"from ", ""},
        {"import a", "a"},
        {"import a\n", "a"},
        {"import a.b.c as d", "a"},
        {"import a, b.c as d ,e\nx = 1\nimport f", "a b e f"},
        {"import\ta,\tb", "a b"},
        {"import a,", "a"},
        {"import ,a", "a"},
        {"import a # b, c\n", "a"},
        {"from a import b, c", "a"},
        {"from a.b import (c,\n  d)\n", "a"},
        {"from . import a", ""},
        {"from .a import b", ""},
        {"from ... import a\nfrom b import *", "b"},
        {"  import a\n\t\fimport b", "a b"},
        {"x = 1; import a; y = 2;from b import c", "a b"},
        {"try: import a\nexcept ImportError: import b", "a b"},
        {"import a\rimport b\r\nimport c", "a b c"},
        {"\xef\xbb\xbfimport a", "a"},
        {"\xef\xbb", ""},
        {"imports a\nimporta\nfrom_x = 1\nimport_b = 2\nfroma import b", ""},
        {"x = 'import a'\nprint(from_, 'from b import c')", ""},
        {"# import a\n\"\"\"\nimport b\n\"\"\"\n", "b"}, /* a hint: it may be wrong */
        {"import (a)\nfrom \"x\" import y\nimport * as z", ""},
        {"import a\nimport a\nfrom a import b", "a"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_imports s = {0};
        char text[256];
        size_t n = strlen(rows[i].text);
        char *exact = malloc(n + 1); /* a sanitizer sees a read past the end */
        assert_non_null(exact);
        memcpy(exact + 1, rows[i].text, n);
        sg_imports_scan(&s, exact + 1, n);
        free(exact);
        words_of(&s, text, sizeof text);
        if (strcmp(text, rows[i].words) != 0)
            fail_msg("row %zu: \"%s\" instead of \"%s\"", i, text, rows[i].words);
    }
}

/* Bytes that are no text, and much of it: nothing but the bound stops it. */
static void test_scan_of_anything(void **state)
{
    (void)state;
    struct sg_imports s = {0};
    static const char zeros[] = "import a\0import b\n\0import c\nimport d\0";
    sg_imports_scan(&s, zeros, sizeof zeros);
    assert_int_equal(s.n, 2); /* a and d */
    assert_true(sg_imports_has(&s, "d", 1));
    sg_auto(sg_buf) struct sg_buf text = {0};
    for (int i = 0; i < 20000; i++)
        sg_buf_printf(&text, "import m%d, n%d\n", i, i);
    assert_false(text.failed);
    sg_imports_scan(&s, text.data, text.len);
    assert_int_equal(s.n, SG_IMPORTS_NAMES_MAX);
}

static void test_pick(void **state)
{
    (void)state;
    static const struct {
        const char *imports, *words, *before, *after;
        size_t size;
    } rows[] = {
        {"import numpy", "numpy", "", "numpy", 128},
        {"import numpy", "numpy pandas", "", "numpy", 128},
        {"import pandas, os, numpy", "numpy pandas", "", "numpy pandas", 128},
        {"from matplotlib import pyplot", "numpy matplotlib.pyplot", "", "matplotlib", 128},
        {"import matplotlib", "matplotlib.pyplot matplotlib", "", "matplotlib", 128},
        {"import numpy", "none", "", "", 128},
        {"import none", "none", "", "", 128},
        {"import os", "numpy", "", "", 128},
        {"", "numpy", "", "", 128},
        {"import nump, numpy2, py", "numpy", "", "", 128},
        {"import numpy, pandas", "numpy pandas", "numpy", "numpy pandas", 128},
        {"import py", "py", "numpy", "numpy py", 128},
        {"import numpy, pandas", "numpy pandas", "", "numpy pandas", 13},
        {"import numpy, pandas", "numpy pandas", "", "numpy", 12},
        {"import numpy, os", "numpy os", "", "os", 5}, /* whole, or not at all */
        {"import numpy", "numpy", "", "numpy", 6},
        {"import numpy", "numpy", "", "", 1},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_imports s = {0};
        char hint[SG_IMPORTS_MAX + 1];
        sg_imports_scan(&s, rows[i].imports, strlen(rows[i].imports));
        snprintf(hint, sizeof hint, "%s", rows[i].before);
        sg_imports_pick(&s, rows[i].words, hint, rows[i].size);
        if (strcmp(hint, rows[i].after) != 0)
            fail_msg("row %zu: \"%s\" instead of \"%s\"", i, hint, rows[i].after);
    }
}

static void test_a_template_holds_what_is_imported(void **state)
{
    (void)state;
    assert_true(sg_imports_held("", ""));
    assert_true(sg_imports_held("numpy pandas", ""));
    assert_true(sg_imports_held("numpy pandas", "pandas"));
    assert_true(sg_imports_held("numpy pandas matplotlib.pyplot", "matplotlib numpy"));
    assert_false(sg_imports_held("", "numpy"));
    assert_false(sg_imports_held("numpy", "numpy pandas"));
    assert_false(sg_imports_held("numpy", "num"));
    assert_false(sg_imports_held("num", "numpy"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_template_holds_what_is_imported),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_scan),
        cmocka_unit_test(test_pick),
        cmocka_unit_test(test_scan_of_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
