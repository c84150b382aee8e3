/* files.c: the files that a run gives back, read by the worker. */
#include "core/ipc/files.h"

#include <string.h>

#include "core/model/job.h"

size_t sg_files_data_at(uint32_t nfiles)
{
    return sizeof(struct sg_files_head) + nfiles * sizeof(struct sg_files_row) +
           SG_FILES_OMITTED_MAX * sizeof(struct sg_files_omitted);
}

static size_t omitted_at(const struct sg_files_head *h)
{
    return sizeof *h + h->nfiles * sizeof(struct sg_files_row);
}

static void row_at(const char *data, uint32_t i, struct sg_files_row *ret)
{
    memcpy(ret, data + sizeof(struct sg_files_head) + i * sizeof *ret, sizeof *ret);
}

static int bad(struct sg_error *err, const char *what)
{
    return sg_error_set(err, SG_E_INVALID, "files of the run: %s", what);
}

static int check_head(const struct sg_files_head *h, size_t n, struct sg_error *err)
{
    if (h->magic != SG_FILES_MAGIC || h->full > 1)
        return bad(err, "this is none");
    if (h->nfiles > SG_OUTPUT_FILES_MAX || h->nomitted > SG_FILES_OMITTED_MAX ||
        h->omitted < h->nomitted)
        return bad(err, "too many");
    if (h->data_at > n ||
        h->data_at < omitted_at(h) + h->nomitted * sizeof(struct sg_files_omitted))
        return bad(err, "rows that do not fit");
    return 0;
}

static int check_rows(const struct sg_files_head *h, const char *data, size_t n,
                      struct sg_error *err)
{
    struct sg_files_row row;
    size_t left = n - (size_t)h->data_at;
    for (uint32_t i = 0; i < h->nfiles; i++) {
        row_at(data, i, &row);
        if (!memchr(row.path, 0, sizeof row.path) || sg_path_check(row.path))
            return bad(err, "a path that is none");
        if (row.size > left)
            return bad(err, "a file that is not there");
        left -= (size_t)row.size;
    }
    return left == 0 ? 0 : bad(err, "bytes too many");
}

static int check_omitted(const struct sg_files_head *h, const char *data, struct sg_error *err)
{
    struct sg_files_omitted o;
    for (uint32_t i = 0; i < h->nomitted; i++) {
        memcpy(&o, data + omitted_at(h) + i * sizeof o, sizeof o);
        if (!memchr(o.path, 0, sizeof o.path) || o.reason >= SG_OMISSION_COUNT)
            return bad(err, "an omission that is none");
    }
    return 0;
}

int sg_files_open(struct sg_files *f, const void *data, size_t n, struct sg_error *err)
{
    struct sg_files_head h;
    if (n < sizeof h || n > SG_FILES_BLOB_MAX)
        return bad(err, "too short or too long");
    memcpy(&h, data, sizeof h);
    int rc = check_head(&h, n, err);
    if (rc == 0)
        rc = check_rows(&h, data, n, err);
    if (rc == 0)
        rc = check_omitted(&h, data, err);
    if (rc == 0)
        *f = (struct sg_files){.head = h, .data = data, .n = n, .at = (size_t)h.data_at};
    return rc;
}

int sg_files_next(struct sg_files *f, struct sg_file_out *ret)
{
    struct sg_files_row row;
    if (f->done >= f->head.nfiles)
        return 0;
    row_at(f->data, f->done++, &row);
    memcpy(ret->path, row.path, sizeof ret->path);
    ret->content = (struct sg_span){f->data + f->at, (size_t)row.size};
    f->at += (size_t)row.size;
    return 1;
}

void sg_files_omitted_at(const struct sg_files *f, uint32_t i, struct sg_files_omitted *ret)
{
    memcpy(ret, f->data + omitted_at(&f->head) + i * sizeof *ret, sizeof *ret);
}
