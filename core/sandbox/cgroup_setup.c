/* Finding or making the subtree that boxes' cgroups are made in. */
#include "core/sandbox/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/model/outcome.h"
#include "core/sandbox/cgroup_files.h"

#define TEXT_MAX 65536
#define LEAF     "executor"

static const struct {
    const char *name;
    unsigned bit;
    uint32_t layer;
} controllers[] = {
    {"memory", SG_CTL_MEMORY, SG_LAYER_BIT(SG_LAYER_CGROUP_MEMORY)},
    {"pids", SG_CTL_PIDS, SG_LAYER_BIT(SG_LAYER_CGROUP_PIDS)},
    {"cpu", SG_CTL_CPU, SG_LAYER_BIT(SG_LAYER_CGROUP_CPU)},
    {"cpuacct", SG_CTL_CPUACCT, 0},
};

struct search {
    struct sg_buf own, mounts;
    const char *name;
    uid_t uid;
    gid_t gid;
};

static void why(struct sg_cgroups *c, const char *what, int r)
{
    if (!c->why[0])
        snprintf(c->why, sizeof c->why, "%s: %s", what, strerror(-r));
}

/* Delegation as in cgroup-v2.rst, "Model of Delegation": the directory and these files. Absent ones
   belong to the other version. */
static void give(int dir, uid_t uid, gid_t gid)
{
    static const char *const files[] = {"cgroup.procs", "cgroup.subtree_control", "cgroup.threads",
                                        "tasks"};
    if (geteuid() != 0 || fchown(dir, uid, gid) < 0)
        return;
    for (size_t i = 0; i < SG_ARRAY_LEN(files); i++)
        if (fchownat(dir, files[i], uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
}

static int open_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : fd;
}

/* Makes the subtree if need be, opens it, and locks it against removal by another executor that
   ends just now. The descriptor, or -errno. */
static int hold_subtree(const char *path)
{
    for (;;) {
        struct stat ours, there;
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return -errno;
        sg_autofd int fd = open_dir(path);
        if (fd == -ENOENT)
            continue;
        if (fd < 0)
            return SG_TAKE_FD(fd);
        if (flock(fd, LOCK_SH) < 0 || fstat(fd, &ours) < 0)
            return -errno;
        if (stat(path, &there) == 0 && there.st_ino == ours.st_ino)
            return SG_TAKE_FD(fd);
    }
}

/* Each executor that uses a subtree holds a shared lock on it, so the one that gets the exclusive
   lock is the last. */
static void remove_subtree(int dir)
{
    char link[64], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return;
    path[n] = '\0';
    if (flock(dir, LOCK_EX | LOCK_NB) == 0)
        rmdir(path);
}

/* The subtree below one mounted hierarchy: an existing one that was prepared for us, or a new one.
 */
static int find_subtree(const struct search *s, const char *mount, const char *own)
{
    char path[768];
    const char *sep = strcmp(own, "/") == 0 ? "" : own;
    if (s->name[0] == '/') {
        snprintf(path, sizeof path, "%s%s", mount, s->name);
    } else {
        snprintf(path, sizeof path, "%s%s/%s", mount, sep, s->name);
        if (access(path, F_OK) < 0)
            snprintf(path, sizeof path, "%s/%s", mount, s->name);
        if (access(path, F_OK) < 0)
            snprintf(path, sizeof path, "%s%s/%s", mount, sep, s->name);
    }
    int fd = hold_subtree(path);
    if (fd >= 0) {
        give(fd, s->uid, s->gid);
        /* The executor works as s->uid, also where the caller is root: what counts is that it may
         * write. */
        struct stat st;
        if (fstat(fd, &st) == 0 && st.st_uid != s->uid && geteuid() == 0) {
            close(fd);
            return -EPERM;
        }
        if (geteuid() != 0 && faccessat(fd, ".", W_OK, AT_EACCESS) < 0) {
            int errnum = errno;
            close(fd);
            return -errnum;
        }
    }
    return fd;
}

/* ---- version 1: a directory per hierarchy; several controllers may share one ---- */

static struct sg_hierarchy *same_directory(struct sg_cgroups *c, int fd)
{
    struct stat a, b;
    for (size_t i = 0; i < c->n; i++)
        if (fstat(fd, &a) == 0 && fstat(c->h[i].dir, &b) == 0 && a.st_ino == b.st_ino &&
            a.st_dev == b.st_dev)
            return &c->h[i];
    return NULL;
}

static void open_v1(struct sg_cgroups *c, const struct search *s)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(controllers); i++) {
        char mount[256], own[256];
        if (sg_cgroup_mount_point(s->mounts.data, controllers[i].name, mount, sizeof mount) < 0 ||
            sg_cgroup_own_path(s->own.data, controllers[i].name, own, sizeof own) < 0)
            continue;
        sg_autofd int fd = find_subtree(s, mount, own);
        if (fd < 0) {
            why(c, mount, fd);
            fd = -1;
            continue;
        }
        struct sg_hierarchy *h = same_directory(c, fd);
        if (!h) {
            h = &c->h[c->n++];
            h->dir = SG_TAKE_FD(fd);
        }
        h->controllers |= controllers[i].bit;
        c->layers |= controllers[i].layer;
    }
    c->version = c->layers ? 1 : 0;
}

/* ---- version 2 ---- */

/* What dir's children get. Not cgroup.controllers, which lists what could be passed on to them. */
static uint32_t controllers_passed(int dir, unsigned *bits)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    uint32_t layers = 0;
    if (sg_file_read(dir, "cgroup.subtree_control", &text, 4096) < 0 || !text.data)
        return 0;
    char *save = NULL;
    for (char *w = strtok_r(text.data, " \n", &save); w; w = strtok_r(NULL, " \n", &save))
        for (size_t i = 0; i < SG_ARRAY_LEN(controllers); i++)
            if (strcmp(w, controllers[i].name) == 0) {
                layers |= controllers[i].layer;
                *bits |= controllers[i].bit;
            }
    return layers;
}

/* One by one: a controller that cannot be had does not keep the others away. */
static void pass_on(int dir, bool on)
{
    static const char *const each[][2] = {
        {"-memory", "+memory"}, {"-pids", "+pids"}, {"-cpu", "+cpu"}};
    for (size_t i = 0; i < SG_ARRAY_LEN(each); i++)
        sg_file_write(dir, "cgroup.subtree_control", each[i][on]);
}

/* Along the path, from the root of the hierarchy to place. What is not ours to write stays as it
   is. */
static void pass_on_to(const char *mount, const char *place)
{
    for (size_t n = 0;; n += 1 + strcspn(place + n + 1, "/")) {
        char path[600];
        snprintf(path, sizeof path, "%s%.*s", mount, (int)n, place);
        sg_autofd int dir = open_dir(path);
        if (dir >= 0)
            pass_on(dir, true);
        else
            dir = -1;
        if (!place[n])
            return;
    }
}

/* base/executor holds our own processes, so that base and its parent hold none and may pass
   controllers down; boxes are siblings of it, and base is the common ancestor that
   CLONE_INTO_CGROUP asks for. */
static int move_to_leaf(int base, uid_t uid, gid_t gid)
{
    if (mkdirat(base, LEAF, 0755) < 0 && errno != EEXIST)
        return -errno;
    sg_autofd int leaf = openat(base, LEAF, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (leaf < 0)
        return -errno;
    give(leaf, uid, gid);
    return sg_file_write(leaf, "cgroup.procs", "0");
}

/* Back to where the supervisor came from, when nobody else uses the subtree. The kernel lets a
   process into home only while that passes nothing on; only what is below home is ours to stop, an
   ancestor passes on for others. */
static void leave_subtree(int base, int home)
{
    struct stat a, b;
    /* Before the lock is asked for: of two that leave at once, the one that gets it must find the
       leaf empty. */
    sg_file_write(home, "cgroup.procs", "0");
    if (flock(base, LOCK_EX | LOCK_NB) < 0)
        return;
    pass_on(base, false);
    sg_autofd int parent = openat(base, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0 && fstat(parent, &a) == 0 && fstat(home, &b) == 0 && a.st_ino == b.st_ino)
        pass_on(parent, false);
    sg_file_write(home, "cgroup.procs", "0");
    if (unlinkat(base, LEAF, AT_REMOVEDIR) == 0 || errno == ENOENT)
        remove_subtree(base);
}

/* Makes place/NAME ours if its boxes get all of `need` (none named: any) there. */
static bool settle_at(struct sg_cgroups *c, const struct search *s, const char *mount,
                      const char *place, uint32_t need)
{
    struct search at = *s;
    char name[600];
    unsigned bits = 0;
    snprintf(name, sizeof name, "%s/%s", place, s->name);
    if (s->name[0] != '/')
        at.name = name;
    sg_autofd int base = find_subtree(&at, mount, "/");
    if (base < 0) {
        why(c, mount, base);
        base = -1;
        return false;
    }
    int r = move_to_leaf(base, s->uid, s->gid);
    if (r < 0)
        why(c, "moving into a leaf of the subtree", r);
    pass_on_to(mount, place);
    pass_on(base, true);
    uint32_t layers = r < 0 ? 0 : controllers_passed(base, &bits);
    if (!layers || (layers & need) != need) {
        why(c, "the subtree does not get all of the controllers memory, pids, cpu", -ENOTSUP);
        leave_subtree(base, c->home);
        return false;
    }
    c->version = 2;
    c->layers = layers;
    c->h[c->n].controllers = bits | SG_CTL_CPUACCT;
    c->h[c->n++].dir = SG_TAKE_FD(base);
    return true;
}

/* Below our own cgroup, or else the nearest ancestor: the own one passes nothing on while others
   live in it (a login session, a service with several processes), see "No Internal Process
   Constraint" in cgroup-v2.rst. Rather all controllers further up than some of them here. */
static void open_v2(struct sg_cgroups *c, const struct search *s)
{
    char mount[256], own[256], path[600];
    if (sg_cgroup_mount_point(s->mounts.data, NULL, mount, sizeof mount) < 0 ||
        sg_cgroup_own_path(s->own.data, NULL, own, sizeof own) < 0)
        return;
    snprintf(path, sizeof path, "%s%s", mount, own);
    c->home = open_dir(path);
    /* Started by a process of a leaf: beside it, not below. */
    snprintf(path, sizeof path, "/%s/" LEAF, s->name);
    size_t n = strlen(own), tail = strlen(path);
    if (n >= tail && strcmp(own + n - tail, path) == 0)
        own[n - tail] = '\0';
    if (strcmp(own, "/") == 0)
        own[0] = '\0';
    if (s->name[0] == '/') {
        sg_str_copy(own, sizeof own, s->name);
        *strrchr(own, '/') = '\0';
    }
    const uint32_t needs[] = {controllers[0].layer | controllers[1].layer | controllers[2].layer,
                              0};
    for (size_t i = 0; i < SG_ARRAY_LEN(needs); i++) {
        char place[sizeof own];
        memcpy(place, own, sizeof own);
        for (;;) {
            if (settle_at(c, s, mount, place, needs[i])) {
                if (needs[i])
                    c->why[0] = '\0';
                return;
            }
            char *slash = strrchr(place, '/');
            if (!slash || s->name[0] == '/')
                break;
            *slash = '\0';
        }
    }
}

void sg_cgroups_open(struct sg_cgroups *c, const char *name, uid_t uid, gid_t gid)
{
    struct search s = {.name = name, .uid = uid, .gid = gid};
    char place[256];
    struct stat ns = {0};
    *c = (struct sg_cgroups){.instance = getpid(), .home = -1};
    if (stat("/proc/self/ns/pid", &ns) == 0)
        c->pid_ns = ns.st_ino;
    if (sg_file_read(AT_FDCWD, "/proc/self/cgroup", &s.own, TEXT_MAX) == 0 &&
        sg_file_read(AT_FDCWD, "/proc/self/mountinfo", &s.mounts, TEXT_MAX * 4) == 0 &&
        s.own.data && s.mounts.data) {
        /* A hierarchy of version 1 with a memory controller means that version 2 has none. */
        if (sg_cgroup_mount_point(s.mounts.data, "memory", place, sizeof place) == 0)
            open_v1(c, &s);
        else
            open_v2(c, &s);
    }
    if (!c->version && !c->why[0])
        snprintf(c->why, sizeof c->why, "no cgroup file system is mounted");
    sg_buf_done(&s.own);
    sg_buf_done(&s.mounts);
}

void sg_cgroups_done(struct sg_cgroups *c)
{
    for (size_t i = 0; i < c->n; i++)
        sg_fd_close(&c->h[i].dir);
    sg_fd_close(&c->home);
    *c = (struct sg_cgroups)SG_CGROUPS_INIT;
}

static void sweep_one(int base, const char *name)
{
    struct sg_cgroups one = {.version = 1, .n = 1, .h = {{.dir = base}}};
    struct sg_cgroup g = SG_CGROUP_INIT;
    if (sg_str_copy(g.name, sizeof g.name, name) < 0)
        return;
    g.dir[0] = openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int tries = 0; tries < 200; tries++) {
        if (g.dir[0] >= 0)
            sg_cgroup_kill(&one, &g);
        if (unlinkat(base, name, AT_REMOVEDIR) == 0 || errno != EBUSY)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    sg_fd_close(&g.dir[0]);
}

/* "box-NAMESPACE-INSTANCE-SERIAL": may it be swept? Those of another executor that lives may not.
   Its supervisor has the ids of another user namespace than we, so EPERM means alive, too. Of
   another pid namespace, as a container's, nobody here can tell. */
static bool is_left_over(const struct sg_cgroups *c, const char *name)
{
    char *end;
    if (!sg_str_starts(name, "box-"))
        return false;
    unsigned long pid_ns = strtoul(name + strlen("box-"), &end, 10);
    long instance = *end == '-' ? strtol(end + 1, &end, 10) : 0;
    if (*end != '-' || instance <= 0)
        return true;
    if (pid_ns != c->pid_ns)
        return false;
    return instance == c->instance || (kill((pid_t)instance, 0) < 0 && errno == ESRCH);
}

void sg_cgroups_sweep(const struct sg_cgroups *c)
{
    for (size_t i = 0; i < c->n; i++) {
        DIR *d = fdopendir(openat(c->h[i].dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!d)
            continue;
        for (struct dirent *e = readdir(d); e; e = readdir(d))
            if (is_left_over(c, e->d_name))
                sweep_one(c->h[i].dir, e->d_name);
        closedir(d);
    }
}

void sg_cgroups_remove(struct sg_cgroups *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->version == 2)
            leave_subtree(c->h[i].dir, c->home);
        else
            remove_subtree(c->h[i].dir);
}
