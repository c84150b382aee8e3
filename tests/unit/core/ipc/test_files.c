/* The files of a run: every truncation and every hostile figure is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/ipc/files.h"

static char blob[65536];
static struct sg_files_head *const head = (void *)blob;
static struct sg_files_row *const rows = (void *)(blob + sizeof(struct sg_files_head));
static struct sg_files_omitted *omitted;
static size_t blob_n;

static int make_blob(void **state)
{
    (void)state;
    memset(blob, 0, sizeof blob);
    *head = (struct sg_files_head){SG_FILES_MAGIC, 2, 1, 0, 7, sg_files_data_at(3)};
    omitted = (void *)&rows[2];
    memcpy(rows[0].path, "a.txt", 6);
    rows[0].size = 5;
    memcpy(rows[1].path, "d/b", 4);
    rows[1].size = 1;
    memcpy(omitted->path, "\xff\n", 3);
    omitted->reason = SG_OMISSION_NAME;
    memcpy(blob + head->data_at, "hello!", 6);
    blob_n = head->data_at + 6;
    return 0;
}

/* In memory of just that size, so that a sanitizer sees one byte too many. */
static int open_copy(size_t n)
{
    struct sg_files f;
    struct sg_error err = SG_ERROR_INIT;
    char *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, blob, n);
    int rc = sg_files_open(&f, copy, n, &err);
    free(copy);
    assert_true(rc == 0 || (rc == SG_E_INVALID && err.text[0]));
    return rc;
}

static void test_whole(void **state)
{
    struct sg_files f;
    struct sg_file_out file;
    struct sg_files_omitted o;
    struct sg_error err = SG_ERROR_INIT;
    (void)state;
    assert_int_equal(sg_files_open(&f, blob, blob_n, &err), 0);
    assert_int_equal(sg_files_next(&f, &file), 1);
    assert_string_equal(file.path, "a.txt");
    assert_memory_equal(file.content.data, "hello", 5);
    assert_int_equal(sg_files_next(&f, &file), 1);
    assert_string_equal(file.path, "d/b");
    assert_int_equal(file.content.n, 1);
    assert_memory_equal(file.content.data, "!", 1);
    assert_int_equal(sg_files_next(&f, &file), 0);
    sg_files_omitted_at(&f, 0, &o);
    assert_int_equal(o.reason, SG_OMISSION_NAME);
    assert_int_equal(f.head.omitted, 7);
}

static void test_truncated(void **state)
{
    (void)state;
    for (size_t n = 0; n < blob_n; n++)
        assert_int_equal(open_copy(n), SG_E_INVALID);
    assert_int_equal(open_copy(blob_n + 1), SG_E_INVALID);
}

static void test_hostile(void **state)
{
    static const uint64_t huge[] = {UINT64_MAX, INT64_MAX, 1ull << 40, UINT32_MAX};
    (void)state;
#define WRONG(change)                                                                              \
    do {                                                                                           \
        make_blob(NULL);                                                                           \
        change;                                                                                    \
        assert_int_equal(open_copy(blob_n), SG_E_INVALID);                                         \
    } while (0)
    for (size_t i = 0; i < SG_ARRAY_LEN(huge); i++) {
        WRONG(rows[0].size = huge[i]);
        WRONG(rows[1].size = huge[i]);
        WRONG(head->data_at = huge[i]);
        WRONG(head->nfiles = (uint32_t)huge[i]);
        WRONG(head->nomitted = (uint32_t)(huge[i] | 1 << 10));
    }
    WRONG(head->magic++);
    WRONG(head->full = 2);
    WRONG(head->data_at = 0);
    WRONG(head->data_at = sizeof *head);
    WRONG(head->omitted = 0);
    WRONG(memset(rows[0].path, 'a', sizeof rows[0].path));
    WRONG(memcpy(rows[0].path, "../x", 5));
    WRONG(memcpy(rows[0].path, "/x", 3));
    WRONG(memcpy(rows[0].path, "\xff", 2));
    WRONG(rows[0].path[0] = '\0');
    WRONG(rows[0].size = 4);
    WRONG(memset(omitted->path, 'a', sizeof omitted->path));
    WRONG(omitted->reason = SG_OMISSION_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_whole, make_blob),
        cmocka_unit_test_setup(test_truncated, make_blob),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
