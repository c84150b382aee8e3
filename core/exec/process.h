/* process.h: what this process takes of the machine, as /proc/self and getrusage(2) tell. */
#ifndef SG_EXEC_PROCESS_H
#define SG_EXEC_PROCESS_H

#include "core/model/gauges.h"

/* Fills in all fields; what cannot be found out is UINT64_MAX. Some 50 us for each hundred open
   descriptors: readdir(3) of /proc/self/fd counts them. */
void sg_process_figures(struct sg_process_figures *ret);

#endif
