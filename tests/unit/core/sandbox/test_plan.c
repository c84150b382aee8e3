/* The plan: what a box is made of, decided from configuration, runtime, limits and facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/sandbox/plan.h"
#include "core/sandbox/python_files.h"
#include "core/sandbox/template.h"

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
    const struct sg_plan_mount *proc = find(&f->plan, SG_MOUNT_PROC, "proc");
    assert_true(proc && strcmp(proc->data, "hidepid=invisible,subset=pid") == 0);
    assert_true(proc && proc->attr == 15); /* and noexec */
}

/* What a program can write to, and its own processes, are no other box's; nothing of the host is
   taken after the cell's root has been made; the host's /proc is in no box. */
static void test_what_is_a_boxs_own(void **state)
{
    struct fixture *f = *state;
    build(f);
    for (uint32_t i = 0; i < f->plan.nmounts; i++) {
        const struct sg_plan_mount *m = &f->plan.mounts[i];
        if (m->kind == SG_MOUNT_TMPFS)
            assert_int_equal(m->per_box, strcmp(m->target, "dev") != 0);
        if (m->kind == SG_MOUNT_BIND || m->kind == SG_MOUNT_TEXT || m->kind == SG_MOUNT_PYTHON)
            assert_false(m->per_box);
        if (m->kind == SG_MOUNT_PYTHON)
            assert_true(m->attr < SG_PYTHON_FILES &&
                        strstr(m->target, sg_python_files[m->attr].name));
    }
    assert_non_null(find(&f->plan, SG_MOUNT_PYTHON, SG_PYTHON_DIR "/sitecustomize.py"));
    const struct sg_plan_mount *hosts = NULL, *own = find(&f->plan, SG_MOUNT_PROC, "proc");
    for (uint32_t i = 0; i < f->plan.nmounts; i++)
        if (f->plan.mounts[i].kind == SG_MOUNT_BIND &&
            strcmp(f->plan.mounts[i].source, "/proc") == 0)
            hosts = &f->plan.mounts[i];
    assert_true(hosts && !hosts->per_box && strcmp(hosts->target, "proc") == 0);
    assert_true(own && own->per_box && own > hosts);
    f->facts.proc = false; /* none of one's own: none at all */
    build(f);
    assert_null(find(&f->plan, SG_MOUNT_BIND, "proc"));
    assert_null(find(&f->plan, SG_MOUNT_PROC, "proc"));
}

static void test_writable_places_are_bounded(void **state)
{
    struct fixture *f = *state;
    build(f);
    assert_string_equal(find(&f->plan, SG_MOUNT_TMPFS, "tmp")->data,
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

/* The same runtime twice: a compiler that may execute, then what it has made, which may not. */
static void test_stages_of_a_compiled_language(void **state)
{
    struct fixture *f = *state;
    struct sg_error err = SG_ERROR_INIT;
    static struct sg_program_plan plan;
    build(f);
    assert_int_equal(f->program.product, SG_PLAN_NO_PRODUCT);
    sg_strings_done(&f->rt.command);
    sg_strings_add(&f->rt.command, "{product}");
    sg_strings_add(&f->rt.compile, "/usr/bin/cc");
    sg_strings_add(&f->rt.compile, "-o");
    sg_strings_add(&f->rt.compile, "{product}");
    sg_strings_add(&f->rt.compile, "{file}");
    f->rt.entry = strdup("main.c");
    f->limits.file_bytes = 5000;
    const struct sg_runtime stage = sg_runtime_compile_stage(&f->rt);
    assert_int_equal(sg_program_plan_build(&plan, &f->cfg, &stage, &f->limits, &f->facts, &err), 0);
    assert_int_equal(plan.product, SG_PLAN_MAKES_PRODUCT);
    assert_int_equal(plan.product_most, 5000);
    assert_true(plan.may_execute);
    assert_false(plan.required & SG_LAYER_BIT(SG_LAYER_ONE_EXEC));
    assert_int_equal(plan.required | SG_LAYER_BIT(SG_LAYER_ONE_EXEC), f->program.required);
    assert_int_equal(plan.nargv, 4);
    assert_string_equal(plan.text + plan.argv[2], SG_PLAN_PRODUCT_DIR "/" SG_PLAN_PRODUCT_NAME);
    f->limits.file_bytes = 1ull << 40;
    build(f);
    assert_int_equal(f->program.product, SG_PLAN_IS_PRODUCT);
    assert_int_equal(f->program.product_most, SG_PRODUCT_BYTES_MAX);
    assert_false(f->program.may_execute);
    assert_true(f->program.required & SG_LAYER_BIT(SG_LAYER_ONE_EXEC));
    assert_int_equal(f->program.nargv, 1);
    assert_string_equal(f->program.text + f->program.argv[0], "main");
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

/* ---- templates, and programs that wait ---- */

static bool lies_at(const char *target, const char *place)
{
    size_t n = strlen(place);
    return strncmp(target, place, n) == 0 && (target[n] == '\0' || target[n] == '/');
}

static void test_place_of_a_template(void **state)
{
    struct fixture *f = *state;
    build(f);
    struct sg_plan box = f->plan;
    sg_plan_for_template(&f->plan);
    assert_int_equal(f->plan.nmap, 0); /* it makes no user namespace: it joins others' */
    assert_int_equal(f->plan.init_uid, 0);
    assert_int_equal(f->plan.init_gid, 0);
    assert_int_equal(f->plan.program_uid, 0);
    assert_int_equal(f->plan.program_gid, 0);
    for (uint32_t i = 0; i < f->plan.nmounts; i++) {
        assert_int_not_equal(f->plan.mounts[i].kind, SG_MOUNT_PROC);
        assert_false(lies_at(f->plan.mounts[i].target, "proc"));
    }
    const struct sg_plan_mount *library = find(&f->plan, SG_MOUNT_COPY, SG_TEMPLATE_FILE);
    const struct sg_plan_mount *preload = find(&f->plan, SG_MOUNT_TEXT, "etc/ld.so.preload");
    assert_true(library && library->attr == 0755);
    assert_true(preload && strcmp(preload->data, "/" SG_TEMPLATE_FILE "\n") == 0);
    /* Whatever else it has a box has at the same place, in the same order. */
    uint32_t at = 0;
    for (uint32_t i = 0; i < f->plan.nmounts; i++) {
        const struct sg_plan_mount *m = &f->plan.mounts[i];
        if (m == library || m == preload)
            continue;
        while (at < box.nmounts && memcmp(&box.mounts[at], m, sizeof *m) != 0)
            at++;
        if (at++ >= box.nmounts)
            fail_msg("no box has %s", m->target);
    }
}

static void test_no_box_has_what_only_a_template_has(void **state)
{
    struct fixture *f = *state;
    build(f);
    assert_null(find(&f->plan, SG_MOUNT_TEXT, "etc/ld.so.preload"));
    for (uint32_t i = 0; i < f->plan.nmounts; i++)
        assert_int_not_equal(f->plan.mounts[i].kind, SG_MOUNT_COPY);
}

static void test_place_of_a_template_without_proc(void **state)
{
    struct fixture *f = *state;
    f->facts.proc = false;
    f->facts.two_ids = false;
    build(f);
    uint32_t rows = f->plan.nmounts;
    sg_plan_for_template(&f->plan);
    assert_int_equal(f->plan.nmounts, rows - 1 + 2); /* the directory /proc went */
    assert_int_equal(f->plan.nmap, 0);
    assert_int_equal(f->plan.program_uid, 0);
}

/* A root with as many links as there may be leaves room for the template's rows. */
static void test_place_of_a_template_fits(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"};
    f->facts.ndirs = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(names); i++)
        sg_str_copy(f->facts.dirs[f->facts.ndirs++].name, sizeof f->facts.dirs[0].name, names[i]);
    build(f);
    sg_plan_for_template(&f->plan);
    assert_true(f->plan.nmounts <= SG_PLAN_MOUNTS);
    assert_non_null(find(&f->plan, SG_MOUNT_TEXT, "etc/ld.so.preload"));
}

static void test_entry(void **state)
{
    struct fixture *f = *state;
    build(f);
    assert_string_equal(f->program.entry, ""); /* a runtime that names none */
    f->rt.entry = strdup("main.py");
    build(f);
    assert_string_equal(f->program.entry, "main.py");
    assert_int_equal(f->program.magic, SG_PROGRAM_PLAN_MAGIC);
    assert_int_equal(f->program.size, sizeof f->program);
    assert_int_equal(f->program.uid, 1000);
    assert_int_equal(f->program.gid, 1000);
    assert_int_equal(f->program.required, f->plan.required);
}

static void test_seconds_of_cpu(void **state)
{
    static const struct {
        uint64_t ms, seconds;
    } rows[] = {{1, 2}, {999, 2}, {1000, 3}, {1999, 3}, {30000, 32}, {120000, 122}};
    struct fixture *f = *state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        f->limits.cpu_time_ms = rows[i].ms;
        assert_int_equal(sg_plan_cpu_seconds(&f->limits), rows[i].seconds);
        build(f);
        assert_int_equal(rlimit_of(&f->program, RLIMIT_CPU), rows[i].seconds);
    }
}

/* Above pids.max, so that this is what is met; and all there is where there is no cgroup. */
static void test_number_of_processes(void **state)
{
    struct fixture *f = *state;
    f->limits.processes = 7;
    assert_int_equal(sg_plan_processes(&f->limits, &f->facts), 23);
    f->facts.cgroup_layers &= ~SG_LAYER_BIT(SG_LAYER_CGROUP_PIDS);
    assert_int_equal(sg_plan_processes(&f->limits, &f->facts), 8);
    build(f);
    assert_int_equal(rlimit_of(&f->program, RLIMIT_NPROC), 8);
    f->facts.two_ids = false; /* pid 1 and the keeper are the program's user, too */
    assert_int_equal(sg_plan_processes(&f->limits, &f->facts), 9);
}

/* A program that waits is started with the largest limits: whatever a run asks for can be reached
 * by lowering. */
static void test_limits_can_be_lowered_to_any(void **state)
{
    static const int lowered[] = {RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_NPROC};
    struct fixture *f = *state;
    struct sg_limits most = f->limits;
    most.file_bytes *= 10;
    most.cpu_time_ms *= 4;
    most.processes *= 2;
    build(f);
    struct sg_program_plan want = f->program;
    f->limits = most;
    build(f);
    assert_int_equal(want.nrlimits, f->program.nrlimits);
    for (uint32_t i = 0; i < want.nrlimits; i++) {
        const struct sg_plan_rlimit *a = &want.rlimits[i], *b = &f->program.rlimits[i];
        bool may_differ = false;
        for (size_t k = 0; k < SG_ARRAY_LEN(lowered); k++)
            may_differ = may_differ || lowered[k] == a->resource;
        assert_int_equal(a->resource, b->resource);
        assert_true(may_differ ? a->value < b->value : a->value == b->value);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_nothing_of_the_host_is_writable),
        CASE(test_what_is_a_boxs_own),
        CASE(test_writable_places_are_bounded),
        CASE(test_stages_of_a_compiled_language),
        CASE(test_rlimits),
        CASE(test_ids),
        CASE(test_required_layers),
        CASE(test_command_and_environment),
        CASE(test_what_does_not_fit_is_refused),
        CASE(test_image_root),
        CASE(test_place_of_a_template),
        CASE(test_no_box_has_what_only_a_template_has),
        CASE(test_place_of_a_template_without_proc),
        CASE(test_place_of_a_template_fits),
        CASE(test_entry),
        CASE(test_seconds_of_cpu),
        CASE(test_number_of_processes),
        CASE(test_limits_can_be_lowered_to_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
