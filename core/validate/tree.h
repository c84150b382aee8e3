/*
 * tree.h: a source text as a flat syntax tree: one array, parents before children, in the order of
 * the text, so that what follows needs neither recursion nor tree-sitter's slow ways up.
 *
 *     struct sg_tree t;
 *     if (sg_tree_parse(&t, language, text, n, &bounds, &breach) == 0) ... t.nodes[i] ...
 *     sg_tree_done(&t);
 *
 * Kept are named nodes, and others that have a field (operators).
 */
#ifndef SG_VALIDATE_TREE_H
#define SG_VALIDATE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tree_sitter/api.h>

#include "core/validate/bounds.h"

struct sg_language;

#define SG_NO_NODE UINT32_MAX

/* What a node does, whatever its grammar calls it. language.h has the tables. */
enum sg_role {
    SG_ROLE_NONE,
    /* expressions */
    SG_ROLE_NAME,    /* a variable */
    SG_ROLE_SELF,    /* JavaScript's this */
    SG_ROLE_MEMBER,  /* object.attribute */
    SG_ROLE_INDEX,   /* object[index] */
    SG_ROLE_CALL,    /* function(arguments), new function(arguments) */
    SG_ROLE_STRING,  /* with or without interpolations */
    SG_ROLE_STRINGS, /* side by side: one string */
    SG_ROLE_NUMBER,
    SG_ROLE_CONSTANT, /* True, null ...: its text is its value */
    SG_ROLE_LIST,     /* list, tuple, array, arguments */
    SG_ROLE_DICT,
    SG_ROLE_BINARY, /* left operator right */
    SG_ROLE_UNARY,
    SG_ROLE_CHOICE,  /* one of several: a if b else c, a or b */
    SG_ROLE_WRAPPER, /* (x), await x, *x: the last child's value */
    SG_ROLE_WALRUS,  /* name := value */
    SG_ROLE_ASSIGN,  /* left = right, as an expression or a statement */
    SG_ROLE_AUGMENT, /* left += right */
    /* scopes */
    SG_ROLE_FUNCTION,
    SG_ROLE_LAMBDA,
    SG_ROLE_CLASS,
    SG_ROLE_BLOCK, /* a scope of its own in JavaScript */
    SG_ROLE_COMPREHENSION,
    /* others that bind or name */
    SG_ROLE_KEYWORD, /* name=value among arguments */
    SG_ROLE_PAIR,    /* key: value */
    SG_ROLE_COMMENT,
    SG_ROLE_CONTROL, /* its inside may or may not happen */
    SG_ROLE_COUNT
};

enum {
    SG_NODE_NAMED = 1,
    SG_NODE_ERROR = 2,   /* what the grammar could not read */
    SG_NODE_MISSING = 4, /* what it would have expected */
    SG_NODE_LABEL = 8,   /* a name that is no variable here, or one that is bound, not read */
};

struct sg_node {
    uint16_t kind;  /* TSSymbol */
    uint16_t field; /* TSFieldId; 0: none */
    uint8_t role, flags;
    uint32_t start, end;  /* bytes */
    uint32_t row, column; /* of start; from 0, in bytes */
    uint32_t end_row, end_column;
    uint32_t parent, first, next; /* SG_NO_NODE: none */
    uint32_t scope;               /* node that makes the scope which it stands in */
};

struct sg_tree {
    const struct sg_language *language; /* borrowed */
    const char *text;                   /* borrowed */
    size_t n;
    struct sg_node *nodes; /* owned; [0] is the root */
    uint32_t count, size;
    uint32_t first_error; /* node that the grammar could not read; SG_NO_NODE */
    TSTree *ts;           /* owned */
    TSNode *wanted;       /* owned: nodes of the kinds that were asked for */
    uint32_t nwanted, wanted_size;
    uint64_t until_us; /* CPU time of the thread (sg_tree_cpu_us) at which the bound is met */
};

/* wanted: which kinds (by TSSymbol, SG_KINDS_MAX of them) to keep tree-sitter's nodes of. 0, or -1
   with the breach. */
int sg_tree_parse(struct sg_tree *ret, const struct sg_language *language, const char *text,
                  size_t n, const struct sg_bounds *bounds, const bool *wanted,
                  struct sg_breach *ret_breach);
void sg_tree_done(struct sg_tree *t);

/* The child in that field (by number); SG_NO_NODE. */
uint32_t sg_tree_field(const struct sg_tree *t, uint32_t node, unsigned field);
/* Named child number i, comments left out; SG_NO_NODE. */
uint32_t sg_tree_child(const struct sg_tree *t, uint32_t node, unsigned i);
/* Is it of that kind, by the grammar's name? */
bool sg_tree_is(const struct sg_tree *t, uint32_t node, const char *kind);
/* The node of the flat tree that is this one of tree-sitter's; SG_NO_NODE. */
uint32_t sg_tree_find(const struct sg_tree *t, TSNode node);

/* CPU time of this thread, µs. */
uint64_t sg_tree_cpu_us(void);

#endif
