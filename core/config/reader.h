/*
 * reader.h: a file of sections, keys and values, read by libconfuse, handed out one value at a
 * time.
 *
 *     static const struct sg_reader_key keys[] = {{"", "language"}, {"worker", "requests"}};
 *     struct sg_reader r = {.keys = keys, .nkeys = 2, .on_value = take, .arg = me, .lines = lines};
 *     sg_reader_file(&r, "/etc/x.conf", &err);          // "/etc/x.conf:3: worker.request: no such
 * key; ..."
 *
 * Every value arrives as text, so that one place checks and words all errors. Uses static state of
 * libconfuse: one thread at a time.
 */
#ifndef SG_CONFIG_READER_H
#define SG_CONFIG_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

struct sg_reader_key {
    const char *section; /* "" at top level */
    const char *name;
    bool list; /* takes { a, b }; others take one value */
};

struct sg_reader {
    const struct sg_reader_key *keys; /* borrowed */
    size_t nkeys;
    unsigned *lines; /* borrowed, nkeys: line on which each key was set; 0: it was not */
    /* A value of keys[key]; NULL for an empty list. Returns 0, or a negative code with err set to
       "what is wrong; allowed: ..."; the reader puts file, line and key in front. */
    int (*on_value)(void *arg, size_t key, const char *value, struct sg_error *err);
    void *arg;
};

#define SG_READER_FILE_MAX (256 * 1024)

/* 0, SG_E_INVALID, or -errno when the file cannot be read. */
int sg_reader_file(struct sg_reader *r, const char *path, struct sg_error *err);

/* The same on n bytes of text; path is only for messages. */
int sg_reader_text(struct sg_reader *r, const char *path, const char *text, size_t n,
                   struct sg_error *err);

/* For checks after reading: wraps err in "path:line: section.key". line 0 is left out. */
void sg_reader_where(const char *path, unsigned line, const struct sg_reader_key *key,
                     struct sg_error *err);

#endif
