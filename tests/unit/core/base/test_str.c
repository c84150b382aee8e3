/* String helpers, by tables of cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "tests/unit/core/failing_alloc.h"

static void test_copy(void **state)
{
    (void)state;
    char b[4];
    assert_int_equal(sg_str_copy(b, sizeof(b), "abc"), 0);
    assert_string_equal(b, "abc");
    assert_int_equal(sg_str_copy(b, sizeof(b), "abcd"), -ENAMETOOLONG);
    assert_string_equal(b, "abc");
    assert_int_equal(sg_str_copy(b, 1, ""), 0);
    assert_string_equal(b, "");
    assert_int_equal(sg_str_copy(b, 1, "x"), -ENAMETOOLONG);
    assert_string_equal(b, "");
    b[0] = 'q';
    assert_int_equal(sg_str_copy(b, 0, ""), -ENAMETOOLONG);
    assert_int_equal(b[0], 'q');
}

static void test_equal_and_starts(void **state)
{
    (void)state;
    assert_true(sg_str_equal("a", "a"));
    assert_true(sg_str_equal(NULL, NULL));
    assert_false(sg_str_equal(NULL, ""));
    assert_false(sg_str_equal("", NULL));
    assert_false(sg_str_equal("a", "ab"));
    assert_true(sg_str_starts("abc", "ab"));
    assert_true(sg_str_starts("abc", ""));
    assert_false(sg_str_starts("ab", "abc"));
}

static void test_to_u64(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int result;
        uint64_t value;
    } rows[] = {
        {"0", 0, 0},
        {"007", 0, 7},
        {"18446744073709551615", 0, UINT64_MAX},
        {"18446744073709551616", -ERANGE, 0},
        {"99999999999999999999999", -ERANGE, 0},
        {"99999999999999999999999x", -EINVAL, 0},
        {"", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {"+1", -EINVAL, 0},
        {" 1", -EINVAL, 0},
        {"1 ", -EINVAL, 0},
        {"0x10", -EINVAL, 0},
        {"1e3", -EINVAL, 0},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        uint64_t value = 42;
        int r = sg_str_to_u64(rows[i].text, &value);
        if (r != rows[i].result || (r < 0 ? value != 42 : value != rows[i].value))
            fail_msg("\"%s\": %d, %llu", rows[i].text, r, (unsigned long long)value);
    }
}

static void test_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n, valid;
    } rows[] = {
        {"", 0, 0},
        {"abc", 3, 3},
        {"a\0b", 3, 3},
        {"\xc3\xa9", 2, 2},
        {"\xe2\x82\xac", 3, 3},
        {"\xf0\x9f\x98\x80", 4, 4},
        {"\xf4\x8f\xbf\xbf", 4, 4}, /* U+10FFFF */
        {"\xf4\x90\x80\x80", 4, 0}, /* beyond it */
        {"\xed\x9f\xbf", 3, 3},     /* U+D7FF */
        {"\xed\xa0\x80", 3, 0},     /* a surrogate */
        {"\xee\x80\x80", 3, 3},     /* U+E000 */
        {"\xc0\x80", 2, 0},         /* overlong NUL */
        {"\xc1\xbf", 2, 0},         /* overlong DEL */
        {"\xe0\x9f\xbf", 3, 0},     /* overlong */
        {"\xe0\xa0\x80", 3, 3},
        {"\xf0\x8f\xbf\xbf", 4, 0}, /* overlong */
        {"\xf0\x90\x80\x80", 4, 4},
        {"\xf5\x80\x80\x80", 4, 0},
        {"\xff", 1, 0},
        {"\x80", 1, 0},   /* continuation alone */
        {"ab\xc3", 3, 2}, /* cut short */
        {"ab\xe2\x82", 4, 2},
        {"ab\xf0\x9f\x98", 5, 2},
        {"ab\xc3\xc3\xa9", 5, 2},
        {"\xe2\x82\x41", 3, 0},
        {"\xf0\x9f\x98\x41", 4, 0},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        size_t got = sg_utf8_valid_prefix(rows[i].bytes, rows[i].n);
        if (got != rows[i].valid)
            fail_msg("row %zu: %zu instead of %zu", i, got, rows[i].valid);
    }
}

/* Every code point, encoded by a rule of its own, is valid; the surrogates are not. */
static void test_utf8_all_code_points(void **state)
{
    (void)state;
    for (uint32_t c = 0x80; c <= 0x10ffff; c++) {
        unsigned char b[4];
        size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
        b[0] = (unsigned char)(lead[n] | c >> (6 * (n - 1)));
        for (size_t k = 1; k < n; k++)
            b[k] = (unsigned char)(0x80 | (c >> (6 * (n - 1 - k)) & 0x3f));
        size_t want = c >= 0xd800 && c <= 0xdfff ? 0 : n;
        if (sg_utf8_valid_prefix((const char *)b, n) != want)
            fail_msg("U+%04X", (unsigned)c);
    }
}

static void test_utf8_half(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t half;
    } rows[] = {
        {"", 0},
        {"a", 0},
        {"\xc3", 1},
        {"\xc3\xa9", 0},
        {"a\xe2", 1},
        {"a\xe2\x82", 2},
        {"a\xe2\x82\xac", 0},
        {"\xf0\x9f\x98", 3},
        {"\xf0\x9f\x98\x80", 0},
        {"\xf0\x9f\x98\x80\xf0", 1},
        {"\xff\xe2\x82", 2},     /* what is before it does not matter */
        {"\xff", 0},             /* begins none */
        {"\x82", 0},             /* belongs to none */
        {"\xe0\x80", 0},         /* overlong: no third byte makes it one */
        {"\xed\xa0", 0},         /* a surrogate */
        {"\xf4\x90", 0},         /* beyond U+10FFFF */
        {"\xe2\x82\xac\x82", 0}, /* one too many */
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        if (sg_utf8_half(rows[i].bytes, strlen(rows[i].bytes)) != rows[i].half)
            fail_msg("row %zu", i);
}

static void test_base64_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *text;
    } rows[] = {
        /* RFC 4648, section 10 */
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_auto(sg_buf) struct sg_buf text = {0}, plain = {0};
        assert_int_equal(sg_base64_encode(&text, rows[i].plain, strlen(rows[i].plain)), 0);
        assert_string_equal(text.data, rows[i].text);
        assert_int_equal(sg_base64_decode(&plain, text.data, text.len), 0);
        assert_int_equal(plain.len, strlen(rows[i].plain));
        assert_memory_equal(plain.data, rows[i].plain, plain.len);
    }
}

static void test_base64_all_bytes(void **state)
{
    (void)state;
    unsigned char all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (unsigned char)i;
    for (size_t n = 0; n <= sizeof(all); n++) {
        sg_auto(sg_buf) struct sg_buf text = {0}, plain = {0};
        assert_int_equal(sg_base64_encode(&text, all, n), 0);
        assert_int_equal(sg_base64_decode(&plain, text.data, text.len), 0);
        assert_int_equal(plain.len, n);
        assert_memory_equal(plain.data, all, n);
    }
}

static void test_base64_refusals(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "Z",    "Zg",   "Zg=",  "Z===", "====",     "=Zg=",     "Zg=a",  "Zm9v\n",     "Zm9v Zg==",
        "Zh==", "Zm9=", "Zm8-", "Zm_v", "Zg==Zg==", "Zm8=Zm8=", "Zm 9v", "\xc3\xa9zz",
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_auto(sg_buf) struct sg_buf out = {0};
        sg_buf_puts(&out, "before");
        if (sg_base64_decode(&out, rows[i], strlen(rows[i])) != -EINVAL)
            fail_msg("\"%s\" was taken", rows[i]);
        assert_string_equal(out.data, "before");
    }
    sg_auto(sg_buf) struct sg_buf out = {0};
    assert_int_equal(sg_base64_decode(&out, "Zg\0=", 4), -EINVAL);
}

static void test_base64_out_of_memory(void **state)
{
    (void)state;
    struct sg_buf out = {0};
    fail_alloc_at(0);
    assert_int_equal(sg_base64_encode(&out, "x", 1), -ENOMEM);
    sg_buf_clear(&out);
    fail_alloc_at(0);
    assert_int_equal(sg_base64_decode(&out, "Zg==", 4), -ENOMEM);
    fail_alloc_never();
    assert_null(out.data);
}

static void test_uuid(void **state)
{
    (void)state;
    char last[SG_UUID_SIZE] = "";
    for (int i = 0; i < 1000; i++) {
        char id[SG_UUID_SIZE];
        sg_uuid_make(id);
        assert_int_equal(strlen(id), 36);
        assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
        assert_true(id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-');
        assert_int_equal(id[14], '4');
        assert_non_null(strchr("89ab", id[19]));
        assert_string_not_equal(id, last);
        memcpy(last, id, sizeof(last));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_equal_and_starts),
        cmocka_unit_test(test_to_u64),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_utf8_all_code_points),
        cmocka_unit_test(test_utf8_half),
        cmocka_unit_test(test_base64_vectors),
        cmocka_unit_test(test_base64_all_bytes),
        cmocka_unit_test(test_base64_refusals),
        cmocka_unit_test(test_base64_out_of_memory),
        cmocka_unit_test(test_uuid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
