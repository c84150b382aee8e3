/* Errors: the first one wins, context goes in front, nothing overflows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/base/error.h"

static void test_set_and_first_wins(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_error_set(&err, SG_E_BUSY, "%d slots", 4), SG_E_BUSY);
    assert_string_equal(err.text, "4 slots");
    assert_int_equal(sg_error_set(&err, SG_E_INTERNAL, "later"), SG_E_BUSY);
    assert_int_equal(sg_error_errno(&err, EPERM, "later"), SG_E_BUSY);
    assert_string_equal(err.text, "4 slots");
}

static void test_errno_names_the_reason(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_error_errno(&err, ENOENT, "open %s", "/x"), -ENOENT);
    assert_int_equal(err.code, -ENOENT);
    assert_string_equal(err.text, "open /x: No such file or directory");
    sg_error_clear(&err);
    assert_int_equal(sg_error_errno(&err, 3999, "x"), -3999);
    assert_string_equal(err.text, "x: unknown error");
}

static void test_wrap_puts_context_in_front(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_error_wrap(&err, "nothing to wrap"), 0);
    assert_string_equal(err.text, "");
    sg_error_errno(&err, EACCES, "open");
    assert_int_equal(sg_error_wrap(&err, "file %d", 1), -EACCES);
    sg_error_wrap(&err, "start");
    assert_string_equal(err.text, "start: file 1: open: Permission denied");
}

static void test_long_texts_are_cut(void **state)
{
    (void)state;
    char big[2000];
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    struct sg_error err = SG_ERROR_INIT;
    sg_error_errno(&err, EPERM, "%s", big);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    sg_error_wrap(&err, "context");
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    assert_memory_equal(err.text, "context: xxx", 12);
    sg_error_wrap(&err, "%s", big);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    sg_error_fix(&err, "%s", big);
    assert_int_equal(strlen(err.fix), sizeof(err.fix) - 1);
}

static void test_fix_is_set_once_and_cleared(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    sg_error_set(&err, SG_E_LAYER, "no cgroup");
    sg_error_fix(&err, "set %s", "Delegate=yes");
    sg_error_fix(&err, "another");
    assert_string_equal(err.fix, "set Delegate=yes");
    sg_error_clear(&err);
    assert_int_equal(err.code, 0);
    assert_string_equal(err.text, "");
    assert_string_equal(err.fix, "");
}

static void test_null_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(sg_error_set(NULL, SG_E_INVALID, "x"), SG_E_INVALID);
    assert_int_equal(sg_error_errno(NULL, EIO, "x"), -EIO);
    assert_int_equal(sg_error_wrap(NULL, "x"), 0);
    sg_error_fix(NULL, "x");
    sg_error_clear(NULL);
}

static void test_every_code_has_a_name(void **state)
{
    (void)state;
    static const struct {
        int code;
        const char *name;
    } rows[] = {
        {SG_OK, "ok"},
        {SG_E_INVALID, "invalid"},
        {SG_E_UNAVAILABLE, "unavailable"},
        {SG_E_BUSY, "busy"},
        {SG_E_LAYER, "layer"},
        {SG_E_PROTOCOL, "protocol"},
        {SG_E_CANCELLED, "cancelled"},
        {SG_E_INTERNAL, "internal"},
        {SG_E_VERSION, "version"},
        {-EINVAL, "EINVAL"},
        {-ENOMEM, "ENOMEM"},
        {-3999, "unknown"},
        {SG_E_VERSION - 1, "unknown"},
        {7, "unknown"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(sg_code_name(rows[i].code), rows[i].name);
    /* -5000 downwards: no gap in what is our own */
    for (int code = SG_E_INVALID; code >= SG_E_INTERNAL; code--)
        assert_string_not_equal(sg_code_name(code), "unknown");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_first_wins),
        cmocka_unit_test(test_errno_names_the_reason),
        cmocka_unit_test(test_wrap_puts_context_in_front),
        cmocka_unit_test(test_long_texts_are_cut),
        cmocka_unit_test(test_fix_is_set_once_and_cleared),
        cmocka_unit_test(test_null_is_allowed),
        cmocka_unit_test(test_every_code_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
