/* Both readers of frames: whole, at every cut, and what must be refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/docker/frames.h"

struct seen {
    struct sg_buf out, err; /* bytes of each stream */
    struct sg_boot_frames *inner;
    struct sg_buf program_out, program_err, files, product;
    int ready, events, ends, places;
    int32_t status;
};

static int on_frame(void *arg, enum sg_boot_kind kind, const void *data, size_t n,
                    struct sg_error *err)
{
    struct seen *s = arg;
    (void)err;
    if (kind == SG_BOOT_OUT)
        sg_buf_append(&s->program_out, data, n);
    else if (kind == SG_BOOT_ERR)
        sg_buf_append(&s->program_err, data, n);
    else if (kind == SG_BOOT_READY)
        s->ready++;
    else if (kind == SG_BOOT_EVENT)
        s->events++;
    else if (kind == SG_BOOT_FILES)
        sg_buf_append(&s->files, data, n);
    else if (kind == SG_BOOT_PRODUCT)
        sg_buf_append(&s->product, data, n);
    else if (kind == SG_BOOT_FILES_AT || kind == SG_BOOT_FILES_END)
        s->places += ((const struct sg_boot_files *)data)->at == (1ull << 40 | 7);
    else {
        s->ends++;
        s->status = ((const struct sg_boot_end *)data)->status;
    }
    return 0;
}

static int on_bytes(void *arg, enum sg_stream_kind stream, const char *data, size_t n,
                    struct sg_error *err)
{
    struct seen *s = arg;
    sg_buf_append(stream == SG_STREAM_OUT ? &s->out : &s->err, data, n);
    return stream == SG_STREAM_OUT && s->inner ? sg_boot_frames_feed(s->inner, data, n, err) : 0;
}

static void seen_done(struct seen *s)
{
    sg_buf_done(&s->out);
    sg_buf_done(&s->err);
    sg_buf_done(&s->program_out);
    sg_buf_done(&s->program_err);
    sg_buf_done(&s->files);
    sg_buf_done(&s->product);
}

static void put_docker(struct sg_buf *to, unsigned char stream, const void *data, size_t n)
{
    const unsigned char head[8] = {stream,
                                   0,
                                   0,
                                   0,
                                   (unsigned char)(n >> 24),
                                   (unsigned char)(n >> 16),
                                   (unsigned char)(n >> 8),
                                   (unsigned char)n};
    sg_buf_append(to, head, sizeof head);
    sg_buf_append(to, data, n);
}

static void put_boot(struct sg_buf *to, uint32_t kind, const void *data, size_t n)
{
    const struct sg_boot_head head = {SG_BOOT_MAGIC, kind, (uint32_t)n};
    sg_buf_append(to, &head, sizeof head);
    sg_buf_append(to, data, n);
}

static void put_conversation(struct sg_buf *to)
{
    const struct sg_boot_ready ready = {.uid = 1000};
    const struct sg_box_event event = {.kind = SG_BOX_STARTED};
    const struct sg_boot_end end = {.status = 0x300, .ended = 1};
    const struct sg_boot_files place = {1ull << 40 | 7};
    put_boot(to, SG_BOOT_READY, &ready, sizeof ready);
    put_boot(to, SG_BOOT_EVENT, &event, sizeof event);
    put_boot(to, SG_BOOT_OUT, "hel\0lo", 6);
    put_boot(to, SG_BOOT_ERR, "oops", 4);
    put_boot(to, SG_BOOT_OUT, "!", 1);
    put_boot(to, SG_BOOT_FILES_AT, &place, sizeof place);
    put_boot(to, SG_BOOT_FILES, "fi\0le", 5);
    put_boot(to, SG_BOOT_FILES_END, &place, sizeof place);
    put_boot(to, SG_BOOT_PRODUCT, "E\0LF", 4);
    put_boot(to, SG_BOOT_PRODUCT, ".", 1);
    put_boot(to, SG_BOOT_END, &end, sizeof end);
}

/* The conversation, in docker's frames of `chunk` bytes, fed in two portions cut at `cut`, or byte
   by byte when that is 0. */
static void converse(size_t chunk, size_t cut)
{
    sg_auto(sg_buf) struct sg_buf inside = {0}, wire = {0};
    struct sg_frames outer;
    struct sg_boot_frames inner;
    struct sg_error err = SG_ERROR_INIT;
    struct seen s = {.inner = &inner};
    put_conversation(&inside);
    for (size_t at = 0; at < inside.len; at += chunk) {
        put_docker(&wire, SG_STREAM_OUT, inside.data + at,
                   inside.len - at < chunk ? inside.len - at : chunk);
        put_docker(&wire, SG_STREAM_ERR, "x", 1);
        put_docker(&wire, SG_STREAM_ERR, "", 0);
    }
    sg_frames_init(&outer, on_bytes, &s);
    sg_boot_frames_init(&inner, on_frame, &s);
    for (size_t at = 0; at < wire.len;) {
        size_t n = cut == 0 ? 1 : at == 0 ? cut : wire.len - at;
        n = n < wire.len - at ? n : wire.len - at;
        assert_int_equal(sg_frames_feed(&outer, wire.data + at, n, &err), 0);
        at += n;
    }
    assert_int_equal(s.ready, 1);
    assert_int_equal(s.events, 1);
    assert_int_equal(s.ends, 1);
    assert_int_equal(s.status, 0x300);
    assert_int_equal(s.program_out.len, 7);
    assert_memory_equal(s.program_out.data, "hel\0lo!", 7);
    assert_int_equal(s.program_err.len, 4);
    assert_int_equal(s.places, 2);
    assert_int_equal(s.files.len, 5);
    assert_memory_equal(s.files.data, "fi\0le", 5);
    assert_int_equal(s.err.len, (inside.len + chunk - 1) / chunk);
    seen_done(&s);
}

static void test_whole_and_byte_by_byte(void **state)
{
    (void)state;
    static const size_t chunks[] = {1, 7, 100, 4096};
    for (size_t i = 0; i < SG_ARRAY_LEN(chunks); i++) {
        converse(chunks[i], 1u << 20);
        converse(chunks[i], 0);
    }
}

static void test_cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < 1200; cut++)
        converse(4096, cut);
}

static void test_docker_frames_that_are_refused(void **state)
{
    (void)state;
    static const unsigned char heads[][8] = {{0, 0, 0, 0, 0, 0, 0, 1},
                                             {3, 0, 0, 0, 0, 0, 0, 1},
                                             {1, 1, 0, 0, 0, 0, 0, 1},
                                             {2, 0, 0, 9, 0, 0, 0, 1},
                                             {'H', 'T', 'T', 'P', '/', '1', '.', '1'}};
    for (size_t i = 0; i < SG_ARRAY_LEN(heads); i++) {
        struct sg_frames f;
        struct seen s = {0};
        struct sg_error err = SG_ERROR_INIT;
        sg_frames_init(&f, on_bytes, &s);
        assert_int_equal(sg_frames_feed(&f, (const char *)heads[i], 7, &err), 0);
        assert_int_equal(sg_frames_feed(&f, (const char *)heads[i] + 7, 1, &err), SG_E_PROTOCOL);
        assert_true(err.text[0] != '\0');
        seen_done(&s);
    }
}

static int feed_boot(const struct sg_buf *b)
{
    struct sg_boot_frames f;
    struct seen s = {0};
    struct sg_error err = SG_ERROR_INIT;
    sg_boot_frames_init(&f, on_frame, &s);
    int r = sg_boot_frames_feed(&f, b->data, b->len, &err);
    seen_done(&s);
    return r;
}

static void test_boot_frames_that_are_refused(void **state)
{
    (void)state;
    const struct sg_box_event unknown = {.kind = SG_BOX_WATCH};
    static const uint32_t kinds[] = {SG_BOX_FAILED, SG_BOX_WAITING, SG_BOX_STARTED};
    const struct sg_boot_end end = {0};
    const struct {
        uint32_t magic, kind, size;
    } heads[] = {
        {0, SG_BOOT_OUT, 1},
        {SG_BOOT_MAGIC, 0, 1},
        {SG_BOOT_MAGIC, SG_BOOT_KIND_COUNT, 1},
        {SG_BOOT_MAGIC, SG_BOOT_OUT, 0},
        {SG_BOOT_MAGIC, SG_BOOT_OUT, SG_BOOT_CHUNK + 1},
        {SG_BOOT_MAGIC, SG_BOOT_ERR, UINT32_MAX},
        {SG_BOOT_MAGIC, SG_BOOT_READY, sizeof(struct sg_boot_ready) + 1},
        {SG_BOOT_MAGIC, SG_BOOT_EVENT, 4},
        {SG_BOOT_MAGIC, SG_BOOT_FILES, 0},
        {SG_BOOT_MAGIC, SG_BOOT_FILES, SG_BOOT_CHUNK + 1},
        {SG_BOOT_MAGIC, SG_BOOT_FILES_AT, sizeof(struct sg_boot_files) - 1},
        {SG_BOOT_MAGIC, SG_BOOT_FILES_END, 0},
        {SG_BOOT_MAGIC, SG_BOOT_PRODUCT, 0},
        {SG_BOOT_MAGIC, SG_BOOT_PRODUCT, SG_BOOT_CHUNK + 1},
        {SG_BOOT_MAGIC, SG_BOOT_END, 0},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(heads); i++) {
        sg_auto(sg_buf) struct sg_buf b = {0};
        sg_buf_append(&b, &heads[i], sizeof heads[i]);
        assert_int_equal(feed_boot(&b), SG_E_PROTOCOL);
    }
    for (size_t i = 0; i < SG_ARRAY_LEN(kinds); i++) {
        const struct sg_box_event step = {.kind = kinds[i], .step = SG_STEP_COUNT};
        sg_auto(sg_buf) struct sg_buf b = {0};
        put_boot(&b, SG_BOOT_EVENT, &step, sizeof step);
        assert_int_equal(feed_boot(&b), SG_E_PROTOCOL);
    }
    sg_auto(sg_buf) struct sg_buf one = {0}, three = {0};
    put_boot(&one, SG_BOOT_EVENT, &unknown, sizeof unknown);
    assert_int_equal(feed_boot(&one), SG_E_PROTOCOL);
    put_boot(&three, SG_BOOT_END, &end, sizeof end);
    assert_int_equal(feed_boot(&three), 0);
    put_boot(&three, SG_BOOT_OUT, "x", 1);
    assert_int_equal(feed_boot(&three), SG_E_PROTOCOL);
}

/* Text of a peer always ends. */
static void test_event_is_terminated(void **state)
{
    (void)state;
    struct sg_box_event event = {.kind = SG_BOX_FAILED, .step = SG_STEP_FILES};
    struct sg_boot_frames f;
    struct seen s = {0};
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_buf) struct sg_buf b = {0};
    memset(event.text, 'x', sizeof event.text);
    memset(event.isolation.profile, 'y', sizeof event.isolation.profile);
    put_boot(&b, SG_BOOT_EVENT, &event, sizeof event);
    sg_boot_frames_init(&f, on_frame, &s);
    assert_int_equal(sg_boot_frames_feed(&f, b.data, b.len, &err), 0);
    assert_int_equal(strlen(f.body.event.text), sizeof event.text - 1);
    assert_int_equal(strlen(f.body.event.isolation.profile), sizeof event.isolation.profile - 1);
    seen_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_and_byte_by_byte),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_docker_frames_that_are_refused),
        cmocka_unit_test(test_boot_frames_that_are_refused),
        cmocka_unit_test(test_event_is_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
