#include "core/sandbox/cgroup_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

int sg_cgroup_parse(const char *text, const char *key, uint64_t *ret)
{
    size_t n = key ? strlen(key) : 0;
    for (const char *line = text; *line; line = next_line(line)) {
        char *end;
        if (key && (strncmp(line, key, n) != 0 || line[n] != ' '))
            continue;
        unsigned long long value = strtoull(line + n, &end, 10);
        if (end == line + n)
            return -EINVAL;
        *ret = value;
        return 0;
    }
    return -EINVAL;
}

bool sg_cgroup_lists(const char *text, pid_t pid)
{
    for (const char *line = text; *line; line = next_line(line))
        if (strtol(line, NULL, 10) == pid)
            return true;
    return false;
}

/* Is name one of the comma-separated words of list[0..n)? */
static bool has_word(const char *list, size_t n, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = list; at < list + n;) {
        size_t word = strcspn(at, ",");
        if (word > (size_t)(list + n - at))
            word = (size_t)(list + n - at);
        if (word == len && memcmp(at, name, len) == 0)
            return true;
        at += word + 1;
    }
    return false;
}

static int copy_line(const char *from, char *ret, size_t n)
{
    size_t len = strcspn(from, "\n");
    if (len >= n)
        return -ENAMETOOLONG;
    memcpy(ret, from, len);
    ret[len] = '\0';
    return 0;
}

int sg_cgroup_own_path(const char *text, const char *controller, char *ret, size_t n)
{
    for (const char *line = text; *line; line = next_line(line)) {
        const char *list = strchr(line, ':');
        const char *path = list ? strchr(list + 1, ':') : NULL;
        if (!path)
            continue;
        size_t len = (size_t)(path - list - 1);
        if (controller ? has_word(list + 1, len, controller) : len == 0 && line[0] == '0')
            return copy_line(path + 1, ret, n);
    }
    return -ENOENT;
}

int sg_cgroup_mount_point(const char *mountinfo, const char *controller, char *ret, size_t n)
{
    for (const char *line = mountinfo; *line; line = next_line(line)) {
        char text[1024], place[256], type[32], super[256];
        if (copy_line(line, text, sizeof text) < 0)
            continue;
        const char *tail = strstr(text, " - ");
        if (!tail || sscanf(text, "%*s %*s %*s %*s %255s", place) != 1 ||
            sscanf(tail + 3, "%31s %*s %255s", type, super) != 2)
            continue;
        if (controller ? strcmp(type, "cgroup") == 0 && has_word(super, strlen(super), controller)
                       : strcmp(type, "cgroup2") == 0)
            return sg_str_copy(ret, n, place);
    }
    return -ENOENT;
}
