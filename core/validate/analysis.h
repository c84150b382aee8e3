/*
 * analysis.h: what the names and constant expressions of one source file stand for.
 *
 * Theory of operation. After parsing (tree.h) one pass collects what each scope binds (names.c; the
 * languages say what binds). Values are then found on demand and kept (eval.c): an expression has a
 * set of values that it may have, whatever the order of execution:
 *
 *     NAME    a thing that has a path: "os.system", "builtins.eval", "pathlib.Path()"
 *     TEXT    a constant string (or bytes)
 *     NUMBER  a constant integer
 *     LIST    items, each with a set of values
 *     LOCAL   something that this file defines
 *
 * No value at all means that nothing is known. Where a name may or may not be shadowed it has both
 * values: the sandbox is the border, this is advice, and it errs on the side of telling.
 */
#ifndef SG_VALIDATE_ANALYSIS_H
#define SG_VALIDATE_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/validate/arena.h"
#include "core/validate/bounds.h"
#include "core/validate/tree.h"

#define SG_VALUE_TEXT_MAX_BYTES 4096 /* longer constants are unknown */
#define SG_PATH_TEXT_MAX        240  /* as are longer paths */
#define SG_VALUES_MAX           16   /* in a set */
#define SG_ITEMS_MAX            500  /* of a list that is followed */

enum sg_value_kind { SG_VALUE_NAME, SG_VALUE_TEXT, SG_VALUE_NUMBER, SG_VALUE_LIST, SG_VALUE_LOCAL };

struct sg_item {
    const struct sg_value *values; /* a set */
    const struct sg_item *next;
};

/* All of it lives in the analysis' arena. */
struct sg_value {
    enum sg_value_kind kind;
    bool module;      /* NAME: it was imported, so its members are what that module has */
    bool fresh;       /* NAME: imported by the very expression that has this value, */
    uint32_t made_by; /* and that is this node; 0: by a statement */
    const char *text; /* NAME: path; TEXT: n bytes and a NUL */
    size_t n;
    int64_t number;
    const struct sg_item *items;
    const char *subject; /* NAME that a call made: its first argument, a constant text; or NULL */
    const struct sg_value *next; /* of the set */
};

/* Where the value of a binding comes from. */
struct sg_origin {
    enum {
        SG_ORIGIN_UNKNOWN,
        SG_ORIGIN_NODE,    /* the value of a node */
        SG_ORIGIN_ITEM,    /* item number index of another origin's */
        SG_ORIGIN_ELEMENT, /* any item of it */
        SG_ORIGIN_MEMBER,  /* its member name */
        SG_ORIGIN_MODULE,  /* the module name */
        SG_ORIGIN_LOCAL,
    } kind;
    uint32_t node;
    const struct sg_origin *of;
    unsigned index;
    const char *name;
};

/* A place without an expression at which something is read all the same: `from os import system`,
   `const {exec} = child`. */
struct sg_read {
    uint32_t node;
    const struct sg_origin *what;
    const struct sg_read *next;
};

struct sg_symbol;
struct sg_analysis {
    struct sg_tree tree;
    const struct sg_language *language; /* borrowed */
    struct sg_arena arena;
    const struct sg_value **values; /* owned: by node */
    uint8_t *state;                 /* owned: by node: whether values is known */
    struct sg_symbol **symbols;     /* owned: hash table; the symbols are the arena's */
    size_t symbols_size, nsymbols;
    const struct sg_item *stars; /* modules of which everything was imported: NAME values */
    const struct sg_read *reads;
    bool assuming; /* a comprehension is being worked out: none within it is */
    unsigned depth;
    uint64_t work, work_max, next_look; /* at the clock, by work */
    uint64_t time_ms;                   /* that bound, for messages */
    struct sg_breach breach;            /* .bound is NONE as long as nothing was met */
};

/* Parses (tree.h says what is wanted), and collects the bindings. text lives as long as the
 * analysis. 0, or -1 with the breach. */
int sg_analysis_open(struct sg_analysis *ret, const struct sg_language *language, const char *text,
                     size_t n, const struct sg_bounds *bounds, const bool *wanted,
                     struct sg_breach *ret_breach);
void sg_analysis_close(struct sg_analysis *a);

/* ---- names.c: scopes */

/* Pseudo-scope: attributes, whatever object has them. */
#define SG_SCOPE_MEMBERS SG_NO_NODE
/* Pseudo-scope: names that are assigned to somewhere, in whichever scope they are declared. */
#define SG_SCOPE_ASSIGNED (SG_NO_NODE - 1)

const struct sg_origin *sg_origin(struct sg_analysis *a, struct sg_origin o);
const struct sg_origin *sg_origin_node(struct sg_analysis *a, uint32_t node);
const struct sg_origin *sg_origin_module(struct sg_analysis *a, const char *name);
extern const struct sg_origin sg_origin_unknown, sg_origin_local;
/* Marks a name that is not read where it stands; SG_NO_NODE: nothing. */
void sg_node_label(struct sg_analysis *a, uint32_t node);
/* The name in that scope may have this value from `at` on. */
void sg_name_bind(struct sg_analysis *a, uint32_t scope, const char *name, uint32_t at,
                  const struct sg_origin *from);
/* From now on the name in that scope is the one of another scope (global, nonlocal). */
void sg_name_redirect(struct sg_analysis *a, uint32_t scope, const char *name, uint32_t to);
/* The name may be unbound again (del). */
void sg_name_unbind(struct sg_analysis *a, uint32_t scope, const char *name);
/* What the origin stands for is read at that node. */
void sg_note_read(struct sg_analysis *a, uint32_t node, const struct sg_origin *what);
/* Everything of a module was imported. */
void sg_name_star(struct sg_analysis *a, const char *module);
/* Values of a name that is read at a node. */
const struct sg_value *sg_name_values(struct sg_analysis *a, const char *name, uint32_t at);
/* The same, as seen from the top of the file. */
const struct sg_value *sg_name_global(struct sg_analysis *a, const char *name, uint32_t at);
/* Says for a while what a name of a scope is, whatever binds it; NULL: what binds it, again. False:
   the scope has no such name. */
bool sg_name_assume(struct sg_analysis *a, uint32_t scope, const char *name,
                    const struct sg_value *values);
/* Values that an attribute of that name was given anywhere. */
const struct sg_value *sg_name_member(struct sg_analysis *a, const char *name);
/* Nearest scope of that role at or above one; 0, the top, when there is none. */
uint32_t sg_scope_above(const struct sg_analysis *a, uint32_t scope, enum sg_role role);

/* ---- eval.c: values */

const struct sg_value *sg_eval(struct sg_analysis *a, uint32_t node);
const struct sg_value *sg_eval_origin(struct sg_analysis *a, const struct sg_origin *o);
/* Of [chr(c) for c in [101, 118]]: the body's value for each item, where there is one loop over one
   name and no condition. Whoever puts a name together like this has a reason. comprehension.c */
const struct sg_value *sg_eval_comprehension(struct sg_analysis *a, uint32_t node);
/* What a member of that name is, of any of the values of base. */
const struct sg_value *sg_eval_member(struct sg_analysis *a, const struct sg_value *base,
                                      const char *name);

/* The module of that name, imported by what is being evaluated. */
const struct sg_value *sg_value_module(struct sg_analysis *a, const char *name);
struct sg_value *sg_value_new(struct sg_analysis *a, enum sg_value_kind kind);
const struct sg_value *sg_value_name(struct sg_analysis *a, const char *path);
const struct sg_value *sg_value_text(struct sg_analysis *a, const char *text, size_t n);
const struct sg_value *sg_value_number(struct sg_analysis *a, int64_t number);
/* set with a copy of one more value, unless it has it, or has too many. */
const struct sg_value *sg_value_add(struct sg_analysis *a, const struct sg_value *set,
                                    const struct sg_value *value);
/* set with a copy of each of more. */
const struct sg_value *sg_value_join(struct sg_analysis *a, const struct sg_value *set,
                                     const struct sg_value *more);
/* The first of that kind in a set; NULL. */
const struct sg_value *sg_value_first(const struct sg_value *set, enum sg_value_kind kind);

/* Argument of a call: by position, or by its keyword where that is not NULL; SG_NO_NODE. */
uint32_t sg_call_argument(struct sg_analysis *a, uint32_t call, unsigned index,
                          const char *keyword);
/* Its values; NULL when it is not given. */
const struct sg_value *sg_call_values(struct sg_analysis *a, uint32_t call, unsigned index,
                                      const char *keyword);
/* What is called, with new or without; SG_NO_NODE. */
uint32_t sg_call_function(const struct sg_analysis *a, uint32_t call);
/* Does the call hand on arguments that are not written there (*x, **x, ...x)? */
bool sg_call_spreads(struct sg_analysis *a, uint32_t call);

/* ---- text of nodes */

/* A copy, as a string. */
const char *sg_node_text(struct sg_analysis *a, uint32_t node);
/* A variable's or attribute's name, as the language compares it. */
const char *sg_node_name(struct sg_analysis *a, uint32_t node);
bool sg_node_text_is(const struct sg_analysis *a, uint32_t node, const char *text);
uint32_t sg_node_field(const struct sg_analysis *a, uint32_t node, unsigned field);

/* Counts work, and looks at the clock now and then; false when a bound is met. */
bool sg_analysis_work(struct sg_analysis *a, uint64_t n);

#endif
