#include "core/sandbox/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/sandbox/native.h"

#define BACKLOG         1024
#define QUICK_DEATH_MS  1000 /* a child that ends sooner makes the next one wait */
#define RESTART_WAIT_MS 500
#define STOP_GRACE_MS   10000 /* beyond the longest run */
#define ACCEPT_PAUSE_MS 100
#define QUICK_DEATHS    5 /* in a row: the reason does not go away by itself */
#define PEERS_MAX       (SG_RUNTIME_LIST_MAX + 2)

struct supervisor {
    const struct sg_config *cfg;
    struct sg_runtimes *runtimes;
    struct sg_cgroups cgroups;
    struct sg_userns userns;
    struct sg_native_setup setup;
    int listener, signals, channel; /* owned; channel: to the child */
    int embedded_sock;              /* owned */
    pid_t child;
    int64_t born_ms;
    int quick_deaths; /* of children, in a row */
    bool stopping;
    uid_t peers[PEERS_MAX];
    size_t npeers;
};

static int fail_log(const struct sg_error *err)
{
    sg_log_error(SG_LOG_ERR, err);
    return 1;
}

/* ---- the socket ---- */

static int resolve_peers(struct supervisor *s, struct sg_error *err)
{
    const struct sg_strings *names = &s->cfg->native.peers;
    s->peers[s->npeers++] = 0;
    s->peers[s->npeers++] = geteuid();
    for (size_t i = 0; i < names->n; i++) {
        uint64_t number;
        struct passwd *pw = getpwnam(names->v[i]);
        if (pw)
            s->peers[s->npeers++] = pw->pw_uid;
        else if (sg_str_to_u64(names->v[i], &number) == 0 && number < UINT32_MAX)
            s->peers[s->npeers++] = (uid_t)number;
        else
            return sg_error_set(err, SG_E_INVALID, "native.peers: there is no user %s",
                                names->v[i]);
    }
    return 0;
}

/* A socket file that nobody listens on is left over from a crash; one that answers belongs to
   another executor, which must not lose it. */
static int clear_stale(const struct sockaddr_un *at, struct sg_error *err)
{
    sg_autofd int probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connect(probe, (const struct sockaddr *)at, sizeof *at) == 0 || errno == EAGAIN)
        return sg_error_set(err, -EADDRINUSE, "another executor serves %s", at->sun_path);
    if (errno == ECONNREFUSED && unlink(at->sun_path) < 0)
        return sg_error_errno(err, errno, "removing the stale socket %s", at->sun_path);
    return 0;
}

static int open_listener(struct supervisor *s, struct sg_error *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const char *path = s->cfg->native.socket;
    if (sg_str_copy(at.sun_path, sizeof at.sun_path, path) < 0)
        return sg_error_set(err, SG_E_INVALID, "native.socket: %s is longer than %zu bytes", path,
                            sizeof at.sun_path - 1);
    int r = clear_stale(&at, err);
    if (r < 0)
        return r;
    s->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask = umask(0777 & ~(mode_t)s->cfg->native.socket_mode);
    bool bound = s->listener >= 0 && bind(s->listener, (struct sockaddr *)&at, sizeof at) == 0;
    if (!bound || listen(s->listener, BACKLOG) < 0)
        sg_error_errno(err, errno, "listening on %s", path);
    umask(mask);
    if (err->code && bound)
        unlink(path);
    return err->code;
}

static bool may_connect(const struct supervisor *s, int sock)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
        return false;
    for (size_t i = 0; i < s->npeers; i++)
        if (s->peers[i] == peer.uid)
            return true;
    sg_log(SG_LOG_WARNING, "connection of uid %u refused: it is not among native.peers", peer.uid);
    return false;
}

static void nap(int ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static void accept_all(struct supervisor *s)
{
    for (;;) {
        sg_autofd int sock = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        if (sock < 0 && (errno == EMFILE || errno == ENFILE))
            nap(ACCEPT_PAUSE_MS); /* the connection stays readable: not to spin */
        if (sock < 0)
            return;
        if (may_connect(s, sock))
            sg_socket_send(s->channel, "c", 1, &sock, 1);
    }
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
    sg_fd_close(&s->listener);
    sg_fd_close(&s->signals);
    sg_fd_close(&s->channel);
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

/* The path goes with the listener, at once: while the last runs end, another executor may take it.
 */
static void close_listener(struct supervisor *s)
{
    if (s->listener >= 0)
        unlink(s->cfg->native.socket);
    sg_fd_close(&s->listener);
}

static void stop(struct supervisor *s)
{
    s->stopping = true;
    close_listener(s);
    if (s->child > 0)
        kill(s->child, SIGTERM);
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

static int stop_wait_ms(const struct supervisor *s)
{
    uint64_t ms = s->cfg->limits_max.wall_time_ms + STOP_GRACE_MS;
    return ms > INT_MAX ? INT_MAX : (int)ms;
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
        struct pollfd on[] = {{.fd = s->signals, .events = POLLIN},
                              {.fd = s->listener, .events = POLLIN}};
        if (poll(on, 2, s->stopping ? stop_wait_ms(s) : -1) == 0 && s->child > 0)
            kill(s->child, SIGKILL);
        if (on[0].revents)
            take_signals(s, &status);
        if (on[1].revents & POLLIN && s->child)
            accept_all(s);
    }
}

static int open_signals(struct supervisor *s, struct sg_error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
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
                           .listener = -1,
                           .signals = -1,
                           .channel = -1,
                           .embedded_sock = embedded_sock};
    raise_descriptor_limit();
    int r = open_signals(&s, &err);
    if (r == 0)
        r = resolve_peers(&s, &err);
    if (r == 0)
        r = sg_userns_plan(&s.userns, cfg->native.id_base, cfg->native.id_count, &err);
    if (r == 0 && embedded_sock < 0)
        r = open_listener(&s, &err);
    if (r < 0) {
        sg_fd_close(&s.listener);
        return fail_log(&err);
    }
    sg_cgroups_open(&s.cgroups, cfg->native.cgroup, s.userns.root_uid, s.userns.root_gid);
    s.setup = (struct sg_native_setup){&s.cgroups, &s.userns, programs->box, programs->library};
    tell_host(&s);
    int status = serve(&s, &err);
    sg_cgroups_sweep(&s.cgroups);
    sg_cgroups_remove(&s.cgroups);
    sg_cgroups_done(&s.cgroups);
    close_listener(&s);
    sg_fd_close(&s.signals);
    return status;
}
