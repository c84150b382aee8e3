/* The files that come back out of a container: bytes that are counted and passed on, no more. */
#include "core/docker/internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/ipc/files.h"

static int out_of_turn(struct sg_error *err)
{
    return sg_error_set(err, SG_E_PROTOCOL, "the container sent files that do not fit");
}

static int take_bytes(struct container *c, const void *data, size_t n, struct sg_error *err)
{
    if (c->files_at > SG_FILES_BLOB_MAX - n)
        return out_of_turn(err);
    if (c->files < 0)
        c->files = sg_memfd_open("sandgate-files");
    ssize_t w = c->files < 0 ? -1 : pwrite(c->files, data, n, (off_t)c->files_at);
    if (w != (ssize_t)n)
        return sg_error_set(err, -ENOMEM, "no memory for the files of the program");
    c->files_at += n;
    return 0;
}

static int take_end(struct container *c, uint64_t size, struct sg_error *err)
{
    if (c->files < 0 || size > SG_FILES_BLOB_MAX)
        return out_of_turn(err);
    if (ftruncate(c->files, (off_t)size) < 0 || sg_memfd_seal(c->files) < 0)
        return sg_error_errno(err, errno, "sealing the files of the program");
    c->files_whole = true;
    return 0;
}

int files_frame(struct container *c, enum sg_boot_kind kind, const void *data, size_t n,
                struct sg_error *err)
{
    struct sg_boot_files f = {0};
    if (!c->run || !c->ended || c->files_whole)
        return out_of_turn(err);
    if (kind == SG_BOOT_FILES)
        return take_bytes(c, data, n, err);
    memcpy(&f, data, sizeof f);
    if (kind == SG_BOOT_FILES_END)
        return take_end(c, f.at, err);
    c->files_at = f.at;
    return 0;
}

/* The whole of the working directory has not been looked at. */
static int not_searched(void)
{
    struct {
        struct sg_files_head head;
        struct sg_files_omitted omitted;
    } blob = {
        .head = {.magic = SG_FILES_MAGIC, .nomitted = 1, .omitted = 1, .data_at = sizeof blob},
        .omitted = {.reason = SG_OMISSION_UNSEEN}};
    return sg_memfd_sealed("sandgate-files", &blob, sizeof blob);
}

int files_take(struct container *c, bool at_end)
{
    if (c->files_whole)
        return SG_TAKE_FD(c->files);
    if (at_end || sg_output_is_none(&c->run->request.output))
        return -1;
    int fd = not_searched();
    return fd < 0 ? -1 : fd;
}
