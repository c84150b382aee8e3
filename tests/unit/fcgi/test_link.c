/* What a run ends with that never began: the executor is away, or the job cannot be sent to it. The
   test plays the executor on the other end of a socket pair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/ipc/payload.h"
#include "fcgi/link.h"

static struct sg_config cfg = {.native = {.socket = "/nonexistent/native.sock"}};
static char content[SG_FILE_BYTES_MAX];

/* files of the largest size */
static struct sg_job job_of(size_t files)
{
    struct sg_job job = {.id = "x", .language = "python", .limits = {.wall_time_ms = 10}};
    for (; job.nfiles < files; job.nfiles++)
        job.files[job.nfiles] =
            (struct sg_job_file){.path = "a", .content = {content, sizeof content}};
    return job;
}

/* A link that is connected; the other end is *ret_peer. */
static struct sg_link linked(int *ret_peer)
{
    struct sg_link l;
    int sv[2];
    sg_link_init(&l, &cfg);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
    l.client.sock = sv[0];
    *ret_peer = sv[1];
    return l;
}

static int run(struct sg_link *l, const struct sg_job *job)
{
    struct sg_run_result r = SG_RUN_RESULT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    int rc = sg_link_run(l, job, NULL, &r, &err);
    assert_true(rc < 0);
    assert_true(err.text[0] != '\0');
    sg_run_result_done(&r);
    return rc;
}

static void test_nobody_there(void **state)
{
    (void)state;
    struct sg_link l;
    struct sg_job job = job_of(1);
    sg_link_init(&l, &cfg);
    assert_int_equal(run(&l, &job), SG_E_UNAVAILABLE);
    sg_link_done(&l);
}

static void test_executor_has_left(void **state)
{
    (void)state;
    int peer;
    struct sg_link l = linked(&peer);
    struct sg_job job = job_of(1);
    close(peer);
    assert_int_equal(run(&l, &job), SG_E_UNAVAILABLE);
    sg_link_done(&l);
}

/* The executor is not to blame, and the next job can be sent. */
static void test_job_too_large(void **state)
{
    (void)state;
    int peer;
    char byte;
    struct sg_link l = linked(&peer);
    struct sg_job job = job_of(SG_PAYLOAD_BYTES_MAX / SG_FILE_BYTES_MAX);
    assert_true(sg_payload_size(&job) > SG_PAYLOAD_BYTES_MAX);
    assert_int_equal(run(&l, &job), -EFBIG);
    assert_false(sg_client_lost(&l.client));
    assert_int_equal(recv(peer, &byte, 1, MSG_DONTWAIT), -1);
    close(peer);
    sg_link_done(&l);
}

static void test_executor_breaks_the_protocol(void **state)
{
    (void)state;
    int peer;
    struct sg_link l = linked(&peer);
    struct sg_job job = job_of(1);
    struct sg_msg_status_reply reply = {0};
    assert_int_equal(sg_msg_send(peer, SG_MSG_STATUS_REPLY, &reply, NULL), 0);
    assert_int_equal(run(&l, &job), SG_E_PROTOCOL);
    close(peer);
    sg_link_done(&l);
}

/* It has refused the job for the same reason: nothing has run. */
static void test_executor_of_another_version(void **state)
{
    (void)state;
    int peer;
    struct sg_link l = linked(&peer);
    struct sg_job job = job_of(1);
    struct sg_msg_header h = {SG_MSG_MAGIC, SG_MSG_VERSION - 1, SG_MSG_REFUSED, 0, 0};
    assert_int_equal(send(peer, &h, sizeof h, 0), sizeof h);
    assert_int_equal(run(&l, &job), SG_E_UNAVAILABLE);
    close(peer);
    sg_link_done(&l);
}

/* What the executor sends is held to what it says and to what was asked for. */
static void test_output(void **state)
{
    (void)state;
    static const struct {
        const char *out, *err;
        uint64_t out_bytes, err_bytes, most;
        int rc;
    } rows[] = {
        {"hello", "", 5, 0, 5, 0},
        {"", "", 0, 0, 0, 0},
        {"hello", "", 5, 0, 4, -EFBIG},
        {"hello", "", 4, 0, 10, -EPROTO},
        {"a", "hello", 1, 6, 10, -EPROTO},
        {"a", "hello", 1, 5, 2, -EFBIG},
        {"hello", "again", 5, 5, 1 << 20, 0},
    };
    const struct sg_files_head none = {.magic = SG_FILES_MAGIC, .data_at = sizeof none};
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_run_result r = {
            .outcome = {.out = {.kept_bytes = rows[i].out_bytes},
                        .err = {.kept_bytes = rows[i].err_bytes}},
            .out_fd = sg_memfd_sealed("out", rows[i].out, strlen(rows[i].out)),
            .err_fd = sg_memfd_sealed("err", rows[i].err, strlen(rows[i].err)),
            .files_fd = i % 2 ? -1 : sg_memfd_sealed("files", &none, sizeof none)};
        struct sg_run_output kept;
        assert_int_equal(sg_run_output_map(&kept, &r, rows[i].most), rows[i].rc);
        assert_int_equal(kept.out.n, rows[i].rc == 0 ? strlen(rows[i].out) : 0);
        if (kept.out.n > 0)
            assert_memory_equal(kept.out.data, rows[i].out, kept.out.n);
        assert_true((sg_run_output_files(&kept) != NULL) == (rows[i].rc == 0 && i % 2 == 0));
        sg_run_output_done(&kept);
        sg_run_result_done(&r);
    }
    struct sg_run_result forged = {.out_fd = sg_memfd_sealed("out", "", 0),
                                   .err_fd = sg_memfd_sealed("err", "", 0),
                                   .files_fd = sg_memfd_sealed("files", "no files", 8)};
    struct sg_run_output kept;
    assert_int_equal(sg_run_output_map(&kept, &forged, 100), SG_E_INVALID);
    assert_null(sg_run_output_files(&kept));
    sg_run_result_done(&forged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_executor_has_left),
        cmocka_unit_test(test_job_too_large),
        cmocka_unit_test(test_executor_breaks_the_protocol),
        cmocka_unit_test(test_executor_of_another_version),
        cmocka_unit_test(test_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
