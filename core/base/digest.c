#include "core/base/digest.h"

#include <string.h>

#define PRIME 1099511628211u

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * PRIME;
    return h ^ (h >> 29);
}

uint64_t sg_digest(uint64_t before, const void *data, size_t n)
{
    const char *at = data;
    uint64_t h = before;
    for (; n >= sizeof(uint64_t); at += sizeof(uint64_t), n -= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        h = mix(h, word);
    }
    if (n > 0) { /* the length stands in for the bytes that are not there */
        uint64_t word = (uint64_t)n << 56;
        memcpy(&word, at, n);
        h = mix(h, word);
    }
    return h;
}
