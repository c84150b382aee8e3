/*
 * answer.h: a finished run as the JSON document of the HTTP contract.
 *
 * The same document is the body of POST /v1/execute and what `sandgate run --json` prints. Names to
 * use from outside of the service (archive libsg_web.a):
 *
 *     struct sg_answer a = {.id = job.id, .outcome = &outcome,
 *                           .out = {out_bytes, out_n}, .err = {err_bytes, err_n}};
 *     sg_auto(sg_buf) struct sg_buf json = {0};
 *     if (sg_answer_write(&json, &a) < 0) ...            // one line, no newline at its end
 *
 * sg_answer_error() is the sentence alone, sg_answer_cut() what to do with a stream of which the
 * middle is missing; sg_json_... (fcgi/json.h) writes any other JSON; sg_problem_from_refusal() and
 * sg_problem_write() (fcgi/problem.h) turn a REFUSED message into a problem document.
 */
#ifndef SG_FCGI_ANSWER_H
#define SG_FCGI_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/ipc/files.h"
#include "core/ipc/payload.h"
#include "core/model/job.h"
#include "core/model/outcome.h"
#include "core/model/verdict.h"

struct sg_answer {
    const char *id;                     /* borrowed, as all of it */
    const struct sg_outcome *outcome;   /* as it came in the RESULT message */
    struct sg_span out, err;            /* kept bytes of stdout and stderr, head then tail */
    const struct sg_verdict *verdict;   /* NULL: the code was not scored */
    const struct sg_job *job;           /* whose files the verdict is about */
    const struct sg_compiled *compiled; /* its compile stage (fcgi/compile.h); NULL: it has none */
    const struct sg_files *files;       /* that the run gives back; NULL: none */
    bool streamed; /* out, err and files have been told already: the members of their content are
                      left out; out and err may be no more than the end of what was told */
};

/* Appends the document. 0 or -ENOMEM. */
int sg_answer_write(struct sg_buf *ret, const struct sg_answer *a);

/* Appends the document of a job that was refused before it ran: null where nothing ran. outcome,
   out and err are not used. 0 or -ENOMEM. */
int sg_answer_write_rejected(struct sg_buf *ret, const struct sg_answer *a);

/* Appends the document of a job whose code did not compile: compiled tells, null where nothing ran.
   outcome, out and err are not used. 0 or -ENOMEM. */
int sg_answer_write_not_compiled(struct sg_buf *ret, const struct sg_answer *a);

/* Did the program end by itself, with status 0? */
bool sg_answer_success(const struct sg_outcome *o);

/* One sentence that says why the program did not succeed, with the limit and the peak where there
   are such; false and "" when it did succeed. */
bool sg_answer_error(const struct sg_outcome *o, char *ret, size_t n);

/* Appends the value of the Server-Timing header (W3C Server Timing): "start;desc=warm,
   validate;dur=0.2, queue;dur=0.1, setup;dur=2.5, ...". verdict, compile and t may be NULL: not
   scored, not compiled, nothing ran. */
int sg_answer_server_timing(struct sg_buf *ret, const struct sg_verdict *verdict,
                            const struct sg_timings *compile, const struct sg_timings *t);

/* The two parts of a stream's kept bytes as they are shown. */
struct sg_cut {
    struct sg_span head, tail; /* tail is empty when nothing was left out */
    bool truncated;            /* the program wrote more than what is shown */
    bool text;                 /* all that is shown is UTF-8; otherwise the stream goes as base64 */
};
/* Finds them: where bytes are missing, a character that lost its other half at the cut (at most
   three bytes on either side) is left out too when both parts are text otherwise. */
struct sg_cut sg_answer_cut(const struct sg_stream_info *info, struct sg_span kept);

#endif
