/*
 * template.h: an interpreter that has started, and clones itself into boxes.
 *
 * Theory of operation
 *
 *   executor
 *     |- template      python3 main.py, has imported NumPy, stands where it opens main.py
 *     |   `- helper    shares its memory: setns into the box's namespaces, user first
 *     |       `- A     shares its memory: in the box's pid namespace; makes B, ends
 *     `- pid 1
 *         `- B         a copy of the template; A's end has made it pid 1's child
 *
 * A template is started by a launcher (box_template.c) on a root of its own that equals a box's,
 * without /proc, capabilities and network, under its own filter and cgroup, as the executor's own
 * id: that id owns the boxes' user namespaces, and this is all that lets it join them. It runs the
 * interpreter, the imports of the runtime's file, and nothing of a request, ever.
 *
 * The library (template_open.c, template_serve.c) is loaded into the interpreter by the dynamic
 * loader through the root's own /etc/ld.so.preload, which no box has: so neither command line nor
 * environment differ. It stands in front of open and fopen. The first time that the interpreter
 * opens its program's file it does not return: it becomes the template. In the clone the call
 * returns, with the file of the box, and the interpreter goes on as if it had just been started.
 * CPython gets a little more than that (template_python.c).
 *
 * Helper and A are made with CLONE_VM and CLONE_VFORK: they copy nothing, and their parent stands
 * still meanwhile. B does what a program's process does (sg_box_confine), loads the profile's
 * strict variant, in which execve does not exist, tells the executor that it waits, and gets GO
 * with the payload. Only then there is foreign code. The strict variant makes a user notification
 * of exit_group, whose listener the executor holds: so the end is known, as the kernel tells it,
 * before the process has been torn down.
 *
 * Sources: setns(2), clone(2) (set_tid: Linux 5.5), pid_namespaces(7), ld.so(8),
 * PR_GET_TID_ADDRESS in prctl(2), seccomp_unotify(2).
 */
#ifndef SG_SANDBOX_TEMPLATE_H
#define SG_SANDBOX_TEMPLATE_H

#include <linux/filter.h>
#include <stdint.h>

#include "core/model/limits.h"
#include "core/sandbox/plan.h"

#define SG_TEMPLATE_MAGIC   0x504d4554u /* "TEMP" */
#define SG_TEMPLATE_FILE    "sandgate-template.so"
#define SG_TEMPLATE_PREPARE 8192

struct sg_template_plan {
    uint32_t magic, size;
    uint8_t cgroup_v2;
    uint32_t cgroup_fds;
    char entry[SG_PATH_MAX + 16];     /* absolute path of the program in a box */
    char imports[SG_IMPORTS_MAX + 1]; /* words; "": none */
    char prepare[SG_TEMPLATE_PREPARE];
    uint32_t nfilter;
    struct sock_filter filter[SG_PLAN_FILTER]; /* the template's own */
};

/* Descriptors of the interpreter when it starts, beside its streams. */
enum { SG_TEMPLATE_FD_CONTROL = 3, SG_TEMPLATE_FD_PROGRAM, SG_TEMPLATE_FD_TEMPLATE };
/* Where box_template.c has the library while it makes the root. */
#define SG_TEMPLATE_FD_SOURCE 30

/* What comes with SG_BOX_ORDER_JOIN. */
enum sg_join_fd {
    SG_JOIN_USER, /* namespaces of the box, in the order in which they are joined */
    SG_JOIN_MNT,
    SG_JOIN_IPC,
    SG_JOIN_UTS,
    SG_JOIN_NET,
    SG_JOIN_PID,
    SG_JOIN_CGROUP,  /* the clone joins that itself */
    SG_JOIN_CHANNEL, /* the clone's socket to the executor */
    SG_JOIN_STDOUT,
    SG_JOIN_STDERR,
    SG_JOIN_TASKS, /* as behind SG_BOX_FD_CGROUP */
};

#endif
