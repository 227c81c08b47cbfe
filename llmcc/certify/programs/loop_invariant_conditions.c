/* Conditions that do not change in the loop, alone and together, in nested loops, behind other conditions, as a switch,
 * and conditions in memory that only one path changes: what unswitching must keep apart. */
#include "certify.h"

enum { SIZE = 40 };

static NOINLINE void transform(int32_t *values, int count, int scale, int invert, int clip, int mode) {
    for (int index = 0; index < count; index++) {
        int32_t value = values[index];
        if (scale)
            value = value * 3 + index;
        if (invert && (index & 1))
            value = -value;
        switch (mode) {
        case 0: value += 7; break;
        case 1: value ^= 0x55; break;
        case 2: if (value < 0) continue; value >>= 1; break;
        default: break;
        }
        if (clip && value > 400)
            value = 400;
        else if (!clip && value < -400)
            break;
        values[index] = value;
    }
}

static int32_t transform_one(int32_t value, int index, volatile int *flags, int *keep) {
    *keep = 1;
    if (flags[0] != 0) value = value + value + value + index;
    if (flags[1] != 0 && index % 2 == 1) value = 0 - value;
    if (flags[3] == 0) value += 7;
    if (flags[3] == 1) value ^= 0x55;
    if (flags[3] == 2 && value < 0) { *keep = 0; return value; }
    if (flags[3] == 2) value /= 2;
    if (flags[2] != 0) return value > 400 ? 400 : value;
    if (value < -400) *keep = -1;
    return value;
}

/* A condition of the middle loop that depends on the outer counter, and one of both that depends on neither. */
static uint32_t nested(const uint8_t *bytes, int rows, int columns, int by_column, unsigned threshold) {
    uint32_t hash = 5;
    for (int row = 0; row < rows; row++) {
        int odd = row & 1;
        for (int column = 0; column < columns; column++) {
            unsigned byte = by_column ? bytes[column * rows + row] : bytes[row * columns + column];
            if (odd)
                hash += byte;
            else if (threshold > 128)
                hash ^= byte << 8;
            if (byte > threshold && odd == by_column)
                hash = hash << 1 | hash >> 31;
        }
        if (threshold > 128 && !odd)
            hash += 0x10000u;
    }
    return hash;
}

static uint32_t nested_flat(const volatile uint8_t *bytes, int rows, int columns, volatile int by_column, volatile unsigned threshold) {
    uint32_t hash = 5;
    for (int cell = 0; cell < rows * columns; cell++) {
        int row = cell / columns, column = cell % columns, odd = row % 2;
        unsigned byte = bytes[by_column ? column * rows + row : cell];
        if (odd) hash = hash + byte;
        if (!odd && threshold > 128) hash = hash ^ byte * 256u;
        if (odd == by_column && threshold < byte) hash = hash * 2u + (hash >= 0x80000000u);
        if (column == columns - 1 && !odd && threshold > 128) hash += 65536u;
    }
    return hash;
}

/* The limit is in memory, and only the rare path writes it. */
static NOINLINE int lowered(const int16_t *values, int count, int *limit) {
    int passed = 0;
    for (int index = 0; index < count; index++) {
        if (*limit > 100) {
            if (values[index] > *limit) {
                *limit -= 150;
                continue;
            }
            passed += 1;
        } else {
            passed += 100;
            if (values[index] == *limit)
                *limit = 1000;
        }
    }
    return passed;
}

static int lowered_plain(const volatile int16_t *values, int count, volatile int *limit) {
    int passed = 0;
    for (int index = 0; index < count; index++) {
        int now = *limit, value = values[index];
        if (now > 100 && value > now)
            *limit = now - 150;
        passed += now <= 100 ? 100 : value > now ? 0 : 1;
        if (now <= 100 && value == now)
            *limit = 1000;
    }
    return passed;
}

/* The loop must still end at once, or run at all, although the condition is the same every time. */
static int once_or_never(int stop_first, int never, int count, int *touched) {
    int index;
    for (index = 0; index < count; index++) {
        if (never)
            return -1;
        ++*touched;
        if (stop_first)
            break;
    }
    return index;
}

PROGRAM(loop_invariant_conditions) {
    int32_t values[SIZE], expected[SIZE];
    uint32_t random = 8, digest = 0;
    for (int flags = 0; flags < 32; flags++) {
        volatile int each[4] = {flags & 1, flags & 2, flags & 4, flags >> 3};
        int stopped = 0;
        for (int index = 0; index < SIZE; index++) {
            random = random * 1664525u + 1013904223u;
            int keep, value = (int)(random >> 22) - 300;
            values[index] = expected[index] = value;
            int32_t result = transform_one(value, index, each, &keep);
            stopped |= keep < 0;
            if (!stopped && keep > 0)
                expected[index] = result;
        }
        transform(values, opaque_int(SIZE), each[0], each[1], each[2], each[3]);
        for (int index = 0; index < SIZE; index++) {
            CHECK(values[index] == expected[index]);
            digest = digest * 31u + (uint32_t)values[index];
        }
    }
    CHECK(digest == 0x5224b0fau);
    uint8_t bytes[64];
    for (unsigned index = 0; index < 64; index++)
        bytes[index] = (uint8_t)(index * 59u + 31u);
    for (int shape = 0; shape < 48; shape++) {
        int rows = shape % 7 + 1, columns = shape % 8 + 1, by_column = shape & 1;
        unsigned threshold = (unsigned)shape * 5u + 10u;
        CHECK(nested(bytes, opaque_int(rows), columns, opaque_int(by_column), opaque_unsigned(threshold)) == nested_flat(bytes, rows, columns, by_column, threshold));
        CHECK(nested(bytes, rows, columns, 1, 200) == nested_flat(bytes, rows, columns, 1, 200));
    }
    int16_t heights[60];
    for (int round = 0; round < 20; round++) {
        for (int index = 0; index < 60; index++) {
            random = random * 1664525u + 1013904223u;
            heights[index] = (int16_t)((random >> 24) * 4 % 610);
        }
        int first = 100 + round * 25;
        heights[40] = (int16_t)((first - 101) % 150 - 49);
        volatile int second = first;
        int third = lowered(heights, opaque_int(60), &first);
        CHECK(third == lowered_plain(heights, 60, &second) && first == second);
    }
    for (int count = -1; count < 4; count++) {
        int touched = 0, positive = count > 0 ? count : 0;
        CHECK(once_or_never(opaque_int(1), opaque_int(0), count, &touched) == 0 && touched == (count > 0));
        CHECK(once_or_never(0, opaque_int(1), opaque_int(count), &touched) == (count > 0 ? -1 : 0) && touched == (count > 0));
        CHECK(once_or_never(opaque_int(0), 0, opaque_int(count), &touched) == positive && touched == positive + (count > 0));
    }
}
