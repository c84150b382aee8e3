/* metrics_handler.c: GET /metrics: what the workers have counted, and what executors say now. */
#include "core/base/cleanup.h"
#include "fcgi/metrics.h"
#include "fcgi/route.h"

/* An executor that is away is no error here: it is what is to be shown. A private one is this
   worker's alone, and no other worker's /metrics could show it: it is left out. */
static size_t ask_engines(struct sg_exchange *x, struct sg_gauges *gauges,
                          struct sg_engine_gauges *ret)
{
    const struct sg_strings *engines = &x->service->cfg->worker.engines;
    size_t n = 0;
    for (size_t i = 0; i < engines->n && n < SG_ENGINE_COUNT; i++) {
        struct sg_error err = SG_ERROR_INIT;
        int engine = sg_engine_from_name(engines->v[i]);
        struct sg_link *link =
            engine < 0 ? NULL : sg_service_link(x->service, (enum sg_engine)engine);
        if (!link || !sg_link_is_service(link))
            continue;
        ret[n] = (struct sg_engine_gauges){.engine = (enum sg_engine)engine};
        if (sg_link_gauges(link, &gauges[n], &err) == 0)
            ret[n].gauges = &gauges[n];
        else
            sg_exchange_log_error(x, &err);
        n++;
    }
    return n;
}

void sg_handle_metrics(struct sg_exchange *x)
{
    struct sg_gauges gauges[SG_ENGINE_COUNT];
    struct sg_engine_gauges engines[SG_ENGINE_COUNT];
    size_t n = ask_engines(x, gauges, engines);
    x->body_type = SG_METRICS_TYPE_FULL;
    sg_metrics_write_gauges(&x->body, engines, n);
    sg_metrics_write(&x->body, x->service->metrics); /* ends with a line feed, as it has to */
}
