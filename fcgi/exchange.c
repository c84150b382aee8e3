/* exchange.c: see exchange.h */
#include "fcgi/exchange.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"

#define BODY_TIME_MS 30000 /* for all of a body that a web server passes on */
#define READ_CHUNK   (64u << 10)
#define PATH_LOGGED  128 /* bytes; the end of a longer one is not in the log */

static const char *param(struct sg_exchange *x, const char *name)
{
    const char *text = x->transport->ops->param(x->transport, name);
    return text ? text : "";
}

static const char *location_param(void *arg, const char *name)
{
    struct sg_exchange *x = arg;
    return x->transport->ops->param(x->transport, name);
}

/* nginx gives the normalised path as DOCUMENT_URI; plain CGI splits it into two. */
static void copy_path(struct sg_exchange *x)
{
    const char *uri = param(x, "DOCUMENT_URI");
    if (*uri)
        sg_buf_puts(&x->path, uri);
    else
        sg_buf_printf(&x->path, "%s%s", param(x, "SCRIPT_NAME"), param(x, "PATH_INFO"));
    if (x->path.failed)
        sg_problem_set(&x->problem, SG_PROBLEM_INTERNAL, "out of memory");
}

/* An id goes into a header and into logs: only characters that cannot do harm there. */
static bool copy_request_id(struct sg_exchange *x, const char *text)
{
    size_t n = strlen(text);
    if (n == 0 || n >= sizeof x->request_id)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
            return false;
    memcpy(x->request_id, text, n + 1);
    return true;
}

static void choose_request_id(struct sg_exchange *x)
{
    static const char *const names[] = {"SANDGATE_REQUEST_ID", "REQUEST_ID", "HTTP_X_REQUEST_ID"};
    char uuid[SG_UUID_SIZE];
    for (size_t i = 0; i < SG_ARRAY_LEN(names); i++)
        if (copy_request_id(x, param(x, names[i])))
            return;
    sg_uuid_make(uuid);
    copy_request_id(x, uuid);
}

static int64_t parse_length(const char *text)
{
    uint64_t value;
    if (!*text)
        return -1;
    if (sg_str_to_u64(text, &value) < 0 || value > INT64_MAX)
        return -2;
    return (int64_t)value;
}

void sg_exchange_begin(struct sg_exchange *x, struct sg_service *service, struct sg_transport *t)
{
    struct sg_error err = SG_ERROR_INIT;
    *x = (struct sg_exchange){.service = service,
                              .transport = t,
                              .status = 200,
                              .body_type = SG_JSON_TYPE,
                              .cache_control = "no-store",
                              .risk = -1,
                              .began_us = sg_now_us()};
    sg_str_copy(x->method, sizeof x->method, param(x, "REQUEST_METHOD"));
    copy_path(x);
    choose_request_id(x);
    x->content_type = param(x, "CONTENT_TYPE");
    x->content_encoding = param(x, "HTTP_CONTENT_ENCODING");
    x->accept = param(x, "HTTP_ACCEPT");
    x->content_length = parse_length(param(x, "CONTENT_LENGTH"));
    if (sg_location_read(&x->location, service->cfg, location_param, x, &err) < 0 ||
        sg_scoring_admits(service->scoring, service->cfg, &x->location.policies, &err) < 0) {
        sg_log(SG_LOG_ERR, "%s", err.text);
        sg_problem_set(&x->problem, SG_PROBLEM_INTERNAL, "this location is configured wrongly");
    }
}

static void body_broken(struct sg_exchange *x, ssize_t rc)
{
    size_t have = x->request_body.len;
    x->bytes_in = have;
    if (rc == -ENOMEM)
        sg_problem_set(&x->problem, SG_PROBLEM_INTERNAL, "out of memory");
    else
        sg_problem_set(&x->problem, SG_PROBLEM_BODY_INCOMPLETE,
                       rc == -EAGAIN ? "only %zu of %lld bytes came in time"
                                     : "only %zu of %lld bytes came",
                       have, (long long)x->content_length);
}

int sg_exchange_read_body(struct sg_exchange *x)
{
    struct sg_transport *t = x->transport;
    struct sg_buf *b = &x->request_body;
    size_t want = (size_t)x->content_length;
    int64_t deadline = sg_now_ms() + BODY_TIME_MS;
    ssize_t rc = sg_buf_reserve(b, want + 1);
    while (rc >= 0 && b->len < want) {
        size_t left = want - b->len;
        rc = t->ops->read(t, b->data + b->len, left < READ_CHUNK ? left : READ_CHUNK);
        if (rc == 0)
            rc = -EPIPE;
        if (rc > 0)
            b->len += (size_t)rc;
        if (rc > 0 && sg_now_ms() > deadline && b->len < want)
            rc = -EAGAIN;
    }
    if (rc < 0) {
        body_broken(x, rc);
        return SG_E_INVALID;
    }
    b->data[b->len] = '\0';
    x->bytes_in = b->len;
    return 0;
}

void sg_exchange_header(struct sg_exchange *x, const char *name, const char *value)
{
    sg_buf_printf(&x->headers, "%s: %s\r\n", name, value);
}

/* Turns the problem into status, headers and body. */
static void use_problem(struct sg_exchange *x)
{
    const struct sg_problem *p = &x->problem;
    char seconds[16];
    sg_buf_clear(&x->headers);
    sg_buf_clear(&x->body);
    x->status = sg_problem_table[p->id].status;
    x->body_type = "application/problem+json";
    x->cache_control = "no-store";
    if (p->retry_after_s > 0) {
        snprintf(seconds, sizeof seconds, "%u", p->retry_after_s);
        sg_exchange_header(x, "Retry-After", seconds);
    }
    if (p->allow)
        sg_exchange_header(x, "Allow", p->allow);
    if (p->accept_encoding)
        sg_exchange_header(x, "Accept-Encoding", p->accept_encoding);
    sg_problem_write(&x->body, p, sg_exchange_path(x), x->request_id);
}

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {SG_NOT_MODIFIED, "Not Modified"},
        {400, "Bad Request"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(texts); i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "Unknown";
}

static void put_head(const struct sg_exchange *x, struct sg_buf *head)
{
    sg_buf_printf(head,
                  "Status: %d %s\r\n"
                  "Content-Type: %s\r\n",
                  x->status, status_text(x->status), x->body_type);
    if (!x->begun)
        sg_buf_printf(head, "Content-Length: %zu\r\n", x->body.len + 1);
    sg_buf_printf(head,
                  "Cache-Control: %s\r\n"
                  "X-Content-Type-Options: nosniff\r\n"
                  "X-Request-Id: %s\r\n",
                  x->cache_control, x->request_id);
    sg_buf_append(head, x->headers.data, x->headers.len);
    sg_buf_puts(head, "\r\n");
}

int sg_exchange_begin_body(struct sg_exchange *x)
{
    sg_auto(sg_buf) struct sg_buf head = {0};
    x->begun = true;
    put_head(x, &head);
    return head.failed ? -ENOMEM : x->transport->ops->write(x->transport, head.data, head.len);
}

void sg_exchange_send(struct sg_exchange *x)
{
    sg_auto(sg_buf) struct sg_buf head = {0};
    struct sg_transport *t = x->transport;
    if (x->status == SG_CLIENT_CLOSED_REQUEST || x->begun)
        return;
    if (!sg_problem_is_set(&x->problem) && (x->body.failed || x->headers.failed))
        sg_problem_set(&x->problem, SG_PROBLEM_INTERNAL, "out of memory");
    if (sg_problem_is_set(&x->problem))
        use_problem(x);
    put_head(x, &head);
    int rc = head.failed ? -ENOMEM : t->ops->write(t, head.data, head.len);
    if (rc == 0 && x->status != SG_NOT_MODIFIED && strcmp(x->method, "HEAD") != 0) {
        rc = t->ops->write(t, x->body.data ? x->body.data : "", x->body.len);
        if (rc == 0)
            rc = t->ops->write(t, "\n", 1);
        x->bytes_out = x->body.len + 1;
    }
    if (rc < 0)
        x->status = SG_CLIENT_CLOSED_REQUEST;
}

void sg_exchange_log(const struct sg_exchange *x)
{
    char job[sizeof x->job_id], client[sizeof x->location.client];
    char method[sizeof x->method], path[PATH_LOGGED];
    int64_t us = sg_now_us() - x->began_us;
    const char *outcome = x->outcome;
    if (!outcome && sg_problem_is_set(&x->problem))
        outcome = sg_problem_table[x->problem.id].code;
    char risk[16] = "-";
    if (x->risk >= 0)
        snprintf(risk, sizeof risk, "%d", x->risk);
    sg_log(SG_LOG_INFO,
           "request=%s job=%s client=%s %s %s status=%d outcome=%s risk=%s ms=%lld.%03d in=%llu "
           "out=%llu",
           x->request_id, sg_log_word(x->job_id, job, sizeof job),
           sg_log_word(x->location.client, client, sizeof client),
           sg_log_word(x->method, method, sizeof method),
           sg_log_word(sg_exchange_path(x), path, sizeof path), x->status, outcome ? outcome : "-",
           risk, (long long)(us / 1000), (int)(us % 1000), (unsigned long long)x->bytes_in,
           (unsigned long long)x->bytes_out);
}

void sg_exchange_log_error(const struct sg_exchange *x, const struct sg_error *err)
{
    sg_log(SG_LOG_WARNING, "request=%s %s%s%s", x->request_id, err->text,
           err->fix[0] ? "; fix: " : "", err->fix);
}

void sg_exchange_done(struct sg_exchange *x)
{
    sg_location_done(&x->location);
    sg_problem_done(&x->problem);
    sg_buf_done(&x->path);
    sg_buf_done(&x->request_body);
    sg_buf_done(&x->headers);
    sg_buf_done(&x->body);
}

/* How well a media range (n bytes) fits: 0 not, 1 any, 2 any subtype, 3 exactly. */
static int range_fit(const char *range, size_t n, const char *type)
{
    size_t major = (size_t)(strchr(type, '/') - type) + 1;
    if (n == strlen(type) && strncasecmp(range, type, n) == 0)
        return 3;
    if (n == major + 1 && range[major] == '*' && strncasecmp(range, type, major) == 0)
        return 2;
    return n == 3 && strncmp(range, "*/*", 3) == 0 ? 1 : 0;
}

/* The q among the parameters; 1 when there is none. */
static double quality_of(const char *params, size_t n)
{
    for (size_t i = 0; i + 2 < n; i++) {
        if (params[i] != ';')
            continue;
        size_t at = i + 1 + strspn(params + i + 1, " \t");
        if (at + 2 <= n && (params[at] == 'q' || params[at] == 'Q') && params[at + 1] == '=')
            return strtod(params + at + 2, NULL);
    }
    return 1.0;
}

/* The q of a media type by the range that fits it best; *ret_fit is how well (range_fit). */
static double accept_quality(const char *accept, const char *type, int *ret_fit)
{
    double quality = *accept == '\0' ? 1.0 : 0.0;
    *ret_fit = 0;
    while (*accept) {
        accept += strspn(accept, " \t,");
        size_t item = strcspn(accept, ",");
        size_t name = strcspn(accept, ";, \t");
        int fit = range_fit(accept, name, type);
        if (fit > *ret_fit) {
            *ret_fit = fit;
            quality = quality_of(accept + name, item - name);
        }
        accept += item;
    }
    return quality;
}

bool sg_exchange_accepts(const char *accept, const char *type)
{
    int fit;
    return accept_quality(accept, type, &fit) > 0.0;
}

bool sg_exchange_prefers(const char *accept, const char *type, const char *other)
{
    int fit, other_fit;
    double quality = accept_quality(accept, type, &fit);
    double other_quality = accept_quality(accept, other, &other_fit);
    return quality > other_quality ||
           (quality == other_quality && quality > 0.0 && fit > other_fit);
}

bool sg_exchange_is_json(const char *content_type)
{
    static const char type[] = SG_JSON_TYPE;
    size_t n = strcspn(content_type, "; \t");
    if (n != sizeof type - 1 || strncasecmp(content_type, type, n) != 0)
        return false;
    const char *rest = content_type + n;
    rest += strspn(rest, "; \t");
    if (*rest == '\0')
        return true;
    if (strncasecmp(rest, "charset=", 8) != 0)
        return false;
    rest += 8;
    return strcasecmp(rest, "utf-8") == 0 || strcasecmp(rest, "\"utf-8\"") == 0;
}
