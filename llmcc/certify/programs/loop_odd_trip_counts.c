/* Loops of every trip count from 0 to 70, over several widths and with several accumulators: sums known by formula,
 * copies that must stop at the last element, and tails of unrolled or vector bodies. */
#include "certify.h"

#define LIMIT 70
static uint8_t bytes[LIMIT + 8];
static int16_t shorts[LIMIT + 8];
static uint32_t words[LIMIT + 8];
static int64_t longs[LIMIT + 8];

static int64_t sum_longs(const int64_t *values, unsigned count) {
    int64_t sum = 0;
    for (unsigned index = 0; index < count; index++)
        sum += values[index];
    return sum;
}

static NOINLINE int32_t sum_squares(const int16_t *values, int count) {
    int32_t sum = 0;
    for (int index = 0; index < count; index++)
        sum += values[index] * values[index];
    return sum;
}

static uint32_t alternating(const uint32_t *values, size_t count) {
    uint32_t sum = 0;
    for (size_t index = 0; index < count; index++)
        sum = (index & 1) ? sum - values[index] : sum + values[index];
    return sum;
}

static NOINLINE void affine(uint8_t *to, const uint8_t *from, unsigned count, uint8_t factor, uint8_t offset) {
    for (unsigned index = 0; index < count; index++)
        to[index] = (uint8_t)(from[index] * factor + offset);
}

static NOINLINE void widen(uint32_t *to, const uint8_t *from, unsigned count) {
    for (unsigned index = 0; index < count; index++)
        to[index] = from[index] * 0x01010101u;
}

static NOINLINE void narrow(uint8_t *to, const uint32_t *from, unsigned count) {
    for (unsigned index = 0; index < count; index++)
        to[index] = (uint8_t)(from[index] >> 5);
}

/* Two results and a condition in one body. */
static void split(const uint32_t *values, unsigned count, uint32_t *even, uint32_t *odd) {
    uint32_t first = 0, second = 1;
    for (unsigned index = 0; index < count; index++) {
        if (values[index] % 2 == 0)
            first += values[index];
        else
            second *= values[index];
    }
    *even = first;
    *odd = second;
}

/* The same trip count, told to the compiler. */
static unsigned fixed_counts(const uint8_t *from) {
    unsigned sum = 0;
    for (int index = 0; index < 1; index++) sum += from[index];
    for (int index = 0; index < 2; index++) sum += from[index] * 2u;
    for (int index = 0; index < 3; index++) sum += from[index] * 3u;
    for (int index = 0; index < 5; index++) sum += from[index] * 5u;
    for (int index = 0; index < 7; index++) sum += from[index] * 7u;
    for (int index = 0; index < 17; index++) sum += from[index] * 17u;
    for (int index = 0; index < 31; index++) sum += from[index] * 31u;
    return sum;
}

PROGRAM(loop_odd_trip_counts) {
    static uint8_t to_bytes[LIMIT + 8];
    static uint32_t to_words[LIMIT + 8];
    for (int index = 0; index < LIMIT + 8; index++) {
        bytes[index] = (uint8_t)(index + 1);
        shorts[index] = (int16_t)(index % 2 ? -index : index);
        words[index] = (uint32_t)index * 3u + 1u;
        longs[index] = index * INT64_C(10000000000);
    }
    for (unsigned trips = 0; trips <= LIMIT; trips++) {
        unsigned count = opaque_unsigned(trips);
        int64_t n = (int64_t)trips;
        CHECK(sum_longs(longs, count) == n * (n - 1) / 2 * INT64_C(10000000000));
        CHECK(sum_squares(shorts, (int)count) == (n - 1) * n * (2 * n - 1) / 6);
        CHECK(sum_squares(shorts + 1, (int)count) == n * (n + 1) * (2 * n + 1) / 6);
        CHECK(sum_squares(shorts + 2, (int)count) == (n + 1) * (n + 2) * (2 * n + 3) / 6 - 1);
        CHECK(alternating(words, count) == (trips % 2 ? 3u * (trips - 1) / 2 + 1u : 0u - 3u * (trips / 2)));

        for (unsigned offset = 0; offset < 3; offset++) {
            for (int index = 0; index < LIMIT + 8; index++)
                to_bytes[index] = 0xA5;
            affine(to_bytes + offset, bytes, count, 7, 3);
            for (unsigned index = 0; index < LIMIT + 8; index++) {
                unsigned place = index - offset;
                CHECK(to_bytes[index] == (place < trips ? (7 * (place + 1) + 3) % 256 : 0xA5));
            }
        }
        for (int index = 0; index < LIMIT + 8; index++)
            to_words[index] = 0xDEADBEEFu;
        widen(to_words + 1, bytes + 2, count);
        for (unsigned index = 0; index < LIMIT + 8; index++) {
            uint32_t expected = 0xDEADBEEFu;
            if (index >= 1 && index <= trips)
                expected = (uint32_t)(index + 2) << 24 | (uint32_t)(index + 2) << 16 | (index + 2) << 8 | (index + 2);
            CHECK(to_words[index] == expected);
        }
        to_bytes[trips] = 0x5A;
        narrow(to_bytes, to_words + 1, count);
        for (unsigned index = 0; index < trips; index++)
            CHECK(to_bytes[index] == ((index + 3) << 3 | (index + 3) >> 5) % 256);
        CHECK(to_bytes[trips] == 0x5A);

        uint32_t even, odd, sum = 0, product = 1;
        split(words, count, &even, &odd);
        for (unsigned index = trips; index > 0; index--) {
            volatile uint32_t value = (index - 1) * 3u + 1u;
            sum += value % 2 ? 0 : value;
            product *= value % 2 ? value : 1;
        }
        CHECK(even == sum && odd == product);
    }
    /* Sums of 1..n, each times n, for n in 1, 2, 3, 5, 7, 17, 31. */
    CHECK(fixed_counts(bytes) == 1 + 2 * 3 + 3 * 6 + 5 * 15 + 7 * 28 + 17 * 153 + 31 * 496);
    CHECK(fixed_counts((const uint8_t *)opaque_pointer(bytes + 1)) == 1 * 2 + 2 * 5 + 3 * 9 + 5 * 20 + 7 * 35 + 17 * 170 + 31 * 527);
}
