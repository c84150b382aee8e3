/*
 * answer_files.h: the files that a run gives back as members of its document.
 *
 *     sg_answer_put_files(&j, files);     // "files": [...], "files_omitted": {...}
 */
#ifndef SG_FCGI_ANSWER_FILES_H
#define SG_FCGI_ANSWER_FILES_H

#include "core/ipc/files.h"
#include "fcgi/json.h"

/* Into an open object. files: as opened, not read; NULL: none, and nothing left out. */
void sg_answer_put_files(struct sg_json *j, const struct sg_files *files);

/* Both members, null. */
void sg_answer_put_no_files(struct sg_json *j);

/* One file as an object: path, size, content, encoding, media_type. */
void sg_answer_put_file(struct sg_json *j, const struct sg_file_out *file);

#endif
