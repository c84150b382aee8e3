#include "core/sandbox/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/sandbox/python_files.h"
#include "core/sandbox/steps.h"
#include "core/sandbox/template.h"

const struct sg_plan_ns sg_plan_ns[SG_PLAN_NS_COUNT] = {
    {"user", SG_LAYER_USER_NS},     {"mnt", SG_LAYER_MOUNT_NS}, {"pid", SG_LAYER_PID_NS},
    {"net", SG_LAYER_NET_NS},       {"ipc", SG_LAYER_IPC_NS},   {"uts", SG_LAYER_UTS_NS},
    {"cgroup", SG_LAYER_CGROUP_NS},
};

#define RO_ATTR   (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define DATA_ATTR (RO_ATTR | MOUNT_ATTR_NOEXEC)
#define SAFE      (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const char *const etc_files[] = {"alternatives", "ld.so.cache", "fonts", "matplotlibrc",
                                        "mime.types"};

static const struct {
    const char *name, *text;
} etc_texts[] = {
    {"passwd",
     "root:x:0:0:root:/:/usr/sbin/nologin\nsandbox:x:1000:1000:sandbox:/work:/usr/sbin/nologin\n"},
    {"group", "root:x:0:\nsandbox:x:1000:\n"},
    {"hosts", "127.0.0.1 localhost\n::1 localhost\n"},
    {"hostname", SG_BOX_HOSTNAME "\n"},
    {"nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"},
};

static const char *const dev_nodes[] = {"null", "zero", "full", "random", "urandom"};

static const char *const dev_links[][2] = {
    {"/proc/self/fd", "dev/fd"},
    {"/proc/self/fd/0", "dev/stdin"},
    {"/proc/self/fd/1", "dev/stdout"},
    {"/proc/self/fd/2", "dev/stderr"},
};

static const struct sg_plan_access access_rows[] = {
    {"/", SG_ACCESS_LIST},         {"/usr", SG_ACCESS_EXECUTE}, {"/bin", SG_ACCESS_EXECUTE},
    {"/sbin", SG_ACCESS_EXECUTE},  {"/lib", SG_ACCESS_EXECUTE}, {"/lib64", SG_ACCESS_EXECUTE},
    {"/etc", SG_ACCESS_READ},      {"/proc", SG_ACCESS_READ},   {"/dev", SG_ACCESS_DEVICE},
    {"/dev/shm", SG_ACCESS_WRITE}, {"/tmp", SG_ACCESS_WRITE},   {SG_BOX_WORKDIR, SG_ACCESS_WRITE},
};

static struct sg_plan_mount *row(struct sg_plan *p, enum sg_mount_kind kind, enum sg_step step,
                                 uint32_t attr, const char *source, const char *target)
{
    static struct sg_plan_mount
        spare; /* the count still grows, and sg_plan_build refuses at its end */
    struct sg_plan_mount *m = p->nmounts < SG_PLAN_MOUNTS ? &p->mounts[p->nmounts] : &spare;
    p->nmounts++;
    *m = (struct sg_plan_mount){.kind = kind, .step = step, .attr = attr};
    if (sg_str_copy(m->source, sizeof m->source, source) < 0 ||
        sg_str_copy(m->target, sizeof m->target, target) < 0)
        p->nmounts = SG_PLAN_MOUNTS + 1;
    return m;
}

static void __attribute__((format(printf, 2, 3)))
row_data(struct sg_plan_mount *m, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(m->data, sizeof m->data, fmt, ap);
    va_end(ap);
}

/* A symbolic link of the root is made again, a directory is bound. Nothing else of the host or
   image is in the box but the rows of etc_files. */
static void plan_root(struct sg_plan *p, const char *root, const struct sg_plan_facts *f)
{
    for (size_t i = 0; i < f->ndirs; i++) {
        char host[96];
        snprintf(host, sizeof host, "%s/%s", root, f->dirs[i].name);
        if (f->dirs[i].link[0])
            row(p, SG_MOUNT_SYMLINK, SG_STEP_MOUNT_USR, 0, f->dirs[i].link, f->dirs[i].name);
        else
            row(p, SG_MOUNT_BIND, SG_STEP_MOUNT_USR, RO_ATTR, host, f->dirs[i].name);
    }
}

static void plan_etc(struct sg_plan *p, const char *root)
{
    if (SG_LAB_OFF(&p->lab, ETC_PRIVATE)) {
        row(p, SG_MOUNT_BIND, SG_STEP_MOUNT_ETC, 0, "/etc", "etc");
        return;
    }
    row(p, SG_MOUNT_DIR, SG_STEP_MOUNT_ETC, 0755, "", "etc");
    for (size_t i = 0; i < SG_ARRAY_LEN(etc_files); i++) {
        char host[96], box[64];
        snprintf(host, sizeof host, "%s/etc/%s", root, etc_files[i]);
        snprintf(box, sizeof box, "etc/%s", etc_files[i]);
        row(p, SG_MOUNT_BIND, SG_STEP_MOUNT_ETC, DATA_ATTR, host, box)->optional = 1;
    }
    row(p, SG_MOUNT_DIR, SG_STEP_MOUNT_ETC, 0755, "", SG_PYTHON_DIR);
    for (uint32_t i = 0; i < SG_PYTHON_FILES; i++) {
        char box[64];
        snprintf(box, sizeof box, SG_PYTHON_DIR "/%s", sg_python_files[i].name);
        row(p, SG_MOUNT_PYTHON, SG_STEP_MOUNT_ETC, i, "", box);
    }
    for (size_t i = 0; i < SG_ARRAY_LEN(etc_texts); i++) {
        char box[64];
        snprintf(box, sizeof box, "etc/%s", etc_texts[i].name);
        row_data(row(p, SG_MOUNT_TEXT, SG_STEP_MOUNT_ETC, 0644, "", box), "%s", etc_texts[i].text);
    }
}

static void plan_dev(struct sg_plan *p)
{
    if (SG_LAB_OFF(&p->lab, DEV_PRIVATE)) {
        row(p, SG_MOUNT_BIND, SG_STEP_MOUNT_DEV, 0, "/dev", "dev");
        return;
    }
    row(p, SG_MOUNT_DIR, SG_STEP_MOUNT_DEV, 0755, "", "dev");
    row_data(row(p, SG_MOUNT_TMPFS, SG_STEP_MOUNT_DEV, MS_NOSUID | MS_NOEXEC, "", "dev"),
             SG_LAB_OFF(&p->lab, DEV_RO) ? "size=64k,nr_inodes=40,mode=777"
                                         : "size=64k,nr_inodes=40,mode=755");
    for (size_t i = 0; i < SG_ARRAY_LEN(dev_nodes); i++) {
        char host[32], box[32];
        snprintf(host, sizeof host, "/dev/%s", dev_nodes[i]);
        snprintf(box, sizeof box, "dev/%s", dev_nodes[i]);
        row(p, SG_MOUNT_BIND, SG_STEP_MOUNT_DEV, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, host, box);
    }
    for (size_t i = 0; i < SG_ARRAY_LEN(dev_links); i++)
        row(p, SG_MOUNT_SYMLINK, SG_STEP_MOUNT_DEV, 0, dev_links[i][0], dev_links[i][1]);
    row(p, SG_MOUNT_DIR, SG_STEP_MOUNT_SHM, 0755, "", "dev/shm");
    /* The node /dev/null must not be replaceable by the program: runc's CVE-2025-31133 came from
     * that. */
    if (!SG_LAB_OFF(&p->lab, DEV_RO))
        row(p, SG_MOUNT_READONLY, SG_STEP_MOUNT_DEV, MS_NOSUID | MS_NOEXEC, "", "dev");
}

static struct sg_plan_mount *box_row(struct sg_plan *p, enum sg_mount_kind kind, enum sg_step step,
                                     uint32_t attr, const char *source, const char *target)
{
    struct sg_plan_mount *m = row(p, kind, step, attr, source, target);
    m->per_box = 1;
    return m;
}

/* One tmpfs holds /tmp and the working directory, so that they share one allowance: two directories
   of it are bound to these places, the second over the mount itself. */
static void plan_writable(struct sg_plan *p, const struct sg_config *cfg)
{
    bool bounded = !SG_LAB_OFF(&p->lab, TMPFS_LIMITS);
    uint32_t safe = SG_LAB_OFF(&p->lab, NOEXEC) ? 0 : SAFE;
    struct sg_plan_mount *m = box_row(p, SG_MOUNT_TMPFS, SG_STEP_MOUNT_WRITABLE, safe, "", "tmp");
    if (bounded)
        row_data(m, "size=%llu,nr_inodes=%llu,mode=755", (unsigned long long)cfg->native.tmp_bytes,
                 (unsigned long long)cfg->native.tmp_inodes);
    else
        row_data(m, "mode=755");
    box_row(p, SG_MOUNT_DIR, SG_STEP_MOUNT_WRITABLE, 01777, "", "tmp/tmp");
    box_row(p, SG_MOUNT_OWN, SG_STEP_MOUNT_WRITABLE, 0, "", "tmp/tmp");
    box_row(p, SG_MOUNT_DIR, SG_STEP_MOUNT_WRITABLE, 0755, "", "tmp/work");
    box_row(p, SG_MOUNT_OWN, SG_STEP_MOUNT_WRITABLE, 0, "", "tmp/work");
    box_row(p, SG_MOUNT_REBIND, SG_STEP_MOUNT_WRITABLE, 0, "tmp/work", "work");
    box_row(p, SG_MOUNT_REPLACE, SG_STEP_MOUNT_WRITABLE, 0, "tmp/tmp", "tmp");
    row_data(box_row(p, SG_MOUNT_TMPFS, SG_STEP_MOUNT_SHM, safe, "", "dev/shm"),
             bounded ? "size=%llu,nr_inodes=4096,mode=1777" : "mode=1777",
             (unsigned long long)cfg->native.shm_bytes);
}

static void plan_proc(struct sg_plan *p)
{
    bool masked = !SG_LAB_OFF(&p->lab, PROC_MASK) && !SG_LAYER_OFF(&p->lab, PROC);
    row(p, SG_MOUNT_DIR, SG_STEP_MOUNT_PROC, 0755, "", "proc");
    /* Without a pid namespace of its own a box may not mount the host's one. */
    if (!p->proc || SG_LAYER_OFF(&p->lab, PID_NS))
        return;
    /* The kernel lets nobody mount a proc who does not see one whole (mount_too_revealing in
       fs/namespace.c): the cell keeps the host's, and pid 1 puts the box's own in its place. */
    row(p, SG_MOUNT_BIND, SG_STEP_MOUNT_PROC, DATA_ATTR, "/proc", "proc");
    row_data(box_row(p, SG_MOUNT_PROC, SG_STEP_MOUNT_PROC,
                     masked ? DATA_ATTR : DATA_ATTR & ~MOUNT_ATTR_RDONLY, "", "proc"),
             masked ? "hidepid=invisible,subset=pid" : "");
}

static void plan_access(struct sg_program_plan *p)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(access_rows); i++) {
        p->access[i] = access_rows[i];
        if (access_rows[i].access == SG_ACCESS_WRITE && SG_LAB_OFF(&p->lab, NOEXEC))
            p->access[i].access = SG_ACCESS_WRITE_EXECUTE;
    }
    p->naccess = SG_ARRAY_LEN(access_rows);
}

/* Per process, whole seconds: only a backstop for the timer over the whole box. */
uint64_t sg_plan_cpu_seconds(const struct sg_limits *l)
{
    return l->cpu_time_ms / 1000 + 2;
}

/* Backstop of pids.max, and set above it so that pids.max is what is met and counted. With one id
   the keeper and pid 1 are counted, too. */
uint64_t sg_plan_processes(const struct sg_limits *l, const struct sg_plan_facts *f)
{
    if (f->cgroup_layers & SG_LAYER_BIT(SG_LAYER_CGROUP_PIDS))
        return l->processes + 16;
    return l->processes + (f->two_ids ? 1 : 2);
}

static void plan_rlimits(struct sg_program_plan *p, const struct sg_limits *l,
                         const struct sg_plan_facts *f)
{
    const struct sg_plan_rlimit rows[] = {
        /* 1, not 0: a core_pattern that pipes to a handler runs it as root on the host for 0
           (core(5)), and not for 1, which no core dump can fit in. */
        {RLIMIT_CORE, 1},
        {RLIMIT_NOFILE, 1024},
        {RLIMIT_FSIZE, l->file_bytes},
        {RLIMIT_MEMLOCK, 0},
        {RLIMIT_MSGQUEUE, 0},
        {RLIMIT_SIGPENDING, 1024},
        {RLIMIT_RTPRIO, 0},
        {RLIMIT_NICE, 0},
        {RLIMIT_STACK, 8u << 20},
        {RLIMIT_CPU, sg_plan_cpu_seconds(l)},
        {RLIMIT_NPROC, sg_plan_processes(l, f)},
    };
    memcpy(p->rlimits, rows, sizeof rows);
    p->nrlimits = SG_ARRAY_LEN(rows);
}

/* Which ids pid 1 and the program have, as numbered inside the box. */
struct ids {
    uint32_t init, program;
    bool mapped;
};

static struct ids choose_ids(const struct sg_plan_facts *f)
{
    struct ids ids = {SG_BOX_UID, SG_BOX_UID, true};
    if (f->two_ids)
        ids.init = 0;
    if (SG_LAB_OFF(&f->lab, IDS))
        ids.program = ids.init;
    if (SG_LAYER_OFF(&f->lab, USER_NS)) /* root of the executor's own namespace, else it could not
                                           build the box */
        ids = (struct ids){0, SG_LAB_OFF(&f->lab, IDS) ? 0 : f->id_program, false};
    return ids;
}

static void plan_ids(struct sg_plan *p, const struct sg_plan_facts *f)
{
    const struct ids ids = choose_ids(f);
    p->init_uid = p->init_gid = ids.init;
    p->program_uid = p->program_gid = ids.program;
    p->uid_map[0] = (struct sg_id_map){SG_BOX_UID, f->id_program};
    p->uid_map[1] = (struct sg_id_map){0, f->id_init};
    p->nmap = !ids.mapped ? 0 : f->two_ids ? 2 : 1;
    memcpy(p->gid_map, p->uid_map, sizeof p->gid_map);
}

/* What stands for a figure of the run's limits in command and environment. */
struct plan_words {
    char cpus[24], memory_mib[24];
    char product[SG_PATH_MAX + 1]; /* where it shall lie; of itself, what it is called */
};

/* Appends text with {file}, {cpus}, {product} and {memory_mib} replaced; returns its offset, or -1
   when there is no room. */
static int plan_text(struct sg_program_plan *p, const char *text, const char *file,
                     const struct plan_words *words)
{
    uint32_t start = p->text_used, at = start;
    while (*text) {
        const char *put = NULL;
        size_t skip = 1;
        if (sg_str_starts(text, "{file}")) {
            put = file;
            skip = 6;
        } else if (sg_str_starts(text, "{cpus}")) {
            put = words->cpus;
            skip = 6;
        } else if (sg_str_starts(text, "{product}")) {
            put = words->product;
            skip = 9;
        } else if (sg_str_starts(text, "{memory_mib}")) {
            put = words->memory_mib;
            skip = 12;
        }
        size_t n = put ? strlen(put) : 1;
        if (at + n + 1 > SG_PLAN_TEXT)
            return -1;
        memcpy(p->text + at, put ? put : text, n);
        at += n;
        text += skip;
    }
    p->text[at++] = '\0';
    p->text_used = at;
    return (int)start;
}

static int plan_strings(struct sg_program_plan *p, const struct sg_strings *from, uint16_t *to,
                        uint32_t *n, const char *file, const struct plan_words *words)
{
    for (size_t i = 0; i < from->n; i++) {
        int at = *n < SG_PLAN_STRINGS ? plan_text(p, from->v[i], file, words) : -1;
        if (at < 0)
            return -E2BIG;
        to[(*n)++] = (uint16_t)at;
    }
    return 0;
}

static uint32_t required_layers(const struct sg_config *cfg, const struct sg_plan_facts *f)
{
    uint32_t all = (1u << SG_LAYER_COUNT) - 1;
    uint32_t absent = 0;
    if (f->landlock_abi <= 0)
        absent |= SG_LAYER_BIT(SG_LAYER_LANDLOCK);
    if (!f->proc)
        absent |= SG_LAYER_BIT(SG_LAYER_PROC);
    if (!f->two_ids)
        absent |= SG_LAYER_BIT(SG_LAYER_PRIVATE_UID);
    absent |= (SG_LAYER_BIT(SG_LAYER_CGROUP_MEMORY) | SG_LAYER_BIT(SG_LAYER_CGROUP_PIDS) |
               SG_LAYER_BIT(SG_LAYER_CGROUP_CPU)) &
              ~f->cgroup_layers;
    return all & ~(absent & cfg->native.allow_missing);
}

int sg_plan_build(struct sg_plan *p, const struct sg_config *cfg, const struct sg_plan_facts *f,
                  struct sg_error *err)
{
    const char *root = cfg->native.root ? cfg->native.root : "";
    *p = (struct sg_plan){.magic = SG_PLAN_MAGIC, .size = sizeof *p, .lab = f->lab};
    p->cgroup_v2 = f->cgroup_v2;
    p->proc = f->proc;
    p->required = required_layers(cfg, f) & ~(uint32_t)f->lab.off;
    p->filters_before = f->filters_before;
    memcpy(p->host_ns, f->host_ns, sizeof p->host_ns);
    plan_ids(p, f);
    plan_root(p, root, f);
    plan_etc(p, root);
    plan_dev(p);
    row(p, SG_MOUNT_DIR, SG_STEP_MOUNT_WRITABLE, 0755, "", "tmp");
    row(p, SG_MOUNT_DIR, SG_STEP_MOUNT_WRITABLE, 0755, "", "work");
    plan_proc(p);
    plan_writable(p, cfg);
    if (p->nmounts > SG_PLAN_MOUNTS)
        return sg_error_set(err, SG_E_INVALID, "native.root: a path is too long for the plan");
    return 0;
}

void sg_plan_for_template(struct sg_plan *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->nmounts; i++)
        if (p->mounts[i].kind != SG_MOUNT_PROC && strcmp(p->mounts[i].target, "proc") != 0)
            p->mounts[n++] = p->mounts[i];
    p->nmounts = n;
    p->nmap = 0;
    p->init_uid = p->init_gid = p->program_uid = p->program_gid = 0;
    row(p, SG_MOUNT_COPY, SG_STEP_FILES, 0755, "", SG_TEMPLATE_FILE);
    row_data(row(p, SG_MOUNT_TEXT, SG_STEP_FILES, 0644, "", "etc/ld.so.preload"),
             "/" SG_TEMPLATE_FILE "\n");
}

/* Compiled from "main.c", it is called "main". */
static void name_product(const struct sg_runtime *rt, bool compiles, char *ret, size_t n)
{
    const char *entry = rt->entry ? rt->entry : "";
    if (compiles)
        snprintf(ret, n, SG_PLAN_PRODUCT_DIR "/" SG_PLAN_PRODUCT_NAME);
    else
        snprintf(ret, n, "%.*s", (int)strcspn(entry, "."), entry);
}

int sg_program_plan_build(struct sg_program_plan *p, const struct sg_config *cfg,
                          const struct sg_runtime *rt, const struct sg_limits *limits,
                          const struct sg_plan_facts *f, struct sg_error *err)
{
    struct plan_words words;
    snprintf(words.cpus, sizeof words.cpus, "%llu",
             (unsigned long long)(limits->cpu_percent + 99) / 100);
    snprintf(words.memory_mib, sizeof words.memory_mib, "%llu",
             (unsigned long long)limits->memory_bytes >> 20);
    bool is_product = rt->command.n == 1 && strcmp(rt->command.v[0], "{product}") == 0;
    bool compiles = rt->compile.n > 0 && !is_product;
    name_product(rt, compiles, words.product, sizeof words.product);
    *p = (struct sg_program_plan){.magic = SG_PROGRAM_PLAN_MAGIC, .size = sizeof *p, .lab = f->lab};
    p->uid = p->gid = choose_ids(f).program;
    sg_str_copy(p->entry, sizeof p->entry, rt->entry ? rt->entry : "");
    p->required = required_layers(cfg, f) & ~(uint32_t)f->lab.off;
    p->may_execute = rt->may_execute;
    p->product = is_product ? SG_PLAN_IS_PRODUCT
                 : compiles ? SG_PLAN_MAKES_PRODUCT
                            : SG_PLAN_NO_PRODUCT;
    p->product_most =
        limits->file_bytes < SG_PRODUCT_BYTES_MAX ? limits->file_bytes : SG_PRODUCT_BYTES_MAX;
    if (p->may_execute)
        p->required &= ~SG_LAYER_BIT(SG_LAYER_ONE_EXEC);
    plan_access(p);
    plan_rlimits(p, limits, f);
    if (plan_strings(p, &rt->command, p->argv, &p->nargv, "{file}", &words) < 0 ||
        plan_strings(p, &rt->environment, p->env, &p->nenv, "", &words) < 0)
        return sg_error_set(err, SG_E_INVALID,
                            "runtime %s: command and environment exceed %d strings or %d bytes",
                            rt->language, SG_PLAN_STRINGS, SG_PLAN_TEXT);
    if (f->nfilter > SG_PLAN_FILTER)
        return sg_error_set(err, SG_E_INVALID, "profile %s: %u instructions, at most %d",
                            rt->profile, f->nfilter, SG_PLAN_FILTER);
    memcpy(p->filter, f->filter, f->nfilter * sizeof *f->filter);
    p->nfilter = f->nfilter;
    return 0;
}
