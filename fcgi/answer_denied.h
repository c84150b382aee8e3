/*
 * answer_denied.h: which system calls the sandbox has refused to a run, for people.
 *
 *     struct sg_denied_call calls[SG_DENIED_CALLS_MAX];
 *     size_t n = sg_denied_list(&outcome->denied, calls);
 *     sg_denied_name(calls[0].number, name);             // "socket"
 */
#ifndef SG_FCGI_ANSWER_DENIED_H
#define SG_FCGI_ANSWER_DENIED_H

#include <stddef.h>
#include <stdint.h>

#include "core/model/outcome.h"

#define SG_DENIED_CALLS_MAX (SG_DENIED_NUMBERS + 1)
#define SG_DENIED_NAME_SIZE 48

struct sg_denied_call {
    int number; /* SG_DENIED_NUMBERS: any from there on */
    uint32_t count;
};

/* Those that were refused at least once, the most frequent first. Returns how many. */
size_t sg_denied_list(const struct sg_denied *d, struct sg_denied_call ret[SG_DENIED_CALLS_MAX]);
/* The name of a call of this machine; "syscall_" and the number of one that libseccomp does not
   know, "unknown" of all from SG_DENIED_NUMBERS on. */
void sg_denied_name(int number, char ret[SG_DENIED_NAME_SIZE]);

#endif
