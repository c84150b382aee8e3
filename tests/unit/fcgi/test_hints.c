/* What a job tells its executor: may an interpreter that waits take it, and what does it import. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/hints.h"

static struct sg_runtimes rts;

static struct sg_runtime *add_runtime(const char *language, const char *entry,
                                      const char *extension, const char *const *templates)
{
    struct sg_runtime *rt = &rts.v[rts.n++];
    rt->language = strdup(language);
    rt->entry = strdup(entry);
    assert_int_equal(sg_strings_add(&rt->extensions, extension), 0);
    for (; *templates; templates++)
        assert_int_equal(sg_strings_add(&rt->templates, *templates), 0);
    return rt;
}

static int set_up(void **state)
{
    (void)state;
    add_runtime("python", "main.py", "py",
                (const char *const[]){"none", "numpy pandas", "matplotlib.pyplot numpy", NULL});
    add_runtime("ruby", "main.rb", "rb", (const char *const[]){"json", NULL});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sg_runtimes_done(&rts);
    return 0;
}

static void add_file(struct sg_job *job, const char *path, const char *text)
{
    job->files[job->nfiles].path = strdup(path);
    if (*text)
        job->files[job->nfiles].content = (struct sg_bytes){strdup(text), strlen(text)};
    job->nfiles++;
}

#define FILES_MAX 3
static void test_imports_of_text(void **state)
{
    (void)state;
    static const struct {
        const char *language, *files[FILES_MAX][2], *imports;
    } rows[] = {
        {"python", {{"main.py", "import numpy"}}, "numpy"},
        {"python", {{"main.py", "import os"}}, ""},
        {"python", {{"main.py", ""}}, ""},
        {"python", {{"start", "import pandas"}}, "pandas"}, /* the entry, whatever its name */
        {"python", {{"main.py", "from matplotlib import pyplot"}}, "matplotlib"},
        {"python",
         {{"main.py", "import x"}, {"x.py", "import numpy"}, {"lib/y.py", "import pandas"}},
         "numpy pandas"},
        {"python", {{"main.py", ""}, {"x.txt", "import numpy"}, {"y", "import pandas"}}, ""},
        {"python", {{"main.py", ""}, {"x.rb", "import numpy"}, {"d.py/x", "import pandas"}}, ""},
        {"python", {{"main.py", "import numpy, pandas"}, {"numpy.py", ""}}, "pandas"},
        {"python", {{"main.py", "import numpy, pandas"}, {"pandas/__init__.py", ""}}, "numpy"},
        {"python", {{"main.py", "import numpy, json"}, {"json.py", ""}}, "numpy"},
        {"python", {{"numpy.py", "import numpy"}}, ""},
        {"python",
         {{"main.py", "import numpy"}, {"numpy.cpython-311-x86_64-linux-gnu.so", "x"}},
         ""},
        {"python", {{"main.py", "import numpy"}, {"numpy.csv", ""}, {"numpy.py.txt", ""}}, "numpy"},
        {"python", {{"main.py", "import numpy"}, {"numpy/a.csv", ""}, {"numpy/a.py", ""}}, "numpy"},
        {"python", {{"main.py", "import matplotlib, numpy"}, {"matplotlibrc", ""}}, "numpy"},
        {"python", {{"main.py", "import matplotlib"}, {"doc/matplotlibrc", ""}}, "matplotlib"},
        {"python", {{"main.py", "environ['MPLBACKEND'] = 'pdf'; import matplotlib"}}, ""},
        {"python", {{"main.py", "import matplotlib"}, {"MPLBACKEND", "MPLBACKEND"}}, "matplotlib"},
        {"ruby", {{"main.rb", "import json, numpy"}}, "json"},
        {"lua", {{"main.lua", "import json, numpy"}}, ""},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_job job = {.limits.file_bytes = 1000, .plain = true, .imports = "of before"};
        sg_str_copy(job.language, sizeof job.language, rows[i].language);
        for (size_t k = 0; k < FILES_MAX && rows[i].files[k][0]; k++)
            add_file(&job, rows[i].files[k][0], rows[i].files[k][1]);
        sg_hints_fill(&job, &rts, NULL);
        if (strcmp(job.imports, rows[i].imports) != 0)
            fail_msg("row %zu: \"%s\" instead of \"%s\"", i, job.imports, rows[i].imports);
        sg_job_done(&job);
    }
}

/* Who has parsed the code knows better than a glance at it. */
static void test_imports_of_a_verdict(void **state)
{
    (void)state;
    struct sg_verdict v = {.decision = SG_DECISION_ALLOWED};
    struct sg_job job = {.limits.file_bytes = 1000, .language = "python"};
    add_file(&job, "main.py", "'''\nimport numpy\n'''");
    add_file(&job, "pandas.py", "");
    sg_hints_fill(&job, &rts, &v);
    assert_string_equal(job.imports, "");
    sg_imports_add(&v.imports, "os", 2);
    sg_imports_add(&v.imports, "pandas", 6);
    sg_imports_add(&v.imports, "numpy", 5);
    sg_hints_fill(&job, &rts, &v);
    assert_string_equal(job.imports, "numpy");
    assert_int_equal(v.imports.n, 3);
    sg_job_done(&job);
}

static bool is_plain(const char *language, const char *name)
{
    struct sg_job job = {.limits.file_bytes = 1000, .plain = true};
    sg_str_copy(job.language, sizeof job.language, language);
    add_file(&job, name, "x");
    sg_hints_fill(&job, &rts, NULL);
    bool plain = job.plain;
    sg_job_done(&job);
    return plain;
}

static void test_plain(void **state)
{
    (void)state;
    assert_true(is_plain("python", "main.py"));
    assert_true(is_plain("ruby", "main.rb"));
    assert_false(is_plain("python", "main.rb"));
    assert_false(is_plain("lua", "main.py"));
    struct sg_job job = {.limits.file_bytes = 1000, .language = "python", .nargs = 1};
    add_file(&job, "main.py", "x");
    job.args[0] = strdup("a");
    sg_hints_fill(&job, &rts, NULL);
    assert_false(job.plain);
    sg_job_done(&job);
}

/* Any of several runtimes of one language may run it: all must agree on the name. */
static void test_several_runtimes(void **state)
{
    (void)state;
    static const char *const templates[] = {"torch numpy", NULL};
    add_runtime("python", "main.py", "py", templates);
    assert_true(is_plain("python", "main.py"));
    struct sg_job job = {.limits.file_bytes = 1000, .language = "python"};
    add_file(&job, "main.py", "import torch, numpy");
    sg_hints_fill(&job, &rts, NULL);
    assert_string_equal(job.imports, "numpy torch");
    sg_job_done(&job);
    add_runtime("python", "start.py", "py", templates);
    assert_false(is_plain("python", "main.py"));
    assert_false(is_plain("python", "start.py"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_imports_of_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_imports_of_a_verdict, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_plain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_several_runtimes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
