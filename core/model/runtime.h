/*
 * runtime.h: what it takes to run one language. Read from runtimes.d/NAME.conf
 * (core/config/runtimes.h); version and packages are found out by a trial run in a box.
 */
#ifndef SG_MODEL_RUNTIME_H
#define SG_MODEL_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>

#include "core/model/limits.h"

#define SG_RUNTIME_LIST_MAX      32
#define SG_RUNTIME_TEMPLATES_MAX 8 /* of one runtime */

struct sg_strings {
    char *v[SG_RUNTIME_LIST_MAX + 1]; /* owned; NULL-terminated */
    size_t n;
};

struct sg_runtime {
    char *language;               /* owned: "python" */
    struct sg_strings aliases;    /* "python3", "py" */
    struct sg_strings extensions; /* without dot: "py" */
    char *entry;                  /* name the source gets when the request gives none: "main.py" */
    struct sg_strings
        command; /* argv; "{file}" is replaced by the entry file's path; [0] absolute */
    struct sg_strings
        environment;  /* NAME=value; "{cpus}" is replaced by the CPU limit rounded up */
    char *rules;      /* owned: whose risk rules hold: NAME of rules/NAME.scm; default: language */
    char *profile;    /* seccomp profile: NAME of profiles/NAME.json */
    char *probe;      /* program whose output tells version and packages, see below */
    char *self_test;  /* owned: program that prints "ok" where all of it works; NULL: the probe is
                         all  there is */
    bool may_execute; /* its programs may execute what the box has, under the profile */
    bool compiled;
    /* Where there is a compile stage: argv, in which "{product}" is where the program shall lie. */
    struct sg_strings compile;
    char *compile_profile; /* owned */
    struct sg_strings compile_limit_texts;
    struct sg_limits compile_limits;
    bool optional;  /* left out where sg_runtime_program() is not installed */
    char start[12]; /* "template", "ahead", "cold": how it is started before it is needed */
    /* With "template", at least one, else none: what each template has imported, words in a text
       with single blanks between, smallest first ("none": nothing). */
    struct sg_strings templates;
    char *prepare; /* owned: program that a template runs once, with `imports` set; NULL: none */
    char *image;   /* owned: the Docker engine runs it in that image; NULL: not at all */
    struct sg_strings image_command; /* argv there; empty: command */
    /* Found by the probe: its stdout is lines "version X" and "package NAME VERSION". The file may
       state it, which tells several files of one language apart; "" until then. */
    char version[32];
};

void sg_strings_done(struct sg_strings *s);
int sg_strings_add(struct sg_strings *s, const char *text); /* copies; -ENOMEM, -E2BIG */
bool sg_strings_has(const struct sg_strings *s, const char *text);
void sg_runtime_done(struct sg_runtime *r);

/* What the host or image must have for it: compiler or interpreter. */
const char *sg_runtime_program(const struct sg_runtime *r);
/* The compile stage as a runtime of its own, which borrows everything from r. */
struct sg_runtime sg_runtime_compile_stage(const struct sg_runtime *r);

/* Does this runtime answer to that name (language or alias)? */
bool sg_runtime_answers_to(const struct sg_runtime *r, const char *name);

/* Does have ("3.11.2") satisfy want: equal, or want is a prefix of whole components ("3", "3.11")?
   An empty want is satisfied by everything. */
bool sg_version_matches(const char *have, const char *want);

#endif
