/* Containers that wait for a run: how many, and which of them. */
#include "core/docker/internal.h"

#include <string.h>

#include "core/base/time.h"

#define REFILL_MS 2 /* the answer goes out first */
#define OLD_MS    1000
#define AT_ONCE   2 /* made at the same time: an Engine is slow, and runs need it too */

static bool same_limits(const struct sg_container_limits *a, const struct sg_container_limits *b)
{
    return a->memory_bytes == b->memory_bytes && a->processes == b->processes &&
           a->cpu_percent == b->cpu_percent;
}

static bool is_stale(const struct container *c)
{
    const struct sg_docker *d = c->docker;
    return strcmp(c->base, d->images[c->runtime].derived) != 0 ||
           sg_now_ms() - c->born_ms > (int64_t)d->cfg->docker.waiting_lifetime_s * 1000;
}

bool pool_wants(const struct container *c)
{
    return c->docker->state == DOCKER_UP && !c->docker->shutting && !is_stale(c);
}

struct container *pool_take(struct sg_docker *d, size_t runtime, enum sg_job_stage stage,
                            const struct sg_container_limits *l)
{
    for (struct container *c = d->containers; c; c = c->next)
        if (c->state == CONTAINER_WAITING && !c->run && c->runtime == runtime &&
            c->stage == stage && same_limits(&c->limits, l) && !is_stale(c))
            return c;
    return NULL;
}

static bool is_spare(const struct container *c)
{
    return !c->run && c->ahead && c->state != CONTAINER_REMOVING && c->state != CONTAINER_RUNNING;
}

/* For one stage of a runtime, as far as no more than AT_ONCE are being made. false: no memory. */
static bool refill_stage(struct sg_docker *d, size_t i, enum sg_job_stage stage, unsigned *making)
{
    const struct sg_limits *limits =
        stage == SG_JOB_COMPILE ? &d->runtimes->v[i].compile_limits : &d->cfg->limits_default;
    const struct sg_container_limits l = sg_container_limits_of(limits);
    unsigned have = 0;
    for (const struct container *c = d->containers; c; c = c->next)
        have += c->runtime == i && c->stage == stage && is_spare(c);
    for (; have < d->cfg->docker.waiting && *making < AT_ONCE; have++) {
        struct container *c = container_new(d, i, stage, &l);
        if (!c)
            return false;
        c->ahead = true;
        (*making)++;
    }
    return true;
}

static void on_refill(void *arg)
{
    struct sg_docker *d = arg;
    unsigned making = 0;
    if (d->state != DOCKER_UP || d->shutting || sg_now_ms() < d->pool_pause_ms)
        return;
    for (const struct container *c = d->containers; c; c = c->next)
        making += is_spare(c) && c->state != CONTAINER_WAITING;
    for (size_t i = 0; i < d->runtimes->n; i++)
        for (int stage = SG_JOB_RUN; stage < DOCKER_STAGES; stage++)
            if (d->images[i].derived[0] && d->images[i].filters[stage].outer &&
                !refill_stage(d, i, stage, &making))
                return;
}

static void on_refill_timer(void *arg)
{
    struct sg_docker *d = arg;
    pool_drop_stale(d);
    on_refill(d);
    if (d->state == DOCKER_UP && !d->shutting) /* for those that grow old, or could not be made */
        sg_loop_timer(d->loop, &d->refill, OLD_MS, on_refill_timer, d);
}

void pool_refill_soon(struct sg_docker *d)
{
    if (d->state == DOCKER_UP && !d->shutting)
        sg_loop_timer(d->loop, &d->refill, REFILL_MS, on_refill_timer, d);
}

void pool_drop_stale(struct sg_docker *d)
{
    struct container *next;
    for (struct container *c = d->containers; c; c = next) {
        next = c->next; /* removing one may forget it, and no other */
        if (c->state == CONTAINER_WAITING && !c->run && is_stale(c))
            container_remove(c);
    }
}
