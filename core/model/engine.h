/* engine.h: what runs programs: boxes of this kernel, or containers of a Docker Engine. */
#ifndef SG_MODEL_ENGINE_H
#define SG_MODEL_ENGINE_H

enum sg_engine {
    SG_ENGINE_NATIVE,
    SG_ENGINE_DOCKER,
    SG_ENGINE_COUNT,
};

const char *sg_engine_name(enum sg_engine e); /* "native", "docker"; NULL out of range */
int sg_engine_from_name(const char *name);    /* enum value, or -ENOENT */

#endif
