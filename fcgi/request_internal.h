/* request_internal.h: shared by request.c (the table, the simple fields), request_program.c (what
   is run: code, files, stdin, arguments, environment) and request_cases.c (test cases). */
#ifndef SG_FCGI_REQUEST_INTERNAL_H
#define SG_FCGI_REQUEST_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/model/job.h"
#include "core/model/runtime.h"
#include "fcgi/problem.h"
#include "fcgi/request.h"

struct sg_parse {
    const struct sg_request_rules *rules;
    struct sg_job *job;
    struct sg_problem *problem;
    const json_t *root;
    const struct sg_runtime *runtime; /* NULL: there is none, or the language is unknown */
    const char *entry;                /* name that the source gets */
    struct sg_screen *screen;
    size_t strings_bytes; /* of args and env so far */
};

/* "an object", "a string", ... for texts; "missing" for NULL. */
const char *sg_parse_type_name(const json_t *value);
/* Tells that the value has the wrong type, and which are allowed, unless it is right. Returns
 * right.
 */
bool sg_parse_type(struct sg_parse *p, bool right, const json_t *value, const char *pointer,
                   const char *allowed);
/* "/args/3" and the like. */
void sg_parse_pointer(char *ret, size_t n, const char *parent, const char *key);
void sg_parse_pointer_index(char *ret, size_t n, const char *parent, size_t index);
#define SG_POINTER_SIZE 512

/* A string without NUL of at most max bytes, as C string (borrowed); NULL when not, and that was
 * told. */
const char *sg_parse_text(struct sg_parse *p, const json_t *value, const char *pointer, size_t max);
/* Tells of each key of an object that is not in names (NULL-terminated): refused, never ignored. */
void sg_parse_known_keys(struct sg_parse *p, const json_t *object, const char *pointer,
                         const char *const *names);
/* The service, not the client, failed. */
void sg_parse_no_memory(struct sg_parse *p);

/* A whole number within the bounds that the limit has here. */
void sg_parse_limit(struct sg_parse *p, const struct sg_limit_info *info, const json_t *value,
                    const char *at, uint64_t *ret);
/* A string, or {content, encoding}, of at most max bytes. */
void sg_parse_bytes(struct sg_parse *p, const json_t *value, const char *pointer, size_t max,
                    struct sg_bytes *ret);
/* An array of at most SG_ARGS_MAX strings into ret, which has room for as many as there are (at
   most that). *total counts what arguments and environment have together. */
void sg_parse_strings(struct sg_parse *p, const json_t *value, const char *pointer, char **ret,
                      size_t *ret_n, size_t *total);

void sg_parse_program(struct sg_parse *p); /* code and files */
void sg_parse_validate(struct sg_parse *p, const json_t *value);
void sg_parse_policy(struct sg_parse *p, const json_t *value);
void sg_parse_stdin(struct sg_parse *p, const json_t *value);
void sg_parse_args(struct sg_parse *p, const json_t *value);
void sg_parse_output_files(struct sg_parse *p, const json_t *value);
void sg_parse_env(struct sg_parse *p, const json_t *value);
/* These two come behind everything that a case takes over: stdin, args, env, limits. */
void sg_parse_tests(struct sg_parse *p, const json_t *value);
void sg_parse_test_options(struct sg_parse *p, const json_t *value);

#endif
