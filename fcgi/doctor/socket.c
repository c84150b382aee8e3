/* socket.c: the sockets of executors that are services: are they there, and may those connect who
   are named as peers? */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fcgi/doctor/internal.h"

struct service {
    const char *engine; /* its section of sandgate.conf; program and unit are sandgate-ENGINE */
    const char *socket;
    const struct sg_strings *peers;
};

/* Rights that were given to a directory by hand may be gone when its unit starts anew
   (RuntimeDirectory= makes it as it was): whoever is let in by a group has to be in that. */
static void fix_directory(struct sg_doctor *d, const char *path, const struct sg_person *p)
{
    struct stat st;
    const struct group *gr =
        stat(path, &st) == 0 && (st.st_mode & S_IXGRP) && st.st_gid ? getgrgid(st.st_gid) : NULL;
    if (!gr)
        sg_doctor_fix(d, "chmod o+x %s", path);
    else if (p->ngroups > 0)
        sg_doctor_fix(d,
                      "usermod -aG %s %s, and start the workers anew: systemctl restart "
                      "sandgate.target",
                      gr->gr_name, p->name);
    else
        sg_doctor_fix(d, "start the workers anew with the group %s", gr->gr_name);
}

static void check_peer(struct sg_doctor *d, const struct service *s, const char *name, bool *good)
{
    struct sg_person p;
    char where[512];
    if (!sg_person_find(name, &p)) {
        sg_doctor_tell(d, SG_HEALTH_ERROR, "%s.peers names %s, and there is no such user",
                       s->engine, name);
        sg_doctor_fix(d, "name the user that the workers run as");
        *good = false;
        return;
    }
    int rc = sg_person_may_connect(&p, s->socket, where, sizeof where);
    if (rc > 0)
        return;
    *good = false;
    if (rc < 0) {
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "whether %s may connect: %s: %s", p.name, where,
                       strerror(-rc));
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_ERROR, "%s may not connect to the executor: %s is closed to it",
                   p.name, where);
    if (strcmp(where, s->socket) == 0)
        sg_doctor_fix(d,
                      "%s.socket_mode = 0666 (%s.peers are checked all the same), or put %s into "
                      "the socket's group",
                      s->engine, s->engine, p.name);
    else
        fix_directory(d, where, &p);
}

/* What is not there, or no socket, has been told when this is false. */
static bool is_there(struct sg_doctor *d, const struct service *s)
{
    struct stat st;
    if (stat(s->socket, &st) < 0) {
        bool hidden = errno == EACCES;
        sg_doctor_tell(d, hidden ? SG_HEALTH_UNKNOWN : SG_HEALTH_ERROR, "%s: %s", s->socket,
                       hidden ? "cannot be seen" : "there is no socket: does the executor run?");
        if (hidden)
            sg_doctor_fix(d, ASK_AS_ROOT);
        else
            sg_doctor_fix(d, "systemctl start sandgate-%s; or start sandgate-%s", s->engine,
                          s->engine);
        return false;
    }
    if (S_ISSOCK(st.st_mode))
        return true;
    sg_doctor_tell(d, SG_HEALTH_ERROR, "%s is no socket", s->socket);
    sg_doctor_fix(d, "rm %s, and start sandgate-%s", s->socket, s->engine);
    return false;
}

/* Root is let in whoever is named, so that it answers us says nothing about the workers. */
static void check_service(struct sg_doctor *d, const struct service *s)
{
    bool good = true;
    if (!is_there(d, s))
        return;
    for (size_t i = 0; i < s->peers->n; i++)
        check_peer(d, s, s->peers->v[i], &good);
    if (s->peers->n == 0) {
        sg_doctor_tell(d, SG_HEALTH_WARNING,
                       "%s.peers is empty: only root and the executor's own user may connect",
                       s->engine);
        sg_doctor_fix(d, "%s.peers = { WORKERS-USER }, and start sandgate-%s anew", s->engine,
                      s->engine);
    } else if (good) {
        sg_doctor_tell(d, SG_HEALTH_OK, "%s is there, and its peers may connect", s->socket);
    }
}

void sg_check_service_socket(struct sg_doctor *d)
{
    const struct service s = {"native", d->cfg.native.socket, &d->cfg.native.peers};
    if (*s.socket) {
        check_service(d, &s);
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_WARNING,
                   "native.socket is empty: each worker has a private "
                   "executor, for a first try: one slot, nothing warm");
    sg_doctor_fix(d, "native { socket = \"/run/sandgate/native/native.sock\" peers = { "
                     "\"sandgate-web\" } } with the workers' user, and start sandgate-native");
}

void sg_check_docker_peers(struct sg_doctor *d)
{
    const struct service s = {"docker", d->cfg.docker.socket, &d->cfg.docker.peers};
    if (*s.socket)
        check_service(d, &s);
    else
        sg_doctor_tell(d, SG_HEALTH_SKIPPED, "docker.socket is not set: see docker.executor");
}
