/*
 * answer_files.h: the files that a run gives back as members of its document.
 *
 *     sg_answer_put_files(&j, files, false);     // "files": [...], "files_omitted": {...}
 */
#ifndef SG_FCGI_ANSWER_FILES_H
#define SG_FCGI_ANSWER_FILES_H

#include <stdbool.h>

#include "core/ipc/files.h"
#include "fcgi/json.h"

/* Into an open object. files: as opened, not read; NULL: none, and nothing left out. told: the
   files have gone to the client already, so "files" is left out. */
void sg_answer_put_files(struct sg_json *j, const struct sg_files *files, bool told);

/* The same members where nothing ran: null. */
void sg_answer_put_no_files(struct sg_json *j, bool told);

/* One file as an object: path, size, content, encoding, media_type. */
void sg_answer_put_file(struct sg_json *j, const struct sg_file_out *file);

#endif
