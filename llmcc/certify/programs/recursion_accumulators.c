/* Recursion with an operation after the call: what an accumulator may carry (+ * & | ^) and what it may not (- / shifts, floats). */
#include "certify.h"

static const uint32_t *data;

static uint32_t sum(unsigned n) { return n == 0 ? 0 : data[n - 1] + sum(n - 1); }
static uint32_t product(unsigned n) { return n == 0 ? 1 : product(n - 1) * (data[n - 1] | 1); }
static uint32_t all(unsigned n) { return n == 0 ? ~0u : (data[n - 1] | 0xff) & all(n - 1); }
static uint32_t any(unsigned n) { return n == 0 ? 0 : any(n - 1) | (data[n - 1] & 0xff0); }
static uint32_t parity(unsigned n) { return n == 0 ? 0 : data[n - 1] ^ parity(n - 1); }
static uint32_t alternate(unsigned n) { return n == 0 ? 0 : data[n - 1] - alternate(n - 1); }
static uint32_t descend(unsigned n) { return n == 0 ? 0 : descend(n - 1) - data[n - 1]; }
static uint32_t digits(unsigned n) { return n == 0 ? 0 : digits(n - 1) * 10 + data[n - 1] % 10; }
static uint32_t halve(unsigned n) { return n == 0 ? 0 : (halve(n - 1) + data[n - 1] % 100000) / 2; }
static uint32_t largest(unsigned n) {
    if (n == 0)
        return 0;
    uint32_t rest = largest(n - 1);
    return data[n - 1] > rest ? data[n - 1] : rest;
}

/* Two ways to end and three to go on; only some add something. */
static uint32_t uneven(unsigned n) {
    if (n == 0)
        return 5;
    if (data[n - 1] % 16 == 3)
        return n * 1000;
    if (data[n - 1] & 4)
        return uneven(n - 1);
    if (data[n - 1] & 8)
        return 3 + uneven(n - 1);
    return uneven(n - 1) + data[n - 1] % 7;
}

/* An addition and a multiplication cannot share one accumulator. */
static uint32_t both(unsigned n) {
    if (n == 0)
        return 1;
    if (data[n - 1] & 1)
        return 3 * both(n - 1);
    return both(n - 1) + 7;
}

static uint8_t narrow_sum(unsigned n) { return n == 0 ? 0 : (uint8_t)(narrow_sum(n - 1) + (uint8_t)data[n - 1]); }

/* The order matters: 2^80 swallows what is added to it. */
static double float_sum(const double *values, unsigned n) { return n == 0 ? 0 : values[n - 1] + float_sum(values, n - 1); }
static double float_product(const double *values, unsigned n) { return n == 0 ? 1 : float_product(values, n - 1) * values[n - 1]; }

/* The call is made for what it does, the value comes from before it. */
static unsigned visits;
static unsigned count_down(unsigned n) {
    unsigned before = visits;
    visits += n;
    if (n > 0)
        count_down(n - 1);
    return before;
}

static unsigned nested(unsigned n) { return n > 20 ? n - 3 : nested(nested(n + 4)); }

PROGRAM(recursion_accumulators) {
    unsigned checked = 0;
    uint32_t values[40];
    uint32_t state = opaque_unsigned(2463534242u);
    for (unsigned i = 0; i < 40; i++) {
        state ^= state << 13, state ^= state >> 17, state ^= state << 5;
        values[i] = state;
        checked++;
    }
    data = values;
    uint32_t s = 0, p = 1, a = ~0u, o = 0, x = 0, alt = 0, desc = 0, dec = 0, half = 0, big = 0, un = 5, bo = 1;
    uint8_t narrow = 0;
    for (unsigned n = 0; n <= 40; n++) {
        unsigned m = opaque_unsigned(n);
        CHECK(sum(m) == s && product(m) == p && all(m) == a && any(m) == o && parity(m) == x);
        CHECK(alternate(m) == alt && descend(m) == desc && digits(m) == dec && halve(m) == half && largest(m) == big);
        CHECK(uneven(m) == un && both(m) == bo && narrow_sum(m) == narrow);
        visits = 10;
        CHECK(count_down(m) == 10 && visits == 10 + n * (n + 1) / 2);
        if (n == 40)
            break;
        uint32_t v = values[n];
        s += v, p *= v | 1, a &= v | 0xff, o |= v & 0xff0, x ^= v;
        alt = v - alt, desc -= v, dec = dec * 10 + v % 10, half = (half + v % 100000) / 2, big = v > big ? v : big;
        un = v % 16 == 3 ? (n + 1) * 1000 : v & 4 ? un : v & 8 ? un + 3 : un + v % 7;
        bo = v & 1 ? bo * 3 : bo + 7;
        narrow = (uint8_t)(narrow + v);
        checked++;
    }
    const double huge = opaque_double(1208925819614629174706176.0), tiny = 1 / huge;
    const double swallowed[4] = {1, huge, -huge, 3}, kept[4] = {huge, -huge, 1, 3};
    CHECK(float_sum(swallowed, opaque_unsigned(4)) == 3 && float_sum(kept, opaque_unsigned(4)) == 4);
    CHECK(float_sum(swallowed, 3) == 0 && float_sum(kept, 2) == 0 && float_sum(swallowed, 1) == 1);
    const double factors[4] = {tiny, huge, 0.5, 3};
    CHECK(float_product(factors, opaque_unsigned(4)) == 1.5 && float_product(factors + 1, 1) == huge);
    const double negative[2] = {-1, 0};
    CHECK(__builtin_signbit(float_product(negative, opaque_unsigned(2))) && !__builtin_signbit(float_product(negative + 1, 1)));
    for (unsigned n = 0; n < 40; n++)
        CHECK(nested(opaque_unsigned(n)) == (n > 20 ? n - 3 : 18));
    /* No loop was left out. */
    CHECK(checked == 80);
}
