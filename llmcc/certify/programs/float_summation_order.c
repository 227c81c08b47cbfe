/* Sums and products in the order that is written: running, backwards, in pairs, compensated, with brackets that
 * cancel; algebraically equal forms that round differently must stay different. Error terms are checked as
 * integers. */
#include "certify.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif
#if defined __FLT_EVAL_METHOD__ && (__FLT_EVAL_METHOD__ == 1 || __FLT_EVAL_METHOD__ == 2)
enum { extra_precision = 1 };
#else
enum { extra_precision = 0 };
#endif

static float step(float x) {
    volatile float stored = x;
    return stored;
}

static NOINLINE float forwards(const float *v, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++)
        sum += v[i];
    return sum;
}

static NOINLINE float backwards(const float *v, int count) {
    float sum = 0;
    while (count > 0)
        sum += v[--count];
    return sum;
}

static NOINLINE float in_four(const float *v, int count) {
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (int i = 0; i + 3 < count; i += 4) {
        s0 += v[i];
        s1 += v[i + 1];
        s2 += v[i + 2];
        s3 += v[i + 3];
    }
    return (s0 + s1) + (s2 + s3);
}

static NOINLINE float in_pairs(const float *v, int count) {
    return count == 1 ? v[0] : in_pairs(v, count / 2) + in_pairs(v + count / 2, count - count / 2);
}

static NOINLINE float compensated(const float *v, int count) {
    float sum = 0, lost = 0;
    for (int i = 0; i < count; i++) {
        float value = v[i] - lost, next = sum + value;
        lost = (next - sum) - value;
        sum = next;
    }
    return sum;
}

/* The same orders, step by step through memory. */
static NOINLINE float model(const float *v, int count, int way) {
    float s[4] = {0, 0, 0, 0};
    for (int i = 0; i < count; i++)
        switch (way) {
        case 0: s[0] = step(s[0] + v[i]); break;
        case 1: s[0] = step(s[0] + v[count - 1 - i]); break;
        default: s[i % 4] = step(s[i % 4] + v[i]);
        }
    return way < 2 ? s[0] : step(step(s[0] + s[1]) + step(s[2] + s[3]));
}

/* Exact errors of a sum and of a product. */
static NOINLINE float sum_error(float a, float b, float *sum) {
    float s = a + b, back = s - a;
    *sum = s;
    return (a - (s - back)) + (b - back);
}

static NOINLINE float product_error(float a, float b, float *product) {
    float p = a * b, ta = 4097 * a, tb = 4097 * b, ah = ta - (ta - a), bh = tb - (tb - b), al = a - ah, bl = b - bh;
    *product = p;
    return ((ah * bh - p) + ah * bl + al * bh) + al * bl;
}

/* Pairs that are equal only over the reals. */
static NOINLINE unsigned differences(float a, float b, float c) {
    unsigned bits = 0;
    bits |= (a + b) + c != a + (b + c) ? 1 : 0;
    bits |= (a * b) * c != a * (b * c) ? 2 : 0;
    bits |= a * (b + c) != a * b + a * c ? 4 : 0;
    bits |= (a / b) * b != a ? 8 : 0;
    bits |= a / b != a * (1 / b) ? 16 : 0;
    bits |= (a + b) - b != a ? 32 : 0;
    bits |= a / b / c != a / (b * c) ? 64 : 0;
    bits |= a * a - b * b != (a + b) * (a - b) ? 128 : 0;
    return bits;
}

static NOINLINE unsigned differences_by_steps(float a, float b, float c) {
    unsigned bits = step(step(a + b) + c) != step(a + step(b + c));
    bits |= (unsigned)(step(step(a * b) * c) != step(a * step(b * c))) << 1;
    bits |= (unsigned)(step(a * step(b + c)) != step(step(a * b) + step(a * c))) << 2;
    bits |= (unsigned)(step(step(a / b) * b) != a) << 3;
    bits |= (unsigned)(step(a / b) != step(a * step(1 / b))) << 4;
    bits |= (unsigned)(step(step(a + b) - b) != a) << 5;
    bits |= (unsigned)(step(step(a / b) / c) != step(a / step(b * c))) << 6;
    return bits | (unsigned)(step(step(a * a) - step(b * b)) != step(step(a + b) * step(a - b))) << 7;
}

PROGRAM(float_summation_order) {
    /* Whatever is rounded later than it is written has no definite result. */
    if (extra_precision && opaque_int(1))
        return;
    float v[64];
    for (int i = 0; i < 64; i++)
        v[i] = 1 / opaque_float((float)(i + 1));
    CHECK(forwards(v, 64) == model(v, 64, 0) && backwards(v, 64) == model(v, 64, 1));
    CHECK(in_four(v, 64) == model(v, 64, 2) && forwards(v, 64) != backwards(v, 64));

    /* Ones that vanish beside 2^24, all of them, half of them or none, as the order has it. */
    v[0] = opaque_float(16777216);
    for (int i = 1; i < 64; i++)
        v[i] = opaque_float(1);
    CHECK(forwards(v, 64) == 16777216 && backwards(v, 64) == 16777280 && in_four(v, 64) == 16777264);
    CHECK(in_pairs(v, 64) == 16777278 && compensated(v, 64) == 16777280 && compensated(v, 63) == 16777278);
    v[63] = -v[0];
    CHECK(forwards(v, 64) == 0 && backwards(v, 63) == 16777278 && compensated(v, 64) == 62);

    unsigned seen = 0, same = 255;
    uint32_t state = opaque_unsigned(8);
    for (int i = 0; i < 150; i++) {
        int64_t whole[3];
        float x[3];
        for (int n = 0; n < 3; n++) {
            state = state * 1664525 + 1013904223;
            whole[n] = (int64_t)(state >> 8 | 1) * (state & 64 ? 1 : -1);
            x[n] = (float)whole[n];
        }
        float sum, product, scale = (float)(1 << i % 16);
        float error = sum_error(x[0] * scale, x[1], &sum);
        CHECK((int64_t)sum + (int64_t)error == whole[0] * (1 << i % 16) + whole[1]);
        error = product_error(x[0], x[2], &product);
        CHECK((int64_t)product + (int64_t)error == whole[0] * whole[2]);
        unsigned bits = differences(x[0], x[1] / 3, x[2]);
        CHECK(bits == differences_by_steps(x[0], step(x[1] / 3), x[2]));
        seen |= bits;
        same &= bits;
    }
    CHECK(seen == 255 && same == 0);
}
