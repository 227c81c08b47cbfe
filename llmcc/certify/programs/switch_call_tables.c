/* Switches whose arms call: handlers that differ in one operation, arms that differ in one argument, arms that pick a
 * function to call later, and calls in tail position, all against a table of functions. */
#include "certify.h"

struct machine {
    uint32_t accumulator;
    uint32_t trace;
    unsigned calls;
    unsigned flags;
};

typedef int handler(struct machine *machine, uint32_t operand);

static int note(struct machine *machine, unsigned tag, uint32_t result) {
    machine->calls++;
    machine->trace = machine->trace * 33u + tag;
    machine->flags = (result == 0) | (result >> 31) << 1;
    machine->accumulator = result;
    return (int)(result & 15u) - (int)tag;
}

static NOINLINE int handle_add(struct machine *machine, uint32_t operand) { return note(machine, 1, machine->accumulator + operand); }
static NOINLINE int handle_subtract(struct machine *machine, uint32_t operand) { return note(machine, 2, machine->accumulator - operand); }
static NOINLINE int handle_reverse(struct machine *machine, uint32_t operand) { return note(machine, 3, operand - machine->accumulator); }
static NOINLINE int handle_and(struct machine *machine, uint32_t operand) { return note(machine, 4, machine->accumulator & operand); }
static NOINLINE int handle_or(struct machine *machine, uint32_t operand) { return note(machine, 5, machine->accumulator | operand); }
static NOINLINE int handle_xor(struct machine *machine, uint32_t operand) { return note(machine, 6, machine->accumulator ^ operand); }
static int handle_shift(struct machine *machine, uint32_t operand) { return note(machine, 7, machine->accumulator << (operand & 31u)); }
static int handle_unshift(struct machine *machine, uint32_t operand) { return note(machine, 8, machine->accumulator >> (operand & 31u)); }

static int handle_store(struct machine *machine, uint32_t operand) {
    int result = note(machine, 9, operand);
    machine->flags |= 4;
    return result;
}

static int handle_nothing(struct machine *machine, uint32_t operand) {
    (void)operand;
    machine->calls++;
    return 0;
}

static handler *const handlers[] = {handle_nothing, handle_add, handle_subtract, handle_reverse, handle_and, handle_or,
                                    handle_xor, handle_shift, handle_unshift, handle_store};

static NOINLINE int by_switch(struct machine *machine, unsigned operation, uint32_t operand) {
    switch (operation) {
    case 1: return handle_add(machine, operand);
    case 2: return handle_subtract(machine, operand);
    case 3: return handle_reverse(machine, operand);
    case 4: return handle_and(machine, operand);
    case 5: return handle_or(machine, operand);
    case 6: return handle_xor(machine, operand);
    case 7: return handle_shift(machine, operand);
    case 8: return handle_unshift(machine, operand);
    case 9: return handle_store(machine, operand);
    default: return handle_nothing(machine, operand);
    }
}

static handler *picked(unsigned operation) {
    handler *chosen = handle_nothing;
    switch (operation) {
    case 9: chosen = handle_store; break;
    case 1: chosen = handle_add; break;
    case 2: chosen = handle_subtract; break;
    case 3: chosen = handle_reverse; break;
    case 4: chosen = handle_and; break;
    case 5: chosen = handle_or; break;
    case 6: chosen = handle_xor; break;
    case 7: chosen = handle_shift; break;
    case 8: chosen = handle_unshift; break;
    }
    return chosen;
}

static int by_table(struct machine *machine, unsigned operation, uint32_t operand) {
    handler *const *table = (handler *const *)opaque_pointer(handlers);
    return table[operation < 10 ? operation : 0](machine, operand);
}

/* Each arm adds, by another callee, another operand or another sign; two arms are the same. */
static int step_by(struct machine *machine, unsigned size, uint32_t unit) {
    int result = 50;
    switch (size) {
    case 0: result += handle_add(machine, unit); break;
    case 1: result += handle_add(machine, unit * 2); break;
    case 2: result += handle_subtract(machine, 0u - unit * 3); break;
    case 3: result -= handle_add(machine, unit * 4); break;
    case 4: result -= handle_subtract(machine, 0u - unit * 5); break;
    case 5: result += handle_add(machine, unit * 2); break;
    case 6:
        result += handle_add(machine, unit);
        result += handle_add(machine, unit);
        break;
    default: result = -1; break;
    }
    return result + (int)machine->flags;
}

static int same(const struct machine *left, const struct machine *right) {
    return left->accumulator == right->accumulator && left->trace == right->trace && left->calls == right->calls && left->flags == right->flags;
}

PROGRAM(switch_call_tables) {
    struct machine first = {1, 0, 0, 0}, second = first, third = first;
    uint32_t random = 99, digest = 0;
    for (int step = 0; step < 600; step++) {
        random = random * 1103515245u + 12345u;
        unsigned operation = random >> 16 & 15u;
        uint32_t operand = random >> 7 ^ random << 11;
        int one = by_switch(&first, opaque_unsigned(operation), operand);
        int two = by_table(&second, operation, operand);
        int three = picked(operation)(&third, operand);
        CHECK(one == two && two == three);
        CHECK(same(&first, &second) && same(&second, &third));
        digest = digest * 31u + first.accumulator + (uint32_t)one + first.flags * 7u;
    }
    CHECK(first.calls == 600);
    CHECK(digest == 0x5987f1cdu);
    for (unsigned operation = 0; operation < 16; operation++)
        CHECK(picked(opaque_unsigned(operation)) == handlers[operation < 10 ? operation : 0]);

    static const unsigned units[] = {1, 2, 3, 4, 5, 2, 2, 0, 0};
    for (unsigned round = 0; round < 27; round++) {
        /* The second start comes out at zero for some sizes, the third below it. */
        uint32_t start = round < 9 ? 100 : round < 18 ? 0u - 20u : 0x7FFFFFF8u;
        unsigned size = round % 9;
        struct machine machine = {start, 0, 0, 0};
        int result = step_by(&machine, opaque_unsigned(size), 10);
        uint32_t sum = start + units[size] * 10;
        int nibble = (int)(sum & 15u), expected = 50 + nibble - 1;
        if (size == 2) expected = 50 + nibble - 2;
        if (size == 3) expected = 50 - nibble + 1;
        if (size == 4) expected = 50 - nibble + 2;
        if (size == 6) expected += (int)((start + 10) & 15) - 1;
        if (size < 7) expected += (sum == 0) + (sum > INT_MAX ? 2 : 0);
        CHECK(machine.accumulator == sum && result == (size > 6 ? -1 : expected));
        CHECK(machine.calls == (size > 6 ? 0u : size == 6 ? 2u : 1u));
        CHECK(machine.trace == (size > 6 ? 0u : size == 6 ? 34u : size == 2 || size == 4 ? 2u : 1u));
    }
}
