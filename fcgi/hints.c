/* hints.c: see hints.h */
#include "fcgi/hints.h"

#include <string.h>

#include "core/base/cleanup.h"

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

/* "numpy.py", "numpy.cpython-311.so", "numpy/__init__.py"; neither "numpy.csv" nor "numpy/a.csv".
 */
static bool is_module(const char *path, size_t name)
{
    const char *rest = path + name, *suffix = strrchr(rest, '.');
    if (*rest == '/' && strncmp(rest, "/__init__.", 10) != 0)
        return false;
    return suffix && !strchr(suffix, '/') &&
           (strcmp(suffix, ".py") == 0 || strcmp(suffix, ".pyc") == 0 ||
            strcmp(suffix, ".so") == 0);
}

/* What lies beside the program is imported rather than an installed module of its name. */
static void remove_own_modules(struct sg_imports *s, const struct sg_job *job)
{
    for (size_t i = 0; i < job->nfiles; i++) {
        size_t name = strcspn(job->files[i].path, "/.");
        if (is_module(job->files[i].path, name))
            sg_imports_remove(s, job->files[i].path, name);
    }
}

/* Settings that a module reads when it is imported: a template's has been. */
static const struct {
    const char *module, *file, *variable;
} early_settings[] = {
    {"matplotlib", "matplotlibrc", "MATPLOTLIBRC"},
    {"matplotlib", NULL, "MPLBACKEND"},
    {"matplotlib", NULL, "MPLCONFIGDIR"},
};

static bool has_file(const struct sg_job *job, const char *path)
{
    size_t i = 0;
    while (path && i < job->nfiles && strcmp(job->files[i].path, path) != 0)
        i++;
    return path && i < job->nfiles;
}

static bool names(const struct sg_job *job, struct sg_runtimes *rts, const char *variable)
{
    for (size_t i = 0; i < job->nfiles; i++) {
        const struct sg_bytes *content = &job->files[i].content;
        if (content->n > 0 && is_code(job, i, rts) &&
            memmem(content->data, content->n, variable, strlen(variable)))
            return true;
    }
    return false;
}

static void remove_early_settings(struct sg_imports *s, const struct sg_job *job,
                                  struct sg_runtimes *rts)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(early_settings); i++) {
        const char *module = early_settings[i].module;
        if (sg_imports_has(s, module, strlen(module)) &&
            (has_file(job, early_settings[i].file) || names(job, rts, early_settings[i].variable)))
            sg_imports_remove(s, module, strlen(module));
    }
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
    remove_early_settings(&found, job, rts);
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
