/* The plan: what a box is made of, decided from configuration, runtime, limits and facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/sandbox/plan.h"

struct fixture {
    struct sg_config cfg;
    struct sg_runtime rt;
    struct sg_limits limits;
    struct sg_plan_facts facts;
    struct sock_filter filter[3];
    struct sg_plan plan;
    struct sg_program_plan program;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->cfg.native.tmp_bytes = 100 << 20;
    f->cfg.native.tmp_inodes = 1000;
    f->cfg.native.shm_bytes = 64 << 20;
    f->rt.language = strdup("python");
    f->rt.profile = strdup("python");
    sg_strings_add(&f->rt.command, "/usr/bin/python3");
    sg_strings_add(&f->rt.command, "{file}");
    sg_strings_add(&f->rt.environment, "OMP_NUM_THREADS={cpus}");
    sg_limits_default(&f->limits);
    f->facts = (struct sg_plan_facts){.proc = true,
                                      .two_ids = true,
                                      .landlock_abi = 6,
                                      .id_init = 5,
                                      .id_program = 6,
                                      .filter = f->filter,
                                      .nfilter = 3,
                                      .dirs = {{"usr", ""}, {"bin", "usr/bin"}},
                                      .ndirs = 2};
    f->facts.cgroup_layers = SG_LAYER_BIT(SG_LAYER_CGROUP_MEMORY) |
                             SG_LAYER_BIT(SG_LAYER_CGROUP_PIDS) | SG_LAYER_BIT(SG_LAYER_CGROUP_CPU);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    sg_runtime_done(&f->rt);
    free(f);
    return 0;
}

static void build(struct fixture *f)
{
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_plan_build(&f->plan, &f->cfg, &f->facts, &err), 0);
    assert_int_equal(
        sg_program_plan_build(&f->program, &f->cfg, &f->rt, &f->limits, &f->facts, &err), 0);
}

static const struct sg_plan_mount *find(const struct sg_plan *p, enum sg_mount_kind kind,
                                        const char *target)
{
    for (uint32_t i = 0; i < p->nmounts; i++)
        if (p->mounts[i].kind == kind && strcmp(p->mounts[i].target, target) == 0)
            return &p->mounts[i];
    return NULL;
}

static void test_nothing_of_the_host_is_writable(void **state)
{
    struct fixture *f = *state;
    build(f);
    assert_non_null(find(&f->plan, SG_MOUNT_BIND, "usr"));
    assert_string_equal(find(&f->plan, SG_MOUNT_SYMLINK, "bin")->source, "usr/bin");
    for (uint32_t i = 0; i < f->plan.nmounts; i++) {
        const struct sg_plan_mount *m = &f->plan.mounts[i];
        if (m->kind == SG_MOUNT_BIND && !sg_str_starts(m->target, "dev/"))
            assert_int_equal(m->attr & 7, 7); /* read-only, nosuid, nodev */
    }
    assert_non_null(find(&f->plan, SG_MOUNT_READONLY, "dev"));
    assert_non_null(find(&f->plan, SG_MOUNT_READONLY, "proc"));
    assert_string_equal(find(&f->plan, SG_MOUNT_PROC, "proc")->data,
                        "hidepid=invisible,subset=pid");
}

static void test_writable_places_are_bounded(void **state)
{
    struct fixture *f = *state;
    build(f);
    assert_string_equal(find(&f->plan, SG_MOUNT_TMPFS, "aside")->data,
                        "size=104857600,nr_inodes=1000,mode=755");
    assert_string_equal(find(&f->plan, SG_MOUNT_TMPFS, "dev/shm")->data,
                        "size=67108864,nr_inodes=4096,mode=1777");
}

static uint64_t rlimit_of(const struct sg_program_plan *p, int resource)
{
    for (uint32_t i = 0; i < p->nrlimits; i++)
        if (p->rlimits[i].resource == resource)
            return p->rlimits[i].value;
    return UINT64_MAX;
}

static void test_rlimits(void **state)
{
    struct fixture *f = *state;
    f->limits.file_bytes = 12345;
    f->limits.processes = 20;
    build(f);
    assert_int_equal(rlimit_of(&f->program, RLIMIT_CORE), 1);
    assert_int_equal(rlimit_of(&f->program, RLIMIT_FSIZE), 12345);
    assert_int_equal(rlimit_of(&f->program, RLIMIT_NPROC), 36);
    assert_true(rlimit_of(&f->program, RLIMIT_AS) ==
                UINT64_MAX); /* V8 and the JVM reserve far more than they use */
}

static void test_ids(void **state)
{
    struct fixture *f = *state;
    build(f);
    assert_int_equal(f->plan.nmap, 2);
    assert_int_equal(f->plan.uid_map[0].inside, 1000);
    assert_int_equal(f->plan.uid_map[0].outside, 6);
    assert_int_equal(f->plan.uid_map[1].inside, 0);
    assert_int_equal(f->plan.uid_map[1].outside, 5);
    assert_int_equal(f->plan.init_uid, 0);
    f->facts.two_ids = false;
    f->facts.id_init = f->facts.id_program = 0;
    build(f);
    assert_int_equal(f->plan.nmap, 1);
    assert_int_equal(f->plan.init_uid, 1000);
    assert_int_equal(f->plan.program_uid, 1000);
}

static void test_required_layers(void **state)
{
    struct fixture *f = *state;
    const uint32_t all = (1u << SG_LAYER_COUNT) - 1;
    build(f);
    assert_int_equal(f->plan.required, all);
    f->facts.landlock_abi =
        0; /* absent, but not named: still required, so that the run is refused */
    f->facts.cgroup_layers = 0;
    build(f);
    assert_int_equal(f->plan.required, all);
    f->facts.two_ids = false;
    build(f);
    assert_int_equal(f->plan.required, all);
    f->facts.two_ids = true;
    f->cfg.native.allow_missing = SG_LAYER_BIT(SG_LAYER_LANDLOCK) | SG_LAYER_BIT(SG_LAYER_SECCOMP);
    build(f); /* named and absent: not required; named and there: required */
    assert_int_equal(f->plan.required, all & ~SG_LAYER_BIT(SG_LAYER_LANDLOCK));
}

static void test_command_and_environment(void **state)
{
    struct fixture *f = *state;
    f->limits.cpu_percent = 150;
    f->limits.memory_bytes = (300 << 20) - 1;
    sg_strings_add(&f->rt.command, "--heap={memory_mib},{cpus}");
    build(f);
    assert_int_equal(f->program.nargv, 3);
    assert_string_equal(f->program.text + f->program.argv[0], "/usr/bin/python3");
    assert_string_equal(f->program.text + f->program.argv[1],
                        "{file}"); /* pid 1 knows the entry's name */
    assert_string_equal(f->program.text + f->program.argv[2], "--heap=299,2");
    assert_string_equal(f->program.text + f->program.env[0], "OMP_NUM_THREADS=2");
}

static void test_what_does_not_fit_is_refused(void **state)
{
    struct fixture *f = *state;
    struct sg_error err = SG_ERROR_INIT;
    char *long_text = malloc(SG_PLAN_TEXT + 1);
    memset(long_text, 'x', SG_PLAN_TEXT);
    long_text[SG_PLAN_TEXT] = '\0';
    sg_strings_add(&f->rt.environment, long_text);
    free(long_text);
    assert_int_equal(
        sg_program_plan_build(&f->program, &f->cfg, &f->rt, &f->limits, &f->facts, &err),
        SG_E_INVALID);
    assert_non_null(strstr(err.text, "runtime python"));
    sg_error_clear(&err);
    f->rt.environment.v[--f->rt.environment.n][0] = '\0';
    free(f->rt.environment.v[f->rt.environment.n]);
    f->rt.environment.v[f->rt.environment.n] = NULL;
    f->facts.nfilter = SG_PLAN_FILTER + 1;
    assert_int_equal(
        sg_program_plan_build(&f->program, &f->cfg, &f->rt, &f->limits, &f->facts, &err),
        SG_E_INVALID);
    assert_non_null(strstr(err.text, "2049 instructions"));
}

static void test_image_root(void **state)
{
    struct fixture *f = *state;
    f->cfg.native.root = (char *)"/srv/image";
    build(f);
    assert_string_equal(find(&f->plan, SG_MOUNT_BIND, "usr")->source, "/srv/image/usr");
    assert_string_equal(find(&f->plan, SG_MOUNT_BIND, "etc/alternatives")->source,
                        "/srv/image/etc/alternatives");
    f->cfg.native.root = NULL;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_nothing_of_the_host_is_writable),
        CASE(test_writable_places_are_bounded),
        CASE(test_rlimits),
        CASE(test_ids),
        CASE(test_required_layers),
        CASE(test_command_and_environment),
        CASE(test_what_does_not_fit_is_refused),
        CASE(test_image_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
