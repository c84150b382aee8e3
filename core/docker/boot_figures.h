/* boot_figures.h: what the container's cgroup and network say, read from inside. */
#ifndef SG_DOCKER_BOOT_FIGURES_H
#define SG_DOCKER_BOOT_FIGURES_H

#include <stdint.h>

#include "core/docker/boot.h"

/* CPU time of the container so far, in microseconds; SG_UNKNOWN. */
uint64_t sg_boot_cpu_us(void);
/* Fills what the cgroup and /proc/net/dev tell. cpu_base_us: what does not count of the CPU time.
 */
void sg_boot_figures(struct sg_boot_end *ret, uint64_t cpu_base_us);

#endif
