/*
 * attest.h: reading what is in force from the text of /proc files: pure functions; and from /proc
 * itself.
 *
 *     struct sg_isolation iso = {0};
 *     sg_attest_status(&iso, status_text);        // /proc/PID/status
 *     sg_attest_mounts(&iso, mountinfo_text);     // /proc/PID/mountinfo
 */
#ifndef SG_SANDBOX_ATTEST_H
#define SG_SANDBOX_ATTEST_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/model/outcome.h"
#include "core/sandbox/plan.h"

/* Sets capabilities, no_new_privs, seccomp filters, the uid inside, and the layer bits that follow
   from them: CAPABILITIES (all five sets are empty), NO_NEW_PRIVS, SECCOMP (mode 2). 0, or -EINVAL
   when a line is missing. proc_pid_status(5) */
int sg_attest_status(struct sg_isolation *iso, const char *text);

/* Takes SECCOMP back where fewer than `own` filters came after the `before` that the executor had
   itself (SystemCallFilter= of a unit, a container): those are in force for every process, and tell
   nothing of the program's profile. After sg_attest_status. */
void sg_attest_filters(struct sg_isolation *iso, uint32_t before, uint32_t own);
/* How many the caller has. Before it loads any, for struct sg_plan. 0, or a negative code. */
int sg_attest_filters_before(uint32_t *ret, struct sg_error *err);

/* Sets uid_outside of the uid that sg_attest_status has found, and PRIVATE_UID when the map holds
   just two ids, of which the program's is one: then pid 1 has another. 0, or -EINVAL.
   user_namespaces(7) */
int sg_attest_uid_map(struct sg_isolation *iso, const char *text);

/* Sets ROOT_RO when every mount is read-only but the writable places (/tmp, /work, /dev/shm, which
   must be nosuid and nodev) and the device nodes below /dev; sets PROC when /proc is there,
   read-only, subset=pid. 0, or -EINVAL when the text does not parse. proc_pid_mountinfo(5) */
int sg_attest_mounts(struct sg_isolation *iso, const char *text);

/* Bytes received and sent over all interfaces, of the text of net/dev: first and ninth number
   behind each name (proc_pid_net(5)). SG_UNKNOWN both when it does not parse. */
void sg_attest_net_dev(const char *text, uint64_t *ret_rx, uint64_t *ret_tx);

/* Who looks, and at whom. */
struct sg_attest_view {
    pid_t pid;        /* in the looker's pid namespace */
    int proc;         /* directory /proc/PID, borrowed */
    bool outside;     /* the looker is not in the box's user namespace */
    bool exec_barred; /* every further execve is refused: by the listener's end, or by the filter */
    /* Inodes of the box's namespaces, in the order of sg_plan_ns: the process must be in just
       these. NULL: it must only not be in the executor's. */
    const uint64_t *box_ns;
};

/* All of it for one process: namespaces by inode against the plan's host_ns, limits, and the above.
   iso->landlock_abi is the caller's to set before: no file tells it. 0; SG_E_LAYER when a layer
   that the plan requires is not in force (the cgroup's are the executor's to check), or -errno. */
int sg_attest_process(const struct sg_plan *p, const struct sg_program_plan *program,
                      const struct sg_attest_view *view, struct sg_isolation *iso,
                      struct sg_error *err);

#endif
