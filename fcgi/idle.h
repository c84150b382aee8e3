/*
 * idle.h: how a worker waits for its next connection.
 *
 *     struct sg_idle idle;
 *     sg_idle_open(&idle, listen_fd, &err);
 *     sg_idle_wait(&idle, service, 1000);                // then accept, which may find nothing
 *     sg_idle_close(&idle);
 *
 * All workers wait for the same socket. With poll(2) a connection would wake every one of them, and
 * all but one for nothing; EPOLLEXCLUSIVE (epoll_ctl(2), Linux 4.5) wakes one, mostly the same one,
 * whose memory is in the caches. One that was woken and is killed or stopped before it accepts
 * leaves the connection to nobody: so each looks for itself now and then.
 */
#ifndef SG_FCGI_IDLE_H
#define SG_FCGI_IDLE_H

#include <stdint.h>

#include "core/base/error.h"
#include "fcgi/exchange.h"

struct sg_idle {
    int epoll; /* owned */
};

/* 0, or -errno with text. */
int sg_idle_open(struct sg_idle *ret, int listen_fd, struct sg_error *err);
void sg_idle_close(struct sg_idle *idle);

/* Waits for a connection, one of the signals that ask for an end, an executor's going (its
   connection is closed here), or the end of the time. 1: a connection may wait; 0: it was something
   else; -errno. */
int sg_idle_wait(struct sg_idle *idle, struct sg_service *service, int64_t most_ms);

#endif
