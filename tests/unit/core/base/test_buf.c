/* Growing buffers: contents, the NUL behind them, and what is left when memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "tests/unit/core/failing_alloc.h"

static void test_new_buffer_is_empty(void **state)
{
    (void)state;
    struct sg_buf b = {0};
    assert_null(b.data);
    assert_null(sg_buf_take(&b));
    sg_buf_clear(&b);
    sg_buf_done(&b);
    assert_null(b.data);
}

static void test_append_keeps_every_byte(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    for (int i = 0; i < 5000; i++) {
        char c = (char)i;
        assert_int_equal(sg_buf_append(&b, &c, 1), 0);
        assert_int_equal(b.data[b.len], '\0');
    }
    assert_int_equal(b.len, 5000);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(b.data[i], (char)i);
}

static void test_append_nothing_makes_an_empty_string(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    assert_int_equal(sg_buf_append(&b, NULL, 0), 0);
    assert_string_equal(b.data, "");
    assert_int_equal(b.len, 0);
}

static void test_puts_and_printf(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    assert_int_equal(sg_buf_puts(&b, "a="), 0);
    assert_int_equal(sg_buf_printf(&b, "%d %s", -7, "x"), 0);
    assert_string_equal(b.data, "a=-7 x");
    char big[1000];
    memset(big, 'y', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    assert_int_equal(sg_buf_printf(&b, "%s", big), 0);
    assert_int_equal(b.len, 6 + 999);
    assert_string_equal(b.data + 6, big);
}

static void test_clear_keeps_memory_and_take_gives_it_away(void **state)
{
    (void)state;
    struct sg_buf b = {0};
    sg_buf_puts(&b, "first");
    char *memory = b.data;
    sg_buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    sg_buf_puts(&b, "next");
    assert_ptr_equal(b.data, memory);
    char *taken = sg_buf_take(&b);
    assert_string_equal(taken, "next");
    assert_null(b.data);
    assert_int_equal(b.cap, 0);
    free(taken);
}

static void test_reserve_makes_room_once(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    assert_int_equal(sg_buf_reserve(&b, 100000), 0);
    char *memory = b.data;
    for (int i = 0; i < 100000; i++)
        sg_buf_append(&b, "z", 1);
    assert_ptr_equal(b.data, memory);
}

static void test_impossible_sizes_fail_and_stick(void **state)
{
    (void)state;
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1, SIZE_MAX / 2};
    for (size_t i = 0; i < SG_ARRAY_LEN(sizes); i++) {
        sg_auto(sg_buf) struct sg_buf b = {0};
        sg_buf_puts(&b, "kept");
        assert_int_equal(sg_buf_reserve(&b, sizes[i]), -ENOMEM);
        assert_true(b.failed);
        assert_int_equal(sg_buf_puts(&b, "more"), -ENOMEM);
        assert_int_equal(sg_buf_printf(&b, "more"), -ENOMEM);
        assert_string_equal(b.data, "kept");
        sg_buf_clear(&b);
        assert_int_equal(sg_buf_puts(&b, "anew"), 0);
    }
}

static void test_out_of_memory_keeps_what_fitted(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    sg_buf_puts(&b, "kept");
    char big[4096] = {0};
    fail_alloc_at(0);
    int r = sg_buf_append(&b, big, sizeof(big));
    fail_alloc_never();
    assert_int_equal(r, -ENOMEM);
    assert_true(b.failed);
    assert_string_equal(b.data, "kept");
    assert_int_equal(sg_buf_append(&b, "x", 1), -ENOMEM);
}

static void test_out_of_memory_in_printf(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    fail_alloc_at(0);
    int r = sg_buf_printf(&b, "%d", 1);
    fail_alloc_never();
    assert_int_equal(r, -ENOMEM);
    assert_true(b.failed);
    assert_null(b.data);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_buffer_is_empty),
        cmocka_unit_test(test_append_keeps_every_byte),
        cmocka_unit_test(test_append_nothing_makes_an_empty_string),
        cmocka_unit_test(test_puts_and_printf),
        cmocka_unit_test(test_clear_keeps_memory_and_take_gives_it_away),
        cmocka_unit_test(test_reserve_makes_room_once),
        cmocka_unit_test(test_impossible_sizes_fail_and_stick),
        cmocka_unit_test(test_out_of_memory_keeps_what_fitted),
        cmocka_unit_test(test_out_of_memory_in_printf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
