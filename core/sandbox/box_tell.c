/* What every process of sandgate-box needs to speak to the executor. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/fd.h"

/* write(2), not sendmsg(2): after the profile is loaded only the former is sure to be allowed. A
   packet goes out whole or not at all. */
static void put(const struct sg_box_event *event)
{
    while (write(SG_BOX_FD_CONTROL, event, sizeof *event) < 0)
        if (errno != EINTR)
            _exit(1);
}

void sg_box_tell(const struct sg_box_event *event)
{
    put(event);
}

void sg_box_fail(enum sg_step step, int errnum, const char *fmt, ...)
{
    struct sg_box_event event = {.kind = SG_BOX_FAILED, .step = step, .errnum = errnum};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(event.text, sizeof event.text, fmt, ap);
    va_end(ap);
    put(&event);
    _exit(1);
}

void sg_box_step(const struct sg_lab *lab, enum sg_step step)
{
    if (SG_LAB_FAILS(lab, step))
        sg_box_fail(step, 0, "made to fail by the test");
    (void)lab;
    (void)step;
}

static void receive(int sock, struct sg_box_order *ret, int *fds, size_t *nfds, int flags)
{
    static const size_t counts[] = {
        [SG_BOX_ORDER_RUN] = SG_RUN_FDS,
        [SG_BOX_ORDER_AHEAD] = SG_RUN_FD_PAYLOAD,
        [SG_BOX_ORDER_WATCH] = 0,
        [SG_BOX_ORDER_GO] = SG_GO_FDS,
        [SG_BOX_ORDER_TEMPLATE] = SG_TEMPLATE_FDS,
        [SG_BOX_ORDER_JOIN] = 0,
        [SG_BOX_ORDER_PRODUCT] = SG_PRODUCT_FDS,
    };
    ssize_t n;
    do
        n = sg_socket_recv(sock, ret, sizeof *ret, fds, nfds, flags);
    while (n == -EINTR);
    if (n == 0)
        _exit(0); /* the executor ends, or does not need this box */
    if (n != sizeof *ret || ret->kind < SG_BOX_ORDER_RUN || ret->kind >= SG_BOX_ORDER_COUNT ||
        *nfds < counts[ret->kind])
        sg_box_fail(SG_STEP_ORDER, n < 0 ? (int)-n : 0, "receiving the executor's order");
}

void sg_box_receive(int sock, struct sg_box_order *ret, int *fds, size_t *nfds)
{
    receive(sock, ret, fds, nfds, 0);
}

void sg_box_look(int sock, struct sg_box_order *ret, int *fds, size_t *nfds)
{
    receive(sock, ret, fds, nfds, MSG_PEEK);
}

void sg_box_take(int sock)
{
    char packet;
    if (read(sock, &packet, 1) != 1)
        sg_box_fail(SG_STEP_ORDER, errno, "taking the executor's order");
}

const struct sg_program_plan *sg_box_map_program(int fd)
{
    const struct sg_program_plan *p = mmap(NULL, sizeof *p, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED || p->magic != SG_PROGRAM_PLAN_MAGIC || p->size != sizeof *p)
        sg_box_fail(SG_STEP_ORDER, 0, "mapping the program's plan");
    return p;
}
