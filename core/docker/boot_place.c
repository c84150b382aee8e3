#include "core/docker/boot_place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/docker/boot.h"

static int map_id(const char *file, unsigned id)
{
    char text[48];
    snprintf(text, sizeof text, "%u %u 1", id, id);
    return sg_file_write(AT_FDCWD, file, text);
}

static bool map_ids(unsigned uid, unsigned gid)
{
    return sg_file_write(AT_FDCWD, "/proc/self/setgroups", "deny") == 0 &&
           map_id("/proc/self/uid_map", uid) == 0 && map_id("/proc/self/gid_map", gid) == 0;
}

/* The first bind hides the Engine's /work, the second covers the tmpfs with a directory of it. */
static bool join_places(void)
{
    mode_t mask = umask(0);
    bool done = mkdir(SG_BOOT_TMP "/tmp", 01777) == 0 && mkdir(SG_BOOT_TMP "/work", 0755) == 0;
    umask(mask);
    if (!done)
        return false;
    if (mount(SG_BOOT_TMP "/work", SG_BOX_WORKDIR, NULL, MS_BIND, NULL) == 0 &&
        mount(SG_BOOT_TMP "/tmp", SG_BOOT_TMP, NULL, MS_BIND, NULL) == 0)
        return true;
    rmdir(SG_BOOT_TMP "/tmp");
    rmdir(SG_BOOT_TMP "/work");
    return false;
}

static bool drop_capabilities(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    int cap = 0;
    for (int in; (in = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) == 0 ||
                 (in == 1 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0);)
        cap++;
    return errno == EINVAL && cap > 0 && syscall(SYS_capset, &head, none) == 0;
}

/* What the Engine's filter lets through for this file alone. */
static bool close_door(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = {SG_ARRAY_LEN(code), code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0;
}

/* The row of the id; where nobody has given the container a map, one row has all ids. */
bool sg_boot_is_remapped(const char *map, unsigned uid, uint32_t *ret_outside)
{
    unsigned inside, outside, count;
    *ret_outside = uid;
    for (int used; sscanf(map, "%u %u %u%n", &inside, &outside, &count, &used) == 3; map += used) {
        if (uid < inside || uid - inside >= count)
            continue;
        *ret_outside = outside + (uid - inside);
        return inside != 0 || outside != 0 || count != UINT32_MAX;
    }
    return false;
}

bool sg_boot_place(bool *ret_own_user_ns)
{
    unsigned uid = getuid(), gid = getgid(); /* in the new one nobody's, until it has maps */
    *ret_own_user_ns = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    if (*ret_own_user_ns && map_ids(uid, gid))
        (void)join_places();
    return drop_capabilities() && close_door();
}
