/* Tail calls that exchange or rotate their arguments, so that a loop made of them must read all before it writes any. */
#include "certify.h"

static unsigned gcd(unsigned a, unsigned b) { return b == 0 ? a : gcd(b, a % b); }

static int difference(int steps, int a, int b) { return steps == 0 ? a * 3 - b : difference(steps - 1, b, a); }

static unsigned rotate_three(unsigned steps, unsigned a, unsigned b, unsigned c) {
    if (steps == 0)
        return a * 10000 + b * 100 + c;
    return rotate_three(steps - 1, b, c, a);
}

static unsigned rotate_back(unsigned steps, unsigned a, unsigned b, unsigned c) {
    if (steps == 0)
        return a * 10000 + b * 100 + c;
    return rotate_back(steps - 1, c, a, b);
}

/* Two cycles of different length and one argument that stays, in mixed widths. */
static int64_t two_cycles(uint8_t steps, int8_t a, int64_t p, int16_t fixed, int8_t b, int64_t q, int64_t r) {
    if (steps == 0)
        return a + 2 * b + 3 * p + 5 * q + 7 * r + fixed;
    return two_cycles((uint8_t)(steps - 1), b, q, fixed, a, r, p);
}

static uint64_t fibonacci(unsigned n, uint64_t a, uint64_t b) { return n == 0 ? a : fibonacci(n - 1, b, a + b); }

/* Each next argument needs the old value of every one. */
static uint32_t stir(unsigned steps, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    if (steps == 0)
        return a ^ b << 1 ^ c << 2 ^ d << 3;
    if (steps & 1)
        return stir(steps - 1, b + c, a ^ d, c - a, b);
    if (a > b)
        return stir(steps - 1, d, c, b, a);
    return stir(steps - 1, c, a + 1, d + b, b ^ c);
}

struct cell {
    struct cell *next;
    int value;
};

/* Takes from the list with the smaller head, which becomes the second argument by a swap. */
static struct cell **merge_into(struct cell **tail, struct cell *left, struct cell *right) {
    if (!left) {
        *tail = right;
        return tail;
    }
    if (right && right->value < left->value)
        return merge_into(tail, right, left);
    *tail = left;
    return merge_into(&left->next, left->next, right);
}

static double between(unsigned steps, double low, double high, float weight) {
    if (steps == 0)
        return low - high * 2;
    if (low > high)
        return between(steps, high, low, -weight);
    return between(steps - 1, high, low + (double)weight, weight);
}

PROGRAM(recursion_swapped_tail_arguments) {
    unsigned checked = 0;
    for (unsigned a = 0; a < 30; a++)
        for (unsigned b = 1; b < 30; b += 3) {
            unsigned common = a + b;
            while (a % common || b % common)
                common--;
            CHECK(gcd(opaque_unsigned(a), b) == common);
            checked++;
        }
    const unsigned three[3] = {11, 22, 33};
    for (unsigned steps = 0; steps < 20; steps++) {
        unsigned s = opaque_unsigned(steps);
        CHECK(difference((int)s, 50, -8) == (steps & 1 ? -24 - 50 : 150 + 8));
        CHECK(rotate_three(s, 11, 22, 33)
              == three[steps % 3] * 10000 + three[(steps + 1) % 3] * 100 + three[(steps + 2) % 3]);
        CHECK(rotate_back(s, 11, 22, 33)
              == three[steps * 2 % 3] * 10000 + three[(steps * 2 + 1) % 3] * 100 + three[(steps * 2 + 2) % 3]);
        const int64_t cycle[3] = {INT64_C(10000000000), -7, 400};
        int64_t first = steps & 1 ? 127 : -128, second = steps & 1 ? -128 : 127;
        CHECK(two_cycles((uint8_t)s, -128, cycle[0], -999, 127, cycle[1], cycle[2])
              == first + 2 * second + 3 * cycle[steps % 3] + 5 * cycle[(steps + 1) % 3] + 7 * cycle[(steps + 2) % 3] - 999);
        uint32_t v[4] = {s * 77, 1000, s ^ 0xdeadbeef, 5}, w[4];
        uint32_t stirred = stir(s, v[0], v[1], v[2], v[3]);
        for (unsigned left = steps; left > 0; left--) {
            for (int i = 0; i < 4; i++)
                w[i] = v[i];
            if (left & 1)
                v[0] = w[1] + w[2], v[1] = w[0] ^ w[3], v[2] = w[2] - w[0], v[3] = w[1];
            else if (w[0] > w[1])
                v[0] = w[3], v[1] = w[2], v[2] = w[1], v[3] = w[0];
            else
                v[0] = w[2], v[1] = w[0] + 1, v[2] = w[3] + w[1], v[3] = w[1] ^ w[2];
            checked++;
        }
        CHECK(stirred == (v[0] ^ v[1] << 1 ^ v[2] << 2 ^ v[3] << 3));
        double low = 3, high = opaque_double(3 + steps * 0.5), expect_low = low, expect_high = high;
        float weight = 4;
        for (unsigned left = steps; left > 0; left--) {
            if (expect_low > expect_high) {
                double kept = expect_low;
                expect_low = expect_high, expect_high = kept, weight = -weight;
            }
            double kept = expect_low;
            expect_low = expect_high, expect_high = kept + (double)weight;
            checked++;
        }
        CHECK(between(s, low, high, 4) == expect_low - expect_high * 2);
        checked++;
    }
    CHECK(fibonacci(opaque_unsigned(50), 0, 1) == 12586269025 && fibonacci(10, 2, 1) == 123);

    struct cell cells[30], *lists[2] = {0, 0}, *merged = 0;
    for (int i = 29; i >= 0; i--) {
        int which = opaque_int(i * i * 7 % 5 > 2 ? 1 : 0);
        cells[i].value = i / 2;
        cells[i].next = lists[which];
        lists[which] = &cells[i];
        checked++;
    }
    struct cell **tail = merge_into(&merged, lists[0], lists[1]);
    int count = 0, previous = -1;
    for (struct cell *cell = merged; cell; cell = cell->next, count++) {
        CHECK(cell->value >= previous);
        previous = cell->value;
        checked++;
    }
    CHECK(count == 30 && *tail != 0);
    /* No loop was left out. */
    CHECK(checked == 760);
}
