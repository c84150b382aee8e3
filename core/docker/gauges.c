/* What each container is doing, for GET /metrics. */
#include "core/docker/internal.h"

static enum sg_box_use use_of(const struct container *c)
{
    switch (c->state) {
    case CONTAINER_CREATING:
    case CONTAINER_ATTACHING:
    case CONTAINER_STARTING:
        return SG_BOX_MAKING;
    case CONTAINER_WAITING:
        return c->interpreter ? SG_BOX_AHEAD : SG_BOX_PREPARED;
    case CONTAINER_RUNNING:
        return c->answered ? SG_BOX_ENDING : SG_BOX_RUNNING;
    case CONTAINER_REMOVING:
        break;
    }
    return SG_BOX_ENDING;
}

void docker_count_boxes(void *engine, uint64_t ret[SG_BOX_USE_COUNT])
{
    const struct sg_docker *d = engine;
    for (const struct container *c = d->containers; c; c = c->next)
        ret[use_of(c)]++;
}
