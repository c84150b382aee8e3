#include "core/sandbox/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/model/limits.h"

#define OPEN_FLAGS   (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define FOLDER_FLAGS (OPEN_FLAGS | O_DIRECTORY)

/* Where there is no openat2 (gVisor has none) one name after the other comes to the same, but for
   other file systems, and of those there are none below the directory. */
static int open_name_by_name(int dir, const char *path, int flags)
{
    char names[SG_PATH_MAX + 1], *save = NULL;
    sg_autofd int held = -1;
    int at = dir;
    memcpy(names, path, strlen(path) + 1);
    char *name = strtok_r(names, "/", &save);
    for (char *next; name && (next = strtok_r(NULL, "/", &save)); name = next) {
        int fd = openat(at, name, FOLDER_FLAGS | O_CLOEXEC);
        if (fd < 0)
            return -1;
        sg_fd_close(&held);
        held = at = fd;
    }
    return name ? openat(at, name, flags | O_CLOEXEC) : -1;
}

static int open_once(int dir, const char *path, int flags)
{
    struct open_how how = {.flags = (unsigned)flags,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                                      RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
    int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
    return fd < 0 && (errno == ENOSYS || errno == EPERM) ? open_name_by_name(dir, path, flags) : fd;
}

/* In a container nobody has more rights than the program had; but who owns a file may give himself
   the right to read it. By what has been opened, not by its name. */
static bool make_readable(int dir, const char *path)
{
    char self[32];
    struct stat st;
    if (fchmod(dir, 0700) < 0)
        return false;
    sg_autofd int fd = open_once(dir, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        return false;
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return chmod(self, 0700) == 0;
}

static int open_beneath(int dir, const char *path, int flags)
{
    int fd = open_once(dir, path, flags);
    return fd < 0 && errno == EACCES && make_readable(dir, path) ? open_once(dir, path, flags) : fd;
}

int sg_beneath_file(int dir, const char *path, uint64_t size)
{
    struct stat st;
    sg_autofd int fd = open_beneath(dir, path, OPEN_FLAGS);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1 ||
        (uint64_t)st.st_size != size)
        return -1;
    return SG_TAKE_FD(fd);
}

int sg_beneath_any(int dir, const char *path)
{
    return open_once(dir, path, OPEN_FLAGS);
}

int sg_beneath_folder(int dir, const char *path)
{
    return open_beneath(dir, path, FOLDER_FLAGS);
}
