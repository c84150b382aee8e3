/* Boxes, and programs in them, that wait for a run: how many of each, and for whom. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/model/imports.h"
#include "core/sandbox/filters.h"
#include "core/sandbox/native_box.h"

#define FEWER_AFTER_MS 10000 /* without a run that had to do without */
#define WATCH_MS       2000
#define PAUSE_MS       5000
#define FAILURES_MAX   3
#define BUSY_PACE_US   20000 /* between runs: then clones are used before a rehearsal has paid */
#define PACE_MAX_US    200000
#define BOX_BYTES                                                                                  \
    (1u << 20) /* of a box that waits, in the kernel and in pid 1, beside what its cgroup counts   \
                */

static uint64_t most(const struct sg_native *n)
{
    uint64_t max = n->cfg->native.waiting_max;
    return max ? max : sg_config_slots(n->cfg);
}

/* ---- what there is ---- */

static unsigned count(const struct sg_native *n, const struct sg_shelf *shelf, bool coming_too)
{
    unsigned found = 0;
    for (const struct sg_native_box *b = n->boxes; b; b = b->next) {
        if (b->run || b->killed || b->concluded || b->shelf != shelf)
            continue;
        bool there = b->state == (shelf ? SG_BOX_STATE_WAITING : SG_BOX_STATE_PREPARED);
        found += there || coming_too;
    }
    return found;
}

static uint64_t held_bytes(const struct sg_native *n)
{
    uint64_t bytes = 0;
    for (const struct sg_native_box *b = n->boxes; b; b = b->next)
        if (!b->run && !b->concluded)
            bytes += BOX_BYTES + b->held_bytes;
    return bytes;
}

static unsigned running(const struct sg_native *n)
{
    unsigned found = 0;
    for (const struct sg_native_box *b = n->boxes; b; b = b->next)
        found += b->run && !b->concluded;
    return found;
}

/* As the number of slots counts them. */
static unsigned cores(const struct sg_native *n)
{
    unsigned slots = sg_config_slots(n->cfg);
    return slots > 1 ? slots / 2 : 1;
}

void sg_pool_note_run(struct sg_native *n)
{
    int64_t now = sg_now_us(), since = now - n->last_run_us;
    if (since > PACE_MAX_US)
        since = PACE_MAX_US;
    n->pace_us += (since - n->pace_us) / 4;
    n->last_run_us = now;
}

bool sg_pool_is_busy(const struct sg_native *n)
{
    return running(n) >= cores(n) ||
           (n->pace_us < BUSY_PACE_US && sg_now_us() - n->last_run_us < PACE_MAX_US);
}

static struct sg_native_box *take(struct sg_native *n, const struct sg_shelf *shelf,
                                  enum sg_box_state state)
{
    struct sg_native_box *oldest = NULL;
    for (struct sg_native_box *b = n->boxes; b; b = b->next)
        if (!b->run && !b->killed && !b->concluded && b->shelf == shelf && b->state == state)
            oldest = b;
    return oldest;
}

/* ---- how many there shall be ---- */

/* A run that found nothing waiting: twice as many from now on. */
static void missed(const struct sg_native *n, unsigned *target, int64_t *when)
{
    *when = sg_now_ms();
    if (*target < most(n))
        *target = *target * 2 < most(n) ? *target * 2 : (unsigned)most(n);
}

static void fewer(const struct sg_native *n, unsigned *target, int64_t *when)
{
    int64_t now = sg_now_ms();
    if (*target <= n->cfg->native.waiting_min || now - *when < FEWER_AFTER_MS)
        return;
    --*target;
    *when = now;
}

struct sg_native_box *sg_pool_take_waiting(struct sg_shelf *shelf)
{
    struct sg_native_box *b = take(shelf->native, shelf, SG_BOX_STATE_WAITING);
    if (!b)
        missed(shelf->native, &shelf->target, &shelf->missed_ms);
    return b;
}

struct sg_native_box *sg_pool_take_prepared(struct sg_native *n)
{
    struct sg_native_box *b = take(n, NULL, SG_BOX_STATE_PREPARED);
    if (!b)
        missed(n, &n->target, &n->missed_ms);
    return b;
}

/* ---- making more ---- */

static int fill(struct sg_native_box *b, struct sg_error *err)
{
    return b->shelf->imports ? sg_warm_join(b, err) : sg_ahead_start(b, err);
}

/* Can one be had? */
static bool is_open(const struct sg_shelf *s)
{
    return sg_now_ms() >= s->pause_ms && (!s->imports || s->current);
}

static bool make_for(struct sg_native *n, struct sg_shelf *shelf)
{
    struct sg_error err = SG_ERROR_INIT;
    struct sg_native_box *b = shelf ? take(n, NULL, SG_BOX_STATE_PREPARED) : NULL;
    int r = 0;
    if (!b)
        b = sg_native_box_new(n, &n->cfg->limits_default, &err);
    if (b) {
        b->shelf = shelf;
        if (shelf && b->state == SG_BOX_STATE_PREPARED)
            r = fill(b, &err);
    }
    if (b && r < 0)
        sg_native_box_fail(b, &err);
    if (!b) {
        sg_log_error(SG_LOG_WARNING, &err);
        n->pause_ms = sg_now_ms() + PAUSE_MS;
    }
    return b && r == 0;
}

bool sg_pool_refill(struct sg_native *n)
{
    /* A run that comes must find a pair of ids. */
    if (sg_cells_left(n) <= sg_config_slots(n->cfg))
        return false;
    if (!n->server || sg_now_ms() < n->pause_ms || held_bytes(n) >= n->cfg->native.waiting_bytes)
        return false;
    if (running(n) > cores(n))
        return false; /* the runs need the cores; the end of one asks again */
    for (size_t i = 0; i < n->nshelves; i++) {
        struct sg_shelf *s = &n->shelves[i];
        if (is_open(s) && count(n, s, true) < s->target)
            return make_for(n, s);
    }
    return count(n, NULL, true) < n->target && make_for(n, NULL);
}

void sg_pool_prepared(struct sg_native_box *b)
{
    struct sg_error err = SG_ERROR_INIT;
    b->state = SG_BOX_STATE_PREPARED;
    if (b->killed)
        return;
    if (b->shelf && !is_open(b->shelf)) { /* its template went meanwhile */
        b->shelf = NULL;
        if (b->run)
            sg_native_start_again(b);
        return;
    }
    if (b->shelf && fill(b, &err) < 0) {
        if (b->run)
            sg_native_start_again(b);
        else
            sg_native_box_fail(b, &err);
    }
    sg_native_refill_soon(b->native, 0);
}

/* Not to spin: what has failed once fails again at once. A template whose clones fail is none. */
static void note_failure(struct sg_shelf *s, const struct sg_error *why)
{
    char text[256];
    s->pause_ms = sg_now_ms() + PAUSE_MS;
    if (++s->failures < FAILURES_MAX || !s->current)
        return;
    s->failures = 0;
    snprintf(text, sizeof text, "its clones fail: %.200s", why->code ? why->text : "they end");
    sg_template_lost(s->current, text);
}

void sg_pool_lost(struct sg_native_box *b)
{
    bool ours = b->killed && !b->failure.code; /* there was no need of it any more */
    if (b->failure.code)
        sg_log_error(SG_LOG_WARNING, &b->failure);
    if (b->shelf && b->state == SG_BOX_STATE_JOINING && !ours)
        note_failure(b->shelf, &b->failure);
    if (!b->shelf && b->state == SG_BOX_STATE_MAKING && !ours)
        b->native->pause_ms = sg_now_ms() + PAUSE_MS;
}

/* ---- shelves ---- */

static unsigned cpus(const struct sg_limits *l)
{
    return (unsigned)((l->cpu_percent + 99) / 100);
}

static bool mentions(const struct sg_strings *s, const char *what)
{
    for (size_t i = 0; i < s->n; i++)
        if (strstr(s->v[i], what))
            return true;
    return false;
}

/* Command and environment of a program that has started already are those of the default limits. */
static bool fits(const struct sg_native *n, const struct sg_run *run)
{
    const struct sg_limits *want = &run->request.limits, *have = &n->cfg->limits_default;
    const struct sg_runtime *rt = run->runtime;
    bool sized =
        mentions(&rt->command, "{memory_mib}") || mentions(&rt->environment, "{memory_mib}");
    /* One that waits has its filter already, which tells nobody what it refuses. */
    if (run->request.trace_denied_syscalls)
        return false;
    return run->request.plain && cpus(want) == cpus(have) &&
           (!sized || want->memory_bytes == have->memory_bytes);
}

struct sg_shelf *sg_pool_shelf(struct sg_native *n, const struct sg_run *run)
{
    if (!fits(n, run))
        return NULL;
    for (size_t i = 0; i < n->nshelves; i++) {
        struct sg_shelf *s = &n->shelves[i];
        if (&n->runtimes->v[s->runtime] != run->runtime)
            continue;
        /* The streams of one that was started ahead are what they are. */
        if (s->imports ? s->current && sg_imports_held(s->imports, run->request.imports)
                       : !run->request.merge_stderr)
            return s;
    }
    return NULL;
}

static bool starts(const struct sg_runtime *rt, const char *how)
{
    return strcmp(rt->start, how) == 0;
}

static int add_shelf(struct sg_native *n, size_t runtime, size_t index, struct sg_error *err)
{
    const struct sg_runtime *rt = &n->runtimes->v[runtime];
    struct sg_shelf *s = &n->shelves[n->nshelves++];
    struct sg_profile profile;
    struct sg_plan_facts facts = n->facts;
    const char *imports = starts(rt, "template") ? rt->templates.v[index] : NULL;
    *s = (struct sg_shelf){.native = n,
                           .runtime = runtime,
                           .index = index,
                           .imports = imports && strcmp(imports, "none") == 0 ? "" : imports,
                           .target = (unsigned)n->cfg->native.waiting_min,
                           .plan = malloc(sizeof *s->plan)};
    if (!s->plan)
        return sg_error_errno(err, ENOMEM, "a shelf");
    int r = sg_filter_load(&profile, n->cfg->profile_dir, rt,
                           imports ? SG_FILTER_CLONE : SG_FILTER_AHEAD, err);
    facts.filter = profile.filter;
    facts.nfilter = profile.nfilter;
    /* The largest limits: a run's are lower or equal, and are set when it comes. What the command
       tells of them is the default's. */
    struct sg_limits limits = n->cfg->limits_max;
    limits.cpu_percent = n->cfg->limits_default.cpu_percent;
    limits.memory_bytes = n->cfg->limits_default.memory_bytes;
    if (r == 0)
        r = sg_program_plan_build(s->plan, n->cfg, rt, &limits, &facts, err);
    sg_profile_done(&profile);
    return r;
}

static size_t count_shelves(const struct sg_native *n, const struct sg_runtime *rt)
{
    bool templates = n->setup->template_library >= 0;
    if (sg_filter_is_used(rt, SG_FILTER_CLONE, templates))
        return rt->templates.n;
    return sg_filter_is_used(rt, SG_FILTER_AHEAD, templates) ? 1 : 0;
}

int sg_pool_init(struct sg_native *n, struct sg_error *err)
{
    size_t most_shelves = 1;
    int r = 0;
    n->target = (unsigned)n->cfg->native.waiting_min;
    for (size_t i = 0; i < n->runtimes->n; i++)
        most_shelves += count_shelves(n, &n->runtimes->v[i]);
    n->shelves = calloc(most_shelves, sizeof *n->shelves);
    if (!n->shelves)
        return sg_error_errno(err, ENOMEM, "shelves");
    for (size_t i = 0; i < n->runtimes->n; i++)
        for (size_t k = 0; k < count_shelves(n, &n->runtimes->v[i]) && r == 0; k++)
            r = add_shelf(n, i, k, err);
    return r;
}

void sg_pool_done(struct sg_native *n)
{
    sg_loop_timer_stop(n->loop, &n->watch);
    for (size_t i = 0; i < n->nshelves; i++) {
        sg_loop_timer_stop(n->loop, &n->shelves[i].retry);
        free(n->shelves[i].plan);
    }
    free(n->shelves);
}

/* What a burst has left is given back, one at a time. */
static void give_back(struct sg_native *n, const struct sg_shelf *s, unsigned target)
{
    struct sg_native_box *b = NULL;
    if (count(n, s, false) > target)
        b = take(n, s, s ? SG_BOX_STATE_WAITING : SG_BOX_STATE_PREPARED);
    if (b)
        sg_native_box_kill(b, SG_REASON_CANCELLED);
}

/* What waits lies on files that are no longer the host's. */
static void discard_all(struct sg_native *n)
{
    sg_log(SG_LOG_NOTICE, "files of the boxes' root have been replaced: what waits is made anew");
    for (struct sg_native_box *b = n->boxes; b; b = b->next)
        if (!b->run && !b->killed && !b->concluded)
            sg_native_box_kill(b, SG_REASON_CANCELLED);
    sg_cells_discard(n);
}

/* Templates that are old, have cloned enough, or lie on other files than they did, get a successor.
 */
static void on_watch(void *arg)
{
    struct sg_native *n = arg;
    if (sg_cells_stale(n))
        discard_all(n);
    for (size_t i = 0; i < n->nshelves; i++) {
        struct sg_shelf *s = &n->shelves[i];
        struct sg_template *t = s->current;
        fewer(n, &s->target, &s->missed_ms);
        give_back(n, s, s->target);
        if (!t)
            continue;
        bool stale = sg_template_stale(t);
        if (stale)
            sg_template_retire(t, true);
        if (s->retry.due_us) /* a successor has failed: not before its time */
            continue;
        if (stale || t->clones >= n->cfg->native.template_clones ||
            sg_now_ms() - t->born_ms >= (int64_t)n->cfg->native.template_lifetime_s * 1000)
            sg_template_start(s);
    }
    fewer(n, &n->target, &n->missed_ms);
    give_back(n, NULL, n->target);
    sg_template_sweep(n);
    sg_native_refill_soon(n, 0);
    sg_loop_timer(n->loop, &n->watch, WATCH_MS, on_watch, n);
}

void sg_pool_open(struct sg_native *n)
{
    for (size_t i = 0; i < n->nshelves; i++)
        if (n->shelves[i].imports && !n->shelves[i].current)
            sg_template_start(&n->shelves[i]);
    sg_cells_stale(n); /* from now on */
    sg_loop_timer(n->loop, &n->watch, WATCH_MS, on_watch, n);
    sg_native_refill_soon(n, 0);
}

void sg_pool_report(struct sg_native *n, size_t runtime)
{
    struct sg_template_info infos[SG_TEMPLATES_MAX] = {{0}};
    size_t found = 0;
    for (size_t i = 0; i < n->nshelves; i++) {
        const struct sg_shelf *s = &n->shelves[i];
        if (s->runtime != runtime || !s->imports || found == SG_TEMPLATES_MAX)
            continue;
        struct sg_template_info *info = &infos[found++];
        info->state = s->current     ? SG_TEMPLATE_READY
                      : s->reason[0] ? SG_TEMPLATE_FAILED
                                     : SG_TEMPLATE_STARTING;
        info->waiting = count(n, s, false);
        info->clones = s->clones;
        sg_str_copy(info->imports, sizeof info->imports, s->imports[0] ? s->imports : "none");
        sg_str_copy(info->reason, sizeof info->reason, s->current ? "" : s->reason);
    }
    sg_server_set_templates(n->server, runtime, infos, found);
}
