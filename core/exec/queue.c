/* queue.c: who is next. One list in the order of arrival; fairness by counting per client. */
#include "core/exec/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"

#define RETRY_MAX_S 60

void run_list_add(struct run_list *l, struct run *r)
{
    r->list = l;
    r->prev = l->last;
    r->next = NULL;
    if (l->last)
        l->last->next = r;
    else
        l->first = r;
    l->last = r;
    l->n++;
}

void run_list_remove(struct run *r)
{
    struct run_list *l = r->list;
    if (!l)
        return;
    if (r->prev)
        r->prev->next = r->next;
    else
        l->first = r->next;
    if (r->next)
        r->next->prev = r->prev;
    else
        l->last = r->prev;
    r->prev = r->next = NULL;
    r->list = NULL;
    l->n--;
}

int client_join(struct sg_server *s, struct run *r)
{
    struct client *c = s->clients;
    while (c && strcmp(c->name, r->pub.request.client) != 0)
        c = c->next;
    if (!c) {
        c = calloc(1, sizeof(*c));
        if (!c)
            return -ENOMEM;
        sg_str_copy(c->name, sizeof(c->name), r->pub.request.client);
        c->next = s->clients;
        s->clients = c;
    }
    r->client = c;
    c->queued++;
    return 0;
}

void client_start(struct run *r)
{
    r->client->queued--;
    r->client->slots++;
}

void client_leave(struct sg_server *s, struct run *r)
{
    struct client *c = r->client;
    if (!c)
        return;
    r->client = NULL;
    if (r->state == RUN_QUEUED)
        c->queued--;
    else
        c->slots--;
    if (c->queued > 0 || c->slots > 0)
        return;
    struct client **at = &s->clients;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    free(c);
}

/* The newest waiting run of the client that has most waiting, if that is more than the newcomer's
   client has with the newcomer: so one client cannot fill the queue against the others. */
static struct run *greediest(const struct sg_server *s, const struct client *newcomer)
{
    struct run *found = NULL;
    for (struct run *r = s->queue.last; r; r = r->prev)
        if (!r->done && r->client->queued > newcomer->queued &&
            (!found || r->client->queued > found->client->queued))
            found = r;
    return found;
}

/* Slots whose run has its answer, and which are free as soon as it has been torn down: who comes
   for such a one (often the worker that just had the answer) does not need a place in the queue. */
static uint64_t soon_free(const struct sg_server *s)
{
    uint64_t n = 0;
    for (const struct run *r = s->active.first; r; r = r->next)
        n += r->state == RUN_ANSWERED;
    return n;
}

bool queue_admit(struct sg_server *s, struct run *r, struct run **ret_loser)
{
    *ret_loser = NULL;
    bool at_once = s->queue.n == 0 && s->active.n < s->slots;
    if (!at_once && s->queue.n >= s->cfg->native.queue + soon_free(s)) {
        *ret_loser = greediest(s, r->client);
        if (!*ret_loser)
            return false;
    }
    run_list_add(&s->queue, r);
    return true;
}

struct run *queue_next(const struct sg_server *s)
{
    struct run *best = NULL;
    if (s->active.n >= s->slots)
        return NULL;
    for (struct run *r = s->queue.first; r; r = r->next)
        if (!best || r->client->slots < best->client->slots)
            best = r;
    return best;
}

uint32_t queue_retry_after_s(const struct sg_server *s)
{
    int64_t ahead = (int64_t)s->queue.n + s->active.n;
    int64_t wait_s = (ahead * s->mean_us / s->slots + 999999) / 1000000;
    if (wait_s < 1)
        return 1;
    return wait_s > RETRY_MAX_S ? RETRY_MAX_S : (uint32_t)wait_s;
}
