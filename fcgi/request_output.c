/* The field output_files of a request: patterns of the files that come back. */
#include <string.h>

#include "core/base/cleanup.h"
#include "core/model/glob.h"
#include "fcgi/request_internal.h"

static void read_pattern(struct sg_parse *p, const json_t *value, const char *pointer,
                         size_t *bytes)
{
    const char *text = sg_parse_text(p, value, pointer, SG_PATH_MAX);
    const char *wrong = text ? sg_glob_check(text) : NULL;
    if (!text)
        return;
    if (wrong) {
        sg_problem_field(p->problem, pointer,
                         "%s; allowed: a relative path of at most %d names, with * ? [ ] and, as a "
                         "whole name, **",
                         wrong, SG_PATH_DEPTH_MAX);
        return;
    }
    size_t before = *bytes;
    *bytes += strlen(text) + 1;
    if (*bytes > SG_OUTPUT_PATTERN_BYTES_MAX) {
        if (before <= SG_OUTPUT_PATTERN_BYTES_MAX)
            sg_problem_field(p->problem, pointer,
                             "goes past what all patterns may have together; allowed: %d bytes",
                             SG_OUTPUT_PATTERN_BYTES_MAX);
        return;
    }
    p->job->output[p->job->noutput] = strdup(text);
    if (p->job->output[p->job->noutput])
        p->job->noutput++;
    else
        sg_parse_no_memory(p);
}

void sg_parse_output_files(struct sg_parse *p, const json_t *value)
{
    static const char pointer[] = "/output_files";
    char at[SG_POINTER_SIZE];
    size_t bytes = 0;
    if (!value || !sg_parse_type(p, json_is_array(value), value, pointer, "an array of patterns"))
        return;
    if (json_object_get(p->root, "tests"))
        sg_problem_field(p->problem, pointer,
                         "is there beside `tests`, of which no files come back");
    size_t n = json_array_size(value);
    if (n > SG_OUTPUT_PATTERNS_MAX) {
        sg_problem_field(p->problem, pointer, "has %zu items; allowed: at most %d", n,
                         SG_OUTPUT_PATTERNS_MAX);
        return;
    }
    p->job->output_chosen = true;
    for (size_t i = 0; i < n; i++) {
        sg_parse_pointer_index(at, sizeof at, pointer, i);
        read_pattern(p, json_array_get(value, i), at, &bytes);
    }
}
