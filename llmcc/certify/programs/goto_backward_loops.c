/* Loops made of backward jumps alone: nested, with several back edges to one header, and with a header in the middle
 * that a backtracking search returns to. */
#include "certify.h"

/* Two back edges reach the same header with other values. */
static uint32_t greatest_divisor(uint32_t a, uint32_t b, uint32_t *steps) {
    uint32_t shift = 0, kept;
    *steps = 0;
    if (a == 0 || b == 0)
        return a | b;
header:
    ++*steps;
    if (((a | b) & 1) == 0) {
        a >>= 1;
        b >>= 1;
        shift++;
        goto header;
    }
    if ((a & 1) == 0) {
        a >>= 1;
        goto header;
    }
    if ((b & 1) == 0) {
        b >>= 1;
        goto header;
    }
    if (a != b) {
        if (a < b) {
            kept = a;
            a = b;
            b = kept;
        }
        a = (a - b) >> 1;
        if (a != 0)
            goto header;
    }
    return b << shift;
}

static void insertion_sort(int *values, int count) {
    int outer = 1, inner, value;
next:
    if (outer >= count)
        return;
    value = values[outer];
    inner = outer - 1;
shift:
    if (inner < 0 || values[inner] <= value)
        goto place;
    values[inner + 1] = values[inner];
    inner--;
    goto shift;
place:
    values[inner + 1] = value;
    outer++;
    goto next;
}

static unsigned sieve(uint8_t *composite, unsigned limit) {
    unsigned count = 0, prime = 2, multiple = 0;
clear:
    composite[multiple] = 0;
    if (++multiple < limit)
        goto clear;
outer:
    if (composite[prime])
        goto advance;
    count++;
    multiple = prime * prime;
inner:
    if (multiple >= limit)
        goto advance;
    composite[multiple] = 1;
    multiple += prime;
    goto inner;
advance:
    if (++prime < limit)
        goto outer;
    return count;
}

/* Places queens; a backward jump either moves on in a column or returns to the one before. */
static NOINLINE unsigned queens(int size, unsigned *backtracks) {
    int row[8], column = 0, other;
    unsigned solutions = 0;
    *backtracks = 0;
enter:
    row[column] = 0;
test:
    other = column - 1;
compare:
    if (other < 0)
        goto fits;
    if (row[other] == row[column] || row[other] - row[column] == other - column || row[other] - row[column] == column - other)
        goto move;
    other--;
    goto compare;
fits:
    if (column + 1 < size) {
        column++;
        goto enter;
    }
    solutions++;
move:
    if (++row[column] < size)
        goto test;
    ++*backtracks;
    if (column-- > 0)
        goto move;
    return solutions;
}

PROGRAM(goto_backward_loops) {
    uint32_t steps, total = 0, random = 1;
    for (uint32_t a = 0; a < 50; a += 3)
        for (uint32_t b = 0; b < 60; b += 2) {
            uint32_t x = a, y = b;
            while (y != 0) {
                uint32_t rest = x % y;
                x = y;
                y = rest;
            }
            CHECK(greatest_divisor(opaque_unsigned(a), b, &steps) == x);
            total += steps;
        }
    CHECK(total == 2992);
    uint32_t digest = 0;
    for (int count = 0; count < 30; count++) {
        int values[30];
        for (int index = 0; index < count; index++) {
            random = random * 1664525u + 1013904223u;
            values[index] = (int)(random >> 24) % 17 * 100 + index;
        }
        insertion_sort(values, opaque_int(count));
        int seen = 0;
        for (int index = 0; index < count; index++) {
            CHECK(index == 0 || values[index - 1] <= values[index]);
            seen += values[index] % 100;
        }
        CHECK(seen == count * (count - 1) / 2);
    }
    uint8_t composite[500];
    CHECK(sieve(composite, opaque_unsigned(500)) == 95 && composite[497] && !composite[499] && composite[361]);
    CHECK(sieve(composite, opaque_unsigned(100)) == 25 && sieve(composite, 3) == 1);
    static const unsigned solutions[] = {0, 1, 0, 0, 2, 10, 4};
    for (int size = 1; size < 7; size++) {
        unsigned backtracks;
        CHECK(queens(opaque_int(size), &backtracks) == solutions[size]);
        CHECK(size > 1 || backtracks == 1);
        digest = digest * 31u + backtracks;
    }
    CHECK(digest == 0x01e21794u);
}
