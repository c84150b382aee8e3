/* Operations on constants at their edges. What is written in programs is in test_eval.c. */
#include "core/validate/fold.h"

#include "tests/unit/core/validate/values.h"

static struct sg_analysis a;

static int set_up(void **state)
{
    (void)state;
    analyse(&a, "python", "x");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sg_analysis_close(&a);
    return 0;
}

static const struct sg_value *text(const char *s)
{
    return sg_value_text(&a, s, strlen(s));
}

static const struct sg_value *number(int64_t n)
{
    return sg_value_number(&a, n);
}

static void check(const struct sg_value *v, const char *expect)
{
    sg_auto(sg_buf) struct sg_buf out = {0};
    sg_buf_puts(&out, "");
    show(v, &out);
    assert_string_equal(out.data, expect);
}

static void test_arithmetic(void **state)
{
    (void)state;
    static const struct {
        const char *op;
        int64_t left, right;
        const char *expect;
    } rows[] = {
        {"+", INT64_MAX, 1, "-9223372036854775808"},
        {"-", INT64_MIN, 1, "9223372036854775807"},
        {"*", INT64_MIN, -1, "-9223372036854775808"},
        {"//", INT64_MIN, -1, ""},
        {"%", INT64_MIN, -1, ""},
        {"//", 7, 0, ""},
        {"//", -7, 2, "-4"},
        {"/", -7, 2, "-3"},
        {"%", 7, 0, ""},
        {"**", 2, 10, "1024"},
        {"**", 2, 64, ""},
        {"**", 2, -1, ""},
        {"<<", 1, 62, "4611686018427387904"},
        {"<<", 1, 63, ""},
        {"<<", -1, 1, "-2"},
        {">>", -8, 1, "-4"},
        {">>", 1, -1, ""},
        {"^", 6, 3, "5"},
        {"|", 6, 3, "7"},
        {"&", 6, 3, "2"},
        {"@", 6, 3, ""},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        check(sg_fold_binary(&a, rows[i].op, number(rows[i].left), number(rows[i].right)),
              rows[i].expect);
}

static void test_texts_and_numbers(void **state)
{
    (void)state;
    char longest[SG_VALUE_TEXT_MAX_BYTES + 2];
    memset(longest, 'x', sizeof longest);
    longest[SG_VALUE_TEXT_MAX_BYTES] = '\0';
    check(sg_fold_binary(&a, "+", text("a"), number(-1)), "'a-1'"); /* JavaScript */
    check(sg_fold_binary(&a, "+", text("a"), NULL), "");
    check(sg_fold_binary(&a, "-", text("a"), text("b")), "");
    check(sg_fold_binary(&a, "*", text("ab"), number(-3)), "''");
    check(sg_fold_binary(&a, "*", number(2), text("ab")), "'abab'");
    check(sg_fold_binary(&a, "*", text(""), number(INT64_MAX)), "''");
    check(sg_fold_binary(&a, "*", text("ab"), number(SG_VALUE_TEXT_MAX_BYTES / 2 + 1)), "");
    assert_non_null(sg_fold_binary(&a, "*", text("ab"), number(SG_VALUE_TEXT_MAX_BYTES / 2)));
    assert_non_null(sg_fold_binary(&a, "+", text(longest), text("")));
    check(sg_fold_binary(&a, "+", text(longest), text("a")), "");
    check(sg_fold_replace(&a, text(longest), text("x"), text("xx")), "");
}

static void test_slices(void **state)
{
    (void)state;
    enum { NONE = 99 };
    static const struct {
        const char *text;
        int64_t from, to, step;
        const char *expect;
    } rows[] = {
        {"abcde", NONE, NONE, NONE, "'abcde'"},
        {"abcde", 1, 3, NONE, "'bc'"},
        {"abcde", -2, NONE, NONE, "'de'"},
        {"abcde", NONE, -2, NONE, "'abc'"},
        {"abcde", 3, 1, NONE, "''"},
        {"abcde", -50, 50, NONE, "'abcde'"},
        {"abcde", NONE, NONE, 2, "'ace'"},
        {"abcde", NONE, NONE, -1, "'edcba'"},
        {"abcde", 3, 0, -1, "'dcb'"},
        {"abcde", 50, -50, -2, "'eca'"},
        {"abcde", NONE, NONE, 0, ""},
        {"abcde", NONE, NONE, INT64_MIN, ""},
        {"abcde", INT64_MIN, INT64_MAX, NONE, "'abcde'"},
        {"", NONE, NONE, -1, "''"},
        {"a\xc3\xa4\xe2\x82\xac", NONE, NONE, -1,
         "'\xe2\x82\xac\xc3\xa4"
         "a'"},
        {"a\xc3\xa4\xe2\x82\xac", 1, 2, NONE, "'\xc3\xa4'"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        check(sg_fold_slice(&a, text(rows[i].text), rows[i].from == NONE ? NULL : &rows[i].from,
                            rows[i].to == NONE ? NULL : &rows[i].to,
                            rows[i].step == NONE ? NULL : &rows[i].step),
              rows[i].expect);
    check(sg_fold_character(&a, text("a\xf0\x9f\x98\x80z"), 1), "'\xf0\x9f\x98\x80'");
    check(sg_fold_character(&a, text("a\xf0\x9f\x98\x80z"), -1), "'z'");
    check(sg_fold_character(&a, text("abc"), 3), "");
    check(sg_fold_character(&a, text("abc"), -4), "");
    check(sg_fold_character(&a, text("abc"), INT64_MIN), "");
    check(sg_fold_character(&a, text(""), 0), "");
}

static void test_lists(void **state)
{
    (void)state;
    check(sg_fold_split(&a, text("a,b,,c"), ","), "['a','b','','c']");
    check(sg_fold_split(&a, text(",a,"), ","), "['','a','']");
    check(sg_fold_split(&a, text(""), ","), "['']");
    check(sg_fold_split(&a, text("ab"), "abc"), "['ab']");
    check(sg_fold_split(&a, text("a\xc3\xa4"), NULL), "['a','\xc3\xa4']");
    check(sg_fold_split(&a, text("ab"), ""), "['a','b']");
    check(sg_fold_split(&a, text(""), NULL), "[]");
    check(sg_fold_join(&a, text("-"), text("abc")), "'a-b-c'");
    check(sg_fold_join(&a, text("-"), sg_fold_split(&a, text(",,"), ",")), "'--'");
    check(sg_fold_join(&a, text("-"), number(1)), "");
    check(sg_fold_reverse(&a, sg_fold_split(&a, text("abc"), NULL)), "['c','b','a']");
    check(sg_fold_reverse(&a, number(1)), "");
    check(sg_fold_binary(&a, "+", sg_fold_split(&a, text("ab"), NULL),
                         sg_fold_split(&a, text("c"), NULL)),
          "['a','b','c']");
    check(sg_fold_binary(&a, "*", sg_fold_split(&a, text("ab"), NULL), number(2)), "");
}

static void test_strip_and_case(void **state)
{
    (void)state;
    check(sg_fold_strip(&a, text(" \t a b\r\n"), NULL, true, true), "'a b'");
    check(sg_fold_strip(&a, text("xxaxx"), "x", true, false), "'axx'");
    check(sg_fold_strip(&a, text("xxaxx"), "x", false, true), "'xxa'");
    check(sg_fold_strip(&a, text("xxx"), "x", true, true), "''");
    check(sg_fold_strip(&a, text("abc"), "", true, true), "'abc'");
    check(sg_fold_case(&a, text("a\xc3\xa4Z"), true), "'A\xc3\xa4Z'");
    check(sg_fold_case(&a, text("a\xc3\x84Z"), false), "'a\xc3\x84z'");
    check(sg_fold_replace(&a, text("aXbX"), text("X"), text("")), "'ab'");
    check(sg_fold_replace(&a, text("ab"), text(""), text("x")), "");
    check(sg_fold_replace(&a, text("ab"), NULL, text("x")), "");
    check(sg_fold_replace(&a, text("ab"), text("a"), number(1)), "");
}

static void test_percent(void **state)
{
    (void)state;
    const struct sg_value *two = sg_fold_split(&a, text("xy"), NULL);
    check(sg_fold_percent(&a, text("%s%%"), text("a")), "'a%'");
    check(sg_fold_percent(&a, text("%s-%s"), two), "'x-y'");
    check(sg_fold_percent(&a, text("%s-%s-%s"), two), ""); /* too few */
    check(sg_fold_percent(&a, text("%s%s"), text("a")), "");
    check(sg_fold_percent(&a, text("%d"), number(5)), "'5'");
    check(sg_fold_percent(&a, text("%c"), number(0x20ac)), "'\xe2\x82\xac'");
    check(sg_fold_percent(&a, text("%c"), number(0x110000)), "");
    check(sg_fold_percent(&a, text("%c"), number(-1)), "");
    assert_int_equal(sg_fold_percent(&a, text("%c"), number(0))->n, 1);
    check(sg_fold_percent(&a, text("%5s"), text("a")), ""); /* a width: not followed */
    check(sg_fold_percent(&a, text("%"), text("a")), "");
    check(sg_fold_percent(&a, text("%(a)s"), text("a")), "");
}

static void test_code_points(void **state)
{
    (void)state;
    static const struct {
        uint32_t c;
        const char *utf8;
    } rows[] = {
        {0x41, "A"},
        {0x7f, "\x7f"},
        {0x80, "\xc2\x80"},
        {0x7ff, "\xdf\xbf"},
        {0x800, "\xe0\xa0\x80"},
        {0xffff, "\xef\xbf\xbf"},
        {0x10000, "\xf0\x90\x80\x80"},
        {0x10ffff, "\xf4\x8f\xbf\xbf"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_auto(sg_buf) struct sg_buf b = {0};
        sg_fold_code_point(&b, rows[i].c);
        assert_int_equal(b.len, strlen(rows[i].utf8));
        assert_memory_equal(b.data, rows[i].utf8, b.len);
    }
}

static void test_hex(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        size_t n, most, digits;
        uint32_t value;
    } rows[] = {
        {"65", 2, 2, 2, 0x65},           {"6x", 2, 2, 1, 0x6},    {"x6", 2, 2, 0, 0},
        {"aBcD", 4, 4, 4, 0xabcd},       {"abcd", 2, 4, 2, 0xab}, {"abcd", 4, 3, 3, 0xabc},
        {"0010ffff", 8, 8, 8, 0x10ffff}, {"", 0, 4, 0, 0},
    };
    uint32_t value;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        assert_int_equal(sg_fold_hex(rows[i].s, rows[i].n, rows[i].most, &value), rows[i].digits);
        assert_int_equal(value, rows[i].value);
    }
    /* Beyond Unicode it stays, however many digits follow. */
    assert_int_equal(sg_fold_hex("100000000000000065", 18, 18, &value), 18);
    assert_true(value > 0x10ffff);
}

static void test_append(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    const struct sg_value *set = sg_value_name(&a, "os");
    assert_false(sg_fold_append(&b, NULL));
    assert_false(sg_fold_append(&b, set));
    assert_false(sg_fold_append_any(&b, set));
    assert_false(sg_fold_append_any(&b, NULL));
    struct sg_value name = *set;
    struct sg_value five = *number(5);
    name.next = &five;
    assert_true(sg_fold_append_any(&b, &name));
    assert_true(sg_fold_append(&b, text("a")));
    assert_int_equal(b.len, 2);
    assert_memory_equal(b.data, "5a", 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arithmetic),     cmocka_unit_test(test_texts_and_numbers),
        cmocka_unit_test(test_slices),         cmocka_unit_test(test_lists),
        cmocka_unit_test(test_strip_and_case), cmocka_unit_test(test_percent),
        cmocka_unit_test(test_code_points),    cmocka_unit_test(test_hex),
        cmocka_unit_test(test_append),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
