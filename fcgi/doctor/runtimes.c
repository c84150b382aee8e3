/* runtimes.c: the languages, as the executor has found them. */
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "fcgi/doctor/internal.h"

/* Where Debian and Fedora have what the shipped languages need; of others nobody knows. */
static const struct {
    const char *language, *debian, *fedora;
} sources[] = {
    {"python", "python3 python3-numpy python3-pandas python3-matplotlib",
     "python3 python3-numpy python3-pandas python3-matplotlib"},
    {"javascript", "nodejs", "nodejs"},
    {"bash", "bash", "bash"},
    {"c", "gcc libc6-dev", "gcc glibc-devel"},
    {"c++", "g++", "gcc-c++"},
    {"ruby", "ruby", "ruby"},
    {"lua", "lua5.4", "lua"},
    {"perl", "perl", "perl-interpreter"},
};

static void fix_by_package(struct sg_doctor *d, const char *language)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(sources); i++)
        if (strcmp(sources[i].language, language) == 0)
            sg_doctor_fix_install(d, sources[i].debian, sources[i].fedora);
}

static void tell_templates(struct sg_doctor *d, const struct sg_msg_runtime_reply *r)
{
    for (uint32_t i = 0; i < r->ntemplates && i < SG_TEMPLATES_MAX; i++) {
        const struct sg_template_info *t = &r->templates[i];
        if (t->state != SG_TEMPLATE_FAILED)
            continue;
        sg_doctor_tell(d, SG_HEALTH_WARNING, "%s: the template with %s cannot be had: %s",
                       r->language, t->imports, t->reason);
        fix_by_package(d, r->language);
    }
}

static void tell_ready(struct sg_doctor *d, const struct sg_msg_runtime_reply *r)
{
    sg_auto(sg_buf) struct sg_buf packages = {0};
    for (const char *p = r->packages; *p;) {
        size_t n = strcspn(p, "\n");
        sg_buf_printf(&packages, "%s%.*s", packages.len ? ", " : ": ", (int)n, p);
        p += n + (p[n] == '\n');
    }
    sg_doctor_tell(d, SG_HEALTH_OK, "%s %s%s", r->language,
                   r->version[0] ? r->version : "(version unknown)",
                   packages.data ? packages.data : "");
}

static void tell_absent(struct sg_doctor *d, const struct sg_runtime *rt)
{
    sg_doctor_tell(d, rt->optional ? SG_HEALTH_SKIPPED : SG_HEALTH_ERROR,
                   "%s is left out: there is no %s", rt->language, sg_runtime_program(rt));
    fix_by_package(d, rt->language);
}

static void tell(struct sg_doctor *d, const struct sg_msg_runtime_reply *r)
{
    if (r->ready) {
        tell_ready(d, r);
        tell_templates(d, r);
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_ERROR, "%s: its trial run has not passed", r->language);
    sg_doctor_fix(d, "sandgate runtimes --check; the executor's log has the reason");
}

void sg_check_service_runtimes(struct sg_doctor *d)
{
    bool seen[SG_RUNTIMES_MAX] = {false};
    struct sg_msg_runtime_reply reply = {.count = 1};
    struct sg_error err = SG_ERROR_INIT;
    for (uint32_t i = 0; i < reply.count && i < SG_RUNTIMES_MAX; i++) {
        if (sg_link_runtime(&d->link, i, &reply, &err) < 0) {
            sg_doctor_tell_error(d, &err, "see the executor's log");
            return;
        }
        for (size_t k = 0; i < reply.count && k < d->runtimes.n; k++)
            seen[k] = seen[k] || strcmp(d->runtimes.v[k].language, reply.language) == 0;
        if (i < reply.count)
            tell(d, &reply);
    }
    for (size_t k = 0; k < d->runtimes.n; k++)
        if (!seen[k])
            tell_absent(d, &d->runtimes.v[k]);
}
