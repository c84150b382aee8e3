/* sibling.c: see sibling.h */
#include "core/base/sibling.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The directory of our own executable, without a slash at its end. 0 or -errno. */
static int own_directory(char *ret, size_t n)
{
    ssize_t len = readlink("/proc/self/exe", ret, n);
    if (len < 0)
        return -errno;
    if ((size_t)len >= n)
        return -ENAMETOOLONG;
    ret[len] = '\0';
    char *slash = strrchr(ret, '/');
    if (!slash)
        return -ENOENT;
    *slash = '\0';
    return 0;
}

int sg_sibling_path(const char *name, const char *installed_dir, char *ret, size_t n)
{
    char dir[PATH_MAX], mark[PATH_MAX + 32];
    int len = -1;
    if (own_directory(dir, sizeof dir) == 0) {
        snprintf(mark, sizeof mark, "%s/.sandgate-build-tree", dir);
        if (access(mark, F_OK) == 0)
            len = snprintf(ret, n, "%s/%s", dir, name);
    }
    if (len < 0)
        len = snprintf(ret, n, "%s/%s", installed_dir, name);
    return len < 0 || (size_t)len >= n ? -ENAMETOOLONG : 0;
}
