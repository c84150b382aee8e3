/* What the Engine is asked for, and what it must say of it. */
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
#include "core/docker/create.h"
#include "core/model/outcome.h"

#define IMAGE "sha256:fe384407699fb8cc2d1f1248217ed6761355f943580e15ced8d6735fd9e083b9"

static const struct sg_container_limits limits = {512u << 20, 100, 50};
static const struct sg_reply_info able = {true, true, true, true, false};

static struct sg_config make_config(void)
{
    static char instance[] = "unit", none[] = "";
    struct sg_config cfg = {0};
    cfg.native.tmp_bytes = 100u << 20;
    cfg.native.tmp_inodes = 16384;
    cfg.native.shm_bytes = 64u << 20;
    cfg.docker.instance = instance;
    cfg.docker.oci_runtime = none;
    return cfg;
}

/* What an Engine that does as it is asked says. */
static struct sg_reply_container answer_to(const char *body)
{
    struct sg_reply_container c;
    struct sg_error err = SG_ERROR_INIT;
    json_t *asked = json_loads(body, 0, NULL);
    assert_non_null(asked);
    json_t *seen = json_pack(
        "{s:{s:b}, s:{s:O, s:O}, s:O, s:O}", "State", "Running", 1, "Config", "User",
        json_object_get(asked, "User"), "Tty", json_object_get(asked, "Tty"), "Image",
        json_object_get(asked, "Image"), "HostConfig", json_object_get(asked, "HostConfig"));
    assert_non_null(seen);
    sg_autofree char *text = json_dumps(seen, 0);
    assert_int_equal(sg_reply_container(&c, text, strlen(text), &err), 0);
    json_decref(seen);
    json_decref(asked);
    return c;
}

static void test_what_is_asked_is_what_is_checked(void **state)
{
    (void)state;
    const struct sg_config cfg = make_config();
    struct sg_error err = SG_ERROR_INIT;
    sg_autofree char *body = sg_container_create(&cfg, IMAGE, "{\"a\":\"\\\"\"}", &limits);
    assert_non_null(body);
    struct sg_reply_container c = answer_to(body);
    assert_int_equal(sg_container_check(&c, &cfg, IMAGE, &limits, &err), 0);
    uint32_t expected = ((1u << SG_LAYER_COUNT) - 1) &
                        ~(SG_LAYER_BIT(SG_LAYER_PRIVATE_UID) | SG_LAYER_BIT(SG_LAYER_PROC));
    assert_int_equal(sg_container_layers(&c, &able), expected);
}

static void test_runtime_is_passed_on(void **state)
{
    (void)state;
    static char runsc[] = "runsc";
    struct sg_config cfg = make_config();
    cfg.docker.oci_runtime = runsc;
    sg_autofree char *body = sg_container_create(&cfg, IMAGE, "{}", &limits);
    struct sg_reply_container c = answer_to(body);
    assert_string_equal(c.runtime, "runsc");
}

/* Each thing that an Engine could do otherwise takes a layer, or is refused. */
static void test_otherwise(void **state)
{
    (void)state;
    const struct sg_config cfg = make_config();
    sg_autofree char *body = sg_container_create(&cfg, IMAGE, "{}", &limits);
    const struct sg_reply_container good = answer_to(body);
#define LAYER(field, value, layer)                                                                 \
    do {                                                                                           \
        struct sg_reply_container c = good;                                                        \
        c.field = value;                                                                           \
        assert_false(sg_container_layers(&c, &able) & SG_LAYER_BIT(SG_LAYER_##layer));             \
    } while (0)
    LAYER(readonly_root, false, ROOT_RO);
    LAYER(binds_none, false, ROOT_RO);
    LAYER(network_none, false, NET_NS);
    LAYER(ipc_own, false, IPC_NS);
    LAYER(pid_own, false, PID_NS);
    LAYER(uts_own, false, UTS_NS);
    LAYER(cgroupns_own, false, CGROUP_NS);
    LAYER(userns_host, true, USER_NS);
    LAYER(caps_none, false, CAPABILITIES);
    LAYER(privileged, true, CAPABILITIES);
    LAYER(no_new_privs, false, NO_NEW_PRIVS);
    LAYER(own_seccomp, false, SECCOMP);
    LAYER(seccomp_off, true, SECCOMP);
    LAYER(memory_swap, -1, CGROUP_MEMORY);
    LAYER(pids, 0, CGROUP_PIDS);
    LAYER(cpu_quota, 0, CGROUP_CPU);
#define REFUSED(field, value)                                                                      \
    do {                                                                                           \
        struct sg_reply_container c = good;                                                        \
        struct sg_error err = SG_ERROR_INIT;                                                       \
        c.field = value;                                                                           \
        assert_int_equal(sg_container_check(&c, &cfg, IMAGE, &limits, &err), SG_E_LAYER);          \
        assert_true(err.text[0] != '\0');                                                          \
    } while (0)
    REFUSED(running, false);
    REFUSED(privileged, true);
    REFUSED(tty, true);
    REFUSED(binds_none, false);
    REFUSED(devices_none, false);
    REFUSED(log_none, false);
    REFUSED(image[8], 'z');
    REFUSED(user[0], '0');
    REFUSED(tmpfs_tmp[0], 'x');
    REFUSED(tmpfs_work[0], 'x');
    REFUSED(tmpfs_shm[0], 'x');
    REFUSED(memory, 1);
    REFUSED(pids, 1000);
    REFUSED(cpu_quota, 100000);
}

/* An Engine whose kernel cannot limit says so, whatever it takes. */
static void test_engine_that_cannot(void **state)
{
    (void)state;
    const struct sg_config cfg = make_config();
    const struct sg_reply_info unable = {0};
    sg_autofree char *body = sg_container_create(&cfg, IMAGE, "{}", &limits);
    const struct sg_reply_container c = answer_to(body);
    uint32_t lost = SG_LAYER_BIT(SG_LAYER_CGROUP_MEMORY) | SG_LAYER_BIT(SG_LAYER_CGROUP_PIDS) |
                    SG_LAYER_BIT(SG_LAYER_CGROUP_CPU);
    assert_int_equal(sg_container_layers(&c, &unable), sg_container_layers(&c, &able) & ~lost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_asked_is_what_is_checked),
        cmocka_unit_test(test_runtime_is_passed_on),
        cmocka_unit_test(test_otherwise),
        cmocka_unit_test(test_engine_that_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
