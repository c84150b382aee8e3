#include "core/sandbox/product.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/sandbox/beneath.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#error "the machine of ELF programs"
#endif

int sg_product_memfd(void)
{
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = memfd_create("program", flags | MFD_EXEC);
    if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
        fd = memfd_create("program", flags);
    return fd < 0 ? -errno : fd;
}

/* Also of a file that grows meanwhile no more than `most` is handed on. */
static enum sg_product hand_on(int from, uint64_t most, const struct sg_product_sink *to)
{
    static char bytes[SG_PRODUCT_STEP];
    uint64_t copied = 0;
    for (;;) {
        ssize_t n = read(from, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return SG_PRODUCT_MISSING;
        if (n == 0)
            return SG_PRODUCT_TAKEN;
        copied += (uint64_t)n;
        if (copied > most)
            return SG_PRODUCT_TOO_LARGE;
        if (to->put(to->arg, bytes, (size_t)n) < 0)
            return SG_PRODUCT_TOO_LARGE;
    }
}

enum sg_product sg_product_read(int dir, const char *name, uint64_t most,
                                const struct sg_product_sink *to)
{
    struct stat st;
    sg_autofd int fd = sg_beneath_any(dir, name);
    if (fd < 0)
        return errno == ENOENT || errno == EACCES ? SG_PRODUCT_MISSING : SG_PRODUCT_SPECIAL;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1)
        return SG_PRODUCT_SPECIAL;
    if ((uint64_t)st.st_size > most)
        return SG_PRODUCT_TOO_LARGE;
    return hand_on(fd, most, to);
}

static int write_out(void *arg, const void *bytes, size_t n)
{
    return sg_fd_write_all(*(const int *)arg, bytes, n);
}

enum sg_product sg_product_copy(int dir, const char *name, uint64_t most, int to)
{
    const struct sg_product_sink sink = {write_out, &to};
    return sg_product_read(dir, name, most, &sink);
}

/* A script would have the kernel look for its interpreter, and any other magic for what an
   administrator has registered on the host (binfmt_misc). */
bool sg_product_is_program(int fd)
{
    Elf64_Ehdr head;
    return pread(fd, &head, sizeof head, 0) == sizeof head &&
           memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && head.e_ident[EI_CLASS] == ELFCLASS64 &&
           head.e_ident[EI_DATA] == ELFDATA2LSB && head.e_machine == MACHINE &&
           (head.e_type == ET_EXEC || head.e_type == ET_DYN);
}

enum sg_product sg_product_seal(int fd, uint64_t most)
{
    if (sg_memfd_seal(fd) < 0)
        return SG_PRODUCT_MISSING;
    ssize_t n = sg_memfd_check(fd, (size_t)most);
    if (n < 0)
        return n == -EFBIG ? SG_PRODUCT_TOO_LARGE : SG_PRODUCT_MISSING;
    return sg_product_is_program(fd) ? SG_PRODUCT_TAKEN : SG_PRODUCT_FOREIGN;
}
