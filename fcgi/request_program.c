/* request_program.c: what is run: code and files, stdin, arguments, environment. See request.h */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/request_internal.h"

static int copy_bytes(struct sg_bytes *ret, const char *data, size_t n)
{
    if (n == 0)
        return 0;
    ret->data = malloc(n);
    if (!ret->data)
        return -ENOMEM;
    memcpy(ret->data, data, n);
    ret->n = n;
    return 0;
}

static void too_large(struct sg_parse *p, const char *pointer, size_t n, size_t max)
{
    sg_problem_field(p->problem, pointer, "has %zu bytes; allowed: at most %zu", n, max);
}

static void decode_base64(struct sg_parse *p, const json_t *value, const char *pointer, size_t max,
                          struct sg_bytes *ret)
{
    struct sg_buf out = {0};
    int rc = sg_base64_decode(&out, json_string_value(value), json_string_length(value));
    if (rc == -ENOMEM)
        sg_parse_no_memory(p);
    else if (rc < 0)
        sg_problem_field(p->problem, pointer,
                         "is not base64; allowed: RFC 4648 with padding, "
                         "without white space");
    else if (out.len > max)
        too_large(p, pointer, out.len, max);
    if (rc == 0 && out.len <= max) {
        ret->n = out.len;
        ret->data = sg_buf_take(&out);
    }
    sg_buf_done(&out);
}

/* A string that may hold any character, or with encoding "base64" any bytes. */
static void read_content(struct sg_parse *p, const json_t *value, const char *pointer, bool base64,
                         size_t max, struct sg_bytes *ret)
{
    if (!sg_parse_type(p, json_is_string(value), value, pointer, "a string"))
        return;
    if (base64) {
        decode_base64(p, value, pointer, max, ret);
        return;
    }
    if (json_string_length(value) > max)
        too_large(p, pointer, json_string_length(value), max);
    else if (copy_bytes(ret, json_string_value(value), json_string_length(value)) < 0)
        sg_parse_no_memory(p);
}

/* The encoding member of an object: is it base64? Anything but it and utf8 is told. */
static bool read_encoding(struct sg_parse *p, const json_t *object, const char *parent)
{
    const json_t *value = json_object_get(object, "encoding");
    char at[SG_POINTER_SIZE];
    const char *text = json_string_value(value);
    if (!value || (text && strcmp(text, "utf8") == 0))
        return false;
    if (text && strcmp(text, "base64") == 0)
        return true;
    sg_parse_pointer(at, sizeof at, parent, "encoding");
    sg_problem_field(p->problem, at, "is not a known encoding; allowed: utf8, base64");
    return false;
}

/* Do two paths exclude each other: the same, or one is a folder of the other? */
static bool paths_clash(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    if (na > nb)
        return paths_clash(b, a);
    return strncmp(a, b, na) == 0 && (b[na] == '\0' || b[na] == '/');
}

static void check_clash(struct sg_parse *p, const char *path, const char *pointer, bool has_code)
{
    for (size_t i = 0; i < p->job->nfiles; i++) {
        const char *other = p->job->files[i].path;
        if (!paths_clash(other, path))
            continue;
        bool same = strcmp(other, path) == 0;
        if (same && i == 0 && has_code)
            sg_problem_field(p->problem, pointer,
                             "is the name that `code` gets (%s); allowed: "
                             "another one",
                             other);
        else if (same)
            sg_problem_field(p->problem, pointer, "is there twice; allowed: once");
        else
            sg_problem_field(p->problem, pointer,
                             "clashes with \"%s\": one would be a folder of "
                             "the other",
                             other);
        return;
    }
}

/* A new file of the job; NULL when there is no room or memory, and that was told. */
static struct sg_job_file *add_file(struct sg_parse *p, const char *path)
{
    struct sg_job *job = p->job;
    if (job->nfiles == SG_FILES_MAX)
        return NULL;
    struct sg_job_file *f = &job->files[job->nfiles];
    f->path = strdup(path);
    if (!f->path) {
        sg_parse_no_memory(p);
        return NULL;
    }
    job->nfiles++;
    return f;
}

static const char *read_path(struct sg_parse *p, const json_t *value, const char *pointer)
{
    if (!value) {
        sg_problem_field(p->problem, pointer, "is missing; allowed: a relative path");
        return NULL;
    }
    const char *path = sg_parse_text(p, value, pointer, SG_PATH_MAX);
    const char *wrong = path ? sg_path_check(path) : NULL;
    if (!wrong)
        return path;
    sg_problem_field(p->problem, pointer,
                     "%s; allowed: a relative path of at most %d names, "
                     "without \"..\" and control characters",
                     wrong, SG_PATH_DEPTH_MAX);
    return NULL;
}

static void read_file(struct sg_parse *p, const json_t *value, size_t index, bool has_code)
{
    static const char *const names[] = {"path", "content", "encoding", NULL};
    char parent[64], at[SG_POINTER_SIZE];
    struct sg_bytes content = {0};
    sg_parse_pointer_index(parent, sizeof parent, "/files", index);
    if (!sg_parse_type(p, json_is_object(value), value, parent, "an object"))
        return;
    sg_parse_known_keys(p, value, parent, names);
    sg_parse_pointer(at, sizeof at, parent, "content");
    read_content(p, json_object_get(value, "content"), at, read_encoding(p, value, parent),
                 SG_FILE_BYTES_MAX, &content);
    sg_parse_pointer(at, sizeof at, parent, "path");
    const char *path = read_path(p, json_object_get(value, "path"), at);
    if (path)
        check_clash(p, path, at, has_code);
    struct sg_job_file *f = path ? add_file(p, path) : NULL;
    if (f)
        f->content = content;
    else
        free(content.data);
}

static void read_code(struct sg_parse *p, const json_t *value)
{
    /* With an unknown language the name does not matter: the request is refused already. */
    const char *entry = p->entry ? p->entry : "main";
    const char *text = sg_parse_text(p, value, "/code", SG_FILE_BYTES_MAX);
    struct sg_job_file *f = add_file(p, entry);
    if (f && text && copy_bytes(&f->content, text, strlen(text)) < 0)
        sg_parse_no_memory(p);
}

static void read_files(struct sg_parse *p, const json_t *value, bool has_code)
{
    size_t max = SG_FILES_MAX - (has_code ? 1 : 0);
    if (!sg_parse_type(p, json_is_array(value), value, "/files", "an array"))
        return;
    size_t n = json_array_size(value);
    if (n > max)
        sg_problem_field(p->problem, "/files", "has %zu items; allowed: at most %zu", n, max);
    else if (n == 0 && !has_code)
        sg_problem_field(p->problem, "/files", "is empty; allowed: at least one file, or `code`");
    for (size_t i = 0; i < n && n <= max; i++)
        read_file(p, json_array_get(value, i), i, has_code);
}

void sg_parse_program(struct sg_parse *p)
{
    const json_t *code = json_object_get(p->root, "code");
    const json_t *files = json_object_get(p->root, "files");
    if (!code && !files)
        sg_problem_field(p->problem, "/code",
                         "is missing; allowed: the program as `code`, or "
                         "`files`");
    if (code)
        read_code(p, code);
    if (files)
        read_files(p, files, code != NULL);
}

void sg_parse_bytes(struct sg_parse *p, const json_t *value, const char *pointer, size_t max,
                    struct sg_bytes *ret)
{
    static const char *const names[] = {"content", "encoding", NULL};
    char at[SG_POINTER_SIZE];
    if (!sg_parse_type(p, json_is_object(value) || json_is_string(value), value, pointer,
                       "a string, or an object with content and encoding"))
        return;
    if (json_is_string(value)) {
        read_content(p, value, pointer, false, max, ret);
        return;
    }
    sg_parse_known_keys(p, value, pointer, names);
    sg_parse_pointer(at, sizeof at, pointer, "content");
    read_content(p, json_object_get(value, "content"), at, read_encoding(p, value, pointer), max,
                 ret);
}

void sg_parse_stdin(struct sg_parse *p, const json_t *value)
{
    if (value)
        sg_parse_bytes(p, value, "/stdin", SG_STDIN_BYTES_MAX, &p->job->input);
}

/* Counts towards what arguments and environment may have together; tells once. */
static void count_bytes(struct sg_parse *p, const char *pointer, size_t n, size_t *total)
{
    size_t before = *total;
    *total += n + 1;
    if (before <= SG_REQUEST_STRINGS_BYTES_MAX && *total > SG_REQUEST_STRINGS_BYTES_MAX)
        sg_problem_field(p->problem, pointer,
                         "goes past what args and env may have together; "
                         "allowed: %u bytes",
                         SG_REQUEST_STRINGS_BYTES_MAX);
}

void sg_parse_strings(struct sg_parse *p, const json_t *value, const char *pointer, char **ret,
                      size_t *ret_n, size_t *total)
{
    char at[SG_POINTER_SIZE];
    if (!sg_parse_type(p, json_is_array(value), value, pointer, "an array of strings"))
        return;
    size_t n = json_array_size(value);
    if (n > SG_ARGS_MAX) {
        sg_problem_field(p->problem, pointer, "has %zu items; allowed: at most %d", n, SG_ARGS_MAX);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        sg_parse_pointer_index(at, sizeof at, pointer, i);
        const char *text =
            sg_parse_text(p, json_array_get(value, i), at, SG_REQUEST_STRING_BYTES_MAX);
        if (!text)
            continue;
        count_bytes(p, at, strlen(text), total);
        ret[*ret_n] = strdup(text);
        if (ret[*ret_n])
            (*ret_n)++;
        else
            sg_parse_no_memory(p);
    }
}

void sg_parse_args(struct sg_parse *p, const json_t *value)
{
    if (value)
        sg_parse_strings(p, value, "/args", p->job->args, &p->job->nargs, &p->strings_bytes);
}

static void read_variable(struct sg_parse *p, const char *name, const json_t *value)
{
    sg_auto(sg_buf) struct sg_buf entry = {0};
    char at[SG_POINTER_SIZE];
    sg_parse_pointer(at, sizeof at, "/env", name);
    const char *wrong = sg_env_name_check(name);
    if (wrong)
        sg_problem_field(p->problem, at,
                         "%s; allowed: names of letters, digits and _ that make "
                         "nothing load code",
                         wrong);
    const char *text = sg_parse_text(p, value, at, SG_REQUEST_STRING_BYTES_MAX);
    if (wrong || !text)
        return;
    sg_buf_printf(&entry, "%s=%s", name, text);
    count_bytes(p, at, entry.len, &p->strings_bytes);
    if (entry.failed)
        sg_parse_no_memory(p);
    else
        p->job->env[p->job->nenv++] = sg_buf_take(&entry);
}

void sg_parse_env(struct sg_parse *p, const json_t *value)
{
    const char *name;
    json_t *item;
    if (!value || !sg_parse_type(p, json_is_object(value), value, "/env", "an object of strings"))
        return;
    if (json_object_size(value) > SG_ENV_MAX) {
        sg_problem_field(p->problem, "/env", "has %zu items; allowed: at most %d",
                         json_object_size(value), SG_ENV_MAX);
        return;
    }
    json_object_foreach((json_t *)value, name, item) read_variable(p, name, item);
}
