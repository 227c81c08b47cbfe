/* Dependences carried over 1, 2, 3 and more trips, forward and backward, through memory and through scalars, with a
 * distance known only at run time: what a vector or an unrolled body may reorder, and what not. */
#include "certify.h"

enum { SIZE = 96 };
static uint32_t cells[SIZE], model[SIZE];

static void reset(uint32_t seed) {
    for (unsigned index = 0; index < SIZE; index++)
        cells[index] = model[index] = seed = seed * 1664525u + 1013904223u;
}

static void compare(void) {
    for (unsigned index = 0; index < SIZE; index++)
        CHECK(cells[index] == model[index]);
}

static NOINLINE void distance_1(uint32_t *at, unsigned count) {
    for (unsigned index = 1; index < count; index++)
        at[index] += at[index - 1] * 3u;
}

static NOINLINE void distance_2(uint32_t *at, unsigned count) {
    for (unsigned index = 2; index < count; index++)
        at[index] += at[index - 2] * 3u;
}

static NOINLINE void distance_3(uint32_t *at, unsigned count) {
    for (unsigned index = 3; index < count; index++)
        at[index] += at[index - 3] * 3u;
}

static NOINLINE void distance_8(uint32_t *at, unsigned count) {
    for (unsigned index = 8; index < count; index++)
        at[index] += at[index - 8] * 3u;
}

/* Reads what later trips overwrite: the old value is right. */
static NOINLINE void ahead_1(uint32_t *at, unsigned count) {
    for (unsigned index = 0; index + 1 < count; index++)
        at[index] += at[index + 1] * 3u;
}

static NOINLINE void ahead_3(uint32_t *at, unsigned count) {
    for (unsigned index = 0; index + 3 < count; index++)
        at[index] += at[index + 3] * 3u;
}

/* Positive and negative: one function for both directions. */
static NOINLINE void by_distance(uint32_t *at, int count, int distance) {
    int first = distance < 0 ? -distance : 0, last = distance > 0 ? count - distance : count;
    for (int index = first; index < last; index++)
        at[index] += at[index + distance] * 3u;
}

/* The same trips with the loads and the stores of each through a volatile view. */
static void slow_by_distance(int count, int distance) {
    volatile uint32_t *at = model;
    for (int index = 0; index < count; index++)
        if (index + distance >= 0 && index + distance < count) {
            uint32_t addend = at[index + distance];
            at[index] = at[index] + addend + addend + addend;
        }
}

/* A scalar holds the values of the two trips before. */
static uint32_t rolling(const uint32_t *at, unsigned count, uint32_t *last) {
    uint32_t before = 1, previous = 2, sum = 0;
    for (unsigned index = 0; index < count; index++) {
        uint32_t now = at[index] + (before ^ previous);
        sum = sum * 5u + now;
        before = previous;
        previous = now;
    }
    *last = before;
    return sum;
}

static uint32_t rolling_array(const volatile uint32_t *at, unsigned count, uint32_t *last) {
    static uint32_t all[SIZE + 2];
    uint32_t sum = 0;
    all[0] = 1;
    all[1] = 2;
    for (unsigned index = 0; index < count; index++)
        all[index + 2] = at[index] + (all[index] ^ all[index + 1]);
    for (unsigned index = 0; index < count; index++)
        sum = sum * 5u + all[index + 2];
    *last = all[count];
    return sum;
}

/* Two arrays feed each other, one trip apart. */
static NOINLINE void crosswise(uint32_t *left, uint32_t *right, unsigned count) {
    for (unsigned index = 1; index < count; index++) {
        left[index] = right[index - 1] + 1;
        right[index] = left[index - 1] * 2u + left[index];
    }
}

/* Only some of the trips depend on others. */
static NOINLINE void scatter(uint32_t *at, const uint8_t *places, unsigned count) {
    for (unsigned index = 0; index < count; index++)
        at[places[index]] = at[places[index]] * 3u + index;
}

PROGRAM(loop_carried_distance) {
    static const struct {
        void (*run)(uint32_t *, unsigned);
        int distance;
    } loops[] = {{distance_1, -1}, {distance_2, -2}, {distance_3, -3}, {distance_8, -8}, {ahead_1, 1}, {ahead_3, 3}};
    for (unsigned which = 0; which < 6; which++)
        for (unsigned count = 0; count < SIZE; count += 1 + count / 5) {
            reset(count);
            loops[which].run(cells, opaque_unsigned(count));
            slow_by_distance((int)count, loops[which].distance);
            compare();
        }
    for (int distance = -9; distance <= 9; distance++) {
        reset(4);
        by_distance(cells, opaque_int(75), opaque_int(distance));
        slow_by_distance(75, distance);
        compare();
    }
    for (unsigned count = 0; count < SIZE; count += 7) {
        uint32_t first, second;
        reset(count);
        CHECK(rolling(cells, opaque_unsigned(count), &first) == rolling_array(cells, count, &second) && first == second);
    }
    /* A single one spreads as powers of three. */
    for (unsigned index = 0; index < 12; index++)
        cells[index] = index == 0;
    distance_1(cells, opaque_unsigned(12));
    for (unsigned index = 0, power = 1; index < 12; index++, power *= 3)
        CHECK(cells[index] == power);
    for (unsigned index = 0; index < 12; index++)
        cells[index] = index == 11;
    ahead_1(cells, opaque_unsigned(12));
    CHECK(cells[9] == 0 && cells[10] == 3 && cells[11] == 1);

    reset(9);
    crosswise(cells, cells + SIZE / 2, opaque_unsigned(SIZE / 2));
    for (unsigned index = 1; index < SIZE / 2; index++) {
        uint32_t left = model[index - 1 + SIZE / 2] + 1, old = model[index - 1];
        model[index] = left;
        model[index + SIZE / 2] = 2u * old + left;
    }
    compare();
    reset(10);
    /* The second array is the first, one element on. */
    crosswise(cells, (uint32_t *)opaque_pointer(cells + 1), opaque_unsigned(40));
    for (unsigned index = 1; index < 40; index++) {
        volatile uint32_t *slow = model;
        slow[index] = slow[index] + 1;
        slow[index + 1] = slow[index - 1] * 2u + slow[index];
    }
    compare();
    uint8_t places[64];
    for (unsigned index = 0; index < 64; index++)
        places[index] = (uint8_t)(index % 11 * (index % 3));
    reset(11);
    scatter(cells, places, opaque_unsigned(64));
    for (unsigned place = 0; place < SIZE; place++)
        for (unsigned index = 0; index < 64; index++)
            if (index % 11 * (index % 3) == place)
                model[place] += model[place] * 2u + index;
    compare();
}
