/* Cells from outside: what of a box is the same for the next one, and is kept for it. See box.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/sandbox/native_box.h"

#define BOXES_MAX 1000 /* of one cell: what the kernel may keep of any of them ends some time */
/* Under load there are cells for what runs, for clones that wait, and for boxes without one. */
#define IDLE_PER_SLOT 2

/* ---- the end ---- */

void sg_cell_remove_cgroup(const struct sg_cgroups *all, struct sg_cgroup *g)
{
    int r = sg_cgroup_remove(all, g);
    if (r < 0)
        sg_log(SG_LOG_ERR, "cgroup %s cannot be removed: %s", g->name, strerror(-r));
    sg_cgroup_close(g);
}

static void free_cell(struct sg_cell *c)
{
    struct sg_cell **at = &c->native->cells;
    while (*at && *at != c)
        at = &(*at)->next;
    if (*at)
        *at = c->next;
    sg_loop_unwatch(c->native->loop, &c->watch);
    sg_fd_close(&c->control);
    sg_fd_close(&c->net_dev);
    sg_fd_close(&c->sockstat);
    for (size_t i = 0; i < SG_CELL_NS_COUNT; i++)
        sg_fd_close(&c->ns[i]);
    if (c->ids >= 0)
        sg_box_ids_put(&c->native->ids, c->ids);
    sg_cell_remove_cgroup(c->native->setup->cgroups, &c->cgroup);
    free(c);
}

/* Of no use any more: gone when its processes and its box are. */
static void end(struct sg_cell *c)
{
    c->spoiled = true;
    sg_cell_remove_cgroup(c->native->setup->cgroups, &c->cgroup);
    sg_loop_unwatch(c->native->loop, &c->watch);
    sg_fd_close(&c->control); /* the keeper ends at that */
    if (!c->box && !c->launcher && !c->keeper)
        free_cell(c);
}

void sg_cell_kill(struct sg_cell *c)
{
    c->spoiled = true;
    if (c->launcher > 0)
        kill(c->launcher, SIGKILL);
    if (c->keeper > 0)
        kill(c->keeper, SIGKILL);
}

static size_t count_idle(const struct sg_native *n)
{
    size_t found = 0;
    for (const struct sg_cell *c = n->cells; c; c = c->next)
        found += !c->box && !c->spoiled;
    return found;
}

bool sg_cell_is_kept(const struct sg_cell *c)
{
    return !c->spoiled && c->boxes < BOXES_MAX &&
           count_idle(c->native) < IDLE_PER_SLOT * sg_config_slots(c->native->cfg);
}

void sg_cell_put(struct sg_cell *c)
{
    bool kept = sg_cell_is_kept(c);
    c->box = NULL;
    if (!kept)
        end(c);
}

void sg_cells_discard(struct sg_native *n)
{
    for (struct sg_cell *c = n->cells, *next; c; c = next) {
        next = c->next;
        c->spoiled = true;
        if (!c->box)
            end(c);
    }
}

/* At the executor's end. */
void sg_cells_done(struct sg_native *n)
{
    for (struct sg_cell *c; (c = n->cells);) {
        const pid_t pids[] = {c->launcher, c->keeper};
        sg_fd_close(&c->control);
        for (size_t i = 0; i < SG_ARRAY_LEN(pids); i++)
            while (pids[i] > 0 && waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
                ;
        free_cell(c);
    }
}

uint32_t sg_cells_left(const struct sg_native *n)
{
    uint32_t ids = sg_box_ids_left(&n->ids);
    return ids == UINT32_MAX ? ids : ids + (uint32_t)count_idle(n);
}

/* ---- what they are made of ---- */

/* Files and directories of the host that are bound into the root. A file that has been replaced by
   rename, as ldconfig(8) does, would stay the old one in a cell. */
static uint64_t sources(const struct sg_plan *p)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (uint32_t i = 0; i < p->nmounts; i++) {
        struct stat st = {0};
        if (p->mounts[i].kind != SG_MOUNT_BIND)
            continue;
        if (stat(p->mounts[i].source, &st) < 0)
            st.st_ino = 0;
        hash = (hash ^ st.st_dev) * 1099511628211u;
        hash = (hash ^ st.st_ino) * 1099511628211u;
    }
    return hash;
}

bool sg_cells_stale(struct sg_native *n)
{
    static const struct sg_lab lab;
    struct sg_error err = SG_ERROR_INIT;
    sg_autofree struct sg_plan *plan = malloc(sizeof *plan);
    if (!plan || sg_native_plan(n, 0, &lab, plan, &err) < 0)
        return false;
    uint64_t before = n->sources;
    n->sources = sources(plan);
    return before && before != n->sources;
}

/* ---- events ---- */

/* Nobody is left who could make the box: both have been reaped, so this comes once. */
static void ended(struct sg_cell *c)
{
    struct sg_native_box *b = c->box;
    end(c);
    if (b)
        sg_native_box_unmade(b);
}

/* One that ended at once may have been reaped already, as a stranger, before this was read: then
   its number may be another's, and nobody will tell of its end again. */
static void know_keeper(struct sg_cell *c, pid_t pid)
{
    siginfo_t info;
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
        c->keeper = pid;
}

static void read_control(struct sg_cell *c)
{
    struct sg_box_event e = {0};
    int r = 0;
    while (c->control >= 0 && (r = sg_native_event(c->control, &e, NULL)) == 1) {
        if (e.kind == SG_BOX_PID) {
            know_keeper(c, e.pid);
        } else if (e.kind == SG_BOX_FAILED && sg_native_failure_fits(&e)) {
            c->spoiled = true;
            if (c->box)
                sg_native_box_failed(c->box, &e);
        } else {
            break;
        }
    }
    if (c->control >= 0 && r != -EAGAIN)
        end(c); /* why, and that the box has nobody any more, is told when they are reaped */
}

static void on_control(void *arg, uint32_t events)
{
    (void)events;
    read_control(arg);
}

bool sg_cell_reaped(struct sg_native *n, const siginfo_t *child)
{
    for (struct sg_cell *c = n->cells; c; c = c->next) {
        if (c->launcher != child->si_pid && c->keeper != child->si_pid)
            continue;
        read_control(c); /* what was told before the end: the keeper's pid, what failed */
        if (c->launcher == child->si_pid) {
            c->launcher = 0;
            if (c->box && child->si_code == CLD_EXITED && child->si_status == SG_LAUNCH_FAILED)
                sg_native_box_not_launched(c->box);
        } else {
            c->keeper = 0;
        }
        if (!c->launcher && !c->keeper)
            ended(c);
        return true;
    }
    return false;
}

/* ---- a new one ---- */

static int make_plan(struct sg_cell *c, const struct sg_lab *lab, int *ret_fd, struct sg_error *err)
{
    sg_autofree struct sg_plan *plan = malloc(sizeof *plan);
    if (!plan)
        return sg_error_errno(err, ENOMEM, "the plan of a box");
    int r = sg_native_plan(c->native, c->ids, lab, plan, err);
    if (r < 0)
        return r;
    *ret_fd = sg_memfd_sealed("sandgate-plan", plan, sizeof *plan);
    return *ret_fd < 0 ? sg_error_errno(err, -*ret_fd, "the plan of a box") : 0;
}

static int launch(struct sg_cell *c, const struct sg_lab *lab, int plan)
{
    static char *const empty[] = {NULL};
    struct sg_launcher launcher;
    int r = sg_launchers_get(&c->native->launchers, SG_LAUNCH_BOX,
                             SG_LAB_OFF(lab, ENVIRONMENT) ? environ : empty, &plan, 1, &launcher);
    if (r < 0)
        return r;
    c->launcher = launcher.pid;
    c->control = launcher.control;
    (void)lab; /* read in the lab build only */
    return c->control < 0
               ? 0
               : sg_loop_watch(c->native->loop, &c->watch, c->control, EPOLLIN, on_control, c);
}

static struct sg_cell *alloc(struct sg_native *n)
{
    struct sg_cell *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->native = n;
    c->ids = c->control = c->net_dev = c->sockstat = -1;
    c->cgroup = (struct sg_cgroup)SG_CGROUP_INIT;
#ifdef SG_LAB
    c->spoiled = true; /* each box reads its own switches */
#endif
    c->watch = (struct sg_watch)SG_WATCH_INIT;
    for (size_t i = 0; i < SG_CELL_NS_COUNT; i++)
        c->ns[i] = -1;
    c->next = n->cells;
    n->cells = c;
    return c;
}

/* The oldest: so that all of them are used up in turn. */
static struct sg_cell *idle(struct sg_native *n)
{
    struct sg_cell *found = NULL;
    for (struct sg_cell *c = n->cells; c; c = c->next)
        if (!c->box && !c->spoiled)
            found = c;
    return found;
}

struct sg_cell *sg_cell_get(struct sg_native *n, const struct sg_lab *lab, enum sg_step *ret_step,
                            struct sg_error *err)
{
    sg_autofd int plan = -1;
    struct sg_cell *c = idle(n);
    if (c)
        return c;
    *ret_step = SG_STEP_PLAN;
    c = alloc(n);
    if (!c) {
        sg_error_errno(err, ENOMEM, "a new box");
        return NULL;
    }
    c->ids = sg_box_ids_get(&n->ids);
    if (c->ids < 0) {
        *ret_step = SG_STEP_ID_MAP;
        sg_error_set(err, SG_E_LAYER, "no pair of ids is free for the box");
        sg_error_fix(err, "raise native.id_count: each box takes two ids");
        free_cell(c);
        return NULL;
    }
    int r = make_plan(c, lab, &plan, err);
    if (r == 0) {
        *ret_step = SG_STEP_LAUNCH;
        r = launch(c, lab, plan);
        if (r < 0)
            sg_error_errno(err, -r, "%s", sg_step_name(SG_STEP_LAUNCH));
    }
    if (r == 0)
        return c;
    if (c->launcher)
        end(c);
    else
        free_cell(c);
    return NULL;
}

int sg_cell_make(struct sg_cell *c, struct sg_native_box *b, const int *fds, size_t nfds)
{
    const char kind = SG_LAUNCH_BOX;
    c->box = b;
    c->boxes++;
    int r = c->control < 0 ? -EPIPE : sg_socket_send(c->control, &kind, 1, fds, nfds);
    /* It has ended: that, or why it could not be started, is about to be told. */
    return r == -EPIPE || r == -ECONNRESET ? 0 : r;
}

/* ---- what it keeps open for its boxes ---- */

int sg_cell_ns(struct sg_cell *c, enum sg_cell_ns which, pid_t pid)
{
    static const char *const names[] = {"user", "uts", "net"};
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, names[which]);
    if (c->ns[which] < 0)
        c->ns[which] = open(path, O_RDONLY | O_CLOEXEC);
    return c->ns[which] < 0 ? -errno : c->ns[which];
}

static int open_of(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/net/%s", pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

int sg_cell_net_dev(struct sg_cell *c, pid_t pid)
{
    if (c->net_dev < 0)
        c->net_dev = open_of(pid, "dev");
    return c->net_dev;
}

void sg_cell_open_counters(struct sg_cell *c, pid_t pid)
{
    sg_cell_net_dev(c, pid);
    if (c->sockstat < 0)
        c->sockstat = open_of(pid, "sockstat");
}

bool sg_cell_has_sockets(const struct sg_cell *c)
{
    static const char none[] = "sockets: used 0\n";
    char text[sizeof none - 1];
    return pread(c->sockstat, text, sizeof text, 0) != (ssize_t)sizeof text ||
           memcmp(text, none, sizeof text) != 0;
}
