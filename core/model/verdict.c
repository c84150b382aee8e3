#include "core/model/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"

#define WORST_MAX 3

static const char *const severities[SG_SEVERITY_COUNT] = {
    [SG_SEVERITY_INFO] = "info",         [SG_SEVERITY_LOW] = "low",
    [SG_SEVERITY_MEDIUM] = "medium",     [SG_SEVERITY_HIGH] = "high",
    [SG_SEVERITY_CRITICAL] = "critical",
};

static const char *const decisions[SG_DECISION_COUNT] = {
    [SG_DECISION_SKIPPED] = "skipped",
    [SG_DECISION_ALLOWED] = "allowed",
    [SG_DECISION_REJECTED] = "rejected",
};

const char *sg_severity_name(enum sg_severity s)
{
    return (unsigned)s < SG_SEVERITY_COUNT ? severities[s] : NULL;
}

int sg_severity_from_name(const char *name)
{
    for (int i = 0; i < SG_SEVERITY_COUNT; i++)
        if (strcmp(severities[i], name) == 0)
            return i;
    return -ENOENT;
}

const char *sg_decision_name(enum sg_decision d)
{
    return (unsigned)d < SG_DECISION_COUNT ? decisions[d] : NULL;
}

void sg_verdict_done(struct sg_verdict *v)
{
    for (size_t i = 0; i < v->nfindings; i++) {
        free(v->findings[i].message);
        free(v->findings[i].snippet);
    }
    free(v->findings);
    *v = (struct sg_verdict){0};
}

/* The finding of the highest score whose rule is not among those told already; NULL. */
static const struct sg_finding *next_worst(const struct sg_verdict *v,
                                           const struct sg_finding *const *told, size_t ntold)
{
    const struct sg_finding *best = NULL;
    for (size_t i = 0; i < v->nfindings; i++) {
        const struct sg_finding *f = &v->findings[i];
        bool known = false;
        for (size_t k = 0; k < ntold; k++)
            known = known || strcmp(told[k]->rule, f->rule) == 0;
        if (!known && f->score > 0 && (!best || f->score > best->score))
            best = f;
    }
    return best;
}

void sg_verdict_sentence(const struct sg_verdict *v, char *ret, size_t n)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    const struct sg_finding *told[WORST_MAX];
    size_t ntold = 0;
    if (n > 0)
        ret[0] = '\0';
    if (v->decision != SG_DECISION_REJECTED)
        return;
    sg_buf_printf(&text,
                  "The code was refused before it ran: its risk score is %u, policy %s "
                  "refuses from %u on",
                  v->score, v->policy, v->threshold);
    while (ntold < WORST_MAX) {
        const struct sg_finding *f = next_worst(v, told, ntold);
        if (!f)
            break;
        sg_buf_printf(&text, "%s %s (%s, line %u)", ntold ? ";" : ":", f->message, f->rule,
                      f->line);
        told[ntold++] = f;
    }
    sg_buf_puts(&text, ".");
    sg_str_copy(ret, n, text.data ? text.data : "");
}
