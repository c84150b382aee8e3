/* The answer document: streams that are cut, bytes that are not text, figures that were not
 * measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/answer.h"

static const struct {
    const char *name;
    const char *head, *tail; /* kept bytes */
    uint64_t total;          /* 0: nothing is missing */
    bool truncated, text;
    const char *shown_head, *shown_tail;
} cuts[] = {
    {"empty", "", "", 0, false, true, "", ""},
    {"whole text", "abc", "", 0, false, true, "abc", ""},
    {"whole bytes", "a\xff", "", 0, false, false, "a\xff", ""},
    {"half character at the end of a whole stream", "a\xc3", "", 0, false, false, "a\xc3", ""},
    {"ascii", "ab", "yz", 100, true, true, "ab", "yz"},
    {"half of two", "ab\xc3", "\xa4yz", 100, true, true, "ab", "yz"},
    {"half of three", "ab\xe2\x82", "\xacyz", 100, true, true, "ab", "yz"},
    {"third of three", "ab\xe2", "\x82\xacyz", 100, true, true, "ab", "yz"},
    {"quarter of four", "ab\xf0", "\x9f\x98\x80z", 100, true, true, "ab", "z"},
    {"three quarters", "ab\xf0\x9f\x98", "\x80z", 100, true, true, "ab", "z"},
    {"only a half", "\xc3", "\xa4", 100, true, true, "", ""},
    {"whole character at the cut", "\xc3\xa4", "\xc3\xa4", 100, true, true, "\xc3\xa4", "\xc3\xa4"},
    {"four continuation bytes", "ab", "\x80\x80\x80\x80z", 100, true, false, "ab",
     "\x80\x80\x80\x80z"},
    {"bytes in the head",
     "a\xff"
     "b",
     "yz", 100, true, false,
     "a\xff"
     "b",
     "yz"},
    {"no character begins so", "a\xed\xa0", "yz", 100, true, false, "a\xed\xa0", "yz"},
    {"nor so", "a\xc1", "yz", 100, true, false, "a\xc1", "yz"},
    {"half of a late one", "a\xe0", "\xa4\x80z", 100, true, true, "a", "z"},
    {"bytes in the tail", "ab", "y\xff", 100, true, false, "ab", "y\xff"},
    {"half character at the very end", "ab", "y\xc3", 100, true, false, "ab", "y\xc3"},
};

static bool span_is(struct sg_span s, const char *text)
{
    return s.n == strlen(text) && (s.n == 0 || memcmp(s.data, text, s.n) == 0);
}

static void test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(cuts); i++) {
        char kept[64];
        int n = snprintf(kept, sizeof kept, "%s%s", cuts[i].head, cuts[i].tail);
        struct sg_stream_info info = {.head_bytes = strlen(cuts[i].head),
                                      .kept_bytes = (uint64_t)n,
                                      .total_bytes = cuts[i].total ? cuts[i].total : (uint64_t)n};
        struct sg_cut cut = sg_answer_cut(&info, (struct sg_span){kept, (size_t)n});
        bool same = cut.truncated == cuts[i].truncated && cut.text == cuts[i].text &&
                    span_is(cut.head, cuts[i].shown_head) && span_is(cut.tail, cuts[i].shown_tail);
        if (!same)
            print_message("case %s: head %zu tail %zu text %d\n", cuts[i].name, cut.head.n,
                          cut.tail.n, cut.text);
        assert_true(same);
    }
}

/* A run that printed "hi\n" and ended well. */
static struct sg_outcome good_outcome(void)
{
    struct sg_outcome o = {
        .reason = SG_REASON_EXITED,
        .limit = SG_UNKNOWN,
        .peak = SG_UNKNOWN,
        .usage = {.wall_time_us = 2000000,
                  .cpu_user_us = 900000,
                  .cpu_system_us = 100000,
                  .memory_peak_bytes = 3 << 20,
                  .processes_peak = 2},
        .timings = {.queue_us = 100, .setup_us = 2500, .run_us = 2000000, .collect_us = 1},
        .isolation = {.layers = (1u << SG_LAYER_COUNT) - 1,
                      .seccomp_filters = 2,
                      .landlock_abi = 7,
                      .profile = "python"},
        .out = {.total_bytes = 3, .head_bytes = 3, .kept_bytes = 3},
        .language = "python",
        .version = "3.11.2",
    };
    return o;
}

static json_t *write_and_read(const struct sg_outcome *o, const char *out, size_t n)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_answer a = {.id = "job-1", .outcome = o, .out = {out, n}};
    json_error_t e;
    assert_int_equal(sg_answer_write(&b, &a), 0);
    json_t *doc = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);
    if (!doc)
        print_message("%s: %s\n", e.text, b.data);
    assert_non_null(doc);
    return doc;
}

static const char *text_at(const json_t *doc, const char *a, const char *b)
{
    const json_t *v = json_object_get(doc, a);
    return json_string_value(b ? json_object_get(v, b) : v);
}

/* Every field of the contract that this version answers with. */
static void test_all_fields(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *members; /* of an object, separated by blanks; NULL: no object */
    } fields[] = {
        {"id", NULL},
        {"status", NULL},
        {"success", NULL},
        {"exit_code", NULL},
        {"signal", NULL},
        {"stdout", NULL},
        {"stdout_encoding", NULL},
        {"stdout_truncated", NULL},
        {"stdout_bytes", NULL},
        {"stdout_omitted_at", NULL},
        {"stderr", NULL},
        {"stderr_encoding", NULL},
        {"stderr_truncated", NULL},
        {"stderr_bytes", NULL},
        {"stderr_omitted_at", NULL},
        {"error", NULL},
        {"files", NULL},
        {"files_omitted", "count files"},
        {"termination", "reason limit peak hint limits_hit"},
        {"denied_syscalls", NULL},
        {"resource_usage", "execution_time memory_usage_mb cpu_percent network_rx_bytes "
                           "network_tx_bytes wall_time_ms cpu_user_ms cpu_system_ms "
                           "memory_peak_bytes processes_peak"},
        {"compile", NULL},
        {"test_summary", NULL},
        {"tests", NULL},
        {"runtime", "language version"},
        {"engine", NULL},
        {"isolation", "namespaces seccomp seccomp_filters one_exec no_new_privs capabilities "
                      "rootfs proc network cgroup rlimits landlock_abi uid missing"},
        {"risk_score", ""},
        {"validation", "score threshold decision policy policy_version findings findings_omitted"},
        {"timings", "start validate_ms queue_ms setup_ms run_ms collect_ms"},
    };
    struct sg_outcome o = good_outcome();
    json_t *doc = write_and_read(&o, "hi\n", 3);
    assert_int_equal(json_object_size(doc), SG_ARRAY_LEN(fields));
    for (size_t i = 0; i < SG_ARRAY_LEN(fields); i++) {
        const json_t *v = json_object_get(doc, fields[i].name);
        char members[256], *save = NULL;
        size_t n = 0;
        assert_non_null(v);
        sg_str_copy(members, sizeof members, fields[i].members ? fields[i].members : "");
        for (char *m = strtok_r(members, " ", &save); m; m = strtok_r(NULL, " ", &save), n++)
            assert_non_null(json_object_get(v, m));
        assert_int_equal(json_object_size(v), n);
    }
    json_decref(doc);
}

static void test_success(void **state)
{
    (void)state;
    struct sg_outcome o = good_outcome();
    json_t *doc = write_and_read(&o, "hi\n", 3);
    const json_t *usage = json_object_get(doc, "resource_usage");
    const json_t *isolation = json_object_get(doc, "isolation");
    assert_string_equal(text_at(doc, "status", NULL), "success");
    assert_true(json_is_true(json_object_get(doc, "success")));
    assert_int_equal(json_integer_value(json_object_get(doc, "exit_code")), 0);
    assert_true(json_is_null(json_object_get(doc, "signal")));
    assert_true(json_is_null(json_object_get(doc, "error")));
    assert_true(json_is_null(json_object_get(doc, "stdout_omitted_at")));
    assert_string_equal(text_at(doc, "stdout", NULL), "hi\n");
    assert_string_equal(text_at(doc, "stdout_encoding", NULL), "utf8");
    assert_string_equal(text_at(doc, "termination", "reason"), "exited");
    assert_true(json_number_value(json_object_get(usage, "cpu_percent")) == 50.0);
    assert_true(json_number_value(json_object_get(usage, "execution_time")) == 2.0);
    assert_true(json_number_value(json_object_get(usage, "memory_usage_mb")) == 3.0);
    assert_int_equal(json_array_size(json_object_get(isolation, "namespaces")), 7);
    assert_int_equal(json_array_size(json_object_get(isolation, "cgroup")), 3);
    assert_int_equal(json_array_size(json_object_get(isolation, "capabilities")), 0);
    json_decref(doc);
}

/* Those that were refused most come first; a name for each, whatever libseccomp knows. */
static void test_denied_syscalls(void **state)
{
    static const struct {
        const char *name;
        uint64_t count;
    } expected[] = {
        {"unknown", UINT32_MAX}, {"ptrace", 7}, {"mount", 3}, {"socket", 2}, {"syscall_511", 1}};
    struct sg_outcome o = good_outcome();
    (void)state;
    json_t *doc = write_and_read(&o, "hi\n", 3);
    assert_true(json_is_null(json_object_get(doc, "denied_syscalls")));
    json_decref(doc);
    o.denied.traced = 1;
    doc = write_and_read(&o, "hi\n", 3);
    assert_true(json_is_array(json_object_get(doc, "denied_syscalls")));
    assert_int_equal(json_array_size(json_object_get(doc, "denied_syscalls")), 0);
    json_decref(doc);
    o.denied.count[seccomp_syscall_resolve_name("socket")] = 2;
    o.denied.count[seccomp_syscall_resolve_name("mount")] = 3;
    o.denied.count[seccomp_syscall_resolve_name("ptrace")] = 7;
    o.denied.count[511] = 1;
    o.denied.count[SG_DENIED_NUMBERS] = UINT32_MAX;
    doc = write_and_read(&o, "hi\n", 3);
    const json_t *list = json_object_get(doc, "denied_syscalls");
    assert_int_equal(json_array_size(list), SG_ARRAY_LEN(expected));
    for (size_t i = 0; i < SG_ARRAY_LEN(expected); i++) {
        const json_t *one = json_array_get(list, i);
        assert_string_equal(json_string_value(json_object_get(one, "name")), expected[i].name);
        assert_int_equal(json_integer_value(json_object_get(one, "count")), expected[i].count);
        assert_int_equal(json_object_size(one), 2);
    }
    json_decref(doc);
}

static void test_unknown_is_null(void **state)
{
    (void)state;
    static const char *const names[] = {"execution_time",    "memory_usage_mb", "cpu_percent",
                                        "network_rx_bytes",  "wall_time_ms",    "cpu_user_ms",
                                        "memory_peak_bytes", "processes_peak"};
    struct sg_outcome o = good_outcome();
    o.usage = (struct sg_usage){SG_UNKNOWN, SG_UNKNOWN, SG_UNKNOWN, SG_UNKNOWN,
                                SG_UNKNOWN, SG_UNKNOWN, SG_UNKNOWN};
    json_t *doc = write_and_read(&o, "hi\n", 3);
    for (size_t i = 0; i < SG_ARRAY_LEN(names); i++)
        assert_true(
            json_is_null(json_object_get(json_object_get(doc, "resource_usage"), names[i])));
    json_decref(doc);
}

static void test_weak_isolation_is_told(void **state)
{
    (void)state;
    struct sg_outcome o = good_outcome();
    o.isolation.layers = SG_LAYER_BIT(SG_LAYER_PID_NS);
    o.isolation.missing = SG_LAYER_BIT(SG_LAYER_CGROUP_MEMORY);
    o.isolation.cap_bounding = 1ull << 21 | 1ull << 63;
    json_t *doc = write_and_read(&o, "hi\n", 3);
    const json_t *i = json_object_get(doc, "isolation");
    const json_t *caps = json_object_get(i, "capabilities");
    assert_string_equal(json_string_value(json_object_get(i, "rootfs")), "rw");
    assert_string_equal(json_string_value(json_object_get(i, "network")), "host");
    assert_string_equal(json_string_value(json_object_get(i, "uid")), "shared");
    assert_true(json_is_null(json_object_get(i, "seccomp")));
    assert_true(json_is_false(json_object_get(i, "no_new_privs")));
    assert_string_equal(json_string_value(json_array_get(caps, 0)), "sys_admin");
    assert_string_equal(json_string_value(json_array_get(caps, 1)), "63");
    assert_string_equal(json_string_value(json_array_get(json_object_get(i, "missing"), 0)),
                        "cgroup_memory");
    json_decref(doc);
}

static void test_binary_output(void **state)
{
    (void)state;
    struct sg_outcome o = good_outcome();
    json_t *doc = write_and_read(&o, "\xff\x00\x01", 3);
    assert_string_equal(text_at(doc, "stdout", NULL), "/wAB");
    assert_string_equal(text_at(doc, "stdout_encoding", NULL), "base64");
    json_decref(doc);
}

/* What was told while it was written is not told again; how much it was is. */
static void test_streamed_output(void **state)
{
    (void)state;
    static const char *const told[] = {"stdout", "stdout_encoding", "stderr", "stderr_encoding"};
    struct sg_outcome o = good_outcome();
    o.out = (struct sg_stream_info){.total_bytes = 1 << 20, .head_bytes = 3, .kept_bytes = 3};
    struct sg_answer a = {.id = "x", .outcome = &o, .streamed = true};
    sg_auto(sg_buf) struct sg_buf b = {0};
    assert_int_equal(sg_answer_write(&b, &a), 0);
    json_t *doc = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
    for (size_t i = 0; i < SG_ARRAY_LEN(told); i++)
        assert_null(json_object_get(doc, told[i]));
    assert_int_equal(json_integer_value(json_object_get(doc, "stdout_bytes")), 1 << 20);
    assert_true(json_is_false(json_object_get(doc, "stdout_truncated")));
    assert_true(json_is_null(json_object_get(doc, "stdout_omitted_at")));
    json_decref(doc);
}

static void test_nul_and_json_in_output(void **state)
{
    (void)state;
    static const char out[] = "\0{\"success\":false}\n\x1b[31m</script>";
    struct sg_outcome o = good_outcome();
    o.out.total_bytes = o.out.kept_bytes = o.out.head_bytes = sizeof out - 1;
    json_t *doc = write_and_read(&o, out, sizeof out - 1);
    const json_t *text = json_object_get(doc, "stdout");
    assert_int_equal(json_string_length(text), sizeof out - 1);
    assert_memory_equal(json_string_value(text), out, sizeof out - 1);
    assert_true(json_is_true(json_object_get(doc, "success")));
    json_decref(doc);
}

static void test_truncated_output(void **state)
{
    (void)state;
    struct sg_outcome o = good_outcome();
    o.out = (struct sg_stream_info){.total_bytes = 1000, .head_bytes = 3, .kept_bytes = 6};
    json_t *doc = write_and_read(&o, "ab\xc3\xa4yz", 6);
    assert_string_equal(text_at(doc, "stdout", NULL), "abyz");
    assert_true(json_is_true(json_object_get(doc, "stdout_truncated")));
    assert_int_equal(json_integer_value(json_object_get(doc, "stdout_bytes")), 1000);
    assert_int_equal(json_integer_value(json_object_get(doc, "stdout_omitted_at")), 2);
    json_decref(doc);
}

static const struct {
    uint32_t reason;
    int exit_code, signal;
    uint64_t limit, peak;
    const char *text;
} sentences[] = {
    {SG_REASON_EXITED, 0, 0, SG_UNKNOWN, SG_UNKNOWN, ""},
    {SG_REASON_EXITED, 1, 0, SG_UNKNOWN, SG_UNKNOWN, "The program ended with exit code 1."},
    {SG_REASON_SIGNALED, -1, 11, SG_UNKNOWN, SG_UNKNOWN,
     "The program was ended by signal 11 (SIGSEGV)."},
    {SG_REASON_WALL_TIME, -1, 9, 30000, 30012,
     "The program ran into its time limit and was ended (limit 30 s, peak 30 s)."},
    {SG_REASON_WALL_TIME, -1, 9, 500, 512,
     "The program ran into its time limit and was ended (limit 0.5 s, peak 0.512 s)."},
    {SG_REASON_WALL_TIME, -1, 9, 99950, 100049,
     "The program ran into its time limit and was ended (limit 100 s, peak 100 s)."},
    {SG_REASON_CPU_TIME, -1, 9, 86400000, 86400512,
     "The program used up its CPU time and was ended (limit 86400 s, peak 86401 s)."},
    {SG_REASON_MEMORY, -1, 9, 64 << 20, 64 << 20,
     "The program ran out of its memory and was ended (limit 64.0 MiB, peak 64.0 MiB)."},
    {SG_REASON_MEMORY, -1, 9, 64 << 20, SG_UNKNOWN,
     "The program ran out of its memory and was ended (limit 64.0 MiB, peak unknown)."},
    {SG_REASON_PROCESSES, 1, 0, 100, 100,
     "The program failed at its limit of processes and threads (limit 100, peak 100)."},
    {SG_REASON_FILE_SIZE, -1, 25, 65536, SG_UNKNOWN,
     "The program was ended by SIGXFSZ, which the kernel sends for writing a file past its size "
     "limit (limit 65536 bytes, peak unknown)."},
    {SG_REASON_SECCOMP, -1, 31, SG_UNKNOWN, SG_UNKNOWN,
     "The program was ended by SIGSYS, which the kernel sends for a forbidden system call."},
    {SG_REASON_CANCELLED, -1, 9, SG_UNKNOWN, SG_UNKNOWN, "The run was cancelled."},
    {77, -1, 0, SG_UNKNOWN, SG_UNKNOWN, "The program was ended by signal."},
};

static void test_sentences(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(sentences); i++) {
        struct sg_outcome o = {.reason = sentences[i].reason,
                               .exit_code = sentences[i].exit_code,
                               .signal = sentences[i].signal,
                               .limit = sentences[i].limit,
                               .peak = sentences[i].peak};
        char text[256];
        assert_int_equal(sg_answer_error(&o, text, sizeof text), sentences[i].text[0] != '\0');
        assert_string_equal(text, sentences[i].text);
    }
}

static void test_each_reason_has_a_sentence(void **state)
{
    (void)state;
    for (uint32_t r = 0; r < SG_REASON_COUNT; r++) {
        struct sg_outcome o = good_outcome();
        o.reason = r;
        o.exit_code = r == SG_REASON_EXITED ? 3 : -1;
        json_t *doc = write_and_read(&o, "hi\n", 3);
        assert_string_equal(text_at(doc, "status", NULL), "failed");
        assert_string_equal(text_at(doc, "termination", "reason"),
                            sg_reason_name((enum sg_reason)r));
        assert_true(strlen(text_at(doc, "error", NULL)) > 10);
        json_decref(doc);
    }
}

static void test_server_timing(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_timings t = {.queue_us = 100, .setup_us = 2500, .run_us = 2000000, .collect_us = 1};
    assert_int_equal(sg_answer_server_timing(&b, NULL, NULL, &t), 0);
    assert_string_equal(b.data, "start;desc=cold, queue;dur=0.100, setup;dur=2.500, "
                                "run;dur=2000.000, collect;dur=0.001");
    struct sg_verdict v = {.took_us = 250};
    sg_buf_clear(&b);
    assert_int_equal(sg_answer_server_timing(&b, &v, NULL, NULL), 0);
    assert_string_equal(b.data, "validate;dur=0.250"); /* nothing was started */
    t = (struct sg_timings){.start = SG_START_WARM};
    sg_buf_clear(&b);
    assert_int_equal(sg_answer_server_timing(&b, &v, NULL, &t), 0);
    assert_string_equal(b.data, "start;desc=warm, validate;dur=0.250, queue;dur=0.000, "
                                "setup;dur=0.000, run;dur=0.000, collect;dur=0.000");
    struct sg_timings compile = {
        .queue_us = 1, .setup_us = 10, .run_us = 4000000000, .collect_us = 300000000};
    sg_buf_clear(&b);
    assert_int_equal(sg_answer_server_timing(&b, NULL, &compile, NULL), 0);
    assert_string_equal(b.data, "compile;dur=4300000.011");
}

static void test_start(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < SG_START_COUNT; s++) {
        struct sg_outcome o = good_outcome();
        o.timings.start = s;
        json_t *doc = write_and_read(&o, "hi\n", 3);
        assert_string_equal(text_at(doc, "timings", "start"), sg_start_name((enum sg_start)s));
        json_decref(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_all_fields),
        cmocka_unit_test(test_success),
        cmocka_unit_test(test_unknown_is_null),
        cmocka_unit_test(test_denied_syscalls),
        cmocka_unit_test(test_weak_isolation_is_told),
        cmocka_unit_test(test_binary_output),
        cmocka_unit_test(test_streamed_output),
        cmocka_unit_test(test_nul_and_json_in_output),
        cmocka_unit_test(test_truncated_output),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_each_reason_has_a_sentence),
        cmocka_unit_test(test_server_timing),
        cmocka_unit_test(test_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
