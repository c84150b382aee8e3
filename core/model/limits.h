/*
 * limits.h: the limits of a run, one table for all who read, check, print or document them.
 *
 *     struct sg_limits l = config->limits_default;
 *     const struct sg_limit_info *i = sg_limit_find("memory_bytes");
 *     *sg_limit_at(&l, i) = 64 << 20;
 *     if (sg_limits_check(&l, &config->limits_max, &which) < 0) ... which->name is over its maximum
 */
#ifndef SG_MODEL_LIMITS_H
#define SG_MODEL_LIMITS_H

#include <stddef.h>
#include <stdint.h>

struct sg_limits {
    uint64_t wall_time_ms; /* the clock on the wall; at the limit everything in the box is killed */
    uint64_t cpu_time_ms;  /* CPU time of all processes together */
    uint64_t memory_bytes; /* memory of all processes and of the writable tmpfs; swap is 0 */
    uint64_t processes;    /* processes and threads of the program at once */
    uint64_t output_bytes; /* kept of stdout and of stderr each (head and tail) */
    uint64_t file_bytes;   /* size of one file written */
    uint64_t cpu_percent;  /* share of one CPU: 50 is half of one, 200 two */
};

struct sg_limit_info {
    const char *name;   /* as in requests and answers */
    const char *unit;   /* "ms", "bytes", "count", "percent" */
    size_t offset;      /* of the uint64_t in struct sg_limits */
    uint64_t min;       /* smallest value that makes sense */
    uint64_t dflt, max; /* built-in default and maximum; the configuration may change both */
    uint64_t ceiling;   /* the largest that the configuration may make of either */
    const char *what;   /* one phrase for documentation and --help */
};

extern const struct sg_limit_info sg_limit_table[];
extern const size_t sg_limit_count;

const struct sg_limit_info *sg_limit_find(const char *name); /* NULL: no such limit */
static inline uint64_t *sg_limit_at(struct sg_limits *l, const struct sg_limit_info *i)
{
    return (uint64_t *)((char *)l + i->offset);
}
static inline uint64_t sg_limit_get(const struct sg_limits *l, const struct sg_limit_info *i)
{
    return *(const uint64_t *)((const char *)l + i->offset);
}
void sg_limits_default(struct sg_limits *l); /* built-in defaults */
void sg_limits_max(struct sg_limits *l);     /* built-in maxima */
/* 0, or -ERANGE with *ret_which the first limit below its minimum or above max. */
int sg_limits_check(const struct sg_limits *l, const struct sg_limits *max,
                    const struct sg_limit_info **ret_which);

/* Bounds of a request that are not limits of a run. */
#define SG_ID_MAX            64 /* bytes of a request's id, without NUL */
#define SG_LANGUAGE_MAX      32
#define SG_VERSION_MAX       32
#define SG_CLIENT_MAX        64
#define SG_IMPORTS_MAX       127 /* bytes of the hint that chooses a template */
#define SG_PATH_MAX          255 /* bytes of one file's relative path */
#define SG_PATH_DEPTH_MAX    8
#define SG_FILES_MAX         64
#define SG_FILE_BYTES_MAX    (2u << 20) /* bytes of one file sent in */
#define SG_ARGS_MAX          256
#define SG_ENV_MAX           64
#define SG_BODY_BYTES_MAX    (16u << 20)  /* most that worker.body_bytes may be */
#define SG_PAYLOAD_BYTES_MAX (8u << 20)   /* the encoded job: files, arguments, environment */
#define SG_PRODUCT_BYTES_MAX (256u << 20) /* what a compilation has made */
#define SG_STDIN_BYTES_MAX   (4u << 20)
/* Files that a run gives back. Patterns: of all together, each with its NUL. */
#define SG_OUTPUT_PATTERNS_MAX      32
#define SG_OUTPUT_PATTERN_BYTES_MAX 2048
#define SG_OUTPUT_FILES_MAX         256           /* most that output.files may be */
#define SG_OUTPUT_BYTES_MAX         (64u << 20)   /* most that output.bytes may be */
#define SG_OUTPUT_HARD_BYTES        (64ull << 20) /* written to one stream: the run is ended */

#endif
