/* Head and tail, compared with a simple model at all boundaries and in all step sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/exec/capture.h"

static char pattern(size_t i)
{
    return (char)(i * 31 + i / 251);
}

static void check_kept(const struct sg_capture *c, size_t cap, size_t total)
{
    struct sg_stream_info info;
    const char *data;
    size_t n;
    sg_autofd int fd = sg_capture_memfd(c, "test", &info);
    assert_true(fd >= 0);
    assert_int_equal(sg_memfd_map(fd, 1 << 20, &data, &n), 0);
    size_t kept = total < cap ? total : cap;
    size_t head = total <= cap ? total : cap / 2;
    assert_int_equal(info.total_bytes, total);
    assert_int_equal(info.kept_bytes, kept);
    assert_int_equal(info.head_bytes, head);
    assert_int_equal(n, kept);
    for (size_t i = 0; i < kept; i++) {
        char want = i < head ? pattern(i) : pattern(total - kept + i);
        if (data[i] != want)
            fail_msg("cap %zu total %zu: byte %zu differs", cap, total, i);
    }
    if (data)
        munmap((void *)data, n);
}

static void test_boundaries(void **state)
{
    (void)state;
    static const size_t caps[] = {0, 1, 2, 3, 7, 8, 64};
    static const size_t steps[] = {1, 2, 3, 5, 63, 64, 65, 1000};
    char bytes[1000];
    for (size_t k = 0; k < SG_ARRAY_LEN(caps); k++)
        for (size_t s = 0; s < SG_ARRAY_LEN(steps); s++)
            for (size_t total = 0; total <= 3 * caps[k] + 3; total++) {
                sg_auto(sg_capture) struct sg_capture c;
                sg_capture_init(&c, caps[k]);
                for (size_t at = 0; at < total;) {
                    size_t n = total - at < steps[s] ? total - at : steps[s];
                    for (size_t i = 0; i < n; i++)
                        bytes[i] = pattern(at + i);
                    assert_int_equal(sg_capture_add(&c, bytes, n), 0);
                    at += n;
                }
                check_kept(&c, caps[k], total);
            }
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    static char block[65536];
    sg_auto(sg_capture) struct sg_capture c;
    sg_capture_init(&c, 1 << 20);
    assert_int_equal(sg_capture_add(&c, "x", 1), 0);
    assert_true(c.head.cap < 4096); /* grows with what is written */
    for (int i = 0; i < 1024; i++)
        assert_int_equal(sg_capture_add(&c, block, sizeof(block)), 0);
    assert_true(c.head.cap + c.ring_cap <= (1 << 20) + 4096);
    assert_int_equal(c.total, 1 + 1024 * sizeof(block));
}

static void test_read(void **state)
{
    (void)state;
    int p[2];
    sg_auto(sg_capture) struct sg_capture c;
    sg_capture_init(&c, 1000);
    assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(sg_capture_read(&c, p[0], 100), -EAGAIN);
    assert_int_equal(write(p[1], "0123456789", 10), 10);
    assert_int_equal(sg_capture_read(&c, p[0], 4), 4); /* no more than asked for */
    assert_int_equal(sg_capture_read(&c, p[0], 100), 6);
    assert_int_equal(c.total, 10);
    assert_int_equal(write(p[1], "ab", 2), 2);
    close(p[1]);
    assert_int_equal(sg_capture_read(&c, p[0], 100), 2);
    assert_int_equal(sg_capture_read(&c, p[0], 100), 0);
    close(p[0]);
    assert_int_equal(sg_capture_read(&c, p[0], 100), -EBADF);
    assert_memory_equal(c.head.data, "0123456789ab", 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boundaries),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
