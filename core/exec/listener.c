#include "core/exec/listener.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "core/base/str.h"

#define BACKLOG 1024

int sg_listener_peers(struct sg_listener *l, const char *section, const struct sg_strings *names,
                      struct sg_error *err)
{
    l->section = section;
    l->peers[l->npeers++] = 0;
    l->peers[l->npeers++] = geteuid();
    for (size_t i = 0; i < names->n; i++) {
        uint64_t number;
        struct passwd *pw = getpwnam(names->v[i]);
        if (pw)
            l->peers[l->npeers++] = pw->pw_uid;
        else if (sg_str_to_u64(names->v[i], &number) == 0 && number < UINT32_MAX)
            l->peers[l->npeers++] = (uid_t)number;
        else
            return sg_error_set(err, SG_E_INVALID, "%s.peers: there is no user %s", section,
                                names->v[i]);
    }
    return 0;
}

/* A socket file that nobody listens on is left over from a crash; one that answers belongs to
   another executor, which must not lose it. Another file there is somebody's, who is not asked:
   connect(2) refuses that, too. */
static int clear_stale(const char *section, const struct sockaddr_un *at, struct sg_error *err)
{
    struct stat st;
    if (lstat(at->sun_path, &st) < 0)
        return errno == ENOENT ? 0 : sg_error_errno(err, errno, "looking at %s", at->sun_path);
    if (!S_ISSOCK(st.st_mode))
        return sg_error_set(err, SG_E_INVALID, "%s.socket: %s is there, and is no socket", section,
                            at->sun_path);
    sg_autofd int probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0)
        return sg_error_errno(err, errno, "socket");
    if (connect(probe, (const struct sockaddr *)at, sizeof *at) == 0 || errno == EAGAIN)
        return sg_error_set(err, -EADDRINUSE, "another executor serves %s", at->sun_path);
    if (errno == ECONNREFUSED && unlink(at->sun_path) < 0)
        return sg_error_errno(err, errno, "removing the stale socket %s", at->sun_path);
    return 0;
}

int sg_listener_open(struct sg_listener *l, const char *path, uint64_t mode, struct sg_error *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (sg_str_copy(at.sun_path, sizeof at.sun_path, path) < 0)
        return sg_error_set(err, SG_E_INVALID, "%s.socket: %s is longer than %zu bytes", l->section,
                            path, sizeof at.sun_path - 1);
    int r = clear_stale(l->section, &at, err);
    if (r < 0)
        return r;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask = umask(0777 & ~(mode_t)mode);
    bool bound = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (!bound || listen(fd, BACKLOG) < 0)
        r = sg_error_errno(err, errno, "listening on %s", path);
    umask(mask);
    if (r < 0) {
        if (bound)
            unlink(path);
        sg_fd_close(&fd);
        return r;
    }
    l->fd = fd;
    l->path = path;
    return 0;
}

static bool may_connect(const struct sg_listener *l, int sock)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
        return false;
    for (size_t i = 0; i < l->npeers; i++)
        if (l->peers[i] == peer.uid)
            return true;
    sg_log(SG_LOG_WARNING, "connection of uid %u refused: it is not among %s.peers", peer.uid,
           l->section);
    return false;
}

int sg_listener_accept(struct sg_listener *l)
{
    for (;;) {
        sg_autofd int sock = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
        if (sock < 0)
            return errno == EMFILE || errno == ENFILE ? -EMFILE : -EAGAIN;
        if (may_connect(l, sock))
            return SG_TAKE_FD(sock);
    }
}

void sg_listener_close(struct sg_listener *l)
{
    if (l->fd >= 0)
        unlink(l->path);
    sg_fd_close(&l->fd);
}
