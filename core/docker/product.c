/* What is compiled: out of the container of the compiler, and into that of the run. */
#include "core/docker/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/sandbox/product.h"

/* Of the container's memory: for what else is in it before the program runs. */
#define MEMORY_BESIDE (4u << 20)

/* In the container it lies in a memfd, hence in the memory of the run. */
static int check_to_run(const struct sg_run *run, struct sg_error *err)
{
    ssize_t n = sg_memfd_check(run->product_fd, SG_PRODUCT_BYTES_MAX);
    if (n < 0)
        return sg_error_set(err, SG_E_INTERNAL, "what the worker sent has changed");
    if (!sg_product_is_program(run->product_fd))
        return sg_error_set(err, SG_E_INVALID,
                            "what is to be executed is no program of this machine");
    if ((uint64_t)n + MEMORY_BESIDE > run->request.limits.memory_bytes)
        return sg_error_set(err, SG_E_INVALID,
                            "the memory limit is too small for the program, which has %zd bytes",
                            n);
    return 0;
}

/* Nothing is executed here: it is a file like any other. */
int product_prepare(struct sg_run *run, struct sg_error *err)
{
    if (run->runtime->compile.n == 0)
        return 0;
    if (run->request.stage == SG_JOB_RUN)
        return check_to_run(run, err);
    run->product_fd = sg_memfd_open("sandgate-product");
    return run->product_fd < 0 ? sg_error_errno(err, -run->product_fd, "a memfd") : 0;
}

static uint64_t most_of(const struct container *c)
{
    uint64_t file = c->limits_of_run.file_bytes;
    return file < SG_PRODUCT_BYTES_MAX ? file : SG_PRODUCT_BYTES_MAX;
}

int product_frame(struct container *c, const void *data, size_t n, struct sg_error *err)
{
    if (!c->run || c->stage != SG_JOB_COMPILE || !c->ended || n > most_of(c) - c->product_bytes)
        return sg_error_set(err, SG_E_PROTOCOL, "the container sent a program out of turn");
    int r = sg_fd_write_all(c->run->product_fd, data, n);
    if (r < 0)
        return sg_error_errno(err, -r, "keeping what has been compiled");
    c->product_bytes += n;
    return 0;
}

enum sg_product product_take(struct container *c, const struct sg_boot_end *end,
                             const struct sg_outcome *o)
{
    if (c->stage != SG_JOB_COMPILE || o->reason != SG_REASON_EXITED)
        return SG_PRODUCT_NONE;
    if (end->product != SG_PRODUCT_TAKEN)
        return end->product < SG_PRODUCT_COUNT ? end->product : SG_PRODUCT_MISSING;
    return sg_product_seal(c->run->product_fd, SG_PRODUCT_BYTES_MAX);
}
