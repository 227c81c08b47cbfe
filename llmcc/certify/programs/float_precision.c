/* Single against double precision: where an expression is computed and where it is rounded. Each function has a
 * twin that rounds the same steps through volatile objects, and cases whose outcome follows from the formats. */
#include "certify.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif
#if defined __FLT_EVAL_METHOD__ && (__FLT_EVAL_METHOD__ == 1 || __FLT_EVAL_METHOD__ == 2)
enum { extra_precision = 1 };
#else
enum { extra_precision = 0 };
#endif

static float rounded(float x) {
    volatile float stored = x;
    return stored;
}

static double wide(double x) {
    volatile double stored = x;
    return stored;
}

/* May be computed in single precision throughout: one double operation on floats, rounded back. */
static NOINLINE float sum_narrowed(float a, float b) { return (float)((double)a + (double)b); }
static NOINLINE float product_narrowed(float a, float b) { return (float)((double)a * (double)b); }
static NOINLINE float quotient_narrowed(float a, float b) { return (float)((double)a / (double)b); }
/* May not: two operations, a double constant, a double operand, a comparison before rounding. */
static NOINLINE float sum_of_three(float a, float b, float c) { return (float)((double)a + b + c); }
static NOINLINE float product_and_sum(float a, float b, float c) { return (float)((double)a * b + c); }
static NOINLINE float scaled(float a) { return (float)(a * 0.1); }
static NOINLINE float scaled_single(float a) { return a * 0.1f; }
static NOINLINE int exceeds(float a, float b, double limit) { return (double)a + b > limit; }
static NOINLINE int exceeds_single(float a, float b, float limit) { return rounded(a + b) > limit; }
static NOINLINE int equals(float a, double b) { return a == b; }
static NOINLINE int equals_narrowed(float a, double b) { return a == (float)b; }
static NOINLINE double through_single(double a) { return (double)(float)a; }
static NOINLINE float through_double(float a) { return (float)(double)a; }
static NOINLINE int survives(double a) { return (double)(float)a == a; }

/* Accumulators of either precision over the same numbers, and compound assignment with a double on the right. */
static NOINLINE float accumulate_single(const float *v, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++)
        sum += v[i];
    return sum;
}

static NOINLINE double accumulate_double(const float *v, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += v[i];
    return sum;
}

static NOINLINE float accumulate_rounded(const float *v, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++)
        sum = rounded(sum + v[i]);
    return sum;
}

static NOINLINE float compound(float x, int count) {
    while (count-- > 0) {
        x *= 1.1;
        x -= 0.3;
        if (x > 100)
            x /= 7.0;
    }
    return x;
}

static NOINLINE float compound_by_steps(float x, int count) {
    while (count-- > 0) {
        x = rounded((float)wide((double)x * 1.1));
        x = rounded((float)wide((double)x - 0.3));
        if ((double)x > 100.0)
            x = rounded((float)wide((double)x / 7.0));
    }
    return x;
}

static void check_pair(float a, float b) {
    CHECK(rounded(sum_narrowed(a, b)) == rounded(a + b) && rounded(product_narrowed(a, b)) == rounded(a * b));
    CHECK(b == 0 || rounded(quotient_narrowed(a, b)) == rounded(a / b));
    float expected = rounded((float)wide(wide((double)a + b) + 0.25f));
    CHECK(rounded(sum_of_three(a, b, 0.25f)) == expected);
    expected = rounded((float)wide(wide((double)a * b) - 7));
    CHECK(rounded(product_and_sum(a, b, -7)) == expected);
    double tenth = wide(0.1);
    CHECK(rounded(scaled(a)) == rounded((float)wide(a * tenth)) &&
          rounded(scaled_single(a)) == rounded(a * rounded((float)tenth)));
    double near = wide(a + 0x1p-40);
    CHECK(through_double(a) == a && survives(a) && survives(near) == (rounded((float)near) == near));
}

PROGRAM(float_precision) {
    unsigned checked = 0;
    /* Whatever is rounded later than it is written has no definite result. */
    if (extra_precision && opaque_int(1))
        return;
    static const float values[] = {0, 1, -1, 0.1f, 1.0f / 3, -2.5e-7f, 16777215, 16777218, 3e9f, -7.75f, 123456.789f,
                                   1e-20f};
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < 12; j++, checked += opaque_unsigned(1))
            check_pair(opaque_float(values[i]), opaque_float(values[j]));

    /* 2^24 + 1 rounds back to 2^24 in single precision. */
    CHECK(exceeds(opaque_float(16777216), 1, 16777216.5) && !exceeds_single(opaque_float(16777216), 1, 16777216));
    CHECK(exceeds_single(opaque_float(16777216), 3, 16777216) && exceeds(opaque_float(-2), 1.5f, -0.625));
    CHECK(!equals(opaque_float(0.1f), 0.1) && equals_narrowed(opaque_float(0.1f), 0.1) &&
          equals(opaque_float(0.5f), 0.5));
    CHECK(sum_of_three(opaque_float(16777216), 1, 1) == 16777218 &&
          rounded(rounded(opaque_float(16777216) + 1) + 1) == 16777216);
    CHECK(product_and_sum(opaque_float(4097), 4097, -16785408) == 1 &&
          rounded(opaque_float(4097) * 4097) - 16785408 == 0);
    /* Just above a middle in double precision, on the middle after one rounding too many. */
    CHECK(through_single(opaque_double(0x1.0000010000001p0)) == 0x1.000002p0 &&
          through_single(0x1.0000030000001p0) == 0x1.000004p0);

    float v[40];
    for (int i = 0; i < 40; i++)
        v[i] = opaque_float((float)(i % 7)) * 0.1f + (i == 20 ? 65536 : 0);
    CHECK(accumulate_single(v, 40) == accumulate_rounded(v, 40));
    double total = accumulate_double(v, 40), error = total - accumulate_single(v, 40);
    CHECK(error != 0 && error < 0.25 && error > -0.25 && total > 65547.2 && total < 65547.7);
    for (int count = 0; count < 60; count += 7, checked += opaque_unsigned(1)) {
        CHECK(compound(opaque_float(5), count) == compound_by_steps(5, count));
        CHECK(compound(opaque_float(-0.75f), count) == compound_by_steps(-0.75f, count));
    }
    CHECK(checked == 153);
}
