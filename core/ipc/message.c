/* message.c: the table of messages and its checks. */
#include "core/ipc/message.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct message_kind {
    const char *name;
    enum sg_msg_side from;
    uint32_t body_size;
    uint32_t nfds, nfds_least; /* descriptors; least 0: neither more nor less */
};

static const struct message_kind kinds[SG_MSG_TYPE_END] = {
    [SG_MSG_RUN] = {"run", SG_SIDE_WORKER, sizeof(struct sg_msg_run), 3, 2},
    [SG_MSG_CANCEL] = {"cancel", SG_SIDE_WORKER, 0, 0},
    [SG_MSG_STATUS] = {"status", SG_SIDE_WORKER, 0, 0},
    [SG_MSG_RUNTIMES] = {"runtimes", SG_SIDE_WORKER, sizeof(struct sg_msg_index), 0},
    [SG_MSG_STARTED] = {"started", SG_SIDE_EXECUTOR, sizeof(struct sg_msg_started), 0},
    [SG_MSG_RESULT] = {"result", SG_SIDE_EXECUTOR, sizeof(struct sg_outcome), 3, 2},
    [SG_MSG_REFUSED] = {"refused", SG_SIDE_EXECUTOR, sizeof(struct sg_msg_refused), 0},
    [SG_MSG_STATUS_REPLY] = {"status_reply", SG_SIDE_EXECUTOR, sizeof(struct sg_msg_status_reply),
                             0},
    [SG_MSG_RUNTIME_REPLY] = {"runtime_reply", SG_SIDE_EXECUTOR,
                              sizeof(struct sg_msg_runtime_reply), 0},
    [SG_MSG_METRICS] = {"metrics", SG_SIDE_WORKER, 0, 0},
    [SG_MSG_METRICS_REPLY] = {"metrics_reply", SG_SIDE_EXECUTOR, sizeof(struct sg_gauges), 0},
    [SG_MSG_STREAM] = {"stream", SG_SIDE_EXECUTOR, 0, 1},
};

_Static_assert(sizeof(struct sg_msg_run) <= SG_MSG_BODY_MAX, "run fits");
_Static_assert(sizeof(struct sg_outcome) <= SG_MSG_BODY_MAX, "outcome fits");
_Static_assert(sizeof(struct sg_msg_status_reply) <= SG_MSG_BODY_MAX, "status reply fits");
_Static_assert(sizeof(struct sg_msg_runtime_reply) <= SG_MSG_BODY_MAX, "runtime reply fits");
_Static_assert(sizeof(struct sg_gauges) <= SG_MSG_BODY_MAX, "gauges fit");
_Static_assert(SG_TEMPLATE_STATE_COUNT == SG_GAUGES_TEMPLATE_STATES, "a gauge for each");

/* Fields that a receiver relies on: text ends inside its array, numbers stay within min and max. */
enum field_kind { FIELD_TEXT, FIELD_U8, FIELD_U32, FIELD_I32, FIELD_U64 };
struct field_rule {
    enum sg_msg_type type;
    enum field_kind kind;
    size_t offset, size;
    int64_t min, max;
    const char *name;
};

#define TEXT(t, s, f)                                                                              \
    {                                                                                              \
        t, FIELD_TEXT, offsetof(struct s, f), sizeof(((struct s *)0)->f), 0, 0, #f                 \
    }
#define NUMBER(t, k, s, f, lo, hi)                                                                 \
    {                                                                                              \
        t, k, offsetof(struct s, f), sizeof(((struct s *)0)->f), lo, hi, #f                        \
    }

#define TEMPLATE(i)                                                                                \
    NUMBER(SG_MSG_RUNTIME_REPLY, FIELD_U32, sg_msg_runtime_reply, templates[i].state, 0,           \
           SG_TEMPLATE_STATE_COUNT - 1),                                                           \
        TEXT(SG_MSG_RUNTIME_REPLY, sg_msg_runtime_reply, templates[i].imports),                    \
        TEXT(SG_MSG_RUNTIME_REPLY, sg_msg_runtime_reply, templates[i].reason)
_Static_assert(SG_TEMPLATES_MAX == 8, "a row of rules for each");

static const struct field_rule rules[] = {
    TEXT(SG_MSG_RUN, sg_msg_run, id),
    TEXT(SG_MSG_RUN, sg_msg_run, language),
    TEXT(SG_MSG_RUN, sg_msg_run, version),
    TEXT(SG_MSG_RUN, sg_msg_run, client),
    NUMBER(SG_MSG_RUN, FIELD_U8, sg_msg_run, merge_stderr, 0, 1),
    NUMBER(SG_MSG_RUN, FIELD_U8, sg_msg_run, stage, 0, SG_JOB_STAGE_COUNT - 1),
    NUMBER(SG_MSG_RUN, FIELD_U8, sg_msg_run, tell_started, 0, 1),
    NUMBER(SG_MSG_RUN, FIELD_U8, sg_msg_run, plain, 0, 1),
    NUMBER(SG_MSG_RUN, FIELD_U8, sg_msg_run, stream, 0, 1),
    NUMBER(SG_MSG_RUN, FIELD_U8, sg_msg_run, trace_denied_syscalls, 0, 1),
    TEXT(SG_MSG_RUN, sg_msg_run, imports),
    TEXT(SG_MSG_STARTED, sg_msg_started, language),
    TEXT(SG_MSG_STARTED, sg_msg_started, version),
    NUMBER(SG_MSG_RESULT, FIELD_U32, sg_outcome, reason, 0, SG_REASON_COUNT - 1),
    NUMBER(SG_MSG_RESULT, FIELD_I32, sg_outcome, exit_code, -1, 255),
    NUMBER(SG_MSG_RESULT, FIELD_I32, sg_outcome, signal, 0, 64),
    NUMBER(SG_MSG_RESULT, FIELD_U32, sg_outcome, limits_hit, 0, (1 << SG_HIT_COUNT) - 1),
    NUMBER(SG_MSG_RESULT, FIELD_U32, sg_outcome, isolation.layers, 0, (1 << SG_LAYER_COUNT) - 1),
    NUMBER(SG_MSG_RESULT, FIELD_U32, sg_outcome, isolation.missing, 0, (1 << SG_LAYER_COUNT) - 1),
    NUMBER(SG_MSG_RESULT, FIELD_U32, sg_outcome, product, 0, SG_PRODUCT_COUNT - 1),
    NUMBER(SG_MSG_RESULT, FIELD_U32, sg_outcome, denied.traced, 0, 1),
    TEXT(SG_MSG_RESULT, sg_outcome, isolation.profile),
    NUMBER(SG_MSG_RESULT, FIELD_U32, sg_outcome, timings.start, 0, SG_START_COUNT - 1),
    TEXT(SG_MSG_RESULT, sg_outcome, language),
    TEXT(SG_MSG_RESULT, sg_outcome, version),
    NUMBER(SG_MSG_RESULT, FIELD_U64, sg_outcome, out.kept_bytes, 0, INT32_MAX),
    NUMBER(SG_MSG_RESULT, FIELD_U64, sg_outcome, out.head_bytes, 0, INT32_MAX),
    NUMBER(SG_MSG_RESULT, FIELD_U64, sg_outcome, err.kept_bytes, 0, INT32_MAX),
    NUMBER(SG_MSG_RESULT, FIELD_U64, sg_outcome, err.head_bytes, 0, INT32_MAX),
    NUMBER(SG_MSG_REFUSED, FIELD_U32, sg_msg_refused, refusal, 1, SG_REFUSAL_END - 1),
    TEXT(SG_MSG_REFUSED, sg_msg_refused, step),
    TEXT(SG_MSG_REFUSED, sg_msg_refused, text),
    TEXT(SG_MSG_REFUSED, sg_msg_refused, fix),
    NUMBER(SG_MSG_STATUS_REPLY, FIELD_U8, sg_msg_status_reply, ready, 0, 1),
    NUMBER(SG_MSG_STATUS_REPLY, FIELD_U8, sg_msg_status_reply, pending, 0, 1),
    TEXT(SG_MSG_STATUS_REPLY, sg_msg_status_reply, reason),
    TEXT(SG_MSG_STATUS_REPLY, sg_msg_status_reply, degraded),
    NUMBER(SG_MSG_RUNTIME_REPLY, FIELD_U8, sg_msg_runtime_reply, ready, 0, 1),
    TEXT(SG_MSG_RUNTIME_REPLY, sg_msg_runtime_reply, language),
    TEXT(SG_MSG_RUNTIME_REPLY, sg_msg_runtime_reply, version),
    TEXT(SG_MSG_RUNTIME_REPLY, sg_msg_runtime_reply, packages),
    TEXT(SG_MSG_RUNTIME_REPLY, sg_msg_runtime_reply, start),
    NUMBER(SG_MSG_RUNTIME_REPLY, FIELD_U32, sg_msg_runtime_reply, ntemplates, 0, SG_TEMPLATES_MAX),
    TEMPLATE(0),
    TEMPLATE(1),
    TEMPLATE(2),
    TEMPLATE(3),
    TEMPLATE(4),
    TEMPLATE(5),
    TEMPLATE(6),
    TEMPLATE(7),
    NUMBER(SG_MSG_METRICS_REPLY, FIELD_U64, sg_gauges, ready, 0, 1),
};

const char *sg_template_state_name(enum sg_template_state s)
{
    static const char *const names[SG_TEMPLATE_STATE_COUNT] = {"starting", "ready", "failed"};
    return (unsigned)s < SG_TEMPLATE_STATE_COUNT ? names[s] : NULL;
}

static bool type_known(unsigned type)
{
    return type > 0 && type < SG_MSG_TYPE_END;
}

const char *sg_msg_type_name(enum sg_msg_type t)
{
    return type_known(t) ? kinds[t].name : NULL;
}

static bool in_range(const struct field_rule *r, const unsigned char *at)
{
    union {
        uint8_t u8;
        uint32_t u32;
        int32_t i32;
        uint64_t u64;
    } v = {0};
    memcpy(&v, at, r->size);
    switch (r->kind) {
    case FIELD_U8:
        return v.u8 >= r->min && v.u8 <= r->max;
    case FIELD_U32:
        return v.u32 >= r->min && v.u32 <= r->max;
    case FIELD_I32:
        return v.i32 >= r->min && v.i32 <= r->max;
    case FIELD_U64:
        return v.u64 >= (uint64_t)r->min && v.u64 <= (uint64_t)r->max;
    case FIELD_TEXT:
        break;
    }
    return false;
}

static int check_fields(enum sg_msg_type type, const unsigned char *body, struct sg_error *err)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(rules); i++) {
        const struct field_rule *r = &rules[i];
        if (r->type != type)
            continue;
        const unsigned char *at = body + r->offset;
        if (r->kind == FIELD_TEXT && !memchr(at, 0, r->size))
            return sg_error_set(err, SG_E_PROTOCOL, "message %s: %s has no end", kinds[type].name,
                                r->name);
        if (r->kind != FIELD_TEXT && !in_range(r, at))
            return sg_error_set(err, SG_E_PROTOCOL, "message %s: %s is out of range",
                                kinds[type].name, r->name);
    }
    return 0;
}

static int check_header(const struct sg_msg_header *h, size_t n, struct sg_error *err)
{
    if (h->magic != SG_MSG_MAGIC || h->reserved != 0)
        return sg_error_set(err, SG_E_PROTOCOL, "this is no message of ours");
    if (h->version != SG_MSG_VERSION)
        return sg_error_set(err, SG_E_VERSION, "message of version %u, this program speaks %u",
                            h->version, SG_MSG_VERSION);
    if (!type_known(h->type))
        return sg_error_set(err, SG_E_PROTOCOL, "message of unknown type %u", h->type);
    if (h->body_size != kinds[h->type].body_size || n != sizeof(*h) + h->body_size)
        return sg_error_set(err, SG_E_PROTOCOL, "message %s has a wrong size", kinds[h->type].name);
    return 0;
}

static int check_output(const void *packet, struct sg_error *err)
{
    struct sg_output_rules output;
    memcpy(&output,
           (const unsigned char *)packet + sizeof(struct sg_msg_header) +
               offsetof(struct sg_msg_run, output),
           sizeof(output));
    if (sg_output_check(&output) < 0)
        return sg_error_set(err, SG_E_PROTOCOL, "message run: output is out of range");
    return 0;
}

int sg_msg_check(const void *packet, size_t n, size_t nfds, enum sg_msg_side from,
                 struct sg_error *err)
{
    struct sg_msg_header h;
    if (n < sizeof(h))
        return sg_error_set(err, SG_E_PROTOCOL, "message of %zu bytes is too short", n);
    memcpy(&h, packet, sizeof(h));
    int rc = check_header(&h, n, err);
    if (rc < 0)
        return rc;
    const struct message_kind *k = &kinds[h.type];
    if (k->from != from)
        return sg_error_set(err, SG_E_PROTOCOL, "message %s comes from the wrong side", k->name);
    if (nfds > k->nfds || nfds < (k->nfds_least ? k->nfds_least : k->nfds))
        return sg_error_set(err, SG_E_PROTOCOL, "message %s carries %zu descriptors, not %u",
                            k->name, nfds, k->nfds);
    rc = check_fields(h.type, (const unsigned char *)packet + sizeof(h), err);
    return rc == 0 && h.type == SG_MSG_RUN ? check_output(packet, err) : rc;
}

int sg_msg_send(int sock, enum sg_msg_type type, const void *body, const int *fds)
{
    if (!type_known(type))
        return -EINVAL;
    const struct message_kind *k = &kinds[type];
    struct {
        struct sg_msg_header header;
        unsigned char body[SG_MSG_BODY_MAX];
    } packet;
    packet.header = (struct sg_msg_header){
        .magic = SG_MSG_MAGIC,
        .version = SG_MSG_VERSION,
        .type = (uint16_t)type,
        .body_size = k->body_size,
    };
    size_t nfds = k->nfds;
    if (k->nfds_least && fds[nfds - 1] < 0)
        nfds = k->nfds_least;
    if (k->body_size > 0)
        memcpy(packet.body, body, k->body_size);
    return sg_socket_send(sock, &packet, sizeof(packet.header) + k->body_size, fds, nfds);
}

/* Fills ret from a packet that was received; on failure its descriptors are still in ret. */
static int accept_packet(const unsigned char *packet, size_t n, enum sg_msg_side from,
                         struct sg_msg *ret, struct sg_error *err)
{
    int rc = sg_msg_check(packet, n, ret->nfds, from, err);
    if (rc < 0)
        return rc;
    struct sg_msg_header h;
    memcpy(&h, packet, sizeof(h));
    ret->type = h.type;
    memcpy(ret->body, packet + sizeof(h), h.body_size);
    return 1;
}

int sg_msg_recv(int sock, enum sg_msg_side from, struct sg_msg *ret, int flags,
                struct sg_error *err)
{
    unsigned char packet[sizeof(struct sg_msg_header) + SG_MSG_BODY_MAX];
    ret->nfds = 0;
    ssize_t n = sg_socket_recv(sock, packet, sizeof(packet), ret->fds, &ret->nfds, flags);
    if (n == 0 || n == -ECONNRESET) { /* a peer that left messages of ours unread resets */
        sg_msg_done(ret);
        return 0;
    }
    if (n == -EMSGSIZE)
        return sg_error_set(err, SG_E_PROTOCOL, "message is too long or has too many descriptors");
    if (n == -EAGAIN)
        return -EAGAIN;
    if (n < 0)
        return sg_error_errno(err, (int)-n, "cannot receive a message");
    int rc = accept_packet(packet, (size_t)n, from, ret, err);
    if (rc < 0)
        sg_msg_done(ret);
    return rc;
}

void sg_msg_done(struct sg_msg *m)
{
    for (size_t i = 0; i < m->nfds; i++)
        sg_fd_close(&m->fds[i]);
    m->nfds = 0;
}
