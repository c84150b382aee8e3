/* idle.c: see idle.h */
#include "fcgi/idle.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>

#include "core/base/fd.h"
#include "fcgi/worker.h"

#define LOOK_MS 1000 /* so often for a connection of which nobody has told us */

enum what { LISTENER, NATIVE, DOCKER, WHAT_COUNT };

static int watch(const struct sg_idle *idle, int fd, uint32_t events, enum what what)
{
    struct epoll_event e = {.events = events, .data.u32 = what};
    /* A closed descriptor has left the set by itself. */
    return fd < 0 || epoll_ctl(idle->epoll, EPOLL_CTL_ADD, fd, &e) == 0 || errno == EEXIST ? 0
                                                                                           : -errno;
}

int sg_idle_open(struct sg_idle *ret, int listen_fd, struct sg_error *err)
{
    ret->epoll = epoll_create1(EPOLL_CLOEXEC);
    int r = ret->epoll < 0 ? -errno : watch(ret, listen_fd, EPOLLIN | EPOLLEXCLUSIVE, LISTENER);
    if (r == 0)
        return 0;
    sg_fd_close(&ret->epoll);
    return sg_error_errno(err, -r, "cannot wait for connections");
}

void sg_idle_close(struct sg_idle *idle)
{
    sg_fd_close(&idle->epoll);
}

int sg_idle_wait(struct sg_idle *idle, struct sg_service *service, int64_t most_ms)
{
    struct sg_client *const executors[WHAT_COUNT] = {NULL, &service->link.client,
                                                     &service->docker.client};
    struct epoll_event seen[WHAT_COUNT];
    sigset_t open;
    for (enum what w = NATIVE; w < WHAT_COUNT; w++) {
        int r = watch(idle, executors[w]->sock, EPOLLIN | EPOLLRDHUP, w);
        if (r < 0)
            return r;
    }
    sg_worker_open_signals(&open);
    int n = epoll_pwait(idle->epoll, seen, WHAT_COUNT, (int)(most_ms < LOOK_MS ? most_ms : LOOK_MS),
                        &open);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    bool connection = n == 0;
    for (int i = 0; i < n; i++) {
        if (seen[i].data.u32 == LISTENER)
            connection = true;
        else /* nobody asked anything: it is an end, or as good as one */
            sg_client_close(executors[seen[i].data.u32]);
    }
    return connection ? 1 : 0;
}
