/* How a process of ours comes into its cgroup. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/sandbox/box.h"

/* v1: a single-threaded process that writes its own id to `tasks` takes 90 microseconds, the same
   through cgroup.procs several milliseconds. Before the ids change: the kernel wants them to be the
   opener's. Not the keeper's business: it would count against pids.max until it has been reaped.
 */
void sg_box_join_cgroup(const struct sg_plan *p, const int *fds)
{
    sg_box_step(&p->lab, SG_STEP_CGROUP_JOIN);
    if (p->cgroup_v2)
        return; /* CLONE_INTO_CGROUP has done it */
    for (uint32_t i = 0; i < p->cgroup_fds; i++)
        if (write(fds[i], "0", 1) != 1)
            sg_box_fail(SG_STEP_CGROUP_JOIN, errno, "writing to tasks of hierarchy %u", i);
}

/* v2: cgroup.procs is slow, but nobody waits for a template. cgroup.threads would not do: that is
   for a threaded subtree. */
void sg_box_move_to_cgroup(const struct sg_plan *p, const int *fds)
{
    if (!p->cgroup_v2) {
        sg_box_join_cgroup(p, fds);
        return;
    }
    sg_box_step(&p->lab, SG_STEP_CGROUP_JOIN);
    for (uint32_t i = 0; i < p->cgroup_fds; i++) {
        int procs = openat(fds[i], "cgroup.procs", O_WRONLY | O_CLOEXEC);
        if (procs < 0 || write(procs, "0", 1) != 1)
            sg_box_fail(SG_STEP_CGROUP_JOIN, errno, "writing to cgroup.procs");
        close(procs);
    }
}
