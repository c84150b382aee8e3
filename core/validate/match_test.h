/* match_test.h: single predicates of rules: is it so? */
#ifndef SG_VALIDATE_MATCH_TEST_H
#define SG_VALIDATE_MATCH_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/validate/match.h"

/* What a test is asked about. */
struct sg_fact {
    uint32_t node;
    uint32_t call;                /* the node, where it is a call */
    const struct sg_value *value; /* the thing that is used, or called */
    const struct sg_value *base;  /* what it is a member of: a set */
    const char *module;           /* that is imported; NULL: none */
    bool structural;              /* a node that tree-sitter found: value and base are looked for */
};

bool sg_match_test(struct sg_matches *m, const struct sg_fact *f, const struct sg_test *t);

#endif
