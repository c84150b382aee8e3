#include "core/model/output.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/model/glob.h"

static const char *const omission_names[SG_OMISSION_COUNT] = {
    [SG_OMISSION_MANY] = "too_many",       [SG_OMISSION_LARGE] = "too_large",
    [SG_OMISSION_SPECIAL] = "not_a_file",  [SG_OMISSION_LINKED] = "hard_link",
    [SG_OMISSION_NAME] = "bad_name",       [SG_OMISSION_DEEP] = "too_deep",
    [SG_OMISSION_UNREAD] = "not_readable", [SG_OMISSION_UNSEEN] = "not_searched",
};

const char *sg_omission_name(enum sg_omission o)
{
    return (unsigned)o < SG_OMISSION_COUNT ? omission_names[o] : NULL;
}

static uint64_t path_digest(const char *path)
{
    return sg_digest(SG_DIGEST_START, path, strlen(path));
}

/* The job's patterns have been counted when it was made; what does not fit is left out. */
static void fill_patterns(struct sg_output_rules *ret, const struct sg_job *job)
{
    size_t used = 0;
    for (size_t i = 0; i < job->noutput; i++) {
        size_t n = strlen(job->output[i]) + 1;
        if (n > sizeof ret->patterns - used)
            return;
        memcpy(ret->patterns + used, job->output[i], n);
        used += n;
        ret->npatterns++;
    }
}

void sg_output_fill(struct sg_output_rules *ret, const struct sg_job *job)
{
    memset(ret, 0, sizeof *ret);
    ret->chosen = job->output_chosen;
    fill_patterns(ret, job);
    if (sg_output_is_none(ret))
        return;
    ret->file_bytes = job->limits.file_bytes;
    ret->ninputs = (uint32_t)job->nfiles;
    for (size_t i = 0; i < job->nfiles; i++) {
        const struct sg_job_file *f = &job->files[i];
        ret->inputs[i] = (struct sg_output_input){
            .path = path_digest(f->path),
            .content = sg_digest(SG_DIGEST_START, f->content.data, f->content.n),
            .size = f->content.n};
    }
}

void sg_output_none(struct sg_output_rules *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->chosen = 1;
}

bool sg_output_is_none(const struct sg_output_rules *rules)
{
    return rules->chosen && rules->npatterns == 0;
}

int sg_output_check(const struct sg_output_rules *rules)
{
    size_t at = 0;
    if (rules->chosen > 1 || rules->npatterns > SG_OUTPUT_PATTERNS_MAX ||
        rules->ninputs > SG_FILES_MAX)
        return SG_E_INVALID;
    for (uint32_t i = 0; i < rules->npatterns; i++) {
        const char *pattern = rules->patterns + at;
        size_t left = sizeof rules->patterns - at, n = strnlen(pattern, left);
        if (n == left || sg_glob_check(pattern))
            return SG_E_INVALID;
        at += n + 1;
    }
    return 0;
}

/* Does any pattern say yes? */
static bool any(const struct sg_output_rules *rules, const char *path,
                bool (*says)(const char *pattern, const char *path))
{
    const char *pattern = rules->patterns;
    if (!rules->chosen)
        return true;
    for (uint32_t i = 0; i < rules->npatterns; i++, pattern += strlen(pattern) + 1)
        if (says(pattern, path))
            return true;
    return false;
}

bool sg_output_selects(const struct sg_output_rules *rules, const char *path)
{
    return any(rules, path, sg_glob_match);
}

bool sg_output_reaches(const struct sg_output_rules *rules, const char *folder)
{
    return any(rules, folder, sg_glob_reaches);
}

const struct sg_output_input *sg_output_input(const struct sg_output_rules *rules, const char *path)
{
    uint64_t digest = path_digest(path);
    for (uint32_t i = 0; i < rules->ninputs; i++)
        if (rules->inputs[i].path == digest)
            return &rules->inputs[i];
    return NULL;
}
