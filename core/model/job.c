#include "core/model/job.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/model/cases.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

#define ENV_NAME_MAX 64

static void free_cases(struct sg_cases *cases)
{
    for (size_t i = 0; cases && i < cases->n; i++) {
        struct sg_case *c = &cases->v[i];
        free(c->name);
        free(c->input.data);
        free(c->expected.data);
        for (size_t k = 0; k < c->nargs; k++)
            free(c->args[k]);
        free(c->args);
    }
    free(cases);
}

void sg_job_done(struct sg_job *job)
{
    for (size_t i = 0; i < job->nfiles; i++) {
        free(job->files[i].path);
        free(job->files[i].content.data);
    }
    for (size_t i = 0; i < job->nargs; i++)
        free(job->args[i]);
    for (size_t i = 0; i < job->nenv; i++)
        free(job->env[i]);
    for (size_t i = 0; i < job->noutput; i++)
        free(job->output[i]);
    free(job->input.data);
    free_cases(job->cases);
    *job = (struct sg_job){0};
}

/* What no source text holds: a NUL, of which compiled code is full, and the mark of a zip archive's
   directory, which an interpreter looks for at the file's end. */
static bool is_source(const struct sg_bytes *b)
{
    static const char zip[] = {'P', 'K', 5, 6};
    return b->n == 0 || (!memchr(b->data, '\0', b->n) && !memmem(b->data, b->n, zip, sizeof zip));
}

/* What waits writes its files itself, under the limits of the run. */
static bool fits_file_limit(const struct sg_job *job)
{
    for (size_t i = 0; i < job->nfiles; i++)
        if (job->files[i].content.n > job->limits.file_bytes)
            return false;
    return job->input.n <= job->limits.file_bytes;
}

bool sg_job_is_plain(const struct sg_job *job, const char *entry)
{
    return fits_file_limit(job) && job->nfiles > 0 && job->nargs == 0 && job->nenv == 0 &&
           sg_str_equal(job->files[0].path, entry) && is_source(&job->files[0].content);
}

/* C0, DEL, and the C1 controls, which in UTF-8 are 0xc2 and a byte below 0xa0. */
static bool has_control(const char *s)
{
    for (const unsigned char *u = (const unsigned char *)s; *u; u++) {
        if (*u < 0x20 || *u == 0x7f || (*u == 0xc2 && u[1] < 0xa0))
            return true;
    }
    return false;
}

static const char *check_component(const char *s, size_t n)
{
    if (n == 0)
        return "has an empty component";
    if ((n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.'))
        return "has a component \".\" or \"..\"";
    return NULL;
}

const char *sg_path_check(const char *path)
{
    size_t n = strlen(path);
    if (n == 0)
        return "is empty";
    if (n > SG_PATH_MAX)
        return "is longer than " TEXT(SG_PATH_MAX) " bytes";
    if (sg_utf8_valid_prefix(path, n) != n)
        return "is not valid UTF-8";
    if (has_control(path))
        return "has a control character";
    if (path[0] == '/')
        return "is absolute";
    size_t depth = 0;
    for (const char *s = path;; s++) {
        size_t len = strcspn(s, "/");
        const char *wrong = check_component(s, len);
        if (wrong)
            return wrong;
        if (++depth > SG_PATH_DEPTH_MAX)
            return "has more than " TEXT(SG_PATH_DEPTH_MAX) " components";
        s += len;
        if (!*s)
            return NULL;
    }
}

/* Names that make a dynamic loader, C library, interpreter or shell load code or data of somebody's
   choice, before or beside the program; a trailing * stands for any rest. From ld.so(8) (its list
   for set-user-ID programs), python(1), node(1), perlrun(1), ruby(1), bash(1), java(1), lua(1),
   php(1), git(1). */
static const char *const code_loading_names[] = {
    "LD_*",
    "GLIBC_TUNABLES",
    "GCONV_PATH",
    "GETCONF_DIR",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "LOCPATH",
    "MALLOC_*",
    "NIS_PATH",
    "NLSPATH",
    "RESOLV_HOST_CONF",
    "RES_OPTIONS",
    "TZDIR",
    "PYTHONSTARTUP",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONUSERBASE",
    "PYTHONPLATLIBDIR",
    "PYTHONBREAKPOINT",
    "PYTHONWARNINGS",
    "PYTHONEXECUTABLE",
    "PYTHONPYCACHEPREFIX",
    "PYTHONCASEOK",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_REPL_*",
    "PERL5*",
    "PERLLIB",
    "PERLIO*",
    "RUBYOPT",
    "RUBYLIB",
    "RUBYSHELL",
    "GEM_PATH",
    "GEM_HOME",
    "BUNDLE_*",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "JAVA_OPTIONS",
    "CLASSPATH",
    "BASH_ENV",
    "BASH_FUNC*",
    "ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "PS4",
    "PROMPT_COMMAND",
    "IFS",
    "LUA_INIT*",
    "LUA_PATH*",
    "LUA_CPATH*",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "R_PROFILE*",
    "R_ENVIRON*",
    "R_LIBS*",
    "JULIA_*",
    "GCC_EXEC_PREFIX",
    "COMPILER_PATH",
    "GIT_*",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
};

static bool loads_code(const char *name)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(code_loading_names); i++) {
        const char *row = code_loading_names[i];
        size_t n = strlen(row);
        if (row[n - 1] == '*' ? strncmp(name, row, n - 1) == 0 : strcmp(name, row) == 0)
            return true;
    }
    return false;
}

const char *sg_env_name_check(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t n = strlen(name);
    if (n == 0)
        return "is empty";
    if (n > ENV_NAME_MAX)
        return "is longer than " TEXT(ENV_NAME_MAX) " bytes";
    if (name[0] >= '0' && name[0] <= '9')
        return "begins with a digit";
    if (strspn(name, letters) != n)
        return "has a character other than letters, digits and _";
    if (loads_code(name))
        return "makes a loader or interpreter load code";
    return NULL;
}
