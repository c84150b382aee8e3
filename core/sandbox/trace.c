#include "core/sandbox/trace.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define JUMP (BPF_JMP | BPF_K)

static uint32_t action_of(uint32_t verdict)
{
    return verdict & SECCOMP_RET_ACTION_FULL;
}

/* The instructions that libseccomp makes; what else the kernel would take is nobody's. */
static bool is_known(const struct sock_filter *f)
{
    switch (f->code) {
    case BPF_LD | BPF_W | BPF_ABS:
    case BPF_ALU | BPF_AND | BPF_K:
    case BPF_JMP | BPF_JA:
    case JUMP | BPF_JEQ:
    case JUMP | BPF_JGT:
    case JUMP | BPF_JGE:
    case JUMP | BPF_JSET:
        return true;
    case BPF_RET | BPF_K:
        return f->k == SECCOMP_RET_ALLOW || f->k == SECCOMP_RET_KILL_PROCESS ||
               action_of(f->k) == SECCOMP_RET_ERRNO;
    default:
        return false;
    }
}

/* One instruction becomes one instruction, so that all distances stay what they are. */
int sg_trace_filter(struct sock_filter *ret, size_t max, const struct sock_filter *profile,
                    size_t n, const struct sock_filter *last, size_t nlast)
{
    if (n > max || nlast > max - n)
        return -E2BIG;
    for (size_t i = 0; i < n; i++) {
        const struct sock_filter *f = &profile[i];
        if (!is_known(f))
            return -EINVAL;
        ret[i] = *f;
        if (f->code != (BPF_RET | BPF_K))
            continue;
        if (f->k == SECCOMP_RET_ALLOW)
            ret[i] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)(n - i - 1));
        else if (action_of(f->k) == SECCOMP_RET_ERRNO)
            ret[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    }
    memcpy(ret + n, last, nlast * sizeof *last);
    return (int)(n + nlast);
}

/* Jumps go forward only, so this ends. */
uint32_t sg_trace_verdict(const struct sock_filter *profile, size_t n,
                          const struct seccomp_data *call)
{
    uint32_t a = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sock_filter *f = &profile[i];
        switch (f->code) {
        case BPF_RET | BPF_K:
            return f->k;
        case BPF_LD | BPF_W | BPF_ABS:
            if (f->k > sizeof *call - sizeof a)
                return SECCOMP_RET_KILL_PROCESS;
            memcpy(&a, (const unsigned char *)call + f->k, sizeof a);
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            a &= f->k;
            break;
        case BPF_JMP | BPF_JA:
            i += f->k;
            break;
        case JUMP | BPF_JEQ:
            i += a == f->k ? f->jt : f->jf;
            break;
        case JUMP | BPF_JGT:
            i += a > f->k ? f->jt : f->jf;
            break;
        case JUMP | BPF_JGE:
            i += a >= f->k ? f->jt : f->jf;
            break;
        case JUMP | BPF_JSET:
            i += a & f->k ? f->jt : f->jf;
            break;
        default:
            return SECCOMP_RET_KILL_PROCESS;
        }
    }
    return SECCOMP_RET_KILL_PROCESS;
}

int sg_trace_errno(const struct sock_filter *profile, size_t n, const struct seccomp_data *call)
{
    uint32_t verdict = sg_trace_verdict(profile, n, call);
    int errnum = (int)(verdict & SECCOMP_RET_DATA);
    return action_of(verdict) == SECCOMP_RET_ERRNO && errnum > 0 ? errnum : ENOSYS;
}

void sg_trace_count(struct sg_denied *denied, int number)
{
    bool own = number >= 0 && number < SG_DENIED_NUMBERS;
    uint32_t *count = &denied->count[own ? number : SG_DENIED_NUMBERS];
    if (*count < UINT32_MAX)
        ++*count;
}
