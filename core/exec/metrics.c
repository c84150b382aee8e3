/* metrics.c: how the server and its engine stand, for the METRICS message. */
#include "core/exec/internal.h"

#include <string.h>

#include "core/exec/process.h"

/* fill_degraded, which server_status calls, has the engine bring the templates up to date only
   until it finds one that failed: so each is asked for here. */
static void count_templates(struct sg_server *s, struct sg_gauges *ret)
{
    for (size_t i = 0; i < s->runtimes->n; i++) {
        if (s->on_templates)
            s->on_templates(s->templates_arg, i);
        const struct server_templates *t = &s->templates[i];
        for (size_t k = 0; k < t->n; k++) {
            ret->templates[t->v[k].state]++;
            ret->clones_total += t->v[k].clones;
        }
    }
}

void server_gauges(struct sg_server *s, struct sg_gauges *ret)
{
    struct sg_msg_status_reply status;
    server_status(s, &status);
    memset(ret, 0, sizeof(*ret));
    ret->slots = status.slots;
    ret->running = status.running;
    ret->queue_max = status.queue_max;
    ret->queued = status.queued;
    ret->ready = status.ready;
    ret->runs_total = status.runs_total;
    ret->connections = s->nconns;
    count_templates(s, ret);
    s->ops->count_boxes(s->engine, ret->boxes);
    sg_process_figures(&ret->process);
}
