/* hash.h: FNV-1a, 64 bits (draft-eastlake-fnv): tells versions apart, proves nothing. */
#ifndef SG_BASE_HASH_H
#define SG_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SG_HASH_START 14695981039346656037ull

/* Goes on from h, which begins as SG_HASH_START. */
uint64_t sg_hash(uint64_t h, const char *data, size_t n);

#endif
