/* Saturating addition, subtraction, negation, shifts, products and narrowing in their usual spellings, from 8 to 64
 * bits, against clamping the exact result. */
#include "certify.h"

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

/* Unsigned: three spellings of the sum and of the difference each. */
#define UNSIGNED(bits, type)                                                                                       \
    static NOINLINE type add_mask##bits(type a, type b) {                                                          \
        type sum = (type)(a + b);                                                                                  \
        return (type)(sum | (type)-(sum < a));                                                                     \
    }                                                                                                              \
    static NOINLINE type add_compare##bits(type a, type b) {                                                       \
        type room = (type)((type)-1 - a);                                                                          \
        return b > room ? (type)-1 : (type)(a + b);                                                                \
    }                                                                                                              \
    static NOINLINE type add_builtin##bits(type a, type b) {                                                       \
        type sum;                                                                                                  \
        return __builtin_add_overflow(a, b, &sum) ? (type)-1 : sum;                                                \
    }                                                                                                              \
    static NOINLINE type sub_compare##bits(type a, type b) { return a > b ? (type)(a - b) : 0; }                   \
    static NOINLINE type sub_maximum##bits(type a, type b) { return (type)((a > b ? a : b) - b); }                 \
    static NOINLINE type sub_mask##bits(type a, type b) { return (type)((a - b) & (type)-(a >= b)); } \
    static void check_unsigned##bits(type a, type b) {                                                             \
        type room = (type)((type)-1 - a), difference = a < b ? 0 : (type)(a - b);                                  \
        type sum = b <= room ? (type)(a + b) : (type)-1;                                                           \
        CHECK(add_mask##bits(a, b) == sum && add_compare##bits(a, b) == sum && add_builtin##bits(a, b) == sum);    \
        CHECK(sub_compare##bits(a, b) == difference && sub_maximum##bits(a, b) == difference);                     \
        CHECK(sub_mask##bits(a, b) == difference);                                                                 \
    }

#define SIGNED(bits, type, wrap, low, high)                                                                        \
    static NOINLINE type plus_sign##bits(type a, type b) {                                                         \
        wrap sum = (wrap)((wrap)a + (wrap)b);                                                                      \
        if ((type)((wrap)~((wrap)a ^ (wrap)b) & ((wrap)a ^ sum)) < 0)                                              \
            return a < 0 ? low : high;                                                                             \
        return (type)sum;                                                                                          \
    }                                                                                                              \
    static NOINLINE type plus_range##bits(type a, type b) {                                                        \
        if (b > 0 && a > high - b)                                                                                 \
            return high;                                                                                           \
        if (b < 0 && a < low - b)                                                                                  \
            return low;                                                                                            \
        return (type)(a + b);                                                                                      \
    }                                                                                                              \
    static NOINLINE type minus_builtin##bits(type a, type b) {                                                     \
        type difference;                                                                                           \
        if (!__builtin_sub_overflow(a, b, &difference))                                                            \
            return difference;                                                                                     \
        return b < 0 ? high : low;                                                                                 \
    }                                                                                                              \
    static NOINLINE type negate##bits(type a) { return a == low ? high : (type)-a; }                               \
    static void check_signed##bits(type a, type b) {                                                               \
        type sum = plus_range##bits(a, b);                                                                         \
        CHECK(plus_sign##bits(a, b) == sum && sum == clamp((int64_t)a + b, low, high));                            \
        CHECK(minus_builtin##bits(a, b) == clamp((int64_t)a - b, low, high));                                      \
        CHECK(negate##bits(a) == minus_builtin##bits(0, a));                                                       \
    }

UNSIGNED(8, uint8_t)
UNSIGNED(16, uint16_t)
UNSIGNED(32, uint32_t)
UNSIGNED(64, uint64_t)
SIGNED(8, int8_t, uint8_t, INT8_MIN, INT8_MAX)
SIGNED(16, int16_t, uint16_t, INT16_MIN, INT16_MAX)
SIGNED(32, int32_t, uint32_t, INT32_MIN, INT32_MAX)

static int64_t plus64(int64_t a, int64_t b) {
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? (a >> 63) ^ INT64_MAX : sum;
}

static NOINLINE int32_t shift_left(int32_t x, unsigned amount) {
    int32_t shifted = (int32_t)((uint32_t)x << amount);
    return shifted >> amount == x ? shifted : x < 0 ? INT32_MIN : INT32_MAX;
}

static NOINLINE int16_t multiply_fraction(int16_t a, int16_t b) {
    int32_t product = (a * b + 0x4000) >> 15;
    return product > INT16_MAX ? INT16_MAX : (int16_t)product;
}

/* Kernels over arrays: mixing two signals, packing to signed and to unsigned bytes. */
static NOINLINE void mix(int16_t *out, const int16_t *a, const int16_t *b, int count) {
    for (int i = 0; i < count; i++) {
        int32_t sum = a[i] + b[i];
        out[i] = (int16_t)(sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum);
    }
}

static NOINLINE void pack_signed(int8_t *out, const int16_t *in, int count) {
    for (int i = 0; i < count; i++)
        out[i] = (int8_t)(in[i] < -128 ? -128 : in[i] > 127 ? 127 : in[i]);
}

static NOINLINE void pack_unsigned(uint8_t *out, const int16_t *in, int count) {
    for (int i = 0; i < count; i++)
        out[i] = (uint8_t)(in[i] < 0 ? 0 : in[i] > 255 ? 255 : in[i]);
}

PROGRAM(integer_saturating) {
    unsigned checked = 0;
    for (int a = -128; a < 256; a += 5)
        for (int b = -128; b < 256; b += 9, checked += opaque_unsigned(1)) {
            int x = opaque_int(a), y = opaque_int(b);
            check_unsigned8((uint8_t)x, (uint8_t)y), check_signed8((int8_t)x, (int8_t)y);
            check_unsigned16((uint16_t)(x * 257), (uint16_t)(y * 257));
            check_signed16((int16_t)(x * 256), (int16_t)(y * 256));
            check_unsigned32((uint32_t)x * 0x1010101u, (uint32_t)y << 24);
            check_unsigned64((uint64_t)x << 56 | 3, (uint64_t)y << 56);
            check_signed32((int32_t)((uint32_t)x << 24), (int32_t)((uint32_t)y << 24));
            int64_t wide = (int64_t)((uint64_t)x << 56), other = (int64_t)((uint64_t)y << 56), limit = (int64_t)1 << 62;
            int64_t half = wide / 2 + other / 2;
            CHECK(plus64(wide, other) == (half >= limit ? INT64_MAX : half < -limit ? INT64_MIN : half * 2));
            int64_t shifted = x * 10007 * ((int64_t)1 << (y & 31));
            CHECK(shift_left(x * 10007, y & 31) == clamp(shifted, INT32_MIN, INT32_MAX));
            int16_t p = (int16_t)(x * 256), q = (int16_t)(y * 256);
            int32_t product = p * q + 16384;
            CHECK(multiply_fraction(p, q) == clamp(product / 32768 - (product % 32768 < 0), -32768, 32767));
        }

    int16_t left[41], right[41], mixed[41];
    int8_t s8[41];
    uint8_t u8[41];
    for (int i = 0; i < 41; i++)
        left[i] = (int16_t)(opaque_int(i) * 1640 - 32768), right[i] = (int16_t)(i % 3 * 16384 - 16384 - i);
    mix(mixed, left, right, 41);
    pack_signed(s8, mixed, 41);
    pack_unsigned(u8, mixed, 41);
    for (int i = 0; i < 41; i++) {
        CHECK(mixed[i] == plus_sign16(left[i], right[i]));
        CHECK(s8[i] == clamp(mixed[i], -128, 127) && u8[i] == clamp(mixed[i], 0, 255));
    }
    CHECK(add_mask8(200, 100) == 255 && sub_mask8(100, 200) == 0 && plus_sign8(-100, -100) == -128 &&
          negate8(-128) == 127);
    CHECK(multiply_fraction(-32768, -32768) == 32767);
    CHECK(checked == 3311);
}
