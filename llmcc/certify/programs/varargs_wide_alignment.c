/* Variadic 64 bit integers between 32 bit ones: each order of the two widths, after an even and an odd number of fixed arguments. */
#include "certify.h"
#include <stdarg.h>

static uint64_t mix(uint64_t hash, uint64_t value) { return (hash ^ value) * 0x9e3779b97f4a7c15u + (hash >> 29); }

/* Bit i of pattern says that argument i has 64 bits. */
static NOINLINE uint64_t gather(unsigned pattern, unsigned count, ...) {
    va_list arguments;
    uint64_t hash = count;
    va_start(arguments, count);
    for (unsigned i = 0; i < count; i++)
        if (pattern >> i & 1)
            hash = mix(hash, va_arg(arguments, uint64_t));
        else
            hash = mix(hash, va_arg(arguments, uint32_t));
    va_end(arguments);
    return hash;
}

static NOINLINE uint64_t gather_odd(unsigned pattern, uint64_t start, unsigned count, ...) {
    va_list arguments;
    uint64_t hash = start;
    va_start(arguments, count);
    for (unsigned i = 0; i < count; i++)
        if (pattern >> i & 1)
            hash = mix(hash, va_arg(arguments, uint64_t));
        else
            hash = mix(hash, va_arg(arguments, uint32_t));
    va_end(arguments);
    return hash;
}

/* Differs from gather in that negative values count as such. */
static NOINLINE int64_t gather_signed(unsigned pattern, unsigned count, ...) {
    va_list arguments;
    int64_t sum = 0;
    va_start(arguments, count);
    for (unsigned i = 0; i < count; i++) {
        int64_t value = pattern >> i & 1 ? va_arg(arguments, int64_t) : va_arg(arguments, int32_t);
        sum += value / (int64_t)(i + 2);
    }
    va_end(arguments);
    return sum;
}

static uint64_t expected(uint64_t hash, unsigned pattern, unsigned count, const uint64_t *values) {
    for (unsigned i = 0; i < count; i++)
        hash = mix(hash, pattern >> i & 1 ? values[i] : values[i] & 0xffffffffu);
    return hash;
}

static int64_t expected_signed(unsigned pattern, unsigned count, const uint64_t *values) {
    int64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += (pattern >> i & 1 ? (int64_t)values[i] : (int64_t)(int32_t)values[i]) / (int64_t)(i + 2);
    return sum;
}

#define N(i) ((uint32_t)values[i])
#define W(i) (values[i])
#define THREE(function, ...)                                                                  \
    switch (pattern & 7) {                                                                    \
    case 0: return function(__VA_ARGS__, N(0), N(1), N(2));                                   \
    case 1: return function(__VA_ARGS__, W(0), N(1), N(2));                                   \
    case 2: return function(__VA_ARGS__, N(0), W(1), N(2));                                   \
    case 3: return function(__VA_ARGS__, W(0), W(1), N(2));                                   \
    case 4: return function(__VA_ARGS__, N(0), N(1), W(2));                                   \
    case 5: return function(__VA_ARGS__, W(0), N(1), W(2));                                   \
    case 6: return function(__VA_ARGS__, N(0), W(1), W(2));                                   \
    default: return function(__VA_ARGS__, W(0), W(1), W(2));                                  \
    }

static NOINLINE uint64_t call_even(unsigned pattern, const uint64_t *values) { THREE(gather, pattern, 3) }
static NOINLINE uint64_t call_odd(unsigned pattern, const uint64_t *values) { THREE(gather_odd, pattern, 17, 3) }
static NOINLINE int64_t call_signed(unsigned pattern, const uint64_t *values) {
#undef N
#undef W
#define N(i) ((int32_t)values[i])
#define W(i) ((int64_t)values[i])
    THREE(gather_signed, pattern, 3)
}

PROGRAM(varargs_wide_alignment) {
    unsigned checked = 0;
    uint64_t values[10];
    uint64_t state = opaque_uint64(0xfedcba9876543210u);
    for (unsigned round = 0; round < 12; round++) {
        for (unsigned i = 0; i < 10; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            values[i] = state ^ state >> 31;
            checked++;
        }
        for (unsigned pattern = 0; pattern < 8; pattern++) {
            CHECK(call_even(pattern, values) == expected(3, pattern, 3, values));
            CHECK(call_odd(pattern, values) == expected(17, pattern, 3, values));
            CHECK(call_signed(pattern, values) == expected_signed(pattern, 3, values));
            checked++;
        }
        CHECK(gather(0x2aa, 10, (uint32_t)values[0], values[1], (uint32_t)values[2], values[3], (uint32_t)values[4], values[5],
                     (uint32_t)values[6], values[7], (uint32_t)values[8], values[9]) == expected(10, 0x2aa, 10, values));
        CHECK(gather_odd(0x36d, state, 10, values[0], (uint32_t)values[1], values[2], values[3], (uint32_t)values[4], values[5],
                         values[6], (uint32_t)values[7], values[8], values[9]) == expected(state, 0x36d, 10, values));
        checked++;
    }
    CHECK(gather_signed(2, 3, (int32_t)7, INT64_C(-3000000000000), (int32_t)-8) == 3 - INT64_C(1000000000000) - 2);
    CHECK(gather(5, 0, values[0], (uint32_t)values[1]) == 0);
    /* No loop was left out. */
    CHECK(checked == 228);
}
