/*
 * template_library.h: parts of sandgate-template.so, which lives in an interpreter. See template.h.
 *
 *   template_open.c    start, and the calls that it stands in front of
 *   template_serve.c   waiting for boxes, cloning, giving up, waiting for GO
 *   template_python.c  what CPython needs beyond that
 */
#ifndef SG_SANDBOX_TEMPLATE_LIBRARY_H
#define SG_SANDBOX_TEMPLATE_LIBRARY_H

#include <stdbool.h>
#include <stdio.h>

#include "core/sandbox/template.h"

/* What an interpreter needs around the clone; any may be NULL. */
struct sg_template_adapter {
    void (*prepare)(
        const struct sg_template_plan *plan); /* in the template, once; fails the template itself */
    void (*before_clone)(void);               /* in the template */
    void (*after_clone)(bool in_clone);
    void (*warm_up)(
        void); /* in the clone, while it waits for nobody: touches what programs touch */
    /* In the clone, after GO: runs the program to its end and does not return. NULL: the call that
       was stood in front of returns. file: the program, opened; owned. */
    void (*run)(FILE *file, const char *path) __attribute__((noreturn));
};

/* Tells the executor which directories a template depends on (lines of absolute paths). */
void sg_template_watch(const char *directories);

/* NULL: this process is no CPython. */
const struct sg_template_adapter *sg_template_python(void);

/* The template's life: returns in a clone that was told to GO, never in the template. */
void sg_template_serve(const struct sg_template_plan *plan, const struct sg_program_plan *program,
                       const struct sg_template_adapter *adapter);

#endif
