/* Hosts that are made of a few files below a directory, and of what their kernel says: what the
   doctor finds there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

/* Of another root links are that root's, and nothing that is no file holds us up. */
static void test_another_root_is_not_left(void **state)
{
    (void)state;
    char path[200];
    sg_auto(sg_buf) struct sg_buf text = {0};
    struct sg_doctor d;
    world_make(&d);
    world_put("etc/inside", "inside");
    snprintf(path, sizeof path, "%s/link", world_top);
    assert_int_equal(symlink("/etc/inside", path), 0);
    assert_int_equal(sg_doctor_read(&d, "link", &text), 0);
    assert_string_equal(text.data, "inside");
    snprintf(path, sizeof path, "%s/out", world_top);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_int_equal(sg_doctor_read(&d, "out", &text), -ENOENT);
    assert_int_equal(sg_doctor_read(&d, "../../../etc/passwd", &text), -ENOENT);
    snprintf(path, sizeof path, "%s/pipe", world_top);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(sg_doctor_read(&d, "pipe", &text), 0);
    world_remove(&d);
}

/* An empty directory is no host that is well: whatever is asked, nothing of it is "ok". */
static void test_nothing_is_no_good_news(void **state)
{
    (void)state;
    struct sg_doctor d;
    world_make(&d);
    assert_int_equal(sg_doctor_examine(&d), 0);
    assert_true(d.n > 35);
    for (size_t i = 0; i < d.n; i++) {
        print_message("%s: %s\n", d.v[i].check, d.v[i].text);
        assert_true(d.v[i].health == SG_HEALTH_UNKNOWN || d.v[i].health == SG_HEALTH_SKIPPED);
    }
    world_remove(&d);
}

static void test_package_managers(void **state)
{
    (void)state;
    static const struct {
        const char *files[6], *fix;
    } managers[] = {
        {{"usr/bin/apt-get", ""}, "apt-get install uidmap"},
        {{"usr/bin/dnf", ""}, "dnf install shadow-utils"},
        {{"usr/bin/apt-get", "", "usr/bin/dnf", ""}, "apt-get install uidmap"},
        {{"usr/bin/apt-get", "", "usr/bin/dnf", "", "etc/redhat-release", ""},
         "dnf install shadow-utils"},
        {{NULL}, "install what Debian has as uidmap"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(managers); i++) {
        struct sg_doctor d;
        world_make(&d);
        for (size_t k = 0; k < 6 && managers[i].files[k]; k += 2)
            world_put(managers[i].files[k], managers[i].files[k + 1]);
        sg_doctor_tell(&d, SG_HEALTH_ERROR, "x");
        sg_doctor_fix_install(&d, "uidmap", "shadow-utils");
        assert_string_equal(d.v[0].fix, managers[i].fix);
        world_remove(&d);
    }
}

#define HELPERS "usr/bin/newuidmap", "", "usr/bin/newgidmap", ""

/* Of an executor that is this user, who is no root: what gives him ids, beyond those of others. */
static void test_ids_of_an_ordinary_user(void **state)
{
    (void)state;
    static const struct {
        const char *files[8]; /* %s: the user */
        enum sg_health health;
        const char *fix;
    } users[] = {
        {{"usr/bin/dnf", ""}, SG_HEALTH_ERROR, "dnf install shadow-utils"},
        {{HELPERS},
         SG_HEALTH_ERROR,
         "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s"},
        {{HELPERS, "etc/subuid", "alice:100000:65536\n", "etc/subgid", "bob:200000:65536\n"},
         SG_HEALTH_ERROR,
         "usermod --add-subuids 265536-331071 --add-subgids 265536-331071 %s"},
        {{HELPERS, "etc/subuid", "%s:100000:4\n", "etc/subgid", "%s:100000:4\n"},
         SG_HEALTH_WARNING,
         "sed -i '/^%s:/d' /etc/subuid /etc/subgid && usermod --add-subuids 100004-165539"},
        {{HELPERS, "etc/subuid", "%s:100000:8\n", "etc/subgid", "%s:100000:8\n"},
         SG_HEALTH_OK,
         NULL},
    };
    uid_t before = geteuid(), other = before ? before : 65534;
    const struct passwd *pw = getpwuid(other);
    if (!pw)
        skip(); /* of a user without a name there is other advice */
    for (size_t i = 0; i < SG_ARRAY_LEN(users); i++) {
        struct sg_doctor d;
        char text[300];
        world_make(&d);
        for (size_t k = 0; k < 8 && users[i].files[k]; k += 2) {
            snprintf(text, sizeof text, users[i].files[k + 1], pw->pw_name);
            world_put(users[i].files[k], text);
        }
        d.cfg.native.socket = (char *)(uintptr_t) "";
        d.cfg.native.slots = 4;
        assert_int_equal(seteuid(other), 0);
        sg_check_service_ids(&d);
        assert_int_equal(seteuid(before), 0);
        print_message("%s: %s\n", d.v[0].text, d.v[0].fix ? d.v[0].fix : "");
        assert_int_equal(d.v[0].health, users[i].health);
        if (users[i].fix) {
            snprintf(text, sizeof text, users[i].fix, pw->pw_name);
            assert_non_null(strstr(d.v[0].fix, text));
        }
        d.cfg.native.socket = NULL;
        world_remove(&d);
    }
}

/* Of an executor in a cgroup of version 2 (we are it: the other end of our own socket). */
static void test_controllers_that_are_not_passed_on(void **state)
{
    (void)state;
    static const struct {
        const char *place, *passed; /* /proc/PID/cgroup; cgroup.subtree_control, NULL: not there */
        size_t symptoms;
        enum sg_health health;
        const char *text;
    } table[] = {
        {"0::/a.slice/x.service/executor\n", "cpu memory pids\n", 1, SG_HEALTH_OK, "delegated to"},
        {"0::/a.slice/x.service\n", "memory pids\n", 1, SG_HEALTH_WARNING, "controller cpu is not"},
        {"0::/a.slice/x.service\n", "", 3, SG_HEALTH_WARNING, "controller memory is not"},
        {"0::/a.slice/x.service\n", NULL, 1, SG_HEALTH_SKIPPED, "not one of version 2"},
        {"4:memory:/x\n", "", 1, SG_HEALTH_SKIPPED, "not one of version 2"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(table); i++) {
        struct sg_doctor d;
        int ends[2];
        char path[64];
        world_make(&d);
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        snprintf(path, sizeof path, "proc/%d/cgroup", getpid());
        world_put(path, table[i].place);
        if (table[i].passed)
            world_put("sys/fs/cgroup/a.slice/x.service/cgroup.subtree_control", table[i].passed);
        d.cfg.native.socket = (char *)(uintptr_t) "/x";
        d.link.client.sock = ends[0];
        sg_check_service_cgroup(&d);
        print_message("%zu: %s\n", i, d.v[0].text);
        assert_int_equal(d.n, table[i].symptoms);
        assert_int_equal(d.v[0].health, table[i].health);
        assert_non_null(strstr(d.v[0].text, table[i].text));
        if (table[i].health == SG_HEALTH_WARNING)
            assert_non_null(strstr(d.v[0].fix, "Delegate=cpu memory pids"));
        d.cfg.native.socket = NULL;
        close(ends[1]);
        world_remove(&d); /* closes the other one */
    }
}

/* Whatever this kernel says: something is said, and nothing stays. */
static void test_real_probes(void **state)
{
    (void)state;
    const struct sg_probes *p = &sg_probes_real;
    assert_true(p->user_namespace() <= 0 && p->mount_proc() <= 0);
    assert_true(p->landlock() >= -4095 && p->notification() <= 0);
    assert_int_equal(p->call(SYS_close_range), 0);
    assert_int_equal(p->call(100000), -ENOSYS);
}

static const char *last;
static void see(void *arg, const char *name)
{
    size_t *n = arg;
    assert_non_null(strchr(name, '.'));
    assert_true(!last || strcmp(last, name) != 0);
    last = name;
    ++*n;
}

static void test_names(void **state)
{
    (void)state;
    size_t n = 0;
    sg_doctor_each_check(see, &n);
    assert_true(n > 35);
    for (int h = 0; h < SG_HEALTH_COUNT; h++)
        assert_non_null(sg_health_name((enum sg_health)h));
    assert_null(sg_health_name(SG_HEALTH_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worlds),
        cmocka_unit_test(test_what_is_closed_is_unknown),
        cmocka_unit_test(test_another_root_is_not_left),
        cmocka_unit_test(test_nothing_is_no_good_news),
        cmocka_unit_test(test_package_managers),
        cmocka_unit_test(test_ids_of_an_ordinary_user),
        cmocka_unit_test(test_controllers_that_are_not_passed_on),
        cmocka_unit_test(test_real_probes),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
