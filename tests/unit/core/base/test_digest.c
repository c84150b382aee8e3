/* Digests: equal for equal bytes however they come, different where one bit is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/digest.h"

static uint64_t of(const void *data, size_t n)
{
    return sg_digest(SG_DIGEST_START, data, n);
}

static void test_portions(void **state)
{
    unsigned char data[100];
    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7);
    for (size_t at = 0; at <= sizeof data; at += 8)
        assert_true(sg_digest(of(data, at), data + at, sizeof data - at) == of(data, sizeof data));
}

static void test_every_bit_counts(void **state)
{
    unsigned char data[40] = {0};
    (void)state;
    uint64_t none = of(data, sizeof data);
    for (size_t i = 0; i < 8 * sizeof data; i++) {
        data[i / 8] ^= (unsigned char)(1u << i % 8);
        assert_true(of(data, sizeof data) != none);
        for (size_t k = 0; k < i; k++) { /* two do not cancel each other */
            data[k / 8] ^= (unsigned char)(1u << k % 8);
            assert_true(of(data, sizeof data) != none);
            data[k / 8] ^= (unsigned char)(1u << k % 8);
        }
        data[i / 8] ^= (unsigned char)(1u << i % 8);
    }
}

static void test_length_counts(void **state)
{
    static const char zeros[64];
    (void)state;
    for (size_t n = 0; n < sizeof zeros; n++)
        for (size_t m = 0; m < n; m++)
            assert_true(of(zeros, n) != of(zeros, m));
    assert_true(of("a", 1) != of("a\0", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_portions),
        cmocka_unit_test(test_every_bit_counts),
        cmocka_unit_test(test_length_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
