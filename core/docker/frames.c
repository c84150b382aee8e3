#include "core/docker/frames.h"

#include <string.h>

/* Copies what is still missing of a head; returns how many bytes it took. */
static size_t fill(void *to, size_t size, size_t *have, const char *data, size_t n)
{
    size_t part = size - *have < n ? size - *have : n;
    memcpy((char *)to + *have, data, part);
    *have += part;
    return part;
}

void sg_frames_init(struct sg_frames *f,
                    int (*on_bytes)(void *, enum sg_stream_kind, const char *, size_t,
                                    struct sg_error *),
                    void *arg)
{
    *f = (struct sg_frames){.on_bytes = on_bytes, .arg = arg};
}

static int check_frame(struct sg_frames *f, struct sg_error *err)
{
    const unsigned char *h = f->head;
    if (h[0] != SG_STREAM_OUT && h[0] != SG_STREAM_ERR)
        return sg_error_set(err, SG_E_PROTOCOL, "the Engine sent a frame of stream %u", h[0]);
    if (h[1] || h[2] || h[3])
        return sg_error_set(err, SG_E_PROTOCOL, "the Engine sent a frame that is none");
    f->left = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7];
    return 0;
}

int sg_frames_feed(struct sg_frames *f, const char *data, size_t n, struct sg_error *err)
{
    while (n > 0) {
        if (f->left > 0) {
            size_t part = n < f->left ? n : f->left;
            int r = f->on_bytes(f->arg, f->head[0], data, part, err);
            if (r < 0)
                return r;
            f->left -= (uint32_t)part;
            data += part;
            n -= part;
            continue;
        }
        size_t part = fill(f->head, sizeof f->head, &f->have, data, n);
        data += part;
        n -= part;
        if (f->have == sizeof f->head) {
            f->have = 0;
            if (check_frame(f, err) < 0)
                return err ? err->code : SG_E_PROTOCOL;
        }
    }
    return 0;
}

void sg_boot_frames_init(struct sg_boot_frames *f,
                         int (*on_frame)(void *, enum sg_boot_kind, const void *, size_t,
                                         struct sg_error *),
                         void *arg)
{
    *f = (struct sg_boot_frames){.on_frame = on_frame, .arg = arg};
}

static bool is_output(uint32_t kind)
{
    return kind == SG_BOOT_OUT || kind == SG_BOOT_ERR || kind == SG_BOOT_FILES ||
           kind == SG_BOOT_PRODUCT;
}

static int check_head(const struct sg_boot_head *h, struct sg_error *err)
{
    static const size_t sizes[SG_BOOT_KIND_COUNT] = {
        [SG_BOOT_READY] = sizeof(struct sg_boot_ready),
        [SG_BOOT_EVENT] = sizeof(struct sg_box_event),
        [SG_BOOT_FILES_AT] = sizeof(struct sg_boot_files),
        [SG_BOOT_FILES_END] = sizeof(struct sg_boot_files),
        [SG_BOOT_ENDED] = sizeof(struct sg_boot_end),
        [SG_BOOT_END] = sizeof(struct sg_boot_end)};
    bool known =
        h->magic == SG_BOOT_MAGIC && h->kind >= SG_BOOT_READY && h->kind < SG_BOOT_KIND_COUNT;
    if (known &&
        (is_output(h->kind) ? h->size >= 1 && h->size <= SG_BOOT_CHUNK : h->size == sizes[h->kind]))
        return 0;
    return sg_error_set(err, SG_E_PROTOCOL, "the container sent what sandgate-boot does not send");
}

/* Text and enum values of a peer are made safe before anybody looks at them. */
static int check_event(struct sg_box_event *e, struct sg_error *err)
{
    e->text[sizeof e->text - 1] = '\0';
    e->isolation.profile[sizeof e->isolation.profile - 1] = '\0';
    bool known = e->kind == SG_BOX_STARTED || e->kind == SG_BOX_WAITING || e->kind == SG_BOX_FAILED;
    if (known && e->step < SG_STEP_COUNT) /* of each kind: who refuses an event names its step */
        return 0;
    return sg_error_set(err, SG_E_PROTOCOL, "the container sent an unknown event");
}

static int deliver(struct sg_boot_frames *f, struct sg_error *err)
{
    if (f->head.kind == SG_BOOT_EVENT && check_event(&f->body.event, err) < 0)
        return SG_E_PROTOCOL;
    f->ended = f->head.kind == SG_BOOT_END;
    return f->on_frame(f->arg, f->head.kind, &f->body, f->head.size, err);
}

/* One portion of a body; returns how many bytes it took, or a negative code. */
static long feed_body(struct sg_boot_frames *f, const char *data, size_t n, struct sg_error *err)
{
    size_t part = f->head.size - f->body_have;
    part = part < n ? part : n;
    int r = 0;
    if (is_output(f->head.kind)) {
        f->body_have += part;
        r = f->on_frame(f->arg, f->head.kind, data, part, err);
    } else {
        fill(&f->body, f->head.size, &f->body_have, data, part);
        if (f->body_have == f->head.size)
            r = deliver(f, err);
    }
    if (f->body_have == f->head.size)
        f->have = f->body_have = 0;
    return r < 0 ? r : (long)part;
}

int sg_boot_frames_feed(struct sg_boot_frames *f, const char *data, size_t n, struct sg_error *err)
{
    while (n > 0) {
        long part;
        if (f->ended)
            return sg_error_set(err, SG_E_PROTOCOL, "the container goes on after its end");
        if (f->have < sizeof f->head) {
            part = (long)fill(&f->head, sizeof f->head, &f->have, data, n);
            if (f->have == sizeof f->head && check_head(&f->head, err) < 0)
                return SG_E_PROTOCOL;
        } else {
            part = feed_body(f, data, n, err);
        }
        if (part < 0)
            return (int)part;
        data += part;
        n -= (size_t)part;
    }
    return 0;
}
