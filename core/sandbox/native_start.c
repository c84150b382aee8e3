/* Making a box, with everything that can fail on this side. */
#include "core/sandbox/native_box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/sandbox/product.h"

/* What the cell gets for the box, in the order of enum sg_cell_fd. */
struct parcel {
    int fds[SG_CELL_FD_CGROUP + SG_HIERARCHIES_MAX]; /* the first is owned */
    size_t n;
};

static int fail(struct sg_native_box *b, struct sg_error *err, enum sg_step step, int r)
{
    if (!err->code)
        sg_error_errno(err, -r, "%s", sg_step_name(step));
    snprintf(err->step, sizeof err->step, "%s", sg_step_name(step));
    sg_error_fix(err, "%s", sg_step_fix(step));
    b->refusal = SG_REFUSAL_LAYER;
    return err->code;
}

static int lab_fail(struct sg_native_box *b, struct sg_error *err, enum sg_step step)
{
    if (!SG_LAB_FAILS(&b->lab, step))
        return 0;
    sg_error_set(err, SG_E_LAYER, "made to fail by the test");
    return fail(b, err, step, 0);
}

static void fill_facts(const struct sg_native *n, int ids, const struct sg_lab *lab,
                       struct sg_plan_facts *facts)
{
    *facts = n->facts;
    facts->lab = *lab;
    facts->id_init = facts->two_ids ? 1 + 2 * (uint32_t)ids : 0;
    facts->id_program = facts->two_ids ? 2 + 2 * (uint32_t)ids : 0;
}

int sg_native_plan(const struct sg_native *n, int ids, const struct sg_lab *lab,
                   struct sg_plan *ret, struct sg_error *err)
{
    struct sg_plan_facts facts;
    fill_facts(n, ids, lab, &facts);
    int r = sg_plan_build(ret, n->cfg, &facts, err);
    ret->cgroup_fds = (uint32_t)n->setup->cgroups->n;
    return r;
}

static int make_program_plan(struct sg_native_box *b, int *ret_fd, struct sg_error *err)
{
    struct sg_native *n = b->native;
    struct sg_plan_facts facts;
    struct sg_profile *profile = sg_native_profile(n, b->run);
    struct sg_runtime stage = *b->run->runtime; /* borrowed, all of it */
    if (b->run->request.stage == SG_JOB_COMPILE)
        stage = sg_runtime_compile_stage(b->run->runtime);
    sg_autofree struct sg_program_plan *plan = malloc(sizeof *plan);
    if (!plan)
        return -ENOMEM;
    fill_facts(n, b->cell->ids, &b->lab, &facts);
    facts.filter = profile->filter;
    facts.nfilter = profile->nfilter;
    int r = sg_program_plan_build(plan, n->cfg, &stage, &b->limits, &facts, err);
    if (r < 0)
        return r;
    plan->traced = b->denied >= 0;
    *ret_fd = sg_memfd_sealed("sandgate-program", plan, sizeof *plan);
    return *ret_fd < 0 ? *ret_fd : 0;
}

/* Refused before anything is made: what is required and this host is known not to give. */
static int check_cgroup_layers(const struct sg_native_box *b, struct sg_error *err)
{
    const struct sg_cgroups *c = b->native->setup->cgroups;
    const uint32_t all = SG_LAYER_BIT(SG_LAYER_CGROUP_MEMORY) | SG_LAYER_BIT(SG_LAYER_CGROUP_PIDS) |
                         SG_LAYER_BIT(SG_LAYER_CGROUP_CPU);
    uint32_t absent = all & ~c->layers & ~b->native->cfg->native.allow_missing;
    for (int i = 0; i < SG_LAYER_COUNT; i++)
        if (absent & SG_LAYER_BIT(i))
            return sg_error_set(err, SG_E_LAYER, "no cgroup for layer %s (%s)", sg_layer_name(i),
                                c->why);
    return 0;
}

static int check_cgroups(struct sg_native_box *b, struct sg_error *err)
{
    int r = lab_fail(b, err, SG_STEP_CGROUP_CREATE);
    if (r == 0 && (r = check_cgroup_layers(b, err)) < 0)
        r = fail(b, err, SG_STEP_CGROUP_CREATE, r);
    return r;
}

static int check_ids(struct sg_native_box *b, struct sg_error *err)
{
    const struct sg_native *n = b->native;
    if (n->facts.two_ids || n->cfg->native.allow_missing & SG_LAYER_BIT(SG_LAYER_PRIVATE_UID))
        return 0;
    sg_error_set(err, SG_E_LAYER, "no pair of ids for layer private_uid (%s)",
                 n->setup->userns->why);
    return fail(b, err, SG_STEP_ID_MAP, SG_E_LAYER);
}

/* What is written: the limits, or so much that they do not bite. */
static struct sg_limits written(const struct sg_native_box *b)
{
    struct sg_limits limits = b->limits;
    if (SG_LAYER_OFF(&b->lab, CGROUP_MEMORY))
        limits.memory_bytes = 4ull << 30;
    if (SG_LAYER_OFF(&b->lab, CGROUP_PIDS))
        limits.processes = 2000;
    if (SG_LAYER_OFF(&b->lab, CGROUP_CPU))
        limits.cpu_percent = 800;
    return limits;
}

/* The cell's, which has been another box's, and is known to be clean (sg_cgroup_is_clean()). */
static bool take_cgroup(struct sg_native_box *b, const struct sg_limits *limits)
{
    const struct sg_cgroups *c = b->native->setup->cgroups;
    b->cgroup = b->cell->cgroup;
    b->cell->cgroup = (struct sg_cgroup)SG_CGROUP_INIT;
    b->renewed = sg_cgroup_renew(c, &b->cgroup, limits);
    if (b->renewed) {
        sg_warm_baseline(b);
    } else {
        sg_cell_remove_cgroup(c, &b->cgroup);
    }
    return b->renewed;
}

static int make_cgroup(struct sg_native_box *b, struct sg_error *err)
{
    const struct sg_limits limits = written(b);
    bool in_limits;
    if (b->cell->cgroup.name[0] && take_cgroup(b, &limits))
        return 0;
    int r = sg_cgroup_create(b->native->setup->cgroups, &b->cgroup, b->serial, &limits, &in_limits,
                             err);
    if (r < 0)
        return fail(b, err, in_limits ? SG_STEP_CGROUP_LIMITS : SG_STEP_CGROUP_CREATE, r);
    return lab_fail(b, err, SG_STEP_CGROUP_LIMITS);
}

int sg_native_box_limit(struct sg_native_box *b, const struct sg_limits *limits,
                        struct sg_error *err)
{
    b->limits = *limits;
    const struct sg_limits all = written(b);
    int r = sg_cgroup_limit(b->native->setup->cgroups, &b->cgroup, &all, err);
    return r < 0 ? fail(b, err, SG_STEP_CGROUP_LIMITS, r) : 0;
}

/* The program may open it again by the name of its descriptor, /dev/stdout say, which asks for the
   rights of the file: ours, as we have made it, and of another user. To write alone: what others of
   the box have written nobody reads there. Outside the box no path leads to it. */
#define PIPE_MODE 0622

static int make_pipe(int *ours, int *theirs)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0 || fchmod(ends[1], PIPE_MODE) < 0)
        return -errno;
    *ours = ends[0];
    *theirs = ends[1];
    return fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int stdin_end(struct sg_native_box *b)
{
#ifdef SG_LAB
    if (SG_LAB_OFF(&b->lab, STDIN_FILE)) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
            return -errno;
        close(ends[1]);
        return ends[0];
    }
#endif
    return SG_TAKE_FD(b->run->stdin_fd);
}

/* Fills the parcel; the first of it is the caller's to close, on failure too. */
static int pack(struct sg_native_box *b, struct parcel *p, struct sg_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return fail(b, err, SG_STEP_PIPES, -errno);
    b->control = ends[0];
    p->fds[SG_CELL_FD_CONTROL] = ends[1];
    int r = sg_cgroup_join_fds(b->native->setup->cgroups, &b->cgroup, p->fds + SG_CELL_FD_CGROUP);
    if (r < 0)
        return fail(b, err, SG_STEP_PIPES, r);
    p->n = SG_CELL_FD_CGROUP + (size_t)r;
    return 0;
}

static int take_cell(struct sg_native_box *b, struct sg_error *err)
{
    enum sg_step step;
    int r = lab_fail(b, err, SG_STEP_LAUNCH);
    if (r < 0)
        return r;
    b->cell = sg_cell_get(b->native, &b->lab, &step, err);
    return b->cell ? 0 : fail(b, err, step, err->code);
}

int sg_native_box_make(struct sg_native_box *b, struct sg_error *err)
{
    struct parcel parcel = {.fds = {-1}};
    int r = lab_fail(b, err, SG_STEP_PLAN);
    if (r == 0)
        r = check_ids(b, err);
    if (r == 0)
        r = check_cgroups(b, err);
    if (r == 0)
        r = take_cell(b, err);
    if (r == 0)
        r = make_cgroup(b, err);
    if (r == 0)
        r = pack(b, &parcel, err);
    if (r == 0) {
        r = sg_cell_make(b->cell, b, parcel.fds, parcel.n);
        if (r < 0)
            fail(b, err, SG_STEP_LAUNCH, r);
    }
    sg_fd_close(&parcel.fds[SG_CELL_FD_CONTROL]);
    return r;
}

/* ---- the program ---- */

int sg_native_box_streams(struct sg_native_box *b, bool merge, int ends[2], struct sg_error *err)
{
    int r = make_pipe(&b->out, &ends[0]);
    if (r == 0 && merge)
        r = (ends[1] = fcntl(ends[0], F_DUPFD_CLOEXEC, 0)) < 0 ? -errno : 0;
    else if (r == 0)
        r = make_pipe(&b->err, &ends[1]);
    return r < 0 ? fail(b, err, SG_STEP_PIPES, r) : lab_fail(b, err, SG_STEP_PIPES);
}

int sg_native_box_order(struct sg_native_box *b, const struct sg_box_order *order, const int *fds,
                        size_t nfds, struct sg_error *err)
{
    int r = sg_socket_send(b->control, order, sizeof *order, fds, nfds);
    /* A box that has ended already: its status tells why. */
    return r == 0 || r == -EPIPE || r == -ECONNRESET ? 0 : fail(b, err, SG_STEP_ORDER, r);
}

/* What a compiler leaves goes into a memfd of ours. What is executed comes from the worker, which
   is trusted with no more than any client. */
static int prepare_product(struct sg_native_box *b, struct sg_error *err)
{
    struct sg_run *run = b->run;
    if (run->runtime->compile.n == 0)
        return 0;
    if (run->request.stage == SG_JOB_RUN) {
        if (!sg_product_is_program(run->product_fd))
            sg_error_set(err, SG_E_INVALID, "what is to be executed is no program of this machine");
        return err->code;
    }
    sg_fd_close(&run->product_fd); /* of a box that could not be made */
    run->product_fd = sg_product_memfd();
    if (run->product_fd >= 0)
        return 0;
    sg_error_errno(err, -run->product_fd,
                   "a memfd that may be executed, for what is compiled (sysctl vm.memfd_noexec = 2 "
                   "forbids it)");
    return fail(b, err, SG_STEP_PIPES, run->product_fd);
}

/* Where pid 1 counts what is refused, so that it can be told of a box that was killed, too. */
static int prepare_counters(struct sg_native_box *b, struct sg_error *err)
{
    static const struct sg_denied none;
    if (!b->run->request.trace_denied_syscalls || SG_LAYER_OFF(&b->lab, SECCOMP) ||
        SG_LAYER_OFF(&b->lab, ONE_EXEC))
        return 0;
    b->denied = sg_memfd_open("sandgate-denied");
    int r = b->denied < 0 ? b->denied : sg_fd_write_all(b->denied, &none, sizeof none);
    return r < 0 ? fail(b, err, SG_STEP_PIPES, r) : 0;
}

/* Before the order: after it a failure of ours would be one of a run that has begun. */
static int watch_streams(struct sg_native_box *b, struct sg_error *err)
{
    int r = sg_native_box_watch_streams(b);
    return r < 0 ? fail(b, err, SG_STEP_PIPES, r) : 0;
}

int sg_native_box_run_cold(struct sg_native_box *b, struct sg_error *err)
{
    bool product = b->run->runtime->compile.n > 0;
    const struct sg_box_order order = {.kind = product ? SG_BOX_ORDER_PRODUCT : SG_BOX_ORDER_RUN};
    int fds[SG_PRODUCT_FDS + 1] = {-1, -1, -1, -1, -1, -1, -1}, *streams = fds + SG_RUN_FD_STDIN;
    size_t nfds = product ? SG_PRODUCT_FDS : SG_RUN_FDS;
    b->cell->spoiled = true;
    int r = prepare_counters(b, err);
    if (r == 0 && (r = make_program_plan(b, &fds[SG_RUN_FD_PLAN], err)) < 0)
        fail(b, err, SG_STEP_PLAN, r);
    if (r == 0)
        r = sg_native_box_streams(b, b->run->request.merge_stderr, streams + 1, err);
    if (r == 0)
        r = prepare_product(b, err);
    if (r == 0) {
        streams[0] = stdin_end(b);
        fds[SG_RUN_FD_PAYLOAD] = SG_TAKE_FD(b->run->payload_fd);
        /* These two stay the run's and the box's. */
        fds[SG_PRODUCT_FD_PRODUCT] = b->run->product_fd;
        if (b->denied >= 0)
            fds[nfds++] = b->denied;
        r = streams[0] < 0 ? fail(b, err, SG_STEP_PIPES, streams[0]) : watch_streams(b, err);
        if (r == 0)
            r = sg_native_box_order(b, &order, fds, nfds, err);
    }
    for (size_t i = 0; i < SG_RUN_FDS; i++)
        sg_fd_close(&fds[i]);
    return r;
}
