/*
 * gauges.h: how an executor stands at this moment: what GET /metrics shows of it. Plain data of
 * fixed size: it is the METRICS_REPLY message.
 */
#ifndef SG_MODEL_GAUGES_H
#define SG_MODEL_GAUGES_H

#include <stdint.h>

/* What a box (or container) is doing. Order is part of the message format. */
enum sg_box_use {
    SG_BOX_MAKING,   /* it is being set up, or a program is being put into it */
    SG_BOX_PREPARED, /* waits without a program */
    SG_BOX_CLONE,    /* a template's clone waits in it for its code */
    SG_BOX_AHEAD,    /* an interpreter that was started ahead does */
    SG_BOX_RUNNING,  /* has a run's program in it */
    SG_BOX_ENDING,   /* is being taken down */
    SG_BOX_USE_COUNT
};
const char *sg_box_use_name(enum sg_box_use u); /* "making" ...; NULL out of range */

#define SG_GAUGES_TEMPLATE_STATES 3 /* as many as enum sg_template_state has */

/* Of one process, as the kernel tells. UINT64_MAX: not known. */
struct sg_process_figures {
    uint64_t cpu_us; /* user and system */
    uint64_t resident_bytes, virtual_bytes;
    uint64_t open_fds, max_fds;
    uint64_t start_time_ms; /* since the epoch */
};

struct sg_gauges {
    uint64_t slots, running, queue_max, queued;
    uint64_t ready; /* 0, 1: trial runs of all runtimes passed */
    uint64_t connections;
    uint64_t runs_total;                           /* since the executor began, trial runs too */
    uint64_t templates[SG_GAUGES_TEMPLATE_STATES]; /* by enum sg_template_state */
    uint64_t clones_total;                         /* made of templates since it began */
    uint64_t boxes[SG_BOX_USE_COUNT];
    struct sg_process_figures process; /* of the executor */
};

#endif
