/* The payload: what goes in comes out; every truncation and every hostile figure is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/ipc/payload.h"

#define MAGIC 0x4c504753u

/* Strings are borrowed, hence no sg_job_done. */
static struct sg_job small_job(void)
{
    struct sg_job job = {.nfiles = 2, .nargs = 2, .nenv = 1};
    job.files[0].path = "main.py";
    job.files[0].content = (struct sg_bytes){"print(1)\0\xff", 10};
    job.files[1].path = "data/x.csv";
    job.args[0] = "-v";
    job.args[1] = "";
    job.env[0] = "MODE=a=b";
    return job;
}

static int open_copy(const void *data, size_t n, struct sg_error *err)
{
    struct sg_payload p;
    char *copy = malloc(n + 1); /* exact size, so that a sanitizer sees one byte too many */
    assert_non_null(copy);
    char *exact = realloc(copy, n ? n : 1);
    assert_non_null(exact);
    memcpy(exact, data, n);
    int rc = sg_payload_open(&p, exact, n, err);
    free(exact);
    return rc;
}

static void assert_span(const struct sg_span *s, const char *want)
{
    assert_int_equal(s->n, strlen(want));
    assert_memory_equal(s->data, want, s->n);
}

static void test_round_trip(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_job job = small_job();
    struct sg_error err = SG_ERROR_INIT;
    struct sg_payload p;
    struct sg_payload_file f;
    struct sg_span s;
    assert_int_equal(sg_payload_encode(&job, &b), 0);
    assert_int_equal(sg_payload_open(&p, b.data, b.len, &err), 0);
    assert_int_equal(sg_payload_arg(&p, &s), 0); /* not before the files */
    assert_int_equal(sg_payload_env(&p, &s), 0);
    assert_int_equal(sg_payload_file(&p, &f), 1);
    assert_string_equal(f.path, "main.py");
    assert_int_equal(f.content.n, 10);
    assert_memory_equal(f.content.data, "print(1)\0\xff", 10);
    assert_int_equal(sg_payload_file(&p, &f), 1);
    assert_string_equal(f.path, "data/x.csv");
    assert_int_equal(f.content.n, 0);
    assert_int_equal(sg_payload_file(&p, &f), 0);
    assert_int_equal(sg_payload_env(&p, &s), 0); /* not before the arguments */
    assert_int_equal(sg_payload_arg(&p, &s), 1);
    assert_span(&s, "-v");
    assert_int_equal(sg_payload_arg(&p, &s), 1);
    assert_span(&s, "");
    assert_int_equal(sg_payload_arg(&p, &s), 0);
    assert_int_equal(sg_payload_env(&p, &s), 1);
    assert_span(&s, "MODE=a=b");
    assert_int_equal(sg_payload_env(&p, &s), 0);
    assert_int_equal(sg_payload_file(&p, &f), 0);
}

static void test_truncations(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_job job = small_job();
    assert_int_equal(sg_payload_encode(&job, &b), 0);
    for (size_t n = 0; n < b.len; n++) {
        struct sg_error err = SG_ERROR_INIT;
        if (open_copy(b.data, n, &err) != SG_E_INVALID || !err.text[0])
            fail_msg("%zu of %zu bytes were taken", n, b.len);
    }
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(open_copy(b.data, b.len, &err), 0);
    sg_buf_append(&b, "", 1);
    assert_int_equal(open_copy(b.data, b.len, &err), SG_E_INVALID);
}

/* Every word of the payload set to figures that overflow sums. */
static void test_hostile_words(void **state)
{
    (void)state;
    static const uint32_t words[] = {UINT32_MAX,           UINT32_MAX - 7, INT32_MAX, 0x80000000u,
                                     SG_PAYLOAD_BYTES_MAX, 65536,          257};
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_job job = small_job();
    assert_int_equal(sg_payload_encode(&job, &b), 0);
    for (size_t at = 0; at + 4 <= b.len; at++)
        for (size_t w = 0; w < SG_ARRAY_LEN(words); w++) {
            struct sg_error err = SG_ERROR_INIT;
            uint32_t saved;
            memcpy(&saved, b.data + at, 4);
            memcpy(b.data + at, &words[w], 4);
            (void)open_copy(b.data, b.len, &err); /* may be content; must not read beyond */
            if (at % 4 == 0 && at < 16)
                assert_int_equal(err.code, SG_E_INVALID);
            memcpy(b.data + at, &saved, 4);
        }
}

struct raw {
    uint32_t magic, nfiles, nargs, nenv;
    const char *rest;
    size_t n;
};

static void test_refused(void **state)
{
    (void)state;
#define FILE1(len, path)                                                                           \
    len "\0\0\0"                                                                                   \
        "\0\0\0\0" path
    static const struct {
        const char *name;
        struct raw raw;
        const char *phrase;
    } rows[] = {
        {"no file", {MAGIC, 0, 0, 0, "", 0}, "0 files"},
        {"many files", {MAGIC, SG_FILES_MAX + 1, 0, 0, "", 0}, "files"},
        {"many arguments", {MAGIC, 1, SG_ARGS_MAX + 1, 0, "", 0}, "arguments"},
        {"many variables", {MAGIC, 1, 0, SG_ENV_MAX + 1, "", 0}, "variables"},
        {"other magic", {MAGIC + 1, 1, 0, 0, "", 0}, "this is none"},
        {"dots", {MAGIC, 1, 0, 0, FILE1("\4", "../x"), 12}, "path of file 0"},
        {"absolute", {MAGIC, 1, 0, 0, FILE1("\2", "/x"), 10}, "path of file 0"},
        {"empty path", {MAGIC, 1, 0, 0, FILE1("\0", ""), 8}, "path of file 0"},
        {"NUL in path", {MAGIC, 1, 0, 0, FILE1("\3", "a\0b"), 11}, "file 0 is broken"},
        {"bad UTF-8", {MAGIC, 1, 0, 0, FILE1("\2", "a\xff"), 10}, "path of file 0"},
        {"NUL in argument",
         {MAGIC, 1, 1, 0,
          FILE1("\1", "a") "\3\0\0\0"
                           "x\0y",
          16},
         "argument 0 is broken"},
        {"NUL in variable",
         {MAGIC, 1, 0, 1,
          FILE1("\1", "a") "\3\0\0\0"
                           "x\0y",
          16},
         "entry 0 is broken"},
        {"variable without =",
         {MAGIC, 1, 0, 1,
          FILE1("\1", "a") "\3\0\0\0"
                           "xyz",
          16},
         "NAME=value"},
        {"loader's variable",
         {MAGIC, 1, 0, 1,
          FILE1("\1", "a") "\014\0\0\0"
                           "LD_PRELOAD=x",
          25},
         "entry 0"},
        {"empty name",
         {MAGIC, 1, 0, 1,
          FILE1("\1", "a") "\2\0\0\0"
                           "=x",
          15},
         "entry 0"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_auto(sg_buf) struct sg_buf b = {0};
        struct sg_error err = SG_ERROR_INIT;
        sg_buf_append(&b, &rows[i].raw, 16);
        sg_buf_append(&b, rows[i].raw.rest, rows[i].raw.n);
        if (open_copy(b.data, b.len, &err) != SG_E_INVALID || !strstr(err.text, rows[i].phrase))
            fail_msg("%s: %d '%s'", rows[i].name, err.code, err.text);
    }
}

static void test_bounds(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_error err = SG_ERROR_INIT;
    struct sg_job job = {.nfiles = 1};
    char *big = calloc(1, SG_FILE_BYTES_MAX + 1);
    assert_non_null(big);
    job.files[0].path = "main.py";
    job.files[0].content = (struct sg_bytes){big, SG_FILE_BYTES_MAX};
    assert_int_equal(sg_payload_encode(&job, &b), 0);
    assert_int_equal(open_copy(b.data, b.len, &err), 0);
    sg_buf_clear(&b);
    job.files[0].content.n++;
    assert_int_equal(sg_payload_encode(&job, &b), 0);
    assert_int_equal(open_copy(b.data, b.len, &err), SG_E_INVALID);

    sg_buf_clear(&b);
    job.nfiles = 5; /* 5 times 2 MiB */
    for (size_t i = 0; i < job.nfiles; i++) {
        job.files[i].path = "main.py";
        job.files[i].content = (struct sg_bytes){big, SG_FILE_BYTES_MAX};
    }
    assert_int_equal(sg_payload_encode(&job, &b), -EFBIG);
    assert_int_equal(b.len, 0);
    free(big);
}

static void test_most_of_everything(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_error err = SG_ERROR_INIT;
    static struct sg_job job = {.nfiles = SG_FILES_MAX, .nargs = SG_ARGS_MAX, .nenv = SG_ENV_MAX};
    struct sg_payload p;
    struct sg_payload_file f;
    struct sg_span s;
    size_t files = 0, args = 0, env = 0;
    for (size_t i = 0; i < job.nfiles; i++)
        job.files[i].path = "a/b";
    for (size_t i = 0; i < job.nargs; i++)
        job.args[i] = "x";
    for (size_t i = 0; i < job.nenv; i++)
        job.env[i] = "X=";
    assert_int_equal(sg_payload_encode(&job, &b), 0);
    assert_int_equal(sg_payload_open(&p, b.data, b.len, &err), 0);
    while (sg_payload_file(&p, &f) > 0)
        files++;
    while (sg_payload_arg(&p, &s) > 0)
        args++;
    while (sg_payload_env(&p, &s) > 0)
        env++;
    assert_int_equal(files, SG_FILES_MAX);
    assert_int_equal(args, SG_ARGS_MAX);
    assert_int_equal(env, SG_ENV_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_hostile_words), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bounds),        cmocka_unit_test(test_most_of_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
