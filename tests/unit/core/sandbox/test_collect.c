/* Files out of a directory: portions, bounds, and names that are something else when they are
   opened. What programs can do to it is in tests/integration/test_files.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/digest.h"
#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/ipc/files.h"
#include "core/sandbox/collect.h"
#include "tests/unit/core/descriptors.h"

static char top[] = "/tmp/sandgate-collect-XXXXXX";
static int fds_before;
static struct sg_output_rules rules;

static int make_top(void **state)
{
    (void)state;
    fds_before = count_descriptors();
    memcpy(top + strlen(top) - 6, "XXXXXX", 6);
    memset(&rules, 0, sizeof rules);
    return mkdtemp(top) && chdir(top) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int remove_top(void **state)
{
    (void)state;
    return chdir("/") == 0 && nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 &&
                   count_descriptors() == fds_before
               ? 0
               : -1;
}

static void put(const char *path, const char *text)
{
    sg_autofd int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    assert_true(fd >= 0 && sg_fd_write_all(fd, text, strlen(text)) == 0);
}

static struct sg_collect *begin(uint64_t files, uint64_t bytes)
{
    const struct sg_output_limits limits = {files, bytes};
    struct sg_collect *c =
        sg_collect_new(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), &rules, &limits);
    assert_non_null(c);
    return c;
}

/* What was found, as "path=content;..." and behind a bar "path:reason;...". */
static char *end(struct sg_collect *c)
{
    static char text[4096];
    struct sg_files f;
    struct sg_file_out file;
    struct sg_files_omitted o;
    struct sg_error err = SG_ERROR_INIT;
    const char *data;
    size_t n, at = 0;
    sg_autofd int fd = -1;
    text[0] = '\0';
    assert_int_equal(sg_collect_take(c, &fd), 0);
    sg_collect_free(c);
    if (fd < 0)
        return text;
    assert_int_equal(sg_memfd_map(fd, SG_FILES_BLOB_MAX, &data, &n), 0);
    if (sg_files_open(&f, data, n, &err) < 0)
        fail_msg("%s", err.text);
    while (sg_files_next(&f, &file) > 0)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s=%.*s;", file.path,
                               (int)file.content.n, file.content.data);
    for (uint32_t i = 0; i < f.head.nomitted; i++) {
        sg_files_omitted_at(&f, i, &o);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s:%s;", i ? "" : "|", o.path,
                               sg_omission_name(o.reason));
    }
    munmap((void *)(uintptr_t)data, n);
    return text;
}

static char *collect(uint64_t files, uint64_t bytes)
{
    struct sg_collect *c = begin(files, bytes);
    assert_true(sg_collect_step(c, INT64_MAX));
    return end(c);
}

static void test_nothing(void **state)
{
    (void)state;
    assert_string_equal(collect(4, 100), "");
    assert_int_equal(mkdir("empty", 0755), 0);
    assert_string_equal(collect(4, 100), "");
}

static void test_smallest_portions(void **state)
{
    (void)state;
    put("b", "2");
    assert_int_equal(mkdir("d", 0755), 0);
    put("d/c", "3");
    put("a", "");
    struct sg_collect *c = begin(4, 100);
    unsigned steps = 0;
    while (!sg_collect_step(c, sg_now_us() + 1))
        steps++;
    assert_true(steps > 3);
    assert_string_equal(end(c), "a=;b=2;d/c=3;");
}

static void test_freed_half_way(void **state)
{
    (void)state;
    assert_int_equal(mkdir("d", 0755), 0);
    put("d/c", "3");
    put("a", "");
    for (int steps = 0; steps < 12; steps++) {
        struct sg_collect *c = begin(4, 100);
        for (int i = 0; i < steps; i++)
            sg_collect_step(c, sg_now_us() + 1);
        sg_collect_free(c);
    }
}

static void test_bounds(void **state)
{
    (void)state;
    put("a", "1111");
    put("b", "2222");
    put("c", "3");
    assert_string_equal(collect(2, 100), "a=1111;b=2222;|c:too_many;");
    assert_string_equal(collect(3, 5), "a=1111;c=3;|b:too_large;");
    assert_string_equal(collect(3, 3), "c=3;|a:too_large;b:too_large;");
    assert_string_equal(collect(0, 100), "|a:too_many;b:too_many;c:too_many;");
}

static void test_inputs(void **state)
{
    (void)state;
    put("same", "text");
    put("other", "tex!");
    rules.ninputs = 2;
    for (int i = 0; i < 2; i++) {
        const char *path = i ? "other" : "same";
        rules.inputs[i] =
            (struct sg_output_input){.path = sg_digest(SG_DIGEST_START, path, strlen(path)),
                                     .content = sg_digest(SG_DIGEST_START, "text", 4),
                                     .size = 4};
    }
    assert_string_equal(collect(4, 100), "other=tex!;");
}

/* Between the search and the copy; in a box nobody is left who could. */
static void test_swapped(void **state)
{
    (void)state;
    put("a", "1");
    put("b", "2");
    put("c", "3");
    put("d", "4");
    put("e", "5");
    struct sg_collect *c = begin(8, 100);
    sg_collect_search(c);
    assert_int_equal(unlink("a") | symlink("/etc/passwd", "a"), 0);
    assert_int_equal(unlink("b") | mkfifo("b", 0644), 0);
    assert_int_equal(link("c", "cc"), 0);
    put("d", "44");
    assert_true(sg_collect_step(c, INT64_MAX));
    assert_string_equal(end(c),
                        "e=5;|a:not_readable;b:not_readable;c:not_readable;d:not_readable;");
}

static void test_special(void **state)
{
    (void)state;
    put("a", "1");
    assert_int_equal(mkfifo("fifo", 0644) | symlink("a", "link") | link("a", "twin"), 0);
    assert_string_equal(collect(8, 100),
                        "|a:hard_link;fifo:not_a_file;link:not_a_file;twin:hard_link;");
}

/* Is a file told as one that its limit may have cut short? */
static bool full(uint64_t file_bytes, uint64_t bytes)
{
    struct sg_files_head head;
    rules.file_bytes = file_bytes;
    struct sg_collect *c = begin(4, bytes);
    sg_autofd int fd = -1;
    assert_true(sg_collect_step(c, INT64_MAX));
    assert_int_equal(sg_collect_take(c, &fd), 0);
    sg_collect_free(c);
    rules.file_bytes = 0;
    assert_int_equal(pread(fd, &head, sizeof head, 0), sizeof head);
    return head.full;
}

static void test_full(void **state)
{
    (void)state;
    put("a", "1234");
    put("b", "1");
    assert_true(full(4, 100) && full(3, 100) && full(4, 3)); /* left out as too large, too */
    assert_false(full(5, 100) || full(0, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing, make_top, remove_top),
        cmocka_unit_test_setup_teardown(test_smallest_portions, make_top, remove_top),
        cmocka_unit_test_setup_teardown(test_freed_half_way, make_top, remove_top),
        cmocka_unit_test_setup_teardown(test_bounds, make_top, remove_top),
        cmocka_unit_test_setup_teardown(test_inputs, make_top, remove_top),
        cmocka_unit_test_setup_teardown(test_swapped, make_top, remove_top),
        cmocka_unit_test_setup_teardown(test_special, make_top, remove_top),
        cmocka_unit_test_setup_teardown(test_full, make_top, remove_top),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
