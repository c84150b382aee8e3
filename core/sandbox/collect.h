/*
 * collect.h: takes files out of a directory that foreign code has had for itself.
 *
 * Theory of operation. Nobody who could change the tree lives any more, or can run; and nothing
 * rests on that. The directory's descriptor was opened before there was any foreign code, so no
 * path of a box is ever looked up from outside. From it the tree is walked name by name, without
 * following links or leaving the file system (openat2(2): RESOLVE_BENEATH, NO_SYMLINKS,
 * NO_MAGICLINKS, NO_XDEV), without waiting (O_NONBLOCK), and what has been opened is looked at
 * before it is read (fstat: a regular file, of one name). First the whole tree is searched and the
 * first files by name are remembered, then they are copied into a memfd (core/ipc/files.h). All of
 * it is bounded: depth, entries, files, bytes, time. What is left out is counted and, the first of
 * it, named.
 *
 * It goes on in portions, so that who has an event loop can turn to it in between:
 *
 *     struct sg_collect *c = sg_collect_new(dir, &rules, &limits);      // dir is taken over
 *     while (!sg_collect_step(c, sg_now_us() + 1000)) ...
 *     r = sg_collect_take(c, &fd);
 *     sg_collect_free(c);
 */
#ifndef SG_SANDBOX_COLLECT_H
#define SG_SANDBOX_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/model/output.h"

struct sg_collect;

/* Where what is found goes, instead of a memfd of its own: bytes at a place, in any order, 0 or
   -errno; what lies past the size that sg_collect_finish tells counts for nothing. */
struct sg_collect_sink {
    int (*write)(void *arg, const void *data, size_t n, uint64_t at);
    void *arg;
};

/* dir: readable and not read yet; owned from now on, on failure too. rules are copied. NULL: no
   memory. */
struct sg_collect *sg_collect_new(int dir, const struct sg_output_rules *rules,
                                  const struct sg_output_limits *limits);
/* Before the first step. */
void sg_collect_into(struct sg_collect *c, const struct sg_collect_sink *sink);
/* Goes on until that time (CLOCK_MONOTONIC), a little longer, or the end. True: that was all. */
bool sg_collect_step(struct sg_collect *c, int64_t until_us);
/* The first half of it at once: from then on no new file is found. */
void sg_collect_search(struct sg_collect *c);
/* What was found: 0 and a sealed memfd (the caller's), or -1 where there is no file and nothing is
   left out; -errno. Once, after the last step. */
int sg_collect_take(struct sg_collect *c, int *ret_fd);
/* The same into a sink: 0 and the size of it all (0: nothing was found), or -errno. */
int sg_collect_finish(struct sg_collect *c, uint64_t *ret_size);
void sg_collect_free(struct sg_collect *c);

#endif
