#include "core/docker/create.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/docker/boot.h"

#define CPU_PERIOD_US 100000
#define CORE_BYTES    1 /* not 0: see plan.c */
#define NOFILE        1024
#define SHM_INODES    4096
#define SPARE_PIDS    2 /* sandgate-boot, and who lets the program start */
#define USER          "1000:1000"
#define TMPFS_SAFE    "rw,noexec,nosuid,nodev"

struct sg_container_limits sg_container_limits_of(const struct sg_limits *l)
{
    return (struct sg_container_limits){l->memory_bytes, l->processes, l->cpu_percent};
}

static json_t *ulimit(const char *name, int64_t value)
{
    return json_pack("{s:s, s:I, s:I}", "Name", name, "Soft", (json_int_t)value, "Hard",
                     (json_int_t)value);
}

static void tmp_options(const struct sg_config *cfg, char *ret, size_t n)
{
    snprintf(ret, n, TMPFS_SAFE ",size=%" PRIu64 ",nr_inodes=%" PRIu64 ",mode=755,uid=%d,gid=%d",
             cfg->native.tmp_bytes, cfg->native.tmp_inodes, SG_BOX_UID, SG_BOX_UID);
}

/* The program's input is a file there, and takes nothing of its allowance. */
static void shm_options(const struct sg_config *cfg, char *ret, size_t n)
{
    snprintf(ret, n, TMPFS_SAFE ",size=%" PRIu64 ",nr_inodes=%d,mode=1777",
             cfg->native.shm_bytes + SG_STDIN_BYTES_MAX, SHM_INODES);
}

static json_t *host_config(const struct sg_config *cfg, const char *outer,
                           const struct sg_container_limits *l)
{
    char tmp[128], shm[128];
    tmp_options(cfg, tmp, sizeof tmp);
    shm_options(cfg, shm, sizeof shm);
    json_t *h = json_pack(
        "{s:b, s:b, s:{s:s, s:s, s:s}, s:s, s:s, s:s, s:[s], s:I, s:I, s:I, s:I, s:I, s:b, "
        "s:{s:s}}", /**/
        "ReadonlyRootfs", 1, "Privileged", 0, "Tmpfs", SG_BOOT_TMP, tmp, SG_BOX_WORKDIR, tmp,
        "/dev/shm", shm, "NetworkMode", "none", "IpcMode", "none", "CgroupnsMode", "private",
        "CapDrop", "ALL", "Memory", (json_int_t)l->memory_bytes, "MemorySwap",
        (json_int_t)l->memory_bytes, "CpuPeriod", (json_int_t)CPU_PERIOD_US, "CpuQuota",
        (json_int_t)l->cpu_percent * CPU_PERIOD_US / 100, "PidsLimit",
        (json_int_t)l->processes + SPARE_PIDS, "Init", 0, "LogConfig", "Type", "none");
    json_t *filter = json_sprintf("seccomp=%s", outer);
    json_object_set_new(h, "SecurityOpt", json_pack("[s, o]", "no-new-privileges", filter));
    json_object_set_new(h, "Ulimits",
                        json_pack("[o, o]", ulimit("core", CORE_BYTES), ulimit("nofile", NOFILE)));
    if (cfg->docker.oci_runtime && cfg->docker.oci_runtime[0])
        json_object_set_new(h, "Runtime", json_string(cfg->docker.oci_runtime));
    return h;
}

/* sandgate-boot is pid 1 itself, and reaps: the Engine's init would only stand between. */
char *sg_container_create(const struct sg_config *cfg, const char *image, const char *outer,
                          const struct sg_container_limits *l)
{
    json_t *host = host_config(cfg, outer, l);
    json_t *body = json_pack(
        "{s:s, s:[s], s:[], s:[], s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:{s:s}, "
        "s:{s:[s]}, "
        "s:O}",
        "Image", image, "Entrypoint", SG_BOOT_PATH, "Cmd", "Env", "User", USER, "WorkingDir", "/",
        "Hostname", SG_BOX_HOSTNAME, "OpenStdin", 1, "StdinOnce", 1, "AttachStdin", 1,
        "AttachStdout", 1, "AttachStderr", 1, "Tty", 0, "NetworkDisabled", 1, "Labels",
        SG_DOCKER_LABEL, cfg->docker.instance, "Healthcheck", "Test", "NONE", "HostConfig", host);
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(host);
    json_decref(body);
    return text;
}

uint32_t sg_container_layers(const struct sg_reply_container *c, const struct sg_reply_info *info)
{
    const struct {
        bool given;
        enum sg_layer layer;
    } rows[] = {
        {!c->userns_host, SG_LAYER_USER_NS},
        {true, SG_LAYER_MOUNT_NS},
        {c->pid_own, SG_LAYER_PID_NS},
        {c->network_none, SG_LAYER_NET_NS},
        {c->ipc_own, SG_LAYER_IPC_NS},
        {c->uts_own, SG_LAYER_UTS_NS},
        {c->cgroupns_own, SG_LAYER_CGROUP_NS},
        {c->readonly_root && c->binds_none, SG_LAYER_ROOT_RO},
        {c->caps_none && !c->privileged, SG_LAYER_CAPABILITIES},
        {c->no_new_privs, SG_LAYER_NO_NEW_PRIVS},
        {c->own_seccomp && !c->seccomp_off, SG_LAYER_SECCOMP},
        {true, SG_LAYER_ONE_EXEC},
        {true, SG_LAYER_LANDLOCK},
        {true, SG_LAYER_RLIMITS},
        {c->memory > 0 && c->memory == c->memory_swap && info->memory && info->swap,
         SG_LAYER_CGROUP_MEMORY},
        {c->pids > 0 && info->pids, SG_LAYER_CGROUP_PIDS},
        {(c->cpu_quota > 0 || c->nano_cpus > 0) && info->cpu, SG_LAYER_CGROUP_CPU},
    };
    uint32_t layers = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        layers |= rows[i].given ? SG_LAYER_BIT(rows[i].layer) : 0;
    return layers;
}

int sg_container_check(const struct sg_reply_container *c, const struct sg_config *cfg,
                       const char *image, const struct sg_container_limits *l, struct sg_error *err)
{
    char tmp[128], shm[128];
    tmp_options(cfg, tmp, sizeof tmp);
    shm_options(cfg, shm, sizeof shm);
    const struct {
        bool wrong;
        const char *what;
    } rows[] = {
        {!c->running, "it does not run"},
        {c->privileged, "it is privileged"},
        {c->tty, "it has a terminal"},
        {!c->binds_none, "it has mounts"},
        {!c->devices_none, "it has devices"},
        {!c->log_none, "its output is logged"},
        {strcmp(c->image, image) != 0, "it has another image"},
        {strcmp(c->user, USER) != 0, "it has another user"},
        {strcmp(c->tmpfs_tmp, tmp) != 0 || strcmp(c->tmpfs_work, tmp) != 0 ||
             strcmp(c->tmpfs_shm, shm) != 0,
         "its tmpfs differ"},
        {c->memory != (int64_t)l->memory_bytes, "its memory differs"},
        {c->pids != (int64_t)l->processes + SPARE_PIDS, "its number of processes differs"},
        {c->cpu_quota != (int64_t)l->cpu_percent * CPU_PERIOD_US / 100, "its share of CPU differs"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        if (rows[i].wrong)
            return sg_error_set(err, SG_E_LAYER,
                                "the Engine made another container than it was asked for: %s",
                                rows[i].what);
    return 0;
}
