/* rlimit.h: lowering resource limits of a process, one's own or that of a program that waits. */
#ifndef SG_SANDBOX_RLIMIT_H
#define SG_SANDBOX_RLIMIT_H

#include <sys/types.h>

#include "core/sandbox/plan.h"

/* Sets both limits of a resource to the row's value (RLIMIT_CPU's soft one a second less: SIGXCPU
   before SIGKILL tells what ended the run where no cgroup counts), or leaves what is lower already:
   that is stricter, and nobody may raise it. pid 0: the caller. 0 or -errno. prlimit(2) */
int sg_rlimit_lower(pid_t pid, const struct sg_plan_rlimit *row);

#endif
