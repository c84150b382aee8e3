/*
 * language.h: what there is to know about a language to score it: a grammar, what its nodes do, how
 * its names work. One row of the table in language.c; python.c and javascript.c have what differs.
 */
#ifndef SG_VALIDATE_LANGUAGE_H
#define SG_VALIDATE_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tree_sitter/api.h>

#include "core/validate/tree.h"

struct sg_analysis;
struct sg_value;

/* Fields of nodes, by what they mean here. */
enum sg_field {
    SG_FIELD_OBJECT,    /* of a member */
    SG_FIELD_ATTRIBUTE, /* its name */
    SG_FIELD_BASE,      /* of an index */
    SG_FIELD_INDEX,
    SG_FIELD_FUNCTION, /* of a call */
    SG_FIELD_CLASS,    /* of a call with new */
    SG_FIELD_ARGUMENTS,
    SG_FIELD_LEFT,
    SG_FIELD_RIGHT,
    SG_FIELD_OPERATOR,
    SG_FIELD_NAME,
    SG_FIELD_VALUE,
    SG_FIELD_KEY,
    SG_FIELD_BODY,
    SG_FIELD_PARAMETERS,
    SG_FIELD_PARAMETER,
    SG_FIELD_ALIAS,
    SG_FIELD_MODULE,
    SG_FIELD_CONDITION,
    SG_FIELD_COUNT
};

/* Adds what a node binds (names.h), and marks names that are not read (SG_NODE_LABEL). */
typedef void sg_bind_fn(struct sg_analysis *a, uint32_t node);

typedef bool sg_tell_module(void *arg, uint32_t at, const char *module);

struct sg_role_row {
    const char *kind; /* name in the grammar */
    enum sg_role role;
    sg_bind_fn *bind; /* NULL: binds nothing */
};

#define SG_KINDS_MAX 640
struct sg_language {
    const char *name;              /* "python"; rules are in NAME.scm */
    const char *const *aliases;    /* NULL-terminated, as below */
    const char *const *extensions; /* of files that hold code: "py" */
    const char *const *binary;     /* of files that hold code which cannot be read: "pyc" */
    const char *builtins;          /* in front of a name that nothing binds: "builtins." */
    bool conditional_module_scope; /* a name bound at the top may still be the builtin one */
    bool class_scope_is_hidden;    /* from the functions in it */
    bool index_is_member;          /* x["a"] is x.a */
    const TSLanguage *(*grammar)(void);
    const struct sg_role_row *roles; /* ends with kind NULL */
    const char *fields[SG_FIELD_COUNT];

    /* What the text must be checked for, or changed in, before it is parsed: line ends. In place,
       the length stays. */
    void (*prepare)(char *text, size_t n);
    /* NULL when the interpreter reads the text in the encoding that we do, else where it is
       declared not to be. */
    const char *(*encoding)(const char *text, size_t n);
    /* The variable's name as the language compares it; NULL: as it is written. */
    const char *(*name_of)(struct sg_analysis *a, const char *text, size_t n);
    /* Value of a string node. */
    const struct sg_value *(*string)(struct sg_analysis *a, uint32_t node);
    /* base[index] where the index is no plain constant (slices); NULL: unknown. */
    const struct sg_value *(*slice)(struct sg_analysis *a, const struct sg_value *base,
                                    uint32_t index);
    /* Value of a call of what has that path. False: not a function that is known here. */
    bool (*call)(struct sg_analysis *a, uint32_t call, const struct sg_value *function,
                 const struct sg_value **ret);
    /* The same for a method of a constant. */
    bool (*method)(struct sg_analysis *a, uint32_t call, const struct sg_value *base,
                   const char *name, const struct sg_value **ret);
    /* Another name for the same thing, or path itself. */
    const char *(*canonical)(struct sg_analysis *a, const char *path);
    /* Member or index of something with a path where the plain rule, path.name, does not hold.
       False: it does. */
    bool (*member)(struct sg_analysis *a, const struct sg_value *base, const char *name,
                   const struct sg_value **ret);

    /* What the member of something unknown is, all the same; NULL: unknown. */
    const struct sg_value *(*unknown_member)(struct sg_analysis *a, uint32_t object,
                                             const char *name);
    /* Functions whose argument number `argument` names a member: getattr(x, "name"). */
    const struct sg_member_function {
        const char *path; /* NULL: the end */
        unsigned argument;
    } * member_functions;
    /* Modules that a node imports, by a statement: their names are handed to `tell`, which says
       whether a rule is about them. */
    void (*imports)(struct sg_analysis *a, uint32_t node, sg_tell_module *tell, void *arg);

    /* filled in by sg_language_init */
    uint8_t role_of[SG_KINDS_MAX];
    sg_bind_fn *bind_of[SG_KINDS_MAX];
    TSFieldId field_of[SG_FIELD_COUNT];
};

extern struct sg_language sg_language_python, sg_language_javascript;

/* All languages; NULL-terminated. */
extern struct sg_language *const sg_languages[];

/* Looks the names of the tables up in the grammar; once per process. False: a name is not there. */
bool sg_language_init(struct sg_language *l);
/* By name or alias; NULL. */
struct sg_language *sg_language_find(const char *name);
/* By extension, without the dot; NULL. */
struct sg_language *sg_language_by_extension(const char *extension);
enum sg_role sg_language_role(const struct sg_language *l, uint16_t kind);

#endif
