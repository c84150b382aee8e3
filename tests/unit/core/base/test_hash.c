/* Against vectors of draft-eastlake-fnv, appendix C (FNV-1a, 64 bits). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/hash.h"

static void test_vectors(void **state)
{
    (void)state;
    assert_true(sg_hash(SG_HASH_START, "", 0) == 0xcbf29ce484222325ull);
    assert_true(sg_hash(SG_HASH_START, "a", 1) == 0xaf63dc4c8601ec8cull);
    assert_true(sg_hash(SG_HASH_START, "foobar", 6) == 0x85944171f73967e8ull);
    assert_true(sg_hash(SG_HASH_START, "", 1) == 0xaf63bd4c8601b7dfull); /* the NUL counts */
}

static void test_goes_on(void **state)
{
    (void)state;
    uint64_t h = sg_hash(SG_HASH_START, "foo", 3);
    assert_true(sg_hash(h, "bar", 3) == sg_hash(SG_HASH_START, "foobar", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors),
                                       cmocka_unit_test(test_goes_on)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
