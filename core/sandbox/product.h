/*
 * product.h: what a compilation leaves, on its way from the box that made it to the box that runs
 * it.
 *
 *     int fd = sg_product_memfd();                          // executor, before the compiler starts
 *     found = sg_product_copy(tmp, "product", most, fd);    // pid 1, when nobody else is left
 *     found = sg_product_seal(fd, most);                    // executor: from now on nobody can
 * change it
 *
 * Theory. The places that a program can write are noexec, so what runs in a box must come into it
 * in another way: as a sealed memfd that the program's process executes by its descriptor, in its
 * one execve. It has no name in the box, and the profile has no memfd_create, so nothing that the
 * program writes can follow it. The compiler is told a path (SG_PLAN_PRODUCT_PATH) and knows
 * nothing of that; pid 1 copies the file after the last process has ended, through a directory that
 * it has opened before there was one. What lies there is whatever the compiler, which may have been
 * taken over by what it compiles, wants it to be: hence openat2(2) that follows nothing, no waiting
 * on FIFOs, no more bytes than allowed; and the kernel's loader gets nothing but ELF of this
 * machine.
 */
#ifndef SG_SANDBOX_PRODUCT_H
#define SG_SANDBOX_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/outcome.h"

/* An empty memfd that may be executed (MFD_EXEC, Linux 6.3, where the kernel has it). The caller's;
   -errno: -EACCES where vm.memfd_noexec forbids it. memfd_create(2) */
int sg_product_memfd(void);

/* Where the bytes of a product go, in portions of at most SG_PRODUCT_STEP. put: 0, or negative:
   there is no room for them. */
#define SG_PRODUCT_STEP 65536u
struct sg_product_sink {
    int (*put)(void *arg, const void *bytes, size_t n);
    void *arg;
};

/* Hands on the file of that name in the directory, which nobody can change any more. TAKEN, or what
   is wrong with it; then what has been handed on is nothing. */
enum sg_product sg_product_read(int dir, const char *name, uint64_t most,
                                const struct sg_product_sink *to);
/* The same into a memfd. */
enum sg_product sg_product_copy(int dir, const char *name, uint64_t most, int to);

/* Seals it, and looks whether it is a program. TAKEN, TOO_LARGE or FOREIGN; MISSING when it cannot
   be sealed. */
enum sg_product sg_product_seal(int fd, uint64_t most);

/* Is it ELF of this machine, as far as its head tells? */
bool sg_product_is_program(int fd);

#endif
