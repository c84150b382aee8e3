/*
 * bench_validate.c: what the risk score costs, as a ratio to tree-sitter's own parse of the same
 * text, both in turn in one run.
 *
 *     make check TESTS= && SG_SRCDIR=../.. tests/bench/bench_validate [ROUNDS]
 *
 * The texts are the harmless programs of tests/data, one behind the other, up to each size. Exit
 * status 1 when a ratio is over its bound. Milliseconds are told, and not judged: machines differ.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tree_sitter/api.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/validate/validate.h"

#define RATIO_MAX  3.0
#define START_MAX  60.0 /* ms; told, not judged */
#define ROUNDS     60
#define ROUNDS_MAX 2000

const TSLanguage *tree_sitter_python(void);

static double now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void add_file(const char *path, struct sg_buf *out)
{
    char block[4096];
    FILE *f = fopen(path, "rbe");
    for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;)
        sg_buf_append(out, block, n);
    if (f)
        fclose(f);
    sg_buf_puts(out, "\n");
}

/* Programs whose own text is ordinary: those that are about odd bytes would make all of it odd. */
static void read_programs(const char *dir, struct sg_buf *out)
{
    struct dirent **names = NULL;
    int n = scandir(dir, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[4096];
        bool fine = names[i]->d_name[0] != '.' && !strstr(names[i]->d_name, "syntax-error") &&
                    !strstr(names[i]->d_name, "byte-order");
        if (fine && snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name) < (int)sizeof path)
            add_file(path, out);
        free(names[i]);
    }
    free(names);
}

static void parse_only(const char *text, size_t n)
{
    TSParser *parser = ts_parser_new();
    ts_parser_set_language(parser, tree_sitter_python());
    ts_tree_delete(ts_parser_parse_string(parser, NULL, text, (uint32_t)n));
    ts_parser_delete(parser);
}

static unsigned validate(struct sg_validator *v, const char *text, size_t n)
{
    static const struct sg_policy policy = {.name = "strict", .threshold = 30, .refuse = true};
    struct sg_source source = {"main.py", text, n};
    struct sg_bounds bounds;
    struct sg_verdict verdict;
    sg_bounds_default(&bounds);
    bounds.parse_ms = 60000; /* a slow machine is not what is measured */
    if (sg_validate(v, "python", &source, 1, &policy, &bounds, &verdict, NULL) < 0)
        exit(2);
    unsigned findings = (unsigned)verdict.nfindings;
    sg_verdict_done(&verdict);
    return findings;
}

static int compare(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    return values[n / 2];
}

/* Whether the bound is kept. */
static bool measure(struct sg_validator *v, const char *text, size_t n, int rounds)
{
    static double parse[ROUNDS_MAX], whole[ROUNDS_MAX];
    unsigned findings = 0;
    for (int i = -3; i < rounds; i++) {
        double t0 = now_ms();
        parse_only(text, n);
        double t1 = now_ms();
        findings = validate(v, text, n);
        double t2 = now_ms();
        if (i >= 0) {
            parse[i] = t1 - t0;
            whole[i] = t2 - t1;
        }
    }
    double p = median(parse, rounds), w = median(whole, rounds), ratio = w / p;
    printf("%7zu bytes: parse %.3f ms, score %.3f ms, ratio %.2f (at most %.1f), %u findings%s\n",
           n, p, w, ratio, RATIO_MAX, findings, ratio <= RATIO_MAX ? "" : "  NOT KEPT");
    return ratio <= RATIO_MAX;
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {1 << 10, 10 << 10, 100 << 10};
    sg_auto(sg_buf) struct sg_buf text = {0};
    char rules[4096], data[4096];
    const char *top = getenv("SG_SRCDIR");
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : ROUNDS;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_validator *v = NULL;
    bool good = true;
    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    snprintf(rules, sizeof rules, "%s/packaging/conf/rules", top ? top : ".");
    snprintf(data, sizeof data, "%s/tests/data/validate/python/harmless", top ? top : ".");
    double t0 = now_ms();
    if (sg_validator_open(&v, rules, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    printf("reading and compiling all rules: %.1f ms (aim: at most %.0f)\n", now_ms() - t0,
           START_MAX);
    read_programs(data, &text);
    for (size_t i = 0; i < SG_ARRAY_LEN(sizes); i++) {
        size_t n = sizes[i] < text.len ? sizes[i] : text.len;
        while (n > 0 && text.data[n - 1] != '\n')
            n--;
        good = measure(v, text.data, n, rounds) && good;
    }
    sg_validator_close(v);
    return good ? 0 : 1;
}
