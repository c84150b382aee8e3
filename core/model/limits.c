#include "core/model/limits.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

#define AT(field) offsetof(struct sg_limits, field)

#define DAY_MS (24 * 60 * 60 * 1000ull)

const struct sg_limit_info sg_limit_table[] = {
    {"wall_time_ms", "ms", AT(wall_time_ms), 10, 30000, 120000, DAY_MS,
     "time on the wall; at the limit everything in the box is killed"},
    {"cpu_time_ms", "ms", AT(cpu_time_ms), 10, 30000, 120000, DAY_MS,
     "CPU time of all processes together"},
    /* Below 16 MiB no interpreter starts. */
    {"memory_bytes", "bytes", AT(memory_bytes), 16 * MIB, 512 * MIB, 2 * GIB, 1024 * GIB,
     "memory of all processes and of the files written; there is no swap"},
    {"processes", "count", AT(processes), 1, 100, 256, 65536, "processes and threads at once"},
    {"output_bytes", "bytes", AT(output_bytes), 1 * KIB, 1 * MIB, 8 * MIB, SG_OUTPUT_HARD_BYTES,
     "kept of stdout and of stderr each: head and tail"},
    {"file_bytes", "bytes", AT(file_bytes), 1 * KIB, 100 * MIB, 1 * GIB, 1024 * GIB,
     "size of one file that is written"},
    /* 1 % is the kernel's least quota, 1 ms, of its period of 100 ms. */
    {"cpu_percent", "percent", AT(cpu_percent), 1, 50, 100, 102400,
     "share of one CPU: 50 is half of one, 100 a whole one"},
};
const size_t sg_limit_count = SG_ARRAY_LEN(sg_limit_table);

const struct sg_limit_info *sg_limit_find(const char *name)
{
    for (size_t i = 0; i < sg_limit_count; i++) {
        if (strcmp(sg_limit_table[i].name, name) == 0)
            return &sg_limit_table[i];
    }
    return NULL;
}

void sg_limits_default(struct sg_limits *l)
{
    for (size_t i = 0; i < sg_limit_count; i++)
        *sg_limit_at(l, &sg_limit_table[i]) = sg_limit_table[i].dflt;
}

void sg_limits_max(struct sg_limits *l)
{
    for (size_t i = 0; i < sg_limit_count; i++)
        *sg_limit_at(l, &sg_limit_table[i]) = sg_limit_table[i].max;
}

int sg_limits_check(const struct sg_limits *l, const struct sg_limits *max,
                    const struct sg_limit_info **ret_which)
{
    for (size_t i = 0; i < sg_limit_count; i++) {
        const struct sg_limit_info *info = &sg_limit_table[i];
        uint64_t value = sg_limit_get(l, info);
        if (value < info->min || value > sg_limit_get(max, info)) {
            *ret_which = info;
            return -ERANGE;
        }
    }
    return 0;
}
