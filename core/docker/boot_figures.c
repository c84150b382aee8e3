#include "core/docker/boot_figures.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/fd.h"
#include "core/sandbox/attest.h"
#include "core/sandbox/cgroup_files.h"

#define CGROUP   "/sys/fs/cgroup/"
#define TEXT_MAX 65536

/* A figure's file in each version of cgroups; key NULL: the file is one number. */
struct place {
    const char *file, *key;
    uint64_t divide;
};
struct figure {
    struct place v1, v2;
};

static const struct figure cpu = {{"cpuacct/cpuacct.usage", NULL, 1000},
                                  {"cpu.stat", "usage_usec", 1}};
static const struct figure memory_peak = {{"memory/memory.max_usage_in_bytes", NULL, 1},
                                          {"memory.peak", NULL, 1}};
static const struct figure oom_kills = {{"memory/memory.oom_control", "oom_kill", 1},
                                        {"memory.events", "oom_kill", 1}};
static const struct figure memory_hits = {{"memory/memory.failcnt", NULL, 1},
                                          {"memory.events", "max", 1}};
static const struct figure pids_peak = {{NULL, NULL, 1}, {"pids.peak", NULL, 1}};
static const struct figure pids_hits = {{"pids/pids.events", "max", 1}, {"pids.events", "max", 1}};
static const struct figure throttled = {{"cpu/cpu.stat", "nr_throttled", 1},
                                        {"cpu.stat", "nr_throttled", 1}};

static uint64_t read_figure(const struct figure *f)
{
    struct stat st;
    const struct place *p = stat(CGROUP "cgroup.controllers", &st) == 0 ? &f->v2 : &f->v1;
    sg_auto(sg_buf) struct sg_buf text = {0};
    char path[128];
    uint64_t value;
    if (!p->file)
        return SG_UNKNOWN;
    snprintf(path, sizeof path, CGROUP "%s", p->file);
    if (sg_file_read(AT_FDCWD, path, &text, TEXT_MAX) < 0 || !text.data ||
        sg_cgroup_parse(text.data, p->key, &value) < 0)
        return SG_UNKNOWN;
    return value / p->divide;
}

uint64_t sg_boot_cpu_us(void)
{
    return read_figure(&cpu);
}

static void read_network(struct sg_boot_end *ret)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    bool read = sg_file_read(AT_FDCWD, "/proc/self/net/dev", &text, TEXT_MAX) >= 0 && text.data;
    sg_attest_net_dev(read ? text.data : "", &ret->rx_bytes, &ret->tx_bytes);
}

void sg_boot_figures(struct sg_boot_end *ret, uint64_t cpu_base_us)
{
    ret->cpu_us = sg_boot_cpu_us();
    if (ret->cpu_us != SG_UNKNOWN && cpu_base_us != SG_UNKNOWN)
        ret->cpu_us -= cpu_base_us;
    ret->memory_peak = read_figure(&memory_peak);
    ret->oom_kills = read_figure(&oom_kills);
    ret->memory_hits = read_figure(&memory_hits);
    ret->pids_peak = read_figure(&pids_peak);
    ret->pids_hits = read_figure(&pids_hits);
    ret->throttled = read_figure(&throttled);
    read_network(ret);
}
