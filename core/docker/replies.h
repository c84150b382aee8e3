/*
 * replies.h: what the Engine answers, from JSON to structs: pure. Every field is checked before it
 * is used; the texts are bounded. SG_E_PROTOCOL for anything that is not of the documented form.
 */
#ifndef SG_DOCKER_REPLIES_H
#define SG_DOCKER_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

#define SG_DOCKER_ID_MAX 80 /* "sha256:" and 64 digits */
#define SG_REPLY_DEPTH   40

/* GET /version */
struct sg_reply_version {
    char engine[64], api[16], api_min[16], arch[32];
};
int sg_reply_version(struct sg_reply_version *ret, const char *text, size_t n,
                     struct sg_error *err);

/* GET /info: what limits its kernel gives. */
struct sg_reply_info {
    bool memory, swap, cpu, pids;
    bool rootless;
};
int sg_reply_info(struct sg_reply_info *ret, const char *text, size_t n, struct sg_error *err);

/* GET /images/NAME/json */
struct sg_reply_image {
    char id[SG_DOCKER_ID_MAX], arch[32], os[32];
    bool volumes; /* each container of it would have some, on the Engine's disk */
};
int sg_reply_image(struct sg_reply_image *ret, const char *text, size_t n, struct sg_error *err);

/* The "Id" that creating a container or an image gives. */
int sg_reply_id(char ret[SG_DOCKER_ID_MAX], const char *text, size_t n, struct sg_error *err);

/* GET /containers/json: calls fn with the Id of each and the first of its names, without the slash
   ("": none), if all are good; at most 4096. */
int sg_reply_list(const char *text, size_t n,
                  void (*fn)(void *arg, const char *id, const char *name), void *arg,
                  struct sg_error *err);

/* GET /containers/ID/json: what is in force, as the Engine has understood it. */
struct sg_reply_container {
    bool running, oom_killed, readonly_root, no_new_privs, own_seccomp, seccomp_off;
    bool network_none, ipc_own, pid_own, uts_own, cgroupns_own, userns_host, privileged, tty, init;
    bool caps_none, binds_none, devices_none, log_none;
    int64_t exit_code, memory, memory_swap, nano_cpus, cpu_quota, cpu_period, pids;
    char user[32], image[SG_DOCKER_ID_MAX], runtime[64];
    char tmpfs_tmp[128], tmpfs_work[128], tmpfs_shm[128]; /* options of these mounts */
};
int sg_reply_container(struct sg_reply_container *ret, const char *text, size_t n,
                       struct sg_error *err);

/* {"message": "..."} of a failed call, as one line, or "". */
void sg_reply_message(char *ret, size_t size, const char *text, size_t n);

#endif
