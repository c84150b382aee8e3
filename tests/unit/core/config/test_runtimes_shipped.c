/* The files of runtimes.d as they are shipped: what they say, and what their probes print where the
   interpreter is there. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "core/base/str.h"
#include "core/config/runtimes.h"
#include "core/model/job.h"
#include "tests/unit/core/config/files.h"

static struct sg_runtimes rts;

static int clean(void **state)
{
    (void)state;
    sg_runtimes_done(&rts);
    files_remove();
    return 0;
}

static void load_shipped(void)
{
    const char *top = getenv("SG_SRCDIR");
    char dir[600];
    struct sg_error err = SG_ERROR_INIT;
    snprintf(dir, sizeof(dir), "%s/packaging/conf/runtimes.d", top ? top : ".");
    if (sg_runtimes_load(&rts, dir, &err) != 0)
        fail_msg("%s", err.text);
}

static void test_shipped_python(void **state)
{
    (void)state;
    load_shipped();
    struct sg_runtime *r = sg_runtimes_find(&rts, "python");
    assert_non_null(r);
    assert_ptr_equal(sg_runtimes_find(&rts, "python3"), r);
    assert_ptr_equal(sg_runtimes_find(&rts, "py"), r);
    assert_ptr_equal(sg_runtimes_by_extension(&rts, "py"), r);
    assert_null(sg_runtimes_find(&rts, "cobol"));
    assert_null(sg_runtimes_by_extension(&rts, ".py"));
    assert_string_equal(r->entry, "main.py");
    assert_int_equal(r->command.n, 2);
    assert_string_equal(r->command.v[0], "/usr/bin/python3");
    assert_string_equal(r->command.v[1], "{file}");
    assert_string_equal(r->profile, "python");
    assert_string_equal(r->rules, "python");
    assert_string_equal(r->version, "");
    assert_false(r->compiled || r->optional);
    assert_true(sg_strings_has(&r->environment, "LANG=C.UTF-8"));
    assert_true(sg_strings_has(&r->environment, "HOME=/work"));
    assert_true(sg_strings_has(&r->environment, "MPLBACKEND=Agg"));
    assert_true(sg_strings_has(&r->environment, "PYTHONPATH=/etc/sandgate-python"));
    assert_true(sg_strings_has(&r->environment, "OPENBLAS_NUM_THREADS={cpus}"));
    for (size_t i = 0; i < r->environment.n; i++)
        assert_null(strstr(r->environment.v[i], "PYTHONUNBUFFERED"));
}

static void test_shipped_node(void **state)
{
    (void)state;
    static const char *const names[] = {"javascript", "js", "node", "nodejs", "node-js"};
    load_shipped();
    struct sg_runtime *r = sg_runtimes_by_extension(&rts, "mjs");
    assert_non_null(r);
    for (size_t i = 0; i < SG_ARRAY_LEN(names); i++)
        assert_ptr_equal(sg_runtimes_find(&rts, names[i]), r);
    assert_ptr_equal(sg_runtimes_by_extension(&rts, "js"), r);
    assert_ptr_equal(sg_runtimes_by_extension(&rts, "cjs"), r);
    assert_string_equal(r->entry, "main.js");
    assert_string_equal(r->command.v[0], "/usr/bin/node");
    assert_string_equal(r->command.v[r->command.n - 1], "{file}");
    assert_true(sg_strings_has(&r->command, "--max-old-space-size={memory_mib}"));
    assert_string_equal(r->profile, "node");
    assert_string_equal(r->rules, "javascript");
    assert_true(r->optional);
}

/* A program executes nothing unless its runtime's file says so. */
static void test_shipped_ones_that_execute(void **state)
{
    (void)state;
    load_shipped();
    for (size_t i = 0; i < rts.n; i++) {
        struct sg_runtime *r = &rts.v[i];
        assert_int_equal(r->may_execute, strcmp(r->language, "bash") == 0);
        assert_non_null(r->self_test);
        assert_true(sg_strings_has(&r->environment, "LANG=C.UTF-8"));
        assert_true(sg_strings_has(&r->environment, "TZ=UTC"));
        assert_true(sg_strings_has(&r->environment, "HOME=/work"));
    }
}

/* The probe is our own program: it may run outside a box. */
static void check_probe(const char *language, const char *file, const char *begins)
{
    load_shipped();
    const struct sg_runtime *rt = sg_runtimes_find(&rts, language);
    if (access(rt->command.v[0], X_OK) < 0)
        skip();
    char path[600];
    snprintf(path, sizeof(path), "%s", file_put(file, rt->probe, strlen(rt->probe)));
    int p[2], status;
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(p[1], STDOUT_FILENO);
        execl(rt->command.v[0], rt->command.v[0], path, (char *)NULL);
        _exit(127);
    }
    close(p[1]);
    sg_auto(sg_buf) struct sg_buf out = {0};
    assert_int_equal(sg_fd_read_all(p[0], &out, 4096), 0);
    close(p[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(strncmp(out.data, begins, strlen(begins)), 0);
    for (const char *line = strchr(out.data, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
        char name[32], version[32];
        assert_int_equal(sscanf(line, "package %31s %31s", name, version), 2);
    }
}

/* Compiled as the file says, and run. */
static void check_compiled_probe(const char *language, const char *file, const char *begins)
{
    load_shipped();
    const struct sg_runtime *rt = sg_runtimes_find(&rts, language);
    if (access(rt->compile.v[0], X_OK) < 0)
        return;
    char source[600], product[600], said[256] = "";
    char *argv[SG_RUNTIME_LIST_MAX + 1] = {0};
    snprintf(source, sizeof(source), "%s", file_put(file, rt->probe, strlen(rt->probe)));
    snprintf(product, sizeof(product), "%s", file_path("product"));
    for (size_t i = 0; i < rt->compile.n; i++)
        argv[i] = strcmp(rt->compile.v[i], "{file}") == 0      ? source
                  : strcmp(rt->compile.v[i], "{product}") == 0 ? product
                                                               : rt->compile.v[i];
    int status;
    pid_t child = fork();
    if (child == 0) {
        execv(argv[0], argv);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    int p[2];
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    child = fork();
    if (child == 0) {
        dup2(p[1], STDOUT_FILENO);
        execl(product, product, (char *)NULL);
        _exit(127);
    }
    close(p[1]);
    assert_true(read(p[0], said, sizeof(said) - 1) > 0);
    close(p[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(strncmp(said, begins, strlen(begins)), 0);
}

static void test_shipped_probes_print_what_is_asked_for(void **state)
{
    (void)state;
    check_probe("python", "probe.py", "version 3.");
    check_probe("node", "probe.js", "version ");
    check_probe("bash", "probe.sh", "version ");
    check_probe("ruby", "probe.rb", "version ");
    check_probe("lua", "probe.lua", "version ");
    check_probe("perl", "probe.pl", "version ");
    check_compiled_probe("c", "probe.c", "version ");
    check_compiled_probe("c++", "probe.cpp", "version ");
}

#define CASE(f) cmocka_unit_test_teardown(f, clean)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(test_shipped_python),
        CASE(test_shipped_node),
        CASE(test_shipped_ones_that_execute),
        CASE(test_shipped_probes_print_what_is_asked_for),
    };
    return cmocka_run_group_tests(tests, files_begin, files_end);
}
