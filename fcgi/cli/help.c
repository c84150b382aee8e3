/* help.c: what --help says. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/config/limit_text.h"
#include "core/model/limits.h"
#include "fcgi/cli/cli.h"

#ifndef SG_SYSCONFDIR
#define SG_SYSCONFDIR "/etc/sandgate"
#endif

void sg_cli_help(void)
{
    fputs("Usage: sandgate [-c FILE] COMMAND [OPTION...]\n"
          "\n"
          "Runs programs that nobody has read yet, each in a box of its own: no network, nothing "
          "of the\n"
          "host to write to, bounded time and memory, and nothing left afterwards.\n"
          "\n"
          "Commands:\n"
          "  run FILE [-- ARG...]   run a program\n"
          "  validate FILE...       say what is risky in a program, and run nothing\n"
          "  runtimes               list the languages that can be run\n"
          "  doctor                 say what is wrong on this host, and what mends it\n"
          "\n"
          "Options:\n"
          "  -c, --config FILE      configuration; default: $SANDGATE_CONFIG, else\n"
          "                         " SG_SYSCONFDIR "/sandgate.conf\n"
          "  -V, --version          print the version\n"
          "  -h, --help             print this; each command has its own --help\n"
          "\n"
          "Where the configuration names a service (native.socket), that one makes the box; else\n"
          "sandgate starts an executor of its own.\n",
          stdout);
}

static const struct {
    const char *unit, *values;
} units[] = {
    {"bytes", "4096, 512k, 64m, 2g"},
    {"ms", "500, 500ms, 2s"},
};

static void print_limits(void)
{
    for (size_t i = 0; i < sg_limit_count; i++) {
        const struct sg_limit_info *info = &sg_limit_table[i];
        char dflt[SG_VALUE_TEXT_MAX], max[SG_VALUE_TEXT_MAX];
        sg_value_print(dflt, sg_limit_unit(info), info->dflt);
        sg_value_print(max, sg_limit_unit(info), info->max);
        printf("  %-14s %-6s %-6s %s\n", info->name, dflt, max, info->what);
    }
    for (size_t i = 0; i < SG_ARRAY_LEN(units); i++)
        printf("%s %s: %s.", i == 0 ? "Values in" : " In", units[i].unit, units[i].values);
    putchar('\n');
}

void sg_cli_run_help(void)
{
    fputs(
        "Usage: sandgate run [OPTION...] FILE [-- ARG...]\n"
        "\n"
        "Runs the program FILE (\"-\": it is read from stdin) in a box. Its stdout and stderr come "
        "out\n"
        "as they are when it has ended, and its exit status is ours.\n"
        "\n"
        "  -l, --language NAME    language; default: by FILE's extension (see: sandgate runtimes)\n"
        "      --version-of V     version of the language, such as 3 or 3.11; default: the newest\n"
        "  -f, --file PATH        a further file for the program, under the same relative path;\n"
        "                         NAME=PATH gives it another one. Any number of times\n"
        "  -i, --stdin FILE       what the program reads as its stdin (\"-\": ours); default: "
        "nothing\n"
        "  -e, --env NAME=VALUE   added to the program's environment. Any number of times\n"
        "  -t, --timeout SECONDS  time on the wall, such as 2.5\n"
        "  -L, --limit NAME=VALUE another limit, see below. Any number of times\n"
        "  -p, --policy NAME      what the risk score of the program must not reach; default: the "
        "first\n"
        "                         of validate.policies in the configuration\n"
        "      --no-validate      run it without a risk score\n"
        "      --engine NAME      native or docker; default: the first of worker.engines in the\n"
        "                         configuration\n"
        "      --merge-stderr     stderr goes into stdout, so that their order is kept\n"
        "      --trace-denied-syscalls\n"
        "                         count the system calls that the box refuses, and tell at the "
        "end\n"
        "      --id ID            name of the run in logs and in the answer\n"
        "  -j, --json             print the whole answer of the service as JSON instead\n"
        "  -c, --config FILE      configuration, as for sandgate itself\n"
        "  -h, --help             print this\n"
        "\n"
        "Limits, with their built-in defaults and maxima (the configuration may have others):\n",
        stdout);
    print_limits();
    fputs(
        "\n"
        "Exit status: the program's own; 128+N when signal N ended it; 124 when its time was "
        "over;\n"
        "125 when the service failed and nothing can be said about the program; 126 when its risk\n"
        "score was too high and it was not run; 2 for wrong usage.\n",
        stdout);
}

void sg_cli_validate_help(void)
{
    fputs(
        "Usage: sandgate validate [OPTION...] FILE...\n"
        "\n"
        "Says what is risky in a program (\"-\": it is read from stdin), line by line as a "
        "compiler\n"
        "does, and runs nothing. Several FILEs are one program; the first is its entry.\n"
        "\n"
        "  -l, --language NAME  language; default: by the first FILE's extension\n"
        "  -p, --policy NAME    policy; default: the first of validate.policies in the "
        "configuration\n"
        "  -j, --json           print JSON, as POST /v1/validate does\n"
        "  -s, --sarif          print SARIF 2.1.0\n"
        "  -c, --config FILE    configuration, as for sandgate itself\n"
        "  -h, --help           print this\n"
        "\n"
        "Exit status: 0 when the policy lets it run, 1 when it refuses it, 2 for wrong usage, 125 "
        "when\n"
        "rules or policies cannot be read.\n",
        stdout);
}

void sg_cli_runtimes_help(void)
{
    fputs(
        "Usage: sandgate runtimes [OPTION...]\n"
        "\n"
        "Lists the languages that can be run, with what a trial run in a box found, and how\n"
        "their interpreters are started: of each template the modules that it has imported, its\n"
        "state, how many clones wait for a program, and how many it has made.\n"
        "\n"
        "  -j, --json         print JSON, as GET /v1/runtimes does\n"
        "      --check        run the self-test of each instead, print whether it passed, and why\n"
        "                     not; the exit status is 1 when one has failed\n"
        "  -c, --config FILE  configuration, as for sandgate itself\n"
        "  -h, --help         print this\n",
        stdout);
}

void sg_cli_doctor_help(void)
{
    fputs(
        "Usage: sandgate doctor [OPTION...]\n"
        "\n"
        "Looks at the kernel, the configuration, the executor, nginx and Docker, and says what is\n"
        "wrong with the command that mends it. Changes nothing; runs one small program. As root "
        "it\n"
        "sees most; what an ordinary user cannot see is \"unknown\".\n"
        "\n"
        "      --nginx FILE   nginx's configuration: the main file, or what nginx -T has printed\n"
        "                     (\"-\": stdin); default: nginx -T is asked\n"
        "      --root DIR     look at the system below DIR: its /proc, /sys, /etc, its "
        "configuration\n"
        "                     (another one: --config FILE); nothing that runs here is asked\n"
        "  -j, --json         print JSON\n"
        "  -q, --quiet        print warnings and errors only\n"
        "  -c, --config FILE  configuration, as for sandgate itself\n"
        "  -h, --help         print this\n"
        "\n"
        "Exit status: 0 when there is no error (there may be warnings), 1 when there is one, 2 "
        "for\n"
        "wrong usage, 125 when the report could not be made.\n",
        stdout);
}

int sg_cli_see_help(const char *command)
{
    fprintf(stderr, "See: sandgate %s%s--help\n", command, command[0] ? " " : "");
    return SG_CLI_USAGE;
}
