/* Pid 1 at the program's one execve: look, report, let it pass, close the door. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/sandbox/attest.h"

#define SETUP_WAIT_MS 10000

/* Linux 6.6; not in older headers. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* The process says that it has loaded the filter, or has failed and said so. */
static int fetch_listener(pid_t program, int channel)
{
    struct pollfd p = {.fd = channel, .events = POLLIN};
    struct sg_box_listener note;
    if (poll(&p, 1, SETUP_WAIT_MS) == 0)
        sg_box_fail(SG_STEP_EXEC_LISTENER, ETIMEDOUT, "waiting for the traced profile");
    if (read(channel, &note, sizeof note) != sizeof note)
        _exit(1);
    int pidfd = (int)syscall(SYS_pidfd_open, program, 0);
    int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, note.fd, 0);
    if (fd < 0)
        sg_box_fail(SG_STEP_EXEC_LISTENER, errno, "taking the listener over (pidfd_getfd)");
    close(pidfd);
    /* Who calls sleeps while it is answered, so one core is enough for both. It only makes that
       faster: kernels without it are fine. */
    (void)ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
    return fd;
}

/* The filter is loaded and the process stands in its execve, or it has failed and said so. */
static void receive_exec(pid_t program, bool by_descriptor, int listener,
                         struct sg_box_notification *n)
{
    struct seccomp_notif_sizes sizes;
    struct seccomp_notif *req = (void *)n->req;
    struct pollfd p = {.fd = listener, .events = POLLIN};
    *n = (struct sg_box_notification){0};
    if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0 ||
        sizes.seccomp_notif > sizeof n->req || sizes.seccomp_notif_resp > sizeof n->resp)
        sg_box_fail(SG_STEP_EXEC_CONTINUE, errno, "size of notifications");
    int n_ready = poll(&p, 1, SETUP_WAIT_MS);
    if (n_ready == 0)
        sg_box_fail(SG_STEP_EXEC_CONTINUE, ETIMEDOUT, "waiting for the program's execve");
    if (n_ready < 0 || !(p.revents & POLLIN))
        _exit(1); /* the program's process ended and has reported */
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, req) < 0)
        sg_box_fail(SG_STEP_EXEC_CONTINUE, errno, "receiving the notification");
    if (req->pid != (uint32_t)program ||
        req->data.nr != (by_descriptor ? SYS_execveat : SYS_execve))
        sg_box_fail(SG_STEP_EXEC_CONTINUE, 0,
                    "call %d of process %u instead of the program's execve", req->data.nr,
                    req->pid);
}

/* CONTINUE is safe here although the arguments lie in the process's memory (seccomp_unotify(2)
   warns of that): until this call has been done, that memory holds and runs only our own code. */
static void continue_exec(const struct sg_plan *p, int listener, struct sg_box_notification *n)
{
    struct seccomp_notif_resp *resp = (void *)n->resp;
    sg_box_step(&p->lab, SG_STEP_EXEC_CONTINUE);
    resp->id = ((struct seccomp_notif *)(void *)n->req)->id;
    resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, resp) < 0)
        sg_box_fail(SG_STEP_EXEC_CONTINUE, errno, "continuing the execve");
}

int sg_box_start(const struct sg_plan *p, const struct sg_program_plan *program, pid_t pid,
                 int channel)
{
    struct sg_box_handover note;
    struct sg_box_event event = {.kind = SG_BOX_STARTED};
    struct sg_error err = SG_ERROR_INIT;
    struct sg_box_notification notification;
    int fds[SG_FDS_MAX];
    size_t nfds = 0;
    if (sg_socket_recv(channel, &note, sizeof note, fds, &nfds, 0) != sizeof note || nfds < 1)
        _exit(1); /* end of file: the program's process failed and has reported */
    int proc = fds[0], listener = nfds > 1 ? fds[1] : -1;
    if (program->traced)
        listener = fetch_listener(pid, channel);
    if (listener >= 0)
        receive_exec(pid, program->product == SG_PLAN_IS_PRODUCT, listener, &notification);
    sg_box_step(&p->lab, SG_STEP_ATTEST);
    event.isolation.landlock_abi = note.landlock_abi;
    const struct sg_attest_view view = {
        .pid = pid, .proc = proc, .exec_barred = listener >= 0 && !program->may_execute};
    if (sg_attest_process(p, program, &view, &event.isolation, &err) < 0)
        sg_box_fail(SG_STEP_ATTEST, 0, "%s", err.text);
    close(proc);
    event.at_us = sg_now_us();
    sg_box_tell(&event);
    if (listener >= 0) {
        continue_exec(p, listener, &notification);
        if (program->traced)
            return listener;
        close(listener);
    } else if (write(channel, "g", 1) != 1) {
        _exit(1);
    }
    return -1;
}
