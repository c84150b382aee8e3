/* Patterns: what they match, what is none, and that none takes long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/time.h"
#include "core/model/glob.h"

static const struct {
    const char *pattern, *path;
    bool matches;
} matches[] = {
    {"a", "a", true},
    {"a", "b", false},
    {"a", "a/a", false},
    {"*", "a", true},
    {"*", ".a", true},
    {"*", "a/b", false},
    {"*.png", "x.png", true},
    {"*.png", ".png", true},
    {"*.png", "x.png.txt", false},
    {"a*b*c", "abc", true},
    {"a*b*c", "aXbXbc", true},
    {"a*b*c", "aXbX", false},
    {"*a*", "a", true},
    {"?", "a", true},
    {"?", "\xc3\xa4", true},
    {"?", "ab", false},
    {"?", "\xff", true},
    {"??", "\xe2\x82\xac\xf0\x9f\x98\x80", true},
    {"[abc]", "b", true},
    {"[abc]", "d", false},
    {"[a-c]x", "bx", true},
    {"[!a-c]", "d", true},
    {"[!a-c]", "b", false},
    {"[a-]", "-", true},
    {"[-a]", "-", true},
    {"[\\]]", "]", true},
    {"[\\a-\\c]", "b", true},
    {"[\xc3\xa0-\xc3\xbf]", "\xc3\xa4", true},
    {"[a-z]", "\xc3\xa4", false},
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"\\a", "a", true},
    {"a/*/c", "a/b/c", true},
    {"a/*/c", "a/c", false},
    {"**", "a", true},
    {"**", "a/b/c", true},
    {"**/x", "x", true},
    {"**/x", "a/b/x", true},
    {"**/x", "a/xx", false},
    {"a/**", "a/b/c", true},
    {"a/**", "b/c", false},
    {"a/**/z", "a/z", true},
    {"a/**/z", "a/b/c/z", true},
    {"a/**/z", "a/b/c", false},
    {"**/m/**", "a/m/z", true},
    {"**/**/x", "x", true},
    {"**/*a*/**/*.c", "1/2a3/4/5.c", true},
    {"*", "", false},
};

static void test_match(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(matches); i++) {
        assert_null(sg_glob_check(matches[i].pattern));
        if (*matches[i].path &&
            sg_glob_match(matches[i].pattern, matches[i].path) != matches[i].matches)
            fail_msg("%s, %s", matches[i].pattern, matches[i].path);
    }
}

static const struct {
    const char *pattern, *folder;
    bool reaches;
} reaches[] = {
    {"a", "a", false},   {"*", "a", false},     {"a/b", "a", true},       {"a/b", "b", false},
    {"**", "a/b", true}, {"a/**", "a", true},   {"a/**", "b", false},     {"**/x", "q", true},
    {"*/x", "q", true},  {"*/x", "q/r", false}, {"a*/b/c", "ax/b", true},
};

static void test_reaches(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(reaches); i++)
        if (sg_glob_reaches(reaches[i].pattern, reaches[i].folder) != reaches[i].reaches)
            fail_msg("%s, %s", reaches[i].pattern, reaches[i].folder);
}

static void test_none(void **state)
{
    static const char *const wrong[] = {"",     "/a",    "a/",      "a//b", "../a",  "./a",
                                        "a/..", "a\n",   "\xff",    "[",    "[a",    "[]",
                                        "[!]",  "[a/b]", "[z-a]",   "\\",   "a\\/b", "a**",
                                        "**a",  "***",   "a/***/b", "[a-",  "[\\"};
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(wrong); i++)
        if (!sg_glob_check(wrong[i]))
            fail_msg("%s", wrong[i]);
}

/* What makes a matcher that goes back over every star take years. */
static void test_no_pattern_explodes(void **state)
{
    char pattern[256], path[256];
    (void)state;
    memset(path, 'a', 255);
    path[255] = '\0';
    for (size_t i = 0; i + 2 <= 254; i += 2)
        memcpy(pattern + i, "*a", 2);
    memcpy(pattern + 252, "*b", 3);
    assert_null(sg_glob_check(pattern));
    int64_t began = sg_now_ms();
    for (int i = 0; i < 100; i++)
        assert_false(sg_glob_match(pattern, path));
    assert_true(sg_now_ms() - began < 10000);
    assert_false(sg_glob_match("**/**/**/**/**/**/**/x", "a/a/a/a/a/a/a/a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_reaches),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_no_pattern_explodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
