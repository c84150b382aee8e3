/* runtimes.d: several languages, and each way in which a file can be wrong. */
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
#include "tests/unit/core/failing_alloc.h"

static struct sg_runtimes rts;

static int load(struct sg_error *err)
{
    return sg_runtimes_load(&rts, files_dir, err);
}

static int clean(void **state)
{
    (void)state;
    fail_alloc_never();
    sg_runtimes_done(&rts);
    files_remove();
    return 0;
}

static void put(const char *name, const char *text)
{
    file_put(name, text, strlen(text));
}

#define REST_OF_X "language = x\n" REST
#define IMAGE_RULE                                                                                 \
    " is no image; allowed: 1 to 255 letters, digits, _ . : / @ -, beginning with a letter or "    \
    "digit"
#define REST "entry = main.x\ncommand = { /bin/x, \"{file}\" }\nprofile = x\nprobe = \"p\"\n"

static void test_order_and_what_is_not_read(void **state)
{
    (void)state;
    put("b.conf", "language = b\n" REST);
    put("a.conf", "language = z\naliases = {}\nextensions = { x, y }\ncompiled = on\n" REST);
    put("c.conf.bak", "broken");
    put(".d.conf", "broken");
    put(".conf", "broken");
    put("README", "broken");
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(load(&err), 0);
    assert_int_equal(rts.n, 2);
    assert_string_equal(rts.v[0].language, "z");
    assert_true(rts.v[0].compiled);
    assert_string_equal(rts.v[1].language, "b");
    assert_ptr_equal(sg_runtimes_by_extension(&rts, "y"), &rts.v[0]);
    /* Loaded again, it is the same, and nothing of before is left. */
    assert_int_equal(load(&err), 0);
    assert_int_equal(rts.n, 2);
}

#define INTERPRETER(path) "entry = m\ncommand = { " path ", \"{file}\" }\nprofile = x\nprobe = p\n"

static void test_optional_ones_without_an_interpreter(void **state)
{
    (void)state;
    put("a.conf", "language = a\noptional = on\n" INTERPRETER("/nowhere/a"));
    put("b.conf", "language = b\n" INTERPRETER("/nowhere/b"));
    put("c.conf", "language = c\noptional = on\n" INTERPRETER("/bin/sh"));
    put("d.conf", "language = d\naliases = dd\noptional = on\n" INTERPRETER("/bin/sh/d"));
    assert_int_equal(load(NULL), 0);
    assert_null(sg_runtimes_left_out(&rts, "a"));
    assert_int_equal(sg_runtimes_leave_out(&rts, NULL), 2);
    assert_int_equal(rts.n, 2);
    assert_string_equal(rts.v[0].language, "b");
    assert_string_equal(rts.v[1].language, "c");
    assert_null(sg_runtimes_find(&rts, "a"));
    assert_string_equal(sg_runtimes_left_out(&rts, "a")->command.v[0], "/nowhere/a");
    assert_string_equal(sg_runtimes_left_out(&rts, "dd")->language, "d");
    assert_null(sg_runtimes_left_out(&rts, "b"));
    /* Asked again, about a root that has none of them. */
    assert_int_equal(sg_runtimes_leave_out(&rts, ""), 0);
    assert_int_equal(sg_runtimes_leave_out(&rts, files_dir), 1);
    assert_int_equal(rts.n, 1);
    assert_non_null(sg_runtimes_left_out(&rts, "a"));
    assert_non_null(sg_runtimes_left_out(&rts, "c"));
    assert_int_equal(sg_runtimes_leave_out(&rts, file_path("no-directory")), 0);
    assert_int_equal(load(NULL), 0);
    assert_int_equal(rts.n, 4);
    assert_null(sg_runtimes_left_out(&rts, "a"));
}

/* A link of an image with an absolute target names a place of the image. */
static void test_interpreter_of_an_image(void **state)
{
    (void)state;
    put("real", "");
    assert_int_equal(symlink("/real", file_path("x")), 0);
    assert_int_equal(symlink("/bin/sh", file_path("y")), 0);
    put("a.conf", "language = a\noptional = on\n" INTERPRETER("/x"));
    put("b.conf", "language = b\noptional = on\n" INTERPRETER("/y"));
    assert_int_equal(load(NULL), 0);
    assert_int_equal(sg_runtimes_leave_out(&rts, files_dir), 1);
    assert_string_equal(rts.v[0].language, "a");
    assert_non_null(sg_runtimes_left_out(&rts, "b"));
}

#define THROUGH(path) "{ " path ", \"{file}\", \"{product}\" }\n"
/* Of what is compiled it is the compiler that lies elsewhere in the image. */
static void test_for_images(void **state)
{
    (void)state;
    put("a.conf", "language = a\n" INTERPRETER("/bin/a"));
    put("b.conf", "language = b\nimage = i\n" INTERPRETER("/bin/b"));
    put("c.conf",
        "language = c\nimage = i\nimage_command = { /i/c, \"{file}\" }\n" INTERPRETER("/bin/c"));
    put("d.conf",
        "language = d\nentry = m\nimage = i\nimage_command = " THROUGH("/i/d") "compile = " THROUGH(
            "/bin/d") "compile_profile = c\ncommand = \"{product}\"\nprofile = x\nprobe = p\n");
    assert_int_equal(load(NULL), 0);
    assert_int_equal(sg_runtimes_for_images(&rts), 1);
    assert_true(rts.for_images);
    assert_non_null(sg_runtimes_left_out(&rts, "a"));
    assert_string_equal(sg_runtimes_find(&rts, "b")->command.v[0], "/bin/b");
    assert_string_equal(sg_runtimes_find(&rts, "c")->command.v[0], "/i/c");
    assert_string_equal(sg_runtimes_find(&rts, "d")->compile.v[0], "/i/d");
    assert_string_equal(sg_runtimes_find(&rts, "d")->command.v[0], "{product}");
}

static void test_versions_of_one_language(void **state)
{
    (void)state;
    put("a.conf", "language = x\nversion = 3.11\naliases = { y }\nextensions = { e }\n" REST);
    put("b.conf", "language = x\nversion = 3.12\naliases = { y }\nextensions = { e }\n" REST);
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(load(&err), 0);
    assert_string_equal(rts.v[1].version, "3.12");
    assert_ptr_equal(sg_runtimes_find(&rts, "y"), &rts.v[0]);
}

static void test_rules_of_another_language(void **state)
{
    (void)state;
    put("a.conf", "language = x\nrules = python-3\n" REST);
    put("b.conf", "language = y\n" REST);
    assert_int_equal(load(NULL), 0);
    assert_string_equal(rts.v[0].rules, "python-3");
    assert_string_equal(rts.v[1].rules, "y");
}

/* How a runtime is started before it is needed; what a file leaves out is filled in. */
static void test_start(void **state)
{
    (void)state;
    static const struct {
        const char *text, *start, *templates[3], *prepare;
    } rows[] = {
        {"", "cold", {NULL}, NULL},
        {"start = cold\n", "cold", {NULL}, NULL},
        {"start = ahead\ntemplates = {}\n", "ahead", {NULL}, NULL},
        {"start = template\n", "template", {"none"}, NULL},
        {"start = template\ntemplates = {}\nprepare = 'p\nq'\n", "template", {"none"}, "p\nq"},
        {"start = template\ntemplates = { 'a b.c _d1', none }\n",
         "template",
         {"a b.c _d1", "none"},
         NULL},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        char file[400];
        struct sg_error err = SG_ERROR_INIT;
        snprintf(file, sizeof(file), "language = x\n%s%s", rows[i].text, REST);
        put("a.conf", file);
        if (load(&err) != 0)
            fail_msg("row %zu: %s", i, err.text);
        const struct sg_runtime *r = &rts.v[0];
        assert_string_equal(r->start, rows[i].start);
        for (size_t k = 0; k < SG_ARRAY_LEN(rows[i].templates); k++)
            assert_true(
                sg_str_equal(k < r->templates.n ? r->templates.v[k] : NULL, rows[i].templates[k]));
        assert_true(sg_str_equal(r->prepare, rows[i].prepare));
    }
}

#define X31          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define MODULES_RULE " is no list of modules; allowed: none, or names with single blanks between"
#define X127         "x123456789012345678901234567890123456789012345678901234567890123" X31 X31 "x"

static void test_errors_of_templates(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"start = warm\n",
         "D/a.conf:2: start: \"warm\" is no way to start; allowed: template, ahead, cold"},
        {"start = ''\n",
         "D/a.conf:2: start: \"\" is no way to start; allowed: template, ahead, cold"},
        {"templates = a\n",
         "D/a.conf:2: templates: is set, and start is cold; allowed: only with start = template"},
        {"start = ahead\ntemplates = none\n",
         "D/a.conf:3: templates: is set, and start is ahead; allowed: only with start = template"},
        {"start = cold\nprepare = p\n",
         "D/a.conf:3: prepare: is set, and start is cold; allowed: only with start = template"},
        {"start = template\nprepare = ''\n",
         "D/a.conf:3: prepare: \"\" is empty; allowed: a program that a template runs once"},
        {"start = template\ntemplates = ''\n", "D/a.conf:3: templates: \"\"" MODULES_RULE},
        {"start = template\ntemplates = ' a'\n", "D/a.conf:3: templates: \" a\"" MODULES_RULE},
        {"start = template\ntemplates = 'a '\n", "D/a.conf:3: templates: \"a \"" MODULES_RULE},
        {"start = template\ntemplates = 'a  b'\n", "D/a.conf:3: templates: \"a  b\"" MODULES_RULE},
        {"start = template\ntemplates = 'a,b'\n", "D/a.conf:3: templates: \"a,b\"" MODULES_RULE},
        {"start = template\ntemplates = '.a'\n", "D/a.conf:3: templates: \".a\"" MODULES_RULE},
        {"start = template\ntemplates = 'a.'\n", "D/a.conf:3: templates: \"a.\"" MODULES_RULE},
        {"start = template\ntemplates = 'a..b'\n", "D/a.conf:3: templates: \"a..b\"" MODULES_RULE},
        {"start = template\ntemplates = '1a'\n", "D/a.conf:3: templates: \"1a\"" MODULES_RULE},
        {"start = template\ntemplates = 'a.1'\n", "D/a.conf:3: templates: \"a.1\"" MODULES_RULE},
        {"start = template\ntemplates = 'a b a'\n",
         "D/a.conf:3: templates: \"a b a\" names a module twice; allowed: once"},
        {"start = template\ntemplates = 'a.b a ab'\n", NULL},
        {"start = template\ntemplates = { 'a b', 'a b' }\n",
         "D/a.conf:3: templates: \"a b\" is named twice; allowed: once"},
        {"start = template\ntemplates = 'none a'\n",
         "D/a.conf:3: templates: \"none a\" has modules beside none; allowed: none alone, or "
         "modules"},
        {"start = template\ntemplates = 'a none'\n",
         "D/a.conf:3: templates: \"a none\" has modules beside none; allowed: none alone, or "
         "modules"},
        {"start = template\ntemplates = 'nonesuch a.none'\n", NULL},
        {"start = template\ntemplates = '" X127 "'\n", NULL},
        {"start = template\ntemplates = '" X127 "x'\n",
         "D/a.conf:3: templates: "
         "\"x123456789012345678901234567890123456789012345678901234567890123\" "
         "is too long; allowed: at most 127 bytes"},
        {"start = template\ntemplates = { a, b, c, d, e, f, g, h }\n", NULL},
        {"start = template\ntemplates = { a, b, c, d, e, f, g, h, i }\n",
         "D/a.conf:3: templates: has 9 templates; allowed: at most 8"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_error err = SG_ERROR_INIT;
        char text[400], file[600];
        snprintf(file, sizeof(file), "language = x\n%s%s", rows[i].text, REST);
        put("a.conf", file);
        int r = load(&err);
        file_relative(text, sizeof(text), err.text);
        if (r != (rows[i].error ? SG_E_INVALID : 0) ||
            strcmp(text, rows[i].error ? rows[i].error : "") != 0)
            fail_msg("row %zu: %d, %s", i, r, text);
    }
}

#define NAME_RULE                                                                                  \
    " is not a name; allowed: 1 to 31 letters, digits, + # _ - ., beginning with none of - ."

#define COMPILED(compile, more)                                                                    \
    "language = x\nentry = m\ncompile = " compile                                                  \
    "\ncompile_profile = c\ncommand = \"{product}\"\nprofile = x\nprobe = p\n" more

static void test_limits_of_compilations(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    put("a.conf", COMPILED("{ /c, \"{file}\", \"{product}\" }",
                           "compile_limits = { \"wall_time_ms=2s\", \"file_bytes=1m\" }\n"));
    assert_int_equal(load(&err), 0);
    const struct sg_runtime *r = &rts.v[0];
    assert_true(r->compiled);
    assert_string_equal(sg_runtime_program(r), "/c");
    assert_int_equal(r->compile_limits.wall_time_ms, 2000);
    assert_int_equal(r->compile_limits.file_bytes, 1 << 20);
    assert_int_equal(r->compile_limits.memory_bytes, 512 << 20);
    for (size_t i = 0; i < sg_limit_count; i++)
        assert_in_range(sg_limit_get(&r->compile_limits, &sg_limit_table[i]), sg_limit_table[i].min,
                        sg_limit_table[i].ceiling);
    const struct sg_runtime stage = sg_runtime_compile_stage(r);
    assert_string_equal(stage.command.v[0], "/c");
    assert_string_equal(stage.profile, "c");
    assert_true(stage.may_execute && !r->may_execute);
}

static const struct {
    const char *text, *error;
} errors_of_a_file[] = {
    {"", "D/a.conf: language: is not set; it is required"},
    {"language = x\n", "D/a.conf: entry: is not set; it is required"},
    {"language = x\nentry = m\n", "D/a.conf: command: is not set; it is required"},
    {"language = x\nentry = m\ncommand = { /x, \"{file}\" }\n",
     "D/a.conf: profile: is not set; it is required"},
    {"language = x\nentry = m\ncommand = { /x, \"{file}\" }\nprofile = x\n",
     "D/a.conf: probe: is not set; it is required"},
    {"languag = x\n" REST, "D/a.conf:1: languag: no such key; allowed: language, version, "
                           "aliases, extensions, entry, "
                           "command, environment, rules, profile, probe, self_test, "
                           "may_execute, compiled, compile, compile_profile, "
                           "compile_limits, optional, "
                           "start, templates, prepare, image, image_command"},
    {"language = 'a b'\n" REST, "D/a.conf:1: language: \"a b\"" NAME_RULE},
    {"language = ''\n" REST, "D/a.conf:1: language: \"\"" NAME_RULE},
    {"language = -x\n" REST, "D/a.conf:1: language: \"-x\"" NAME_RULE},
    {"language = " X31 "x\n" REST, "D/a.conf:1: language: \"" X31 "x\"" NAME_RULE},
    {"language = " X31 "\n" REST, NULL},
    {"language = 'c++'\n" REST, NULL},
    {"language = x\naliases = { a, a }\n" REST,
     "D/a.conf:2: aliases: \"a\" is named twice; allowed: once"},
    {"language = x\nextensions = .py\n" REST, "D/a.conf:2: extensions: \".py\"" NAME_RULE},
    {"language = x\nrules = ../x\n" REST, "D/a.conf:2: rules: \"../x\"" NAME_RULE},
    {"language = x\nrules = ''\n" REST, "D/a.conf:2: rules: \"\"" NAME_RULE},
    {"language = x\nversion = 3/4\n" REST, "D/a.conf:2: version: \"3/4\"" NAME_RULE},
    {"language = x\ncompiled = maybe\n" REST,
     "D/a.conf:2: compiled: \"maybe\" is neither on nor off; allowed: on, off"},
    {"language = x\nenvironment = { A }\n" REST,
     "D/a.conf:2: environment: \"A\" is no assignment; allowed: NAME=value"},
    {"language = x\nenvironment = { '1A=x' }\n" REST,
     "D/a.conf:2: environment: \"1A=x\" is no assignment; allowed: NAME=value"},
    {"language = x\nenvironment = { 'A=x', 'B=', 'A=y' }\n" REST,
     "D/a.conf:2: environment: \"A=y\" sets a name again; allowed: once"},
    {"language = x\nenvironment = { 'AB=x', 'A=y' }\n" REST, NULL},
    {"language = x\nentry = ../m\ncommand = /x\nprofile = x\nprobe = p\n",
     "D/a.conf:2: entry: \"../m\" is not a relative path; allowed: a file name like main.py"},
    {"language = x\nentry = m\ncommand = { x, \"{file}\" }\nprofile = x\nprobe = p\n",
     "D/a.conf:3: command: \"x\" is not absolute; allowed: a path from the root"},
    {"language = x\nentry = m\ncommand = { /x, file }\nprofile = x\nprobe = p\n",
     "D/a.conf:3: command: does not say where the file goes; allowed: a word with {file}"},
    {"language = x\nentry = m\ncommand = {}\nprofile = x\nprobe = p\n",
     "D/a.conf: command: the value is missing; allowed: at least one"},
    {"language = x\nentry = m\ncommand = { /x, '-f', '-f', \"-i={file}\" }\nprofile = x\n"
     "probe = p\n",
     NULL},
    {"language = x\nentry = m\ncommand = { /x, 'a\nb' }\nprofile = x\nprobe = p\n",
     "D/a.conf:4: command: \"a\nb\" has a control character; allowed: one line of text"},
    {"language = x\nentry = m\ncommand = { /x, \"{file}\" }\nprofile = ../x\nprobe = p\n",
     "D/a.conf:4: profile: \"../x\"" NAME_RULE},
    {"language = x\nentry = m\ncommand = { /x, \"{file}\" }\nprofile = x\nprobe = ''\n",
     "D/a.conf:5: probe: \"\" is empty; allowed: a program that prints version and packages"},
    {"self_test = ''\n" REST_OF_X,
     "D/a.conf:1: self_test: \"\" is empty; allowed: a program that prints ok"},
    {"may_execute = on\nstart = ahead\n" REST_OF_X,
     "D/a.conf:1: may_execute: is on, and start is ahead; allowed: only with start = cold"},
    {"may_execute = on\nstart = template\n" REST_OF_X,
     "D/a.conf:1: may_execute: is on, and start is template; allowed: only with start = cold"},
    {"may_execute = on\nstart = cold\n" REST_OF_X, NULL},
    {"may_execute = on\n" REST_OF_X, NULL},
    {COMPILED("{ /c, \"{file}\", \"{product}\" }", ""), NULL},
    {COMPILED("{ c, \"{file}\", \"{product}\" }", ""),
     "D/a.conf:3: compile: is not absolute; allowed: a path from the root"},
    {COMPILED("{ /c, \"{product}\" }", ""),
     "D/a.conf:3: compile: does not say where the file goes; allowed: a word with {file}"},
    {COMPILED("{ /c, \"{file}\" }", ""),
     "D/a.conf:3: compile: does not say where the program goes; allowed: a word with "
     "{product}"},
    {COMPILED("{ /c, \"{file}\", \"{product}\" }", "may_execute = on\n"),
     "D/a.conf:8: may_execute: is on; allowed without `compile` only"},
    {COMPILED("{ /c, \"{file}\", \"{product}\" }", "start = ahead\n"),
     "D/a.conf:8: start: is not cold; allowed with `compile`: cold"},
    {COMPILED("{ /c, \"{file}\", \"{product}\" }", "compile_limits = \"memory_bytes=1g\"\n"), NULL},
    {COMPILED("{ /c, \"{file}\", \"{product}\" }", "compile_limits = \"memory=1g\"\n"),
     "D/a.conf:8: compile_limits: \"memory=1g\" is no limit; allowed: NAME=VALUE, of those "
     "that "
     "/v1/limits lists"},
    {COMPILED("{ /c, \"{file}\", \"{product}\" }", "compile_limits = \"memory_bytes=1\"\n"),
     "D/a.conf:8: compile_limits: \"memory_bytes=1\" is out of bounds; see default_* of limits "
     "{ }"},
    {COMPILED("{ /c, \"{file}\", \"{product}\" }",
              "compile_limits = { \"processes=2\", \"processes=3\" }\n"),
     "D/a.conf:8: compile_limits: sets a limit again; allowed: once"},
    {COMPILED("{ /c, \"{file}\", \"{product}\" }",
              "image = x\nimage_command = { /x, \"{file}\" }\n"),
     "D/a.conf:9: image_command: does not say where the program goes; allowed: a word with "
     "{product}"},
    {"compile_profile = x\n" REST_OF_X,
     "D/a.conf:1: compile_profile: is set without `compile`; allowed: only with it"},
    {"compile_limits = \"processes=2\"\n" REST_OF_X,
     "D/a.conf:1: compile_limits: is set without `compile`; allowed: only with it"},
    {"language = x\ncompile = { /c, \"{file}\", \"{product}\" }\n" REST,
     "D/a.conf:4: command: is something else than what is compiled; allowed with `compile`: "
     "{product}"},
    {"image = -x\n" REST_OF_X, "D/a.conf:1: image: \"-x\"" IMAGE_RULE},
    {"image = 'a b'\n" REST_OF_X, "D/a.conf:1: image: \"a b\"" IMAGE_RULE},
    {"image = a/../b\n" REST_OF_X, "D/a.conf:1: image: \"a/../b\"" IMAGE_RULE},
    {"image = x.org:5/a/b:1\nimage_command = { /x, \"{file}\" }\n" REST_OF_X, NULL},
    {"image = x\nimage_command = { /x }\n" REST_OF_X,
     "D/a.conf:2: image_command: does not say where the file goes; allowed: a word with "
     "{file}"},
    {"language = x\naliases = "
     "{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,"
     "25,26,27,28,29,30,31,32}\n" REST,
     "D/a.conf:2: aliases: too many values; allowed: at most 32"},
};

static void test_errors_of_a_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(errors_of_a_file); i++) {
        struct sg_error err = SG_ERROR_INIT;
        char text[400];
        put("a.conf", errors_of_a_file[i].text);
        int r = load(&err);
        file_relative(text, sizeof(text), err.text);
        if (r != (errors_of_a_file[i].error ? SG_E_INVALID : 0) ||
            strcmp(text, errors_of_a_file[i].error ? errors_of_a_file[i].error : "") != 0)
            fail_msg("row %zu: %d, %s", i, r, text);
        assert_int_equal(rts.n, r == 0);
    }
}

static void test_errors_of_two_files(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *error;
    } rows[] = {
        {"language = x\n", "language = x\n",
         "D/b.conf: language x is there already; allowed: several files of one language when each "
         "has a version of its own"},
        {"language = x\nversion = 1\n", "language = x\n",
         "D/b.conf: language x is there already; allowed: several files of one language when each "
         "has a version of its own"},
        {"language = x\nversion = 1\n", "language = x\nversion = 1\n",
         "D/b.conf: language x is there already; allowed: several files of one language when each "
         "has a version of its own"},
        {"language = x\naliases = y\n", "language = y\n",
         "D/b.conf: y is a name of language x already; allowed: names of one language"},
        {"language = x\n", "language = y\naliases = x\n",
         "D/b.conf: x is a name of language x already; allowed: names of one language"},
        {"language = x\naliases = z\n", "language = y\naliases = { w, z }\n",
         "D/b.conf: z is a name of language x already; allowed: names of one language"},
        {"language = x\nextensions = e\n", "language = y\nextensions = e\n",
         "D/b.conf: extension e belongs to language x already; allowed: extensions of one "
         "language"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_error err = SG_ERROR_INIT;
        char text[400], file[400];
        snprintf(file, sizeof(file), "%s%s", rows[i].a, REST);
        put("a.conf", file);
        snprintf(file, sizeof(file), "%s%s", rows[i].b, REST);
        put("b.conf", file);
        assert_int_equal(load(&err), SG_E_INVALID);
        file_relative(text, sizeof(text), err.text);
        assert_string_equal(text, rows[i].error);
        assert_int_equal(rts.n, 0);
    }
}

static void test_directories(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    char text[400];
    assert_int_equal(load(&err), SG_E_INVALID);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D: no runtime; allowed: at least one NAME.conf");
    assert_string_equal(err.fix, "install the files of runtimes.d, or set runtime_dir");

    err = (struct sg_error)SG_ERROR_INIT;
    assert_int_equal(sg_runtimes_load(&rts, file_path("none"), &err), -ENOENT);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D/none: No such file or directory");

    for (int i = 0; i <= SG_RUNTIMES_MAX; i++) {
        char name[32], file[400];
        snprintf(name, sizeof(name), "%03d.conf", i);
        snprintf(file, sizeof(file), "language = l%d\n%s", i, REST);
        put(name, file);
    }
    err = (struct sg_error)SG_ERROR_INIT;
    assert_int_equal(load(&err), SG_E_INVALID);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D/064.conf: too many runtimes; allowed: at most 64");
    unlink(file_path("064.conf"));
    assert_int_equal(load(NULL), 0);
    assert_int_equal(rts.n, SG_RUNTIMES_MAX);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    put("a.conf", "language = x\naliases = { y }\nenvironment = { 'A=b' }\n" REST);
    put("b.conf", "language = z\nstart = template\nprepare = p\n" REST);
    int r = -1;
    for (long n = 0; r < 0; n++) {
        struct sg_error err = SG_ERROR_INIT;
        fail_alloc_at(n);
        r = load(&err);
        bool failed = alloc_failed;
        fail_alloc_never();
        assert_int_equal(r, failed ? -ENOMEM : 0);
        assert_int_equal(rts.n, r == 0 ? 2 : 0);
        assert_true(n < 1000);
    }
}

#define CASE(f) cmocka_unit_test_teardown(f, clean)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(test_limits_of_compilations),
        CASE(test_order_and_what_is_not_read),
        CASE(test_optional_ones_without_an_interpreter),
        CASE(test_interpreter_of_an_image),
        CASE(test_for_images),
        CASE(test_versions_of_one_language),
        CASE(test_rules_of_another_language),
        CASE(test_start),
        CASE(test_errors_of_templates),
        CASE(test_errors_of_a_file),
        CASE(test_errors_of_two_files),
        CASE(test_directories),
        CASE(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, files_begin, files_end);
}
