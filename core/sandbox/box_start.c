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

#define SETUP_WAIT_MS   10000
#define NOTIF_BYTES_MAX 512 /* the kernel's structures may be longer than our header's */

struct notification {
    _Alignas(8) unsigned char req[NOTIF_BYTES_MAX], resp[NOTIF_BYTES_MAX];
};

/* The filter is loaded and the process stands in its execve, or it has failed and said so. */
static void receive_exec(pid_t program, bool by_descriptor, int listener, struct notification *n)
{
    struct seccomp_notif_sizes sizes;
    struct seccomp_notif *req = (void *)n->req;
    struct pollfd p = {.fd = listener, .events = POLLIN};
    *n = (struct notification){0};
    if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0 ||
        sizes.seccomp_notif > NOTIF_BYTES_MAX || sizes.seccomp_notif_resp > NOTIF_BYTES_MAX)
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
static void continue_exec(const struct sg_plan *p, int listener, struct notification *n)
{
    struct seccomp_notif_resp *resp = (void *)n->resp;
    sg_box_step(&p->lab, SG_STEP_EXEC_CONTINUE);
    resp->id = ((struct seccomp_notif *)(void *)n->req)->id;
    resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, resp) < 0)
        sg_box_fail(SG_STEP_EXEC_CONTINUE, errno, "continuing the execve");
}

void sg_box_start(const struct sg_plan *p, const struct sg_program_plan *program, pid_t pid,
                  int channel)
{
    struct sg_box_handover note;
    struct sg_box_event event = {.kind = SG_BOX_STARTED};
    struct sg_error err = SG_ERROR_INIT;
    struct notification notification;
    int fds[SG_FDS_MAX];
    size_t nfds = 0;
    if (sg_socket_recv(channel, &note, sizeof note, fds, &nfds, 0) != sizeof note || nfds < 1)
        _exit(1); /* end of file: the program's process failed and has reported */
    int proc = fds[0], listener = nfds > 1 ? fds[1] : -1;
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
        close(listener);
    } else if (write(channel, "g", 1) != 1) {
        _exit(1);
    }
}
