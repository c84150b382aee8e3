/*
 * boot_leaves.h: what a run leaves in its container, on its way to the executor: the files that
 * come back, and what a compiler has made. Taken when nobody but pid 1 is left.
 *
 *     int workdir = sg_boot_keep("/work", O_RDONLY);      before there is a program
 *     sg_boot_pass_files(workdir, &order);                when it has ended
 */
#ifndef SG_DOCKER_BOOT_LEAVES_H
#define SG_DOCKER_BOOT_LEAVES_H

#include <stdint.h>

#include "core/docker/boot.h"
#include "core/model/outcome.h"

/* A directory as it is now, whatever its path names later; flags: O_RDONLY or O_PATH. Its number is
   out of the way of those that are put into their place. The caller's; -1 with errno. */
int sg_boot_keep(const char *path, int flags);
/* Passes on what the order asks for, and closes the directory. 0, or -ENOMEM: nothing. */
int sg_boot_pass_files(int workdir, const struct sg_boot_order *order);
/* Passes on SG_PLAN_PRODUCT_NAME of that directory, of at most so many bytes. TAKEN, or what is
   wrong with it: then what has been passed on is nothing. */
enum sg_product sg_boot_pass_product(int dir, uint64_t most);

#endif
