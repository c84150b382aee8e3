/* internal.h: what the checks of the doctor have in common. Used by fcgi/doctor alone. */
#ifndef SG_FCGI_DOCTOR_INTERNAL_H
#define SG_FCGI_DOCTOR_INTERNAL_H

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "fcgi/doctor/doctor.h"

/* What an ordinary user can do. */
#define ASK_AS_ROOT "ask as root: sudo sandgate doctor"

/* Adds a symptom of the check that is being made. */
void sg_doctor_tell(struct sg_doctor *d, enum sg_health h, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Says what mends the last symptom. */
void sg_doctor_fix(struct sg_doctor *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Says that packages mend it, by the package manager that is there. */
void sg_doctor_fix_install(struct sg_doctor *d, const char *debian, const char *fedora);
/* The symptom that an error is, with its fix, or else this one. -EACCES and -EPERM of an ordinary
   user are unknown. */
void sg_doctor_tell_error(struct sg_doctor *d, const struct sg_error *err, const char *fix);

/* What was to be read cannot be: it is unknown, and never taken for good. */
void sg_doctor_tell_unseen(struct sg_doctor *d, int rc, const char *what);

/* Reads a file of the system (path without a leading slash, below d->root). 0, or -errno. */
int sg_doctor_read(const struct sg_doctor *d, const char *path, struct sg_buf *ret);
/* The same of one line, without its end. */
int sg_doctor_read_line(const struct sg_doctor *d, const char *path, char *ret, size_t n);
/* A switch of the kernel (proc/sys/..., one number): 1; 0: this kernel has none; or -errno: it
   cannot be seen, which says nothing about it. */
int sg_doctor_switch(const struct sg_doctor *d, const char *path, int64_t *ret);
/* Where something that a configuration names (a path from "/") is as we see it: there, or below
   d->root, its links followed within. 0, or -errno. */
int sg_doctor_place(const struct sg_doctor *d, const char *path, char *ret, size_t n);
/* stat(2) of something there. 0, or -errno. */
int sg_doctor_stat(const struct sg_doctor *d, const char *path, struct stat *ret);

/* Is the word among the words of the text, between blanks, commas, ends of lines? */
bool sg_doctor_has_word(const char *text, const char *word);

/* Somebody who may or may not. */
#define SG_GROUPS_MAX 64
struct sg_person {
    char name[64];
    uid_t uid;
    gid_t groups[SG_GROUPS_MAX];
    int ngroups;
};
/* By name or number. False: there is no such user. */
bool sg_person_find(const char *name, struct sg_person *ret);
/* May that person do this (R_OK, W_OK, X_OK) to something with these permission bits? Root may. */
bool sg_person_may(const struct sg_person *p, mode_t mode, uid_t uid, gid_t gid, int what);
/* May that person connect to the socket: go through each directory, and write to it? 1, 0 with the
   path that stands in the way, or -errno when this cannot be seen. Access control lists are not
   looked at. */
int sg_person_may_connect(const struct sg_person *p, const char *socket, char *ret, size_t n);

/* Does somebody listen at that path for streams? 0; -ENOTSOCK: it is something else; -ECONNREFUSED:
   nobody does; -EACCES: this user may not ask; or another -errno. Whoever listens there meets an
   end at once. */
int sg_doctor_listens(const char *path);

/* First range of subuid(5) for a user, by name or number: "name:first:count". Pure. 0, -ENOENT. */
int sg_subid_find(const char *text, const char *name, uid_t uid, uint64_t *first, uint64_t *count);
/* The first id, not below first, from which on count ids are in no range of that file. Pure. */
uint64_t sg_subid_free(const char *text, uint64_t first, uint64_t count);
/* Does a range of that file meet first..first+count? Pure; ret: whose it is. */
bool sg_subid_meets(const char *text, uint64_t first, uint64_t count, char *ret, size_t n);

/* The process that listens at the executor's socket: its pid and user. 0, or -errno. */
int sg_doctor_peer(const struct sg_doctor *d, pid_t *ret_pid, uid_t *ret_uid);

/* Workers of the configuration that run on this machine. */
struct sg_workers {
    unsigned runs;     /* those for runs */
    unsigned status;   /* for status requests */
    unsigned either;   /* for runs or for status requests: which cannot be seen */
    unsigned highest;  /* number of a unit sandgate-fcgi@N */
    bool by_units;     /* systemd's */
    bool wants_status; /* there is a place for some for status requests */
};
/* 0, or -errno: it cannot be seen. */
int sg_doctor_count_workers(const struct sg_doctor *d, struct sg_workers *ret);
/* What executors take at a time, all of them together. */
struct sg_capacity {
    unsigned engines; /* how many they are; 0: that is not known */
    unsigned slots, queue;
};
/* Are they enough for that, and are there any for status requests? Says so. */
void sg_doctor_tell_workers(struct sg_doctor *d, const struct sg_workers *w,
                            const struct sg_capacity *c);

/* Runs a program with its arguments, stdin empty, for ms at most; *out and *err get what it writes,
   cut off at max bytes each. Its exit status, or -errno (-ETIMEDOUT; -EFBIG: it wrote more). */
int sg_doctor_spawn(const char *program, char *const argv[], unsigned ms, size_t max,
                    struct sg_buf *out, struct sg_buf *err);

/* The checks: see the table in doctor.c. */
void sg_check_kernel_version(struct sg_doctor *d);
void sg_check_kernel_namespaces(struct sg_doctor *d);
void sg_check_kernel_calls(struct sg_doctor *d);
void sg_check_kernel_notification(struct sg_doctor *d);
void sg_check_kernel_landlock(struct sg_doctor *d);
void sg_check_kernel_proc(struct sg_doctor *d);
void sg_check_userns_limits(struct sg_doctor *d);
void sg_check_userns_sysctl(struct sg_doctor *d);
void sg_check_userns_apparmor(struct sg_doctor *d);
void sg_check_userns_try(struct sg_doctor *d);
void sg_check_host_cgroups(struct sg_doctor *d);
void sg_check_host_controllers(struct sg_doctor *d);
void sg_check_host_swap(struct sg_doctor *d);
void sg_check_host_core_pattern(struct sg_doctor *d);
void sg_check_host_lsm(struct sg_doctor *d);
void sg_check_host_sysctl(struct sg_doctor *d);
void sg_check_config_file(struct sg_doctor *d);
void sg_check_config_rights(struct sg_doctor *d);
void sg_check_config_runtimes(struct sg_doctor *d);
void sg_check_config_rules(struct sg_doctor *d);
void sg_check_config_executor(struct sg_doctor *d);
void sg_check_config_metrics(struct sg_doctor *d);
void sg_check_service_socket(struct sg_doctor *d);
void sg_check_service_ids(struct sg_doctor *d);
void sg_check_service_executor(struct sg_doctor *d);
void sg_check_service_workers(struct sg_doctor *d);
void sg_check_service_cgroup(struct sg_doctor *d);
void sg_check_service_layers(struct sg_doctor *d);
void sg_check_service_runtimes(struct sg_doctor *d);
void sg_check_nginx_test(struct sg_doctor *d);
void sg_check_nginx_include(struct sg_doctor *d);
void sg_check_nginx_body(struct sg_doctor *d);
void sg_check_nginx_timeout(struct sg_doctor *d);
void sg_check_nginx_buffers(struct sg_doctor *d);
void sg_check_nginx_params(struct sg_doctor *d);
void sg_check_nginx_sockets(struct sg_doctor *d);
void sg_check_nginx_guard(struct sg_doctor *d);
void sg_check_docker_socket(struct sg_doctor *d);
void sg_check_docker_engine(struct sg_doctor *d);
void sg_check_docker_peers(struct sg_doctor *d);
void sg_check_docker_executor(struct sg_doctor *d);

#endif
