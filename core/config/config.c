#define _GNU_SOURCE
#include "core/config/config.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/config/reader.h"
#include "core/config/schema.h"

#define DEFAULT_PATH SG_SYSCONFDIR "/sandgate.conf"

struct load {
    struct sg_config *cfg;
    struct sg_schema schema;
    struct sg_reader_key keys[SG_KEYS_MAX];
    unsigned lines[SG_KEYS_MAX];
    bool seen[SG_KEYS_MAX];
    const char *path;
};

static void make_keys(struct load *l)
{
    sg_schema_init(&l->schema);
    for (size_t i = 0; i < l->schema.n; i++) {
        const struct sg_key *key = &l->schema.keys[i];
        l->keys[i] = (struct sg_reader_key){
            .section = key->section, .name = key->name, .list = sg_schema_is_list(key)};
    }
}

static int set_default(struct load *l, const struct sg_key *key, struct sg_error *err)
{
    char items[SG_VALUE_TEXT_MAX + 64], *save = NULL;
    if (!sg_schema_is_list(key))
        return sg_schema_set(key, l->cfg, key->dflt, err);
    if (sg_str_copy(items, sizeof items, key->dflt) < 0)
        return sg_error_set(err, SG_E_INTERNAL, "the built-in list is too long");
    sg_schema_reset(key, l->cfg);
    int r = 0;
    for (char *at = strtok_r(items, ", ", &save); at && r >= 0; at = strtok_r(NULL, ", ", &save))
        r = sg_schema_set(key, l->cfg, at, err);
    return r;
}

/* Defaults are read by what reads the file, so they cannot be of a kind that the file could not
 * have. */
static int set_defaults(struct load *l, struct sg_error *err)
{
    for (size_t i = 0; i < l->schema.n; i++) {
        const struct sg_key *key = &l->schema.keys[i];
        int r = set_default(l, key, err);
        if (r < 0) {
            sg_reader_where("built-in default", 0, &l->keys[i], err);
            return r;
        }
    }
    return 0;
}

static int on_value(void *arg, size_t key, const char *value, struct sg_error *err)
{
    struct load *l = arg;
    if (!l->seen[key])
        sg_schema_reset(&l->schema.keys[key], l->cfg);
    l->seen[key] = true;
    return sg_schema_set(&l->schema.keys[key], l->cfg, value, err);
}

static size_t find_key(const struct load *l, size_t offset)
{
    size_t i = 0;
    while (i + 1 < l->schema.n && l->schema.keys[i].offset != offset)
        i++;
    return i;
}

/* Names the key that the file sets; the built-in default is not what anybody can find in it. */
static int blame(const struct load *l, size_t a, size_t b, struct sg_error *err)
{
    size_t key = l->lines[a] ? a : b;
    sg_reader_where(l->path, l->lines[key], &l->keys[key], err);
    return err ? err->code : SG_E_INVALID;
}

static int check_limits(const struct load *l, struct sg_error *err)
{
    for (size_t i = 0; i < sg_limit_count; i++) {
        const struct sg_limit_info *info = &sg_limit_table[i];
        uint64_t dflt = sg_limit_get(&l->cfg->limits_default, info);
        uint64_t max = sg_limit_get(&l->cfg->limits_max, info);
        if (dflt <= max)
            continue;
        size_t d = find_key(l, offsetof(struct sg_config, limits_default) + info->offset);
        size_t m = find_key(l, offsetof(struct sg_config, limits_max) + info->offset);
        char dflt_text[SG_VALUE_TEXT_MAX], max_text[SG_VALUE_TEXT_MAX];
        sg_value_print(dflt_text, l->schema.keys[d].unit, dflt);
        sg_value_print(max_text, l->schema.keys[m].unit, max);
        if (l->lines[d])
            sg_error_set(err, SG_E_INVALID, "%s is over max_%s; allowed: at most %s", dflt_text,
                         info->name, max_text);
        else
            sg_error_set(err, SG_E_INVALID,
                         "%s is under default_%s; allowed: at least %s, or set default_%s too",
                         max_text, info->name, dflt_text, info->name);
        return blame(l, d, m, err);
    }
    return 0;
}

static int check_ids(const struct load *l, struct sg_error *err)
{
    uint64_t room = UINT32_MAX - l->cfg->native.id_base;
    if (l->cfg->native.id_count <= room)
        return 0;
    sg_error_set(err, SG_E_INVALID,
                 "the range ends beyond 4294967294; allowed: id_base + id_count at "
                 "most 4294967295");
    return blame(l, find_key(l, offsetof(struct sg_config, native.id_count)),
                 find_key(l, offsetof(struct sg_config, native.id_base)), err);
}

static int load_file(struct load *l, struct sg_error *err)
{
    struct sg_reader reader = {
        .keys = l->keys, .nkeys = l->schema.n, .lines = l->lines, .on_value = on_value, .arg = l};
    int r = sg_reader_file(&reader, l->path, err);
    if (r == -ENOENT)
        sg_error_fix(err, "create it, or name another one with --config");
    if (r == -EACCES)
        sg_error_fix(err, "let the user of this process read it");
    if (r == 0)
        r = check_limits(l, err);
    if (r == 0)
        r = check_ids(l, err);
    if (r < 0)
        return r;
    l->cfg->path = strdup(l->path);
    return l->cfg->path ? 0 : sg_error_errno(err, ENOMEM, "%s", l->path);
}

int sg_config_load(struct sg_config *cfg, const char *path, struct sg_error *err)
{
    sg_autofree struct load *l = calloc(1, sizeof(*l));
    struct sg_config fresh = {0};
    if (!l)
        return sg_error_errno(err, ENOMEM, "configuration");
    l->cfg = &fresh;
    l->path = path ? path : DEFAULT_PATH;
    make_keys(l);
    int r = set_defaults(l, err);
    bool absent = !path && access(DEFAULT_PATH, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR);
    if (r == 0 && !absent)
        r = load_file(l, err);
    if (r < 0) {
        sg_config_done(&fresh);
        return r;
    }
    sg_config_done(cfg);
    *cfg = fresh;
    return 0;
}

void sg_config_done(struct sg_config *cfg)
{
    free(cfg->path);
    free(cfg->runtime_dir);
    free(cfg->profile_dir);
    free(cfg->rules_dir);
    free(cfg->policy_dir);
    free(cfg->log_target);
    free(cfg->worker.metrics);
    free(cfg->native.socket);
    free(cfg->native.cgroup);
    free(cfg->native.root);
    sg_strings_done(&cfg->native.peers);
    char *const of_docker[] = {cfg->docker.socket,     cfg->docker.engine_socket,
                               cfg->docker.engine_url, cfg->docker.tls_ca,
                               cfg->docker.tls_cert,   cfg->docker.tls_key,
                               cfg->docker.instance,   cfg->docker.oci_runtime};
    for (size_t i = 0; i < SG_ARRAY_LEN(of_docker); i++)
        free(of_docker[i]);
    sg_strings_done(&cfg->docker.peers);
    sg_strings_done(&cfg->worker.engines);
    sg_strings_done(&cfg->validate.policies);
    *cfg = (struct sg_config){0};
}

unsigned sg_config_slots(const struct sg_config *cfg)
{
    if (cfg->native.slots)
        return (unsigned)cfg->native.slots;
    cpu_set_t cpus;
    int cores = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
    return 2 * (unsigned)(cores > 0 ? cores : 1);
}

void sg_config_serve_docker(struct sg_config *cfg)
{
    cfg->native.slots = cfg->docker.slots;
    cfg->native.queue = cfg->docker.queue;
    cfg->native.queue_wait_ms = cfg->docker.queue_wait_ms;
    cfg->native.allow_missing = cfg->docker.allow_missing;
    cfg->native.trace_denied_syscalls = false; /* it has no pid 1 that could hold a listener */
}

/* The default as it is written in a file. */
static void describe_value(struct sg_buf *out, const struct sg_key *key)
{
    if (sg_schema_is_list(key))
        sg_buf_printf(out, "{%s%s%s}", key->dflt[0] ? " " : "", key->dflt, key->dflt[0] ? " " : "");
    else if (key->type == SG_KEY_PATH || !key->dflt[0])
        sg_buf_printf(out, "\"%s\"", key->dflt);
    else
        sg_buf_puts(out, key->dflt);
}

static void describe_allowed(struct sg_buf *out, const struct sg_key *key)
{
    char min[SG_VALUE_TEXT_MAX], max[SG_VALUE_TEXT_MAX];
    if (key->choices)
        sg_buf_printf(out, " (%s)", key->choices);
    if (key->type != SG_KEY_NUMBER)
        return;
    sg_value_print(min, key->unit, key->min);
    sg_value_print(max, key->unit, key->max);
    sg_buf_printf(out, " (%s to %s)", min, max);
}

int sg_config_describe(struct sg_buf *out)
{
    sg_autofree struct sg_schema *s = calloc(1, sizeof(*s));
    if (!s)
        return -ENOMEM;
    sg_schema_init(s);
    const char *section = "";
    for (size_t i = 0; i < s->n; i++) {
        const struct sg_key *key = &s->keys[i];
        const char *indent = *key->section ? "    " : "";
        if (strcmp(section, key->section) != 0)
            sg_buf_printf(out, "%s\n%s {\n", *section ? "}\n" : "", key->section);
        section = key->section;
        sg_buf_printf(out, "%s# %s", indent, key->doc);
        describe_allowed(out, key);
        sg_buf_printf(out, "\n%s# %s = ", indent, key->name);
        describe_value(out, key);
        sg_buf_puts(out, "\n");
    }
    sg_buf_puts(out, "}\n");
    return out->failed ? -ENOMEM : 0;
}
