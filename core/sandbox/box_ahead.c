/* A program that is started before there is one: its file is a FIFO, at whose opening the
   interpreter stops. In the end it has read the bytes of the file, and the file is there under its
   name. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/sandbox/box.h"
#include "core/sandbox/rlimit.h"

#define LOOK_AGAIN_MS 1

void sg_box_ahead_begin(const struct sg_program_plan *p)
{
    mode_t mask = umask(022);
    if (mkfifo(p->entry, 0644) < 0 || chown(p->entry, p->uid, p->gid) < 0)
        sg_box_fail(SG_STEP_FILES, errno, "making the FIFO %s", p->entry);
    umask(mask);
}

/* There is a reader when the interpreter has opened it, or stands in its open: fifo(7). */
static int try_fifo(const struct sg_program_plan *p)
{
    int fd = open(p->entry, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno != ENXIO)
        sg_box_fail(SG_STEP_FILES, errno, "opening the FIFO %s", p->entry);
    return fd;
}

/* What there is to be done first: order, end of a child, or (timeout) another look at the FIFO. */
enum turn { TURN_ORDER, TURN_CHILD, TURN_LOOK };

static enum turn wait_for(int children, int timeout_ms)
{
    struct pollfd on[] = {{.fd = SG_BOX_FD_CONTROL, .events = POLLIN | POLLRDHUP},
                          {.fd = children, .events = POLLIN}};
    while (poll(on, 2, timeout_ms) < 0 && errno == EINTR)
        ;
    return on[1].revents ? TURN_CHILD : on[0].revents ? TURN_ORDER : TURN_LOOK;
}

static void lower_limits(const struct sg_box_order *order, pid_t program)
{
    for (uint32_t i = 0; i < order->nlower && i < SG_ARRAY_LEN(order->lower); i++) {
        int r = sg_rlimit_lower(program, &order->lower[i]);
        if (r < 0)
            sg_box_fail(SG_STEP_RLIMITS, -r, "resource %d", order->lower[i].resource);
    }
}

/* Of no program's doing: none of it has been read. */
static void __attribute__((noreturn)) fail_early(void)
{
    sg_box_fail(SG_STEP_EXEC, 0, "the interpreter ended before it had its program");
}

/* A reader that goes away later has decided to read no more: its end tells. */
static void pass(const struct sg_program_plan *p, int fifo)
{
    sg_autofd int file = open(p->entry, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    off_t at = 0;
    if (file < 0 || fstat(file, &st) < 0 || fcntl(fifo, F_SETFL, 0) < 0)
        sg_box_fail(SG_STEP_FILES, errno, "reading %s", p->entry);
    while (at < st.st_size) {
        ssize_t n = sendfile(fifo, file, &at, (size_t)(st.st_size - at));
        if (n < 0 && errno == EPIPE && at == 0)
            fail_early();
        if (n < 0 && errno != EINTR)
            return;
    }
}

static void lay_out(const struct sg_program_plan *p, int payload)
{
    struct sg_box_command command;
    if (unlink(p->entry) < 0)
        sg_box_fail(SG_STEP_FILES, errno, "removing the FIFO %s", p->entry);
    sg_box_files(p, payload, true, &command);
    sg_box_command_done(&command);
}

static void go(const struct sg_program_plan *p, pid_t program, int input, int fifo)
{
    struct sg_box_order order;
    int fds[SG_FDS_MAX];
    size_t nfds = 0;
    sg_box_receive(SG_BOX_FD_CONTROL, &order, fds, &nfds);
    if (order.kind != SG_BOX_ORDER_GO)
        sg_box_fail(SG_STEP_ORDER, 0, "a program that waits takes no such order");
    prctl(PR_SET_NAME, SG_NAME_BOX);
    lower_limits(&order, program);
    sg_box_input_fill(input, fds[SG_GO_FD_STDIN]);
    lay_out(p, fds[SG_GO_FD_PAYLOAD]);
    for (size_t i = 0; i < nfds; i++)
        close(fds[i]);
    pass(p, fifo);
    close(fifo);
}

void sg_box_ahead_go(const struct sg_program_plan *p, pid_t program, int input, int children)
{
    int fifo = -1;
    prctl(PR_SET_NAME, SG_NAME_WAITING);
    while (fifo < 0) {
        enum turn turn = wait_for(children, LOOK_AGAIN_MS);
        if (turn == TURN_CHILD)
            return; /* the interpreter has ended, and is reaped as usual */
        if (turn == TURN_ORDER)
            _exit(0); /* no order comes before we have told that it waits: the executor is gone */
        fifo = try_fifo(p);
    }
    sg_box_tell(&(struct sg_box_event){.kind = SG_BOX_WAITING, .at_us = sg_now_us()});
    if (wait_for(children, -1) == TURN_ORDER)
        go(p, program, input, fifo);
    else
        fail_early();
}
