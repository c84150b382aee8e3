/* The loop: order of timers, stale events of one batch, callbacks that free what they live in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/exec/loop.h"

static struct sg_loop *loop;
static char order[64];
static int norder;

static int make_loop(void **state)
{
    (void)state;
    norder = 0;
    loop = sg_loop_new();
    return loop ? 0 : -1;
}

static int free_loop(void **state)
{
    (void)state;
    sg_loop_free(loop);
    return 0;
}

static void note(char c)
{
    order[norder++] = c;
    order[norder] = 0;
}

static void on_letter(void *arg)
{
    note(*(const char *)arg);
}

static void on_stop(void *arg)
{
    (void)arg;
    sg_loop_stop(loop);
}

static void test_timers_in_order(void **state)
{
    (void)state;
    struct sg_timer t[5] = {0}, stop = SG_TIMER_INIT;
    sg_loop_timer(loop, &stop, 40, on_stop, NULL);
    sg_loop_timer(loop, &t[0], 20, on_letter, "c");
    sg_loop_timer(loop, &t[1], 0, on_letter, "a");
    sg_loop_timer(loop, &t[2], 10, on_letter, "b");
    sg_loop_timer(loop, &t[3], 5, on_letter, "x");
    sg_loop_timer(loop, &t[4], 5, on_letter, "d");
    sg_loop_timer_stop(loop, &t[3]);
    sg_loop_timer_stop(loop, &t[3]);                /* idle is fine */
    sg_loop_timer(loop, &t[4], 30, on_letter, "d"); /* restarted */
    int64_t before = sg_now_ms();
    assert_int_equal(sg_loop_run(loop), 0);
    assert_string_equal(order, "abcd");
    assert_in_range(sg_now_ms() - before, 39, 2000);
    assert_int_equal(t[0].due_us, 0);
}

static struct sg_timer again;
static void on_again(void *arg)
{
    note('r');
    if (norder < 5)
        sg_loop_timer(loop, &again, 0, on_again, arg);
    else
        sg_loop_stop(loop);
}

static void test_timer_restarts_itself(void **state)
{
    (void)state;
    sg_loop_timer(loop, &again, 0, on_again, NULL);
    assert_int_equal(sg_loop_run(loop), 0);
    assert_string_equal(order, "rrrrr");
}

/* Two watches that are ready in one batch; the first to be called frees both. */
struct twin {
    struct sg_watch watch;
    struct sg_timer timer;
    struct twin **both;
    int fd;
};

static void free_twin(struct twin *t)
{
    sg_loop_unwatch(loop, &t->watch);
    sg_loop_timer_stop(loop, &t->timer);
    close(t->fd);
    free(t);
}

static void on_twin(void *arg, uint32_t events)
{
    struct twin **both = ((struct twin *)arg)->both;
    assert_true(events & EPOLLIN);
    note('t');
    free_twin(both[0]);
    free_twin(both[1]);
}

static void on_twin_time(void *arg)
{
    struct twin **both = ((struct twin *)arg)->both;
    note('T');
    free_twin(both[0]);
    free_twin(both[1]);
}

static void make_twins(struct twin *both[2], unsigned ready, int64_t in_ms)
{
    for (int i = 0; i < 2; i++) {
        both[i] = calloc(1, sizeof(*both[i]));
        both[i]->both = both;
        both[i]->fd = eventfd(ready, EFD_CLOEXEC);
        assert_int_equal(
            sg_loop_watch(loop, &both[i]->watch, both[i]->fd, EPOLLIN, on_twin, both[i]), 0);
        sg_loop_timer(loop, &both[i]->timer, in_ms, on_twin_time, both[i]);
    }
}

static void test_stale_events(void **state)
{
    (void)state;
    struct twin *both[2];
    struct sg_timer stop = SG_TIMER_INIT;
    make_twins(both, 1, 5);
    sg_loop_timer(loop, &stop, 15, on_stop, NULL);
    assert_int_equal(sg_loop_run(loop), 0);
    assert_string_equal(order, "t");
}

static void test_stale_timers(void **state)
{
    (void)state;
    struct twin *both[2];
    struct sg_timer stop = SG_TIMER_INIT;
    make_twins(both, 0, 0);
    sg_loop_timer(loop, &stop, 10, on_stop, NULL);
    assert_int_equal(sg_loop_run(loop), 0);
    assert_string_equal(order, "T");
}

static struct sg_watch moved = SG_WATCH_INIT;
static int other_fd;
static void on_other(void *arg, uint32_t events)
{
    (void)arg;
    (void)events;
    note('o');
    sg_loop_stop(loop);
}
static void on_moved(void *arg, uint32_t events)
{
    (void)arg;
    (void)events;
    note('m');
    sg_loop_unwatch(loop, &moved);
    assert_int_equal(sg_loop_watch(loop, &moved, other_fd, EPOLLIN, on_other, NULL), 0);
}

static void test_watch_moves(void **state)
{
    (void)state;
    int fd = eventfd(1, EFD_CLOEXEC);
    other_fd = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(sg_loop_watch(loop, &moved, fd, EPOLLIN, on_moved, NULL), 0);
    assert_int_equal(sg_loop_run(loop), 0);
    assert_string_equal(order, "mo");
    sg_loop_unwatch(loop, &moved);
    sg_loop_unwatch(loop, &moved);
    close(fd);
    close(other_fd);
}

static void test_errors_and_early_stop(void **state)
{
    (void)state;
    struct sg_watch w = SG_WATCH_INIT;
    assert_int_equal(sg_loop_watch(loop, &w, -1, EPOLLIN, on_other, NULL), -EBADF);
    assert_int_equal(w.fd, -1);
    sg_loop_stop(loop);
    assert_int_equal(sg_loop_run(loop), 0); /* a stop before the run counts, once */
    struct sg_timer stop = SG_TIMER_INIT;
    sg_loop_timer(loop, &stop, 1, on_stop, NULL);
    assert_int_equal(sg_loop_run(loop), 0);
    assert_int_equal(stop.due_us, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, make_loop, free_loop)
    const struct CMUnitTest tests[] = {
        CASE(test_timers_in_order), CASE(test_timer_restarts_itself),
        CASE(test_stale_events),    CASE(test_stale_timers),
        CASE(test_watch_moves),     CASE(test_errors_and_early_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
