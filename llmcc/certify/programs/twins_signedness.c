/* Functions and regions that are equal but for signedness: comparison, right shift, division, remainder, widening,
 * minimum, conversion to floating point and the exit test of a loop. */
#include "certify.h"

enum { COUNT = 12 };

static const uint32_t patterns[COUNT] = {0,          1,          2,          0x7fffffff, 0x80000000, 0x80000001,
                                         0xffffffff, 0xfffffffe, 0x0000ff80, 0x00008000, 1000003,    0xfff0bdbd};

#define RANK(name, type)                                                    \
    static unsigned name(const uint32_t *values, type pivot) {              \
        unsigned below = 0, above = 0;                                      \
        for (unsigned i = 0; i < COUNT; i++) {                              \
            type value = (type)values[i];                                   \
            if (value < pivot)                                              \
                below++;                                                    \
            else if (value > pivot)                                         \
                above += 16;                                                \
        }                                                                   \
        return below + above;                                               \
    }
RANK(rank_signed, int32_t)
RANK(rank_unsigned, uint32_t)

#define ARITHMETIC(name, type, wide)                                        \
    static NOINLINE uint64_t name(uint32_t bits, uint32_t amount) {         \
        type value = (type)bits;                                            \
        wide sum = (wide)value;                                             \
        sum += (wide)(type)(value >> amount);                               \
        sum += (wide)(type)(value / (type)10);                              \
        sum ^= (wide)(type)(value % (type)7);                               \
        return (uint64_t)sum;                                               \
    }
ARITHMETIC(arithmetic_signed, int32_t, int64_t)
ARITHMETIC(arithmetic_unsigned, uint32_t, uint64_t)

#define NARROW(name, type)                                                  \
    static NOINLINE int name(uint32_t bits) {                               \
        type low = (type)bits;                                              \
        int widened = low;                                                  \
        if (low > 100)                                                      \
            widened += 1;                                                   \
        return widened * 2;                                                 \
    }
NARROW(narrow_int8, int8_t)
NARROW(narrow_uint8, uint8_t)
NARROW(narrow_int16, int16_t)
NARROW(narrow_uint16, uint16_t)

#define EXTREMES(name, type)                                                \
    static double name(const uint32_t *values, unsigned count) {            \
        type low = (type)values[0], high = (type)values[0];                 \
        for (unsigned i = 1; i < count; i++) {                              \
            type value = (type)values[i];                                   \
            low = value < low ? value : low;                                \
            high = value > high ? value : high;                             \
        }                                                                   \
        return (double)high - (double)low;                                  \
    }
EXTREMES(spread_signed, int32_t)
EXTREMES(spread_unsigned, uint32_t)

/* The unsigned one wraps below zero and ends, the signed one goes on to its last turn. */
#define DESCEND(name, type)                                                 \
    static NOINLINE int name(type start, type step) {                       \
        int turns = 0;                                                      \
        for (type left = start; left <= (type)50 && turns < 20; turns++)    \
            left -= step;                                                   \
        return turns;                                                       \
    }
DESCEND(descend_signed, int32_t)
DESCEND(descend_unsigned, uint32_t)

static uint64_t bits_as_number(uint32_t bits, int is_signed) {
    uint64_t number = bits & 0x7fffffff;
    if (bits >> 31)
        number += is_signed ? ~UINT64_C(0x7fffffff) : UINT64_C(0x80000000);
    return number;
}

/* Truncating division of the magnitude by repeated subtraction of shifted divisors, the sign put back after. */
static uint64_t divide(uint64_t number, uint64_t divisor, int want_rest) {
    int negative = number >> 63 != 0;
    uint64_t rest = negative ? 0 - number : number, quotient = 0;
    for (int shift = 33; shift-- > 0;)
        if (rest >= divisor << shift) {
            rest -= divisor << shift;
            quotient |= UINT64_C(1) << shift;
        }
    uint64_t result = want_rest ? rest : quotient;
    return negative ? 0 - result : result;
}

static uint64_t arithmetic_expected(uint32_t bits, uint32_t amount, int is_signed) {
    uint64_t number = bits_as_number(bits, is_signed), shifted = number;
    for (uint32_t i = 0; i < amount; i++)
        shifted = shifted >> 1 | (shifted & UINT64_C(1) << 63);
    return (number + shifted + divide(number, 10, 0)) ^ divide(number, 7, 1);
}

PROGRAM(twins_signedness) {
    for (unsigned i = 0; i < COUNT; i++) {
        uint32_t bits = opaque_unsigned(patterns[i]);
        unsigned signed_rank = 0, unsigned_rank = 0;
        for (unsigned j = 0; j < COUNT; j++) {
            uint64_t flipped = patterns[j] ^ 0x80000000, pivot = bits ^ 0x80000000;
            signed_rank += (flipped < pivot) + 16 * (flipped > pivot);
            unsigned_rank += ((uint64_t)patterns[j] - bits) >> 63;
            unsigned_rank += (unsigned)(((uint64_t)bits - patterns[j]) >> 63) << 4;
        }
        CHECK(rank_signed(patterns, (int32_t)bits) == signed_rank);
        CHECK(rank_unsigned(patterns, bits) == unsigned_rank);
        for (uint32_t amount = 0; amount < 32; amount += 5) {
            CHECK(arithmetic_signed(bits, amount) == arithmetic_expected(bits, amount, 1));
            CHECK(arithmetic_unsigned(bits, amount) == arithmetic_expected(bits, amount, 0));
        }
        int byte = (int)(bits & 255), half = (int)(bits & 65535);
        CHECK(narrow_uint8(bits) == 2 * byte + (byte > 100) * 2);
        CHECK(narrow_int8(bits) == 2 * (byte - (byte & 128) * 2) + (byte > 100 && byte < 128) * 2);
        CHECK(narrow_uint16(bits) == 2 * half + (half > 100) * 2);
        CHECK(narrow_int16(bits) == 2 * (half - (half & 32768) * 2) + (half > 100 && half < 32768) * 2);
    }
    const uint32_t *values = opaque_pointer(patterns);
    CHECK(spread_signed(values, COUNT) == 4294967295.0 && spread_unsigned(values, COUNT) == 4294967295.0);
    CHECK(spread_signed(values + 4, 5) == 2147549056.0 && spread_unsigned(values + 4, 5) == 4294901887.0);
    CHECK(spread_signed(values, 3) == 2.0 && spread_unsigned(values + 5, 2) == 2147483646.0);
    for (unsigned start = 0; start < 60; start += 7)
        for (unsigned step = 1; step < 9; step += 3) {
            unsigned turns = start > 50 ? 0 : start / step + 1;
            CHECK(descend_unsigned(opaque_unsigned(start), step) == (int)(turns > 20 ? 20 : turns));
            CHECK(descend_signed(opaque_int((int)start), (int)step) == (start > 50 ? 0 : 20));
        }
    CHECK(descend_signed(opaque_int(-3), -11) == 5 && descend_unsigned(opaque_unsigned(3), -11U) == 5);
}
