/*
 * profile.h: a seccomp profile in the OCI runtime form (JSON: defaultAction, architectures,
 * syscalls), compiled by libseccomp into one program for the kernel, once per profile and process.
 *
 *     struct sg_profile prof = {0};
 *     sg_profile_load(&prof, "/etc/sandgate/profiles", "python", SG_PROFILE_PROGRAM, &err);
 *     ... prof.filter, prof.nfilter ...
 *
 * Source of the form: OCI runtime-spec, config-linux.md, "Seccomp". Stricter here: unknown keys and
 * actions are refused, ERRNO(0) is refused (a call that pretends to have worked), foreign
 * architectures are killed, which also stops int 0x80 and x32.
 */
#ifndef SG_SANDBOX_PROFILE_H
#define SG_SANDBOX_PROFILE_H

#include <linux/filter.h>
#include <stdint.h>

#include "core/base/error.h"

struct sg_profile {
    char name[32];
    struct sock_filter *filter; /* owned */
    uint32_t nfilter;           /* instructions */
};

/* Whose filter: the same rows, but for what these processes themselves have to do. */
enum sg_profile_variant {
    SG_PROFILE_PROGRAM,  /* as it is written: execve is the listener's business (box.h) */
    SG_PROFILE_CLONE,    /* no execve at all; exit_group is a user notification (template.h) */
    SG_PROFILE_TEMPLATE, /* and what it takes to clone into a box and give up everything there */
    SG_PROFILE_PRODUCT,  /* a program executed by descriptor: execveat is the listener's, not execve
                          */
};

/* Reads DIR/NAME.json. 0; SG_E_INVALID with file, row and reason; -errno. */
int sg_profile_load(struct sg_profile *ret, const char *dir, const char *name,
                    enum sg_profile_variant variant, struct sg_error *err);
void sg_profile_done(struct sg_profile *p);

#endif
