/* hints.c: see hints.h */
#include "fcgi/hints.h"

#include <string.h>

/* Is it the entry, or does its name say that it is code of the job's language? */
static bool is_code(const struct sg_job *job, size_t file, struct sg_runtimes *rts)
{
    const char *path = job->files[file].path;
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    const struct sg_runtime *rt = dot ? sg_runtimes_by_extension(rts, dot + 1) : NULL;
    return file == 0 || (rt && strcmp(rt->language, job->language) == 0);
}

static void scan_files(struct sg_imports *ret, const struct sg_job *job, struct sg_runtimes *rts)
{
    for (size_t i = 0; i < job->nfiles; i++) {
        const struct sg_bytes *content = &job->files[i].content;
        if (content->n > 0 && is_code(job, i, rts))
            sg_imports_scan(ret, content->data, content->n);
    }
}

/* What lies beside the program is imported rather than an installed module of its name. */
static void remove_own_modules(struct sg_imports *s, const struct sg_job *job)
{
    for (size_t i = 0; i < job->nfiles; i++)
        sg_imports_remove(s, job->files[i].path, strcspn(job->files[i].path, "/."));
}

bool sg_hints_plain(const struct sg_job *job, const struct sg_runtimes *rts)
{
    size_t runtimes = 0, plain = 0;
    for (size_t i = 0; i < rts->n; i++) {
        if (strcmp(rts->v[i].language, job->language) != 0)
            continue;
        runtimes++;
        plain += sg_job_is_plain(job, rts->v[i].entry);
    }
    return runtimes > 0 && plain == runtimes; /* which of them runs it is not known here */
}

void sg_hints_fill(struct sg_job *job, struct sg_runtimes *rts, const struct sg_verdict *verdict)
{
    struct sg_imports found = {0};
    if (verdict)
        found = verdict->imports;
    else
        scan_files(&found, job, rts);
    remove_own_modules(&found, job);
    job->imports[0] = '\0';
    for (size_t i = 0; i < rts->n; i++) {
        const struct sg_runtime *rt = &rts->v[i];
        if (strcmp(rt->language, job->language) != 0)
            continue;
        for (size_t k = 0; k < rt->templates.n; k++)
            sg_imports_pick(&found, rt->templates.v[k], job->imports, sizeof job->imports);
    }
    job->plain = sg_hints_plain(job, rts);
}
