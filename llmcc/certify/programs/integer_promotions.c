/* Integer promotions and the usual conversions: narrow operands computed as int, mixed signs as unsigned, compound
 * assignments that compute wide and store narrow; each against the same steps spelled out in 64 bits. */
#include "certify.h"

#pragma GCC diagnostic ignored "-Wsign-compare"

static NOINLINE int sum_exceeds(uint8_t a, uint8_t b, uint8_t limit) { return a + b > limit; }
static NOINLINE int wrapped_sum_exceeds(uint8_t a, uint8_t b, uint8_t limit) { return (uint8_t)(a + b) > limit; }
static NOINLINE int difference_negative(uint16_t a, uint16_t b) { return a - b < 0; }
static NOINLINE int unsigned_difference_negative(uint32_t a, int16_t b) { return a - b > 0x7fffffff; }
static NOINLINE int complement_equal(uint8_t a, uint8_t b) { return ~a == b; }
static NOINLINE int wrapped_complement_equal(uint8_t a, uint8_t b) { return (uint8_t)~a == b; }
static NOINLINE int same_byte(int8_t a, uint8_t b) { return a == b; }
static NOINLINE int same_wrapped_byte(int8_t a, uint8_t b) { return (uint8_t)a == b; }
static NOINLINE int32_t halved_complement(uint8_t a) { return ~a >> 1; }
static NOINLINE uint32_t halved_wrapped_complement(uint8_t a) { return (uint8_t)~a >> 1; }

static NOINLINE int64_t choose(int which, int8_t narrow, uint32_t wide) { return which ? narrow : wide; }
static NOINLINE int64_t choose_signed(int which, int8_t narrow, int64_t wide) { return which ? narrow : wide; }

/* Compound assignments to narrow objects, one operator at a time. */
static NOINLINE void compound(uint8_t *u8, int8_t *s8, uint16_t *u16, int16_t *s16, int32_t operand) {
    *u8 += operand & 0xfff;
    *s8 ^= operand;
    *u16 /= -3;
    *s16 %= 1000u;
    if (operand & 4) {
        *u8 >>= 1;
        *s8 >>= 1;
        *u16 |= *s8;
    } else {
        *u8 *= *u8;
        *s8 -= 200;
        *u16 &= *s8;
    }
    *s16 += *u16;
}

static int64_t low(int64_t value, int bits) { return value & (((int64_t)1 << bits) - 1); }

static int64_t low_signed(int64_t value, int bits) {
    value = low(value, bits);
    return value >= (int64_t)1 << (bits - 1) ? value - ((int64_t)1 << bits) : value;
}

static NOINLINE void compound_model(int64_t v[4], int32_t operand) {
    v[0] = low(v[0] + (operand & 0xfff), 8);
    v[1] = low_signed(v[1] ^ operand, 8);
    v[2] = low(-(v[2] / 3), 16);
    v[3] = low_signed(low(v[3], 32) % 1000, 16);
    if (operand & 4) {
        v[0] = v[0] / 2;
        v[1] = v[1] >= 0 ? v[1] / 2 : -((1 - v[1]) / 2);
        v[2] = low(v[2] | v[1], 16);
    } else {
        v[0] = low(v[0] * v[0], 8);
        v[1] = low_signed(v[1] - 200, 8);
        v[2] = low(v[2] & v[1], 16);
    }
    v[3] = low_signed(v[3] + v[2], 16);
}

static void check_pair(int a, int b) {
    uint8_t ua = (uint8_t)a, ub = (uint8_t)b;
    int8_t sa = (int8_t)a;
    int64_t wa = low(a, 8), wb = low(b, 8), na = low_signed(a, 8);
    CHECK(sum_exceeds(ua, ub, 200) == (wa + wb > 200));
    CHECK(wrapped_sum_exceeds(ua, ub, 200) == (low(wa + wb, 8) > 200));
    CHECK(difference_negative(ua, ub) == (wa < wb));
    CHECK(difference_negative((uint16_t)a, (uint16_t)b) == (low(a, 16) < low(b, 16)));
    CHECK(unsigned_difference_negative(ua, (int16_t)b) == (wa < (int16_t)b));
    CHECK(!complement_equal(ua, ub));
    CHECK(wrapped_complement_equal(ua, ub) == (wa + wb == 255));
    CHECK(same_byte(sa, ub) == (na == wb));
    CHECK(same_wrapped_byte(sa, ub) == (wa == wb));
    CHECK(halved_complement(ua) == (-1 - wa - (wa % 2 == 0)) / 2);
    CHECK(halved_wrapped_complement(ua) == (255 - wa) / 2);
    CHECK(choose(opaque_int(1), sa, 5) == (na < 0 ? na + 0x100000000 : na));
    CHECK(choose_signed(opaque_int(1), sa, 5) == na);
    CHECK(choose(opaque_int(0), sa, 0x80000000u + ub) == 0x80000000 + wb);

    uint8_t u8 = ua;
    int8_t s8 = sa;
    uint16_t u16 = (uint16_t)(a * 257);
    int16_t s16 = (int16_t)(b * -129);
    int64_t model[4] = {wa, na, low(a * 257, 16), low_signed(b * -129, 16)};
    for (int round = 0; round < 3; round++) {
        compound(&u8, &s8, &u16, &s16, a * 31 + b - round);
        compound_model(model, a * 31 + b - round);
        CHECK(u8 == model[0] && s8 == model[1] && u16 == model[2] && s16 == model[3]);
    }
}

PROGRAM(integer_promotions) {
    unsigned checked = 0;
    for (int a = -140; a < 300; a += 23)
        for (int b = -1; b < 260; b += 9, checked += opaque_unsigned(1))
            check_pair(opaque_int(a), opaque_int(b));

    CHECK(sum_exceeds(255, 255, 255) && !wrapped_sum_exceeds(255, 2, 1));
    int minus_one = opaque_int(-1);
    unsigned one = opaque_unsigned(1);
    CHECK(minus_one > one && (int64_t)minus_one < one && minus_one * (uint64_t)one == UINT64_MAX);
    CHECK(minus_one + one == 0 && minus_one / 2 * one == 0 && minus_one / 2u == 0x7fffffff);
    CHECK((_Bool)(minus_one + 1) == 0 && (_Bool)0x100 == 1 && (uint8_t)0x100 == 0);
    CHECK(checked == 580);
}
