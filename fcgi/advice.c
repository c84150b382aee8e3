/* advice.c: see advice.h */
#include "fcgi/advice.h"

#include <signal.h>
#include <string.h>

#include "core/base/cleanup.h"

static const char missing_module[] =
    "only what is installed can be imported: GET /v1/runtimes lists the packages; code of your own "
    "can be sent in `files`";
static const char missing_command[] =
    "only commands that are installed can be run; scripts that are sent in `files` by their "
    "interpreter (bash FILE, python3 FILE)";
static const char no_network[] =
    "there is no network in the sandbox: send what the program needs in `files` or `stdin`";
static const char no_threads[] =
    "it could not start as many threads or processes as it wanted: raise limits.processes, or have "
    "it start fewer (OPENBLAS_NUM_THREADS or OMP_NUM_THREADS in `env`)";
/* Node with room for one of its threads does so. */
static const char waits_for_threads[] =
    "it may have waited for a thread or process that it was not given: raise limits.processes; or "
    "raise `timeout` (or limits.wall_time_ms), or do less work";
static const char full_file[] =
    "a file reached limits.file_bytes and may be cut short: raise it, or write less to one file";
static const char no_memory[] = "raise limits.memory_bytes, or hold less data at once";
static const char read_only[] =
    "only the working directory and /tmp can be written, and nothing there can be executed";
static const char refused[] = "the sandbox refuses what it tried: sockets, devices, most ways to "
                              "make processes, other users' "
                              "rights; with `trace_denied_syscalls` the answer of the native "
                              "engine tells which system calls";
static const char refused_told[] =
    "the sandbox refuses what it tried: `denied_syscalls` has the system calls";

/* What stderr has when a program gave up by itself. What stands last of it is told. */
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
    {"cannot load such file -- ", missing_module},     /* Ruby */
    {"(you may need to install the ", missing_module}, /* Perl */
    {"no field package.preload[", missing_module},     /* Lua */
    {": command not found", missing_command},          /* Bash */
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
    {SIGKILL, "no limit that is watched was met: mostly such a program has killed itself"},
};

static const char *const reasons[SG_REASON_COUNT] = {
    [SG_REASON_SIGNALED] =
        "nothing of the sandbox sends this signal: the program, or another of its "
        "processes, sent it, or wrote to a pipe that nobody reads (SIGPIPE)",
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
    [SG_REASON_CANCELLED] = "who asked had left, or the time for all tests was over: raise "
                            "test_options.wall_time_ms, send fewer tests, or do less work",
};

/* Of who gave up by itself, with no complaint of those above. */
static const struct {
    const char *exited, *aborted;
} plain[2][2] = {
    /* by: are the streams merged, has anything been said? */
    {{"it ended by itself with that exit code, and wrote nothing to stderr",
      "it gave up by itself (abort), and wrote nothing to stderr"},
     {"stderr tells what the program itself complained about",
      "it gave up by itself (abort): stderr may tell why"}},
    {{"it ended by itself with that exit code, and wrote nothing",
      "it gave up by itself (abort), and wrote nothing"},
     {"stdout, which has stderr too, tells what the program itself complained about",
      "it gave up by itself (abort): stdout, which has stderr too, may tell why"}},
};

static const char *of_signal(int number)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(signals); i++)
        if (signals[i].signal == number)
            return signals[i].hint;
    return NULL;
}

/* The last place of words in text; NULL: none. */
static const char *last_place(struct sg_span text, const char *words)
{
    const char *ret = NULL, *end = text.data + text.n;
    size_t n = strlen(words);
    for (const char *at = text.data; (at = memmem(at, (size_t)(end - at), words, n)); at++)
        ret = at;
    return ret;
}

/* From the last exception of Python on, if there is one: what comes before it was warned of, or
   caught. Above its line all lines of a traceback are indented. */
static struct sg_span from_exception(struct sg_span text)
{
    const char *at = last_place(text, "Traceback (most recent call last):\n");
    const char *end = text.data + text.n;
    for (; at && (at = memchr(at, '\n', (size_t)(end - at)));)
        if (++at < end && *at != ' ')
            return (struct sg_span){at, (size_t)(end - at)};
    return text;
}

static const char *of_complaint(struct sg_span said)
{
    size_t n = said.n < SG_ADVICE_BYTES ? said.n : SG_ADVICE_BYTES;
    const char *hint = NULL, *last = NULL;
    if (n == 0)
        return NULL;
    said = from_exception((struct sg_span){said.data + said.n - n, n});
    for (size_t i = 0; i < SG_ARRAY_LEN(complaints); i++) {
        const char *at = last_place(said, complaints[i].words);
        if (at && (!last || at > last)) {
            last = at;
            hint = complaints[i].hint;
        }
    }
    return hint;
}

/* Its exit, or abort, was of its own choice. */
static const char *of_giving_up(const struct sg_outcome *o, struct sg_span said, bool merged)
{
    const char *hint = of_complaint(said);
    if (hint)
        return hint == refused && o->denied.traced ? refused_told : hint;
    if (o->limits_hit & SG_HIT_FILE_SIZE)
        return full_file;
    return o->reason == SG_REASON_EXITED ? plain[merged][said.n > 0].exited
                                         : plain[merged][said.n > 0].aborted;
}

const char *sg_advice(const struct sg_outcome *o, struct sg_span said, bool merged)
{
    const char *hint = NULL;
    if (o->reason >= SG_REASON_COUNT)
        return NULL;
    if (o->reason == SG_REASON_EXITED && o->exit_code == 0)
        return o->limits_hit & SG_HIT_FILE_SIZE ? full_file : NULL;
    if (o->reason == SG_REASON_WALL_TIME && o->limits_hit & SG_HIT_PROCESSES)
        return waits_for_threads;
    if (o->reason == SG_REASON_WALL_TIME && o->limits_hit & SG_HIT_CPU_PERCENT)
        return "raise `timeout` (or limits.wall_time_ms), or limits.cpu_percent, whose share it "
               "used up; or do less work";
    if (o->reason == SG_REASON_EXITED || (o->reason == SG_REASON_SIGNALED && o->signal == SIGABRT))
        return of_giving_up(o, said, merged);
    if (o->reason == SG_REASON_SIGNALED)
        hint = of_signal(o->signal);
    return hint ? hint : reasons[o->reason];
}
