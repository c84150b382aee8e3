/* notify.c: see notify.h */
#include "core/base/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"

#define MESSAGE_MAX 512
#define SEND_WAIT_S 1

/* A path, or "@NAME" for one in the abstract namespace (unix(7)): its length, or 0. */
static socklen_t address_of(const char *name, struct sockaddr_un *ret)
{
    size_t n = strlen(name);
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((name[0] != '/' && name[0] != '@') || n < 2 ||
        sg_str_copy(ret->sun_path, sizeof ret->sun_path, name) < 0)
        return 0;
    if (name[0] == '@')
        ret->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (name[0] == '/'));
}

static int connect_to(const char *name)
{
    struct sockaddr_un at;
    const struct timeval wait = {.tv_sec = SEND_WAIT_S};
    socklen_t n = address_of(name, &at);
    if (n == 0)
        return -1;
    sg_autofd int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock < 0 || setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) < 0 ||
        connect(sock, (const struct sockaddr *)&at, n) < 0)
        return -1;
    return SG_TAKE_FD(sock);
}

/* $WATCHDOG_PID names the process that is asked; without it, it is whoever reads this. */
static int64_t watchdog_ms(void)
{
    const char *text = getenv("WATCHDOG_USEC"), *who = getenv("WATCHDOG_PID");
    uint64_t us, pid;
    if (!text || sg_str_to_u64(text, &us) < 0 || us > INT64_MAX)
        return 0;
    if (who && (sg_str_to_u64(who, &pid) < 0 || pid != (uint64_t)getpid()))
        return 0;
    int64_t ms = (int64_t)(us / 2000);
    return us > 0 && ms == 0 ? 1 : ms;
}

void sg_notify_open(struct sg_notify *n)
{
    const char *name = getenv("NOTIFY_SOCKET");
    *n = (struct sg_notify)SG_NOTIFY_INIT;
    if (name)
        n->sock = connect_to(name);
    if (n->sock >= 0)
        n->watchdog_ms = watchdog_ms();
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void sg_notify_send(const struct sg_notify *n, const char *fmt, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    if (n->sock < 0)
        return;
    va_start(args, fmt);
    int len = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (len > 0 && (size_t)len < sizeof text)
        (void)send(n->sock, text, (size_t)len, MSG_NOSIGNAL);
}

void sg_notify_close(struct sg_notify *n)
{
    sg_fd_close(&n->sock);
    n->watchdog_ms = 0;
}
