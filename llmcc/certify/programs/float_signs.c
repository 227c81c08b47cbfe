/* Signs: negation, differences from zero, copysign, fabs and products by one keep or lose the sign of a zero, an
 * infinity or a NaN each in its own way; conditional negation and sign tests by bits. */
#include "certify.h"

union single { float value; uint32_t bits; };
union twice { double value; uint64_t bits; };

static uint32_t single_bits(float value) { return ((union single){.value = value}).bits; }
static uint64_t twice_bits(double value) { return ((union twice){.value = value}).bits; }
static float single_of(uint32_t bits) { return ((union single){.bits = bits}).value; }

/* Near twins of one operand; each knows what becomes of the two zeros. */
#define UNARY(name, type)                                                                                          \
    static NOINLINE type negated_##name(type x) { return -x; }                                                     \
    static NOINLINE type from_zero_##name(type x) { return 0 - x; }                                                \
    static NOINLINE type from_negative_zero_##name(type x) { return (type)-0.0 - x; }                              \
    static NOINLINE type plus_zero_##name(type x) { return x + 0; }                                                \
    static NOINLINE type minus_zero_##name(type x) { return x - 0; }                                               \
    static NOINLINE type plus_negative_zero_##name(type x) { return x + (type)-0.0; }                              \
    static NOINLINE type times_one_##name(type x) { return x * 1; }                                                \
    static NOINLINE type times_minus_one_##name(type x) { return x * -1; }                                         \
    static NOINLINE type over_minus_one_##name(type x) { return x / -1; }                                          \
    static NOINLINE type times_zero_##name(type x) { return x * 0; }                                               \
    static NOINLINE type difference_##name(type x, type y) { return -(x - y); }                                    \
    static NOINLINE type swapped_##name(type x, type y) { return y - x; }                                          \
    static NOINLINE type negated_product_##name(type x, type y) { return -x * y; }                                 \
    static NOINLINE type product_negated_##name(type x, type y) { return -(x * -y) - 0; }                          \
    static NOINLINE type magnitude_##name(type x) { return x < 0 ? -x : x; }                                       \
    static NOINLINE type flip_when_##name(type x, int when) { return when ? -x : x; }                              \
    static void check_##name(type x, type y) {                                                                     \
        const uint64_t sign = name##_bits((type)-0.0), zero = 0;                                                   \
        uint64_t bits = name##_bits(x), other = name##_bits(y), product = (bits ^ other) & sign;                   \
        int nothing = x == 0;                                                                                      \
        CHECK(name##_bits(negated_##name(x)) == (bits ^ sign) && name##_bits(from_negative_zero_##name(x)) ==      \
              (bits == sign ? zero : bits ^ sign));                                                                \
        CHECK(name##_bits(from_zero_##name(x)) == (nothing ? zero : bits ^ sign));                                 \
        CHECK(name##_bits(plus_zero_##name(x)) == (nothing ? zero : bits));                                        \
        CHECK(name##_bits(minus_zero_##name(x)) == bits && name##_bits(plus_negative_zero_##name(x)) == bits);     \
        CHECK(name##_bits(times_one_##name(x)) == bits && name##_bits(times_minus_one_##name(x)) == (bits ^ sign)); \
        CHECK(name##_bits(over_minus_one_##name(x)) == (bits ^ sign));                                             \
        if (x - x == 0)                                                                                            \
            CHECK(name##_bits(times_zero_##name(x)) == (bits & sign));                                             \
        if (x - x == 0 && y - y == 0) {                                                                            \
            int same = x == y, zeros = x == 0 && y == 0;                                                           \
            uint64_t expected = name##_bits(x > y ? x - y : y - x) ^ (x > y ? sign : zero);                        \
            CHECK(name##_bits(difference_##name(x, y)) == (same ? (zeros && bits > other ? zero : sign) : expected)); \
            CHECK(name##_bits(swapped_##name(x, y)) == (same ? (zeros && other > bits ? sign : zero) : expected)); \
            CHECK((name##_bits(negated_product_##name(x, y)) & sign) == (product ^ sign));                         \
            CHECK((name##_bits(product_negated_##name(x, y)) & sign) == product);                                  \
        }                                                                                                          \
        CHECK(name##_bits(magnitude_##name(x)) == (nothing ? bits : bits & ~sign));                                \
        CHECK(name##_bits(flip_when_##name(x, opaque_int(1))) == (bits ^ sign) && flip_when_##name(x, 0) == x);    \
    }

UNARY(single, float)
UNARY(twice, double)

static NOINLINE float copied(float x, float y) { return __builtin_copysignf(x, y); }
static NOINLINE double copied_mixed(double x, float y) { return __builtin_copysign(x, y); }
static NOINLINE float without_sign(float x) { return __builtin_fabsf(x); }
static NOINLINE float negative_magnitude(float x) { return -__builtin_fabsf(x); }
static NOINLINE float magnitude_of_negated(float x) {
    return __builtin_fabsf(-x) + __builtin_fabsf(__builtin_copysignf(x, -1));
}
static NOINLINE int sign_bit(float x) { return __builtin_signbit(x) != 0; }
static NOINLINE int below(float x) { return x < 0; }
static NOINLINE int by_reciprocal(float x) { return 1 / x < 0; }

static void check_bits(uint32_t x, uint32_t y) {
    const uint32_t sign = 0x80000000;
    float a = single_of(x), b = single_of(y);
    int nan = (x & ~sign) > 0x7f800000;
    CHECK(single_bits(copied(a, b)) == ((x & ~sign) | (y & sign)) && single_bits(copied(a, -1)) == (x | sign));
    CHECK(single_bits(without_sign(a)) == (x & ~sign) && single_bits(negative_magnitude(a)) == (x | sign));
    CHECK(sign_bit(a) == (int)(x >> 31) && below(a) == (!nan && x > sign));
    CHECK(nan || copied(a, 1) == without_sign(a));
    CHECK(nan || magnitude_of_negated(a) == 2 * without_sign(a));
    CHECK(nan || twice_bits(copied_mixed(a, b)) == twice_bits((double)copied(a, b)));
    if (x & ~sign && !nan)
        CHECK(by_reciprocal(a) == ((x & ~sign) != 0x7f800000 && x > sign));
    else if (!nan)
        CHECK(by_reciprocal(a) == (x == sign));
}

/* A running sum whose sign of zero depends on the start, and alternating signs in a loop. */
static NOINLINE float zeros_summed(float start, int count) {
    while (count-- > 0)
        start += -0.0f;
    return start;
}

static NOINLINE float alternating(int count) {
    float sign = 1, sum = 0;
    for (int i = 1; i <= count; i++) {
        sum += sign * (float)i;
        sign = -sign;
    }
    return sum;
}

PROGRAM(float_signs) {
    unsigned checked = 0;
    float infinity = opaque_float(__builtin_inff());
    const float single[] = {0.0f, -0.0f, 1, -1, 0.1f, -1e38f, infinity, -infinity, 1e-30f};
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < 9; j++, checked += opaque_unsigned(1)) {
            check_single(opaque_float(single[i]), opaque_float(single[j]) / 3);
            check_twice(opaque_double(single[i]), opaque_double(single[j]));
            check_bits(single_bits(single[i]), single_bits(single[j]));
            check_bits(opaque_unsigned(0x7fc00000) ^ (uint32_t)(j & 1) << 31, single_bits(single[i]));
        }
    CHECK(single_bits(zeros_summed(opaque_float(-0.0f), 5)) == 0x80000000 &&
          single_bits(zeros_summed(opaque_float(0.0f), 5)) == 0);
    CHECK(alternating(opaque_int(100)) == -50 && alternating(opaque_int(101)) == 51 &&
          single_bits(alternating(0)) == 0);
    CHECK(checked == 81);
}
