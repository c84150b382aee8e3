/* answer_internal.h: members of an answer, shared by answer.c (of one run), answer_cases.c (of test
   cases) and answer_compile.c (of a compilation). Each puts its members into an object that is
   open. */
#ifndef SG_FCGI_ANSWER_INTERNAL_H
#define SG_FCGI_ANSWER_INTERNAL_H

#include "core/ipc/payload.h"
#include "core/model/outcome.h"
#include "core/model/verdict.h"
#include "fcgi/json.h"

/* status, success, exit_code, signal, and both streams with what belongs to them. */
void sg_answer_put_end(struct sg_json *j, const struct sg_outcome *o, struct sg_span out,
                       struct sg_span err);
/* The same members where there is no run to tell of: null but the first two. streamed: without the
   content of the streams, as of a run whose output has been told. */
void sg_answer_put_no_end(struct sg_json *j, const char *status, bool success, bool streamed);
/* termination, denied_syscalls, resource_usage. out, err, merged: for what advice.h looks at. */
void sg_answer_put_figures(struct sg_json *j, const struct sg_outcome *o, struct sg_span out,
                           struct sg_span err, bool merged);
void sg_answer_put_no_figures(struct sg_json *j);
/* The first of them, with that hint. */
void sg_answer_put_termination(struct sg_json *j, const struct sg_outcome *o, const char *hint);
/* denied_syscalls: a list where they were counted, else null. answer_denied.c */
void sg_answer_put_denied(struct sg_json *j, const struct sg_denied *d);
void sg_answer_put_usage(struct sg_json *j, const struct sg_usage *u);
void sg_answer_put_isolation(struct sg_json *j, const struct sg_isolation *i);
/* v is NULL where nobody scored, t where nothing ran. */
void sg_answer_put_timings(struct sg_json *j, const struct sg_verdict *v,
                           const struct sg_timings *t);
/* version "": not known. */
void sg_answer_put_runtime(struct sg_json *j, const char *language, const char *version);
/* test_summary and tests, null: there are no test cases, or none was run. */
void sg_answer_put_no_cases(struct sg_json *j);
/* compile: of the language's compile stage; null where c is NULL. answer_compile.c */
struct sg_compiled;
void sg_answer_put_compile(struct sg_json *j, const struct sg_compiled *c);

#endif
