/* Constants of both precisions: decimal and hexadecimal ones against integers, near twins that differ in the last
 * bit or only in the sign of zero or in the type, divisions by constants, and expressions that fold beside the same
 * ones that do not. */
#include "certify.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif
#if defined __FLT_EVAL_METHOD__ && (__FLT_EVAL_METHOD__ == 1 || __FLT_EVAL_METHOD__ == 2)
enum { extra_precision = 1 };
#else
enum { extra_precision = 0 };
#endif

union single { float value; uint32_t bits; };
union twice { double value; uint64_t bits; };

static uint32_t bits_of(float value) { return ((union single){.value = value}).bits; }
static uint64_t wide_bits(double value) { return ((union twice){.value = value}).bits; }

static NOINLINE float single_constant(int which) {
    switch (which) {
    case 0: return 0.1f;
    case 1: return 0.10000001f;
    case 2: return (float)0.1;
    case 3: return 0.0f;
    case 4: return -0.0f;
    case 5: return 1;
    case 6: return 0x1.000002p0f;
    case 7: return 16777217.0f;
    case 8: return 3.14159265358979323846f;
    case 9: return 1e-45f;
    case 10: return 3.4028235e38f;
    case 11: return 5e9f;
    default: return -1;
    }
}

static NOINLINE double twice_constant(int which) {
    switch (which) {
    case 0: return 0.1;
    case 1: return 0.1f;
    case 2: return 0.10000000000000002;
    case 3: return 0.0;
    case 4: return -0.0;
    case 5: return 1;
    case 6: return 0x1.0000000000001p0;
    case 7: return 9007199254740993.0;
    case 8: return 3.14159265358979323846;
    case 9: return 5e-324;
    case 10: return 1.7976931348623157e308;
    case 11: return 5e9;
    default: return -1;
    }
}

static const uint32_t single_expected[13] = {0x3dcccccd, 0x3dccccce, 0x3dcccccd, 0, 0x80000000, 0x3f800000,
                                             0x3f800001, 0x4b800000,
                                             0x40490fdb, 1, 0x7f7fffff, 0x4f9502f9, 0xbf800000};
static const uint64_t twice_expected[13] = {0x3fb999999999999a, 0x3fb99999a0000000, 0x3fb999999999999b, 0,
                                            0x8000000000000000,
                                            0x3ff0000000000000, 0x3ff0000000000001, 0x4340000000000000,
                                                0x400921fb54442d18, 1,
                                            0x7fefffffffffffff, 0x41f2a05f20000000, 0xbff0000000000000};

/* numerator / 10^places, rounded to even at 53 bits, by long division. */
static NOINLINE uint64_t decimal(uint64_t numerator, int places) {
    uint64_t divisor = 1, quotient, rest;
    int exponent = 0;
    while (places-- > 0)
        divisor *= 10;
    quotient = numerator / divisor;
    rest = numerator % divisor;
    while (quotient < (uint64_t)1 << 52) {
        rest *= 2;
        quotient = quotient * 2 + (rest >= divisor);
        rest -= rest >= divisor ? divisor : 0;
        exponent--;
    }
    quotient += rest * 2 > divisor || (rest * 2 == divisor && quotient % 2);
    return quotient + ((uint64_t)(exponent + 52 + 1022) << 52);
}

static NOINLINE float divided(float x, int which) {
    switch (which) {
    case 0: return x / 3;
    case 1: return x / 8;
    case 2: return x / 10;
    case 3: return x * 0.1f;
    case 4: return x / -0.5f;
    case 5: return x / 3.0000002f;
    default: return x / 0x1p-126f;
    }
}

/* One text for operands that are known and for operands that are not. */
static inline double formula(double a, double b, float c, int n) {
    double x = a * b + (double)c / 7, y = (a - b) * (x + n);
    float z = (float)x * c - 0.3f;
    y = x > y ? y / 3 + z : y - (double)z * n;
    for (int i = 0; i < n; i++)
        y = y * 0.75 + (i & 1 ? c : z);
    return y / (x * x + 1);
}

static NOINLINE double formula_of(int which) {
    switch (which) {
    case 0: return formula(1, 3, 0.5f, 4);
    case 1: return formula(-0.1, 0.7, 2.25f, 9);
    case 2: return formula(1e10, 1e-10, -1e5f, 3);
    default: return formula(0.0, -0.0, -0.0f, 0);
    }
}

PROGRAM(float_constants) {
    /* With more digits than the types have, constants have no definite result. */
    if (extra_precision && opaque_int(1))
        return;
    unsigned checked = 0, unlike = 0;
    for (int i = 0; i < 13; i++, checked += opaque_unsigned(1)) {
        CHECK(bits_of(single_constant(opaque_int(i))) == single_expected[i]);
        CHECK(wide_bits(twice_constant(opaque_int(i))) == twice_expected[i]);
    }
    static const float values[] = {1, 3, 7, 0.1f, -2.5f, 1e20f, 16777215, 1e-30f};
    static const float divisors[7] = {3, 8, 10, 1, -0.5f, 3.0000002f, 0x1p-126f};
    for (int i = 0; i < 8; i++)
        for (int n = 0; n < 7; n++, checked += opaque_unsigned(1)) {
            float x = opaque_float(values[i]), d = opaque_float(divisors[n]);
            float expected = n == 3 ? x * opaque_float(0.1f) : x / d;
            CHECK(bits_of(divided(x, n)) == bits_of(expected) && bits_of(divided(values[i], n)) == bits_of(expected));
        }
    /* Division by ten and multiplication by a tenth part ways for some. */
    for (int i = 1; i < 64; i++)
        unlike += divided((float)i, opaque_int(2)) != divided((float)i, opaque_int(3));
    CHECK(unlike == 12 && checked == 69);

    static const struct { double value; uint64_t numerator; int places; } decimals[] = {
        {0.1, 1, 1}, {0.3, 3, 1}, {2.5, 25, 1}, {0.7853981633, 7853981633, 10}, {123456.789, 123456789, 3},
        {0.000001, 1, 6}, {299792.458, 299792458, 3}, {9.80665, 980665, 5}, {6.0221407600, 602214076, 8}};
    for (unsigned i = 0; i < sizeof decimals / sizeof *decimals; i++)
        CHECK(wide_bits(decimals[i].value) == decimal(decimals[i].numerator, opaque_int(decimals[i].places)));
    CHECK(wide_bits(0.1 + 0.2) == wide_bits(0.3) + 1);
    static const struct { double a, b; float c; int n; } operands[4] = {
        {1, 3, 0.5f, 4}, {-0.1, 0.7, 2.25f, 9}, {1e10, 1e-10, -1e5f, 3}, {0.0, -0.0, -0.0f, 0}};
    for (int i = 0; i < 4; i++) {
        double a = opaque_double(operands[i].a), b = opaque_double(operands[i].b);
        double unfolded = formula(a, b, opaque_float(operands[i].c), opaque_int(operands[i].n));
        CHECK(wide_bits(formula_of(i)) == wide_bits(unfolded));
    }
}
