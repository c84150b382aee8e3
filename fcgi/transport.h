/*
 * transport.h: one request as it comes from a web server, whatever the protocol: FastCGI (fcgi.c)
 * or plain CGI (cgi.c). Behind it nobody knows which one it is.
 *
 *     struct sg_transport *t = sg_fcgi_open(listener, &err);   // or sg_cgi_open()
 *     while (t->ops->accept(t, &err) == 1) {                   // after poll(2) on t->listen_fd
 *         const char *method = t->ops->param(t, "REQUEST_METHOD");
 *         ...
 *         t->ops->finish(t, false);
 *     }
 *
 * The strings of param live until finish: what must live longer is copied.
 */
#ifndef SG_FCGI_TRANSPORT_H
#define SG_FCGI_TRANSPORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/error.h"

struct sg_transport;

struct sg_transport_ops {
    const char *name; /* "fcgi" or "cgi" */
    /* Takes the next request if one is there, without waiting for a connection. 1; 0: none (another
       worker was quicker, or the peer broke off); or -errno. */
    int (*accept)(struct sg_transport *t, struct sg_error *err);
    /* A parameter (CGI/1.1 meta-variable, fastcgi_param), NULL when there is none. Of several with
       one name the last. */
    const char *(*param)(struct sg_transport *t, const char *name);
    /* Reads from the body, at most n bytes: as many as read, 0 at its end, -errno (-EAGAIN: too
     * slow). */
    ssize_t (*read)(struct sg_transport *t, void *data, size_t n);
    /* Writes all of it. 0 or -errno. */
    int (*write)(struct sg_transport *t, const void *data, size_t n);
    /* Sends what write has buffered. 0 or -errno. NULL: it buffers nothing. */
    int (*flush)(struct sg_transport *t);
    /* Fills in what to poll for the client's leaving; with its revents client_gone knows. */
    void (*watch)(struct sg_transport *t, struct pollfd *ret);
    bool (*gone)(struct sg_transport *t, const struct pollfd *seen);
    /* Ends the request: sends what is buffered, unless abandon, and closes. */
    void (*finish)(struct sg_transport *t, bool abandon);
    void (*close)(struct sg_transport *t);
};

struct sg_transport {
    const struct sg_transport_ops *ops;
    int listen_fd; /* poll it before accept; -1: there is exactly one request, and it is here */
};

/* FastCGI on a listening socket, which it takes over (it is made non-blocking: several workers
   share it, and only one of them gets a connection). NULL with err. */
struct sg_transport *sg_fcgi_open(int listen_fd, struct sg_error *err);

/* Plain CGI (RFC 3875): environment, descriptors 0 and 1. */
struct sg_transport *sg_cgi_open(void);

/* Is this descriptor a listening socket? So FastCGI tells its programs apart from CGI ones. */
bool sg_transport_is_listener(int fd);

#endif
