/*
 * fake.h: a server with a fake engine, and workers over real socket pairs that the test plays.
 *
 *     int sock = peer_connect();
 *     peer_run(sock, "id", "client");             // sends RUN, lets the server do what it can
 *     expect_started(sock);
 *     engine_finish(0);                           // the first run that was started
 *     expect_result(sock, SG_REASON_EXITED);
 */
#ifndef SG_TESTS_UNIT_CORE_EXEC_FAKE_H
#define SG_TESTS_UNIT_CORE_EXEC_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/exec/server.h"

#define RUNS_MAX 256

/* What the engine does with a run stands in the run's id: "fail…" is refused at once, "now…" ends
   within start(), all others wait until the test says engine_finish(). */
struct fake_engine {
    struct sg_run *run[RUNS_MAX]; /* NULL once released */
    char id[RUNS_MAX][SG_ID_MAX + 1];
    int n;
    struct sg_error failure; /* what "fail…" is refused with */
    int cancelled[RUNS_MAX];
    int cancels;
    bool end_in_cancel;
    int busy; /* runs between start and release */
    int most;
};

/* Made anew by server_set_up. Two slots, a queue of three, python 3.9.1 and 3.11.2. */
extern struct fake_engine engine;
extern struct sg_loop *loop;
extern struct sg_server *server;
extern struct sg_config cfg;
extern struct sg_runtimes runtimes;
extern bool stopped; /* the loop was stopped by the server */

int server_set_up(void **state);
int server_tear_down(void **state); /* fails when descriptors are left */
/* Lets the server do all it can do now. */
void turn(int ms);

/* By the number of the start, from 0. finish: answers and releases. */
void engine_answer(int i, enum sg_reason reason);
void engine_release(int i);
void engine_finish(int i);

int peer_connect(void);
int peer_connect_only(void); /* as the one connection of an embedded executor */
struct sg_msg_run peer_request(const char *id, const char *client);
void peer_send_run(int sock, const struct sg_msg_run *m);
void peer_run(int sock, const char *id, const char *client);
struct sg_msg_status_reply status_of(int sock);

/* The next message, which must be there and of this type. */
struct sg_msg expect(int sock, enum sg_msg_type type);
void expect_nothing(int sock);
void expect_end(int sock);
struct sg_msg_refused expect_refused(int sock, enum sg_refusal refusal, const char *phrase);
void expect_result(int sock, enum sg_reason reason);
void expect_started(int sock);

#endif
