#include "scheduler.h"

void scheduler_start(struct scheduler *scheduler, struct task *tasks, size_t count, uint32_t now)
{
    scheduler->tasks = tasks;
    scheduler->count = count;
    scheduler->now = now;
    for (size_t i = 0; i < count; i++) {
        tasks[i].due = now + tasks[i].period;
        tasks[i].runs = 0;
        tasks[i].missed = 0;
    }
}

void scheduler_tick(struct scheduler *scheduler)
{
    scheduler->now = scheduler->now + 1;
}

/* Right across the counter's wrap, for times less than half its range apart. */
static bool is_due(const struct task *task, uint32_t now)
{
    return (int32_t)(now - task->due) >= 0;
}

static struct task *choose(const struct scheduler *scheduler, uint32_t now)
{
    struct task *best = NULL;
    for (size_t i = 0; i < scheduler->count; i++) {
        struct task *task = &scheduler->tasks[i];
        if (!is_due(task, now))
            continue;
        /* Of equals the one that has waited longer, so that none starves the other. */
        if (!best || task->priority > best->priority ||
            (task->priority == best->priority && (int32_t)(best->due - task->due) > 0))
            best = task;
    }
    return best;
}

bool scheduler_dispatch(struct scheduler *scheduler)
{
    uint32_t now = scheduler->now;
    struct task *task = choose(scheduler, now);
    if (!task)
        return false;
    task->due += task->period;
    while (is_due(task, now)) {
        task->due += task->period;
        task->missed++;
    }
    task->runs++;
    task->run(task->context);
    return true;
}
