/*
 * location.h: what one nginx location may do. nginx is trusted, the client is not: a location sets
 * policy by fastcgi_param, and can only tighten what the configuration file allows.
 *
 *     SANDGATE_CLIENT             who asks, for fair queueing and logs; default REMOTE_ADDR
 *     SANDGATE_LANGUAGES          "python node": only these
 *     SANDGATE_VALIDATE           "required": code never runs without validation
 *     SANDGATE_ENGINE             "docker native": only these engines; the first is the default
 *     SANDGATE_POLICY             "strict balanced": only these policies; the first is the default
 *     SANDGATE_MAX_WALL_TIME_MS   and so on for each limit: a smaller maximum
 */
#ifndef SG_FCGI_LOCATION_H
#define SG_FCGI_LOCATION_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/model/engine.h"
#include "core/model/limits.h"
#include "core/model/runtime.h"

struct sg_location {
    struct sg_limits dflt, max;
    struct sg_strings languages; /* empty: all */
    struct sg_strings policies;  /* that a request may name; [0] holds when it names none */
    struct sg_strings engines;   /* the same; empty: native */
    char client[SG_CLIENT_MAX + 1];
    bool validate_required;
    bool trace_denied_syscalls; /* may a request ask for it */
};

/* Value of a parameter of the web server; NULL when there is none. */
typedef const char *sg_param_fn(void *arg, const char *name);

/* Reads the parameters. A value that cannot be understood is an error, never ignored: SG_E_INVALID.
 */
int sg_location_read(struct sg_location *ret, const struct sg_config *cfg, sg_param_fn *param,
                     void *arg, struct sg_error *err);
/* May this runtime be used here? */
bool sg_location_offers(const struct sg_location *l, const struct sg_runtime *rt);
/* The same for a language that no runtime has to be there for, by its own name. */
bool sg_location_offers_name(const struct sg_location *l, const char *language);
/* The engine that holds when a request names none. */
enum sg_engine sg_location_engine(const struct sg_location *l);
void sg_location_done(struct sg_location *l);

#endif
