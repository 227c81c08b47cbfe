/* Structures of 1 to 24 bytes passed and returned by value, alone, after other arguments and more than one at a time; changes of
 * a parameter stay in the callee. */
#include "certify.h"

#define SIZED(N)                                                                                         \
    struct bytes##N { uint8_t at[N]; };                                                                  \
    static NOINLINE struct bytes##N make##N(unsigned seed) {                                             \
        struct bytes##N value;                                                                           \
        for (unsigned i = 0; i < N; i++)                                                                 \
            value.at[i] = (uint8_t)(seed + i * i);                                                       \
        return value;                                                                                    \
    }                                                                                                    \
    static NOINLINE struct bytes##N reverse##N(struct bytes##N value) {                                  \
        for (unsigned i = 0; 2 * i + 1 < N; i++) {                                                       \
            uint8_t kept = value.at[i];                                                                  \
            value.at[i] = value.at[N - 1 - i];                                                           \
            value.at[N - 1 - i] = kept;                                                                  \
        }                                                                                                \
        return value;                                                                                    \
    }                                                                                                    \
    static struct bytes##N pick##N(int which, struct bytes##N a, int64_t wide, struct bytes##N b) {      \
        a.at[0] = (uint8_t)(a.at[0] + wide);                                                             \
        b.at[N - 1] = (uint8_t)(b.at[N - 1] - wide);                                                     \
        return which ? a : b;                                                                            \
    }                                                                                                    \
    static NOINLINE unsigned sum##N(uint8_t before, struct bytes##N value, uint16_t after) {             \
        unsigned sum = before;                                                                           \
        for (unsigned i = 0; i < N; i++)                                                                 \
            sum = sum * 17 + value.at[i];                                                                \
        return sum * 17 + after;                                                                         \
    }                                                                                                    \
    static unsigned model##N(unsigned before, unsigned seed, int reversed, unsigned after) {             \
        volatile unsigned sum = before;                                                                  \
        for (unsigned i = 0; i < N; i++) {                                                               \
            unsigned k = reversed ? N - 1 - i : i;                                                       \
            sum = sum * 17 + (uint8_t)(seed + k * k);                                                    \
        }                                                                                                \
        return sum * 17 + after;                                                                         \
    }                                                                                                    \
    static void check##N(unsigned seed) {                                                                \
        struct bytes##N a = make##N(opaque_unsigned(seed)), b = reverse##N(a), c = reverse##N(make##N(seed + 9)); \
        CHECK(sum##N(200, a, 60000) == model##N(200, seed, 0, 60000));                                   \
        CHECK(sum##N(7, b, 3) == model##N(7, seed, 1, 3));                                               \
        CHECK(sum##N((uint8_t)seed, reverse##N(reverse##N(c)), 0) == model##N((uint8_t)seed, seed + 9, 1, 0)); \
        struct bytes##N first = pick##N(opaque_int(1), a, 3, b), second = pick##N(0, a, opaque_int64(-5), c); \
        CHECK(first.at[0] == (uint8_t)(a.at[0] + 3) && second.at[N - 1] == (uint8_t)(c.at[N - 1] + 5));  \
        first.at[0] = a.at[0];                                                                           \
        second.at[N - 1] = c.at[N - 1];                                                                  \
        CHECK(sum##N(1, first, 1) == model##N(1, seed, 0, 1) && sum##N(1, second, 2) == model##N(1, seed + 9, 1, 2)); \
    }

SIZED(1)
SIZED(2)
SIZED(3)
SIZED(4)
SIZED(5)
SIZED(6)
SIZED(7)
SIZED(8)
SIZED(9)
SIZED(11)
SIZED(12)
SIZED(15)
SIZED(16)
SIZED(17)
SIZED(24)

/* Registers run out in the middle of the arguments. */
static NOINLINE unsigned many(int a, struct bytes3 b, int64_t c, struct bytes12 d, struct bytes8 e, uint8_t f, struct bytes17 g,
                              struct bytes1 h, struct bytes6 i, int j) {
    unsigned sum = (unsigned)a * 3 + b.at[0] + b.at[2] * 2u + (unsigned)c * 5 + d.at[0] + d.at[11] * 7u;
    e.at[7] = (uint8_t)(e.at[7] + f);
    return sum + e.at[0] + e.at[7] * 11u + f * 13u + g.at[16] + h.at[0] * 17u + i.at[5] * 19u + (unsigned)j * 23;
}

PROGRAM(struct_by_value_sizes) {
    for (unsigned seed = 0; seed < 400; seed += 133) {
        check1(seed);
        check2(seed);
        check3(seed);
        check4(seed);
        check5(seed);
        check6(seed);
        check7(seed);
        check8(seed);
        check9(seed);
        check11(seed);
        check12(seed);
        check15(seed);
        check16(seed);
        check17(seed);
        check24(seed);
    }
    unsigned expected = 3 + (1 + 2 * 5) + 10 + (2 + 7 * 123) + 3 + 11 * 56 + 13 * 4 + (4 + 256 - 256 + 0) + 17 * 5 + 19 * 31 - 23;
    CHECK(many(1, make3(1), 2, make12(2), make8(3), 4, make17(4), make1(5), make6(6), -1) == expected);
    CHECK(many(opaque_int(1), make3(opaque_unsigned(1)), opaque_int64(2), make12(2), make8(3), (uint8_t)opaque_unsigned(4), make17(4),
               make1(5), make6(opaque_unsigned(6)), opaque_int(-1)) == expected);
}
