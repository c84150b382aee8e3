/* Landlock: a second, path-based opinion about the file system, TCP, signals and abstract sockets,
   made by the program's process about itself. landlock(7); kernel
   Documentation/userspace-api/landlock.rst */
#include "core/sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"

/* The kernel's structure as of ABI 6 (Linux 6.12); older headers know less of it. An older kernel
   accepts the longer structure as long as the tail that it does not know is zero. */
struct ruleset_attr {
    uint64_t fs, net, scoped;
};

#define FS(bit)       (1ull << (bit))
#define FS_EXECUTE    FS(0)
#define FS_WRITE_FILE FS(1)
#define FS_READ_FILE  FS(2)
#define FS_READ_DIR   FS(3)
#define FS_MAKE_CHAR  FS(6)
#define FS_MAKE_BLOCK FS(11)
#define FS_OF_FILES                                                                                \
    (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE) /* a rule for a file has no others */
#define FS_ALL(nbits) ((1ull << (nbits)) - 1)
#define NET_ALL       3ull /* bind, connect of TCP */
#define SCOPE_ALL     3ull /* abstract unix sockets, signals */

/* Rights that each ABI knows: file system bits, network, scope. */
static const struct {
    unsigned fs_bits;
    uint64_t net, scoped;
} abis[] = {
    {0, 0, 0},
    {13, 0, 0},
    {14, 0, 0},
    {15, 0, 0},
    {15, NET_ALL, 0},
    {16, NET_ALL, 0},
    {16, NET_ALL, SCOPE_ALL},
};

static uint64_t rights(enum sg_access access, uint64_t known)
{
    const uint64_t read = FS_READ_FILE | FS_READ_DIR;
    switch (access) {
    case SG_ACCESS_LIST:
        return FS_READ_DIR;
    case SG_ACCESS_READ:
        return read;
    case SG_ACCESS_EXECUTE:
        return read | FS_EXECUTE;
    case SG_ACCESS_DEVICE:
        return read | FS_WRITE_FILE;
    case SG_ACCESS_WRITE:
        return known & ~(FS_EXECUTE | FS_MAKE_CHAR | FS_MAKE_BLOCK);
    case SG_ACCESS_WRITE_EXECUTE:
        return known;
    }
    return 0;
}

static void add_row(int ruleset, const struct sg_plan_access *row, uint64_t known)
{
    sg_autofd int fd = open(row->path, O_PATH | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return; /* /lib64 on an image without one */
    struct stat st;
    struct landlock_path_beneath_attr rule = {.allowed_access = rights(row->access, known) & known,
                                              .parent_fd = fd};
    if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rule.allowed_access &= FS_OF_FILES;
    if (fd < 0 || syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        sg_box_fail(SG_STEP_LANDLOCK, errno, "rule for %s", row->path);
}

int sg_box_landlock(const struct sg_program_plan *p)
{
    if (SG_LAYER_OFF(&p->lab, LANDLOCK))
        return 0;
    int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi <= 0) {
        if (p->required & SG_LAYER_BIT(SG_LAYER_LANDLOCK))
            sg_box_fail(SG_STEP_LANDLOCK, errno, "the kernel has no Landlock");
        return 0;
    }
    size_t known = (size_t)abi < SG_ARRAY_LEN(abis) ? (size_t)abi : SG_ARRAY_LEN(abis) - 1;
    struct ruleset_attr attr = {FS_ALL(abis[known].fs_bits), abis[known].net, abis[known].scoped};
    size_t size = attr.scoped ? sizeof attr : attr.net ? 2 * sizeof attr.fs : sizeof attr.fs;
    sg_autofd int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (ruleset < 0)
        sg_box_fail(SG_STEP_LANDLOCK, errno, "landlock_create_ruleset for ABI %d", abi);
    for (uint32_t i = 0; i < p->naccess; i++)
        add_row(ruleset, &p->access[i], attr.fs);
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
        sg_box_fail(SG_STEP_LANDLOCK, errno, "landlock_restrict_self");
    return abi;
}
