/*
 * schema.h: every key of sandgate.conf, one row each: the file, its sample, the manual and the
 * tests are made of or compared with this table.
 */
#ifndef SG_CONFIG_SCHEMA_H
#define SG_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/value.h"

enum sg_key_type {
    SG_KEY_NUMBER, /* uint64_t, in unit, min to max */
    SG_KEY_BOOL,   /* bool */
    SG_KEY_PATH,   /* char *: absolute, min (0: may be "") to max bytes */
    SG_KEY_NAME,   /* char *: letters, digits, "_", "-", "."; not beginning with "." */
    SG_KEY_CHOICE, /* char *: one of choices */
    SG_KEY_LEVEL,  /* int: enum sg_log_level, by name */
    SG_KEY_USERS,  /* struct sg_strings: user names or uids */
    SG_KEY_NAMES,  /* struct sg_strings: names as SG_KEY_NAME, none twice; min: at least so many */
    SG_KEY_LAYERS, /* uint32_t: SG_LAYER_BITs, by name */
    SG_KEY_URL,    /* char *: "", or https://HOST:PORT; http:// to this machine only */
};

struct sg_key {
    const char *section; /* "" at top level */
    char name[40];
    enum sg_key_type type;
    enum sg_unit unit;
    uint64_t min, max;
    char dflt[256]; /* as in the file, without quotes or braces; room for a path of the build */
    size_t offset;  /* in struct sg_config */
    const char *choices; /* "a, b"; what is allowed, for those types that have it */
    const char *doc;
};

#define SG_KEYS_MAX 96
struct sg_schema {
    struct sg_key keys[SG_KEYS_MAX];
    size_t n;
};

/* The fixed rows, and default_* and max_* for each row of sg_limit_table. */
void sg_schema_init(struct sg_schema *ret);

/* Checks a value and stores it in cfg; list types are added to. 0 or SG_E_INVALID with "what is
   wrong; allowed: ...". NULL is the empty list, which not every list may be. */
int sg_schema_set(const struct sg_key *key, struct sg_config *cfg, const char *value,
                  struct sg_error *err);

/* Does the key take { a, b }? */
bool sg_schema_is_list(const struct sg_key *key);

/* Empties what a list holds, so that a file's list replaces the default one. */
void sg_schema_reset(const struct sg_key *key, struct sg_config *cfg);

#endif
