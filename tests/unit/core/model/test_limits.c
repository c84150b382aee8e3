/* The table of limits: whole, ordered, and what sg_limits_check says at each edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/model/limits.h"

static void test_table_covers_the_struct(void **state)
{
    (void)state;
    assert_int_equal(sg_limit_count * sizeof(uint64_t), sizeof(struct sg_limits));
    for (size_t i = 0; i < sg_limit_count; i++) {
        const struct sg_limit_info *info = &sg_limit_table[i];
        assert_int_equal(info->offset, i * sizeof(uint64_t));
        assert_true(info->min > 0 && info->min <= info->dflt);
        assert_true(info->dflt <= info->max && info->max <= info->ceiling);
        assert_true(info->what && *info->what);
        assert_ptr_equal(sg_limit_find(info->name), info);
    }
    assert_null(sg_limit_find("wall_time"));
    assert_null(sg_limit_find(""));
}

static void test_names_end_in_their_unit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sg_limit_count; i++) {
        const struct sg_limit_info *info = &sg_limit_table[i];
        if (strcmp(info->unit, "count") != 0)
            assert_non_null(strstr(info->name, info->unit));
    }
}

/* The figures that users rely on. */
static void test_defaults_and_maxima(void **state)
{
    (void)state;
    static const struct sg_limits dflt = {30000, 30000, 512 << 20, 100, 1 << 20, 100 << 20, 50};
    static const struct sg_limits max = {120000, 120000, 2ull << 30, 256, 8 << 20, 1 << 30, 100};
    struct sg_limits l;
    sg_limits_default(&l);
    assert_memory_equal(&l, &dflt, sizeof(l));
    sg_limits_max(&l);
    assert_memory_equal(&l, &max, sizeof(l));
}

static void test_check_at_each_edge(void **state)
{
    (void)state;
    struct sg_limits max;
    sg_limits_max(&max);
    for (size_t i = 0; i < sg_limit_count; i++) {
        const struct sg_limit_info *info = &sg_limit_table[i], *which = NULL;
        const struct {
            uint64_t value;
            int result;
        } rows[] = {{0, -ERANGE},   {info->min - 1, -ERANGE}, {info->min, 0},
                    {info->max, 0}, {info->max + 1, -ERANGE}, {UINT64_MAX, -ERANGE}};
        for (size_t k = 0; k < SG_ARRAY_LEN(rows); k++) {
            struct sg_limits l;
            sg_limits_default(&l);
            *sg_limit_at(&l, info) = rows[k].value;
            assert_int_equal(sg_limit_get(&l, info), rows[k].value);
            which = NULL;
            assert_int_equal(sg_limits_check(&l, &max, &which), rows[k].result);
            assert_ptr_equal(which, rows[k].result ? info : NULL);
        }
    }
}

static void test_check_uses_the_given_maximum(void **state)
{
    (void)state;
    const struct sg_limit_info *which = NULL;
    struct sg_limits l, max;
    sg_limits_default(&l);
    sg_limits_max(&max);
    max.processes = 99;
    assert_int_equal(sg_limits_check(&l, &max, &which), -ERANGE);
    assert_string_equal(which->name, "processes");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_covers_the_struct),
        cmocka_unit_test(test_names_end_in_their_unit),
        cmocka_unit_test(test_defaults_and_maxima),
        cmocka_unit_test(test_check_at_each_edge),
        cmocka_unit_test(test_check_uses_the_given_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
