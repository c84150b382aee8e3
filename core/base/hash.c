#include "core/base/hash.h"

uint64_t sg_hash(uint64_t h, const char *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)data[i]) * 1099511628211ull;
    return h;
}
