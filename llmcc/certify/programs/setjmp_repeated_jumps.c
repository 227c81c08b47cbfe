/* The same setjmp returned to many times, buffers armed again in a loop, and two buffers in use at once. */
#include "certify.h"
#include <setjmp.h>

static jmp_buf loop_buffer, outer_buffer, inner_buffer;
static unsigned shared;

static NOINLINE void step(unsigned value) {
    if (value == 1)
        return;
    shared = value % 2 ? value * 3 + 1 : value / 2;
    longjmp(loop_buffer, (int)(value % 7));
}

/* One setjmp, one jump for each step of the sequence. */
static NOINLINE unsigned steps_by_jumps(unsigned start) {
    volatile unsigned count = 0;
    shared = start;
    if (setjmp(loop_buffer))
        count++;
    step(shared);
    return count;
}

static unsigned steps_by_loop(unsigned value) {
    unsigned count = 0;
    for (; value != 1; count++)
        value = value & 1 ? 3 * value + 1 : value >> 1;
    return count;
}

static NOINLINE void reject(int value) {
    if (value % 3 == 0)
        longjmp(loop_buffer, value / 3 + 1);
    if (value % 5 == 0)
        longjmp(loop_buffer, -value);
    shared += (unsigned)value;
}

/* Armed anew for every element. */
static NOINLINE int filter(const int8_t *values, int count, int *by_three, int *by_five) {
    volatile int kept = 0, three = 0, five = 0, i;
    for (i = 0; i < count; i++) {
        if (setjmp(loop_buffer) != 0) {
            if (values[i] % 3 == 0)
                three++;
            else
                five += values[i];
            continue;
        }
        reject(values[i]);
        kept++;
    }
    *by_three = three;
    *by_five = five;
    return kept;
}

static NOINLINE void leave_one(int code) { longjmp(inner_buffer, code); }
static NOINLINE void leave_both(int code) { longjmp(outer_buffer, code); }

static NOINLINE int inner(int budget) {
    volatile int spent = 0;
    switch (setjmp(inner_buffer)) {
    case 0: break;
    case 1: spent += 1; break;
    case 2: spent += 4; break;
    default: leave_both(2);
    }
    if (spent >= budget)
        return spent;
    if (spent > 10)
        leave_one(3);
    leave_one(spent & 1 ? 2 : 1);
    return -1;
}

static NOINLINE int outer(int budget) {
    volatile int failures = 0;
    if (setjmp(outer_buffer) != 0)
        failures++;
    if (failures == 4)
        leave_both(1);
    if (failures > 4)
        return -failures;
    return inner(budget - failures) + 100 * failures;
}

static int outer_model(int budget) {
    for (int failures = 0; failures < 4; failures++) {
        int spent = 0;
        while (spent < budget - failures && spent <= 10)
            spent += spent & 1 ? 4 : 1;
        if (spent >= budget - failures)
            return spent + 100 * failures;
    }
    return -5;
}

PROGRAM(setjmp_repeated_jumps) {
    unsigned checked = 0;
    for (unsigned start = 1; start < 60; start++)
        CHECK(steps_by_jumps(opaque_unsigned(start)) == steps_by_loop(start));
    CHECK(steps_by_jumps(opaque_unsigned(27)) == 111);

    int8_t values[50];
    int three = 0, five = 0, kept = 0, got_three, got_five;
    unsigned sum = 0;
    for (int i = 0; i < 50; i++) {
        int value = (i * 37 + 11) % 101 + 1;
        values[i] = (int8_t)opaque_int(value);
        if (value % 3 == 0)
            three++;
        else if (value % 5 == 0)
            five += value;
        else
            kept++, sum += (unsigned)value;
        checked++;
    }
    for (int round = 0; round < 3; round++) {
        shared = 0;
        CHECK(filter(values, 50, &got_three, &got_five) == kept);
        CHECK(shared == sum && got_three == three && got_five == five);
        checked++;
    }
    for (int budget = -3; budget < 30; budget++)
        CHECK(outer(opaque_int(budget)) == outer_model(budget));
    CHECK(outer_model(29) == -5 && outer_model(3) == 5 && outer_model(14) == 113);
    /* No loop was left out. */
    CHECK(checked == 53);
}
