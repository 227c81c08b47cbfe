/* Single precision sums, differences, products and quotients, rounded to nearest even, subnormal and overflowing
 * ones included, bit by bit against the same operations done with integers. */
#include "certify.h"

union single { float value; uint32_t bits; };

static uint32_t bits_of(float value) { return ((union single){.value = value}).bits; }
static float float_of(uint32_t bits) { return ((union single){.bits = bits}).value; }

struct parts { int negative, exponent; uint64_t mantissa; };

/* The value is mantissa * 2^exponent, the mantissa of 24 bits, or zero. */
static struct parts unpack(uint32_t bits) {
    struct parts p = {(int)(bits >> 31), (int)(bits >> 23 & 0xff) - 150, bits & 0x7fffff};
    if (p.exponent > -150)
        p.mantissa |= 0x800000;
    else
        p.exponent++;
    while (p.mantissa && !(p.mantissa & 0x800000)) {
        p.mantissa <<= 1;
        p.exponent--;
    }
    return p;
}

static NOINLINE uint32_t pack(struct parts p) {
    uint32_t sign = (uint32_t)p.negative << 31;
    if (p.mantissa == 0)
        return sign;
    while (!(p.mantissa >> 63)) {
        p.mantissa <<= 1;
        p.exponent--;
    }
    int top = p.exponent + 63, drop = 40 + (top < -126 ? -126 - top : 0);
    if (drop > 64)
        return sign;
    uint64_t kept = drop == 64 ? 0 : p.mantissa >> drop, half = (uint64_t)1 << (drop - 1);
    uint64_t rest = p.mantissa & (half | (half - 1));
    if (rest > half || (rest == half && (kept & 1)))
        kept++;
    uint64_t magnitude = kept + ((uint64_t)(top < -126 ? 0 : top + 126) << 23);
    return sign | (magnitude >= 0x7f800000 ? 0x7f800000 : (uint32_t)magnitude);
}

static NOINLINE uint32_t sum(uint32_t x, uint32_t y) {
    struct parts a = unpack(x), b = unpack(y);
    if (a.mantissa == 0 || (b.mantissa != 0 && a.exponent < b.exponent)) {
        struct parts swap = a;
        a = b;
        b = swap;
    }
    if (a.mantissa == 0)
        return x & y;
    int distance = a.exponent - b.exponent;
    a.mantissa <<= 38, a.exponent -= 38;
    b.mantissa <<= 38;
    if (b.mantissa != 0 && distance > 0) {
        /* What is shifted out stays as one sticky bit. */
        uint64_t shifted = distance > 61 ? 0 : b.mantissa >> distance;
        b.mantissa = shifted | (distance > 61 || shifted << distance != b.mantissa);
    }
    if (a.negative == b.negative)
        a.mantissa += b.mantissa;
    else if (a.mantissa >= b.mantissa)
        a.mantissa -= b.mantissa;
    else
        a.mantissa = b.mantissa - a.mantissa, a.negative = b.negative;
    if (a.mantissa == 0)
        a.negative = 0;
    return pack(a);
}

static NOINLINE uint32_t product(uint32_t x, uint32_t y) {
    struct parts a = unpack(x), b = unpack(y);
    return pack((struct parts){a.negative ^ b.negative, a.exponent + b.exponent, a.mantissa * b.mantissa});
}

static NOINLINE uint32_t quotient(uint32_t x, uint32_t y) {
    struct parts a = unpack(x), b = unpack(y);
    uint64_t dividend = a.mantissa << 38, result = dividend / b.mantissa;
    result = result << 1 | (dividend % b.mantissa != 0);
    return pack((struct parts){a.negative ^ b.negative, a.exponent - b.exponent - 39, result});
}

static float add(float a, float b) { return a + b; }
static float subtract(float a, float b) { return a - b; }
static NOINLINE float multiply(float a, float b) { return a * b; }
static NOINLINE float divide(float a, float b) { return a / b; }

static void check(uint32_t x, uint32_t y) {
    float a = float_of(x), b = float_of(y);
    CHECK(bits_of(add(a, b)) == sum(x, y));
    CHECK(bits_of(subtract(a, b)) == sum(x, y ^ 0x80000000));
    CHECK(bits_of(multiply(a, b)) == product(x, y));
    if (y << 1 != 0)
        CHECK(bits_of(divide(a, b)) == quotient(x, y));
}

PROGRAM(float_rounding) {
    unsigned checked = 0;
    static const uint32_t edges[] = {0, 1, 3, 0x007fffff, 0x00800000, 0x00800001, 0x33800000, 0x34000001, 0x3f000000,
                                     0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fc00001, 0x40400000, 0x4b7fffff,
                                     0x4b800001, 0x5f000000, 0x7f000000, 0x7f7fffff};
    for (int i = 0; i < 19; i++)
        for (int j = 0; j < 19; j++, checked += opaque_unsigned(1))
            check(opaque_unsigned(edges[i]), opaque_unsigned(edges[j] | (uint32_t)((i + j) % 3 == 1) << 31));
    uint32_t state = opaque_unsigned(0xdecade);
    for (int i = 0; i < 300; i++, checked += opaque_unsigned(1)) {
        state = state * 1664525 + 1013904223;
        uint32_t x = state ^ state >> 15, y;
        state = state * 1664525 + 1013904223;
        /* Half of the pairs have exponents near each other, where sums cancel. */
        y = i % 2 ? state : (x & 0x7f800000) + (state >> 8) - (state & 0x02000000);
        if ((x >> 23 & 255) != 255 && (y >> 23 & 255) != 255)
            check(x, y);
    }
    /* 1 / 3, its double, and the largest value that 1 does not change */
    CHECK(bits_of(divide(1, 3)) == 0x3eaaaaab && bits_of(add(16777216, 1)) == 0x4b800000 &&
          bits_of(add(16777216, 3)) == 0x4b800002);
    CHECK(checked == 661);
}
