/* 128-bit arithmetic from pairs of 64-bit words, checked by identities, and against __int128 where there is one:
 * sums, products, shifts, comparisons, division, conversions. */
#include "certify.h"

struct pair { uint64_t low, high; };

static struct pair make(uint64_t high, uint64_t low) { return (struct pair){low, high}; }
static int equal(struct pair a, struct pair b) { return a.low == b.low && a.high == b.high; }
static int below(struct pair a, struct pair b) { return a.high < b.high || (a.high == b.high && a.low < b.low); }

static NOINLINE struct pair add(struct pair a, struct pair b) {
    uint64_t low = a.low + b.low;
    return make(a.high + b.high + (low < b.low), low);
}

static NOINLINE struct pair subtract(struct pair a, struct pair b) {
    return make(a.high - b.high - (a.low < b.low), a.low - b.low);
}

static NOINLINE struct pair shift_left(struct pair a, unsigned n) {
    if (n >= 64)
        return make(a.low << (n - 64), 0);
    return n == 0 ? a : make(a.high << n | a.low >> (64 - n), a.low << n);
}

static NOINLINE struct pair shift_right(struct pair a, unsigned n) {
    if (n >= 64)
        return make(0, a.high >> (n - 64));
    return n == 0 ? a : make(a.high >> n, a.low >> n | a.high << (64 - n));
}

static NOINLINE struct pair shift_right_signed(struct pair a, unsigned n) {
    uint64_t sign = (uint64_t)((int64_t)a.high >> 63);
    if (n >= 64)
        return make(sign, (uint64_t)((int64_t)a.high >> (n - 64)));
    return n == 0 ? a : make((uint64_t)((int64_t)a.high >> n), a.low >> n | a.high << (64 - n));
}

static NOINLINE struct pair multiply(struct pair a, struct pair b) {
    struct pair product = {0, 0};
    for (unsigned n = 0; n < 4; n++)
        for (unsigned m = 0; m + n < 4; m++) {
            uint64_t x = (n < 2 ? a.low : a.high) >> n % 2 * 32 & 0xffffffff;
            uint64_t y = (m < 2 ? b.low : b.high) >> m % 2 * 32 & 0xffffffff;
            product = add(product, shift_left(make(0, x * y), (n + m) * 32));
        }
    return product;
}

static NOINLINE struct pair divide(struct pair a, struct pair b, struct pair *rest) {
    struct pair quotient = {0, 0}, part = {0, 0};
    for (int bit = 127; bit >= 0; bit--) {
        int lost = (int)(part.high >> 63);
        part = shift_left(part, 1);
        part.low |= shift_right(a, (unsigned)bit).low & 1;
        quotient = shift_left(quotient, 1);
        if (lost || !below(part, b)) {
            part = subtract(part, b);
            quotient.low |= 1;
        }
    }
    *rest = part;
    return quotient;
}

#ifdef __SIZEOF_INT128__
typedef unsigned __int128 u128;
typedef __int128 s128;

static u128 join(struct pair a) { return (u128)a.high << 64 | a.low; }
static struct pair split(u128 a) { return make((uint64_t)(a >> 64), (uint64_t)a); }

static NOINLINE unsigned order(u128 a, u128 b) {
    unsigned bits = (unsigned)(a < b) | (unsigned)(a <= b) << 1 | (unsigned)(a == b) << 2;
    if ((s128)a < (s128)b)
        bits |= 8;
    if ((s128)a >= (s128)(b | 1))
        bits |= 16;
    return bits | (a == 0 || (s128)b > 0 ? 32 : 0);
}

static NOINLINE unsigned order_of_pairs(struct pair a, struct pair b) {
    struct pair x = make(a.high ^ INT64_MIN, a.low), y = make(b.high ^ INT64_MIN, b.low), z = make(y.high, b.low | 1);
    unsigned bits = (unsigned)below(a, b) | (unsigned)!below(b, a) << 1 | (unsigned)equal(a, b) << 2;
    bits |= (unsigned)below(x, y) << 3 | (unsigned)!below(x, z) << 4;
    return bits | (unsigned)(!(a.low | a.high) || (!(b.high >> 63) && (b.low | b.high) != 0)) << 5;
}

static void check_native(struct pair a, struct pair b, unsigned n) {
    u128 x = join(a), y = join(b);
    CHECK(equal(split(x + y), add(a, b)) && equal(split(x - y), subtract(a, b)) && equal(split(x * y), multiply(a, b)));
    CHECK(equal(split(x << n), shift_left(a, n)) && equal(split(x >> n), shift_right(a, n)));
    CHECK(equal(split((u128)((s128)x >> n)), shift_right_signed(a, n)) && order(x, y) == order_of_pairs(a, b));
    CHECK(equal(split(x + a.low), add(a, make(0, a.low))) &&
          equal(split(x * 10), add(shift_left(a, 3), shift_left(a, 1))));
    CHECK(equal(split((u128)(s128)(int64_t)a.low), make((int64_t)a.low < 0 ? UINT64_MAX : 0, a.low)));
    CHECK(equal(split(x & ~y), make(a.high & ~b.high, a.low & ~b.low)) && (uint32_t)x == (uint32_t)a.low);
    struct pair rest, quotient;
    if (y != 0) {
        quotient = divide(a, b, &rest);
        CHECK(equal(split(x / y), quotient) && equal(split(x % y), rest));
        if ((b.low & b.high) != UINT64_MAX) {
            s128 sx = (s128)x, sy = (s128)y;
            u128 magnitude = (sx < 0 ? 0 - x : x) / (sy < 0 ? 0 - y : y);
            CHECK((u128)(sx / sy) == ((sx < 0) != (sy < 0) ? 0 - magnitude : magnitude) &&
                  sx % sy == sx - sx / sy * sy);
        }
    }
    quotient = divide(a, make(0, 10), &rest);
    CHECK(equal(split(x / 10), quotient) && (unsigned)(x % 10) == rest.low);
}
#else
static void check_native(struct pair a, struct pair b, unsigned n) {
    CHECK(equal(subtract(add(a, b), a), b) && below(a, b) != (below(b, a) || equal(a, b)));
    CHECK(equal(shift_right(shift_left(make(0, b.low), n / 2), n / 2), make(0, b.low)));
    CHECK(a.high >> 63 || equal(shift_right_signed(a, n), shift_right(a, n)));
}
#endif

PROGRAM(integer_int128) {
    unsigned checked = 0;
    static const uint64_t edges[] = {0, 1, 10, 0x7fffffffffffffff, 0x8000000000000000, UINT64_MAX, 0x123456789abcdef0};
    for (unsigned i = 0; i < 49; i += 2)
        for (unsigned j = i % 3; j < 49; j += 5, checked += opaque_unsigned(1)) {
            struct pair a = {opaque_uint64(edges[i % 7]), opaque_uint64(edges[i / 7])};
            struct pair b = {opaque_uint64(edges[j / 7]), opaque_uint64(edges[j % 7])};
            check_native(a, b, opaque_unsigned((i * 7 + j * 3) % 128));
            struct pair rest, sum = add(a, b), product = multiply(a, b), difference = subtract(a, b);
            CHECK(equal(subtract(sum, b), a) && equal(add(difference, b), a) && equal(product, multiply(b, a)));
            /* (a + b)(a - b) = a a - b b modulo 2^128 */
            CHECK(equal(multiply(sum, difference), subtract(multiply(a, a), multiply(b, b))));
            if (b.low | b.high) {
                struct pair quotient = divide(a, b, &rest);
                CHECK(below(rest, b) && equal(add(multiply(quotient, b), rest), a));
            }
        }

    /* 34! has 39 digits and is the last factorial below 2^128. */
    struct pair factorial = {1, 0}, rest;
    for (uint64_t n = 2; n <= 34; n++)
        factorial = multiply(make(0, opaque_uint64(n)), factorial);
    for (uint64_t n = 34; n > 1; n--, checked += opaque_unsigned(1)) {
        factorial = divide(factorial, make(0, n), &rest);
        CHECK((rest.low | rest.high) == 0);
    }
    CHECK(equal(factorial, make(0, 1)));
    CHECK(checked == 283);
}
