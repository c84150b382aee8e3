#include "core/sandbox/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"

#define PROFILE_BYTES_MAX (1u << 20)
#define ERRNO_DEFAULT     EPERM /* OCI: what SCMP_ACT_ERRNO means without errnoRet */

static const struct {
    const char *name;
    enum scmp_compare op;
} compare_names[] = {
    {"SCMP_CMP_NE", SCMP_CMP_NE},
    {"SCMP_CMP_LT", SCMP_CMP_LT},
    {"SCMP_CMP_LE", SCMP_CMP_LE},
    {"SCMP_CMP_EQ", SCMP_CMP_EQ},
    {"SCMP_CMP_GE", SCMP_CMP_GE},
    {"SCMP_CMP_GT", SCMP_CMP_GT},
    {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
};

/* Rows of the file do not count for these calls; the variant says what holds. action 0: as the
   default, which refuses. */
struct exception {
    const char *name;
    uint32_t action;
};

static const struct exception none[] = {{NULL, 0}};
static const struct exception of_clone[] = {
    {"execve", 0}, {"execveat", 0}, {"exit_group", SCMP_ACT_NOTIFY}, {NULL, 0}};
static const struct exception of_product[] = {
    {"execve", 0}, {"execveat", SCMP_ACT_ALLOW}, {NULL, 0}};
/* Joining (setns, clone3, wait4), the v1 cgroup (write), and everything that sg_box_confine does.
 */
static const struct exception of_template[] = {{"execve", 0},
                                               {"execveat", 0},
                                               {"capset", SCMP_ACT_ALLOW},
                                               {"clone3", SCMP_ACT_ALLOW},
                                               {"get_robust_list", SCMP_ACT_ALLOW},
                                               {"landlock_add_rule", SCMP_ACT_ALLOW},
                                               {"landlock_create_ruleset", SCMP_ACT_ALLOW},
                                               {"landlock_restrict_self", SCMP_ACT_ALLOW},
                                               {"prctl", SCMP_ACT_ALLOW},
                                               {"prlimit64", SCMP_ACT_ALLOW},
                                               {"seccomp", SCMP_ACT_ALLOW},
                                               {"setns", SCMP_ACT_ALLOW},
                                               {"setresgid", SCMP_ACT_ALLOW},
                                               {"setresuid", SCMP_ACT_ALLOW},
                                               {"setrlimit", SCMP_ACT_ALLOW},
                                               {"setsid", SCMP_ACT_ALLOW},
                                               {NULL, 0}};
static const struct exception *const exceptions[] = {[SG_PROFILE_PROGRAM] = none,
                                                     [SG_PROFILE_CLONE] = of_clone,
                                                     [SG_PROFILE_PRODUCT] = of_product,
                                                     [SG_PROFILE_TEMPLATE] = of_template};

/* A row that refuses with an errno of its own stays: with action 0 only what is allowed does not
 * count. */
static bool is_exception(const struct exception *list, const char *name, uint32_t action)
{
    while (list->name && strcmp(list->name, name) != 0)
        list++;
    return list->name && (list->action || action == SCMP_ACT_ALLOW);
}

static int only_keys(json_t *object, const char *const *known, const char *where,
                     struct sg_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i])
            return sg_error_set(err, SG_E_INVALID, "%s: unknown key \"%s\"", where, key);
    }
    return 0;
}

static int parse_action(json_t *row, const char *key, const char *errno_key, uint32_t *ret,
                        const char *where, struct sg_error *err)
{
    const char *name = json_string_value(json_object_get(row, key));
    json_t *number = json_object_get(row, errno_key);
    json_int_t errnum = number ? json_integer_value(number) : ERRNO_DEFAULT;
    if (!name)
        return sg_error_set(err, SG_E_INVALID, "%s: \"%s\" is missing", where, key);
    if (strcmp(name, "SCMP_ACT_ALLOW") == 0)
        *ret = SCMP_ACT_ALLOW;
    else if (strcmp(name, "SCMP_ACT_KILL_PROCESS") == 0)
        *ret = SCMP_ACT_KILL_PROCESS;
    else if (strcmp(name, "SCMP_ACT_ERRNO") == 0 && errnum > 0 && errnum < 4096)
        *ret = SCMP_ACT_ERRNO((uint32_t)errnum);
    else
        return sg_error_set(err, SG_E_INVALID,
                            "%s: %s %s; allowed: SCMP_ACT_ALLOW, SCMP_ACT_KILL_PROCESS, "
                            "SCMP_ACT_ERRNO with errnoRet 1 to 4095",
                            where, key, name);
    return 0;
}

static int parse_arg(json_t *arg, struct scmp_arg_cmp *ret, const char *where, struct sg_error *err)
{
    static const char *const keys[] = {"index", "value", "valueTwo", "op", NULL};
    const char *op = json_string_value(json_object_get(arg, "op"));
    json_t *index = json_object_get(arg, "index"), *value = json_object_get(arg, "value");
    if (!json_is_object(arg) || only_keys(arg, keys, where, err) < 0 || !json_is_integer(index) ||
        !json_is_integer(value) || !op || json_integer_value(index) < 0 ||
        json_integer_value(index) > 5)
        return sg_error_set(err, SG_E_INVALID, "%s: an argument rule needs index 0 to 5, value, op",
                            where);
    size_t i = 0;
    while (i < SG_ARRAY_LEN(compare_names) && strcmp(compare_names[i].name, op) != 0)
        i++;
    if (i == SG_ARRAY_LEN(compare_names))
        return sg_error_set(err, SG_E_INVALID, "%s: unknown op %s", where, op);
    *ret = (struct scmp_arg_cmp){
        .arg = (unsigned)json_integer_value(index),
        .op = compare_names[i].op,
        .datum_a = (scmp_datum_t)json_integer_value(value),
        .datum_b = (scmp_datum_t)json_integer_value(json_object_get(arg, "valueTwo")),
    };
    return 0;
}

static int add_row(scmp_filter_ctx ctx, json_t *row, uint32_t dflt, const struct exception *except,
                   const char *where, struct sg_error *err)
{
    static const char *const keys[] = {"names", "action", "errnoRet", "args", "comment", NULL};
    json_t *names = json_object_get(row, "names"), *args = json_object_get(row, "args"), *item;
    struct scmp_arg_cmp cmp[6];
    uint32_t action;
    size_t i;
    if (!json_is_object(row) || !json_is_array(names) || (args && !json_is_array(args)) ||
        json_array_size(args) > SG_ARRAY_LEN(cmp))
        return sg_error_set(err, SG_E_INVALID, "%s: needs names, action, at most 6 args", where);
    if (only_keys(row, keys, where, err) < 0 ||
        parse_action(row, "action", "errnoRet", &action, where, err) < 0)
        return err->code;
    json_array_foreach(args, i,
                       item) if (parse_arg(item, &cmp[i], where, err) < 0) return err->code;
    if (action == dflt)
        return 0; /* libseccomp refuses a rule that says what the default says */
    json_array_foreach(names, i, item)
    {
        const char *name = json_string_value(item);
        int number = name ? seccomp_syscall_resolve_name(name) : __NR_SCMP_ERROR;
        if (!name)
            return sg_error_set(err, SG_E_INVALID, "%s: names must be strings", where);
        if (is_exception(except, name, action))
            continue;
        /* A call that this libseccomp or this architecture does not know gets the default action,
           which refuses: see load_rules. */
        if (number < 0)
            continue;
        int r = seccomp_rule_add_array(ctx, action, number, (unsigned)json_array_size(args), cmp);
        if (r < 0)
            return sg_error_errno(err, -r, "%s: %s: libseccomp refuses the rule", where, name);
    }
    return 0;
}

static int add_exceptions(scmp_filter_ctx ctx, const struct exception *e, const char *file,
                          struct sg_error *err)
{
    for (; e->name; e++) {
        int r = e->action
                    ? seccomp_rule_add(ctx, e->action, seccomp_syscall_resolve_name(e->name), 0)
                    : 0;
        if (r < 0)
            return sg_error_errno(err, -r, "%s: %s: libseccomp refuses the rule", file, e->name);
    }
    return 0;
}

static int load_rules(scmp_filter_ctx *ctx, json_t *root, const struct exception *except,
                      const char *file, struct sg_error *err)
{
    static const char *const keys[] = {"defaultAction", "defaultErrnoRet", "architectures",
                                       "syscalls",      "comment",         NULL};
    json_t *rows = json_object_get(root, "syscalls"), *row;
    uint32_t dflt;
    size_t i;
    if (!json_is_object(root) || !json_is_array(rows))
        return sg_error_set(err, SG_E_INVALID, "%s: not a profile: an object with syscalls[]",
                            file);
    if (only_keys(root, keys, file, err) < 0 ||
        parse_action(root, "defaultAction", "defaultErrnoRet", &dflt, file, err) < 0)
        return err->code;
    if (dflt == SCMP_ACT_ALLOW)
        return sg_error_set(err, SG_E_INVALID,
                            "%s: defaultAction must refuse: this is an allow-list", file);
    *ctx = seccomp_init(dflt);
    if (!*ctx)
        return sg_error_set(err, -ENOMEM, "%s: seccomp_init failed", file);
    /* A binary tree over the numbers: one kernel pass of some 10 comparisons instead of 300. */
    if (seccomp_attr_set(*ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0 ||
        seccomp_attr_set(*ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) < 0)
        return sg_error_set(err, SG_E_INTERNAL, "libseccomp 2.5 or newer is needed");
    json_array_foreach(rows, i, row)
    {
        char where[160];
        snprintf(where, sizeof where, "%s: syscalls[%zu]", file, i);
        if (add_row(*ctx, row, dflt, except, where, err) < 0)
            return err->code;
    }
    return add_exceptions(*ctx, except, file, err);
}

static int export_program(scmp_filter_ctx ctx, struct sg_profile *ret, const char *file,
                          struct sg_error *err)
{
    sg_autofd int fd = memfd_create("sandgate-bpf", MFD_CLOEXEC);
    sg_auto(sg_buf) struct sg_buf b = {0};
    int r = fd < 0 ? -errno : seccomp_export_bpf(ctx, fd);
    if (r >= 0 && lseek(fd, 0, SEEK_SET) < 0)
        r = -errno;
    if (r >= 0)
        r = sg_fd_read_all(fd, &b, PROFILE_BYTES_MAX);
    if (r < 0)
        return sg_error_errno(err, -r, "%s: compiling the filter", file);
    ret->nfilter = (uint32_t)(b.len / sizeof(struct sock_filter));
    ret->filter = (struct sock_filter *)(void *)sg_buf_take(&b);
    return 0;
}

int sg_profile_load(struct sg_profile *ret, const char *dir, const char *name,
                    enum sg_profile_variant variant, struct sg_error *err)
{
    char file[512];
    json_error_t jerr;
    scmp_filter_ctx ctx = NULL;
    *ret = (struct sg_profile){0};
    if (sg_str_copy(ret->name, sizeof ret->name, name) < 0 || strchr(name, '/') ||
        snprintf(file, sizeof file, "%s/%s.json", dir, name) >= (int)sizeof file)
        return sg_error_set(err, SG_E_INVALID, "profile name %.40s: too long, or holds a slash",
                            name);
    sg_auto(sg_buf) struct sg_buf text = {0};
    int r = sg_file_read(AT_FDCWD, file, &text, PROFILE_BYTES_MAX);
    if (r < 0)
        return sg_error_errno(err, -r, "seccomp profile %s", file);
    json_t *root = json_loadb(text.data ? text.data : "", text.len, JSON_REJECT_DUPLICATES, &jerr);
    if (!root)
        return sg_error_set(err, SG_E_INVALID, "%s:%d: %s", file, jerr.line, jerr.text);
    r = load_rules(&ctx, root, exceptions[variant], file, err);
    json_decref(root);
    if (r == 0)
        r = export_program(ctx, ret, file, err);
    if (ctx)
        seccomp_release(ctx);
    return r;
}

void sg_profile_done(struct sg_profile *p)
{
    free(p->filter);
    *p = (struct sg_profile){0};
}
