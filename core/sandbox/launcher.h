/*
 * launcher.h: sandgate-box as the executor starts it, ahead of need where it can.
 *
 * A launcher waits on its control socket for the parcel of descriptors that makes it one box's
 * (enum sg_box_fd). Starting a program costs a part of what a box costs, and nothing in it depends
 * on the box; so the executor keeps a few launchers that have started. Closing the socket ends one.
 *
 *     struct sg_launchers spare = {.program = fd_of_sandgate_box};
 *     sg_launchers_refill(&spare, 4);
 *     struct sg_launcher l;
 *     sg_launchers_get(&spare, SG_LAUNCH_BOX, environment, fds, nfds, &l);       // a spare one, or
 * a new one
 */
#ifndef SG_SANDBOX_LAUNCHER_H
#define SG_SANDBOX_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SG_LAUNCHERS_MAX 16

struct sg_launcher {
    pid_t pid;   /* a child of the caller */
    int control; /* owned: our end, SEQPACKET */
};

/* What a launcher becomes. */
enum sg_launch { SG_LAUNCH_BOX = 'b', SG_LAUNCH_TEMPLATE = 't' };

struct sg_launchers {
    int program; /* borrowed: sandgate-box, opened */
    struct sg_launcher spare[SG_LAUNCHERS_MAX];
    size_t n;
};

/* Status of a launcher that could not be executed. */
#define SG_LAUNCH_FAILED 127

/* Starts one more spare launcher, up to `most`. 1 when it did, 0 when there are enough, -errno. */
int sg_launchers_refill(struct sg_launchers *l, size_t most);
/* Hands the parcel to a spare launcher, or to a new one with this environment where there is none.
   The parcel's descriptors stay the caller's. 0 and *ret, or -errno. */
int sg_launchers_get(struct sg_launchers *l, enum sg_launch kind, char *const environment[],
                     const int *fds, size_t nfds, struct sg_launcher *ret);
/* A child has been reaped: was it a spare launcher? It is forgotten then. */
bool sg_launchers_reaped(struct sg_launchers *l, pid_t pid);
/* Ends and reaps all spare ones. */
void sg_launchers_done(struct sg_launchers *l);

#endif
