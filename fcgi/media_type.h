/*
 * media_type.h: what kind of file a run gives back, for the client that shows it.
 *
 * A table, not libmagic: the worker can open no file once it has started, libmagic's database is
 * megabytes in each of many processes, and its parsers would read hostile bytes.
 */
#ifndef SG_FCGI_MEDIA_TYPE_H
#define SG_FCGI_MEDIA_TYPE_H

#include <stdbool.h>

#include "core/ipc/payload.h"

/* By the first bytes where they tell, else by the end of the name, else text/plain or
   application/octet-stream. A name does not make text of what is none, nor the other way round.
   text: the content is UTF-8 without NUL. */
const char *sg_media_type(const char *path, const struct sg_span *content, bool text);

#endif
