#include "core/config/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"

#define DIGITS_MAX 20 /* of the largest uint64_t */

/* In rising order, which sg_value_print relies on. */
static const struct {
    enum sg_unit unit;
    const char *suffix;
    uint64_t factor;
} suffixes[] = {
    {SG_UNIT_BYTES, "k", 1ull << 10},
    {SG_UNIT_BYTES, "m", 1ull << 20},
    {SG_UNIT_BYTES, "g", 1ull << 30},
    {SG_UNIT_BYTES, "t", 1ull << 40},
    {SG_UNIT_MS, "ms", 1},
    {SG_UNIT_MS, "s", 1000},
    {SG_UNIT_MS, "m", 60 * 1000},
    {SG_UNIT_MS, "h", 3600 * 1000},
    {SG_UNIT_MS, "d", 24 * 3600 * 1000},
    {SG_UNIT_SECONDS, "s", 1},
    {SG_UNIT_SECONDS, "m", 60},
    {SG_UNIT_SECONDS, "h", 3600},
    {SG_UNIT_SECONDS, "d", 24 * 3600},
};

static int parse_octal(const char *text, uint64_t *ret)
{
    size_t n = strlen(text);
    if (n == 0 || strspn(text, "01234567") != n)
        return -EINVAL;
    uint64_t value = 0;
    for (; *text; text++) {
        if (value >> 61)
            return -ERANGE;
        value = value << 3 | (uint64_t)(*text - '0');
    }
    *ret = value;
    return 0;
}

/* Factor of a suffix; 0 when the unit has no such suffix. As in nginx, k and K are the same. */
static uint64_t suffix_factor(enum sg_unit unit, const char *suffix)
{
    if (!*suffix)
        return 1;
    for (size_t i = 0; i < SG_ARRAY_LEN(suffixes); i++) {
        if (suffixes[i].unit == unit && strcasecmp(suffixes[i].suffix, suffix) == 0)
            return suffixes[i].factor;
    }
    return 0;
}

int sg_value_parse(enum sg_unit unit, const char *text, uint64_t *ret)
{
    if (unit == SG_UNIT_OCTAL)
        return parse_octal(text, ret);
    size_t digits = strspn(text, "0123456789");
    uint64_t factor = suffix_factor(unit, text + digits);
    if (digits == 0 || factor == 0)
        return -EINVAL;
    char number[DIGITS_MAX + 1];
    if (digits > DIGITS_MAX)
        return -ERANGE;
    memcpy(number, text, digits);
    number[digits] = '\0';
    uint64_t value;
    int r = sg_str_to_u64(number, &value);
    if (r < 0)
        return r;
    return __builtin_mul_overflow(value, factor, ret) ? -ERANGE : 0;
}

void sg_value_print(char out[SG_VALUE_TEXT_MAX], enum sg_unit unit, uint64_t value)
{
    if (unit == SG_UNIT_OCTAL) {
        snprintf(out, SG_VALUE_TEXT_MAX, "%04" PRIo64, value);
        return;
    }
    const char *suffix = "";
    uint64_t factor = 1;
    for (size_t i = 0; value && i < SG_ARRAY_LEN(suffixes); i++) {
        if (suffixes[i].unit == unit && value % suffixes[i].factor == 0) {
            suffix = suffixes[i].suffix;
            factor = suffixes[i].factor;
        }
    }
    snprintf(out, SG_VALUE_TEXT_MAX, "%" PRIu64 "%s", value / factor, suffix);
}

const char *sg_unit_example(enum sg_unit unit)
{
    static const char *const examples[] = {
        [SG_UNIT_COUNT] = "a whole number",
        [SG_UNIT_OCTAL] = "an octal number like 0660",
        [SG_UNIT_BYTES] = "a size like 4096, 4k or 512m",
        [SG_UNIT_MS] = "a time like 500ms, 30s or 2m",
        [SG_UNIT_SECONDS] = "a time like 30s, 60m or 1h",
    };
    return examples[unit];
}

bool sg_value_has_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    }
    return false;
}

int sg_value_bool(const char *text, bool *ret, struct sg_error *err)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {{"on", true},  {"off", false}, {"yes", true},
                 {"no", false}, {"true", true}, {"false", false}};
    for (size_t i = 0; i < SG_ARRAY_LEN(words); i++)
        if (strcmp(words[i].text, text) == 0) {
            *ret = words[i].value;
            return 0;
        }
    return sg_error_set(err, SG_E_INVALID, "\"%s\" is neither on nor off; allowed: on, off", text);
}
