/* A cooperative scheduler: periodic tasks, of those that are due the one with the highest priority first. */
#ifndef SCHEDULER_H
#define SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task {
    const char *name;
    void (*run)(void *context);
    void *context;
    uint32_t period; /* ticks, not 0 */
    uint8_t priority;
    uint32_t due;
    uint32_t runs;
    uint32_t missed; /* whole periods that went by without a run */
};

struct scheduler {
    struct task *tasks;
    size_t count;
    volatile uint32_t now; /* ticks, wrapping */
};

void scheduler_start(struct scheduler *scheduler, struct task *tasks, size_t count, uint32_t now);
void scheduler_tick(struct scheduler *scheduler);

/* Run one task that is due; false when there is none. */
bool scheduler_dispatch(struct scheduler *scheduler);

/* The application's own (main.c). */
extern struct scheduler scheduler;

#endif
