/*
 * plan.h: what one box shall be, decided completely before anything is cloned.
 *
 * The builders are pure: from configuration, runtime, limits and facts of the host to flat structs,
 * one for the place, which depends on no run and can be made ahead, one for the program. The
 * executor writes them into sealed memfds; sandgate-box maps and applies them row by row, deciding
 * nothing.
 */
#ifndef SG_SANDBOX_PLAN_H
#define SG_SANDBOX_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/filter.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/model/limits.h"
#include "core/model/runtime.h"
#include "core/sandbox/lab.h"

#define SG_PLAN_MAGIC         0x4e4c5053u /* "SPLN" */
#define SG_PROGRAM_PLAN_MAGIC 0x474f5250u /* "PROG" */

/* What processes of ours are called while they are nobody's: ps(1) shows what waits. 15 bytes at
 * most. */
#define SG_NAME_SPARE    "sandgate-spare" /* a launcher */
#define SG_NAME_CELL     "sandgate-cell"  /* what keeps a cell: also while it has a box */
#define SG_NAME_READY    "sandgate-ready" /* pid 1 of a prepared box */
#define SG_NAME_TEMPLATE "sandgate-templ"
#define SG_NAME_WAITING  "sandgate-waits" /* a program that waits for GO */
#define SG_NAME_BOX      "sandgate-box"

/* Ids inside every box. */
#define SG_BOX_UID         1000 /* the program: "sandbox" */
#define SG_BOX_PROGRAM_PID 2
#define SG_BOX_WORKDIR     "/work"
#define SG_BOX_HOSTNAME    "sandbox"
/* Where a compiler puts its product: in a directory that no file of the request is laid into. */
#define SG_PLAN_PRODUCT_DIR  "/tmp"
#define SG_PLAN_PRODUCT_NAME "product"

/* Descriptors of a launcher. It starts with the first; the others come over it in one parcel, in
 * this order. */
enum sg_box_fd {
    SG_BOX_FD_CONTROL = 3, /* SEQPACKET to the executor; pid 1 has one of its own there */
    SG_BOX_FD_PLAN,        /* struct sg_plan */
    SG_BOX_FD_CGROUP,      /* of a template, as SG_CELL_FD_CGROUP */
};
/* In keeper, pid 1 and the program's process before its execve: the executor's /proc (O_PATH). */
#define SG_CELL_HOST_PROC SG_BOX_FD_PLAN
/* What a cell gets for each box. */
enum sg_cell_fd {
    SG_CELL_FD_CONTROL, /* pid 1's */
    SG_CELL_FD_CGROUP,  /* v2: the box's directory; v1: the `tasks` file of each hierarchy */
};
#define SG_BOX_CGROUP_FDS_MAX 6
#define SG_BOX_FD_LAB_HOST                                                                         \
    20 /* lab build with close_fds off: the host's root, as 9 in the program */

enum sg_mount_kind {
    SG_MOUNT_DIR,      /* mkdir target, mode in attr */
    SG_MOUNT_SYMLINK,  /* target -> source */
    SG_MOUNT_TEXT,     /* regular file target with data */
    SG_MOUNT_PYTHON,   /* regular file target, the one of sg_python_files with the index in attr */
    SG_MOUNT_BIND,     /* source of the host at target, attr = MOUNT_ATTR_* */
    SG_MOUNT_REBIND,   /* source inside the new root (relative) at target, attr kept */
    SG_MOUNT_TMPFS,    /* target, attr = MS_* flags, data = options */
    SG_MOUNT_PROC,     /* target, attr = MOUNT_ATTR_*, data = options without values but hidepid's;
                          takes the place of what is mounted there */
    SG_MOUNT_READONLY, /* remount target (a mount) read-only; attr = MS_* to keep */
    SG_MOUNT_REPLACE,  /* source, a directory of the mount at target, takes that mount's place */
    SG_MOUNT_OWN,      /* chown target to the program's ids */
    SG_MOUNT_COPY, /* regular file target, mode in attr, with the bytes of SG_TEMPLATE_FD_SOURCE */
};

struct sg_plan_mount {
    uint8_t kind;     /* enum sg_mount_kind */
    uint8_t step;     /* enum sg_step it belongs to */
    uint8_t optional; /* a source that does not exist is skipped */
    uint8_t per_box;  /* made by pid 1 in each box; else once, in the cell: the same for all */
    uint32_t attr;
    char source[96];
    char target[64];
    char data[192];
};

struct sg_plan_rlimit {
    int32_t resource;
    uint64_t value;
};

/* Landlock: what may be done below a path. */
enum sg_access {
    SG_ACCESS_LIST,
    SG_ACCESS_READ,
    SG_ACCESS_EXECUTE,
    SG_ACCESS_DEVICE,
    SG_ACCESS_WRITE,
    SG_ACCESS_WRITE_EXECUTE
};
struct sg_plan_access {
    char path[32];
    uint8_t access; /* enum sg_access */
};

struct sg_id_map {
    uint32_t inside, outside; /* outside: as the executor's user namespace numbers it */
};

#define SG_PLAN_MOUNTS  64
#define SG_PLAN_RLIMITS 16
#define SG_PLAN_ACCESS  16
#define SG_PLAN_STRINGS 48
#define SG_PLAN_TEXT    8192
#define SG_PLAN_FILTER  2048

/* The place: what cell and box are before anything runs in them. */
struct sg_plan {
    uint32_t magic, size;
    struct sg_lab lab;
    uint32_t required; /* SG_LAYER_BITs that must be seen in force before the program runs */
    uint8_t cgroup_v2, proc;
    uint32_t cgroup_fds;
    uint32_t init_uid, init_gid, program_uid, program_gid; /* as numbered inside the box */
    struct sg_id_map uid_map[2], gid_map[2];
    uint32_t nmap;
    uint64_t host_ns[8];     /* inode numbers of the executor's namespaces, order of sg_plan_ns */
    uint32_t filters_before; /* seccomp filters that everybody has from the executor */
    uint32_t nmounts;
    struct sg_plan_mount mounts[SG_PLAN_MOUNTS];
};

enum sg_plan_product {
    SG_PLAN_NO_PRODUCT,
    SG_PLAN_MAKES_PRODUCT, /* a compiler: gets nothing of the request but its files */
    SG_PLAN_IS_PRODUCT,    /* what a compiler has made, executed by its descriptor */
};

/* The program: what it gives up, and what is executed. */
struct sg_program_plan {
    uint32_t magic, size;
    struct sg_lab lab;
    uint32_t uid, gid;     /* as numbered inside the box */
    uint32_t required;     /* as in struct sg_plan */
    uint32_t may_execute;  /* also after its first execve; only that is looked at */
    uint32_t traced;       /* refused calls are counted: trace.h */
    uint32_t product;      /* enum sg_plan_product */
    uint64_t product_most; /* MAKES: bytes */
    uint32_t nrlimits, naccess;
    struct sg_plan_rlimit rlimits[SG_PLAN_RLIMITS];
    struct sg_plan_access access[SG_PLAN_ACCESS];
    char entry[SG_PATH_MAX + 1]; /* the runtime's own name of the program's file */
    /* command and environment: offsets into text */
    uint32_t nargv, nenv;
    uint16_t argv[SG_PLAN_STRINGS], env[SG_PLAN_STRINGS];
    uint32_t text_used;
    char text[SG_PLAN_TEXT];
    uint32_t nfilter;
    struct sock_filter filter[SG_PLAN_FILTER];
};

/* Names under /proc/PID/ns and the layer each one is. */
struct sg_plan_ns {
    const char *name;
    uint8_t layer;
};
#define SG_PLAN_NS_COUNT 7
extern const struct sg_plan_ns sg_plan_ns[SG_PLAN_NS_COUNT];

/* A directory at the top of the root that programs live in, or a symbolic link to one. */
struct sg_plan_dir {
    char name[16];
    char link[64]; /* "": a directory */
};
#define SG_PLAN_DIRS_MAX 8

/* What the plan must know of the host and of the box's resources. */
struct sg_plan_facts {
    bool cgroup_v2;
    uint32_t cgroup_layers; /* SG_LAYER_BITs that the cgroup gives */
    int landlock_abi;       /* 0: kernel has none */
    bool proc;              /* a proc of its own can be mounted */
    bool two_ids;
    uint32_t id_init, id_program; /* outside ids (equal when one id) */
    uint64_t host_ns[8];
    uint32_t filters_before;
    const struct sock_filter *filter; /* borrowed */
    uint32_t nfilter;
    struct sg_plan_dir dirs[SG_PLAN_DIRS_MAX];
    size_t ndirs;
    struct sg_lab lab;
};

/* Fills *ret. 0 or SG_E_INVALID (a root that does not fit the table), with text. */
int sg_plan_build(struct sg_plan *ret, const struct sg_config *cfg,
                  const struct sg_plan_facts *facts, struct sg_error *err);
/* RLIMIT_CPU and RLIMIT_NPROC of a program with these limits. */
uint64_t sg_plan_cpu_seconds(const struct sg_limits *limits);
uint64_t sg_plan_processes(const struct sg_limits *limits, const struct sg_plan_facts *facts);
/* Makes of it the place of a template: the executor's id, no /proc, and the library of template.h.
 */
void sg_plan_for_template(struct sg_plan *p);
/* Fills *ret for a runtime (of a compile stage: sg_runtime_compile_stage) and limits. 0 or
 * SG_E_INVALID (a runtime that does not fit the tables).
 */
int sg_program_plan_build(struct sg_program_plan *ret, const struct sg_config *cfg,
                          const struct sg_runtime *rt, const struct sg_limits *limits,
                          const struct sg_plan_facts *facts, struct sg_error *err);

#endif
