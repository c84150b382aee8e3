/*
 * counters.h: numbers that only grow, in a file that all workers have mapped: a worker lives for
 * some requests, what it has counted lives on.
 *
 *     sg_auto(sg_counters) struct sg_counters c = SG_COUNTERS_INIT;
 *     if (sg_counters_open(&c, "/run/sandgate/metrics", layout, 200, &err) < 0) ...
 *     sg_counters_add(&c, 17, 1);
 *
 * Theory of operation. The file is a header (magic, version, size, layout) and one 64-bit number
 * for each counter. What a number means is not in it: each worker works that out from its own
 * configuration, and `layout`, a hash of that, tells whether two workers mean the same. A file that
 * is not what it should be (another version, layout or size, or not finished when its maker was
 * killed) is unlinked and made anew; workers that have the old one mapped go on counting there,
 * where nobody looks, until they end. To find, to judge, to make and to replace are done under
 * flock(2) on the file itself, which the kernel takes back from whoever dies; the magic is written
 * last.
 *
 * Numbers are added to atomically, without a lock, so a worker may be killed at any moment: what it
 * has added is there, what it has not is not. The descriptor is closed once the file is mapped: a
 * worker that was taken over can write nonsense into the numbers, but cannot cut the file short
 * under the others' feet, and no text in it is trusted, as there is none.
 */
#ifndef SG_FCGI_COUNTERS_H
#define SG_FCGI_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

#define SG_COUNTERS_MAX (1u << 20) /* 8 MiB */

struct sg_counters {
    uint64_t *v; /* mapped; NULL: not open */
    size_t n;
    void *map; /* owned; with the header */
    size_t map_bytes;
};
#define SG_COUNTERS_INIT                                                                           \
    {                                                                                              \
        0                                                                                          \
    }

/* Maps the file of n counters (1 to SG_COUNTERS_MAX), making it (mode 0600) where it is missing or
   another. 0; SG_E_INVALID: what is there is no file, or not this user's own; SG_E_BUSY: somebody
   holds its lock; -errno (-EACCES, -ENOSPC, ...). Opens files: before the worker confines itself.
 */
int sg_counters_open(struct sg_counters *ret, const char *path, uint64_t layout, size_t n,
                     struct sg_error *err);

/* Nothing when c is not open, or there is no such counter. */
void sg_counters_add(const struct sg_counters *c, size_t i, uint64_t value);
uint64_t sg_counters_get(const struct sg_counters *c, size_t i);

void sg_counters_done(struct sg_counters *c);

#endif
