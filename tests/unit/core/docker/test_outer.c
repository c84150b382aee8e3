/* The filter for the Engine: no call of a profile is lost, and what starting needs is there. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/base/cleanup.h"
#include "core/docker/outer.h"

/* Is the call in a row with that action and, when plain, without a condition? */
static bool has(json_t *root, const char *call, const char *action, bool plain)
{
    json_t *row, *name;
    size_t i, k;
    json_array_foreach(json_object_get(root, "syscalls"), i, row)
    {
        json_array_foreach(json_object_get(row, "names"), k, name)
        {
            if (strcmp(json_string_value(name), call) == 0 &&
                strcmp(json_string_value(json_object_get(row, "action")), action) == 0 &&
                (!plain || json_array_size(json_object_get(row, "args")) == 0))
                return true;
        }
    }
    return false;
}

static void check(const char *profile, bool by_descriptor)
{
    static const char *const allowed[] = {
        "execve",       "clone",  "seccomp", "landlock_restrict_self", "prctl", "setsid",
        "memfd_create", "openat", "write"};
    static const char *const refused[] = {
        "ptrace", "umount2",        "bpf",    "socket",     "pivot_root",
        "setns",  "io_uring_setup", "keyctl", "kexec_load", "clone3"};
    struct sg_error err = SG_ERROR_INIT;
    sg_autofree char *text =
        sg_outer_filter(SG_TEST_CONF "/profiles", profile, by_descriptor, &err);
    assert_non_null(text);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "defaultAction")),
                        "SCMP_ACT_ERRNO");
    for (size_t i = 0; i < SG_ARRAY_LEN(allowed); i++) {
        if (!has(root, allowed[i], "SCMP_ACT_ALLOW", true))
            fail_msg("%s: %s is not allowed", profile, allowed[i]);
        if (has(root, allowed[i], "SCMP_ACT_ERRNO", false))
            fail_msg("%s: %s is refused, too", profile, allowed[i]);
    }
    for (size_t i = 0; i < SG_ARRAY_LEN(refused); i++)
        if (!has(root, refused[i], "SCMP_ACT_ERRNO", false) ||
            has(root, refused[i], "SCMP_ACT_ALLOW", false))
            fail_msg("%s: %s is not refused", profile, refused[i]);
    if (has(root, "execveat", "SCMP_ACT_ALLOW", true) != by_descriptor ||
        has(root, "execveat", "SCMP_ACT_ERRNO", false) == by_descriptor)
        fail_msg("%s: execveat", profile);
    json_decref(root);
}

static void test_shipped_profiles(void **state)
{
    (void)state;
    check("python", false);
    check("node", false);
    check("generic", true);
    check("shell", false);
    check("compiler", false);
}

static void test_what_is_no_profile(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    assert_null(sg_outer_filter(SG_TEST_CONF "/profiles", "missing", false, &err));
    assert_int_equal(err.code, -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_profiles),
        cmocka_unit_test(test_what_is_no_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
