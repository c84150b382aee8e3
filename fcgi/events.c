/* events.c: see events.h */
#include "fcgi/events.h"

#include <errno.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "fcgi/answer_files.h"
#include "fcgi/json.h"

#define SLOWEST 65536 /* bytes a second */

static int begin(struct sg_events *e)
{
    if (e->x->begun)
        return 0;
    e->x->body_type = SG_EVENTS_TYPE;
    sg_buf_clear(&e->x->headers);
    sg_exchange_header(e->x, "X-Accel-Buffering", "no"); /* nginx passes on what comes at once */
    return sg_exchange_begin_body(e->x);
}

/* While it runs, somebody has seen that there is room (live.h). */
static int write_out(struct sg_events *e, const struct sg_buf *text)
{
    struct sg_transport *t = e->x->transport;
    if (e->until_ms) {
        e->until_ms += (int64_t)(text->len / (SLOWEST / 1000));
        return sg_live_write(t, text->data, text->len, e->until_ms);
    }
    int rc = t->ops->write(t, text->data, text->len);
    return rc == 0 && t->ops->flush ? t->ops->flush(t) : rc;
}

/* data is one line. */
static int put(struct sg_events *e, const char *name, const struct sg_buf *data)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    int rc = begin(e);
    sg_buf_printf(&text, "event: %s\ndata: ", name);
    sg_buf_append(&text, data->data, data->len);
    sg_buf_puts(&text, "\n\n");
    if (rc == 0)
        rc = text.failed || data->failed ? -ENOMEM : write_out(e, &text);
    if (rc == 0)
        e->x->bytes_out += text.len;
    return rc;
}

static int on_started(void *arg, const struct sg_msg_started *m)
{
    struct sg_events *e = arg;
    sg_auto(sg_buf) struct sg_buf data = {0};
    struct sg_json j = SG_JSON_INIT(&data);
    if (e->started) /* in another box, since the first one could not take it */
        return 0;
    e->started = true;
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "id", e->job->id);
    sg_json_key(&j, "runtime");
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "language", m->language);
    sg_json_put_string(&j, "version", m->version[0] ? m->version : NULL);
    sg_json_close(&j, '}');
    sg_json_close(&j, '}');
    return put(e, "start", &data);
}

static int on_ping(void *arg)
{
    sg_auto(sg_buf) struct sg_buf data = {0};
    sg_buf_puts(&data, "{}");
    return put(arg, "ping", &data);
}

static int put_output(struct sg_events *e, enum sg_output_stream stream, const char *bytes,
                      size_t n)
{
    static const char *const names[SG_OUTPUT_STREAMS] = {"stdout", "stderr"};
    sg_auto(sg_buf) struct sg_buf data = {0};
    struct sg_json j = SG_JSON_INIT(&data);
    bool text = sg_utf8_valid_prefix(bytes, n) == n;
    if (n == 0)
        return 0;
    sg_json_open(&j, '{');
    sg_json_key(&j, "data");
    if (text)
        sg_json_string_n(&j, bytes, n);
    else
        sg_json_base64(&j, bytes, n);
    sg_json_put_string(&j, "encoding", text ? "utf8" : "base64");
    sg_json_close(&j, '}');
    return put(e, names[stream], &data);
}

static void keep_complaints(struct sg_events *e, const char *data, size_t n)
{
    size_t room = sizeof e->complaints;
    if (n > room) {
        data += n - room;
        n = room;
    }
    size_t stay = e->complaints_n < room - n ? e->complaints_n : room - n;
    memmove(e->complaints, e->complaints + e->complaints_n - stay, stay);
    memcpy(e->complaints + stay, data, n);
    e->complaints_n = stay + n;
}

struct sg_span sg_events_complaints(const struct sg_events *e)
{
    return (struct sg_span){e->complaints, e->complaints_n};
}

/* A character whose end may still come waits for that, so that neither event has a part of it. */
static int on_output(void *arg, enum sg_output_stream stream, const char *data, size_t n)
{
    struct sg_events *e = arg;
    char bytes[sizeof e->half[0].bytes + SG_OUTPUT_CHUNK];
    size_t have = e->half[stream].n;
    memcpy(bytes, e->half[stream].bytes, have);
    memcpy(bytes + have, data, n);
    have += n;
    size_t half = sg_utf8_half(bytes, have);
    memcpy(e->half[stream].bytes, bytes + have - half, half);
    e->half[stream].n = half;
    if (stream == SG_OUTPUT_STDERR || e->job->merge_stderr)
        keep_complaints(e, data, n);
    return put_output(e, stream, bytes, have - half);
}

const struct sg_live_ops sg_events_live_ops = {on_started, on_output, on_ping};

/* What is left of them at the end of the run is no beginning of a character. */
static int put_halves(struct sg_events *e)
{
    int rc = 0;
    for (int i = 0; i < SG_OUTPUT_STREAMS && rc == 0; i++) {
        rc = put_output(e, i, e->half[i].bytes, e->half[i].n);
        e->half[i].n = 0;
    }
    return rc;
}

void sg_events_files(struct sg_events *e, const struct sg_files *files)
{
    struct sg_files left;
    struct sg_file_out file;
    e->until_ms = sg_now_ms() + SG_LIVE_FINISH_MS;
    e->rc = put_halves(e);
    if (!files)
        return;
    for (left = *files; e->rc == 0 && sg_files_next(&left, &file) > 0;) {
        sg_auto(sg_buf) struct sg_buf data = {0};
        struct sg_json j = SG_JSON_INIT(&data);
        sg_answer_put_file(&j, &file);
        e->rc = put(e, "file", &data);
    }
}

static int put_error(struct sg_events *e)
{
    sg_auto(sg_buf) struct sg_buf data = {0};
    sg_problem_write(&data, &e->x->problem, sg_exchange_path(e->x), e->x->request_id);
    return put(e, "error", &data);
}

void sg_events_end(struct sg_events *e)
{
    struct sg_exchange *x = e->x;
    if (x->status == SG_CLIENT_CLOSED_REQUEST || (!x->begun && sg_problem_is_set(&x->problem)))
        return;
    if (x->body.failed)
        sg_problem_set(&x->problem, SG_PROBLEM_INTERNAL, "out of memory");
    int rc = e->rc < 0 ? e->rc : put_halves(e);
    if (rc == 0)
        rc = sg_problem_is_set(&x->problem) ? put_error(e) : put(e, "result", &x->body);
    if (rc < 0)
        x->status = SG_CLIENT_CLOSED_REQUEST;
}
