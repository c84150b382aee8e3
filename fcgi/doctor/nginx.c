/* nginx.c: what nginx's locations for Sandgate say, against our configuration. */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/config/value.h"
#include "fcgi/doctor/internal.h"
#include "fcgi/doctor/nginx_locations.h"

#define NAME_MAX_BYTES 200

/* Calls check for each of our locations: false where it has told something. ok: what holds where
   none has. */
static void each(struct sg_doctor *d, bool runs_only,
                 bool (*check)(struct sg_doctor *d, int pass, const char *name), const char *ok)
{
    bool good = true;
    for (int at = -1; (at = sg_locations_next(&d->nginx, at)) >= 0;) {
        char name[NAME_MAX_BYTES];
        sg_locations_name(&d->nginx, at, name, sizeof name);
        if (!runs_only || sg_locations_runs(&d->nginx, at))
            good = check(d, at, name) && good;
    }
    if (good)
        sg_doctor_tell(d, SG_HEALTH_OK, "%s", ok);
}

static bool check_body(struct sg_doctor *d, int pass, const char *name)
{
    const char *text = sg_locations_value(&d->nginx, pass, "client_max_body_size", "1m");
    char ours[SG_VALUE_TEXT_MAX];
    uint64_t bytes = 0;
    if (!sg_nginx_size(text, &bytes) || bytes == d->cfg.worker.body_bytes)
        return true;
    sg_value_print(ours, SG_UNIT_BYTES, d->cfg.worker.body_bytes);
    bool less = bytes > 0 && bytes < d->cfg.worker.body_bytes;
    sg_doctor_tell(d, SG_HEALTH_WARNING,
                   "%s: client_max_body_size is %s, worker.body_bytes is %s: %s", name, text, ours,
                   less ? "nginx refuses (413) what workers would take"
                        : "nginx takes in whole what workers refuse");
    sg_doctor_fix(d, "client_max_body_size %s;", ours);
    return false;
}

void sg_check_nginx_body(struct sg_doctor *d)
{
    each(d, true, check_body, "client_max_body_size is worker.body_bytes");
}

/* The longest that one request may take: queue and run, and both again where it is compiled. */
static uint64_t longest_ms(const struct sg_doctor *d, uint64_t wall_ms)
{
    uint64_t queue = d->cfg.native.queue_wait_ms, compile = 0;
    if (d->cfg.docker.socket && *d->cfg.docker.socket && d->cfg.docker.queue_wait_ms > queue)
        queue = d->cfg.docker.queue_wait_ms;
    for (size_t i = 0; i < d->runtimes.n; i++) {
        const struct sg_runtime *rt = &d->runtimes.v[i];
        if (rt->compile.n > 0 && rt->compile_limits.wall_time_ms > compile)
            compile = rt->compile_limits.wall_time_ms;
    }
    return wall_ms + queue + (compile ? compile + queue : 0);
}

static bool check_timeout(struct sg_doctor *d, int pass, const char *name)
{
    const char *text = sg_locations_value(&d->nginx, pass, "fastcgi_read_timeout", "60s");
    const char *bound = sg_locations_param(&d->nginx, pass, "SANDGATE_MAX_WALL_TIME_MS");
    uint64_t ms = 0, wall = d->cfg.limits_max.wall_time_ms, own;
    if (bound && sg_str_to_u64(bound, &own) == 0 && own < wall)
        wall = own;
    uint64_t need = longest_ms(d, wall);
    if (!sg_nginx_time(text, &ms) || ms > need)
        return true;
    sg_doctor_tell(d, SG_HEALTH_WARNING,
                   "%s: fastcgi_read_timeout is %s, and a request may take %" PRIu64
                   " s (limits.max_wall_time_ms, queue_wait_ms, compile_limits): nginx gives up "
                   "(504) and the run is lost",
                   name, text, need / 1000);
    sg_doctor_fix(d, "fastcgi_read_timeout %" PRIu64 "s;", need / 1000 + 20);
    return false;
}

void sg_check_nginx_timeout(struct sg_doctor *d)
{
    each(d, true, check_timeout, "fastcgi_read_timeout exceeds the longest request");
}

static const struct {
    const char *name, *wanted, *why;
} switches[] = {
    {"fastcgi_request_buffering", "on", "a slow client holds a worker while it sends"},
    {"fastcgi_buffering", "on", "a slow client holds a worker while it reads"},
    {"fastcgi_ignore_client_abort", "off", "runs of clients that have left go on"},
    {"fastcgi_intercept_errors", "off", "the workers' problem documents are lost"},
    {"fastcgi_pass_request_body", "on", "workers get no program"},
};

static bool check_buffers(struct sg_doctor *d, int pass, const char *name)
{
    bool good = true;
    int ignored = sg_nginx_in_force(&d->nginx, d->nginx.v[pass].parent, "fastcgi_ignore_headers");
    for (size_t i = 0; i < SG_ARRAY_LEN(switches); i++) {
        const char *is = sg_locations_value(&d->nginx, pass, switches[i].name, switches[i].wanted);
        if (strcmp(is, switches[i].wanted) == 0)
            continue;
        good = false;
        sg_doctor_tell(d, SG_HEALTH_WARNING, "%s: %s is %s: %s", name, switches[i].name, is,
                       switches[i].why);
        sg_doctor_fix(d, "%s %s;", switches[i].name, switches[i].wanted);
    }
    for (unsigned i = 1; ignored >= 0 && i < d->nginx.v[ignored].nwords; i++) {
        if (strcmp(sg_nginx_word(&d->nginx, ignored, i), "X-Accel-Buffering") != 0)
            continue;
        good = false;
        sg_doctor_tell(d, SG_HEALTH_WARNING,
                       "%s: fastcgi_ignore_headers names X-Accel-Buffering: "
                       "events of a streamed run come all at its end",
                       name);
        sg_doctor_fix(d, "take X-Accel-Buffering out of fastcgi_ignore_headers");
    }
    return good;
}

void sg_check_nginx_buffers(struct sg_doctor *d)
{
    each(d, false, check_buffers, "requests and answers are buffered, clients that leave are told");
}

static const struct {
    const char *name, *instead; /* that workers take where there is none */
    enum sg_health without;
    const char *why;
} params[] = {
    {"REQUEST_METHOD", NULL, SG_HEALTH_ERROR, "workers cannot tell what is asked"},
    {"CONTENT_LENGTH", NULL, SG_HEALTH_ERROR, "workers refuse bodies"},
    {"CONTENT_TYPE", NULL, SG_HEALTH_ERROR, "workers refuse bodies"},
    {"SANDGATE_CLIENT", "REMOTE_ADDR", SG_HEALTH_WARNING,
     "all clients have one turn in the queue together"},
    {"SANDGATE_REQUEST_ID", NULL, SG_HEALTH_WARNING,
     "nginx's log and the workers' have different ids"},
};

static bool is_sent(const struct sg_nginx *n, int pass, const char *name)
{
    const char *value = name ? sg_locations_param(n, pass, name) : NULL;
    return value && *value;
}

static bool check_params(struct sg_doctor *d, int pass, const char *name)
{
    bool good = true;
    for (size_t i = 0; i < SG_ARRAY_LEN(params); i++) {
        const char *instead = params[i].instead;
        if (is_sent(&d->nginx, pass, params[i].name) || is_sent(&d->nginx, pass, instead))
            continue;
        good = false;
        sg_doctor_tell(d, params[i].without, "%s: fastcgi_param %s is not sent%s%s: %s", name,
                       params[i].name, instead ? ", nor " : "", instead ? instead : "",
                       params[i].why);
        sg_doctor_fix(d, "include the shipped sandgate-fastcgi.conf there; fastcgi_param of an "
                         "outer block is not added to that of an inner one");
    }
    return good;
}

void sg_check_nginx_params(struct sg_doctor *d)
{
    each(d, false, check_params, "workers are sent what they read");
}

/* ---- may nginx connect to the workers? ---- */

/* "user NAME [GROUP]": workers of nginx have that group in place of the user's own one. */
static void find_user(const struct sg_doctor *d, struct sg_person *ret)
{
    int at = sg_nginx_child(&d->nginx, -1, "user", -1);
    const char *name = sg_nginx_word(&d->nginx, at, 1), *group = sg_nginx_word(&d->nginx, at, 2);
    if (!sg_person_find(name ? name : "nobody", ret))
        sg_person_find("nobody", ret); /* nginx itself refuses such a user */
    const struct group *gr = group ? getgrnam(group) : NULL;
    if (gr && ret->ngroups > 0)
        ret->groups[0] = gr->gr_gid; /* the user's own one stands first: getgrouplist(3) */
}

/* Units that make a socket, which has owner and rights from them at each start. */
static const struct {
    const char *path, *unit;
} sockets[] = {{"/run/sandgate/workers.sock", "sandgate-fcgi.socket"},
               {"/run/sandgate/status.sock", "sandgate-status.socket"}};

/* NULL: none that runs here. */
static const char *unit_of(const char *path)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(sockets); i++)
        if (strcmp(sockets[i].path, path) == 0 && access("/run/systemd/system", F_OK) == 0)
            return sockets[i].unit;
    return NULL;
}

/* Rights that were given by hand would be gone with the socket. */
static void fix_closed(struct sg_doctor *d, const char *path, const struct sg_person *p)
{
    const struct group *own = p->ngroups > 0 ? getgrgid(p->groups[0]) : NULL;
    const char *unit = unit_of(path), *group = own ? own->gr_name : p->name;
    if (unit)
        sg_doctor_fix(d,
                      "mkdir -p /etc/systemd/system/%s.d && printf '[Socket]\\nSocketGroup=%s\\n' "
                      ">/etc/systemd/system/%s.d/group.conf && systemctl daemon-reload && "
                      "systemctl stop sandgate.target %s && systemctl start sandgate.target",
                      unit, group, unit, unit);
    else
        sg_doctor_fix(d, "start the workers anew: spawn-fcgi -s %s -M 0660 -G %s ...", path, group);
}

/* A unit whose socket file has gone or was replaced believes that it listens: it is stopped first,
   and no unit of a socket starts beside workers that run. What lies there both take away. */
static void tell_nobody(struct sg_doctor *d, const char *path, const char *why)
{
    const char *unit = unit_of(path);
    sg_doctor_tell(d, SG_HEALTH_ERROR, "no workers listen at %s: %s", path, why);
    if (unit)
        sg_doctor_fix(d, "systemctl stop sandgate.target %s && systemctl start sandgate.target",
                      unit);
    else
        sg_doctor_fix(d,
                      "start the workers anew: spawn-fcgi -s %s ...; or systemctl start "
                      "sandgate.target, and fastcgi_pass to where they listen",
                      path);
}

/* 1: told that it is open; 0: told something else; -1: it is no socket in the file system. */
static int check_socket(struct sg_doctor *d, const char *address, const struct sg_person *p)
{
    char path[256], where[256];
    if (!address || !sg_str_starts(address, "unix:"))
        return -1;
    snprintf(path, sizeof path, "%.*s", (int)strcspn(address + 5, ":"), address + 5);
    int rc = sg_person_may_connect(p, path, where, sizeof where);
    int listens = rc > 0 ? sg_doctor_listens(path) : 0;
    if (rc > 0 && listens == 0)
        return 1;
    if (rc == -EACCES || listens == -EACCES) {
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "whether workers listen at %s cannot be seen", path);
        sg_doctor_fix(d, ASK_AS_ROOT);
    } else if (rc < 0 || listens < 0) {
        tell_nobody(d, path,
                    listens == -ENOTSOCK ? "it is no socket" : strerror(rc < 0 ? -rc : -listens));
    } else {
        sg_doctor_tell(d, SG_HEALTH_ERROR,
                       "nginx's user %s may not connect to %s: %s is closed to it", p->name, path,
                       where);
        if (strcmp(where, path) == 0)
            fix_closed(d, path, p);
        else
            sg_doctor_fix(d, "chmod o+x %s", where);
    }
    return 0;
}

/* The servers of the upstream that a pass names, or the pass itself. */
static void check_target(struct sg_doctor *d, const char *to, const struct sg_person *p,
                         size_t *open, size_t *closed)
{
    int upstream = -1, found = -1;
    while ((upstream = sg_nginx_next(&d->nginx, "upstream", upstream)) >= 0) {
        const char *name = sg_nginx_word(&d->nginx, upstream, 1);
        if (name && strcmp(name, to) == 0)
            found = upstream;
    }
    int rc = found < 0 ? check_socket(d, to, p) : -1;
    *open += rc > 0;
    *closed += rc == 0;
    for (int at = -1; found >= 0 && (at = sg_nginx_child(&d->nginx, found, "server", at)) >= 0;) {
        rc = check_socket(d, sg_nginx_word(&d->nginx, at, 1), p);
        *open += rc > 0;
        *closed += rc == 0;
    }
}

/* Has an earlier pass of ours led there? */
static bool is_again(const struct sg_nginx *n, int pass)
{
    for (int at = -1; (at = sg_locations_next(n, at)) >= 0 && at < pass;)
        if (strcmp(sg_nginx_word(n, at, 1), sg_nginx_word(n, pass, 1)) == 0)
            return true;
    return false;
}

void sg_check_nginx_sockets(struct sg_doctor *d)
{
    size_t open = 0, closed = 0;
    struct sg_person p;
    find_user(d, &p);
    for (int at = -1; (at = sg_locations_next(&d->nginx, at)) >= 0;)
        if (sg_nginx_word(&d->nginx, at, 1) && !is_again(&d->nginx, at))
            check_target(d, sg_nginx_word(&d->nginx, at, 1), &p, &open, &closed);
    if (closed == 0 && open > 0)
        sg_doctor_tell(d, SG_HEALTH_OK, "nginx's user %s may connect to %zu sockets of workers",
                       p.name, open);
    else if (closed == 0)
        sg_doctor_tell(d, SG_HEALTH_SKIPPED,
                       "nginx reaches the workers over a network, or by a variable");
}

/* ---- who may run programs, and how many? ---- */

static bool is_local(const struct sg_nginx *n, int server)
{
    static const char *const places[] = {"127.", "[::1]", "unix:", "localhost"};
    bool local = true, any = false;
    for (int at = -1; server >= 0 && (at = sg_nginx_child(n, server, "listen", at)) >= 0;) {
        const char *where = sg_nginx_word(n, at, 1);
        bool here = false;
        for (size_t i = 0; where && i < SG_ARRAY_LEN(places); i++)
            here = here || sg_str_starts(where, places[i]);
        local = local && here;
        any = true;
    }
    return any && local;
}

static bool check_guard(struct sg_doctor *d, int pass, const char *name)
{
    static const char *const guards[] = {"limit_req", "limit_conn", "auth_basic", "auth_request",
                                         "auth_jwt"};
    const struct sg_nginx *n = &d->nginx;
    int server = sg_nginx_around(n, pass, "server");
    if (is_local(n, server) || !sg_locations_takes(n, pass) || sg_locations_denies(n, pass) ||
        sg_locations_refuses(n, pass))
        return true;
    for (size_t i = 0; i < SG_ARRAY_LEN(guards); i++)
        if (strcmp(sg_locations_value(n, pass, guards[i], "off"), "off") != 0)
            return true;
    /* With "optional" and its like nginx asks for a certificate, and goes on without one. */
    if (strcmp(sg_locations_value(n, pass, "ssl_verify_client", "off"), "on") == 0)
        return true;
    const char *host = sg_nginx_word(n, sg_nginx_child(n, server, "server_name", -1), 1);
    sg_doctor_tell(d, SG_HEALTH_WARNING,
                   "%s%s%s: everybody who reaches it may run programs, as many as they like", name,
                   host ? " of " : "", host ? host : "");
    sg_doctor_fix(d, "limit_req, limit_conn, and auth_basic or auth_request, in that location");
    return false;
}

void sg_check_nginx_guard(struct sg_doctor *d)
{
    each(d, true, check_guard, "who may run programs, or how often, is bounded");
}
