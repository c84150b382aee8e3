#include "core/model/engine.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const char *const names[SG_ENGINE_COUNT] = {
    [SG_ENGINE_NATIVE] = "native",
    [SG_ENGINE_DOCKER] = "docker",
};

const char *sg_engine_name(enum sg_engine e)
{
    return (unsigned)e < SG_ENGINE_COUNT ? names[e] : NULL;
}

int sg_engine_from_name(const char *name)
{
    for (int i = 0; i < SG_ENGINE_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -ENOENT;
}
