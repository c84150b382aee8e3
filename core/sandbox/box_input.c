/* The program's stdin as a file of the box itself, on a mount that nothing can be executed from: a
   memfd is on none, so the dynamic loader, or dlopen(3), would map code that came as input. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/model/limits.h"

int sg_box_input_open(const char *place, int *ret_writer)
{
    const int flags = O_NOFOLLOW | O_CLOEXEC;
    sg_autofd int writer = open(place, flags | O_CREAT | O_EXCL | O_WRONLY, 0400);
    sg_autofd int reader = writer < 0 ? -1 : open(place, flags | O_RDONLY);
    if (reader < 0 || unlink(place) < 0)
        return -errno;
    *ret_writer = SG_TAKE_FD(writer);
    return SG_TAKE_FD(reader);
}

int sg_box_input_make(const struct sg_program_plan *p, bool own, int *ret_writer)
{
    int reader = sg_box_input_open("/tmp/stdin", ret_writer);
    if (reader >= 0 && own && fchown(*ret_writer, p->uid, p->gid) < 0)
        reader = -errno;
    if (reader < 0)
        sg_box_fail(SG_STEP_STDIO, -reader, "making the program's stdin");
    return reader;
}

void sg_box_input_fill(int writer, int from)
{
    const char *data;
    size_t n;
    int r = sg_fd_map(from, SG_STDIN_BYTES_MAX, &data, &n);
    if (r == 0 && n > 0) { /* mostly there is none, and somebody waits */
        r = sg_fd_write_all(writer, data, n);
        munmap((void *)(uintptr_t)data, n);
    }
    if (r < 0)
        sg_box_fail(SG_STEP_STDIO, -r, "filling the program's stdin");
}
