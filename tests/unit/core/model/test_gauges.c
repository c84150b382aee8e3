#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/model/gauges.h"

static void test_names(void **state)
{
    (void)state;
    for (int a = 0; a < SG_BOX_USE_COUNT; a++) {
        assert_non_null(sg_box_use_name((enum sg_box_use)a));
        for (int b = 0; b < a; b++)
            assert_true(strcmp(sg_box_use_name((enum sg_box_use)a),
                               sg_box_use_name((enum sg_box_use)b)) != 0);
    }
    assert_null(sg_box_use_name(SG_BOX_USE_COUNT));
    assert_null(sg_box_use_name((enum sg_box_use) - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
