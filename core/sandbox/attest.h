/*
 * attest.h: reading what is in force from the text of /proc files: pure functions.
 *
 *     struct sg_isolation iso = {0};
 *     sg_attest_status(&iso, status_text);        // /proc/PID/status
 *     sg_attest_mounts(&iso, mountinfo_text);     // /proc/PID/mountinfo
 */
#ifndef SG_SANDBOX_ATTEST_H
#define SG_SANDBOX_ATTEST_H

#include "core/model/outcome.h"

/* Sets capabilities, no_new_privs, seccomp filters, the uid inside, and the layer bits that follow
   from them: CAPABILITIES (all five sets are empty), NO_NEW_PRIVS, SECCOMP (mode 2). 0, or -EINVAL
   when a line is missing. proc_pid_status(5) */
int sg_attest_status(struct sg_isolation *iso, const char *text);

/* Sets uid_outside of the uid that sg_attest_status has found, and PRIVATE_UID when the map holds
   just two ids, of which the program's is one: then pid 1 has another. 0, or -EINVAL.
   user_namespaces(7) */
int sg_attest_uid_map(struct sg_isolation *iso, const char *text);

/* Sets ROOT_RO when every mount is read-only but the writable places (/tmp, /work, /dev/shm, which
   must be nosuid and nodev) and the device nodes below /dev; sets PROC when /proc is there,
   read-only, subset=pid. 0, or -EINVAL when the text does not parse. proc_pid_mountinfo(5) */
int sg_attest_mounts(struct sg_isolation *iso, const char *text);

#endif
