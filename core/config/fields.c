#include "core/config/fields.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/config/value.h"
#include "core/model/runtime.h"

#define SUFFIX ".conf"

static int store_text(const struct sg_field *field, void *at, const char *value,
                      struct sg_error *err)
{
    (void)field;
    char *copy = strdup(value);
    if (!copy)
        return sg_error_errno(err, ENOMEM, "value");
    *(char **)at = copy;
    return 0;
}

static int store_item(const struct sg_field *field, void *at, const char *value,
                      struct sg_error *err)
{
    (void)field;
    int r = sg_strings_add(at, value);
    if (r == -E2BIG)
        return sg_error_set(err, SG_E_INVALID, "too many values; allowed: at most %d",
                            SG_RUNTIME_LIST_MAX);
    return r < 0 ? sg_error_errno(err, -r, "value") : 0;
}

static int store_new_item(const struct sg_field *field, void *at, const char *value,
                          struct sg_error *err)
{
    if (sg_strings_has(at, value))
        return sg_error_set(err, SG_E_INVALID, "\"%s\" is named twice; allowed: once", value);
    return store_item(field, at, value, err);
}

static int store_chars(const struct sg_field *field, void *at, const char *value,
                       struct sg_error *err)
{
    if (sg_str_copy(at, field->size, value) < 0)
        return sg_error_set(err, SG_E_INVALID, "has %zu bytes; allowed: at most %zu", strlen(value),
                            field->size - 1);
    return 0;
}

static int store_number(const struct sg_field *field, void *at, const char *value,
                        struct sg_error *err)
{
    (void)field;
    if (sg_str_to_u64(value, at) < 0)
        return sg_error_set(err, SG_E_INVALID, "\"%.64s\" is not a number; allowed: digits", value);
    return 0;
}

static int store_bool(const struct sg_field *field, void *at, const char *value,
                      struct sg_error *err)
{
    (void)field;
    return sg_value_bool(value, at, err);
}

static int (*const stores[])(const struct sg_field *field, void *at, const char *value,
                             struct sg_error *err) = {
    [SG_FIELD_TEXT] = store_text,   [SG_FIELD_SET] = store_new_item,  [SG_FIELD_ARGV] = store_item,
    [SG_FIELD_CHARS] = store_chars, [SG_FIELD_NUMBER] = store_number, [SG_FIELD_BOOL] = store_bool,
};

static bool is_list(enum sg_field_type type)
{
    return type == SG_FIELD_SET || type == SG_FIELD_ARGV;
}

static int on_value(void *arg, size_t key, const char *value, struct sg_error *err)
{
    struct sg_fields *f = arg;
    const struct sg_field *field = &f->fields[key];
    if (!value && is_list(field->type) && !field->required)
        return 0;
    if (!value)
        return sg_error_set(err, SG_E_INVALID, "the value is missing; allowed: at least one");
    const char *wrong = field->check ? field->check(value) : NULL;
    if (wrong)
        return sg_error_set(err, SG_E_INVALID, "\"%.64s\" %s", value, wrong);
    return stores[field->type](field, (char *)f->object + field->offset, value, err);
}

int sg_fields_refuse(const struct sg_fields *f, const char *field, struct sg_error *err)
{
    size_t key = 0;
    while (key + 1 < f->n && strcmp(f->fields[key].name, field) != 0)
        key++;
    sg_reader_where(f->path, f->lines[key], &f->keys[key], err);
    return SG_E_INVALID;
}

const char *sg_fields_check_line(const char *value)
{
    return sg_value_has_control(value) ? "has a control character; allowed: one line of text"
                                       : NULL;
}

int sg_fields_load(struct sg_fields *f, struct sg_error *err)
{
    for (size_t i = 0; i < f->n; i++)
        f->keys[i] = (struct sg_reader_key){
            .section = "", .name = f->fields[i].name, .list = is_list(f->fields[i].type)};
    struct sg_reader reader = {
        .keys = f->keys, .nkeys = f->n, .lines = f->lines, .on_value = on_value, .arg = f};
    int r = sg_reader_file(&reader, f->path, err);
    for (size_t i = 0; r == 0 && i < f->n; i++) {
        if (!f->fields[i].required || f->lines[i])
            continue;
        sg_error_set(err, SG_E_INVALID, "is not set; it is required");
        r = sg_fields_refuse(f, f->fields[i].name, err);
    }
    return r;
}

static int is_conf(const struct dirent *e)
{
    size_t n = strlen(e->d_name), end = strlen(SUFFIX);
    return e->d_name[0] != '.' && n > end && strcmp(e->d_name + n - end, SUFFIX) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort: no influence of the locale */
}

static int call_for(const char *dir, const char *file,
                    int (*fn)(void *arg, const char *path, const char *name, struct sg_error *err),
                    void *arg, struct sg_error *err)
{
    sg_auto(sg_buf) struct sg_buf path = {0};
    sg_autofree char *name = strndup(file, strlen(file) - strlen(SUFFIX));
    if (!name || sg_buf_printf(&path, "%s/%s", dir, file) < 0)
        return sg_error_errno(err, ENOMEM, "%s", dir);
    return fn(arg, path.data, name, err);
}

int sg_fields_each_file(const char *dir, const char *what, const char *fix,
                        int (*fn)(void *arg, const char *path, const char *name,
                                  struct sg_error *err),
                        void *arg, struct sg_error *err)
{
    struct dirent **files = NULL;
    int n = scandir(dir, &files, is_conf, by_name);
    int r = n < 0 ? sg_error_errno(err, errno, "%s", dir) : 0;
    for (int i = 0; i < n; i++) {
        if (r == 0)
            r = call_for(dir, files[i]->d_name, fn, arg, err);
        free(files[i]);
    }
    free(files);
    if (n == 0)
        r = sg_error_set(err, SG_E_INVALID, "%s: no %s; allowed: at least one NAME.conf", dir,
                         what);
    if (n <= 0)
        sg_error_fix(err, "%s", fix);
    return r;
}
