/* The sensor: a task takes a sample of a made-up signal, filters it and keeps the extremes. */
#ifndef SAMPLING_H
#define SAMPLING_H

#include "filter.h"

struct sampling {
    struct filter filter;
    uint16_t phase;
    int16_t lowest, highest;
};

void sampling_start(struct sampling *sampling);

/* A task's function; the context is a struct sampling. */
void sampling_run(void *context);

/* The filter that the shell and the messages use. */
extern struct filter bench_filter;

#endif
