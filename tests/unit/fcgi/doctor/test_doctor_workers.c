/* Which processes are workers of this configuration, which of them are for runs, and when they are
   too few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "fcgi/doctor/internal.h"
#include "tests/unit/fcgi/doctor/world.h"

#define OWN "/etc/sandgate/sandgate.conf"

/* One process; words and variables have a blank for each NUL, NULL: there is no such file. */
static void put_process(unsigned pid, const char *comm, const char *words, const char *variables,
                        const char *cgroup, const char *spaces)
{
    const struct {
        const char *file, *text;
    } files[] = {{"comm", comm},
                 {"cmdline", words},
                 {"environ", variables},
                 {"cgroup", cgroup},
                 {"status", spaces}};
    for (size_t i = 0; i < SG_ARRAY_LEN(files); i++) {
        char path[64], text[200];
        if (!files[i].text)
            continue;
        snprintf(path, sizeof path, "proc/%u/%s", pid, files[i].file);
        size_t n = (size_t)snprintf(text, sizeof text, "%s", files[i].text);
        for (char *c = text; i > 0 && i < 3 && (c = strchr(c, ' ')); c++)
            *c = '\0';
        world_put_bytes(path, text, n + (i == 1 || i == 2));
    }
}

static void put_descriptor(unsigned pid, const char *target)
{
    char path[64], whole[400];
    snprintf(path, sizeof path, "proc/%u/fd/3", pid);
    world_path(path, whole, sizeof whole);
    assert_int_equal(symlink(target, whole), 0);
}

static const struct row {
    const char *comm, *words, *variables, *cgroup, *spaces, *descriptor;
    unsigned runs, status, either, highest;
} rows[] = {
    {"sandgate-fcgi\n", "sandgate-fcgi -c " OWN, NULL,
     "0::/system.slice/sandgate-fcgi@17.service\n", "Name:\tx\nNSpid:\t100\n", NULL, 1, 0, 0, 17},
    {"sandgate-fcgi\n", "sandgate-fcgi --config " OWN, NULL,
     "1:name=systemd:/system.slice/sandgate-status@2.service\n", NULL, NULL, 0, 1, 0, 0},
    {"sandgate-fcgi\n", "sandgate-fcgi --config=" OWN, NULL, "0::/\n", NULL, "socket:[4711]", 1, 0,
     0, 0},
    {"sandgate-fcgi\n", "sandgate-fcgi -c" OWN, NULL, "0::/\n", NULL, "socket:[4712]", 0, 1, 0, 0},
    /* A socket that does not listen; one that is not a unix socket; none that can be seen. */
    {"sandgate-fcgi\n", "sandgate-fcgi -c " OWN, NULL, "0::/\n", NULL, "socket:[4713]", 0, 0, 1, 0},
    {"sandgate-fcgi\n", "sandgate-fcgi -c " OWN, NULL, NULL, NULL, "socket:[1]", 0, 0, 1, 0},
    {"sandgate-fcgi\n", "sandgate-fcgi -c " OWN, NULL, NULL, NULL, NULL, 0, 0, 1, 0},
    {"sandgate-fcgi\n", "sandgate-fcgi", "A=1 SANDGATE_CONFIG=" OWN " B=2", NULL, NULL, NULL, 0, 0,
     1, 0},
    /* Of another service, of a container, and other programs. */
    {"sandgate-fcgi\n", "sandgate-fcgi -c /srv/other.conf", NULL,
     "0::/system.slice/sandgate-fcgi@17.service\n", NULL, NULL, 0, 0, 0, 0},
    {"sandgate-fcgi\n", "sandgate-fcgi -c " OWN, NULL, "0::/x/sandgate-fcgi@17.service\n",
     "Name:\tx\nNSpid:\t100\t7\nNSsid:\t100\n", NULL, 0, 0, 0, 0},
    {"sandgate-native\n", "sandgate-native -c " OWN, NULL, NULL, NULL, NULL, 0, 0, 0, 0},
    {"multiwatch\n", "multiwatch -f 4 -- sandgate-fcgi -c " OWN, NULL, NULL, NULL, NULL, 0, 0, 0,
     0},
};

static const char sockets[] =
    "Num       RefCount Protocol Flags    Type St Inode Path\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/sandgate/workers.sock\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 4712 /run/sandgate/status.sock\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 4713 /run/sandgate/workers.sock\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 4714\n";

static void test_whose_workers_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_doctor d;
        struct sg_workers w;
        world_make(&d);
        d.cfg.path = (char *)(uintptr_t)OWN;
        world_put("proc/1/comm", "init\n");
        world_put("proc/net/unix", sockets);
        put_process(100, rows[i].comm, rows[i].words, rows[i].variables, rows[i].cgroup,
                    rows[i].spaces);
        if (rows[i].descriptor)
            put_descriptor(100, rows[i].descriptor);
        print_message("%zu: %s\n", i, rows[i].words);
        assert_int_equal(sg_doctor_count_workers(&d, &w), 0);
        assert_int_equal(w.runs, rows[i].runs);
        assert_int_equal(w.status, rows[i].status);
        assert_int_equal(w.either, rows[i].either);
        assert_int_equal(w.highest, rows[i].highest);
        assert_int_equal(w.by_units, rows[i].highest > 0);
        assert_int_equal(w.wants_status, rows[i].runs > 0);
        d.cfg.path = NULL;
        world_remove(&d);
    }
}

/* A socket of another service, and one of ours that is no longer listened at, want none. */
static void test_one_pool_for_all(void **state)
{
    (void)state;
    struct sg_doctor d;
    struct sg_workers w;
    world_make(&d);
    d.cfg.path = (char *)(uintptr_t)OWN;
    world_put("proc/1/comm", "init\n");
    world_put(
        "proc/net/unix",
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/sandgate/workers.sock\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03 4712 /run/sandgate/status.sock\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 4713 /run/other/status.sock\n");
    put_process(100, "sandgate-fcgi\n", "sandgate-fcgi -c " OWN, NULL, "0::/\n", NULL);
    put_descriptor(100, "socket:[4711]");
    assert_int_equal(sg_doctor_count_workers(&d, &w), 0);
    assert_int_equal(w.runs, 1);
    assert_false(w.wants_status);
    d.cfg.path = NULL;
    world_remove(&d);
}

static void test_processes_that_are_hidden(void **state)
{
    (void)state;
    struct sg_doctor d;
    struct sg_workers w;
    world_make(&d);
    assert_int_equal(sg_doctor_count_workers(&d, &w), -ENOENT);
    world_remove(&d);
}

/* Beside those units there are two for status requests. */
#define UNITS(n) .runs = (n), .status = 2, .highest = (n), .by_units = true, .wants_status = true

static void test_how_many_are_enough(void **state)
{
    (void)state;
    static const struct {
        struct sg_workers w;
        struct sg_capacity c;
        enum sg_health health;
        const char *text, *fix;
    } table[] = {
        {{UNITS(40)},
         {1, 22, 16},
         SG_HEALTH_OK,
         "40 workers for runs, of which the executor takes 38; 2 for status requests",
         NULL},
        /* Twelve cores with the packages' settings: as many are not more. */
        {{UNITS(40)},
         {1, 24, 16},
         SG_HEALTH_WARNING,
         "the executor takes 40 (24 slots, 16 in the queue)",
         "systemctl enable --now sandgate-fcgi@{41..45}.service"},
        /* Four cores, and both engines. */
        {{UNITS(40)},
         {2, 16, 32},
         SG_HEALTH_WARNING,
         "the executors take 48 (16 slots, 32 in the queues)",
         "systemctl enable --now sandgate-fcgi@{41..53}.service"},
        {{UNITS(53)}, {2, 16, 32}, SG_HEALTH_OK, "the executors take 48;", NULL},
        {{UNITS(64)}, {1, 128, 16}, SG_HEALTH_WARNING, "64 workers", "fcgi@{65..149}.service"},
        {{UNITS(12)}, {1, 4, 16}, SG_HEALTH_WARNING, "12 workers", "fcgi@{41..53}.service"},
        {{.runs = 20}, {1, 4, 16}, SG_HEALTH_WARNING, "takes 20", "multiwatch -f 25"},
        {{.either = 22}, {1, 4, 16}, SG_HEALTH_UNKNOWN, "cannot be seen", NULL},
        {{.either = 20}, {1, 4, 16}, SG_HEALTH_WARNING, "20 workers", "multiwatch -f 25"},
        {{0}, {1, 4, 16}, SG_HEALTH_WARNING, "0 workers", "systemctl start sandgate.target"},
        /* The pool of /ready and its like. */
        {{.runs = 40, .highest = 40, .by_units = true, .wants_status = true},
         {1, 8, 16},
         SG_HEALTH_WARNING,
         "no worker for status requests",
         "systemctl start sandgate-status@{1..2}.service"},
        {{.runs = 40, .wants_status = true},
         {1, 8, 16},
         SG_HEALTH_WARNING,
         "/ready and /metrics wait",
         "multiwatch -f 2"},
        {{.runs = 40, .wants_status = true}, {0}, SG_HEALTH_WARNING, "no worker for status", NULL},
        {{.runs = 40}, {1, 8, 16}, SG_HEALTH_OK, "40 workers", NULL},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(table); i++) {
        struct sg_doctor d;
        world_make(&d);
        sg_doctor_tell_workers(&d, &table[i].w, &table[i].c);
        print_message("%zu: %s\n", i, d.v[0].text);
        assert_int_equal(d.n, 1);
        assert_int_equal(d.v[0].health, table[i].health);
        assert_non_null(strstr(d.v[0].text, table[i].text));
        if (table[i].fix)
            assert_non_null(strstr(d.v[0].fix, table[i].fix));
        world_remove(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whose_workers_they_are),
        cmocka_unit_test(test_one_pool_for_all),
        cmocka_unit_test(test_processes_that_are_hidden),
        cmocka_unit_test(test_how_many_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
