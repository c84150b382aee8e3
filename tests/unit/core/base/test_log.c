/* What goes to stderr, byte by byte; the prefix; levels. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/log.h"

/* Swaps stderr for a memfd and back; what was written is in out. */
struct capture {
    int memory, saved;
};

static struct capture capture_begin(void)
{
    struct capture c = {memfd_create("stderr", MFD_CLOEXEC), dup(STDERR_FILENO)};
    assert_true(c.memory >= 0 && c.saved >= 0);
    assert_true(dup2(c.memory, STDERR_FILENO) >= 0);
    return c;
}

static void capture_end(struct capture *c, struct sg_buf *out)
{
    assert_true(dup2(c->saved, STDERR_FILENO) >= 0);
    assert_int_equal(lseek(c->memory, 0, SEEK_SET), 0);
    assert_int_equal(sg_fd_read_all(c->memory, out, 1 << 20), 0);
    close(c->memory);
    close(c->saved);
}

/* The line that a message of "%s" makes, without the prefix. */
static void check_line(const char *message, const char *expected)
{
    sg_auto(sg_buf) struct sg_buf got = {0}, want = {0};
    assert_int_equal(sg_log_open("sandgate-test", "stderr", SG_LOG_INFO), 0);
    struct capture c = capture_begin();
    sg_log(SG_LOG_INFO, "%s", message);
    capture_end(&c, &got);
    sg_buf_printf(&want, "sandgate-test[%d]: %s\n", (int)getpid(), expected);
    assert_string_equal(got.data, want.data);
}

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        const char *message, *line;
    } rows[] = {
        {"hello", "hello"},
        {"", ""},
        {"a\nb\r\tc", "a\\x0ab\\x0d\\x09c"},
        {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
        {"back\\slash", "back\\\\slash"},
        {"caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac"},
        {"\xc2\x9b"
         "2J",
         "\\xc2\\x9b2J"},         /* CSI as a C1 control */
        {"\xc2\xa0", "\xc2\xa0"}, /* no control */
        {"\xff\xfe", "\\xff\\xfe"},
        {"cut \xe2\x82", "cut \\xe2\\x82"},
        {"\x80\xc3\xa9\x80\xc3\xa9", "\\x80\xc3\xa9\\x80\xc3\xa9"},
        {"ends \xc2", "ends \\xc2"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        check_line(rows[i].message, rows[i].line);
}

static void test_one_line_whatever_the_length(void **state)
{
    (void)state;
    static char big[10000];
    memset(big, '\n', sizeof(big) - 1);
    sg_auto(sg_buf) struct sg_buf got = {0};
    struct capture c = capture_begin();
    sg_log(SG_LOG_ERR, "%s", big);
    capture_end(&c, &got);
    assert_ptr_equal(strchr(got.data, '\n'), got.data + got.len - 1);
    assert_true(got.len > 4 * 2000);
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word;
    } rows[] = {
        {"main", "main"},
        {"", "-"},
        {"/v1/x status=200", "/v1/x_status_200"},
        {"a\tb\nc\x7f", "a_b_c_"},
        {" ", "_"},
        {"a\xe2\x80\xa8\xff", "a____"}, /* U+2028, line separator */
        {"12345678901234567890", "1234567890123456789"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        char word[20];
        assert_string_equal(sg_log_word(rows[i].text, word, sizeof word), rows[i].word);
    }
}

static void test_error_with_and_without_fix(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_buf) struct sg_buf got = {0};
    sg_error_set(&err, SG_E_LAYER, "no cgroup");
    assert_int_equal(sg_log_open("x", "stderr", SG_LOG_INFO), 0);
    struct capture c = capture_begin();
    sg_log_error(SG_LOG_ERR, &err);
    sg_error_fix(&err, "delegate one");
    sg_log_error(SG_LOG_ERR, &err);
    sg_log_error(SG_LOG_DEBUG, &err);
    capture_end(&c, &got);
    assert_non_null(strstr(got.data, "]: no cgroup\nx["));
    assert_string_equal(strrchr(got.data, ']'), "]: no cgroup; fix: delegate one\n");
}

static void test_levels(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf got = {0};
    assert_int_equal(sg_log_open("x", "stderr", SG_LOG_WARNING), 0);
    struct capture c = capture_begin();
    sg_log(SG_LOG_NOTICE, "left out");
    sg_log(SG_LOG_INFO, "left out");
    sg_log(SG_LOG_WARNING, "kept");
    sg_log(SG_LOG_ERR, "kept");
    capture_end(&c, &got);
    assert_null(strstr(got.data, "left out"));
    assert_non_null(strstr(strstr(got.data, "kept") + 1, "kept"));
}

static void test_errno_survives(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf got = {0};
    struct capture c = capture_begin();
    close(STDERR_FILENO);
    errno = EXDEV;
    sg_log(SG_LOG_ERR, "nobody reads this");
    int after = errno;
    capture_end(&c, &got);
    assert_int_equal(after, EXDEV);
    assert_int_equal(got.len, 0);
}

static void test_level_names(void **state)
{
    (void)state;
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};
    for (int i = 0; i < 5; i++)
        assert_int_equal(sg_log_level_from_name(names[i]), SG_LOG_ERR + i);
    assert_int_equal(sg_log_level_from_name("loud"), -EINVAL);
    assert_int_equal(sg_log_level_from_name(""), -EINVAL);
}

static void test_targets(void **state)
{
    (void)state;
    assert_int_equal(sg_log_open("x", "/var/log/x", SG_LOG_INFO), -EINVAL);
    assert_int_equal(sg_log_open("x", "", SG_LOG_INFO), -EINVAL);
    sg_auto(sg_buf) struct sg_buf got = {0};
    struct capture c = capture_begin();
    assert_int_equal(sg_log_open("x", "syslog", SG_LOG_INFO), 0);
    sg_log(SG_LOG_DEBUG, "to nobody");
    sg_log(SG_LOG_INFO, "to syslog only\n");
    assert_int_equal(sg_log_open("x", "stderr", SG_LOG_INFO), 0);
    capture_end(&c, &got);
    assert_int_equal(got.len, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),       cmocka_unit_test(test_one_line_whatever_the_length),
        cmocka_unit_test(test_levels),      cmocka_unit_test(test_errno_survives),
        cmocka_unit_test(test_level_names), cmocka_unit_test(test_targets),
        cmocka_unit_test(test_words),       cmocka_unit_test(test_error_with_and_without_fix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
