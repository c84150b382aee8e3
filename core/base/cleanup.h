/*
 * cleanup.h: clean-up attributes, so that every return path releases what it holds.
 *
 *     sg_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);   // closed at the end of the scope
 *     sg_autofree char *text = strdup("x");                  // freed at the end of the scope
 *     sg_auto(sg_buf) struct sg_buf out = {0};               // sg_buf_done(&out)
 *     return SG_TAKE_FD(fd);                                 // ownership leaves visibly
 */
#ifndef SG_BASE_CLEANUP_H
#define SG_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>
#include <errno.h>

/* Closes *fd when it is a descriptor, keeps errno, sets it to -1. */
static inline void sg_fd_close(int *fd)
{
    if (*fd >= 0) {
        int saved = errno;
        close(*fd);
        errno = saved;
    }
    *fd = -1;
}

static inline void sg_cleanup_free(void *p)
{
    void **pp = p;
    free(*pp);
    *pp = NULL;
}

#define sg_autofree   __attribute__((cleanup(sg_cleanup_free)))
#define sg_autofd     __attribute__((cleanup(sg_fd_close)))
#define sg_auto(type) __attribute__((cleanup(type##_done)))

#define SG_TAKE(p)                                                                                 \
    __extension__({                                                                                \
        __auto_type sg_taken_ = (p);                                                               \
        (p) = NULL;                                                                                \
        sg_taken_;                                                                                 \
    })
#define SG_TAKE_FD(fd)                                                                             \
    __extension__({                                                                                \
        int sg_taken_ = (fd);                                                                      \
        (fd) = -1;                                                                                 \
        sg_taken_;                                                                                 \
    })

#define SG_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
