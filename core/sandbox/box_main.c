/* sandgate-box: the launcher. See box.h for the theory of operation. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/sandbox/launcher.h"

static const struct sg_plan *map_plan(void)
{
    struct stat st;
    if (fstat(SG_BOX_FD_PLAN, &st) < 0 || st.st_size != (off_t)sizeof(struct sg_plan))
        _exit(2); /* not started by sandgate-native: there is nobody to tell */
    const struct sg_plan *p = mmap(NULL, sizeof *p, PROT_READ, MAP_PRIVATE, SG_BOX_FD_PLAN, 0);
    if (p == MAP_FAILED || p->magic != SG_PLAN_MAGIC || p->size != sizeof *p)
        _exit(2);
    return p;
}

/* Waits to be somebody's. Nothing else is open, so the kernel puts the descriptors where enum
   sg_box_fd wants them: each gets the lowest free number. Only a template has a cgroup here. */
static const struct sg_plan *receive_parcel(char *ret_kind)
{
    int fds[SG_FDS_MAX];
    size_t nfds = 0;
    prctl(PR_SET_NAME, SG_NAME_SPARE);
    ssize_t n = sg_socket_recv(SG_BOX_FD_CONTROL, ret_kind, 1, fds, &nfds, 0);
    if (n == 0)
        _exit(0); /* the executor ends, or needs fewer */
    for (size_t i = 0; i < nfds; i++)
        if (fds[i] != SG_BOX_FD_PLAN + (int)i)
            _exit(2);
    if (n < 0 || nfds < SG_BOX_FD_CGROUP - SG_BOX_FD_PLAN)
        _exit(2);
    prctl(PR_SET_NAME, SG_NAME_BOX);
    const struct sg_plan *p = map_plan();
    uint32_t cgroup_fds = *ret_kind == SG_LAUNCH_TEMPLATE ? p->cgroup_fds : 0;
    if (nfds != SG_BOX_FD_CGROUP - SG_BOX_FD_PLAN + cgroup_fds)
        _exit(2);
    return p;
}

static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int s = 1; s < _NSIG; s++)
        signal(s, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_others(void)
{
    if (syscall(SYS_close_range, SG_BOX_FD_CONTROL + 1, ~0u, 0) < 0)
        sg_box_fail(SG_STEP_CLOSE_FDS, errno, "close_range");
}

static void open_lab_hole(const struct sg_plan *p)
{
    if (SG_LAB_OFF(&p->lab, CLOSE_FDS))
        dup2(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), SG_BOX_FD_LAB_HOST);
}

static uint64_t namespace_flags(const struct sg_plan *p)
{
    uint64_t flags = 0;
    flags |= SG_LAYER_OFF(&p->lab, USER_NS) ? 0 : CLONE_NEWUSER;
    flags |= SG_LAYER_OFF(&p->lab, MOUNT_NS) ? 0 : CLONE_NEWNS;
    flags |= SG_LAYER_OFF(&p->lab, NET_NS) ? 0 : CLONE_NEWNET;
    flags |= SG_LAYER_OFF(&p->lab, UTS_NS) ? 0 : CLONE_NEWUTS;
    return flags;
}

static void write_map(pid_t pid, const char *name, const struct sg_id_map *map, uint32_t n)
{
    char path[64], text[64];
    int len = 0;
    for (uint32_t i = 0; i < n; i++)
        len += snprintf(text + len, sizeof text - (size_t)len, "%u %u 1\n", map[i].inside,
                        map[i].outside);
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int r = sg_file_write(AT_FDCWD, path, text);
    if (r < 0)
        sg_box_fail(SG_STEP_ID_MAP, -r, "writing %s", name);
}

static void map_ids(const struct sg_plan *p, pid_t pid)
{
    char path[64];
    sg_box_step(&p->lab, SG_STEP_ID_MAP);
    if (!p->nmap)
        return;
    /* With one id the kernel demands it (user_namespaces(7)); with two it takes setgroups from the
     * box. */
    snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
    int r = sg_file_write(AT_FDCWD, path, "deny");
    if (r < 0)
        sg_box_fail(SG_STEP_ID_MAP, -r, "writing setgroups");
    write_map(pid, "gid_map", p->gid_map, p->nmap);
    write_map(pid, "uid_map", p->uid_map, p->nmap);
}

/* When the host itself runs out of memory boxes go first, whatever the executor's unit has set for
   itself. Of no matter inside the box's own cgroup, where all have the same. Where it cannot be
   set, it stays. */
static void offer_to_oom_killer(void)
{
    sg_file_write(AT_FDCWD, "/proc/self/oom_score_adj", "1000");
}

int main(void)
{
    int go[2];
    char kind;
    reset_signals();
    offer_to_oom_killer();
    prctl(PR_SET_DUMPABLE, 0);
    close_others();
    const struct sg_plan *p = receive_parcel(&kind);
    if (kind == SG_LAUNCH_TEMPLATE)
        sg_box_template(p);
    sg_box_step(&p->lab, SG_STEP_CLOSE_FDS);
    open_lab_hole(p);
    sg_box_step(&p->lab, SG_STEP_CLONE);
    if (pipe2(go, O_CLOEXEC) < 0)
        sg_box_fail(SG_STEP_CLONE, errno, "pipe");
    /* CLONE_PARENT: the keeper becomes the executor's child, so that the executor reaps it and its
       death signal follows the executor, not this short-lived process. */
    struct clone_args args = {.flags = namespace_flags(p) | CLONE_PARENT};
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid < 0)
        sg_box_fail(SG_STEP_CLONE, errno, "clone3 of a cell");
    if (pid == 0) {
        close(go[1]);
        sg_box_cell(p, go[0]);
    }
    close(go[0]);
    sg_box_tell(&(struct sg_box_event){.kind = SG_BOX_PID, .pid = pid});
    map_ids(p, pid);
    if (write(go[1], "g", 1) != 1)
        return 1;
    return 0;
}
