/*
 * trace.h: a run whose refused system calls are counted (`denied_syscalls` of the answer).
 *
 * A filter that refuses with an errno tells nobody. So the profile of such a run has a user
 * notification in the place of each errno, and pid 1 of the box, which holds the listener, gives
 * the errno: it evaluates the profile, as it was written, over the very same registers. Which calls
 * are refused, and with what, is thereby said once, by the profile.
 *
 * Safety: the filter itself still decides what is allowed, and kills what it kills, in the kernel.
 * Pid 1 can only refuse: it answers each notification with an errno, and never lets a call continue
 * (but the first execve: box.h). What it looks at is the kernel's copy of the registers, which
 * nobody can change any more; pointers among them are not followed. A process has one listener at
 * most (seccomp_unotify(2)), so this one is that of the execve, too. Without a listener the kernel
 * answers ENOSYS.
 *
 *     sg_trace_filter(both, SG_TRACE_FILTER_MAX, profile, n, stop_exec, nstop);  // to be loaded
 *     int errnum = sg_trace_errno(profile, n, &notification->data);              // of each refusal
 *     sg_trace_count(denied, notification->data.nr);
 *
 * Pure functions; what the kernel's classic BPF for seccomp means: seccomp(2), BPF in networking/
 * filter of the kernel's documentation.
 */
#ifndef SG_SANDBOX_TRACE_H
#define SG_SANDBOX_TRACE_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/outcome.h"
#include "core/sandbox/plan.h"

#define SG_TRACE_FILTER_MAX (SG_PLAN_FILTER + 32)

/* Fills ret with a profile that notifies where the given one has an errno, and behind it `last`,
   which decides where the profile allows. Returns the number of instructions; -E2BIG when max is
   too few, -EINVAL for a profile with instructions or actions that sg_trace_errno() does not know:
   what cannot be evaluated must not be loaded. */
int sg_trace_filter(struct sock_filter *ret, size_t max, const struct sock_filter *profile,
                    size_t n, const struct sock_filter *last, size_t nlast);

/* What the profile makes of a call: a SECCOMP_RET_ value; SECCOMP_RET_KILL_PROCESS where it cannot
   be evaluated. */
uint32_t sg_trace_verdict(const struct sock_filter *profile, size_t n,
                          const struct seccomp_data *call);

/* The errno, positive, that a refused call gets: the profile's, and ENOSYS for one that the profile
   by itself allows, which only a further execve is (and what a listener that has gone would give).
 */
int sg_trace_errno(const struct sock_filter *profile, size_t n, const struct seccomp_data *call);

/* Counts a refused call by its number. Counters end at their highest value. */
void sg_trace_count(struct sg_denied *denied, int number);

#endif
