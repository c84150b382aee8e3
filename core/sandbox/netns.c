#include "core/sandbox/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "core/base/cleanup.h"

#define OWN "/proc/self/ns/net"

int sg_netns_leave_host(struct sg_error *err)
{
    if (unshare(CLONE_NEWNET) < 0) {
        sg_error_fix(err,
                     "needs network namespaces (CONFIG_NET_NS); check user.max_net_namespaces");
        return sg_error_errno(err, errno, "leaving the host's network");
    }
    return 0;
}

/* There is no call that makes a namespace without entering it: go there, open it, come back. Coming
   back is possible because home, too, belongs to the executor's user namespace; should it fail, the
   process must not go on in the namespace of a box. */
int sg_netns_refill(struct sg_netns_pool *p, size_t most)
{
    if (p->home < 0)
        p->home = open(OWN, O_RDONLY | O_CLOEXEC);
    if (p->home < 0 || p->n >= most || p->n >= SG_NETNS_POOL_MAX || unshare(CLONE_NEWNET) < 0)
        return 0;
    int fd = open(OWN, O_RDONLY | O_CLOEXEC);
    if (setns(p->home, CLONE_NEWNET) < 0)
        _exit(1); /* the supervisor starts another */
    if (fd < 0)
        return 0;
    p->spare[p->n++] = fd;
    return 1;
}

int sg_netns_take(struct sg_netns_pool *p)
{
    return p->n > 0 ? p->spare[--p->n] : -1;
}

void sg_netns_pool_done(struct sg_netns_pool *p)
{
    while (p->n > 0)
        sg_fd_close(&p->spare[--p->n]);
    sg_fd_close(&p->home);
}
