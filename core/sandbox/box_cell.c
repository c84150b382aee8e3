/* The keeper of a cell: makes the part of a root that all boxes of it have, then one box after the
   other. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/sandbox/launcher.h"

static void wait_for_launcher(int go)
{
    char byte;
    if (read(go, &byte, 1) != 1)
        _exit(1); /* the launcher failed and has reported */
    close(go);
}

static void take_hostname(const struct sg_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_HOSTNAME);
    if (!SG_LAYER_OFF(&p->lab, UTS_NS) &&
        (sethostname(SG_BOX_HOSTNAME, strlen(SG_BOX_HOSTNAME)) < 0 || setdomainname("", 0) < 0))
        sg_box_fail(SG_STEP_HOSTNAME, errno, "sethostname");
}

/* In place of the plan, which is mapped: where the box's processes expect it. */
static void keep_host_proc(const struct sg_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_HOST_PROC);
    close(SG_BOX_FD_PLAN);
    int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || (fd != SG_CELL_HOST_PROC && dup3(fd, SG_CELL_HOST_PROC, O_CLOEXEC) < 0))
        sg_box_fail(SG_STEP_HOST_PROC, errno, "opening /proc");
    if (fd != SG_CELL_HOST_PROC)
        close(fd);
}

/* By a process of its own, which takes pid 1's ids: they own the root. The keeper cannot: it would
   never have the executor's id again, by which its boxes may enter their cgroups. pivot_root takes
   the keeper along (pivot_root(2)). */
static void build_root(const struct sg_plan *p)
{
    int status;
    pid_t pid = fork();
    if (pid < 0)
        sg_box_fail(SG_STEP_FORK, errno, "fork in a cell");
    if (pid == 0) {
        sg_box_take_ids(p);
        sg_box_mounts_cell(p);
        _exit(0);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            _exit(1);
    if (status != 0)
        _exit(1); /* it has reported */
}

static uint64_t namespace_flags(const struct sg_plan *p)
{
    uint64_t flags = 0;
    flags |= SG_LAYER_OFF(&p->lab, MOUNT_NS) ? 0 : CLONE_NEWNS;
    flags |= SG_LAYER_OFF(&p->lab, PID_NS) ? 0 : CLONE_NEWPID;
    flags |= SG_LAYER_OFF(&p->lab, IPC_NS) ? 0 : CLONE_NEWIPC;
    return flags;
}

static void __attribute__((noreturn)) become_init(const struct sg_plan *p, int *fds, size_t nfds)
{
    int flags = SG_LAB_OFF(&p->lab, CLOSE_FDS) ? 0 : O_CLOEXEC;
    if (dup3(fds[SG_CELL_FD_CONTROL], SG_BOX_FD_CONTROL, flags) < 0)
        _exit(1); /* there is nobody to tell */
    close(fds[SG_CELL_FD_CONTROL]);
    prctl(PR_SET_NAME, SG_NAME_BOX);
    sg_box_init(p, fds, nfds);
}

/* The executor hears of pid 1 on the socket that it shares with it. */
static void make_box(const struct sg_plan *p, int *fds, size_t nfds)
{
    struct clone_args args = {.flags = namespace_flags(p) | CLONE_PARENT};
    sg_box_step(&p->lab, SG_STEP_CLONE);
    if (p->cgroup_v2) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)fds[SG_CELL_FD_CGROUP];
    }
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid < 0)
        sg_box_fail(SG_STEP_CLONE, errno, "clone3 of pid 1");
    if (pid == 0)
        become_init(p, fds, nfds);
    const struct sg_box_event e = {.kind = SG_BOX_PID, .pid = pid};
    sg_socket_send(fds[SG_CELL_FD_CONTROL], &e, sizeof e, NULL,
                   0); /* an executor that went: below */
    for (size_t i = 0; i < nfds; i++)
        close(fds[i]);
}

void sg_box_cell(const struct sg_plan *p, int go)
{
    wait_for_launcher(go);
    prctl(PR_SET_NAME, SG_NAME_CELL);
    sg_box_die_with_executor(p);
    take_hostname(p);
    keep_host_proc(p);
    build_root(p);
    for (;;) {
        int fds[SG_FDS_MAX];
        size_t nfds = 0;
        char kind;
        ssize_t n = sg_socket_recv(SG_BOX_FD_CONTROL, &kind, 1, fds, &nfds, 0);
        if (n == 0)
            _exit(0); /* the executor ends, or has no use for the cell any more */
        if (n != 1 || kind != SG_LAUNCH_BOX || nfds != SG_CELL_FD_CGROUP + p->cgroup_fds)
            _exit(2);
        make_box(p, fds, nfds);
    }
}
