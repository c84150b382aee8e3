/* What is in force for one process, read back from the kernel: by pid 1 of its box, or by the
 * executor. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/base/fd.h"
#include "core/sandbox/attest.h"

#define PROC_TEXT_MAX 65536

static int attest_namespaces(const struct sg_plan *p, const struct sg_attest_view *view,
                             struct sg_isolation *iso, struct sg_error *err)
{
    for (int i = 0; i < SG_PLAN_NS_COUNT; i++) {
        char path[32];
        struct stat st;
        snprintf(path, sizeof path, "ns/%s", sg_plan_ns[i].name);
        if (fstatat(view->proc, path, &st, 0) < 0)
            return sg_error_errno(err, errno, "reading %s", path);
        if (view->box_ns && st.st_ino != view->box_ns[i])
            return sg_error_set(err, SG_E_LAYER, "%s is not the box's", path);
        if (st.st_ino != p->host_ns[i])
            iso->layers |= SG_LAYER_BIT(sg_plan_ns[i].layer);
    }
    return 0;
}

static int attest_rlimits(const struct sg_program_plan *p, pid_t pid, struct sg_isolation *iso,
                          struct sg_error *err)
{
    for (uint32_t i = 0; i < p->nrlimits; i++) {
        struct rlimit l;
        if (prlimit(pid, p->rlimits[i].resource, NULL, &l) < 0)
            return sg_error_errno(err, errno, "reading limit %d", p->rlimits[i].resource);
        if (l.rlim_max > p->rlimits[i].value || l.rlim_cur > p->rlimits[i].value)
            return 0;
    }
    iso->layers |= SG_LAYER_BIT(SG_LAYER_RLIMITS);
    return 0;
}

static int attest_file(int proc, const char *name,
                       int (*parse)(struct sg_isolation *, const char *), struct sg_isolation *iso,
                       struct sg_error *err)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    int r = sg_file_read(proc, name, &text, PROC_TEXT_MAX);
    if (r == 0)
        r = parse(iso, text.data ? text.data : "");
    return r < 0 ? sg_error_errno(err, -r, "reading %s%s", name[0] == '/' ? "" : "/proc/PID/", name)
                 : 0;
}

int sg_attest_filters_before(uint32_t *ret, struct sg_error *err)
{
    struct sg_isolation own = {0};
    int r = attest_file(AT_FDCWD, "/proc/self/status", sg_attest_status, &own, err);
    *ret = own.seccomp_filters;
    return r;
}

/* The profile and the listener, or the template's and the clone's; of a traced run profile and
   listener are one (trace.h). The same where a program may execute. */
static uint32_t own_filters(const struct sg_program_plan *program)
{
    return program->traced ? 1 : 2;
}

/* With the profile off or the listener off (lab build) fewer layers are expected. */
static uint32_t expected_layers(const struct sg_plan *p, const struct sg_program_plan *program)
{
    uint32_t executors = SG_LAYER_BIT(SG_LAYER_CGROUP_MEMORY) | SG_LAYER_BIT(SG_LAYER_CGROUP_PIDS) |
                         SG_LAYER_BIT(SG_LAYER_CGROUP_CPU);
    uint32_t expected = p->required & ~executors;
    if (program->may_execute)
        expected &= ~SG_LAYER_BIT(SG_LAYER_ONE_EXEC);
    if (SG_LAYER_OFF(&p->lab, ONE_EXEC))
        expected &= ~SG_LAYER_BIT(SG_LAYER_SECCOMP);
    if (SG_LAYER_OFF(&p->lab, SECCOMP))
        expected &= ~SG_LAYER_BIT(SG_LAYER_ONE_EXEC);
    if (SG_LAB_OFF(&p->lab, IDS) || SG_LAYER_OFF(&p->lab, USER_NS))
        expected &= ~SG_LAYER_BIT(SG_LAYER_PRIVATE_UID);
    if (SG_LAB_OFF(&p->lab, PROC_MASK) || SG_LAYER_OFF(&p->lab, PID_NS))
        expected &= ~SG_LAYER_BIT(SG_LAYER_PROC);
    if (p->lab.off >> SG_LAYER_COUNT || SG_LAYER_OFF(&p->lab, PROC))
        expected &= ~SG_LAYER_BIT(SG_LAYER_ROOT_RO); /* other mounts than the plain plan's */
    return expected;
}

static int check_layers(const struct sg_plan *p, const struct sg_program_plan *program,
                        const struct sg_isolation *iso, struct sg_error *err)
{
    uint32_t absent = expected_layers(p, program) & ~iso->layers;
    for (int i = 0; i < SG_LAYER_COUNT; i++)
        if (absent & SG_LAYER_BIT(i))
            return sg_error_set(err, SG_E_LAYER, "layer %s is not in force", sg_layer_name(i));
    return 0;
}

/* Who looks from outside of the box's user namespace sees the program's uid as it is numbered there
   (user_namespaces(7)): it must be the one that the map gives to the program. */
static int attest_ids(const struct sg_plan *p, int proc, bool outside, struct sg_isolation *iso,
                      struct sg_error *err)
{
    uint32_t seen = iso->uid_inside;
    if (outside)
        iso->uid_inside = p->program_uid;
    int r = attest_file(proc, "uid_map", sg_attest_uid_map, iso, err);
    if (r < 0)
        return r;
    if (iso->uid_inside != p->program_uid ||
        (outside && (iso->uid_outside != seen || seen != p->uid_map[0].outside)))
        return sg_error_set(err, SG_E_LAYER, "the program has uid %u instead of %u", seen,
                            outside ? iso->uid_outside : p->program_uid);
    return 0;
}

int sg_attest_process(const struct sg_plan *p, const struct sg_program_plan *program,
                      const struct sg_attest_view *view, struct sg_isolation *iso,
                      struct sg_error *err)
{
    int r = attest_namespaces(p, view, iso, err);
    if (r == 0)
        r = attest_rlimits(program, view->pid, iso, err);
    if (r == 0)
        r = attest_file(view->proc, "status", sg_attest_status, iso, err);
    if (r == 0)
        sg_attest_filters(iso, p->filters_before, own_filters(program));
    if (r == 0)
        r = attest_ids(p, view->proc, view->outside, iso, err);
    if (r == 0)
        r = attest_file(view->proc, "mountinfo", sg_attest_mounts, iso, err);
    if (r < 0)
        return r;
    if (iso->landlock_abi > 0)
        iso->layers |= SG_LAYER_BIT(SG_LAYER_LANDLOCK);
    if (view->exec_barred && iso->layers & SG_LAYER_BIT(SG_LAYER_SECCOMP))
        iso->layers |= SG_LAYER_BIT(SG_LAYER_ONE_EXEC);
    return check_layers(p, program, iso, err);
}
