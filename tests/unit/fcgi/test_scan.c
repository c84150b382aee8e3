/* Bounds before decoding, and where in a document an offset lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "fcgi/scan.h"

static char *repeat(const char *text, size_t times, size_t *ret_n)
{
    size_t n = strlen(text);
    char *s = malloc(n * times + 1);
    assert_non_null(s);
    for (size_t i = 0; i < times; i++)
        memcpy(s + i * n, text, n);
    s[n * times] = '\0';
    *ret_n = n * times;
    return s;
}

static enum sg_scan scan_repeated(const char *text, size_t times)
{
    size_t n, at = 0;
    sg_autofree char *s = repeat(text, times, &n);
    return sg_scan_json(s, n, &at);
}

static void test_depth(void **state)
{
    (void)state;
    assert_int_equal(scan_repeated("[", SG_JSON_DEPTH_MAX), SG_SCAN_OK);
    assert_int_equal(scan_repeated("[", SG_JSON_DEPTH_MAX + 1), SG_SCAN_TOO_DEEP);
    assert_int_equal(scan_repeated("{\"a\":", 10000), SG_SCAN_TOO_DEEP);
    assert_int_equal(scan_repeated("[]", 1000), SG_SCAN_OK);
}

static void test_values(void **state)
{
    (void)state;
    assert_int_equal(scan_repeated("1,", SG_JSON_VALUES_MAX - 1), SG_SCAN_OK);
    assert_int_equal(scan_repeated("1,", SG_JSON_VALUES_MAX), SG_SCAN_TOO_MANY_VALUES);
    assert_int_equal(scan_repeated("[]", SG_JSON_VALUES_MAX), SG_SCAN_TOO_MANY_VALUES);
}

static void test_strings_do_not_count(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[,,,\",\"b\":\"\\\\\"}";
    size_t at = 0;
    assert_int_equal(sg_scan_json(text, sizeof text - 1, &at), SG_SCAN_OK);
}

static const struct {
    const char *text; /* ^ marks the offset, and is taken out */
    const char *pointer;
} places[] = {
    {"^{\"a\":1}", ""},
    {"{\"a\":^1}", "/a"},
    {"{\"a\":1,^\"b\":2}", ""},
    {"{\"a\":1,\"b\":^2}", "/b"},
    {"{\"a\":{\"b\":[1,2,^3]}}", "/a/b/2"},
    {"{\"a\":[[],[^]]}", "/a/1/0"},
    {"{\"a/b\":{\"c~d\":^0}}", "/a~1b/c~0d"},
    {"{\"\\u0061\":^0}", "/a"},
    {"{\"a\":\"},{\",\"b\":^1}", "/b"},
    {"[1,{\"x\":\"\\\"\"},^2]", "/2"},
    {"{\"a\":1}^", ""},
    {"{\"broken\\q\":^1}", "/?"},
};

static void test_pointer(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(places); i++) {
        sg_auto(sg_buf) struct sg_buf got = {0};
        sg_autofree char *text = strdup(places[i].text);
        char *mark = strchr(text, '^');
        size_t at = (size_t)(mark - text);
        memmove(mark, mark + 1, strlen(mark));
        sg_scan_pointer(text, strlen(text), at, &got);
        if (strcmp(got.data ? got.data : "", places[i].pointer) != 0)
            print_message("case %s\n", places[i].text);
        assert_string_equal(got.data ? got.data : "", places[i].pointer);
    }
}

static void test_pointer_of_deep_text(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf got = {0};
    size_t n;
    sg_autofree char *s = repeat("[", 10000, &n);
    sg_scan_pointer(s, n, n, &got);
    assert_int_equal(got.len, 2 * SG_JSON_DEPTH_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_strings_do_not_count),
        cmocka_unit_test(test_pointer),
        cmocka_unit_test(test_pointer_of_deep_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
