/* files.h: a directory for the files that a test has read, named in expected texts as "D". */
#ifndef SG_TESTS_CONFIG_FILES_H
#define SG_TESTS_CONFIG_FILES_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"

static char files_dir[] = "/tmp/sandgate-test-config.XXXXXX";

static int files_begin(void **state)
{
    (void)state;
    memcpy(strrchr(files_dir, '.') + 1, "XXXXXX", 6);
    return mkdtemp(files_dir) ? 0 : -1;
}

static void files_remove(void)
{
    char path[600];
    DIR *d = opendir(files_dir);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        snprintf(path, sizeof(path), "%s/%s", files_dir, e->d_name);
        if (e->d_name[0] != '.' || strlen(e->d_name) > 2)
            unlink(path);
    }
    if (d)
        closedir(d);
}

static int files_end(void **state)
{
    (void)state;
    files_remove();
    return rmdir(files_dir);
}

/* The path of a file; valid until the next call. */
static inline const char *file_path(const char *name)
{
    static char path[600];
    snprintf(path, sizeof(path), "%s/%s", files_dir, name);
    return path;
}

static inline const char *file_put(const char *name, const char *text, size_t n)
{
    const char *path = file_path(name);
    sg_autofd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || sg_fd_write_all(fd, text, n) < 0)
        abort();
    return path;
}

/* text with "D/" for the directory: what an expected text looks like. */
static inline void file_relative(char *out, size_t n, const char *text)
{
    const char *at = strstr(text, files_dir);
    if (at)
        snprintf(out, n, "%.*sD%s", (int)(at - text), text, at + strlen(files_dir));
    else
        snprintf(out, n, "%s", text);
}

#endif
