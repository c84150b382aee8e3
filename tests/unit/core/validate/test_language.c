/* The table of languages: names, grammars, and what is done to a text before it is parsed. */
#include "core/validate/language.h"

#include "tests/unit/core/validate/values.h"

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *extension, *language;
    } rows[] = {
        {"python", "py", "python"},
        {"python3", "pyw", "python"},
        {"py", "pyi", "python"},
        {"javascript", "js", "javascript"},
        {"js", "cjs", "javascript"},
        {"node", "mjs", "javascript"},
        {"nodejs", "jsx", "javascript"},
        {"Python", "PY", NULL},
        {"", "", NULL},
        {"cobol", "txt", NULL},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        const struct sg_language *by_name = sg_language_find(rows[i].name);
        const struct sg_language *by_extension = sg_language_by_extension(rows[i].extension);
        assert_ptr_equal(by_name, by_extension);
        if (!rows[i].language)
            assert_null(by_name);
        else
            assert_string_equal(by_name->name, rows[i].language);
    }
}

static void test_each_has_what_it_needs(void **state)
{
    (void)state;
    for (size_t i = 0; sg_languages[i]; i++) {
        const struct sg_language *l = sg_languages[i];
        assert_true(sg_language_init(sg_languages[i]));
        assert_ptr_equal(sg_language_find(l->name), l);
        for (size_t k = 0; l->aliases[k]; k++)
            assert_ptr_equal(sg_language_find(l->aliases[k]), l);
        for (size_t k = 0; l->extensions[k]; k++)
            assert_ptr_equal(sg_language_by_extension(l->extensions[k]), l);
        assert_true(l->prepare && l->string && l->imports && l->builtins && l->binary[0]);
        assert_int_equal(sg_language_role(l, SG_KINDS_MAX), SG_ROLE_NONE);
        assert_int_equal(sg_language_role(l, UINT16_MAX), SG_ROLE_NONE);
        TSSymbol kind = ts_language_symbol_for_name(l->grammar(), "identifier", 10, true);
        assert_int_equal(sg_language_role(l, kind), SG_ROLE_NAME);
    }
}

/* A grammar that is not the one we know is told of, not lived with. */
static void test_another_grammar(void **state)
{
    (void)state;
    static const struct sg_role_row unknown[] = {{"identifier", SG_ROLE_NAME, NULL},
                                                 {"no_such_node", SG_ROLE_NAME, NULL},
                                                 {NULL, SG_ROLE_NONE, NULL}};
    static struct sg_language l;
    l = *language("python");
    l.roles = unknown;
    assert_false(sg_language_init(&l));
    l = *language("python");
    l.fields[SG_FIELD_KEY] = "no_such_field";
    assert_false(sg_language_init(&l));
    l.fields[SG_FIELD_KEY] = NULL;
    assert_true(sg_language_init(&l));
}

static void test_declared_encodings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int at; /* of the name; -1: fine */
    } rows[] = {
        {"", -1},
        {"x = 1", -1},
        {"# coding: utf-8", -1},
        {"# coding: UTF_8", -1},
        {"# -*- coding: utf-8-sig -*-", -1},
        {"# vim: set fileencoding=ascii :", -1},
        {"# coding: latin-1", -1},
        {"# coding: latin-1\n# \xc3\xa4", 10},
        {"# coding: utf-7", 10},
        {"# coding=utf-7", 9},
        {"#coding:\t utf_16", 10},
        {" \t\f# coding: rot13", 13},
        {"\xef\xbb\xbf# coding: cp037", 13},
        {"#!/usr/bin/python\n# coding: utf-7", 28},
        {"x = 1\n# coding: utf-7", 16}, /* for the interpreter it is code: better one too many */
        {"\n\n# coding: utf-7", -1},    /* the third line */
        {"# coding utf-7", -1},
        {"x = '# coding: utf-7'", -1},
        {"# coding: utf-8\n# coding: utf-7", -1}, /* the first holds */
        {"# coding: utf-8-and-much-more-that-does-not-fit-at-all", 10},
        {"# coding:", -1},
        {"# coding: ", -1},
    };
    const struct sg_language *l = language("python");
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        const char *name = l->encoding(rows[i].text, strlen(rows[i].text));
        int at = name ? (int)(name - rows[i].text) : -1;
        if (at != rows[i].at)
            fail_msg("\"%s\": %d, not %d", rows[i].text, at, rows[i].at);
    }
    assert_null(language("javascript")->encoding);
}

static void check_prepared(const char *name, const char *text, const char *expect)
{
    sg_autofree char *copy = strdup(text);
    language(name)->prepare(copy, strlen(copy));
    if (strcmp(copy, expect) != 0)
        fail_msg("%s: \"%s\" is \"%s\"", name, text, copy);
}

static void test_prepared_texts(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "javascript" : "python";
        check_prepared(name, "", "");
        check_prepared(name, "# a\rb", "# a\nb");
        check_prepared(name, "a\r\nb\r", "a\r\nb\n");
        check_prepared(name, "a\r\r\nb", "a\n\r\nb");
    }
    check_prepared("javascript", "#!x\xe2\x80\xa8y", "      y");
    check_prepared("javascript", "#!x\xe2\x80\xa9", "      ");
    check_prepared("javascript", "#!x\ny\xe2\x80\xa8z", "#!x\ny\xe2\x80\xa8z");
    check_prepared("javascript", "#!x\ry", "#!x\ny");
    check_prepared("javascript", "#!", "#!");
    check_prepared("javascript", "// \xe2\x80\xa8y", "// \xe2\x80\xa8y");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),           cmocka_unit_test(test_each_has_what_it_needs),
        cmocka_unit_test(test_another_grammar), cmocka_unit_test(test_declared_encodings),
        cmocka_unit_test(test_prepared_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
