/* time.h: the monotonic clock. Units are in the names. */
#ifndef SG_BASE_TIME_H
#define SG_BASE_TIME_H

#include <stdint.h>

int64_t sg_now_us(void); /* CLOCK_MONOTONIC, microseconds */
int64_t sg_now_ms(void);

#endif
