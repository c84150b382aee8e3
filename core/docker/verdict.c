/* Why a run ended, and what it used, from what its container has told. Pure. */
#include "core/docker/internal.h"

#include <signal.h>
#include <sys/wait.h>

static bool rose(uint64_t figure)
{
    return figure != SG_UNKNOWN && figure > 0;
}

static uint64_t cpu_used_us(const struct sg_boot_end *e)
{
    if (e->cpu_us != SG_UNKNOWN)
        return e->cpu_us;
    return e->user_us == SG_UNKNOWN ? SG_UNKNOWN : e->user_us + e->system_us;
}

static bool cpu_used_up(const struct sg_verdict_facts *f)
{
    uint64_t used = cpu_used_us(f->end);
    return used != SG_UNKNOWN && used / 1000 >= f->limits->cpu_time_ms;
}

static bool memory_limit_met(const struct sg_limits *l, const struct sg_boot_end *e)
{
    return sg_memory_limit_met(l->memory_bytes, e->memory_hits, e->memory_peak);
}

bool verdict_out_of_memory(const struct sg_limits *l, const struct sg_boot_end *end)
{
    return rose(end->oom_kills) && memory_limit_met(l, end);
}

/* Signal 9 alone proves nothing: a memory verdict needs the kernel's count of OOM kills. */
static enum sg_reason find_reason(const struct sg_verdict_facts *f)
{
    const struct sg_boot_end *e = f->end;
    bool failed = !e->ended || e->status != 0;
    if (e->cpu_time_up)
        return SG_REASON_CPU_TIME;
    if (f->killed && !e->ended)
        return f->reason;
    if (failed && verdict_out_of_memory(f->limits, e))
        return SG_REASON_MEMORY;
    if (f->killed && f->reason == SG_REASON_OUTPUT)
        return SG_REASON_OUTPUT;
    if (WIFSIGNALED(e->status))
        return sg_reason_of_signal(WTERMSIG(e->status), cpu_used_up(f), rose(e->pids_hits));
    return failed && rose(e->pids_hits) ? SG_REASON_PROCESSES : SG_REASON_EXITED;
}

static uint32_t find_hits(const struct sg_verdict_facts *f, enum sg_reason reason)
{
    static const uint32_t of_reason[SG_REASON_COUNT] = {[SG_REASON_WALL_TIME] = SG_HIT_WALL_TIME,
                                                        [SG_REASON_CPU_TIME] = SG_HIT_CPU_TIME,
                                                        [SG_REASON_FILE_SIZE] = SG_HIT_FILE_SIZE};
    const struct sg_boot_end *e = f->end;
    uint64_t most = f->out_bytes > f->err_bytes ? f->out_bytes : f->err_bytes;
    uint32_t hits = of_reason[reason];
    hits |= e->memory_hits != SG_UNKNOWN && memory_limit_met(f->limits, e) ? SG_HIT_MEMORY : 0;
    hits |= rose(e->pids_hits) ? SG_HIT_PROCESSES : 0;
    hits |= rose(e->throttled) ? SG_HIT_CPU_PERCENT : 0;
    hits |= most > f->limits->output_bytes && !f->streamed ? SG_HIT_OUTPUT : 0;
    return hits;
}

/* The exact sum is the cgroup's; how it divides is the processes' word. */
static void fill_cpu(struct sg_usage *u, const struct sg_boot_end *e)
{
    uint64_t all = cpu_used_us(e);
    u->cpu_user_us = e->user_us;
    u->cpu_system_us = e->system_us;
    if (all == SG_UNKNOWN || e->user_us == SG_UNKNOWN)
        return;
    uint64_t told = e->user_us + e->system_us;
    u->cpu_user_us = told ? (uint64_t)((double)all * (double)e->user_us / (double)told) : all;
    u->cpu_system_us = all - u->cpu_user_us;
}

/* sandgate-boot, and who lets the program start, are not the program's. */
static uint64_t program_processes(uint64_t peak)
{
    if (peak == SG_UNKNOWN)
        return SG_UNKNOWN;
    return peak > 3 ? peak - 2 : 1;
}

static void fill_limit(struct sg_outcome *o, const struct sg_verdict_facts *f)
{
    const struct sg_limits *l = f->limits;
    uint64_t cpu = cpu_used_us(f->end);
    uint64_t written = f->out_bytes > f->err_bytes ? f->out_bytes : f->err_bytes;
    /* It is sandgate-docker's timer that has ended it; sandgate-boot's clock began a little later.
     */
    uint64_t wall = o->usage.wall_time_us / 1000;
    const struct {
        enum sg_reason reason;
        uint64_t limit, peak;
    } rows[] = {
        {SG_REASON_WALL_TIME, l->wall_time_ms, wall > l->wall_time_ms ? wall : l->wall_time_ms},
        {SG_REASON_CPU_TIME, l->cpu_time_ms, cpu == SG_UNKNOWN ? SG_UNKNOWN : cpu / 1000},
        {SG_REASON_MEMORY, l->memory_bytes, o->usage.memory_peak_bytes},
        {SG_REASON_PROCESSES, l->processes, o->usage.processes_peak},
        {SG_REASON_OUTPUT, SG_OUTPUT_HARD_BYTES, written},
        {SG_REASON_FILE_SIZE, l->file_bytes, SG_UNKNOWN},
    };
    o->limit = o->peak = SG_UNKNOWN;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        if (rows[i].reason == o->reason) {
            o->limit = rows[i].limit;
            o->peak = rows[i].peak;
        }
}

void verdict_fill(struct sg_outcome *o, const struct sg_verdict_facts *f)
{
    const struct sg_boot_end *e = f->end;
    o->reason = find_reason(f);
    o->limits_hit = find_hits(f, o->reason);
    if (e->ended && WIFEXITED(e->status))
        o->exit_code = WEXITSTATUS(e->status);
    else
        o->signal = e->ended ? WTERMSIG(e->status) : SIGKILL;
    o->usage.wall_time_us = e->wall_us;
    fill_cpu(&o->usage, e);
    o->usage.memory_peak_bytes = e->memory_peak;
    o->usage.processes_peak = program_processes(e->pids_peak);
    o->usage.network_rx_bytes = e->rx_bytes;
    o->usage.network_tx_bytes = e->tx_bytes;
    fill_limit(o, f);
}

void verdict_timings(struct sg_timings *t, const struct sg_verdict_times *at)
{
    int64_t wall = at->wall_us > INT64_MAX ? INT64_MAX : (int64_t)at->wall_us;
    t->setup_us = sg_timing_us(at->ended_us - at->begun_us - wall);
    t->run_us = sg_timing_us(wall);
    t->collect_us = sg_timing_us(at->answered_us - at->ended_us);
}
