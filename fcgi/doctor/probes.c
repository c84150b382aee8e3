/* probes.c: questions to the kernel that only a try answers. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "fcgi/doctor/doctor.h"

/* Becomes root of a user namespace that was just made; user_namespaces(7). */
static int map_self(uid_t uid, gid_t gid)
{
    char line[32];
    sg_file_write(AT_FDCWD, "/proc/self/setgroups", "deny");
    snprintf(line, sizeof line, "0 %u 1", uid);
    int rc = sg_file_write(AT_FDCWD, "/proc/self/uid_map", line);
    snprintf(line, sizeof line, "0 %u 1", gid);
    return rc < 0 ? rc : sg_file_write(AT_FDCWD, "/proc/self/gid_map", line);
}

/* AppArmor lets the namespace be made, but nothing be done in it: the mount tells. */
static int nest(uid_t uid, gid_t gid)
{
    int rc = map_self(uid, gid);
    if (rc < 0)
        return rc;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return -errno;
    return 0;
}

static int own_proc(uid_t uid, gid_t gid)
{
    (void)uid;
    (void)gid;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
              "hidepid=invisible,subset=pid") < 0)
        return -errno;
    return 0;
}

/* What it gives in a child with these namespaces. */
static int in_child(uint64_t flags, int (*step)(uid_t uid, gid_t gid))
{
    struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
    uid_t uid = geteuid();
    gid_t gid = getegid();
    int status;
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0)
        _exit(-step(uid, gid) & 0xff);
    if (pid < 0)
        return -errno;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

static int probe_user_namespace(void)
{
    return in_child(CLONE_NEWUSER | CLONE_NEWNS, nest);
}

static int probe_mount_proc(void)
{
    return in_child(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID, own_proc);
}

static int probe_landlock(void)
{
    int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? -errno : abi;
}

static int probe_notification(void)
{
    uint32_t action = SECCOMP_RET_USER_NOTIF;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0 ? -errno : 0;
}

/* -1 is no descriptor, no address, no size that any of them takes. */
static int probe_call(long number)
{
    long rc = syscall(number, -1, -1, -1, -1, -1, -1);
    return rc < 0 && (errno == ENOSYS || errno == EPERM) ? -errno : 0;
}

const struct sg_probes sg_probes_real = {.user_namespace = probe_user_namespace,
                                         .mount_proc = probe_mount_proc,
                                         .landlock = probe_landlock,
                                         .notification = probe_notification,
                                         .call = probe_call};
