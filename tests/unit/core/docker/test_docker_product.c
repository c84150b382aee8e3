/* What is compiled on its way through sandgate-docker: what is taken of a container's word, and
 * what is run. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/docker/internal.h"

static struct sg_runtime compiled = {.language = (char *)"c", .compile = {.n = 1}}, python;

static struct container compiling(struct sg_run *run)
{
    struct sg_error err = SG_ERROR_INIT;
    *run = (struct sg_run){
        .runtime = &compiled, .request = {.stage = SG_JOB_COMPILE}, .product_fd = -1};
    assert_int_equal(product_prepare(run, &err), 0);
    assert_true(run->product_fd >= 0);
    return (struct container){.run = run,
                              .stage = SG_JOB_COMPILE,
                              .limits_of_run = {.file_bytes = 1u << 20},
                              .ended = true};
}

static void read_program(struct sg_buf *ret)
{
    assert_int_equal(sg_file_read(AT_FDCWD, "/bin/true", ret, 1u << 20), 0);
}

static void test_a_program_is_taken(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf whole = {0};
    struct sg_error err = SG_ERROR_INIT;
    struct sg_run run;
    struct container c = compiling(&run);
    const struct sg_boot_end end = {.product = SG_PRODUCT_TAKEN};
    read_program(&whole);
    for (size_t at = 0, part; at < whole.len; at += part) {
        part = whole.len - at < 5000 ? whole.len - at : 5000;
        assert_int_equal(product_frame(&c, whole.data + at, part, &err), 0);
    }
    const struct sg_outcome o = {.reason = SG_REASON_EXITED};
    assert_int_equal(product_take(&c, &end, &o), SG_PRODUCT_TAKEN);
    assert_int_equal(sg_memfd_check(run.product_fd, 1u << 20), whole.len);
    sg_fd_close(&run.product_fd);
}

static void test_what_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint32_t said;
        enum sg_reason reason;
        enum sg_product found;
    } rows[] = {
        {"#!/bin/sh", SG_PRODUCT_TAKEN, SG_REASON_EXITED, SG_PRODUCT_FOREIGN},
        {"", SG_PRODUCT_TAKEN, SG_REASON_EXITED, SG_PRODUCT_FOREIGN},
        {"\177ELF", SG_PRODUCT_HELD, SG_REASON_EXITED, SG_PRODUCT_HELD},
        {"", SG_PRODUCT_MISSING, SG_REASON_EXITED, SG_PRODUCT_MISSING},
        {"", SG_PRODUCT_NONE, SG_REASON_EXITED, SG_PRODUCT_NONE},
        {"", SG_PRODUCT_COUNT, SG_REASON_EXITED, SG_PRODUCT_MISSING},
        {"", UINT32_MAX, SG_REASON_EXITED, SG_PRODUCT_MISSING},
        {"\177ELF", SG_PRODUCT_TAKEN, SG_REASON_MEMORY, SG_PRODUCT_NONE},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_error err = SG_ERROR_INIT;
        struct sg_run run;
        struct container c = compiling(&run);
        const struct sg_boot_end end = {.product = rows[i].said};
        const struct sg_outcome o = {.reason = rows[i].reason};
        assert_int_equal(product_frame(&c, rows[i].bytes, strlen(rows[i].bytes), &err), 0);
        if (product_take(&c, &end, &o) != rows[i].found)
            fail_msg("row %zu", i);
        sg_fd_close(&run.product_fd);
    }
}

static void test_what_comes_out_of_turn(void **state)
{
    (void)state;
    static char much[(1u << 20) - 2];
    struct sg_error err = SG_ERROR_INIT;
    struct sg_run run;
    struct container c = compiling(&run);
    assert_int_equal(product_frame(&c, much, sizeof much, &err), 0);
    assert_int_equal(product_frame(&c, much, 3, &err), SG_E_PROTOCOL); /* more than was allowed */
    assert_int_equal(product_frame(&c, much, 2, &err), 0);
    assert_int_equal(product_frame(&c, much, 1, &err), SG_E_PROTOCOL);
    c.product_bytes = 0;
    c.ended = false; /* of a compiler that runs */
    assert_int_equal(product_frame(&c, much, 1, &err), SG_E_PROTOCOL);
    c.ended = true;
    c.stage = SG_JOB_RUN; /* of a program */
    assert_int_equal(product_frame(&c, much, 1, &err), SG_E_PROTOCOL);
    c.stage = SG_JOB_COMPILE;
    c.run = NULL; /* of nobody */
    assert_int_equal(product_frame(&c, much, 1, &err), SG_E_PROTOCOL);
    sg_fd_close(&run.product_fd);
}

static int prepare(const struct sg_runtime *rt, const void *data, size_t n, uint64_t memory)
{
    struct sg_error err = SG_ERROR_INIT;
    struct sg_run run = {.runtime = rt,
                         .request = {.stage = SG_JOB_RUN, .limits = {.memory_bytes = memory}},
                         .product_fd = data ? sg_memfd_sealed("test", data, n) : -1};
    int r = product_prepare(&run, &err);
    assert_int_equal(r, err.code);
    sg_fd_close(&run.product_fd);
    return r;
}

static void test_what_is_run(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf whole = {0};
    read_program(&whole);
    assert_int_equal(prepare(&compiled, whole.data, whole.len, 16u << 20), 0);
    assert_int_equal(prepare(&python, NULL, 0, 16u << 20), 0);
    assert_int_equal(prepare(&compiled, "#!/bin/sh\n", 10, 16u << 20), SG_E_INVALID);
    /* It lies in the memory of its container. */
    assert_int_equal(prepare(&compiled, whole.data, whole.len, 4u << 20), SG_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_is_taken),
        cmocka_unit_test(test_what_is_none),
        cmocka_unit_test(test_what_comes_out_of_turn),
        cmocka_unit_test(test_what_is_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
