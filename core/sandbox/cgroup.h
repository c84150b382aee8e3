/*
 * cgroup.h: one control group per box, on cgroup v2 or v1, behind one table of files per version.
 *
 *     struct sg_cgroups all = SG_CGROUPS_INIT;
 *     sg_cgroups_open(&all, "sandgate", uid, gid, &err);      // once, with the host's privileges
 *     struct sg_cgroup box = SG_CGROUP_INIT;
 *     sg_cgroup_create(&all, &box, serial, &limits, &err);    // limits first, first process after
 *     ... sg_cgroup_stat(&all, &box, SG_STAT_OOM_KILLS) ...
 *     while (sg_cgroup_remove(&all, &box) == -EBUSY) ...
 *
 * Sources: kernel Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/.
 */
#ifndef SG_SANDBOX_CGROUP_H
#define SG_SANDBOX_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/model/limits.h"

#define SG_HIERARCHIES_MAX 4

struct sg_hierarchy {
    unsigned controllers; /* bits of enum sg_controller that this directory serves */
    int dir;              /* owned: the subtree in which boxes are made */
};

enum sg_controller { SG_CTL_MEMORY = 1, SG_CTL_PIDS = 2, SG_CTL_CPU = 4, SG_CTL_CPUACCT = 8 };

struct sg_cgroups {
    int version; /* 0: none can be had; 1; 2 */
    /* Of the executor, part of the names of its boxes: its supervisor's pid, and the inode of the
       namespace in which that is one. */
    pid_t instance;
    unsigned long pid_ns;
    int home; /* owned; v2: the cgroup that the supervisor was started in, or negative */
    struct sg_hierarchy h[SG_HIERARCHIES_MAX];
    size_t n;
    uint32_t layers; /* SG_LAYER_BITs of what it gives */
    char why[256];   /* why a controller is missing, for people */
};
#define SG_CGROUPS_INIT                                                                            \
    {                                                                                              \
        .home = -1                                                                                 \
    }

enum sg_cgroup_figure {
    SG_STAT_MEMORY_PEAK, /* bytes */
    SG_STAT_OOM_KILLS,
    SG_STAT_MEMORY_HITS, /* times the limit was met */
    SG_STAT_PIDS_PEAK,   /* processes and threads, pid 1 of the box included */
    SG_STAT_PIDS_HITS,
    SG_STAT_CPU_US, /* exact; the next two are counted in ticks on v1, and tell only its parts */
    SG_STAT_CPU_USER_US,
    SG_STAT_CPU_SYSTEM_US,
    SG_STAT_THROTTLED,  /* periods */
    SG_STAT_MEMORY_NOW, /* bytes */
    SG_STAT_PIDS_NOW,   /* processes and threads, pid 1 of the box included */
    SG_STAT_COUNT
};

struct sg_cgroup {
    char name[48]; /* box-NAMESPACE-INSTANCE-SERIAL; "" when there is none */
    int dir[SG_HIERARCHIES_MAX], join[SG_HIERARCHIES_MAX]; /* owned */
    int stat[SG_STAT_COUNT]; /* owned: files of figures, plus 1; 0: not opened yet */
    struct sg_limits limits; /* that it has; all 0 when some could not be written */
};
#define SG_CGROUP_INIT                                                                             \
    {                                                                                              \
        .dir = {-1, -1, -1, -1}, .join = { -1, -1, -1, -1 }                                        \
    }

/* Finds or makes the subtree `name` and gives it to uid, gid. A name with a leading slash is a path
   from the hierarchy's root; another is looked for below the caller's own cgroup, then below the
   root, and made below the caller's own. On v2 it is made below the caller's own or the nearest
   ancestor that may pass the controllers on, and the caller moves into a leaf of it (no internal
   processes). Never fails: what cannot be had is missing from layers, and why says why. */
void sg_cgroups_open(struct sg_cgroups *c, const char *name, uid_t uid, gid_t gid);
void sg_cgroups_done(struct sg_cgroups *c);
/* Takes away boxes that an earlier child of this executor, or an executor that is gone, left: kills
   what is in them. Several executors may share a subtree. */
void sg_cgroups_sweep(const struct sg_cgroups *c);
/* Removes the subtree when it is empty and no other executor uses it. */
void sg_cgroups_remove(struct sg_cgroups *c);

/* Makes box-NAMESPACE-INSTANCE-SERIAL with all limits written and read back. 0 or -errno; err->step
   is left to the caller, the result *limits_failed tells creation from limits. */
int sg_cgroup_create(const struct sg_cgroups *c, struct sg_cgroup *ret, uint64_t serial,
                     const struct sg_limits *limits, bool *limits_failed, struct sg_error *err);
/* Writes other limits to one that may be in use. 0, or an error with err: it may be left with some
   of both, and is not to be used. */
int sg_cgroup_limit(const struct sg_cgroups *c, struct sg_cgroup *g, const struct sg_limits *limits,
                    struct sg_error *err);
/* Can another box have it? Only if nobody is in it, and it has met no limit, holds next to nothing,
   and has counted nothing that would be more than the next box's own: what is counted for ever
   (pids.peak) had the value that every box begins with. False where the kernel does not tell. */
bool sg_cgroup_is_clean(const struct sg_cgroups *c, struct sg_cgroup *g);
/* Makes such a one ready: other limits if they differ, the peak of memory forgotten, the whole
   share of CPU of this period. False: it cannot be had; take a new one. */
bool sg_cgroup_renew(const struct sg_cgroups *c, struct sg_cgroup *g,
                     const struct sg_limits *limits);
/* Descriptors for sandgate-box: v2 the directory, v1 each `tasks`. They stay g's. Returns how many,
 * or -errno. */
int sg_cgroup_join_fds(const struct sg_cgroups *c, struct sg_cgroup *g,
                       int fds[SG_HIERARCHIES_MAX]);
/* A figure, or SG_UNKNOWN. Keeps its file open: figures are read when somebody waits for them. */
uint64_t sg_cgroup_stat(const struct sg_cgroups *c, struct sg_cgroup *g, enum sg_cgroup_figure f);
/* Opens the files of all figures ahead. */
void sg_cgroup_open_stats(const struct sg_cgroups *c, struct sg_cgroup *g);
/* Is pid in it, in every hierarchy? */
bool sg_cgroup_holds(const struct sg_cgroups *c, const struct sg_cgroup *g, pid_t pid);
/* Second means after killing pid 1. */
void sg_cgroup_kill(const struct sg_cgroups *c, const struct sg_cgroup *g);
/* Lets go of one that cannot be removed: its descriptors. */
void sg_cgroup_close(struct sg_cgroup *g);
/* 0, or -EBUSY while something is still in it. */
int sg_cgroup_remove(const struct sg_cgroups *c, struct sg_cgroup *g);

#endif
