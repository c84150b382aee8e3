/*
 * fuzz_message.c: the checks of core/ipc/message.c.
 *
 * First byte: bit 0 the sender's side, bits 1 to 3 the number of descriptors, bit 4: frame it.
 * Framed: the second byte is the type, and the rest becomes a body of the right size behind a right
 * header, so that the fields are reached at once. Else the rest is the packet.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ipc/message.h"
#include "tests/fuzz/fuzz.h"

static const size_t body_sizes[SG_MSG_TYPE_END] = {
    [SG_MSG_RUN] = sizeof(struct sg_msg_run),
    [SG_MSG_RUNTIMES] = sizeof(struct sg_msg_index),
    [SG_MSG_STARTED] = sizeof(struct sg_msg_started),
    [SG_MSG_RESULT] = sizeof(struct sg_outcome),
    [SG_MSG_REFUSED] = sizeof(struct sg_msg_refused),
    [SG_MSG_STATUS_REPLY] = sizeof(struct sg_msg_status_reply),
    [SG_MSG_RUNTIME_REPLY] = sizeof(struct sg_msg_runtime_reply),
};

/* What a receiver relies on after a check that passed. */
static void rely_on(enum sg_msg_type type, const void *body)
{
    const struct sg_msg_run *run = body;
    const struct sg_outcome *o = body;
    const struct sg_msg_refused *refused = body;
    const struct sg_msg_runtime_reply *rt = body;
    const struct sg_msg_status_reply *status = body;
    if (type == SG_MSG_RUN && strlen(run->id) + strlen(run->client) > SG_ID_MAX + SG_CLIENT_MAX)
        abort();
    if (type == SG_MSG_RUN && (run->plain > 1 || strlen(run->imports) > SG_IMPORTS_MAX))
        abort();
    if (type == SG_MSG_STATUS_REPLY && strlen(status->degraded) >= sizeof(status->degraded))
        abort();
    if (type == SG_MSG_RESULT && !sg_start_name(o->timings.start))
        abort();
    if (type == SG_MSG_RESULT && (!sg_reason_name(o->reason) || strlen(o->version) > 31))
        abort();
    if (type == SG_MSG_REFUSED && (refused->refusal == 0 || refused->refusal >= SG_REFUSAL_END))
        abort();
    if (type == SG_MSG_RUNTIME_REPLY && strlen(rt->packages) >= SG_PACKAGES_TEXT_MAX)
        abort();
    for (uint32_t i = 0; type == SG_MSG_RUNTIME_REPLY && i < rt->ntemplates; i++) {
        const struct sg_template_info *t = &rt->templates[i];
        if (i == SG_TEMPLATES_MAX || !sg_template_state_name(t->state) ||
            strlen(t->imports) > SG_IMPORTS_MAX || strlen(t->reason) >= sizeof(t->reason))
            abort();
    }
}

static size_t frame(unsigned char *packet, const uint8_t *data, size_t size)
{
    uint16_t type = size > 0 ? data[0] : 0;
    size_t body = type < SG_MSG_TYPE_END ? body_sizes[type] : 0;
    struct sg_msg_header h = {.magic = SG_MSG_MAGIC,
                              .version = SG_MSG_VERSION,
                              .type = type,
                              .body_size = (uint32_t)body};
    memcpy(packet, &h, sizeof(h));
    memset(packet + sizeof(h), 0, body);
    if (size > 1)
        memcpy(packet + sizeof(h), data + 1, size - 1 < body ? size - 1 : body);
    return sizeof(h) + body;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) unsigned char packet[sizeof(struct sg_msg_header) + SG_MSG_BODY_MAX];
    struct sg_error err = SG_ERROR_INIT;
    if (size == 0)
        return 0;
    unsigned flags = data[0];
    size_t n = size - 1;
    const void *bytes = data + 1; /* in place: a sanitizer sees a read past the end */
    if (flags & 16) {
        n = frame(packet, data + 1, size - 1);
        bytes = packet;
    }
    int rc =
        sg_msg_check(bytes, n, flags >> 1 & 7, flags & 1 ? SG_SIDE_EXECUTOR : SG_SIDE_WORKER, &err);
    if (rc != 0 && ((rc != SG_E_PROTOCOL && rc != SG_E_VERSION) || !err.text[0]))
        abort();
    if (rc == 0 && flags & 16)
        rely_on(data[1], packet + sizeof(struct sg_msg_header));
    return 0;
}
