/* answer.c: see answer.h */
#include "fcgi/answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/advice.h"
#include "fcgi/answer_files.h"
#include "fcgi/answer_internal.h"
#include "fcgi/report.h"

enum unit { UNIT_NONE, UNIT_MS, UNIT_BYTES, UNIT_COUNT };

/* What a person is told about each end; what can be done about it is in advice.c. */
static const struct end {
    enum unit unit; /* of outcome.limit and .peak */
    const char *text;
} ends[SG_REASON_COUNT] = {
    [SG_REASON_EXITED] = {UNIT_NONE, "The program ended with exit code"},
    [SG_REASON_SIGNALED] = {UNIT_NONE, "The program was ended by signal"},
    [SG_REASON_WALL_TIME] = {UNIT_MS, "The program ran into its time limit and was ended"},
    [SG_REASON_CPU_TIME] = {UNIT_MS, "The program used up its CPU time and was ended"},
    [SG_REASON_MEMORY] = {UNIT_BYTES, "The program ran out of its memory and was ended"},
    [SG_REASON_PROCESSES] = {UNIT_COUNT,
                             "The program failed at its limit of processes and threads"},
    [SG_REASON_OUTPUT] = {UNIT_BYTES, "The program wrote far too much output and was ended"},
    /* The kernel's two signals of these can be sent by any program to itself: the texts are true of
       both. */
    [SG_REASON_FILE_SIZE] = {UNIT_BYTES, "The program was ended by SIGXFSZ, which the kernel sends "
                                         "for writing a file past its size limit"},
    [SG_REASON_SECCOMP] = {UNIT_NONE, "The program was ended by SIGSYS, which the kernel sends for "
                                      "a forbidden system call"},
    [SG_REASON_CANCELLED] = {UNIT_NONE, "The run was cancelled"},
};

static const char *const capability_names[] = {
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
};

struct layer_name {
    enum sg_layer layer;
    const char *name;
};
static const struct layer_name namespaces[] = {
    {SG_LAYER_USER_NS, "user"},     {SG_LAYER_MOUNT_NS, "mount"}, {SG_LAYER_PID_NS, "pid"},
    {SG_LAYER_NET_NS, "net"},       {SG_LAYER_IPC_NS, "ipc"},     {SG_LAYER_UTS_NS, "uts"},
    {SG_LAYER_CGROUP_NS, "cgroup"},
};
static const struct layer_name controllers[] = {
    {SG_LAYER_CGROUP_MEMORY, "memory"},
    {SG_LAYER_CGROUP_CPU, "cpu"},
    {SG_LAYER_CGROUP_PIDS, "pids"},
};

static const struct end *end_of(const struct sg_outcome *o)
{
    return &ends[o->reason < SG_REASON_COUNT ? o->reason : SG_REASON_SIGNALED];
}

bool sg_answer_success(const struct sg_outcome *o)
{
    return o->reason == SG_REASON_EXITED && o->exit_code == 0;
}

static void put_amount(struct sg_buf *out, enum unit unit, uint64_t value)
{
    if (value == SG_UNKNOWN)
        sg_buf_puts(out, "unknown");
    else if (unit == UNIT_MS && value >= 100000) /* of 1000 s %.3g would make 1e+03 */
        sg_buf_printf(out, "%.0f s", (double)value / 1000.0);
    else if (unit == UNIT_MS)
        sg_buf_printf(out, "%.3g s", (double)value / 1000.0);
    else if (unit == UNIT_BYTES && value >= 1 << 20)
        sg_buf_printf(out, "%.1f MiB", (double)value / (1 << 20));
    else if (unit == UNIT_BYTES)
        sg_buf_printf(out, "%llu bytes", (unsigned long long)value);
    else
        sg_buf_printf(out, "%llu", (unsigned long long)value);
}

static void put_sentence(struct sg_buf *out, const struct sg_outcome *o)
{
    const struct end *e = end_of(o);
    sg_buf_puts(out, e->text);
    if (o->reason == SG_REASON_EXITED)
        sg_buf_printf(out, " %d", o->exit_code);
    if (o->reason == SG_REASON_SIGNALED) {
        const char *name = sg_signal_name(o->signal);
        sg_buf_printf(out, " %d%s%s%s", o->signal, name ? " (" : "", name ? name : "",
                      name ? ")" : "");
    }
    if (e->unit != UNIT_NONE && o->limit != SG_UNKNOWN) {
        sg_buf_puts(out, " (limit ");
        put_amount(out, e->unit, o->limit);
        sg_buf_puts(out, ", peak ");
        put_amount(out, e->unit, o->peak);
        sg_buf_puts(out, ")");
    }
    sg_buf_puts(out, ".");
}

bool sg_answer_error(const struct sg_outcome *o, char *ret, size_t n)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    if (n > 0)
        ret[0] = '\0';
    if (sg_answer_success(o))
        return false;
    put_sentence(&text, o);
    sg_str_copy(ret, n, text.data ? text.data : "");
    return true;
}

/* How many bytes at the start are the rest of a character whose beginning is missing. */
static size_t trim_start(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && i < 3 && ((unsigned char)s[i] & 0xc0) == 0x80)
        i++;
    return i;
}

struct sg_cut sg_answer_cut(const struct sg_stream_info *info, struct sg_span kept)
{
    struct sg_cut cut = {.head = kept, .truncated = info->total_bytes > kept.n};
    if (cut.truncated) {
        cut.head.n = info->head_bytes < kept.n ? (size_t)info->head_bytes : kept.n;
        cut.tail.data = kept.n ? kept.data + cut.head.n : NULL;
        cut.tail.n = kept.n - cut.head.n;
    }
    struct sg_cut shown = cut;
    if (cut.truncated) {
        size_t skip = trim_start(cut.tail.data, cut.tail.n);
        shown.head.n = cut.head.n - sg_utf8_half(cut.head.data, cut.head.n);
        shown.tail.data += skip;
        shown.tail.n -= skip;
    }
    shown.text = sg_utf8_valid_prefix(shown.head.data, shown.head.n) == shown.head.n &&
                 sg_utf8_valid_prefix(shown.tail.data, shown.tail.n) == shown.tail.n;
    return shown.text ? shown : cut;
}

/* Of a stream that has been told while it was written, so that nothing of it is missing. */
static void put_streamed(struct sg_json *j, const char *name, const struct sg_stream_info *info)
{
    char key[32];
    snprintf(key, sizeof key, "%s_truncated", name);
    sg_json_put_bool(j, key, false);
    snprintf(key, sizeof key, "%s_bytes", name);
    sg_json_put_uint(j, key, info->total_bytes);
    snprintf(key, sizeof key, "%s_omitted_at", name);
    sg_json_put_null(j, key);
}

/* The stream's bytes as one string; *ret_omitted_at is where bytes are missing in what it decodes
 * to. */
static void put_stream(struct sg_json *j, const char *name, const struct sg_stream_info *info,
                       struct sg_span kept)
{
    struct sg_cut cut = sg_answer_cut(info, kept);
    sg_auto(sg_buf) struct sg_buf joined = {0};
    char key[32];
    sg_json_key(j, name);
    if (!cut.truncated || cut.tail.n == 0 || cut.head.data + cut.head.n == cut.tail.data) {
        joined.data = NULL; /* head and tail lie side by side already */
    } else {
        sg_buf_append(&joined, cut.head.data, cut.head.n);
        sg_buf_append(&joined, cut.tail.data, cut.tail.n);
        j->out->failed |= joined.failed;
    }
    const char *data = joined.data ? joined.data : cut.head.data;
    size_t n = joined.data ? joined.len : cut.head.n + cut.tail.n;
    if (cut.text)
        sg_json_string_n(j, data, n);
    else
        sg_json_base64(j, data, n);

    snprintf(key, sizeof key, "%s_encoding", name);
    sg_json_put_string(j, key, cut.text ? "utf8" : "base64");
    snprintf(key, sizeof key, "%s_truncated", name);
    sg_json_put_bool(j, key, cut.truncated);
    snprintf(key, sizeof key, "%s_bytes", name);
    sg_json_put_uint(j, key, info->total_bytes);
    snprintf(key, sizeof key, "%s_omitted_at", name);
    sg_json_put_measured(j, key, cut.truncated ? cut.head.n : SG_UNKNOWN);
}

void sg_answer_put_termination(struct sg_json *j, const struct sg_outcome *o, const char *hint)
{
    sg_json_key(j, "termination");
    sg_json_open(j, '{');
    sg_json_put_string(j, "reason", sg_reason_name((enum sg_reason)o->reason));
    sg_json_put_measured(j, "limit", o->limit);
    sg_json_put_measured(j, "peak", o->peak);
    sg_json_put_string(j, "hint", hint);
    sg_json_key(j, "limits_hit");
    sg_json_open(j, '[');
    for (unsigned i = 0; i < SG_HIT_COUNT; i++)
        if (o->limits_hit & (1u << i))
            sg_json_string(j, sg_hit_name(i));
    sg_json_close(j, ']');
    sg_json_close(j, '}');
}

static void put_us_as_ms(struct sg_json *j, const char *key, uint64_t us)
{
    sg_json_key(j, key);
    if (us == SG_UNKNOWN)
        sg_json_null(j);
    else
        sg_json_real(j, (double)us / 1000.0, 3);
}

static void put_cpu_percent(struct sg_json *j, const struct sg_usage *u)
{
    sg_json_key(j, "cpu_percent");
    if (u->cpu_user_us == SG_UNKNOWN || u->cpu_system_us == SG_UNKNOWN ||
        u->wall_time_us == SG_UNKNOWN || u->wall_time_us == 0)
        sg_json_null(j);
    else
        sg_json_real(
            j, 100.0 * (double)(u->cpu_user_us + u->cpu_system_us) / (double)u->wall_time_us, 2);
}

void sg_answer_put_usage(struct sg_json *j, const struct sg_usage *u)
{
    sg_json_key(j, "resource_usage");
    sg_json_open(j, '{');
    sg_json_key(j, "execution_time");
    if (u->wall_time_us == SG_UNKNOWN)
        sg_json_null(j);
    else
        sg_json_real(j, (double)u->wall_time_us / 1e6, 6);
    sg_json_key(j, "memory_usage_mb");
    if (u->memory_peak_bytes == SG_UNKNOWN)
        sg_json_null(j);
    else
        sg_json_real(j, (double)u->memory_peak_bytes / (1 << 20), 2);
    put_cpu_percent(j, u);
    sg_json_put_measured(j, "network_rx_bytes", u->network_rx_bytes);
    sg_json_put_measured(j, "network_tx_bytes", u->network_tx_bytes);
    put_us_as_ms(j, "wall_time_ms", u->wall_time_us);
    put_us_as_ms(j, "cpu_user_ms", u->cpu_user_us);
    put_us_as_ms(j, "cpu_system_ms", u->cpu_system_us);
    sg_json_put_measured(j, "memory_peak_bytes", u->memory_peak_bytes);
    sg_json_put_measured(j, "processes_peak", u->processes_peak);
    sg_json_close(j, '}');
}

static void put_layers(struct sg_json *j, const char *key, const struct layer_name *names, size_t n,
                       uint32_t layers)
{
    sg_json_key(j, key);
    sg_json_open(j, '[');
    for (size_t i = 0; i < n; i++)
        if (layers & SG_LAYER_BIT(names[i].layer))
            sg_json_string(j, names[i].name);
    sg_json_close(j, ']');
}

static void put_capabilities(struct sg_json *j, const struct sg_isolation *i)
{
    uint64_t any =
        i->cap_effective | i->cap_permitted | i->cap_bounding | i->cap_inheritable | i->cap_ambient;
    char number[16];
    sg_json_key(j, "capabilities");
    sg_json_open(j, '[');
    for (unsigned bit = 0; bit < 64; bit++) {
        if (!(any & (1ull << bit)))
            continue;
        snprintf(number, sizeof number, "%u", bit);
        sg_json_string(j, bit < SG_ARRAY_LEN(capability_names) ? capability_names[bit] : number);
    }
    sg_json_close(j, ']');
}

static void put_missing(struct sg_json *j, uint32_t missing)
{
    sg_json_key(j, "missing");
    sg_json_open(j, '[');
    for (unsigned l = 0; l < SG_LAYER_COUNT; l++)
        if (missing & SG_LAYER_BIT(l))
            sg_json_string(j, sg_layer_name((enum sg_layer)l));
    sg_json_close(j, ']');
}

void sg_answer_put_isolation(struct sg_json *j, const struct sg_isolation *i)
{
    uint32_t on = i->layers;
    sg_json_key(j, "isolation");
    sg_json_open(j, '{');
    put_layers(j, "namespaces", namespaces, SG_ARRAY_LEN(namespaces), on);
    sg_json_put_string(j, "seccomp", on & SG_LAYER_BIT(SG_LAYER_SECCOMP) ? i->profile : NULL);
    sg_json_put_uint(j, "seccomp_filters", i->seccomp_filters);
    sg_json_put_bool(j, "one_exec", on & SG_LAYER_BIT(SG_LAYER_ONE_EXEC));
    sg_json_put_bool(j, "no_new_privs", on & SG_LAYER_BIT(SG_LAYER_NO_NEW_PRIVS));
    put_capabilities(j, i);
    sg_json_put_string(j, "rootfs", on & SG_LAYER_BIT(SG_LAYER_ROOT_RO) ? "ro" : "rw");
    sg_json_put_string(j, "proc", on & SG_LAYER_BIT(SG_LAYER_PROC) ? "private" : "none");
    sg_json_put_string(j, "network", on & SG_LAYER_BIT(SG_LAYER_NET_NS) ? "none" : "host");
    put_layers(j, "cgroup", controllers, SG_ARRAY_LEN(controllers), on);
    sg_json_put_bool(j, "rlimits", on & SG_LAYER_BIT(SG_LAYER_RLIMITS));
    sg_json_key(j, "landlock_abi");
    sg_json_int(j, i->landlock_abi);
    sg_json_put_string(j, "uid", on & SG_LAYER_BIT(SG_LAYER_PRIVATE_UID) ? "private" : "shared");
    put_missing(j, i->missing);
    sg_json_close(j, '}');
}

void sg_answer_put_timings(struct sg_json *j, const struct sg_verdict *v,
                           const struct sg_timings *t)
{
    sg_json_key(j, "timings");
    sg_json_open(j, '{');
    sg_json_put_string(j, "start", t ? sg_start_name((enum sg_start)t->start) : NULL);
    put_us_as_ms(j, "validate_ms", v ? v->took_us : SG_UNKNOWN);
    put_us_as_ms(j, "queue_ms", t ? t->queue_us : SG_UNKNOWN);
    put_us_as_ms(j, "setup_ms", t ? t->setup_us : SG_UNKNOWN);
    put_us_as_ms(j, "run_ms", t ? t->run_us : SG_UNKNOWN);
    put_us_as_ms(j, "collect_ms", t ? t->collect_us : SG_UNKNOWN);
    sg_json_close(j, '}');
}

static void put_result(struct sg_json *j, const struct sg_outcome *o)
{
    bool success = sg_answer_success(o);
    sg_json_put_string(j, "status", success ? "success" : "failed");
    sg_json_put_bool(j, "success", success);
    sg_json_key(j, "exit_code");
    if (o->exit_code >= 0)
        sg_json_int(j, o->exit_code);
    else
        sg_json_null(j);
    sg_json_key(j, "signal");
    if (o->signal > 0 && sg_signal_name(o->signal))
        sg_json_string(j, sg_signal_name(o->signal));
    else if (o->signal > 0)
        sg_json_int(j, o->signal);
    else
        sg_json_null(j);
}

void sg_answer_put_end(struct sg_json *j, const struct sg_outcome *o, struct sg_span out,
                       struct sg_span err)
{
    put_result(j, o);
    put_stream(j, "stdout", &o->out, out);
    put_stream(j, "stderr", &o->err, err);
}

static void put_streamed_end(struct sg_json *j, const struct sg_outcome *o)
{
    put_result(j, o);
    put_streamed(j, "stdout", &o->out);
    put_streamed(j, "stderr", &o->err);
}

void sg_answer_put_no_end(struct sg_json *j, const char *status, bool success, bool streamed)
{
    static const struct {
        const char *key;
        bool content; /* of a stream */
    } nothing[] = {
        {"exit_code", false},
        {"signal", false},
        {"stdout", true},
        {"stdout_encoding", true},
        {"stdout_truncated", false},
        {"stdout_bytes", false},
        {"stdout_omitted_at", false},
        {"stderr", true},
        {"stderr_encoding", true},
        {"stderr_truncated", false},
        {"stderr_bytes", false},
        {"stderr_omitted_at", false},
    };
    sg_json_put_string(j, "status", status);
    sg_json_put_bool(j, "success", success);
    for (size_t i = 0; i < SG_ARRAY_LEN(nothing); i++)
        if (!(nothing[i].content && streamed))
            sg_json_put_null(j, nothing[i].key);
}

void sg_answer_put_figures(struct sg_json *j, const struct sg_outcome *o, struct sg_span out,
                           struct sg_span err, bool merged)
{
    sg_answer_put_termination(j, o, sg_advice(o, merged ? out : err, merged));
    sg_answer_put_denied(j, &o->denied);
    sg_answer_put_usage(j, &o->usage);
}

void sg_answer_put_no_figures(struct sg_json *j)
{
    sg_json_put_null(j, "termination");
    sg_json_put_null(j, "denied_syscalls");
    sg_json_put_null(j, "resource_usage");
}

void sg_answer_put_runtime(struct sg_json *j, const char *language, const char *version)
{
    sg_json_key(j, "runtime");
    sg_json_open(j, '{');
    sg_json_put_string(j, "language", language);
    sg_json_put_string(j, "version", version[0] ? version : NULL);
    sg_json_close(j, '}');
}

int sg_answer_write(struct sg_buf *ret, const struct sg_answer *a)
{
    const struct sg_outcome *o = a->outcome;
    struct sg_json j = SG_JSON_INIT(ret);
    char error[256];
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "id", a->id);
    if (a->streamed)
        put_streamed_end(&j, o);
    else
        sg_answer_put_end(&j, o, a->out, a->err);
    sg_json_put_string(&j, "error", sg_answer_error(o, error, sizeof error) ? error : NULL);
    sg_answer_put_files(&j, a->files, a->streamed);
    sg_report_put(&j, a->verdict, a->job);
    sg_answer_put_figures(&j, o, a->out, a->err, a->job && a->job->merge_stderr);
    sg_answer_put_compile(&j, a->compiled);
    sg_answer_put_no_cases(&j);
    sg_answer_put_runtime(&j, o->language, o->version);
    sg_json_put_string(&j, "engine", sg_engine_name(a->job ? a->job->engine : SG_ENGINE_NATIVE));
    sg_answer_put_isolation(&j, &o->isolation);
    sg_answer_put_timings(&j, a->verdict, &o->timings);
    sg_json_close(&j, '}');
    return ret->failed ? -ENOMEM : 0;
}

int sg_answer_write_rejected(struct sg_buf *ret, const struct sg_answer *a)
{
    struct sg_json j = SG_JSON_INIT(ret);
    char error[1024];
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "id", a->id);
    sg_answer_put_no_end(&j, "rejected", false, a->streamed);
    sg_verdict_sentence(a->verdict, error, sizeof error);
    sg_json_put_string(&j, "error", error);
    sg_answer_put_no_files(&j, a->streamed);
    sg_report_put(&j, a->verdict, a->job);
    sg_answer_put_no_figures(&j);
    sg_answer_put_compile(&j, NULL);
    sg_answer_put_no_cases(&j);
    sg_answer_put_runtime(&j, a->job->language, "");
    sg_json_put_null(&j, "engine");
    sg_json_put_null(&j, "isolation");
    sg_answer_put_timings(&j, a->verdict, NULL);
    sg_json_close(&j, '}');
    return ret->failed ? -ENOMEM : 0;
}

static void put_duration(struct sg_buf *b, const char *name, uint64_t us)
{
    sg_buf_printf(b, "%s%s;dur=%.3f", b->len > 0 ? ", " : "", name, (double)us / 1000.0);
}

int sg_answer_server_timing(struct sg_buf *ret, const struct sg_verdict *verdict,
                            const struct sg_timings *compile, const struct sg_timings *t)
{
    const char *start = t ? sg_start_name((enum sg_start)t->start) : NULL;
    if (start)
        sg_buf_printf(ret, "start;desc=%s", start);
    if (verdict)
        put_duration(ret, "validate", verdict->took_us);
    if (compile)
        put_duration(ret, "compile", sg_timings_total_us(compile));
    if (t) {
        put_duration(ret, "queue", t->queue_us);
        put_duration(ret, "setup", t->setup_us);
        put_duration(ret, "run", t->run_us);
        put_duration(ret, "collect", t->collect_us);
    }
    return ret->failed ? -ENOMEM : 0;
}
