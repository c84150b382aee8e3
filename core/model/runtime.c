#include "core/model/runtime.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"

void sg_strings_done(struct sg_strings *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->v[i]);
    *s = (struct sg_strings){0};
}

int sg_strings_add(struct sg_strings *s, const char *text)
{
    if (s->n == SG_RUNTIME_LIST_MAX)
        return -E2BIG;
    char *copy = strdup(text);
    if (!copy)
        return -ENOMEM;
    s->v[s->n++] = copy;
    return 0;
}

bool sg_strings_has(const struct sg_strings *s, const char *text)
{
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->v[i], text) == 0)
            return true;
    }
    return false;
}

void sg_runtime_done(struct sg_runtime *r)
{
    free(r->language);
    free(r->entry);
    free(r->rules);
    free(r->profile);
    free(r->probe);
    free(r->self_test);
    free(r->compile_profile);
    sg_strings_done(&r->compile);
    sg_strings_done(&r->compile_limit_texts);
    free(r->prepare);
    free(r->image);
    sg_strings_done(&r->image_command);
    sg_strings_done(&r->aliases);
    sg_strings_done(&r->extensions);
    sg_strings_done(&r->command);
    sg_strings_done(&r->environment);
    sg_strings_done(&r->templates);
    *r = (struct sg_runtime){0};
}

const char *sg_runtime_program(const struct sg_runtime *r)
{
    return r->compile.n > 0 ? r->compile.v[0] : r->command.v[0];
}

/* A compiler executes its parts. */
struct sg_runtime sg_runtime_compile_stage(const struct sg_runtime *r)
{
    struct sg_runtime stage = *r;
    stage.command = r->compile;
    stage.profile = r->compile_profile;
    stage.may_execute = true;
    return stage;
}

bool sg_runtime_answers_to(const struct sg_runtime *r, const char *name)
{
    return sg_str_equal(r->language, name) || sg_strings_has(&r->aliases, name);
}

bool sg_version_matches(const char *have, const char *want)
{
    if (!*want)
        return true;
    size_t n = strlen(want);
    return strncmp(have, want, n) == 0 && (have[n] == '\0' || have[n] == '.');
}
