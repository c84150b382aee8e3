/* The schema against what is made by hand from it: the shipped file and docs/CONFIGURATION.md. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/config/config.h"
#include "core/config/schema.h"
#include "core/model/outcome.h"

static struct sg_schema schema;

static int init_schema(void **state)
{
    (void)state;
    sg_schema_init(&schema);
    return 0;
}

static void read_source(const char *name, struct sg_buf *out)
{
    const char *top = getenv("SG_SRCDIR");
    sg_auto(sg_buf) struct sg_buf path = {0};
    sg_buf_printf(&path, "%s/%s", top ? top : ".", name);
    if (sg_file_read(AT_FDCWD, path.data, out, 1 << 20) < 0)
        fail_msg("cannot read %s", path.data);
}

static const struct sg_key *find(const char *section, const char *name, size_t n)
{
    for (size_t i = 0; i < schema.n; i++) {
        const struct sg_key *key = &schema.keys[i];
        if (strcmp(key->section, section) == 0 && strlen(key->name) == n &&
            strncmp(key->name, name, n) == 0)
            return key;
    }
    return NULL;
}

static void test_rows_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema.n; i++) {
        const struct sg_key *key = &schema.keys[i];
        assert_true(key->name[0] && key->doc && *key->doc);
        assert_ptr_equal(find(key->section, key->name, strlen(key->name)), key); /* no twins */
        assert_true(key->offset < sizeof(struct sg_config));
        if (key->type == SG_KEY_NUMBER)
            assert_true(key->min < key->max);
        for (size_t k = 0; k < i; k++)
            assert_true(key->offset != schema.keys[k].offset);
    }
    assert_non_null(find("limits", "default_wall_time_ms", 20));
    assert_non_null(find("limits", "max_cpu_percent", 15));
}

static void test_choices_are_real(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema.n; i++) {
        const struct sg_key *key = &schema.keys[i];
        if (!key->choices)
            continue;
        char list[256];
        assert_int_equal(sg_str_copy(list, sizeof(list), key->choices), 0);
        char *save = NULL;
        for (char *w = strtok_r(list, ", ", &save); w; w = strtok_r(NULL, ", ", &save)) {
            struct sg_config cfg = {0};
            struct sg_error err = SG_ERROR_INIT;
            if (sg_schema_set(key, &cfg, w, &err) != 0)
                fail_msg("%s: %s", key->name, err.text);
            sg_config_done(&cfg);
        }
    }
}

static const char *next_line(const char *line)
{
    const char *end = strchrnul(line, '\n');
    return *end ? end + 1 : end;
}

/* Keys of a sample, in their sections: lines "# key = value". Calls `each`, and gives how many. */
static size_t walk_sample(const char *text,
                          void (*each)(const struct sg_key *key, const char *value))
{
    char section[32] = "";
    size_t count = 0;
    for (const char *line = text; *line; line = next_line(line)) {
        size_t blanks = strspn(line, " "), name = strspn(line, "abcdefghijklmnopqrstuvwxyz");
        if (blanks == 0 && name > 0 && strncmp(line + name, " {\n", 3) == 0)
            snprintf(section, sizeof(section), "%.*s", (int)name, line);
        if (line[0] == '}')
            section[0] = '\0';
        const char *key = line + blanks + 2;
        name =
            strncmp(line + blanks, "# ", 2) == 0 ? strspn(key, "abcdefghijklmnopqrstuvwxyz_") : 0;
        if (name == 0 || strncmp(key + name, " = ", 3) != 0)
            continue;
        const struct sg_key *row = find(section, key, name);
        if (!row)
            fail_msg("no such key: %s.%.*s", section, (int)name, key);
        char value[128];
        const char *from = key + name + 3;
        snprintf(value, sizeof(value), "%.*s", (int)(strchrnul(from, '\n') - from), from);
        each(row, value);
        count++;
    }
    return count;
}

static bool seen[SG_KEYS_MAX];

static void check_row(const struct sg_key *key, const char *value)
{
    char expected[128];
    bool list = sg_schema_is_list(key);
    const char *dflt = key->dflt;
    if (strncmp(dflt, SG_SYSCONFDIR, strlen(SG_SYSCONFDIR)) == 0) { /* as in packages */
        snprintf(expected, sizeof(expected), "\"/etc/sandgate%s\"", dflt + strlen(SG_SYSCONFDIR));
        if (strncmp(value, "\"/etc/sandgate/", 15) != 0)
            snprintf(expected, sizeof(expected), "\"%s\"", dflt);
    } else if (list) {
        snprintf(expected, sizeof(expected), dflt[0] ? "{ %s }" : "{%s}", dflt);
    } else {
        snprintf(expected, sizeof(expected), key->type == SG_KEY_PATH || !dflt[0] ? "\"%s\"" : "%s",
                 dflt);
    }
    assert_string_equal(value, expected);
    seen[key - schema.keys] = true;
}

/* Every key, with its default, and the file means what an empty one does: uncommented too. */
static void check_sample(const char *name, const char *text)
{
    memset(seen, 0, sizeof(seen));
    assert_int_equal(walk_sample(text, check_row), schema.n);
    for (size_t i = 0; i < schema.n; i++) {
        if (!seen[i])
            fail_msg("%s does not name %s.%s", name, schema.keys[i].section, schema.keys[i].name);
    }
}

static void test_shipped_file_names_every_key(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf text = {0};
    read_source("packaging/conf/sandgate.conf", &text);
    check_sample("sandgate.conf", text.data);
}

static void test_description_names_every_key(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf text = {0};
    assert_int_equal(sg_config_describe(&text), 0);
    check_sample("sg_config_describe", text.data);
}

/* Takes the "# " away from lines of keys. */
static void uncomment(const struct sg_buf *from, struct sg_buf *to)
{
    for (const char *line = from->data; *line; line = next_line(line)) {
        size_t blanks = strspn(line, " ");
        const char *key = line + blanks + 2;
        bool comment = strncmp(line + blanks, "# ", 2) == 0;
        size_t name = comment ? strspn(key, "abcdefghijklmnopqrstuvwxyz_") : 0;
        const char *start = name && strncmp(key + name, " = ", 3) == 0 ? key : line;
        sg_buf_append(to, start, (size_t)(strchrnul(line, '\n') - start));
        sg_buf_puts(to, "\n");
    }
}

static void load_text(const struct sg_buf *text, struct sg_config *cfg)
{
    char path[] = "/tmp/sandgate-test-schema.XXXXXX";
    sg_autofd int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(sg_fd_write_all(fd, text->data, text->len), 0);
    struct sg_error err = SG_ERROR_INIT;
    int r = sg_config_load(cfg, path, &err);
    unlink(path);
    if (r < 0)
        fail_msg("%s", err.text);
}

static void test_shipped_file_loads_as_it_is_and_uncommented(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf text = {0}, open = {0};
    struct sg_config shipped = {0}, uncommented = {0};
    read_source("packaging/conf/sandgate.conf", &text);
    uncomment(&text, &open);
    load_text(&text, &shipped);
    load_text(&open, &uncommented);
    assert_memory_equal(&shipped.limits_default, &uncommented.limits_default,
                        sizeof(shipped.limits_default));
    assert_memory_equal(&shipped.limits_max, &uncommented.limits_max, sizeof(shipped.limits_max));
    assert_memory_equal(&shipped.worker, &uncommented.worker,
                        offsetof(struct sg_config, worker.engines) -
                            offsetof(struct sg_config, worker));
    assert_int_equal(uncommented.worker.engines.n, 1);
    assert_string_equal(uncommented.worker.engines.v[0], shipped.worker.engines.v[0]);
    assert_int_equal(shipped.docker.allow_missing, uncommented.docker.allow_missing);
    assert_string_equal(shipped.docker.engine_socket, uncommented.docker.engine_socket);
    assert_string_equal(shipped.docker.oci_runtime, uncommented.docker.oci_runtime);
    assert_int_equal(shipped.native.allow_missing, uncommented.native.allow_missing);
    assert_int_equal(shipped.native.tmp_bytes, uncommented.native.tmp_bytes);
    assert_int_equal(shipped.log_level, uncommented.log_level);
    sg_config_done(&shipped);
    sg_config_done(&uncommented);
}

/* The line of the page that has `key`; it must also have what it says there. */
static void check_documented(const char *page, const struct sg_key *key)
{
    char cell[64], min[SG_VALUE_TEXT_MAX], max[SG_VALUE_TEXT_MAX];
    snprintf(cell, sizeof(cell), "`%s`", key->name);
    const char *at = strstr(page, cell);
    if (!at)
        fail_msg("docs/CONFIGURATION.md does not name %s", key->name);
    sg_autofree char *line = strndup(at, (size_t)(strchrnul(at, '\n') - at));
    if (key->type == SG_KEY_NUMBER) {
        char range[80];
        sg_value_print(min, key->unit, key->min);
        sg_value_print(max, key->unit, key->max);
        snprintf(range, sizeof(range), "| %s to %s |", min, max);
        if (!strstr(line, range))
            fail_msg("docs/CONFIGURATION.md, %s: not \"%s\"", key->name, range);
    }
    snprintf(cell, sizeof(cell), sg_schema_is_list(key) ? "`{ %s }`" : "`%s`", key->dflt);
    if (key->type != SG_KEY_PATH && key->dflt[0] && !strstr(line, cell))
        fail_msg("docs/CONFIGURATION.md, %s: the default is not %s", key->name, cell);
}

static void test_page_documents_every_key(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf page = {0};
    read_source("docs/CONFIGURATION.md", &page);
    for (size_t i = 0; i < schema.n; i++) {
        char heading[64] = "## General";
        if (*schema.keys[i].section)
            snprintf(heading, sizeof(heading), "## `%s { }`", schema.keys[i].section);
        const char *section = strstr(page.data, heading);
        if (!section)
            fail_msg("docs/CONFIGURATION.md has no \"%s\"", heading);
        const char *end = strstr(section + 1, "\n## ");
        sg_autofree char *part = strndup(section, end ? (size_t)(end - section) : strlen(section));
        check_documented(part, &schema.keys[i]);
    }
}

/* A default as sandgate.conf(5) has it: a word of mdoc(7). */
static void manual_default(const struct sg_key *key, char *ret, size_t n)
{
    const char *dflt = key->dflt;
    if (strncmp(dflt, SG_SYSCONFDIR, strlen(SG_SYSCONFDIR)) == 0) /* as in packages */
        snprintf(ret, n, "/etc/sandgate%s", dflt + strlen(SG_SYSCONFDIR));
    else if (sg_schema_is_list(key))
        snprintf(ret, n, dflt[0] ? "\"{ %s }\"" : "\"{ %s}\"", dflt);
    else
        snprintf(ret, n, dflt[0] && !strchr(dflt, ' ') ? "%s" : "\"%s\"", dflt);
}

/* Its entry: name, default, and where there is one, the range. */
static void check_manual(const char *part, const struct sg_key *key)
{
    char entry[512], value[300], min[SG_VALUE_TEXT_MAX], max[SG_VALUE_TEXT_MAX];
    manual_default(key, value, sizeof(value));
    size_t n = (size_t)snprintf(entry, sizeof(entry), "\n.It Ic %s\nDefault:\n.Ql %s ;\n",
                                key->name, value);
    sg_value_print(min, key->unit, key->min);
    sg_value_print(max, key->unit, key->max);
    if (key->type == SG_KEY_NUMBER)
        snprintf(entry + n, sizeof(entry) - n, "allowed: %s to %s.\n", min, max);
    if (!strstr(part, entry))
        fail_msg("docs/man/sandgate.conf.5, %s { }, does not have:%s", key->section, entry);
}

static void test_manual_documents_every_key(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf page = {0};
    read_source("docs/man/sandgate.conf.5", &page);
    for (size_t i = 0; i < schema.n; i++) {
        char heading[64] = "\n.Ss General keys\n";
        if (*schema.keys[i].section)
            snprintf(heading, sizeof(heading), "\n.Ss Section %s { }\n", schema.keys[i].section);
        const char *section = strstr(page.data, heading);
        const char *end = section ? strstr(section, "\n.El\n") : NULL;
        if (!end)
            fail_msg("docs/man/sandgate.conf.5 has no \"%s\"", heading);
        sg_autofree char *part = strndup(section, (size_t)(end - section));
        check_manual(part, &schema.keys[i]);
    }
    char *end = strstr(page.data, "\n.Sh LANGUAGES\n");
    assert_non_null(end);
    *end = '\0';
    size_t entries = 0;
    for (const char *at = page.data; (at = strstr(at, "\n.It Ic ")) != NULL; at++)
        entries++;
    assert_int_equal(entries, schema.n);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_whole),
        cmocka_unit_test(test_choices_are_real),
        cmocka_unit_test(test_shipped_file_names_every_key),
        cmocka_unit_test(test_description_names_every_key),
        cmocka_unit_test(test_shipped_file_loads_as_it_is_and_uncommented),
        cmocka_unit_test(test_page_documents_every_key),
        cmocka_unit_test(test_manual_documents_every_key),
    };
    return cmocka_run_group_tests(tests, init_schema, NULL);
}
