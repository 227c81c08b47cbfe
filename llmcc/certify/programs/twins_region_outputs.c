/* Regions that recur in a function and across functions and differ in which of their values are needed after: one,
 * two, none, an extra one, one behind a branch, one that a later copy of the region takes as input. */
#include "certify.h"

static uint32_t journal[6];

/* The region throughout: r1 = (x + k) * 9, r2 = r1 ^ (y >> 3), r3 = r2 - r1 % 11, r4 = the number of ones in r3's low byte. */
#define REGION(x, y, k, r1, r2, r3, r4) \
    r1 = ((x) + (k)) * 9;               \
    r2 = r1 ^ (y) >> 3;                 \
    r3 = r2 - r1 % 11;                  \
    r4 = 0;                             \
    for (uint32_t b = r3 & 255; b; b &= b - 1) r4++

static NOINLINE uint32_t last_only(uint32_t x, uint32_t y) {
    uint32_t a, b, c, d, e;
    REGION(x, y, 3, a, b, c, d);
    e = d;
    REGION(y, x, 3, a, b, c, d);
    return e * 100 + d;
}

static NOINLINE uint32_t first_needed(uint32_t x, uint32_t y) {
    uint32_t a, b, c, d, a2, b2, c2, d2;
    REGION(x, y, 3, a, b, c, d);
    REGION(y, x, 5, a2, b2, c2, d2);
    return (a - a2) * 7 + (d ^ d2);
}

static NOINLINE uint32_t all_needed(uint32_t x, uint32_t y) {
    uint32_t a, b, c, d, a2, b2, c2, d2;
    REGION(x, y, 3, a, b, c, d);
    journal[0] = a, journal[1] = b, journal[2] = c;
    REGION(x, y, 4, a2, b2, c2, d2);
    return (a + a2) ^ (b - b2) ^ (c * 5 + c2) ^ (d << 8 | d2);
}

static NOINLINE uint32_t behind_branch(uint32_t x, uint32_t y, int want) {
    uint32_t a, b, c, d, total = x;
    if (want & 1) {
        REGION(x, y, 3, a, b, c, d);
        total += d;
    } else {
        REGION(y, x, 3, a, b, c, d);
        total += b;
    }
    if (want & 2)
        total ^= c;
    REGION(total, a, 3, a, b, c, d);
    return want & 4 ? total + a : total + c - d;
}

static NOINLINE uint32_t chained(uint32_t x, uint32_t y) {
    uint32_t a, b, c, d, p, q, r, s;
    REGION(x, y, 1, a, b, c, d);
    REGION(a, b, 1, p, q, r, s);
    REGION(c, s, 1, a, b, c, d);
    REGION(d, p, 1, p, q, r, s);
    REGION(b, r, 1, a, b, c, d);
    journal[3] = p, journal[4] = s;
    return a + b * 3 + c * 5 + d * 7 + q * 11 + r * 13;
}

/* No output at all: the copies only store. */
static NOINLINE void none_needed(uint32_t x, uint32_t y, uint32_t *out) {
    uint32_t a, b, c, d;
    REGION(x, y, 3, a, b, c, d);
    out[0] = a, out[1] = b, out[2] = c + d;
    REGION(out[1], y, 3, a, b, c, d);
    out[1] = a, out[2] += b, out[3] = c + d;
    REGION(out[2], out[0], 3, a, b, c, d);
    out[2] = a, out[3] += b, out[0] = c + d;
}

struct region {
    uint32_t r1, r2, r3, r4;
};

static struct region region(volatile uint32_t x, volatile uint32_t y, uint32_t k) {
    struct region r = {0, 0, 0, 0};
    for (int i = 0; i < 9; i++)
        r.r1 += x + k;
    r.r2 = (r.r1 | y / 8) - (r.r1 & y / 8);
    r.r3 = r.r2 - (r.r1 - r.r1 / 11 * 11);
    for (int bit = 0; bit < 8; bit++)
        r.r4 += r.r3 >> bit & 1;
    return r;
}

PROGRAM(twins_region_outputs) {
    for (uint32_t x = 0; x < 4000000000U; x += 271828183)
        for (uint32_t y = 7; y < 3000000000U; y = y * 19 + 1) {
            uint32_t p = opaque_unsigned(x), q = opaque_unsigned(y);
            struct region xy3 = region(x, y, 3), yx3 = region(y, x, 3), yx5 = region(y, x, 5), xy4 = region(x, y, 4);
            CHECK(last_only(p, q) == xy3.r4 * 100 + yx3.r4);
            CHECK(first_needed(p, q) == (xy3.r1 - yx5.r1) * 7 + (xy3.r4 ^ yx5.r4));
            CHECK(all_needed(p, q) ==
                  ((xy3.r1 + xy4.r1) ^ (xy3.r2 - xy4.r2) ^ (xy3.r3 * 5 + xy4.r3) ^ (xy3.r4 * 256 + xy4.r4)));
            CHECK(journal[0] == xy3.r1 && journal[1] == xy3.r2 && journal[2] == xy3.r3);
            for (int want = 0; want < 8; want++) {
                struct region one = want & 1 ? xy3 : yx3;
                uint32_t total = (x + (want & 1 ? one.r4 : one.r2)) ^ (want & 2 ? one.r3 : 0);
                struct region two = region(total, one.r1, 3);
                /* The last copy overwrites its own input: the second step reads the new one. */
                uint32_t a = two.r1, b = a ^ a >> 3, c = b - a % 11, d = 0;
                for (int bit = 0; bit < 8; bit++)
                    d += c >> bit & 1;
                CHECK(behind_branch(p, q, opaque_int(want)) == total + (want & 4 ? a : c - d));
            }
            struct region one = region(x, y, 1), two = region(one.r1, one.r2, 1), three = region(one.r3, two.r4, 1);
            struct region four = region(three.r4, 0, 1);
            uint32_t q4 = four.r1 ^ four.r1 / 8, r4 = q4 - four.r1 % 11, s4 = 0;
            for (int bit = 0; bit < 8; bit++)
                s4 += r4 >> bit & 1;
            struct region five = region(three.r2, r4, 1);
            CHECK(chained(p, q) == five.r1 + five.r2 * 3 + five.r3 * 5 + five.r4 * 7 + q4 * 11 + r4 * 13);
            CHECK(journal[3] == four.r1 && journal[4] == s4);
            uint32_t out[4];
            none_needed(p, q, out);
            struct region again = region(xy3.r2, y, 3), last = region(xy3.r3 + xy3.r4 + again.r2, xy3.r1, 3);
            CHECK(out[0] == last.r3 + last.r4 && out[1] == again.r1 && out[2] == last.r1);
            CHECK(out[3] == again.r3 + again.r4 + last.r2);
            if (y > 150000000)
                break;
        }
}
