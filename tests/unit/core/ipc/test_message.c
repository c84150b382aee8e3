/* Messages over real socket pairs: what is right arrives whole, all else is refused and leaks
 * nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/ipc/message.h"
#include "tests/unit/core/descriptors.h"

static int pair[2];

static int fds_before;

static int open_pair(void **state)
{
    (void)state;
    fds_before = count_descriptors();
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int close_pair(void **state)
{
    (void)state;
    close(pair[0]);
    close(pair[1]);
    return count_descriptors() == fds_before ? 0 : -1;
}

/* One valid body per type; bytes are zero, which is in range for all fields but the named ones. */
static const struct {
    enum sg_msg_type type;
    enum sg_msg_side from;
    size_t size;
    size_t nfds, most; /* descriptors at least, and at most if those are more */
} types[] = {
    {SG_MSG_RUN, SG_SIDE_WORKER, sizeof(struct sg_msg_run), 2, 3},
    {SG_MSG_CANCEL, SG_SIDE_WORKER, 0, 0},
    {SG_MSG_STATUS, SG_SIDE_WORKER, 0, 0},
    {SG_MSG_RUNTIMES, SG_SIDE_WORKER, sizeof(struct sg_msg_index), 0},
    {SG_MSG_STARTED, SG_SIDE_EXECUTOR, sizeof(struct sg_msg_started), 0},
    {SG_MSG_RESULT, SG_SIDE_EXECUTOR, sizeof(struct sg_outcome), 2, 3},
    {SG_MSG_REFUSED, SG_SIDE_EXECUTOR, sizeof(struct sg_msg_refused), 0},
    {SG_MSG_STATUS_REPLY, SG_SIDE_EXECUTOR, sizeof(struct sg_msg_status_reply), 0},
    {SG_MSG_RUNTIME_REPLY, SG_SIDE_EXECUTOR, sizeof(struct sg_msg_runtime_reply), 0},
    {SG_MSG_METRICS, SG_SIDE_WORKER, 0, 0},
    {SG_MSG_METRICS_REPLY, SG_SIDE_EXECUTOR, sizeof(struct sg_gauges), 0},
    {SG_MSG_STREAM, SG_SIDE_EXECUTOR, 0, 1},
};

struct packet {
    struct sg_msg_header h;
    unsigned char body[SG_MSG_BODY_MAX + 64];
};

static void make_packet(struct packet *p, size_t i)
{
    memset(p, 0, sizeof(*p));
    p->h = (struct sg_msg_header){.magic = SG_MSG_MAGIC,
                                  .version = SG_MSG_VERSION,
                                  .type = (uint16_t)types[i].type,
                                  .body_size = (uint32_t)types[i].size};
    if (types[i].type == SG_MSG_REFUSED)
        ((struct sg_msg_refused *)p->body)->refusal = SG_REFUSAL_BUSY;
}

static size_t packet_size(size_t i)
{
    return sizeof(struct sg_msg_header) + types[i].size;
}

static void test_table_is_whole(void **state)
{
    (void)state;
    assert_int_equal(SG_ARRAY_LEN(types), SG_MSG_TYPE_END - 1);
    for (int t = 1; t < SG_MSG_TYPE_END; t++)
        assert_non_null(sg_msg_type_name(t));
    assert_null(sg_msg_type_name(0));
    assert_null(sg_msg_type_name(SG_MSG_TYPE_END));
}

static void test_each_type_arrives(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(types); i++) {
        struct packet p;
        struct sg_msg m;
        struct sg_error err = SG_ERROR_INIT;
        make_packet(&p, i);
        assert_int_equal(sg_msg_send(pair[0], types[i].type, p.body, (int[]){0, 1, -1}), 0);
        assert_int_equal(sg_msg_recv(pair[1], types[i].from, &m, 0, &err), 1);
        assert_int_equal(m.type, types[i].type);
        assert_int_equal(m.nfds, types[i].nfds);
        assert_memory_equal(m.body, p.body, types[i].size);
        for (size_t k = 0; k < m.nfds; k++)
            assert_true(fcntl(m.fds[k], F_GETFD) & FD_CLOEXEC);
        sg_msg_done(&m);
    }
}

static void test_descriptors_that_may_come(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(types); i++) {
        struct packet p;
        struct sg_msg m;
        struct sg_error err = SG_ERROR_INIT;
        if (types[i].most == 0)
            continue;
        make_packet(&p, i);
        assert_int_equal(sg_msg_send(pair[0], types[i].type, p.body, (int[]){0, 1, 2}), 0);
        assert_int_equal(sg_msg_recv(pair[1], types[i].from, &m, 0, &err), 1);
        assert_int_equal(m.nfds, 3);
        sg_msg_done(&m);
    }
}

/* Sends raw bytes, expects a refusal whose text holds a phrase. */
static void refuse(const void *bytes, size_t n, size_t nfds, enum sg_msg_side from,
                   const char *phrase)
{
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    int fds[SG_FDS_MAX] = {0};
    assert_int_equal(sg_socket_send(pair[0], bytes, n, fds, nfds), 0);
    assert_int_equal(sg_msg_recv(pair[1], from, &m, 0, &err),
                     strstr(phrase, "of version") ? SG_E_VERSION : SG_E_PROTOCOL);
    if (!strstr(err.text, phrase))
        fail_msg("expected '%s' in '%s'", phrase, err.text);
    assert_int_equal(m.nfds, 0);
}

static void test_wrong_side(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(types); i++) {
        struct packet p;
        make_packet(&p, i);
        enum sg_msg_side other =
            types[i].from == SG_SIDE_WORKER ? SG_SIDE_EXECUTOR : SG_SIDE_WORKER;
        refuse(&p, packet_size(i), types[i].nfds, other, "wrong side");
    }
}

static void test_wrong_descriptors(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(types); i++)
        for (size_t nfds = 0; nfds <= 4; nfds++) {
            struct packet p;
            make_packet(&p, i);
            if (nfds < types[i].nfds || (nfds > types[i].nfds && nfds > types[i].most))
                refuse(&p, packet_size(i), nfds, types[i].from, "descriptors");
        }
}

static void test_wrong_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(types); i++) {
        struct packet p;
        make_packet(&p, i);
        for (size_t n = 1; n < packet_size(i) + 9; n++) { /* trickled: each length on its own */
            struct sg_error err = SG_ERROR_INIT;
            int want = n == packet_size(i) ? 0 : SG_E_PROTOCOL;
            assert_int_equal(sg_msg_check(&p, n, types[i].nfds, types[i].from, &err), want);
        }
        refuse(&p, packet_size(i) - 1, types[i].nfds, types[i].from,
               types[i].size ? "wrong size" : "too short");
        refuse(&p, packet_size(i) + 1, types[i].nfds, types[i].from, "wrong size");
        p.h.body_size++;
        refuse(&p, packet_size(i) + 1, types[i].nfds, types[i].from, "wrong size");
    }
}

static void test_too_long(void **state)
{
    (void)state;
    static struct packet p;
    make_packet(&p, 0);
    refuse(&p, sizeof(p), 2, SG_SIDE_WORKER, "too long");
}

static void test_too_many_descriptors(void **state)
{
    (void)state;
    struct packet p;
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int) * 40)];
    } control = {0};
    make_packet(&p, 0);
    struct iovec iov = {&p, packet_size(0)};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.space,
                         .msg_controllen = sizeof(control.space)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    *c = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int) * 40)};
    memset(CMSG_DATA(c), 0, sizeof(int) * 40);
    assert_int_equal(sendmsg(pair[0], &msg, 0), (ssize_t)packet_size(0));
    assert_int_equal(sg_msg_recv(pair[1], SG_SIDE_WORKER, &m, 0, &err), SG_E_PROTOCOL);
}

static void test_output_rules(void **state)
{
    (void)state;
    struct packet p;
    make_packet(&p, 0);
    ((struct sg_msg_run *)p.body)->output.npatterns = 1; /* an empty one */
    refuse(&p, packet_size(0), 2, SG_SIDE_WORKER, "output is out of range");
}

static void test_headers(void **state)
{
    (void)state;
    struct packet p;
    make_packet(&p, 2);
    p.h.magic ^= 1;
    refuse(&p, packet_size(2), 0, SG_SIDE_WORKER, "no message of ours");
    make_packet(&p, 2);
    p.h.reserved = 1;
    refuse(&p, packet_size(2), 0, SG_SIDE_WORKER, "no message of ours");
    for (int more = -1; more <= 1; more += 2) {
        char phrase[32];
        make_packet(&p, 2);
        p.h.version = (uint16_t)(SG_MSG_VERSION + more);
        snprintf(phrase, sizeof(phrase), "of version %d,", SG_MSG_VERSION + more);
        refuse(&p, packet_size(2), 0, SG_SIDE_WORKER, phrase);
    }
    for (unsigned t = SG_MSG_TYPE_END; t < 65536; t += 1021) {
        make_packet(&p, 2);
        p.h.type = (uint16_t)t;
        refuse(&p, packet_size(2), 0, SG_SIDE_WORKER, "unknown type");
    }
    make_packet(&p, 2);
    p.h.type = 0;
    refuse(&p, packet_size(2), 0, SG_SIDE_WORKER, "unknown type 0");
}

#define BODY(s, field, bytes)                                                                      \
    offsetof(struct s, field), sizeof(((struct s *)0)->field), bytes, #field

/* Each text without its end, each number outside its range. */
static void test_fields(void **state)
{
    (void)state;
    static const struct {
        enum sg_msg_type type;
        size_t offset, size;
        int byte; /* fills the field */
        const char *name;
    } rows[] = {
        {SG_MSG_RUN, BODY(sg_msg_run, id, 'x')},
        {SG_MSG_RUN, BODY(sg_msg_run, language, 'x')},
        {SG_MSG_RUN, BODY(sg_msg_run, version, 'x')},
        {SG_MSG_RUN, BODY(sg_msg_run, client, 'x')},
        {SG_MSG_RUN, BODY(sg_msg_run, merge_stderr, 2)},
        {SG_MSG_RUN, BODY(sg_msg_run, stage, SG_JOB_STAGE_COUNT)},
        {SG_MSG_RUN, BODY(sg_msg_run, plain, 2)},
        {SG_MSG_RUN, BODY(sg_msg_run, stream, 2)},
        {SG_MSG_RUN, BODY(sg_msg_run, trace_denied_syscalls, 2)},
        {SG_MSG_RUN, BODY(sg_msg_run, imports, 'x')},
        {SG_MSG_STARTED, BODY(sg_msg_started, language, 'x')},
        {SG_MSG_STARTED, BODY(sg_msg_started, version, 'x')},
        {SG_MSG_RESULT, BODY(sg_outcome, reason, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, exit_code, 0x7f)},
        {SG_MSG_RESULT, BODY(sg_outcome, exit_code, 0xfe)},
        {SG_MSG_RESULT, BODY(sg_outcome, signal, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, limits_hit, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, isolation.layers, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, isolation.missing, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, product, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, denied.traced, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, isolation.profile, 'x')},
        {SG_MSG_RESULT, BODY(sg_outcome, timings.start, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, language, 'x')},
        {SG_MSG_RESULT, BODY(sg_outcome, version, 'x')},
        {SG_MSG_RESULT, BODY(sg_outcome, out.kept_bytes, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, out.head_bytes, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, err.kept_bytes, 0xff)},
        {SG_MSG_RESULT, BODY(sg_outcome, err.head_bytes, 0xff)},
        {SG_MSG_REFUSED, BODY(sg_msg_refused, refusal, 0)},
        {SG_MSG_REFUSED, BODY(sg_msg_refused, refusal, 1)},
        {SG_MSG_REFUSED, BODY(sg_msg_refused, step, 'x')},
        {SG_MSG_REFUSED, BODY(sg_msg_refused, text, 'x')},
        {SG_MSG_REFUSED, BODY(sg_msg_refused, fix, 'x')},
        {SG_MSG_STATUS_REPLY, BODY(sg_msg_status_reply, ready, 2)},
        {SG_MSG_STATUS_REPLY, BODY(sg_msg_status_reply, pending, 2)},
        {SG_MSG_STATUS_REPLY, BODY(sg_msg_status_reply, reason, 'x')},
        {SG_MSG_STATUS_REPLY, BODY(sg_msg_status_reply, degraded, 'x')},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, ready, 2)},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, language, 'x')},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, version, 'x')},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, packages, 'x')},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, start, 'x')},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, ntemplates, 0xff)},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, templates[0].state, 0xff)},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, templates[0].imports, 'x')},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, templates[0].reason, 'x')},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, templates[7].state, 0xff)},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, templates[7].imports, 'x')},
        {SG_MSG_RUNTIME_REPLY, BODY(sg_msg_runtime_reply, templates[7].reason, 'x')},
        {SG_MSG_METRICS_REPLY, BODY(sg_gauges, ready, 2)},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        size_t t = rows[i].type - 1;
        struct packet p;
        make_packet(&p, t);
        memset(p.body + rows[i].offset, rows[i].byte, rows[i].size);
        refuse(&p, packet_size(t), types[t].nfds, types[t].from, rows[i].name);
    }
}

/* The largest number of each field that has one, and the first that is too large. */
static void test_numbers_at_their_bounds(void **state)
{
    (void)state;
    static const struct {
        enum sg_msg_type type;
        size_t offset;
        uint32_t most;
        const char *name;
    } rows[] = {
        {SG_MSG_RESULT, offsetof(struct sg_outcome, timings.start), SG_START_COUNT - 1,
         "timings.start"},
        {SG_MSG_RESULT, offsetof(struct sg_outcome, product), SG_PRODUCT_COUNT - 1, "product"},
        {SG_MSG_RUNTIME_REPLY, offsetof(struct sg_msg_runtime_reply, ntemplates), SG_TEMPLATES_MAX,
         "ntemplates"},
        {SG_MSG_RUNTIME_REPLY, offsetof(struct sg_msg_runtime_reply, templates[3].state),
         SG_TEMPLATE_STATE_COUNT - 1, "templates[3].state"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        size_t t = rows[i].type - 1;
        struct packet p;
        struct sg_error err = SG_ERROR_INIT;
        uint32_t value = rows[i].most;
        make_packet(&p, t);
        memcpy(p.body + rows[i].offset, &value, sizeof(value));
        assert_int_equal(sg_msg_check(&p, packet_size(t), types[t].nfds, types[t].from, &err), 0);
        value++;
        memcpy(p.body + rows[i].offset, &value, sizeof(value));
        refuse(&p, packet_size(t), types[t].nfds, types[t].from, rows[i].name);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(sg_template_state_name(SG_TEMPLATE_STARTING), "starting");
    assert_string_equal(sg_template_state_name(SG_TEMPLATE_READY), "ready");
    assert_string_equal(sg_template_state_name(SG_TEMPLATE_FAILED), "failed");
    assert_null(sg_template_state_name(SG_TEMPLATE_STATE_COUNT));
    assert_null(sg_template_state_name((enum sg_template_state) - 1));
}

static void test_end_and_nothing(void **state)
{
    (void)state;
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_msg_recv(pair[1], SG_SIDE_WORKER, &m, MSG_DONTWAIT, &err), -EAGAIN);
    assert_int_equal(sg_msg_send(pair[1], SG_MSG_STATUS, NULL, NULL), 0); /* never read: reset */
    close(pair[0]);
    pair[0] = -1;
    assert_int_equal(sg_msg_recv(pair[1], SG_SIDE_WORKER, &m, 0, &err), 0);
    assert_int_equal(sg_msg_recv(pair[1], SG_SIDE_WORKER, &m, 0, &err), 0);
    assert_int_equal(sg_msg_send(pair[1], SG_MSG_STATUS, NULL, NULL), -EPIPE);
    assert_int_equal(sg_msg_send(pair[1], SG_MSG_TYPE_END, NULL, NULL), -EINVAL);
    assert_int_equal(err.code, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)
    const struct CMUnitTest tests[] = {
        CASE(test_table_is_whole),
        CASE(test_each_type_arrives),
        CASE(test_descriptors_that_may_come),
        CASE(test_wrong_side),
        CASE(test_wrong_descriptors),
        CASE(test_wrong_sizes),
        CASE(test_too_long),
        CASE(test_too_many_descriptors),
        CASE(test_output_rules),
        CASE(test_headers),
        CASE(test_fields),
        CASE(test_end_and_nothing),
        CASE(test_numbers_at_their_bounds),
        CASE(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
