/* Pid 1 at the program's one execve: look, report, let it pass, close the door. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/sandbox/attest.h"

#define SETUP_WAIT_MS   10000
#define PROC_TEXT_MAX   65536
#define NOTIF_BYTES_MAX 512 /* the kernel's structures may be longer than our header's */

static void attest_namespaces(const struct sg_plan *p, int proc, struct sg_isolation *iso)
{
    for (int i = 0; i < SG_PLAN_NS_COUNT; i++) {
        char path[32];
        struct stat st;
        snprintf(path, sizeof path, "ns/%s", sg_plan_ns[i].name);
        if (fstatat(proc, path, &st, 0) < 0)
            sg_box_fail(SG_STEP_ATTEST, errno, "reading %s", path);
        if (st.st_ino != p->host_ns[i])
            iso->layers |= SG_LAYER_BIT(sg_plan_ns[i].layer);
    }
}

static void attest_rlimits(const struct sg_plan *p, pid_t program, struct sg_isolation *iso)
{
    for (uint32_t i = 0; i < p->nrlimits; i++) {
        struct rlimit l;
        if (prlimit(program, p->rlimits[i].resource, NULL, &l) < 0)
            sg_box_fail(SG_STEP_ATTEST, errno, "reading limit %d", p->rlimits[i].resource);
        if (l.rlim_max > p->rlimits[i].value || l.rlim_cur > p->rlimits[i].value)
            return;
    }
    iso->layers |= SG_LAYER_BIT(SG_LAYER_RLIMITS);
}

static void attest_file(int proc, const char *name,
                        int (*parse)(struct sg_isolation *, const char *), struct sg_isolation *iso)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    int r = sg_file_read(proc, name, &text, PROC_TEXT_MAX);
    if (r < 0 || (r = parse(iso, text.data ? text.data : "")) < 0)
        sg_box_fail(SG_STEP_ATTEST, -r, "reading /proc/PID/%s", name);
}

/* With the profile off or the listener off (lab build) fewer layers are expected. */
static uint32_t expected_layers(const struct sg_plan *p)
{
    uint32_t executors = SG_LAYER_BIT(SG_LAYER_CGROUP_MEMORY) | SG_LAYER_BIT(SG_LAYER_CGROUP_PIDS) |
                         SG_LAYER_BIT(SG_LAYER_CGROUP_CPU);
    uint32_t expected = p->required & ~executors;
    if (SG_LAYER_OFF(&p->lab, ONE_EXEC))
        expected &= ~SG_LAYER_BIT(SG_LAYER_SECCOMP);
    if (SG_LAYER_OFF(&p->lab, SECCOMP))
        expected &= ~SG_LAYER_BIT(SG_LAYER_ONE_EXEC);
    if (SG_LAB_OFF(&p->lab, IDS) || SG_LAYER_OFF(&p->lab, USER_NS))
        expected &= ~SG_LAYER_BIT(SG_LAYER_PRIVATE_UID);
    if (SG_LAB_OFF(&p->lab, PROC_MASK) || SG_LAYER_OFF(&p->lab, PID_NS))
        expected &= ~SG_LAYER_BIT(SG_LAYER_PROC);
    if (p->lab.off >> SG_LAYER_COUNT || SG_LAYER_OFF(&p->lab, PROC))
        expected &= ~SG_LAYER_BIT(SG_LAYER_ROOT_RO); /* other mounts than the plain plan's */
    return expected;
}

static void attest(const struct sg_plan *p, pid_t program, int proc, int abi, bool listener,
                   struct sg_isolation *iso)
{
    sg_box_step(p, SG_STEP_ATTEST);
    attest_namespaces(p, proc, iso);
    attest_rlimits(p, program, iso);
    attest_file(proc, "status", sg_attest_status, iso);
    if (iso->uid_inside != p->program_uid)
        sg_box_fail(SG_STEP_ATTEST, 0, "the program has uid %u instead of %u", iso->uid_inside,
                    p->program_uid);
    attest_file(proc, "uid_map", sg_attest_uid_map, iso);
    attest_file(proc, "mountinfo", sg_attest_mounts, iso);
    iso->landlock_abi = abi;
    if (abi > 0)
        iso->layers |= SG_LAYER_BIT(SG_LAYER_LANDLOCK);
    if (listener && iso->seccomp_filters >= 2)
        iso->layers |= SG_LAYER_BIT(SG_LAYER_ONE_EXEC);
    uint32_t absent = expected_layers(p) & ~iso->layers;
    for (int i = 0; i < SG_LAYER_COUNT; i++)
        if (absent & SG_LAYER_BIT(i))
            sg_box_fail(SG_STEP_ATTEST, 0, "layer %s is not in force", sg_layer_name(i));
}

struct notification {
    _Alignas(8) unsigned char req[NOTIF_BYTES_MAX], resp[NOTIF_BYTES_MAX];
};

/* The filter is loaded and the process stands in its execve, or it has failed and said so. */
static void receive_exec(pid_t program, int listener, struct notification *n)
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
    if (req->pid != (uint32_t)program || req->data.nr != SYS_execve)
        sg_box_fail(SG_STEP_EXEC_CONTINUE, 0,
                    "call %d of process %u instead of the program's execve", req->data.nr,
                    req->pid);
}

/* CONTINUE is safe here although the arguments lie in the process's memory (seccomp_unotify(2)
   warns of that): until this call has been done, that memory holds and runs only our own code. */
static void continue_exec(const struct sg_plan *p, int listener, struct notification *n)
{
    struct seccomp_notif_resp *resp = (void *)n->resp;
    sg_box_step(p, SG_STEP_EXEC_CONTINUE);
    resp->id = ((struct seccomp_notif *)(void *)n->req)->id;
    resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, resp) < 0)
        sg_box_fail(SG_STEP_EXEC_CONTINUE, errno, "continuing the execve");
}

void sg_box_start(const struct sg_plan *p, pid_t program, int channel)
{
    struct sg_box_handover note;
    struct sg_box_event event = {.kind = SG_BOX_STARTED};
    struct notification notification;
    int fds[SG_FDS_MAX];
    size_t nfds = 0;
    if (sg_socket_recv(channel, &note, sizeof note, fds, &nfds, 0) != sizeof note || nfds < 1)
        _exit(1); /* end of file: the program's process failed and has reported */
    int proc = fds[0], listener = nfds > 1 ? fds[1] : -1;
    if (listener >= 0)
        receive_exec(program, listener, &notification);
    attest(p, program, proc, note.landlock_abi, listener >= 0, &event.isolation);
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
