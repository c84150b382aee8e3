/*
 * config.h: /etc/sandgate/sandgate.conf as a struct. Every key stands in one schema table
 * (schema.c) with its type, bounds, default and one line of documentation; the shipped file and the
 * manual are checked against it. Values that are out of bounds, of the wrong type, or unknown are
 * refused with file, line, key and what is allowed.
 *
 *     sg_auto(sg_config) struct sg_config cfg = {0};
 *     if (sg_config_load(&cfg, NULL, &err) < 0) ...    // NULL: the installed default path if it
 * exists
 */
#ifndef SG_CONFIG_CONFIG_H
#define SG_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/model/limits.h"
#include "core/model/output.h"
#include "core/model/runtime.h"

struct sg_config {
    char *path; /* owned: file that was read; NULL when there was none and defaults hold */

    /* general */
    char *runtime_dir; /* owned: directory of NAME.conf */
    char *profile_dir; /* owned: directory of NAME.json */
    char *rules_dir;   /* owned: directory of LANGUAGE.scm, LANGUAGE-NAME.scm */
    char *policy_dir;  /* owned: directory of NAME.conf */
    char *log_target;  /* "stderr" | "syslog" */
    int log_level;

    struct {                       /* worker { } */
        uint64_t requests;         /* ends after so many; default 1000 */
        uint64_t lifetime_s;       /* or after so long; default 3600 */
        uint64_t body_bytes;       /* largest request body; default 4m */
        bool allow_unvalidated;    /* may a request say "validate": false; default true */
        struct sg_strings engines; /* that requests may name; the first holds when they do not */
        char *metrics;             /* owned: file that all workers count in; "": none does */
    } worker;

    struct {                        /* validate { } */
        struct sg_strings policies; /* that requests may name; the first holds when they do not */
        uint64_t source_bytes;      /* bounds of what is looked at (core/validate/bounds.h) */
        uint64_t parse_ms, nodes, depth, work;
    } validate;

    struct sg_output_limits output; /* output { }: files that a run gives back */

    struct {                  /* native { } */
        char *socket;         /* service socket; "" (default): a private child of the worker */
        uint64_t socket_mode; /* octal permission bits; default 0660 */
        struct sg_strings
            peers;      /* user names or numeric uids that may connect; own uid and root always */
        uint64_t slots; /* 0: cores times 2 */
        uint64_t queue; /* waiting runs; default 64 */
        uint64_t queue_wait_ms;     /* default 10 s */
        char *cgroup;               /* name of the subtree; default "sandgate" */
        uint64_t id_base, id_count; /* host ids when started as root; default 1879048192, 65536 */
        uint32_t allow_missing;     /* SG_LAYER_BITs that may be absent; default: landlock,
                                       private_uid */
        char *root;                 /* "": the host's /usr; else an image directory used as root */
        uint64_t tmp_bytes;  /* writable tmpfs (/tmp and the working directory); default 100m */
        uint64_t tmp_inodes; /* default 16384 */
        uint64_t shm_bytes;  /* default 64m */
        uint64_t waiting_min,
            waiting_max;        /* programs of each template, and boxes, that wait; max 0: slots */
        uint64_t waiting_bytes; /* of all that wait; default 128m */
        uint64_t template_clones, template_lifetime_s; /* after which a template is replaced */
        bool trace_denied_syscalls; /* may a run have its refused calls counted; default on */
    } native;

    struct {          /* docker { } */
        char *socket; /* service socket of sandgate-docker; "": no such engine */
        uint64_t socket_mode;
        struct sg_strings peers;
        uint64_t slots, queue, queue_wait_ms; /* as native */
        char *engine_socket;                  /* of the Docker Engine */
        char *engine_url; /* "": engine_socket; else https://HOST:PORT of a remote one */
        char *tls_ca, *tls_cert, *tls_key; /* "": the system's; none; none */
        uint64_t call_ms;                  /* longest time for one call; default 10 s */
        char *instance;                    /* label of what is ours at that Engine */
        char *oci_runtime;                 /* "": the Engine's default; else runsc, ... */
        bool pull;                         /* may a missing image be pulled */
        uint64_t waiting;                  /* containers of each runtime that wait */
        uint64_t waiting_lifetime_s;       /* after which they are replaced */
        uint32_t allow_missing;            /* SG_LAYER_BITs that may be absent */
    } docker;

    struct sg_limits limits_default; /* limits { default_... } */
    struct sg_limits limits_max;     /* limits { max_... } */
};

/* Reads path, or the installed default when NULL (then a missing file means defaults). 0 or
   SG_E_INVALID (text: "FILE:LINE: key: what is wrong; allowed: ..."), -ENOENT, -EACCES, ... */
int sg_config_load(struct sg_config *cfg, const char *path, struct sg_error *err);
void sg_config_done(struct sg_config *cfg);
/* slots with 0 resolved to cores times 2 (sched_getaffinity(2)). */
unsigned sg_config_slots(const struct sg_config *cfg);
/* An executor serves one engine, and what they have in common (core/exec) reads native { }: this
   puts the slots, the queue and allow_missing of docker { } there, and no tracing. */
void sg_config_serve_docker(struct sg_config *cfg);

/* Appends a sample file: each key in its section, commented out, with its default, what is allowed,
   and its documentation. 0 or -ENOMEM. */
struct sg_buf;
int sg_config_describe(struct sg_buf *out);

#endif
