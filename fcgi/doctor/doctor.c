/* doctor.c: the table of checks, and the list of what they find. */
#include "fcgi/doctor/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "fcgi/doctor/internal.h"

/* What a check cannot do without. */
enum need {
    NEED_HERE = 1 << 0, /* what runs on this machine is what is asked about */
    NEED_CONFIG = 1 << 1,
    NEED_RUNTIMES = 1 << 2,
    NEED_EXECUTOR = 1 << 3,
    NEED_NGINX = 1 << 4,
    NEED_LOCATIONS = 1 << 5,
    NEED_NATIVE = 1 << 6,
    NEED_DOCKER = 1 << 7,
};

static const struct check {
    const char *name;
    void (*make)(struct sg_doctor *d);
    unsigned needs;
} checks[] = {
    {"config.file", sg_check_config_file, 0}, /* first: others ask it what may be missing */
    {"config.rights", sg_check_config_rights, NEED_CONFIG},
    {"config.runtimes", sg_check_config_runtimes, NEED_CONFIG},
    {"config.rules", sg_check_config_rules, NEED_CONFIG},
    {"config.executor", sg_check_config_executor, NEED_HERE | NEED_NATIVE | NEED_CONFIG},
    {"config.metrics", sg_check_config_metrics, NEED_HERE | NEED_CONFIG},
    {"kernel.version", sg_check_kernel_version, 0},
    {"kernel.namespaces", sg_check_kernel_namespaces, NEED_NATIVE},
    {"kernel.calls", sg_check_kernel_calls, NEED_NATIVE | NEED_HERE},
    {"kernel.notification", sg_check_kernel_notification, NEED_NATIVE | NEED_HERE},
    {"kernel.landlock", sg_check_kernel_landlock, NEED_NATIVE | NEED_HERE},
    {"kernel.proc", sg_check_kernel_proc, NEED_NATIVE | NEED_HERE},
    {"userns.limits", sg_check_userns_limits, NEED_NATIVE},
    {"userns.sysctl", sg_check_userns_sysctl, NEED_NATIVE},
    {"userns.apparmor", sg_check_userns_apparmor, NEED_NATIVE},
    {"userns.try", sg_check_userns_try, NEED_NATIVE | NEED_HERE},
    {"host.cgroups", sg_check_host_cgroups, NEED_NATIVE},
    {"host.controllers", sg_check_host_controllers, NEED_NATIVE},
    {"host.swap", sg_check_host_swap, 0},
    {"host.core_pattern", sg_check_host_core_pattern, 0},
    {"host.lsm", sg_check_host_lsm, 0},
    {"host.sysctl", sg_check_host_sysctl, 0},
    {"service.socket", sg_check_service_socket, NEED_HERE | NEED_NATIVE | NEED_CONFIG},
    {"service.executor", sg_check_service_executor,
     NEED_HERE | NEED_NATIVE | NEED_CONFIG | NEED_RUNTIMES},
    {"service.workers", sg_check_service_workers, NEED_HERE | NEED_CONFIG},
    {"service.ids", sg_check_service_ids, NEED_HERE | NEED_NATIVE | NEED_CONFIG},
    {"service.cgroup", sg_check_service_cgroup,
     NEED_HERE | NEED_NATIVE | NEED_CONFIG | NEED_EXECUTOR},
    {"service.runtimes", sg_check_service_runtimes,
     NEED_HERE | NEED_NATIVE | NEED_CONFIG | NEED_RUNTIMES | NEED_EXECUTOR},
    {"service.layers", sg_check_service_layers,
     NEED_HERE | NEED_NATIVE | NEED_CONFIG | NEED_RUNTIMES | NEED_EXECUTOR},
    {"nginx.test", sg_check_nginx_test, 0},
    {"nginx.include", sg_check_nginx_include, NEED_NGINX},
    {"nginx.body", sg_check_nginx_body, NEED_NGINX | NEED_LOCATIONS | NEED_CONFIG},
    {"nginx.timeout", sg_check_nginx_timeout,
     NEED_NGINX | NEED_LOCATIONS | NEED_CONFIG | NEED_RUNTIMES},
    {"nginx.buffers", sg_check_nginx_buffers, NEED_NGINX | NEED_LOCATIONS},
    {"nginx.params", sg_check_nginx_params, NEED_NGINX | NEED_LOCATIONS},
    {"nginx.sockets", sg_check_nginx_sockets, NEED_HERE | NEED_NGINX | NEED_LOCATIONS},
    {"nginx.guard", sg_check_nginx_guard, NEED_NGINX | NEED_LOCATIONS},
    {"docker.socket", sg_check_docker_socket, NEED_HERE | NEED_CONFIG | NEED_DOCKER},
    {"docker.engine", sg_check_docker_engine, NEED_HERE | NEED_CONFIG | NEED_DOCKER},
    {"docker.peers", sg_check_docker_peers, NEED_HERE | NEED_CONFIG | NEED_DOCKER},
    {"docker.executor", sg_check_docker_executor,
     NEED_HERE | NEED_CONFIG | NEED_RUNTIMES | NEED_DOCKER},
};

static bool wants_docker(const struct sg_doctor *d)
{
    return (d->cfg.docker.socket && *d->cfg.docker.socket) ||
           sg_strings_has(&d->cfg.worker.engines, "docker");
}

static bool wants_native(const struct sg_doctor *d)
{
    return *d->cfg.native.socket || sg_strings_has(&d->cfg.worker.engines, "native");
}

/* Why a check is not made; NULL: it is. */
static const char *missing(const struct sg_doctor *d, unsigned needs, enum sg_health *ret)
{
    const struct {
        unsigned need;
        bool there;
        enum sg_health health;
        const char *why;
    } rows[] = {
        {NEED_CONFIG, d->has_config, SG_HEALTH_UNKNOWN, "the configuration cannot be read"},
        {NEED_NATIVE, !d->has_config || wants_native(d), SG_HEALTH_SKIPPED,
         "the native engine is not configured"},
        {NEED_DOCKER, d->has_config && wants_docker(d), SG_HEALTH_SKIPPED,
         "the Docker engine is not configured"},
        {NEED_HERE, !d->elsewhere, SG_HEALTH_UNKNOWN,
         "with --root nothing that runs here is asked"},
        {NEED_RUNTIMES, d->has_runtimes, SG_HEALTH_UNKNOWN, "the languages cannot be read"},
        {NEED_EXECUTOR, d->has_executor, SG_HEALTH_UNKNOWN, "the executor does not answer"},
        {NEED_NGINX, d->has_nginx, SG_HEALTH_UNKNOWN, "nginx's configuration cannot be read"},
        {NEED_LOCATIONS, d->has_locations, SG_HEALTH_SKIPPED, "nginx has no location for Sandgate"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        *ret = rows[i].health;
        if ((needs & rows[i].need) && !rows[i].there)
            return rows[i].why;
    }
    return NULL;
}

const char *sg_health_name(enum sg_health h)
{
    static const char *const names[] = {"ok", "skipped", "unknown", "warning", "error"};
    _Static_assert(SG_ARRAY_LEN(names) == SG_HEALTH_COUNT, "a name for each");
    return h < SG_HEALTH_COUNT ? names[h] : NULL;
}

int sg_doctor_init(struct sg_doctor *d, const char *root)
{
    *d = (struct sg_doctor){
        .probes = &sg_probes_real, .elsewhere = root != NULL, .link = {.client = SG_CLIENT_INIT}};
    d->root = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return d->root < 0 ? -errno : 0;
}

int sg_doctor_examine(struct sg_doctor *d)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(checks); i++) {
        enum sg_health health = SG_HEALTH_OK;
        d->check = checks[i].name;
        const char *why = missing(d, checks[i].needs, &health);
        if (why)
            sg_doctor_tell(d, health, "%s", why);
        else
            checks[i].make(d);
    }
    return d->failed ? -ENOMEM : 0;
}

void sg_doctor_each_check(void (*fn)(void *arg, const char *name), void *arg)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(checks); i++)
        fn(arg, checks[i].name);
}

size_t sg_doctor_count(const struct sg_doctor *d, enum sg_health h)
{
    size_t count = 0;
    for (size_t i = 0; i < d->n; i++)
        count += d->v[i].health == h;
    return count;
}

void sg_doctor_done(struct sg_doctor *d)
{
    for (size_t i = 0; i < d->n; i++) {
        free(d->v[i].text);
        free(d->v[i].fix);
    }
    free(d->v);
    sg_fd_close(&d->root);
    sg_link_done(&d->link);
    sg_nginx_done(&d->nginx);
    sg_runtimes_done(&d->runtimes);
    sg_config_done(&d->cfg);
    *d = (struct sg_doctor){.root = -1, .link = {.client = SG_CLIENT_INIT}};
}

/* Room for one more; NULL: there is none. */
static struct sg_symptom *add(struct sg_doctor *d)
{
    if (d->n == d->room) {
        size_t room = d->room ? 2 * d->room : 64;
        struct sg_symptom *v = realloc(d->v, room * sizeof *v);
        if (!v)
            return NULL;
        d->v = v;
        d->room = room;
    }
    return &d->v[d->n];
}

void sg_doctor_tell(struct sg_doctor *d, enum sg_health h, const char *fmt, ...)
{
    va_list ap;
    struct sg_symptom *s = add(d);
    if (s) {
        *s = (struct sg_symptom){.check = d->check, .health = h};
        va_start(ap, fmt);
        if (vasprintf(&s->text, fmt, ap) < 0)
            s->text = NULL;
        va_end(ap);
    }
    if (s && s->text)
        d->n++;
    else
        d->failed = true;
}

void sg_doctor_fix(struct sg_doctor *d, const char *fmt, ...)
{
    va_list ap;
    char *text = NULL;
    if (d->n == 0)
        return;
    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0) {
        d->failed = true;
    } else {
        free(d->v[d->n - 1].fix);
        d->v[d->n - 1].fix = text;
    }
    va_end(ap);
}

static bool is_there(const struct sg_doctor *d, const char *path)
{
    struct stat st;
    return sg_doctor_stat(d, path, &st) == 0;
}

/* Either manager is packaged for the other's distributions, too. */
void sg_doctor_fix_install(struct sg_doctor *d, const char *debian, const char *fedora)
{
    bool apt = is_there(d, "usr/bin/apt-get");
    if (is_there(d, "usr/bin/dnf") && (!apt || is_there(d, "etc/redhat-release")))
        sg_doctor_fix(d, "dnf install %s", fedora);
    else if (apt)
        sg_doctor_fix(d, "apt-get install %s", debian);
    else
        sg_doctor_fix(d, "install what Debian has as %s", debian);
}

void sg_doctor_tell_unseen(struct sg_doctor *d, int rc, const char *what)
{
    sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "%s cannot be read: %s", what, strerror(-rc));
    if (geteuid() != 0 && rc != -ENOENT && rc != -EINVAL) /* those are root's, too */
        sg_doctor_fix(d, "%s", ASK_AS_ROOT);
}

void sg_doctor_tell_error(struct sg_doctor *d, const struct sg_error *err, const char *fix)
{
    bool hidden = geteuid() != 0 && (err->code == -EACCES || err->code == -EPERM);
    sg_doctor_tell(d, hidden ? SG_HEALTH_UNKNOWN : SG_HEALTH_ERROR, "%s", err->text);
    sg_doctor_fix(d, "%s", hidden ? ASK_AS_ROOT : err->fix[0] ? err->fix : fix);
}
