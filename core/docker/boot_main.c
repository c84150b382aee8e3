/* sandgate-boot: pid 1 of a container. See boot.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
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
#include "core/docker/boot_out.h"
#include "core/docker/boot_place.h"
#include "core/sandbox/collect.h"

#define CPU_CHECK_MIN_MS 10
#define CPU_CHECK_MAX_MS 1000
#define WORKDIR_FD       64

struct boot {
    struct sg_boot_order order;
    struct sg_program_plan plan;
    int payload, input; /* memfds of what came with the order */
    int out[2], err[2]; /* pipes of the program; err is -1 when merged */
    int channel[2];     /* between the program's process and who lets it execute */
    int control;        /* where events of both come from */
    int signals;        /* signalfd */
    int workdir;        /* from before there was a program */
    pid_t program;
    bool input_open, killed, waits;
    int64_t started_us, ended_us;
    uint64_t cpu_base_us;
    struct sg_boot_end end;
    bool remapped;
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

/* The program gets such a file as its input, as it does in a box: it cannot change it. */
static int read_memfd(const char *name, size_t n)
{
    static char chunk[SG_BOOT_CHUNK];
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        die("memfd");
    while (n > 0) {
        size_t part = n < sizeof chunk ? n : sizeof chunk;
        read_exactly(chunk, part);
        if (sg_fd_write_all(fd, chunk, part) < 0)
            die("keeping the order");
        n -= part;
    }
    if (lseek(fd, 0, SEEK_SET) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
        die("sealing");
    return fd;
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
        o->stdin_size > SG_STDIN_BYTES_MAX ||
        o->plan_size != (o->kind == SG_BOOT_ORDER_GO ? 0 : sizeof b->plan))
        refuse("the order");
    if (o->kind != SG_BOOT_ORDER_GO)
        read_exactly(&b->plan, sizeof b->plan);
    if (b->plan.magic != SG_PROGRAM_PLAN_MAGIC || b->plan.size != sizeof b->plan ||
        b->plan.nfilter > SG_PLAN_FILTER)
        refuse("the plan");
    b->payload = b->input = -1;
    if (o->kind == SG_BOOT_ORDER_AHEAD) { /* what it reads comes with GO */
        b->input = memfd_create("sandgate-stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        return;
    }
    b->payload = read_memfd("sandgate-payload", o->payload_size);
    b->input = read_memfd("sandgate-stdin", o->stdin_size);
}

/* ---- making the program ---- */

static bool ids_are_remapped(void)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    unsigned inside, outside, count;
    if (sg_file_read(AT_FDCWD, "/proc/self/uid_map", &text, 4096) < 0 || !text.data ||
        sscanf(text.data, "%u %u %u", &inside, &outside, &count) != 3)
        return false;
    return !(inside == 0 && outside == 0 && count == UINT32_MAX);
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
    int *const ours[] = {&b->payload, &b->input,  &b->out[0],     &b->out[1],
                         &b->err[0],  &b->err[1], &b->channel[0], &b->channel[1],
                         &ends[0],    &ends[1],   &b->signals};
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
    int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        sg_box_fail(SG_STEP_HOST_PROC, errno, "opening /proc");
    sg_box_program(&b->plan, streams, &command, b->channel[1], proc);
}

/* A process of its own, since it ends when something is wrong. */
static void __attribute__((noreturn)) let_it_start(struct boot *b)
{
    static struct sg_plan place;
    close(b->channel[1]);
    place.required = b->order.required;
    place.program_uid = b->plan.uid;
    memcpy(place.host_ns, b->order.host_ns, sizeof place.host_ns);
    sg_box_start(&place, &b->plan, b->program, b->channel[0]);
    if (b->order.kind == SG_BOOT_ORDER_AHEAD) {
        if (chdir(SG_BOX_WORKDIR) < 0)
            sg_box_fail(SG_STEP_WORKDIR, errno, "chdir " SG_BOX_WORKDIR);
        sg_box_ahead_go(&b->plan, b->program, b->input, -1);
    }
    _exit(0);
}

static void start(struct boot *b)
{
    b->cpu_base_us = sg_boot_cpu_us();
    b->program = fork();
    if (b->program == 0)
        be_program(b);
    pid_t starter = b->program < 0 ? -1 : fork();
    if (starter == 0)
        let_it_start(b);
    if (b->program < 0 || starter < 0)
        die("fork");
    sg_fd_close(&b->payload);
    sg_fd_close(&b->input);
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
        if (!b->remapped)
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
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        if (pid == b->program) {
            b->ended_us = sg_now_us();
            b->end.status = status;
            b->end.ended = !b->killed;
            ended = true;
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

/* ---- the files that it leaves ---- */

/* Out of the way of those that are put into their place. */
static void keep_workdir(struct boot *b)
{
    int fd = open(SG_BOX_WORKDIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    b->workdir = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, WORKDIR_FD);
    if (b->workdir < 0)
        die("opening " SG_BOX_WORKDIR);
    close(fd);
}

static int put_files(void *arg, const void *data, size_t n, uint64_t at)
{
    const char *bytes = data;
    (void)arg;
    sg_boot_out_put(SG_BOOT_FILES_AT, &(struct sg_boot_files){at}, sizeof(struct sg_boot_files));
    for (size_t part; n > 0; bytes += part, n -= part) {
        part = n < SG_BOOT_CHUNK ? n : SG_BOOT_CHUNK;
        sg_boot_out_put(SG_BOOT_FILES, bytes, part);
    }
    return 0;
}

static void pass_files_on(struct boot *b)
{
    const struct sg_collect_sink sink = {put_files, b};
    uint64_t size;
    if (!b->started_us || sg_output_is_none(&b->order.output) ||
        sg_output_check(&b->order.output) < 0)
        return;
    struct sg_collect *c =
        sg_collect_new(SG_TAKE_FD(b->workdir), &b->order.output, &b->order.output_limits);
    if (!c)
        die("taking the files");
    sg_collect_into(c, &sink);
    sg_collect_step(c, INT64_MAX);
    if (sg_collect_finish(c, &size) == 0 && size > 0)
        sg_boot_out_put(SG_BOOT_FILES_END, &(struct sg_boot_files){size},
                        sizeof(struct sg_boot_files));
    sg_collect_free(c);
}

/* Everybody is gone before the rest is read: no orphan can add to it, or hold us up. */
static void finish(struct boot *b)
{
    struct rusage used;
    int64_t from = b->started_us ? b->started_us : b->ended_us;
    do
        kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
    if (b->control >= 0)
        take_events(b);
    while (pass_on(&b->out[0], SG_BOOT_OUT))
        ;
    while (pass_on(&b->err[0], SG_BOOT_ERR))
        ;
    b->end.wall_us = (uint64_t)(b->ended_us - from);
    if (getrusage(RUSAGE_CHILDREN, &used) == 0) {
        b->end.user_us = us_of(&used.ru_utime);
        b->end.system_us = us_of(&used.ru_stime);
    }
    sg_boot_figures(&b->end, b->cpu_base_us);
    pass_files_on(b);
    sg_boot_out_put(SG_BOOT_END, &b->end, sizeof b->end);
    sg_boot_out_wait();
}

/* ---- an interpreter that waits ---- */

static void begin(struct boot *b)
{
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
    const int fds[SG_GO_FDS] = {b->payload, b->input};
    if (!b->waits || order.nlower > SG_ARRAY_LEN(order.lower))
        refuse("going");
    memcpy(order.lower, b->order.lower, sizeof order.lower);
    b->cpu_base_us = sg_boot_cpu_us();
    b->started_us = sg_now_us();
    if (sg_socket_send(b->control, &order, sizeof order, fds, SG_GO_FDS) < 0)
        die("going");
    sg_fd_close(&b->payload);
    sg_fd_close(&b->input);
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
    static struct boot b = {.input_open = true};
    if (getpid() != 1) {
        fputs("sandgate-boot: is pid 1 of a container that sandgate-docker makes, and of no use "
              "elsewhere\n",
              stderr);
        return 2;
    }
    umask(022);
    if (!sg_boot_place())
        die("giving up what the place needed");
    /* Not before: the maps of ids are files of /proc/self. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    open_signals(&b);
    sg_boot_out_begin();
    keep_workdir(&b);
    b.remapped = ids_are_remapped();
    const struct sg_boot_ready ready = {.remapped = b.remapped, .uid = getuid(), .gid = getgid()};
    sg_boot_out_put(SG_BOOT_READY, &ready, sizeof ready);
    sg_boot_out_wait();
    take_orders(&b);
    run(&b);
    finish(&b);
    return 0;
}
