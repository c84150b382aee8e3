/* host.c: control groups, swap, dumps, security modules, and settings of the kernel. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/model/outcome.h"
#include "fcgi/doctor/internal.h"

/* Mounts of this type in mountinfo(5): how many, and where the first one is. Pure. */
static size_t mounts_of(const char *mountinfo, const char *type, char *ret, size_t n)
{
    size_t count = 0;
    char wanted[32];
    snprintf(wanted, sizeof wanted, " - %s ", type);
    for (const char *at = mountinfo; (at = strstr(at, wanted)) != NULL; at += strlen(wanted)) {
        const char *line = at;
        while (line > mountinfo && line[-1] != '\n')
            line--;
        char place[256];
        if (count++ == 0 && sscanf(line, "%*s %*s %*s %*s %255s", place) == 1)
            sg_str_copy(ret, n, place);
    }
    return count;
}

/* 2, 1, or 0, or -errno; where: of version 2. */
static int cgroup_version(const struct sg_doctor *d, char *where, size_t n)
{
    sg_auto(sg_buf) struct sg_buf mounts = {0};
    sg_auto(sg_buf) struct sg_buf list = {0};
    char first[256], path[400];
    int rc = sg_doctor_read(d, "proc/self/mountinfo", &mounts);
    if (rc < 0)
        return rc;
    if (mounts_of(mounts.data, "cgroup2", where, n) > 0) {
        snprintf(path, sizeof path, "%s/cgroup.controllers", where + (*where == '/'));
        rc = sg_doctor_read(d, path, &list);
        if (rc < 0 && rc != -ENOENT)
            return rc;
        if (rc == 0 && sg_doctor_has_word(list.data, "memory"))
            return 2;
    }
    return mounts_of(mounts.data, "cgroup", first, sizeof first) > 0 ? 1 : 0;
}

void sg_check_host_cgroups(struct sg_doctor *d)
{
    char where[256] = "";
    int version = cgroup_version(d, where, sizeof where);
    if (version == 2) {
        sg_doctor_tell(d, SG_HEALTH_OK, "cgroup v2 at %s", where);
    } else if (version == 1) {
        sg_doctor_tell(d, SG_HEALTH_OK,
                       "cgroup v1, hierarchy by hierarchy: supported; only v2 can be "
                       "delegated to an ordinary user by systemd");
    } else if (version < 0) {
        sg_doctor_tell_unseen(d, version, "what is mounted for control groups");
    } else {
        sg_doctor_tell(d, SG_HEALTH_ERROR,
                       "no control groups with the controller memory are "
                       "mounted: boxes have no bounds as a whole");
        sg_doctor_fix(d, "mount -t cgroup2 none /sys/fs/cgroup");
    }
}

/* v1: lines "NAME HIERARCHY CGROUPS ENABLED" of /proc/cgroups. */
static bool enabled_in(const char *cgroups, const char *name)
{
    size_t n = strlen(name);
    for (const char *line = cgroups; line && *line; line = strchr(line, '\n')) {
        int enabled;
        line += *line == '\n';
        if (strncmp(line, name, n) == 0 && line[n] == '\t' &&
            sscanf(line + n, "%*d %*d %d", &enabled) == 1)
            return enabled;
    }
    return false;
}

/* Has the kernel's command line "cgroup_disable=...,NAME,..."? */
static bool is_disabled(const struct sg_doctor *d, const char *name)
{
    static const char disable[] = "cgroup_disable=";
    char line[4096], *save = NULL;
    if (sg_doctor_read_line(d, "proc/cmdline", line, sizeof line) < 0)
        return false;
    for (char *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save))
        if (sg_str_starts(word, disable) && sg_doctor_has_word(word + strlen(disable), name))
            return true;
    return false;
}

/* cgroup_enable= is known to kernels that leave memory off by themselves, as those of Raspberry Pi,
   whose firmware disables it, and older ones of Debian; Linux as it is released ignores it. */
static void fix_controller(struct sg_doctor *d, const char *name, const char *option, int version)
{
    bool memory = strcmp(name, "memory") == 0;
    if (is_disabled(d, name))
        sg_doctor_fix(d, "boot without cgroup_disable=%s%s", name,
                      memory ? "; where firmware adds it (Raspberry Pi), with "
                               "cgroup_enable=memory behind it"
                             : "");
    else
        sg_doctor_fix(d, "boot a kernel built with %s%s%s", option,
                      memory ? ", or with cgroup_enable=memory where it is off by default" : "",
                      version == 2 ? "; in a container, have it passed on by "
                                     "cgroup.subtree_control of the cgroup around"
                                   : "");
}

void sg_check_host_controllers(struct sg_doctor *d)
{
    static const struct {
        const char *name, *option;
        enum sg_layer layer;
    } rows[] = {{"memory", "CONFIG_MEMCG", SG_LAYER_CGROUP_MEMORY},
                {"pids", "CONFIG_CGROUP_PIDS", SG_LAYER_CGROUP_PIDS},
                {"cpu", "CONFIG_CGROUP_SCHED", SG_LAYER_CGROUP_CPU}};
    sg_auto(sg_buf) struct sg_buf list = {0};
    char where[256] = "", path[400] = "proc/cgroups";
    int version = cgroup_version(d, where, sizeof where);
    bool whole = true;
    if (version == 2)
        snprintf(path, sizeof path, "%s/cgroup.controllers", where + (*where == '/'));
    int rc = version > 0 ? sg_doctor_read(d, path, &list) : version < 0 ? version : -ENOENT;
    if (rc < 0) {
        sg_doctor_tell_unseen(d, rc, "the list of controllers");
        return;
    }
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        bool may = d->has_config && (d->cfg.native.allow_missing & SG_LAYER_BIT(rows[i].layer));
        if (version == 2 ? sg_doctor_has_word(list.data, rows[i].name)
                         : enabled_in(list.data, rows[i].name))
            continue;
        whole = false;
        sg_doctor_tell(d, may ? SG_HEALTH_WARNING : SG_HEALTH_ERROR,
                       "the controller %s is not there", rows[i].name);
        fix_controller(d, rows[i].name, rows[i].option, version);
    }
    if (whole)
        sg_doctor_tell(d, SG_HEALTH_OK, "controllers memory, pids, cpu: there");
}

/* Is there a file with the bound of swap, in any cgroup? v2: the root has none, each child has, and
   a container's root is a child. 1, 0, or -errno: that cannot be seen. */
static int swap_is_counted(struct sg_doctor *d)
{
    static const char *const files[] = {
        "sys/fs/cgroup/memory/memory.memsw.limit_in_bytes", "sys/fs/cgroup/memory.swap.max",
        "sys/fs/cgroup/init.scope/memory.swap.max", "sys/fs/cgroup/system.slice/memory.swap.max",
        "sys/fs/cgroup/user.slice/memory.swap.max"};
    int unseen = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(files); i++) {
        struct stat st;
        int rc = sg_doctor_stat(d, files[i], &st);
        if (rc == 0)
            return 1;
        if (rc != -ENOENT)
            unseen = rc;
    }
    return unseen;
}

void sg_check_host_swap(struct sg_doctor *d)
{
    sg_auto(sg_buf) struct sg_buf swaps = {0};
    struct stat st;
    int rc = sg_doctor_read(d, "proc/swaps", &swaps);
    bool without = rc == -ENOENT && sg_doctor_stat(d, "proc/sys/kernel", &st) == 0;
    if (rc < 0 && !without) {
        sg_doctor_tell_unseen(d, rc, "/proc/swaps");
        return;
    }
    const char *rest = without ? NULL : strchr(swaps.data, '\n');
    if (!rest || !rest[1]) {
        sg_doctor_tell(d, SG_HEALTH_OK,
                       without ? "this kernel is built without swap" : "there is no swap");
        return;
    }
    int counted = swap_is_counted(d);
    if (counted < 0) {
        sg_doctor_tell_unseen(d, counted, "there is swap; whether control groups count it");
        return;
    }
    if (counted) {
        sg_doctor_tell(d, SG_HEALTH_OK, "there is swap, and boxes can be kept off it");
        return;
    }
    sg_doctor_tell(
        d, SG_HEALTH_WARNING,
        "there is swap, and control groups do not count it: a run may have more than its "
        "memory limit, and its data may be written to disk");
    sg_doctor_fix(d, "boot with swapaccount=1; or swapoff -a");
}

/* core(5). Programs in boxes have RLIMIT_CORE 1, by which the kernel starts no handler. */
void sg_check_host_core_pattern(struct sg_doctor *d)
{
    char pattern[256];
    int64_t dumpable = 0;
    int rc = sg_doctor_read_line(d, "proc/sys/kernel/core_pattern", pattern, sizeof pattern);
    if (rc < 0) {
        sg_doctor_tell_unseen(d, rc, "/proc/sys/kernel/core_pattern");
        return;
    }
    rc = sg_doctor_switch(d, "proc/sys/fs/suid_dumpable", &dumpable);
    if (pattern[0] == '@') {
        sg_doctor_tell(d, SG_HEALTH_WARNING,
                       "dumps go to a socket (core_pattern is \"%s\"): a process outside reads the "
                       "memory of programs",
                       pattern);
        sg_doctor_fix(d, "sysctl -w kernel.core_pattern=core; and in /etc/sysctl.d");
    } else if (pattern[0] == '|' && rc < 0) {
        sg_doctor_tell_unseen(d, rc, "dumps go to a program; /proc/sys/fs/suid_dumpable");
    } else if (pattern[0] == '|' && dumpable != 0) {
        sg_doctor_tell(d, SG_HEALTH_WARNING,
                       "dumps go to a program (core_pattern is \"%s\"), those of processes that "
                       "are not to be dumped, too (fs.suid_dumpable is %" PRId64
                       "): requests would be in them",
                       pattern, dumpable);
        sg_doctor_fix(d, "sysctl -w fs.suid_dumpable=0; and in /etc/sysctl.d");
    } else {
        sg_doctor_tell(d, SG_HEALTH_OK, "core_pattern is \"%s\": programs in boxes leave no dump",
                       pattern);
    }
}

void sg_check_host_lsm(struct sg_doctor *d)
{
    char lsm[256];
    char enforcing[8] = "0"; /* selinuxfs is mounted where SELinux is on */
    int rc = sg_doctor_read_line(d, "sys/kernel/security/lsm", lsm, sizeof lsm);
    if (rc < 0) {
        sg_doctor_tell_unseen(d, rc, "/sys/kernel/security/lsm");
        return;
    }
    rc = sg_doctor_read_line(d, "sys/fs/selinux/enforce", enforcing, sizeof enforcing);
    if (rc < 0 && rc != -ENOENT) {
        sg_doctor_tell_unseen(d, rc, "/sys/fs/selinux/enforce");
        return;
    }
    if (strcmp(enforcing, "0") == 0) {
        sg_doctor_tell(d, SG_HEALTH_OK, "security modules: %s", lsm);
        return;
    }
    sg_doctor_tell(d, SG_HEALTH_WARNING,
                   "SELinux is enforcing; Sandgate has no policy module of its own, and nginx may "
                   "need leave to connect to the workers");
    sg_doctor_fix(d, "ausearch -m avc -ts recent, and docs/ADMINISTRATION.md, SELinux");
}

/* Advice, not conditions: docs/ADMINISTRATION.md has the same rows. */
static const struct advice {
    const char *name; /* as sysctl(8) has it */
    unsigned least;
    const char *why;
} advices[] = {
    {"kernel.unprivileged_bpf_disabled", 1, "BPF is for root alone"},
    {"kernel.perf_event_paranoid", 2, "performance counters of the kernel are for root alone"},
    {"kernel.kptr_restrict", 1, "addresses of the kernel are hidden"},
    {"kernel.dmesg_restrict", 1, "the kernel's log is for root alone"},
    {"kernel.yama.ptrace_scope", 1, "a process traces its own children only"},
    {"kernel.randomize_va_space", 2, "addresses of processes are random, the heap's too"},
    {"net.core.bpf_jit_harden", 1, "compiled BPF holds no constants of a program's choosing"},
    {"fs.protected_hardlinks", 1, "nobody links to files of others"},
    {"fs.protected_symlinks", 1, "nobody follows links of others in /tmp"},
};

/* What it is now: as sg_doctor_switch. */
static int read_advice(const struct sg_doctor *d, const struct advice *a, int64_t *ret)
{
    char path[96] = "proc/sys/";
    size_t len = strlen(path);
    for (const char *c = a->name; *c && len + 1 < sizeof path; c++)
        path[len++] = *c == '.' ? '/' : *c;
    path[len] = '\0';
    return sg_doctor_switch(d, path, ret);
}

void sg_check_host_sysctl(struct sg_doctor *d)
{
    bool good = true;
    int unseen = 0, seen = 0;
    sg_auto(sg_buf) struct sg_buf names = {0};
    for (size_t i = 0; i < SG_ARRAY_LEN(advices); i++) {
        const struct advice *a = &advices[i];
        int64_t value = 0;
        int rc = read_advice(d, a, &value);
        seen += rc > 0;
        if (rc < 0) {
            sg_buf_printf(&names, "%s%s", unseen ? ", " : "", a->name);
            unseen = rc;
        } else if (rc > 0 && value < (int64_t)a->least) {
            good = false;
            sg_doctor_tell(d, SG_HEALTH_WARNING, "%s is %" PRId64 "; with %u %s", a->name, value,
                           a->least, a->why);
            sg_doctor_fix(d, "sysctl -w %s=%u; and in /etc/sysctl.d", a->name, a->least);
        }
    }
    if (unseen || !seen)
        sg_doctor_tell_unseen(d, unseen ? unseen : -ENOENT, names.data ? names.data : "settings");
    else if (good)
        sg_doctor_tell(d, SG_HEALTH_OK, "settings that keep the kernel closed: as advised");
}
