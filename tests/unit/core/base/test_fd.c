/* Descriptors: whole reads and writes, seals, descriptors over sockets; nothing is left open. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "tests/unit/core/descriptors.h"

/* Around each test: it leaves as many descriptors as it found. */
static int count_before(void **state)
{
    *state = (void *)(intptr_t)count_descriptors();
    return 0;
}

static int count_after(void **state)
{
    return count_descriptors() == (int)(intptr_t)*state ? 0 : -1;
}

static void test_write_all_through_a_small_pipe(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    int p[2];
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        char *data = malloc(SIZE);
        memset(data, 'q', SIZE);
        _exit(sg_fd_write_all(p[1], data, SIZE) == 0 ? 0 : 1);
    }
    close(p[1]);
    sg_auto(sg_buf) struct sg_buf got = {0};
    assert_int_equal(sg_fd_read_all(p[0], &got, SIZE), 0);
    assert_int_equal(got.len, SIZE);
    close(p[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_write_all_errors(void **state)
{
    (void)state;
    assert_int_equal(sg_fd_write_all(-1, "x", 1), -EBADF);
    assert_int_equal(sg_fd_write_all(-1, "x", 0), 0);
    sg_autofd int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(sg_fd_write_all(full, "x", 1), -ENOSPC);
}

static int memory_of(const char *text)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(sg_fd_write_all(fd, text, strlen(text)), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void test_read_all_bounds(void **state)
{
    (void)state;
    static const struct {
        size_t max;
        int result;
    } rows[] = {{5, 0}, {6, 0}, {4, -EFBIG}, {0, -EFBIG}, {SIZE_MAX, 0}};
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_autofd int fd = memory_of("12345");
        sg_auto(sg_buf) struct sg_buf got = {0};
        sg_buf_puts(&got, "had ");
        assert_int_equal(sg_fd_read_all(fd, &got, rows[i].max), rows[i].result);
        if (rows[i].result == 0)
            assert_string_equal(got.data, "had 12345");
    }
    sg_autofd int empty = memory_of("");
    sg_auto(sg_buf) struct sg_buf got = {0};
    assert_int_equal(sg_fd_read_all(empty, &got, 0), 0);
    assert_int_equal(sg_fd_read_all(-1, &got, 10), -EBADF);
}

static void test_files(void **state)
{
    (void)state;
    char dir[] = "/tmp/sandgate-test-fd.XXXXXX";
    assert_non_null(mkdtemp(dir));
    sg_autofd int d = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    sg_auto(sg_buf) struct sg_buf got = {0};
    assert_int_equal(sg_file_read(d, "a", &got, 10), -ENOENT);
    assert_int_equal(sg_file_write(d, "a", "x"), -ENOENT); /* never creates */
    close(openat(d, "a", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(sg_file_write(d, "a", "0123456789"), 0);
    assert_int_equal(sg_file_read(d, "a", &got, 10), 0);
    assert_string_equal(got.data, "0123456789");
    assert_int_equal(sg_file_read(d, "a", &got, 9), -EFBIG);
    assert_int_equal(sg_file_read(AT_FDCWD, dir, &got, 10), -EISDIR);
    assert_int_equal(sg_file_write(AT_FDCWD, "/dev/full", "x"), -ENOSPC);
    unlinkat(d, "a", 0);
    rmdir(dir);
}

static void test_sealed_memfd_cannot_change(void **state)
{
    (void)state;
    sg_autofd int fd = sg_memfd_sealed("test", "hello", 5);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
    assert_int_equal(write(fd, "x", 1), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(ftruncate(fd, 100), -1);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), -1);
    assert_true(mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    assert_int_equal(sg_memfd_check(fd, 5), 5);
    assert_int_equal(sg_memfd_check(fd, 4), -EFBIG);
    assert_int_equal(lseek(fd, 3, SEEK_SET), 3);
    assert_int_equal(sg_memfd_check(fd, 5), 5);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 3); /* whoever reads goes on where it was */
}

static void test_check_refuses_what_can_change(void **state)
{
    (void)state;
    static const int seals[] = {0,
                                F_SEAL_WRITE,
                                F_SEAL_WRITE | F_SEAL_SHRINK,
                                F_SEAL_WRITE | F_SEAL_GROW,
                                F_SEAL_SHRINK | F_SEAL_GROW,
                                F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW};
    for (size_t i = 0; i < SG_ARRAY_LEN(seals); i++) {
        sg_autofd int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        assert_int_equal(fcntl(fd, F_ADD_SEALS, seals[i]), 0);
        assert_int_equal(sg_memfd_check(fd, 10), -EPERM);
    }
    sg_autofd int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(sg_memfd_check(null, 10), -EINVAL);
    assert_int_equal(sg_memfd_check(-1, 10), -EBADF);
}

static void test_map(void **state)
{
    (void)state;
    const char *data = "untouched";
    size_t n = 7;
    sg_autofd int empty = sg_memfd_sealed("test", NULL, 0);
    assert_int_equal(sg_memfd_map(empty, 10, &data, &n), 0);
    assert_null(data);
    assert_int_equal(n, 0);
    sg_autofd int fd = sg_memfd_sealed("test", "bytes", 5);
    assert_int_equal(sg_memfd_map(fd, 4, &data, &n), -EFBIG);
    assert_null(data);
    assert_int_equal(sg_memfd_map(fd, 5, &data, &n), 0);
    assert_int_equal(n, 5);
    assert_memory_equal(data, "bytes", 5);
    munmap((void *)(uintptr_t)data, n);
}

static void make_pair(int sv[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
}

static void test_socket_passes_descriptors(void **state)
{
    (void)state;
    int sv[2], out[SG_FDS_MAX], in[SG_FDS_MAX];
    make_pair(sv);
    for (size_t count = 0; count <= SG_FDS_MAX; count++) {
        for (size_t i = 0; i < count; i++)
            out[i] = memory_of("passed");
        assert_int_equal(sg_socket_send(sv[0], "abc", 3, out, count), 0);
        char got[8];
        size_t nfds = 99;
        assert_int_equal(sg_socket_recv(sv[1], got, sizeof(got), in, &nfds, 0), 3);
        assert_memory_equal(got, "abc", 3);
        assert_int_equal(nfds, count);
        for (size_t i = 0; i < count; i++) {
            assert_true(fcntl(in[i], F_GETFD) & FD_CLOEXEC);
            sg_auto(sg_buf) struct sg_buf text = {0};
            assert_int_equal(sg_fd_read_all(in[i], &text, 10), 0);
            assert_string_equal(text.data, "passed");
            close(in[i]);
            close(out[i]);
        }
    }
    assert_int_equal(sg_socket_send(sv[0], "x", 1, out, SG_FDS_MAX + 1), -EINVAL);
    close(sv[0]);
    close(sv[1]);
}

static void test_socket_ends_and_errors(void **state)
{
    (void)state;
    int sv[2], fds[SG_FDS_MAX];
    size_t nfds;
    char got[4];
    make_pair(sv);
    assert_int_equal(sg_socket_recv(sv[0], got, 4, fds, &nfds, MSG_DONTWAIT), -EAGAIN);
    close(sv[1]);
    assert_int_equal(sg_socket_recv(sv[0], got, 4, fds, &nfds, 0), 0);
    assert_int_equal(nfds, 0);
    assert_int_equal(sg_socket_send(sv[0], "x", 1, NULL, 0), -EPIPE); /* and no SIGPIPE */
    assert_int_equal(sg_socket_send(-1, "x", 1, NULL, 0), -EBADF);
    assert_int_equal(sg_socket_recv(-1, got, 4, fds, &nfds, 0), -EBADF);
    close(sv[0]);
}

static void test_socket_refuses_long_messages_and_closes(void **state)
{
    (void)state;
    int sv[2], fds[SG_FDS_MAX], one = memory_of("x");
    size_t nfds = 5;
    char got[4];
    make_pair(sv);
    assert_int_equal(sg_socket_send(sv[0], "12345", 5, &one, 1), 0);
    assert_int_equal(sg_socket_recv(sv[1], got, 4, fds, &nfds, 0), -EMSGSIZE);
    assert_int_equal(nfds, 0);
    close(one);
    close(sv[0]);
    close(sv[1]);
}

/* What sg_socket_send would not send: more descriptors than sg_socket_recv takes. */
static void test_socket_refuses_many_descriptors_and_closes(void **state)
{
    (void)state;
    enum { MANY = SG_FDS_MAX + 3 };
    int sv[2], fds[SG_FDS_MAX], many[MANY];
    make_pair(sv);
    for (int i = 0; i < MANY; i++)
        many[i] = sv[0];
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(many))];
    } control = {0};
    struct iovec iov = {.iov_base = "x", .iov_len = 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.space,
                         .msg_controllen = sizeof(control.space)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(many));
    memcpy(CMSG_DATA(c), many, sizeof(many));
    assert_int_equal(sendmsg(sv[0], &msg, 0), 1);
    char got[4];
    size_t nfds = 5;
    assert_int_equal(sg_socket_recv(sv[1], got, 4, fds, &nfds, 0), -EMSGSIZE);
    assert_int_equal(nfds, 0);
    close(sv[0]);
    close(sv[1]);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, count_before, count_after)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(test_write_all_through_a_small_pipe),
        CASE(test_write_all_errors),
        CASE(test_read_all_bounds),
        CASE(test_files),
        CASE(test_sealed_memfd_cannot_change),
        CASE(test_check_refuses_what_can_change),
        CASE(test_map),
        CASE(test_socket_passes_descriptors),
        CASE(test_socket_ends_and_errors),
        CASE(test_socket_refuses_long_messages_and_closes),
        CASE(test_socket_refuses_many_descriptors_and_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
