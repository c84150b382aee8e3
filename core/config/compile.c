/* compile.c: see compile.h */
#include "core/config/compile.h"

#include <string.h>

#include "core/base/cleanup.h"
#include "core/config/limit_text.h"

/* What compilers of C and C++ need for what one sends over HTTP, and not much more. Output: a
   compiler that has much to say has said it all in the first lines. */
static const struct sg_limits defaults = {
    .wall_time_ms = 15000,
    .cpu_time_ms = 15000,
    .memory_bytes = 512u << 20,
    .processes = 32,
    .output_bytes = 256u << 10,
    .file_bytes = 16u << 20,
    .cpu_percent = 100,
};

const char *sg_compile_limit_check(const char *value)
{
    struct sg_limits limits;
    const struct sg_limit_info *info;
    if (sg_limit_read(value, &limits, &info) < 0)
        return "is no limit; allowed: NAME=VALUE, of those that /v1/limits lists";
    uint64_t n = sg_limit_get(&limits, info);
    return n < info->min || n > info->ceiling ? "is out of bounds; see default_* of limits { }"
                                              : NULL;
}

static bool has_word(const struct sg_strings *words, const char *word)
{
    for (size_t i = 0; i < words->n; i++)
        if (strstr(words->v[i], word))
            return true;
    return false;
}

static int refuse(const struct sg_fields *f, const char *key, const char *text,
                  struct sg_error *err)
{
    sg_error_set(err, SG_E_INVALID, "%s", text);
    return sg_fields_refuse(f, key, err);
}

/* The same limit twice would leave it to the order of the list which of them counts. */
static bool limit_twice(const struct sg_strings *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        size_t n = strcspn(texts->v[i], "=") + 1;
        for (size_t k = 0; k < i; k++)
            if (strncmp(texts->v[i], texts->v[k], n) == 0)
                return true;
    }
    return false;
}

int sg_compile_check(const struct sg_fields *f, const struct sg_runtime *r, struct sg_error *err)
{
    if (r->compile.v[0][0] != '/')
        return refuse(f, "compile", "is not absolute; allowed: a path from the root", err);
    if (!has_word(&r->compile, "{file}"))
        return refuse(f, "compile", "does not say where the file goes; allowed: a word with {file}",
                      err);
    if (!has_word(&r->compile, "{product}"))
        return refuse(f, "compile",
                      "does not say where the program goes; allowed: a word with {product}", err);
    if (r->command.n != 1 || strcmp(r->command.v[0], "{product}") != 0)
        return refuse(f, "command",
                      "is something else than what is compiled; allowed with `compile`: {product}",
                      err);
    if (r->image_command.n > 0 && !has_word(&r->image_command, "{product}"))
        return refuse(f, "image_command",
                      "does not say where the program goes; allowed: a word with {product}", err);
    if (!r->compile_profile)
        return refuse(f, "compile_profile", "is not set; it is required with `compile`", err);
    if (r->may_execute)
        return refuse(f, "may_execute", "is on; allowed without `compile` only", err);
    if (limit_twice(&r->compile_limit_texts))
        return refuse(f, "compile_limits", "sets a limit again; allowed: once", err);
    if (r->start[0] && strcmp(r->start, "cold") != 0)
        return refuse(f, "start", "is not cold; allowed with `compile`: cold", err);
    return 0;
}

int sg_compile_check_absent(const struct sg_fields *f, const struct sg_runtime *r,
                            struct sg_error *err)
{
    static const char text[] = "is set without `compile`; allowed: only with it";
    if (r->compile.n > 0)
        return 0;
    if (r->compile_profile)
        return refuse(f, "compile_profile", text, err);
    return r->compile_limit_texts.n > 0 ? refuse(f, "compile_limits", text, err) : 0;
}

void sg_compile_fill_limits(struct sg_runtime *r)
{
    const struct sg_limit_info *info;
    if (r->compile.n == 0)
        return;
    r->compiled = true;
    r->compile_limits = defaults;
    for (size_t i = 0; i < r->compile_limit_texts.n; i++)
        (void)sg_limit_read(r->compile_limit_texts.v[i], &r->compile_limits, &info); /* checked */
}
