/* nginx's configuration as text: what is read of it, what holds where, sizes and times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "fcgi/doctor/nginx_conf.h"
#include "fcgi/doctor/nginx_locations.h"
#include "tests/unit/core/failing_alloc.h"

/* The tree as one line: "a b; c { d; } ". */
static void put_block(const struct sg_nginx *n, int parent, struct sg_buf *out)
{
    for (size_t i = 0; i < n->n; i++) {
        bool block = false;
        if (n->v[i].parent != parent)
            continue;
        for (unsigned w = 0; w < n->v[i].nwords; w++)
            sg_buf_printf(out, "%s%s", w ? " " : "", sg_nginx_word(n, (int)i, w));
        for (size_t k = 0; k < n->n; k++)
            block = block || n->v[k].parent == (int)i;
        sg_buf_puts(out, block ? " { " : "; ");
        if (block) {
            put_block(n, (int)i, out);
            sg_buf_puts(out, "} ");
        }
    }
}

static const struct {
    const char *text, *tree; /* NULL: refused, */
    const char *said;        /* and why */
} texts[] = {
    {"", "", NULL},
    {"# only a comment", "", NULL},
    {"user www-data; worker_processes 2 ;", "user www-data; worker_processes 2; ", NULL},
    {"a{b c;d{e;}}", "a { b c; d { e; } } ", NULL},
    {"log_format x '$a \"$b\" {;}' \"q\\\"\\\\\";", "log_format x $a \"$b\" {;} q\"\\; ", NULL},
    {"set $x ${y}z;", "set $x ${y}z; ", NULL},
    {"location ~ \\.php$ { x; }", "location ~ \\.php$ { x; } ", NULL},
    {"a # } ; {\n b;", "a b; ", NULL},
    {"content_by_lua_block { if x then y{1} end } z;", "content_by_lua_block; z; ", NULL},
    {"a;;b;", "a; b; ", NULL},
    {"a 'x\ny", NULL, "F:2: quotes that are not closed"},
    {"a {\nb;\n", NULL, "F:3: it ends too early"},
    {"a", NULL, "F:1: it ends too early"},
    {"a; }", NULL, "F:1: a } that closes nothing"},
    {"a { b }", NULL, "F:1: a } that closes nothing"},
    {"include nowhere/x.conf; include nowhere/*.conf;",
     "include nowhere/x.conf; include nowhere/*.conf; ", NULL},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(texts); i++) {
        sg_auto(sg_nginx) struct sg_nginx n = {0};
        sg_auto(sg_buf) struct sg_buf tree = {0};
        struct sg_error err = SG_ERROR_INIT;
        int rc = sg_nginx_read(&n, texts[i].text, "F", &err);
        sg_buf_puts(&tree, "");
        put_block(&n, -1, &tree);
        print_message("%s\n", texts[i].text);
        if (texts[i].tree)
            assert_string_equal(tree.data, texts[i].tree);
        assert_int_equal(rc < 0, texts[i].tree == NULL);
        assert_string_equal(err.text, texts[i].said ? texts[i].said : "");
        assert_int_equal(n.missing, strstr(texts[i].text, "nowhere") ? 1 : 0);
    }
}

static const char dump[] =
    "nginx: the configuration file is fine\n"
    "# configuration file /etc/nginx/nginx.conf:\n"
    "http { client_max_body_size 4m; fastcgi_param A 1; include sites/*; include gone.conf;\n"
    " server { include snip; location = /health { fastcgi_pass sandgate_status; }\n"
    "  location /v1/ { client_max_body_size 1m; fastcgi_param SANDGATE_CLIENT x;\n"
    "   fastcgi_pass unix:/run/w.sock; } location / { fastcgi_pass php; } } }\n"
    "# configuration file /etc/nginx/sites/a.conf:\nupstream one { server a; }\n"
    "# configuration file /etc/nginx/sites/deep/b.conf:\nupstream two { server b; }\n"
    "# configuration file /etc/nginx/snip:\nlisten 80;\nfastcgi_read_timeout 90s;\n";

static void test_dump(void **state)
{
    (void)state;
    sg_auto(sg_nginx) struct sg_nginx n = {0};
    struct sg_error err = SG_ERROR_INIT;
    char name[100];
    assert_int_equal(sg_nginx_read(&n, dump, "-", &err), 0);
    assert_int_equal(n.missing, 1); /* gone.conf */
    int one = sg_nginx_next(&n, "upstream", -1);
    assert_string_equal(sg_nginx_word(&n, one, 1), "one");
    assert_int_equal(sg_nginx_next(&n, "upstream", one), -1); /* "*" is no directory's */

    int health = sg_locations_next(&n, -1), run = sg_locations_next(&n, health);
    assert_true(health > 0 && run > health);
    assert_int_equal(sg_locations_next(&n, run), -1); /* php is not ours */
    assert_false(sg_locations_runs(&n, health));
    assert_true(sg_locations_runs(&n, run));
    sg_locations_name(&n, health, name, sizeof name);
    assert_string_equal(name, "location = /health");

    assert_string_equal(sg_locations_value(&n, health, "client_max_body_size", "x"), "4m");
    assert_string_equal(sg_locations_value(&n, run, "client_max_body_size", "x"), "1m");
    assert_string_equal(sg_locations_value(&n, run, "fastcgi_read_timeout", "x"), "90s");
    assert_string_equal(sg_locations_value(&n, run, "fastcgi_buffering", "x"), "x");
    /* Inherited together, or not at all. */
    assert_string_equal(sg_locations_param(&n, health, "A"), "1");
    assert_null(sg_locations_param(&n, run, "A"));
    assert_string_equal(sg_locations_param(&n, run, "SANDGATE_CLIENT"), "x");
    assert_null(sg_nginx_word(&n, run, 2));
    assert_null(sg_nginx_word(&n, -1, 0));
}

static void test_includes_end(void **state)
{
    (void)state;
    sg_auto(sg_nginx) struct sg_nginx n = {0};
    struct sg_error err = SG_ERROR_INIT;
    const char *text = "# configuration file /a:\ninclude /a;\n";
    assert_int_equal(sg_nginx_read(&n, text, "-", &err), SG_E_INVALID);
    assert_string_equal(err.text, "/a: too many includes in each other");
}

static void test_exact_paths_that_run(void **state)
{
    (void)state;
    static const struct {
        const char *location;
        bool runs;
    } rows[] = {{"= /v1/execute", true},     {"= /api/v1/execute", true},
                {"= /v1/validate", true},    {"= /v1/runtimes", false},
                {"= /sandbox/ready", false}, {"= /metrics", false},
                {"~ ^/(v1/|health$)", true}, {"/", true},
                {"= /other", true}};
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_auto(sg_nginx) struct sg_nginx n = {0};
        struct sg_error err = SG_ERROR_INIT;
        char text[200];
        snprintf(text, sizeof text, "location %s { fastcgi_pass sandgate; }", rows[i].location);
        assert_int_equal(sg_nginx_read(&n, text, "-", &err), 0);
        print_message("%s\n", rows[i].location);
        assert_int_equal(sg_locations_runs(&n, sg_locations_next(&n, -1)), rows[i].runs);
    }
}

/* Servers whose upstream is ours: which of their locations clients' programs come to. */
static void test_where_programs_come(void **state)
{
    (void)state;
#define PASS " { fastcgi_pass sandgate; } "
    static const struct {
        const char *locations, *taken; /* of each location of ours: y or n */
    } rows[] = {
        {"location /v1/" PASS, "y"},
        {"location /" PASS, "y"},
        {"location /v1/" PASS "location = /v1/execute" PASS, "ny"},
        {"location /v1/" PASS "location =/v1/execute" PASS, "ny"},
        {"location /v1/" PASS "location = /v1/execute { return 404; }", "n"},
        {"location /v1/" PASS "location = /v1/validate" PASS, "yy"},
        {"location /v1/" PASS "location ~ ^/v1/(execute|validate)$" PASS, "ny"},
        {"location /v1/" PASS "location ~* ^/V1/EXEC" PASS, "ny"},
        {"location /v1/" PASS "location ~ ^/V1/EXEC" PASS, "yy"},
        {"location /v1/" PASS "location ~ \\.php$ { fastcgi_pass php; }", "y"},
        {"location /v1/" PASS "location ~ (?i)^/v1/" PASS, "yy"}, /* not compiled: not believed */
        {"location ^~ /v1/" PASS "location ~ ^/v1/" PASS, "yn"},
        {"location ^~ /v1/" PASS "location = /v1/execute" PASS, "ny"},
        {"location / { return 404; } location /v1/" PASS "location /v1/execute" PASS, "ny"},
        {"location ~ ^/v1/" PASS "location ~ /execute$" PASS, "yn"},
        {"location ~ ^/(a|b)/v1/" PASS, "y"},
        {"location /door/ { rewrite ^/door(/.*)$ $1 break; fastcgi_pass sandgate; }"
         " location = /v1/execute" PASS,
         "yy"},
        {"location /door/v1/" PASS "location = /door/v1/execute" PASS, "ny"},
        {"location @again" PASS, "n"},
        {"location /again { internal; fastcgi_pass sandgate; }", "n"},
        {"location /a { location /a/v1/" PASS "}", "y"},
        {"location /v1/ { if ($x) { fastcgi_pass sandgate; } } location = /v1/execute" PASS, "ny"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_auto(sg_nginx) struct sg_nginx n = {0};
        sg_auto(sg_buf) struct sg_buf text = {0};
        struct sg_error err = SG_ERROR_INIT;
        int pass = -1;
        /* Another server's locations take nothing from this one. */
        sg_buf_printf(&text, "http { server { location = /v1/execute {} } server { %s } }",
                      rows[i].locations);
        print_message("%s\n", rows[i].locations);
        assert_int_equal(sg_nginx_read(&n, text.data, "-", &err), 0);
        for (const char *c = rows[i].taken; *c; c++) {
            pass = sg_locations_next(&n, pass);
            assert_true(pass >= 0);
            assert_int_equal(sg_locations_takes(&n, pass), *c == 'y');
        }
        assert_int_equal(sg_locations_next(&n, pass), -1);
    }
}

/* What a server and its location say, and whether strangers are refused by it. */
struct door {
    const char *server, *location;
    bool closed;
};

static void check_doors(const struct door *doors, size_t count, const char *http,
                        bool (*closed)(const struct sg_nginx *n, int pass))
{
    for (size_t i = 0; i < count; i++) {
        sg_auto(sg_nginx) struct sg_nginx n = {0};
        struct sg_error err = SG_ERROR_INIT;
        char text[800];
        snprintf(text, sizeof text,
                 "http { %s server { %s location /v1/ { %s fastcgi_pass sandgate; } } }", http,
                 doors[i].server, doors[i].location);
        print_message("%s | %s\n", doors[i].server, doors[i].location);
        assert_int_equal(sg_nginx_read(&n, text, "-", &err), 0);
        assert_int_equal(closed(&n, sg_locations_next(&n, -1)), doors[i].closed);
    }
}

static void test_who_is_refused(void **state)
{
    (void)state;
    static const char maps[] = "map $http_authorization $key { default \"\"; \"Bearer x\" one; }"
                               " map $http_user_agent $bad { default 0; ~bad 1; }"
                               " map $status $late { 1 0; } map $a $copy { default $http_a; }"
                               " geo $stranger { default 1; 192.0.2.0/24 0; }"
                               " geo $remote_addr $zone { default out; 192.0.2.0/24 in; }";
    static const struct door doors[] = {
        {"", "if ($key = \"\") { return 401; }", true},
        {"", "if ( $key = \"\" ) { return 401; }", true},
        {"if ($key = '') { return 403; }", "", true},
        {"", "if ($stranger) { return 444; }", true},
        {"", "if ( $stranger ) { return 444; }", true},
        {"", "if ($zone = out) { return 403; }", true},
        {"", "if ($zone != in) { return 403; }", true},
        {"if ($ssl_client_verify != SUCCESS) { return 403; }", "", true},
        {"", "if ($secure_link = \"\") { return 403; }", true},
        /* Who is refused is named: all others come in. */
        {"if ($bad) { return 403; }", "", false},
        {"if ($http_user_agent ~ bad) { return 403; }", "", false},
        {"", "if ($http_user_agent ~ bad) { return 403; }", false},
        {"", "if ($key = one) { return 403; }", false},
        {"", "if ($key != \"\") { return 403; }", false},
        {"", "if ($late) { return 403; }", false},
        {"", "if ($copy = \"\") { return 403; }", false},
        {"", "if ($key ~ x) { return 403; }", false},
        {"if ($host != run.example.org) { return 444; }", "", false},
        {"", "if (-f /x) { return 403; }", false},
        {"if { return 403; } if () { return 403; } if ( { return 403; }", "", false},
        {"", "if ($key =) { return 403; } if ($key = { return 403; }", false},
        {"location /other { if ($stranger) { return 401; } }", "", false},
        {"", "if ($request_method != POST) { return 405; }", false},
        {"", "if ($stranger) { return 502; }", false},
        {"if ($stranger) { return 204; }", "if ($x) { set $y 401; }", false},
    };
    check_doors(doors, SG_ARRAY_LEN(doors), maps, sg_locations_refuses);
}

/* One list for each level, of which the first rule that fits holds. */
static void test_addresses(void **state)
{
    (void)state;
    static const struct door doors[] = {
        {"allow 192.0.2.0/24; deny all;", "", true},
        {"deny all;", "", true},
        {"", "deny 192.0.2.66; allow 192.0.2.0/24; deny all;", true},
        {"", "", true}, /* of http */
        {"deny all;", "allow all;", false},
        {"deny all;", "deny 192.0.2.66;", false},
        {"", "deny 192.0.2.66;", false},
        {"deny 192.0.2.66; allow all;", "", false},
        {"allow all; deny all;", "", false},
        {"allow all;", "deny all;", true},
    };
    check_doors(doors, SG_ARRAY_LEN(doors), "deny all;", sg_locations_denies);
    static const struct door open[] = {{"", "", false}, {"location /x { deny all; }", "", false}};
    check_doors(open, SG_ARRAY_LEN(open), "", sg_locations_denies);
}

static void test_sizes_and_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool (*read)(const char *text, uint64_t *ret);
        int64_t value; /* -1: refused */
    } rows[] = {{"4m", sg_nginx_size, 4 << 20},
                {"0", sg_nginx_size, 0},
                {"8K", sg_nginx_size, 8 << 10},
                {"1G", sg_nginx_size, 1 << 30},
                {"", sg_nginx_size, -1},
                {"m", sg_nginx_size, -1},
                {"4mb", sg_nginx_size, -1},
                {"$size", sg_nginx_size, -1},
                {"180s", sg_nginx_time, 180000},
                {"180", sg_nginx_time, 180000},
                {"500ms", sg_nginx_time, 500},
                {"1h30m", sg_nginx_time, 5400000},
                {"1h 30m", sg_nginx_time, 5400000},
                {"3m", sg_nginx_time, 180000},
                {"3x", sg_nginx_time, -1},
                {"99999999999999999999s", sg_nginx_time, -1}};
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        uint64_t value = 0;
        bool good = rows[i].read(rows[i].text, &value);
        print_message("%s\n", rows[i].text);
        assert_int_equal(good, rows[i].value >= 0);
        if (good)
            assert_int_equal(value, rows[i].value);
    }
}

static void test_allocations_may_fail(void **state)
{
    (void)state;
    for (long k = 0, done = false; !done; k++) {
        sg_auto(sg_nginx) struct sg_nginx n = {0};
        struct sg_error err = SG_ERROR_INIT;
        fail_alloc_at(k);
        int rc = sg_nginx_read(&n, dump, "-", &err);
        done = !alloc_failed;
        fail_alloc_never();
        assert_int_equal(rc, done ? 0 : -ENOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_dump),
        cmocka_unit_test(test_includes_end),
        cmocka_unit_test(test_exact_paths_that_run),
        cmocka_unit_test(test_where_programs_come),
        cmocka_unit_test(test_who_is_refused),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_sizes_and_times),
        cmocka_unit_test(test_allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
