/* rights.c: who may change the configuration, and so decides what the executor executes. */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/doctor/internal.h"

/* stat(2); links of another root lead to what is in that root. */
static int look_at(const struct sg_doctor *d, const char *path, struct stat *st)
{
    char root[PATH_MAX], inside[PATH_MAX];
    if (d->elsewhere && sg_doctor_place(d, "/", root, sizeof root) == 0 &&
        sg_str_starts(path, root)) {
        int rc = sg_doctor_place(d, path + strlen(root), inside, sizeof inside);
        if (rc < 0)
            return rc;
        path = inside;
    }
    return stat(path, st) < 0 ? -errno : 0;
}

static const char *user_name(const struct sg_doctor *d, uid_t uid)
{
    const struct passwd *pw = d->elsewhere ? NULL : getpwuid(uid);
    return pw ? pw->pw_name : "a user that is not known here";
}

static const char *group_name(const struct sg_doctor *d, gid_t gid)
{
    const struct group *gr = d->elsewhere ? NULL : getgrgid(gid);
    return gr ? gr->gr_name : "that is not known here";
}

/* What was found so far. */
struct look {
    struct sg_doctor *d;
    bool good;
    int unseen; /* -errno of what could not be looked at */
};

/* above: a directory on the way; where it is sticky, nobody replaces in it what is another's. */
static void check_rights(struct look *l, const char *path, bool above)
{
    struct sg_doctor *d = l->d;
    struct stat st;
    int rc = look_at(d, path, &st);
    if (rc < 0) {
        l->unseen = rc == -ENOENT ? l->unseen : rc; /* others say so who read it */
        return;
    }
    bool closed = above && (st.st_mode & S_ISVTX);
    if ((st.st_mode & S_IWOTH) && !closed) {
        sg_doctor_tell(d, SG_HEALTH_ERROR, "%s: every user may write to it", path);
        sg_doctor_fix(d, "chmod o-w %s", path);
    } else if ((st.st_mode & S_IWGRP) && st.st_gid != 0 && !closed) {
        sg_doctor_tell(d, SG_HEALTH_WARNING,
                       "%s: the group %s may write to it, and so change what is executed", path,
                       group_name(d, st.st_gid));
        sg_doctor_fix(d, "chmod g-w %s", path);
    } else if (st.st_uid != 0 && st.st_uid != geteuid()) {
        sg_doctor_tell(d, SG_HEALTH_WARNING, "%s belongs to %s, who can change what is executed",
                       path, user_name(d, st.st_uid));
        if (above)
            sg_doctor_fix(d, "move the configuration to directories of root's, like /etc/sandgate");
        else
            sg_doctor_fix(d, "chown root:root %s", path);
    } else {
        return;
    }
    l->good = false;
}

static void check_files(struct look *l, const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        l->unseen = -errno;
        return;
    }
    for (struct dirent *e; (e = readdir(dir));) {
        char file[PATH_MAX];
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        if (e->d_name[0] != '.')
            check_rights(l, file, false);
    }
    closedir(dir);
}

#define PLACES 5 /* sandgate.conf, and the directories that it names */

/* Is that directory on the way to one of the first n of them? */
static bool is_seen(char *const places[], size_t n, const char *directory)
{
    size_t len = strlen(directory);
    for (size_t i = 0; i < n; i++)
        if (places[i] && strncmp(places[i], directory, len) == 0 && places[i][len] == '/')
            return true;
    return false;
}

/* Who can write to a directory on the way can put another configuration there. Each is looked at
   once; below another root, that root is where the way begins. */
static void check_way(struct look *l, char *const places[], size_t i)
{
    char way[PATH_MAX], root[PATH_MAX] = "/";
    if (l->d->elsewhere &&
        (sg_doctor_place(l->d, "/", root, sizeof root) < 0 || !sg_str_starts(places[i], root)))
        sg_str_copy(root, sizeof root, "/");
    sg_str_copy(way, sizeof way, places[i]);
    for (char *slash; (slash = strrchr(way, '/')) && slash > way;) {
        *slash = '\0';
        if (strlen(way) <= strlen(root))
            break;
        if (!is_seen(places, i, way))
            check_rights(l, way, true);
    }
}

void sg_check_config_rights(struct sg_doctor *d)
{
    const char *const names[PLACES] = {d->cfg.path, d->cfg.runtime_dir, d->cfg.profile_dir,
                                       d->cfg.rules_dir, d->cfg.policy_dir};
    char *places[PLACES] = {NULL};
    struct look l = {.d = d, .good = true};
    for (size_t i = 0; i < PLACES; i++) {
        places[i] = names[i] ? realpath(names[i], NULL) : NULL;
        if (!places[i]) {
            l.unseen = names[i] && errno != ENOENT ? -errno : l.unseen;
            continue;
        }
        check_rights(&l, places[i], false);
        if (i > 0)
            check_files(&l, places[i]);
        check_way(&l, places, i);
    }
    for (size_t i = 0; i < PLACES; i++)
        free(places[i]);
    if (l.unseen)
        sg_doctor_tell_unseen(d, l.unseen, "some of the configuration");
    else if (l.good)
        sg_doctor_tell(d, SG_HEALTH_OK, "nobody else can write to the configuration");
}
