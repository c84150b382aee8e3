/* What /proc says, and what must not pass for a layer in force. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_status_without_a_line_is_refused),
        cmocka_unit_test(test_uid_map),
        cmocka_unit_test(test_mounts),
        cmocka_unit_test(test_mounts_that_do_not_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
