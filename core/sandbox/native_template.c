/* Templates: started one after the other, watched, replaced. See template.h. */
#include <dirent.h>
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
#include <time.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/ipc/payload.h"
#include "core/sandbox/filters.h"
#include "core/sandbox/native_box.h"
#include "core/sandbox/template.h"

#define START_WAIT_MS  60000
#define RETRY_FIRST_MS 1000
#define RETRY_MAX_MS   60000
#define SAID_BYTES     4096
#define STATUS_MAX     65536
#define MAPS_MAX       (4u << 20)
#define STAMPS_MAX     4096
#define EVENTS_AT_ONCE 64

static const struct sg_runtime *runtime_of(const struct sg_shelf *s)
{
    return &s->native->runtimes->v[s->runtime];
}

/* ---- the end ---- */

static void close_template(struct sg_template *t)
{
    struct sg_loop *loop = t->shelf->native->loop;
    sg_loop_timer_stop(loop, &t->deadline);
    sg_loop_unwatch(loop, &t->sock_watch);
    sg_loop_unwatch(loop, &t->err_watch);
    sg_fd_close(&t->sock);
    sg_fd_close(&t->err);
}

static void free_template(struct sg_template *t);

/* A helper of its, or what was to be a clone, may end a moment later than the template. */
static void bury(struct sg_template *t)
{
    struct sg_cgroups *c = t->shelf->native->setup->cgroups;
    close_template(t);
    t->buried = sg_cgroup_remove(c, &t->cgroup) == -EBUSY;
    if (t->buried)
        sg_cgroup_kill(c, &t->cgroup);
    else
        free_template(t);
}

void sg_template_sweep(struct sg_native *n)
{
    for (struct sg_template *t = n->templates, *next; t; t = next) {
        next = t->next;
        if (t->buried)
            bury(t);
    }
}

static void free_template(struct sg_template *t)
{
    struct sg_native *n = t->shelf->native;
    struct sg_template **at = &n->templates;
    while (*at && *at != t)
        at = &(*at)->next;
    if (*at)
        *at = t->next;
    close_template(t);
    sg_capture_done(&t->said);
    sg_cgroup_close(&t->cgroup);
    for (size_t i = 0; i < t->nstamps; i++)
        free(t->stamps[i].path);
    free(t->stamps);
    free(t);
}

/* What waits is of the old files, too. */
static void discard_waiting(struct sg_shelf *s)
{
    for (struct sg_native_box *b = s->native->boxes; b; b = b->next)
        if (b->shelf == s && !b->run && !b->concluded && b->state >= SG_BOX_STATE_JOINING &&
            !b->killed)
            sg_native_box_kill(b, SG_REASON_CANCELLED);
}

void sg_template_retire(struct sg_template *t, bool with_clones)
{
    struct sg_shelf *s = t->shelf;
    t->retired = true;
    if (s->current == t)
        s->current = NULL;
    if (s->successor == t)
        s->successor = NULL;
    close_template(t);
    if (t->pid > 0)
        kill(t->pid, SIGKILL);
    if (with_clones)
        discard_waiting(s);
}

static void on_retry(void *arg)
{
    sg_template_start(arg);
}

/* It cannot be had now: runs start cold, and it is tried again. */
void sg_template_lost(struct sg_template *t, const char *why)
{
    struct sg_shelf *s = t->shelf;
    sg_str_copy(s->reason, sizeof s->reason, why);
    sg_log(SG_LOG_ERR, "template %s (%s): %s", runtime_of(s)->language,
           s->imports[0] ? s->imports : "none", why);
    sg_template_retire(t, false);
    s->retry_ms = s->retry_ms * 2 < RETRY_MAX_MS ? s->retry_ms * 2 : RETRY_MAX_MS;
    sg_loop_timer(s->native->loop, &s->retry, s->retry_ms, on_retry, s);
    sg_pool_report(s->native, s->runtime);
}

/* The last line of what it wrote to stderr tells most: "ModuleNotFoundError: ...". */
static const char *last_words(const struct sg_template *t, char *text, size_t size)
{
    const char *data = t->said.head.data ? t->said.head.data : "";
    size_t end = t->said.head.len;
    while (end > 0 && data[end - 1] == '\n')
        end--;
    size_t begin = end;
    while (begin > 0 && data[begin - 1] != '\n')
        begin--;
    snprintf(text, size, "%s%.*s", end > begin ? ": " : "", (int)(end - begin), data + begin);
    return text;
}

bool sg_template_reaped(struct sg_native *n, pid_t pid)
{
    for (struct sg_template *t = n->templates; t; t = t->next) {
        if (t->pid != pid)
            continue;
        t->pid = 0;
        if (t->err >= 0)
            sg_capture_read(&t->said, t->err, SAID_BYTES);
        char words[160], why[256];
        snprintf(why, sizeof why, "%.90s%s", t->reason[0] ? t->reason : "its interpreter ended",
                 last_words(t, words, sizeof words));
        if (!t->retired)
            sg_template_lost(t, why);
        bury(t);
        return true;
    }
    return false;
}

/* ---- what it depends on ---- */

static int stamp(const char *path, struct sg_stamp *ret)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    ret->inode = st.st_ino;
    ret->mtime_ns = (uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec;
    return 0;
}

static void watch_path(struct sg_template *t, const char *path)
{
    struct sg_stamp s = {.path = NULL};
    char full[512];
    const char *root = t->shelf->native->cfg->native.root;
    if (snprintf(full, sizeof full, "%s%s", root ? root : "", path) >= (int)sizeof full ||
        stamp(full, &s) < 0)
        return;
    if (t->nstamps == STAMPS_MAX) {
        sg_str_copy(t->reason, sizeof t->reason, "its modules lie in too many directories");
        kill(t->pid, SIGKILL); /* its end tells the rest */
        return;
    }
    if (s.mtime_ns >= t->begun_ns && !t->ready)
        s.inode = 0; /* changed while it was being imported: which of both it has, nobody knows */
    struct sg_stamp *more = realloc(t->stamps, (t->nstamps + 1) * sizeof *more);
    if (more)
        t->stamps = more;
    s.path = more ? strdup(full) : NULL;
    if (s.path)
        t->stamps[t->nstamps++] = s;
}

bool sg_template_stale(const struct sg_template *t)
{
    for (size_t i = 0; i < t->nstamps; i++) {
        struct sg_stamp now;
        if (stamp(t->stamps[i].path, &now) < 0 || now.inode != t->stamps[i].inode ||
            now.mtime_ns != t->stamps[i].mtime_ns) {
            sg_log(SG_LOG_NOTICE, "%s has changed: the template on it is replaced",
                   t->stamps[i].path);
            return true;
        }
    }
    return false;
}

/* ---- what it must be ---- */

/* Its streams and the control socket, nothing else. */
static bool holds_files(const struct sg_template *t)
{
    char path[32];
    unsigned found = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", t->pid);
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));)
        found += e->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return found != SG_TEMPLATE_FD_CONTROL + 1;
}

/* A second thread's locks, open files, and pages that are shared and writable, would be in every
   clone. Outside of its cgroup nothing would bound it, and sg_cgroup_kill() would not reach who it
   leaves behind. */
static const char *unfit(const struct sg_template *t)
{
    char path[32];
    sg_auto(sg_buf) struct sg_buf status = {0}, maps = {0};
    const struct sg_cgroups *c = t->shelf->native->setup->cgroups;
    if (c->layers && !sg_cgroup_holds(c, &t->cgroup, t->pid))
        return "it is not in its cgroup";
    if (holds_files(t))
        return "it holds files open";
    snprintf(path, sizeof path, "/proc/%d/status", t->pid);
    if (sg_file_read(AT_FDCWD, path, &status, STATUS_MAX) < 0 || !status.data)
        return "its status cannot be read";
    if (!strstr(status.data, "\nThreads:\t1\n"))
        return "it has more than one thread";
    snprintf(path, sizeof path, "/proc/%d/maps", t->pid);
    if (sg_file_read(AT_FDCWD, path, &maps, MAPS_MAX) < 0 || !maps.data)
        return "its mappings cannot be read";
    for (const char *line = maps.data; *line; line = strchrnul(line, '\n'), line += *line == '\n') {
        const char *rights = strchr(line, ' ');
        if (rights && rights[2] == 'w' && rights[4] == 's')
            return "it has memory that its clones would share";
    }
    return NULL;
}

static void on_ready(struct sg_template *t)
{
    struct sg_shelf *s = t->shelf;
    char words[160], text[256];
    const char *wrong = unfit(t);
    sg_capture_read(&t->said, t->err, SAID_BYTES);
    if (!wrong && t->said.total > 0) { /* a program that imports it would print that, too */
        snprintf(text, sizeof text, "its imports print%s", last_words(t, words, sizeof words));
        wrong = text;
    }
    if (wrong) {
        sg_template_lost(t, wrong);
        return;
    }
    sg_loop_timer_stop(s->native->loop, &t->deadline);
    t->ready = true;
    t->born_ms = sg_now_ms();
    if (s->current)
        sg_template_retire(s->current, false);
    s->successor = NULL;
    s->current = t;
    s->reason[0] = '\0';
    s->retry_ms = RETRY_FIRST_MS / 2;
    sg_log(SG_LOG_NOTICE, "template %s (%s) is ready", runtime_of(s)->language,
           s->imports[0] ? s->imports : "none");
    sg_pool_report(s->native, s->runtime);
    sg_native_refill_soon(s->native, 0);
}

static void on_sock(void *arg, uint32_t events)
{
    struct sg_template *t = arg;
    struct sg_box_event e;
    int r = 1;
    (void)events;
    for (int n = 0; r == 1 && t->sock >= 0 && n < EVENTS_AT_ONCE; n++) {
        r = sg_native_event(t->sock, &e, NULL);
        if (r != 1)
            break;
        if (e.kind == SG_BOX_WATCH && !t->ready)
            watch_path(t, e.text);
        else if (e.kind == SG_BOX_FAILED && sg_native_failure_fits(&e))
            snprintf(t->reason, sizeof t->reason, "%s: %s%s%s", sg_step_name(e.step), e.text,
                     e.errnum ? ": " : "", e.errnum ? strerror(e.errnum) : "");
        else if (e.kind == SG_BOX_READY && !t->ready)
            on_ready(t);
    }
    if (r != 1 && r != -EAGAIN) /* that it is reaped tells the rest */
        sg_loop_unwatch(t->shelf->native->loop, &t->sock_watch);
}

static void on_err(void *arg, uint32_t events)
{
    struct sg_template *t = arg;
    (void)events;
    long n = sg_capture_read(&t->said, t->err, SAID_BYTES);
    if (n == 0 || (n < 0 && n != -EAGAIN))
        sg_loop_unwatch(t->shelf->native->loop, &t->err_watch);
}

static void on_deadline(void *arg)
{
    sg_template_lost(arg, "it did not get ready in time");
}

/* ---- the start ---- */

static int template_plan(const struct sg_shelf *s, struct sg_error *err)
{
    const struct sg_runtime *rt = runtime_of(s);
    sg_autofree struct sg_template_plan *p = calloc(1, sizeof *p);
    struct sg_profile profile;
    if (!p)
        return -ENOMEM;
    p->magic = SG_TEMPLATE_MAGIC;
    p->size = sizeof *p;
    p->cgroup_v2 = s->native->facts.cgroup_v2;
    p->cgroup_fds = (uint32_t)s->native->setup->cgroups->n;
    snprintf(p->entry, sizeof p->entry, SG_BOX_WORKDIR "/%s", rt->entry);
    sg_str_copy(p->imports, sizeof p->imports, s->imports);
    if (rt->prepare && sg_str_copy(p->prepare, sizeof p->prepare, rt->prepare) < 0)
        return sg_error_set(err, SG_E_INVALID, "runtime %s: prepare is longer than %d bytes",
                            rt->language, SG_TEMPLATE_PREPARE - 1);
    int r = sg_filter_load(&profile, s->native->cfg->profile_dir, rt, SG_FILTER_TEMPLATE, err);
    if (r == 0) {
        p->nfilter = profile.nfilter;
        memcpy(p->filter, profile.filter, profile.nfilter * sizeof *p->filter);
    }
    sg_profile_done(&profile);
    return r < 0 ? r : sg_memfd_sealed("sandgate-template", p, sizeof *p);
}

/* An empty program: something has to be there to be looked at before it is opened. */
static int empty_payload(const struct sg_shelf *s)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_job job = {.nfiles = 1}; /* strings are borrowed, hence no sg_job_done */
    job.files[0].path = runtime_of(s)->entry;
    int r = sg_payload_encode(&job, &b);
    return r < 0 ? r : sg_memfd_sealed("sandgate-payload", b.data, b.len);
}

static int place_plan(const struct sg_shelf *s, struct sg_error *err)
{
    static const struct sg_lab lab;
    sg_autofree struct sg_plan *p = malloc(sizeof *p);
    if (!p)
        return -ENOMEM;
    int r = sg_native_plan(s->native, 0, &lab, p, err);
    if (r < 0)
        return r;
    sg_plan_for_template(p);
    if (p->nmounts > SG_PLAN_MOUNTS)
        return sg_error_set(err, SG_E_INVALID, "a template's root does not fit the plan");
    return sg_memfd_sealed("sandgate-plan", p, sizeof *p);
}

/* Descriptors of the order, and of the parcel: owned, but for those of the cgroup. */
struct starting {
    int order[SG_TEMPLATE_FDS];
    int parcel[1 + SG_HIERARCHIES_MAX];
    size_t nparcel;
};

static void starting_done(struct starting *f)
{
    for (size_t i = 0; i < SG_TEMPLATE_FDS; i++)
        sg_fd_close(&f->order[i]);
    sg_fd_close(&f->parcel[0]);
}

static int open_parcel(struct sg_template *t, struct starting *f, struct sg_error *err)
{
    const struct sg_cgroups *c = t->shelf->native->setup->cgroups;
    struct sg_limits limits = t->shelf->native->cfg->limits_max;
    bool in_limits;
    int r = sg_cgroup_create(c, &t->cgroup, ++t->shelf->native->serial, &limits, &in_limits, err);
    if (r == 0)
        r = f->parcel[0] = place_plan(t->shelf, err);
    if (r < 0)
        return r;
    r = sg_cgroup_join_fds(c, &t->cgroup, f->parcel + 1);
    if (r < 0)
        return r;
    f->nparcel = 1 + (size_t)r;
    return 0;
}

static int open_order(struct sg_template *t, struct starting *f, struct sg_error *err)
{
    struct sg_shelf *s = t->shelf;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    t->err = ends[0];
    f->order[SG_RUN_FD_STDIN + 2] = ends[1];
    f->order[SG_RUN_FD_STDIN + 1] = fcntl(ends[1], F_DUPFD_CLOEXEC, 0);
    f->order[SG_RUN_FD_STDIN] = sg_memfd_sealed("sandgate-stdin", NULL, 0);
    f->order[SG_RUN_FD_PLAN] = sg_memfd_sealed("sandgate-program", s->plan, sizeof *s->plan);
    f->order[SG_RUN_FD_PAYLOAD] = empty_payload(s);
    f->order[SG_TEMPLATE_FD_LIBRARY] =
        fcntl(s->native->setup->template_library, F_DUPFD_CLOEXEC, 0);
    f->order[SG_TEMPLATE_FD_PLAN] = template_plan(s, err);
    for (size_t i = 0; i < SG_TEMPLATE_FDS; i++)
        if (f->order[i] < 0)
            return f->order[i];
    return fcntl(t->err, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int launch(struct sg_template *t, const struct starting *f, struct sg_error *err)
{
    static char *const empty[] = {NULL};
    const struct sg_box_order order = {.kind = SG_BOX_ORDER_TEMPLATE};
    struct sg_native *n = t->shelf->native;
    struct sg_launcher l;
    int r = sg_launchers_get(&n->launchers, SG_LAUNCH_TEMPLATE, empty, f->parcel, f->nparcel, &l);
    if (r < 0)
        return sg_error_errno(err, -r, "starting sandgate-box");
    t->pid = l.pid;
    t->sock = l.control;
    sg_loop_timer(n->loop, &t->deadline, START_WAIT_MS, on_deadline, t);
    /* Orders must not wait for a template that does not take them. */
    if (fcntl(t->sock, F_SETFL, O_NONBLOCK) < 0)
        return sg_error_errno(err, errno, "the socket of a template");
    r = sg_socket_send(t->sock, &order, sizeof order, f->order, SG_TEMPLATE_FDS);
    if (r == 0 || r == -EPIPE)
        r = sg_loop_watch(n->loop, &t->sock_watch, t->sock, EPOLLIN, on_sock, t);
    if (r == 0)
        r = sg_loop_watch(n->loop, &t->err_watch, t->err, EPOLLIN, on_err, t);
    return r < 0 ? sg_error_errno(err, -r, "speaking to a template") : 0;
}

static struct sg_template *new_template(struct sg_shelf *s)
{
    struct sg_template *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    t->begun_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    t->shelf = s;
    t->sock = t->err = -1;
    t->sock_watch = t->err_watch = (struct sg_watch)SG_WATCH_INIT;
    t->cgroup = (struct sg_cgroup)SG_CGROUP_INIT;
    sg_capture_init(&t->said, SAID_BYTES);
    t->next = s->native->templates;
    s->native->templates = t;
    return t;
}

void sg_template_start(struct sg_shelf *s)
{
    struct sg_error err = SG_ERROR_INIT;
    struct starting f = {.order = {-1, -1, -1, -1, -1, -1, -1}, .parcel = {-1}};
    if (s->successor)
        return;
    if (!s->retry_ms)
        s->retry_ms = RETRY_FIRST_MS / 2;
    struct sg_template *t = new_template(s);
    if (!t) {
        sg_loop_timer(s->native->loop, &s->retry, RETRY_FIRST_MS, on_retry, s);
        return;
    }
    s->successor = t;
    watch_path(t, s->native->runtimes->v[s->runtime].command.v[0]);
    watch_path(t, "/etc/ld.so.cache");
    int r = open_parcel(t, &f, &err);
    if (r == 0)
        r = open_order(t, &f, &err);
    if (r == 0)
        r = launch(t, &f, &err);
    starting_done(&f);
    if (r == 0)
        return;
    sg_error_errno(&err, r < 0 ? -r : EINVAL, "starting a template");
    sg_template_lost(t, err.text);
    if (!t->pid)
        bury(t);
}
