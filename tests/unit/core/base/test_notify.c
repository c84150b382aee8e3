/* Messages to the service manager, to a socket of our own that stands for it. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/notify.h"

static char path[64];

/* A manager's socket at that address; abstract if the name begins with "@". */
static int manager(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(name);
    int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(at.sun_path, name, n);
    if (name[0] == '@')
        at.sun_path[0] = '\0';
    assert_int_equal(
        bind(sock, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
        0);
    return sock;
}

static int name_the_place(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/sg-notify-%d", (int)getpid());
    setenv("NOTIFY_SOCKET", path, 1);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return 0;
}

static int clear_the_place(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void expect_message(int sock, const char *text)
{
    char got[600];
    ssize_t n = recv(sock, got, sizeof got - 1, 0);
    assert_true(n >= 0);
    got[n] = '\0';
    assert_string_equal(got, text);
}

static void test_says_it(void **state)
{
    (void)state;
    sg_autofd int sock = manager(path);
    struct sg_notify n = SG_NOTIFY_INIT;
    sg_notify_open(&n);
    assert_true(n.sock >= 0);
    assert_int_equal(n.watchdog_ms, 0);
    sg_notify_send(&n, "READY=1\nSTATUS=%s", "ready");
    expect_message(sock, "READY=1\nSTATUS=ready");
    assert_null(getenv("NOTIFY_SOCKET"));
    sg_notify_close(&n);
    assert_int_equal(n.sock, -1);
}

static void test_abstract_address(void **state)
{
    (void)state;
    char name[64];
    snprintf(name, sizeof name, "@sg-notify-%d", (int)getpid());
    sg_autofd int sock = manager(name);
    struct sg_notify n = SG_NOTIFY_INIT;
    setenv("NOTIFY_SOCKET", name, 1);
    sg_notify_open(&n);
    sg_notify_send(&n, "STOPPING=1");
    expect_message(sock, "STOPPING=1");
    sg_notify_close(&n);
}

static void test_nobody_is_told(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, "", "/", "@", "relative", "/nonexistent/socket"};
    for (size_t i = 0; i < SG_ARRAY_LEN(names); i++) {
        struct sg_notify n = SG_NOTIFY_INIT;
        setenv("WATCHDOG_USEC", "1000000", 1);
        if (names[i])
            setenv("NOTIFY_SOCKET", names[i], 1);
        else
            unsetenv("NOTIFY_SOCKET");
        sg_notify_open(&n);
        assert_int_equal(n.sock, -1);
        assert_int_equal(n.watchdog_ms, 0);
        sg_notify_send(&n, "READY=1");
        sg_notify_close(&n);
    }
}

static void test_address_of_any_length(void **state)
{
    (void)state;
    char name[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 2];
    struct sg_notify n = SG_NOTIFY_INIT;
    memset(name, 'x', sizeof name - 1);
    name[0] = '@';
    name[sizeof name - 1] = '\0';
    setenv("NOTIFY_SOCKET", name, 1);
    sg_notify_open(&n);
    assert_int_equal(n.sock, -1);
}

static void test_watchdog(void **state)
{
    (void)state;
    char own[16];
    snprintf(own, sizeof own, "%d", (int)getpid());
    const struct {
        const char *usec, *pid;
        int64_t ms;
    } rows[] = {
        {"30000000", NULL, 15000},
        {"30000000", own, 15000},
        {"30000000", "1", 0},
        {"1", own, 1},
        {"0", own, 0},
        {"many", own, 0},
        {"-5", own, 0},
        {"1000", "me", 0},
    };
    sg_autofd int sock = manager(path);
    assert_true(sock >= 0); /* somebody has to be there, whatever is said */
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_notify n = SG_NOTIFY_INIT;
        setenv("NOTIFY_SOCKET", path, 1);
        setenv("WATCHDOG_USEC", rows[i].usec, 1);
        if (rows[i].pid)
            setenv("WATCHDOG_PID", rows[i].pid, 1);
        else
            unsetenv("WATCHDOG_PID");
        sg_notify_open(&n);
        if (n.watchdog_ms != rows[i].ms)
            print_message("WATCHDOG_USEC=%s\n", rows[i].usec);
        assert_int_equal(n.watchdog_ms, rows[i].ms);
        assert_null(getenv("WATCHDOG_USEC"));
        assert_null(getenv("WATCHDOG_PID"));
        sg_notify_close(&n);
    }
}

static void test_never_half_a_message(void **state)
{
    (void)state;
    char text[600];
    sg_autofd int sock = manager(path);
    struct sg_notify n = SG_NOTIFY_INIT;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    sg_notify_open(&n);
    sg_notify_send(&n, "%s", text);
    sg_notify_send(&n, "%.511s", text);
    text[511] = '\0';
    expect_message(sock, text);
    sg_notify_close(&n);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_says_it, name_the_place, clear_the_place),
        cmocka_unit_test_setup_teardown(test_abstract_address, name_the_place, clear_the_place),
        cmocka_unit_test_setup_teardown(test_nobody_is_told, name_the_place, clear_the_place),
        cmocka_unit_test_setup_teardown(test_address_of_any_length, name_the_place,
                                        clear_the_place),
        cmocka_unit_test_setup_teardown(test_watchdog, name_the_place, clear_the_place),
        cmocka_unit_test_setup_teardown(test_never_half_a_message, name_the_place, clear_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
