/*
 * load.c: a client that costs little, so that what it measures is the service and not itself.
 *
 *     load -p PORT [-c CONNECTIONS] [-s SECONDS] [-n REQUESTS] [-r RATE] [-w SKIPPED] [-u PATH]
 *          [-e EXPECTED] [-m MARK] [-f FIELD]... [-a] < BODY
 *
 * POSTs the same body over connections that are kept, one request at a time on each: as fast as
 * answers come, or, with -r, at the most so many per second over all. Each answer must be 200 and
 * contain EXPECTED. Prints one JSON object: count, seconds, errors, late (with -r: sent more than
 * an interval after their time), marked (answers that contain MARK), percentiles of the time from
 * sending to the last byte, the median of each FIELD ("FIELD": NUMBER in the answer), and with -a
 * all times. The first SKIPPED answers are not counted. Loopback only; exit status 1 when there
 * were errors.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 64
#define ANSWER_MAX      (1 << 20)
#define BODY_MAX        (256 << 10)
#define SAMPLES_MAX     1000000
#define FIELDS_MAX      8
#define ERRORS_MAX      20
#define SILENCE_MS      60000

struct connection {
    int fd;
    bool busy;
    double sent; /* when, ms */
    size_t have;
    char *answer; /* ANSWER_MAX + 1 bytes */
};

struct field {
    char *name;     /* as it is looked for: "NAME": */
    double *values; /* SAMPLES_MAX, as times; NAN: not in that answer */
};

static struct {
    in_port_t port;
    int connections;
    double seconds, rate;
    long requests, skip;
    const char *path, *expected, *mark;
    bool all;
} options = {.connections = 1, .seconds = 1e9, .requests = SAMPLES_MAX, .path = "/v1/execute"};

static struct field fields[FIELDS_MAX];
static size_t nfields;
static char *request;
static size_t request_len;
static double *times;
static long ntimes, sent, answered, errors, late, marked;
static double last_answer;

static double now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void *allocate(size_t count, size_t size)
{
    void *p = calloc(count, size);
    if (!p)
        die("memory");
    return p;
}

static double number(const char *text, double low, double high)
{
    char *end;
    double value = strtod(text, &end);
    if (*end || end == text || !(value >= low && value <= high)) {
        fprintf(stderr, "load: %s: no number from %.0f to %.0f\n", text, low, high);
        exit(2);
    }
    return value;
}

static void add_field(const char *name)
{
    if (nfields == FIELDS_MAX) {
        fprintf(stderr, "load: at most %d fields\n", FIELDS_MAX);
        exit(2);
    }
    char *key = allocate(strlen(name) + 4, 1);
    snprintf(key, strlen(name) + 4, "\"%s\":", name);
    fields[nfields].name = key;
    fields[nfields++].values = allocate(SAMPLES_MAX, sizeof(double));
}

static void read_options(int argc, char **argv)
{
    for (int c; (c = getopt(argc, argv, "p:c:s:n:r:w:u:e:m:f:a")) != -1;) {
        switch (c) {
        case 'p':
            options.port = (in_port_t)number(optarg, 1, 65535);
            break;
        case 'c':
            options.connections = (int)number(optarg, 1, CONNECTIONS_MAX);
            break;
        case 's':
            options.seconds = number(optarg, 0.001, 86400);
            break;
        case 'n':
            options.requests = (long)number(optarg, 1, SAMPLES_MAX);
            break;
        case 'r':
            options.rate = number(optarg, 0.001, 1e6);
            break;
        case 'w':
            options.skip = (long)number(optarg, 0, SAMPLES_MAX);
            break;
        case 'u':
            options.path = optarg;
            break;
        case 'e':
            options.expected = optarg;
            break;
        case 'm':
            options.mark = optarg;
            break;
        case 'f':
            add_field(optarg);
            break;
        case 'a':
            options.all = true;
            break;
        default:
            exit(2);
        }
    }
    if (!options.port || (options.seconds >= 1e9 && options.requests == SAMPLES_MAX)) {
        fprintf(stderr, "load: needs -p, and -s or -n; see tests/bench/load.c\n");
        exit(2);
    }
}

static void read_body(void)
{
    char *body = allocate(BODY_MAX, 1);
    size_t n = fread(body, 1, BODY_MAX, stdin), room = n + strlen(options.path) + 256;
    request = allocate(room, 1);
    int head = snprintf(request, room,
                        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        options.path, n);
    memcpy(request + head, body, n);
    request_len = (size_t)head + n;
    free(body);
}

static void connect_to(struct connection *c)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(options.port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void reconnect(struct connection *c)
{
    close(c->fd);
    connect_to(c);
}

static void send_one(struct connection *c)
{
    c->have = 0;
    c->busy = true;
    c->sent = now_ms();
    sent++;
    for (size_t done = 0; done < request_len;) {
        ssize_t n = send(c->fd, request + done, request_len - done, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return; /* the answer, or its absence, tells */
        done += n > 0 ? (size_t)n : 0;
    }
}

static void count_error(const struct connection *c, const char *what)
{
    if (errors++ == 0)
        fprintf(stderr, "load: %s: %.*s\n", what, (int)(c->have < 800 ? c->have : 800), c->answer);
}

static void take_fields(const char *body, long at)
{
    for (size_t i = 0; i < nfields; i++) {
        const char *found = strstr(body, fields[i].name);
        const char *text = found ? found + strlen(fields[i].name) : "";
        char *end;
        double value = strtod(text, &end);
        fields[i].values[at] = end == text ? NAN : value;
    }
}

/* An answer that is all there. */
static void judge(struct connection *c, const char *body, double took)
{
    bool good = strncmp(c->answer, "HTTP/1.1 200 ", 13) == 0 &&
                (!options.expected || strstr(body, options.expected));
    if (!good)
        count_error(c, "not what was expected");
    else if (++answered > options.skip && ntimes < SAMPLES_MAX) {
        take_fields(body, ntimes);
        times[ntimes++] = took;
        marked += options.mark && strstr(body, options.mark);
    }
}

/* How long head and body are, by Content-Length; SIZE_MAX: not known yet; 0: it does not say. */
static size_t answer_length(const struct connection *c, const char **ret_body)
{
    const char *end = strstr(c->answer, "\r\n\r\n");
    const char *length = end ? strcasestr(c->answer, "\r\nContent-Length:") : NULL;
    if (!end)
        return SIZE_MAX;
    if (!length || length > end)
        return 0;
    *ret_body = end + 4;
    return (size_t)(end + 4 - c->answer) + strtoul(length + 17, NULL, 10);
}

static void receive(struct connection *c)
{
    const char *body = NULL;
    ssize_t n = recv(c->fd, c->answer + c->have, ANSWER_MAX - c->have, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    double now = now_ms();
    c->have += n > 0 ? (size_t)n : 0;
    c->answer[c->have] = '\0';
    size_t length = answer_length(c, &body);
    if (n > 0 && c->have < length && c->have < ANSWER_MAX)
        return;
    c->busy = false;
    last_answer = now;
    if (!body || c->have != length) {
        count_error(c, n > 0 ? "no length, or another" : "connection ended");
        reconnect(c);
        return;
    }
    judge(c, body, now - c->sent);
    const char *closing = strcasestr(c->answer, "\r\nConnection: close");
    if (closing && closing < body) /* nginx does after keepalive_requests */
        reconnect(c);
}

/* Sends on connections that are free what is due; the ms until more is, or SILENCE_MS. */
static double send_due(struct connection *all, double start)
{
    for (int i = 0; i < options.connections; i++) {
        double now = now_ms(),
               due = options.rate > 0 ? start + (double)sent * 1e3 / options.rate : now;
        if (now - start >= options.seconds * 1e3 || sent >= options.requests ||
            errors >= ERRORS_MAX)
            return SILENCE_MS;
        if (due > now)
            return due - now;
        if (all[i].busy)
            continue;
        late += options.rate > 0 && now - due > 1e3 / options.rate;
        send_one(&all[i]);
    }
    return SILENCE_MS;
}

static void run(struct connection *all)
{
    struct pollfd polled[CONNECTIONS_MAX];
    double start = last_answer = now_ms();
    for (;;) {
        double wait = send_due(all, start);
        bool busy = false;
        for (int i = 0; i < options.connections; i++) {
            polled[i] = (struct pollfd){all[i].busy ? all[i].fd : -1, POLLIN, 0};
            busy = busy || all[i].busy;
        }
        if (!busy && wait >= SILENCE_MS)
            break;
        long us = (long)(wait * 1e3);
        struct timespec timeout = {us / 1000000, us % 1000000 * 1000};
        int ready = ppoll(polled, (nfds_t)options.connections, &timeout, NULL);
        if (ready == 0 && wait >= SILENCE_MS) {
            fprintf(stderr, "load: no answer for %d s\n", SILENCE_MS / 1000);
            exit(2);
        }
        for (int i = 0; ready > 0 && i < options.connections; i++) {
            if (polled[i].revents)
                receive(&all[i]);
        }
    }
    last_answer -= start;
}

static int compare(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double percentile(const double *sorted, long n, long percent)
{
    long i = n * percent / 100;
    return n == 0 ? 0 : sorted[i < n ? i : n - 1];
}

/* A copy, without those that are not there. */
static double *sorted_copy(const double *values, long n, long *ret_n)
{
    double *copy = allocate((size_t)n + 1, sizeof *copy);
    *ret_n = 0;
    for (long i = 0; i < n; i++) {
        if (!isnan(values[i]))
            copy[(*ret_n)++] = values[i];
    }
    qsort(copy, (size_t)*ret_n, sizeof *copy, compare);
    return copy;
}

static void print_all(const char *key, const double *values)
{
    printf("%s [", key);
    for (long i = 0; i < ntimes; i++) {
        if (isnan(values[i]))
            printf("%snull", i ? ", " : "");
        else
            printf("%s%.4f", i ? ", " : "", values[i]);
    }
    printf("]");
}

static void print_median(const struct field *f)
{
    long n;
    double *sorted = sorted_copy(f->values, ntimes, &n);
    if (n)
        printf("%s %.4f", f->name, percentile(sorted, n, 50));
    else
        printf("%s null", f->name);
    free(sorted);
}

static void print(void)
{
    long n;
    double *sorted = sorted_copy(times, ntimes, &n);
    printf("{\"count\": %ld, \"seconds\": %.6f, \"errors\": %ld, \"late\": %ld, \"marked\": %ld", n,
           last_answer / 1e3, errors, late, marked);
    printf(", \"p50_ms\": %.4f, \"p95_ms\": %.4f, \"p99_ms\": %.4f, \"fields\": {",
           percentile(sorted, n, 50), percentile(sorted, n, 95), percentile(sorted, n, 99));
    for (size_t i = 0; i < nfields; i++) {
        printf("%s", i ? ", " : "");
        print_median(&fields[i]);
    }
    printf("}");
    if (options.all) {
        print_all(", \"times_ms\":", times);
        printf(", \"values\": {");
        for (size_t i = 0; i < nfields; i++) {
            printf("%s", i ? ", " : "");
            print_all(fields[i].name, fields[i].values);
        }
        printf("}");
    }
    printf("}\n");
    free(sorted);
}

int main(int argc, char **argv)
{
    struct connection all[CONNECTIONS_MAX];
    read_options(argc, argv);
    read_body();
    times = allocate(SAMPLES_MAX, sizeof *times);
    for (int i = 0; i < options.connections; i++) {
        all[i] = (struct connection){.fd = -1, .answer = allocate(ANSWER_MAX + 1, 1)};
        connect_to(&all[i]);
    }
    run(all);
    print();
    for (int i = 0; i < options.connections; i++) {
        close(all[i].fd);
        free(all[i].answer);
    }
    for (size_t i = 0; i < nfields; i++) {
        free(fields[i].name);
        free(fields[i].values);
    }
    free(times);
    free(request);
    return errors ? 1 : 0;
}
