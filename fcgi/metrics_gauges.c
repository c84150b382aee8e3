/* metrics_gauges.c: what executors say of themselves, in Prometheus' text format 0.0.4. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/ipc/message.h"
#include "fcgi/metrics_internal.h"

#ifndef SG_VERSION
#define SG_VERSION "unversioned"
#endif

/* How a number is shown. */
enum unit { PLAIN, FROM_US, FROM_MS };

struct row {
    const char *name, *type, *help;
    size_t offset; /* of the first number in struct sg_gauges */
    enum unit unit;
    size_t n;                       /* numbers: one for each value of a label */
    const char *label;              /* its name; NULL: there is one number */
    const char *(*value)(size_t i); /* and values */
};

static const char *template_state(size_t i)
{
    return sg_template_state_name((enum sg_template_state)i);
}

static const char *box_use(size_t i)
{
    return sg_box_use_name((enum sg_box_use)i);
}

#define AT(field) offsetof(struct sg_gauges, field)
#define ONE(name, type, help, field, unit)                                                         \
    {                                                                                              \
        name, type, help, AT(field), unit, 1, NULL, NULL                                           \
    }

static const struct row rows[] = {
    ONE("sandgate_engine_ready", "gauge", "1: the trial runs of all its languages have passed.",
        ready, PLAIN),
    ONE("sandgate_slots", "gauge", "Runs that the executor makes at the same time.", slots, PLAIN),
    ONE("sandgate_slots_used", "gauge", "Runs that have a slot now.", running, PLAIN),
    ONE("sandgate_queue_capacity", "gauge", "Runs that may wait for a slot.", queue_max, PLAIN),
    ONE("sandgate_queue_length", "gauge", "Runs that wait for a slot now.", queued, PLAIN),
    ONE("sandgate_executor_connections", "gauge", "Workers that are connected.", connections,
        PLAIN),
    ONE("sandgate_executor_runs_total", "counter",
        "Runs that got a slot since the executor began, trial runs too.", runs_total, PLAIN),
    {"sandgate_templates", "gauge", "Templates by their state.", AT(templates), PLAIN,
     SG_GAUGES_TEMPLATE_STATES, "state", template_state},
    ONE("sandgate_template_clones_total", "counter",
        "Clones that templates have made since the executor began.", clones_total, PLAIN),
    {"sandgate_boxes", "gauge", "Boxes (or containers) by what they are doing.", AT(boxes), PLAIN,
     SG_BOX_USE_COUNT, "state", box_use},
    ONE("process_cpu_seconds_total", "counter", "CPU time of the executor.", process.cpu_us,
        FROM_US),
    ONE("process_resident_memory_bytes", "gauge", "Resident memory of the executor.",
        process.resident_bytes, PLAIN),
    ONE("process_virtual_memory_bytes", "gauge", "Address space of the executor.",
        process.virtual_bytes, PLAIN),
    ONE("process_open_fds", "gauge", "Descriptors that the executor has open.", process.open_fds,
        PLAIN),
    ONE("process_max_fds", "gauge", "Descriptors that it may have open.", process.max_fds, PLAIN),
    ONE("process_start_time_seconds", "gauge", "When it began, in seconds since the epoch.",
        process.start_time_ms, FROM_MS),
};

static void put_number(struct sg_buf *b, uint64_t number, enum unit unit)
{
    if (unit == PLAIN)
        sg_buf_printf(b, "%" PRIu64 "\n", number);
    else if (unit == FROM_US)
        sg_buf_printf(b, "%" PRIu64 ".%06" PRIu64 "\n", number / 1000000, number % 1000000);
    else
        sg_buf_printf(b, "%" PRIu64 ".%03" PRIu64 "\n", number / 1000, number % 1000);
}

/* What is not known is not there. */
static void put_row(struct sg_buf *b, const struct row *r, const struct sg_engine_gauges *e)
{
    for (size_t i = 0; i < r->n; i++) {
        uint64_t number;
        memcpy(&number, (const char *)e->gauges + r->offset + i * sizeof number, sizeof number);
        if (number == UINT64_MAX)
            continue;
        sg_buf_printf(b, "%s{engine=\"%s\"", r->name, sg_engine_name(e->engine));
        if (r->label)
            sg_buf_printf(b, ",%s=\"%s\"", r->label, r->value(i));
        sg_buf_puts(b, "} ");
        put_number(b, number, r->unit);
    }
}

int sg_metrics_write_gauges(struct sg_buf *ret, const struct sg_engine_gauges *engines, size_t n)
{
    sg_metrics_head(ret, "sandgate_build_info", "gauge", "Always 1; the version of the workers.");
    sg_buf_printf(ret, "sandgate_build_info{version=\"%s\",protocol=\"%d\"} 1\n", SG_VERSION,
                  SG_MSG_VERSION);
    sg_metrics_head(ret, "sandgate_engine_up", "gauge", "1: its executor answers.");
    for (size_t i = 0; i < n; i++)
        sg_buf_printf(ret, "sandgate_engine_up{engine=\"%s\"} %d\n",
                      sg_engine_name(engines[i].engine), engines[i].gauges != NULL);
    for (size_t k = 0; k < SG_ARRAY_LEN(rows); k++) {
        sg_metrics_head(ret, rows[k].name, rows[k].type, rows[k].help);
        for (size_t i = 0; i < n; i++)
            if (engines[i].gauges)
                put_row(ret, &rows[k], &engines[i]);
    }
    return ret->failed ? -ENOMEM : 0;
}
