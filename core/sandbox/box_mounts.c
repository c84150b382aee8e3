/* The root file system of a box: the plan's rows, one after the other; those of the cell on an
   empty tmpfs, those of the box in a copy of that mount namespace. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/sandbox/python_files.h"
#include "core/sandbox/template.h"

/* Not in every C library that we build on (glibc before 2.36). */
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

/* Where the root is put together: exists on every host, and no row has a source below it. */
#define ASSEMBLY "/sys"

static void fail(const struct sg_plan_mount *m, const char *what)
{
    sg_box_fail(m->step, errno, "%s %s", what, m->target[0] ? m->target : "/");
}

static int make_target(const struct sg_plan_mount *m, mode_t source_mode)
{
    if (S_ISDIR(source_mode))
        return mkdir(m->target, 0755) < 0 && errno != EEXIST ? -1 : 0;
    sg_autofd int fd = open(m->target, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
    return fd < 0 ? -1 : 0;
}

static int copy_tree(const struct sg_plan_mount *m, unsigned flags)
{
    return (int)syscall(SYS_open_tree, AT_FDCWD, m->source, OPEN_TREE_CLONE | O_CLOEXEC | flags);
}

static void attach(const struct sg_plan_mount *m, int tree)
{
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, m->target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        fail(m, "move_mount to");
}

/* A detached copy of the tree gets its attributes before it is anywhere to be seen, so there is no
   moment in which it is writable: open_tree(2), mount_setattr(2), Linux 5.12. */
static void bind_host(const struct sg_plan_mount *m)
{
    struct stat st;
    if (stat(m->source, &st) < 0) {
        if (m->optional && errno == ENOENT)
            return;
        fail(m, "looking at the source of");
    }
    unsigned recursive = S_ISDIR(st.st_mode) ? AT_RECURSIVE : 0;
    sg_autofd int tree = copy_tree(m, recursive);
    struct mount_attr attr = {.attr_set = m->attr};
    if (make_target(m, st.st_mode) < 0)
        fail(m, "making the place of");
    if (tree < 0)
        fail(m, "open_tree for");
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | recursive, &attr, sizeof attr) < 0)
        fail(m, "mount_setattr for");
    attach(m, tree);
}

/* Puts a detached mount where another one is. */
static void put_in_place(const struct sg_plan_mount *m, int detached)
{
    sg_autofd int tree = detached;
    if (tree < 0)
        fail(m, "making what goes to");
    if (umount2(m->target, MNT_DETACH) < 0)
        fail(m, "unmounting");
    attach(m, tree);
}

static int configure(int fs, char *options)
{
    char *save = NULL;
    for (char *word = strtok_r(options, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        char *value = strchr(word, '=');
        if (value)
            *value++ = '\0';
        if (syscall(SYS_fsconfig, fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, word, value,
                    0) < 0)
            return -1;
    }
    return (int)syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

/* Detached first: there is no moment in which the box has none, or two. fsopen(2), Linux 5.2. */
static void mount_proc(const struct sg_plan_mount *m)
{
    char options[sizeof m->data];
    memcpy(options, m->data, sizeof options);
    sg_autofd int fs = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
    if (fs < 0 || configure(fs, options) < 0)
        fail(m, "making a proc for");
    put_in_place(m, (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, m->attr));
}

static void write_text(const struct sg_plan_mount *m, mode_t mode, const char *text)
{
    sg_autofd int fd = open(m->target, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0 || sg_fd_write_all(fd, text, strlen(text)) < 0)
        fail(m, "writing");
}

static void write_python(const struct sg_plan_mount *m)
{
    errno = EINVAL;
    if (m->attr >= SG_PYTHON_FILES)
        fail(m, "choosing");
    write_text(m, 0644, sg_python_files[m->attr].text);
}

static void copy_file(const struct sg_plan_mount *m)
{
    sg_autofd int fd =
        open(m->target, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, m->attr);
    struct stat st;
    off_t at = 0;
    if (fd < 0 || fstat(SG_TEMPLATE_FD_SOURCE, &st) < 0)
        fail(m, "making");
    while (at < st.st_size)
        if (sendfile(fd, SG_TEMPLATE_FD_SOURCE, &at, (size_t)(st.st_size - at)) <= 0)
            fail(m, "copying");
}

static void apply_row(const struct sg_plan *p, const struct sg_plan_mount *m)
{
    switch ((enum sg_mount_kind)m->kind) {
    case SG_MOUNT_DIR:
        if (mkdir(m->target, m->attr) < 0)
            fail(m, "mkdir");
        break;
    case SG_MOUNT_SYMLINK:
        if (symlink(m->source, m->target) < 0)
            fail(m, "symlink");
        break;
    case SG_MOUNT_TEXT:
        write_text(m, m->attr, m->data);
        break;
    case SG_MOUNT_PYTHON:
        write_python(m);
        break;
    case SG_MOUNT_BIND:
        bind_host(m);
        break;
    case SG_MOUNT_REBIND:
        if (mount(m->source, m->target, NULL, MS_BIND, NULL) < 0)
            fail(m, "binding");
        break;
    case SG_MOUNT_TMPFS:
        if (mount("tmpfs", m->target, "tmpfs", m->attr, m->data) < 0)
            fail(m, "mounting tmpfs on");
        break;
    case SG_MOUNT_PROC:
        mount_proc(m);
        break;
    case SG_MOUNT_READONLY:
        if (mount(NULL, m->target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | m->attr, NULL) < 0)
            fail(m, "remounting read-only");
        break;
    case SG_MOUNT_REPLACE:
        put_in_place(m, copy_tree(m, 0));
        break;
    case SG_MOUNT_COPY:
        copy_file(m);
        break;
    case SG_MOUNT_OWN:
        if (chown(m->target, p->program_uid, p->program_gid) < 0)
            fail(m, "chown");
        break;
    }
}

static void enter_root(const struct sg_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_PIVOT_ROOT);
    /* pivot_root(".", ".") stacks the old root on the new one; the detach takes it away with all
       that was mounted in it: pivot_root(2), NOTES. */
    if (syscall(SYS_pivot_root, ".", ".") < 0)
        sg_box_fail(SG_STEP_PIVOT_ROOT, errno, "pivot_root");
    if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        sg_box_fail(SG_STEP_PIVOT_ROOT, errno, "leaving the old root");
    sg_box_step(&p->lab, SG_STEP_ROOT_READONLY);
    if (!SG_LAYER_OFF(&p->lab, ROOT_RO) &&
        mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
        sg_box_fail(SG_STEP_ROOT_READONLY, errno, "remounting / read-only");
}

static void apply(const struct sg_plan *p, bool per_box)
{
    unsigned step = SG_STEP_COUNT;
    for (uint32_t i = 0; i < p->nmounts; i++) {
        if (p->mounts[i].per_box != per_box)
            continue;
        if (p->mounts[i].step != step)
            sg_box_step(&p->lab, step = p->mounts[i].step);
        apply_row(p, &p->mounts[i]);
    }
}

void sg_box_mounts_cell(const struct sg_plan *p)
{
    mode_t mask = umask(0);
    sg_box_step(&p->lab, SG_STEP_MOUNT_PRIVATE);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        sg_box_fail(SG_STEP_MOUNT_PRIVATE, errno, "making mounts private");
    sg_box_step(&p->lab, SG_STEP_ROOT_TMPFS);
    if (mount("tmpfs", ASSEMBLY, "tmpfs", MS_NOSUID | MS_NODEV,
              SG_LAYER_OFF(&p->lab, ROOT_RO) ? "size=1m,nr_inodes=256,mode=777"
                                             : "size=1m,nr_inodes=256,mode=755") < 0 ||
        chdir(ASSEMBLY) < 0)
        sg_box_fail(SG_STEP_ROOT_TMPFS, errno, "mounting the root");
    apply(p, false);
    enter_root(p);
    umask(mask);
}

void sg_box_mounts(const struct sg_plan *p)
{
    mode_t mask = umask(0);
    apply(p, true);
    umask(mask);
}
