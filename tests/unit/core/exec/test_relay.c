/* What a relay hands over, holds and drops; and a streamed run of the server with it. */
#include "tests/unit/core/exec/fake.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/exec/capture.h"
#include "core/exec/relay.h"

static struct sg_output_packet packet;
static char bytes[1 << 20];
static int rooms;

static void on_room(void *arg)
{
    assert_ptr_equal(arg, bytes);
    rooms++;
}

/* All packets that are there: bytes of both streams in order of the streams. */
static size_t receive(int sock, size_t counts[SG_OUTPUT_STREAMS])
{
    size_t all = 0;
    for (ssize_t n; (n = sg_output_recv(sock, &packet)) > 0; all += (size_t)n) {
        for (ssize_t i = 0; i < n; i++)
            assert_int_equal(packet.data[i], bytes[counts[packet.stream] + (size_t)i]);
        counts[packet.stream] += (size_t)n;
    }
    return all;
}

static size_t rest(const struct sg_relay *r, enum sg_output_stream stream, size_t from)
{
    const char *data;
    size_t n, mapped;
    sg_autofd int fd = sg_relay_rest(r, stream, &n);
    assert_int_equal(sg_memfd_map(fd, sizeof bytes, &data, &mapped), 0);
    assert_int_equal(n, mapped);
    if (n > 0) {
        assert_memory_equal(data, bytes + from, n);
        munmap((void *)(uintptr_t)data, n);
    }
    return n;
}

static struct sg_relay opened(int *ret_worker)
{
    struct sg_relay r = SG_RELAY_INIT;
    rooms = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 13 + i / 256);
    assert_int_equal(sg_relay_open(&r, loop, ret_worker), 0);
    sg_relay_on_room(&r, on_room, bytes);
    return r;
}

static void test_goes_at_once(void **state)
{
    (void)state;
    sg_autofd int worker = -1;
    size_t counts[SG_OUTPUT_STREAMS] = {0};
    struct sg_relay r = opened(&worker);
    sg_relay_begin(&r);
    assert_int_equal(sg_relay_put(&r, SG_OUTPUT_STDOUT, bytes, 5), 0);
    assert_int_equal(sg_relay_put(&r, SG_OUTPUT_STDERR, bytes, 40000), 0);
    assert_false(sg_relay_is_full(&r));
    assert_int_equal(receive(worker, counts), 40005);
    assert_int_equal(counts[SG_OUTPUT_STDERR], 40000);
    assert_int_equal(rest(&r, SG_OUTPUT_STDOUT, 0), 0);
    sg_relay_close(&r);
    assert_int_equal(sg_output_recv(worker, &packet), 0);
}

/* Nobody hears of output before the start. */
static void test_holds_until_it_begins(void **state)
{
    (void)state;
    sg_autofd int worker = -1;
    size_t counts[SG_OUTPUT_STREAMS] = {0};
    struct sg_relay r = opened(&worker);
    assert_int_equal(sg_relay_put(&r, SG_OUTPUT_STDOUT, bytes, 7), 0);
    assert_true(sg_relay_is_full(&r));
    turn(1);
    assert_int_equal(receive(worker, counts), 0);
    sg_relay_begin(&r);
    assert_int_equal(receive(worker, counts), 7);
    assert_int_equal(rooms, 1);
    sg_relay_close(&r);
}

static void test_holds_what_there_is_no_room_for(void **state)
{
    (void)state;
    sg_autofd int worker = -1;
    size_t counts[SG_OUTPUT_STREAMS] = {0}, all = 0;
    struct sg_relay r = opened(&worker);
    sg_relay_begin(&r);
    assert_int_equal(sg_relay_put(&r, SG_OUTPUT_STDOUT, bytes, sizeof bytes), 0);
    assert_int_equal(sg_relay_put(&r, SG_OUTPUT_STDERR, bytes, 3), 0);
    assert_true(sg_relay_is_full(&r));
    turn(5); /* does not spin, and does not give up */
    assert_int_equal(rooms, 0);
    for (int i = 0; i < 1000 && all < sizeof bytes + 3; i++) {
        all += receive(worker, counts);
        turn(0);
    }
    assert_int_equal(counts[SG_OUTPUT_STDOUT], sizeof bytes);
    assert_int_equal(counts[SG_OUTPUT_STDERR], 3);
    assert_int_equal(rooms, 1);
    assert_false(sg_relay_is_full(&r));
    sg_relay_close(&r);
}

static void test_what_is_left_is_the_rest(void **state)
{
    (void)state;
    sg_autofd int worker = -1;
    size_t counts[SG_OUTPUT_STREAMS] = {0};
    struct sg_relay r = opened(&worker);
    sg_relay_begin(&r);
    sg_relay_put(&r, SG_OUTPUT_STDOUT, bytes, sizeof bytes);
    sg_relay_put(&r, SG_OUTPUT_STDERR, bytes, 9);
    receive(worker, counts);
    size_t sent = counts[SG_OUTPUT_STDOUT];
    assert_true(sent > 0 && sent < sizeof bytes);
    assert_int_equal(rest(&r, SG_OUTPUT_STDOUT, sent), sizeof bytes - sent);
    assert_int_equal(rest(&r, SG_OUTPUT_STDERR, 0), 9);
    sg_relay_close(&r);
}

/* However wrong an engine is: it does not fill our memory. */
static void test_what_is_held_is_bounded(void **state)
{
    (void)state;
    sg_autofd int worker = -1;
    struct sg_relay r = opened(&worker);
    int rc = 0, puts = 0;
    for (; rc == 0 && puts < 100; puts++)
        rc = sg_relay_put(&r, SG_OUTPUT_STDERR, bytes, sizeof bytes);
    assert_int_equal(rc, -ENOBUFS);
    assert_int_equal(puts, 17);
    sg_relay_close(&r);
}

static void test_a_worker_that_has_gone_holds_nobody_up(void **state)
{
    (void)state;
    for (int full = 0; full < 2; full++) {
        int worker;
        struct sg_relay r = opened(&worker);
        sg_relay_begin(&r);
        if (full)
            sg_relay_put(&r, SG_OUTPUT_STDOUT, bytes, sizeof bytes);
        close(worker);
        turn(1);
        assert_int_equal(rooms, full);
        for (int i = 0; i < 3; i++)
            assert_int_equal(sg_relay_put(&r, SG_OUTPUT_STDOUT, bytes, sizeof bytes), 0);
        assert_false(sg_relay_is_full(&r));
        assert_int_equal(rest(&r, SG_OUTPUT_STDOUT, 0), 0);
        sg_relay_close(&r);
    }
}

static int stream_of(int sock)
{
    struct sg_msg m = expect(sock, SG_MSG_STREAM);
    assert_int_equal(m.nfds, 1);
    int fd = SG_TAKE_FD(m.fds[0]);
    sg_msg_done(&m);
    return fd;
}

static int streamed_run(int sock, const char *id)
{
    struct sg_msg_run m = peer_request(id, "");
    m.stream = 1;
    peer_send_run(sock, &m);
    turn(1);
    return stream_of(sock);
}

static void test_a_streamed_run(void **state)
{
    (void)state;
    sg_autofd int sock = peer_connect();
    sg_autofd int output = streamed_run(sock, "run");
    size_t counts[SG_OUTPUT_STREAMS] = {0};
    struct sg_capture out, err;
    struct sg_stream_info info;
    expect_started(sock);
    sg_run_capture(engine.run[0], &out, &err);
    assert_int_equal(sg_capture_add(&out, bytes, 100), 0);
    assert_int_equal(sg_capture_add(&err, bytes, 10), 0);
    assert_int_equal(receive(output, counts), 110);
    sg_capture_add(&out, bytes + 100, sizeof bytes - 100);
    sg_autofd int kept = sg_capture_memfd(&out, "stdout", &info);
    assert_true(kept >= 0);
    assert_int_equal(info.total_bytes, sizeof bytes);
    assert_int_equal(info.kept_bytes, sg_memfd_check(kept, sizeof bytes));
    engine_finish(0);
    receive(output, counts);
    assert_int_equal(counts[SG_OUTPUT_STDOUT] + info.kept_bytes, sizeof bytes);
    assert_int_equal(sg_output_recv(output, &packet), 0); /* its end */
    expect_result(sock, SG_REASON_EXITED);
    sg_capture_done(&out);
    sg_capture_done(&err);
}

static void test_what_is_not_run_has_an_end_too(void **state)
{
    (void)state;
    sg_autofd int sock = peer_connect();
    sg_error_set(&engine.failure, SG_E_LAYER, "no layer");
    sg_autofd int output = streamed_run(sock, "fail");
    expect_refused(sock, SG_REFUSAL_LAYER, "no layer");
    assert_int_equal(sg_output_recv(output, &packet), 0);
}

/* Its connection ends first: the run is cancelled, whatever becomes of the output. */
static void test_a_worker_that_leaves_cancels(void **state)
{
    (void)state;
    int sock = peer_connect();
    int output = streamed_run(sock, "run");
    close(sock);
    close(output);
    turn(1);
    assert_int_equal(engine.cancels, 1);
    engine_finish(0);
}

static void test_one_that_is_not_streamed_has_no_socket(void **state)
{
    (void)state;
    sg_autofd int sock = peer_connect();
    struct sg_capture out, err;
    peer_run(sock, "run", "");
    expect_started(sock);
    sg_run_capture(engine.run[0], &out, &err);
    assert_null(out.relay);
    assert_int_equal(out.cap, cfg.limits_default.output_bytes);
    engine_finish(0);
    expect_result(sock, SG_REASON_EXITED);
    sg_capture_done(&out);
    sg_capture_done(&err);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, server_set_up, server_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_goes_at_once),
        TEST(test_holds_until_it_begins),
        TEST(test_holds_what_there_is_no_room_for),
        TEST(test_what_is_left_is_the_rest),
        TEST(test_what_is_held_is_bounded),
        TEST(test_a_worker_that_has_gone_holds_nobody_up),
        TEST(test_a_streamed_run),
        TEST(test_what_is_not_run_has_an_end_too),
        TEST(test_a_worker_that_leaves_cancels),
        TEST(test_one_that_is_not_streamed_has_no_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
