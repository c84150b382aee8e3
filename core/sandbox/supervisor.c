#include "core/sandbox/supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/notify.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/exec/listener.h"
#include "core/sandbox/native.h"

#define QUICK_DEATH_MS  1000 /* a child that ends sooner makes the next one wait */
#define RESTART_WAIT_MS 500
#define STOP_GRACE_MS   10000 /* beyond the longest run */
#define KILL_AGAIN_MS   10
#define QUICK_DEATHS    5 /* in a row: the reason does not go away by itself */
#define REAP_WAIT_MS    5000
#define REAP_AGAIN_MS   2
#define REAP_LOOK_MS    50 /* so often it is looked who they are */
#define STAT_MAX        4096

struct supervisor {
    const struct sg_config *cfg;
    struct sg_runtimes *runtimes;
    struct sg_cgroups cgroups;
    struct sg_userns userns;
    struct sg_native_setup setup;
    struct sg_listener listener; /* owned */
    int signals, channel;        /* owned; channel: to the child */
    int embedded_sock;           /* owned */
    pid_t child;
    int64_t born_ms;
    int quick_deaths;        /* of children, in a row */
    struct sg_notify notify; /* owned */
    int64_t ask_ms;          /* when the child is asked whether it works; 0: never */
    bool asked;              /* and has not answered */
    char said;               /* how its trial runs went; 0: they have not ended yet */
    bool stopping;
    int64_t stop_ms; /* when stopping: the child is killed then */
};

static int fail_log(const struct sg_error *err)
{
    sg_log_error(SG_LOG_ERR, err);
    return 1;
}

static void nap(int ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static void accept_all(struct supervisor *s)
{
    int sock;
    for (; (sock = sg_listener_accept(&s->listener)) >= 0; close(sock))
        sg_socket_send(s->channel, "c", 1, &sock, 1);
    if (sock == -EMFILE)
        nap(SG_LISTENER_PAUSE_MS); /* nothing else here is in a hurry */
}

/* ---- the child ---- */

static int map_child(struct supervisor *s, struct sg_error *err)
{
    char byte;
    if (read(s->channel, &byte, 1) != 1)
        return sg_error_set(err, SG_E_LAYER, "the working child could not make its user namespace");
    int r = sg_userns_map(&s->userns, s->child, err);
    if (r == 0 && write(s->channel, "m", 1) != 1)
        r = sg_error_errno(err, errno, "talking to the working child");
    return r;
}

static void child_main(struct supervisor *s, int channel)
{
    /* A supervisor that ended before this line is caught by the end of file on the channel. */
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    sg_fd_close(&s->listener.fd);
    sg_fd_close(&s->signals);
    sg_fd_close(&s->channel);
    sg_notify_close(&s->notify);
    sg_native_work(s->cfg, s->runtimes, &s->setup, channel, s->embedded_sock);
}

static int start_child(struct supervisor *s, struct sg_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return sg_error_errno(err, errno, "socketpair");
    s->channel = ends[0];
    /* A child that hangs must not make the supervisor hang: the connection is dropped then. */
    setsockopt(s->channel, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){.tv_sec = 1},
               sizeof(struct timeval));
    s->born_ms = sg_now_ms();
    pid_t pid = fork();
    int errnum = errno;
    if (pid == 0)
        child_main(s, ends[1]);
    close(ends[1]);
    if (pid < 0)
        return sg_error_errno(err, errnum, "starting the working child");
    s->child = pid; /* never -1: that would be everybody to kill(2) */
    return map_child(s, err);
}

/* The run's processes are gone with the child; what it left in the cgroups the next child sweeps.
 */
static void bury_child(struct supervisor *s, int status)
{
    s->child = 0;
    sg_fd_close(&s->channel);
    if (s->stopping || s->embedded_sock >= 0)
        return;
    sg_log(SG_LOG_ERR, "the working child ended (%s %d), starting another",
           WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    s->quick_deaths = sg_now_ms() - s->born_ms < QUICK_DEATH_MS ? s->quick_deaths + 1 : 0;
    if (s->quick_deaths > 0)
        nap(RESTART_WAIT_MS);
}

static void stop(struct supervisor *s)
{
    if (!s->stopping)
        s->stop_ms = sg_now_ms() + (int64_t)s->cfg->limits_max.wall_time_ms + STOP_GRACE_MS;
    s->stopping = true;
    sg_notify_send(&s->notify, "STOPPING=1\nSTATUS=stopping: runs under way end");
    /* At once: while the last runs end, another executor may take the path. */
    sg_listener_close(&s->listener);
    if (s->child > 0)
        kill(s->child, SIGTERM);
}

/* ---- what the child says, and what the manager of services is told of it ---- */

static void tell_trials(struct supervisor *s, char word)
{
    if (word == s->said)
        return;
    sg_notify_send(&s->notify, "%sSTATUS=%s", s->said ? "" : "READY=1\n",
                   word == SG_WORK_READY ? "ready"
                                         : "not ready: a trial run failed, the log says which");
    s->said = word;
}

/* Only bytes that we know, each only where it says something new, and nobody but the manager hears
   of them: the child may be in anybody's hands. For systemctl the service has started when the
   first trial runs have ended, well or not: then each request gets the answer that it will get, and
   a language that is broken is no reason to take the others away with it. */
static void hear_child(struct supervisor *s)
{
    char byte = 0;
    if (recv(s->channel, &byte, 1, MSG_DONTWAIT) == 0) /* never while it works */
        kill(s->child, SIGKILL);
    if (byte == SG_WORK_READY || byte == SG_WORK_NOT_READY)
        tell_trials(s, byte);
    if (byte == SG_WORK_ALIVE && s->asked)
        sg_notify_send(&s->notify, "WATCHDOG=1");
    if (byte == SG_WORK_ALIVE)
        s->asked = false;
}

/* Its event loop answers, so it is not only there. */
static void ask_child(struct supervisor *s)
{
    int64_t now = sg_now_ms();
    if (!s->ask_ms || now < s->ask_ms)
        return;
    s->ask_ms = now + s->notify.watchdog_ms;
    s->asked = s->child > 0;
    if (s->asked)
        (void)send(s->channel, &(char){SG_WORK_ASK}, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ---- what is left at the end ---- */

static ino_t user_namespace(const char *process)
{
    char path[64];
    struct stat st = {0};
    snprintf(path, sizeof path, "/proc/%.20s/ns/user", process);
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

static bool is_child(const char *process)
{
    sg_auto(sg_buf) struct sg_buf stat = {0};
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/stat", process);
    if (sg_file_read(AT_FDCWD, path, &stat, STAT_MAX) < 0 || !stat.data)
        return false;
    const char *state = strrchr(stat.data, ')'); /* the name before that may hold anything */
    return state && strlen(state) > 4 && strtol(state + 4, NULL, 10) == getpid();
}

/* Of a box or a template: those are in a user namespace below ours. What a shell that executed us
   has left running, or who comes to pid 1 of a container, is nothing that we have made. Not from
   /proc/PID/task/TID/children: that leaves some out while others end (proc(5)). */
static bool have_ours_left(void)
{
    ino_t own = user_namespace("self");
    bool found = false;
    DIR *d = opendir("/proc");
    if (!d)
        return true; /* who they are cannot be told */
    for (struct dirent *e; !found && (e = readdir(d));)
        found = e->d_name[0] >= '1' && e->d_name[0] <= '9' && is_child(e->d_name) &&
                user_namespace(e->d_name) != own;
    closedir(d);
    return found;
}

/* Who dies with the child, or with a template, becomes ours (PR_SET_CHILD_SUBREAPER), and so it
   must not be somebody else's, later: the kernel lets pid 1 of a box end only when all that were in
   it have been reaped (pid_namespaces(7)), and not every init is quick at that. */
static void reap_orphans(void)
{
    int64_t now_ms = sg_now_ms(), end_ms = now_ms + REAP_WAIT_MS;
    int64_t look_ms = now_ms + REAP_LOOK_MS;
    for (;; now_ms = sg_now_ms()) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0 && errno != EINTR)
            return; /* ECHILD: there is nobody */
        if (pid != 0)
            continue;
        if (now_ms >= end_ms || (now_ms >= look_ms && !have_ours_left()))
            return;
        if (now_ms >= look_ms)
            look_ms = now_ms + REAP_LOOK_MS;
        nap(REAP_AGAIN_MS);
    }
}

/* They end by themselves; what does not is killed by its cgroup, and reaped then. */
static void clear_away(struct supervisor *s)
{
    reap_orphans();
    sg_cgroups_sweep(&s->cgroups);
    reap_orphans();
    if (waitpid(-1, NULL, WNOHANG) == 0 && have_ours_left())
        sg_log(SG_LOG_ERR, "some processes of boxes do not end, and are left to init");
    sg_cgroups_remove(&s->cgroups);
    sg_cgroups_done(&s->cgroups);
}

/* ---- the loop ---- */

static void take_signals(struct supervisor *s, int *ret_status)
{
    struct signalfd_siginfo info;
    int status;
    while (read(s->signals, &info, sizeof info) > 0)
        if (info.ssi_signo != SIGCHLD)
            stop(s);
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid != s->child)
            continue; /* a box whose executor was killed */
        bury_child(s, status);
        *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    }
}

/* Until the child is to be killed, or asked. */
static int wait_ms(const struct supervisor *s)
{
    int64_t at = s->stopping ? s->stop_ms : s->ask_ms;
    int64_t ms = at - sg_now_ms();
    return !at ? -1 : ms < 0 ? KILL_AGAIN_MS : ms > INT_MAX ? INT_MAX : (int)ms;
}

static void wait_and_serve(struct supervisor *s, int *ret_status)
{
    struct pollfd on[] = {{.fd = s->signals, .events = POLLIN},
                          {.fd = s->listener.fd, .events = POLLIN},
                          {.fd = s->channel, .events = POLLIN}};
    if (poll(on, SG_ARRAY_LEN(on), wait_ms(s)) < 0)
        return;
    if (s->stopping && s->child > 0 && sg_now_ms() >= s->stop_ms)
        kill(s->child, SIGKILL);
    if (on[2].revents && s->child > 0)
        hear_child(s);
    if (on[0].revents)
        take_signals(s, ret_status);
    if (on[1].revents & POLLIN && s->child)
        accept_all(s);
    if (!s->stopping)
        ask_child(s);
}

/* A connection waits in the backlog while there is no child to take it. */
static int serve(struct supervisor *s, struct sg_error *err)
{
    int status = 0;
    bool started = false; /* a private executor has one child, and ends with it */
    for (;;) {
        if (!s->child && (s->stopping || (started && s->embedded_sock >= 0)))
            return s->stopping ? 0 : status;
        if (s->quick_deaths >= QUICK_DEATHS) {
            sg_log(SG_LOG_ERR, "the working child ended %d times in a row, giving up",
                   QUICK_DEATHS);
            return 1;
        }
        started = true;
        if (!s->child && start_child(s, err) < 0) {
            fail_log(err);
            sg_error_clear(err);
            if (s->child <= 0)
                return 1;
            kill(s->child, SIGKILL);
        }
        wait_and_serve(s, &status);
    }
}

static int open_signals(struct supervisor *s, struct sg_error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_SETMASK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* Boxes whose executor was killed become our children, and are reaped. */
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->signals < 0 ? sg_error_errno(err, errno, "signalfd") : 0;
}

static void tell_host(const struct supervisor *s)
{
    if (!s->userns.count)
        sg_log(SG_LOG_NOTICE, "boxes have one id: %s", s->userns.why);
    if (s->cgroups.why[0])
        sg_log(SG_LOG_NOTICE, "cgroups: %s", s->cgroups.why);
}

/* A box takes some ten descriptors, each worker one; the soft limit of 1024 is for programs that
 * use select(2). */
static void raise_descriptor_limit(void)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
        l.rlim_cur = l.rlim_max;
        setrlimit(RLIMIT_NOFILE, &l);
    }
}

int sg_supervise(const struct sg_config *cfg, struct sg_runtimes *runtimes,
                 const struct sg_programs *programs, int embedded_sock)
{
    struct sg_error err = SG_ERROR_INIT;
    struct supervisor s = {.cfg = cfg,
                           .runtimes = runtimes,
                           .listener = SG_LISTENER_INIT,
                           .signals = -1,
                           .channel = -1,
                           .embedded_sock = embedded_sock,
                           .notify = SG_NOTIFY_INIT};
    if (embedded_sock < 0) /* else the manager waits for our parent's word */
        sg_notify_open(&s.notify);
    if (s.notify.watchdog_ms)
        s.ask_ms = sg_now_ms() + s.notify.watchdog_ms;
    raise_descriptor_limit();
    int r = open_signals(&s, &err);
    if (r == 0)
        r = sg_listener_peers(&s.listener, "native", &cfg->native.peers, &err);
    if (r == 0)
        r = sg_userns_plan(&s.userns, cfg->native.id_base, cfg->native.id_count, &err);
    if (r == 0 && embedded_sock < 0)
        r = sg_listener_open(&s.listener, cfg->native.socket, cfg->native.socket_mode, &err);
    if (r < 0) {
        sg_listener_close(&s.listener);
        sg_notify_close(&s.notify);
        return fail_log(&err);
    }
    sg_cgroups_open(&s.cgroups, cfg->native.cgroup, s.userns.root_uid, s.userns.root_gid);
    s.setup = (struct sg_native_setup){&s.cgroups, &s.userns, programs->box, programs->library};
    tell_host(&s);
    int status = serve(&s, &err);
    clear_away(&s);
    sg_listener_close(&s.listener);
    sg_fd_close(&s.signals);
    sg_notify_close(&s.notify);
    return status;
}
