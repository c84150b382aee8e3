/* setup.c: the configuration: can it be read, is it valid. Who may change it: rights.c. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/sibling.h"
#include "core/base/str.h"
#include "fcgi/doctor/internal.h"
#include "fcgi/scoring.h"

#ifndef SG_SBINDIR
#define SG_SBINDIR "/usr/local/sbin"
#endif
#ifndef SG_SYSCONFDIR
#define SG_SYSCONFDIR "/etc/sandgate"
#endif

#define DEFAULT_PATH SG_SYSCONFDIR "/sandgate.conf"
#define CHECK_MS     60000
#define CHECK_MAX    65536
#define EDIT_IT      "edit that file: sandgate.conf(5) and docs/CONFIGURATION.md have every key"

/* Of another root, in *path: where its configuration is. False: it has told why not. */
static bool find_below(struct sg_doctor *d, char *path, size_t n)
{
    int rc = sg_doctor_place(d, DEFAULT_PATH, path, n);
    if (rc == 0)
        return true;
    sg_doctor_tell_unseen(d, rc, DEFAULT_PATH " below that directory");
    return false;
}

/* Of another root: the directories that its configuration names are there, too. */
static bool relocate(struct sg_doctor *d)
{
    char **const dirs[] = {&d->cfg.runtime_dir, &d->cfg.profile_dir, &d->cfg.rules_dir,
                           &d->cfg.policy_dir};
    for (size_t i = 0; i < SG_ARRAY_LEN(dirs); i++) {
        char place[PATH_MAX];
        int rc = sg_doctor_place(d, *dirs[i], place, sizeof place);
        char *copy = rc < 0 ? NULL : strdup(place);
        if (!copy) {
            sg_doctor_tell(d, SG_HEALTH_ERROR, "%s names %s, below that directory: %s", d->cfg.path,
                           *dirs[i], strerror(rc < 0 ? -rc : ENOMEM));
            sg_doctor_fix(d, EDIT_IT);
            return false;
        }
        free(*dirs[i]);
        *dirs[i] = copy;
    }
    return true;
}

void sg_check_config_file(struct sg_doctor *d)
{
    struct sg_error err = SG_ERROR_INIT;
    char below[PATH_MAX];
    const char *path = d->config_path;
    if (d->elsewhere && !path) {
        if (!find_below(d, below, sizeof below))
            return;
        path = below;
    }
    if (sg_config_load(&d->cfg, path, &err) < 0) {
        sg_doctor_tell_error(d, &err, EDIT_IT);
        return;
    }
    if (d->elsewhere && !relocate(d))
        return;
    d->has_config = true;
    sg_link_init(&d->link, &d->cfg);
    d->link.quiet = true; /* what there is to tell comes with its answers */
    if (d->cfg.path)
        sg_doctor_tell(d, SG_HEALTH_OK, "%s is valid", d->cfg.path);
    else
        sg_doctor_tell(d, SG_HEALTH_OK, "there is no %s: the defaults hold", DEFAULT_PATH);
}

void sg_check_config_runtimes(struct sg_doctor *d)
{
    struct sg_error err = SG_ERROR_INIT;
    if (sg_runtimes_load(&d->runtimes, d->cfg.runtime_dir, &err) < 0) {
        sg_doctor_tell_error(d, &err, EDIT_IT);
        return;
    }
    d->has_runtimes = true;
    sg_doctor_tell(d, SG_HEALTH_OK, "%s: %zu languages", d->cfg.runtime_dir, d->runtimes.n);
}

void sg_check_config_rules(struct sg_doctor *d)
{
    sg_auto(sg_scoring) struct sg_scoring scoring = {0};
    struct sg_error err = SG_ERROR_INIT;
    if (sg_scoring_open(&scoring, &d->cfg, &err) < 0)
        sg_doctor_tell_error(d, &err, EDIT_IT);
    else
        sg_doctor_tell(d, SG_HEALTH_OK, "rules and policies fit each other");
}

/* The last line of a log, without its "NAME[PID]: ". */
static const char *last_words(char *text)
{
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '\n')
        text[--n] = '\0';
    const char *line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    const char *at = strstr(line, "]: ");
    return at ? at + 3 : line;
}

/* What `sandgate-native --check` has logged: "NAME[PID]: TEXT; fix: FIX". Profiles that this user
   may not read are no news about the executor. */
static void tell_refused(struct sg_doctor *d, char *log)
{
    static const char mark[] = "; fix: ";
    bool hidden = geteuid() != 0 && strstr(log, strerror(EACCES));
    char *fix = strstr(log, mark);
    if (fix)
        *fix = '\0';
    const char *words = last_words(log);
    sg_doctor_tell(d, hidden ? SG_HEALTH_UNKNOWN : SG_HEALTH_ERROR, "sandgate-native --check: %s",
                   *words ? words : "it has failed, and what it says is in syslog (log_target)");
    if (hidden)
        sg_doctor_fix(d, ASK_AS_ROOT);
    else if (fix)
        sg_doctor_fix(d, "%.*s", (int)strcspn(fix + strlen(mark), "\n"), fix + strlen(mark));
    else
        sg_doctor_fix(d, EDIT_IT);
}

void sg_check_config_executor(struct sg_doctor *d)
{
    char program[512];
    sg_auto(sg_buf) struct sg_buf out = {0};
    sg_auto(sg_buf) struct sg_buf err = {0};
    if (!*d->cfg.native.socket) {
        sg_doctor_tell(d, SG_HEALTH_SKIPPED,
                       "native.socket is empty: each worker has a private executor, which reads "
                       "profiles when it starts");
        return;
    }
    int rc = sg_sibling_path("sandgate-native", SG_SBINDIR, program, sizeof program);
    char *const argv[] = {program, (char *)"--check", d->cfg.path ? (char *)"--config" : NULL,
                          d->cfg.path, NULL};
    if (rc == 0)
        rc = sg_doctor_spawn(program, argv, CHECK_MS, CHECK_MAX, &out, &err);
    if (rc == 0) {
        sg_doctor_tell(d, SG_HEALTH_OK, "sandgate-native --check: profiles and programs are whole");
    } else if (rc < 0) {
        sg_doctor_tell(d, SG_HEALTH_ERROR, "%s cannot be asked: %s", program, strerror(-rc));
        sg_doctor_fix(d, "install sandgate-native");
    } else {
        tell_refused(d, err.data);
    }
}

/* May workers make a file there? Their user is one of those whom the executors take messages from;
   where nobody is named it is not known. */
static bool may_count(const struct sg_doctor *d, const struct stat *dir)
{
    const struct sg_strings *const lists[] = {&d->cfg.native.peers, &d->cfg.docker.peers};
    bool named = false;
    for (size_t i = 0; i < SG_ARRAY_LEN(lists); i++)
        for (size_t k = 0; k < lists[i]->n; k++) {
            struct sg_person p;
            if (!sg_person_find(lists[i]->v[k], &p) || p.uid == 0)
                continue; /* root is let in without being named */
            if (sg_person_may(&p, dir->st_mode, dir->st_uid, dir->st_gid, W_OK | X_OK))
                return true;
            named = true;
        }
    return !named;
}

void sg_check_config_metrics(struct sg_doctor *d)
{
    char path[512];
    struct stat st;
    if (!*d->cfg.worker.metrics) {
        sg_doctor_tell(d, SG_HEALTH_SKIPPED, "worker.metrics is empty: nothing is counted");
        return;
    }
    sg_str_copy(path, sizeof path, d->cfg.worker.metrics);
    const char *dir = dirname(path);
    bool there = stat(dir, &st) == 0 && S_ISDIR(st.st_mode);
    if (there && !may_count(d, &st)) {
        sg_doctor_tell(d, SG_HEALTH_WARNING,
                       "worker.metrics: none of the executors' peers may write to %s: workers "
                       "count nothing",
                       dir);
        sg_doctor_fix(d, "chown WORKERS-USER %s && chmod u+rwx %s", dir, dir);
    } else if (there) {
        sg_doctor_tell(d, SG_HEALTH_OK, "worker.metrics: %s is there", dir);
    } else if (errno == EACCES) {
        sg_doctor_tell(d, SG_HEALTH_UNKNOWN, "worker.metrics: %s cannot be seen", dir);
    } else {
        sg_doctor_tell(d, SG_HEALTH_WARNING,
                       "worker.metrics: there is no directory %s: workers "
                       "count nothing",
                       dir);
        sg_doctor_fix(d, "install -d -o WORKERS-USER -m 0750 %s", dir);
    }
}
