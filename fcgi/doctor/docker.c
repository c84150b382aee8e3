/* docker.c: the Docker Engine and its executor. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "fcgi/doctor/internal.h"

/* The first API with CgroupnsMode; sandgate-docker asks for the same. */
#define API_MAJOR     1
#define API_MINOR_MIN 41
#define REPLY_MAX     65536
#define ENGINE_S      5
#define SETTLE_MS     10000

static bool is_remote(struct sg_doctor *d)
{
    if (!*d->cfg.docker.engine_url)
        return false;
    sg_doctor_tell(d, SG_HEALTH_SKIPPED,
                   "the Engine is remote (%s): docker.executor tells whether "
                   "it answers",
                   d->cfg.docker.engine_url);
    return true;
}

void sg_check_docker_socket(struct sg_doctor *d)
{
    const char *path = d->cfg.docker.engine_socket;
    struct stat st;
    if (is_remote(d))
        return;
    if (stat(path, &st) < 0 || !S_ISSOCK(st.st_mode)) {
        sg_doctor_tell(d, SG_HEALTH_ERROR, "%s: there is no socket of a Docker Engine", path);
        sg_doctor_fix(d, "systemctl start docker; or docker.engine_socket = where it is");
    } else if (st.st_mode & S_IWOTH) {
        sg_doctor_tell(d, SG_HEALTH_ERROR, "%s: every user may use it, which makes every user root",
                       path);
        sg_doctor_fix(d, "chmod 0660 %s", path);
    } else {
        sg_doctor_tell(d, SG_HEALTH_OK, "%s is there", path);
    }
}

/* What an Engine says of itself, headers included, in HTTP/1.0: it ends with the connection. 0, or
   -errno. */
static int ask_version(const char *path, struct sg_buf *ret)
{
    static const char request[] = "GET /version HTTP/1.0\r\nHost: docker\r\n\r\n";
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    struct timeval most = {.tv_sec = ENGINE_S};
    if (sg_str_copy(sa.sun_path, sizeof sa.sun_path, path) < 0)
        return -ENAMETOOLONG;
    sg_autofd int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (sock < 0)
        return -errno;
    (void)setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    (void)setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    if (connect(sock, (const struct sockaddr *)&sa, sizeof sa) < 0)
        return -errno;
    if (send(sock, request, strlen(request), MSG_NOSIGNAL) < 0)
        return -errno;
    return sg_fd_read_all(sock, ret, REPLY_MAX);
}

static void tell_version(struct sg_doctor *d, const struct sg_buf *reply)
{
    const char *body = reply->data ? strstr(reply->data, "\r\n\r\n") : NULL;
    json_t *root = body ? json_loads(body + 4, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *api = json_string_value(json_object_get(root, "ApiVersion"));
    const char *version = json_string_value(json_object_get(root, "Version"));
    int major = 0, minor = 0;
    if (!api || sscanf(api, "%d.%d", &major, &minor) != 2) {
        sg_doctor_tell(d, SG_HEALTH_ERROR, "what answers there is no Docker Engine");
        sg_doctor_fix(d, "docker.engine_socket = where the Engine is");
    } else if (major != API_MAJOR || minor < API_MINOR_MIN) {
        sg_doctor_tell(d, SG_HEALTH_ERROR,
                       "the Engine is too old: its API is %.20s, version 1.%d "
                       "is needed",
                       api, API_MINOR_MIN);
        sg_doctor_fix(d, "install Docker 20.10 or newer, or a Podman that has that API");
    } else {
        sg_doctor_tell(d, SG_HEALTH_OK, "Engine %.40s, API %.20s", version ? version : "?", api);
    }
    json_decref(root);
}

void sg_check_docker_engine(struct sg_doctor *d)
{
    sg_auto(sg_buf) struct sg_buf reply = {0};
    if (is_remote(d))
        return;
    int rc = ask_version(d->cfg.docker.engine_socket, &reply);
    if (rc == 0) {
        tell_version(d, &reply);
        return;
    }
    sg_doctor_tell(d, rc == -EACCES ? SG_HEALTH_UNKNOWN : SG_HEALTH_ERROR, "the Engine: %s",
                   rc == -EAGAIN ? "it does not answer in time" : strerror(-rc));
    sg_doctor_fix(d, rc == -EACCES ? "ask as root, or as sandgate-docker's user, which must be in "
                                     "the socket's group"
                                   : "systemctl restart docker");
}

void sg_check_docker_executor(struct sg_doctor *d)
{
    struct sg_link link;
    struct sg_msg_status_reply s = {0};
    struct sg_error err = SG_ERROR_INIT;
    sg_link_init_engine(&link, &d->cfg, SG_ENGINE_DOCKER);
    if (sg_link_settled(&link, SETTLE_MS, &s, &err) < 0) {
        sg_doctor_tell_error(d, &err, "see its log, and docs/DOCKER.md");
    } else if (!s.ready) {
        sg_doctor_tell(d, SG_HEALTH_ERROR, "sandgate-docker answers, and is not ready: %s",
                       s.reason[0] ? s.reason : "its trial runs do not end");
        sg_doctor_fix(d, "its log has the reason; docs/DOCKER.md");
    } else {
        sg_doctor_tell(d, SG_HEALTH_OK, "sandgate-docker answers: %u slots, %u languages", s.slots,
                       s.runtimes);
        if (s.degraded[0])
            sg_doctor_tell(d, SG_HEALTH_WARNING, "slower than it could be: %s", s.degraded);
    }
    sg_link_done(&link);
}
