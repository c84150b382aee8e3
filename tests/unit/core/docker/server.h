/* A process that listens at a Unix socket of its own, in place of the Engine. */
#ifndef SG_TESTS_DOCKER_SERVER_H
#define SG_TESTS_DOCKER_SERVER_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char server_dir[] = "/tmp/sg-server-XXXXXX", server_path[64];
static pid_t server;

/* serve does not return. 0, or -1. */
static int server_start(void (*serve)(int listener))
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (!mkdtemp(server_dir))
        return -1;
    snprintf(server_path, sizeof server_path, "%s/socket", server_dir);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", server_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(listener, 128) < 0)
        return -1;
    server = fork();
    if (server == 0)
        serve(listener);
    close(listener);
    return 0;
}

/* A cmocka teardown. */
static int server_stop(void **state)
{
    (void)state;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    unlink(server_path);
    return rmdir(server_dir);
}

#endif
