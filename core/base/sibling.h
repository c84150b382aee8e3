/*
 * sibling.h: where the other programs of this build are.
 *
 * A program that was started from a build tree (a file .sandgate-build-tree stands beside it) takes
 * the others from there; otherwise from where they are installed. Nothing in the environment can
 * change it.
 */
#ifndef SG_BASE_SIBLING_H
#define SG_BASE_SIBLING_H

#include <stddef.h>

/* Writes the path of program name; installed_dir is where `make install` puts it. 0 or -errno. */
int sg_sibling_path(const char *name, const char *installed_dir, char *ret, size_t n);

#endif
