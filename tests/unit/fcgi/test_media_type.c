/* Media types: bytes before names, and a name makes no text of what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/media_type.h"

#define BYTES(s)                                                                                   \
    {                                                                                              \
        s, sizeof s - 1                                                                            \
    }

static const struct {
    const char *path;
    struct sg_span content;
    const char *type;
} rows[] = {
    {"x", BYTES(""), "text/plain"},
    {"x.CSV", BYTES("a,b"), "text/csv"},
    {"d.csv/x", BYTES("a"), "text/plain"},
    {".csv", BYTES("a"), "text/csv"},
    {"x.png", BYTES("text"), "text/plain"},
    {"x.txt", BYTES("\x89PNG\r\n\x1a\n\0"), "image/png"},
    {"x.csv", BYTES("\xff\0"), "application/octet-stream"},
    {"x.zip", BYTES("PK\x03\x04\xff"), "application/zip"},
    {"x.pdf", BYTES("%PDF-1.4 all text"), "application/pdf"},
    {"x", BYTES("RIFF\xff\xff\xff\xffWEBP"), "image/webp"},
    {"x", BYTES("\0\0\0\x18\x66typheic\0\0\0\0\xff"), "image/heic"},
    {"x", BYTES("\0\0\0\x1c\x66typM4A \0\0\0\0\xff"), "audio/mp4"},
    {"x.mov", BYTES("\0\0\0\x14\x66typqt  \0\0\0\0\xff"), "video/quicktime"},
    {"x", BYTES("\0\0\0\x20\x66typisom\0\0\0\0\xff"), "video/mp4"},
    {"x", BYTES("\xff\xd8"), "application/octet-stream"},
    {"x", BYTES("SQLite format 3\0\xff"), "application/vnd.sqlite3"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        const struct sg_span *c = &rows[i].content;
        bool text = sg_utf8_valid_prefix(c->data, c->n) == c->n;
        assert_string_equal(sg_media_type(rows[i].path, c, text), rows[i].type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
