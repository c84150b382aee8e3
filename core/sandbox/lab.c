#include "core/sandbox/lab.h"

#ifdef SG_LAB

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/sandbox/steps.h"

static const char *const switch_names[] = {
#define X(id, name) name,
    SG_LAB_SWITCHES(X)
#undef X
};

static const char *switch_name(unsigned bit)
{
    return bit < SG_LAYER_COUNT ? sg_layer_name(bit) : switch_names[bit - SG_LAYER_COUNT];
}

static void bad_control(const char *what)
{
    fprintf(stderr, "lab: unknown name in the control file: %s\n", what);
    exit(3);
}

static void parse_off(struct sg_lab *lab, char *names)
{
    char *save = NULL;
    for (char *n = strtok_r(names, ", \n", &save); n; n = strtok_r(NULL, ", \n", &save)) {
        unsigned bit = 0;
        while (bit < SG_LAB_SWITCH_COUNT && strcmp(switch_name(bit), n) != 0)
            bit++;
        if (bit == SG_LAB_SWITCH_COUNT)
            bad_control(n);
        lab->off |= 1ull << bit;
    }
}

static void parse_fail(struct sg_lab *lab, char *name)
{
    name[strcspn(name, "\n")] = '\0';
    if (!name[0])
        return;
    for (unsigned i = 0; i < SG_STEP_COUNT; i++)
        if (strcmp(sg_step_name(i), name) == 0) {
            lab->fail_step = i + 1;
            return;
        }
    bad_control(name);
}

void sg_lab_read(struct sg_lab *ret)
{
    *ret = (struct sg_lab){0};
    const char *path = getenv("SG_LAB_CONTROL");
    FILE *f = path ? fopen(path, "re") : NULL;
    if (!f)
        return;
    char line[512];
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "off=", 4) == 0)
            parse_off(ret, line + 4);
        else if (strncmp(line, "fail=", 5) == 0)
            parse_fail(ret, line + 5);
    }
    fclose(f);
}

void sg_lab_list_layers(void)
{
    for (unsigned i = 0; i < SG_LAB_SWITCH_COUNT; i++)
        puts(switch_name(i));
}

void sg_lab_list_steps(void)
{
    for (unsigned i = 0; i < SG_STEP_COUNT; i++)
        if (i != SG_STEP_JOIN) /* of templates, which a lab build has none of */
            puts(sg_step_name(i));
}

#else
/* ISO C wants a declaration in every file. */
extern int sg_lab_is_not_built_in;
#endif
