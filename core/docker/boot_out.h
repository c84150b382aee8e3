/*
 * boot_out.h: the standard output of sandgate-boot, without a wait of pid 1 for whoever reads it.
 *
 * A slow reader of a streamed run fills the pipes between us and the executor. Pid 1 then leaves
 * the program's output where it is, and goes on to watch its end, its CPU time and the executor.
 *
 *     sg_boot_out_begin();
 *     if (!sg_boot_out_is_full()) sg_boot_out_put(SG_BOOT_OUT, bytes, n);
 *     poll(2) on descriptor 1 while it is full; sg_boot_out_flush();
 *     sg_boot_out_put(SG_BOOT_END, &end, sizeof end); sg_boot_out_wait();
 *
 * Whoever should read is gone when nothing can be written: then pid 1 ends.
 */
#ifndef SG_DOCKER_BOOT_OUT_H
#define SG_DOCKER_BOOT_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/docker/boot.h"

void sg_boot_out_begin(void);
/* A frame of at most SG_BOOT_CHUNK bytes. While it is full this waits. */
void sg_boot_out_put(enum sg_boot_kind kind, const void *body, size_t n);
/* Is something of the last frame not taken yet? */
bool sg_boot_out_is_full(void);
/* Writes what is taken now. */
void sg_boot_out_flush(void);
/* Writes all of it. */
void sg_boot_out_wait(void);

#endif
