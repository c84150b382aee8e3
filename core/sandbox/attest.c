#include "core/sandbox/attest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"

static const char *status_field(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (strncmp(line, name, n) == 0 && line[n] == ':')
            return line + n + 1;
    return NULL;
}

static int status_number(const char *text, const char *name, int base, uint64_t *ret)
{
    const char *at = status_field(text, name);
    char *end;
    if (!at)
        return -EINVAL;
    *ret = strtoull(at, &end, base);
    return end == at ? -EINVAL : 0;
}

int sg_attest_status(struct sg_isolation *iso, const char *text)
{
    uint64_t nnp, mode, filters, uid;
    const struct {
        const char *name;
        int base;
        uint64_t *to;
    } fields[] = {
        {"Uid", 10, &uid},
        {"CapInh", 16, &iso->cap_inheritable},
        {"CapPrm", 16, &iso->cap_permitted},
        {"CapEff", 16, &iso->cap_effective},
        {"CapBnd", 16, &iso->cap_bounding},
        {"CapAmb", 16, &iso->cap_ambient},
        {"NoNewPrivs", 10, &nnp},
        {"Seccomp", 10, &mode},
        {"Seccomp_filters", 10, &filters},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(fields); i++)
        if (status_number(text, fields[i].name, fields[i].base, fields[i].to) < 0)
            return -EINVAL;
    iso->uid_inside = (uint32_t)uid;
    iso->seccomp_filters = (uint32_t)filters;
    if (!(iso->cap_inheritable | iso->cap_permitted | iso->cap_effective | iso->cap_bounding |
          iso->cap_ambient))
        iso->layers |= SG_LAYER_BIT(SG_LAYER_CAPABILITIES);
    if (nnp == 1)
        iso->layers |= SG_LAYER_BIT(SG_LAYER_NO_NEW_PRIVS);
    if (mode == 2) /* SECCOMP_MODE_FILTER */
        iso->layers |= SG_LAYER_BIT(SG_LAYER_SECCOMP);
    return 0;
}

void sg_attest_filters(struct sg_isolation *iso, uint32_t before, uint32_t own)
{
    if (iso->seccomp_filters < before || iso->seccomp_filters - before < own)
        iso->layers &= ~SG_LAYER_BIT(SG_LAYER_SECCOMP);
}

int sg_attest_uid_map(struct sg_isolation *iso, const char *text)
{
    unsigned inside, outside, count;
    int used, ids = 0, own = 0;
    for (; sscanf(text, "%u %u %u%n", &inside, &outside, &count, &used) == 3; text += used) {
        ids += count == 1 ? 1 : 3;
        if (count == 1 && inside == iso->uid_inside) {
            iso->uid_outside = outside;
            own++;
        }
    }
    if (!ids || text[strspn(text, " \n")] != '\0')
        return -EINVAL;
    if (ids == 2 && own == 1)
        iso->layers |= SG_LAYER_BIT(SG_LAYER_PRIVATE_UID);
    return 0;
}

#define MOUNT_LINE_MAX 8192 /* the options of an overlay name each layer of an image */

struct mount_line {
    char text[MOUNT_LINE_MAX];
    const char *place, *options, *super; /* into text */
};

/* Cuts text at blanks; the word at that index counted from *at, or NULL. */
static char *word(char **at, int index)
{
    char *found = NULL;
    for (int i = 0; i <= index; i++)
        found = strsep(at, " ");
    return found && *found ? found : NULL;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue" */
static int parse_mount(const char *line, size_t n, struct mount_line *ret)
{
    if (n >= sizeof ret->text)
        return -EINVAL;
    memcpy(ret->text, line, n);
    ret->text[n] = '\0';
    char *head = ret->text, *tail = strstr(ret->text, " - ");
    if (!tail)
        return -EINVAL;
    *tail = '\0';
    tail += 3;
    ret->place = word(&head, 4);
    ret->options = word(&head, 0);
    ret->super = word(&tail, 2);
    return ret->place && ret->options && ret->super ? 0 : -EINVAL;
}

static bool has_option(const char *options, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = options; at; at = strchr(at, ','), at = at ? at + 1 : NULL)
        if (strncmp(at, name, n) == 0 && (at[n] == ',' || at[n] == '\0'))
            return true;
    return false;
}

static bool is_writable_place(const char *place)
{
    static const char *const places[] = {"/tmp", "/work", "/dev/shm"};
    for (size_t i = 0; i < SG_ARRAY_LEN(places); i++)
        if (strcmp(places[i], place) == 0)
            return true;
    return false;
}

static bool mount_is_safe(const struct mount_line *m)
{
    if (has_option(m->options, "ro"))
        return true;
    if (is_writable_place(m->place))
        return has_option(m->options, "nosuid") && has_option(m->options, "nodev") &&
               has_option(m->options, "noexec");
    return sg_str_starts(m->place, "/dev/") && has_option(m->options, "nosuid");
}

int sg_attest_mounts(struct sg_isolation *iso, const char *text)
{
    bool safe = true, root = false;
    while (*text) {
        const char *end = strchrnul(text, '\n');
        struct mount_line m;
        if (parse_mount(text, (size_t)(end - text), &m) < 0)
            return -EINVAL;
        safe = safe && mount_is_safe(&m);
        root = root || strcmp(m.place, "/") == 0;
        if (strcmp(m.place, "/proc") == 0 && has_option(m.options, "ro") &&
            has_option(m.super, "subset=pid"))
            iso->layers |= SG_LAYER_BIT(SG_LAYER_PROC);
        text = *end ? end + 1 : end;
    }
    if (root && safe)
        iso->layers |= SG_LAYER_BIT(SG_LAYER_ROOT_RO);
    return 0;
}

void sg_attest_net_dev(const char *text, uint64_t *ret_rx, uint64_t *ret_tx)
{
    const char *at = strchr(text, ':');
    uint64_t rx = 0, tx = 0;
    *ret_rx = *ret_tx = SG_UNKNOWN;
    if (!at)
        return;
    for (; at; at = strchr(at + 1, ':')) {
        unsigned long long r, t;
        if (sscanf(at + 1, "%llu %*u %*u %*u %*u %*u %*u %*u %llu", &r, &t) != 2)
            return;
        rx += r;
        tx += t;
    }
    *ret_rx = rx;
    *ret_tx = tx;
}
