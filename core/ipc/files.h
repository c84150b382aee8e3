/*
 * files.h: the files that a run gives back, as bytes in a sealed memfd that comes with RESULT.
 *
 * Written by whoever collects them (core/sandbox/collect.h), read by the worker only, who takes
 * none of it for granted. Host order: struct sg_files_head, nfiles times struct sg_files_row,
 * nomitted times struct sg_files_omitted; from data_at to the end the bytes of the files, in the
 * order of their rows.
 *
 *     struct sg_files f;
 *     if (sg_files_open(&f, data, n, &err) < 0) ...
 *     while (sg_files_next(&f, &file) > 0) ...
 *     for (i = 0; i < f.head.nomitted; i++) sg_files_omitted_at(&f, i, &omitted);
 */
#ifndef SG_IPC_FILES_H
#define SG_IPC_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/ipc/payload.h"
#include "core/model/output.h"

#define SG_FILES_MAGIC       0x53464753u /* "SGFS" */
#define SG_FILES_OMITTED_MAX 32          /* that are named; all of them are counted */
#define SG_FILES_BLOB_MAX    (SG_OUTPUT_BYTES_MAX + (1u << 20))

struct sg_files_head {
    uint32_t magic, nfiles, nomitted;
    uint32_t full;    /* 1: one of them, or of those left out, is as large as a file may be */
    uint64_t omitted; /* in all */
    uint64_t data_at;
};
struct sg_files_row {
    char path[SG_PATH_MAX + 1];
    uint64_t size;
};
struct sg_files_omitted {
    char path[SG_PATH_MAX + 1]; /* any bytes; "": the working directory itself */
    uint32_t reason;            /* enum sg_omission */
    uint32_t reserved;
};

/* Room for the rows of so many files, and of all that can be named as omitted. */
size_t sg_files_data_at(uint32_t nfiles);

struct sg_files {
    struct sg_files_head head;
    const char *data; /* borrowed */
    size_t n, at;     /* at: bytes of the next file */
    uint32_t done;
};
struct sg_file_out {
    char path[SG_PATH_MAX + 1]; /* passed sg_path_check */
    struct sg_span content;
};

/* Checks the whole of it before the first item is handed out. 0 or SG_E_INVALID. */
int sg_files_open(struct sg_files *f, const void *data, size_t n, struct sg_error *err);
/* Next file, 1; 0 when there are no more. */
int sg_files_next(struct sg_files *f, struct sg_file_out *ret);
/* index below head.nomitted */
void sg_files_omitted_at(const struct sg_files *f, uint32_t index, struct sg_files_omitted *ret);

#endif
