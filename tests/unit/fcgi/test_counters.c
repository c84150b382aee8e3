/* The file that workers count in: many processes at once, killed at any moment, and files that are
 * not what they should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "fcgi/counters.h"
#include "tests/unit/core/config/files.h"
#include "tests/unit/core/descriptors.h"

#define LAYOUT  0x1234567890abcdefull
#define N       40
#define WORKERS 8

static struct sg_counters open_one(uint64_t layout, size_t n)
{
    struct sg_counters c;
    struct sg_error err = SG_ERROR_INIT;
    if (sg_counters_open(&c, file_path("c"), layout, n, &err) < 0)
        fail_msg("%s", err.text);
    return c;
}

static void refused(const char *path, int code, const char *phrase)
{
    struct sg_counters c;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_counters_open(&c, path, LAYOUT, N, &err), code);
    assert_null(c.v);
    if (!strstr(err.text, phrase))
        fail_msg("expected '%s' in '%s'", phrase, err.text);
    sg_counters_add(&c, 0, 1); /* harmless */
    assert_int_equal(sg_counters_get(&c, 0), 0);
    sg_counters_done(&c);
}

static ino_t inode(void)
{
    struct stat st;
    assert_int_equal(stat(file_path("c"), &st), 0);
    return st.st_ino;
}

static void test_what_one_has_counted_others_see(void **state)
{
    (void)state;
    int before = count_descriptors();
    struct sg_counters a = open_one(LAYOUT, N), b = open_one(LAYOUT, N);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(sg_counters_get(&a, i), 0);
    sg_counters_add(&a, 0, 1);
    sg_counters_add(&b, 0, 2);
    sg_counters_add(&b, N - 1, UINT32_MAX * 2ull);
    sg_counters_add(&a, N, 7);        /* there is none: nothing is written behind the end */
    sg_counters_add(&a, SIZE_MAX, 7); /* what sg_metrics_index gives for an unknown label */
    assert_int_equal(sg_counters_get(&a, 0), 3);
    assert_int_equal(sg_counters_get(&a, N - 1), UINT32_MAX * 2ull);
    assert_int_equal(sg_counters_get(&a, N), 0);
    sg_counters_done(&a);
    sg_counters_done(&b);
    a = open_one(LAYOUT, N); /* nobody had it open meanwhile */
    assert_int_equal(sg_counters_get(&a, 0), 3);
    sg_counters_done(&a);
    assert_int_equal(count_descriptors(), before);
    struct stat st;
    assert_int_equal(stat(file_path("c"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_no_descriptor_while_open(void **state)
{
    (void)state;
    int before = count_descriptors();
    struct sg_counters a = open_one(LAYOUT, N);
    assert_int_equal(count_descriptors(), before);
    sg_counters_done(&a);
}

static void test_another_layout_is_made_anew(void **state)
{
    (void)state;
    struct sg_counters old = open_one(LAYOUT, N);
    sg_counters_add(&old, 1, 5);
    ino_t first = inode();
    struct sg_counters new = open_one(LAYOUT + 1, N);
    assert_int_equal(sg_counters_get(&new, 1), 0);
    assert_true(inode() != first);
    sg_counters_add(&old, 1, 1); /* a worker of before lives on */
    assert_int_equal(sg_counters_get(&old, 1), 6);
    assert_int_equal(sg_counters_get(&new, 1), 0);
    struct sg_counters more = open_one(LAYOUT + 1, N + 1);
    assert_int_equal(more.n, N + 1);
    assert_int_equal(sg_counters_get(&more, N), 0);
    sg_counters_done(&old);
    sg_counters_done(&new);
    sg_counters_done(&more);
}

/* Each field of the header, and a file that was cut, lengthened, or not finished. */
static void test_what_does_not_fit_is_made_anew(void **state)
{
    (void)state;
    static const size_t offsets[] = {0, 7, 8, 12, 16, 24};
    char bytes[1024];
    struct sg_counters c = open_one(LAYOUT, N);
    sg_counters_add(&c, 3, 9);
    sg_counters_done(&c);
    int fd = open(file_path("c"), O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    assert_int_equal(n, 64 + N * 8);
    for (size_t i = 0; i < SG_ARRAY_LEN(offsets); i++) {
        bytes[offsets[i]] ^= 1;
        file_put("c", bytes, (size_t)n);
        bytes[offsets[i]] ^= 1;
        c = open_one(LAYOUT, N);
        assert_int_equal(sg_counters_get(&c, 3), 0);
        sg_counters_done(&c);
    }
    const size_t sizes[] = {1, 63, 64, (size_t)n - 1, (size_t)n + 1};
    for (size_t i = 0; i < SG_ARRAY_LEN(sizes); i++) {
        file_put("c", bytes, sizes[i]);
        c = open_one(LAYOUT, N);
        assert_int_equal(sg_counters_get(&c, 3), 0);
        sg_counters_done(&c);
    }
    memset(bytes, 0, 64); /* its maker was killed before it wrote the magic */
    file_put("c", bytes, (size_t)n);
    c = open_one(LAYOUT, N);
    assert_int_equal(sg_counters_get(&c, 3), 0);
    sg_counters_done(&c);
    file_put("c", "", 0); /* or right after it had made the file */
    c = open_one(LAYOUT, N);
    sg_counters_done(&c);
}

static void test_refusals(void **state)
{
    (void)state;
    struct sg_counters c;
    struct sg_error err = SG_ERROR_INIT;
    char other[700];
    refused(file_path("no/such/directory"), -ENOENT, "cannot open");
    refused(files_dir, -EISDIR, "cannot open");
    assert_int_equal(symlink("elsewhere", file_path("link")), 0);
    refused(file_path("link"), -ELOOP, "cannot open");
    assert_int_equal(mkfifo(file_path("fifo"), 0600), 0);
    refused(file_path("fifo"), SG_E_INVALID, "not a file of this user alone");
    file_put("open", "", 0);
    assert_int_equal(chmod(file_path("open"), 0620), 0);
    refused(file_path("open"), SG_E_INVALID, "not a file of this user alone");
    snprintf(other, sizeof other, "%s", file_put("hard", "", 0));
    assert_int_equal(link(other, file_path("hard-too")), 0);
    refused(other, SG_E_INVALID, "not a file of this user alone");
    assert_int_equal(sg_counters_open(&c, file_path("c"), LAYOUT, 0, &err), SG_E_INVALID);
    sg_error_clear(&err);
    assert_int_equal(sg_counters_open(&c, file_path("c"), LAYOUT, SG_COUNTERS_MAX + 1, &err),
                     SG_E_INVALID);
}

/* Another user's file: only root can make one. */
static void test_of_another_user(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    file_put("theirs", "", 0);
    assert_int_equal(chown(file_path("theirs"), 65534, 65534), 0);
    refused(file_path("theirs"), SG_E_INVALID, "not a file of this user alone");
}

static void test_lock_is_not_waited_for_for_ever(void **state)
{
    (void)state;
    int fd = open(file_path("c"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    refused(file_path("c"), SG_E_BUSY, "somebody holds its lock");
    close(fd);
    struct sg_counters c = open_one(LAYOUT, N);
    sg_counters_done(&c);
}

static void test_no_room(void **state)
{
    (void)state;
    struct rlimit old, small = {100, 100};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    refused(file_path("c"), -EFBIG, "cannot make");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    struct sg_counters c = open_one(LAYOUT, N);
    sg_counters_done(&c);
}

/* Starts WORKERS processes that do it at the same moment. */
static void start_all(pid_t *pids, void (*work)(size_t i))
{
    int gate[2];
    char byte;
    assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
    for (size_t i = 0; i < WORKERS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            close(gate[1]);
            if (read(gate[0], &byte, 1) == 0)
                work(i);
            _exit(0);
        }
    }
    close(gate[0]);
    close(gate[1]);
}

static void wait_all(const pid_t *pids)
{
    for (size_t i = 0; i < WORKERS; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : status == 0);
    }
}

static void open_and_add(size_t i)
{
    struct sg_counters c;
    if (sg_counters_open(&c, file_path("c"), LAYOUT, N, NULL) < 0)
        _exit(1);
    sg_counters_add(&c, i, 1);
    sg_counters_add(&c, N - 1, 1);
}

/* Who comes first makes the file, and nobody counts in one that another then replaces: of each
   round all is there. The file is missing, of another layout, or half made. */
static void test_all_open_at_once(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        pid_t pids[WORKERS];
        unlink(file_path("c"));
        if (round % 3 == 1) {
            struct sg_counters c = open_one(LAYOUT + 1, N + 3);
            sg_counters_done(&c);
        } else if (round % 3 == 2) {
            file_put("c", "half", 4);
        }
        start_all(pids, open_and_add);
        wait_all(pids);
        struct sg_counters c = open_one(LAYOUT, N);
        assert_int_equal(sg_counters_get(&c, N - 1), WORKERS);
        for (size_t i = 0; i < WORKERS; i++)
            assert_int_equal(sg_counters_get(&c, i), 1);
        sg_counters_done(&c);
    }
}

#define MANY 200000

static void add_many(size_t i)
{
    struct sg_counters c;
    if (sg_counters_open(&c, file_path("c"), LAYOUT, N, NULL) < 0)
        _exit(1);
    for (int k = 0; k < MANY; k++) {
        sg_counters_add(&c, N - 1, 1);
        sg_counters_add(&c, N - 2, 3);
    }
    sg_counters_add(&c, i, 1);
}

static void test_nothing_is_lost_between_processes(void **state)
{
    (void)state;
    pid_t pids[WORKERS];
    start_all(pids, add_many);
    wait_all(pids);
    struct sg_counters c = open_one(LAYOUT, N);
    assert_int_equal(sg_counters_get(&c, N - 1), WORKERS * MANY);
    assert_int_equal(sg_counters_get(&c, N - 2), 3ull * WORKERS * MANY);
    sg_counters_done(&c);
}

static void add_for_ever(size_t i)
{
    for (;;) { /* as workers do: for a while, then another one begins */
        struct sg_counters c;
        if (sg_counters_open(&c, file_path("c"), LAYOUT, N, NULL) < 0)
            _exit(1);
        for (int k = 0; k < 100; k++) {
            sg_counters_add(&c, i, 1);
            sg_counters_add(&c, N - 1, 1);
        }
        sg_counters_done(&c);
    }
}

/* Killed anywhere, in opening too: at most the one addition that it was at is not there, the file
   is whole, and its lock is free. */
static void test_killed_at_any_moment(void **state)
{
    (void)state;
    uint64_t killed = 0;
    for (int round = 0; round < 30; round++) {
        pid_t pids[WORKERS];
        start_all(pids, add_for_ever);
        nanosleep(&(struct timespec){.tv_nsec = 200000L * (1 + round)}, NULL);
        for (size_t i = 0; i < WORKERS; i++)
            kill(pids[i], SIGKILL);
        wait_all(pids);
        killed += WORKERS;
        struct sg_counters c = open_one(LAYOUT, N);
        uint64_t own = 0, all = sg_counters_get(&c, N - 1);
        for (size_t i = 0; i < WORKERS; i++)
            own += sg_counters_get(&c, i);
        assert_true(own >= all && own - all <= killed);
        sg_counters_done(&c);
    }
    struct sg_counters c = open_one(LAYOUT, N);
    assert_true(sg_counters_get(&c, N - 1) > 0);
    sg_counters_done(&c);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, files_begin, files_end)
    const struct CMUnitTest tests[] = {
        CASE(test_what_one_has_counted_others_see),
        CASE(test_no_descriptor_while_open),
        CASE(test_another_layout_is_made_anew),
        CASE(test_what_does_not_fit_is_made_anew),
        CASE(test_refusals),
        CASE(test_of_another_user),
        CASE(test_lock_is_not_waited_for_for_ever),
        CASE(test_no_room),
        CASE(test_all_open_at_once),
        CASE(test_nothing_is_lost_between_processes),
        CASE(test_killed_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
