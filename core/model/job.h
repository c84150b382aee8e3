/*
 * job.h: what a client wants to have run, after parsing and checking. Owned by whoever filled it.
 */
#ifndef SG_MODEL_JOB_H
#define SG_MODEL_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "core/model/engine.h"
#include "core/model/limits.h"

struct sg_bytes {
    char *data; /* owned; may hold any byte; NULL when n is 0 */
    size_t n;
};

struct sg_job_file {
    char *path; /* owned; relative, checked by sg_path_check */
    struct sg_bytes content;
};

struct sg_cases; /* core/model/cases.h */

/* What a run does with its program. A job of a compiled language is run twice. */
enum sg_job_stage {
    SG_JOB_RUN,     /* executes it: the interpreter with the source, or the product */
    SG_JOB_COMPILE, /* makes the product of the source */
    SG_JOB_STAGE_COUNT
};

struct sg_job {
    char id[SG_ID_MAX + 1];
    char language[SG_LANGUAGE_MAX + 1];
    char version[SG_VERSION_MAX + 1]; /* "": newest */
    char client[SG_CLIENT_MAX + 1];   /* for fair queueing and logs; "" when unknown */
    struct sg_limits limits;
    enum sg_engine engine;
    bool merge_stderr;
    bool stream;                /* its output is wanted while it is written */
    bool trace_denied_syscalls; /* refused calls are counted */
    enum sg_job_stage stage;
    bool has_product;
    int product_fd; /* borrowed, where has_product: a sealed memfd that a compilation has made */
    /* files[0] is the entry file */
    struct sg_job_file files[SG_FILES_MAX];
    size_t nfiles;
    char *args[SG_ARGS_MAX]; /* owned */
    size_t nargs;
    char *env[SG_ENV_MAX]; /* owned, NAME=value */
    size_t nenv;
    struct sg_bytes input; /* the program's stdin */
    /* Owned; NULL: it is run once. Else once for each of them (sg_case_job). */
    struct sg_cases *cases;
    /* Files of the working directory that come back: patterns, or whatever is new or changed. */
    bool output_chosen;
    char *output[SG_OUTPUT_PATTERNS_MAX]; /* owned; checked by sg_glob_check */
    size_t noutput;
    /* What helps an executor to choose a program that was started ahead. */
    bool plain;                       /* sg_job_is_plain for each runtime of the language */
    char imports[SG_IMPORTS_MAX + 1]; /* words: modules that it imports and some template has */
};

void sg_job_done(struct sg_job *job);

/* Can an interpreter that was started before the job was known take it as it would any other? Its
   entry is source text under that name, and it sets neither arguments nor environment. Python
   executes an entry that is a zip archive, or compiled, as what it is: such a one is not plain. Nor
   is one whose files or stdin are larger than what the run may write. */
bool sg_job_is_plain(const struct sg_job *job, const char *entry);

/* Is this a path that a client may name? Relative, 1..SG_PATH_MAX bytes, at most SG_PATH_DEPTH_MAX
   components, none of them empty, "." or "..", no control characters, valid UTF-8. Returns NULL
   when it is fine, else a phrase that says what is wrong. */
const char *sg_path_check(const char *path);

/* May a client set this environment name? [A-Za-z_][A-Za-z0-9_]*, at most 64 bytes, not one that
   makes a loader or interpreter load code (LD_*, PYTHONSTARTUP, NODE_OPTIONS, ...). NULL when fine,
   else why not. */
const char *sg_env_name_check(const char *name);

#endif
