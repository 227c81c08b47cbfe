/* Functions and inlined regions that are equal but for the order of the operands of an operation that does not
 * commute: subtraction, division, remainder, shift, and-not, comparison, selection, copying. */
#include "certify.h"

struct pair {
    int32_t left, right;
};

static int32_t trail[16];
static int marks;

static void mark(int32_t value) { trail[marks++ & 15] = value; }

#define GAP(name, a, b)                                            \
    static int32_t name(int32_t x, int32_t y, int32_t z) {         \
        int32_t gap = a - b;                                       \
        if (gap > z) {                                             \
            mark(gap);                                             \
            gap -= z;                                              \
        }                                                          \
        return gap * 4 + z;                                        \
    }
GAP(gap_xy, x, y)
GAP(gap_yx, y, x)

#define RATIO(name, a, b)                                          \
    static NOINLINE int64_t name(int64_t x, int64_t y) {           \
        if (b == 0)                                                \
            return -1;                                             \
        int64_t whole = a / b, rest = a % b;                       \
        while (rest < 0) {                                         \
            rest += b < 0 ? -b : b;                                \
            whole -= b < 0 ? -1 : 1;                               \
        }                                                          \
        return whole * 1000 + rest;                                \
    }
RATIO(ratio_xy, x, y)
RATIO(ratio_yx, y, x)

#define BITS(name, a, b)                                           \
    static uint32_t name(uint32_t x, uint32_t y) {                 \
        uint32_t kept = a & ~b;                                    \
        kept += a << (b & 7);                                      \
        kept ^= a >> (b & 3);                                      \
        return kept - b;                                           \
    }
BITS(bits_xy, x, y)
BITS(bits_yx, y, x)

#define COPY(name, from, to)                                       \
    static NOINLINE void name(struct pair *p, int32_t step) {      \
        p->to = p->from + step;                                    \
        p->from -= step;                                           \
        if (p->to > p->from)                                       \
            p->from += p->to & 1;                                  \
    }
COPY(copy_left, left, right)
COPY(copy_right, right, left)

#define CHOOSE(name, a, b)                                         \
    static NOINLINE double name(int test, double x, double y) {    \
        double chosen = test ? a : b;                              \
        double other = test ? b : a;                               \
        return (chosen - other) / (a + 8.0) + chosen * 0.5;        \
    }
CHOOSE(choose_xy, x, y)
CHOOSE(choose_yx, y, x)

/* One region four times with the operands turned around in two of them. */
static int32_t regions(const int32_t *v, int32_t *out) {
    int32_t a = v[0], b = v[1], c = v[2], total = 0;
    out[0] = (a - b) * 3 + (c >> 1); total += out[0] < c; mark(out[0]);
    out[1] = (b - a) * 3 + (c >> 1); total += out[1] < c; mark(out[1]);
    out[2] = (a - b) * 3 + (c >> 1); total += c < out[2]; mark(out[2]);
    out[3] = (b - a) * 3 + (c >> 1); total += c < out[3]; mark(out[3]);
    return total;
}

static int64_t floor_ratio(int64_t numerator, int64_t denominator) {
    if (denominator == 0)
        return -1;
    int64_t whole = 0, rest = numerator, size = denominator < 0 ? -denominator : denominator;
    for (; rest < 0; rest += size)
        whole += denominator < 0 ? 1 : -1;
    for (; rest >= size; rest -= size)
        whole -= denominator < 0 ? 1 : -1;
    return whole * 1000 + rest;
}

static uint32_t bits_expected(uint32_t base, uint32_t other) {
    uint32_t kept = base - (base & other), grown = base, shrunk = base;
    for (uint32_t i = 0; i < other % 8; i++)
        grown += grown;
    for (uint32_t i = 0; i < other % 4; i++)
        shrunk /= 2;
    return ((kept + grown) ^ shrunk) + ~other + 1;
}

PROGRAM(twins_operand_order) {
    marks = 0;
    for (int x = -30; x <= 30; x += 7)
        for (int y = -24; y <= 30; y += 6) {
            int32_t p = opaque_int(x), q = opaque_int(y);
            CHECK(ratio_xy(p, q) == floor_ratio(x, y));
            CHECK(ratio_yx(p, q) == floor_ratio(y, x));
            int up = x - y > 9, down = y - x > 9, before = marks;
            CHECK(gap_xy(p, q, 9) == (x - y) * 4 + (up ? -27 : 9));
            CHECK(gap_yx(p, q, 9) == (y - x) * 4 + (down ? -27 : 9));
            CHECK(marks == before + up + down);
            CHECK((!up || trail[before & 15] == x - y) && (!down || trail[before & 15] == y - x));
            CHECK(bits_xy((uint32_t)p, (uint32_t)q) == bits_expected((uint32_t)x, (uint32_t)y));
            CHECK(bits_yx((uint32_t)p, (uint32_t)q) == bits_expected((uint32_t)y, (uint32_t)x));
            struct pair one = {p, q}, two = {p, q};
            copy_left(&one, 5);
            copy_right(&two, 5);
            CHECK(one.right == x + 5 && one.left == x - 5 + ((x + 5) & 1));
            CHECK(two.left == y + 5 && two.right == y - 5 + ((y + 5) & 1));
        }
    CHECK(choose_xy(opaque_int(1), 24.0, 8.0) == 12.5 && choose_xy(opaque_int(0), 24.0, 8.0) == 3.5);
    CHECK(choose_yx(opaque_int(1), 24.0, 8.0) == 3.0 && choose_yx(opaque_int(0), 24.0, 8.0) == 13.0);
    int32_t v[3] = {opaque_int(19), opaque_int(4), opaque_int(50)}, out[4];
    marks = 0;
    CHECK(regions(v, out) == 2 && marks == 4);
    for (int i = 0; i < 4; i++)
        CHECK(out[i] == (i % 2 ? -20 : 70) && trail[i] == out[i]);
    v[0] = opaque_int(2);
    CHECK(regions(v, out) == 2 && out[0] == 19 && out[1] == 31 && trail[6] == 19 && trail[7] == 31);
}
