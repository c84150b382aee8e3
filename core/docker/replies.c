#include "core/docker/replies.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"

#define LIST_MAX 4096

/* jansson's own bound of nesting is 2048, and it recurses. */
static bool too_deep(const char *text, size_t n)
{
    size_t depth = 0;
    bool string = false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (string && c == '\\')
            i++;
        else if (c == '"')
            string = !string;
        else if (!string && (c == '{' || c == '['))
            depth++;
        else if (!string && (c == '}' || c == ']') && depth > 0)
            depth--;
        if (depth > SG_REPLY_DEPTH)
            return true;
    }
    return false;
}

static int wrong(struct sg_error *err, const char *what)
{
    return sg_error_set(err, SG_E_PROTOCOL, "the Engine's answer is not what it should be: %s",
                        what);
}

static json_t *parse(const char *text, size_t n, struct sg_error *err)
{
    json_error_t jerr;
    json_t *root = !text || too_deep(text, n) ? NULL : json_loadb(text, n, 0, &jerr);
    if (!root)
        wrong(err, "no JSON");
    return root;
}

static const char *string_at(json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

/* 0, or -1 when the member is no string, or is too long. */
static int copy(json_t *object, const char *key, char *ret, size_t size)
{
    json_t *s = json_object_get(object, key);
    return json_is_string(s) && sg_str_copy(ret, size, json_string_value(s)) == 0 ? 0 : -1;
}

/* It becomes a part of URLs. */
static bool is_id(const char *id)
{
    const char *hex = sg_str_starts(id, "sha256:") ? id + 7 : id;
    size_t n = strlen(hex);
    return n >= 12 && n <= 64 && strspn(hex, "0123456789abcdef") == n;
}

int sg_reply_version(struct sg_reply_version *ret, const char *text, size_t n, struct sg_error *err)
{
    json_t *root = parse(text, n, err);
    int r = root ? 0 : SG_E_PROTOCOL;
    *ret = (struct sg_reply_version){0};
    if (root && (copy(root, "ApiVersion", ret->api, sizeof ret->api) < 0 ||
                 copy(root, "Version", ret->engine, sizeof ret->engine) < 0))
        r = wrong(err, "no version");
    (void)copy(root, "MinAPIVersion", ret->api_min, sizeof ret->api_min);
    (void)copy(root, "Arch", ret->arch, sizeof ret->arch);
    json_decref(root);
    return r;
}

static bool is_true(json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

int sg_reply_info(struct sg_reply_info *ret, const char *text, size_t n, struct sg_error *err)
{
    json_t *root = parse(text, n, err), *option;
    size_t i;
    if (!root)
        return SG_E_PROTOCOL;
    *ret = (struct sg_reply_info){.memory = is_true(root, "MemoryLimit"),
                                  .swap = is_true(root, "SwapLimit"),
                                  .cpu = is_true(root, "CpuCfsQuota"),
                                  .pids = is_true(root, "PidsLimit")};
    json_array_foreach(json_object_get(root, "SecurityOptions"), i, option)
    {
        const char *s = json_string_value(option);
        ret->rootless = ret->rootless || (s && sg_str_starts(s, "name=rootless"));
    }
    int r =
        json_is_boolean(json_object_get(root, "MemoryLimit")) ? 0 : wrong(err, "no MemoryLimit");
    json_decref(root);
    return r;
}

static bool is_empty(json_t *object, const char *key)
{
    json_t *v = json_object_get(object, key);
    return !v || json_is_null(v) || (json_is_array(v) && json_array_size(v) == 0) ||
           (json_is_object(v) && json_object_size(v) == 0);
}

int sg_reply_image(struct sg_reply_image *ret, const char *text, size_t n, struct sg_error *err)
{
    json_t *root = parse(text, n, err);
    *ret = (struct sg_reply_image){0};
    int r = root ? 0 : SG_E_PROTOCOL;
    if (root && (copy(root, "Id", ret->id, sizeof ret->id) < 0 || !is_id(ret->id) ||
                 copy(root, "Architecture", ret->arch, sizeof ret->arch) < 0 ||
                 copy(root, "Os", ret->os, sizeof ret->os) < 0))
        r = wrong(err, "no image");
    json_t *config = json_object_get(root, "Config");
    ret->volumes = config && !is_empty(config, "Volumes");
    json_decref(root);
    return r;
}

int sg_reply_id(char ret[SG_DOCKER_ID_MAX], const char *text, size_t n, struct sg_error *err)
{
    json_t *root = parse(text, n, err);
    int r = root ? 0 : SG_E_PROTOCOL;
    ret[0] = '\0';
    if (root && (copy(root, "Id", ret, SG_DOCKER_ID_MAX) < 0 || !is_id(ret)))
        r = wrong(err, "no Id");
    json_decref(root);
    return r;
}

static const char *first_name(json_t *container)
{
    const char *name = json_string_value(json_array_get(json_object_get(container, "Names"), 0));
    return !name ? "" : name[0] == '/' ? name + 1 : name;
}

int sg_reply_list(const char *text, size_t n, void (*fn)(void *, const char *, const char *),
                  void *arg, struct sg_error *err)
{
    json_t *root = parse(text, n, err);
    int r = root ? 0 : SG_E_PROTOCOL;
    if (root && (!json_is_array(root) || json_array_size(root) > LIST_MAX))
        r = wrong(err, "no list");
    for (size_t i = 0; r == 0 && i < json_array_size(root); i++)
        if (!is_id(string_at(json_array_get(root, i), "Id")))
            r = wrong(err, "no Id in a list");
    for (size_t i = 0; r == 0 && i < json_array_size(root); i++) {
        json_t *one = json_array_get(root, i);
        fn(arg, string_at(one, "Id"), first_name(one));
    }
    json_decref(root);
    return r;
}

static int64_t number_at(json_t *object, const char *key)
{
    json_t *v = json_object_get(object, key);
    return json_is_integer(v) ? json_integer_value(v) : 0;
}

static bool equals(json_t *object, const char *key, const char *value)
{
    return strcmp(string_at(object, key), value) == 0;
}

static void read_security(struct sg_reply_container *ret, json_t *host)
{
    json_t *option;
    size_t i;
    json_array_foreach(json_object_get(host, "SecurityOpt"), i, option)
    {
        const char *s = json_string_value(option);
        if (!s)
            continue;
        ret->no_new_privs = ret->no_new_privs || strcmp(s, "no-new-privileges") == 0 ||
                            strcmp(s, "no-new-privileges:true") == 0;
        ret->own_seccomp = ret->own_seccomp || sg_str_starts(s, "seccomp={");
        ret->seccomp_off = ret->seccomp_off || strcmp(s, "seccomp=unconfined") == 0;
    }
}

static bool drops_all(json_t *host)
{
    json_t *drop = json_object_get(host, "CapDrop");
    const char *first = json_string_value(json_array_get(drop, 0));
    return json_array_size(drop) == 1 && first && strcasecmp(first, "ALL") == 0 &&
           is_empty(host, "CapAdd");
}

static void read_host(struct sg_reply_container *ret, json_t *host)
{
    json_t *tmpfs = json_object_get(host, "Tmpfs");
    ret->readonly_root = is_true(host, "ReadonlyRootfs");
    ret->privileged = is_true(host, "Privileged");
    ret->init = is_true(host, "Init");
    ret->network_none = equals(host, "NetworkMode", "none");
    ret->ipc_own = equals(host, "IpcMode", "none") || equals(host, "IpcMode", "private");
    ret->pid_own = equals(host, "PidMode", "");
    ret->uts_own = equals(host, "UTSMode", "");
    ret->userns_host = equals(host, "UsernsMode", "host");
    ret->cgroupns_own = equals(host, "CgroupnsMode", "private");
    ret->caps_none = drops_all(host);
    ret->binds_none =
        is_empty(host, "Binds") && is_empty(host, "Mounts") && is_empty(host, "VolumesFrom");
    ret->devices_none = is_empty(host, "Devices") && is_empty(host, "DeviceRequests");
    ret->log_none = equals(json_object_get(host, "LogConfig"), "Type", "none");
    ret->memory = number_at(host, "Memory");
    ret->memory_swap = number_at(host, "MemorySwap");
    ret->nano_cpus = number_at(host, "NanoCpus");
    ret->cpu_quota = number_at(host, "CpuQuota");
    ret->cpu_period = number_at(host, "CpuPeriod");
    ret->pids = number_at(host, "PidsLimit");
    (void)copy(host, "Runtime", ret->runtime, sizeof ret->runtime);
    (void)copy(tmpfs, "/tmp", ret->tmpfs_tmp, sizeof ret->tmpfs_tmp);
    (void)copy(tmpfs, "/work", ret->tmpfs_work, sizeof ret->tmpfs_work);
    (void)copy(tmpfs, "/dev/shm", ret->tmpfs_shm, sizeof ret->tmpfs_shm);
    read_security(ret, host);
}

int sg_reply_container(struct sg_reply_container *ret, const char *text, size_t n,
                       struct sg_error *err)
{
    json_t *root = parse(text, n, err);
    json_t *state = json_object_get(root, "State"), *host = json_object_get(root, "HostConfig");
    json_t *config = json_object_get(root, "Config");
    *ret = (struct sg_reply_container){0};
    int r = root ? 0 : SG_E_PROTOCOL;
    if (root && (!json_is_object(state) || !json_is_object(host) || !json_is_object(config)))
        r = wrong(err, "no container");
    if (r == 0) {
        ret->running = is_true(state, "Running");
        ret->oom_killed = is_true(state, "OOMKilled");
        ret->exit_code = number_at(state, "ExitCode");
        ret->tty = is_true(config, "Tty");
        (void)copy(config, "User", ret->user, sizeof ret->user);
        (void)copy(root, "Image", ret->image, sizeof ret->image);
        read_host(ret, host);
    }
    json_decref(root);
    return r;
}

void sg_reply_message(char *ret, size_t size, const char *text, size_t n)
{
    struct sg_error ignored = SG_ERROR_INIT;
    json_t *root = parse(text, n, &ignored);
    (void)sg_str_copy(ret, size, string_at(root, "message"));
    for (char *c = ret; *c; c++)
        if (iscntrl((unsigned char)*c))
            *c = ' ';
    json_decref(root);
}
