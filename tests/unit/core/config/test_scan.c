/* What the scan blanks, and what it refuses on which line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/config/scan.h"

static void test_comments_are_blanked(void **state)
{
    (void)state;
    static const struct {
        const char *text, *after;
    } rows[] = {
        {"", ""},
        {"a = 1", "a = 1"},
        {"# x\na", "   \na"},
        {"a # x", "a    "},
        {"a#x", "a  "},
        {"// x\na", "    \na"},
        {"a // x", "a     "},
        {"a=http://h/p", "a=http://h/p"},
        {"={//x\n}", "={   \n}"},
        {"a /* b\nc */ d", "a     \n     d"},
        {"/**/a", "    a"},
        {"/***/a", "     a"},
        {"a/*b*/c", "a     c"},
        {"'# // /* '", "'# // /* '"},
        {"\"# // /* \"", "\"# // /* \""},
        {"\"a\\\"#\" #", "\"a\\\"#\"  "},
        {"'a\\'#' #", "'a\\'#'  "},
        {"'\\\\' #", "'\\\\'  "},
        {"# 'x\na", "    \na"},
        {"'${A} \\x41 \\0'", "'${A} \\x41 \\0'"},
        {"\"a\n\tb\"", "\"a\n\tb\""},
        {"a\r\n", "a\r\n"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        char text[64];
        size_t n = strlen(rows[i].text);
        memcpy(text, rows[i].text, n + 1);
        unsigned line = 0;
        struct sg_error err = SG_ERROR_INIT;
        if (sg_scan(text, n, &line, &err) != 0 || strcmp(text, rows[i].after) != 0)
            fail_msg("\"%s\" became \"%s\" (%s)", rows[i].text, text, err.text);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line;
        const char *wrong;
    } rows[] = {
        {"a = 1;", 1, "unexpected ';'; allowed: lines that end without it"},
        {"\n\na = *", 3, "unexpected *; allowed: such a character only in quotes"},
        {"a += 1", 1, "unexpected +; allowed: such a character only in quotes"},
        {"f(1)", 1, "unexpected (; allowed: such a character only in quotes"},
        {"a = ${HOME}", 1, "unexpected $; allowed: such a character only in quotes"},
        {"a|b = 1", 1, "unexpected |; allowed: such a character only in quotes"},
        {"a = \\", 1, "unexpected \\; allowed: such a character only in quotes"},
        {"a\n\x01", 2, "unexpected control character; allowed: such a character only in quotes"},
        {"a = \"x\ny", 1, "string is not closed; allowed: \"...\""},
        {"\na = 'x\ny", 2, "string is not closed; allowed: '...'"},
        {"a = \"\\", 1, "string is not closed; allowed: \"...\""},
        {"\n/* x\n", 2, "comment is not closed; allowed: /* ... */"},
        {"/*/", 1, "comment is not closed; allowed: /* ... */"},
        {"a = \"\n${X}\"", 2,
         "${NAME} is not replaced here; allowed: the value itself, or single quotes"},
        {"a = \"\\x41\"", 1, "numeric escape; allowed: \\\" \\\\ \\n \\t, or the character itself"},
        {"a = \"\\0\"", 1, "numeric escape; allowed: \\\" \\\\ \\n \\t, or the character itself"},
        {"a = \"\x1b[0m\"", 1, "control character in a string"},
        {"a = '\\\x07'", 1, "control character in a string"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        char text[64];
        size_t n = strlen(rows[i].text);
        memcpy(text, rows[i].text, n + 1);
        unsigned line = 0;
        struct sg_error err = SG_ERROR_INIT;
        assert_int_equal(sg_scan(text, n, &line, &err), SG_E_INVALID);
        assert_string_equal(err.text, rows[i].wrong);
        if (line != rows[i].line)
            fail_msg("\"%s\": line %u", rows[i].text, line);
    }
}

static void test_nul_bytes(void **state)
{
    (void)state;
    char text[] = "a\0b";
    unsigned line = 0;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_scan(text, 3, &line, &err), SG_E_INVALID);
    assert_string_equal(err.text, "NUL byte; allowed: text");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comments_are_blanked),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_nul_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
