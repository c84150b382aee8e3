/* fuzz.h: what a fuzz entry defines; libFuzzer or seeds.c calls it. Always returns 0. */
#ifndef SG_TESTS_FUZZ_H
#define SG_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
