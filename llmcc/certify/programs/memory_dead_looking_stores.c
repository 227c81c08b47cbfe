/* Stores that look dead and are not: read through another pointer, in the next turn of a loop, by a callee, by the caller after
 * an early return, in a cleared object that is cleared again, or on one branch only. */
#include "certify.h"

struct state { int32_t phase, total, last[4]; };

static int32_t global, shadow[4];
static struct state machine;
static int32_t *global_view = &global;

static NOINLINE int32_t read_global(void) { return global; }
static NOINLINE int32_t read_view(int32_t add) { return *global_view + add; }

static int32_t read_by_callee(int32_t value) {
    global = value;
    int32_t first = read_global();
    global = value + 1;
    int32_t second = read_view(first);
    global = value + 2;
    *global_view = global * 2;
    global = read_global() - 1;
    return second * 100 + global;
}

/* Each turn reads what the turn before stored last; the store before the loop is read in the first turn only. */
static int32_t back_edge(int32_t *cell, int turns) {
    int32_t sum = 0;
    *cell = 3;
    for (int i = 0; i < turns; i++) {
        sum += *cell;
        *cell = i;
        if (i % 3 == 1)
            continue;
        *cell = i * 10;
    }
    *cell += 1;
    return sum;
}

static int early_return(struct state *s, int32_t value) {
    s->phase = 1;
    if (value < 0)
        return -1;
    s->phase = 2;
    s->total += value;
    if (s->total > 20) {
        s->last[0] = s->total;
        s->total = 0;
        return 1;
    }
    s->phase = 3;
    return 0;
}

static void cleared_twice(struct state *s, int keep) {
    __builtin_memset(s, 0, sizeof *s);
    s->total = 5;
    for (int i = 0; i < 4; i++)
        s->last[i] = s->total + i;
    if (keep)
        return;
    __builtin_memset(s, 0, offsetof(struct state, last));
    s->last[s->phase] = 9;
    s->last[2] = s->total;
}

static int32_t one_branch(int32_t *a, int32_t *b, int which) {
    *a = 1;
    *b = 2;
    if (which == 0)
        *a = 10;
    else if (which == 1)
        *b = 20;
    else {
        int32_t kept = *a;
        *a = 30;
        *b = kept;
    }
    int32_t sum = *a * 100 + *b;
    *a = 0;
    return sum;
}

/* The same value is stored again, after something that may have changed it. */
static int32_t stored_again(int32_t *a, int32_t *b, int32_t value) {
    *a = value;
    *b = value + 1;
    *a = value;
    int32_t sum = *b;
    *b = *a;
    *a = sum;
    *b = *a;
    return *a * 10 + *b - value;
}

static int32_t recursive(int depth) {
    shadow[depth & 3] = depth;
    if (depth == 0)
        return shadow[0] + shadow[1] * 2 + shadow[2] * 3 + shadow[3] * 5;
    int32_t below = recursive(depth - 1);
    int32_t mine = shadow[depth & 3];
    shadow[depth & 3] = -1;
    return below * 2 + mine;
}

static int32_t recursive_model(int depth) {
    int volatile cells[4] = {shadow[0], shadow[1], shadow[2], shadow[3]};
    for (int d = depth; d >= 0; d--)
        cells[d & 3] = d;
    int32_t result = cells[0] + cells[1] * 2 + cells[2] * 3 + cells[3] * 5;
    for (int d = 1; d <= depth; d++) {
        result = result * 2 + cells[d & 3];
        cells[d & 3] = -1;
    }
    return result;
}

PROGRAM(memory_dead_looking_stores) {
    CHECK(read_by_callee(4) == 911 && global == 11);
    int32_t other = 0;
    global_view = &other;
    other = opaque_int(50);
    CHECK(read_by_callee(opaque_int(4)) == 5405 && global == 5 && other == 12);
    global_view = &global;
    /* The turn after an i with i % 3 == 1 finds i, all others ten times as much. */
    CHECK(back_edge(&other, opaque_int(6)) == 3 + 0 + 1 + 20 + 30 + 4 && other == 51);
    CHECK(back_edge(&global, 0) == 0 && global == 4 && back_edge(&global, 2) == 3 && global == 2);

    machine.total = 0;
    CHECK(early_return(&machine, opaque_int(-4)) == -1 && machine.phase == 1 && machine.total == 0);
    CHECK(early_return(&machine, 15) == 0 && machine.phase == 3 && machine.total == 15);
    CHECK(early_return(&machine, opaque_int(6)) == 1 && machine.phase == 2 && machine.total == 0 && machine.last[0] == 21);
    cleared_twice(&machine, opaque_int(1));
    CHECK(machine.total == 5 && machine.last[0] == 5 && machine.last[3] == 8 && machine.phase == 0);
    cleared_twice(&machine, opaque_int(0));
    CHECK(machine.total == 0 && machine.last[0] == 9 && machine.last[1] == 6 && machine.last[2] == 0 && machine.last[3] == 8);

    int32_t a, b;
    CHECK(one_branch(&a, &b, 0) == 1002 && one_branch(&a, &b, opaque_int(1)) == 120 && one_branch(&a, &b, 2) == 3001 && b == 1);
    CHECK(one_branch(&a, &a, opaque_int(0)) == 1010 && one_branch(&a, &a, 1) == 2020 && one_branch(&a, &a, 2) == 202 && a == 0);
    CHECK(stored_again(&a, &b, opaque_int(6)) == 71 && stored_again(&a, &a, 6) == 60 && a == 6);
    for (int depth = 0; depth < 9; depth++) {
        int32_t expected = recursive_model(depth);
        CHECK(recursive(opaque_int(depth)) == expected);
    }
}
