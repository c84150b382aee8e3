/* Packets of output: bounds, the end, a reader that has gone, and what is no packet of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/ipc/output.h"
#include "tests/unit/core/descriptors.h"

static int ends[2], fds_before;
static struct sg_output_packet packet;
static char bytes[SG_OUTPUT_CHUNK + 1];

static int open_pair(void **state)
{
    (void)state;
    fds_before = count_descriptors();
    return sg_output_pair(ends);
}

static int close_pair(void **state)
{
    (void)state;
    sg_fd_close(&ends[0]);
    sg_fd_close(&ends[1]);
    return count_descriptors() == fds_before ? 0 : -1;
}

static void test_packets_come_as_they_were_sent(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 4095, SG_OUTPUT_CHUNK};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    for (size_t i = 0; i < SG_ARRAY_LEN(sizes); i++)
        assert_int_equal(sg_output_send(ends[0], i % 2, bytes, sizes[i]), 0);
    for (size_t i = 0; i < SG_ARRAY_LEN(sizes); i++) {
        assert_int_equal(sg_output_recv(ends[1], &packet), sizes[i]);
        assert_int_equal(packet.stream, i % 2);
        assert_memory_equal(packet.data, bytes, sizes[i]);
    }
    assert_int_equal(sg_output_recv(ends[1], &packet), -EAGAIN);
    sg_fd_close(&ends[0]);
    assert_int_equal(sg_output_recv(ends[1], &packet), 0);
}

static void test_it_is_full_at_some_time(void **state)
{
    (void)state;
    int rc = 0;
    size_t sent = 0, got = 0;
    for (; (rc = sg_output_send(ends[0], SG_OUTPUT_STDOUT, bytes, SG_OUTPUT_CHUNK)) == 0; sent++)
        assert_true(sent < 10000);
    assert_int_equal(rc, -EAGAIN);
    while (sg_output_recv(ends[1], &packet) == SG_OUTPUT_CHUNK)
        got++;
    assert_int_equal(got, sent);
    assert_int_equal(sg_output_send(ends[0], SG_OUTPUT_STDOUT, bytes, 1), 0);
}

static void test_a_reader_that_has_gone(void **state)
{
    (void)state;
    sg_fd_close(&ends[1]);
    assert_int_equal(sg_output_send(ends[0], SG_OUTPUT_STDERR, bytes, 1), -EPIPE);
}

/* A worker that does not do its part cannot fill the executor's end. */
static void test_nothing_goes_the_other_way(void **state)
{
    (void)state;
    assert_int_equal(sg_output_send(ends[1], SG_OUTPUT_STDOUT, bytes, 1), -EPIPE);
}

static void test_what_is_no_packet(void **state)
{
    (void)state;
    const struct {
        uint32_t stream;
        size_t n; /* bytes in all */
    } rows[] = {
        {0, 1}, {0, 4}, {2, 5}, {UINT32_MAX, 100}, {0, sizeof packet + 1},
    };
    static char raw[sizeof packet + 1];
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        memcpy(raw, &rows[i].stream, sizeof rows[i].stream);
        assert_int_equal(send(ends[0], raw, rows[i].n, 0), rows[i].n);
        if (sg_output_recv(ends[1], &packet) != -EPROTO)
            fail_msg("row %zu was taken", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_packets_come_as_they_were_sent, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_it_is_full_at_some_time, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_a_reader_that_has_gone, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_nothing_goes_the_other_way, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_what_is_no_packet, open_pair, close_pair),
    };
    signal(SIGPIPE, SIG_DFL); /* a sender must not be killed */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
