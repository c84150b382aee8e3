#include "core/sandbox/steps.h"

#include <stddef.h>

static const struct {
    const char *name, *fix;
} steps[SG_STEP_COUNT] = {
#define X(id, name, fix) {name, fix},
    SG_STEPS(X)
#undef X
};

const char *sg_step_name(unsigned step)
{
    return step < SG_STEP_COUNT ? steps[step].name : NULL;
}

const char *sg_step_fix(unsigned step)
{
    return step < SG_STEP_COUNT ? steps[step].fix : NULL;
}
