#include "core/sandbox/rlimit.h"

#include <errno.h>
#include <sys/resource.h>

int sg_rlimit_lower(pid_t pid, const struct sg_plan_rlimit *row)
{
    struct rlimit want = {row->value, row->value}, now;
    if (prlimit(pid, row->resource, NULL, &now) < 0)
        return -errno;
    if (now.rlim_max < want.rlim_max)
        want.rlim_cur = want.rlim_max = now.rlim_max;
    if (row->resource == RLIMIT_CPU && want.rlim_cur > 1)
        want.rlim_cur--;
    return prlimit(pid, row->resource, &want, NULL) < 0 ? -errno : 0;
}
