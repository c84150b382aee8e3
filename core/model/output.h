/*
 * output.h: which files of the working directory a run gives back. Plain data of fixed size: it
 * goes from the worker to whoever collects them (core/sandbox/collect.h).
 *
 *     struct sg_output_rules rules;
 *     sg_output_fill(&rules, &job);                          // worker
 *     if (sg_output_check(&rules) < 0) ...                   // who gets them
 *     if (sg_output_selects(&rules, path)) ...
 *
 * A file is new or changed unless the job sent it under that path with these bytes; neither times
 * nor numbers of files are asked, which a program can set, and which do not tell what happens
 * within one tick of the clock. So the rules have a digest of each file that was sent.
 */
#ifndef SG_MODEL_OUTPUT_H
#define SG_MODEL_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/model/job.h"
#include "core/model/limits.h"

struct sg_output_input {
    uint64_t path, content; /* digests (core/base/digest.h) */
    uint64_t size;
};

struct sg_output_rules {
    uint32_t chosen; /* 0: every file; else only what the patterns say */
    uint32_t npatterns;
    uint32_t ninputs;
    uint32_t reserved;
    uint64_t file_bytes; /* a file of so many is one that its limit may have cut short; 0: none */
    char patterns[SG_OUTPUT_PATTERN_BYTES_MAX]; /* one after the other, each with its NUL */
    struct sg_output_input inputs[SG_FILES_MAX];
};

/* What the executor's configuration allows. */
struct sg_output_limits {
    uint64_t files, bytes;
};

void sg_output_fill(struct sg_output_rules *ret, const struct sg_job *job);
/* Rules by which nothing is given back. */
void sg_output_none(struct sg_output_rules *ret);
bool sg_output_is_none(const struct sg_output_rules *rules);
/* Of rules that somebody else has made: 0, or SG_E_INVALID. */
int sg_output_check(const struct sg_output_rules *rules);

bool sg_output_selects(const struct sg_output_rules *rules, const char *path);
/* Can anything below that folder be selected? */
bool sg_output_reaches(const struct sg_output_rules *rules, const char *folder);
/* The file that the job sent under that path; NULL: none. */
const struct sg_output_input *sg_output_input(const struct sg_output_rules *rules,
                                              const char *path);

/* Why a file is not given back. Order is part of the message format. Names: sg_omission_name. */
enum sg_omission {
    SG_OMISSION_MANY,    /* there are more files than may be given back */
    SG_OMISSION_LARGE,   /* it is larger than what is left of the bytes */
    SG_OMISSION_SPECIAL, /* a symbolic link, FIFO, socket, device */
    SG_OMISSION_LINKED,  /* it has several names */
    SG_OMISSION_NAME,    /* not UTF-8, control characters, too long */
    SG_OMISSION_DEEP,    /* a folder that lies too deep */
    SG_OMISSION_UNREAD,  /* it could not be read, or has changed meanwhile */
    SG_OMISSION_UNSEEN,  /* a folder in which the search ended: too many entries, too much time */
    SG_OMISSION_COUNT
};
const char *sg_omission_name(enum sg_omission o); /* "too_many", ...; NULL out of range */

#endif
