/* What the headers of a request ask for: which types a client takes or prefers, and what its body
 * is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "fcgi/exchange.h"

static const struct {
    const char *accept;
    bool takes;
} accepts[] = {
    {"", true},
    {"*/*", true},
    {"application/json", true},
    {"application/*", true},
    {"APPLICATION/JSON", true},
    {"text/html", false},
    {"text/html,application/json;q=0.5", true},
    {"application/json;q=0", false},
    {"application/json;q=0.000", false},
    {"application/json; q=0.001", true},
    {"*/*;q=0", false},
    {"*/*;q=0, application/json", true},
    {"application/json;q=0, */*", false},
    {"application/*;q=0, */*", false},
    {"application/jsonx", false},
    {",,,", false},
    {"application/json;version=1", true},
    {"text/*", false},
    {"*", false},
};

static void test_accept(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(accepts); i++) {
        if (sg_exchange_accepts(accepts[i].accept, "application/json") != accepts[i].takes)
            print_message("case %s\n", accepts[i].accept);
        assert_int_equal(sg_exchange_accepts(accepts[i].accept, "application/json"),
                         accepts[i].takes);
    }
}

static const struct {
    const char *type;
    bool json;
} types[] = {
    {"application/json", true},
    {"Application/JSON", true},
    {"application/json;charset=utf-8", true},
    {"application/json; charset=UTF-8", true},
    {"application/json; charset=\"utf-8\"", true},
    {"application/json;", true},
    {"application/json; charset=latin1", false},
    {"application/json; version=2", false},
    {"application/jsonp", false},
    {"", false},
    {"text/json", false},
};

static void test_content_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(types); i++) {
        if (sg_exchange_is_json(types[i].type) != types[i].json)
            print_message("case %s\n", types[i].type);
        assert_int_equal(sg_exchange_is_json(types[i].type), types[i].json);
    }
}

static const struct {
    const char *accept;
    bool sarif;
} preferences[] = {
    {"", false},
    {"*/*", false},
    {"application/sarif+json", true},
    {"application/json, application/sarif+json", false},
    {"application/json;q=0.5, application/sarif+json", true},
    {"application/sarif+json;q=0.5, application/json", false},
    {"application/sarif+json, */*", true},
    {"application/sarif+json;q=0, */*", false},
    {"application/*", false},
    {"APPLICATION/SARIF+JSON", true},
};

static void test_preference(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(preferences); i++)
        if (sg_exchange_prefers(preferences[i].accept, "application/sarif+json",
                                "application/json") != preferences[i].sarif)
            fail_msg("Accept: %s", preferences[i].accept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept),
        cmocka_unit_test(test_content_type),
        cmocka_unit_test(test_preference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
