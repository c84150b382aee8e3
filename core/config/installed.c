/* Which of the runtimes that may be left out have an interpreter here. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/config/runtimes.h"

/* Links of an image name places of the image: hence RESOLVE_IN_ROOT, and not access(2). */
static bool is_there(int root, const char *path)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    sg_autofd int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    /* Whatever else is wrong with it, the trial run tells. */
    return fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* Behind the others, which keep their order. */
static void set_aside(struct sg_runtimes *rts, size_t i)
{
    struct sg_runtime rt = rts->v[i];
    size_t behind = rts->n + rts->left_out - i - 1;
    memmove(&rts->v[i], &rts->v[i + 1], behind * sizeof rt);
    rts->v[i + behind] = rt;
    rts->n--;
    rts->left_out++;
}

size_t sg_runtimes_leave_out(struct sg_runtimes *rts, const char *root)
{
    size_t before = rts->n;
    sg_autofd int at = open(root && *root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; at >= 0 && i < rts->n;) {
        if (!rts->v[i].optional || is_there(at, sg_runtime_program(&rts->v[i])))
            i++;
        else
            set_aside(rts, i);
    }
    return before - rts->n;
}

size_t sg_runtimes_for_images(struct sg_runtimes *rts)
{
    size_t before = rts->n;
    rts->for_images = true;
    for (size_t i = 0; i < rts->n;) {
        struct sg_runtime *rt = &rts->v[i];
        if (!rt->image) {
            set_aside(rts, i);
            continue;
        }
        if (rt->image_command.n > 0) { /* of what is compiled it is the compiler's */
            struct sg_strings *hosts = rt->compile.n > 0 ? &rt->compile : &rt->command;
            sg_strings_done(hosts);
            *hosts = rt->image_command;
            rt->image_command = (struct sg_strings){0};
        }
        if (strcmp(rt->start, "template") == 0) /* a container holds one interpreter */
            sg_str_copy(rt->start, sizeof rt->start, "ahead");
        i++;
    }
    return before - rts->n;
}

const struct sg_runtime *sg_runtimes_left_out(const struct sg_runtimes *rts, const char *name)
{
    for (size_t i = rts->n; i < rts->n + rts->left_out; i++) {
        if (sg_runtime_answers_to(&rts->v[i], name))
            return &rts->v[i];
    }
    return NULL;
}
