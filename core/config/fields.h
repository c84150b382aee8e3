/*
 * fields.h: a file that fills one struct: runtimes.d/NAME.conf, policies.d/NAME.conf. One table
 * says which keys there are, where they go, and what is allowed.
 *
 *     static const struct sg_field fields[] = {{"language", SG_FIELD_TEXT, offset, true, check}};
 *     struct sg_fields f = {.fields = fields, .n = n, .object = &runtime, .path = path};
 *     sg_fields_load(&f, &err);
 */
#ifndef SG_CONFIG_FIELDS_H
#define SG_CONFIG_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/config/reader.h"

enum sg_field_type {
    SG_FIELD_TEXT,   /* char *: owned */
    SG_FIELD_SET,    /* struct sg_strings: a list that names nothing twice */
    SG_FIELD_ARGV,   /* struct sg_strings: a list */
    SG_FIELD_CHARS,  /* char [size]: the check sees to it that it fits */
    SG_FIELD_NUMBER, /* uint64_t: whole, the check sees to its bounds */
    SG_FIELD_BOOL,   /* bool: on, off */
};

struct sg_field {
    const char *name;
    enum sg_field_type type;
    size_t offset; /* in the struct */
    bool required;
    const char *(*check)(const char *value); /* what is wrong, as a phrase; NULL: nothing */
    size_t size;                             /* of SG_FIELD_CHARS */
};

#define SG_FIELDS_MAX 24
struct sg_fields {
    const struct sg_field *fields; /* borrowed, as are the others */
    size_t n;
    void *object; /* zeroed, or with defaults; what was stored before an error stays in it */
    const char *path;
    unsigned lines[SG_FIELDS_MAX]; /* on which each was set; 0: it was not */
    struct sg_reader_key keys[SG_FIELDS_MAX];
};

/* Reads the file. 0; SG_E_INVALID with "path:line: key: what is wrong; allowed: ..."; -errno. */
int sg_fields_load(struct sg_fields *f, struct sg_error *err);
/* For checks after reading: err is about that key. Gives SG_E_INVALID. */
int sg_fields_refuse(const struct sg_fields *f, const char *field, struct sg_error *err);

/* For sg_field.check: one line of text. */
const char *sg_fields_check_line(const char *value);

/* Calls fn for the path of each NAME.conf of a directory, in the order of names, as long as it
   gives 0. What is refused comes with `fix`; a directory without any such file is refused: `what`
   names what is missing ("runtime"). */
int sg_fields_each_file(const char *dir, const char *what, const char *fix,
                        int (*fn)(void *arg, const char *path, const char *name,
                                  struct sg_error *err),
                        void *arg, struct sg_error *err);

#endif
