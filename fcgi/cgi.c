/* cgi.c: plain CGI (RFC 3875), as fcgiwrap starts it: one process, one request. See transport.h */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "fcgi/transport.h"

#define READ_TIMEOUT_MS 10000

struct cgi {
    struct sg_transport base;
    bool taken;
};

static int cgi_accept(struct sg_transport *t, struct sg_error *err)
{
    struct cgi *c = (struct cgi *)t;
    (void)err;
    if (c->taken)
        return 0;
    c->taken = true;
    return 1;
}

static const char *cgi_param(struct sg_transport *t, const char *name)
{
    (void)t;
    return getenv(name);
}

static ssize_t cgi_read(struct sg_transport *t, void *data, size_t n)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    (void)t;
    int rc = poll(&p, 1, READ_TIMEOUT_MS);
    if (rc <= 0)
        return rc == 0 ? -EAGAIN : -errno;
    ssize_t got = read(STDIN_FILENO, data, n);
    return got < 0 ? -errno : got;
}

static int cgi_write(struct sg_transport *t, const void *data, size_t n)
{
    (void)t;
    return sg_fd_write_all(STDOUT_FILENO, data, n);
}

/* A pipe whose reader has gone tells so by POLLERR, without being asked. */
static void cgi_watch(struct sg_transport *t, struct pollfd *ret)
{
    (void)t;
    *ret = (struct pollfd){.fd = STDOUT_FILENO, .events = 0};
}

static bool cgi_gone(struct sg_transport *t, const struct pollfd *seen)
{
    (void)t;
    return seen->revents & (POLLERR | POLLHUP);
}

static void cgi_finish(struct sg_transport *t, bool abandon)
{
    (void)t;
    (void)abandon;
}

static void cgi_close(struct sg_transport *t)
{
    free(t);
}

static const struct sg_transport_ops cgi_ops = {
    .name = "cgi",
    .accept = cgi_accept,
    .param = cgi_param,
    .read = cgi_read,
    .write = cgi_write,
    .watch = cgi_watch,
    .gone = cgi_gone,
    .finish = cgi_finish,
    .close = cgi_close,
};

struct sg_transport *sg_cgi_open(void)
{
    struct cgi *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->base.ops = &cgi_ops;
    c->base.listen_fd = -1;
    return &c->base;
}
