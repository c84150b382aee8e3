/*
 * fcgi.c: FastCGI by libfcgi; the only file that includes its header.
 *
 * libfcgi is kept on a short leash:
 *  - It never accepts. We do, on a non-blocking socket after poll(2), and hand the connection over
 * in FCGX_Request.ipcFd. Its own accept would block where another worker was quicker, deaf to
 * SIGTERM and to the worker's lifetime. FCGX_InitRequest gets -1 as its socket, so an attempt of it
 * to accept (it tries the next connection when one breaks off) fails at once with EBADF.
 *  - Reads and writes of the connection have time-outs by socket options, since it knows none.
 *  - Its signal handlers are not installed: the worker has set its own before, blocks SIGTERM, and
 * asks sigpending(2) between requests. (libfcgi replaces SIG_DFL and SIG_IGN, hence handlers, not
 * SIG_IGN.)
 *  - Parameters die with the request; whoever needs them longer copies them.
 *  - It calls exit(3) and abort on lack of memory. The process has no privilege to lose.
 */
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "fcgi/transport.h"

#define READ_TIMEOUT_S  10 /* nginx sends buffered requests at once: more is a broken peer */
#define WRITE_TIMEOUT_S 60
#define ACCEPT_MOST_US  1000
#define RECORD_HEADER   8 /* bytes; FastCGI specification, 3.3 */
#define RECORD_ABORT    2 /* FCGI_ABORT_REQUEST */

struct fcgi {
    struct sg_transport base;
    FCGX_Request request;
    bool input_watched;
};

bool sg_transport_is_listener(int fd)
{
    int on = 0;
    socklen_t n = sizeof on;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &n) == 0 && on;
}

static int accept_connection(struct fcgi *f, struct sg_error *err)
{
    struct timeval read_time = {.tv_sec = READ_TIMEOUT_S}, write_time = {.tv_sec = WRITE_TIMEOUT_S};
    int fd = accept4(f->base.listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        bool none = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED || errno == EPROTO;
        return none ? -EAGAIN : sg_error_errno(err, errno, "cannot accept a connection");
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &read_time, sizeof read_time);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &write_time, sizeof write_time);
    return fd;
}

static int fcgi_accept(struct sg_transport *t, struct sg_error *err)
{
    struct fcgi *f = (struct fcgi *)t;
    int fd = accept_connection(f, err);
    if (fd < 0)
        return fd == -EAGAIN ? 0 : fd;
    f->request.ipcFd = fd;
    f->request.keepConnection = 1; /* FCGX_Accept_r finishes the last request first: not this one */
    f->input_watched = true;
    return FCGX_Accept_r(&f->request) == 0 ? 1 : 0;
}

/* nginx sends a parameter as often as its configuration names it. The last one holds, as with plain
   CGI, so that a location can set what the file that it includes has set (FCGX_GetParam takes the
   first). Clients cannot add one: their headers are HTTP_*. */
static const char *fcgi_param(struct sg_transport *t, const char *name)
{
    struct fcgi *f = (struct fcgi *)t;
    const char *found = NULL;
    size_t n = strlen(name);
    for (char **p = f->request.envp; p && *p; p++)
        if (strncmp(*p, name, n) == 0 && (*p)[n] == '=')
            found = *p + n + 1;
    return found;
}

static ssize_t fcgi_read(struct sg_transport *t, void *data, size_t n)
{
    struct fcgi *f = (struct fcgi *)t;
    int most = n > 1 << 20 ? 1 << 20 : (int)n;
    int got = FCGX_GetStr(data, most, f->request.in);
    if (got > 0)
        return got;
    int error = FCGX_GetError(f->request.in);
    if (error == 0)
        return 0;
    return error == EAGAIN ? -EAGAIN : -ECONNRESET;
}

static int fcgi_write(struct sg_transport *t, const void *data, size_t n)
{
    struct fcgi *f = (struct fcgi *)t;
    const char *at = data;
    while (n > 0) {
        int part = n > 1 << 20 ? 1 << 20 : (int)n;
        if (FCGX_PutStr(at, part, f->request.out) != part)
            return -EPIPE;
        at += part;
        n -= (size_t)part;
    }
    return 0;
}

static int fcgi_flush(struct sg_transport *t)
{
    struct fcgi *f = (struct fcgi *)t;
    return FCGX_FFlush(f->request.out) == 0 ? 0 : -EPIPE;
}

/* Bytes that wait in the socket may be the rest of the request (padding, the record that ends
   stdin), which libfcgi then takes, or FCGI_ABORT_REQUEST. Anything else is looked at once, since
   it stays there. */
static void fcgi_watch(struct sg_transport *t, struct pollfd *ret)
{
    struct fcgi *f = (struct fcgi *)t;
    *ret = (struct pollfd){.fd = f->request.ipcFd,
                           .events = (short)(POLLRDHUP | (f->input_watched ? POLLIN : 0))};
}

static bool fcgi_gone(struct sg_transport *t, const struct pollfd *seen)
{
    struct fcgi *f = (struct fcgi *)t;
    unsigned char header[RECORD_HEADER];
    if (seen->revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL))
        return true;
    if (!(seen->revents & POLLIN))
        return false;
    ssize_t n = recv(f->request.ipcFd, header, sizeof header, MSG_PEEK | MSG_DONTWAIT);
    if (n == 0 || (n == RECORD_HEADER && header[1] == RECORD_ABORT))
        return true;
    if (f->request.in->isClosed)
        f->input_watched = false;
    else
        FCGX_GetChar(f->request.in);
    return FCGX_GetError(f->request.in) != 0;
}

static void fcgi_finish(struct sg_transport *t, bool abandon)
{
    struct fcgi *f = (struct fcgi *)t;
    if (abandon)
        FCGX_Free(&f->request, 1);
    else
        FCGX_Finish_r(&f->request);
    if (f->request.ipcFd >=
        0) /* the server asked to keep it, but other workers want requests too */
        FCGX_Free(&f->request, 1);
}

static void fcgi_close(struct sg_transport *t)
{
    sg_fd_close(&t->listen_fd);
    free(t);
}

static const struct sg_transport_ops fcgi_ops = {
    .name = "fcgi",
    .accept = fcgi_accept,
    .param = fcgi_param,
    .read = fcgi_read,
    .write = fcgi_write,
    .flush = fcgi_flush,
    .watch = fcgi_watch,
    .gone = fcgi_gone,
    .finish = fcgi_finish,
    .close = fcgi_close,
};

/* Another worker may be quicker, and accept(2) would wait then, deaf to signals. The flag is shared
   by all who have the socket: systemd takes it away each time that it hands the socket to a worker
   (StandardInput=socket). The time limit is the socket's and stays. */
static int never_wait(int listen_fd)
{
    const struct timeval most = {.tv_usec = ACCEPT_MOST_US};
    int flags = fcntl(listen_fd, F_GETFL);
    if (flags < 0 || fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    return setsockopt(listen_fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) < 0 ? -errno : 0;
}

struct sg_transport *sg_fcgi_open(int listen_fd, struct sg_error *err)
{
    int r = never_wait(listen_fd);
    if (r < 0) {
        sg_error_errno(err, -r, "cannot make the listening socket non-blocking");
        return NULL;
    }
    if (FCGX_Init() != 0) {
        sg_error_set(err, SG_E_INTERNAL, "libfcgi cannot be initialised");
        return NULL;
    }
    struct fcgi *f = calloc(1, sizeof *f);
    if (!f) {
        sg_error_errno(err, ENOMEM, "cannot begin FastCGI");
        return NULL;
    }
    f->base.ops = &fcgi_ops;
    f->base.listen_fd = listen_fd;
    FCGX_InitRequest(&f->request, -1, FCGI_FAIL_ACCEPT_ON_INTR);
    return &f->base;
}
