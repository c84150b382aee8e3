/*
 * doctor.h: looks at a host, its configuration, nginx and the services, and says what is wrong with
 * the command that mends it: `sandgate doctor`.
 *
 *     struct sg_doctor d;
 *     sg_doctor_init(&d, NULL);
 *     d.config_path = path;
 *     sg_doctor_examine(&d);
 *     for (size_t i = 0; i < d.n; i++) ... d.v[i].check, d.v[i].health, d.v[i].text, d.v[i].fix ...
 *     sg_doctor_done(&d);
 *
 * doctor.c has the table of checks, in the order in which they are made, and what each of them
 * needs; the other files have the checks. It changes nothing: it reads files, asks the executors,
 * connects to the workers' sockets, and starts processes that end at once. Whoever asks may be any
 * user: what that user cannot see is SG_HEALTH_UNKNOWN, with the reason.
 */
#ifndef SG_FCGI_DOCTOR_DOCTOR_H
#define SG_FCGI_DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config/config.h"
#include "core/config/runtimes.h"
#include "fcgi/doctor/nginx_conf.h"
#include "fcgi/link.h"

/* Names: sg_health_name. */
enum sg_health {
    SG_HEALTH_OK,
    SG_HEALTH_SKIPPED, /* does not concern this host */
    SG_HEALTH_UNKNOWN, /* this user, or from here, cannot see it */
    SG_HEALTH_WARNING, /* works, but less safe or slower than it could be */
    SG_HEALTH_ERROR,   /* runs fail, or a layer is missing that must not be */
    SG_HEALTH_COUNT
};
const char *sg_health_name(enum sg_health h); /* "ok", ...; NULL out of range */

struct sg_symptom {
    const char *check; /* borrowed: name of the check, "AREA.WHAT" */
    enum sg_health health;
    char *text; /* owned: what was found */
    char *fix;  /* owned: what mends it, a command where there is one; NULL: nothing to mend */
};

/* Questions to the kernel, so that tests can have another one. Each: 0 or positive, or -errno. */
struct sg_probes {
    int (*user_namespace)(void); /* two, one in the other, each with a mount namespace */
    int (*mount_proc)(void);     /* a proc in namespaces of its own */
    int (*landlock)(void);       /* its version */
    int (*notification)(void);   /* seccomp's, to user space */
    int (*call)(long number);    /* 0: the system call is there, whatever it says to nonsense */
};
extern const struct sg_probes sg_probes_real;

struct sg_doctor {
    const char *config_path;        /* borrowed; NULL: the installed one (below root) */
    const char *nginx_path;         /* borrowed; NULL: `nginx -T` is asked; "-": stdin */
    const struct sg_probes *probes; /* borrowed */
    int root;                       /* owned: below which everything is read */
    bool elsewhere;                 /* it is not our own: nothing that runs here is asked */

    struct sg_config cfg; /* owned, as are the following; filled in by checks */
    struct sg_runtimes runtimes;
    struct sg_nginx nginx;
    struct sg_link link;
    bool has_config, has_runtimes, has_executor;
    bool has_nginx, has_locations; /* nginx's configuration; one that leads to us */

    const char *check; /* that is being made */
    struct sg_symptom *v;
    size_t n, room;
    bool failed; /* an allocation failed: the list is not whole */
};

/* root: a directory in place of "/" (see elsewhere); NULL: "/". 0, or -errno when it cannot be
   opened. */
int sg_doctor_init(struct sg_doctor *ret, const char *root);
/* Makes all checks. 0 or -ENOMEM. */
int sg_doctor_examine(struct sg_doctor *d);
/* How many of the symptoms are that. */
size_t sg_doctor_count(const struct sg_doctor *d, enum sg_health h);
void sg_doctor_done(struct sg_doctor *d);

/* Calls fn with the name of each check, in order. */
void sg_doctor_each_check(void (*fn)(void *arg, const char *name), void *arg);

#endif
