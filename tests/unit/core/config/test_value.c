/* Numbers with units, read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/config/value.h"

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        enum sg_unit unit;
        const char *text;
        int result;
        uint64_t value;
    } rows[] = {
        {SG_UNIT_COUNT, "0", 0, 0},
        {SG_UNIT_COUNT, "18446744073709551615", 0, UINT64_MAX},
        {SG_UNIT_COUNT, "18446744073709551616", -ERANGE, 0},
        {SG_UNIT_COUNT, "000000000000000000000000001", -ERANGE, 0},
        {SG_UNIT_COUNT, "4k", -EINVAL, 0},
        {SG_UNIT_COUNT, "", -EINVAL, 0},
        {SG_UNIT_COUNT, "-1", -EINVAL, 0},
        {SG_UNIT_COUNT, "1.5", -EINVAL, 0},
        {SG_UNIT_COUNT, "one", -EINVAL, 0},
        {SG_UNIT_OCTAL, "0660", 0, 0660},
        {SG_UNIT_OCTAL, "660", 0, 0660},
        {SG_UNIT_OCTAL, "1777777777777777777777", 0, UINT64_MAX},
        {SG_UNIT_OCTAL, "2000000000000000000000", -ERANGE, 0},
        {SG_UNIT_OCTAL, "0680", -EINVAL, 0},
        {SG_UNIT_OCTAL, "0o660", -EINVAL, 0},
        {SG_UNIT_OCTAL, "", -EINVAL, 0},
        {SG_UNIT_BYTES, "4096", 0, 4096},
        {SG_UNIT_BYTES, "4k", 0, 4096},
        {SG_UNIT_BYTES, "4K", 0, 4096},
        {SG_UNIT_BYTES, "512m", 0, 512 << 20},
        {SG_UNIT_BYTES, "2g", 0, 2ull << 30},
        {SG_UNIT_BYTES, "1t", 0, 1ull << 40},
        {SG_UNIT_BYTES, "16777216t", -ERANGE, 0},
        {SG_UNIT_BYTES, "16777215t", 0, 16777215ull << 40},
        {SG_UNIT_BYTES, "1mb", -EINVAL, 0},
        {SG_UNIT_BYTES, "1 m", -EINVAL, 0},
        {SG_UNIT_BYTES, "m", -EINVAL, 0},
        {SG_UNIT_BYTES, "1s", -EINVAL, 0},
        {SG_UNIT_MS, "30000", 0, 30000},
        {SG_UNIT_MS, "500ms", 0, 500},
        {SG_UNIT_MS, "30s", 0, 30000},
        {SG_UNIT_MS, "2m", 0, 120000},
        {SG_UNIT_MS, "1h", 0, 3600000},
        {SG_UNIT_MS, "1d", 0, 86400000},
        {SG_UNIT_MS, "1k", -EINVAL, 0},
        {SG_UNIT_SECONDS, "60", 0, 60},
        {SG_UNIT_SECONDS, "60s", 0, 60},
        {SG_UNIT_SECONDS, "60m", 0, 3600},
        {SG_UNIT_SECONDS, "2d", 0, 172800},
        {SG_UNIT_SECONDS, "500ms", -EINVAL, 0},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        uint64_t value = 0;
        int r = sg_value_parse(rows[i].unit, rows[i].text, &value);
        if (r != rows[i].result || (r == 0 && value != rows[i].value))
            fail_msg("\"%s\": %d, %llu", rows[i].text, r, (unsigned long long)value);
    }
}

static void test_print(void **state)
{
    (void)state;
    static const struct {
        enum sg_unit unit;
        uint64_t value;
        const char *text;
    } rows[] = {
        {SG_UNIT_COUNT, 0, "0"},
        {SG_UNIT_COUNT, 1024, "1024"},
        {SG_UNIT_OCTAL, 0660, "0660"},
        {SG_UNIT_OCTAL, 0, "0000"},
        {SG_UNIT_BYTES, 0, "0"},
        {SG_UNIT_BYTES, 1000, "1000"},
        {SG_UNIT_BYTES, 512 << 20, "512m"},
        {SG_UNIT_BYTES, 1536 << 20, "1536m"},
        {SG_UNIT_MS, 10, "10ms"},
        {SG_UNIT_MS, 1500, "1500ms"},
        {SG_UNIT_MS, 30000, "30s"},
        {SG_UNIT_MS, 120000, "2m"},
        {SG_UNIT_SECONDS, 3600, "1h"},
        {SG_UNIT_SECONDS, 90, "90s"},
        {SG_UNIT_COUNT, UINT64_MAX, "18446744073709551615"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        char text[SG_VALUE_TEXT_MAX];
        uint64_t back = 0;
        sg_value_print(text, rows[i].unit, rows[i].value);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(sg_value_parse(rows[i].unit, text, &back), 0);
        assert_true(back == rows[i].value);
    }
}

static void test_each_unit_has_an_example(void **state)
{
    (void)state;
    for (int u = SG_UNIT_COUNT; u <= SG_UNIT_SECONDS; u++)
        assert_non_null(sg_unit_example((enum sg_unit)u));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_each_unit_has_an_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
