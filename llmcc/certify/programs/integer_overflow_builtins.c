/* __builtin_add_overflow, sub and mul in several widths, with operands and result of unlike types, against exact
 * results in a wider type, and at the end of loops that stop at the first overflow. */
#include "certify.h"

#define OVERFLOWS(name, left, right, result)                                                                       \
    static int add_##name(left a, right b, result *r) { return __builtin_add_overflow(a, b, r); }                  \
    static int sub_##name(left a, right b, result *r) { return __builtin_sub_overflow(a, b, r); }                  \
    static int mul_##name(left a, right b, result *r) { return __builtin_mul_overflow(a, b, r); }                  \
    static NOINLINE void check_##name(int64_t x, int64_t y) {                                                      \
        left a = (left)x;                                                                                          \
        right b = (right)y;                                                                                        \
        result r;                                                                                                  \
        int64_t sum = (int64_t)a + b, difference = (int64_t)a - b;                                                 \
        CHECK(add_##name(a, b, &r) == (sum != (result)sum) && r == (result)sum);                                   \
        CHECK(sub_##name(a, b, &r) == (difference != (result)difference) && r == (result)difference);              \
        if (magnitude(a) < (1u << 31) || magnitude(b) < (1u << 31)) {                                              \
            int64_t product = (int64_t)a * b;                                                                      \
            CHECK(mul_##name(a, b, &r) == (product != (result)product) && r == (result)product);                   \
        }                                                                                                          \
    }

static uint64_t magnitude(int64_t value) { return value < 0 ? 0 - (uint64_t)value : (uint64_t)value; }

OVERFLOWS(s32, int32_t, int32_t, int32_t)
OVERFLOWS(u32, uint32_t, uint32_t, uint32_t)
OVERFLOWS(s8, int8_t, int8_t, int8_t)
OVERFLOWS(u16, uint16_t, uint16_t, uint16_t)
OVERFLOWS(s32_u32_s32, int32_t, uint32_t, int32_t)
OVERFLOWS(s32_s32_u32, int32_t, int32_t, uint32_t)
OVERFLOWS(u32_u32_s32, uint32_t, uint32_t, int32_t)
OVERFLOWS(s32_s32_u8, int32_t, int32_t, uint8_t)
OVERFLOWS(u8_s32_s16, uint8_t, int32_t, int16_t)

static NOINLINE void check64(int64_t a, int64_t b) {
    int64_t r;
    uint64_t u, wide = (uint64_t)a + (uint64_t)b;
    CHECK(__builtin_add_overflow(a, b, &r) == ((a < 0) == (b < 0) && (a < 0) != (wide >> 63 != 0)) &&
          (uint64_t)r == wide);
    CHECK(__builtin_add_overflow((uint64_t)a, (uint64_t)b, &u) == (wide < (uint64_t)a) && u == wide);
    wide = (uint64_t)a - (uint64_t)b;
    CHECK(__builtin_sub_overflow(a, b, &r) == ((a < 0) != (b < 0) && (a < 0) != (wide >> 63 != 0)) &&
          (uint64_t)r == wide);
    CHECK(__builtin_sub_overflow((uint64_t)a, (uint64_t)b, &u) == ((uint64_t)a < (uint64_t)b) && u == wide);
    wide = (uint64_t)a * (uint64_t)b;
    CHECK(__builtin_mul_overflow((uint64_t)a, (uint64_t)b, &u) == (a != 0 && wide / (uint64_t)a != (uint64_t)b));
    CHECK(u == wide);
    uint64_t ma = magnitude(a), mb = magnitude(b), limit = (uint64_t)INT64_MAX + ((a < 0) != (b < 0));
    CHECK(__builtin_mul_overflow(a, b, &r) == (mb != 0 && ma > limit / mb) && (uint64_t)r == wide);
}

/* Reads digits until the value no longer fits: the number of characters taken. */
static NOINLINE int parse(const char *text, int negative, int32_t *value) {
    int32_t v = 0, next;
    int taken = 0;
    for (; text[taken] >= '0' && text[taken] <= '9'; taken++) {
        if (__builtin_mul_overflow(v, 10, &next))
            break;
        if (negative ? __builtin_sub_overflow(next, text[taken] - '0', &next)
                     : __builtin_add_overflow(next, text[taken] - '0', &next))
            break;
        v = next;
    }
    *value = v;
    return taken;
}

static int steps_to_overflow(uint32_t start, uint32_t step) {
    int count = 0;
    while (!__builtin_add_overflow(start, step, &start))
        count++;
    return count;
}

PROGRAM(integer_overflow_builtins) {
    unsigned checked = 0;
    static const int64_t edges[] = {0, 1, -1, 2, 15, 16, -128, 127, 255, 256, 46340, 46341, 65535, 65536, -65536,
                                    INT32_MAX, INT32_MIN, UINT32_MAX};
    enum { count = sizeof edges / sizeof *edges };
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++, checked += opaque_unsigned(1)) {
            int64_t a = opaque_int64(edges[i]), b = opaque_int64(edges[j]);
            check_s32(a, b), check_u32(a, b), check_s8(a, b), check_u16(a, b);
            check_s32_u32_s32(a, b), check_s32_s32_u32(a, b), check_u32_u32_s32(a, b);
            check_s32_s32_u8(a, b), check_u8_s32_s16(a, b);
            check64(a, b), check64(a * ((int64_t)1 << 31), b), check64(INT64_MIN + (a & 255), b),
                check64(INT64_MAX - (a & 255), -(b & 3));
        }

    int32_t value;
    CHECK(parse("2147483647", opaque_int(0), &value) == 10 && value == INT32_MAX);
    CHECK(parse("2147483648", opaque_int(0), &value) == 9 && value == 214748364);
    CHECK(parse("2147483648", opaque_int(1), &value) == 10 && value == INT32_MIN);
    CHECK(parse("2147483649", 1, &value) == 9 && value == -214748364);
    CHECK(parse("00000000000042x", 0, &value) == 14 && value == 42);

    CHECK(steps_to_overflow(opaque_unsigned(0), 0x10000001) == 15);
    CHECK(steps_to_overflow(opaque_unsigned(5), 0xfffffff0) == 1 && steps_to_overflow(5, 0xfffffffb) == 0);

    /* 20! is the last factorial that fits in 63 bits, 12! in 31, 5! in 7. */
    int64_t f64 = 1;
    int32_t f32 = 1;
    int8_t f8 = 1;
    int n64 = 1, n32 = 1, n8 = 1;
    for (int64_t next; !__builtin_mul_overflow(f64, n64 + 1, &next); f64 = next)
        n64++;
    for (int32_t next; !__builtin_mul_overflow(f32, n32 + 1, &next); f32 = next)
        n32++;
    for (int8_t next; !__builtin_mul_overflow(f8, n8 + 1, &next); f8 = next)
        n8++;
    CHECK(n64 == 20 && f64 == 2432902008176640000 && n32 == 12 && f32 == 479001600 && n8 == 5 && f8 == 120);
    CHECK(checked == 324);
}
