/* sandgate-boot: pid 1 of a container. See boot.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/docker/boot.h"
#include "core/docker/boot_figures.h"
#include "core/docker/boot_leaves.h"
#include "core/docker/boot_out.h"
#include "core/docker/boot_place.h"
#include "core/sandbox/attest.h"
#include "core/sandbox/product.h"

#define CPU_CHECK_MIN_MS 10
#define CPU_CHECK_MAX_MS 1000
#define ZOMBIES_MAX      1000

struct boot {
    struct sg_boot_order order;
    struct sg_program_plan plan;
    int payload, product; /* memfds of what came with the order; product: -1: none */
    int input,
        input_writer;   /* sg_box_input_open; the writer's as long as the bytes are still to come */
    int out[2], err[2]; /* pipes of the program; err is -1 when merged */
    int channel[2];     /* between the program's process and who lets it execute */
    int control;        /* where events of both come from */
    int signals;        /* signalfd */
    int workdir;        /* from before there was a program */
    int product_dir;    /* the same, where a compiler's product shall lie */
    pid_t program;
    pid_t starter; /* who lets it execute; 0: has been reaped */
    bool input_open, killed, waits;
    int64_t started_us, ended_us;
    uint64_t cpu_base_us;
    struct sg_boot_end end;
    struct sg_boot_ready ready;
};

static void __attribute__((noreturn)) die(const char *what)
{
    dprintf(STDERR_FILENO, "sandgate-boot: %s: %s\n", what, strerror(errno));
    _exit(1);
}

/* ---- the order ---- */

/* End of file: nobody needs this container any more. */
static void read_exactly(void *to, size_t n)
{
    for (char *at = to; n > 0;) {
        ssize_t got = read(STDIN_FILENO, at, n);
        if (got == 0)
            _exit(0);
        if (got < 0 && errno != EINTR)
            die("reading the order");
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        }
    }
}

static void read_bytes(int fd, size_t n)
{
    static char chunk[SG_BOOT_CHUNK];
    while (n > 0) {
        size_t part = n < sizeof chunk ? n : sizeof chunk;
        read_exactly(chunk, part);
        if (sg_fd_write_all(fd, chunk, part) < 0)
            die("keeping the order");
        n -= part;
    }
}

static int read_into(int fd, size_t n)
{
    if (fd < 0) {
        errno = -fd;
        die("memfd");
    }
    read_bytes(fd, n);
    if (sg_memfd_seal(fd) < 0)
        die("sealing");
    return fd;
}

static void open_input(struct boot *b)
{
    sg_fd_close(&b->input_writer); /* of an interpreter that is ended now */
    b->input = sg_box_input_open("/dev/shm/sandgate-stdin", &b->input_writer);
    if (b->input >= 0)
        return;
    errno = -b->input;
    die("a file for the input");
}

static int read_product(size_t n)
{
    int fd = sg_product_memfd();
    if (fd < 0) {
        errno = -fd;
        die("a memfd that may be executed (sysctl vm.memfd_noexec = 2 forbids it)");
    }
    return read_into(fd, n);
}

static void __attribute__((noreturn)) refuse(const char *what)
{
    errno = EPROTO;
    die(what);
}

static void read_order(struct boot *b)
{
    const struct sg_boot_order *o = &b->order;
    read_exactly(&b->order, sizeof b->order);
    if (o->magic != SG_BOOT_MAGIC || o->payload_size > SG_PAYLOAD_BYTES_MAX ||
        o->stdin_size > SG_STDIN_BYTES_MAX || o->product_size > SG_PRODUCT_BYTES_MAX ||
        o->plan_size != (o->kind == SG_BOOT_ORDER_GO ? 0 : sizeof b->plan))
        refuse("the order");
    if (o->kind != SG_BOOT_ORDER_GO)
        read_exactly(&b->plan, sizeof b->plan);
#ifdef SG_LAB /* sandgate-boot-lab: for the test that the profile is looked for */
    b->plan.lab.off = 1ull << SG_LAB_PROFILE;
#endif
    if (b->plan.magic != SG_PROGRAM_PLAN_MAGIC || b->plan.size != sizeof b->plan ||
        b->plan.nfilter > SG_PLAN_FILTER ||
        (b->plan.product == SG_PLAN_IS_PRODUCT) != (o->product_size > 0))
        refuse("the plan");
    b->payload = b->product = -1;
    if (o->kind != SG_BOOT_ORDER_GO) /* whose program has it open already */
        open_input(b);
    if (o->kind == SG_BOOT_ORDER_AHEAD)
        return;
    b->payload = read_into(sg_memfd_open("sandgate-payload"), o->payload_size);
    read_bytes(b->input_writer, o->stdin_size);
    sg_fd_close(&b->input_writer);
    if (o->product_size > 0)
        b->product = read_product(o->product_size);
}

/* ---- making the program ---- */

/* Before there is a namespace of ours, whose map would be read instead. */
static void read_ids(struct sg_boot_ready *ret)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    bool read = sg_file_read(AT_FDCWD, "/proc/self/uid_map", &text, 4096) == 0 && text.data;
    ret->uid = getuid();
    ret->gid = getgid();
    ret->remapped = sg_boot_is_remapped(read ? text.data : "", ret->uid, &ret->uid_outside);
}

static void open_signals(struct boot *b)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_SETMASK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    b->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (b->signals < 0)
        die("signalfd");
}

static void open_pipes(struct boot *b)
{
    int ends[2];
    b->err[0] = b->err[1] = -1;
    if (pipe2(b->out, O_CLOEXEC) < 0 || (!b->order.merge_stderr && pipe2(b->err, O_CLOEXEC) < 0) ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, b->channel) < 0 ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        die("pipes");
    /* Where sg_box_tell and sg_box_fail write. Whatever was there moves out of the way. */
    int *const ours[] = {&b->payload, &b->input,      &b->out[0],      &b->out[1], &b->err[0],
                         &b->err[1],  &b->channel[0], &b->channel[1],  &ends[0],   &ends[1],
                         &b->signals, &b->product,    &b->input_writer};
    for (size_t i = 0; i < SG_ARRAY_LEN(ours); i++)
        if (*ours[i] == SG_BOX_FD_CONTROL)
            *ours[i] = fcntl(SG_BOX_FD_CONTROL, F_DUPFD_CLOEXEC, SG_BOX_FD_CONTROL + 1);
    if (dup3(ends[1], SG_BOX_FD_CONTROL, O_CLOEXEC) < 0)
        die("control");
    close(ends[1]);
    b->control = ends[0];
    /* So that a pipe can be read until it is empty. */
    if (fcntl(b->out[0], F_SETFL, O_NONBLOCK) < 0 ||
        (b->err[0] >= 0 && fcntl(b->err[0], F_SETFL, O_NONBLOCK) < 0))
        die("pipes");
}

/* When memory runs out it is the program that the kernel ends, not pid 1. */
static void volunteer(void)
{
    sg_file_write(AT_FDCWD, "/proc/self/oom_score_adj", "1000");
}

static void __attribute__((noreturn)) be_program(struct boot *b)
{
    struct sg_box_command command;
    const int streams[3] = {b->input, b->out[1], b->err[1] >= 0 ? b->err[1] : b->out[1]};
    close(b->channel[0]);
    signal(SIGPIPE, SIG_DFL);
    volunteer();
    if (chdir(SG_BOX_WORKDIR) < 0)
        sg_box_fail(SG_STEP_WORKDIR, errno, "chdir " SG_BOX_WORKDIR);
    if (b->order.kind == SG_BOOT_ORDER_AHEAD) {
        sg_box_ahead_begin(&b->plan);
        sg_box_command_ahead(&b->plan, &command);
    } else {
        sg_box_files(&b->plan, b->payload, false, &command);
    }
    command.product = b->product;
    int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        sg_box_fail(SG_STEP_HOST_PROC, errno, "opening /proc");
    sg_box_program(&b->plan, streams, &command, b->channel[1], proc);
}

/* What the box's code copies and seals, where pid 1 has filled the input itself. */
static int no_input(void)
{
    int fd = sg_memfd_open("sandgate-stdin");
    if (fd < 0)
        sg_box_fail(SG_STEP_STDIO, -fd, "a memfd");
    return fd;
}

/* A process of its own, since it ends when something is wrong. */
static void __attribute__((noreturn)) let_it_start(struct boot *b)
{
    static struct sg_plan place;
    struct sg_error err = SG_ERROR_INIT;
    close(b->channel[1]);
    place.required = b->order.required;
    /* The Engine's and ours (boot_place.c), which the program's process has, too. */
    if (sg_attest_filters_before(&place.filters_before, &err) < 0)
        sg_box_fail(SG_STEP_ATTEST, 0, "%s", err.text);
    place.program_uid = b->plan.uid;
    memcpy(place.host_ns, b->order.host_ns, sizeof place.host_ns);
    sg_box_start(&place, &b->plan, b->program, b->channel[0]);
    if (b->order.kind == SG_BOOT_ORDER_AHEAD) {
        if (chdir(SG_BOX_WORKDIR) < 0)
            sg_box_fail(SG_STEP_WORKDIR, errno, "chdir " SG_BOX_WORKDIR);
        sg_box_ahead_go(&b->plan, b->program, no_input(), -1);
    }
    _exit(0);
}

static void start(struct boot *b)
{
    b->cpu_base_us = sg_boot_cpu_us();
    b->program = fork();
    if (b->program == 0)
        be_program(b);
    b->starter = b->program < 0 ? -1 : fork();
    if (b->starter == 0)
        let_it_start(b);
    if (b->program < 0 || b->starter < 0)
        die("fork");
    sg_fd_close(&b->payload);
    sg_fd_close(&b->input);
    sg_fd_close(&b->product);
    sg_fd_close(&b->out[1]);
    sg_fd_close(&b->err[1]);
    sg_fd_close(&b->channel[0]);
    sg_fd_close(&b->channel[1]);
    close(SG_BOX_FD_CONTROL);
}

/* ---- the run ---- */

static void kill_all(struct boot *b)
{
    b->killed = true;
    kill(-1, SIGKILL); /* all but ourselves (kill(2)) */
}

static bool pass_on(int *fd, enum sg_boot_kind kind)
{
    static char bytes[SG_BOOT_CHUNK];
    ssize_t n = *fd < 0 ? 0 : read(*fd, bytes, sizeof bytes);
    if (n > 0)
        sg_boot_out_put(kind, bytes, (size_t)n);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        sg_fd_close(fd);
    return n > 0;
}

static void take_events(struct boot *b)
{
    struct sg_box_event e;
    ssize_t n;
    while ((n = recv(b->control, &e, sizeof e, MSG_DONTWAIT)) == sizeof e) {
        if (!b->ready.own_user_ns && !b->ready.remapped)
            e.isolation.layers &= ~SG_LAYER_BIT(SG_LAYER_USER_NS);
        if (e.kind == SG_BOX_STARTED)
            b->started_us = e.at_us;
        b->waits = b->waits || e.kind == SG_BOX_WAITING;
        sg_boot_out_put(SG_BOOT_EVENT, &e, sizeof e);
        if (e.kind == SG_BOX_FAILED)
            kill_all(b);
    }
    if (n == 0) /* both of them are gone, or have executed */
        sg_fd_close(&b->control);
}

/* True when the program itself has ended. */
static bool reap(struct boot *b)
{
    int status;
    bool ended = false;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == b->starter)
            b->starter = 0; /* from now on its number may be another's */
        if (pid == b->program) {
            b->ended_us = sg_now_us();
            b->end.status = status;
            b->end.ended = !b->killed;
            ended = true;
        }
    }
    return ended;
}

/* A signal from inside says nothing: only the engine's come from outside of the namespace, pid 0.
 */
static void take_signals(struct boot *b)
{
    struct signalfd_siginfo info;
    while (read(b->signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGTERM && info.ssi_pid == 0) {
            b->end.stopped = !b->killed;
            kill_all(b);
        }
}

static void take_input(struct boot *b)
{
    char byte;
    if (read(STDIN_FILENO, &byte, 1) < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    b->input_open = false;
    kill_all(b);
}

/* The next look comes no later than the rest can be used up at the container's share of CPU. */
static int check_cpu(struct boot *b)
{
    uint64_t now = sg_boot_cpu_us(), most = b->order.cpu_time_ms * 1000;
    if (now == SG_UNKNOWN || b->cpu_base_us == SG_UNKNOWN || b->killed)
        return -1;
    uint64_t used = now - b->cpu_base_us;
    if (used >= most) {
        b->end.cpu_time_up = 1;
        kill_all(b);
        return -1;
    }
    uint64_t wait_ms = (most - used) / 10 / (b->order.cpu_percent ? b->order.cpu_percent : 100);
    if (wait_ms > CPU_CHECK_MAX_MS)
        return CPU_CHECK_MAX_MS;
    return wait_ms > CPU_CHECK_MIN_MS ? (int)wait_ms : CPU_CHECK_MIN_MS;
}

static void run(struct boot *b)
{
    for (bool ended = false; !ended;) {
        /* The program is read when what it wrote before has been taken. */
        bool full = sg_boot_out_is_full();
        struct pollfd p[] = {{.fd = b->signals, .events = POLLIN},
                             {.fd = b->control, .events = POLLIN},
                             {.fd = full ? -1 : b->out[0], .events = POLLIN},
                             {.fd = full ? -1 : b->err[0], .events = POLLIN},
                             {.fd = b->input_open ? STDIN_FILENO : -1, .events = POLLIN},
                             {.fd = full ? STDOUT_FILENO : -1, .events = POLLOUT}};
        if (poll(p, SG_ARRAY_LEN(p), check_cpu(b)) < 0 && errno != EINTR)
            die("poll");
        if (p[4].revents)
            take_input(b);
        if (p[1].revents)
            take_events(b);
        if (p[5].revents)
            sg_boot_out_flush();
        if (p[2].revents)
            pass_on(&b->out[0], SG_BOOT_OUT);
        if (p[3].revents && !sg_boot_out_is_full())
            pass_on(&b->err[0], SG_BOOT_ERR);
        take_signals(b);
        ended = reap(b);
    }
}

static uint64_t us_of(const struct timeval *t)
{
    return (uint64_t)t->tv_sec * 1000000u + (uint64_t)t->tv_usec;
}

/* ---- what it leaves ---- */

static bool makes_product(const struct boot *b)
{
    return b->plan.product == SG_PLAN_MAKES_PRODUCT && b->started_us && b->end.ended &&
           b->end.status == 0;
}

/* Orphans become children of pid 1 when their parent ends, so without children there is nobody. Who
   let the compiler start may be about to end: it is ours, and has done what it was for. What has
   ended already is nobody; not for ever, should somebody go on making them. */
static bool is_alone(struct boot *b)
{
    if (b->starter > 0) {
        kill(b->starter, SIGKILL);
        while (waitpid(b->starter, NULL, 0) < 0 && errno == EINTR)
            ;
        b->starter = 0;
    }
    for (int i = 0; i < ZOMBIES_MAX && waitpid(-1, NULL, WNOHANG) > 0;)
        i++;
    return waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
}

static void tell_so_far(const struct boot *b)
{
    if (b->started_us)
        sg_boot_out_put(SG_BOOT_ENDED, &b->end, sizeof b->end);
}

static void read_figures(struct boot *b)
{
    struct rusage used;
    if (getrusage(RUSAGE_CHILDREN, &used) == 0) {
        b->end.user_us = us_of(&used.ru_utime);
        b->end.system_us = us_of(&used.ru_stime);
    }
    sg_boot_figures(&b->end, b->cpu_base_us);
}

/* Everybody is gone before the rest is read: no orphan can add to it, or hold us up. They are sent
   away before the first word, too, which may have to wait for its reader. */
static void finish(struct boot *b)
{
    if (b->control >= 0)
        take_events(b); /* STARTED may be among them */
    bool alone = makes_product(b) && is_alone(b);
    kill(-1, SIGKILL);
    b->end.wall_us = b->started_us ? (uint64_t)(b->ended_us - b->started_us) : 0;
    tell_so_far(b);
    do
        kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
    if (b->control >= 0)
        take_events(b);
    while (pass_on(&b->out[0], SG_BOOT_OUT))
        ;
    while (pass_on(&b->err[0], SG_BOOT_ERR))
        ;
    b->end.drained = 1;
    if (makes_product(b))
        b->end.product = SG_PRODUCT_MISSING; /* until it has been passed on */
    read_figures(b);
    tell_so_far(b);
    if (b->started_us && sg_boot_pass_files(SG_TAKE_FD(b->workdir), &b->order) < 0)
        die("taking the files");
    if (makes_product(b))
        b->end.product =
            alone ? sg_boot_pass_product(b->product_dir, b->plan.product_most) : SG_PRODUCT_HELD;
    sg_boot_out_put(SG_BOOT_END, &b->end, sizeof b->end);
    sg_boot_out_wait();
}

/* ---- an interpreter that waits ---- */

static void begin(struct boot *b)
{
    if (b->plan.product == SG_PLAN_MAKES_PRODUCT &&
        (b->product_dir = sg_boot_keep(SG_PLAN_PRODUCT_DIR, O_PATH)) < 0)
        die("opening " SG_PLAN_PRODUCT_DIR);
    open_pipes(b);
    start(b);
}

/* What was started goes, and all that it has opened: the run has another command. */
static void start_over(struct boot *b)
{
    int *const ours[] = {&b->out[0], &b->err[0], &b->control};
    do
        kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
    for (size_t i = 0; i < SG_ARRAY_LEN(ours); i++)
        sg_fd_close(ours[i]);
    if (chdir(SG_BOX_WORKDIR) < 0 || (unlink(b->plan.entry) < 0 && errno != ENOENT) ||
        chdir("/") < 0)
        die("clearing the working directory");
    b->started_us = 0;
}

static void go(struct boot *b)
{
    struct sg_box_order order = {.kind = SG_BOX_ORDER_GO, .nlower = b->order.nlower};
    sg_autofd int none = sg_memfd_sealed("sandgate-stdin", NULL, 0);
    const int fds[SG_GO_FDS] = {b->payload, none};
    if (!b->waits || order.nlower > SG_ARRAY_LEN(order.lower))
        refuse("going");
    memcpy(order.lower, b->order.lower, sizeof order.lower);
    b->cpu_base_us = sg_boot_cpu_us();
    b->started_us = sg_now_us();
    if (sg_socket_send(b->control, &order, sizeof order, fds, SG_GO_FDS) < 0)
        die("going");
    sg_fd_close(&b->payload);
}

/* Until the next order is there. */
static void wait_ahead(struct boot *b)
{
    for (;;) {
        struct pollfd p[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = b->control, .events = POLLIN},
                             {.fd = b->signals, .events = POLLIN}};
        if (poll(p, SG_ARRAY_LEN(p), -1) < 0 && errno != EINTR)
            die("poll");
        if (p[1].revents)
            take_events(b);
        take_signals(b);
        if (b->killed || reap(b))
            refuse("an interpreter that should wait has ended");
        if (p[0].revents)
            return;
    }
}

static void take_orders(struct boot *b)
{
    read_order(b);
    bool ahead = b->order.kind == SG_BOOT_ORDER_AHEAD;
    begin(b);
    if (!ahead)
        return;
    wait_ahead(b);
    char entry[sizeof b->plan.entry];
    memcpy(entry, b->plan.entry, sizeof entry);
    read_order(b);
    if (b->order.kind == SG_BOOT_ORDER_GO) {
        go(b);
        return;
    }
    memcpy(b->plan.entry, entry, sizeof entry);
    start_over(b);
    begin(b);
}

int main(void)
{
    static struct boot b = {
        .input_open = true, .input = -1, .input_writer = -1, .end = SG_BOOT_END_UNKNOWN};
    if (getpid() != 1) {
        fputs("sandgate-boot: is pid 1 of a container that sandgate-docker makes, and of no use "
              "elsewhere\n",
              stderr);
        return 2;
    }
    umask(022);
    bool own_user_ns;
    read_ids(&b.ready);
    if (!sg_boot_place(&own_user_ns))
        die("giving up what the place needed");
    /* Not before: the maps of ids are files of /proc/self. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    open_signals(&b);
    sg_boot_out_begin();
    b.workdir = sg_boot_keep(SG_BOX_WORKDIR, O_RDONLY);
    if (b.workdir < 0)
        die("opening " SG_BOX_WORKDIR);
    b.ready.own_user_ns = own_user_ns;
    sg_boot_out_put(SG_BOOT_READY, &b.ready, sizeof b.ready);
    sg_boot_out_wait();
    take_orders(&b);
    run(&b);
    finish(&b);
    return 0;
}
