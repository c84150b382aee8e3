/* Ids of boxes: never two at once with the same pair, and a pair rests as long as possible. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/sandbox/userns.h"

static void test_pairs(void **state)
{
    struct sg_box_ids ids;
    (void)state;
    assert_int_equal(sg_box_ids_init(&ids, 7, 3), 0); /* 1 to 7: three pairs, one left over */
    assert_int_equal(ids.pairs, 3);
    assert_int_equal(sg_box_ids_get(&ids), 0);
    assert_int_equal(sg_box_ids_get(&ids), 1);
    sg_box_ids_put(&ids, 0);
    assert_int_equal(sg_box_ids_get(&ids), 2); /* not 0 again while another rests longer */
    assert_int_equal(sg_box_ids_get(&ids), 0);
    assert_int_equal(sg_box_ids_get(&ids), -EAGAIN);
    sg_box_ids_put(&ids, 1);
    assert_int_equal(sg_box_ids_get(&ids), 1);
    sg_box_ids_put(&ids, 99);
    sg_box_ids_put(&ids, -1);
    sg_box_ids_done(&ids);
    assert_int_equal(sg_box_ids_init(&ids, 7, 5), 0); /* another executor of the same range */
    assert_int_equal(sg_box_ids_get(&ids), 2);
    sg_box_ids_done(&ids);
}

static void test_one_id(void **state)
{
    struct sg_box_ids ids;
    (void)state;
    assert_int_equal(sg_box_ids_init(&ids, 0, 9), 0);
    assert_int_equal(sg_box_ids_get(&ids), 0);
    assert_int_equal(sg_box_ids_get(&ids), 0);
    sg_box_ids_put(&ids, 0);
    sg_box_ids_done(&ids);
}

static void test_plan_as_root(void **state)
{
    static const struct {
        uint64_t base, count;
        int result;
    } rows[] = {
        {1879048192, 65536, 0},
        {0, 65536, SG_E_INVALID},
        {1000000, 2, SG_E_INVALID},
        {4294967290u, 100, SG_E_INVALID},
    };
    (void)state;
    if (geteuid() != 0) {
        skip();
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sg_userns u;
        struct sg_error err = SG_ERROR_INIT;
        assert_int_equal(sg_userns_plan(&u, rows[i].base, rows[i].count, &err), rows[i].result);
        if (rows[i].result == 0) {
            assert_int_equal(u.root_uid, rows[i].base);
            assert_int_equal(u.first_uid, rows[i].base + 1);
            assert_int_equal(u.count, rows[i].count - 1);
            assert_false(u.by_helper);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_one_id),
        cmocka_unit_test(test_plan_as_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
