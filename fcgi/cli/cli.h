/*
 * cli.h: the command `sandgate`: runs programs from a shell through the same messages as the
 * worker.
 *
 * main.c finds the command; options.c turns the arguments of `run` into a job, program.c reads its
 * files, run.c has it run and tells the end; validate.c scores files; runtimes.c lists languages,
 * check.c tests them; doctor.c prints what fcgi/doctor finds; help.c has the texts.
 */
#ifndef SG_FCGI_CLI_CLI_H
#define SG_FCGI_CLI_CLI_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/runtimes.h"
#include "core/model/job.h"
#include "fcgi/link.h"
#include "fcgi/scoring.h"

/* What the exit status means beyond the program's own. */
enum sg_cli_status {
    SG_CLI_FOUND = 1, /* validate: the policy refuses the files; runtimes --check: a test failed;
                        doctor: there is an error */
    SG_CLI_USAGE = 2,
    SG_CLI_TIMED_OUT = 124,
    SG_CLI_SERVICE_FAILED = 125,
    SG_CLI_REJECTED = 126, /* run: the policy refuses the program */
    SG_CLI_SIGNAL = 128,   /* plus its number */
};

struct sg_cli {
    const char *config_path; /* borrowed; NULL: the installed one */
    struct sg_config cfg;
    struct sg_runtimes runtimes;
    struct sg_scoring scoring; /* loaded when a command needs it */
    struct sg_link link;
};

/* The arguments of `run`, before the configuration is read. Strings are borrowed from argv. */
#define SG_CLI_LIMITS_MAX 16
struct sg_cli_run {
    const char *file, *language, *version, *input, *timeout, *id, *policy, *engine;
    const char *files[SG_FILES_MAX];
    size_t nfiles;
    const char *env[SG_ENV_MAX];
    size_t nenv;
    const char *limits[SG_CLI_LIMITS_MAX]; /* NAME=VALUE */
    size_t nlimits;
    char **args;
    size_t nargs;
    bool json, merge_stderr, unvalidated, trace_denied_syscalls;
};

/* Each command: its exit status. argv[0] is the command's name. */
int sg_cli_run(struct sg_cli *c, int argc, char **argv);
int sg_cli_runtimes(struct sg_cli *c, int argc, char **argv);
int sg_cli_validate(struct sg_cli *c, int argc, char **argv);
int sg_cli_doctor(struct sg_cli *c, int argc, char **argv);

/* Reads configuration and runtimes. 0, or SG_CLI_SERVICE_FAILED after telling why. */
int sg_cli_load(struct sg_cli *c);
/* Reads rules and policies, and finds the policy: the named one, or the first that the
   configuration lets be named (NULL). 0, or SG_E_INVALID and the like. */
int sg_cli_load_scoring(struct sg_cli *c, const char *policy, const struct sg_policy **ret,
                        struct sg_error *err);
/* Runs the self-test of each runtime and prints a line for it. The exit status. */
int sg_cli_check_runtimes(struct sg_cli *c);
/* Waits until the executor knows its runtimes' versions. 0, or a negative code. */
int sg_cli_wait_known(struct sg_cli *c, struct sg_error *err);
/* "sandgate: TEXT; FIX" on stderr. */
void sg_cli_tell(const struct sg_error *err);
/* Prints text that others have written: what a terminal would obey becomes "?". */
void sg_cli_put_plain(const char *text);

/* Parses the arguments of `run`. -1: go on; else the exit status (help was printed, or what is
 * wrong). */
int sg_cli_run_parse(struct sg_cli *c, struct sg_cli_run *ret, int argc, char **argv);
/* Fills in the job. 0, or SG_E_INVALID: wrong usage; or a negative code of reading files. */
int sg_cli_job(struct sg_cli *c, const struct sg_cli_run *run, struct sg_job *job,
               struct sg_error *err);
/* Program, further files and stdin of the job. */
int sg_cli_read_program(const struct sg_cli_run *run, const struct sg_runtime *rt,
                        struct sg_job *job, struct sg_error *err);

/* A file's bytes ("-": stdin), at most max; of too many, SG_E_INVALID. */
int sg_cli_read_bytes(const char *path, size_t max, struct sg_bytes *ret, struct sg_error *err);

/* Prints; the option's table of limits stands in the help of `run`. */
void sg_cli_help(void);
void sg_cli_run_help(void);
void sg_cli_runtimes_help(void);
void sg_cli_validate_help(void);
void sg_cli_doctor_help(void);
/* Points to the help of a command ("" for sandgate itself); gives SG_CLI_USAGE. */
int sg_cli_see_help(const char *command);

#endif
