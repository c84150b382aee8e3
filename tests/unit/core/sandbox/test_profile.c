/* Profiles: the shipped one compiles; broken ones are refused with file, row and reason. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/sandbox/plan.h"
#include "core/sandbox/profile.h"
#include "core/sandbox/trace.h"

static char dir[] = "/tmp/sandgate-profile-XXXXXX";

static int setup(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    char path[64];
    (void)state;
    snprintf(path, sizeof path, "%s/p.json", dir);
    unlink(path);
    return rmdir(dir);
}

static int load(const char *text, struct sg_error *err)
{
    char path[64];
    struct sg_profile p;
    snprintf(path, sizeof path, "%s/p.json", dir);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    int r = sg_profile_load(&p, dir, "p", SG_PROFILE_PROGRAM, err);
    sg_profile_done(&p);
    return r;
}

static void test_the_shipped_profile_compiles(void **state)
{
    char path[512];
    struct sg_profile p;
    struct sg_error err = SG_ERROR_INIT;
    const char *src = getenv("SG_SRCDIR");
    (void)state;
    snprintf(path, sizeof path, "%s/packaging/conf/profiles", src ? src : ".");
    if (sg_profile_load(&p, path, "python", SG_PROFILE_PROGRAM, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(p.name, "python");
    assert_true(p.nfilter > 50);
    assert_true(p.nfilter <= SG_PLAN_FILTER);
    sg_profile_done(&p);
}

#define HEAD "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":"

static void test_refusals(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", "p.json:1:"},
        {"{", "p.json:1:"},
        {"[]", "not a profile"},
        {"{\"syscalls\":[],\"syscalls\":[]}", "duplicate"},
        {"{\"syscalls\":[]}", "\"defaultAction\" is missing"},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[]}", "defaultAction must refuse"},
        {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":0,\"syscalls\":[]}",
         "errnoRet 1 to 4095"},
        {"{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[]}", "SCMP_ACT_LOG"},
        {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[],\"flags\":[]}",
         "unknown key \"flags\""},
        {HEAD "[7]}", "syscalls[0]: needs names"},
        {HEAD "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":0}]}",
         "errnoRet 1 to 4095"},
        {HEAD "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRACE\"}]}", "SCMP_ACT_TRACE"},
        {HEAD "[{\"names\":[7],\"action\":\"SCMP_ACT_ALLOW\"}]}", "names must be strings"},
        {HEAD "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":6,"
              "\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]}]}",
         "index 0 to 5"},
        {HEAD "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
              "\"value\":0,\"op\":\"EQ\"}]}]}",
         "unknown op EQ"},
        {HEAD "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{}}]}",
         "unknown key \"includes\""},
    };
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_error err = SG_ERROR_INIT;
        int r = load(rows[i].text, &err);
        if (r >= 0 || !strstr(err.text, rows[i].expected))
            fail_msg("%s: %d %s", rows[i].text, r, err.text);
    }
}

static void test_names(void **state)
{
    struct sg_profile p;
    struct sg_error err = SG_ERROR_INIT;
    (void)state;
    assert_int_equal(sg_profile_load(&p, dir, "../x", SG_PROFILE_PROGRAM, &err), SG_E_INVALID);
    sg_error_clear(&err);
    assert_int_equal(sg_profile_load(&p, dir, "not-there", SG_PROFILE_PROGRAM, &err), -ENOENT);
    assert_non_null(strstr(err.text, "not-there.json"));
}

/* ---- what the kernel would answer: seccomp(2) ---- */

/* Classic BPF as far as libseccomp writes it: words of struct seccomp_data, no packets. */
static uint32_t ask(const struct sg_profile *p, const struct seccomp_data *d)
{
    uint32_t a = 0;
    for (uint32_t at = 0; at < p->nfilter; at++) {
        const struct sock_filter *i = &p->filter[at];
        bool jumps = false;
        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            assert_true(i->k + sizeof a <= sizeof *d);
            memcpy(&a, (const char *)d + i->k, sizeof a);
            continue;
        case BPF_ALU | BPF_AND | BPF_K:
            a &= i->k;
            continue;
        case BPF_RET | BPF_K:
            return i->k;
        case BPF_JMP | BPF_JA:
            at += i->k;
            continue;
        case BPF_JMP | BPF_JEQ | BPF_K:
            jumps = a == i->k;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            jumps = a > i->k;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            jumps = a >= i->k;
            break;
        case BPF_JMP | BPF_JSET | BPF_K:
            jumps = a & i->k;
            break;
        default:
            fail_msg("instruction %u has code %x", at, i->code);
        }
        at += jumps ? i->jt : i->jf;
    }
    fail_msg("the filter has no end");
    return 0;
}

static uint32_t ask_call(const struct sg_profile *p, const char *name, uint64_t first)
{
    const struct seccomp_data d = {
        .nr = seccomp_syscall_resolve_name(name), .arch = seccomp_arch_native(), .args = {first}};
    return ask(p, &d);
}

static void load_variant(struct sg_profile *p, const char *name, enum sg_profile_variant variant)
{
    char path[512];
    struct sg_error err = SG_ERROR_INIT;
    const char *src = getenv("SG_SRCDIR");
    snprintf(path, sizeof path, "%s/packaging/conf/profiles", src ? src : ".");
    if (sg_profile_load(p, path, name, variant, &err) < 0)
        fail_msg("%s: %s", name, err.text);
    assert_true(p->nfilter > 50 && p->nfilter <= SG_PLAN_FILTER);
}

#define ALLOW         SECCOMP_RET_ALLOW
#define NOTIFY        SECCOMP_RET_USER_NOTIF
#define REFUSE(n)     (SECCOMP_RET_ERRNO | (n))
#define ANY_REFUSAL   UINT32_MAX
#define IS_REFUSAL(x) (((x)&SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO && ((x)&0xffff) != 0)

/* Of each call: what the program, a clone and a template get. */
static void test_variants_of_a_profile(void **state)
{
    static const struct {
        const char *name;
        uint64_t first;
        uint32_t expected[3];
    } rows[] = {
        {"read", 0, {ALLOW, ALLOW, ALLOW}},
        {"openat", 0, {ALLOW, ALLOW, ALLOW}},
        {"exit", 0, {ALLOW, ALLOW, ALLOW}},
        {"exit_group", 0, {ALLOW, NOTIFY, ALLOW}},
        {"execve", 0, {ALLOW, ANY_REFUSAL, ANY_REFUSAL}},
        {"execveat", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        /* what a template needs to join a box, and to give up everything there */
        {"setns", 0, {ANY_REFUSAL, ANY_REFUSAL, ALLOW}},
        {"clone3", 0, {REFUSE(ENOSYS), REFUSE(ENOSYS), ALLOW}},
        {"capset", 0, {ANY_REFUSAL, ANY_REFUSAL, ALLOW}},
        {"seccomp", 0, {ANY_REFUSAL, ANY_REFUSAL, ALLOW}},
        {"setresuid", 0, {ANY_REFUSAL, ANY_REFUSAL, ALLOW}},
        {"setresgid", 0, {ANY_REFUSAL, ANY_REFUSAL, ALLOW}},
        {"landlock_create_ruleset", 0, {ANY_REFUSAL, ANY_REFUSAL, ALLOW}},
        {"landlock_add_rule", 0, {ANY_REFUSAL, ANY_REFUSAL, ALLOW}},
        {"landlock_restrict_self", 0, {ANY_REFUSAL, ANY_REFUSAL, ALLOW}},
        /* what nobody needs */
        {"unshare", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"mount", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"umount2", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"pivot_root", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"ptrace", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"process_vm_readv", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"process_vm_writev", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"pidfd_getfd", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"bpf", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"keyctl", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"io_uring_setup", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"fork", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"vfork", 0, {ANY_REFUSAL, ANY_REFUSAL, ANY_REFUSAL}},
        {"clone", 17 /* SIGCHLD: fork(3) */, {REFUSE(EPERM), REFUSE(EPERM), REFUSE(EPERM)}},
        {"clone", 0x3d0f00 /* pthread_create(3) */, {ALLOW, ALLOW, ALLOW}},
    };
    (void)state;
    for (int variant = SG_PROFILE_PROGRAM; variant <= SG_PROFILE_TEMPLATE; variant++) {
        struct sg_profile p;
        load_variant(&p, "python", variant);
        for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
            uint32_t expected = rows[i].expected[variant];
            uint32_t got = ask_call(&p, rows[i].name, rows[i].first);
            if (expected == ANY_REFUSAL ? !IS_REFUSAL(got) : got != expected)
                fail_msg("variant %d, %s(%llx): %x", variant, rows[i].name,
                         (unsigned long long)rows[i].first, got);
        }
        sg_profile_done(&p);
    }
}

/* What differs between variants is what the exceptions say, and nothing else. */
static void test_variants_differ_in_their_exceptions_only(void **state)
{
    static const char *const of_clone[] = {"execve", "execveat", "exit_group", NULL};
    static const char *const of_template[] = {"execve",
                                              "execveat",
                                              "capset",
                                              "clone3",
                                              "landlock_add_rule",
                                              "landlock_create_ruleset",
                                              "prctl",
                                              "prlimit64",
                                              "landlock_restrict_self",
                                              "seccomp",
                                              "setns",
                                              "setresgid",
                                              "setresuid",
                                              "setrlimit",
                                              "setsid",
                                              "get_robust_list",
                                              NULL};
    static const char *const *const lists[] = {
        [SG_PROFILE_CLONE] = of_clone, [SG_PROFILE_TEMPLATE] = of_template};
    struct sg_profile program, other;
    (void)state;
    load_variant(&program, "python", SG_PROFILE_PROGRAM);
    for (int variant = SG_PROFILE_CLONE; variant <= SG_PROFILE_TEMPLATE; variant++) {
        load_variant(&other, "python", variant);
        for (int nr = 0; nr < 600; nr++) {
            const struct seccomp_data d = {.nr = nr, .arch = seccomp_arch_native()};
            const char *const *name = lists[variant];
            while (*name && seccomp_syscall_resolve_name(*name) != nr)
                name++;
            if (!*name && ask(&program, &d) != ask(&other, &d))
                fail_msg("variant %d: call %d: %x instead of %x", variant, nr, ask(&other, &d),
                         ask(&program, &d));
        }
        sg_profile_done(&other);
    }
    sg_profile_done(&program);
}

/* Of a compiled program: by descriptor in place of by path. */
static void test_variant_of_a_product(void **state)
{
    struct sg_profile program, product;
    (void)state;
    load_variant(&program, "generic", SG_PROFILE_PROGRAM);
    load_variant(&product, "generic", SG_PROFILE_PRODUCT);
    for (int nr = 0; nr < 600; nr++) {
        const struct seccomp_data d = {.nr = nr, .arch = seccomp_arch_native()};
        if (nr != seccomp_syscall_resolve_name("execve") &&
            nr != seccomp_syscall_resolve_name("execveat"))
            assert_int_equal(ask(&program, &d), ask(&product, &d));
    }
    assert_int_equal(ask_call(&program, "execve", 0), ALLOW);
    assert_true(IS_REFUSAL(ask_call(&program, "execveat", 0)));
    assert_true(IS_REFUSAL(ask_call(&product, "execve", 0)));
    assert_int_equal(ask_call(&product, "execveat", 0), ALLOW);
    sg_profile_done(&program);
    sg_profile_done(&product);
}

/* int 0x80, and the x32 calls of x86_64. */
static void test_foreign_architectures_are_killed(void **state)
{
    (void)state;
    for (int variant = SG_PROFILE_PROGRAM; variant <= SG_PROFILE_PRODUCT; variant++) {
        struct sg_profile p;
        load_variant(&p, "python", variant);
        const struct seccomp_data foreign = {.nr = 1, .arch = AUDIT_ARCH_I386};
        assert_int_equal(ask(&p, &foreign), SECCOMP_RET_KILL_PROCESS);
#ifdef __x86_64__
        const struct seccomp_data x32 = {.nr = 0x40000000 | 1, .arch = AUDIT_ARCH_X86_64};
        assert_int_equal(ask(&p, &x32), SECCOMP_RET_KILL_PROCESS);
#endif
        sg_profile_done(&p);
    }
}

/* ---- the traced form of a profile: trace.h ---- */

static const struct sock_filter exec_is_stopped[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 1, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, NOTIFY),
    BPF_STMT(BPF_RET | BPF_K, ALLOW),
};

/* For every call: killed as ever, notified of what was refused and given the same errno, and else
   as the last part says. */
static void compare_call(const struct sg_profile *plain, const struct sg_profile *traced,
                         const struct sg_profile *stop, const struct seccomp_data *d)
{
    uint32_t had = ask(plain, d), has = ask(traced, d);
    uint32_t expected = had == ALLOW ? ask(stop, d) : IS_REFUSAL(had) ? NOTIFY : had;
    int errnum = sg_trace_errno(plain->filter, plain->nfilter, d);
    if (has != expected)
        fail_msg("%s: call %d of %x (%llx %llx): %x and traced %x", plain->name, d->nr, d->arch,
                 (unsigned long long)d->args[0], (unsigned long long)d->args[1], had, has);
    assert_int_equal(sg_trace_verdict(plain->filter, plain->nfilter, d), had);
    assert_int_equal(errnum, IS_REFUSAL(had) ? (int)(had & 0xffff) : ENOSYS);
}

/* Arguments around every number that the profile compares anything with, in either half of a word,
   in all places of a call. */
static void compare_calls(const struct sg_profile *plain, const struct sg_profile *traced,
                          const struct sg_profile *stop)
{
    static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, 0};
    for (int nr = -1; nr < 600; nr++) {
        bool of_argument = false;
        for (uint32_t i = 0; i < plain->nfilter; i++) {
            if (BPF_CLASS(plain->filter[i].code) == BPF_LD)
                of_argument = plain->filter[i].k >= offsetof(struct seccomp_data, args);
            if (BPF_CLASS(plain->filter[i].code) != BPF_JMP || !of_argument)
                continue;
            uint64_t k = plain->filter[i].k;
            const uint64_t values[] = {k, k - 1, k + 1, k << 32 | k, ~k};
            struct seccomp_data d = {.nr = nr, .arch = seccomp_arch_native()};
            for (size_t v = 0; v < SG_ARRAY_LEN(values); v++) {
                for (size_t a = 0; a < SG_ARRAY_LEN(d.args); a++)
                    d.args[a] = a % 2 && v == 0 ? 0 : values[v];
                compare_call(plain, traced, stop, &d);
            }
        }
    }
    for (size_t a = 0; a < SG_ARRAY_LEN(archs); a++)
        for (unsigned nr = 0; nr < 600; nr++) {
            const struct seccomp_data d = {.nr = (int)nr, .arch = archs[a]};
            const struct seccomp_data x32 = {.nr = (int)(nr | 0x40000000), .arch = archs[a]};
            compare_call(plain, traced, stop, &d);
            compare_call(plain, traced, stop, &x32);
        }
}

static void test_traced_means_the_same(void **state)
{
    static const char *const names[] = {"python", "node", "generic", "shell", "compiler"};
    struct sg_profile stop = {.filter = (struct sock_filter *)(uintptr_t)exec_is_stopped,
                              .nfilter = SG_ARRAY_LEN(exec_is_stopped)};
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(names); i++) {
        struct sock_filter both[SG_TRACE_FILTER_MAX];
        struct sg_profile plain, traced = {.filter = both};
        load_variant(&plain, names[i], i == 2 ? SG_PROFILE_PRODUCT : SG_PROFILE_PROGRAM);
        int n = sg_trace_filter(both, SG_TRACE_FILTER_MAX, plain.filter, plain.nfilter, stop.filter,
                                stop.nfilter);
        assert_int_equal(n, plain.nfilter + stop.nfilter);
        traced.nfilter = (uint32_t)n;
        compare_calls(&plain, &traced, &stop);
        sg_profile_done(&plain);
    }
}

/* A row that refuses such a call with an errno of its own holds in a clone, too; one that allows
 * it, for some arguments only, does not. */
static void test_rows_for_calls_of_a_variant(void **state)
{
    char path[64];
    struct sg_profile p;
    struct sg_error err = SG_ERROR_INIT;
    (void)state;
    snprintf(path, sizeof path, "%s/p.json", dir);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(HEAD "[{\"names\":[\"execve\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":7},"
               "{\"names\":[\"execveat\",\"exit_group\",\"setns\"],\"action\":\"SCMP_ACT_ALLOW\","
               "\"args\":[{\"index\":0,\"value\":3,\"op\":\"SCMP_CMP_EQ\"}]}]}",
          f);
    fclose(f);
    assert_int_equal(sg_profile_load(&p, dir, "p", SG_PROFILE_CLONE, &err), 0);
    assert_int_equal(ask_call(&p, "execve", 3), REFUSE(7));
    assert_int_equal(ask_call(&p, "execveat", 3), REFUSE(ENOSYS)); /* the default */
    assert_int_equal(ask_call(&p, "exit_group", 3), NOTIFY);
    assert_int_equal(ask_call(&p, "exit_group", 0), NOTIFY);
    assert_int_equal(ask_call(&p, "setns", 3), ALLOW);
    assert_int_equal(ask_call(&p, "setns", 0), REFUSE(ENOSYS));
    sg_profile_done(&p);
    assert_int_equal(sg_profile_load(&p, dir, "p", SG_PROFILE_TEMPLATE, &err), 0);
    assert_int_equal(ask_call(&p, "setns", 0), ALLOW);
    assert_int_equal(ask_call(&p, "exit_group", 0), REFUSE(ENOSYS));
    sg_profile_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_shipped_profile_compiles),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_variants_of_a_profile),
        cmocka_unit_test(test_variants_differ_in_their_exceptions_only),
        cmocka_unit_test(test_variant_of_a_product),
        cmocka_unit_test(test_foreign_architectures_are_killed),
        cmocka_unit_test(test_rows_for_calls_of_a_variant),
        cmocka_unit_test(test_traced_means_the_same),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
