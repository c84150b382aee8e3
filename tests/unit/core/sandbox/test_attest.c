/* What /proc says, and what must not pass for a layer in force. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/sandbox/attest.h"

#define BITS                                                                                       \
    (SG_LAYER_BIT(SG_LAYER_CAPABILITIES) | SG_LAYER_BIT(SG_LAYER_NO_NEW_PRIVS) |                   \
     SG_LAYER_BIT(SG_LAYER_SECCOMP))

static void status_text(char *out, size_t n, const char *eff, const char *bnd, int nnp, int mode,
                        int filters)
{
    snprintf(out, n,
             "Name:\tpython3\nUid:\t1000\t1000\t1000\t1000\nCapInh:\t0000000000000000\nCapPrm:"
             "\t0000000000000000\n"
             "CapEff:\t%s\nCapBnd:\t%s\nCapAmb:\t0000000000000000\nNoNewPrivs:\t%d\nSeccomp:\t%d\n"
             "Seccomp_filters:\t%d\n",
             eff, bnd, nnp, mode, filters);
}

static void test_status(void **state)
{
    static const struct {
        const char *name, *eff, *bnd;
        int nnp, mode;
        uint32_t layers;
    } rows[] = {
        {"all in force", "0", "0", 1, 2, BITS},
        {"an effective capability", "0000000000200000", "0", 1, 2,
         BITS & ~SG_LAYER_BIT(SG_LAYER_CAPABILITIES)},
        {"a full bounding set", "0", "000001ffffffffff", 1, 2,
         BITS & ~SG_LAYER_BIT(SG_LAYER_CAPABILITIES)},
        {"new privileges", "0", "0", 0, 2, BITS & ~SG_LAYER_BIT(SG_LAYER_NO_NEW_PRIVS)},
        {"no filter", "0", "0", 1, 0, BITS & ~SG_LAYER_BIT(SG_LAYER_SECCOMP)},
        {"strict mode is not a filter", "0", "0", 1, 1, BITS & ~SG_LAYER_BIT(SG_LAYER_SECCOMP)},
    };
    char text[1024];
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_isolation iso = {0};
        status_text(text, sizeof text, rows[i].eff, rows[i].bnd, rows[i].nnp, rows[i].mode, 2);
        assert_int_equal(sg_attest_status(&iso, text), 0);
        if (iso.layers != rows[i].layers)
            fail_msg("%s: layers %x, expected %x", rows[i].name, iso.layers, rows[i].layers);
        assert_int_equal(iso.uid_inside, 1000);
        assert_int_equal(iso.seccomp_filters, 2);
    }
}

static void test_status_without_a_line_is_refused(void **state)
{
    static const char *const names[] = {"Uid",        "CapInh",  "CapPrm",
                                        "CapEff",     "CapBnd",  "CapAmb",
                                        "NoNewPrivs", "Seccomp", "Seccomp_filters"};
    char text[1024];
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(names); i++) {
        struct sg_isolation iso = {0};
        char line[64];
        status_text(text, sizeof text, "0", "0", 1, 2, 2);
        snprintf(line, sizeof line, "\n%s:", names[i]);
        char *at = strstr(text, line);
        assert_non_null(at);
        at[1] = '#';
        if (sg_attest_status(&iso, text) != -EINVAL)
            fail_msg("without %s", names[i]);
    }
}

static void test_uid_map(void **state)
{
    static const struct {
        const char *text;
        int result;
        uint32_t layers, outside;
    } rows[] = {
        {"      1000          8          1\n         0          7          1\n", 0,
         SG_LAYER_BIT(SG_LAYER_PRIVATE_UID), 8},
        {"      1000          0          1\n", 0, 0, 0},
        {"1000 8 1\n0 7 2\n", 0, 0, 8}, /* pid 1 could be more than one */
        {"999 8 1\n0 7 1\n", 0, 0, 77}, /* not the program's */
        {"0 0 4294967295\n", 0, 0, 77}, /* the host's own namespace */
        {"", -EINVAL, 0, 77},
        {"1000 8\n", -EINVAL, 0, 77},
    };
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_isolation iso = {.uid_inside = 1000, .uid_outside = 77};
        int r = sg_attest_uid_map(&iso, rows[i].text);
        if (r != rows[i].result || iso.layers != rows[i].layers ||
            iso.uid_outside != rows[i].outside)
            fail_msg("row %zu: %d %x %u", i, r, iso.layers, iso.uid_outside);
    }
}

#define ROOT "64 42 0:40 / / ro,nosuid,nodev - tmpfs tmpfs rw,size=1024k\n"
#define USR  "65 64 254:0 /usr /usr ro,nosuid,nodev - ext4 /dev/vda rw\n"
#define TMP  "79 64 0:43 /tmp /tmp rw,nosuid,nodev,noexec - tmpfs tmpfs rw,size=102400k\n"
#define NODE "72 71 0:6 /null /dev/null rw,nosuid,noexec - devtmpfs devtmpfs rw\n"
#define PROC                                                                                       \
    "78 64 0:44 / /proc ro,nosuid,nodev,noexec - proc proc rw,hidepid=invisible,subset=pid\n"

static void test_mounts(void **state)
{
    const uint32_t ro = SG_LAYER_BIT(SG_LAYER_ROOT_RO), proc = SG_LAYER_BIT(SG_LAYER_PROC);
    const struct {
        const char *name, *text;
        uint32_t layers;
    } rows[] = {
        {"the plain box", ROOT USR TMP NODE PROC, ro | proc},
        {"optional fields before the dash",
         "64 42 0:40 / / ro shared:1 master:2 - tmpfs tmpfs rw\n", ro},
        {"a writable root", "64 42 0:40 / / rw,nosuid,nodev - tmpfs tmpfs rw\n" USR PROC, proc},
        {"a writable mount somewhere", ROOT "65 64 254:0 /usr /usr rw,nosuid - ext4 /dev/vda rw\n",
         0},
        {"read-only file system, writable mount",
         ROOT "65 64 254:0 / /data rw - ext4 /dev/vda ro\n", 0},
        {"/tmp with set-id", ROOT "79 64 0:43 / /tmp rw,nodev - tmpfs tmpfs rw\n", 0},
        {"/tmp with execution", ROOT "79 64 0:43 / /tmp rw,nosuid,nodev - tmpfs tmpfs rw\n", 0},
        {"/tmp with devices", ROOT "79 64 0:43 / /tmp rw,nosuid - tmpfs tmpfs rw\n", 0},
        {"a place that only begins like /tmp",
         ROOT "79 64 0:43 / /tmp2 rw,nosuid,nodev - tmpfs tmpfs rw\n", 0},
        {"a writable /dev", ROOT "71 64 0:41 / /dev rw,nosuid - tmpfs tmpfs rw\n", 0},
        {"an unrestricted proc", ROOT "78 64 0:44 / /proc ro - proc proc rw\n", ro},
        {"no root at all", USR, 0},
    };
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_isolation iso = {0};
        assert_int_equal(sg_attest_mounts(&iso, rows[i].text), 0);
        if (iso.layers != rows[i].layers)
            fail_msg("%s: layers %x, expected %x", rows[i].name, iso.layers, rows[i].layers);
    }
}

static void test_mounts_that_do_not_parse(void **state)
{
    static const char *const rows[] = {"x\n", "64 42 0:40 / / ro tmpfs tmpfs rw\n",
                                       "64 42 0:40 / / ro - tmpfs\n"};
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_isolation iso = {0};
        assert_int_equal(sg_attest_mounts(&iso, rows[i]), -EINVAL);
    }
}

/* ---- a whole process: a directory of our own that looks like /proc/PID ---- */

struct process {
    char path[64];
    int dir;
    struct sg_plan plan;
    struct sg_program_plan program;
};

static int make_process(void **state)
{
    struct process *p = calloc(1, sizeof *p);
    assert_non_null(p);
    snprintf(p->path, sizeof p->path, "/tmp/sandgate-attest-XXXXXX");
    assert_non_null(mkdtemp(p->path));
    p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(p->dir, "ns", 0755), 0);
    p->plan.program_uid = 1000;
    p->plan.uid_map[0] = (struct sg_id_map){1000, 8};
    p->plan.required = (1u << SG_LAYER_COUNT) - 1; /* those of the cgroup are the executor's */
    *state = p;
    return 0;
}

static int remove_process(void **state)
{
    static const char *const files[] = {"status", "uid_map", "mountinfo"};
    struct process *p = *state;
    char name[32];
    for (size_t i = 0; i < SG_ARRAY_LEN(files); i++)
        unlinkat(p->dir, files[i], 0);
    for (size_t i = 0; i < SG_PLAN_NS_COUNT; i++) {
        snprintf(name, sizeof name, "ns/%s", sg_plan_ns[i].name);
        unlinkat(p->dir, name, 0);
    }
    unlinkat(p->dir, "ns", AT_REMOVEDIR);
    close(p->dir);
    int r = rmdir(p->path);
    free(p);
    return r;
}

static void put_file(const struct process *p, const char *name, const char *text)
{
    sg_autofd int fd = openat(p->dir, name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(sg_fd_write_all(fd, text, strlen(text)), 0);
}

/* With that uid, as the looker sees it, and that map. */
static void put_process(const struct process *p, unsigned uid, const char *map, int filters)
{
    char text[1024], name[32];
    snprintf(
        text, sizeof text,
        "Name:\tpython3\nUid:\t%u\t%u\t%u\t%u\nCapInh:\t0\nCapPrm:\t0\nCapEff:\t0\nCapBnd:\t0\n"
        "CapAmb:\t0\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t%d\n",
        uid, uid, uid, uid, filters);
    put_file(p, "status", text);
    put_file(p, "uid_map", map);
    put_file(p, "mountinfo", ROOT USR TMP NODE PROC);
    for (size_t i = 0; i < SG_PLAN_NS_COUNT; i++) {
        snprintf(name, sizeof name, "ns/%s", sg_plan_ns[i].name);
        put_file(p, name, "");
    }
}

#define TWO_IDS "1000 8 1\n0 7 1\n"
#define ONE_ID  "1000 0 1\n"

static int look(struct process *p, bool outside, bool exec_barred, struct sg_isolation *iso,
                struct sg_error *err)
{
    const struct sg_attest_view view = {
        .pid = getpid(), .proc = p->dir, .outside = outside, .exec_barred = exec_barred};
    *iso = (struct sg_isolation){.landlock_abi = 6};
    return sg_attest_process(&p->plan, &p->program, &view, iso, err);
}

/* A uid is what the looker's user namespace numbers it: user_namespaces(7). */
static void test_uid_from_both_sides(void **state)
{
    static const struct {
        const char *name, *map;
        bool outside;
        unsigned seen;
        const char *refusal; /* NULL: it is the program's */
    } rows[] = {
        {"from inside", TWO_IDS, false, 1000, NULL},
        {"from outside", TWO_IDS, true, 8, NULL},
        {"pid 1's, from outside", TWO_IDS, true, 7, "uid 7 instead of 8"},
        {"pid 1's, from inside", TWO_IDS, false, 0, "uid 0 instead of 1000"},
        {"the executor's own, from outside", TWO_IDS, true, 0, "uid 0 instead of 8"},
        {"the number that it has inside, seen from outside", TWO_IDS, true, 1000,
         "uid 1000 instead of 8"},
        {"the number that it has outside, seen from inside", TWO_IDS, false, 8,
         "uid 8 instead of 1000"},
    };
    struct process *p = *state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_isolation iso;
        struct sg_error err = SG_ERROR_INIT;
        put_process(p, rows[i].seen, rows[i].map, 2);
        int r = look(p, rows[i].outside, true, &iso, &err);
        if (rows[i].refusal ? r != SG_E_LAYER || !strstr(err.text, rows[i].refusal) : r != 0)
            fail_msg("%s: %d %s", rows[i].name, r, err.text);
        if (r == 0 && (iso.uid_inside != 1000 || iso.uid_outside != 8))
            fail_msg("%s: %u is %u", rows[i].name, iso.uid_inside, iso.uid_outside);
    }
}

/* The executor's own id, where it has no other: the map is then the executor's to write. */
static void test_one_id_from_outside(void **state)
{
    struct process *p = *state;
    struct sg_isolation iso;
    struct sg_error err = SG_ERROR_INIT;
    put_process(p, 0, ONE_ID, 2);
    p->plan.uid_map[0].outside = 0;
    assert_int_equal(look(p, true, true, &iso, &err), SG_E_LAYER);
    assert_non_null(strstr(err.text, "private_uid"));
    sg_error_clear(&err);
    p->plan.required &= ~SG_LAYER_BIT(SG_LAYER_PRIVATE_UID);
    assert_int_equal(look(p, true, true, &iso, &err), 0);
    assert_int_equal(iso.uid_inside, 1000);
    assert_int_equal(iso.uid_outside, 0);
    assert_false(iso.layers & SG_LAYER_BIT(SG_LAYER_PRIVATE_UID));
}

static void assert_absent(struct process *p, bool exec_barred, const char *layer)
{
    struct sg_isolation iso;
    struct sg_error err = SG_ERROR_INIT;
    int r = look(p, true, exec_barred, &iso, &err);
    if (r != SG_E_LAYER || !strstr(err.text, layer))
        fail_msg("%s: %d %s", layer, r, err.text);
}

static void test_each_layer_of_a_process(void **state)
{
    struct process *p = *state;
    struct rlimit own;
    struct stat st;
    put_process(p, 8, TWO_IDS, 2);
    assert_absent(p, false, "one_exec");
    put_process(p, 8, TWO_IDS, 1); /* the template's filter alone, or the clone's */
    assert_absent(p, true, "seccomp");
    put_process(p, 8, TWO_IDS, 2);
    for (size_t i = 0; i < SG_PLAN_NS_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "ns/%s", sg_plan_ns[i].name);
        assert_int_equal(fstatat(p->dir, name, &st, 0), 0);
        p->plan.host_ns[i] = st.st_ino;
        assert_absent(p, true, sg_layer_name(sg_plan_ns[i].layer));
        p->plan.host_ns[i] = 0;
    }
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &own), 0);
    p->program.nrlimits = 1;
    p->program.rlimits[0] = (struct sg_plan_rlimit){RLIMIT_NOFILE, own.rlim_cur - 1};
    assert_absent(p, true, "rlimits");
    p->program.rlimits[0].value = own.rlim_max;
    struct sg_isolation iso;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(look(p, true, true, &iso, &err), 0);
}

/* What everybody has inherited is in nobody's favour: without the profile there is one too few,
   also where a program may execute and only that one would be missed. */
static void test_filters_from_outside_do_not_count(void **state)
{
    static const struct {
        uint32_t before, may_execute, traced;
        int filters;
        bool complete;
    } rows[] = {{0, 0, 0, 2, true},  {0, 0, 0, 1, false}, {1, 0, 0, 2, false}, {1, 0, 0, 3, true},
                {0, 1, 0, 2, true},  {0, 1, 0, 1, false}, {3, 1, 0, 4, false}, {3, 1, 0, 5, true},
                {0, 0, 1, 1, true},  {1, 0, 1, 1, false}, {1, 0, 1, 2, true},  {0, 1, 1, 1, true},
                {2, 1, 1, 2, false}, {5, 0, 0, 2, false}, {0, 0, 0, 3, true}};
    struct process *p = *state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_isolation iso;
        struct sg_error err = SG_ERROR_INIT;
        put_process(p, 8, TWO_IDS, rows[i].filters);
        p->plan.filters_before = rows[i].before;
        p->program.may_execute = rows[i].may_execute;
        p->program.traced = rows[i].traced;
        int r = look(p, true, !rows[i].may_execute, &iso, &err);
        bool seen = iso.layers & SG_LAYER_BIT(SG_LAYER_SECCOMP);
        if (seen != rows[i].complete || (r == 0) != rows[i].complete)
            fail_msg("row %zu: %d %s", i, r, err.text);
        if (r < 0)
            assert_non_null(strstr(err.text, "seccomp"));
    }
}

static void test_filters_of_this_process(void **state)
{
    struct sg_error err = SG_ERROR_INIT;
    uint32_t before = 77;
    sg_auto(sg_buf) struct sg_buf status = {0};
    char line[64];
    (void)state;
    assert_int_equal(sg_attest_filters_before(&before, &err), 0);
    assert_int_equal(sg_file_read(AT_FDCWD, "/proc/self/status", &status, 65536), 0);
    snprintf(line, sizeof line, "\nSeccomp_filters:\t%u\n", before);
    assert_non_null(strstr(status.data, line));
}

/* Another box's process has all layers, and other namespaces. */
static void test_process_of_another_box(void **state)
{
    struct process *p = *state;
    uint64_t ns[SG_PLAN_NS_COUNT];
    struct sg_attest_view view = {
        .pid = getpid(), .proc = p->dir, .outside = true, .exec_barred = true, .box_ns = ns};
    struct sg_isolation iso = {.landlock_abi = 6};
    struct sg_error err = SG_ERROR_INIT;
    struct stat st;
    put_process(p, 8, TWO_IDS, 2);
    for (size_t i = 0; i < SG_PLAN_NS_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "ns/%s", sg_plan_ns[i].name);
        assert_int_equal(fstatat(p->dir, name, &st, 0), 0);
        ns[i] = st.st_ino;
    }
    assert_int_equal(sg_attest_process(&p->plan, &p->program, &view, &iso, &err), 0);
    for (size_t i = 0; i < SG_PLAN_NS_COUNT; i++) {
        ns[i]++;
        assert_int_equal(sg_attest_process(&p->plan, &p->program, &view, &iso, &err), SG_E_LAYER);
        assert_non_null(strstr(err.text, "is not the box's"));
        sg_error_clear(&err);
        ns[i]--;
    }
    p->plan.uid_map[0].outside = 6; /* the map is a box's, but not of this one's ids */
    assert_int_equal(sg_attest_process(&p->plan, &p->program, &view, &iso, &err), SG_E_LAYER);
}

static void test_process_that_is_gone(void **state)
{
    struct process *p = *state;
    struct sg_isolation iso;
    struct sg_error err = SG_ERROR_INIT;
    assert_true(look(p, true, true, &iso, &err) < 0); /* no namespaces */
    sg_error_clear(&err);
    put_process(p, 8, TWO_IDS, 2);
    put_file(p, "status", "");
    assert_true(look(p, true, true, &iso, &err) < 0);
    assert_non_null(strstr(err.text, "status"));
}

static void test_network_counters(void **state)
{
#define HEAD "Inter-|   Receive  |  Transmit\n face |bytes  |bytes\n"
#define LO   "    lo: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n"
#define ETH  "  eth0:5000000000 1 0 0 0 0 0 0 3 1 0 0 0 0 0 0\n"
    static const struct {
        const char *text;
        uint64_t rx, tx;
    } rows[] = {{HEAD LO, 10, 20},
                {HEAD LO ETH, 5000000010, 23},
                {HEAD LO ETH "  eth1: 7 1\n", SG_UNKNOWN, SG_UNKNOWN},
                {HEAD, SG_UNKNOWN, SG_UNKNOWN},
                {"", SG_UNKNOWN, SG_UNKNOWN}};
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        uint64_t rx, tx;
        sg_attest_net_dev(rows[i].text, &rx, &tx);
        assert_true(rx == rows[i].rx && tx == rows[i].tx);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_process, remove_process)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_status_without_a_line_is_refused),
        cmocka_unit_test(test_uid_map),
        cmocka_unit_test(test_mounts),
        cmocka_unit_test(test_mounts_that_do_not_parse),
        cmocka_unit_test(test_network_counters),
        CASE(test_uid_from_both_sides),
        CASE(test_one_id_from_outside),
        CASE(test_each_layer_of_a_process),
        CASE(test_filters_from_outside_do_not_count),
        cmocka_unit_test(test_filters_of_this_process),
        CASE(test_process_of_another_box),
        CASE(test_process_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
