/* Profiles: the shipped one compiles; broken ones are refused with file, row and reason. */
#include <errno.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/sandbox/plan.h"
#include "core/sandbox/profile.h"

static char dir[] = "/tmp/sandgate-profile-XXXXXX";

static int setup(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    char path[64];
    (void)state;
    snprintf(path, sizeof path, "%s/p.json", dir);
    unlink(path);
    return rmdir(dir);
}

static int load(const char *text, struct sg_error *err)
{
    char path[64];
    struct sg_profile p;
    snprintf(path, sizeof path, "%s/p.json", dir);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    int r = sg_profile_load(&p, dir, "p", SG_PROFILE_PROGRAM, err);
    sg_profile_done(&p);
    return r;
}

static void test_the_shipped_profile_compiles(void **state)
{
    char path[512];
    struct sg_profile p;
    struct sg_error err = SG_ERROR_INIT;
    const char *src = getenv("SG_SRCDIR");
    (void)state;
    snprintf(path, sizeof path, "%s/packaging/conf/profiles", src ? src : ".");
    if (sg_profile_load(&p, path, "python", SG_PROFILE_PROGRAM, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(p.name, "python");
    assert_true(p.nfilter > 50);
    assert_true(p.nfilter <= SG_PLAN_FILTER);
    sg_profile_done(&p);
}

#define HEAD "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":"

static void test_refusals(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", "p.json:1:"},
        {"{", "p.json:1:"},
        {"[]", "not a profile"},
        {"{\"syscalls\":[],\"syscalls\":[]}", "duplicate"},
        {"{\"syscalls\":[]}", "\"defaultAction\" is missing"},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[]}", "defaultAction must refuse"},
        {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":0,\"syscalls\":[]}",
         "errnoRet 1 to 4095"},
        {"{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[]}", "SCMP_ACT_LOG"},
        {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[],\"flags\":[]}",
         "unknown key \"flags\""},
        {HEAD "[7]}", "syscalls[0]: needs names"},
        {HEAD "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":0}]}",
         "errnoRet 1 to 4095"},
        {HEAD "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRACE\"}]}", "SCMP_ACT_TRACE"},
        {HEAD "[{\"names\":[7],\"action\":\"SCMP_ACT_ALLOW\"}]}", "names must be strings"},
        {HEAD "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":6,"
              "\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]}]}",
         "index 0 to 5"},
        {HEAD "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
              "\"value\":0,\"op\":\"EQ\"}]}]}",
         "unknown op EQ"},
        {HEAD "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{}}]}",
         "unknown key \"includes\""},
    };
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_error err = SG_ERROR_INIT;
        int r = load(rows[i].text, &err);
        if (r >= 0 || !strstr(err.text, rows[i].expected))
            fail_msg("%s: %d %s", rows[i].text, r, err.text);
    }
}

static void test_names(void **state)
{
    struct sg_profile p;
    struct sg_error err = SG_ERROR_INIT;
    (void)state;
    assert_int_equal(sg_profile_load(&p, dir, "../x", SG_PROFILE_PROGRAM, &err), SG_E_INVALID);
    sg_error_clear(&err);
    assert_int_equal(sg_profile_load(&p, dir, "not-there", SG_PROFILE_PROGRAM, &err), -ENOENT);
    assert_non_null(strstr(err.text, "not-there.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_shipped_profile_compiles),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
