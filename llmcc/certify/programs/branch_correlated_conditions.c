/* Conditions that follow from, or contradict, ones already decided: the same test twice with a change between, ranges
 * that imply others, equalities that carry over, tests of bits after tests of values, and of what only looks the same. */
#include "certify.h"

static NOINLINE unsigned repeated(int a, int b, int change) {
    unsigned path = 0;
    if (a < b)
        path |= 1;
    if (b > a)
        path |= 2;
    if (!(a >= b))
        path |= 4;
    if (change & 1)
        a += 3;
    if (a < b)
        path |= 8;
    if (change & 2)
        b = a;
    if (a <= b)
        path |= 16;
    if ((unsigned)a < (unsigned)b)
        path |= 32;
    if (a == b && change != 0)
        path |= 64;
    return path;
}

/* Inside the outer range some tests are decided, others only in part. */
static unsigned ranges(int value) {
    unsigned path = 0;
    if (value > 10 && value < 20) {
        if (value > 0) path += 1;
        if (value == 25) path += 1000;
        if (value != 15) path += 2;
        if ((unsigned)value < 16u) path += 4;
        if ((value & ~31) == 0) path += 8;
        if (value / 10 == 1) path += 16;
    } else if (value >= 20) {
        if (value == 20) path += 32;
        else if (value <= 20) path += 2000;
        if (value - 1 >= 19) path += 64;
        if (value > INT_MAX - 5) path += 128;
    } else {
        if (value > 10) path += 4000;
        if (value < 0) path += 256;
        if (value * (int64_t)2 > 20) path += 8000;
        if (value == 10) path += 512;
    }
    return path;
}

/* Where x equals y, what holds for one holds for the other; where it does not, nothing follows. */
static int equalities(uint32_t x, uint32_t y, uint32_t z) {
    int score = 0;
    if (x == y) {
        if (y == z)
            score = x == z ? 10 : -1000;
        else
            score = x == z ? -2000 : 20;
        if ((x & 7) == 3)
            score += (y & 1) ? 1 : -3000;
    } else if (y == z) {
        score = x == z ? -4000 : 30;
        score += x < y ? (z > x ? 2 : -5000) : (z < x ? 4 : -6000);
    } else {
        score = x == z ? 40 : 50;
    }
    return score;
}

/* The narrow copy and the whole: a test of one says little of the other. */
static NOINLINE unsigned narrow_and_wide(uint32_t value) {
    uint8_t byte = (uint8_t)value;
    int8_t sign = (int8_t)byte;
    unsigned path = 0;
    if (byte == 0)
        path |= value == 0 ? 1 : 2;
    else
        path |= value == 0 ? 0x1000 : 4;
    if (value < 256)
        path |= byte == value ? 8 : 0x2000;
    else if (byte == value)
        path |= 0x4000;
    if (sign < 0)
        path |= (value & 0x80) ? 16 : 0x8000;
    if (value & 0xFF80) {
        path |= 32;
        if (!(value & 0x80))
            path |= byte < 128 ? 64 : 0x10000;
    }
    return path;
}

/* The pointer is tested after it was followed on one of the ways only. */
static int late_test(const int *pointer, int follow) {
    int value = 5;
    if (follow)
        value = *pointer;
    if (!pointer)
        value += 100;
    if (follow && pointer)
        value += 1;
    return value;
}

/* A flag that is kept in a variable, in memory, and recomputed. */
static NOINLINE unsigned kept_flag(int *cell, const int *other, int limit) {
    int above = *cell > limit;
    unsigned path = 0;
    if (above)
        *cell = limit;
    if (*cell > limit)
        path |= 1;
    if (above)
        path |= 2;
    if (*other > limit)
        path |= 4;
    if (*cell == limit && !above)
        path |= 8;
    return path;
}

PROGRAM(branch_correlated_conditions) {
    for (int a = -4; a <= 4; a++)
        for (int b = -4; b <= 4; b++)
            for (int change = 0; change < 4; change++) {
                volatile int left = a, right = b;
                unsigned path = left < right ? 7 : 0;
                left = left + (change & 1) * 3;
                path += left < right ? 8 : 0;
                right = change / 2 ? left : right;
                path += left > right ? 0 : 16;
                /* Unsigned, everything below zero comes last. */
                path += (left < 0) == (right < 0) ? (left < right) * 32u : (right < 0) * 32u;
                path += (left == right) * (change > 0) * 64u;
                CHECK(repeated(opaque_int(a), opaque_int(b), opaque_int(change)) == path);
            }
    static const volatile int16_t paths[] = {512, 31, 31, 31, 31, 29, 27, 27, 27, 27, 96, 64};
    for (int value = -30; value < 60; value++) {
        unsigned expected = value < 0 ? 256 : value < 10 ? 0 : (unsigned)paths[value > 21 ? 11 : value - 10];
        CHECK(ranges(opaque_int(value)) == expected);
    }
    CHECK(ranges(opaque_int(INT_MAX)) == 192 && ranges(opaque_int(INT_MAX - 5)) == 64 && ranges(opaque_int(INT_MIN)) == 256);
    for (uint32_t x = 0; x < 6; x++)
        for (uint32_t y = 0; y < 6; y++)
            for (uint32_t z = 0; z < 6; z++) {
                unsigned distinct = (x != y) + (y != z) + (x != z);
                int expected = distinct == 0 ? 10 : distinct == 3 ? 50 : x == y ? 20 : x == z ? 40 : 32 + 2 * (x > y);
                CHECK(equalities(opaque_unsigned(x), opaque_unsigned(y), opaque_unsigned(z)) == expected + (x == y && x == 3));
            }
    CHECK(equalities(opaque_unsigned(UINT32_MAX), 1, opaque_unsigned(1)) == 34);
    uint32_t random = 3;
    for (int round = 0; round < 300; round++) {
        random = random * 1664525u + 1013904223u;
        uint32_t value = round < 100 ? (uint32_t)round * 4u : random >> (round % 29);
        unsigned low = value % 256, expected = low ? 4 : value ? 2 : 1;
        expected += value == low ? 8 : 0;
        expected += low >= 128 ? 16 : 0;
        expected += value / 128 % 512 ? (low < 128 ? 96 : 32) : 0;
        CHECK(narrow_and_wide(opaque_unsigned(value)) == expected);
    }
    int target = 70;
    CHECK(late_test((const int *)opaque_pointer(NULL), opaque_int(0)) == 105 && late_test((const int *)opaque_pointer(&target), opaque_int(1)) == 71);
    CHECK(late_test((const int *)opaque_pointer(&target), opaque_int(0)) == 5 && late_test(NULL, 0) == 105);
    for (int value = -2; value < 8; value++) {
        int cell = value, other = value;
        CHECK(kept_flag(&cell, &other, opaque_int(3)) == (value > 3 ? 6u : value == 3 ? 8u : 0u) && cell == (value < 3 ? value : 3));
        cell = value;
        CHECK(kept_flag(&cell, (const int *)opaque_pointer(&cell), opaque_int(3)) == (value > 3 ? 2u : value == 3 ? 8u : 0u));
    }
}
