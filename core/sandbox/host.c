#include "core/sandbox/host.h"

#include <errno.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/sandbox/attest.h"

static const char *const system_dirs[] = {"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"};

static void find_dirs(struct sg_plan_facts *f, const char *root)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(system_dirs) && f->ndirs < SG_PLAN_DIRS_MAX; i++) {
        struct sg_plan_dir *d = &f->dirs[f->ndirs];
        char path[512];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", root, system_dirs[i]);
        if (lstat(path, &st) < 0)
            continue;
        *d = (struct sg_plan_dir){0};
        sg_str_copy(d->name, sizeof d->name, system_dirs[i]);
        ssize_t n = S_ISLNK(st.st_mode) ? readlink(path, d->link, sizeof d->link - 1) : 0;
        if ((S_ISLNK(st.st_mode) && n > 0) || S_ISDIR(st.st_mode))
            f->ndirs++;
    }
}

/* A proc of one's own may be mounted only where the one that is copied is not covered in parts
   (mount_too_revealing in fs/namespace.c); only a try tells. */
static bool can_mount_proc(void)
{
    struct clone_args args = {.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID,
                              .exit_signal = SIGCHLD};
    int status = 1;
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0)
        _exit(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
              mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                    "hidepid=invisible,subset=pid") < 0);
    if (pid > 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    return status == 0;
}

int sg_host_facts(struct sg_plan_facts *f, const struct sg_config *cfg,
                  const struct sg_cgroups *cgroups, bool two_ids, struct sg_error *err)
{
    *f = (struct sg_plan_facts){
        .cgroup_v2 = cgroups->version == 2, .cgroup_layers = cgroups->layers, .two_ids = two_ids};
    for (int i = 0; i < SG_PLAN_NS_COUNT; i++) {
        char path[64];
        struct stat st;
        snprintf(path, sizeof path, "/proc/self/ns/%s", sg_plan_ns[i].name);
        if (stat(path, &st) < 0)
            return sg_error_errno(err, errno, "%s: the kernel lacks this namespace", path);
        f->host_ns[i] = st.st_ino;
    }
    int r = sg_attest_filters_before(&f->filters_before, err);
    if (r < 0)
        return r;
    int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    f->landlock_abi = abi > 0 ? abi : 0;
    /* Where it may not be missing, each run tries and says what is wrong. */
    f->proc = !(cfg->native.allow_missing & SG_LAYER_BIT(SG_LAYER_PROC)) || can_mount_proc();
    find_dirs(f, cfg->native.root ? cfg->native.root : "");
    return 0;
}
