/*
 * listener.h: the socket of an executor's service, and who may connect to it.
 *
 *     struct sg_listener l = SG_LISTENER_INIT;
 *     sg_listener_peers(&l, "native", &names, &err);
 *     sg_listener_open(&l, path, mode, &err);
 *     poll for l.fd; while ((sock = sg_listener_accept(&l)) >= 0) ...
 *     sg_listener_close(&l);
 */
#ifndef SG_EXEC_LISTENER_H
#define SG_EXEC_LISTENER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/model/runtime.h"

#define SG_PEERS_MAX         (SG_RUNTIME_LIST_MAX + 2)
#define SG_LISTENER_PAUSE_MS 100

struct sg_listener {
    int fd;              /* owned; -1: not open */
    const char *section; /* of the configuration, for messages; borrowed, as is path */
    const char *path;
    uid_t peers[SG_PEERS_MAX];
    size_t npeers;
};
#define SG_LISTENER_INIT                                                                           \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Resolves who may connect: root, the own user, and these names or numbers. SG_E_INVALID. */
int sg_listener_peers(struct sg_listener *l, const char *section, const struct sg_strings *names,
                      struct sg_error *err);
/* Listens (SOCK_SEQPACKET) with these permission bits. A socket file that nobody serves is
   replaced; -EADDRINUSE when somebody does. */
int sg_listener_open(struct sg_listener *l, const char *path, uint64_t mode, struct sg_error *err);
/* The next connection of somebody who may (SO_PEERCRED); others are closed and logged. -EAGAIN when
   there is none. -EMFILE: no descriptor is left; the socket stays readable, so whoever polls looks
   at it again after SG_LISTENER_PAUSE_MS, not to spin. */
int sg_listener_accept(struct sg_listener *l);
/* Takes the path away with it. */
void sg_listener_close(struct sg_listener *l);

#endif
