/* Functions with equal bodies whose addresses are compared, stored in tables, used as keys, and called through the
 * tables: distinct functions compare unequal however equal their code is. */
#include "certify.h"

typedef int32_t handler(int32_t);

static NOINLINE int32_t on_open(int32_t value) { return value * 3 + 1; }
static NOINLINE int32_t on_close(int32_t value) { return value * 3 + 1; }
static NOINLINE int32_t on_error(int32_t value) { return value * 3 + 1; }
static NOINLINE int32_t on_timer(int32_t value) { return value * 3 + 2; }
static int32_t on_idle(int32_t value) { return value; }
static int32_t on_noise(int32_t value) { return value; }
NOINLINE int32_t twins_addresses_shared(int32_t value);
NOINLINE int32_t twins_addresses_shared(int32_t value) { return value * 3 + 1; }

static handler *const all[] = {on_open, on_close, on_error, on_timer, on_idle, on_noise, twins_addresses_shared};
enum { HANDLERS = sizeof all / sizeof *all, SLOTS = 6 };

/* A list of observers in which the function itself is the key. */
static handler *slots[SLOTS];
static int used;

static int subscribe(handler *one) {
    for (int i = 0; i < used; i++)
        if (slots[i] == one)
            return -1;
    if (used == SLOTS)
        return -2;
    slots[used++] = one;
    return used;
}

static int unsubscribe(handler *one) {
    for (int i = 0; i < used; i++)
        if (slots[i] == one) {
            for (used--; i < used; i++)
                slots[i] = slots[i + 1];
            return 1;
        }
    return 0;
}

static int32_t publish(int32_t value) {
    int32_t sum = 0;
    for (int i = 0; i < used; i++)
        sum += slots[i](value + i) << i;
    return sum;
}

/* What a function is, told by its address alone: the branches compare with functions whose code is the same. */
static NOINLINE int classify(handler *one) {
    if (one == on_open)
        return 0;
    if (one == on_close)
        return 1;
    if (one == on_error)
        return 2;
    return one == on_timer ? 3 : one == on_idle ? 4 : one == on_noise ? 5 : 6;
}

static NOINLINE int32_t guarded_open(handler *one, int32_t value) {
    return one == on_open ? one(value) + 1000 : one(value);
}
static NOINLINE int32_t guarded_close(handler *one, int32_t value) {
    return one == on_close ? one(value) + 1000 : one(value);
}

struct machine {
    handler *enter, *leave;
    int32_t value;
};

static NOINLINE int run(struct machine *machine, int turns) {
    int equal = 0;
    while (turns-- > 0) {
        equal += machine->enter == machine->leave;
        machine->value = machine->enter(machine->value & 1023) - machine->leave(turns);
        handler *kept = machine->enter;
        machine->enter = machine->leave;
        machine->leave = kept == on_error ? on_timer : kept == on_timer ? on_open : kept;
    }
    return equal;
}

static int32_t expected(int which, int32_t value) {
    volatile int32_t factor = which == 4 || which == 5 ? 1 : 3;
    return value * factor + (factor == 3) + (which == 3);
}

PROGRAM(twins_addresses) {
    for (int i = 0; i < HANDLERS; i++) {
        handler *volatile here = all[opaque_int(i)];
        CHECK(classify(here) == i);
        CHECK(here(5) == expected(i, 5) && all[i](opaque_int(-9)) == expected(i, -9));
        for (int j = 0; j < HANDLERS; j++)
            CHECK((here == all[j]) == (i == j) && (all[opaque_int(j)] != here) == (i != j));
        CHECK(guarded_open(here, 7) == expected(i, 7) + (i == 0 ? 1000 : 0));
        CHECK(guarded_close(here, 7) == expected(i, 7) + (i == 1 ? 1000 : 0));
    }
    CHECK(on_open != on_close && on_idle != on_noise && on_error != twins_addresses_shared);
    used = 0;
    for (int i = 0; i < HANDLERS; i++)
        CHECK(subscribe(all[i]) == (i < SLOTS ? i + 1 : -2) && subscribe(all[i < SLOTS ? i : 2]) == -1);
    int32_t sum = 0;
    for (int i = 0; i < SLOTS; i++)
        sum += expected(i, 20 + i) * (1 << i);
    CHECK(publish(opaque_int(20)) == sum);
    CHECK(unsubscribe(on_close) == 1 && unsubscribe(on_close) == 0 && used == 5);
    CHECK(unsubscribe(twins_addresses_shared) == 0 && unsubscribe(on_idle) == 1 && used == 4);
    static const int left[4] = {0, 2, 3, 5};
    for (int i = 0; i < 4; i++)
        CHECK(slots[i] == all[left[i]]);
    CHECK(publish(1) == 4 + 2 * 7 + 4 * 11 + 8 * 4);
    CHECK(subscribe(twins_addresses_shared) == 5 && subscribe(on_close) == 6 && subscribe(on_idle) == -2);
    for (int i = 0; i < HANDLERS; i++)
        for (int j = 0; j < HANDLERS; j++) {
            struct machine machine = {all[i], all[opaque_int(j)], 100};
            int enter = i, leave = j, equal = 0;
            int32_t value = 100;
            for (int turns = 6; turns-- > 0;) {
                int kept = enter;
                equal += enter == leave;
                value = expected(enter, value & 1023) - expected(leave, turns);
                enter = leave, leave = kept == 2 ? 3 : kept == 3 ? 0 : kept;
            }
            CHECK(run(&machine, 6) == equal && machine.value == value);
            CHECK(classify(machine.enter) == enter && classify(machine.leave) == leave);
        }
}
