/*
 * value.h: one value of the configuration file, from text to number and back.
 *
 *     sg_value_parse(SG_UNIT_BYTES, "512m", &n)      // 536870912
 *     sg_value_print(text, sizeof(text), SG_UNIT_MS, 30000)   // "30s"
 */
#ifndef SG_CONFIG_VALUE_H
#define SG_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

enum sg_unit {
    SG_UNIT_COUNT,   /* decimal */
    SG_UNIT_OCTAL,   /* permission bits */
    SG_UNIT_BYTES,   /* a plain number is bytes; k, m, g, t multiply by 1024 each */
    SG_UNIT_MS,      /* a plain number is milliseconds; ms, s, m, h, d */
    SG_UNIT_SECONDS, /* a plain number is seconds; s, m, h, d */
};

/* Parses the whole text. 0, -EINVAL, or -ERANGE when it does not fit into 64 bits. */
int sg_value_parse(enum sg_unit unit, const char *text, uint64_t *ret);

#define SG_VALUE_TEXT_MAX 32
/* Writes the shortest text that sg_value_parse reads back as the same number. */
void sg_value_print(char out[SG_VALUE_TEXT_MAX], enum sg_unit unit, uint64_t value);

/* What a number of that unit looks like: "a size like 4096, 4k, 512m". */
const char *sg_unit_example(enum sg_unit unit);

/* on, off; also yes, no, true, false. 0; SG_E_INVALID with err. */
int sg_value_bool(const char *text, bool *ret, struct sg_error *err);

/* Is there a control character in it, a line's end included? */
bool sg_value_has_control(const char *text);

#endif
