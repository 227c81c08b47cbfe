/* Minimum, maximum, absolute value, clamping, sign, median and selected constants, as conditional expressions,
 * branches, masks and by sorting, and loops that carry the best value and where it was. */
#include "certify.h"

static int32_t min_ternary(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t min_negated(int32_t a, int32_t b) { return !(b < a) ? a : b; }
static int32_t max_ternary(int32_t a, int32_t b) { return a > b ? a : b; }
static int32_t max_or_equal(int32_t a, int32_t b) { return a <= b ? b : a; }

static NOINLINE int32_t min_branch(int32_t a, int32_t b) {
    if (a < b)
        return a;
    return b;
}

static NOINLINE uint32_t min_unsigned(uint32_t a, uint32_t b) { return a < b ? a : b; }
static NOINLINE uint32_t max_mask(uint32_t a, uint32_t b) { return a ^ ((a ^ b) & (0u - (a < b))); }
static NOINLINE int32_t min_mask(int32_t a, int32_t b) { return b ^ ((a ^ b) & -(a < b)); }
static NOINLINE int32_t abs_mask(int32_t a) {
    return (int32_t)(((uint32_t)a ^ (uint32_t)(a >> 31)) - (uint32_t)(a >> 31));
}
static NOINLINE int32_t abs_ternary(int32_t a) { return a < 0 ? -a : a; }
static NOINLINE int32_t negative_abs(int32_t a) { return a < 0 ? a : -a; }
static NOINLINE int8_t abs_narrow(int8_t a) { return (int8_t)(a < 0 ? -a : a); }
static NOINLINE int64_t abs_wide(int64_t a) { return a > -1 ? a : -a; }

static NOINLINE int32_t clamp_nested(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}
static NOINLINE int32_t clamp_composed(int32_t x, int32_t low, int32_t high) {
    return min_ternary(max_ternary(x, low), high);
}
static NOINLINE int32_t clamp_constant(int32_t x) { return x < -100 ? -100 : x > 155 ? 155 : x; }

static NOINLINE int32_t sign_difference(int32_t a) { return (a > 0) - (a < 0); }
static NOINLINE int32_t sign_nested(int32_t a) { return a > 0 ? 1 : a < 0 ? -1 : 0; }
static NOINLINE int32_t sign_shift(int32_t a) { return a >> 31 | (a != 0); }

static NOINLINE int32_t median(int32_t a, int32_t b, int32_t c) {
    return max_ternary(min_ternary(a, b), min_negated(max_or_equal(a, b), c));
}

static NOINLINE int32_t median_branches(int32_t a, int32_t b, int32_t c) {
    if (a < b) {
        if (b < c)
            return b;
        return a < c ? c : a;
    }
    if (a < c)
        return a;
    return b < c ? c : b;
}

static NOINLINE uint32_t distance(uint32_t a, uint32_t b) { return a > b ? a - b : b - a; }
static NOINLINE uint32_t distance_extremes(uint32_t a, uint32_t b) { return max_mask(a, b) - min_unsigned(a, b); }

/* Pairs of constants one or a power of two apart, and an operation done or left out. */
static NOINLINE int32_t constants(int32_t x, int32_t y) {
    int32_t r = x < 0 ? -1 : 1;
    r += y != 0 ? 16 : 0;
    r ^= x > y ? 0x7001 : 0x7000;
    r = x == y ? r + 5 : r;
    r -= x & 1 ? y & 0xff : 0;
    r = y & 4 ? -r : r;
    r |= x < 10 && y < 10 ? 1 << 20 : x >= 10 && y >= 10 ? 3 << 20 : 0;
    return r;
}

static NOINLINE int32_t constants_branches(int32_t x, int32_t y) {
    int32_t r = 1;
    if (x < 0)
        r = -1;
    if (y)
        r += 16;
    r ^= 0x7000;
    if (x > y)
        r ^= 1;
    if (x == y)
        r += 5;
    if (x % 2)
        r -= y & 0xff;
    if ((y & 4) != 0)
        r = 0 - r;
    if (x < 10) {
        if (y < 10)
            r |= 1 << 20;
    } else if (y > 9)
        r |= 3 << 20;
    return r;
}

struct extremes { int32_t least, greatest; int where_least, where_greatest; };

/* The first of equal values counts; negative ones only while skip is off. */
static NOINLINE struct extremes scan(const int32_t *v, int count, int skip) {
    struct extremes e = {INT32_MAX, INT32_MIN, -1, -1};
    for (int i = 0; i < count; i++) {
        if (skip && v[i] < 0)
            continue;
        e.where_least = v[i] < e.least ? i : e.where_least;
        e.least = min_ternary(v[i], e.least);
        if (v[i] > e.greatest) {
            e.greatest = v[i];
            e.where_greatest = i;
        }
    }
    return e;
}

PROGRAM(integer_select_shapes) {
    unsigned checked = 0;
    static const int32_t edges[] = {0, 1, -1, 4, 9, 10, 127, -127, 155, 156, -100, -101, INT32_MAX, -INT32_MAX,
                                    INT32_MIN, 77};
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++, checked += opaque_unsigned(1)) {
            int32_t a = opaque_int(edges[i]), b = opaque_int(edges[j]), c = opaque_int(edges[(i + j) % 16]);
            int32_t sorted[3] = {a, b, c};
            for (int n = 0; n < 3; n++) {
                int at = n & 1;
                int32_t first = sorted[at], second = sorted[at + 1];
                int swap = (int64_t)first - second > 0;
                sorted[at] = swap ? second : first;
                sorted[at + 1] = swap ? first : second;
            }
            int32_t least = (int64_t)a - b < 0 ? a : b, greatest = least == a ? b : a;
            CHECK(min_ternary(a, b) == least && min_negated(a, b) == least && min_branch(a, b) == least);
            CHECK(min_mask(a, b) == least && max_or_equal(a, b) == greatest);
            CHECK(median(a, b, c) == sorted[1] && median_branches(a, b, c) == sorted[1]);
            CHECK(min_ternary(least, c) == sorted[0] && max_ternary(greatest, c) == sorted[2]);
            CHECK(clamp_nested(b, sorted[0], sorted[1]) == clamp_composed(b, sorted[0], sorted[1]));
            int64_t gap = (int64_t)(uint32_t)a - (uint32_t)b;
            CHECK(distance((uint32_t)a, (uint32_t)b) == (gap < 0 ? -gap : gap));
            CHECK(distance_extremes((uint32_t)a, (uint32_t)b) == (gap < 0 ? -gap : gap));
            CHECK(constants(a, b) == constants_branches(a, b));
            int32_t sign = sign_difference(a);
            CHECK(sign_nested(a) == sign && sign_shift(a) == sign && clamp_constant(a) == clamp_nested(a, -100, 155));
            CHECK(abs_mask(a) == (int32_t)((uint32_t)a * (uint32_t)(sign | 1)));
            CHECK(a == INT32_MIN || (abs_ternary(a) == abs_mask(a) && negative_abs(a) == -abs_mask(a)));
            CHECK(abs_wide(a) == (int64_t)a * sign && abs_narrow((int8_t)(a % 128)) == abs_ternary(a % 128));
        }

    int32_t v[23];
    for (int i = 0; i < 23; i++)
        v[i] = opaque_int(i * 37 % 23 * 10 - 95 - (i == 20) * 1000);
    v[6] = v[11] = 400;
    struct extremes all = scan(v, 23, opaque_int(0)), some = scan(v, 23, opaque_int(1)), none = scan(v, 0, 0);
    CHECK(all.least == -1055 && all.where_least == 20 && all.greatest == 400 && all.where_greatest == 6);
    CHECK(some.greatest == 400 && some.where_greatest == 6 && some.least == 5 && v[some.where_least] == 5);
    CHECK(none.least == INT32_MAX && none.where_greatest == -1 && checked == 256);
}
