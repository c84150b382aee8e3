/* Sections, keys and values as they arrive; each way in which a file can be wrong, with its text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/config/reader.h"

static const struct sg_reader_key keys[] = {
    {"", "top", false},    {"", "words", true}, {"one", "a", false},
    {"one", "list", true}, {"two", "a", false},
};
#define NKEYS SG_ARRAY_LEN(keys)

/* Writes down what arrives: "section.key=value;". */
static int on_value(void *arg, size_t key, const char *value, struct sg_error *err)
{
    if (value && strcmp(value, "bad") == 0)
        return sg_error_set(err, SG_E_INVALID, "\"bad\" is bad; allowed: good");
    sg_buf_printf(arg, "%s.%s=%s;", keys[key].section, keys[key].name, value ? value : "(none)");
    return 0;
}

static int read_text(const char *text, size_t n, struct sg_buf *got, unsigned lines[NKEYS],
                     struct sg_error *err)
{
    struct sg_reader r = {
        .keys = keys, .nkeys = NKEYS, .lines = lines, .on_value = on_value, .arg = got};
    return sg_reader_text(&r, "F", text, n, err);
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *text, *got;
    } rows[] = {
        {"", ""},
        {"\n# nothing\n", ""},
        {"top = 1", ".top=1;"},
        {"top=1\n", ".top=1;"},
        {"top = \"two words\"", ".top=two words;"},
        {"top = ''", ".top=;"},
        {"top = 'a\nb'", ".top=a\nb;"},
        {"top = \"a\\tb\\n\\\"\"", ".top=a\tb\n\";"},
        {"top = /a/b.c-d_e:f@g", ".top=/a/b.c-d_e:f@g;"},
        {"words = {a, b, a}", ".words=a;.words=b;.words=a;"},
        {"words = {\n a,\n b,\n}", ".words=a;.words=b;"},
        {"words = a", ".words=a;"},
        {"words = {}", ".words=(none);"},
        {"top = {x}", ".top=x;"},
        {"one { a = 1 }\ntwo { a = 2 }", "one.a=1;two.a=2;"},
        {"one {\n a = 1\n list = {}\n}\n", "one.a=1;one.list=(none);"},
        {"one {}", ""},
        {"one { a = 1 }\ntop = x\none { list = y }", "one.a=1;.top=x;one.list=y;"},
        {"top = 1 words = 2", ".top=1;.words=2;"},
        {"\"top\" = 1", ".top=1;"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_auto(sg_buf) struct sg_buf got = {0};
        unsigned lines[NKEYS];
        struct sg_error err = SG_ERROR_INIT;
        sg_buf_puts(&got, "");
        if (read_text(rows[i].text, strlen(rows[i].text), &got, lines, &err) != 0)
            fail_msg("\"%s\": %s", rows[i].text, err.text);
        assert_string_equal(got.data, rows[i].got);
    }
}

static void test_lines(void **state)
{
    (void)state;
    static const char text[] = "# one\n\n/* two\n */ top = 1\none { # x\n  // y\n  a = 2\n}\n"
                               "two {\n\n  a = 3 }\nwords = {\n a,\n b }\n";
    static const unsigned expected[NKEYS] = {4, 14, 7, 0, 11};
    unsigned lines[NKEYS];
    sg_auto(sg_buf) struct sg_buf got = {0};
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(read_text(text, sizeof(text) - 1, &got, lines, &err), 0);
    for (size_t i = 0; i < NKEYS; i++)
        assert_int_equal(lines[i], expected[i]);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"nope = 1", "F:1: nope: no such key; allowed: top, words, one { }, two { }"},
        {"a = 1", "F:1: a: no such key; allowed: top, words, one { }, two { }"},
        {"nope { a = 1 }", "F:1: nope: no such key; allowed: top, words, one { }, two { }"},
        {"\none {\n nope = 1\n}", "F:3: one.nope: no such key; allowed: a, list"},
        {"two { list = 1 }", "F:1: two.list: no such key; allowed: a"},
        {"one { top = 1 }", "F:1: one.top: no such key; allowed: a, list"},
        {"one { two { a = 1 } }", "F:1: one.two: no such key; allowed: a, list"},
        {"top = 1\n\ntop = 2", "F:3: top: set twice, first on line 1; allowed: once"},
        {"one { a = 1\n a = 2 }", "F:2: one.a: set twice, first on line 1; allowed: once"},
        {"one { a = 1 }\none { a = 2 }", "F:2: one.a: set twice, first on line 1; allowed: once"},
        {"words = {a}\nwords = {b}", "F:2: words: set twice, first on line 1; allowed: once"},
        {"words = {a}\nwords = {}", "F: words: set twice, first on line 1; allowed: once"},
        {"top = {a, b}", "F:1: top: takes one value; allowed: top = value"},
        {"top = {}", "F: top: takes one value; allowed: top = value"},
        {"top = bad", "F:1: top: \"bad\" is bad; allowed: good"},
        {"one {\n list = {\nx,\nbad }}", "F:4: one.list: \"bad\" is bad; allowed: good"},
        {"one {\n a = 1\n", "F:3: section one is not closed; allowed: one { ... }"},
        {"one {", "F:1: section one is not closed; allowed: one { ... }"},
        {"top =", "F:1: top: the value is missing"},
        {"words = {a,", "F:1: words: the value is missing"},
        {"words = {a", "F:1: unexpected end of file"},
        {"top", "F:1: missing equal sign after option 'top'"},
        {"top 1", "F:1: missing equal sign after option 'top'"},
        {"one", "F:1: missing opening brace for section 'one'"},
        {"one = 1", "F:1: missing opening brace for section 'one'"},
        {"one x { }", "F:1: missing opening brace for section 'one'"},
        {"}", "F:1: unexpected closing brace"},
        {"top = 1 }", "F:1: unexpected closing brace"},
        {"= 1", "F:1: unexpected token '='"},
        {"top = = 1", "F:1: unexpected token '='"},
        {"words = {a b}", "F:1: unexpected token 'b'"},
        {"words = {{a}}", "F:1: unexpected token '{'"},
        {"'' = 1", "F:1: syntax error"},
        {"'one|a' = 1", "F:1: a: no such key; allowed: top, words, one { }, two { }"},
        {"top = 1;\n", "F:1: unexpected ';'; allowed: lines that end without it"},
        {"one {\n a = \"x\n}\n", "F:2: string is not closed; allowed: \"...\""},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_auto(sg_buf) struct sg_buf got = {0};
        unsigned lines[NKEYS];
        struct sg_error err = SG_ERROR_INIT;
        int r = read_text(rows[i].text, strlen(rows[i].text), &got, lines, &err);
        if (r != SG_E_INVALID || strcmp(err.text, rows[i].error) != 0)
            fail_msg("\"%s\": %d, %s", rows[i].text, r, err.text);
        /* An error leaves no state behind in libconfuse. */
        err = (struct sg_error)SG_ERROR_INIT;
        assert_int_equal(read_text("top = 1", 7, &got, lines, &err), 0);
    }
}

static void test_null_error_is_allowed(void **state)
{
    (void)state;
    unsigned lines[NKEYS];
    sg_auto(sg_buf) struct sg_buf got = {0};
    assert_int_equal(read_text("nope = 1", 8, &got, lines, NULL), SG_E_INVALID);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_null_error_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
