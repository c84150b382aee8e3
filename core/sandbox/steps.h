/*
 * steps.h: every step that setting up a box takes, in its order, one row each: the name that
 * answers and logs use, who does it, and what an operator can do when the host refuses it. The test
 * that makes each step fail in turn loops over this table.
 */
#ifndef SG_SANDBOX_STEPS_H
#define SG_SANDBOX_STEPS_H

/* X(enum suffix, name, fix) */
#define SG_STEPS(X)                                                                                \
    /* the executor */                                                                             \
    X(PLAN, "plan", "see the text; the runtime's file or the configuration is at fault")           \
    X(CGROUP_CREATE, "cgroup_create",                                                              \
      "give the executor a writable cgroup subtree (systemd: Delegate=yes), or name the cgroup "   \
      "layers in native.allow_missing")                                                            \
    X(CGROUP_LIMITS, "cgroup_limits",                                                              \
      "enable the memory, pids and cpu controllers for the executor's subtree")                    \
    X(PIPES, "pipes", "raise the limit of open files of sandgate-native (LimitNOFILE=)")           \
    X(LAUNCH, "launch", "check that sandgate-box is installed and executable, and the pids limit") \
    /* the launcher: sandgate-box before its clones */                                             \
    X(CLOSE_FDS, "close_fds", "needs close_range(2), Linux 5.9")                                   \
    X(CLONE, "clone",                                                                              \
      "allow user namespaces: sysctl user.max_user_namespaces, "                                   \
      "kernel.unprivileged_userns_clone=1, an AppArmor profile with userns")                       \
    X(ID_MAP, "id_map", "install newuidmap (package uidmap) and give the user a range in subuid")  \
    /* the keeper of a cell, or pid 1 of a box in it: who does which is in the plan's rows */      \
    X(CGROUP_JOIN, "cgroup_join", "the executor must run inside its delegated cgroup subtree")     \
    X(PARENT_DEATH, "parent_death", "needs prctl(PR_SET_PDEATHSIG)")                               \
    X(INIT_IDS, "init_ids", "the id map of the box is broken: see native.id_base")                 \
    X(CGROUP_NS, "cgroup_ns", "needs CONFIG_CGROUPS and Linux 4.6")                                \
    X(HOST_PROC, "host_proc", "mount /proc for the executor")                                      \
    X(MOUNT_PRIVATE, "mount_private", "needs mount namespaces")                                    \
    X(ROOT_TMPFS, "root_tmpfs", "needs tmpfs in user namespaces, Linux 4.2")                       \
    X(MOUNT_USR, "mount_usr", "needs open_tree and mount_setattr, Linux 5.12; check native.root")  \
    X(MOUNT_ETC, "mount_etc", "check that the files under /etc can be read by the executor")       \
    X(MOUNT_DEV, "mount_dev", "check that /dev has null, zero, full, random, urandom")             \
    X(MOUNT_WRITABLE, "mount_writable", "check native.tmp_bytes and native.tmp_inodes")            \
    X(MOUNT_SHM, "mount_shm", "check native.shm_bytes")                                            \
    X(MOUNT_PROC, "mount_proc",                                                                    \
      "the host's /proc is partly covered by other mounts: uncover it, or name proc in "           \
      "native.allow_missing")                                                                      \
    X(PIVOT_ROOT, "pivot_root", "the executor must not run in a chroot or on the initramfs")       \
    X(ROOT_READONLY, "root_readonly", "needs read-only bind remounts")                             \
    X(HOSTNAME, "hostname", "needs UTS namespaces")                                                \
    X(KEEP_WORKDIR, "keep_workdir", "the working directory of the box cannot be opened")           \
    X(ORDER, "order", "internal: the executor and sandgate-box are of different versions")         \
    X(FILES, "files", "send fewer or smaller files, or raise native.tmp_bytes, native.tmp_inodes") \
    X(FORK, "fork", "raise the limit of processes of the executor's service (TasksMax=)")          \
    /* the program's process */                                                                    \
    X(SESSION, "session", "needs setsid(2)")                                                       \
    X(STDIO, "stdio", "internal: the stream descriptors were not passed")                          \
    X(WORKDIR, "workdir", "the working directory is not reachable in the box")                     \
    X(BOUNDING_SET, "bounding_set", "needs CAP_SETPCAP in the box's user namespace")               \
    X(PROGRAM_IDS, "program_ids", "the id map of the box is broken: see native.id_base")           \
    X(RLIMITS, "rlimits", "the executor's own hard limits are lower: raise them in its unit")      \
    X(CAPABILITIES, "capabilities", "needs capset(2)")                                             \
    X(NO_NEW_PRIVS, "no_new_privs", "needs Linux 3.5")                                             \
    X(LANDLOCK, "landlock",                                                                        \
      "enable Landlock (CONFIG_SECURITY_LANDLOCK, lsm=landlock,...), or name it in "               \
      "native.allow_missing")                                                                      \
    X(EXEC_LISTENER, "exec_listener",                                                              \
      "needs seccomp user notification, Linux 5.5; of a traced run also pidfd_getfd, Linux 5.6, "  \
      "and kernel.yama.ptrace_scope below 3")                                                      \
    X(SECCOMP, "seccomp", "needs CONFIG_SECCOMP_FILTER; check the profile of the runtime")         \
    X(EXEC, "exec", "check that the runtime's command is installed and can be executed")           \
    /* a template's clone, before it does the same */                                              \
    X(JOIN, "join",                                                                                \
      "a template could not clone itself into the box: see the text; runs start "                  \
      "cold meanwhile")                                                                            \
    /* pid 1 again */                                                                              \
    X(ATTEST, "attest",                                                                            \
      "a layer was set up but is not in force: report this with the step's text")                  \
    X(EXEC_CONTINUE, "exec_continue", "needs SECCOMP_USER_NOTIF_FLAG_CONTINUE, Linux 5.5")

enum sg_step {
#define X(id, name, fix) SG_STEP_##id,
    SG_STEPS(X)
#undef X
        SG_STEP_COUNT
};

/* NULL when out of range. */
const char *sg_step_name(unsigned step);
const char *sg_step_fix(unsigned step);

#endif
