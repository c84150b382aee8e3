#include "core/docker/tar.h"

#include <stdio.h>
#include <string.h>

#include "core/base/str.h"

#define BLOCK 512

struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
    char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "one block");

static void add(struct sg_buf *out, const char *name, char type, unsigned mode, size_t size)
{
    struct header h;
    memset(&h, 0, sizeof h);
    if (sg_str_copy(h.name, sizeof h.name, name) < 0)
        out->failed = true;
    snprintf(h.mode, sizeof h.mode, "%07o", mode);
    snprintf(h.uid, sizeof h.uid, "%07o", 0u);
    snprintf(h.gid, sizeof h.gid, "%07o", 0u);
    snprintf(h.size, sizeof h.size, "%011zo", size);
    snprintf(h.mtime, sizeof h.mtime, "%011o", 0u);
    h.type = type;
    memcpy(h.magic, "ustar", sizeof h.magic);
    memcpy(h.version, "00", sizeof h.version);
    memset(h.checksum, ' ', sizeof h.checksum);
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof h; i++)
        sum += ((const unsigned char *)&h)[i];
    snprintf(h.checksum, sizeof h.checksum, "%06o", sum);
    sg_buf_append(out, &h, sizeof h);
}

static void pad(struct sg_buf *out, size_t n)
{
    static const char zeros[2 * BLOCK];
    sg_buf_append(out, zeros, n);
}

void sg_tar_file(struct sg_buf *out, const char *name, unsigned mode, const void *data, size_t n)
{
    add(out, name, '0', mode, n);
    sg_buf_append(out, data, n);
    pad(out, (BLOCK - n % BLOCK) % BLOCK);
}

void sg_tar_dir(struct sg_buf *out, const char *name, unsigned mode)
{
    add(out, name, '5', mode, 0);
}

void sg_tar_end(struct sg_buf *out)
{
    pad(out, (size_t)2 * BLOCK);
}
