/* capture.c: head and tail of a stream. */
#include "core/exec/capture.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"

#define READ_BYTES 65536

void sg_capture_init(struct sg_capture *c, size_t cap)
{
    *c = (struct sg_capture){.cap = cap};
}

void sg_capture_relay(struct sg_capture *c, struct sg_relay *relay, enum sg_output_stream stream)
{
    c->relay = relay;
    c->stream = stream;
}

void sg_capture_done(struct sg_capture *c)
{
    sg_buf_done(&c->head);
    free(c->ring);
    *c = (struct sg_capture){0};
}

static void ring_add(struct sg_capture *c, const char *data, size_t n)
{
    if (n > c->ring_cap) { /* only the end of it can stay */
        data += n - c->ring_cap;
        n = c->ring_cap;
    }
    size_t first = c->ring_cap - c->ring_at;
    if (first > n)
        first = n;
    memcpy(c->ring + c->ring_at, data, first);
    memcpy(c->ring, data + first, n - first);
    c->ring_at = (c->ring_at + n) % c->ring_cap;
    c->ring_len = c->ring_len + n > c->ring_cap ? c->ring_cap : c->ring_len + n;
}

/* The moment the cap is exceeded: what the head has too much becomes the first of the tail. */
static int begin_ring(struct sg_capture *c)
{
    size_t head_cap = c->cap / 2;
    c->ring_cap = c->cap - head_cap;
    c->ring = malloc(c->ring_cap);
    if (!c->ring)
        return -ENOMEM;
    if (c->head.len > head_cap) {
        ring_add(c, c->head.data + head_cap, c->head.len - head_cap);
        c->head.len = head_cap;
        char *smaller = realloc(c->head.data, head_cap + 1);
        if (smaller) {
            c->head.data = smaller;
            c->head.cap = head_cap + 1;
        }
        c->head.data[head_cap] = 0;
    }
    return 0;
}

int sg_capture_add(struct sg_capture *c, const void *data, size_t n)
{
    const char *bytes = data;
    if (c->relay) {
        c->total += n;
        return sg_relay_put(c->relay, c->stream, bytes, n);
    }
    if (c->cap > 0 && !c->ring && n > c->cap - c->head.len && begin_ring(c) < 0)
        return -ENOMEM;
    size_t room = c->ring ? c->cap / 2 - c->head.len : c->cap - c->head.len;
    size_t to_head = n < room ? n : room;
    if (to_head > 0 && sg_buf_append(&c->head, bytes, to_head) < 0)
        return -ENOMEM;
    if (c->ring && n > to_head)
        ring_add(c, bytes + to_head, n - to_head);
    c->total += n;
    return 0;
}

long sg_capture_read(struct sg_capture *c, int fd, size_t most)
{
    char bytes[READ_BYTES];
    size_t got = 0;
    while (got < most) {
        size_t want = most - got < sizeof(bytes) ? most - got : sizeof(bytes);
        ssize_t n = read(fd, bytes, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return got > 0 ? (long)got : -errno;
        if (n == 0)
            break;
        if (sg_capture_add(c, bytes, (size_t)n) < 0)
            return -ENOMEM;
        got += (size_t)n;
    }
    return (long)got;
}

static int gather(const struct sg_capture *c, struct sg_buf *out)
{
    size_t at = c->ring_len < c->ring_cap ? 0 : c->ring_at; /* of the oldest byte */
    size_t first = c->ring_len - at;
    if (sg_buf_reserve(out, c->head.len + c->ring_len) < 0)
        return -ENOMEM;
    sg_buf_append(out, c->head.data, c->head.len);
    sg_buf_append(out, c->ring + at, first);
    sg_buf_append(out, c->ring, c->ring_len - first);
    return out->failed ? -ENOMEM : 0;
}

static int rest_memfd(const struct sg_capture *c, struct sg_stream_info *ret)
{
    size_t n;
    int fd = sg_relay_rest(c->relay, c->stream, &n);
    if (fd >= 0)
        *ret = (struct sg_stream_info){.total_bytes = c->total, .head_bytes = n, .kept_bytes = n};
    return fd;
}

int sg_capture_memfd(const struct sg_capture *c, const char *name, struct sg_stream_info *ret)
{
    if (c->relay)
        return rest_memfd(c, ret);
    sg_auto(sg_buf) struct sg_buf joined = {0};
    const struct sg_buf *kept = &c->head;
    if (c->ring) {
        int rc = gather(c, &joined);
        if (rc < 0)
            return rc;
        kept = &joined;
    }
    int fd = sg_memfd_sealed(name, kept->data, kept->len);
    if (fd >= 0)
        *ret = (struct sg_stream_info){
            .total_bytes = c->total, .head_bytes = c->head.len, .kept_bytes = kept->len};
    return fd;
}
