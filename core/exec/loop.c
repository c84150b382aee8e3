/* loop.c: epoll and a sorted list of timers. */
#include "core/exec/loop.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "core/base/cleanup.h"
#include "core/base/time.h"

#define BATCH 64

struct sg_loop {
    int epfd; /* owned */
    bool stopped;
    struct sg_timer timers; /* head of a ring sorted by due_us */
    struct epoll_event batch[BATCH];
    int batch_n, batch_at; /* events from batch_at on are not delivered yet */
};

struct sg_loop *sg_loop_new(void)
{
    struct sg_loop *loop = calloc(1, sizeof(*loop));
    if (!loop)
        return NULL;
    loop->timers.prev = loop->timers.next = &loop->timers;
    loop->epfd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epfd < 0) {
        free(loop);
        return NULL;
    }
    return loop;
}

void sg_loop_free(struct sg_loop *loop)
{
    if (!loop)
        return;
    sg_fd_close(&loop->epfd);
    free(loop);
}

int sg_loop_watch(struct sg_loop *loop, struct sg_watch *w, int fd, uint32_t events,
                  void (*on_event)(void *, uint32_t), void *arg)
{
    struct epoll_event ev = {.events = events, .data.ptr = w};
    if (epoll_ctl(loop->epfd, EPOLL_CTL_ADD, fd, &ev) < 0)
        return -errno;
    *w = (struct sg_watch){.fd = fd, .on_event = on_event, .arg = arg};
    return 0;
}

void sg_loop_unwatch(struct sg_loop *loop, struct sg_watch *w)
{
    if (w->fd < 0)
        return;
    (void)epoll_ctl(loop->epfd, EPOLL_CTL_DEL, w->fd, NULL);
    w->fd = -1;
    /* The same epoll_wait(2) may have fetched more for it, and its memory may be freed next. */
    for (int i = loop->batch_at; i < loop->batch_n; i++)
        if (loop->batch[i].data.ptr == w)
            loop->batch[i].data.ptr = NULL;
}

void sg_loop_timer_stop(struct sg_loop *loop, struct sg_timer *t)
{
    (void)loop;
    if (t->due_us == 0)
        return;
    t->prev->next = t->next;
    t->next->prev = t->prev;
    t->prev = t->next = NULL;
    t->due_us = 0;
}

void sg_loop_timer(struct sg_loop *loop, struct sg_timer *t, int64_t in_ms, void (*on_time)(void *),
                   void *arg)
{
    sg_loop_timer_stop(loop, t);
    t->due_us = sg_now_us() + in_ms * 1000;
    if (t->due_us <= 0)
        t->due_us = 1;
    t->on_time = on_time;
    t->arg = arg;
    struct sg_timer *before = loop->timers.prev; /* most timers are later than all others */
    while (before != &loop->timers && before->due_us > t->due_us)
        before = before->prev;
    t->prev = before;
    t->next = before->next;
    before->next->prev = t;
    before->next = t;
}

static int next_timeout_ms(const struct sg_loop *loop)
{
    const struct sg_timer *first = loop->timers.next;
    if (first == &loop->timers)
        return -1;
    int64_t left_us = first->due_us - sg_now_us();
    if (left_us <= 0)
        return 0;
    int64_t ms = (left_us + 999) / 1000;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Those due at one moment: a timer that starts itself anew with 0 ms waits for the next round. */
static void run_timers(struct sg_loop *loop)
{
    int64_t now = sg_now_us();
    while (!loop->stopped) {
        struct sg_timer *t = loop->timers.next;
        if (t == &loop->timers || t->due_us > now)
            return;
        sg_loop_timer_stop(loop, t);
        t->on_time(t->arg);
    }
}

static void run_events(struct sg_loop *loop)
{
    while (!loop->stopped && loop->batch_at < loop->batch_n) {
        const struct epoll_event *ev = &loop->batch[loop->batch_at++];
        struct sg_watch *w = ev->data.ptr;
        if (w)
            w->on_event(w->arg, ev->events);
    }
    loop->batch_n = loop->batch_at = 0;
}

int sg_loop_run(struct sg_loop *loop)
{
    while (!loop->stopped) {
        int n = epoll_wait(loop->epfd, loop->batch, BATCH, next_timeout_ms(loop));
        if (n < 0 && errno != EINTR)
            return -errno;
        loop->batch_n = n > 0 ? n : 0;
        loop->batch_at = 0;
        run_events(loop);
        run_timers(loop);
    }
    loop->stopped = false;
    return 0;
}

void sg_loop_stop(struct sg_loop *loop)
{
    loop->stopped = true;
}
