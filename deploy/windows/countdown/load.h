/* What --cpu, --memory and --io do while the countdown counts. */

#ifndef COUNTDOWN_LOAD_H
#define COUNTDOWN_LOAD_H

#include "options.h"

/* NULL, or what could not be had; nothing runs then. */
const char *load_prepare(const options *asked);

/* From started_s to ended_s of the monotonic clock. 0: a thread could not be started. */
int load_start(double started_s, double ended_s);

/* Waits for the end. NULL, or what went wrong on the way. */
const char *load_join(void);

/* `countdown load …`: what was wanted and what came of it; nothing where nothing was asked for. */
void load_print(void);

#endif
