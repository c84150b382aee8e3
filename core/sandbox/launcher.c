#include "core/sandbox/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/sandbox/plan.h"

#define CLEAR_OF_TARGETS                                                                           \
    16 /* descriptors are moved up here before they are put in their places                        \
        */

/* Between vfork and exec the child borrows our memory: only system calls, no writes that outlive
 * it. */
static void __attribute__((noreturn))
become_launcher(const struct sg_launchers *l, int control, int null, char *const environment[])
{
    static char *const argv[] = {(char *)(uintptr_t) "sandgate-box", NULL};
    int from[3] = {fcntl(l->program, F_DUPFD_CLOEXEC, CLEAR_OF_TARGETS),
                   fcntl(null, F_DUPFD_CLOEXEC, CLEAR_OF_TARGETS),
                   fcntl(control, F_DUPFD_CLOEXEC, CLEAR_OF_TARGETS)};
    bool ok = from[0] >= 0 && from[1] >= 0 && from[2] >= 0;
    for (int i = 0; i < SG_BOX_FD_CONTROL; i++)
        ok = ok && dup2(from[1], i) >= 0;
    if (ok && dup2(from[2], SG_BOX_FD_CONTROL) >= 0)
        syscall(SYS_execveat, from[0], "", argv, environment, AT_EMPTY_PATH);
    _exit(SG_LAUNCH_FAILED);
}

/* A function of its own: the child of a vfork may overwrite the locals of its caller. */
static pid_t spawn(const struct sg_launchers *l, int control, int null, char *const environment[])
{
    pid_t pid = vfork();
    if (pid == 0)
        become_launcher(l, control, null, environment);
    return pid;
}

static int start(const struct sg_launchers *l, char *const environment[], struct sg_launcher *ret)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    sg_autofd int ours = ends[0], theirs = ends[1];
    sg_autofd int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return -errno;
    pid_t pid = spawn(l, theirs, null, environment);
    if (pid < 0)
        return -errno;
    *ret = (struct sg_launcher){.pid = pid, .control = SG_TAKE_FD(ours)};
    return 0;
}

int sg_launchers_refill(struct sg_launchers *l, size_t most)
{
    static char *const empty[] = {NULL};
    if (l->n >= most || l->n >= SG_LAUNCHERS_MAX)
        return 0;
    int r = start(l, empty, &l->spare[l->n]);
    if (r < 0)
        return r;
    l->n++;
    return 1;
}

/* A spare one that has ended cannot take the parcel, and is reaped in the usual way. */
int sg_launchers_get(struct sg_launchers *l, enum sg_launch kind, char *const environment[],
                     const int *fds, size_t nfds, struct sg_launcher *ret)
{
    const char byte = (char)kind;
    while (l->n > 0) {
        *ret = l->spare[--l->n];
        if (sg_socket_send(ret->control, &byte, 1, fds, nfds) == 0)
            return 0;
        sg_fd_close(&ret->control);
    }
    ret->control = -1;
    int r = start(l, environment, ret);
    if (r == 0)
        r = sg_socket_send(ret->control, &byte, 1, fds, nfds);
    if (r == -EPIPE || r == -ECONNRESET)
        return 0; /* it ended already: its status tells why */
    if (r < 0 && ret->control >= 0)
        sg_fd_close(&ret->control);
    return r;
}

bool sg_launchers_reaped(struct sg_launchers *l, pid_t pid)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->spare[i].pid == pid) {
            sg_fd_close(&l->spare[i].control);
            l->spare[i] = l->spare[--l->n];
            return true;
        }
    return false;
}

void sg_launchers_done(struct sg_launchers *l)
{
    while (l->n > 0) {
        struct sg_launcher *one = &l->spare[--l->n];
        sg_fd_close(&one->control);
        while (waitpid(one->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
}
