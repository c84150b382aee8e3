/* world.h: a host that is made of a few files below a directory. */
#ifndef SG_TESTS_UNIT_FCGI_DOCTOR_WORLD_H
#define SG_TESTS_UNIT_FCGI_DOCTOR_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/fd.h"
#include "fcgi/doctor/doctor.h"

static char world_top[] = "/tmp/sandgate-test-doctor.XXXXXX";

/* Everybody may enter it: some look at it as ordinary users. */
static inline void world_make(struct sg_doctor *d)
{
    memcpy(strrchr(world_top, '.') + 1, "XXXXXX", 6);
    assert_non_null(mkdtemp(world_top));
    assert_int_equal(chmod(world_top, 0755), 0);
    assert_int_equal(sg_doctor_init(d, world_top), 0);
    d->check = "test";
}

/* Room for the path of something in it, its directories made. */
static inline void world_path(const char *path, char *ret, size_t n)
{
    snprintf(ret, n, "%s/%s", world_top, path);
    for (char *slash = ret + strlen(world_top) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(ret, 0755);
        *slash = '/';
    }
}

static inline void world_put_bytes(const char *path, const char *bytes, size_t n)
{
    char whole[400];
    world_path(path, whole, sizeof whole);
    sg_autofd int fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    assert_true(fd >= 0 && sg_fd_write_all(fd, bytes, n) == 0);
}

static inline void world_put(const char *path, const char *text)
{
    world_put_bytes(path, text, strlen(text));
}

static inline int world_remove_one(const char *path, const struct stat *st, int kind,
                                   struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static inline void world_remove(struct sg_doctor *d)
{
    sg_doctor_done(d);
    nftw(world_top, world_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
