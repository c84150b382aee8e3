/* tar.h: a tar file in memory (POSIX.1-1988 ustar): what the Engine takes files in. */
#ifndef SG_DOCKER_TAR_H
#define SG_DOCKER_TAR_H

#include <stddef.h>

#include "core/base/buf.h"

/* Each appends one entry, owned by root; failures are remembered in out->failed. Names of at most
   99 bytes. */
void sg_tar_file(struct sg_buf *out, const char *name, unsigned mode, const void *data, size_t n);
void sg_tar_dir(struct sg_buf *out, const char *name, unsigned mode);
/* The end of the file. */
void sg_tar_end(struct sg_buf *out);

#endif
