/*
 * payload.h: the job's variable part as bytes in a sealed memfd: files, arguments, environment.
 *
 * Written by the worker, read only by pid 1 inside the box, after it has been confined. Layout, all
 * numbers uint32_t in host order: magic, nfiles, nargs, nenv; then per file {path_len, content_len,
 * path, content}; per argument and environment entry {len, bytes}. No NUL inside path, argument or
 * environment.
 *
 *     sg_payload_encode(job, &buf)                     // worker
 *     sg_payload_open(&p, data, n, &err); while (sg_payload_file(&p, &f) > 0) ...   // box
 */
#ifndef SG_IPC_PAYLOAD_H
#define SG_IPC_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/model/job.h"

/* Bytes that the job's files, args and env make, whatever the bound. */
size_t sg_payload_size(const struct sg_job *job);
/* Appends the job's files, args and env. 0, -ENOMEM, -EFBIG over SG_PAYLOAD_BYTES_MAX. */
int sg_payload_encode(const struct sg_job *job, struct sg_buf *out);

struct sg_span {
    const char *data; /* borrowed: lives as long as the payload's bytes */
    size_t n;
};
struct sg_payload {
    const char *data; /* borrowed */
    size_t n, at;
    uint32_t nfiles, nargs, nenv;
    uint32_t done; /* items read so far, over all kinds */
};
struct sg_payload_file {
    char path[SG_PATH_MAX + 1]; /* passed sg_path_check */
    struct sg_span content;
};

/* Checks the whole of it, every bound and every path, before the first item is handed out. 0 or
   SG_E_INVALID. Reading starts at the first file. */
int sg_payload_open(struct sg_payload *p, const void *data, size_t n, struct sg_error *err);
/* Next file, 1; 0 when there are no more. To be read in order: files, args, env. */
int sg_payload_file(struct sg_payload *p, struct sg_payload_file *ret);
/* Next argument (after the files), or environment entry (after the arguments); 1 or 0. Not
 * NUL-terminated. */
int sg_payload_arg(struct sg_payload *p, struct sg_span *ret);
int sg_payload_env(struct sg_payload *p, struct sg_span *ret);

#endif
