#include "core/model/outcome.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "core/base/cleanup.h"

#define MEMORY_AT_ONCE (256u << 10)

static const char *const reason_names[SG_REASON_COUNT] = {
    [SG_REASON_EXITED] = "exited",       [SG_REASON_SIGNALED] = "signaled",
    [SG_REASON_WALL_TIME] = "wall_time", [SG_REASON_CPU_TIME] = "cpu_time",
    [SG_REASON_MEMORY] = "memory",       [SG_REASON_PROCESSES] = "processes",
    [SG_REASON_OUTPUT] = "output",       [SG_REASON_FILE_SIZE] = "file_size",
    [SG_REASON_SECCOMP] = "seccomp",     [SG_REASON_CANCELLED] = "cancelled",
};

const char *sg_reason_name(enum sg_reason r)
{
    return (unsigned)r < SG_REASON_COUNT ? reason_names[r] : NULL;
}

bool sg_memory_limit_met(uint64_t limit_bytes, uint64_t hits, uint64_t peak)
{
    if (hits == SG_UNKNOWN && peak == SG_UNKNOWN)
        return true;
    return (hits != SG_UNKNOWN && hits > 0) ||
           (peak != SG_UNKNOWN && peak + MEMORY_AT_ONCE >= limit_bytes);
}

enum sg_reason sg_reason_of_signal(int sig, bool cpu_used_up, bool processes_met)
{
    switch (sig) {
    case SIGXFSZ:
        return SG_REASON_FILE_SIZE;
    case SIGSYS:
        return SG_REASON_SECCOMP;
    case SIGXCPU:
    case SIGKILL:
        return cpu_used_up ? SG_REASON_CPU_TIME : SG_REASON_SIGNALED;
    case SIGABRT:
        return processes_met ? SG_REASON_PROCESSES : SG_REASON_SIGNALED;
    default:
        return SG_REASON_SIGNALED;
    }
}

const char *sg_product_fault(enum sg_product p)
{
    static const char *const faults[SG_PRODUCT_COUNT] = {
        [SG_PRODUCT_MISSING] = "left no program",
        [SG_PRODUCT_SPECIAL] = "left something else than a plain file in its program's place",
        [SG_PRODUCT_TOO_LARGE] = "left a program that is too large",
        [SG_PRODUCT_FOREIGN] = "left something that is no program of this machine",
        [SG_PRODUCT_HELD] = "left processes behind",
    };
    return (unsigned)p < SG_PRODUCT_COUNT ? faults[p] : NULL;
}

/* In the order of the bits of enum sg_limit_hit. */
static const char *const hit_names[SG_HIT_COUNT] = {
    "memory_bytes", "processes",   "output_bytes", "cpu_percent",
    "wall_time_ms", "cpu_time_ms", "file_bytes",
};

const char *sg_hit_name(unsigned bit_index)
{
    return bit_index < SG_HIT_COUNT ? hit_names[bit_index] : NULL;
}

static const char *const layer_names[SG_LAYER_COUNT] = {
    [SG_LAYER_USER_NS] = "user_ns",
    [SG_LAYER_MOUNT_NS] = "mount_ns",
    [SG_LAYER_PID_NS] = "pid_ns",
    [SG_LAYER_NET_NS] = "net_ns",
    [SG_LAYER_IPC_NS] = "ipc_ns",
    [SG_LAYER_UTS_NS] = "uts_ns",
    [SG_LAYER_CGROUP_NS] = "cgroup_ns",
    [SG_LAYER_ROOT_RO] = "root_ro",
    [SG_LAYER_CAPABILITIES] = "capabilities",
    [SG_LAYER_NO_NEW_PRIVS] = "no_new_privs",
    [SG_LAYER_SECCOMP] = "seccomp",
    [SG_LAYER_ONE_EXEC] = "one_exec",
    [SG_LAYER_LANDLOCK] = "landlock",
    [SG_LAYER_RLIMITS] = "rlimits",
    [SG_LAYER_CGROUP_MEMORY] = "cgroup_memory",
    [SG_LAYER_CGROUP_PIDS] = "cgroup_pids",
    [SG_LAYER_CGROUP_CPU] = "cgroup_cpu",
    [SG_LAYER_PRIVATE_UID] = "private_uid",
    [SG_LAYER_PROC] = "proc",
};

const char *sg_layer_name(enum sg_layer l)
{
    return (unsigned)l < SG_LAYER_COUNT ? layer_names[l] : NULL;
}

int sg_layer_from_name(const char *name)
{
    for (int l = 0; l < SG_LAYER_COUNT; l++) {
        if (strcmp(layer_names[l], name) == 0)
            return l;
    }
    return -ENOENT;
}

/* Linux numbers, signal(7); the C library keeps 32 and 33 for itself, so its SIGRTMIN is 34. */
#define SIGNAL(s)   [s] = #s
#define REALTIME(n) [34 + (n)] = "SIGRTMIN+" #n
static const char *const signal_names[] = {
    SIGNAL(SIGHUP),    SIGNAL(SIGINT),  SIGNAL(SIGQUIT),  SIGNAL(SIGILL),    SIGNAL(SIGTRAP),
    SIGNAL(SIGABRT),   SIGNAL(SIGBUS),  SIGNAL(SIGFPE),   SIGNAL(SIGKILL),   SIGNAL(SIGUSR1),
    SIGNAL(SIGSEGV),   SIGNAL(SIGUSR2), SIGNAL(SIGPIPE),  SIGNAL(SIGALRM),   SIGNAL(SIGTERM),
    SIGNAL(SIGCHLD),   SIGNAL(SIGCONT), SIGNAL(SIGSTOP),  SIGNAL(SIGTSTP),   SIGNAL(SIGTTIN),
    SIGNAL(SIGTTOU),   SIGNAL(SIGURG),  SIGNAL(SIGXCPU),  SIGNAL(SIGXFSZ),   SIGNAL(SIGVTALRM),
    SIGNAL(SIGPROF),   SIGNAL(SIGIO),   SIGNAL(SIGWINCH), SIGNAL(SIGPWR),    SIGNAL(SIGSYS),
    SIGNAL(SIGSTKFLT), [32] = "SIG32",  [33] = "SIG33",   [34] = "SIGRTMIN", [64] = "SIGRTMAX",
    REALTIME(1),       REALTIME(2),     REALTIME(3),      REALTIME(4),       REALTIME(5),
    REALTIME(6),       REALTIME(7),     REALTIME(8),      REALTIME(9),       REALTIME(10),
    REALTIME(11),      REALTIME(12),    REALTIME(13),     REALTIME(14),      REALTIME(15),
    REALTIME(16),      REALTIME(17),    REALTIME(18),     REALTIME(19),      REALTIME(20),
    REALTIME(21),      REALTIME(22),    REALTIME(23),     REALTIME(24),      REALTIME(25),
    REALTIME(26),      REALTIME(27),    REALTIME(28),     REALTIME(29),
};

uint32_t sg_timing_us(int64_t us)
{
    if (us < 0)
        return 0;
    return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

uint64_t sg_timings_total_us(const struct sg_timings *t)
{
    return (uint64_t)t->queue_us + t->setup_us + t->run_us + t->collect_us;
}

const char *sg_start_name(enum sg_start s)
{
    static const char *const names[SG_START_COUNT] = {"cold", "ahead", "warm"};
    return (unsigned)s < SG_START_COUNT ? names[s] : NULL;
}

const char *sg_signal_name(int signal)
{
    return signal > 0 && (size_t)signal < SG_ARRAY_LEN(signal_names) ? signal_names[signal] : NULL;
}
