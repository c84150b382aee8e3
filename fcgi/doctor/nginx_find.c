/* nginx_find.c: nginx's configuration from where it is; whether it leads to Sandgate at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "fcgi/doctor/internal.h"
#include "fcgi/doctor/nginx_locations.h"

#define NGINX_MS 30000

#ifndef SG_SYSCONFDIR
#define SG_SYSCONFDIR "/etc/sandgate"
#endif

static const char *const binaries[] = {"/usr/sbin/nginx", "/usr/local/sbin/nginx",
                                       "/usr/local/nginx/sbin/nginx", "/usr/bin/nginx",
                                       "/usr/local/openresty/nginx/sbin/nginx"};

static const char *find_binary(void)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(binaries); i++)
        if (access(binaries[i], X_OK) == 0)
            return binaries[i];
    return NULL;
}

static void understand(struct sg_doctor *d, const char *text, const char *path, const char *whose)
{
    struct sg_error err = SG_ERROR_INIT;
    if (sg_nginx_read(&d->nginx, text, path, &err) < 0) {
        sg_doctor_tell_error(d, &err, "nginx -t, and mend what it names");
        return;
    }
    d->has_nginx = true;
    sg_doctor_tell(d, SG_HEALTH_OK, "%s: %zu directives%s", path, d->nginx.n, whose);
}

static void read_file(struct sg_doctor *d)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    struct sg_error err = SG_ERROR_INIT;
    int rc = strcmp(d->nginx_path, "-") == 0
                 ? sg_fd_read_all(STDIN_FILENO, &text, SG_NGINX_TEXT_MAX)
                 : sg_file_read(AT_FDCWD, d->nginx_path, &text, SG_NGINX_TEXT_MAX);
    if (rc < 0) {
        sg_error_errno(&err, -rc, "%s", d->nginx_path);
        sg_doctor_tell_error(d, &err, "nginx -t, and mend what it names");
        return;
    }
    understand(d, text.data ? text.data : "", d->nginx_path, "; nginx itself was not asked");
}

/* nginx says "nginx: [emerg] what in FILE:LINE" and then that the test has failed. */
static void tell_refused(struct sg_doctor *d, const char *binary, const char *said)
{
    const char *at = strstr(said, "[emerg] ");
    at = at ? at + strlen("[emerg] ") : said;
    sg_doctor_tell(d, geteuid() == 0 ? SG_HEALTH_ERROR : SG_HEALTH_UNKNOWN, "%s -T: %.*s", binary,
                   (int)strcspn(at, "\n"), at);
    sg_doctor_fix(d, geteuid() == 0 ? "nginx -t, and mend what it names"
                                    : "ask as root: sudo sandgate doctor; or sudo nginx -T "
                                      "| sandgate doctor --nginx -");
}

static void ask_nginx(struct sg_doctor *d, const char *binary)
{
    sg_auto(sg_buf) struct sg_buf out = {0};
    sg_auto(sg_buf) struct sg_buf err = {0};
    char *const argv[] = {(char *)(uintptr_t)binary, (char *)"-T", NULL};
    int rc = sg_doctor_spawn(binary, argv, NGINX_MS, SG_NGINX_TEXT_MAX, &out, &err);
    if (rc == 0)
        understand(d, out.data, binary, ", which nginx -T has found valid");
    else if (rc > 0)
        tell_refused(d, binary, err.data);
    else
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "%s -T: %s", binary, strerror(-rc));
}

void sg_check_nginx_test(struct sg_doctor *d)
{
    const char *binary = find_binary();
    if (d->nginx_path)
        read_file(d);
    else if (d->elsewhere)
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "with --root nginx is not asked: see --nginx");
    else if (binary)
        ask_nginx(d, binary);
    else
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "there is no nginx on this host: see --nginx");
}

void sg_check_nginx_include(struct sg_doctor *d)
{
    size_t count = 0;
    for (int at = -1; (at = sg_locations_next(&d->nginx, at)) >= 0;)
        count++;
    d->has_locations = count > 0;
    if (d->nginx.missing > 0)
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "%zu included files cannot be read", d->nginx.missing);
    if (count == 0 && d->nginx.missing > 0)
        return;
    if (count > 0) {
        sg_doctor_tell(d, SG_HEALTH_OK, "%zu locations lead to Sandgate", count);
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_ERROR, "no location of nginx leads to Sandgate");
    sg_doctor_fix(d, "http { include " SG_SYSCONFDIR
                     "/nginx/sandgate-upstream.conf; include " SG_SYSCONFDIR
                     "/nginx/sandgate-problems.conf; } server { include " SG_SYSCONFDIR
                     "/nginx/sandgate.conf; }, and nginx -s reload");
}
