/*
 * imports.h: the modules that a program imports, by their top-level names. They are a hint: which
 * of the interpreters that were started ahead of their program have what it needs. Nothing depends
 * on it but time.
 *
 *     struct sg_imports found = {0};
 *     char hint[SG_IMPORTS_MAX + 1] = "";
 *     sg_imports_scan(&found, "import numpy as np", 18);
 *     sg_imports_pick(&found, "numpy matplotlib.pyplot", hint, sizeof hint);      // "numpy"
 */
#ifndef SG_MODEL_IMPORTS_H
#define SG_MODEL_IMPORTS_H

#include <stdbool.h>
#include <stddef.h>

#define SG_IMPORTS_NAMES_MAX 64
#define SG_IMPORTS_NAME_MAX  63 /* bytes of one */

struct sg_imports {
    char names[SG_IMPORTS_NAMES_MAX][SG_IMPORTS_NAME_MAX + 1];
    size_t n;
};

/* Adds the top-level name of module[0..n): a of "a.b". Not those that are there, that are relative
   (".a"), that are longer than SG_IMPORTS_NAME_MAX or no ASCII identifiers, or that come after the
   first SG_IMPORTS_NAMES_MAX. */
void sg_imports_add(struct sg_imports *s, const char *module, size_t n);
/* Is it there? Of name[0..n) everything counts, dots too. */
bool sg_imports_has(const struct sg_imports *s, const char *name, size_t n);
/* Takes it out, if it is there. */
void sg_imports_remove(struct sg_imports *s, const char *name, size_t n);

/* Adds what text[0..n) imports, by a glance at it as Python's: lines whose first word is import or
   from, and what follows a ; or : there. Strings and comments are not told from code. */
void sg_imports_scan(struct sg_imports *s, const char *text, size_t n);

/* Appends to the words in ret (size bytes, blanks between) the names in s that a template's text
   names ("numpy matplotlib.pyplot" names numpy and matplotlib; "none" names nothing). Not those
   that are there, and not those that do not fit whole. */
void sg_imports_pick(const struct sg_imports *s, const char *words, char *ret, size_t size);

/* Does a template whose text is `words` hold all modules of `imports` (as sg_imports_pick makes
 * it)? */
bool sg_imports_held(const char *words, const char *imports);

#endif
