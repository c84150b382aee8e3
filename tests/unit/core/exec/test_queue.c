/* Who is next, who is refused, and in what order. */
#include "tests/unit/core/exec/fake.h"

#include <unistd.h>

static void test_slot_is_held_until_released(void **state)
{
    (void)state;
    int s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = peer_connect();
        peer_run(s[i], "x", "");
    }
    assert_int_equal(engine.n, 2);
    engine_answer(0, SG_REASON_EXITED);
    turn(1);
    assert_int_equal(engine.n, 2);
    engine_release(0);
    assert_int_equal(engine.n, 2); /* never from within the engine's call */
    turn(1);
    assert_int_equal(engine.n, 3);
    engine_finish(1);
    engine_finish(2);
    assert_int_equal(engine.most, 2);
    for (int i = 0; i < 3; i++)
        close(s[i]);
}

static void test_queue_full(void **state)
{
    (void)state;
    int s[6];
    for (int i = 0; i < 6; i++) {
        s[i] = peer_connect();
        peer_run(s[i], "x", "");
    }
    struct sg_msg_refused r = expect_refused(s[5], SG_REFUSAL_BUSY, "queue");
    assert_in_range(r.retry_after_s, 1, 60);
    struct sg_msg_status_reply st = status_of(s[5]);
    assert_int_equal(st.slots, 2);
    assert_int_equal(st.running, 2);
    assert_int_equal(st.queue_max, 3);
    assert_int_equal(st.queued, 3);
    for (int i = 0; i < 5; i++) {
        engine_finish(i);
        turn(1);
    }
    for (int i = 0; i < 5; i++) {
        expect_started(s[i]);
        expect_result(s[i], SG_REASON_EXITED);
        close(s[i]);
    }
    close(s[5]);
}

static void test_no_queue(void **state)
{
    (void)state;
    cfg.native.queue = 0;
    int s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = peer_connect();
        peer_run(s[i], "x", "");
    }
    expect_refused(s[2], SG_REFUSAL_BUSY, "taken");
    for (int i = 0; i < 2; i++)
        engine_finish(i);
    for (int i = 0; i < 3; i++)
        close(s[i]);
}

/* A slot that is being torn down is as good as free: one run after the other over one connection is
   never refused, whatever the queue. */
static void test_slot_that_is_soon_free(void **state)
{
    (void)state;
    cfg.native.queue = 0;
    int s[4];
    for (int i = 0; i < 4; i++)
        s[i] = peer_connect();
    peer_run(s[0], "x", "");
    peer_run(s[1], "x", "");
    engine_answer(0, SG_REASON_EXITED);
    turn(1);
    expect_started(s[0]);
    expect_result(s[0], SG_REASON_EXITED);
    peer_run(s[0], "next", "");
    expect_nothing(s[0]);
    peer_run(s[2], "x", ""); /* there is one such slot, not two */
    expect_refused(s[2], SG_REFUSAL_BUSY, "taken");
    engine_release(0);
    turn(1);
    assert_string_equal(engine.id[2], "next");
    peer_run(s[3], "x", "");
    expect_refused(s[3], SG_REFUSAL_BUSY, "taken");
    engine_finish(1);
    engine_finish(2);
    for (int i = 0; i < 4; i++)
        close(s[i]);
}

/* ann has four waiting when bob comes; then each gets one of the two slots. */
static void test_fair_order(void **state)
{
    (void)state;
    cfg.native.queue = 16;
    int s[8];
    static const char *const ids[8] = {"a0", "a1", "a2", "a3", "a4", "a5", "b0", "b1"};
    for (int i = 0; i < 8; i++) {
        s[i] = peer_connect();
        peer_run(s[i], ids[i], ids[i][0] == 'a' ? "ann" : "bob");
    }
    assert_string_equal(engine.id[0], "a0");
    assert_string_equal(engine.id[1], "a1");
    static const char *const want[] = {"b0", "a2", "b1", "a3", "a4", "a5"};
    for (int i = 0; i < 6; i++) {
        engine_finish(i);
        turn(1);
        assert_string_equal(engine.id[i + 2], want[i]);
    }
    engine_finish(6);
    engine_finish(7);
    for (int i = 0; i < 8; i++)
        close(s[i]);
}

static void test_full_queue_is_shared(void **state)
{
    (void)state;
    int s[7];
    static const char *const ids[7] = {"a0", "a1", "a2", "a3", "a4", "b0", "b1"};
    for (int i = 0; i < 6; i++) {
        s[i] = peer_connect();
        peer_run(s[i], ids[i], ids[i][0] == 'a' ? "ann" : "bob");
    }
    expect_refused(s[4], SG_REFUSAL_BUSY, "this client has most"); /* a4, the newest of ann's */
    expect_nothing(s[5]);
    s[6] = peer_connect();
    peer_run(s[6], ids[6], "bob"); /* ann has two waiting, bob would have two: no one is put out */
    expect_refused(s[6], SG_REFUSAL_BUSY, "queue");
    assert_int_equal(status_of(s[6]).queued, 3);
    for (int i = 0; i < 5; i++) {
        engine_finish(i);
        turn(1);
    }
    for (int i = 0; i < 7; i++)
        close(s[i]);
}

static void test_queue_timeout(void **state)
{
    (void)state;
    cfg.native.queue_wait_ms = 20;
    int s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = peer_connect();
        peer_run(s[i], "x", "");
    }
    expect_nothing(s[2]);
    turn(40);
    expect_refused(s[2], SG_REFUSAL_BUSY, "in time");
    engine_finish(0);
    peer_run(s[2], "now", "");
    expect_started(s[2]);
    expect_result(s[2], SG_REASON_EXITED);
    engine_finish(1);
    for (int i = 0; i < 3; i++)
        close(s[i]);
}

static void test_cancel_queued(void **state)
{
    (void)state;
    int s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = peer_connect();
        peer_run(s[i], "x", "");
    }
    sg_msg_send(s[2], SG_MSG_CANCEL, NULL, NULL);
    turn(1);
    expect_result(s[2], SG_REASON_CANCELLED);
    assert_int_equal(status_of(s[2]).queued, 0);
    assert_int_equal(engine.cancels, 0);
    engine_finish(0);
    engine_finish(1);
    for (int i = 0; i < 3; i++)
        close(s[i]);
}

static void test_retry_after_grows(void **state)
{
    (void)state;
    cfg.native.queue = 64;
    int s[68];
    for (int i = 0; i < 66; i++) {
        s[i] = peer_connect();
        peer_run(s[i], "x", "");
    }
    int extra = peer_connect();
    peer_run(extra, "x", "");
    struct sg_msg_refused r = expect_refused(extra, SG_REFUSAL_BUSY, "queue");
    assert_in_range(r.retry_after_s, 30, 60); /* 66 ahead, a second each, two slots */
    for (int i = 0; i < 66; i++) {
        engine_finish(i);
        turn(0);
    }
    for (int i = 0; i < 66; i++)
        close(s[i]);
    close(extra);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, server_set_up, server_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_slot_is_held_until_released),
        CASE(test_queue_full),
        CASE(test_no_queue),
        CASE(test_slot_that_is_soon_free),
        CASE(test_fair_order),
        CASE(test_full_queue_is_shared),
        CASE(test_queue_timeout),
        CASE(test_cancel_queued),
        CASE(test_retry_after_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
