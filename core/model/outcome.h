/*
 * outcome.h: how a run ended, as measured. Plain data of fixed size: it is what an executor sends
 * and what an answer is made of. "Not measured" has a value of its own and is null in JSON.
 */
#ifndef SG_MODEL_OUTCOME_H
#define SG_MODEL_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#define SG_UNKNOWN UINT64_MAX /* a figure that could not be measured */

/* Why the run ended. Order is part of the message format. Names: sg_reason_name. */
enum sg_reason {
    SG_REASON_EXITED,    /* the program ended by itself */
    SG_REASON_SIGNALED,  /* by a signal that was not ours */
    SG_REASON_WALL_TIME, /* our deadline */
    SG_REASON_CPU_TIME,  /* our CPU limit */
    SG_REASON_MEMORY,    /* the kernel's OOM killer in the box's cgroup: oom_kill rose */
    SG_REASON_PROCESSES, /* failed while at its limit of processes: pids.events max rose, and exit
                            != 0 or SIGABRT */
    SG_REASON_OUTPUT,    /* wrote past the hard limit */
    SG_REASON_FILE_SIZE, /* SIGXFSZ */
    SG_REASON_SECCOMP,   /* SIGSYS: a system call that kills */
    SG_REASON_CANCELLED, /* the client left, or asked */
    SG_REASON_COUNT
};
const char *sg_reason_name(enum sg_reason r); /* "exited", "wall_time", ...; NULL out of range */
/* Of a program that a signal has ended which was not ours. SIGXCPU and SIGKILL are what RLIMIT_CPU
   sends, but a program can send itself any: they count when its CPU time was used up. SIGABRT is
   how the runtimes of C++ and Node end over a thread that they were not given. */
enum sg_reason sg_reason_of_signal(int sig, bool cpu_used_up, bool processes_met);

/* Has the program met that memory limit? hits: the kernel's count of it, peak: bytes. Cgroup v1
   does not count (memory.failcnt) what the limit of memory and swap together refuses, which here is
   the same one and is charged first: then memory has stood at it, but for what is charged at once
   (MEMCG_CHARGE_BATCH in mm/memcontrol.c, 64 pages). The kernel also kills in a box because of a
   limit above it, or because the host has no memory left, and counts that as any other (oom_kill in
   Documentation/admin-guide/cgroup-v2.rst). Where neither is known: true. */
bool sg_memory_limit_met(uint64_t limit_bytes, uint64_t hits, uint64_t peak);

/* Bits of sg_outcome.limits_hit: limits touched, whether or not they ended the run. */
enum sg_limit_hit {
    SG_HIT_MEMORY = 1u << 0,
    SG_HIT_PROCESSES = 1u << 1,
    SG_HIT_OUTPUT = 1u << 2,
    SG_HIT_CPU_PERCENT = 1u << 3, /* throttled */
    SG_HIT_WALL_TIME = 1u << 4,
    SG_HIT_CPU_TIME = 1u << 5,
    SG_HIT_FILE_SIZE = 1u << 6,
};
#define SG_HIT_COUNT 7
const char *
sg_hit_name(unsigned bit_index); /* index 0..: "memory_bytes", "processes", ... limit names */

/* Layers of a box. The configuration may name some as allowed to be missing (native.allow_missing).
 */
enum sg_layer {
    SG_LAYER_USER_NS,
    SG_LAYER_MOUNT_NS,
    SG_LAYER_PID_NS,
    SG_LAYER_NET_NS,
    SG_LAYER_IPC_NS,
    SG_LAYER_UTS_NS,
    SG_LAYER_CGROUP_NS,
    SG_LAYER_ROOT_RO,
    SG_LAYER_CAPABILITIES,
    SG_LAYER_NO_NEW_PRIVS,
    SG_LAYER_SECCOMP,
    SG_LAYER_ONE_EXEC,
    SG_LAYER_LANDLOCK,
    SG_LAYER_RLIMITS,
    SG_LAYER_CGROUP_MEMORY,
    SG_LAYER_CGROUP_PIDS,
    SG_LAYER_CGROUP_CPU,
    SG_LAYER_PRIVATE_UID, /* two host ids per box that no other box has */
    SG_LAYER_PROC,        /* a /proc of its own, subset=pid */
    SG_LAYER_COUNT
};
const char *sg_layer_name(enum sg_layer l); /* "user_ns", "cgroup_memory", ...; NULL out of range */
int sg_layer_from_name(const char *name);   /* enum value, or -ENOENT */
#define SG_LAYER_BIT(l) (1u << (l))

/* What was in force, read back from the kernel at the moment the program's image was entered. */
struct sg_isolation {
    uint32_t layers;          /* SG_LAYER_BIT of each layer seen in force */
    uint32_t missing;         /* layers that the configuration lets be absent, and that were */
    uint32_t seccomp_filters; /* /proc/PID/status Seccomp_filters */
    int32_t landlock_abi;     /* 0: none */
    uint64_t cap_effective, cap_permitted, cap_bounding, cap_inheritable, cap_ambient;
    uint32_t uid_inside, uid_outside; /* of the program; outside is as the executor sees it */
    char profile[32];                 /* name of the seccomp profile */
};

struct sg_usage {
    uint64_t wall_time_us; /* from the program's exec to its end */
    uint64_t cpu_user_us;  /* SG_UNKNOWN where not measured, here and below */
    uint64_t cpu_system_us;
    uint64_t memory_peak_bytes;
    uint64_t processes_peak;
    uint64_t network_rx_bytes, network_tx_bytes; /* counters of the box's own network namespace */
};

/* How the program came to run. Names: sg_start_name. */
enum sg_start {
    SG_START_COLD,  /* its interpreter was started for the request */
    SG_START_AHEAD, /* its interpreter had been started and had waited for it */
    SG_START_WARM,  /* a clone of a template */
    SG_START_COUNT
};
const char *sg_start_name(enum sg_start s); /* "cold" ...; NULL out of range */

struct sg_timings {
    uint32_t start; /* enum sg_start */
    uint32_t queue_us, setup_us, run_us, collect_us;
};
/* A span of time as it stands there. A day, which wall_time_ms may be, is more microseconds than
   fit: the longest that can be told. */
uint32_t sg_timing_us(int64_t us);
/* All of it, in microseconds. */
uint64_t sg_timings_total_us(const struct sg_timings *t);

struct sg_stream_info {
    uint64_t total_bytes; /* written by the program */
    uint64_t
        head_bytes; /* of what is kept: bytes before the cut; all of them when nothing was cut */
    uint64_t kept_bytes;
};

/* What a compilation has left. Order is part of the message format. */
enum sg_product {
    SG_PRODUCT_NONE,    /* it was no compilation, or it failed */
    SG_PRODUCT_TAKEN,   /* a program, which comes with the outcome */
    SG_PRODUCT_MISSING, /* nothing where it should be, or nothing that can be read */
    SG_PRODUCT_SPECIAL, /* no regular file, or one with several names */
    SG_PRODUCT_TOO_LARGE,
    SG_PRODUCT_FOREIGN, /* no program of this machine */
    SG_PRODUCT_HELD,    /* processes of the compiler were left that could have changed it */
    SG_PRODUCT_COUNT
};
/* What is wrong with it, as a phrase about the compiler; NULL of NONE and TAKEN. */
const char *sg_product_fault(enum sg_product p);

/* System calls that the sandbox has refused with an errno, by number. Where nobody has asked for it
   they are not counted. */
#define SG_DENIED_NUMBERS 512
struct sg_denied {
    uint32_t traced;                       /* 0: not counted */
    uint32_t count[SG_DENIED_NUMBERS + 1]; /* the last: of all other numbers together */
};

struct sg_outcome {
    uint32_t reason;      /* enum sg_reason */
    int32_t exit_code;    /* 0..255; -1 when it did not exit by itself */
    int32_t signal;       /* number, or 0 */
    uint32_t limits_hit;  /* enum sg_limit_hit */
    uint64_t limit, peak; /* of the reason's limit in its own unit; SG_UNKNOWN when it has none */
    struct sg_usage usage;
    struct sg_timings timings;
    struct sg_isolation isolation;
    struct sg_stream_info out, err;
    uint32_t product; /* enum sg_product */
    struct sg_denied denied;
    char language[32], version[32]; /* the runtime that ran */
};

/* "SIGKILL" for 9; NULL for 0 or an unknown number. */
const char *sg_signal_name(int signal);

#endif
