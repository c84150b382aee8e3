/* sandgate.conf: defaults, every value that is set arrives, every wrong one is refused with its
 * place. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/base/log.h"
#include "core/config/config.h"
#include "core/config/reader.h"
#include "core/config/schema.h"
#include "core/model/outcome.h"
#include "tests/unit/core/config/files.h"
#include "tests/unit/core/failing_alloc.h"

static int load(struct sg_config *cfg, const char *text, struct sg_error *err)
{
    return sg_config_load(cfg, file_put("c.conf", text, strlen(text)), err);
}

static void check_defaults(const struct sg_config *cfg)
{
    struct sg_limits dflt, max;
    sg_limits_default(&dflt);
    sg_limits_max(&max);
    assert_string_equal(cfg->log_target, "stderr");
    assert_int_equal(cfg->log_level, SG_LOG_INFO);
    assert_int_equal(cfg->worker.requests, 1000);
    assert_int_equal(cfg->worker.lifetime_s, 3600);
    assert_int_equal(cfg->worker.body_bytes, 4 << 20);
    assert_true(cfg->worker.allow_unvalidated);
    assert_string_equal(cfg->worker.metrics, "/run/sandgate/web/metrics");
    assert_int_equal(cfg->validate.policies.n, 3);
    assert_string_equal(cfg->validate.policies.v[0], "strict");
    assert_string_equal(cfg->validate.policies.v[1], "balanced");
    assert_string_equal(cfg->validate.policies.v[2], "report");
    assert_int_equal(cfg->validate.source_bytes, 512 << 10);
    assert_int_equal(cfg->validate.parse_ms, 500);
    assert_int_equal(cfg->validate.nodes, 400000);
    assert_int_equal(cfg->validate.depth, 1000);
    assert_int_equal(cfg->validate.work, 4000000);
    assert_string_equal(cfg->native.socket, "");
    assert_int_equal(cfg->native.socket_mode, 0660);
    assert_int_equal(cfg->native.peers.n, 0);
    assert_int_equal(cfg->native.slots, 0);
    assert_int_equal(cfg->native.queue, 64);
    assert_int_equal(cfg->native.queue_wait_ms, 10000);
    assert_string_equal(cfg->native.cgroup, "sandgate");
    assert_int_equal(cfg->native.id_base, 1879048192);
    assert_int_equal(cfg->native.id_count, 65536);
    assert_int_equal(cfg->native.allow_missing,
                     SG_LAYER_BIT(SG_LAYER_LANDLOCK) | SG_LAYER_BIT(SG_LAYER_PRIVATE_UID));
    assert_string_equal(cfg->native.root, "");
    assert_int_equal(cfg->native.tmp_bytes, 100 << 20);
    assert_int_equal(cfg->native.tmp_inodes, 16384);
    assert_int_equal(cfg->native.shm_bytes, 64 << 20);
    assert_memory_equal(&cfg->limits_default, &dflt, sizeof(dflt));
    assert_memory_equal(&cfg->limits_max, &max, sizeof(max));
}

static void test_empty_file_means_defaults(void **state)
{
    (void)state;
    struct sg_config cfg = {0};
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(load(&cfg, "", &err), 0);
    assert_string_equal(cfg.path, file_path("c.conf"));
    assert_string_equal(cfg.runtime_dir, SG_SYSCONFDIR "/runtimes.d");
    assert_string_equal(cfg.profile_dir, SG_SYSCONFDIR "/profiles");
    assert_string_equal(cfg.rules_dir, SG_SYSCONFDIR "/rules");
    assert_string_equal(cfg.policy_dir, SG_SYSCONFDIR "/policies.d");
    check_defaults(&cfg);
    sg_config_done(&cfg);
    assert_null(cfg.path);
    sg_config_done(&cfg);
}

/* Where one is installed on the machine that runs the tests, it is the one that is read. */
static void test_no_file_at_the_default_place_means_defaults(void **state)
{
    (void)state;
    bool installed = access(SG_SYSCONFDIR "/sandgate.conf", F_OK) == 0;
    struct sg_config cfg = {0};
    assert_int_equal(sg_config_load(&cfg, NULL, NULL), 0);
    if (installed) {
        assert_string_equal(cfg.path, SG_SYSCONFDIR "/sandgate.conf");
    } else {
        assert_null(cfg.path);
        check_defaults(&cfg);
    }
    sg_config_done(&cfg);
}

static void test_every_value_arrives(void **state)
{
    (void)state;
    struct sg_config cfg = {0};
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(load(&cfg,
                          "runtime_dir = /r\nprofile_dir = \"/p q\"\nlog_target = syslog\n"
                          "log_level = debug\nrules_dir = /s\npolicy_dir = /t\n"
                          "worker { requests = 7\n lifetime_s = 90\n body_bytes = 1k\n"
                          " allow_unvalidated = off }\n"
                          "validate { policies = { My_own-1.x, strict }\n source_bytes = 16m\n"
                          " parse_ms = 1m\n nodes = 1000\n depth = 2500\n work = 10000 }\n"
                          "native { socket = /run/x.sock\n socket_mode = 0600\n"
                          " peers = { www-data, 65534 }\n slots = 3\n queue = 0\n"
                          " queue_wait_ms = 250\n cgroup = my-box_1.x\n id_base = 100000\n"
                          " id_count = 1000\n allow_missing = { cgroup_cpu, private_uid }\n"
                          " root = /srv/image\n tmp_bytes = 1m\n tmp_inodes = 1000\n"
                          " shm_bytes = 2m }\n"
                          "limits { default_wall_time_ms = 1s\n max_wall_time_ms = 5000\n"
                          " default_cpu_time_ms = 2s\n max_cpu_time_ms = 1m\n"
                          " default_memory_bytes = 64m\n max_memory_bytes = 4g\n"
                          " default_processes = 5\n max_processes = 5\n"
                          " default_output_bytes = 2k\n max_output_bytes = 64m\n"
                          " default_file_bytes = 3k\n max_file_bytes = 1t\n"
                          " default_cpu_percent = 100\n max_cpu_percent = 400 }\n",
                          &err),
                     0);
    assert_string_equal(cfg.runtime_dir, "/r");
    assert_string_equal(cfg.profile_dir, "/p q");
    assert_string_equal(cfg.rules_dir, "/s");
    assert_string_equal(cfg.policy_dir, "/t");
    assert_string_equal(cfg.log_target, "syslog");
    assert_int_equal(cfg.log_level, SG_LOG_DEBUG);
    assert_int_equal(cfg.worker.requests, 7);
    assert_int_equal(cfg.worker.lifetime_s, 90);
    assert_int_equal(cfg.worker.body_bytes, 1024);
    assert_false(cfg.worker.allow_unvalidated);
    assert_int_equal(cfg.validate.policies.n, 2);
    assert_string_equal(cfg.validate.policies.v[0], "My_own-1.x");
    assert_string_equal(cfg.validate.policies.v[1], "strict");
    assert_int_equal(cfg.validate.source_bytes, 16 << 20);
    assert_int_equal(cfg.validate.parse_ms, 60000);
    assert_int_equal(cfg.validate.nodes, 1000);
    assert_int_equal(cfg.validate.depth, 2500);
    assert_int_equal(cfg.validate.work, 10000);
    assert_string_equal(cfg.native.socket, "/run/x.sock");
    assert_int_equal(cfg.native.socket_mode, 0600);
    assert_int_equal(cfg.native.peers.n, 2);
    assert_string_equal(cfg.native.peers.v[0], "www-data");
    assert_string_equal(cfg.native.peers.v[1], "65534");
    assert_int_equal(sg_config_slots(&cfg), 3);
    assert_int_equal(cfg.native.queue, 0);
    assert_int_equal(cfg.native.queue_wait_ms, 250);
    assert_string_equal(cfg.native.cgroup, "my-box_1.x");
    assert_int_equal(cfg.native.id_base, 100000);
    assert_int_equal(cfg.native.id_count, 1000);
    assert_int_equal(cfg.native.allow_missing,
                     SG_LAYER_BIT(SG_LAYER_CGROUP_CPU) | SG_LAYER_BIT(SG_LAYER_PRIVATE_UID));
    assert_string_equal(cfg.native.root, "/srv/image");
    assert_int_equal(cfg.native.tmp_bytes, 1 << 20);
    assert_int_equal(cfg.native.tmp_inodes, 1000);
    assert_int_equal(cfg.native.shm_bytes, 2 << 20);
    static const struct sg_limits dflt = {1000, 2000, 64 << 20, 5, 2048, 3072, 100};
    static const struct sg_limits max = {5000, 60000, 4ull << 30, 5, 64 << 20, 1ull << 40, 400};
    assert_memory_equal(&cfg.limits_default, &dflt, sizeof(dflt));
    assert_memory_equal(&cfg.limits_max, &max, sizeof(max));
    sg_config_done(&cfg);
}

static void test_empty_lists(void **state)
{
    (void)state;
    struct sg_config cfg = {0};
    assert_int_equal(load(&cfg, "native { peers = {}\n allow_missing = {} }", NULL), 0);
    assert_int_equal(cfg.native.peers.n, 0);
    assert_int_equal(cfg.native.allow_missing, 0);
    sg_config_done(&cfg);
}

static void test_slots_follow_the_cores(void **state)
{
    (void)state;
    cpu_set_t cpus;
    assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
    struct sg_config cfg = {0};
    assert_int_equal(sg_config_slots(&cfg), 2 * CPU_COUNT(&cpus));
}

#define OPTIONAL "landlock, private_uid, proc, cgroup_memory, cgroup_pids, cgroup_cpu"
#define URL_RULE " is not a URL; allowed: empty, https://HOST:PORT, or http://127.0.0.1:PORT"
#define X64      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
    const char *text, *error;
} error_rows[] = {
    {"slots = 4",
     "D/c.conf:1: slots: no such key; allowed: runtime_dir, profile_dir, "
     "rules_dir, policy_dir, log_target, log_level, worker { }, validate { }, output { }, "
     "native { }, docker { }, limits { }"},
    {"workers { }",
     "D/c.conf:1: workers: no such key; allowed: runtime_dir, profile_dir, "
     "rules_dir, policy_dir, log_target, log_level, worker { }, validate { }, output { }, "
     "native { }, docker { }, limits { }"},
    {"worker {\n  request = 4\n}",
     "D/c.conf:2: worker.request: no such key; allowed: requests, lifetime_s, body_bytes, "
     "allow_unvalidated, engines, metrics"},
    {"worker { requests = many }", "D/c.conf:1: worker.requests: \"many\" is not a whole "
                                   "number; allowed: 1 to 1000000000"},
    {"worker { requests = 0 }",
     "D/c.conf:1: worker.requests: 0 is out of range; allowed: 1 to 1000000000"},
    {"worker { requests = 1000000001 }",
     "D/c.conf:1: worker.requests: 1000000001 is out of range; allowed: 1 to 1000000000"},
    {"worker { requests = 99999999999999999999 }",
     "D/c.conf:1: worker.requests: 99999999999999999999 is out of range; allowed: 1 to "
     "1000000000"},
    {"worker { requests = {1, 2} }",
     "D/c.conf:1: worker.requests: takes one value; allowed: requests = value"},
    {"worker { requests = 1\nrequests = 1 }",
     "D/c.conf:2: worker.requests: set twice, first on line 1; allowed: once"},
    {"worker { lifetime_s = 500ms }",
     "D/c.conf:1: worker.lifetime_s: \"500ms\" is not a time like 30s, 60m or 1h; allowed: 1s "
     "to 30d"},
    {"worker { body_bytes = 17m }",
     "D/c.conf:1: worker.body_bytes: 17m is out of range; allowed: 1k to 16m"},
    {"worker { body_bytes = 4mb }",
     "D/c.conf:1: worker.body_bytes: \"4mb\" is not a size like 4096, 4k or 512m; allowed: 1k "
     "to 16m"},
    {"worker { metrics = counters }", "D/c.conf:1: worker.metrics: \"counters\" is not a path; "
                                      "allowed: empty, or absolute, at most 255 "
                                      "bytes, no control characters"},
    {"worker { allow_unvalidated = 1 }",
     "D/c.conf:1: worker.allow_unvalidated: \"1\" is neither on nor off; allowed: on, off"},
    {"log_target = file",
     "D/c.conf:1: log_target: \"file\" is not known here; allowed: stderr, syslog"},
    {"log_target = ''", "D/c.conf:1: log_target: \"\" is not known here; allowed: stderr, syslog"},
    {"log_target = 'stderr, syslog'",
     "D/c.conf:1: log_target: \"stderr, syslog\" is not known here; allowed: stderr, syslog"},
    {"log_level = loud", "D/c.conf:1: log_level: \"loud\" is not known here; allowed: error, "
                         "warning, notice, info, debug"},
    {"runtime_dir = runtimes.d",
     "D/c.conf:1: runtime_dir: \"runtimes.d\" is not a path; allowed: absolute, at most 255 "
     "bytes, no control characters"},
    {"runtime_dir = ''", "D/c.conf:1: runtime_dir: \"\" is not a path; allowed: absolute, at "
                         "most 255 bytes, no control characters"},
    {"runtime_dir = '/a\nb'", "D/c.conf:2: runtime_dir: \"/a\nb\" is not a path; allowed: "
                              "absolute, at most 255 bytes, no "
                              "control characters"},
    {"native { socket = /" X64 X64 " }",
     "D/c.conf:1: native.socket: \"/" X64 X64 "\" is not a path; allowed: empty, or absolute, "
     "at most 107 bytes, no control characters"},
    {"native { socket_mode = 0980 }",
     "D/c.conf:1: native.socket_mode: \"0980\" is not an octal number like 0660; allowed: 0000 "
     "to 0777"},
    {"native { socket_mode = 4755 }",
     "D/c.conf:1: native.socket_mode: 4755 is out of range; allowed: 0000 to 0777"},
    {"native { peers = {a, 'b c'} }",
     "D/c.conf:1: native.peers: \"b c\" is not a user; allowed: names and numbers of users"},
    {"native { peers = {''} }",
     "D/c.conf:1: native.peers: \"\" is not a user; allowed: names and numbers of users"},
    {"native { peers = {0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,"
     "27,28,29,30,31,32} }",
     "D/c.conf:1: native.peers: too many users; allowed: at most 32"},
    {"native { cgroup = ../x }",
     "D/c.conf:1: native.cgroup: \"../x\" is not a name; allowed: 1 to 64 letters, digits, _ - "
     "., not beginning with a dot"},
    {"native { cgroup = " X64 "x }",
     "D/c.conf:1: native.cgroup: \"" X64 "x\" is not a name; allowed: 1 to 64 letters, digits, "
     "_ - ., not beginning with a dot"},
    {"native { allow_missing = {landlock, seccomp} }",
     "D/c.conf:1: native.allow_missing: \"seccomp\" is not known here; allowed: " OPTIONAL},
    {"native { allow_missing = all }",
     "D/c.conf:1: native.allow_missing: \"all\" is not known here; allowed: " OPTIONAL},
    {"native { id_base = 1000 }",
     "D/c.conf:1: native.id_base: 1000 is out of range; allowed: 65536 to 4294901760"},
    {"native {\n id_base = 4294901760\n}",
     "D/c.conf:2: native.id_base: the range ends beyond 4294967294; allowed: id_base + "
     "id_count at most 4294967295"},
    {"native {\n id_base = 4294901760\n id_count = 65535\n}", NULL},
    {"native {\n id_count = 2147483648\n id_base = 3000000000 }",
     "D/c.conf:2: native.id_count: the range ends beyond 4294967294; allowed: id_base + "
     "id_count at most 4294967295"},
    {"validate { policies = {} }",
     "D/c.conf: validate.policies: the list is empty; allowed: at least one"},
    {"validate { policies = report }", NULL},
    {"validate { policies = { a, b,\n a } }",
     "D/c.conf:2: validate.policies: \"a\" is named twice; allowed: once"},
    {"validate { policies = { a, 'b c' } }",
     "D/c.conf:1: validate.policies: \"b c\" is not a name; allowed: 1 to 64 letters, digits, "
     "_ - ., not beginning with a dot"},
    {"validate { policies = '' }",
     "D/c.conf:1: validate.policies: \"\" is not a name; allowed: 1 to 64 letters, digits, _ - "
     "., not beginning with a dot"},
    {"validate { policies = " X64 " }", NULL},
    {"validate { policies = " X64 "x }",
     "D/c.conf:1: validate.policies: \"" X64 "x\" is not a name; allowed: 1 to 64 letters, "
     "digits, _ - ., not beginning with a dot"},
    {"validate { policies = "
     "{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,"
     "32} }",
     "D/c.conf:1: validate.policies: too many names; allowed: at most 32"},
    {"validate { source_bytes = 17m }",
     "D/c.conf:1: validate.source_bytes: 17m is out of range; allowed: 1k to 16m"},
    {"validate { parse_ms = 9 }",
     "D/c.conf:1: validate.parse_ms: 9 is out of range; allowed: 10ms to 1m"},
    {"validate { nodes = 999 }",
     "D/c.conf:1: validate.nodes: 999 is out of range; allowed: 1000 to 100000000"},
    {"validate { depth = 2501 }",
     "D/c.conf:1: validate.depth: 2501 is out of range; allowed: 50 to 2500"},
    {"validate { work = 9999 }",
     "D/c.conf:1: validate.work: 9999 is out of range; allowed: 10000 to 1000000000"},
    {"rules_dir = rules",
     "D/c.conf:1: rules_dir: \"rules\" is not a path; allowed: absolute, at most 255 bytes, no "
     "control characters"},
    {"policy_dir = ''", "D/c.conf:1: policy_dir: \"\" is not a path; allowed: absolute, at most "
                        "255 bytes, no control characters"},
    {"native { tmp_bytes = 0 }",
     "D/c.conf:1: native.tmp_bytes: 0 is out of range; allowed: 64k to 1t"},
    {"limits { max_output_bytes = 65m }",
     "D/c.conf:1: limits.max_output_bytes: 65m is out of range; allowed: 1k to 64m"},
    {"limits { default_memory_bytes = 15m }",
     "D/c.conf:1: limits.default_memory_bytes: 15m is out of range; allowed: 16m to 1t"},
    {"limits { default_wall_time_ms = 9 }",
     "D/c.conf:1: limits.default_wall_time_ms: 9 is out of range; allowed: 10ms to 1d"},
    {"limits {\n default_wall_time_ms = 200s\n}",
     "D/c.conf:2: limits.default_wall_time_ms: 200s is over max_wall_time_ms; allowed: at most "
     "2m"},
    {"limits {\n max_wall_time_ms = 5s\n}",
     "D/c.conf:2: limits.max_wall_time_ms: 5s is under default_wall_time_ms; allowed: at least "
     "30s, or set default_wall_time_ms too"},
    {"limits {\n max_processes = 5\n default_processes = 6\n}",
     "D/c.conf:3: limits.default_processes: 6 is over max_processes; allowed: at most 5"},
    {"worker {\n engines = { native, docker }\n}\ndocker {\n engine_url = https://e:2376\n}", NULL},
    {"worker {\n engines = { podman }\n}",
     "D/c.conf:2: worker.engines: \"podman\" is not known here; allowed: native, docker"},
    {"worker {\n engines = {}\n}",
     "D/c.conf: worker.engines: the list is empty; allowed: at least one"},
    {"docker {\n engine_url = http://e:2375\n}",
     "D/c.conf:2: docker.engine_url: \"http://e:2375\"" URL_RULE},
    {"docker {\n engine_url = \"https://u@e:2376\"\n}",
     "D/c.conf:2: docker.engine_url: \"https://u@e:2376\"" URL_RULE},
    {"docker {\n engine_url = \"https://e/x\"\n}",
     "D/c.conf:2: docker.engine_url: \"https://e/x\"" URL_RULE},
    {"docker {\n instance = ''\n}", "D/c.conf:2: docker.instance: \"\" is not a name; allowed: "
                                    "1 to 64 letters, digits, _ - ., "
                                    "not beginning with a dot"},
    {"docker {\n oci_runtime = ''\n}", NULL},
    {"worker {\n", "D/c.conf:2: section worker is not closed; allowed: worker { ... }"},
    {"log_level = info;", "D/c.conf:1: unexpected ';'; allowed: lines that end without it"},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(error_rows); i++) {
        struct sg_config cfg = {0};
        struct sg_error err = SG_ERROR_INIT;
        char text[sizeof(err.text) + 8];
        int r = load(&cfg, error_rows[i].text, &err);
        file_relative(text, sizeof(text), err.text);
        /* The directory's name is longer than "D": what it cut at the end is not compared. */
        size_t n = strlen(err.text) == sizeof(err.text) - 1 ? strlen(text) : sizeof(text);
        if (r != (error_rows[i].error ? SG_E_INVALID : 0) ||
            strncmp(text, error_rows[i].error ? error_rows[i].error : "", n) != 0)
            fail_msg("row %zu: %d, %s", i, r, text);
        assert_true(r == 0 || cfg.log_target == NULL); /* untouched when refused */
        sg_config_done(&cfg);
    }
}

static void test_files_that_cannot_be_read(void **state)
{
    (void)state;
    struct sg_config cfg = {0};
    char text[400];
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_config_load(&cfg, file_path("none.conf"), &err), -ENOENT);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D/none.conf: No such file or directory");
    assert_string_equal(err.fix, "create it, or name another one with --config");

    err = (struct sg_error)SG_ERROR_INIT;
    assert_int_equal(sg_config_load(&cfg, files_dir, &err), -EISDIR);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D: Is a directory");

    sg_auto(sg_buf) struct sg_buf big = {0};
    while (big.len <= SG_READER_FILE_MAX)
        sg_buf_puts(&big, "# a long comment\n");
    err = (struct sg_error)SG_ERROR_INIT;
    assert_int_equal(sg_config_load(&cfg, file_put("big.conf", big.data, big.len), &err), -EFBIG);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D/big.conf: larger than 262144 bytes");

    err = (struct sg_error)SG_ERROR_INIT;
    assert_int_equal(sg_config_load(&cfg, file_put("nul.conf", "a\0b", 3), &err), SG_E_INVALID);
    file_relative(text, sizeof(text), err.text);
    assert_string_equal(text, "D/nul.conf:1: NUL byte; allowed: text");
    assert_null(cfg.log_target);
}

/* In a child, since root may read everything. */
static void test_file_without_permission(void **state)
{
    (void)state;
    const char *path = file_put("secret.conf", "", 0);
    assert_int_equal(chmod(path, 0), 0);
    pid_t child = fork();
    if (child == 0) {
        struct sg_config cfg = {0};
        struct sg_error err = SG_ERROR_INIT;
        if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
            _exit(2);
        bool refused = sg_config_load(&cfg, path, &err) == -EACCES;
        _exit(refused && strcmp(err.fix, "let the user of this process read it") == 0 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Each allocation of ours fails once; leaks are for the sanitizer to see. */
static void test_out_of_memory(void **state)
{
    (void)state;
    const char *text = "log_target = syslog\nnative { peers = { a, b }\n socket = /s }"
                       "\nvalidate { policies = { a, b } }";
    char path[600];
    snprintf(path, sizeof(path), "%s", file_put("c.conf", text, strlen(text)));
    int r = -1;
    for (long n = 0; r < 0; n++) {
        struct sg_config cfg = {0};
        struct sg_error err = SG_ERROR_INIT;
        fail_alloc_at(n);
        r = sg_config_load(&cfg, path, &err);
        bool failed = alloc_failed;
        fail_alloc_never();
        assert_int_equal(r, failed ? -ENOMEM : 0);
        if (r < 0)
            assert_non_null(strstr(err.text, "Cannot allocate memory"));
        sg_config_done(&cfg);
        assert_true(n < 1000);
    }
    fail_alloc_at(0);
    sg_auto(sg_buf) struct sg_buf out = {0};
    assert_int_equal(sg_config_describe(&out), -ENOMEM);
    fail_alloc_at(1);
    assert_int_equal(sg_config_describe(&out), -ENOMEM);
    fail_alloc_never();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_file_means_defaults),
        cmocka_unit_test(test_no_file_at_the_default_place_means_defaults),
        cmocka_unit_test(test_every_value_arrives),
        cmocka_unit_test(test_empty_lists),
        cmocka_unit_test(test_slots_follow_the_cores),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_file_without_permission),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, files_begin, files_end);
}
