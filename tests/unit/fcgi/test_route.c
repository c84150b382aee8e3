/* Requests through a transport of a table of parameters: what HTTP says about them, and what comes
 * back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"
#include "tests/unit/fcgi/shipped_scoring.h"

#define PARAMS_MAX 12
struct memory_transport {
    struct sg_transport base;
    const char *params[PARAMS_MAX][2];
    const char *body;
    size_t body_n, body_at, chunk;
    int body_error; /* what reading answers behind the body */
    int write_error;
    struct sg_buf written;
};

static const char *memory_param(struct sg_transport *t, const char *name)
{
    struct memory_transport *m = (struct memory_transport *)t;
    for (size_t i = 0; i < PARAMS_MAX && m->params[i][0]; i++)
        if (strcmp(m->params[i][0], name) == 0)
            return m->params[i][1];
    return NULL;
}

static ssize_t memory_read(struct sg_transport *t, void *data, size_t n)
{
    struct memory_transport *m = (struct memory_transport *)t;
    size_t left = m->body_n - m->body_at;
    if (left == 0)
        return m->body_error;
    n = n > m->chunk && m->chunk ? m->chunk : n;
    n = n > left ? left : n;
    memcpy(data, m->body + m->body_at, n);
    m->body_at += n;
    return (ssize_t)n;
}

static int memory_write(struct sg_transport *t, const void *data, size_t n)
{
    struct memory_transport *m = (struct memory_transport *)t;
    return m->write_error ? m->write_error : sg_buf_append(&m->written, data, n);
}

static void memory_watch(struct sg_transport *t, struct pollfd *ret)
{
    (void)t;
    *ret = (struct pollfd){.fd = -1}; /* this client never leaves */
}

static const struct sg_transport_ops memory_ops = {.name = "memory",
                                                   .param = memory_param,
                                                   .read = memory_read,
                                                   .write = memory_write,
                                                   .watch = memory_watch};

static struct sg_config cfg;
static struct sg_runtimes runtimes;
static struct sg_scoring scoring;
static struct sg_service service = {.cfg = &cfg, .runtimes = &runtimes, .scoring = &scoring};

static int set_up(void **state)
{
    (void)state;
    cfg.worker.body_bytes = 1000;
    cfg.worker.allow_unvalidated = true;
    cfg.native.socket = strdup("/nonexistent/native.sock");
    cfg.native.queue_wait_ms = 10000;
    sg_limits_default(&cfg.limits_default);
    sg_limits_max(&cfg.limits_max);
    runtimes.v[0].language = strdup("python");
    runtimes.v[0].entry = strdup("main.py");
    runtimes.v[0].rules = strdup("python");
    sg_strings_add(&runtimes.v[0].templates, "numpy matplotlib.pyplot");
    runtimes.n = 1;
    sg_link_init(&service.link, &cfg);
    return shipped_scoring(&scoring, &cfg.validate.policies);
}

static int tear_down(void **state)
{
    (void)state;
    free(cfg.native.socket);
    sg_strings_done(&cfg.validate.policies);
    sg_runtimes_done(&runtimes);
    sg_scoring_done(&scoring);
    return 0;
}

static void answer(struct memory_transport *m, struct sg_exchange *x)
{
    m->base.ops = &memory_ops;
    sg_exchange_begin(x, &service, &m->base);
    sg_route_answer(x);
    sg_exchange_send(x);
}

static const struct {
    const char *name, *method, *path, *type, *length, *accept;
    int status;
    const char *code; /* NULL: no problem */
} requests[] = {
    {"health", "GET", "/health", NULL, NULL, NULL, 200, NULL},
    {"health head", "HEAD", "/health", NULL, NULL, NULL, 200, NULL},
    {"health with a body", "GET", "/health", "text/plain", "5", NULL, 200, NULL},
    {"version", "GET", "/version", NULL, NULL, "application/*", 200, NULL},
    {"limits", "GET", "/v1/limits", NULL, NULL, "text/html, */*;q=0.1", 200, NULL},
    {"openapi", "GET", "/openapi.json", NULL, NULL, "application/json", 200, NULL},
    {"openapi head", "HEAD", "/openapi.json", NULL, NULL, NULL, 200, NULL},
    {"post openapi", "POST", "/openapi.json", NULL, NULL, NULL, 405, "method_not_allowed"},
    {"ready, no executor", "GET", "/ready", NULL, NULL, NULL, 503, "executor_unreachable"},
    {"runtimes, no executor", "GET", "/v1/runtimes", NULL, NULL, NULL, 503, "executor_unreachable"},
    {"root", "GET", "/", NULL, NULL, NULL, 404, "not_found"},
    {"other path", "GET", "/v1/execute/", NULL, NULL, NULL, 404, "not_found"},
    {"later path", "POST", "/v1/jobs", NULL, NULL, NULL, 404, "not_found"},
    {"no path", "GET", NULL, NULL, NULL, NULL, 404, "not_found"},
    {"get execute", "GET", "/v1/execute", NULL, NULL, NULL, 405, "method_not_allowed"},
    {"head execute", "HEAD", "/v1/execute", NULL, NULL, NULL, 405, "method_not_allowed"},
    {"options", "OPTIONS", "/v1/execute", NULL, NULL, NULL, 405, "method_not_allowed"},
    {"post health", "POST", "/health", NULL, NULL, NULL, 405, "method_not_allowed"},
    {"lower case", "post", "/v1/execute", NULL, NULL, NULL, 405, "method_not_allowed"},
    {"no method", NULL, "/health", NULL, NULL, NULL, 405, "method_not_allowed"},
    {"long method", "GETGETGETGETGETGETGET", "/health", NULL, NULL, NULL, 405,
     "method_not_allowed"},
    {"accept html", "GET", "/health", NULL, NULL, "text/html", 406, "not_acceptable"},
    {"accept q=0", "GET", "/health", NULL, NULL, "application/json;q=0, */*", 406,
     "not_acceptable"},
    {"accept events", "POST", "/v1/execute", "application/json", "2", "text/event-stream", 422,
     "invalid_request"},
    {"accept events of what has none", "POST", "/v1/validate", "application/json", "2",
     "text/event-stream", 406, "not_acceptable"},
    {"no length", "POST", "/v1/execute", "application/json", NULL, NULL, 411, "length_required"},
    {"length is no number", "POST", "/v1/execute", "application/json", "abc", NULL, 400,
     "bad_request"},
    {"length negative", "POST", "/v1/execute", "application/json", "-1", NULL, 400, "bad_request"},
    {"length huge", "POST", "/v1/execute", "application/json", "99999999999999999999", NULL, 400,
     "bad_request"},
    {"too large", "POST", "/v1/execute", "application/json", "1001", NULL, 413, "body_too_large"},
    {"no type", "POST", "/v1/execute", NULL, "2", NULL, 415, "unsupported_media_type"},
    {"form", "POST", "/v1/execute", "application/x-www-form-urlencoded", "2", NULL, 415,
     "unsupported_media_type"},
    {"latin", "POST", "/v1/execute", "application/json; charset=latin1", "2", NULL, 415,
     "unsupported_media_type"},
    {"problem as request", "POST", "/v1/execute", "application/problem+json", "2", NULL, 415,
     "unsupported_media_type"},
    {"body missing", "POST", "/v1/execute", "application/json", "7", NULL, 400, "body_incomplete"},
    {"empty object", "POST", "/v1/execute", "application/json; charset=UTF-8", "2", NULL, 422,
     "invalid_request"},
};

static void test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(requests); i++) {
        struct memory_transport m = {.params = {{"REQUEST_METHOD", requests[i].method},
                                                {"DOCUMENT_URI", requests[i].path},
                                                {"CONTENT_TYPE", requests[i].type},
                                                {"CONTENT_LENGTH", requests[i].length},
                                                {"HTTP_ACCEPT", requests[i].accept}},
                                     .body = "{}",
                                     .body_n = 2};
        struct sg_exchange x;
        answer(&m, &x);
        if (x.status != requests[i].status)
            print_message("case %s: %d %s\n", requests[i].name, x.status, m.written.data);
        assert_int_equal(x.status, requests[i].status);
        if (requests[i].code)
            assert_string_equal(sg_problem_table[x.problem.id].code, requests[i].code);
        else
            assert_false(sg_problem_is_set(&x.problem));
        sg_exchange_done(&x);
        sg_buf_done(&m.written);
    }
}

static void test_routes_are_distinct(void **state)
{
    (void)state;
    for (size_t i = 0; i < sg_route_count; i++) {
        sg_auto(sg_problem) struct sg_problem p = {0};
        const struct sg_route *r = &sg_route_table[i];
        assert_non_null(r->handle);
        assert_ptr_equal(sg_route_find(r->method, r->path, &p), r);
        assert_null(sg_route_find("PATCH", r->path, &p));
        assert_string_equal(p.allow, strcmp(r->method, "GET") == 0 ? "GET, HEAD" : r->method);
    }
}

static void test_response_head(void **state)
{
    (void)state;
    struct memory_transport m = {.params = {{"REQUEST_METHOD", "PUT"},
                                            {"SCRIPT_NAME", "/v1"},
                                            {"PATH_INFO", "/execute"},
                                            {"SANDGATE_REQUEST_ID", "abc-1.2_3"}}};
    struct sg_exchange x;
    answer(&m, &x);
    const char *w = m.written.data;
    assert_true(sg_str_starts(w, "Status: 405 Method Not Allowed\r\n"));
    assert_non_null(strstr(w, "\r\nContent-Type: application/problem+json\r\n"));
    assert_non_null(strstr(w, "\r\nAllow: POST\r\n"));
    assert_non_null(strstr(w, "\r\nCache-Control: no-store\r\n"));
    assert_non_null(strstr(w, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(w, "\r\nX-Request-Id: abc-1.2_3\r\n"));
    assert_non_null(strstr(w, "\r\n\r\n{"));
    sg_exchange_done(&x);
    sg_buf_done(&m.written);
}

/* The document is whole JSON, and is not sent to who has it. */
static void test_openapi(void **state)
{
    (void)state;
    char tag[32];
    struct memory_transport m = {
        .params = {{"REQUEST_METHOD", "GET"}, {"DOCUMENT_URI", "/openapi.json"}}};
    struct sg_exchange x;
    answer(&m, &x);
    assert_int_equal(x.status, 200);
    json_t *doc = json_loadb(x.body.data, x.body.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(doc);
    assert_string_equal(json_string_value(json_object_get(doc, "openapi")), "3.1.0");
    json_decref(doc);
    const char *head = strstr(m.written.data, "\r\nETag: \"");
    assert_non_null(head);
    assert_int_equal(sscanf(head, "\r\nETag: %31[^\r]", tag), 1);
    assert_non_null(strstr(m.written.data, "\r\nCache-Control: no-cache\r\n"));
    sg_exchange_done(&x);
    sg_buf_clear(&m.written);

    m.params[2][0] = "HTTP_IF_NONE_MATCH";
    m.params[2][1] = tag;
    answer(&m, &x);
    assert_int_equal(x.status, 304);
    assert_true(sg_str_starts(m.written.data, "Status: 304 Not Modified\r\n"));
    assert_null(strchr(m.written.data, '{'));
    sg_exchange_done(&x);
    sg_buf_done(&m.written);
}

static const char *const bad_ids[] = {
    "",    "a b",      "a\r\nX: y",
    "a\"", "\xc3\xa4", "12345678901234567890123456789012345678901234567890123456789012345",
};

static void test_request_id_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(bad_ids); i++) {
        struct memory_transport m = {.params = {{"REQUEST_METHOD", "GET"},
                                                {"DOCUMENT_URI", "/health"},
                                                {"SANDGATE_REQUEST_ID", bad_ids[i]}}};
        struct sg_exchange x;
        answer(&m, &x);
        assert_int_equal(strlen(x.request_id), 36); /* one of our own */
        sg_exchange_done(&x);
        sg_buf_done(&m.written);
    }
}

static void test_long_path(void **state)
{
    (void)state;
    char path[5000];
    memset(path, '/', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    struct memory_transport m = {.params = {{"REQUEST_METHOD", "GET"}, {"DOCUMENT_URI", path}}};
    struct sg_exchange x;
    answer(&m, &x);
    assert_int_equal(x.status, 404);
    assert_string_equal(sg_exchange_path(&x), path);
    assert_non_null(strstr(x.body.data, path));
    sg_exchange_done(&x);
    sg_buf_done(&m.written);
}

static void test_body_byte_by_byte(void **state)
{
    (void)state;
    static const char body[] = "{\"language\":\"python\",\"code\":\"\"}";
    char length[16];
    snprintf(length, sizeof length, "%zu", sizeof body - 1);
    struct memory_transport m = {.params = {{"REQUEST_METHOD", "POST"},
                                            {"DOCUMENT_URI", "/v1/execute"},
                                            {"CONTENT_TYPE", "application/json"},
                                            {"CONTENT_LENGTH", length}},
                                 .body = body,
                                 .body_n = sizeof body - 1,
                                 .chunk = 1};
    struct sg_exchange x;
    answer(&m, &x);
    assert_int_equal(x.problem.id, SG_PROBLEM_EXECUTOR_UNREACHABLE);
    assert_int_equal(x.bytes_in, sizeof body - 1);
    sg_exchange_done(&x);
    sg_buf_done(&m.written);
}

static void test_slow_body(void **state)
{
    (void)state;
    struct memory_transport m = {.params = {{"REQUEST_METHOD", "POST"},
                                            {"DOCUMENT_URI", "/v1/execute"},
                                            {"CONTENT_TYPE", "application/json"},
                                            {"CONTENT_LENGTH", "9"}},
                                 .body = "{}",
                                 .body_n = 2,
                                 .body_error = -EAGAIN};
    struct sg_exchange x;
    answer(&m, &x);
    assert_int_equal(x.problem.id, SG_PROBLEM_BODY_INCOMPLETE);
    assert_string_equal(x.problem.detail, "only 2 of 9 bytes came in time");
    sg_exchange_done(&x);
    sg_buf_done(&m.written);
}

static void test_client_that_left_is_logged_as_such(void **state)
{
    (void)state;
    struct memory_transport m = {.params = {{"REQUEST_METHOD", "GET"}, {"DOCUMENT_URI", "/health"}},
                                 .write_error = -EPIPE};
    struct sg_exchange x;
    answer(&m, &x);
    assert_int_equal(x.status, SG_CLIENT_CLOSED_REQUEST);
    sg_exchange_done(&x);
}

static const struct {
    const char *name, *value;
    bool fine;
} parameters[] = {
    {"SANDGATE_MAX_WALL_TIME_MS", "5000", true},
    {"SANDGATE_MAX_WALL_TIME_MS", "5s", false},
    {"SANDGATE_MAX_WALL_TIME_MS", "1", false},
    {"SANDGATE_MAX_MEMORY_BYTES", "-1", false},
    {"SANDGATE_MAX_MEMORY_BYTES", "67108864", true},
    {"SANDGATE_VALIDATE", "required", true},
    {"SANDGATE_VALIDATE", "yes", false},
    {"SANDGATE_LANGUAGES", "python, node", true},
    {"SANDGATE_LANGUAGES", "", true},
    {"SANDGATE_LANGUAGES", " ", false},
    {"SANDGATE_LANGUAGES", ", ,", false},
    {"SANDGATE_ENGINE", "", true},
    {"SANDGATE_ENGINE", " ", false},
    {"SANDGATE_POLICY", "", true},
    {"SANDGATE_POLICY", ",", false},
    {"SANDGATE_LANGUAGES", "a-language-name-that-is-longer-than-any", false},
};

static void test_location_parameters(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(parameters); i++) {
        struct memory_transport m = {.params = {{"REQUEST_METHOD", "GET"},
                                                {"DOCUMENT_URI", "/health"},
                                                {parameters[i].name, parameters[i].value}}};
        struct sg_exchange x;
        answer(&m, &x);
        if ((x.status == 200) != parameters[i].fine)
            print_message("case %s=%s: %d\n", parameters[i].name, parameters[i].value, x.status);
        assert_int_equal(x.status, parameters[i].fine ? 200 : 500);
        sg_exchange_done(&x);
        sg_buf_done(&m.written);
    }
}

/* nginx passes on what the status line says. */
static void test_each_status_has_its_words(void **state)
{
    (void)state;
    for (int id = SG_PROBLEM_NONE + 1; id < SG_PROBLEM_COUNT; id++) {
        struct memory_transport m = {.params = {{"REQUEST_METHOD", "GET"}}};
        struct sg_exchange x;
        m.base.ops = &memory_ops;
        sg_exchange_begin(&x, &service, &m.base);
        sg_problem_set(&x.problem, id, "%s", "");
        sg_exchange_send(&x);
        sg_buf_append(&m.written, "", 1);
        if (strstr(m.written.data, "Unknown"))
            fail_msg("%s", m.written.data);
        sg_exchange_done(&x);
        sg_buf_done(&m.written);
    }
}

static void test_location_only_tightens(void **state)
{
    (void)state;
    struct memory_transport m = {.params = {{"REQUEST_METHOD", "GET"},
                                            {"DOCUMENT_URI", "/v1/limits"},
                                            {"SANDGATE_MAX_WALL_TIME_MS", "5000"},
                                            {"SANDGATE_MAX_PROCESSES", "999999"},
                                            {"REMOTE_ADDR", "::1"}}};
    struct sg_exchange x;
    answer(&m, &x);
    json_t *doc = json_loadb(x.body.data, x.body.len, 0, NULL);
    json_t *limits = json_object_get(doc, "limits");
    json_t *wall = json_object_get(limits, "wall_time_ms");
    assert_int_equal(json_integer_value(json_object_get(wall, "maximum")), 5000);
    assert_int_equal(json_integer_value(json_object_get(wall, "default")), 5000);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(limits, "processes"), "maximum")),
        (json_int_t)cfg.limits_max.processes);
    assert_int_equal(json_object_size(limits), sg_limit_count);
    assert_string_equal(x.location.client, "::1");
    json_decref(doc);
    sg_exchange_done(&x);
    sg_buf_done(&m.written);
}

/* core/config may not see core/validate: that both say the same is for here. */
static void test_bounds_of_the_configuration(void **state)
{
    (void)state;
    struct sg_config dflt = {0};
    struct sg_bounds bounds;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_config_load(&dflt, "/dev/null", &err), 0);
    sg_bounds_default(&bounds);
    assert_int_equal(dflt.validate.source_bytes, bounds.source_bytes);
    assert_int_equal(dflt.validate.parse_ms, bounds.parse_ms);
    assert_int_equal(dflt.validate.nodes, bounds.nodes);
    assert_int_equal(dflt.validate.depth, bounds.depth);
    assert_int_equal(dflt.validate.work, bounds.work);
    sg_config_done(&dflt);
}

/* Connects the worker to an executor whose first answer is there already; the test reads what it
   was asked from *ret_peer. */
static void connect_executor(int *ret_peer, enum sg_msg_type type, const void *reply)
{
    int sv[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
    assert_int_equal(sg_msg_send(sv[1], type, reply, NULL), 0);
    service.link.client.sock = sv[0];
    *ret_peer = sv[1];
}

static void disconnect_executor(int peer)
{
    close(peer);
    sg_link_done(&service.link);
    sg_link_init(&service.link, &cfg);
}

#define PROGRAM(members) "{\"language\":\"python\"," members "}"
static const struct {
    const char *body;
    bool plain;
    const char *imports;
} programs[] = {
    {PROGRAM("\"code\":\"import numpy\""), true, "numpy"},
    {PROGRAM("\"code\":\"import numpy\",\"validate\":false"), true, "numpy"},
    {PROGRAM("\"code\":\"x = '''\\nimport numpy'''\""), true, ""},
    {PROGRAM("\"code\":\"x = '''\\nimport numpy'''\",\"validate\":false"), true, "numpy"},
    {PROGRAM("\"code\":\"import math\",\"args\":[\"a\"]"), false, ""},
    {PROGRAM("\"files\":[{\"path\":\"x.py\",\"content\":\"import matplotlib\"}]"), false,
     "matplotlib"},
};

/* Scored or not, the executor hears what helps it to choose. */
static void test_run_says_how_it_may_be_started(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(programs); i++) {
        int peer;
        char length[16];
        struct sg_msg m;
        struct sg_error err = SG_ERROR_INIT;
        struct sg_msg_refused busy = {.refusal = SG_REFUSAL_BUSY, .retry_after_s = 3};
        struct sg_exchange x;
        connect_executor(&peer, SG_MSG_REFUSED, &busy);
        snprintf(length, sizeof length, "%zu", strlen(programs[i].body));
        struct memory_transport t = {.params = {{"REQUEST_METHOD", "POST"},
                                                {"DOCUMENT_URI", "/v1/execute"},
                                                {"CONTENT_TYPE", "application/json"},
                                                {"CONTENT_LENGTH", length}},
                                     .body = programs[i].body,
                                     .body_n = strlen(programs[i].body)};
        answer(&t, &x);
        assert_int_equal(x.problem.id, SG_PROBLEM_BUSY);
        assert_int_equal(sg_msg_recv(peer, SG_SIDE_WORKER, &m, 0, &err), 1);
        const struct sg_msg_run *run = (const void *)m.body;
        if (run->plain != programs[i].plain || strcmp(run->imports, programs[i].imports) != 0)
            fail_msg("program %zu: plain %u, imports \"%s\"", i, run->plain, run->imports);
        sg_msg_done(&m);
        sg_exchange_done(&x);
        sg_buf_done(&t.written);
        disconnect_executor(peer);
    }
}

/* 200 whether or not something is slower than it should be. */
static void test_ready_tells_what_is_degraded(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "runtime python: the template of numpy failed"};
    for (size_t i = 0; i < SG_ARRAY_LEN(texts); i++) {
        int peer;
        struct sg_msg_status_reply reply = {.slots = 4, .runtimes = 1, .ready = 1};
        struct memory_transport t = {
            .params = {{"REQUEST_METHOD", "GET"}, {"DOCUMENT_URI", "/ready"}}};
        struct sg_exchange x;
        sg_str_copy(reply.degraded, sizeof reply.degraded, texts[i]);
        connect_executor(&peer, SG_MSG_STATUS_REPLY, &reply);
        answer(&t, &x);
        assert_int_equal(x.status, 200);
        json_t *doc = json_loadb(x.body.data, x.body.len, JSON_REJECT_DUPLICATES, NULL);
        const json_t *degraded = json_object_get(doc, "degraded");
        assert_non_null(degraded);
        if (texts[i][0])
            assert_string_equal(json_string_value(degraded), texts[i]);
        else
            assert_true(json_is_null(degraded));
        json_decref(doc);
        sg_exchange_done(&x);
        sg_buf_done(&t.written);
        disconnect_executor(peer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_routes_are_distinct),
        cmocka_unit_test(test_response_head),
        cmocka_unit_test(test_openapi),
        cmocka_unit_test(test_request_id_is_safe),
        cmocka_unit_test(test_long_path),
        cmocka_unit_test(test_body_byte_by_byte),
        cmocka_unit_test(test_bounds_of_the_configuration),
        cmocka_unit_test(test_slow_body),
        cmocka_unit_test(test_client_that_left_is_logged_as_such),
        cmocka_unit_test(test_location_parameters),
        cmocka_unit_test(test_each_status_has_its_words),
        cmocka_unit_test(test_location_only_tightens),
        cmocka_unit_test(test_run_says_how_it_may_be_started),
        cmocka_unit_test(test_ready_tells_what_is_degraded),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
