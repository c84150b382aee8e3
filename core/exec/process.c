#include "core/exec/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fd.h"

static uint64_t cpu_us(void)
{
    struct rusage u;
    if (getrusage(RUSAGE_SELF, &u) < 0)
        return UINT64_MAX;
    return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void read_memory(struct sg_process_figures *ret)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    uint64_t total, resident, page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (sg_file_read(AT_FDCWD, "/proc/self/statm", &text, 256) < 0 || !text.data ||
        sscanf(text.data, "%" SCNu64 " %" SCNu64, &total, &resident) != 2)
        return;
    ret->virtual_bytes = total * page;
    ret->resident_bytes = resident * page;
}

static uint64_t count_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    uint64_t n = 0;
    if (!d)
        return UINT64_MAX;
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    closedir(d);
    return n - 1; /* without the directory itself */
}

/* Field 22 of /proc/self/stat, ticks since the boot; counted behind the name, which may hold
   anything (proc(5)). The kernel counts them on a clock that goes on in suspend. */
static uint64_t start_time_ms(void)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    struct timespec boot, now;
    unsigned long long ticks;
    const char *at = sg_file_read(AT_FDCWD, "/proc/self/stat", &text, 4096) == 0 && text.data
                         ? strrchr(text.data, ')')
                         : NULL;
    for (int field = 2; at && field < 22; field++) {
        at = strchr(at + 1, ' ');
    }
    if (!at || sscanf(at, "%llu", &ticks) != 1 || clock_gettime(CLOCK_BOOTTIME, &boot) < 0 ||
        clock_gettime(CLOCK_REALTIME, &now) < 0)
        return UINT64_MAX;
    int64_t since_boot_ms = boot.tv_sec * 1000 + boot.tv_nsec / 1000000;
    int64_t now_ms = now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return (uint64_t)(now_ms - since_boot_ms) + ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

void sg_process_figures(struct sg_process_figures *ret)
{
    struct rlimit files;
    static uint64_t started_ms; /* once: the two clocks would let it swing by a millisecond */
    memset(ret, 0xff, sizeof(*ret));
    if (started_ms == 0)
        started_ms = start_time_ms();
    ret->start_time_ms = started_ms;
    ret->cpu_us = cpu_us();
    read_memory(ret);
    ret->open_fds = count_descriptors();
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        ret->max_fds = files.rlim_cur;
}
