/*
 * notify.h: tells the service manager that started us how we are: sd_notify(3) and
 * systemd.service(5), Type=notify, without a library. Where nobody asked, nothing is sent.
 *
 *     struct sg_notify n = SG_NOTIFY_INIT;
 *     sg_notify_open(&n);                            // before the first fork
 *     sg_notify_send(&n, "READY=1\nSTATUS=%s", "ready");
 *     if (n.watchdog_ms) ... every n.watchdog_ms: sg_notify_send(&n, "WATCHDOG=1");
 *     sg_notify_close(&n);
 */
#ifndef SG_BASE_NOTIFY_H
#define SG_BASE_NOTIFY_H

#include <stdint.h>

struct sg_notify {
    int sock;            /* owned; -1: nobody wants to know */
    int64_t watchdog_ms; /* how often to send WATCHDOG=1, half of what is allowed; 0: never */
};
#define SG_NOTIFY_INIT                                                                             \
    {                                                                                              \
        .sock = -1                                                                                 \
    }

/* Reads $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID and removes them from the environment, so
   that no process of ours speaks in our place. An address that cannot be used counts as none:
   a service works without, too. */
void sg_notify_open(struct sg_notify *n);
/* Sends one message of lines NAME=VALUE, at most 511 bytes. Waits a second at most, and forgets it
   then. */
void sg_notify_send(const struct sg_notify *n, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void sg_notify_close(struct sg_notify *n);

#endif
