#include "core/model/gauges.h"

#include <stddef.h>

const char *sg_box_use_name(enum sg_box_use u)
{
    static const char *const names[SG_BOX_USE_COUNT] = {
        [SG_BOX_MAKING] = "making", [SG_BOX_PREPARED] = "prepared", [SG_BOX_CLONE] = "clone",
        [SG_BOX_AHEAD] = "ahead",   [SG_BOX_RUNNING] = "running",   [SG_BOX_ENDING] = "ending",
    };
    return (unsigned)u < SG_BOX_USE_COUNT ? names[u] : NULL;
}
