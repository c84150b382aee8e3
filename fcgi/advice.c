/* advice.c: see advice.h */
#include "fcgi/advice.h"

#include <signal.h>
#include <string.h>

#include "core/base/cleanup.h"

#define LOOKED_AT 4096 /* bytes of the end of stderr: a traceback ends with what went wrong */

static const char missing_module[] =
    "only what is installed can be imported: GET /v1/runtimes lists the packages; code of your own "
    "can be sent in `files`";
static const char no_network[] =
    "there is no network in the sandbox: send what the program needs in `files` or `stdin`";
static const char no_threads[] =
    "it could not start as many threads or processes as it wanted: raise limits.processes, or have "
    "it start fewer (OPENBLAS_NUM_THREADS or OMP_NUM_THREADS in `env`)";
static const char no_memory[] = "raise limits.memory_bytes, or hold less data at once";
static const char read_only[] =
    "only the working directory and /tmp can be written, and nothing there can be executed";
static const char refused[] = "the sandbox refuses what it tried: sockets, devices, most ways to "
                              "make processes, other users' "
                              "rights";

/* What stderr has when a program ended by itself, and not with 0. The first that fits is told. */
static const struct {
    const char *words, *hint;
} complaints[] = {
    {"OpenBLAS blas_thread_init", no_threads},
    {"can't start new thread", no_threads},
    {"pthread_create", no_threads},
    {"BlockingIOError: [Errno 11] Resource temporarily unavailable", no_threads},
    {"fork: Resource temporarily unavailable", no_threads},
    {"fork: retry: Resource temporarily unavailable", no_threads},
    {"ModuleNotFoundError: ", missing_module},
    {"Cannot find module ", missing_module},
    {"ERR_MODULE_NOT_FOUND", missing_module},
    {"EOFError: EOF when reading a line", "the program reads more lines than `stdin` has"},
    {"Temporary failure in name resolution", no_network},
    {"Name or service not known", no_network},
    {"Could not resolve host", no_network},
    {"Network is unreachable", no_network},
    {"ENOTFOUND", no_network},
    {"EAI_AGAIN", no_network},
    {"EAFNOSUPPORT", no_network},
    {"Address family not supported by protocol", no_network},
    {"No space left on device",
     "its files take more than there is room for: write less, or remove what is not needed any "
     "more"},
    {"ENOSPC",
     "its files take more than there is room for: write less, or remove what is not needed any "
     "more"},
    {"File too large", "raise limits.file_bytes, or write less to one file"},
    {"EFBIG", "raise limits.file_bytes, or write less to one file"},
    {"Read-only file system", read_only},
    {"EROFS", read_only},
    {"MemoryError", no_memory},
    {"std::bad_alloc", no_memory},
    {"Cannot allocate memory", no_memory},
    {"Too many open files", "it has more files open than a run may have: close those it has read"},
    {"RecursionError: ", "a function calls itself without an end, or too deeply"},
    {"Operation not permitted", refused},
    {"EPERM", refused},
};

static const struct {
    int signal;
    const char *hint;
} signals[] = {
    {SIGSEGV, "a fault in native code, or a stack that is too deep: a recursion without an end"},
    {SIGBUS, "a fault in native code, or a mapped file that was cut short"},
    {SIGFPE, "a division by zero, or an overflow of it, in native code"},
    {SIGILL, "native code for another processor, or one that gave up on purpose"},
    {SIGABRT, "it gave up by itself (abort): stderr may tell why"},
    {SIGKILL, "no limit that is watched was met: mostly such a program has killed itself"},
};

static const char *const reasons[SG_REASON_COUNT] = {
    [SG_REASON_EXITED] = "stderr tells what the program itself complained about",
    [SG_REASON_WALL_TIME] = "raise `timeout` (or limits.wall_time_ms), or do less work",
    [SG_REASON_CPU_TIME] = "raise limits.cpu_time_ms, or do less work",
    [SG_REASON_MEMORY] = no_memory,
    [SG_REASON_PROCESSES] = no_threads,
    [SG_REASON_OUTPUT] = "print less; what is kept is set by limits.output_bytes",
    /* The kernel's two signals of these can be sent by any program to itself: the texts are true of
       both. */
    [SG_REASON_FILE_SIZE] = "raise limits.file_bytes, or write less; unless the program sent the "
                            "signal to itself",
    [SG_REASON_SECCOMP] = "the sandbox does not offer what the program tried; unless it sent the "
                          "signal to itself",
};

static const char *of_signal(int number)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(signals); i++)
        if (signals[i].signal == number)
            return signals[i].hint;
    return NULL;
}

static const char *of_complaint(struct sg_span err)
{
    size_t n = err.n < LOOKED_AT ? err.n : LOOKED_AT;
    for (size_t i = 0; n > 0 && i < SG_ARRAY_LEN(complaints); i++)
        if (memmem(err.data + err.n - n, n, complaints[i].words, strlen(complaints[i].words)))
            return complaints[i].hint;
    return NULL;
}

const char *sg_advice(const struct sg_outcome *o, struct sg_span err)
{
    const char *hint = NULL;
    if (o->reason >= SG_REASON_COUNT || (o->reason == SG_REASON_EXITED && o->exit_code == 0))
        return NULL;
    if (o->reason == SG_REASON_WALL_TIME && o->limits_hit & SG_HIT_CPU_PERCENT)
        return "raise `timeout` (or limits.wall_time_ms), or limits.cpu_percent, whose share it "
               "used up; or do less work";
    if (o->reason == SG_REASON_SIGNALED)
        hint = of_signal(o->signal);
    if (o->reason == SG_REASON_EXITED)
        hint = of_complaint(err);
    return hint ? hint : reasons[o->reason];
}
