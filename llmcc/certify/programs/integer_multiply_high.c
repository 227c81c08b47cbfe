/* The high half of products of 8 to 64 bits, signed and unsigned, from wider types, partial products and digit by
 * digit, and what is built upon it: fixed point, scaling by a fraction, reduction by a reciprocal. */
#include "certify.h"

/* Digits of 16 bits, multiplied on paper; out gets all 128 bits. */
static NOINLINE void on_paper(uint64_t a, uint64_t b, uint16_t out[8]) {
    for (int i = 0; i < 8; i++)
        out[i] = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t carry = 0;
        for (int j = 0; j < 4; j++) {
            carry += (uint32_t)(uint16_t)(a >> 16 * i) * (uint16_t)(b >> 16 * j) + out[i + j];
            out[i + j] = (uint16_t)carry;
            carry >>= 16;
        }
        out[i + 4] = (uint16_t)carry;
    }
}

static uint64_t join(const uint16_t *digits) {
    return digits[0] | (uint64_t)digits[1] << 16 | (uint64_t)digits[2] << 32 | (uint64_t)digits[3] << 48;
}

static NOINLINE uint64_t high_unsigned64(uint64_t a, uint64_t b) {
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t low = al * bl, middle = ah * bl + (low >> 32), other = al * bh + (uint32_t)middle;
    return ah * bh + (middle >> 32) + (other >> 32);
}

static NOINLINE int64_t high_signed64(int64_t a, int64_t b) {
    uint64_t high = high_unsigned64((uint64_t)a, (uint64_t)b);
    return (int64_t)(high - (a < 0 ? (uint64_t)b : 0) - (b < 0 ? (uint64_t)a : 0));
}

static NOINLINE uint32_t high_unsigned32(uint32_t a, uint32_t b) { return (uint32_t)((uint64_t)a * b >> 32); }
static NOINLINE int32_t high_signed32(int32_t a, int32_t b) { return (int32_t)((int64_t)a * b >> 32); }
static NOINLINE int32_t high_mixed32(int32_t a, uint32_t b) { return (int32_t)((int64_t)a * b >> 32); }
static NOINLINE int32_t high_rounded32(int32_t a, int32_t b) { return (int32_t)(((int64_t)a * b + 0x80000000) >> 32); }
static uint16_t high_unsigned16(uint16_t a, uint16_t b) { return (uint16_t)((uint32_t)a * b >> 16); }
static int16_t high_signed16(int16_t a, int16_t b) { return (int16_t)(a * b >> 16); }
static uint8_t high_unsigned8(uint8_t a, uint8_t b) { return (uint8_t)(a * b >> 8); }

static void check64(uint64_t a, uint64_t b) {
    uint16_t digits[8];
    on_paper(a, b, digits);
    uint64_t low = join(digits), high = join(digits + 4);
    CHECK(high_unsigned64(a, b) == high && a * b == low);
    uint64_t corrected = high - (a >> 63) * b - (b >> 63) * a;
    CHECK((uint64_t)high_signed64((int64_t)a, (int64_t)b) == corrected);
#ifdef __SIZEOF_INT128__
    unsigned __int128 product = (unsigned __int128)a * b;
    CHECK((uint64_t)(product >> 64) == high && (uint64_t)(product >> 48) == (high << 16 | low >> 48));
    CHECK((uint64_t)((__int128)(int64_t)a * (int64_t)b >> 64) == corrected);
    CHECK((uint64_t)((unsigned __int128)a * (uint32_t)b >> 64) == high_unsigned64(a, (uint32_t)b));
    product += (unsigned __int128)b << 64 | a;
    CHECK((uint64_t)product == low + a && (uint64_t)(product >> 64) == high + b + (low + a < low));
#endif
    uint32_t x = (uint32_t)(a ^ a >> 32), y = (uint32_t)(b ^ b >> 32);
    on_paper(x, y, digits);
    low = join(digits);
    uint32_t signs = (x >> 31) * y + (y >> 31) * x, top = (uint32_t)(low >> 32);
    CHECK(high_unsigned32(x, y) == top && (uint32_t)high_signed32((int32_t)x, (int32_t)y) == top - signs);
    CHECK((uint32_t)high_mixed32((int32_t)x, y) == top - (x >> 31) * y);
    CHECK((uint32_t)high_rounded32((int32_t)x, (int32_t)y) == top - signs + ((uint32_t)low >> 31));
    uint16_t s = (uint16_t)x, t = (uint16_t)y;
    on_paper(s, t, digits);
    CHECK(high_unsigned16(s, t) == digits[1]);
    CHECK((uint16_t)high_signed16((int16_t)s, (int16_t)t) == (uint16_t)(digits[1] - (s >> 15) * t - (t >> 15) * s));
    CHECK(high_unsigned8((uint8_t)s, (uint8_t)t) == (uint8_t)((s & 255u) * (t & 255u) / 256));
}

/* Horner's scheme in fixed point of 31 bits, truncated downwards at each step. */
static NOINLINE int32_t horner(int32_t x, const int32_t *c, int count) {
    int32_t sum = 0;
    while (count-- > 0)
        sum = (int32_t)((int64_t)sum * x >> 31) + c[count];
    return sum;
}

static NOINLINE int32_t horner_by_halves(int32_t x, const int32_t *c, int count) {
    int32_t sum = 0;
    for (int i = count - 1; i >= 0; i--)
        sum = (int32_t)((uint32_t)high_signed32(sum, x) << 1 | (uint32_t)sum * (uint32_t)x >> 31) + c[i];
    return sum;
}

/* The remainder by a reciprocal that is rounded down, so that the quotient is at most one too small. */
static NOINLINE uint32_t reduce(uint32_t x, uint32_t modulus, uint32_t reciprocal) {
    uint32_t rest = x - high_unsigned32(x, reciprocal) * modulus;
    return rest >= modulus ? rest - modulus : rest;
}

PROGRAM(integer_multiply_high) {
    unsigned checked = 0;
    static const uint64_t edges[] = {0, 1, 0xffff, 0x8000000000000000, 0x7fffffffffffffff, 0xffffffff, 0x100000000,
                                     UINT64_MAX, 0x123456789abcdef, 0xfedcba9876543210, 0x80000000, 0xffffffff00000001};
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < 12; j++, checked += opaque_unsigned(1))
            check64(opaque_uint64(edges[i]), opaque_uint64(edges[j]));

    const int32_t c[5] = {1000003, -20000007, opaque_int(0x10000000), -0x0badcafe, 0x12345678};
    for (int32_t x = -0x7f000000, i = 0; i < 120; i++, x += 35500001)
        CHECK(horner(opaque_int(x), c, 5) == horner_by_halves(x, c, 5));
    CHECK(horner(opaque_int(-0x7fffffff - 1), c, 2) == 1000003 + 20000007);

    static const uint32_t moduli[] = {3, 10, 641, 65537, 1000003, 0x7fffffff, 0x80000001, 0xfffffffb};
    for (int i = 0; i < 8; i++) {
        uint32_t modulus = opaque_unsigned(moduli[i]), reciprocal = (uint32_t)(0x100000000 / modulus);
        uint32_t value = 1, rest = 1 % modulus;
        for (int n = 0; n < 60; n++, checked += opaque_unsigned(1)) {
            CHECK(reduce(value, modulus, reciprocal) == value % modulus);
            CHECK(reduce(0 - value, modulus, reciprocal) == (0 - value) % modulus);
            value = value * 1664525 + 1013904223;
            rest = reduce(rest + (modulus >> 1), modulus, reciprocal);
            CHECK(rest < modulus);
        }
    }
    CHECK(high_unsigned64(UINT64_MAX, UINT64_MAX) == UINT64_MAX - 1 &&
          high_signed64(INT64_MIN, INT64_MIN) == (int64_t)1 << 62);
    CHECK(high_signed16(-32768, -32768) == 16384 && high_signed32(-1, 1) == -1 && high_rounded32(-1, 1) == 0);
    CHECK(checked == 624);
}
