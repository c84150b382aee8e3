/*
 * worker.h: the life of one worker process: request after request, until enough of them, long
 * enough, or SIGTERM.
 */
#ifndef SG_FCGI_WORKER_H
#define SG_FCGI_WORKER_H

#include <signal.h>
#include <stdint.h>

#include "fcgi/exchange.h"
#include "fcgi/transport.h"

/* Blocks the signals that ask for a graceful end (SIGTERM, SIGINT, SIGHUP, SIGUSR1): they are
   looked at only between requests. Ignores SIGPIPE. To be called before libfcgi is. */
void sg_worker_signals(void);

/* The mask to wait with: those signals get through. */
void sg_worker_open_signals(sigset_t *ret);

/* Serves until the end of its life. Exit status for the process. */
int sg_worker_loop(struct sg_service *service, struct sg_transport *t);

/* Serves the request that the transport has accepted. */
void sg_worker_serve(struct sg_service *service, struct sg_transport *t);

#endif
