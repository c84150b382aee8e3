/* Beyond a check and its file: where the doctor looks, what it advises by what is installed, what
   it finds of a running executor, and that each of its checks says something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "fcgi/doctor/internal.h"
#include "tests/unit/fcgi/doctor/world.h"

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
