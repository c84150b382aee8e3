/*
 * rules.h: risk rules of one language, read from query files (NAME.scm, in tree-sitter's query
 * language with predicates of ours; docs/RULES.md has them all).
 *
 *     ((_) @use (#use? @use "os.system" "os.exec*")
 *       (#rule! "python.os.run" 60 critical "runs another program" "…"))
 *
 * A pattern `(_) @x` stands for anything that is imported, used, called: it is looked up in an
 * index, so that the number of such rules costs nothing. Every other pattern is tree-sitter's.
 */
#ifndef SG_VALIDATE_RULES_H
#define SG_VALIDATE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tree_sitter/api.h>

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/model/verdict.h"
#include "core/validate/language.h"

struct sg_rule {
    char *id;      /* owned, as are the others */
    char *message; /* what it found */
    char *remedy;  /* what to do instead; "" for none */
    enum sg_severity severity;
    unsigned score;
};

/* What a test asks. The first six can be what a pattern is looked up by (its anchor). */
enum sg_ask {
    SG_ASK_IMPORT, /* a module, or one below it, is imported */
    SG_ASK_USE,    /* the value is something of that path */
    SG_ASK_MEMBER, /* a member of that name, whatever of */
    SG_ASK_CALL,   /* something of that path is called */
    SG_ASK_METHOD, /* a member of that name is called */
    SG_ASK_FILE,   /* the file as a whole: "syntax-error" … (match.h) */
    SG_ASK_ANCHORS,
    SG_ASK_ARG_IS = SG_ASK_ANCHORS, /* a constant argument that fits one of the patterns */
    SG_ASK_ARG_MAY,                 /* the same, or one that is not known */
    SG_ASK_ARG_TEXT,                /* a constant text */
    SG_ASK_ARG_FROM,                /* an argument that is something of that path */
    SG_ASK_ARG_CALLS,               /* something of that path is called within it */
    SG_ASK_ARG_MODULE,              /* an imported module */
    SG_ASK_ARG_GIVEN,
    SG_ASK_ARG_UNKNOWN,    /* given, and nothing is known of its value */
    SG_ASK_ARG_OUTSIDE,    /* a constant path outside of the directories */
    SG_ASK_ARG_PATH,       /* a constant path that fits one of the patterns */
    SG_ASK_ARG_SUSPICIOUS, /* text that holds dangerous words, or unknown text */
    SG_ASK_BASE_IS,        /* of a method: a constant that fits one of the patterns */
    SG_ASK_BASE_FIELD,     /* of a method: a format with a {field} that holds one of the words */
    SG_ASK_BASE_FROM,      /* of a member: something of that path */
    SG_ASK_TEXT,           /* the node's text is one of these */
    SG_ASK_LACKS,          /* no node of these kinds is inside */
    SG_ASK_UNKNOWN,        /* nothing is known of the node's value */
    SG_ASK_LOCAL,          /* a function or class of this file */
    SG_ASK_BELOW,          /* the module is one of these, or below one */
    SG_ASK_COUNT
};

struct sg_test {
    enum sg_ask ask;
    bool negated;
    char *capture; /* owned: the node it is about */
    unsigned
        argument;  /* of a call: its position, and keyword; SG_SUBJECT: of what made the object */
    char *keyword; /* owned, or NULL */
    char **words;  /* owned, with what they hold */
    size_t nwords;
};
#define SG_SUBJECT 1000u

struct sg_pattern {
    unsigned rule;         /* index */
    bool structural;       /* tree-sitter's: anchors are tests like others */
    struct sg_test *tests; /* owned; of one that is not structural, [0] is the anchor */
    size_t ntests;
};

struct sg_query {
    TSQuery *ts;        /* owned; NULL: the file has no structural pattern */
    unsigned *patterns; /* owned: by tree-sitter's number */
    uint32_t n;
};

/* An anchor's word with a star in it. */
struct sg_glob_word {
    enum sg_ask ask;
    const char *word; /* borrowed: the pattern's */
    size_t literal;   /* bytes in front of the first star */
    unsigned pattern;
};

struct sg_index_entry;
struct sg_rules {
    struct sg_language *language; /* borrowed */
    struct sg_rule *rules;        /* owned */
    size_t nrules;
    struct sg_pattern *patterns; /* owned */
    size_t npatterns;
    struct sg_query *queries; /* owned: one per file */
    size_t nqueries;
    struct sg_index_entry **index; /* owned: by anchor and exact word */
    size_t index_size;
    bool roots[SG_KINDS_MAX];   /* kinds at which a structural pattern begins */
    bool anywhere;              /* one begins with no kind in particular */
    struct sg_glob_word *globs; /* owned: what the index cannot hold */
    size_t nglobs;
    uint64_t hash; /* of all that was read, FNV-1a: a version, not a signature */
};

/* Adds a file's rules. path is for messages. 0; SG_E_INVALID with "path:line:column: what";
 * -ENOMEM.
 */
int sg_rules_add(struct sg_rules *r, const char *path, const char *text, size_t n,
                 struct sg_error *err);
/* Builds the index, once everything is added. 0 or -ENOMEM. */
int sg_rules_finish(struct sg_rules *r, struct sg_error *err);
void sg_rules_done(struct sg_rules *r);
void sg_pattern_done(struct sg_pattern *p);

/* Calls fn for each pattern whose anchor asks that and may fit the word. */
void sg_rules_look_up(const struct sg_rules *r, enum sg_ask ask, const char *word,
                      void (*fn)(void *arg, const struct sg_pattern *p), void *arg);

/* Index of the rule; -1. */
int sg_rules_find(const struct sg_rules *r, const char *id);

/* Does a path fit? "*" stands for a run without dots and calls, "**" for any run. */
bool sg_path_fits(const char *pattern, const char *path);

#endif
