/* The configuration file, a runtime's and a policy's file, from the same bytes: refused with a
   place and a reason, or taken with every value in bounds. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/config/config.h"
#include "core/config/policies.h"
#include "core/config/runtimes.h"
#include "tests/fuzz/fuzz.h"

static char dir[] = "/tmp/sandgate-fuzz-config.XXXXXX";
static char file[64]; /* in dir, a link to the bytes */

static void remove_dir(void)
{
    unlink(file);
    rmdir(dir);
}

static void require(int holds, const char *what, const struct sg_error *err)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s (%s)\n", what, err->text);
    abort();
}

/* A memfd that stays the same, and a directory in which x.conf leads to it. */
static int memory(void)
{
    static int fd = -1;
    char target[32];
    if (fd >= 0)
        return fd;
    fd = memfd_create("fuzz", MFD_CLOEXEC);
    snprintf(target, sizeof(target), "/proc/self/fd/%d", fd);
    if (fd < 0 || !mkdtemp(dir))
        abort();
    snprintf(file, sizeof(file), "%s/x.conf", dir);
    if (symlink(target, file) < 0)
        abort();
    atexit(remove_dir);
    return fd;
}

static void fuzz_config(void)
{
    struct sg_config cfg = {0};
    struct sg_error err = SG_ERROR_INIT;
    const struct sg_limit_info *which = NULL;
    if (sg_config_load(&cfg, file, &err) < 0) {
        require(err.code < 0 && strncmp(err.text, file, strlen(file)) == 0, "file in front", &err);
        require(cfg.log_target == NULL, "nothing is left of a refused file", &err);
        return;
    }
    require(sg_limits_check(&cfg.limits_default, &cfg.limits_max, &which) == 0, "limits", &err);
    require(cfg.native.id_base + cfg.native.id_count <= UINT32_MAX, "ids", &err);
    require(cfg.runtime_dir[0] == '/' && cfg.profile_dir[0] == '/', "paths", &err);
    require(cfg.rules_dir[0] == '/' && cfg.policy_dir[0] == '/', "paths", &err);
    require(cfg.validate.policies.n > 0 && cfg.validate.depth <= 2500, "validate", &err);
    sg_config_done(&cfg);
}

static void fuzz_runtime(void)
{
    static struct sg_runtimes rts;
    struct sg_error err = SG_ERROR_INIT;
    if (sg_runtimes_load(&rts, dir, &err) < 0) {
        require(err.code < 0 && err.text[0] != '\0', "a reason", &err);
        return;
    }
    require(rts.n == 1 && rts.v[0].command.v[0][0] == '/', "command", &err);
    require(rts.v[0].rules != NULL, "rules", &err);
    bool templates = strcmp(rts.v[0].start, "template") == 0;
    require(rts.v[0].start[0] != '\0', "start", &err);
    require(templates == (rts.v[0].templates.n > 0), "templates", &err);
    require(rts.v[0].templates.n <= SG_RUNTIME_TEMPLATES_MAX, "templates", &err);
    require(templates || !rts.v[0].prepare, "prepare", &err);
    require(sg_runtimes_find(&rts, rts.v[0].language) == &rts.v[0], "its name finds it", &err);
    sg_runtimes_done(&rts);
}

static void fuzz_policy(void)
{
    static struct sg_policies policies;
    struct sg_error err = SG_ERROR_INIT;
    if (sg_policies_load(&policies, dir, &err) < 0) {
        require(err.code < 0 && err.text[0] != '\0', "a reason", &err);
        require(policies.n == 0, "nothing is left of a refused file", &err);
        return;
    }
    const struct sg_policy *p = sg_policies_find(&policies, "x");
    require(policies.n == 1 && p == &policies.v[0], "its name finds it", &err);
    require(p->threshold >= 1 && p->threshold <= 100, "threshold", &err);
    require(sg_policy_score(p, "python.exec", 100) <= 100, "score", &err);
    sg_policies_done(&policies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memory();
    if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0 || sg_fd_write_all(fd, data, size) < 0)
        abort();
    fuzz_config();
    fuzz_runtime();
    fuzz_policy();
    return 0;
}
