/*
 * digest.h: a short number that tells bytes from other bytes. Against accidents only: who chooses
 * the bytes can make two texts with one number.
 *
 *     uint64_t d = sg_digest(SG_DIGEST_START, data, n);
 *     d = sg_digest(d, more, m);     // only where n was a multiple of 8: then it is that of both
 */
#ifndef SG_BASE_DIGEST_H
#define SG_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define SG_DIGEST_START 14695981039346656037u

/* Of n bytes after those that `before` is of. FNV-1a, word by word, each folded into the lower
   half: some gigabytes a second. */
uint64_t sg_digest(uint64_t before, const void *data, size_t n);

#endif
