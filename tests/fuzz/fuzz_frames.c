/* What an attached container writes: docker's frames, and sandgate-boot's in them. */
#include "core/docker/frames.h"
#include "tests/fuzz/fuzz.h"

static int on_frame(void *arg, enum sg_boot_kind kind, const void *data, size_t n,
                    struct sg_error *err)
{
    (void)err;
    (void)kind;
    for (size_t i = 0; i < n; i++)
        *(unsigned *)arg += ((const unsigned char *)data)[i];
    return 0;
}

static int on_bytes(void *arg, enum sg_stream_kind stream, const char *data, size_t n,
                    struct sg_error *err)
{
    return stream == SG_STREAM_OUT ? sg_boot_frames_feed(arg, data, n, err) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sg_frames outer;
    struct sg_boot_frames inner;
    unsigned sum = 0;
    size_t portion = size > 0 ? data[0] % 37u + 1 : 1;
    sg_boot_frames_init(&inner, on_frame, &sum);
    sg_frames_init(&outer, on_bytes, &inner);
    for (size_t at = 1; at < size; at += portion) {
        struct sg_error err = SG_ERROR_INIT;
        size_t n = size - at < portion ? size - at : portion;
        if (sg_frames_feed(&outer, (const char *)data + at, n, &err) < 0)
            break;
    }
    return 0;
}
