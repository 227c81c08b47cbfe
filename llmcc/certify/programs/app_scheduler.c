/* A priority scheduler in simulated time: ready queues by priority with a bit map, round robin within one, sleeping, mutexes
 * with priority inheritance; each decision against a search of all tasks, the order of events against a checksum. */
#include "certify.h"

enum { TASKS = 10, LEVELS = 6, LOCKS = 3, SLICE = 2, NONE = 255 };
enum state { READY, SLEEPING, BLOCKED, DONE };

struct task {
    uint8_t state, base, priority, next, waits_for, slice, step, rounds;
    uint16_t wake;
    uint32_t work_done, order;
};

static struct task tasks[TASKS];
static uint8_t heads[LEVELS], tails[LEVELS], owner[LOCKS];
static uint32_t levels_used, ticks, sum, arrivals;
static unsigned inherited;

static void enqueue(unsigned id) {
    struct task *t = &tasks[id];
    unsigned level = t->priority;
    t->state = READY;
    t->next = NONE;
    t->order = ++arrivals;
    *(levels_used >> level & 1 ? &tasks[tails[level]].next : &heads[level]) = (uint8_t)id;
    tails[level] = (uint8_t)id;
    levels_used |= 1U << level;
}

static void dequeue(unsigned id) {
    unsigned level = tasks[id].priority, before = NONE;
    uint8_t *link = &heads[level];
    for (; *link != id; link = &tasks[before].next) before = *link;
    *link = tasks[id].next;
    if (tails[level] == id) tails[level] = (uint8_t)before;
    if (heads[level] == NONE) levels_used &= ~(1U << level);
}

/* A task keeps its place in line when its priority does not change. */
static void set_priority(unsigned id, unsigned priority) {
    if (tasks[id].priority == priority) return;
    int ready = tasks[id].state == READY;
    if (ready) dequeue(id);
    tasks[id].priority = (uint8_t)priority;
    if (ready) enqueue(id);
}

static void lock(unsigned id, unsigned which) {
    if (owner[which] == NONE) {
        owner[which] = (uint8_t)id;
        return;
    }
    dequeue(id);
    tasks[id].state = BLOCKED;
    tasks[id].waits_for = (uint8_t)which;
    /* The holder inherits, and so does whoever it waits for. */
    for (unsigned at = owner[which]; tasks[at].priority < tasks[id].priority;) {
        inherited++;
        set_priority(at, tasks[id].priority);
        if (tasks[at].state != BLOCKED) break;
        at = owner[tasks[at].waits_for];
    }
}

static void unlock(unsigned id, unsigned which) {
    unsigned best = NONE, priority = tasks[id].base;
    for (unsigned i = 0; i < TASKS; i++)
        if (tasks[i].state == BLOCKED && tasks[i].waits_for == which && (best == NONE || tasks[i].priority > tasks[best].priority))
            best = i;
    owner[which] = (uint8_t)best;
    for (unsigned i = 0; i < TASKS; i++)
        if (tasks[i].state == BLOCKED && i != best && owner[tasks[i].waits_for] == id && tasks[i].priority > priority)
            priority = tasks[i].priority;
    set_priority(id, priority);
    if (best != NONE) enqueue(best);
}

/* What a task does in its next step; the locks are always taken in rising order. */
static void run(unsigned id) {
    struct task *t = &tasks[id];
    unsigned low = id % LOCKS == 2 ? 0 : id % LOCKS, high = id % LOCKS == 0 ? 1 : 2;
    t->work_done++;
    switch (t->step++) {
    case 0: lock(id, low); break;
    case 2: lock(id, high); break;
    case 4: unlock(id, high); break;
    case 5: unlock(id, low); break;
    case 8:
        t->step = 0;
        dequeue(id);
        t->state = ++t->rounds == 5 ? DONE : SLEEPING;
        t->wake = (uint16_t)(ticks + 3 + id * t->rounds % 11);
        break;
    default:
        if (++t->slice < SLICE) return;
        if (heads[t->priority] != tails[t->priority])
            dequeue(id), enqueue(id);
    }
    t->slice = 0;
}

/* The lists hold each ready task once, in order of arrival; nobody outranks the holder of what it waits for. */
static void verify(void) {
    unsigned listed = 0, ready = 0, best = NONE;
    for (unsigned level = 0; level < LEVELS; level++) {
        uint32_t order = 0;
        for (unsigned at = levels_used >> level & 1 ? heads[level] : NONE; at != NONE; at = tasks[at].next, listed++) {
            CHECK(tasks[at].state == READY && tasks[at].priority == level && tasks[at].order > order);
            CHECK(tasks[at].next != NONE || tails[level] == at);
            order = tasks[at].order;
        }
    }
    for (unsigned i = 0; i < TASKS; i++) {
        const struct task *t = &tasks[i];
        unsigned least = t->base;
        ready += t->state == READY;
        if (t->state == READY && (best == NONE || t->priority > tasks[best].priority ||
                                  (t->priority == tasks[best].priority && t->order < tasks[best].order)))
            best = i;
        for (unsigned j = 0; j < TASKS; j++)
            if (tasks[j].state == BLOCKED && owner[tasks[j].waits_for] == i && tasks[j].priority > least)
                least = tasks[j].priority;
        CHECK(t->priority == least && (t->state != BLOCKED || owner[t->waits_for] != i));
    }
    CHECK(listed == ready && (best == NONE ? levels_used == 0 : heads[31 - __builtin_clz(levels_used)] == best));
}

PROGRAM(app_scheduler) {
    unsigned idle = 0, left = TASKS;
    levels_used = ticks = sum = arrivals = inherited = 0;
    for (unsigned i = 0; i < LOCKS; i++) owner[i] = NONE;
    for (unsigned i = 0; i < TASKS; i++) {
        tasks[i] = (struct task){SLEEPING, 0, 0, NONE, NONE, 0, 0, 0, (uint16_t)(i * 3 % 7), 0, 0};
        tasks[i].base = tasks[i].priority = (uint8_t)(opaque_unsigned(i) * 5 % LEVELS);
    }
    for (; left > 0; ticks++) {
        CHECK(ticks < 2000);
        for (unsigned i = 0; i < TASKS; i++)
            if (tasks[i].state == SLEEPING && tasks[i].wake <= ticks) enqueue(i);
        verify();
        idle += levels_used == 0;
        if (levels_used == 0) continue;
        unsigned id = heads[31 - __builtin_clz(levels_used)];
        run(id);
        left -= tasks[id].state == DONE;
        sum = sum * 17 + id + tasks[id].step * 16U;
    }
    for (unsigned i = 0; i < TASKS; i++)
        CHECK(tasks[i].work_done == 45 && tasks[i].priority == tasks[i].base);
    CHECK(ticks == 450 + idle && inherited > 3 && owner[0] == NONE && owner[1] == NONE && owner[2] == NONE);
    CHECK(sum == 816204441);
}
