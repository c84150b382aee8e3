/* Answers of an Engine: as Docker 20.10 gives them, and what must be refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/docker/replies.h"

#define ID "sha256:fe384407699fb8cc2d1f1248217ed6761355f943580e15ced8d6735fd9e083b9"

static void test_version(void **state)
{
    (void)state;
    static const char good[] = "{\"Version\":\"20.10.24\",\"ApiVersion\":\"1.41\","
                               "\"MinAPIVersion\":\"1.12\",\"Arch\":\"amd64\"}";
    struct sg_reply_version v;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_reply_version(&v, good, strlen(good), &err), 0);
    assert_string_equal(v.api, "1.41");
    assert_string_equal(v.api_min, "1.12");
    assert_string_equal(v.engine, "20.10.24");
    static const char *const bad[] = {"",
                                      "{}",
                                      "[]",
                                      "{\"Version\":1,\"ApiVersion\":\"1.41\"}",
                                      "nope",
                                      "null",
                                      "{\"Version\":\"1\",\"ApiVersion\":\"12345678901234567\"}"};
    for (size_t i = 0; i < SG_ARRAY_LEN(bad); i++) {
        struct sg_error e = SG_ERROR_INIT;
        assert_int_equal(sg_reply_version(&v, bad[i], strlen(bad[i]), &e), SG_E_PROTOCOL);
        assert_true(e.text[0] != '\0');
    }
}

static void test_ids(void **state)
{
    (void)state;
    char id[SG_DOCKER_ID_MAX];
    struct sg_error err = SG_ERROR_INIT;
    static const char good[] = "{\"Id\":\"" ID "\",\"Warnings\":[]}";
    assert_int_equal(sg_reply_id(id, good, strlen(good), &err), 0);
    assert_string_equal(id, ID);
    static const char *const bad[] = {"{\"Id\":\"\"}",    "{\"Id\":\"../../etc\"}",
                                      "{\"Id\":\"abc\"}", "{\"Id\":\"0123456789ab?force=1\"}",
                                      "{\"Id\":7}",       "{\"Id\":\"0123456789AB\"}"};
    for (size_t i = 0; i < SG_ARRAY_LEN(bad); i++) {
        struct sg_error e = SG_ERROR_INIT;
        assert_int_equal(sg_reply_id(id, bad[i], strlen(bad[i]), &e), SG_E_PROTOCOL);
    }
}

struct seen {
    int n;
    char names[64];
};

static void count(void *arg, const char *id, const char *name)
{
    struct seen *seen = arg;
    assert_int_equal(strlen(id), 12);
    if (seen->n++ < 4)
        snprintf(seen->names + strlen(seen->names), sizeof seen->names - strlen(seen->names),
                 "%.12s,", name);
}

static void test_lists(void **state)
{
    (void)state;
    struct seen n = {0};
    struct sg_error err = SG_ERROR_INIT;
    static const char good[] = "[{\"Id\":\"0123456789ab\",\"Names\":[\"/one\",\"/other\"]},"
                               "{\"Id\":\"ba9876543210\",\"Names\":[]},"
                               "{\"Id\":\"ba9876543211\",\"Names\":[7]},"
                               "{\"Id\":\"ba9876543212\",\"Names\":[\"two\"]}]";
    assert_int_equal(sg_reply_list(good, strlen(good), count, &n, &err), 0);
    assert_int_equal(n.n, 4);
    assert_string_equal(n.names, "one,,,two,");
    assert_int_equal(sg_reply_list("[]", 2, count, &n, &err), 0);
    static const char *const bad[] = {"{}", "[1]", "[{\"Id\":\"/etc\"}]", "[{}]"};
    for (size_t i = 0; i < SG_ARRAY_LEN(bad); i++) {
        struct sg_error e = SG_ERROR_INIT;
        assert_int_equal(sg_reply_list(bad[i], strlen(bad[i]), count, &n, &e), SG_E_PROTOCOL);
    }
    /* Nothing is begun with a list of which a part is wrong. */
    struct sg_error half = SG_ERROR_INIT;
    const char *partly = "[{\"Id\":\"0123456789ab\"},{}]";
    n.n = 0;
    assert_int_equal(sg_reply_list(partly, strlen(partly), count, &n, &half), SG_E_PROTOCOL);
    assert_int_equal(n.n, 0);
    sg_auto(sg_buf) struct sg_buf many = {0};
    for (int i = 0; i < 5000; i++)
        sg_buf_puts(&many, i ? ",{\"Id\":\"0123456789ab\"}" : "[{\"Id\":\"0123456789ab\"}");
    sg_buf_puts(&many, "]");
    struct sg_error e = SG_ERROR_INIT;
    assert_int_equal(sg_reply_list(many.data, many.len, count, &n, &e), SG_E_PROTOCOL);
}

static void test_nesting_is_bounded(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf deep = {0};
    struct sg_reply_info info;
    struct sg_error err = SG_ERROR_INIT;
    for (int i = 0; i < 100000; i++)
        sg_buf_puts(&deep, "[");
    assert_int_equal(sg_reply_info(&info, deep.data, deep.len, &err), SG_E_PROTOCOL);
}

static void test_info(void **state)
{
    (void)state;
    static const char text[] =
        "{\"MemoryLimit\":true,\"SwapLimit\":false,\"CpuCfsQuota\":true,"
        "\"PidsLimit\":true,\"SecurityOptions\":[\"name=seccomp,profile=default\","
        "\"name=rootless\",7]}";
    struct sg_reply_info info;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_reply_info(&info, text, strlen(text), &err), 0);
    assert_true(info.memory && !info.swap && info.cpu && info.pids && info.rootless);
    assert_int_equal(sg_reply_info(&info, "{}", 2, &err), SG_E_PROTOCOL);
}

static void test_container(void **state)
{
    (void)state;
    static const char text[] =
        "{\"Image\":\"" ID "\",\"State\":{\"Running\":true,\"OOMKilled\":false,\"ExitCode\":3},"
        "\"Config\":{\"User\":\"1000:1000\",\"Tty\":false},"
        "\"HostConfig\":{\"ReadonlyRootfs\":true,\"NetworkMode\":\"none\",\"IpcMode\":\"none\","
        "\"CgroupnsMode\":\"private\",\"CapDrop\":[\"ALL\"],\"CapAdd\":null,\"Binds\":null,"
        "\"SecurityOpt\":[\"no-new-privileges\",\"seccomp={}\"],\"Memory\":5,\"MemorySwap\":5,"
        "\"PidsLimit\":9,\"CpuQuota\":50000,\"LogConfig\":{\"Type\":\"none\"},"
        "\"Tmpfs\":{\"/work\":\"rw\",\"/dev/shm\":\"rw\"},\"Devices\":[],\"Runtime\":\"runc\"}}";
    struct sg_reply_container c;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_reply_container(&c, text, strlen(text), &err), 0);
    assert_true(c.running && c.readonly_root && c.network_none && c.ipc_own && c.cgroupns_own);
    assert_true(c.caps_none && c.binds_none && c.no_new_privs && c.own_seccomp && c.devices_none);
    assert_true(c.pid_own && c.uts_own && c.log_none && !c.privileged && !c.tty);
    assert_int_equal(c.exit_code, 3);
    assert_int_equal(c.pids, 9);
    assert_string_equal(c.tmpfs_work, "rw");
    assert_string_equal(c.image, ID);
    assert_int_equal(sg_reply_container(&c, "{\"State\":{}}", 12, &err), SG_E_PROTOCOL);
}

static void test_messages(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {{"{\"message\":\"no\\nsuch image\"}", "no such image"},
                {"<html>", ""},
                {"{\"message\":7}", ""},
                {"", ""}};
    char ret[16];
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_reply_message(ret, sizeof ret, rows[i].text, strlen(rows[i].text));
        assert_string_equal(ret, rows[i].message);
    }
    sg_reply_message(ret, sizeof ret, "{\"message\":\"0123456789abcdefXYZ\"}", 33);
    assert_string_equal(ret, "0123456789abcde");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version),  cmocka_unit_test(test_ids),
        cmocka_unit_test(test_lists),    cmocka_unit_test(test_nesting_is_bounded),
        cmocka_unit_test(test_info),     cmocka_unit_test(test_container),
        cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
