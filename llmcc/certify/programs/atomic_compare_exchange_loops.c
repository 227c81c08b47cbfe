/* Read-modify-write loops by compare-exchange, weak and strong: the failing path has to write the value seen, the succeeding
 * path must not; a callback that interferes forces failures at known turns. */
#include "certify.h"

#include <stdatomic.h>

static _Atomic uint32_t word;
static _Atomic uint8_t small;
static int interference, failures;

static uint32_t saturating_add(uint32_t a, uint32_t b) { return a + b < a ? UINT32_MAX : a + b; }
static uint32_t larger(uint32_t a, uint32_t b) { return a < b ? b : a; }
static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t multiply(uint32_t a, uint32_t b) { return a * b + 1; }
static uint32_t rotate(uint32_t a, uint32_t b) { return a << (b & 15) | a >> 1 >> (31 - (b & 15)); }

static NOINLINE void disturb(_Atomic uint32_t *object) {
    if (interference > 0) {
        interference--;
        atomic_fetch_add(object, 1);
    }
}

static uint32_t update(_Atomic uint32_t *object, uint32_t (*change)(uint32_t, uint32_t), uint32_t operand) {
    uint32_t seen = atomic_load(object);
    for (;;) {
        uint32_t next = change(seen, operand), expected = seen;
        disturb(object);
        if (atomic_compare_exchange_strong(object, &expected, next)) {
            CHECK(expected == seen);
            return next;
        }
        CHECK(expected == seen + 1);
        failures++;
        seen = expected;
    }
}

static uint32_t add_direct(uint32_t operand) {
    uint32_t seen = atomic_load_explicit(&word, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&word, &seen, saturating_add(seen, operand), memory_order_acq_rel,
                                                  memory_order_acquire))
        failures++;
    return seen;
}

static int raise_to(uint32_t operand) {
    uint32_t seen = atomic_load(&word);
    do
        if (seen >= operand)
            return 0;
    while (!atomic_compare_exchange_weak(&word, &seen, operand));
    return 1;
}

static int lower_to(uint32_t operand) {
    uint32_t seen = atomic_load(&word);
    do
        if (seen <= operand)
            return 0;
    while (!atomic_compare_exchange_weak(&word, &seen, operand));
    return 1;
}

/* One attempt, with the outcome and what is left in the expected value. */
static uint32_t attempt(_Atomic uint8_t *object, uint8_t expected, uint8_t desired) {
    uint8_t before = expected;
    int done = atomic_compare_exchange_strong_explicit(object, &expected, desired, memory_order_seq_cst,
                                                       memory_order_relaxed);
    return (uint32_t)done << 16 | (uint32_t)expected << 8 | (before == expected);
}

static int decrement_unless_zero(_Atomic uint8_t *object) {
    uint8_t seen = atomic_load(object);
    while (seen) {
        uint8_t next = (uint8_t)(seen - 1);
        if (atomic_compare_exchange_weak(object, &seen, next))
            return seen;
    }
    return -1;
}

static void check_updates(uint32_t start, uint32_t operand) {
    static uint32_t (*const changes[])(uint32_t, uint32_t) = {saturating_add, larger, smaller, multiply, rotate};
    for (int i = 0; i < 5; i++)
        for (int disturbed = 0; disturbed < 3; disturbed++) {
            atomic_store(&word, start);
            interference = disturbed;
            failures = 0;
            uint32_t expected = changes[i](start + (uint32_t)disturbed, operand);
            CHECK(update(&word, changes[i], operand) == expected && atomic_load(&word) == expected);
            CHECK(failures == disturbed && interference == 0);
        }
}

PROGRAM(atomic_compare_exchange_loops) {
    check_updates(opaque_unsigned(100), opaque_unsigned(7));
    check_updates(0xfffffff0u, opaque_unsigned(15));
    check_updates(opaque_unsigned(0), 0xffffffffu);

    _Atomic uint32_t own = 3;
    interference = 0;
    CHECK(update(&own, multiply, 5) == 16 && update(&own, rotate, 30) == 0x40000 && own == 0x40000);

    atomic_store(&word, 0xfffffff0u);
    CHECK(add_direct(opaque_unsigned(10)) == 0xfffffff0u && add_direct(10) == 0xfffffffau && word == UINT32_MAX);
    CHECK(add_direct(0) == UINT32_MAX && lower_to(20) == 1 && lower_to(20) == 0 && lower_to(opaque_unsigned(21)) == 0);
    CHECK(raise_to(20) == 0 && raise_to(opaque_unsigned(1u << 31)) == 1 && word == 1u << 31 && raise_to(5) == 0);

    atomic_store(&small, 200);
    CHECK(attempt(&small, 200, 7) == (1u << 16 | 200 << 8 | 1) && small == 7);
    CHECK(attempt(&small, 200, 9) == (7 << 8 | 0) && small == 7);
    CHECK(attempt(&small, (uint8_t)opaque_unsigned(7 + 256), 7) == (1u << 16 | 7 << 8 | 1));
    CHECK(attempt(&small, (uint8_t)opaque_unsigned(0xf8), 0) == (7 << 8 | 0));
    for (int i = 7; i > 0; i--)
        CHECK(decrement_unless_zero(&small) == i);
    CHECK(decrement_unless_zero(&small) == -1 && decrement_unless_zero(&small) == -1 && small == 0);
}
