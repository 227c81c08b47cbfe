/* fmod, frexp, ldexp and rounding to integers (exact by definition), with operands known and unknown, against
 * integer arithmetic; signs of zero results, huge quotients, powers modulo a number, and digits taken out one at a
 * time. */
#include "certify.h"

#include <math.h>

union twice { double value; uint64_t bits; };

static uint64_t bits_of(double value) { return ((union twice){.value = value}).bits; }
static int negative(double value) { return (int)(bits_of(value) >> 63); }

static double power_of_two(int exponent) {
    double result = 1;
    for (; exponent > 0; exponent--)
        result *= 2;
    for (; exponent < 0; exponent++)
        result *= 0.5;
    return result;
}

/* 2^exponent modulo m, squaring. */
static NOINLINE uint64_t power_modulo(unsigned exponent, uint64_t m) {
    uint64_t result = 1 % m, base = 2 % m;
    for (; exponent; exponent /= 2) {
        if (exponent & 1)
            result = result * base % m;
        base = base * base % m;
    }
    return result;
}

static NOINLINE void check_remainder(int64_t a, int64_t b) {
    /* Sixteenths, so that the remainder has a fraction. */
    double x = (double)a / 16, y = (double)b / 16, r = fmod(x, y);
    CHECK(r * 16 == (double)(a % b) && fmod(x, -y) == r && fmod(-x, y) == -r &&
          fmod((double)a, (double)b) == (double)(a % b));
    CHECK(negative(r) == (a < 0) && fabs(r) < fabs(y) && fmodf((float)(a % 4096), 7) == (float)(a % 4096 % 7));
    double whole = (x - r) / y;
    CHECK(whole == (double)(a / b) && trunc(whole) == whole && floor(whole) == ceil(whole));
}

static NOINLINE void check_parts(double x) {
    int exponent = -9999, again = -9999;
    double fraction = frexp(x, &exponent);
    if (x == 0) {
        CHECK(fraction == 0 && exponent == 0 && negative(fraction) == negative(x));
        return;
    }
    CHECK(fabs(fraction) >= 0.5 && fabs(fraction) < 1 && negative(fraction) == negative(x));
    CHECK(ldexp(fraction, exponent) == x && frexp(fraction, &again) == fraction && again == 0);
    CHECK(frexp(x * 0.125, &again) == fraction && again == exponent - 3);
    if (exponent > -900 && exponent < 900)
        CHECK(fraction * power_of_two(exponent) == x && ldexp(x, 17) == x * 131072 && ldexp(x, -9) == x / 512);
}

static NOINLINE void check_rounding(int64_t eighths) {
    double x = (double)eighths / 8;
    int64_t low = eighths >> 3, high = -(-eighths >> 3), inward = eighths / 8;
    CHECK(floor(x) == (double)low && ceil(x) == (double)high && trunc(x) == (double)inward);
    CHECK((int64_t)floor(x) == low && (int32_t)ceilf((float)x) == high && (int64_t)truncf((float)x) == inward);
    CHECK(negative(ceil(x)) == (eighths < 0) && negative(trunc(x)) == (eighths < 0) &&
          negative(floor(x)) == (eighths < 0));
    CHECK(floor(x + 0.5) == (double)((eighths + 4) >> 3) && x - floor(x) == (double)(eighths & 7) / 8);
}

/* The digits of a fraction in a base, by products and floors: exact as long as the bits last. */
static NOINLINE uint64_t digits(double x, int base, int count) {
    uint64_t value = 0;
    while (count-- > 0) {
        x *= base;
        double digit = floor(x);
        value = value * 16 + (uint64_t)digit;
        x -= digit;
    }
    return value;
}

static NOINLINE double root(double x) { return sqrt(x); }

PROGRAM(float_remainders) {
    unsigned checked = 0;
    static const int64_t values[] = {1, -1, 2, 3, 10, -16, 17, 255, -1000, 65537, 99999999, -123456789012,
                                     0x10000000000001};
    for (int i = 0; i < 13; i++)
        for (int j = 0; j < 13; j++, checked += opaque_unsigned(1))
            check_remainder(opaque_int64(values[i]), opaque_int64(values[j]));
    for (unsigned e = 53; e < 1020; e += 37, checked += opaque_unsigned(1)) {
        double power = ldexp(opaque_double(1), (int)e);
        CHECK(bits_of(power) == (uint64_t)(e + 1023) << 52);
        CHECK(fmod(power, opaque_double(1000003)) == (double)power_modulo(e, 1000003) && fmod(power, 3) == 1 + (e & 1));
    }
    CHECK(negative(fmod(opaque_double(-6), 3)) && !negative(fmod(6, opaque_double(-3))) &&
          fmod(opaque_double(5), __builtin_inf()) == 5);
    double nothing = fmod(opaque_double(__builtin_inf()), 3), other = fmod(1, opaque_double(0));
    CHECK(nothing != nothing && other != other);

    static const double parts[] = {0, 1, -0.75, 3, 1e10, -1e-10, 1e300, 0x1p-1022, 4097.0 / 4096};
    for (int i = 0; i < 9; i++) {
        check_parts(opaque_double(parts[i]));
        check_parts(opaque_double(-parts[i]) * 1.5);
    }
    CHECK(ldexp(opaque_double(1), -1074) == 0x1p-1074 && ldexp(opaque_double(1), -1076) == 0 &&
          ldexp(opaque_double(-1), 2000) < -1e308);
    CHECK(ldexp(opaque_double(0x1p-1074), 2000) == 0x1p926 && frexp(0.0, &(int){1}) == 0);

    for (int64_t e = -300; e < 300; e += 7, checked += opaque_unsigned(1)) {
        if (e != 0)
            check_rounding(opaque_int64(e));
        check_rounding(opaque_int64(e * 12345 + 1));
    }
    CHECK(negative(ceil(opaque_double(-0.25))) && negative(trunc(-0.75)) && negative(floor(opaque_double(-0.0))) &&
          !negative(ceil(0.0)));
    CHECK(floor(opaque_double(2251799813685249.5)) == 2251799813685249 &&
          trunc(opaque_double(-0x1.8p900)) == -0x1.8p900);

    /* 0x0.2b67... in base 16 gives back its digits, in base 2 its bits; 1/7 has only ones in base 8. */
    CHECK(digits(opaque_double(0x0.2b67af1p0), 16, 7) == 0x2b67af1 && digits(0x0.aaaap0, 2, 6) == 0x101010);
    CHECK(digits(opaque_double(1) / 7, 8, 9) == 0x111111111);
    for (int64_t n = 1; n < 100000000; n = n * 3 + 7, checked += opaque_unsigned(1))
        CHECK(root((double)(n * n)) == (double)n && floor(root((double)(n * n - 1))) == (double)(n - 1));
    CHECK(checked == 298);
}
