/*
 * capture.h: one output stream: keeps head and tail within a cap, counts everything.
 *
 * Of a cap of N bytes the first N/2 stay as head, and the last N - N/2 as tail; what was between is
 * only counted. Memory grows with what is written, up to N.
 *
 * Of a streamed run nothing is kept: it goes to the relay, and what that could not hand over is
 * what there is in the end.
 */
#ifndef SG_EXEC_CAPTURE_H
#define SG_EXEC_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/exec/relay.h"
#include "core/model/outcome.h"

struct sg_capture {
    struct sg_buf head; /* until the cap is exceeded: everything */
    char *ring;         /* owned; tail, once the cap is exceeded */
    size_t ring_cap, ring_at, ring_len;
    size_t cap;
    uint64_t total;
    struct sg_relay *relay; /* borrowed; NULL: it is kept */
    enum sg_output_stream stream;
};

void sg_capture_init(struct sg_capture *c, size_t cap);
/* From now on what is added goes there. */
void sg_capture_relay(struct sg_capture *c, struct sg_relay *relay, enum sg_output_stream stream);
int sg_capture_add(struct sg_capture *c, const void *data, size_t n); /* 0 or a negative code */
/* Reads what is there from a non-blocking descriptor, at most `most` bytes in this call. Returns
   bytes read, 0 at end of file, -EAGAIN, -ENOMEM, -errno. */
long sg_capture_read(struct sg_capture *c, int fd, size_t most);
/* Kept bytes as one sealed memfd (head, then tail), and the figures. fd or -errno. */
int sg_capture_memfd(const struct sg_capture *c, const char *name, struct sg_stream_info *ret);
void sg_capture_done(struct sg_capture *c);

#endif
