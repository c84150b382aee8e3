#include "core/sandbox/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/model/outcome.h"
#include "core/sandbox/cgroup_files.h"

#define CPU_PERIOD_US 100000
/* What may be left in a cgroup that another box gets: the kernel charges ahead, up to 64 pages per
   CPU. */
#define LEFT_BYTES (1u << 20)
/* Pid 1 and its program. */
#define PROCESSES_OF_EACH 2

/* What goes into a limit's file. */
enum limit_value {
    VALUE_MEMORY,
    VALUE_PIDS,
    VALUE_QUOTA,
    VALUE_PERIOD,
    VALUE_CPU_MAX,
    VALUE_ZERO,
    VALUE_ONE
};

struct limit_file {
    unsigned controller;
    const char *file;
    enum limit_value value;
    bool optional; /* absent on kernels without swap accounting */
};

struct stat_file {
    unsigned controller;
    const char *file;
    const char *key; /* NULL: the file is one number */
    unsigned divisor;
};

static const struct limit_file limit_files_v1[] = {
    {SG_CTL_MEMORY, "memory.swappiness", VALUE_ZERO, true},
    {SG_CTL_MEMORY, "memory.limit_in_bytes", VALUE_MEMORY, false},
    {SG_CTL_MEMORY, "memory.memsw.limit_in_bytes", VALUE_MEMORY, true},
    {SG_CTL_PIDS, "pids.max", VALUE_PIDS, false},
    {SG_CTL_CPU, "cpu.cfs_period_us", VALUE_PERIOD, false},
    {SG_CTL_CPU, "cpu.cfs_quota_us", VALUE_QUOTA, false},
};
static const struct limit_file limit_files_v2[] = {
    {SG_CTL_MEMORY, "memory.max", VALUE_MEMORY, false},
    {SG_CTL_MEMORY, "memory.swap.max", VALUE_ZERO, true},
    {SG_CTL_MEMORY, "memory.oom.group", VALUE_ONE, true},
    {SG_CTL_PIDS, "pids.max", VALUE_PIDS, false},
    {SG_CTL_CPU, "cpu.max", VALUE_CPU_MAX, false},
};

static const struct stat_file stat_files_v1[SG_STAT_COUNT] = {
    [SG_STAT_MEMORY_PEAK] = {SG_CTL_MEMORY, "memory.max_usage_in_bytes", NULL, 1},
    [SG_STAT_OOM_KILLS] = {SG_CTL_MEMORY, "memory.oom_control", "oom_kill", 1},
    [SG_STAT_MEMORY_HITS] = {SG_CTL_MEMORY, "memory.failcnt", NULL, 1},
    [SG_STAT_PIDS_PEAK] = {SG_CTL_PIDS, "pids.peak", NULL, 1},
    [SG_STAT_PIDS_HITS] = {SG_CTL_PIDS, "pids.events", "max", 1},
    [SG_STAT_CPU_US] = {SG_CTL_CPUACCT, "cpuacct.usage", NULL, 1000},
    [SG_STAT_CPU_USER_US] = {SG_CTL_CPUACCT, "cpuacct.usage_user", NULL, 1000},
    [SG_STAT_CPU_SYSTEM_US] = {SG_CTL_CPUACCT, "cpuacct.usage_sys", NULL, 1000},
    [SG_STAT_THROTTLED] = {SG_CTL_CPU, "cpu.stat", "nr_throttled", 1},
    [SG_STAT_MEMORY_NOW] = {SG_CTL_MEMORY, "memory.usage_in_bytes", NULL, 1},
    [SG_STAT_PIDS_NOW] = {SG_CTL_PIDS, "pids.current", NULL, 1},
};
static const struct stat_file stat_files_v2[SG_STAT_COUNT] = {
    [SG_STAT_MEMORY_PEAK] = {SG_CTL_MEMORY, "memory.peak", NULL, 1},
    [SG_STAT_OOM_KILLS] = {SG_CTL_MEMORY, "memory.events", "oom_kill", 1},
    [SG_STAT_MEMORY_HITS] = {SG_CTL_MEMORY, "memory.events", "max", 1},
    [SG_STAT_PIDS_PEAK] = {SG_CTL_PIDS, "pids.peak", NULL, 1},
    [SG_STAT_PIDS_HITS] = {SG_CTL_PIDS, "pids.events", "max", 1},
    [SG_STAT_CPU_US] = {SG_CTL_CPU, "cpu.stat", "usage_usec", 1},
    [SG_STAT_CPU_USER_US] = {SG_CTL_CPU, "cpu.stat", "user_usec", 1},
    [SG_STAT_CPU_SYSTEM_US] = {SG_CTL_CPU, "cpu.stat", "system_usec", 1},
    [SG_STAT_THROTTLED] = {SG_CTL_CPU, "cpu.stat", "nr_throttled", 1},
    [SG_STAT_MEMORY_NOW] = {SG_CTL_MEMORY, "memory.current", NULL, 1},
    [SG_STAT_PIDS_NOW] = {SG_CTL_PIDS, "pids.current", NULL, 1},
};

static const struct version_ops {
    const struct limit_file *limits;
    size_t nlimits;
    const struct stat_file *stats;
    const char *join; /* file to be opened for joining; NULL: the directory */
} versions[] = {
    [1] = {limit_files_v1, SG_ARRAY_LEN(limit_files_v1), stat_files_v1, "tasks"},
    [2] = {limit_files_v2, SG_ARRAY_LEN(limit_files_v2), stat_files_v2, NULL},
};

static void limit_text(enum limit_value v, const struct sg_limits *l, char *out, size_t n)
{
    uint64_t quota = l->cpu_percent * (CPU_PERIOD_US / 100);
    switch (v) {
    case VALUE_MEMORY:
        snprintf(out, n, "%llu", (unsigned long long)l->memory_bytes);
        break;
    case VALUE_PIDS: /* pid 1 of the box is not the program's */
        snprintf(out, n, "%llu", (unsigned long long)l->processes + 1);
        break;
    case VALUE_QUOTA:
        snprintf(out, n, "%llu", (unsigned long long)quota);
        break;
    case VALUE_PERIOD:
        snprintf(out, n, "%d", CPU_PERIOD_US);
        break;
    case VALUE_CPU_MAX:
        snprintf(out, n, "%llu %d", (unsigned long long)quota, CPU_PERIOD_US);
        break;
    case VALUE_ZERO:
        snprintf(out, n, "0");
        break;
    case VALUE_ONE:
        snprintf(out, n, "1");
        break;
    }
}

static int dir_of(const struct sg_cgroups *c, const struct sg_cgroup *g, unsigned controller)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->h[i].controllers & controller)
            return g->dir[i];
    return -1;
}

static int write_limit(int dir, const struct limit_file *f, const struct sg_limits *l,
                       struct sg_error *err)
{
    char want[48];
    limit_text(f->value, l, want, sizeof want);
    int r = sg_file_write(dir, f->file, want);
    if (r == -ENOENT && f->optional)
        return 0;
    if (r < 0)
        return sg_error_errno(err, -r, "writing %s to %s", want, f->file);
    sg_auto(sg_buf) struct sg_buf now = {0};
    r = sg_file_read(dir, f->file, &now, 64);
    /* The memory controller rounds down to whole pages; nothing may be looser than asked for. */
    if (r < 0 || !now.data ||
        (f->value != VALUE_CPU_MAX && strtoull(now.data, NULL, 10) > strtoull(want, NULL, 10)))
        return sg_error_set(err, SG_E_LAYER, "%s holds %.20s after writing %s", f->file,
                            now.data ? now.data : "nothing", want);
    return 0;
}

static int write_limits(const struct sg_cgroups *c, const struct sg_cgroup *g,
                        const struct sg_limits *l, struct sg_error *err)
{
    const struct version_ops *ops = &versions[c->version];
    for (size_t i = 0; i < ops->nlimits; i++) {
        int dir = dir_of(c, g, ops->limits[i].controller);
        int r = dir < 0 ? 0 : write_limit(dir, &ops->limits[i], l, err);
        if (r < 0)
            return r;
    }
    return 0;
}

int sg_cgroup_create(const struct sg_cgroups *c, struct sg_cgroup *ret, uint64_t serial,
                     const struct sg_limits *limits, bool *limits_failed, struct sg_error *err)
{
    *ret = (struct sg_cgroup)SG_CGROUP_INIT;
    *limits_failed = false;
    if (!c->version)
        return 0;
    snprintf(ret->name, sizeof ret->name, "box-%lu-%d-%llu", c->pid_ns, c->instance,
             (unsigned long long)serial);
    for (size_t i = 0; i < c->n; i++) {
        if (mkdirat(c->h[i].dir, ret->name, 0755) < 0)
            return sg_error_errno(err, errno, "making cgroup %s", ret->name);
        ret->dir[i] = openat(c->h[i].dir, ret->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (ret->dir[i] < 0)
            return sg_error_errno(err, errno, "opening cgroup %s", ret->name);
    }
    int r = write_limits(c, ret, limits, err);
    ret->limits = *limits;
    *limits_failed = r < 0;
    return r;
}

/* v1 wants memory+swap never to be below memory: what is to grow is written from the other end. */
int sg_cgroup_limit(const struct sg_cgroups *c, struct sg_cgroup *g, const struct sg_limits *limits,
                    struct sg_error *err)
{
    struct sg_error first = SG_ERROR_INIT;
    g->limits = (struct sg_limits){0}; /* until all are written it has some of both */
    if (!c->version || !g->name[0] || write_limits(c, g, limits, &first) == 0) {
        g->limits = *limits;
        return 0;
    }
    const struct version_ops *ops = &versions[c->version];
    for (size_t i = ops->nlimits; i > 0; i--) {
        int dir = dir_of(c, g, ops->limits[i - 1].controller);
        int r = dir < 0 ? 0 : write_limit(dir, &ops->limits[i - 1], limits, err);
        if (r < 0)
            return r;
    }
    g->limits = *limits;
    return 0;
}

int sg_cgroup_join_fds(const struct sg_cgroups *c, struct sg_cgroup *g, int fds[SG_HIERARCHIES_MAX])
{
    const char *file = c->version ? versions[c->version].join : NULL;
    for (size_t i = 0; i < c->n; i++) {
        if (file && g->join[i] < 0)
            g->join[i] = openat(g->dir[i], file, O_WRONLY | O_CLOEXEC);
        fds[i] = file ? g->join[i] : g->dir[i];
        if (fds[i] < 0)
            return file ? -errno : -EBADF;
    }
    return (int)c->n;
}

static int stat_fd(const struct sg_cgroups *c, struct sg_cgroup *g, enum sg_cgroup_figure figure)
{
    const struct stat_file *f = &versions[c->version].stats[figure];
    if (g->stat[figure] == 0) {
        int dir = dir_of(c, g, f->controller);
        int fd = -1;
        if (dir >= 0 && figure == SG_STAT_MEMORY_PEAK) /* to be reset; v2: since Linux 6.12 */
            fd = openat(dir, f->file, O_RDWR | O_CLOEXEC);
        if (dir >= 0 && fd < 0)
            fd = openat(dir, f->file, O_RDONLY | O_CLOEXEC);
        g->stat[figure] = fd < 0 ? -1 : fd + 1;
    }
    return g->stat[figure] - 1;
}

void sg_cgroup_open_stats(const struct sg_cgroups *c, struct sg_cgroup *g)
{
    for (int i = 0; c->version && g->name[0] && i < SG_STAT_COUNT; i++)
        stat_fd(c, g, i);
}

uint64_t sg_cgroup_stat(const struct sg_cgroups *c, struct sg_cgroup *g,
                        enum sg_cgroup_figure figure)
{
    char text[1024]; /* the longest of these files, v2's cpu.stat, has some 300 bytes */
    uint64_t value;
    if (!c->version || !g->name[0])
        return SG_UNKNOWN;
    const struct stat_file *f = &versions[c->version].stats[figure];
    int fd = stat_fd(c, g, figure);
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return SG_UNKNOWN;
    text[n] = '\0';
    return sg_cgroup_parse(text, f->key, &value) < 0 ? SG_UNKNOWN : value / f->divisor;
}

bool sg_cgroup_is_clean(const struct sg_cgroups *c, struct sg_cgroup *g)
{
    static const struct {
        enum sg_cgroup_figure figure;
        uint64_t most;
    } bounds[] = {{SG_STAT_PIDS_NOW, 0},    {SG_STAT_PIDS_PEAK, PROCESSES_OF_EACH},
                  {SG_STAT_PIDS_HITS, 0},   {SG_STAT_OOM_KILLS, 0},
                  {SG_STAT_MEMORY_HITS, 0}, {SG_STAT_MEMORY_NOW, LEFT_BYTES}};
    for (size_t i = 0; i < SG_ARRAY_LEN(bounds); i++) {
        uint64_t value = sg_cgroup_stat(c, g, bounds[i].figure);
        if (value == SG_UNKNOWN || value > bounds[i].most)
            return false;
    }
    return !sg_memory_limit_met(g->limits.memory_bytes, 0,
                                sg_cgroup_stat(c, g, SG_STAT_MEMORY_PEAK));
}

/* To write a quota gives all of it at once (tg_set_cfs_bandwidth in kernel/sched). */
static int refill_cpu(const struct sg_cgroups *c, const struct sg_cgroup *g, struct sg_error *err)
{
    const struct version_ops *ops = &versions[c->version];
    for (size_t i = 0; i < ops->nlimits; i++) {
        const struct limit_file *f = &ops->limits[i];
        if (f->value == VALUE_QUOTA || f->value == VALUE_CPU_MAX)
            return write_limit(dir_of(c, g, f->controller), f, &g->limits, err);
    }
    return 0;
}

static bool same_limits(const struct sg_limits *a, const struct sg_limits *b)
{
    return a->memory_bytes == b->memory_bytes && a->processes == b->processes &&
           a->cpu_percent == b->cpu_percent;
}

bool sg_cgroup_renew(const struct sg_cgroups *c, struct sg_cgroup *g,
                     const struct sg_limits *limits)
{
    struct sg_error err = SG_ERROR_INIT;
    int peak = g->name[0] ? stat_fd(c, g, SG_STAT_MEMORY_PEAK) : -1;
    if (peak < 0 || pwrite(peak, "0", 1, 0) != 1)
        return false;
    return same_limits(&g->limits, limits) ? refill_cpu(c, g, &err) == 0
                                           : sg_cgroup_limit(c, g, limits, &err) == 0;
}

bool sg_cgroup_holds(const struct sg_cgroups *c, const struct sg_cgroup *g, pid_t pid)
{
    for (size_t i = 0; i < c->n; i++) {
        sg_auto(sg_buf) struct sg_buf text = {0};
        if (sg_file_read(g->dir[i], "cgroup.procs", &text, 65536) < 0 || !text.data ||
            !sg_cgroup_lists(text.data, pid))
            return false;
    }
    return c->n > 0;
}

static void kill_members(int dir)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    if (sg_file_write(dir, "cgroup.kill", "1") == 0)
        return;
    if (sg_file_read(dir, "cgroup.procs", &text, 65536) < 0 || !text.data)
        return;
    for (char *at = text.data; *at;) {
        long pid = strtol(at, &at, 10);
        if (pid > 1)
            kill((pid_t)pid, SIGKILL);
        at += strspn(at, "\n");
    }
}

void sg_cgroup_kill(const struct sg_cgroups *c, const struct sg_cgroup *g)
{
    if (c->n > 0 && g->dir[0] >= 0)
        kill_members(g->dir[0]);
}

static void close_stats(struct sg_cgroup *g)
{
    for (int i = 0; i < SG_STAT_COUNT; i++) {
        if (g->stat[i] > 0)
            close(g->stat[i] - 1);
        g->stat[i] = 0;
    }
}

void sg_cgroup_close(struct sg_cgroup *g)
{
    close_stats(g);
    for (size_t i = 0; i < SG_HIERARCHIES_MAX; i++) {
        sg_fd_close(&g->dir[i]);
        sg_fd_close(&g->join[i]);
    }
}

int sg_cgroup_remove(const struct sg_cgroups *c, struct sg_cgroup *g)
{
    if (!g->name[0])
        return 0;
    for (size_t i = 0; i < c->n; i++) {
        if (unlinkat(c->h[i].dir, g->name, AT_REMOVEDIR) < 0 && errno != ENOENT)
            return -errno; /* what is left in it may still have to be killed */
        sg_fd_close(&g->dir[i]);
    }
    sg_cgroup_close(g);
    g->name[0] = '\0';
    return 0;
}
