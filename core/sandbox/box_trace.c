/* Pid 1 and the refused calls of a traced run: each is given its errno, and counted. See trace.h */
#include <errno.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/sandbox/box.h"
#include "core/sandbox/trace.h"

void sg_box_trace_open(struct sg_box_trace *t, const struct sg_program_plan *plan, int counters)
{
    void *at = mmap(NULL, sizeof *t->denied, PROT_READ | PROT_WRITE, MAP_SHARED, counters, 0);
    if (at == MAP_FAILED)
        sg_box_fail(SG_STEP_EXEC_LISTENER, errno, "mapping the counters of refused calls");
    *t = (struct sg_box_trace){.plan = plan, .listener = -1, .denied = at};
}

/* Counted when it has been answered: a call that a signal has interrupted before that comes again,
   and who has been killed meanwhile got no answer. */
void sg_box_trace_answer(struct sg_box_trace *t)
{
    struct sg_box_notification n = {0};
    struct seccomp_notif *req = (void *)n.req;
    struct seccomp_notif_resp *resp = (void *)n.resp;
    if (ioctl(t->listener, SECCOMP_IOCTL_NOTIF_RECV, req) < 0) {
        if (errno == ENOENT || errno == EINTR)
            return;
        _exit(1); /* and everything in the box with us: nobody would answer it any more */
    }
    resp->id = req->id;
    resp->error = -sg_trace_errno(t->plan->filter, t->plan->nfilter, &req->data);
    if (ioctl(t->listener, SECCOMP_IOCTL_NOTIF_SEND, resp) == 0)
        sg_trace_count(t->denied, req->data.nr);
}
