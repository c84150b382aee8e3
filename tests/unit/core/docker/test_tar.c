/* What is written, tar(1) reads. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/fd.h"
#include "core/docker/tar.h"

static void extract(const char *dir, const struct sg_buf *tar)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[0], 0);
        close(ends[0]);
        close(ends[1]);
        execl("/bin/tar", "tar", "-C", dir, "--no-same-owner", "-xf", "-", (char *)NULL);
        _exit(127);
    }
    close(ends[0]);
    assert_int_equal(sg_fd_write_all(ends[1], tar->data, tar->len), 0);
    close(ends[1]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_tar_reads_it(void **state)
{
    (void)state;
    char dir[] = "/tmp/sandgate-test-tar.XXXXXX", path[128];
    sg_auto(sg_buf) struct sg_buf tar = {0}, back = {0};
    struct stat st;
    char big[5000];
    memset(big, 'b', sizeof big);
    assert_non_null(mkdtemp(dir));
    sg_tar_dir(&tar, "box", 0755);
    sg_tar_file(&tar, "box/program", 0755, big, sizeof big);
    sg_tar_file(&tar, "empty", 0644, "", 0);
    sg_tar_end(&tar);
    assert_false(tar.failed);
    assert_int_equal(tar.len % 512, 0);
    extract(dir, &tar);
    snprintf(path, sizeof path, "%s/box/program", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    assert_int_equal(st.st_size, sizeof big);
    assert_int_equal(sg_file_read(-100, path, &back, 10000), 0);
    assert_memory_equal(back.data, big, sizeof big);
    unlink(path);
    snprintf(path, sizeof path, "%s/empty", dir);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/box", dir);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void test_long_names_are_refused(void **state)
{
    (void)state;
    char name[200];
    sg_auto(sg_buf) struct sg_buf tar = {0};
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    sg_tar_dir(&tar, name, 0755);
    assert_true(tar.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tar_reads_it),
        cmocka_unit_test(test_long_names_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
