/* The writer's output is valid JSON whatever bytes go in, and jansson reads back the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/model/outcome.h"
#include "fcgi/json.h"

static void test_document(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_json j = SG_JSON_INIT(&b);
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "s", "x");
    sg_json_put_null(&j, "n");
    sg_json_put_bool(&j, "b", true);
    sg_json_put_uint(&j, "u", UINT64_MAX - 1);
    sg_json_put_measured(&j, "m", SG_UNKNOWN);
    sg_json_put_measured(&j, "z", 0);
    sg_json_key(&j, "a");
    sg_json_open(&j, '[');
    sg_json_int(&j, -7);
    sg_json_open(&j, '{');
    sg_json_close(&j, '}');
    sg_json_string(&j, NULL);
    sg_json_close(&j, ']');
    sg_json_close(&j, '}');
    assert_string_equal(b.data, "{\"s\":\"x\",\"n\":null,\"b\":true,\"u\":18446744073709551614,"
                                "\"m\":null,\"z\":0,\"a\":[-7,{},null]}");
}

static const struct {
    double value;
    int decimals;
    const char *text;
} reals[] = {
    {0, 3, "0"},
    {1.5, 3, "1.5"},
    {2.0, 2, "2"},
    {0.1234567, 6, "0.123457"},
    {1234.5678, 2, "1234.57"},
    {100, 0, "100"},
    {-0.25, 1, "-0.2"},
    {NAN, 3, "null"},
    {INFINITY, 3, "null"},
    {1e300, 3, "null"},
};

static void test_reals(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(reals); i++) {
        sg_auto(sg_buf) struct sg_buf b = {0};
        struct sg_json j = SG_JSON_INIT(&b);
        sg_json_real(&j, reals[i].value, reals[i].decimals);
        assert_string_equal(b.data, reals[i].text);
    }
}

/* Every byte alone, and each pair with a lead byte in front: the result always decodes. */
static void test_any_bytes(void **state)
{
    (void)state;
    static const unsigned char leads[] = {0x00, 'a', 0x80, 0xc2, 0xe2, 0xed, 0xf0, 0xf4, 0xff};
    for (size_t l = 0; l < sizeof leads; l++) {
        for (int c = 0; c < 256; c++) {
            char text[3] = {(char)leads[l], (char)c, 'z'};
            sg_auto(sg_buf) struct sg_buf b = {0};
            struct sg_json j = SG_JSON_INIT(&b);
            sg_json_string_n(&j, text, sizeof text);
            json_t *v = json_loadb(b.data, b.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            if (!v)
                print_message("bytes %02x %02x: %s\n", leads[l], c, b.data);
            assert_non_null(v);
            if (leads[l] < 0x80 && c < 0x80) { /* ASCII survives as it is */
                assert_int_equal(json_string_length(v), 3);
                assert_memory_equal(json_string_value(v), text, 3);
            }
            json_decref(v);
        }
    }
}

static const struct {
    const char *key, *pointer;
} pointers[] = {
    {"a", "/a"},      {"", "/"},      {"a/b", "/a~1b"},
    {"m~n", "/m~0n"}, {"~1", "/~01"}, {"\xc3\xa4", "/\xc3\xa4"},
};

static void test_pointers(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(pointers); i++) {
        sg_auto(sg_buf) struct sg_buf b = {0};
        sg_json_pointer_add(&b, pointers[i].key, strlen(pointers[i].key));
        assert_string_equal(b.data, pointers[i].pointer);
    }
}

static void test_long_pointer_is_cut(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    char key[1000];
    memset(key, 'k', sizeof key);
    sg_json_pointer_add(&b, key, sizeof key);
    assert_true(b.len < 200);
    assert_non_null(strstr(b.data, "…"));
}

static void test_base64(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_json j = SG_JSON_INIT(&b);
    sg_json_base64(&j, "\xff\x00\x01", 3);
    assert_string_equal(b.data, "\"/wAB\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_reals),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_long_pointer_is_cut),
        cmocka_unit_test(test_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
