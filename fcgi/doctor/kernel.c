/* kernel.c: what the kernel must have, and whether it lets us make namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/model/outcome.h"
#include "fcgi/doctor/internal.h"

/* mount_setattr(2), with which a tree of mounts has its attributes before it can be seen. */
#define KERNEL_MAJOR 5
#define KERNEL_MINOR 12

#ifndef SG_DATADIR
#define SG_DATADIR "/usr/local/share/sandgate"
#endif

/* Warnings where the configuration lets the layer be missing. */
static enum sg_health without(const struct sg_doctor *d, enum sg_layer layer)
{
    return d->has_config && (d->cfg.native.allow_missing & SG_LAYER_BIT(layer)) ? SG_HEALTH_WARNING
                                                                                : SG_HEALTH_ERROR;
}

void sg_check_kernel_version(struct sg_doctor *d)
{
    char release[128];
    int major, minor;
    int rc = sg_doctor_read_line(d, "proc/sys/kernel/osrelease", release, sizeof release);
    if (rc == 0 && sscanf(release, "%d.%d", &major, &minor) != 2)
        rc = -EINVAL;
    if (rc < 0) {
        sg_doctor_tell_unseen(d, rc, "/proc/sys/kernel/osrelease");
        return;
    }
    bool enough = major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR);
    sg_doctor_tell(d, enough ? SG_HEALTH_OK : SG_HEALTH_ERROR, "Linux %s%s", release,
                   enough ? "" : " is too old: 5.12 is the oldest that has what boxes need");
    if (!enough)
        sg_doctor_fix(d, "install a newer kernel and boot it");
}

void sg_check_kernel_namespaces(struct sg_doctor *d)
{
    static const char *const names[] = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"};
    char lacking[128] = "";
    struct stat st;
    int rc = sg_doctor_stat(d, "proc/self/ns", &st);
    for (size_t i = 0; rc == 0 && i < SG_ARRAY_LEN(names); i++) {
        char path[64];
        snprintf(path, sizeof path, "proc/self/ns/%s", names[i]);
        size_t n = strlen(lacking);
        if (fstatat(d->root, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
            continue;
        if (errno == ENOENT)
            snprintf(lacking + n, sizeof lacking - n, "%s%s", n ? ", " : "", names[i]);
        else
            rc = -errno;
    }
    if (rc < 0) {
        sg_doctor_tell_unseen(d, rc, "/proc/self/ns");
        return;
    }
    if (!lacking[0]) {
        sg_doctor_tell(d, SG_HEALTH_OK, "the kernel has all seven kinds of namespaces");
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_ERROR, "the kernel has no namespaces of this kind: %s", lacking);
    sg_doctor_fix(d, "boot a kernel built with CONFIG_NAMESPACES, CONFIG_USER_NS and their like");
}

void sg_check_kernel_calls(struct sg_doctor *d)
{
    /* move_mount(2), as old as open_tree(2), refuses an ordinary user before it looks at anything.
     */
    static const struct {
        const char *name;
        long number;
    } calls[] = {{"clone3", SYS_clone3},
                 {"pidfd_open", SYS_pidfd_open},
                 {"pidfd_send_signal", SYS_pidfd_send_signal},
                 {"close_range", SYS_close_range},
                 {"openat2", SYS_openat2},
                 {"open_tree", SYS_open_tree},
                 {"mount_setattr", SYS_mount_setattr},
                 {"memfd_create", SYS_memfd_create}};
    char lacking[256] = "";
    for (size_t i = 0; i < SG_ARRAY_LEN(calls); i++) {
        size_t n = strlen(lacking);
        if (d->probes->call(calls[i].number) < 0)
            snprintf(lacking + n, sizeof lacking - n, "%s%s", n ? ", " : "", calls[i].name);
    }
    if (!lacking[0]) {
        sg_doctor_tell(d, SG_HEALTH_OK, "clone3, pidfds, close_range, openat2, mount API: there");
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_ERROR, "system calls that are not there, or are filtered: %s",
                   lacking);
    sg_doctor_fix(d, "boot Linux 5.12 or newer; in a container, widen its seccomp profile");
}

void sg_check_kernel_notification(struct sg_doctor *d)
{
    int rc = d->probes->notification();
    if (rc >= 0) {
        sg_doctor_tell(d, SG_HEALTH_OK, "seccomp filters with user notification: there");
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_ERROR, "seccomp has no user notification: %s", strerror(-rc));
    sg_doctor_fix(d, "boot a kernel built with CONFIG_SECCOMP_FILTER; in a container, allow "
                     "seccomp(2)");
}

/* landlock_create_ruleset(2): what is not built in cannot be had by a word to the boot loader. */
static void fix_landlock(struct sg_doctor *d, int rc)
{
    char lsm[256];
    if (rc == -ENOSYS) {
        sg_doctor_fix(d, "boot a kernel built with CONFIG_SECURITY_LANDLOCK (Linux 5.13 or newer); "
                         "in a container, widen its seccomp profile");
        return;
    }
    if (rc != -EOPNOTSUPP) {
        sg_doctor_fix(d, "in a container, allow landlock_create_ruleset(2) and its like");
        return;
    }
    if (sg_doctor_read_line(d, "sys/kernel/security/lsm", lsm, sizeof lsm) < 0)
        sg_str_copy(lsm, sizeof lsm, "...");
    sg_doctor_fix(d, "boot with lsm=landlock,%s", lsm);
}

void sg_check_kernel_landlock(struct sg_doctor *d)
{
    int abi = d->probes->landlock();
    if (abi > 0) {
        sg_doctor_tell(d, SG_HEALTH_OK, "Landlock, version %d", abi);
        return;
    }
    sg_doctor_tell(d, without(d, SG_LAYER_LANDLOCK), "there is no Landlock (%s): %s",
                   abi == -EOPNOTSUPP ? "it was not turned on at boot"
                   : abi == -ENOSYS   ? "the kernel is built without it"
                                      : strerror(-abi),
                   without(d, SG_LAYER_LANDLOCK) == SG_HEALTH_ERROR
                       ? "runs are refused"
                       : "boxes are one layer thinner (native.allow_missing)");
    fix_landlock(d, abi);
}

/* Then it restricts this program as well, whatever leave the executor has. 1, 0, or -errno: it
   cannot be seen. */
static int apparmor_restricts(const struct sg_doctor *d)
{
    int64_t on = 0;
    int rc = sg_doctor_switch(d, "proc/sys/kernel/apparmor_restrict_unprivileged_userns", &on);
    return rc < 0 ? rc : rc > 0 && on != 0;
}

static bool tell_restricted(struct sg_doctor *d)
{
    if (apparmor_restricts(d) <= 0)
        return false;
    sg_doctor_tell(d, SG_HEALTH_UNKNOWN,
                   "AppArmor restricts this program, too: service.layers "
                   "tells what the executor may do");
    return true;
}

void sg_check_kernel_proc(struct sg_doctor *d)
{
    int rc = d->probes->mount_proc();
    if (rc < 0 && tell_restricted(d))
        return;
    if (rc >= 0) {
        sg_doctor_tell(d, SG_HEALTH_OK, "boxes can have a /proc of their own");
        return;
    }
    sg_doctor_tell(d, without(d, SG_LAYER_PROC), "boxes cannot have a /proc of their own: %s",
                   strerror(-rc));
    sg_doctor_fix(d, "in a container, uncover its /proc (docker run --security-opt "
                     "systempaths=unconfined); else see userns.try");
}

/* One kind of namespace that may not be made at all, or too seldom. */
static bool is_short(struct sg_doctor *d, const char *kind, int64_t want, int *unseen, int *seen)
{
    char path[80];
    int64_t most;
    snprintf(path, sizeof path, "proc/sys/user/max_%s_namespaces", kind);
    int rc = sg_doctor_switch(d, path, &most);
    if (rc < 0)
        *unseen = rc;
    *seen += rc > 0;
    if (rc <= 0 || most >= want)
        return false;
    sg_doctor_tell(d, most == 0 ? SG_HEALTH_ERROR : SG_HEALTH_WARNING,
                   "user.max_%s_namespaces is %" PRId64 "; boxes want %" PRId64, kind, most, want);
    sg_doctor_fix(d, "sysctl -w user.max_%s_namespaces=%" PRId64 "; and in /etc/sysctl.d", kind,
                  want);
    return true;
}

/* Each box has one, each that waits, each template; twice that while some come and some go. */
void sg_check_userns_limits(struct sg_doctor *d)
{
    static const char *const kinds[] = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"};
    int64_t slots = d->has_config ? sg_config_slots(&d->cfg) : 1;
    int64_t want = 64 + 8 * slots;
    bool few = false;
    int unseen = 0, seen = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(kinds); i++)
        few = is_short(d, kinds[i], want, &unseen, &seen) || few;
    if (unseen || !seen)
        sg_doctor_tell_unseen(d, unseen ? unseen : -ENOENT, "/proc/sys/user/max_*_namespaces");
    else if (!few)
        sg_doctor_tell(d, SG_HEALTH_OK, "enough namespaces may be made (user.max_*_namespaces)");
}

/* A switch of Debian's kernels, and of what is made of them. The executor's working child is no
   root of the host's, so the switch holds for it too, whoever has started it. */
void sg_check_userns_sysctl(struct sg_doctor *d)
{
    int64_t on;
    int rc = sg_doctor_switch(d, "proc/sys/kernel/unprivileged_userns_clone", &on);
    if (rc < 0) {
        sg_doctor_tell_unseen(d, rc, "/proc/sys/kernel/unprivileged_userns_clone");
        return;
    }
    if (rc == 0 || on) {
        sg_doctor_tell(d, SG_HEALTH_OK,
                       rc == 0 ? "this kernel has no unprivileged_userns_clone switch"
                               : "kernel.unprivileged_userns_clone is on");
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_ERROR, "kernel.unprivileged_userns_clone is 0: no box can be made");
    sg_doctor_fix(d, "sysctl -w kernel.unprivileged_userns_clone=1; and in /etc/sysctl.d");
}

void sg_check_userns_apparmor(struct sg_doctor *d)
{
    sg_auto(sg_buf) struct sg_buf profiles = {0};
    int rc = apparmor_restricts(d);
    if (rc < 0) {
        sg_doctor_tell_unseen(d, rc, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
        return;
    }
    if (rc == 0) {
        sg_doctor_tell(d, SG_HEALTH_OK, "AppArmor does not restrict user namespaces");
        return;
    }
    rc = sg_doctor_read(d, "sys/kernel/security/apparmor/profiles", &profiles);
    if (rc < 0) {
        sg_doctor_tell_unseen(d, rc,
                              "AppArmor restricts user namespaces "
                              "(kernel.apparmor_restrict_unprivileged_userns), and its list of "
                              "profiles");
        return;
    }
    if (strstr(profiles.data, "sandgate-native (")) {
        sg_doctor_tell(d, SG_HEALTH_OK,
                       "AppArmor restricts user namespaces, and the profile "
                       "sandgate-native is loaded");
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_ERROR,
                   "AppArmor restricts user namespaces "
                   "(kernel.apparmor_restrict_unprivileged_userns), and the profile "
                   "sandgate-native is not loaded");
    sg_doctor_fix(d, "cp " SG_DATADIR "/apparmor/sandgate-native /etc/apparmor.d/ && "
                     "apparmor_parser -r /etc/apparmor.d/sandgate-native");
}

void sg_check_userns_try(struct sg_doctor *d)
{
    int rc = d->probes->user_namespace();
    if (rc < 0 && tell_restricted(d))
        return;
    if (rc >= 0) {
        sg_doctor_tell(d, SG_HEALTH_OK, "user namespaces can be made, and used, one in another");
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_ERROR, "user namespaces cannot be made, or not be used: %s",
                   strerror(-rc));
    sg_doctor_fix(d, "see userns.limits, userns.sysctl, userns.apparmor; in a container, allow "
                     "unshare(2), clone3(2) and mount(2)");
}
