/* service.c: the native executor: its ids and cgroup, what it says, and what a run has. */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/model/outcome.h"
#include "fcgi/doctor/internal.h"
#include "fcgi/hints.h"
#include "fcgi/self_test.h"

#define SETTLE_MS 60000
#define IDS_LEAST 2      /* a box takes two */
#define IDS_GIVEN 65536  /* as many as packaging/sandgate-subids, */
#define IDS_FIRST 100000 /* and as it from here on */

#ifndef SG_LIBEXECDIR
#define SG_LIBEXECDIR "/usr/local/libexec/sandgate"
#endif

static bool is_private(const struct sg_doctor *d)
{
    return !*d->cfg.native.socket;
}

int sg_doctor_peer(const struct sg_doctor *d, pid_t *ret_pid, uid_t *ret_uid)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    if (d->link.client.sock < 0)
        return -ENOTCONN;
    if (getsockopt(d->link.client.sock, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
        return -errno;
    *ret_pid = peer.pid;
    *ret_uid = peer.uid;
    return 0;
}

void sg_check_service_executor(struct sg_doctor *d)
{
    struct sg_msg_status_reply s = {0};
    struct sg_error err = SG_ERROR_INIT;
    if (sg_link_settled(&d->link, SETTLE_MS, &s, &err) < 0) {
        sg_doctor_tell_error(d, &err,
                             "see the executor's log, and native.peers in the configuration");
        return;
    }
    d->has_executor = true;
    if (!s.ready) {
        sg_doctor_tell(d, SG_HEALTH_ERROR, "the executor answers, and is not ready: %s",
                       s.pending ? "its trial runs do not end" : s.reason);
        sg_doctor_fix(d, "sandgate runtimes --check");
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_OK,
                   "the executor answers: %u slots, %u running, %u of %u waiting, %u languages",
                   s.slots, s.running, s.queued, s.queue_max, s.runtimes);
    if (s.degraded[0]) {
        sg_doctor_tell(d, SG_HEALTH_WARNING, "slower than it could be: %s", s.degraded);
        sg_doctor_fix(d, "sandgate runtimes");
    }
}

static void check_range_of_root(struct sg_doctor *d)
{
    static const char *const files[] = {"etc/subuid", "etc/subgid"};
    uint64_t first = d->cfg.native.id_base, count = d->cfg.native.id_count;
    for (size_t i = 0; i < SG_ARRAY_LEN(files); i++) {
        sg_auto(sg_buf) struct sg_buf text = {0};
        char owner[64];
        if (sg_doctor_read(d, files[i], &text) < 0 ||
            !sg_subid_meets(text.data, first, count, owner, sizeof owner))
            continue;
        sg_doctor_tell(d, SG_HEALTH_WARNING,
                       "the ids of boxes (%" PRIu64 " and %" PRIu64 " more) belong to %s, too: /%s",
                       first, count - 1, owner, files[i]);
        sg_doctor_fix(d, "native.id_base: a range that nobody else has");
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_OK,
                   "the executor is root: boxes have ids of %" PRIu64 " to %" PRIu64, first,
                   first + count - 1);
}

/* Each box an id of its own, or all one: the layer private_uid. */
static void lacks_range(struct sg_doctor *d, const char *what, const char *fix)
{
    bool may = d->cfg.native.allow_missing & SG_LAYER_BIT(SG_LAYER_PRIVATE_UID);
    sg_doctor_tell(d, may ? SG_HEALTH_WARNING : SG_HEALTH_ERROR, "%s: %s", what,
                   may ? "all boxes share one id (native.allow_missing)" : "runs are refused");
    sg_doctor_fix(d, "%s", fix);
}

static bool has_helper(const struct sg_doctor *d, const char *path)
{
    struct stat st;
    return sg_doctor_stat(d, path, &st) == 0 && (st.st_mode & S_IXOTH);
}

/* How many ids he has; the file is added to all. -errno: that cannot be seen. */
static int find_range(const struct sg_doctor *d, const char *path, const char *name, uid_t uid,
                      uint64_t *count, struct sg_buf *all)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    uint64_t first;
    *count = 0;
    int rc = sg_doctor_read(d, path, &text);
    if (rc < 0)
        return rc == -ENOENT ? 0 : rc;
    (void)sg_subid_find(text.data, name, uid, &first, count);
    return sg_buf_printf(all, "%s\n", text.data);
}

/* What gives him a range: our own script, which leaves those alone who have one; or by hand. The
   executor takes the first one that it finds, so another one behind it would not do. */
static void write_range_fix(struct sg_buf *ret, const char *name, uid_t uid, bool has,
                            uint64_t begin)
{
    static const char script[] = SG_LIBEXECDIR "/sandgate-subids";
    uint64_t last = begin + IDS_GIVEN - 1;
    if (has && name)
        sg_buf_printf(ret, "sed -i '/^%s:/d' /etc/subuid /etc/subgid && ", name);
    if (!name)
        sg_buf_printf(ret,
                      "name its range in /etc/subuid and /etc/subgid, before others of it: "
                      "%u:%" PRIu64 ":%d",
                      uid, begin, IDS_GIVEN);
    else if (access(script, X_OK) == 0)
        sg_buf_printf(ret, "%s add %s", script, name);
    else
        sg_buf_printf(ret,
                      "usermod --add-subuids %" PRIu64 "-%" PRIu64 " --add-subgids %" PRIu64
                      "-%" PRIu64 " %s",
                      begin, last, begin, last, name);
    sg_buf_puts(ret, "; and start the executor anew");
}

static void check_range_of_user(struct sg_doctor *d, uid_t uid)
{
    const struct passwd *pw = getpwuid(uid);
    const char *name = pw ? pw->pw_name : NULL;
    uint64_t uids = 0, gids = 0;
    char number[16];
    sg_auto(sg_buf) struct sg_buf fix = {0};
    sg_auto(sg_buf) struct sg_buf all = {0}; /* both files: one number fits both */
    snprintf(number, sizeof number, "%u", uid);
    if (!has_helper(d, "usr/bin/newuidmap") || !has_helper(d, "usr/bin/newgidmap")) {
        lacks_range(d, "newuidmap and newgidmap are not installed", "");
        sg_doctor_fix_install(d, "uidmap", "shadow-utils");
        return;
    }
    int rc = find_range(d, "etc/subuid", name, uid, &uids, &all);
    if (rc == 0)
        rc = find_range(d, "etc/subgid", name, uid, &gids, &all);
    if (rc < 0) {
        sg_doctor_tell_unseen(d, rc, "/etc/subuid, /etc/subgid");
        return;
    }
    write_range_fix(&fix, name, uid, uids && gids,
                    sg_subid_free(all.data ? all.data : "", IDS_FIRST, IDS_GIVEN));
    const char *how = fix.data ? fix.data : ASK_AS_ROOT;
    if (uids < IDS_LEAST || gids < IDS_LEAST) {
        lacks_range(d, "the executor's user has no range in /etc/subuid and /etc/subgid", how);
        return;
    }
    uint64_t count = uids < gids ? uids : gids, want = 2 * (uint64_t)sg_config_slots(&d->cfg);
    if (count < want) {
        sg_doctor_tell(d, SG_HEALTH_WARNING,
                       "%s has %" PRIu64 " subordinate ids; boxes want two "
                       "for each slot, and those that wait as many again",
                       name ? name : number, count);
        sg_doctor_fix(d, "%s", how);
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_OK, "the executor is %s, with %" PRIu64 " subordinate ids",
                   name ? name : number, count);
}

void sg_check_service_ids(struct sg_doctor *d)
{
    struct stat st;
    uid_t uid = geteuid();
    pid_t pid;
    if (!is_private(d) && sg_doctor_peer(d, &pid, &uid) < 0) {
        if (stat(d->cfg.native.socket, &st) < 0) {
            sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "who the executor is: there is no socket");
            return;
        }
        uid = st.st_uid;
    }
    if (uid == 0)
        check_range_of_root(d);
    else
        check_range_of_user(d, uid);
}

/* Of cgroup v2: the line "0::PATH" of /proc/PID/cgroup, without the executor's own leaf. */
static int unified_path(const struct sg_doctor *d, pid_t pid, char *ret, size_t n)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    char path[64];
    snprintf(path, sizeof path, "proc/%d/cgroup", pid);
    int rc = sg_doctor_read(d, path, &text);
    const char *at = rc < 0 ? NULL : strstr(text.data, "0::/");
    if (!at)
        return rc < 0 ? rc : -ENOENT;
    snprintf(ret, n, "%.*s", (int)strcspn(at + 3, "\n"), at + 3);
    char *leaf = strrchr(ret, '/');
    if (leaf && strcmp(leaf, "/executor") == 0)
        *leaf = '\0';
    return 0;
}

void sg_check_service_cgroup(struct sg_doctor *d)
{
    static const char *const wanted[] = {"memory", "pids", "cpu"};
    sg_auto(sg_buf) struct sg_buf list = {0};
    char own[400], path[480];
    uid_t uid;
    pid_t pid;
    bool whole = true;
    if (is_private(d) || sg_doctor_peer(d, &pid, &uid) < 0) {
        sg_doctor_tell(d, SG_HEALTH_SKIPPED, "a private executor has its parent's cgroup");
        return;
    }
    int rc = unified_path(d, pid, own, sizeof own);
    if (rc == 0) {
        snprintf(path, sizeof path, "sys/fs/cgroup%s/cgroup.subtree_control", own);
        rc = sg_doctor_read(d, path, &list); /* empty where nothing is passed on */
    }
    if (rc < 0) { /* hybrid or version 1: what a run has tells more */
        sg_doctor_tell(d, SG_HEALTH_SKIPPED,
                       "the executor's cgroup is not one of version 2; "
                       "service.layers tells what boxes have");
        return;
    }
    for (size_t i = 0; i < SG_ARRAY_LEN(wanted); i++) {
        if (sg_doctor_has_word(list.data, wanted[i]))
            continue;
        whole = false;
        sg_doctor_tell(d, SG_HEALTH_WARNING, "the controller %s is not passed on below %s",
                       wanted[i], own);
        sg_doctor_fix(d, "Delegate=cpu memory pids in the executor's unit, and systemctl "
                         "daemon-reload && systemctl restart sandgate-native");
    }
    if (whole)
        sg_doctor_tell(d, SG_HEALTH_OK, "memory, pids and cpu are delegated to %s", own);
}

/* Of the languages that are ready and have a self-test, the first that is not compiled and has all
   layers: one that may execute is without one_exec by design. */
static const struct sg_runtime *find_test(struct sg_doctor *d, struct sg_error *err)
{
    struct sg_msg_runtime_reply reply = {.count = 1};
    for (uint32_t i = 0; i < reply.count && i < SG_RUNTIMES_MAX; i++) {
        if (sg_link_runtime(&d->link, i, &reply, err) < 0)
            return NULL;
        const struct sg_runtime *rt =
            i < reply.count ? sg_runtimes_find(&d->runtimes, reply.language) : NULL;
        if (rt && reply.ready && rt->self_test && !rt->may_execute && rt->compile.n == 0)
            return rt;
    }
    return NULL;
}

static const struct {
    enum sg_layer layer;
    const char *fix;
} layer_fixes[] = {
    {SG_LAYER_CGROUP_MEMORY, "see host.controllers and service.cgroup: Delegate=cpu memory pids"},
    {SG_LAYER_CGROUP_PIDS, "see host.controllers and service.cgroup: Delegate=cpu memory pids"},
    {SG_LAYER_CGROUP_CPU, "see host.controllers and service.cgroup: Delegate=cpu memory pids"},
    {SG_LAYER_LANDLOCK, "see kernel.landlock"},
    {SG_LAYER_PRIVATE_UID, "see service.ids"},
    {SG_LAYER_PROC, "see kernel.proc"},
};

static void tell_missing(struct sg_doctor *d, uint32_t missing)
{
    for (size_t i = 0; i < SG_LAYER_COUNT; i++) {
        if (!(missing & SG_LAYER_BIT(i)))
            continue;
        sg_doctor_tell(d, SG_HEALTH_WARNING, "boxes are without the layer %s",
                       sg_layer_name((enum sg_layer)i));
        for (size_t k = 0; k < SG_ARRAY_LEN(layer_fixes); k++)
            if (layer_fixes[k].layer == i)
                sg_doctor_fix(d, "%s", layer_fixes[k].fix);
    }
}

static void tell_run(struct sg_doctor *d, const char *language, const struct sg_run_result *r)
{
    const struct sg_isolation *i = &r->outcome.isolation;
    if (r->end == SG_RUN_REFUSED) {
        bool busy = r->refused.refusal == SG_REFUSAL_BUSY;
        sg_doctor_tell(d, busy ? SG_HEALTH_UNKNOWN : SG_HEALTH_ERROR, "a run of %s is refused: %s",
                       language, r->refused.text);
        if (r->refused.fix[0])
            sg_doctor_fix(d, "%s", r->refused.fix);
    } else if (i->missing) {
        tell_missing(d, i->missing);
    } else {
        sg_doctor_tell(d, SG_HEALTH_OK, "a run of %s has every layer (%s)", language,
                       sg_start_name((enum sg_start)r->outcome.timings.start));
    }
}

void sg_check_service_layers(struct sg_doctor *d)
{
    sg_auto(sg_job) struct sg_job job = {0};
    struct sg_error err = SG_ERROR_INIT;
    struct sg_run_result r = SG_RUN_RESULT_INIT;
    const struct sg_runtime *rt = find_test(d, &err);
    if (!rt && err.code == 0) {
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "no language is ready that could be run");
        return;
    }
    if (rt && sg_self_test_job(rt, &d->cfg.limits_default, &job) < 0) {
        d->failed = true;
        return;
    }
    if (rt)
        sg_hints_fill(&job, &d->runtimes, NULL);
    if (!rt || sg_link_run(&d->link, &job, NULL, &r, &err) < 0)
        sg_doctor_tell_error(d, &err,
                             "see the executor's log, and native.peers in the configuration");
    else
        tell_run(d, rt->language, &r);
    sg_run_result_done(&r);
}
