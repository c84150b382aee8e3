/*
 * advice.h: what a person, or an agent, can do about a run that did not succeed.
 *
 * The reason alone is little help where a program ended by itself: nine in ten times it says why on
 * stderr, in words that are the same for all who run in a sandbox without a network, with the
 * packages that are installed and a place to write that is small. Those words are looked for in the
 * end of stderr. It is advice: a program may print them for reasons of its own.
 *
 *     const char *hint = sg_advice(&outcome, err);       // NULL: there is nothing to say
 */
#ifndef SG_FCGI_ADVICE_H
#define SG_FCGI_ADVICE_H

#include "core/ipc/payload.h"
#include "core/model/outcome.h"

/* err: the end of what is kept of stderr, or of both streams where they are merged; may be empty.
   Static text, or NULL: it succeeded, or nobody knows. */
const char *sg_advice(const struct sg_outcome *o, struct sg_span err);

#endif
