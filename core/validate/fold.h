/*
 * fold.h: operations on constants: what "ev" + "al" is. Pure; results are bounded, and what would
 * be longer is unknown (NULL).
 */
#ifndef SG_VALIDATE_FOLD_H
#define SG_VALIDATE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/validate/analysis.h"

/* left operator right: + - * / // % ** & | ^ << >>. right may be NULL: unknown. */
const struct sg_value *sg_fold_binary(struct sg_analysis *a, const char *op,
                                      const struct sg_value *left, const struct sg_value *right);
/* Character number i of a text, from the end when negative. */
const struct sg_value *sg_fold_character(struct sg_analysis *a, const struct sg_value *text,
                                         int64_t i);
/* text[from:to:step] as Python has it; NULL stands for what is left out. */
const struct sg_value *sg_fold_slice(struct sg_analysis *a, const struct sg_value *text,
                                     const int64_t *from, const int64_t *to, const int64_t *step);
/* The items of a list as texts with a separator between them; a text's characters alike. */
const struct sg_value *sg_fold_join(struct sg_analysis *a, const struct sg_value *separator,
                                    const struct sg_value *items);
const struct sg_value *sg_fold_replace(struct sg_analysis *a, const struct sg_value *text,
                                       const struct sg_value *from, const struct sg_value *to);
/* The parts of a text between separators (NULL: each character; "" alike). */
const struct sg_value *sg_fold_split(struct sg_analysis *a, const struct sg_value *text,
                                     const char *separator);
/* Items, or characters, the other way round. */
const struct sg_value *sg_fold_reverse(struct sg_analysis *a, const struct sg_value *value);
/* ASCII letters. */
const struct sg_value *sg_fold_case(struct sg_analysis *a, const struct sg_value *text, bool upper);
/* Without the characters of `set` (NULL: blanks) at its ends. */
const struct sg_value *sg_fold_strip(struct sg_analysis *a, const struct sg_value *text,
                                     const char *set, bool left, bool right);
/* Python's "%s" % right. */
const struct sg_value *sg_fold_percent(struct sg_analysis *a, const struct sg_value *format,
                                       const struct sg_value *right);
/* A value as text: a number's digits, a text itself. False: not known. */
bool sg_fold_append(struct sg_buf *out, const struct sg_value *value);
/* The first of a set that has such a text. */
bool sg_fold_append_any(struct sg_buf *out, const struct sg_value *set);
/* The hexadecimal digits at s, at most that many; how many there are. Beyond Unicode, *ret is some
   number beyond it. */
size_t sg_fold_hex(const char *s, size_t n, size_t most, uint32_t *ret);
/* A code point as UTF-8. */
void sg_fold_code_point(struct sg_buf *out, uint32_t c);
/* The buffer as a value, and its end. */
const struct sg_value *sg_fold_take(struct sg_analysis *a, struct sg_buf *b);

#endif
