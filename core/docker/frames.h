/*
 * frames.h: what an attached container without a terminal writes, taken apart: pure.
 *
 * The Engine interleaves both streams of a container in frames (Engine API, "Attach to a
 * container", stream format): one byte of stream, three of zero, four of length in network order,
 * the bytes. Inside the first stream sandgate-boot has frames of its own (boot.h). Both readers
 * take bytes in any portions.
 *
 *     struct sg_frames f; sg_frames_init(&f, on_stream, self);
 *     if (sg_frames_feed(&f, bytes, n, &err) < 0) ...
 */
#ifndef SG_DOCKER_FRAMES_H
#define SG_DOCKER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/docker/boot.h"

enum sg_stream_kind { SG_STREAM_OUT = 1, SG_STREAM_ERR = 2 };

struct sg_frames {
    unsigned char head[8];
    size_t have;   /* bytes of head */
    uint32_t left; /* of the frame's body */
    /* 0, or a negative code with err set: then feeding ends with it. */
    int (*on_bytes)(void *arg, enum sg_stream_kind stream, const char *data, size_t n,
                    struct sg_error *err);
    void *arg;
};

void sg_frames_init(struct sg_frames *f,
                    int (*on_bytes)(void *arg, enum sg_stream_kind stream, const char *data,
                                    size_t n, struct sg_error *err),
                    void *arg);
/* 0; SG_E_PROTOCOL for a stream that there is not; what on_bytes gave. */
int sg_frames_feed(struct sg_frames *f, const char *data, size_t n, struct sg_error *err);

struct sg_boot_frames {
    struct sg_boot_head head;
    size_t have, body_have; /* bytes of head, of body */
    bool ended;
    union {
        struct sg_boot_ready ready;
        struct sg_box_event event;
        struct sg_boot_files files;
        struct sg_boot_end end;
    } body;
    /* Bytes of OUT, ERR, FILES and PRODUCT in the portions that they come in; other kinds whole,
       checked. As on_bytes. */
    int (*on_frame)(void *arg, enum sg_boot_kind kind, const void *data, size_t n,
                    struct sg_error *err);
    void *arg;
};

void sg_boot_frames_init(struct sg_boot_frames *f,
                         int (*on_frame)(void *arg, enum sg_boot_kind kind, const void *data,
                                         size_t n, struct sg_error *err),
                         void *arg);
/* 0; SG_E_PROTOCOL; what on_frame gave. */
int sg_boot_frames_feed(struct sg_boot_frames *f, const char *data, size_t n, struct sg_error *err);

#endif
