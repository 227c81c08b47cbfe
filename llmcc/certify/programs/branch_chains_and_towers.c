/* The same decisions as a deep chain of if and else, as a tower of conditional expressions, as a tree, and as a product of
 * truth values; the conditions overlap, so that their order matters, and the arms have mixed widths and signs. */
#include "certify.h"

struct sample {
    int32_t temperature;
    uint16_t pressure;
    int8_t trend;
    uint8_t flags;
};

/* The first condition that holds decides. */
static NOINLINE int chain(const struct sample *sample) {
    int32_t t = sample->temperature;
    unsigned p = sample->pressure;
    int code;
    if (sample->flags & 0x80) {
        code = 1;
    } else if (t < -400) {
        code = sample->trend < 0 ? 2 : 3;
    } else if (t > 900 && p > 60000) {
        code = 4;
    } else if (p == 0) {
        code = 5;
    } else if (t > 900) {
        code = 6;
    } else if (p > 60000) {
        if (sample->trend > 50)
            code = 7;
        else if (sample->trend < -50)
            code = 8;
        else if (t < 0)
            code = 9;
        else
            code = 10;
    } else if (t < 0 && sample->trend < 0) {
        code = 11;
    } else if ((sample->flags & 3) == 3) {
        code = 12;
    } else if (sample->flags & 1) {
        code = 13;
    } else if (sample->trend == 0) {
        code = 14;
    } else if (t == (int32_t)p) {
        code = 15;
    } else {
        code = t < (int32_t)p ? 16 : 17;
    }
    return code;
}

static int tower(struct sample s) {
    return s.flags >= 128 ? 1
         : s.temperature < -400 ? (s.trend < 0 ? 2 : 3)
         : s.temperature > 900 ? (s.pressure > 60000 ? 4 : s.pressure ? 6 : 5)
         : s.pressure == 0 ? 5
         : s.pressure > 60000 ? (s.trend > 50 ? 7 : s.trend < -50 ? 8 : s.temperature < 0 ? 9 : 10)
         : s.temperature < 0 && s.trend < 0 ? 11
         : s.flags & 1 ? (s.flags & 2 ? 12 : 13)
         : s.trend == 0 ? 14
         : s.temperature == s.pressure ? 15
         : s.temperature < s.pressure ? 16 : 17;
}

/* Each code with all that must hold for it. */
static int by_truth(const volatile struct sample *s) {
    int alarm = s->flags / 128 == 1, calm = 1 - alarm, cold = s->temperature < -400, hot = s->temperature > 900;
    int dense = s->pressure > 60000, empty = s->pressure == 0, below = s->temperature < 0, falling = s->trend < 0;
    int rest = calm & (cold + hot + empty == 0), plain = rest & (dense + below * falling == 0);
    int one = s->flags % 2, two = s->flags / 2 % 2, even = plain & (1 - one), moving = even & (s->trend != 0);
    int order = s->temperature - s->pressure;
    return alarm + (calm & cold) * (3 - falling) + 4 * (calm & hot & dense) + 5 * (calm & (1 - cold) & empty)
         + 6 * (calm & hot & (dense + empty == 0)) + (rest & dense) * (s->trend > 50 ? 7 : s->trend < -50 ? 8 : below ? 9 : 10)
         + 11 * (rest & (1 - dense) & below & falling) + plain * one * (13 - two) + 14 * (even & (s->trend == 0))
         + moving * (order == 0 ? 15 : 16 + (order > 0));
}

/* Arms of different types meet in the wider one. */
static NOINLINE int64_t mixed_arms(int which, int8_t narrow, uint16_t half, int32_t word, uint32_t large) {
    return which == 0 ? narrow : which == 1 ? half : which == 2 ? word : which == 3 ? (int64_t)large : which == 4 ? narrow + half : -(int64_t)large;
}

static int32_t clamp(int32_t value, int32_t low, int32_t high) { return value < low ? low : value > high ? high : value; }
static int32_t middle(int32_t a, int32_t b, int32_t c) { return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b); }
static int sign(int32_t value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }
static int compare(uint32_t left, uint32_t right) { return left < right ? -1 : left == right ? 0 : 1; }
static int32_t distance(int32_t left, int32_t right) { return left > right ? left - right : right - left; }
static uint32_t wrap_index(uint32_t at, int32_t by, uint32_t size) {
    return by < 0 ? (at < (uint32_t)-by ? at + size - (uint32_t)-by : at - (uint32_t)-by) : at + (uint32_t)by >= size ? at + (uint32_t)by - size : at + (uint32_t)by;
}

PROGRAM(branch_chains_and_towers) {
    static const int32_t temperatures[] = {-401, -400, -399, -1, 0, 1, 7, 899, 900, 901, 60001};
    static const uint16_t pressures[] = {0, 1, 7, 900, 59999, 60000, 60001, 65535};
    static const int8_t trends[] = {-128, -51, -50, -1, 0, 1, 50, 51, 127};
    static const uint8_t flag_sets[] = {0, 1, 2, 3, 7, 127, 128, 131};
    unsigned seen[18] = {0};
    for (unsigned t = 0; t < 11; t++)
        for (unsigned p = 0; p < 8; p++)
            for (unsigned r = 0; r < 9; r++) {
                struct sample sample = {opaque_int(temperatures[t]), pressures[p], trends[r], flag_sets[(t + p + r) % 8]};
                for (unsigned change = 0; change < 2; change++) {
                    int code = chain(&sample);
                    CHECK(code > 0 && code < 18 && code == tower(sample) && code == by_truth(&sample));
                    seen[code]++;
                    sample.flags ^= 0x83;
                }
            }
    for (unsigned code = 1; code < 18; code++)
        CHECK(seen[code] > 0);
    const int8_t narrow = (int8_t)opaque_int(-100);
    const uint16_t half = (uint16_t)opaque_int(65500);
    const uint32_t large = opaque_unsigned(0xFFFFFFF6u);
    static const int64_t arms[] = {-100, 65500, -5, INT64_C(0xFFFFFFF6), 65400, INT64_C(-0xFFFFFFF6)};
    for (int which = 0; which < 6; which++)
        CHECK(mixed_arms(opaque_int(which), narrow, half, -5, large) == arms[which]);
    for (int a = -5; a <= 5; a++)
        for (int b = -5; b <= 5; b++) {
            for (int c = -5; c <= 5; c++) {
                int below = 0, least = a < b ? a : b, most = a + b - least;
                CHECK(middle(opaque_int(a), opaque_int(b), opaque_int(c)) == a + b + c - (least < c ? least : c) - (most > c ? most : c));
                for (int value = -6; value <= 5; value++)
                    below += (value >= a) & (value >= c);
                CHECK(b < c || clamp(opaque_int(a), opaque_int(c), opaque_int(b)) == (6 - below < b ? 6 - below : b));
            }
            CHECK(sign(opaque_int(a)) == (a > 0) - (a < 0) && distance(opaque_int(a), b) * sign(a - b) == a - b);
            CHECK(compare(opaque_unsigned((unsigned)a), (unsigned)b) == (((a < 0) ^ (b < 0)) ? (a < 0 ? 1 : -1) : sign(a - b)));
            CHECK(wrap_index(opaque_unsigned((unsigned)(a + 5)), opaque_int(b), 11) == (unsigned)((a + 5 + b + 11) % 11));
        }
    CHECK(sign(opaque_int(INT32_MIN)) == -1 && compare(opaque_unsigned(0), UINT32_MAX) == -1 && clamp(opaque_int(INT32_MIN), INT32_MIN + 1, 0) == INT32_MIN + 1);
}
