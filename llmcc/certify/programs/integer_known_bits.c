/* Expressions in which some bits of the operands are known. Each set of functions exists twice: in one, every
 * intermediate value passes through a call that hides what is known about it, so only the other simplifies. */
#include "certify.h"

#define KEEP(x) (x)
#define HIDE(x) opaque_unsigned(x)

#define SHAPES(name, via)                                                                                          \
    static NOINLINE uint32_t aligned_##name(uint32_t x, uint32_t y) {                                              \
        uint32_t base = via(x << 4), low = via(y & 15);                                                            \
        uint32_t joined = via(base + low), other = via(base | low), third = via(base ^ low);                       \
        return via(joined - other) + via(third >> 4) * 3 + via(joined & 15);                                       \
    }                                                                                                              \
    static NOINLINE uint32_t compared_##name(uint32_t x, uint32_t y) {                                             \
        uint32_t small = via(x & 0xff), odd = via(y | 1), even = via(y * 2), result = 0;                           \
        if (via(small + 3) < 259)                                                                                  \
            result += 1;                                                                                           \
        if (odd != 0)                                                                                              \
            result += 2;                                                                                           \
        if (via(even + 1) != via(small * 2))                                                                       \
            result += 4;                                                                                           \
        if (via(small - 256) > 0xfffffefe)                                                                         \
            result += 8;                                                                                           \
        if ((int32_t)via(small ^ odd) < 0)                                                                         \
            result += 16;                                                                                          \
        if (via(small >> 4) * 16 + via(small % 16) == small)                                                       \
            result += 32;                                                                                          \
        if (via(even & 0x55) > via(small | 0x40))                                                                  \
            result += 64;                                                                                          \
        return result;                                                                                             \
    }                                                                                                              \
    static NOINLINE uint32_t demanded_##name(uint32_t x, uint32_t y) {                                             \
        uint32_t high = via(via(x | 0xff00) + via(y << 16)), low = via(via(x * y) & 7);                            \
        uint32_t product = via(via(x | 8) * via(y & ~7u)), sign = via((uint32_t)((int32_t)via(x << 24) >> 24));    \
        uint32_t byte = via(via(sign + high) & 0xff), top = via(via(high & 0xffff0000) >> 16);                     \
        return byte + low * 256 + via(product & 15) * 4096 + top * 65537 - via(via(~x & x) + via(x | ~x));         \
    }                                                                                                              \
    static NOINLINE uint32_t divided_##name(uint32_t x, uint32_t y) {                                              \
        uint32_t multiple = via(via(x & 0xffff) * 12), divisor = via(1u << via(y & 7));                            \
        uint32_t small = via(y % 10), quotient = via(via(multiple + 5) / 12);                                      \
        return via(multiple / divisor) + via(multiple % divisor) * 3 + via(quotient ^ via(x & 0xffff)) * 5         \
             + via(via(small * 6) % 60) + via(multiple % 4) + via(via(x | 0x80000000) / 0x80000001) * 77;          \
    }                                                                                                              \
    static NOINLINE uint32_t merged_##name(uint32_t x, uint32_t y, int way) {                                      \
        uint32_t value;                                                                                            \
        if (way == 0)                                                                                              \
            value = via(x & 0x30);                                                                                 \
        else if (way == 1)                                                                                         \
            value = via(via(y & 1) << 5);                                                                          \
        else                                                                                                       \
            value = via(via(x >> 31) * 16);                                                                        \
        for (int i = 0; i < 3; i++)                                                                                \
            value = via(via(value >> 1) & via(value | 0x38)) + via(value & 0x10) * 2;                              \
        return via(value & 0xffffff00) * 7 + via(value & 7) + value * 256;                                         \
    }                                                                                                              \
    static NOINLINE uint32_t shifted_##name(uint32_t x, uint32_t y) {                                              \
        uint32_t amount = via(via(y & 3) + 8), back = via(via(x << amount) >> amount);                             \
        uint32_t cleared = via(via(x >> amount) << amount), step = via(via(32 - amount) & 31);                     \
        int32_t spread = (int32_t)via(x << 3) >> via(29);                                                          \
        return via(back ^ cleared) + via(x >> step) * 3 + via((uint32_t)spread & 0x80000007)                       \
             + via(via(x & 0x7fffffff) >> 31) * 99 + via((uint32_t)__builtin_popcount(via(y & 0x111)) << 4);       \
    }

SHAPES(known, KEEP)
SHAPES(hidden, HIDE)

/* A counter that only grows by multiples, and a pointer's worth of alignment carried around a loop. */
static NOINLINE uint32_t strided(uint32_t start, int count) {
    uint32_t i = start * 8, misses = 0;
    for (; count > 0; count--, i += 24)
        if (i & 7)
            misses++;
        else if ((i | 4) == i + 4 && (i ^ 3) - 3 == i)
            misses += 0x10000;
    return misses;
}

/* Values of a table whose bits all lie in a mask; the tests are decided by the mask alone. */
static NOINLINE int from_table(unsigned at) {
    static const uint8_t table[8] = {0x40, 0x50, 0x42, 0x52, 0x60, 0x72, 0x70, 0x62};
    unsigned x = table[at & 7];
    int result = (x & 0x8d) != 0;
    if (x >= 0x40 && x < 0x73)
        result += 2;
    if ((x & 0x40) == 0)
        result += 4;
    return result + (int)(x >> 6) * 8 + (int)(x & 2) * 8;
}

PROGRAM(integer_known_bits) {
    uint32_t state = opaque_unsigned(2463534242), checked = 0;
    static const uint32_t edges[] = {0, 1, 2, 0xff, 0x7fffffff, 0x80000000, 0x80000001, UINT32_MAX, 0xfffefdfc};
    for (int i = 0; i < 150; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        uint32_t x = i < 81 ? edges[i / 9] : state, y = i < 81 ? edges[i % 9] : state >> i % 32 ^ 0x55;
        CHECK(aligned_known(x, y) == aligned_hidden(x, y) && compared_known(x, y) == compared_hidden(x, y));
        CHECK(demanded_known(x, y) == demanded_hidden(x, y) && divided_known(x, y) == divided_hidden(x, y));
        CHECK(shifted_known(x, y) == shifted_hidden(x, y) && merged_known(x, y, i % 3) == merged_hidden(x, y, i % 3));
        CHECK(aligned_known(x, y) == (x & 0x0fffffff) * 3 + (y & 15) && (compared_known(x, y) & 39) == 39);
        checked += opaque_unsigned(1);
    }
    CHECK(checked == 150 && strided(opaque_unsigned(0x1fffffff), 40) == 40u << 16);
    for (unsigned i = 0; i < 8; i++)
        CHECK(from_table(opaque_unsigned(i + 8)) == 10 + (i == 2 || i == 3 || i == 5 || i == 7 ? 16 : 0));
}
