#include "core/sandbox/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"

#define SUBID_TEXT_MAX (1u << 20)
#define PAIRS_MAX      32768

/* First range of subuid(5) for a user, by name or number: "name:first:count". */
static int find_subid(const char *path, const char *name, uid_t uid, uint32_t *first,
                      uint32_t *count)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    char number[16];
    if (sg_file_read(AT_FDCWD, path, &text, SUBID_TEXT_MAX) < 0 || !text.data)
        return -ENOENT;
    snprintf(number, sizeof number, "%u", uid);
    char *save = NULL;
    for (char *line = strtok_r(text.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char owner[64];
        if (sscanf(line, "%63[^:]:%u:%u", owner, first, count) == 3 &&
            (strcmp(owner, number) == 0 || (name && strcmp(owner, name) == 0)))
            return 0;
    }
    return -ENOENT;
}

static bool have_helpers(void)
{
    return access("/usr/bin/newuidmap", X_OK) == 0 && access("/usr/bin/newgidmap", X_OK) == 0;
}

static void plan_ordinary(struct sg_userns *u)
{
    struct passwd *pw = getpwuid(geteuid());
    uint32_t nuid = 0, ngid = 0;
    u->root_uid = geteuid();
    u->root_gid = getegid();
    if (!have_helpers())
        snprintf(u->why, sizeof u->why, "newuidmap is not installed (package uidmap)");
    else if (find_subid("/etc/subuid", pw ? pw->pw_name : NULL, u->root_uid, &u->first_uid, &nuid) <
                 0 ||
             find_subid("/etc/subgid", pw ? pw->pw_name : NULL, u->root_uid, &u->first_gid, &ngid) <
                 0)
        snprintf(u->why, sizeof u->why, "user %u has no range in /etc/subuid and /etc/subgid",
                 u->root_uid);
    else
        u->count = nuid < ngid ? nuid : ngid;
    u->by_helper = u->count >= 2;
    if (u->count < 2)
        u->count = 0;
}

int sg_userns_plan(struct sg_userns *u, uint64_t base, uint64_t count, struct sg_error *err)
{
    *u = (struct sg_userns){0};
    if (geteuid() != 0) {
        plan_ordinary(u);
        return 0;
    }
    if (base == 0 || count < 3 || base + count > UINT32_MAX)
        return sg_error_set(err, SG_E_INVALID,
                            "native.id_base and native.id_count: no usable range of ids");
    u->root_uid = u->root_gid = (uint32_t)base;
    u->first_uid = u->first_gid = (uint32_t)base + 1;
    u->count = (uint32_t)count - 1;
    return 0;
}

static int run_helper(const char *program, pid_t pid, uint32_t own, uint32_t first, uint32_t count,
                      struct sg_error *err)
{
    char a[6][16];
    const uint32_t values[] = {(uint32_t)pid, own, 1, first, count};
    for (size_t i = 0; i < SG_ARRAY_LEN(values); i++)
        snprintf(a[i], sizeof a[i], "%u", values[i]);
    char *argv[] = {(char *)(uintptr_t)program,
                    a[0],
                    (char *)"0",
                    a[1],
                    (char *)"1",
                    (char *)"1",
                    a[3],
                    a[4],
                    NULL};
    char *envp[] = {NULL};
    int status;
    int r = posix_spawn(&pid, program, NULL, NULL, argv, envp);
    if (r != 0)
        return sg_error_errno(err, r, "starting %s", program);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return sg_error_errno(err, errno, "waiting for %s", program);
    if (status != 0)
        return sg_error_set(err, SG_E_LAYER, "%s refused the range %u+%u", program, first, count);
    return 0;
}

static int write_map(pid_t pid, const char *file, uint32_t root, uint32_t first, uint32_t count,
                     struct sg_error *err)
{
    char path[64], text[96];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    if (count)
        snprintf(text, sizeof text, "0 %u 1\n1 %u %u\n", root, first, count);
    else
        snprintf(text, sizeof text, "0 %u 1\n", root);
    int r = sg_file_write(AT_FDCWD, path, text);
    return r < 0 ? sg_error_errno(err, -r, "writing %s of the executor's user namespace", file) : 0;
}

int sg_userns_map(const struct sg_userns *u, pid_t pid, struct sg_error *err)
{
    char path[64];
    int r;
    if (u->by_helper) {
        r = run_helper("/usr/bin/newuidmap", pid, u->root_uid, u->first_uid, u->count, err);
        return r < 0 ? r
                     : run_helper("/usr/bin/newgidmap", pid, u->root_gid, u->first_gid, u->count,
                                  err);
    }
    if (geteuid() !=
        0) { /* user_namespaces(7): one id may be mapped by its owner, without setgroups */
        snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
        if ((r = sg_file_write(AT_FDCWD, path, "deny")) < 0)
            return sg_error_errno(err, -r, "writing setgroups of the executor's user namespace");
    }
    r = write_map(pid, "gid_map", u->root_gid, u->first_gid, u->count, err);
    return r < 0 ? r : write_map(pid, "uid_map", u->root_uid, u->first_uid, u->count, err);
}

int sg_userns_enter(int channel, struct sg_error *err)
{
    char byte;
    if (unshare(CLONE_NEWUSER) < 0) {
        sg_error_fix(err, "allow user namespaces: sysctl user.max_user_namespaces, "
                          "kernel.unprivileged_userns_clone=1, an AppArmor profile with userns");
        return sg_error_errno(err, errno, "making the executor's user namespace");
    }
    if (write(channel, "u", 1) != 1 || read(channel, &byte, 1) != 1 || byte != 'm')
        return sg_error_set(err, SG_E_UNAVAILABLE, "the supervisor did not map the executor's ids");
    /* Without a range setgroups is denied, and the groups of the user stay: they are named in the
       threat model. */
    if (setgroups(0, NULL) < 0 && errno != EPERM)
        return sg_error_errno(err, errno, "dropping supplementary groups");
    if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
        return sg_error_errno(err, errno, "becoming root of the executor's user namespace");
    return 0;
}

int sg_box_ids_init(struct sg_box_ids *ids, uint32_t count, uint32_t seed)
{
    *ids = (struct sg_box_ids){.pairs = count / 2 > PAIRS_MAX ? PAIRS_MAX : count / 2};
    if (!ids->pairs)
        return 0;
    ids->next = seed % ids->pairs;
    ids->taken = calloc(ids->pairs, 1);
    return ids->taken ? 0 : -ENOMEM;
}

void sg_box_ids_done(struct sg_box_ids *ids)
{
    free(ids->taken);
    *ids = (struct sg_box_ids){0};
}

int sg_box_ids_get(struct sg_box_ids *ids)
{
    for (uint32_t i = 0; i < ids->pairs; i++) {
        uint32_t at = (ids->next + i) % ids->pairs;
        if (!ids->taken[at]) {
            ids->taken[at] = 1;
            ids->used++;
            ids->next = at + 1;
            return (int)at;
        }
    }
    return ids->pairs ? -EAGAIN : 0;
}

uint32_t sg_box_ids_left(const struct sg_box_ids *ids)
{
    return ids->pairs ? ids->pairs - ids->used : UINT32_MAX;
}

void sg_box_ids_put(struct sg_box_ids *ids, int index)
{
    if (!ids->pairs || index < 0 || (uint32_t)index >= ids->pairs || !ids->taken[index])
        return;
    ids->taken[index] = 0;
    ids->used--;
}
