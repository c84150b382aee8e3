/*
 * confine.h: what the worker gives up once it has started: it reads hostile data, so it can do
 * nothing but read, compute, write to what is open, and talk to its executor.
 *
 *     sg_confine_begin(&err);                           // capabilities, core dumps, dumpable,
 * no_new_privs sg_confine_filter(child_pid_or_0, &err);          // last: seccomp
 */
#ifndef SG_FCGI_CONFINE_H
#define SG_FCGI_CONFINE_H

#include <sys/types.h>

#include "core/base/error.h"

/* Builds with the address sanitizer may read files too: its reports look at the address space. Such
   builds are for tests. */
#if defined(__SANITIZE_ADDRESS__)
#define SG_CONFINE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SG_CONFINE_SANITIZED 1
#endif
#endif
#ifndef SG_CONFINE_SANITIZED
#define SG_CONFINE_SANITIZED 0
#endif

/* Drops all capabilities, sets no_new_privs, makes the process non-dumpable, and core dumps
   impossible (RLIMIT_CORE 1, not 0: with 0 a handler of core_pattern still runs). 0 or -errno. */
int sg_confine_begin(struct sg_error *err);

/* Loads the seccomp filter: an allow-list, everything else gets EPERM, a foreign architecture is
   killed. No file can be opened or looked up, no program executed, no process or thread made; the
   only sockets are unix SEQPACKET ones, which is how executors are reached (a filter cannot read
   connect's address, so the error that it gives for a path is all that can be learned of files).
   fstat(3) is refused too, where glibc makes it of newfstatat. child: the private executor, the
   only process that can be signalled; 0: none. 0 or -errno. */
int sg_confine_filter(pid_t child, struct sg_error *err);

#endif
