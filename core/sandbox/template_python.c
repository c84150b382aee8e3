/* What CPython needs to be a template: its locks around the clone, the imports, and an end that
   does not free one by one what all clones share. The C API is looked up in the process: there is
   no need of Python's headers, and one library serves all versions (3.9 and later have all of
   these). */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/sandbox/box.h"
#include "core/sandbox/template_library.h"

typedef struct python_object object; /* PyObject */

static const char page[] =
#include "core/sandbox/template_page.inc"
    ;

/* X(result, name, parameters) */
#define API(X)                                                                                     \
    X(int, PyGILState_Ensure, (void))                                                              \
    X(void, PyOS_BeforeFork, (void))                                                               \
    X(void, PyOS_AfterFork_Parent, (void))                                                         \
    X(void, PyOS_AfterFork_Child, (void))                                                          \
    X(object *, PyRun_String, (const char *, int, object *, object *))                             \
    X(object *, PyRun_FileExFlags, (FILE *, const char *, int, object *, object *, int, void *))   \
    X(void, Py_DecRef, (object *))                                                                 \
    X(object *, PyDict_New, (void))                                                                \
    X(object *, PyDict_Copy, (object *))                                                           \
    X(int, PyDict_SetItemString, (object *, const char *, object *))                               \
    X(int, PyDict_DelItemString, (object *, const char *))                                         \
    X(object *, PyDict_GetItemString, (object *, const char *))                                    \
    X(object *, PyEval_GetBuiltins, (void))                                                        \
    X(object *, PyImport_AddModule, (const char *))                                                \
    X(object *, PyImport_GetModule, (object *))                                                    \
    X(object *, PyModule_GetDict, (object *))                                                      \
    X(object *, PyUnicode_FromString, (const char *))                                              \
    X(const char *, PyUnicode_AsUTF8, (object *))                                                  \
    X(object *, PyUnicode_Split, (object *, object *, ssize_t))                                    \
    X(object *, PyObject_CallFunctionObjArgs, (object *, ...))                                     \
    X(object *, PyObject_CallMethodObjArgs, (object *, object *, ...))                             \
    X(object *, PyObject_GetAttrString, (object *, const char *))                                  \
    X(object *, PyObject_Type, (object *))                                                         \
    X(int, PyObject_Print, (object *, FILE *, int))                                                \
    X(void, PyObject_CallFinalizer, (object *))                                                    \
    X(int, PyType_IsSubtype, (object *, object *))                                                 \
    X(int, PyFile_WriteObject, (object *, object *, int))                                          \
    X(void, PySys_WriteStderr, (const char *, ...))                                                \
    X(ssize_t, PyList_Size, (object *))                                                            \
    X(object *, PyList_GetItem, (object *, ssize_t))                                               \
    X(void *, PyInterpreterState_Get, (void))                                                      \
    X(void *, PyInterpreterState_ThreadHead, (void *))                                             \
    X(void *, PyThreadState_Next, (void *))                                                        \
    X(int, PyObject_IsTrue, (object *))                                                            \
    X(object *, PySys_GetObject, (const char *))                                                   \
    X(object *, PyErr_Occurred, (void))                                                            \
    X(void, PyErr_Fetch, (object **, object **, object **))                                        \
    X(void, PyErr_Restore, (object *, object *, object *))                                         \
    X(int, PyErr_GivenExceptionMatches, (object *, object *))                                      \
    X(void, PyErr_PrintEx, (int))                                                                  \
    X(void, PyErr_WriteUnraisable, (object *))                                                     \
    X(void, PyErr_Clear, (void))                                                                   \
    X(long, PyLong_AsLong, (object *))                                                             \
    X(object *, PyLong_FromLong, (long))                                                           \
    X(object *, PyTuple_GetItem, (object *, ssize_t))                                              \
    X(void *, PyCapsule_GetPointer, (object *, const char *))                                      \
    X(const char *, PyBytes_AsString, (object *))                                                  \
    X(ssize_t, PyBytes_Size, (object *))

static struct {
#define X(result, name, parameters) result(*name) parameters;
    API(X)
#undef X
} py;

/* Functions that have run so often are specialised, and write to their code less (PEP 659). */
enum { WARM_UPS = 20 };

static object *none, *system_exit, *keyboard_interrupt, *base_exception, *integer;
static object *names;    /* of the page */
static bool needs_hooks; /* something beyond the standard library wants to know of forks */

/* What numpy.random.rand() and the like draw from: a Mersenne Twister of so many words. */
enum { TWISTER_BYTES = 624 * 4 };
#define TWISTER_FIRST                                                                              \
    0x80000000u           /* of a seeded one (init_by_array): only its highest bit counts          \
                           */
static uint32_t *twister; /* NULL: not there, or not to be found */

enum { FILE_INPUT = 257, PRINT_RAW = 1 }; /* Py_file_input, Py_PRINT_RAW */

static bool look_up(void)
{
    bool all = true;
#define X(result, name, parameters)                                                                \
    *(void **)&py.name = dlsym(RTLD_DEFAULT, #name);                                               \
    all = all && py.name;
    API(X)
#undef X
    none = dlsym(RTLD_DEFAULT, "_Py_NoneStruct");
    integer = dlsym(RTLD_DEFAULT, "PyLong_Type");
    return all && none && integer && dlsym(RTLD_DEFAULT, "PyExc_SystemExit") &&
           dlsym(RTLD_DEFAULT, "PyExc_KeyboardInterrupt") &&
           dlsym(RTLD_DEFAULT, "PyExc_BaseException");
}

/* Whatever the object says of its class. */
static bool is_a(object *o, object *type)
{
    object *own = py.PyObject_Type(o);
    bool yes = py.PyType_IsSubtype(own, type);
    py.Py_DecRef(own);
    return yes;
}

static object *call(const char *name, object *argument)
{
    return py.PyObject_CallFunctionObjArgs(py.PyDict_GetItemString(names, name), argument, NULL);
}

static int flush_streams(void);
static void flush_quietly(void);
static object *call_unseen(const char *name);

/* ---- in the template ---- */

static void __attribute__((noreturn)) give_up(const char *what)
{
    py.PyErr_PrintEx(0); /* to stderr, which the executor keeps for the operator */
    sg_box_fail(SG_STEP_JOIN, 0, "%s", what);
}

/* To have NumPy seed it anew runs through a hundred pages of a clone. A bit generator's capsule is
   a bitgen_t (numpy/random/bitgen.h), which begins with a pointer to its state; that the state
   begins with the words is not promised, hence looked at. */
static void find_twister(void)
{
    object *state = call("legacy_state", NULL);
    if (!state)
        py.PyErr_Clear();
    if (!state || state == none)
        return;
    void **generator = py.PyCapsule_GetPointer(py.PyTuple_GetItem(state, 0), "BitGenerator");
    object *words = py.PyTuple_GetItem(state, 1);
    if (generator && py.PyBytes_Size(words) == TWISTER_BYTES &&
        memcmp(*generator, py.PyBytes_AsString(words), TWISTER_BYTES) == 0)
        twister = *generator;
    else
        py.PyErr_Clear();
    py.Py_DecRef(state);
}

static bool seed_twister(void)
{
    if (!twister || getrandom(twister, TWISTER_BYTES, 0) != TWISTER_BYTES)
        return false;
    twister[0] = TWISTER_FIRST;
    return true;
}

static void prepare(const struct sg_template_plan *plan)
{
    py.PyGILState_Ensure();
    system_exit = *(object **)dlsym(RTLD_DEFAULT, "PyExc_SystemExit");
    keyboard_interrupt = *(object **)dlsym(RTLD_DEFAULT, "PyExc_KeyboardInterrupt");
    base_exception = *(object **)dlsym(RTLD_DEFAULT, "PyExc_BaseException");
    names = py.PyDict_New();
    object *words = py.PyUnicode_Split(py.PyUnicode_FromString(plan->imports), NULL, -1);
    py.PyDict_SetItemString(names, "imports", words);
    py.PyDict_SetItemString(names, "exercise", py.PyUnicode_FromString(plan->prepare));
    py.PyDict_SetItemString(names, "program_pid", py.PyLong_FromLong(SG_BOX_PROGRAM_PID));
    py.PyDict_SetItemString(names, "__builtins__", py.PyDict_Copy(py.PyEval_GetBuiltins()));
    py.PyDict_SetItemString(names, "times", py.PyLong_FromLong(WARM_UPS));
    if (!py.PyRun_String(page, FILE_INPUT, names, names) || !call("settle", NULL))
        give_up("the imports or the runtime's prepare failed");
    needs_hooks = py.PyObject_IsTrue(py.PyDict_GetItemString(names, "needs_hooks")) != 0;
    find_twister();
    fflush(NULL);
    object *directories = call("directories", NULL);
    const char *text = directories ? py.PyUnicode_AsUTF8(directories) : NULL;
    if (!text)
        give_up("the directories of the modules cannot be told");
    sg_template_watch(text);
}

/* What os.fork() does, only where somebody needs it: there is one thread, which holds what it
   holds. The standard library's own hooks run through two hundred pages of a clone to find that
   out. */
static void before_clone(void)
{
    if (needs_hooks)
        py.PyOS_BeforeFork();
}

static void after_clone(bool in_clone)
{
    if (in_clone) {
        if (needs_hooks)
            py.PyOS_AfterFork_Child();
        if (!call("fresh", seed_twister() ? names : none))
            py.PyErr_Clear();
    } else if (needs_hooks) {
        py.PyOS_AfterFork_Parent();
    }
}

/* As a program's file is read: through a descriptor, not from memory. */
static FILE *rehearsal_file(void)
{
    static const char program[] =
        "import sys\nx = [str(i) for i in range(3)]\ndef f(a, b=1.5):\n    return {a: f'{b}'}\n"
        "for y in x:\n    f(y)\nprint('', end='')\n";
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return NULL;
    ssize_t n = write(ends[1], program, sizeof program - 1);
    close(ends[1]);
    FILE *file = n == (ssize_t)sizeof program - 1 ? fdopen(ends[0], "r") : NULL;
    if (!file)
        close(ends[0]);
    return file;
}

static void collect(void);

/* A program of nothing goes the way of a program, to the steps of its end: the pages of that way
   are the clone's own when the real one comes. */
static void rehearse(void)
{
    object *scratch = call("rehearsal", NULL);
    FILE *file = rehearsal_file();
    if (!scratch || !file) {
        py.PyErr_Clear();
        if (file)
            fclose(file);
        return;
    }
    object *main_names = py.PyModule_GetDict(scratch);
    if (!py.PyRun_FileExFlags(file, "<prepare>", FILE_INPUT, main_names, main_names, 1, NULL))
        py.PyErr_Clear();
    flush_quietly();
    call_unseen("rehearse_shutdown");
    flush_streams();
    call_unseen("wants_collection");
    py.Py_DecRef(scratch);
    call_unseen("touch");
    collect();
    call_unseen("clear");
    call_unseen("forget_rehearsal");
}

static void warm_up(void)
{
    if (!call("warm_up", NULL))
        py.PyErr_Clear();
    rehearse();
}

/* ---- in the clone: the program ---- */

static bool is_closed(object *file)
{
    object *closed = py.PyObject_GetAttrString(file, "closed");
    int yes = closed ? py.PyObject_IsTrue(closed) : -1;
    if (yes < 0)
        py.PyErr_Clear();
    return yes > 0;
}

/* As CPython's flush_std_files. */
static int flush_streams(void)
{
    object *method = py.PyUnicode_FromString("flush");
    object *out = py.PySys_GetObject("stdout"), *err = py.PySys_GetObject("stderr");
    int status = 0;
    if (out && out != none && !is_closed(out) &&
        !py.PyObject_CallMethodObjArgs(out, method, NULL)) {
        py.PyErr_WriteUnraisable(out);
        status = -1;
    }
    if (err && err != none && !is_closed(err) &&
        !py.PyObject_CallMethodObjArgs(err, method, NULL)) {
        py.PyErr_Clear();
        status = -1;
    }
    return status;
}

static object *in_sys(const char *name, object *argument)
{
    object *function = py.PySys_GetObject(name);
    return function ? py.PyObject_CallFunctionObjArgs(function, argument, NULL) : NULL;
}

static bool is_there(object *o)
{
    return o && o != none;
}

/* A function of the page, which the program's tracer and profiler are not to see. */
static object *call_unseen(const char *name)
{
    object *tracer = in_sys("gettrace", NULL), *profiler = in_sys("getprofile", NULL);
    bool watched = is_there(tracer) || is_there(profiler);
    if (watched) {
        in_sys("setprofile", none);
        in_sys("settrace", none);
    }
    object *result = call(name, NULL);
    if (!result)
        py.PyErr_Clear();
    if (is_there(tracer))
        in_sys("settrace", tracer);
    if (is_there(profiler))
        in_sys("setprofile", profiler);
    return result;
}

/* From here, without a Python frame below it: what is collected may still run code of the
 * program's. */
static void collect(void)
{
    object *generation = call_unseen("generation");
    if (!generation || !call("collect", generation))
        py.PyErr_Clear();
}

/* As CPython's _PySignal_Fini: from here on a signal does what it does to a program without
   Python, and what a handler holds is let go. */
static void drop_signal_handlers(void)
{
    object *module = py.PyImport_GetModule(py.PyUnicode_FromString("_signal"));
    object *method = py.PyUnicode_FromString("signal");
    for (int number = 1; module && number < NSIG; number++) {
        struct sigaction now;
        if (sigaction(number, NULL, &now) < 0 || now.sa_handler == SIG_DFL ||
            now.sa_handler == SIG_IGN)
            continue;
        object *old = py.PyObject_CallMethodObjArgs(module, method, py.PyLong_FromLong(number),
                                                    py.PyLong_FromLong((long)SIG_DFL), NULL);
        if (old)
            py.Py_DecRef(old);
        else
            py.PyErr_Clear();
    }
}

static bool has_threads(void)
{
    return py.PyThreadState_Next(py.PyInterpreterState_ThreadHead(py.PyInterpreterState_Get())) !=
           NULL;
}

static void finalize_each(const char *which)
{
    object *list = call_unseen(which);
    ssize_t n = list ? py.PyList_Size(list) : 0;
    for (ssize_t i = 0; i < n; i++)
        py.PyObject_CallFinalizer(py.PyList_GetItem(list, i));
    if (list)
        py.Py_DecRef(list);
    py.PyErr_Clear();
}

/* What is held by a module of the template's is still there: CPython would free it with that
   module, so that files are written and __del__ is run. What a thread may be at is left to it. */
static void finalize_survivors(void)
{
    if (!has_threads())
        finalize_each("other_survivors");
    finalize_each("files_left");
}

static void end_modules(void)
{
    object *wanted = call_unseen("wants_collection");
    if (wanted && py.PyObject_IsTrue(wanted))
        collect();
    object *gone = call_unseen("detach");
    if (gone)
        py.Py_DecRef(gone);
    call_unseen("forget");
    collect();
    call_unseen("clear");
    finalize_survivors();
}

/* Py_FinalizeEx up to and including the end of the modules. */
static int finalize(void)
{
    object *threading = py.PyImport_GetModule(py.PyUnicode_FromString("threading"));
    if (threading &&
        !py.PyObject_CallMethodObjArgs(threading, py.PyUnicode_FromString("_shutdown"), NULL))
        py.PyErr_WriteUnraisable(threading);
    py.PyErr_Clear();
    if (!call("run_exitfuncs", NULL))
        py.PyErr_Clear();
    int status = flush_streams();
    drop_signal_handlers();
    end_modules();
    flush_quietly(); /* CPython's second flush finds sys emptied; what is left is written when the
                        files are freed */
    return status;
}

/* As CPython's handle_system_exit: value is the exception, or what it would be made of. */
static int exit_status(object *value)
{
    object *code = is_a(value, base_exception) ? py.PyObject_GetAttrString(value, "code") : NULL;
    int status = 1;
    if (code)
        value = code;
    if (value == none) {
        status = 0;
    } else if (is_a(value, integer)) {
        status = (int)py.PyLong_AsLong(value);
    } else {
        object *out = py.PySys_GetObject("stderr");
        py.PyErr_Clear();
        if (is_there(out)) {
            py.PyFile_WriteObject(value, out, PRINT_RAW);
        } else {
            py.PyObject_Print(value, stderr, PRINT_RAW);
            fflush(stderr);
        }
        py.PySys_WriteStderr("\n");
    }
    if (code)
        py.Py_DecRef(code);
    return status;
}

/* The status that an uncaught exception means, after it has been printed. */
static int uncaught(bool *interrupted)
{
    object *type, *value, *trace;
    py.PyErr_Fetch(&type, &value, &trace);
    *interrupted = type == keyboard_interrupt;
    if (py.PyErr_GivenExceptionMatches(type, system_exit)) {
        fflush(stdout);
        int status = value ? exit_status(value) : 0;
        py.PyErr_Restore(type, value, trace); /* to let go of what its frames hold */
        py.PyErr_Clear();
        return status;
    }
    py.PyErr_Restore(type, value, trace);
    py.PyErr_PrintEx(1);
    return 1;
}

static void flush_quietly(void)
{
    object *method = py.PyUnicode_FromString("flush"), *type, *value, *trace;
    static const char *const streams[] = {"stderr", "stdout"};
    py.PyErr_Fetch(&type, &value, &trace);
    for (size_t i = 0; i < SG_ARRAY_LEN(streams); i++) {
        object *file = py.PySys_GetObject(streams[i]);
        if (file && !py.PyObject_CallMethodObjArgs(file, method, NULL))
            py.PyErr_Clear();
    }
    py.PyErr_Restore(type, value, trace);
}

static int run_main(FILE *file, const char *path, bool *interrupted)
{
    if (!call("begin", py.PyUnicode_FromString(path)))
        py.PyErr_Clear();
    object *main_names = py.PyModule_GetDict(py.PyImport_AddModule("__main__"));
    object *result = py.PyRun_FileExFlags(file, path, FILE_INPUT, main_names, main_names, 1, NULL);
    int code = 0;
    flush_quietly();
    if (!result)
        code = uncaught(interrupted);
    if (py.PyDict_DelItemString(main_names, "__file__") < 0)
        py.PyErr_Clear();
    if (py.PyDict_DelItemString(main_names, "__cached__") < 0)
        py.PyErr_Clear();
    return code;
}

static void __attribute__((noreturn)) run(FILE *file, const char *path)
{
    bool interrupted = false;
    int code = run_main(file, path, &interrupted);
    if (finalize() < 0)
        code = 120;
    fflush(NULL);
    if (interrupted) { /* as CPython's exit_sigint */
        signal(SIGINT, SIG_DFL);
        kill(getpid(), SIGINT);
        code = 128 + SIGINT; /* it is blocked */
    }
    for (;;)
        syscall(SYS_exit_group, code & 255);
}

const struct sg_template_adapter *sg_template_python(void)
{
    static const struct sg_template_adapter adapter = {.prepare = prepare,
                                                       .before_clone = before_clone,
                                                       .after_clone = after_clone,
                                                       .warm_up = warm_up,
                                                       .run = run};
    return look_up() ? &adapter : NULL;
}
