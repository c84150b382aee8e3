/* Hosts that are made of a few files below a directory, and of what their kernel says: what the
   doctor finds there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/model/outcome.h"
#include "fcgi/doctor/internal.h"
#include "tests/unit/fcgi/doctor/world.h"

/* ---- a kernel that says what it is told to ---- */

static int answer;
static long lacking;

static int say(void)
{
    return answer;
}

static int say_call(long number)
{
    return number == lacking ? -ENOSYS : 0;
}

static const struct sg_probes fake = {say, say, say, say, say_call};

/* Layers that the configuration lets be missing. */
#define MAY(l) SG_LAYER_BIT(SG_LAYER_##l)

#define V1 "30 20 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
#define V2 "31 20 0:31 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"

/* With it a file that is not there is a switch that this kernel has not. */
#define KERNEL "proc/sys/kernel/osrelease", "6.1.0\n"

static const struct row {
    void (*check)(struct sg_doctor *d);
    const char *files[6]; /* path, text, path, text, ... */
    int answer;
    uint32_t may; /* native.allow_missing, where there is a configuration: > 0 */
    enum sg_health health;
    const char *text, *fix; /* what is in them */
} rows[] = {
    {sg_check_kernel_version,
     {"proc/sys/kernel/osrelease", "6.1.0-13-amd64\n"},
     0,
     0,
     SG_HEALTH_OK,
     "Linux 6.1.0-13-amd64",
     NULL},
    {sg_check_kernel_version,
     {"proc/sys/kernel/osrelease", "5.12.0\n"},
     0,
     0,
     SG_HEALTH_OK,
     "5.12",
     NULL},
    {sg_check_kernel_version,
     {"proc/sys/kernel/osrelease", "5.4.0-1\n"},
     0,
     0,
     SG_HEALTH_ERROR,
     "too old",
     "newer kernel"},
    {sg_check_kernel_version, {NULL}, 0, 0, SG_HEALTH_UNKNOWN, "cannot be read", NULL},
    {sg_check_kernel_namespaces,
     {"proc/self/ns/user", "", "proc/self/ns/mnt", "", "proc/self/ns/pid", ""},
     0,
     0,
     SG_HEALTH_ERROR,
     "net, ipc, uts, cgroup",
     "CONFIG_USER_NS"},
    {sg_check_kernel_calls, {NULL}, 0, 0, SG_HEALTH_ERROR, "filtered: openat2", "5.12"},
    {sg_check_kernel_notification, {NULL}, 0, 0, SG_HEALTH_OK, "there", NULL},
    {sg_check_kernel_notification,
     {NULL},
     -EOPNOTSUPP,
     0,
     SG_HEALTH_ERROR,
     "no user notification",
     "CONFIG_SECCOMP_FILTER"},
    {sg_check_kernel_landlock, {NULL}, 6, 0, SG_HEALTH_OK, "version 6", NULL},
    {sg_check_kernel_landlock,
     {"sys/kernel/security/lsm", "capability,yama"},
     -EOPNOTSUPP,
     MAY(LANDLOCK),
     SG_HEALTH_WARNING,
     "not turned on at boot",
     "lsm=landlock,capability,yama"},
    {sg_check_kernel_landlock,
     {NULL},
     -EOPNOTSUPP,
     MAY(LANDLOCK),
     SG_HEALTH_WARNING,
     "not turned on at boot",
     "lsm=landlock,..."},
    {sg_check_kernel_landlock,
     {NULL},
     -ENOSYS,
     MAY(PROC),
     SG_HEALTH_ERROR,
     "without it): runs are refused",
     "built with CONFIG_SECURITY_LANDLOCK"},
    {sg_check_kernel_landlock,
     {NULL},
     -EPERM,
     MAY(PROC),
     SG_HEALTH_ERROR,
     "(Operation not permitted)",
     "in a container, allow landlock_create_ruleset(2)"},
    {sg_check_kernel_proc,
     {NULL},
     -EPERM,
     MAY(LANDLOCK),
     SG_HEALTH_ERROR,
     "Operation not permitted",
     "systempaths"},
    {sg_check_kernel_proc, {NULL}, -EPERM, MAY(PROC), SG_HEALTH_WARNING, "cannot have", NULL},
    {sg_check_userns_limits,
     {"proc/sys/user/max_net_namespaces", "0\n", KERNEL},
     0,
     0,
     SG_HEALTH_ERROR,
     "user.max_net_namespaces is 0",
     "sysctl -w user.max_net_namespaces="},
    {sg_check_userns_limits,
     {"proc/sys/user/max_user_namespaces", "10\n", KERNEL},
     0,
     0,
     SG_HEALTH_WARNING,
     "is 10; boxes want",
     NULL},
    {sg_check_userns_limits,
     {"proc/sys/user/max_user_namespaces", "96365\n", KERNEL},
     0,
     0,
     SG_HEALTH_OK,
     "enough",
     NULL},
    {sg_check_userns_sysctl,
     {"proc/sys/kernel/unprivileged_userns_clone", "0\n"},
     0,
     0,
     SG_HEALTH_ERROR,
     "is 0",
     "sysctl -w kernel.unprivileged_userns_clone=1"},
    {sg_check_userns_sysctl,
     {"proc/sys/kernel/unprivileged_userns_clone", "1\n"},
     0,
     0,
     SG_HEALTH_OK,
     "on",
     NULL},
    {sg_check_userns_sysctl, {KERNEL}, 0, 0, SG_HEALTH_OK, "has no", NULL},
    {sg_check_userns_sysctl,
     {"proc/sys/kernel/unprivileged_userns_clone", "on\n"},
     0,
     0,
     SG_HEALTH_UNKNOWN,
     "Invalid argument",
     NULL},
    {sg_check_userns_apparmor, {KERNEL}, 0, 0, SG_HEALTH_OK, "does not restrict", NULL},
    {sg_check_userns_apparmor,
     {"proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
      "sys/kernel/security/apparmor/profiles", "sandgate-box (enforce)\n"},
     0,
     0,
     SG_HEALTH_ERROR,
     "is not loaded",
     "/sandgate/apparmor/sandgate-native /etc/apparmor.d/ && apparmor_parser -r"},
    {sg_check_userns_apparmor,
     {"proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
      "sys/kernel/security/apparmor/profiles", "x (enforce)\nsandgate-native (unconfined)\n"},
     0,
     0,
     SG_HEALTH_OK,
     "is loaded",
     NULL},
    {sg_check_userns_apparmor,
     {"proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n"},
     0,
     0,
     SG_HEALTH_UNKNOWN,
     "list of profiles cannot be read",
     NULL},
    {sg_check_userns_try,
     {NULL},
     -EACCES,
     0,
     SG_HEALTH_ERROR,
     "Permission denied",
     "userns.sysctl"},
    {sg_check_userns_try,
     {"proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n"},
     -EACCES,
     0,
     SG_HEALTH_UNKNOWN,
     "restricts this program",
     NULL},
    {sg_check_host_cgroups,
     {"proc/self/mountinfo", V2, "sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n"},
     0,
     0,
     SG_HEALTH_OK,
     "v2 at /sys/fs/cgroup",
     NULL},
    {sg_check_host_cgroups, {"proc/self/mountinfo", V1 V2}, 0, 0, SG_HEALTH_OK, "v1", NULL},
    {sg_check_host_cgroups,
     {"proc/self/mountinfo", "1 1 0:1 / / rw - ext4 x rw\n"},
     0,
     0,
     SG_HEALTH_ERROR,
     "no control groups",
     "mount -t cgroup2"},
    {sg_check_host_controllers,
     {"proc/self/mountinfo", V2, "sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n"},
     0,
     0,
     SG_HEALTH_OK,
     "there",
     NULL},
    {sg_check_host_controllers,
     {"proc/self/mountinfo", V2, "sys/fs/cgroup/cgroup.controllers", "cpuset memory pids\n"},
     0,
     0,
     SG_HEALTH_ERROR,
     "controller cpu is not",
     "CONFIG_CGROUP_SCHED; in a container"},
    {sg_check_host_controllers,
     {"proc/self/mountinfo", V2, "sys/fs/cgroup/cgroup.controllers", "cpu memory\n", "proc/cmdline",
      "quiet cgroup_disable=hugetlb,pids ro\n"},
     0,
     0,
     SG_HEALTH_ERROR,
     "controller pids is not",
     "boot without cgroup_disable=pids"},
    {sg_check_host_controllers,
     {"proc/self/mountinfo", V1, "proc/cgroups",
      "#name\thierarchy\tnum\tenabled\ncpu\t1\t1\t1\nmemory\t2\t1\t0\npids\t3\t1\t1\n",
      "proc/cmdline", "coherent_pool=1M cgroup_disable=memory\n"},
     0,
     0,
     SG_HEALTH_ERROR,
     "controller memory is not",
     "with cgroup_enable=memory behind it"},
    {sg_check_host_controllers,
     {"proc/self/mountinfo", V1, "proc/cgroups",
      "#name\thierarchy\tnum\tenabled\ncpu\t1\t1\t1\nmemory\t2\t1\t0\npids\t3\t1\t1\n"},
     0,
     MAY(CGROUP_MEMORY),
     SG_HEALTH_WARNING,
     "controller memory is not",
     "CONFIG_MEMCG, or with cgroup_enable=memory where it is off by default"},
    {sg_check_host_swap,
     {"proc/swaps", "Filename Type Size\n"},
     0,
     0,
     SG_HEALTH_OK,
     "no swap",
     NULL},
    {sg_check_host_swap,
     {"proc/swaps", "Filename\n/swapfile file 1\n"},
     0,
     0,
     SG_HEALTH_WARNING,
     "do not count it",
     "swapaccount=1"},
    {sg_check_host_swap,
     {"proc/swaps", "Filename\n/swapfile file 1\n", "sys/fs/cgroup/system.slice/memory.swap.max",
      "max\n"},
     0,
     0,
     SG_HEALTH_OK,
     "kept off it",
     NULL},
    {sg_check_host_swap, {KERNEL}, 0, 0, SG_HEALTH_OK, "without swap", NULL},
    {sg_check_host_core_pattern,
     {"proc/sys/kernel/core_pattern", "|/usr/lib/systemd/systemd-coredump %P\n",
      "proc/sys/fs/suid_dumpable", "0\n"},
     0,
     0,
     SG_HEALTH_OK,
     "leave no dump",
     NULL},
    {sg_check_host_core_pattern,
     {"proc/sys/kernel/core_pattern", "|/usr/share/apport %p\n", "proc/sys/fs/suid_dumpable",
      "2\n"},
     0,
     0,
     SG_HEALTH_WARNING,
     "suid_dumpable is 2",
     "sysctl -w fs.suid_dumpable=0"},
    {sg_check_host_core_pattern,
     {"proc/sys/kernel/core_pattern", "@/run/dump.sock\n"},
     0,
     0,
     SG_HEALTH_WARNING,
     "socket",
     "core_pattern=core"},
    {sg_check_host_lsm,
     {"sys/kernel/security/lsm", "landlock,selinux\n", "sys/fs/selinux/enforce", "1"},
     0,
     0,
     SG_HEALTH_WARNING,
     "SELinux is enforcing",
     "ausearch"},
    {sg_check_host_lsm,
     {"sys/kernel/security/lsm", "landlock,apparmor\n"},
     0,
     0,
     SG_HEALTH_OK,
     "apparmor",
     NULL},
    {sg_check_host_sysctl,
     {"proc/sys/kernel/kptr_restrict", "1\n", KERNEL},
     0,
     0,
     SG_HEALTH_OK,
     "as advised",
     NULL},
    {sg_check_host_sysctl,
     {"proc/sys/kernel/perf_event_paranoid", "-1\n", KERNEL},
     0,
     0,
     SG_HEALTH_WARNING,
     "perf_event_paranoid is -1; with 2",
     "sysctl -w kernel.perf_event_paranoid=2"},
};

static void check_row(const struct row *row, struct sg_doctor *d)
{
    answer = row->answer;
    lacking = SYS_openat2;
    d->probes = &fake;
    d->has_config = row->may != 0;
    d->cfg.native.allow_missing = row->may;
    d->cfg.native.slots = 4;
    row->check(d);
    assert_int_equal(d->n, 1);
    print_message("%s\n", d->v[0].text);
    assert_string_equal(sg_health_name(d->v[0].health), sg_health_name(row->health));
    assert_non_null(strstr(d->v[0].text, row->text));
    if (row->fix)
        assert_non_null(strstr(d->v[0].fix, row->fix));
    assert_int_equal(d->v[0].fix != NULL, row->health >= SG_HEALTH_WARNING || row->fix);
}

static void test_worlds(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_doctor d;
        world_make(&d);
        for (size_t k = 0; k < 6 && rows[i].files[k]; k += 2)
            world_put(rows[i].files[k], rows[i].files[k + 1]);
        check_row(&rows[i], &d);
        world_remove(&d);
    }
}

/* What is there and may not be read: of each check, the file in its way. */
static const struct {
    void (*check)(struct sg_doctor *d);
    const char *files[6]; /* as above; the last one is closed */
} closed[] = {
    {sg_check_kernel_version, {KERNEL}},
    {sg_check_userns_limits, {KERNEL, "proc/sys/user/max_user_namespaces", "96365\n"}},
    {sg_check_userns_sysctl, {KERNEL, "proc/sys/kernel/unprivileged_userns_clone", "1\n"}},
    {sg_check_userns_apparmor,
     {KERNEL, "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n"}},
    {sg_check_userns_apparmor,
     {"proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
      "sys/kernel/security/apparmor/profiles", "sandgate-native (unconfined)\n"}},
    {sg_check_host_cgroups, {"proc/self/mountinfo", V2, "sys/fs/cgroup/cgroup.controllers", ""}},
    {sg_check_host_controllers,
     {"proc/self/mountinfo", V2, "sys/fs/cgroup/cgroup.controllers", ""}},
    {sg_check_host_swap, {KERNEL, "proc/swaps", "Filename\n"}},
    {sg_check_host_core_pattern, {"proc/sys/kernel/core_pattern", "core\n"}},
    {sg_check_host_core_pattern,
     {"proc/sys/kernel/core_pattern", "|/x\n", "proc/sys/fs/suid_dumpable", "0\n"}},
    {sg_check_host_lsm,
     {"sys/kernel/security/lsm", "landlock,selinux\n", "sys/fs/selinux/enforce", "0"}},
    {sg_check_host_sysctl, {KERNEL, "proc/sys/net/core/bpf_jit_harden", "2\n"}},
};

/* As an ordinary user: unknown, and who is to ask, and never "ok". */
static void test_what_is_closed_is_unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(closed); i++) {
        struct sg_doctor d;
        char path[400];
        size_t k = 0;
        world_make(&d);
        for (; k < 6 && closed[i].files[k]; k += 2)
            world_put(closed[i].files[k], closed[i].files[k + 1]);
        snprintf(path, sizeof path, "%s/%s", world_top, closed[i].files[k - 2]);
        assert_int_equal(chmod(path, 0), 0);
        uid_t before = geteuid();
        if (before == 0)
            assert_int_equal(seteuid(65534), 0);
        closed[i].check(&d);
        assert_int_equal(seteuid(before), 0);
        print_message("%zu: %s\n", i, d.n ? d.v[0].text : "nothing");
        assert_int_equal(d.n, 1);
        assert_int_equal(d.v[0].health, SG_HEALTH_UNKNOWN);
        assert_non_null(strstr(d.v[0].text, "cannot be read: Permission denied"));
        assert_string_equal(d.v[0].fix, ASK_AS_ROOT);
        world_remove(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worlds),
        cmocka_unit_test(test_what_is_closed_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
