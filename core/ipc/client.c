/* client.c: connects to an executor, or starts a private one, and talks to it. */
#include "core/ipc/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "core/base/str.h"
#include "core/base/time.h"
#include "core/ipc/payload.h"

#define SEND_TIMEOUT_S   5
#define CHILD_END_MS     5000
#define EMBEDDED_SOCK_FD 3

static int lost(struct sg_error *err)
{
    return sg_error_set(err, SG_E_UNAVAILABLE, "the executor has closed the connection");
}

/* A full backlog or receive buffer must not hold a worker for ever; applies to connect(2) too. */
static void bound_sends(int sock)
{
    struct timeval tv = {.tv_sec = SEND_TIMEOUT_S};
    (void)setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static void connect_fix(struct sg_error *err, int errnum, const char *engine, const char *path)
{
    if (errnum == EACCES)
        sg_error_fix(err, "name this process's user in %s.peers and give it access to %s", engine,
                     path);
    else if (strcmp(engine, "native") == 0) /* this one can be private, too */
        sg_error_fix(err, "start sandgate-native, or empty native.socket in the configuration");
    else
        sg_error_fix(err, "start sandgate-%s, or set %s.socket to where it listens", engine,
                     engine);
}

int sg_client_connect(struct sg_client *c, const char *engine, const char *path,
                      struct sg_error *err)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (sg_str_copy(sa.sun_path, sizeof(sa.sun_path), path) < 0)
        return sg_error_set(err, -ENAMETOOLONG, "socket path %s is too long", path);
    sg_autofd int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (sock < 0)
        return sg_error_errno(err, errno, "cannot make a socket");
    bound_sends(sock);
    if (connect(sock, (const struct sockaddr *)&sa, sizeof(sa)) < 0) {
        int errnum = errno;
        sg_error_errno(err, errnum, "cannot reach the executor at %s", path);
        connect_fix(err, errnum, engine, path);
        return -errnum;
    }
    *c = (struct sg_client){.sock = SG_TAKE_FD(sock), .child_pidfd = -1, .path = path};
    return 0;
}

/* stdin and stdout stay ours: descriptor 0 is a FastCGI listener or a request body, descriptor 1 an
   answer. Its own process group, so that a terminal's ^C reaches only us, and the run is cancelled.
 */
static int spawn_private(const char *program, char *const argv[], int sock, pid_t *ret)
{
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t attr;
    sigset_t none, all;
    char *env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&fa);
    posix_spawnattr_init(&attr);
    int rc = posix_spawn_file_actions_adddup2(&fa, sock, EMBEDDED_SOCK_FD);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(&fa, EMBEDDED_SOCK_FD + 1);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                        POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    if (rc == 0)
        rc = posix_spawn(ret, program, &fa, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&fa);
    return -rc;
}

int sg_client_spawn(struct sg_client *c, const char *program, const char *config_path, bool quiet,
                    struct sg_error *err)
{
    const char *argv[6] = {program, "--embedded"};
    size_t argc = 2;
    int sv[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
        return sg_error_errno(err, errno, "cannot make a socket pair");
    sg_autofd int ours = sv[0];
    sg_autofd int theirs = sv[1];
    pid_t pid;
    if (quiet)
        argv[argc++] = "--quiet";
    if (config_path) {
        argv[argc++] = "--config";
        argv[argc++] = config_path;
    }
    int rc = spawn_private(program, (char *const *)argv, theirs, &pid);
    if (rc < 0)
        return sg_error_errno(err, -rc, "cannot start %s", program);
    bound_sends(ours);
    *c = (struct sg_client){.sock = SG_TAKE_FD(ours), .child = pid, .embedded = true};
    c->child_pidfd = pidfd_open(pid, 0);
    return 0;
}

bool sg_client_lost(const struct sg_client *c)
{
    struct pollfd p = {.fd = c->sock, .events = POLLRDHUP};
    if (c->sock < 0)
        return true;
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLRDHUP | POLLERR | POLLNVAL));
}

static int send_message(struct sg_client *c, enum sg_msg_type type, const void *body,
                        const int *fds, struct sg_error *err)
{
    if (c->sock < 0)
        return lost(err);
    int rc = sg_msg_send(c->sock, type, body, fds);
    if (rc == -EPIPE || rc == -ECONNRESET || rc == -ENOTCONN)
        return lost(err);
    if (rc == -EAGAIN)
        return sg_error_set(err, SG_E_UNAVAILABLE, "the executor does not take messages");
    if (rc < 0)
        return sg_error_errno(err, -rc, "cannot send to the executor");
    return 0;
}

int sg_client_run(struct sg_client *c, const struct sg_job *job, struct sg_error *err)
{
    sg_auto(sg_buf) struct sg_buf payload = {0};
    int rc = sg_payload_encode(job, &payload);
    if (rc < 0)
        return sg_error_errno(err, -rc, "cannot encode the job");
    sg_autofd int payload_fd = sg_memfd_sealed("sandgate-payload", payload.data, payload.len);
    if (payload_fd < 0)
        return sg_error_errno(err, -payload_fd, "cannot make the payload's memfd");
    sg_autofd int stdin_fd = sg_memfd_sealed("sandgate-stdin", job->input.data, job->input.n);
    if (stdin_fd < 0)
        return sg_error_errno(err, -stdin_fd, "cannot make the input's memfd");

    struct sg_msg_run m = {.merge_stderr = job->merge_stderr,
                           .tell_started = job->stream,
                           .stream = job->stream,
                           .plain = job->plain,
                           .trace_denied_syscalls = job->trace_denied_syscalls,
                           .stage = (uint8_t)job->stage,
                           .limits = job->limits};
    sg_str_copy(m.id, sizeof(m.id), job->id);
    sg_str_copy(m.language, sizeof(m.language), job->language);
    sg_str_copy(m.version, sizeof(m.version), job->version);
    sg_str_copy(m.client, sizeof(m.client), job->client);
    sg_str_copy(m.imports, sizeof(m.imports), job->imports);
    if (job->stage == SG_JOB_RUN)
        sg_output_fill(&m.output, job);
    else
        sg_output_none(&m.output); /* but its product */
    return send_message(c, SG_MSG_RUN, &m,
                        (int[]){payload_fd, stdin_fd, job->has_product ? job->product_fd : -1},
                        err);
}

int sg_client_cancel(struct sg_client *c, struct sg_error *err)
{
    return send_message(c, SG_MSG_CANCEL, NULL, NULL, err);
}

/* Waits for the socket. 1, 0 at the deadline, -errno. */
static int wait_readable(int sock, int timeout_ms)
{
    int64_t deadline = sg_now_ms() + timeout_ms;
    for (;;) {
        int64_t left = timeout_ms < 0 ? -1 : deadline - sg_now_ms();
        struct pollfd p = {.fd = sock, .events = POLLIN};
        int rc = poll(&p, 1, timeout_ms >= 0 && left < 0 ? 0 : (int)left);
        if (rc >= 0)
            return rc;
        if (errno != EINTR)
            return -errno;
    }
}

int sg_client_next(struct sg_client *c, struct sg_msg *ret, int timeout_ms, struct sg_error *err)
{
    if (c->sock < 0)
        return lost(err);
    int rc = wait_readable(c->sock, timeout_ms);
    if (rc == 0)
        return 0;
    if (rc < 0)
        return sg_error_errno(err, -rc, "cannot wait for the executor");
    rc = sg_msg_recv(c->sock, SG_SIDE_EXECUTOR, ret, MSG_DONTWAIT, err);
    if (rc == 0)
        return lost(err);
    return rc == -EAGAIN ? 0 : rc;
}

/* One question, one answer of the wanted type, copied to body. */
static int ask(struct sg_client *c, enum sg_msg_type question, const void *question_body,
               enum sg_msg_type answer, void *body, size_t body_size, int timeout_ms,
               struct sg_error *err)
{
    struct sg_msg m;
    int rc = send_message(c, question, question_body, NULL, err);
    if (rc < 0)
        return rc;
    rc = sg_client_next(c, &m, timeout_ms, err);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return sg_error_set(err, SG_E_UNAVAILABLE, "the executor does not answer");
    if (m.type == answer)
        memcpy(body, m.body, body_size);
    else
        rc = sg_error_set(err, SG_E_PROTOCOL, "the executor answers %s with %s",
                          sg_msg_type_name(question), sg_msg_type_name(m.type));
    sg_msg_done(&m);
    return rc < 0 ? rc : 0;
}

int sg_client_status(struct sg_client *c, struct sg_msg_status_reply *ret, int timeout_ms,
                     struct sg_error *err)
{
    return ask(c, SG_MSG_STATUS, NULL, SG_MSG_STATUS_REPLY, ret, sizeof(*ret), timeout_ms, err);
}

int sg_client_runtime(struct sg_client *c, uint32_t index, struct sg_msg_runtime_reply *ret,
                      int timeout_ms, struct sg_error *err)
{
    struct sg_msg_index question = {index};
    return ask(c, SG_MSG_RUNTIMES, &question, SG_MSG_RUNTIME_REPLY, ret, sizeof(*ret), timeout_ms,
               err);
}

int sg_client_metrics(struct sg_client *c, struct sg_gauges *ret, int timeout_ms,
                      struct sg_error *err)
{
    return ask(c, SG_MSG_METRICS, NULL, SG_MSG_METRICS_REPLY, ret, sizeof(*ret), timeout_ms, err);
}

static void wait_child(struct sg_client *c)
{
    struct pollfd p = {.fd = c->child_pidfd, .events = POLLIN};
    int rc;
    do
        rc = p.fd < 0 ? 0 : poll(&p, 1, CHILD_END_MS);
    while (rc < 0 && errno == EINTR);
    if (rc == 0)
        (void)kill(c->child, SIGKILL); /* not reaped yet, so the number is still its own */
    while (waitpid(c->child, NULL, 0) < 0 && errno == EINTR)
        ;
}

void sg_client_close(struct sg_client *c)
{
    sg_fd_close(&c->sock);
    if (c->child > 0)
        wait_child(c);
    sg_fd_close(&c->child_pidfd);
    *c = (struct sg_client)SG_CLIENT_INIT;
}
