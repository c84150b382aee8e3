/* What every process of sandgate-box needs to speak to the executor. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* write(2), not sendmsg(2): after the profile is loaded only the former is sure to be allowed. A
   packet goes out whole or not at all. */
static void put(const struct sg_box_event *event)
{
    while (write(SG_BOX_FD_CONTROL, event, sizeof *event) < 0)
        if (errno != EINTR)
            _exit(1);
}

void sg_box_tell(const struct sg_box_event *event)
{
    put(event);
}

void sg_box_fail(enum sg_step step, int errnum, const char *fmt, ...)
{
    struct sg_box_event event = {.kind = SG_BOX_FAILED, .step = step, .errnum = errnum};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(event.text, sizeof event.text, fmt, ap);
    va_end(ap);
    put(&event);
    _exit(1);
}

void sg_box_step(const struct sg_plan *plan, enum sg_step step)
{
    if (SG_LAB_FAILS(&plan->lab, step))
        sg_box_fail(step, 0, "made to fail by the test");
    (void)plan;
    (void)step;
}
