/* From a launcher to a template's interpreter: a root like a box's, nothing of privilege but the
 * id. See template.h. */
#include "core/sandbox/template.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/sandbox/box.h"

static void leave_host(void)
{
    /* Not the cgroup namespace: where cgroup v2 is mounted with nsdelegate, nobody moves a process
       out of the root of his own. */
    if (unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET) < 0)
        sg_box_fail(SG_STEP_CLONE, errno, "namespaces of a template");
    if (sethostname(SG_BOX_HOSTNAME, strlen(SG_BOX_HOSTNAME)) < 0 || setdomainname("", 0) < 0)
        sg_box_fail(SG_STEP_HOSTNAME, errno, "sethostname");
}

/* The library finds its descriptors by number. All others end here. */
static void place_descriptors(int program, int plan)
{
    /* Through high numbers first: one may lie where another belongs. */
    int high[2] = {fcntl(program, F_DUPFD_CLOEXEC, SG_TEMPLATE_FD_SOURCE),
                   fcntl(plan, F_DUPFD_CLOEXEC, SG_TEMPLATE_FD_SOURCE)};
    if (high[0] < 0 || high[1] < 0 || dup2(SG_BOX_FD_CONTROL, SG_TEMPLATE_FD_CONTROL) < 0 ||
        dup2(high[0], SG_TEMPLATE_FD_PROGRAM) < 0 || dup2(high[1], SG_TEMPLATE_FD_TEMPLATE) < 0 ||
        syscall(SYS_close_range, SG_TEMPLATE_FD_TEMPLATE + 1, ~0u, 0) < 0)
        sg_box_fail(SG_STEP_CLOSE_FDS, errno, "descriptors of a template");
}

static void take_streams(const int *fds)
{
    for (int i = 0; i < 3; i++)
        if (dup2(fds[i], i) < 0)
            sg_box_fail(SG_STEP_STDIO, errno, "dup2 to %d", i);
}

void sg_box_template(const struct sg_plan *p)
{
    struct sg_box_order order;
    struct sg_box_command command;
    int fds[SG_FDS_MAX];
    size_t nfds = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    const int cgroup[] = {SG_BOX_FD_CGROUP, SG_BOX_FD_CGROUP + 1, SG_BOX_FD_CGROUP + 2,
                          SG_BOX_FD_CGROUP + 3};
    sg_box_move_to_cgroup(p, cgroup);
    sg_box_receive(SG_BOX_FD_CONTROL, &order, fds, &nfds);
    if (order.kind != SG_BOX_ORDER_TEMPLATE ||
        dup2(fds[SG_TEMPLATE_FD_LIBRARY], SG_TEMPLATE_FD_SOURCE) < 0)
        sg_box_fail(SG_STEP_ORDER, errno, "order of a template");
    const struct sg_program_plan *program = sg_box_map_program(fds[SG_RUN_FD_PLAN]);
    leave_host();
    sg_box_mounts_cell(p);
    sg_box_mounts(p);
    if (setsid() < 0 || chdir(SG_BOX_WORKDIR) < 0)
        sg_box_fail(SG_STEP_WORKDIR, errno, "session of a template");
    sg_box_files(program, fds[SG_RUN_FD_PAYLOAD], false, &command);
    take_streams(fds + SG_RUN_FD_STDIN);
    place_descriptors(fds[SG_RUN_FD_PLAN], fds[SG_TEMPLATE_FD_PLAN]);
    sg_box_drop_capabilities(program);
    execve(command.argv[0], command.argv, command.envp);
    sg_box_fail(SG_STEP_EXEC, errno, "%s", command.argv[0]);
}
