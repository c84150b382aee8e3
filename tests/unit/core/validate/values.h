/* values.h: for tests of core/validate: a text's analysis, and what an expression's values look
 * like. */
#ifndef SG_TESTS_VALUES_H
#define SG_TESTS_VALUES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/validate/analysis.h"
#include "core/validate/language.h"
#include "core/validate/validate.h"

static inline struct sg_language *language(const char *name)
{
    struct sg_language *l = sg_language_find(name);
    assert_non_null(l);
    assert_true(sg_language_init(l));
    return l;
}

static inline void analyse(struct sg_analysis *ret, const char *name, const char *text)
{
    struct sg_bounds bounds;
    struct sg_breach breach = {.bound = SG_BOUND_NONE};
    sg_bounds_default(&bounds);
    bounds.parse_ms = 60000;
    if (sg_analysis_open(ret, language(name), text, strlen(text), &bounds, NULL, &breach) < 0)
        fail_msg("bound %d of \"%s\"", breach.bound, text);
}

/* The last node of that role. */
static inline uint32_t last_of(const struct sg_analysis *a, enum sg_role role)
{
    uint32_t found = SG_NO_NODE;
    for (uint32_t i = 0; i < a->tree.count; i++)
        if (a->tree.nodes[i].role == role)
            found = i;
    assert_int_not_equal(found, SG_NO_NODE);
    return found;
}

static inline int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static inline void show(const struct sg_value *set, struct sg_buf *out)
{
    char *words[SG_VALUES_MAX + 1];
    size_t n = 0;
    for (; set; set = set->next) {
        struct sg_buf b = {0};
        if (set->kind == SG_VALUE_NAME)
            sg_buf_puts(&b, set->text);
        else if (set->kind == SG_VALUE_TEXT)
            sg_buf_printf(&b, "'%s'", set->text);
        else if (set->kind == SG_VALUE_NUMBER)
            sg_buf_printf(&b, "%lld", (long long)set->number);
        else if (set->kind == SG_VALUE_LOCAL)
            sg_buf_puts(&b, "local");
        else {
            sg_buf_puts(&b, "[");
            for (const struct sg_item *i = set->items; i; i = i->next) {
                show(i->values, &b);
                sg_buf_puts(&b, i->next ? "," : "");
            }
            sg_buf_puts(&b, "]");
        }
        words[n++] = sg_buf_take(&b);
    }
    qsort(words, n, sizeof *words, by_text);
    for (size_t i = 0; i < n; i++) {
        sg_buf_printf(out, "%s%s", i ? " | " : "", words[i]);
        free(words[i]);
    }
}

struct value_row {
    const char *text;   /* its last argument list has one argument: the expression */
    const char *expect; /* as show() writes it: sorted, " | " between; "" unknown */
};

static inline void check_values(const char *name, const struct value_row *rows, size_t n)
{
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct sg_analysis a;
        sg_auto(sg_buf) struct sg_buf out = {0};
        analyse(&a, name, rows[i].text);
        uint32_t last = SG_NO_NODE; /* the call whose function is `probe` */
        for (uint32_t k = 0; k < a.tree.count; k++)
            if (a.tree.nodes[k].role == SG_ROLE_CALL &&
                sg_node_text_is(&a, sg_call_function(&a, k), "probe"))
                last = k;
        assert_int_not_equal(last, SG_NO_NODE);
        show(sg_eval(&a, sg_call_argument(&a, last, 0, NULL)), &out);
        if (strcmp(out.data ? out.data : "", rows[i].expect) != 0) {
            print_message("%s\n  is %s\n  not %s\n", rows[i].text, out.data ? out.data : "",
                          rows[i].expect);
            wrong++;
        }
        sg_analysis_close(&a);
    }
    assert_int_equal(wrong, 0);
}

#endif
