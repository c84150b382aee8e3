/* cgroup_files.h: the text of cgroup files: pure helpers. */
#ifndef SG_SANDBOX_CGROUP_FILES_H
#define SG_SANDBOX_CGROUP_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A file of one number (key NULL), or of lines "key number". 0 or -EINVAL. */
int sg_cgroup_parse(const char *text, const char *key, uint64_t *ret);

/* Is pid one of the lines? */
bool sg_cgroup_lists(const char *text, pid_t pid);

/* Path of the caller's cgroup from the text of /proc/self/cgroup. controller NULL: the v2 hierarchy
   ("0::/path"). 0 or -ENOENT; -ENAMETOOLONG. cgroups(7) */
int sg_cgroup_own_path(const char *text, const char *controller, char *ret, size_t n);

/* Mount point of the v1 hierarchy with that controller, or (NULL) of v2, from /proc/self/mountinfo.
   0 or -ENOENT. */
int sg_cgroup_mount_point(const char *mountinfo, const char *controller, char *ret, size_t n);

#endif
