/*
 * catalog.h: one language as GET /v1/runtimes and `sandgate runtimes --json` tell it.
 *
 *     struct sg_json j = SG_JSON_INIT(&buf);
 *     sg_json_open(&j, '[');
 *     sg_catalog_write(&j, runtime, &reply);
 *     sg_json_close(&j, ']');
 */
#ifndef SG_FCGI_CATALOG_H
#define SG_FCGI_CATALOG_H

#include "core/ipc/message.h"
#include "core/model/runtime.h"
#include "fcgi/json.h"

/* reply: what the executor says about it, templates included. A version that is not known is
   null. */
void sg_catalog_write(struct sg_json *j, const struct sg_runtime *rt,
                      const struct sg_msg_runtime_reply *reply);

#endif
