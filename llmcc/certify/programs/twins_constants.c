/* Functions, loops and switches that are equal but for one constant: a multiplier, a mask, a shift amount,
 * a 64-bit literal, a loop step, a limit, a case label. */
#include "certify.h"

enum { LENGTH = 24 };

static uint16_t samples[LENGTH];

#define SCALE(name, factor)                                        \
    static int32_t name(int32_t value, int32_t bias) {             \
        int32_t scaled = value * (factor);                         \
        if (scaled > 900)                                          \
            scaled = 900 - (scaled & 63);                          \
        else if (scaled < -900)                                    \
            scaled = -900;                                         \
        return scaled + bias * 2;                                  \
    }
SCALE(scale_3, 3)
SCALE(scale_5, 5)
SCALE(scale_minus_3, -3)
SCALE(scale_4, 4)

#define FOLD(name, literal)                                        \
    static NOINLINE uint64_t name(uint64_t word) {                 \
        uint64_t folded = word ^ (literal);                        \
        for (int round = 0; round < 3; round++)                    \
            folded = (folded << 9 | folded >> 55) + (literal);     \
        return folded;                                             \
    }
FOLD(fold_a, UINT64_C(0x9e3779b97f4a7c15))
FOLD(fold_b, UINT64_C(0x9e3779b97f4a7c16))
FOLD(fold_c, UINT64_C(0x9e3779b87f4a7c15))

#define STRIDE(name, first, step, limit)                           \
    static NOINLINE unsigned name(void) {                          \
        unsigned sum = 0;                                          \
        for (unsigned i = (first); i < LENGTH; i += (step)) {      \
            if (samples[i] >= (limit))                             \
                continue;                                          \
            sum = sum * 3 + samples[i];                            \
        }                                                          \
        return sum;                                                \
    }
STRIDE(stride_0_2, 0, 2, 500)
STRIDE(stride_1_2, 1, 2, 500)
STRIDE(stride_0_3, 0, 3, 500)
STRIDE(stride_limit, 0, 2, 501)

static unsigned stride_expected(volatile unsigned first, volatile unsigned step, volatile unsigned limit) {
    unsigned sum = 0;
    unsigned next = first;
    for (unsigned i = 0; i < LENGTH; i++) {
        if (i != next)
            continue;
        next += step;
        if (samples[i] < limit)
            sum += 2 * sum + samples[i];
    }
    return sum;
}

#define NAMED(name, label)                                         \
    static NOINLINE int name(int code) {                           \
        switch (code) {                                            \
        case 0: return 40;                                         \
        case 1: return 37;                                         \
        case label: return -8;                                     \
        case 7: return code * 5;                                   \
        case 9: return 12;                                         \
        default: return code;                                      \
        }                                                          \
    }
NAMED(named_3, 3)
NAMED(named_4, 4)

static int32_t scale_expected(int32_t value, int32_t bias, int factor) {
    int32_t scaled = 0;
    for (int i = 0; i < (factor < 0 ? -factor : factor); i++)
        scaled += factor < 0 ? -value : value;
    if (scaled < -900)
        return -900 + bias + bias;
    return (scaled > 900 ? 900 - scaled % 64 : scaled) + bias + bias;
}

static uint64_t fold_expected(uint64_t word, uint64_t literal) {
    uint64_t folded = (word | literal) - (word & literal);
    for (int bit = 0; bit < 27; bit++) {
        folded = folded + folded + (folded >> 63);
        if (bit % 9 == 8)
            folded += literal;
    }
    return folded;
}

PROGRAM(twins_constants) {
    static const int named[10] = {40, 37, 2, 3, 4, 5, 6, 35, 8, 12};
    for (int value = -400; value <= 400; value += 37) {
        int32_t v = opaque_int(value);
        CHECK(scale_3(v, 7) == scale_expected(v, 7, 3));
        CHECK(scale_5(v, 7) == scale_expected(v, 7, 5));
        CHECK(scale_minus_3(v, 7) == scale_expected(v, 7, -3));
        CHECK(scale_4(v, value) == scale_expected(v, value, 4));
        CHECK(scale_3(v, 1) - scale_3(v, 0) == 2);
    }
    CHECK(scale_3(opaque_int(300), 0) == 900 && scale_3(opaque_int(301), 0) == 893 && scale_4(-225, 0) == -900);
    CHECK(scale_3(11, 4) == 41 && scale_5(11, 4) == 63 && scale_minus_3(11, 4) == -25 && scale_4(11, 4) == 52);
    for (uint64_t word = 1; word < UINT64_C(1) << 60; word = word * 37 + 5) {
        uint64_t w = opaque_uint64(word);
        uint64_t a = fold_a(w), b = fold_b(w), c = fold_c(w);
        CHECK(a == fold_expected(w, UINT64_C(0x9e3779b97f4a7c15)));
        CHECK(b == fold_expected(w, UINT64_C(0x9e3779b97f4a7c16)));
        CHECK(c == fold_expected(w, UINT64_C(0x9e3779b87f4a7c15)));
    }
    for (unsigned i = 0; i < LENGTH; i++)
        samples[i] = (uint16_t)(opaque_unsigned(i) * 61 % 256 + 250);
    samples[6] = samples[9] = 500;
    samples[12] = samples[15] = 501;
    samples[18] = 499;
    CHECK(stride_0_2() == stride_expected(0, 2, 500));
    CHECK(stride_1_2() == stride_expected(1, 2, 500));
    CHECK(stride_0_3() == stride_expected(0, 3, 500));
    CHECK(stride_limit() == stride_expected(0, 2, 501));
    CHECK(stride_0_3() == 12395);
    CHECK(stride_0_2() != stride_limit());
    for (int code = 0; code < 10; code++) {
        CHECK(named_3(opaque_int(code)) == (code == 3 ? -8 : named[code]));
        CHECK(named_4(opaque_int(code)) == (code == 4 ? -8 : named[code]));
    }
    CHECK(named_3(-5) == -5 && named_4(opaque_int(100)) == 100);
}
