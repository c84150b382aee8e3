/* boot_leaves.c: see boot_leaves.h */
#include "core/docker/boot_leaves.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/docker/boot_out.h"
#include "core/sandbox/collect.h"
#include "core/sandbox/product.h"

#define FD_LEAST 64

int sg_boot_keep(const char *path, int flags)
{
    sg_autofd int fd = open(path, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FD_LEAST);
}

static int put_files(void *arg, const void *data, size_t n, uint64_t at)
{
    const char *bytes = data;
    (void)arg;
    sg_boot_out_put(SG_BOOT_FILES_AT, &(struct sg_boot_files){at}, sizeof(struct sg_boot_files));
    for (size_t part; n > 0; bytes += part, n -= part) {
        part = n < SG_BOOT_CHUNK ? n : SG_BOOT_CHUNK;
        sg_boot_out_put(SG_BOOT_FILES, bytes, part);
    }
    return 0;
}

int sg_boot_pass_files(int workdir, const struct sg_boot_order *order)
{
    const struct sg_collect_sink sink = {put_files, NULL};
    sg_autofd int dir = workdir;
    uint64_t size;
    if (sg_output_is_none(&order->output) || sg_output_check(&order->output) < 0)
        return 0;
    struct sg_collect *c = sg_collect_new(SG_TAKE_FD(dir), &order->output, &order->output_limits);
    if (!c)
        return -ENOMEM;
    sg_collect_into(c, &sink);
    sg_collect_step(c, INT64_MAX);
    if (sg_collect_finish(c, &size) == 0 && size > 0)
        sg_boot_out_put(SG_BOOT_FILES_END, &(struct sg_boot_files){size},
                        sizeof(struct sg_boot_files));
    sg_collect_free(c);
    return 0;
}

static int put_product(void *arg, const void *bytes, size_t n)
{
    _Static_assert(SG_PRODUCT_STEP <= SG_BOOT_CHUNK, "a step is a frame");
    (void)arg;
    sg_boot_out_put(SG_BOOT_PRODUCT, bytes, n);
    return 0;
}

enum sg_product sg_boot_pass_product(int dir, uint64_t most)
{
    const struct sg_product_sink sink = {put_product, NULL};
    return sg_product_read(dir, SG_PLAN_PRODUCT_NAME, most, &sink);
}
