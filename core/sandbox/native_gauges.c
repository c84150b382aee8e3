/* What each box is doing, for GET /metrics. */
#include "core/sandbox/native_box.h"

static enum sg_box_use use_of(const struct sg_native_box *b)
{
    if (b->killed || b->concluded)
        return SG_BOX_ENDING;
    switch (b->state) {
    case SG_BOX_STATE_MAKING:
    case SG_BOX_STATE_JOINING:
        return SG_BOX_MAKING;
    case SG_BOX_STATE_PREPARED:
        return SG_BOX_PREPARED;
    case SG_BOX_STATE_WAITING:
        return b->shelf && b->shelf->imports ? SG_BOX_CLONE : SG_BOX_AHEAD;
    case SG_BOX_STATE_STARTED:
        break;
    }
    return SG_BOX_RUNNING;
}

void sg_native_count_boxes(void *engine, uint64_t ret[SG_BOX_USE_COUNT])
{
    const struct sg_native *n = engine;
    for (const struct sg_native_box *b = n->boxes; b; b = b->next)
        ret[use_of(b)]++;
}
