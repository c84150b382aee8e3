/*
 * loop.h: the event loop of an executor: epoll(7) over descriptors, and timers. One thread.
 *
 *     struct sg_loop *loop = sg_loop_new();
 *     struct sg_watch w = SG_WATCH_INIT;                       // caller's storage, inside its own
 * struct sg_loop_watch(loop, &w, fd, EPOLLIN, on_readable, self); // until sg_loop_unwatch struct
 * sg_timer t = SG_TIMER_INIT; sg_loop_timer(loop, &t, 250, on_time, self);             // once, in
 * 250 ms sg_loop_run(loop);                                       // until sg_loop_stop
 *
 * A callback may unwatch, stop timers, and free what they live in, its own included.
 */
#ifndef SG_EXEC_LOOP_H
#define SG_EXEC_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct sg_loop;
struct sg_watch {
    int fd; /* borrowed; -1 when idle */
    void (*on_event)(void *arg, uint32_t events);
    void *arg;
};
#define SG_WATCH_INIT                                                                              \
    {                                                                                              \
        .fd = -1                                                                                   \
    }
struct sg_timer {
    int64_t due_us; /* 0 when idle */
    void (*on_time)(void *arg);
    void *arg;
    struct sg_timer *prev, *next;
};
#define SG_TIMER_INIT                                                                              \
    {                                                                                              \
        0                                                                                          \
    }

struct sg_loop *sg_loop_new(void); /* NULL: errno */
void sg_loop_free(struct sg_loop *loop);
int sg_loop_watch(struct sg_loop *loop, struct sg_watch *w, int fd, uint32_t events,
                  void (*on_event)(void *, uint32_t), void *arg); /* 0 or -errno */
void sg_loop_unwatch(struct sg_loop *loop, struct sg_watch *w);   /* idle ones are fine */
void sg_loop_timer(struct sg_loop *loop, struct sg_timer *t, int64_t in_ms, void (*on_time)(void *),
                   void *arg); /* starts or restarts */
void sg_loop_timer_stop(struct sg_loop *loop, struct sg_timer *t);
int sg_loop_run(struct sg_loop *loop); /* 0 after sg_loop_stop, -errno */
void sg_loop_stop(struct sg_loop *loop);

#endif
