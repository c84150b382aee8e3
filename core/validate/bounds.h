/*
 * bounds.h: how much of a text is looked at. What exceeds a bound is not guessed about: it is a
 * finding that refuses, with the numbers.
 */
#ifndef SG_VALIDATE_BOUNDS_H
#define SG_VALIDATE_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

struct sg_bounds {
    uint64_t source_bytes; /* of one file */
    uint64_t parse_ms; /* of CPU time of the thread, for all files of a request together: other load
                          on the machine does not count */
    uint64_t nodes;    /* of the syntax tree */
    uint64_t depth;    /* levels of it */
    uint64_t work;     /* steps and bytes of evaluating names and constants */
};

/* Which bound was met; also the text that is none. Rules: "bounds.source-bytes" and so on. */
enum sg_bound {
    SG_BOUND_NONE,
    SG_BOUND_SOURCE,
    SG_BOUND_TIME,
    SG_BOUND_NODES,
    SG_BOUND_DEPTH,
    SG_BOUND_WORK,
    SG_BOUND_ENCODING, /* not UTF-8, or a NUL: value is the byte's offset */
    SG_BOUND_MEMORY,   /* none left */
    SG_BOUND_COUNT
};

struct sg_breach {
    enum sg_bound bound;
    uint64_t value, max; /* what there was, what is allowed; in the bound's unit */
};

#endif
