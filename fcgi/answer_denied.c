/* answer_denied.c: the member denied_syscalls of an answer. See answer.h */
#include "fcgi/answer_denied.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/str.h"
#include "fcgi/answer_internal.h"

static int by_count(const void *a, const void *b)
{
    const struct sg_denied_call *one = a, *other = b;
    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    return one->number - other->number;
}

size_t sg_denied_list(const struct sg_denied *d, struct sg_denied_call ret[SG_DENIED_CALLS_MAX])
{
    size_t n = 0;
    for (int i = 0; i < SG_DENIED_CALLS_MAX; i++)
        if (d->count[i] > 0)
            ret[n++] = (struct sg_denied_call){.number = i, .count = d->count[i]};
    qsort(ret, n, sizeof *ret, by_count);
    return n;
}

void sg_denied_name(int number, char ret[SG_DENIED_NAME_SIZE])
{
    char *name = number < SG_DENIED_NUMBERS
                     ? seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number)
                     : NULL;
    if (number >= SG_DENIED_NUMBERS)
        snprintf(ret, SG_DENIED_NAME_SIZE, "unknown");
    else if (!name || sg_str_copy(ret, SG_DENIED_NAME_SIZE, name) < 0)
        snprintf(ret, SG_DENIED_NAME_SIZE, "syscall_%d", number);
    free(name);
}

void sg_answer_put_denied(struct sg_json *j, const struct sg_denied *d)
{
    struct sg_denied_call calls[SG_DENIED_CALLS_MAX];
    size_t n = sg_denied_list(d, calls);
    sg_json_key(j, "denied_syscalls");
    if (!d->traced) {
        sg_json_null(j);
        return;
    }
    sg_json_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        char name[SG_DENIED_NAME_SIZE];
        sg_denied_name(calls[i].number, name);
        sg_json_open(j, '{');
        sg_json_put_string(j, "name", name);
        sg_json_put_uint(j, "count", calls[i].count);
        sg_json_close(j, '}');
    }
    sg_json_close(j, ']');
}
