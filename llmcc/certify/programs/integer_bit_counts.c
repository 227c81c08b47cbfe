/* Counts of leading and trailing zeros, set bits, redundant sign bits, parity: the builtins in every width, the
 * loops that compilers recognise as such, and arithmetic formulas; zero included where it is defined. */
#include "certify.h"

struct counts { int leading, trailing, ones, parity, sign, first; };

/* Looks at every bit once. */
static NOINLINE struct counts by_bits(uint64_t x, int width) {
    struct counts c = {width, width, 0, 0, 0, 0};
    int sign = (int)(x >> (width - 1) & 1), same = 1;
    for (int i = width - 1; i >= 0; i--) {
        int bit = (int)(x >> i & 1);
        if (bit) {
            if (c.leading == width)
                c.leading = width - 1 - i;
            c.trailing = i;
            c.first = i + 1;
            c.ones++;
        }
        same &= bit == sign;
        c.sign += same;
    }
    c.sign--;
    c.parity = c.ones % 2;
    return c;
}

#define LOOPS(bits, type)                                                                                          \
    static NOINLINE int ones_clearing##bits(type x) {                                                              \
        int count = 0;                                                                                             \
        while (x) {                                                                                                \
            x &= (type)(x - 1);                                                                                    \
            count++;                                                                                               \
        }                                                                                                          \
        return count;                                                                                              \
    }                                                                                                              \
    static NOINLINE int length_shifting##bits(type x) {                                                            \
        int length = 0;                                                                                            \
        for (; x != 0; x = (type)(x >> 1))                                                                         \
            length++;                                                                                              \
        return length;                                                                                             \
    }                                                                                                              \
    static NOINLINE int logarithm##bits(type x) {                                                                  \
        int result = -1;                                                                                           \
        do                                                                                                         \
            result++;                                                                                              \
        while (x >>= 1);                                                                                           \
        return result;                                                                                             \
    }                                                                                                              \
    static NOINLINE int trailing_testing##bits(type x) {                                                           \
        int count = 0;                                                                                             \
        for (; count < bits && !(x & 1); x = (type)(x >> 1))                                                       \
            count++;                                                                                               \
        return count;                                                                                              \
    }                                                                                                              \
    static NOINLINE int trailing_growing##bits(type x) {                                                           \
        int count = 0;                                                                                             \
        for (type probe = 1; probe && !(x & probe); probe = (type)(probe << 1))                                    \
            count++;                                                                                               \
        return count;                                                                                              \
    }                                                                                                              \
    static NOINLINE int parity_folding##bits(type x) {                                                             \
        for (int half = bits / 2; half > 0; half /= 2)                                                             \
            x ^= (type)(x >> half);                                                                                \
        return x & 1;                                                                                              \
    }                                                                                                              \
    static void check_loops##bits(type x) {                                                                        \
        struct counts c = by_bits(x, bits);                                                                        \
        CHECK(ones_clearing##bits(x) == c.ones && length_shifting##bits(x) == bits - c.leading);                   \
        CHECK(trailing_testing##bits(x) == c.trailing && trailing_growing##bits(x) == c.trailing);                 \
        CHECK(parity_folding##bits(x) == c.parity && logarithm##bits(x) == (x ? bits - 1 - c.leading : 0));        \
    }

LOOPS(8, uint8_t)
LOOPS(16, uint16_t)
LOOPS(32, uint32_t)
LOOPS(64, uint64_t)

/* A zero argument, which the builtins leave undefined, goes round them. */
static int leading32(uint32_t x) { return x ? __builtin_clz(x) : 32; }
static int trailing32(uint32_t x) { return x == 0 ? 32 : __builtin_ctz(x); }
static int leading64(uint64_t x) { return x ? __builtin_clzll(x) : 64; }
static int trailing64(uint64_t x) { return x == 0 ? 64 : __builtin_ctzll(x); }
static int leading16(uint16_t x) { return x ? __builtin_clz(x) - 16 : 16; }
static int leading8(uint8_t x) { return __builtin_clz((uint32_t)x << 24 | 0x800000); }
static int trailing16(uint16_t x) { return __builtin_ctz(x | 0x10000u); }
static int trailing8(uint8_t x) { return __builtin_ctzll(x | (uint64_t)0x100); }

static NOINLINE int ones_in_parallel(uint32_t x) {
    x -= x >> 1 & 0x55555555;
    x = (x & 0x33333333) + (x >> 2 & 0x33333333);
    x = (x + (x >> 4)) & 0x0f0f0f0f;
    return (int)(x * 0x01010101 >> 24);
}

static void check_builtins(uint64_t x) {
    uint32_t n = (uint32_t)(x ^ x >> 32);
    struct counts wide = by_bits(x, 64), c = by_bits(n, 32), half = by_bits(n & 0xffff, 16),
        byte = by_bits(n & 0xff, 8);
    CHECK(leading64(x) == wide.leading && trailing64(x) == wide.trailing && __builtin_ffsll((int64_t)x) == wide.first);
    CHECK(__builtin_popcountll(x) == wide.ones && __builtin_parityll(x) == wide.parity);
    CHECK(__builtin_clrsbll((int64_t)x) == wide.sign && __builtin_clrsb((int32_t)n) == c.sign);
    CHECK(leading32(n) == c.leading && trailing32(n) == c.trailing && __builtin_ffs((int32_t)n) == c.first);
    CHECK(__builtin_popcount(n) == c.ones && __builtin_parity(n) == c.parity && ones_in_parallel(n) == c.ones);
    CHECK(leading16((uint16_t)n) == half.leading && trailing16((uint16_t)n) == half.trailing);
    CHECK(leading8((uint8_t)n) == byte.leading && trailing8((uint8_t)n) == byte.trailing);
    CHECK(__builtin_popcount((uint16_t)n) == half.ones && __builtin_parity((uint8_t)n) == byte.parity);
    CHECK((__builtin_popcountll(x) == 1) == (x && !(x & (x - 1))) &&
          (__builtin_popcount(n) < 2) == ((n & (n - 1)) == 0));
    /* Formulas over the counts: the lowest bit, a rounded power of two, a mask below the lowest bit. */
    CHECK(x == 0 || (uint64_t)1 << __builtin_ctzll(x) == (x & (0 - x)));
    CHECK(n < 2 || n > 0x80000000 ||
          ((1u << (32 - __builtin_clz(n - 1))) >= n && (1u << (31 - __builtin_clz(n - 1))) < n));
    CHECK(__builtin_popcountll(~x & (x - 1)) == trailing64(x) && (31 ^ leading32(n | 1)) == 31 - leading32(n | 1));
}

PROGRAM(integer_bit_counts) {
    unsigned checked = 0;
    for (unsigned i = 0; i < 64; i += 1 + i % 2)
        for (unsigned j = 0; j < 64; j += 9, checked += opaque_unsigned(1)) {
            uint64_t x = opaque_uint64((uint64_t)1 << i) - ((uint64_t)1 << j);
            check_builtins(x);
            check_builtins(~x ^ (uint64_t)i << 30);
            if (j % 2 == 0) {
                check_loops8((uint8_t)(x >> 3)), check_loops16((uint16_t)x);
                check_loops32((uint32_t)x), check_loops64(x);
            }
        }
    check_builtins(opaque_uint64(0));
    check_loops8(0), check_loops64(opaque_uint64(UINT64_MAX));
    CHECK(leading32(0x00ffffff) == 8 && trailing64(0) == 64 && __builtin_popcount(0xf0f0u) == 8 &&
          logarithm16(0xffff) == 15);
    CHECK(checked == 264);
}
