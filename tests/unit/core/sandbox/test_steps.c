/* Names and fixes of the set-up steps, and of the layers: none is missing, none stands twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/sandbox/plan.h"
#include "core/sandbox/steps.h"

static void test_every_step_has_a_name_and_a_fix(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SG_STEP_COUNT; i++) {
        assert_non_null(sg_step_name(i));
        assert_true(strlen(sg_step_name(i)) > 0);
        assert_true(strlen(sg_step_name(i)) < sizeof(((struct sg_error *)0)->step));
        assert_true(strlen(sg_step_fix(i)) > 10);
        assert_true(strlen(sg_step_fix(i)) < sizeof(((struct sg_error *)0)->fix));
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(sg_step_name(i), sg_step_name(j));
    }
    assert_null(sg_step_name(SG_STEP_COUNT));
    assert_null(sg_step_fix(SG_STEP_COUNT));
}

static void test_each_namespace_is_a_layer_of_its_own(void **state)
{
    uint32_t seen = 0;
    (void)state;
    for (int i = 0; i < SG_PLAN_NS_COUNT; i++) {
        assert_false(seen & SG_LAYER_BIT(sg_plan_ns[i].layer));
        seen |= SG_LAYER_BIT(sg_plan_ns[i].layer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_step_has_a_name_and_a_fix),
        cmocka_unit_test(test_each_namespace_is_a_layer_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
