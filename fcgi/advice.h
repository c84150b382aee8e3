/*
 * advice.h: what a person, or an agent, can do about a run that did not succeed.
 *
 * The reason alone is little help where a program ended by itself: nine in ten times it says why on
 * stderr, in words that are the same for all who run in a sandbox without a network, with the
 * packages that are installed and a place to write that is small. Those words are looked for in the
 * end of stderr, from the last exception on where that is a traceback of Python; the last of them
 * counts. It is advice: a program may print them for reasons of its own.
 *
 *     const char *hint = sg_advice(&outcome, said, false);    // NULL: it succeeded
 */
#ifndef SG_FCGI_ADVICE_H
#define SG_FCGI_ADVICE_H

#include <stdbool.h>

#include "core/ipc/payload.h"
#include "core/model/outcome.h"

#define SG_ADVICE_BYTES                                                                            \
    4096 /* of the end of stderr are looked at: a traceback ends with what went wrong */

/* said: what is kept of stderr, or of both streams where they are merged into stdout, or no more
   than its end; may be empty. Static text, or NULL: it succeeded, and no file was cut short. */
const char *sg_advice(const struct sg_outcome *o, struct sg_span said, bool merged);

#endif
