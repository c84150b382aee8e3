#include "core/config/schema.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/config/limit_text.h"
#include "core/model/outcome.h"

#define AT(field) offsetof(struct sg_config, field)
#define KIB       1024ull
#define MIB       (1024 * KIB)
#define GIB       (1024 * MIB)

#define PATH_BYTES_MAX 255
#define SOCKET_MAX     (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)
#define USER_MAX       32

/* Layers that hosts differ in. The others every kernel has that sandgate runs on: to let them be
   missing would only open the box. */
#define OPTIONAL_LAYERS "landlock, private_uid, proc, cgroup_memory, cgroup_pids, cgroup_cpu"

/* Docker's default has no user namespace, so neither ids of the container's own. */
#define DOCKER_LAYERS                                                                              \
    "landlock, private_uid, proc, user_ns, cgroup_ns, one_exec, cgroup_memory, cgroup_pids, "      \
    "cgroup_cpu"

static const struct sg_key fixed_keys[] = {
    {"", "runtime_dir", SG_KEY_PATH, 0, 1, PATH_BYTES_MAX, SG_SYSCONFDIR "/runtimes.d",
     AT(runtime_dir), NULL, "directory of the languages, one NAME.conf each"},
    {"", "profile_dir", SG_KEY_PATH, 0, 1, PATH_BYTES_MAX, SG_SYSCONFDIR "/profiles",
     AT(profile_dir), NULL, "directory of the seccomp profiles, one NAME.json each"},
    {"", "rules_dir", SG_KEY_PATH, 0, 1, PATH_BYTES_MAX, SG_SYSCONFDIR "/rules", AT(rules_dir),
     NULL, "directory of the risk rules, LANGUAGE.scm and LANGUAGE-NAME.scm"},
    {"", "policy_dir", SG_KEY_PATH, 0, 1, PATH_BYTES_MAX, SG_SYSCONFDIR "/policies.d",
     AT(policy_dir), NULL, "directory of the policies, NAME.conf each"},
    {"", "log_target", SG_KEY_CHOICE, 0, 0, 0, "stderr", AT(log_target), "stderr, syslog",
     "where log lines go"},
    {"", "log_level", SG_KEY_LEVEL, 0, 0, 0, "info", AT(log_level),
     "error, warning, notice, info, debug", "least important lines that are still written"},

    {"worker", "requests", SG_KEY_NUMBER, SG_UNIT_COUNT, 1, 1000000000, "1000", AT(worker.requests),
     NULL, "a worker ends after so many requests"},
    {"worker", "lifetime_s", SG_KEY_NUMBER, SG_UNIT_SECONDS, 1, 30 * 86400, "1h",
     AT(worker.lifetime_s), NULL, "or after so long, whichever comes first"},
    {"worker", "body_bytes", SG_KEY_NUMBER, SG_UNIT_BYTES, 1 * KIB, SG_BODY_BYTES_MAX, "4m",
     AT(worker.body_bytes), NULL,
     "largest body of a request; nginx's client_max_body_size should be the same"},
    {"worker", "allow_unvalidated", SG_KEY_BOOL, 0, 0, 0, "on", AT(worker.allow_unvalidated), NULL,
     "may a request say \"validate\": false"},
    {"worker", "engines", SG_KEY_NAMES, 0, 1, SG_RUNTIME_LIST_MAX, "native", AT(worker.engines),
     "native, docker", "engines that a request may name; the first holds when it names none"},
    {"worker", "metrics", SG_KEY_PATH, 0, 0, PATH_BYTES_MAX, "/run/sandgate/web/metrics",
     AT(worker.metrics), NULL,
     "file that all workers count in, for /metrics; empty: nothing is counted"},

    {"validate", "policies", SG_KEY_NAMES, 0, 1, SG_RUNTIME_LIST_MAX, "strict, balanced, report",
     AT(validate.policies), NULL,
     "policies that a request may name; the first holds when it names none"},
    {"validate", "source_bytes", SG_KEY_NUMBER, SG_UNIT_BYTES, 1 * KIB, 16 * MIB, "512k",
     AT(validate.source_bytes), NULL, "largest source file that is looked at; others are refused"},
    {"validate", "parse_ms", SG_KEY_NUMBER, SG_UNIT_MS, 10, 60000, "500ms", AT(validate.parse_ms),
     NULL, "longest time, of CPU, to look at the code of a request"},
    {"validate", "nodes", SG_KEY_NUMBER, SG_UNIT_COUNT, 1000, 100000000, "400000",
     AT(validate.nodes), NULL, "most parts of its syntax tree"},
    {"validate", "depth", SG_KEY_NUMBER, SG_UNIT_COUNT, 50, 2500, "1000", AT(validate.depth), NULL,
     "deepest nesting of it"},
    {"validate", "work", SG_KEY_NUMBER, SG_UNIT_COUNT, 10000, 1000000000, "4000000",
     AT(validate.work), NULL, "most steps of following its names and constants"},

    {"output", "files", SG_KEY_NUMBER, SG_UNIT_COUNT, 0, SG_OUTPUT_FILES_MAX, "32",
     AT(output.files), NULL, "most files that a run gives back; others are named in its answer"},
    {"output", "bytes", SG_KEY_NUMBER, SG_UNIT_BYTES, 0, SG_OUTPUT_BYTES_MAX, "8m",
     AT(output.bytes), NULL, "size of all of them together"},

    {"native", "socket", SG_KEY_PATH, 0, 0, SOCKET_MAX, "", AT(native.socket), NULL,
     "socket of the executor's service; empty: each worker starts a private one"},
    {"native", "socket_mode", SG_KEY_NUMBER, SG_UNIT_OCTAL, 0, 0777, "0660", AT(native.socket_mode),
     NULL, "permission bits of the socket"},
    {"native", "peers", SG_KEY_USERS, 0, 0, 0, "", AT(native.peers), NULL,
     "users that may connect, by name or number; the executor's own and root always may"},
    {"native", "slots", SG_KEY_NUMBER, SG_UNIT_COUNT, 0, 4096, "0", AT(native.slots), NULL,
     "runs at the same time; 0: twice the number of cores"},
    {"native", "queue", SG_KEY_NUMBER, SG_UNIT_COUNT, 0, 65536, "64", AT(native.queue), NULL,
     "runs that may wait for a slot; more are answered with 503"},
    {"native", "queue_wait_ms", SG_KEY_NUMBER, SG_UNIT_MS, 0, 600000, "10s",
     AT(native.queue_wait_ms), NULL, "longest wait for a slot, then 503"},
    {"native", "cgroup", SG_KEY_NAME, 0, 1, 64, "sandgate", AT(native.cgroup), NULL,
     "name of the cgroup below the executor's own in which boxes live"},
    {"native", "id_base", SG_KEY_NUMBER, SG_UNIT_COUNT, 65536, 4294901760, "1879048192",
     AT(native.id_base), NULL,
     "first host uid and gid of the range for boxes, when started as root"},
    {"native", "id_count", SG_KEY_NUMBER, SG_UNIT_COUNT, 16, 1u << 31, "65536", AT(native.id_count),
     NULL, "size of that range; a box takes two"},
    {"native", "allow_missing", SG_KEY_LAYERS, 0, 0, 0, "landlock, private_uid",
     AT(native.allow_missing), OPTIONAL_LAYERS,
     "layers of the box that may be absent where the host cannot give them; else runs are refused"},
    {"native", "root", SG_KEY_PATH, 0, 0, PATH_BYTES_MAX, "", AT(native.root), NULL,
     "image directory that boxes have as root; empty: the host's /usr, read-only"},
    {"native", "tmp_bytes", SG_KEY_NUMBER, SG_UNIT_BYTES, 64 * KIB, 1024 * GIB, "100m",
     AT(native.tmp_bytes), NULL, "size of /tmp and the working directory together"},
    {"native", "tmp_inodes", SG_KEY_NUMBER, SG_UNIT_COUNT, 128, 100000000, "16384",
     AT(native.tmp_inodes), NULL, "files and directories there together"},
    {"native", "shm_bytes", SG_KEY_NUMBER, SG_UNIT_BYTES, 64 * KIB, 1024 * GIB, "64m",
     AT(native.shm_bytes), NULL, "size of /dev/shm"},
    {"native", "waiting_min", SG_KEY_NUMBER, SG_UNIT_COUNT, 0, 1024, "1", AT(native.waiting_min),
     NULL, "prepared boxes, and clones of each template, that wait for a run at least"},
    {"native", "waiting_max", SG_KEY_NUMBER, SG_UNIT_COUNT, 0, 1024, "0", AT(native.waiting_max),
     NULL, "and at most, when runs come faster; 0: as many as slots"},
    {"native", "waiting_bytes", SG_KEY_NUMBER, SG_UNIT_BYTES, 0, 1024 * GIB, "128m",
     AT(native.waiting_bytes), NULL, "memory of all that wait together"},
    {"native", "template_clones", SG_KEY_NUMBER, SG_UNIT_COUNT, 1, 1000000000, "10000",
     AT(native.template_clones), NULL, "a template is replaced after so many clones"},
    {"native", "template_lifetime_s", SG_KEY_NUMBER, SG_UNIT_SECONDS, 1, 30 * 86400, "1h",
     AT(native.template_lifetime_s), NULL, "or after so long"},
    {"native", "trace_denied_syscalls", SG_KEY_BOOL, 0, 0, 0, "on",
     AT(native.trace_denied_syscalls), NULL,
     "may a request have the system calls counted that are refused"},

    {"docker", "socket", SG_KEY_PATH, 0, 0, SOCKET_MAX, "", AT(docker.socket), NULL,
     "socket of sandgate-docker; empty: there is no such service"},
    {"docker", "socket_mode", SG_KEY_NUMBER, SG_UNIT_OCTAL, 0, 0777, "0660", AT(docker.socket_mode),
     NULL, "permission bits of the socket"},
    {"docker", "peers", SG_KEY_USERS, 0, 0, 0, "", AT(docker.peers), NULL,
     "users that may connect, by name or number; the executor's own and root always may"},
    {"docker", "slots", SG_KEY_NUMBER, SG_UNIT_COUNT, 0, 4096, "0", AT(docker.slots), NULL,
     "runs at the same time; 0: twice the number of cores"},
    {"docker", "queue", SG_KEY_NUMBER, SG_UNIT_COUNT, 0, 65536, "64", AT(docker.queue), NULL,
     "runs that may wait for a slot; more are answered with 503"},
    {"docker", "queue_wait_ms", SG_KEY_NUMBER, SG_UNIT_MS, 0, 600000, "10s",
     AT(docker.queue_wait_ms), NULL, "longest wait for a slot, then 503"},
    {"docker", "engine_socket", SG_KEY_PATH, 0, 1, SOCKET_MAX, "/var/run/docker.sock",
     AT(docker.engine_socket), NULL, "socket of the Docker Engine"},
    {"docker", "engine_url", SG_KEY_URL, 0, 0, PATH_BYTES_MAX, "", AT(docker.engine_url), NULL,
     "https://HOST:PORT of a remote Engine; empty: engine_socket"},
    {"docker", "tls_ca", SG_KEY_PATH, 0, 0, PATH_BYTES_MAX, "", AT(docker.tls_ca), NULL,
     "certificates that the remote Engine's is checked with; empty: the system's"},
    {"docker", "tls_cert", SG_KEY_PATH, 0, 0, PATH_BYTES_MAX, "", AT(docker.tls_cert), NULL,
     "our certificate for it"},
    {"docker", "tls_key", SG_KEY_PATH, 0, 0, PATH_BYTES_MAX, "", AT(docker.tls_key), NULL,
     "and its key"},
    {"docker", "call_ms", SG_KEY_NUMBER, SG_UNIT_MS, 100, 600000, "10s", AT(docker.call_ms), NULL,
     "longest time that one call of the Engine may take"},
    {"docker", "instance", SG_KEY_NAME, 0, 1, 64, "sandgate", AT(docker.instance), NULL,
     "label of what is ours: another for each sandgate-docker that uses the same Engine"},
    {"docker", "oci_runtime", SG_KEY_NAME, 0, 0, 64, "", AT(docker.oci_runtime), NULL,
     "runtime of the containers, like runsc; empty: the Engine's default"},
    {"docker", "pull", SG_KEY_BOOL, 0, 0, 0, "off", AT(docker.pull), NULL,
     "may a missing image be pulled"},
    {"docker", "waiting", SG_KEY_NUMBER, SG_UNIT_COUNT, 0, 1024, "2", AT(docker.waiting), NULL,
     "containers of each runtime, with default limits, that wait for a run"},
    {"docker", "waiting_lifetime_s", SG_KEY_NUMBER, SG_UNIT_SECONDS, 1, 30 * 86400, "1h",
     AT(docker.waiting_lifetime_s), NULL, "one that has waited so long is replaced"},
    {"docker", "allow_missing", SG_KEY_LAYERS, 0, 0, 0, "landlock, private_uid, proc, user_ns",
     AT(docker.allow_missing), DOCKER_LAYERS,
     "layers that may be absent where the Engine does not give them; else runs are refused"},
};

static void add_limit(struct sg_schema *s, const char *prefix, const struct sg_limit_info *info,
                      size_t base, uint64_t dflt)
{
    struct sg_key *key = &s->keys[s->n++];
    *key = (struct sg_key){.section = "limits",
                           .type = SG_KEY_NUMBER,
                           .unit = sg_limit_unit(info),
                           .min = info->min,
                           .max = info->ceiling,
                           .offset = base + info->offset,
                           .doc = info->what};
    snprintf(key->name, sizeof(key->name), "%s_%s", prefix, info->name);
    char text[SG_VALUE_TEXT_MAX];
    sg_value_print(text, key->unit, dflt);
    sg_str_copy(key->dflt, sizeof(key->dflt), text);
}

void sg_schema_init(struct sg_schema *ret)
{
    _Static_assert(SG_ARRAY_LEN(fixed_keys) + 2 * 16 <= SG_KEYS_MAX, "room for the limits");
    memcpy(ret->keys, fixed_keys, sizeof(fixed_keys));
    ret->n = SG_ARRAY_LEN(fixed_keys);
    for (size_t i = 0; i < sg_limit_count; i++)
        add_limit(ret, "default", &sg_limit_table[i], AT(limits_default), sg_limit_table[i].dflt);
    for (size_t i = 0; i < sg_limit_count; i++)
        add_limit(ret, "max", &sg_limit_table[i], AT(limits_max), sg_limit_table[i].max);
}

static void *field(const struct sg_key *key, struct sg_config *cfg)
{
    return (char *)cfg + key->offset;
}

static int store_text(const struct sg_key *key, struct sg_config *cfg, const char *value,
                      struct sg_error *err)
{
    char **at = field(key, cfg);
    char *copy = strdup(value);
    if (!copy)
        return sg_error_errno(err, ENOMEM, "\"%s\"", value);
    free(*at);
    *at = copy;
    return 0;
}

static int set_number(const struct sg_key *key, struct sg_config *cfg, const char *value,
                      struct sg_error *err)
{
    char min[SG_VALUE_TEXT_MAX], max[SG_VALUE_TEXT_MAX];
    sg_value_print(min, key->unit, key->min);
    sg_value_print(max, key->unit, key->max);
    uint64_t number = 0;
    int r = sg_value_parse(key->unit, value, &number);
    if (r == -EINVAL)
        return sg_error_set(err, SG_E_INVALID, "\"%s\" is not %s; allowed: %s to %s", value,
                            sg_unit_example(key->unit), min, max);
    if (r < 0 || number < key->min || number > key->max)
        return sg_error_set(err, SG_E_INVALID, "%s is out of range; allowed: %s to %s", value, min,
                            max);
    *(uint64_t *)field(key, cfg) = number;
    return 0;
}

static int set_bool(const struct sg_key *key, struct sg_config *cfg, const char *value,
                    struct sg_error *err)
{
    return sg_value_bool(value, field(key, cfg), err);
}

static int set_path(const struct sg_key *key, struct sg_config *cfg, const char *value,
                    struct sg_error *err)
{
    size_t n = strlen(value);
    bool absolute = n == 0 || value[0] == '/';
    if (n < key->min || n > key->max || !absolute || sg_value_has_control(value))
        return sg_error_set(err, SG_E_INVALID,
                            "\"%s\" is not a path; allowed: %sabsolute, at most "
                            "%u bytes, no control characters",
                            value, key->min ? "" : "empty, or ", (unsigned)key->max);
    return store_text(key, cfg, value, err);
}

/* A list of names is as long as it is; a name of it has the usual length. */
#define NAME_BYTES_MAX 64

static int check_name(const char *value, size_t max, struct sg_error *err)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    size_t n = strlen(value);
    if (n < 1 || n > max || value[0] == '.' || strspn(value, letters) != n)
        return sg_error_set(err, SG_E_INVALID,
                            "\"%s\" is not a name; allowed: 1 to %u letters, "
                            "digits, _ - ., not beginning with a dot",
                            value, (unsigned)max);
    return 0;
}

static int set_name(const struct sg_key *key, struct sg_config *cfg, const char *value,
                    struct sg_error *err)
{
    bool may_be_empty = key->min == 0;
    int r = !*value && may_be_empty ? 0 : check_name(value, (size_t)key->max, err);
    return r < 0 ? r : store_text(key, cfg, value, err);
}

/* Plain TCP gives the Engine, which equals root, to everybody on the way. */
static int set_url(const struct sg_key *key, struct sg_config *cfg, const char *value,
                   struct sg_error *err)
{
    static const char *const starts[] = {"https://", "http://127.0.0.1:", "http://localhost:"};
    size_t i = 0;
    while (i < SG_ARRAY_LEN(starts) && !sg_str_starts(value, starts[i]))
        i++;
    const char *host = strstr(value, "://");
    if (*value && (i == SG_ARRAY_LEN(starts) || strlen(value) > key->max || !host ||
                   strpbrk(host + 3, "/?#@ ") || sg_value_has_control(value)))
        return sg_error_set(err, SG_E_INVALID,
                            "\"%s\" is not a URL; allowed: empty, https://HOST:PORT, or "
                            "http://127.0.0.1:PORT",
                            value);
    return store_text(key, cfg, value, err);
}

/* Is value one of "a, b, c"? */
static bool is_choice(const char *choices, const char *value)
{
    size_t n = strlen(value);
    for (const char *c = choices; *c;) {
        size_t len = strcspn(c, ",");
        if (n == len && strncmp(c, value, n) == 0)
            return true;
        c += len;
        c += strspn(c, ", ");
    }
    return false;
}

static int check_choice(const struct sg_key *key, const char *value, struct sg_error *err)
{
    if (is_choice(key->choices, value))
        return 0;
    return sg_error_set(err, SG_E_INVALID, "\"%s\" is not known here; allowed: %s", value,
                        key->choices);
}

static int set_choice(const struct sg_key *key, struct sg_config *cfg, const char *value,
                      struct sg_error *err)
{
    int r = check_choice(key, value, err);
    return r < 0 ? r : store_text(key, cfg, value, err);
}

static int set_level(const struct sg_key *key, struct sg_config *cfg, const char *value,
                     struct sg_error *err)
{
    int r = check_choice(key, value, err);
    if (r == 0)
        *(int *)field(key, cfg) = sg_log_level_from_name(value);
    return r;
}

static int add_layer(const struct sg_key *key, struct sg_config *cfg, const char *value,
                     struct sg_error *err)
{
    int r = check_choice(key, value, err);
    if (r == 0)
        *(uint32_t *)field(key, cfg) |= SG_LAYER_BIT(sg_layer_from_name(value));
    return r;
}

static int add_item(const struct sg_key *key, struct sg_config *cfg, const char *value,
                    const char *what, struct sg_error *err)
{
    int r = sg_strings_add(field(key, cfg), value);
    if (r == -E2BIG)
        return sg_error_set(err, SG_E_INVALID, "too many %s; allowed: at most %d", what,
                            SG_RUNTIME_LIST_MAX);
    return r < 0 ? sg_error_errno(err, -r, "\"%s\"", value) : 0;
}

/* Whether such a user exists is for the executor to find out: a file can be checked on another
 * host. */
static int add_user(const struct sg_key *key, struct sg_config *cfg, const char *value,
                    struct sg_error *err)
{
    size_t n = strlen(value);
    if (n == 0 || n > USER_MAX || sg_value_has_control(value) || strpbrk(value, " :/"))
        return sg_error_set(err, SG_E_INVALID,
                            "\"%s\" is not a user; allowed: names and numbers of "
                            "users",
                            value);
    return add_item(key, cfg, value, "users", err);
}

static int add_name(const struct sg_key *key, struct sg_config *cfg, const char *value,
                    struct sg_error *err)
{
    if (check_name(value, NAME_BYTES_MAX, err) < 0 ||
        (key->choices && check_choice(key, value, err) < 0))
        return SG_E_INVALID;
    if (sg_strings_has(field(key, cfg), value))
        return sg_error_set(err, SG_E_INVALID, "\"%s\" is named twice; allowed: once", value);
    return add_item(key, cfg, value, "names", err);
}

static void clear_layers(const struct sg_key *key, struct sg_config *cfg)
{
    *(uint32_t *)field(key, cfg) = 0;
}

static void clear_strings(const struct sg_key *key, struct sg_config *cfg)
{
    sg_strings_done(field(key, cfg));
}

static const struct {
    int (*set)(const struct sg_key *key, struct sg_config *cfg, const char *value,
               struct sg_error *err);
    void (*reset)(const struct sg_key *key, struct sg_config *cfg); /* lists only */
} types[] = {
    [SG_KEY_NUMBER] = {set_number, NULL},       [SG_KEY_BOOL] = {set_bool, NULL},
    [SG_KEY_PATH] = {set_path, NULL},           [SG_KEY_NAME] = {set_name, NULL},
    [SG_KEY_CHOICE] = {set_choice, NULL},       [SG_KEY_LEVEL] = {set_level, NULL},
    [SG_KEY_USERS] = {add_user, clear_strings}, [SG_KEY_LAYERS] = {add_layer, clear_layers},
    [SG_KEY_NAMES] = {add_name, clear_strings}, [SG_KEY_URL] = {set_url, NULL},
};

bool sg_schema_is_list(const struct sg_key *key)
{
    return types[key->type].reset != NULL;
}

int sg_schema_set(const struct sg_key *key, struct sg_config *cfg, const char *value,
                  struct sg_error *err)
{
    if (value)
        return types[key->type].set(key, cfg, value, err);
    if (!sg_schema_is_list(key))
        return sg_error_set(err, SG_E_INVALID, "the value is missing; allowed: %s = value",
                            key->name);
    if (key->type == SG_KEY_NAMES && key->min > 0)
        return sg_error_set(err, SG_E_INVALID, "the list is empty; allowed: at least one");
    types[key->type].reset(key, cfg);
    return 0;
}

void sg_schema_reset(const struct sg_key *key, struct sg_config *cfg)
{
    if (types[key->type].reset)
        types[key->type].reset(key, cfg);
}
