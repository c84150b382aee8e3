/*
 * boot.h: what sandgate-docker and sandgate-boot say to each other, over the standard streams of a
 * container.
 *
 * Theory of operation. sandgate-boot is pid 1 of each container: nothing of an image runs before it
 * or beside it but the program. It waits for one order on its standard input:
 *
 *     struct sg_boot_order, and of struct sg_program_plan, the payload (core/ipc/payload.h), the
 *     input and the product what that kind of order has
 *
 * and reads exactly that. (Before, it has taken a user namespace of its own where the host lets it,
 * in which it lays /tmp and /work into one tmpfs, so that they share one allowance; boot_place.c.)
 * Then it lays the files out, forks the program, which gives up everything as a program in a box of
 * our own does (core/sandbox/box.h: rlimits, no_new_privs, Landlock, the strict profile, one execve
 * by notification), lets it execute, and passes on what it writes:
 *
 *     struct sg_boot_head and its body, again and again, on standard output
 *
 * When it has ended, that is told first: its time limit is not met any more, and how it ended is
 * known whatever becomes of the rest. When everybody else has ended, too, what they have written
 * has been passed on and the figures are read, so much is told again. Then the files that it leaves
 * are taken as in a box (core/sandbox/collect.h) and passed on without being kept here: the
 * container's memory may be full of them. So is what a compiler has made (core/sandbox/product.h),
 * if nobody was left when it ended. Where that is run it comes with the order, into a memfd that is
 * sealed and executed by its descriptor, as in a box: no file system of a container is both written
 * and executed.
 *
 * The program never has the container's own streams, so it can imitate nothing of this. Pid 1 is
 * not dumpable, so a program of the same user can look neither at its memory nor at its
 * descriptors, and as pid 1 it cannot be killed from inside (pid_namespaces(7)). Whatever else
 * comes on standard input, and its end, end the run: a container whose executor is gone ends by
 * itself.
 *
 * Both ends are of one build: sandgate-docker puts its sandgate-boot into the images.
 */
#ifndef SG_DOCKER_BOOT_H
#define SG_DOCKER_BOOT_H

#include <stdint.h>

#include "core/ipc/payload.h"
#include "core/sandbox/box.h"
#include "core/sandbox/plan.h"

#define SG_BOOT_MAGIC 0x544f4f42u /* "BOOT" */
#define SG_BOOT_PATH  "/sandgate-boot"
#define SG_BOOT_TMP   "/tmp" /* with SG_BOX_WORKDIR what can be written; both are tmpfs */
#define SG_BOOT_CHUNK 65536u /* most bytes of one OUT or ERR */

/* AHEAD has a plan only: the interpreter is started and stops where it opens its file, a FIFO
   (core/sandbox/box.h). GO has payload and input for it. RUN has all three; an interpreter that
   waits is ended first. */
enum sg_boot_order_kind { SG_BOOT_ORDER_RUN = 1, SG_BOOT_ORDER_AHEAD, SG_BOOT_ORDER_GO };

struct sg_boot_order {
    uint32_t magic;
    uint32_t plan_size, payload_size, stdin_size, product_size; /* of what follows */
    uint32_t merge_stderr;
    uint32_t required;    /* SG_LAYER_BITs that must be seen in force from inside */
    uint64_t cpu_time_ms; /* of all processes of the container */
    uint64_t cpu_percent;
    uint32_t kind;   /* enum sg_boot_order_kind */
    uint32_t nlower; /* GO: limits that are lower than those the interpreter was started with */
    struct sg_plan_rlimit lower[3];
    struct sg_output_rules output; /* RUN, GO: the files that come back */
    struct sg_output_limits output_limits;
    uint64_t host_ns[8]; /* inodes of the executor's namespaces, order of sg_plan_ns */
};

enum sg_boot_kind {
    SG_BOOT_READY = 1, /* struct sg_boot_ready: waits for the order */
    SG_BOOT_EVENT,     /* struct sg_box_event: STARTED, WAITING or FAILED */
    SG_BOOT_OUT,       /* bytes of the program's standard output, 1 to SG_BOOT_CHUNK */
    SG_BOOT_ERR,       /* the same of standard error */
    /* The files that come back (core/ipc/files.h), piece by piece, when the program has ended. */
    SG_BOOT_FILES_AT,  /* struct sg_boot_files: where the next bytes belong */
    SG_BOOT_FILES,     /* those, 1 to SG_BOOT_CHUNK */
    SG_BOOT_FILES_END, /* struct sg_boot_files: so many in all */
    SG_BOOT_PRODUCT,   /* bytes of what a compiler has made, 1 to SG_BOOT_CHUNK; END says whether
                          they are it */
    SG_BOOT_ENDED, /* struct sg_boot_end, as far as it is known: of a program that was executed */
    SG_BOOT_END,   /* struct sg_boot_end: nothing follows */
    SG_BOOT_KIND_COUNT
};

struct sg_boot_head {
    uint32_t magic, kind, size;
};

struct sg_boot_ready {
    uint32_t own_user_ns; /* sandgate-boot has taken one, within whatever the Engine gives */
    uint32_t remapped;    /* the Engine gives one: its ids are not the host's */
    uint32_t uid_outside; /* what its uid is outside of that; without one the same */
    uint32_t uid, gid;
};

struct sg_boot_files {
    uint64_t at;
};

struct sg_boot_end {
    int32_t status;              /* wait status of the program; of no meaning when it never ended */
    uint32_t ended;              /* it ended by itself: status holds */
    uint32_t cpu_time_up;        /* we ended it: its CPU time was used up */
    uint32_t stopped;            /* the Engine asked us to end (SIGTERM) */
    uint32_t product;            /* enum sg_product, where the plan's program makes one */
    uint32_t drained;            /* all that the program has written has been passed on */
    uint64_t wall_us;            /* from its execve to its end */
    uint64_t user_us, system_us; /* of it and its children, as wait4(2) tells */
    uint64_t cpu_us, memory_peak; /* of the container's cgroup; SG_UNKNOWN, here and below */
    uint64_t oom_kills, memory_hits, pids_peak, pids_hits, throttled;
    uint64_t rx_bytes, tx_bytes; /* of its network namespace */
};
/* Of which nothing is known yet. */
#define SG_BOOT_END_UNKNOWN                                                                        \
    {                                                                                              \
        .status = 9, .user_us = SG_UNKNOWN, .system_us = SG_UNKNOWN, .cpu_us = SG_UNKNOWN,         \
        .memory_peak = SG_UNKNOWN, .oom_kills = SG_UNKNOWN, .memory_hits = SG_UNKNOWN,             \
        .pids_peak = SG_UNKNOWN, .pids_hits = SG_UNKNOWN, .throttled = SG_UNKNOWN,                 \
        .rx_bytes = SG_UNKNOWN, .tx_bytes = SG_UNKNOWN                                             \
    }

#endif
