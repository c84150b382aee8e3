/* Paths and environment names that a client may give, by tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/model/job.h"

struct row {
    const char *text, *wrong; /* NULL: fine */
};

static void check_rows(const char *(*check)(const char *), const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *got = check(rows[i].text);
        if (!got != !rows[i].wrong || (got && strcmp(got, rows[i].wrong) != 0))
            fail_msg("\"%s\": %s instead of %s", rows[i].text, got ? got : "fine",
                     rows[i].wrong ? rows[i].wrong : "fine");
    }
}

#define X50  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X250 X50 X50 X50 X50 X50

static void test_paths(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"main.py", NULL},
        {"a/b/c/d/e/f/g/h", NULL},
        {"a/b/c/d/e/f/g/h/i", "has more than 8 components"},
        {"...", NULL},
        {".hidden", NULL},
        {"..a/b..", NULL},
        {"with blank", NULL},
        {"-rf", NULL},
        {"caf\xc3\xa9/\xe2\x82\xac", NULL},
        {"a\\b", NULL},
        {X250 "12345", NULL},
        {X250 "123456", "is longer than 255 bytes"},
        {"", "is empty"},
        {"/", "is absolute"},
        {"/etc/passwd", "is absolute"},
        {"//x", "is absolute"},
        {".", "has a component \".\" or \"..\""},
        {"..", "has a component \".\" or \"..\""},
        {"../x", "has a component \".\" or \"..\""},
        {"a/../b", "has a component \".\" or \"..\""},
        {"a/..", "has a component \".\" or \"..\""},
        {"a/./b", "has a component \".\" or \"..\""},
        {"a//b", "has an empty component"},
        {"a/", "has an empty component"},
        {"a\nb", "has a control character"},
        {"a\x1b[0m", "has a control character"},
        {"a\x7f", "has a control character"},
        {"a\xc2\x9b", "has a control character"},
        {"a\xff", "is not valid UTF-8"},
        {"a\xe2\x82", "is not valid UTF-8"},
        {"\xc0\xae\xc0\xae/x", "is not valid UTF-8"}, /* ".." overlong */
    };
    check_rows(sg_path_check, rows, SG_ARRAY_LEN(rows));
}

static void test_environment_names(void **state)
{
    (void)state;
    static const char loads[] = "makes a loader or interpreter load code";
    static const char letters[] = "has a character other than letters, digits and _";
    static const struct row rows[] = {
        {"MODE", NULL},
        {"_", NULL},
        {"a1_B", NULL},
        {"PYTHONHASHSEED", NULL},
        {"PATH", NULL},
        {"LDX", NULL},
        {"ENVIRONMENT", NULL},
        {"MY_LD_PRELOAD", NULL},
        {X50 "12345678901234", NULL},
        {X50 "123456789012345", "is longer than 64 bytes"},
        {"", "is empty"},
        {"1A", "begins with a digit"},
        {"A-B", letters},
        {"A B", letters},
        {"A=B", letters},
        {"\xc3\xa9", letters},
        {"A\n", letters},
        {"LD_PRELOAD", loads},
        {"LD_LIBRARY_PATH", loads},
        {"LD_", loads},
        {"GLIBC_TUNABLES", loads},
        {"GCONV_PATH", loads},
        {"PYTHONPATH", loads},
        {"PYTHONSTARTUP", loads},
        {"PYTHONHOME", loads},
        {"PYTHONINSPECT", loads},
        {"NODE_OPTIONS", loads},
        {"PERL5OPT", loads},
        {"PERL5LIB", loads},
        {"RUBYOPT", loads},
        {"BASH_ENV", loads},
        {"ENV", loads},
        {"IFS", loads},
        {"JAVA_TOOL_OPTIONS", loads},
        {"LUA_INIT_5_3", loads},
    };
    check_rows(sg_env_name_check, rows, SG_ARRAY_LEN(rows));
}

#define TEXT(s)                                                                                    \
    {                                                                                              \
        (char *)(uintptr_t)(s), sizeof(s) - 1                                                      \
    }
static void test_plain(void **state)
{
    (void)state;
    static const struct {
        const char *name; /* of the entry; NULL: no files at all */
        struct sg_bytes content;
        size_t nargs, nenv;
        bool plain;
    } rows[] = {
        {"main.py", {NULL, 0}, 0, 0, true},
        {"main.py", TEXT("import os, sys"), 0, 0, true},
        {"main.py", TEXT("PK"), 0, 0, true},
        {"main.py", TEXT("PK\x05"), 0, 0, true},
        {"main.py", TEXT("P\x05\x06K PK\x03\x04"), 0, 0, true},
        {"main.py", TEXT("\xff not UTF-8"), 0, 0, true},
        {"main.py", TEXT("x"), 1, 0, false},
        {"main.py", TEXT("x"), 0, 1, false},
        {"Main.py", TEXT("x"), 0, 0, false},
        {"main.p", TEXT("x"), 0, 0, false},
        {"a/main.py", TEXT("x"), 0, 0, false},
        {"main.py", TEXT("PK\x05\x06"), 0, 0, false},
        {"main.py", TEXT("code\nPK\x05\x06 and more"), 0, 0, false},
        {"main.py", TEXT("a\0b"), 0, 0, false},
        {"main.py", TEXT("a\0"), 0, 0, false},
        {NULL, {NULL, 0}, 0, 0, false},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_job job = {.files = {{(char *)(uintptr_t)rows[i].name, rows[i].content},
                                       {(char *)(uintptr_t) "b.py", TEXT("PK\x05\x06")}},
                             .nfiles = rows[i].name ? 2 : 0,
                             .nargs = rows[i].nargs,
                             .nenv = rows[i].nenv,
                             .limits.file_bytes = 100};
        if (sg_job_is_plain(&job, "main.py") != rows[i].plain)
            fail_msg("row %zu", i);
        job.input.n = 100;
        assert_int_equal(sg_job_is_plain(&job, "main.py"), rows[i].plain);
        job.input.n = 101;
        assert_false(sg_job_is_plain(&job, "main.py"));
        job.input.n = 0;
        job.files[1].content.n = 101;
        assert_true(job.nfiles == 0 || !sg_job_is_plain(&job, "main.py"));
    }
}

static void test_done_frees_everything(void **state)
{
    (void)state;
    struct sg_job *job = calloc(1, sizeof(*job));
    assert_non_null(job);
    for (job->nfiles = 0; job->nfiles < SG_FILES_MAX; job->nfiles++) {
        job->files[job->nfiles].path = strdup("a");
        job->files[job->nfiles].content = (struct sg_bytes){strdup("b"), 1};
    }
    while (job->nargs < SG_ARGS_MAX)
        job->args[job->nargs++] = strdup("c");
    while (job->nenv < SG_ENV_MAX)
        job->env[job->nenv++] = strdup("d=e");
    job->input = (struct sg_bytes){strdup("f"), 1};
    sg_job_done(job); /* a leak is for the sanitizer to see */
    assert_int_equal(job->nfiles + job->nargs + job->nenv + job->input.n, 0);
    assert_null(job->files[0].path);
    sg_job_done(job);
    free(job);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_environment_names),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_done_frees_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
