#include "core/docker/outer.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/base/fd.h"

#define PROFILE_BYTES_MAX (1u << 20)

/* Allowed whatever the profile says of them. The program is under the inner filter, which is as
   strict as it is written; unshare and mount go when sandgate-boot has done with them
   (boot_place.c). */
static const char *const needed[] = {
    /* to become the program: runc's last steps and ours */
    "unshare", "mount", "mknod", "mknodat", "chown", "fchown", "fchownat", "sendfile", "unlink",
    "execve", "clone", "fork", "vfork", "wait4", "waitid", "setsid", "setresuid", "setresgid",
    "prctl", "capset", "capget", "prlimit64", "setrlimit", "seccomp", "landlock_create_ruleset",
    "landlock_add_rule", "landlock_restrict_self", "getrusage", "kill", "umask", "chdir", "getcwd",
    /* streams, files, events */
    "fcntl", "ioctl", "memfd_create", "pipe2", "socketpair", "sendmsg", "recvmsg", "recvfrom",
    "sendto", "poll", "signalfd4", "dup3", "dup2", "fchdir", "mkdir", "mkdirat", "getppid",
    "fstatfs", "statfs", "faccessat2", "epoll_create1", "epoll_ctl", "epoll_pwait", "eventfd2",
    "getdents64", "openat2", "fstat", "newfstatat", "close_range", "sched_getaffinity", "tgkill",
    "pread64"};

/* How a product is executed; whatever else is executed, and not from within. */
#define BY_DESCRIPTOR "execveat"

static bool is_needed(const char *name, bool by_descriptor)
{
    if (name && by_descriptor && strcmp(name, BY_DESCRIPTOR) == 0)
        return true;
    for (size_t i = 0; i < SG_ARRAY_LEN(needed); i++)
        if (name && strcmp(needed[i], name) == 0)
            return true;
    return false;
}

/* Takes those names out of a row. */
static void thin_row(json_t *row, bool by_descriptor)
{
    json_t *names = json_object_get(row, "names");
    for (size_t i = json_array_size(names); i-- > 0;)
        if (is_needed(json_string_value(json_array_get(names, i)), by_descriptor))
            json_array_remove(names, i);
}

static json_t *needed_row(bool by_descriptor)
{
    json_t *names = json_array();
    for (size_t i = 0; i < SG_ARRAY_LEN(needed); i++)
        json_array_append_new(names, json_string(needed[i]));
    if (by_descriptor)
        json_array_append_new(names, json_string(BY_DESCRIPTOR));
    return json_pack("{s:o, s:s}", "names", names, "action", "SCMP_ACT_ALLOW");
}

static char *make(json_t *root, bool by_descriptor)
{
    json_t *rows = json_object_get(root, "syscalls");
    for (size_t i = json_array_size(rows); i-- > 0;) {
        json_t *row = json_array_get(rows, i);
        thin_row(row, by_descriptor);
        if (json_array_size(json_object_get(row, "names")) == 0)
            json_array_remove(rows, i);
    }
    json_array_append_new(rows, needed_row(by_descriptor));
    return json_dumps(root, JSON_COMPACT);
}

char *sg_outer_filter(const char *dir, const char *name, bool by_descriptor, struct sg_error *err)
{
    char path[512];
    json_error_t jerr;
    sg_auto(sg_buf) struct sg_buf text = {0};
    snprintf(path, sizeof path, "%s/%s.json", dir, name);
    int r = sg_file_read(AT_FDCWD, path, &text, PROFILE_BYTES_MAX);
    if (r < 0) {
        sg_error_errno(err, -r, "seccomp profile %s", path);
        return NULL;
    }
    json_t *root = json_loadb(text.data ? text.data : "", text.len, 0, &jerr);
    char *made =
        json_is_array(json_object_get(root, "syscalls")) ? make(root, by_descriptor) : NULL;
    json_decref(root);
    if (!made)
        sg_error_set(err, SG_E_INVALID, "%s: no seccomp profile", path);
    return made;
}
