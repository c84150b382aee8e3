/* Bodies of POST /v1/execute: each bad one is refused at its field, with what is wrong and allowed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/config/runtimes.h"
#include "fcgi/request.h"
#include "tests/unit/fcgi/shipped_scoring.h"

static struct sg_runtimes runtimes;
static struct sg_location location;
static struct sg_scoring scoring;

static int set_up(void **state)
{
    (void)state;
    struct sg_runtime *rt = &runtimes.v[0];
    rt->language = strdup("python");
    rt->entry = strdup("main.py");
    rt->rules = strdup("python");
    sg_strings_add(&rt->aliases, "python3");
    sg_strings_add(&rt->aliases, "py");
    rt = &runtimes.v[1]; /* nobody has written rules for it */
    rt->language = strdup("lisp");
    rt->entry = strdup("main.lisp");
    rt->rules = strdup("lisp");
    runtimes.n = 2;
    sg_limits_default(&location.dflt);
    sg_limits_max(&location.max);
    memcpy(location.client, "tester", sizeof "tester");
    return shipped_scoring(&scoring, &location.policies);
}

static int tear_down(void **state)
{
    (void)state;
    sg_runtimes_done(&runtimes);
    sg_location_done(&location);
    sg_scoring_done(&scoring);
    return 0;
}

#define GOOD "\"language\":\"python\",\"code\":\"\",\"validate\":false"

struct bad {
    const char *name, *body;
    enum sg_problem_id id;
    const char *pointer; /* of the first entry */
    const char *text;    /* part of its detail */
};

static const struct bad bad_bodies[] = {
    {"empty", "", SG_PROBLEM_MALFORMED_JSON, "", "is missing"},
    {"not json", "hello", SG_PROBLEM_MALFORMED_JSON, "", "invalid token"},
    {"cut short", "{\"language\":\"python\",\"args\":[1,", SG_PROBLEM_MALFORMED_JSON, "/args/1",
     "expected near end of file"},
    {"cut in a string", "{\"code\":\"abc", SG_PROBLEM_MALFORMED_JSON, "/code", "premature end"},
    {"two documents", "{} {}", SG_PROBLEM_MALFORMED_JSON, "", "end of file expected"},
    {"comma at the end", "{\"language\":\"python\",}", SG_PROBLEM_MALFORMED_JSON, "", "string"},
    {"single quotes", "{'language':1}", SG_PROBLEM_MALFORMED_JSON, "", "string"},
    {"nan", "{\"timeout\":NaN}", SG_PROBLEM_MALFORMED_JSON, "/timeout", "invalid token"},
    {"infinity", "{\"timeout\":-Infinity}", SG_PROBLEM_MALFORMED_JSON, "/timeout", "invalid token"},
    {"hex number", "{\"timeout\":0x10}", SG_PROBLEM_MALFORMED_JSON, "/timeout", ""},
    {"lone surrogate", "{\"code\":\"\\ud800\"}", SG_PROBLEM_MALFORMED_JSON, "/code", "Unicode"},
    {"raw control", "{\"code\":\"a\nb\"}", SG_PROBLEM_MALFORMED_JSON, "/code", "newline"},
    {"invalid utf-8", "{\"code\":\"a\xff\"}", SG_PROBLEM_MALFORMED_JSON, "/code", "not UTF-8"},
    {"overlong utf-8", "{\"code\":\"\xc0\xaf\"}", SG_PROBLEM_MALFORMED_JSON, "/code", "not UTF-8"},
    {"nul in a key", "{\"a\\u0000b\":1}", SG_PROBLEM_MALFORMED_JSON, "/a", "NUL"},
    {"duplicate key", "{\"language\":\"python\",\"language\":\"python\"}",
     SG_PROBLEM_MALFORMED_JSON, "/language", "twice"},
    {"duplicate key inside", "{" GOOD ",\"env\":{\"A\":\"1\",\"A\":\"2\"}}",
     SG_PROBLEM_MALFORMED_JSON, "/env/A", "twice"},
    {"array", "[]", SG_PROBLEM_INVALID_REQUEST, "", "an array; allowed: an object"},
    {"number", "17", SG_PROBLEM_INVALID_REQUEST, "", "a number; allowed: an object"},
    {"null", "null", SG_PROBLEM_INVALID_REQUEST, "", "null; allowed: an object"},
    {"huge integer", "{" GOOD ",\"limits\":{\"memory_bytes\":99999999999999999999}}",
     SG_PROBLEM_INVALID_REQUEST, "/limits/memory_bytes", "too large"},
    {"huge real", "{" GOOD ",\"timeout\":1e999}", SG_PROBLEM_INVALID_REQUEST, "/timeout",
     "too large"},
    {"unknown key", "{" GOOD ",\"cod\":1}", SG_PROBLEM_INVALID_REQUEST, "/cod",
     "not a known field; allowed: language, version, code"},
    {"unknown key escaped", "{" GOOD ",\"a/b~c\":1}", SG_PROBLEM_INVALID_REQUEST, "/a~1b~0c",
     "not a known field"},
    {"output_files type", "{" GOOD ",\"output_files\":{}}", SG_PROBLEM_INVALID_REQUEST,
     "/output_files", "is an object; allowed: an array of patterns"},
    {"pattern type", "{" GOOD ",\"output_files\":[[]]}", SG_PROBLEM_INVALID_REQUEST,
     "/output_files/0", "is an array; allowed: a string"},
    {"pattern up", "{" GOOD ",\"output_files\":[\"*\",\"../*\"]}", SG_PROBLEM_INVALID_REQUEST,
     "/output_files/1", "\"..\""},

    {"no language", "{\"code\":\"\",\"validate\":false}", SG_PROBLEM_INVALID_REQUEST, "/language",
     "is missing; allowed: python, python3, py"},
    {"unknown language", "{\"language\":\"cobol\",\"code\":\"\",\"validate\":false}",
     SG_PROBLEM_INVALID_REQUEST, "/language",
     "\"cobol\" is not a known language; allowed: python, python3, py"},
    {"language type", "{\"language\":3,\"code\":\"\",\"validate\":false}",
     SG_PROBLEM_INVALID_REQUEST, "/language", "is a number; allowed: a string"},
    {"nul in language", "{\"language\":\"python\\u0000\",\"code\":\"\",\"validate\":false}",
     SG_PROBLEM_INVALID_REQUEST, "/language", "NUL"},
    {"version type", "{" GOOD ",\"version\":3.11}", SG_PROBLEM_INVALID_REQUEST, "/version",
     "is a number; allowed: a string"},
    {"version blank", "{" GOOD ",\"version\":\"3 11\"}", SG_PROBLEM_INVALID_REQUEST, "/version",
     "is not a word"},
    {"version empty", "{" GOOD ",\"version\":\"\"}", SG_PROBLEM_INVALID_REQUEST, "/version",
     "is not a word"},
    {"no program", "{\"language\":\"python\",\"validate\":false}", SG_PROBLEM_INVALID_REQUEST,
     "/code", "is missing; allowed: the program as `code`, or `files`"},
    {"code type", "{\"language\":\"python\",\"code\":[],\"validate\":false}",
     SG_PROBLEM_INVALID_REQUEST, "/code", "is an array; allowed: a string"},
    {"code null", "{\"language\":\"python\",\"code\":null,\"validate\":false}",
     SG_PROBLEM_INVALID_REQUEST, "/code", "is null; allowed: a string"},
    {"nul in code", "{\"language\":\"python\",\"code\":\"a\\u0000b\",\"validate\":false}",
     SG_PROBLEM_INVALID_REQUEST, "/code", "NUL"},

    {"files type", "{" GOOD ",\"files\":{}}", SG_PROBLEM_INVALID_REQUEST, "/files",
     "is an object; allowed: an array"},
    {"files empty", "{\"language\":\"python\",\"files\":[],\"validate\":false}",
     SG_PROBLEM_INVALID_REQUEST, "/files", "is empty; allowed: at least one"},
    {"file type", "{" GOOD ",\"files\":[\"a\"]}", SG_PROBLEM_INVALID_REQUEST, "/files/0",
     "is a string; allowed: an object"},
    {"file unknown key", "{" GOOD ",\"files\":[{\"path\":\"a\",\"content\":\"\",\"mode\":1}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/mode",
     "not a known field; allowed: path, content, encoding"},
    {"file without path", "{" GOOD ",\"files\":[{\"content\":\"\"}]}", SG_PROBLEM_INVALID_REQUEST,
     "/files/0/path", "is missing"},
    {"file without content", "{" GOOD ",\"files\":[{\"path\":\"a\"}]}", SG_PROBLEM_INVALID_REQUEST,
     "/files/0/content", "is missing"},
    {"path up", "{" GOOD ",\"files\":[{\"path\":\"../a\",\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/path", "\"..\""},
    {"path up inside", "{" GOOD ",\"files\":[{\"path\":\"a/../b\",\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/path", "\"..\""},
    {"path absolute", "{" GOOD ",\"files\":[{\"path\":\"/etc/passwd\",\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/path", "is absolute"},
    {"path empty", "{" GOOD ",\"files\":[{\"path\":\"\",\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/path", "is empty"},
    {"path control", "{" GOOD ",\"files\":[{\"path\":\"a\\nb\",\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/path", "control character"},
    {"path nul", "{" GOOD ",\"files\":[{\"path\":\"a\\u0000b\",\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/path", "NUL"},
    {"path type", "{" GOOD ",\"files\":[{\"path\":1,\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/path", "is a number"},
    {"path twice",
     "{" GOOD ",\"files\":[{\"path\":\"a\",\"content\":\"\"},{\"path\":\"a\",\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/1/path", "is there twice"},
    {"path is folder",
     "{" GOOD ",\"files\":[{\"path\":\"a/b\",\"content\":\"\"},{\"path\":\"a\",\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/1/path", "clashes with \"a/b\""},
    {"path under file",
     "{" GOOD ",\"files\":[{\"path\":\"a\",\"content\":\"\"},{\"path\":\"a/b\",\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/1/path", "clashes with \"a\""},
    {"path is entry", "{" GOOD ",\"files\":[{\"path\":\"main.py\",\"content\":\"\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/path", "is the name that `code` gets (main.py)"},
    {"content type", "{" GOOD ",\"files\":[{\"path\":\"a\",\"content\":5}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/content", "is a number; allowed: a string"},
    {"encoding", "{" GOOD ",\"files\":[{\"path\":\"a\",\"content\":\"\",\"encoding\":\"utf16\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/encoding", "allowed: utf8, base64"},
    {"bad base64",
     "{" GOOD ",\"files\":[{\"path\":\"a\",\"content\":\"a\",\"encoding\":\"base64\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/content", "is not base64"},

    {"stdin type", "{" GOOD ",\"stdin\":7}", SG_PROBLEM_INVALID_REQUEST, "/stdin",
     "is a number; allowed: a string, or an object"},
    {"stdin key", "{" GOOD ",\"stdin\":{\"content\":\"\",\"x\":1}}", SG_PROBLEM_INVALID_REQUEST,
     "/stdin/x", "not a known field"},
    {"stdin encoding", "{" GOOD ",\"stdin\":{\"content\":\"\",\"encoding\":1}}",
     SG_PROBLEM_INVALID_REQUEST, "/stdin/encoding", "allowed: utf8, base64"},
    {"stdin without content", "{" GOOD ",\"stdin\":{}}", SG_PROBLEM_INVALID_REQUEST,
     "/stdin/content", "is missing"},
    {"args type", "{" GOOD ",\"args\":\"a\"}", SG_PROBLEM_INVALID_REQUEST, "/args",
     "is a string; allowed: an array"},
    {"arg type", "{" GOOD ",\"args\":[\"a\",2]}", SG_PROBLEM_INVALID_REQUEST, "/args/1",
     "is a number; allowed: a string"},
    {"nul in arg", "{" GOOD ",\"args\":[\"\\u0000\"]}", SG_PROBLEM_INVALID_REQUEST, "/args/0",
     "NUL"},
    {"env type", "{" GOOD ",\"env\":[]}", SG_PROBLEM_INVALID_REQUEST, "/env",
     "is an array; allowed: an object"},
    {"env value", "{" GOOD ",\"env\":{\"A\":1}}", SG_PROBLEM_INVALID_REQUEST, "/env/A",
     "is a number; allowed: a string"},
    {"env name", "{" GOOD ",\"env\":{\"A-B\":\"\"}}", SG_PROBLEM_INVALID_REQUEST, "/env/A-B", ""},
    {"env loader", "{" GOOD ",\"env\":{\"LD_PRELOAD\":\"/tmp/x.so\"}}", SG_PROBLEM_INVALID_REQUEST,
     "/env/LD_PRELOAD", "load"},
    {"env python", "{" GOOD ",\"env\":{\"PYTHONSTARTUP\":\"/tmp/x\"}}", SG_PROBLEM_INVALID_REQUEST,
     "/env/PYTHONSTARTUP", "load"},
    {"env empty name", "{" GOOD ",\"env\":{\"\":\"\"}}", SG_PROBLEM_INVALID_REQUEST, "/env/", ""},
    {"nul in env", "{" GOOD ",\"env\":{\"A\":\"\\u0000\"}}", SG_PROBLEM_INVALID_REQUEST, "/env/A",
     "NUL"},

    {"limits type", "{" GOOD ",\"limits\":[]}", SG_PROBLEM_INVALID_REQUEST, "/limits",
     "is an array; allowed: an object"},
    {"limits key", "{" GOOD ",\"limits\":{\"memory\":1}}", SG_PROBLEM_INVALID_REQUEST,
     "/limits/memory", "allowed: wall_time_ms, cpu_time_ms, memory_bytes"},
    {"limit type", "{" GOOD ",\"limits\":{\"processes\":\"4\"}}", SG_PROBLEM_INVALID_REQUEST,
     "/limits/processes", "is a string; allowed: a whole number from 1 to 256"},
    {"limit fraction", "{" GOOD ",\"limits\":{\"processes\":1.5}}", SG_PROBLEM_INVALID_REQUEST,
     "/limits/processes", "is not a whole number"},
    {"limit zero", "{" GOOD ",\"limits\":{\"processes\":0}}", SG_PROBLEM_INVALID_REQUEST,
     "/limits/processes", "is 0; allowed: 1 to 256 (count)"},
    {"limit negative", "{" GOOD ",\"limits\":{\"processes\":-1}}", SG_PROBLEM_INVALID_REQUEST,
     "/limits/processes", "is -1; allowed: 1 to 256"},
    {"limit over", "{" GOOD ",\"limits\":{\"processes\":257}}", SG_PROBLEM_INVALID_REQUEST,
     "/limits/processes", "is 257; allowed: 1 to 256"},
    {"memory over", "{" GOOD ",\"limits\":{\"memory_bytes\":2147483649}}",
     SG_PROBLEM_INVALID_REQUEST, "/limits/memory_bytes", "to 2147483648 (bytes)"},
    {"timeout over", "{" GOOD ",\"timeout\":121}", SG_PROBLEM_INVALID_REQUEST, "/timeout",
     "is 121; allowed: 0.01 to 120 (seconds)"},
    {"timeout zero", "{" GOOD ",\"timeout\":0}", SG_PROBLEM_INVALID_REQUEST, "/timeout",
     "is 0; allowed"},
    {"timeout negative", "{" GOOD ",\"timeout\":-5}", SG_PROBLEM_INVALID_REQUEST, "/timeout",
     "is -5; allowed"},
    {"timeout type", "{" GOOD ",\"timeout\":\"5\"}", SG_PROBLEM_INVALID_REQUEST, "/timeout",
     "is a string; allowed: a number"},
    {"timeout twice", "{" GOOD ",\"timeout\":5,\"limits\":{\"wall_time_ms\":5000}}",
     SG_PROBLEM_INVALID_REQUEST, "/timeout", "says the same as limits.wall_time_ms"},
    {"merge type", "{" GOOD ",\"merge_stderr\":1}", SG_PROBLEM_INVALID_REQUEST, "/merge_stderr",
     "is a number; allowed: true or false"},
    {"trace type", "{" GOOD ",\"trace_denied_syscalls\":1}", SG_PROBLEM_INVALID_REQUEST,
     "/trace_denied_syscalls", "is a number; allowed: true or false"},
    {"trace null", "{" GOOD ",\"trace_denied_syscalls\":null}", SG_PROBLEM_INVALID_REQUEST,
     "/trace_denied_syscalls", "is null; allowed: true or false"},
    {"trace where the operator does not allow it", "{" GOOD ",\"trace_denied_syscalls\":true}",
     SG_PROBLEM_INVALID_REQUEST, "/trace_denied_syscalls", "is true; allowed here: false"},
    {"id type", "{" GOOD ",\"id\":1}", SG_PROBLEM_INVALID_REQUEST, "/id",
     "is a number; allowed: a string"},
    {"id empty", "{" GOOD ",\"id\":\"\"}", SG_PROBLEM_INVALID_REQUEST, "/id", "is not a word"},
    {"id blank", "{" GOOD ",\"id\":\"a b\"}", SG_PROBLEM_INVALID_REQUEST, "/id", "is not a word"},
    {"id newline", "{" GOOD ",\"id\":\"a\\nb\"}", SG_PROBLEM_INVALID_REQUEST, "/id",
     "is not a word"},
    {"id long",
     "{" GOOD ",\"id\":\"12345678901234567890123456789012345678901234567890123456789012345\"}",
     SG_PROBLEM_INVALID_REQUEST, "/id", "has 65 bytes; allowed: at most 64"},
    {"no rules", "{\"language\":\"lisp\",\"code\":\"\"}", SG_PROBLEM_VALIDATION_UNAVAILABLE,
     "/validate", "is missing, which means true; there are no rules for lisp"},
    {"no rules, validate true", "{\"language\":\"lisp\",\"code\":\"\",\"validate\":true}",
     SG_PROBLEM_VALIDATION_UNAVAILABLE, "/validate", "is true; there are no rules for lisp"},
    {"policy type", "{\"language\":\"python\",\"code\":\"\",\"policy\":1}",
     SG_PROBLEM_INVALID_REQUEST, "/policy", "is a number; allowed: a string"},
    {"policy", "{\"language\":\"python\",\"code\":\"\",\"policy\":\"lax\"}",
     SG_PROBLEM_INVALID_REQUEST, "/policy",
     "\"lax\" is not a policy here; allowed: strict, balanced, report"},
    {"policy and no validation", "{" GOOD ",\"policy\":\"strict\"}", SG_PROBLEM_INVALID_REQUEST,
     "/policy", "`validate` is false; allowed: one of the two"},
    {"validate type", "{\"language\":\"python\",\"code\":\"\",\"validate\":\"false\"}",
     SG_PROBLEM_INVALID_REQUEST, "/validate", "is a string; allowed: true or false"},
    {"validate and more", "{\"language\":\"python\",\"code\":\"\",\"id\":1}",
     SG_PROBLEM_INVALID_REQUEST, "/id", "is a number"},
};

static int parse(const char *text, size_t n, struct sg_job *job, struct sg_problem *problem)
{
    struct sg_request_rules rules = {
        .runtimes = &runtimes, .location = &location, .scoring = &scoring};
    struct sg_screen screen;
    return sg_request_parse(text, n, &rules, job, &screen, problem);
}

static bool refused_as(const struct bad *b)
{
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    int rc = parse(b->body, strlen(b->body), &job, &p);
    bool same = rc == SG_E_INVALID && p.id == b->id && p.nfields > 0 &&
                strcmp(p.fields[0].pointer, b->pointer) == 0 && strstr(p.fields[0].detail, b->text);
    if (!same)
        print_message("case %s: %d, %s, %s: %s\n", b->name, rc, sg_problem_table[p.id].code,
                      p.nfields ? p.fields[0].pointer : "-", p.nfields ? p.fields[0].detail : "-");
    return same;
}

static void test_bad_bodies(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(bad_bodies); i++)
        wrong += !refused_as(&bad_bodies[i]);
    assert_int_equal(wrong, 0);
}

/* head, text n times, tail */
static char *long_body(const char *head, const char *text, size_t times, const char *tail,
                       size_t *ret_n)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    sg_buf_puts(&b, head);
    for (size_t i = 0; i < times; i++)
        sg_buf_puts(&b, text);
    sg_buf_puts(&b, tail);
    *ret_n = b.len;
    return sg_buf_take(&b);
}

static const struct {
    const char *name, *head, *text;
    size_t times;
    const char *tail;
    enum sg_problem_id id;
    const char *pointer_start, *detail;
} long_bodies[] = {
    {"nesting 10000", "{\"args\":", "[", 10000, "", SG_PROBLEM_JSON_TOO_COMPLEX, "/args/0/0",
     "is nested too deeply; allowed: 32 levels"},
    {"objects 10000", "", "{\"a\":", 10000, "", SG_PROBLEM_JSON_TOO_COMPLEX, "/a/a", "too deeply"},
    {"100000 items", "{" GOOD ",\"args\":[\"\"", ",\"\"", 100000, "]}", SG_PROBLEM_JSON_TOO_COMPLEX,
     "/args/999", "is one value too many; allowed: 10000"},
    {"257 args", "{" GOOD ",\"args\":[\"\"", ",\"\"", 256, "]}", SG_PROBLEM_INVALID_REQUEST,
     "/args", "has 257 items; allowed: at most 256"},
    {"65 files", "{" GOOD ",\"files\":[{}", ",{}", 64, "]}", SG_PROBLEM_INVALID_REQUEST, "/files",
     "has 65 items; allowed: at most 63"},
    {"long code", "{\"language\":\"python\",\"validate\":false,\"code\":\"", "12345678", 262145,
     "\"}", SG_PROBLEM_INVALID_REQUEST, "/code", "has 2097160 bytes; allowed: at most 2097152"},
    {"long arg", "{" GOOD ",\"args\":[\"", "12345678", 8193, "\"]}", SG_PROBLEM_INVALID_REQUEST,
     "/args/0", "has 65544 bytes; allowed: at most 65536"},
    {"long stdin", "{" GOOD ",\"stdin\":\"", "12345678", 524289, "\"}", SG_PROBLEM_INVALID_REQUEST,
     "/stdin", "has 4194312 bytes"},
    {"long path", "{" GOOD ",\"files\":[{\"content\":\"\",\"path\":\"", "12345678", 32, "\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/path", "has 256 bytes; allowed: at most 255"},
    {"deep path", "{" GOOD ",\"files\":[{\"content\":\"\",\"path\":\"", "a/", 8, "b\"}]}",
     SG_PROBLEM_INVALID_REQUEST, "/files/0/path", ""},
};

static void test_long_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(long_bodies); i++) {
        sg_auto(sg_job) struct sg_job job = {0};
        sg_auto(sg_problem) struct sg_problem p = {0};
        size_t n;
        sg_autofree char *body = long_body(long_bodies[i].head, long_bodies[i].text,
                                           long_bodies[i].times, long_bodies[i].tail, &n);
        print_message("# %s\n", long_bodies[i].name);
        assert_int_equal(parse(body, n, &job, &p), SG_E_INVALID);
        assert_string_equal(sg_problem_table[p.id].code, sg_problem_table[long_bodies[i].id].code);
        assert_non_null(strstr(p.fields[0].detail, long_bodies[i].detail));
        assert_ptr_equal(strstr(p.fields[0].pointer, long_bodies[i].pointer_start),
                         p.fields[0].pointer);
    }
}

/* Each part within its own bound, and the job as a whole at its bound or one byte over it. */
static int parse_large(size_t over, struct sg_job *job, struct sg_problem *p)
{
    static char text[SG_FILE_BYTES_MAX + 1];
    sg_auto(sg_buf) struct sg_buf b = {0};
    const size_t heads = 16 + 8 + strlen("main.py") + 4 * (8 + 1); /* see payload.h */
    memset(text, 'x', sizeof text - 1);
    sg_buf_puts(&b, "{" GOOD ",\"files\":[");
    for (int i = 0; i < 4; i++) {
        size_t n =
            i < 3 ? SG_FILE_BYTES_MAX : SG_PAYLOAD_BYTES_MAX - 3 * SG_FILE_BYTES_MAX - heads + over;
        sg_buf_printf(&b, "%s{\"path\":\"%c\",\"content\":\"", i ? "," : "", 'a' + i);
        sg_buf_append(&b, text, n);
        sg_buf_puts(&b, "\"}");
    }
    sg_buf_puts(&b, "]}");
    assert_false(b.failed);
    return parse(b.data, b.len, job, p);
}

static void test_job_too_large(void **state)
{
    (void)state;
    sg_auto(sg_job) struct sg_job whole = {0};
    sg_auto(sg_job) struct sg_job over = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    assert_int_equal(parse_large(0, &whole, &p), 0);
    assert_int_equal(parse_large(1, &over, &p), SG_E_INVALID);
    assert_int_equal(p.id, SG_PROBLEM_INVALID_REQUEST);
    assert_string_equal(p.fields[0].pointer, "/files");
    assert_non_null(strstr(p.fields[0].detail, "make 8388609 bytes"));
    assert_non_null(strstr(p.fields[0].detail, "allowed: at most 8388608"));
}

static void test_all_mistakes_at_once(void **state)
{
    (void)state;
    static const char body[] = "{\"language\":1,\"args\":[1,2],\"timeout\":[],\"x\":0}";
    static const char *const pointers[] = {"/x",      "/language", "/code",
                                           "/args/0", "/args/1",   "/timeout"};
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    assert_int_equal(parse(body, sizeof body - 1, &job, &p), SG_E_INVALID);
    assert_int_equal(p.nfields, SG_ARRAY_LEN(pointers));
    for (size_t i = 0; i < p.nfields; i++)
        assert_string_equal(p.fields[i].pointer, pointers[i]);
}

static void test_many_mistakes_are_counted(void **state)
{
    (void)state;
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    size_t n;
    sg_autofree char *body = long_body("{" GOOD ",\"args\":[1", ",1", 199, "]}", &n);
    assert_int_equal(parse(body, n, &job, &p), SG_E_INVALID);
    assert_int_equal(p.nfields, SG_PROBLEM_FIELDS_MAX);
    assert_int_equal(p.nfields_seen, 200);
}

/* Every prefix of a good body is refused, without a crash or a read past its end. */
static void test_each_prefix(void **state)
{
    (void)state;
    static const char body[] =
        "{\"language\":\"py\",\"files\":[{\"path\":\"a/"
        "b.py\",\"content\":\"\\u00e4\\n\"}],\"stdin\":"
        "{\"content\":\"aGk=\",\"encoding\":\"base64\"},\"env\":{\"A\":\"b\"},\"timeout\":1.5e0,"
        "\"limits\":{\"processes\":3},\"validate\":false}";
    for (size_t n = 0; n < sizeof body - 1; n++) {
        sg_auto(sg_job) struct sg_job job = {0};
        sg_auto(sg_problem) struct sg_problem p = {0};
        sg_autofree char *cut = malloc(n ? n : 1);
        assert_non_null(cut);
        memcpy(cut, body, n);
        assert_int_equal(parse(cut, n, &job, &p), SG_E_INVALID);
        assert_int_equal(p.id, SG_PROBLEM_MALFORMED_JSON);
    }
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    assert_int_equal(parse(body, sizeof body - 1, &job, &p), 0);
}

static void test_whole_request(void **state)
{
    (void)state;
    static const char body[] =
        "{\"language\":\"py\",\"version\":\"3.11\",\"id\":\"job-1\",\"code\":\"print(1)\","
        "\"files\":[{\"path\":\"lib/a.py\",\"content\":\"x\\u0000y\"},"
        "{\"path\":\"b.bin\",\"content\":\"/wA=\",\"encoding\":\"base64\"}],"
        "\"stdin\":\"in\\u0000put\",\"args\":[\"-v\",\"\"],\"env\":{\"A\":\"1=2\"},"
        "\"merge_stderr\":true,\"timeout\":2.5,\"limits\":{\"processes\":7},\"validate\":false}";
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    assert_int_equal(parse(body, sizeof body - 1, &job, &p), 0);
    assert_string_equal(job.language, "python");
    assert_string_equal(job.version, "3.11");
    assert_string_equal(job.id, "job-1");
    assert_string_equal(job.client, "tester");
    assert_int_equal(job.nfiles, 3);
    assert_string_equal(job.files[0].path, "main.py");
    assert_int_equal(job.files[0].content.n, 8);
    assert_memory_equal(job.files[1].content.data, "x\0y", 3);
    assert_int_equal(job.files[2].content.n, 2);
    assert_memory_equal(job.files[2].content.data, "\xff\0", 2);
    assert_int_equal(job.input.n, 6);
    assert_memory_equal(job.input.data, "in\0put", 6);
    assert_int_equal(job.nargs, 2);
    assert_string_equal(job.args[1], "");
    assert_int_equal(job.nenv, 1);
    assert_string_equal(job.env[0], "A=1=2");
    assert_true(job.merge_stderr);
    assert_int_equal(job.limits.wall_time_ms, 2500);
    assert_int_equal(job.limits.processes, 7);
    assert_int_equal(job.limits.memory_bytes, location.dflt.memory_bytes);
}

static void test_files_alone(void **state)
{
    (void)state;
    static const char body[] = "{\"language\":\"python\",\"files\":[{\"path\":\"x.py\",\"content\":"
                               "\"\"}],\"validate\":false}";
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    assert_int_equal(parse(body, sizeof body - 1, &job, &p), 0);
    assert_int_equal(job.nfiles, 1);
    assert_string_equal(job.files[0].path, "x.py");
    assert_int_equal(strlen(job.id), 36);
    assert_int_equal(job.limits.wall_time_ms, 30000);
}

/* What the location does not let a good body have. */
static void test_validation_required(void **state)
{
    (void)state;
    static const struct bad body = {"validation required", "{" GOOD "}",
                                    SG_PROBLEM_VALIDATION_REQUIRED, "/validate",
                                    "the operator requires validation"};
    location.validate_required = true;
    bool same = refused_as(&body);
    location.validate_required = false;
    assert_true(same);
}

static void test_location_tightens(void **state)
{
    (void)state;
    static const struct bad body = {"tighter", "{" GOOD ",\"limits\":{\"processes\":7}}",
                                    SG_PROBLEM_INVALID_REQUEST, "/limits/processes",
                                    "is 7; allowed: 1 to 6 (count)"};
    uint64_t before = location.max.processes;
    location.max.processes = 6;
    bool same = refused_as(&body);
    location.max.processes = before;
    assert_true(same);
}

static void test_location_languages(void **state)
{
    (void)state;
    static const struct bad body = {"other languages", "{" GOOD "}", SG_PROBLEM_INVALID_REQUEST,
                                    "/language", "\"python\" is not a known language"};
    sg_strings_add(&location.languages, "node");
    bool same = refused_as(&body);
    sg_strings_done(&location.languages);
    assert_true(same);
}

static void test_trace_denied_syscalls(void **state)
{
    (void)state;
    static const char body[] = "{" GOOD ",\"trace_denied_syscalls\":true}";
    static const struct bad docker = {
        "no tracing there", "{" GOOD ",\"engine\":\"docker\",\"trace_denied_syscalls\":true}",
        SG_PROBLEM_INVALID_REQUEST, "/trace_denied_syscalls",
        "the engine docker cannot count them; allowed: false, or the engine native"};
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    location.trace_denied_syscalls = true;
    assert_int_equal(parse(body, sizeof body - 1, &job, &p), 0);
    assert_true(job.trace_denied_syscalls);
    sg_strings_add(&location.engines, "native");
    sg_strings_add(&location.engines, "docker");
    bool same = refused_as(&docker);
    sg_strings_done(&location.engines);
    location.trace_denied_syscalls = false;
    assert_true(same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_bodies),
        cmocka_unit_test(test_long_bodies),
        cmocka_unit_test(test_job_too_large),
        cmocka_unit_test(test_all_mistakes_at_once),
        cmocka_unit_test(test_many_mistakes_are_counted),
        cmocka_unit_test(test_each_prefix),
        cmocka_unit_test(test_whole_request),
        cmocka_unit_test(test_files_alone),
        cmocka_unit_test(test_validation_required),
        cmocka_unit_test(test_location_tightens),
        cmocka_unit_test(test_location_languages),
        cmocka_unit_test(test_trace_denied_syscalls),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
