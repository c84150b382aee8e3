/*
 * beneath.h: opens what lies in a directory that foreign code has had for itself, and only that:
 * openat2(2) with RESOLVE_BENEATH, NO_SYMLINKS, NO_MAGICLINKS and NO_XDEV. Nothing is waited for,
 * so a FIFO does not hold the caller up.
 *
 *     sg_autofd int fd = sg_beneath_file(dir, "a/b.png", 4096);
 */
#ifndef SG_SANDBOX_BENEATH_H
#define SG_SANDBOX_BENEATH_H

#include <stdint.h>

/* To be read (the caller's), or -1: it is not there, may not be read, or is no regular file of one
   name and that size. path: relative, at most SG_PATH_MAX bytes. */
int sg_beneath_file(int dir, const char *path, uint64_t size);
/* The same of a directory. */
int sg_beneath_folder(int dir, const char *path);
/* Whatever kind it is, with the rights that it has: the caller looks at it (fstat(2)). -1 with
   errno. */
int sg_beneath_any(int dir, const char *path);

#endif
