/* workers.c: are there more workers than the executors take runs at a time? Else none is left to
   say "busy": requests wait for a worker in silence, and nginx gives them up. So they do where none
   is left for status requests. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/doctor/internal.h"

#ifndef SG_SYSCONFDIR
#define SG_SYSCONFDIR "/etc/sandgate"
#endif

#define NAME          "sandgate-fcgi"
#define RUNS_UNIT     "/sandgate-fcgi@"
#define STATUS_UNIT   "/sandgate-status@"
#define WANTED        40   /* by sandgate.target: tests/lint compares */
#define STATUS_WANTED 2    /* the same */
#define SPARE         4    /* some are being replaced at any time */
#define AGAIN_MS      1200 /* RestartSec= of the units, and a little */

static int read_of(const struct sg_doctor *d, unsigned pid, const char *file, struct sg_buf *ret)
{
    char path[64];
    snprintf(path, sizeof path, "proc/%u/%s", pid, file);
    sg_buf_clear(ret);
    return sg_doctor_read(d, path, ret);
}

/* The value of an option or a variable among texts with a NUL behind each; NULL: there is none. */
static const char *value_of(const struct sg_buf *texts, const char *name, bool next)
{
    const char *found = NULL, *end = texts->data + texts->len;
    for (const char *at = texts->data; at < end; at += strlen(at) + 1) {
        size_t n = strlen(name);
        if (strncmp(at, name, n) != 0)
            continue;
        if (at[n])
            found = at + n;
        else if (next && at + n + 1 < end)
            found = at + n + 1;
    }
    return found;
}

/* Does it serve this configuration? Other services may have workers here. */
static bool is_ours(const struct sg_doctor *d, unsigned pid)
{
    sg_auto(sg_buf) struct sg_buf words = {0};
    sg_auto(sg_buf) struct sg_buf variables = {0};
    struct stat a, b;
    const char *own = d->cfg.path ? d->cfg.path : SG_SYSCONFDIR "/sandgate.conf";
    if (read_of(d, pid, "cmdline", &words) < 0)
        return false;
    const char *path = value_of(&words, "-c", true);
    if (!path)
        path = value_of(&words, "--config=", false);
    if (!path)
        path = value_of(&words, "--config", true);
    if (!path && read_of(d, pid, "environ", &variables) == 0)
        path = value_of(&variables, "SANDGATE_CONFIG=", false);
    if (!path)
        path = SG_SYSCONFDIR "/sandgate.conf";
    return strcmp(path, own) == 0 || (stat(path, &a) == 0 && stat(own, &b) == 0 &&
                                      a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/* Of a container, which has its own: "NSpid:" has a number for each namespace. */
static bool is_inside(const struct sg_doctor *d, unsigned pid)
{
    sg_auto(sg_buf) struct sg_buf status = {0};
    unsigned outer, inner;
    const char *at =
        read_of(d, pid, "status", &status) < 0 ? NULL : strstr(status.data, "\nNSpid:");
    if (!at)
        return false;
    char line[64];
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
    return sscanf(line, "NSpid: %u %u", &outer, &inner) == 2;
}

/* The next path at which somebody listens, and its inode; *sockets moves on. Lines of unix(7):
   "ADDRESS: REFS PROTOCOL FLAGS TYPE STATE INODE PATH"; the flag is __SO_ACCEPTCON. */
static bool next_listener(const char **sockets, unsigned long *inode, char path[256])
{
    for (const char *line = *sockets; line && *line;) {
        unsigned long flags = 0;
        bool found = sscanf(line, "%*s %*s %*s %lx %*s %*s %lu %255s", &flags, inode, path) == 3 &&
                     (flags & 0x10000);
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
        *sockets = line;
        if (found)
            return true;
    }
    return false;
}

/* By its name a socket is the status pool's. */
static bool is_status(const char *path)
{
    return strstr(path, "status") != NULL;
}

/* Without units: by what it listens at, which comes back. False: that cannot be seen. */
static bool find_socket(const struct sg_doctor *d, unsigned pid, const char *sockets, char ret[256])
{
    char path[64], place[300];
    snprintf(path, sizeof path, "/proc/%u/fd", pid);
    DIR *dir = sg_doctor_place(d, path, place, sizeof place) < 0 ? NULL : opendir(place);
    bool found = false;
    for (struct dirent *e = dir ? readdir(dir) : NULL; e && !found; e = readdir(dir)) {
        char target[64] = "";
        unsigned long own, inode;
        if (readlinkat(dirfd(dir), e->d_name, target, sizeof target - 1) <= 0 ||
            sscanf(target, "socket:[%lu]", &own) != 1)
            continue;
        for (const char *at = sockets; !found && next_listener(&at, &inode, ret);)
            found = inode == own;
    }
    if (dir)
        closedir(dir);
    return found;
}

/* Are there to be workers at a socket beside that one? */
static bool has_status_beside(const char *sockets, const char *runs)
{
    size_t n = (size_t)(strrchr(runs, '/') ? strrchr(runs, '/') + 1 - runs : 0);
    unsigned long inode;
    char path[256];
    while (next_listener(&sockets, &inode, path))
        if (strncmp(path, runs, n) == 0 && !strchr(path + n, '/') && is_status(path + n))
            return true;
    return false;
}

static void count_one(const struct sg_doctor *d, unsigned pid, const char *sockets,
                      struct sg_workers *w)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    unsigned instance = 0;
    if (read_of(d, pid, "comm", &text) < 0 || strcmp(text.data, NAME "\n") != 0 ||
        is_inside(d, pid) || !is_ours(d, pid))
        return;
    const char *unit = read_of(d, pid, "cgroup", &text) < 0 ? NULL : strstr(text.data, RUNS_UNIT);
    char socket[256];
    int pool = unit ? 1 : text.data && strstr(text.data, STATUS_UNIT) ? 0 : -1;
    if (pool < 0 && find_socket(d, pid, sockets, socket)) {
        pool = !is_status(socket);
        w->wants_status = w->wants_status || (pool && has_status_beside(sockets, socket));
    }
    if (unit && sscanf(unit, RUNS_UNIT "%u", &instance) == 1) {
        w->by_units = w->wants_status = true;
        w->highest = instance > w->highest ? instance : w->highest;
    }
    w->runs += pool > 0;
    w->status += pool == 0;
    w->either += pool < 0;
}

int sg_doctor_count_workers(const struct sg_doctor *d, struct sg_workers *ret)
{
    sg_auto(sg_buf) struct sg_buf sockets = {0};
    sg_auto(sg_buf) struct sg_buf first = {0};
    char place[300];
    *ret = (struct sg_workers){0};
    int rc = read_of(d, 1, "comm", &first); /* hidepid= of proc(5) */
    if (rc < 0)
        return rc;
    rc = sg_doctor_place(d, "/proc", place, sizeof place);
    DIR *dir = rc < 0 ? NULL : opendir(place);
    if (!dir)
        return rc < 0 ? rc : -errno;
    if (sg_doctor_read(d, "proc/net/unix", &sockets) < 0)
        sg_buf_clear(&sockets);
    for (struct dirent *e; (e = readdir(dir));) {
        uint64_t pid;
        if (sg_str_to_u64(e->d_name, &pid) == 0 && pid <= INT32_MAX)
            count_one(d, (unsigned)pid, sockets.data, ret);
    }
    closedir(dir);
    return 0;
}

static const char *takes(const struct sg_capacity *c)
{
    return c->engines > 1 ? "executors take" : "executor takes";
}

/* Those for runs, all engines' together: any worker takes a run of any engine. */
static void tell_for_runs(struct sg_doctor *d, const struct sg_workers *w,
                          const struct sg_capacity *c)
{
    unsigned most = c->slots + c->queue;
    unsigned first = (w->highest > WANTED ? w->highest : WANTED) + 1;
    if (w->runs + w->either > most) {
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN,
                       "%u workers: how many of them are for runs cannot be seen",
                       w->runs + w->either);
        if (geteuid() != 0)
            sg_doctor_fix(d, "%s", ASK_AS_ROOT);
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_WARNING,
                   "%u workers for runs, and the %s %u (%u slots, %u in the queue%s): when all are "
                   "taken, requests wait in silence instead of being answered with 503",
                   w->runs + w->either, takes(c), most, c->slots, c->queue,
                   c->engines > 1 ? "s" : "");
    if (w->runs + w->either == 0)
        sg_doctor_fix(d, "systemctl start sandgate.target; or spawn-fcgi and multiwatch");
    else if (w->by_units)
        sg_doctor_fix(d, "systemctl enable --now sandgate-fcgi@{%u..%u}.service", first,
                      first + most - w->runs + SPARE);
    else
        sg_doctor_fix(d, "multiwatch -f %u", most + 1 + SPARE);
}

static bool lacks_status(const struct sg_workers *w)
{
    return w->wants_status && w->status + w->either == 0;
}

static void tell_for_status(struct sg_doctor *d, const struct sg_workers *w)
{
    sg_doctor_tell(d, SG_HEALTH_WARNING,
                   "no worker for status requests: /health, /ready and /metrics wait in silence");
    if (w->by_units)
        sg_doctor_fix(d, "systemctl start sandgate-status@{1..%u}.service", STATUS_WANTED);
    else
        sg_doctor_fix(d, "start workers at the status socket: spawn-fcgi and multiwatch -f %u",
                      STATUS_WANTED);
}

void sg_doctor_tell_workers(struct sg_doctor *d, const struct sg_workers *w,
                            const struct sg_capacity *c)
{
    bool enough = w->runs > c->slots + c->queue;
    if (c->engines > 0 && !enough)
        tell_for_runs(d, w, c);
    if (lacks_status(w))
        tell_for_status(d, w);
    else if (c->engines > 0 && enough)
        sg_doctor_tell(d, SG_HEALTH_OK,
                       "%u workers for runs, of which the %s %u; %u for status requests", w->runs,
                       takes(c), c->slots + c->queue, w->status);
}

/* What a service takes at a time. False: it does not say, which has been told. */
static bool ask_capacity(struct sg_doctor *d, struct sg_link *link, struct sg_capacity *c)
{
    struct sg_msg_status_reply s = {0};
    struct sg_error err = SG_ERROR_INIT;
    if (sg_link_status(link, &s, &err) < 0) {
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "how many runs sandgate-%s takes: %s",
                       sg_engine_name(link->engine), err.text);
        return false;
    }
    c->engines++;
    c->slots += s.slots;
    c->queue += s.queue_max;
    return true;
}

/* Of all engines that requests may name. A private executor takes what its own worker has, which
   leaves that out of the reckoning. */
static bool ask_all(struct sg_doctor *d, struct sg_capacity *c)
{
    bool native = sg_strings_has(&d->cfg.worker.engines, "native") && *d->cfg.native.socket;
    bool docker = sg_strings_has(&d->cfg.worker.engines, "docker"), good = true;
    *c = (struct sg_capacity){0};
    if (!native && !docker) {
        sg_doctor_tell(d, SG_HEALTH_SKIPPED, "each worker has an executor of its own");
        return false;
    }
    if (native && !d->has_executor) {
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "how many runs the executor takes: no answer");
        good = false;
    } else if (native) {
        good = ask_capacity(d, &d->link, c);
    }
    if (docker) {
        struct sg_link link;
        sg_link_init_engine(&link, &d->cfg, SG_ENGINE_DOCKER);
        good = ask_capacity(d, &link, c) && good;
        sg_link_done(&link);
    }
    if (!good) /* a sum of some of them tells nothing */
        c->engines = 0;
    return true;
}

void sg_check_service_workers(struct sg_doctor *d)
{
    const struct timespec a_while = {.tv_sec = AGAIN_MS / 1000,
                                     .tv_nsec = AGAIN_MS % 1000 * 1000000L};
    struct sg_capacity c;
    struct sg_workers w = {0};
    if (!ask_all(d, &c))
        return;
    int rc = sg_doctor_count_workers(d, &w);
    if (rc == 0 && (w.runs + w.either <= c.slots + c.queue || lacks_status(&w))) {
        struct sg_workers later; /* one may just have ended, and the next not begun */
        nanosleep(&a_while, NULL);
        rc = sg_doctor_count_workers(d, &later);
        w.runs = later.runs > w.runs ? later.runs : w.runs;
        w.status = later.status > w.status ? later.status : w.status;
        w.either = later.either > w.either ? later.either : w.either;
    }
    if (rc < 0)
        sg_doctor_tell_unseen(d, rc, "which workers run: /proc");
    else
        sg_doctor_tell_workers(d, &w, &c);
}
