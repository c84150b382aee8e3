/* A language as clients and `sandgate runtimes --json` see it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "fcgi/catalog.h"

static struct sg_runtime runtime = {.language = "python",
                                    .aliases = {.v = {"py"}, .n = 1},
                                    .extensions = {.v = {"py", "pyw"}, .n = 2}};

/* Is the document that one, whatever the order of its members? */
static void written_is(const struct sg_msg_runtime_reply *reply, const char *expected)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_json j = SG_JSON_INIT(&b);
    json_error_t e;
    sg_catalog_write(&j, &runtime, reply);
    assert_false(b.failed);
    json_t *have = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, &e);
    json_t *want = json_loads(expected, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(want);
    if (!have || !json_equal(have, want))
        fail_msg("%s", b.data);
    json_decref(have);
    json_decref(want);
}

static void test_cold(void **state)
{
    (void)state;
    struct sg_msg_runtime_reply reply = {.start = "cold", .packages = "a 1\nbroken\nb 2.0 x"};
    written_is(&reply, "{\"language\": \"python\", \"version\": null, \"aliases\": [\"py\"],"
                       " \"extensions\": [\"py\", \"pyw\"], \"compiled\": false, \"ready\": false,"
                       " \"packages\": {\"a\": \"1\", \"b\": \"2.0 x\"}, \"start\": \"cold\","
                       " \"templates\": []}");
}

static void test_templates(void **state)
{
    (void)state;
    struct sg_msg_runtime_reply reply = {
        .ready = 1,
        .version = "3.11.2",
        .start = "template",
        .ntemplates = 3,
        .templates = {{.state = SG_TEMPLATE_READY, .waiting = 2, .clones = 17, .imports = "none"},
                      {.state = SG_TEMPLATE_STARTING, .imports = "numpy"},
                      {.state = SG_TEMPLATE_FAILED,
                       .clones = UINT32_MAX + 1ull,
                       .imports = "numpy matplotlib.pyplot",
                       .reason = "it \"ended\""},
                      {.imports = "beyond the count"}}};
    written_is(&reply,
               "{\"language\": \"python\", \"version\": \"3.11.2\", \"aliases\": [\"py\"],"
               " \"extensions\": [\"py\", \"pyw\"], \"compiled\": false, \"ready\": true,"
               " \"packages\": {}, \"start\": \"template\", \"templates\": ["
               "{\"imports\": [], \"state\": \"ready\", \"waiting\": 2, \"clones\": 17,"
               " \"reason\": null},"
               "{\"imports\": [\"numpy\"], \"state\": \"starting\", \"waiting\": 0, \"clones\": 0,"
               " \"reason\": null},"
               "{\"imports\": [\"numpy\", \"matplotlib.pyplot\"], \"state\": \"failed\","
               " \"waiting\": 0, \"clones\": 4294967296, \"reason\": \"it \\\"ended\\\"\"}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cold),
        cmocka_unit_test(test_templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
