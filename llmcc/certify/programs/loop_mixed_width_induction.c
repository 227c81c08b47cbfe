/* Several induction variables of different widths and signs in one loop: narrow ones that wrap beside wide ones that do
 * not, sums of both in an address, products that must stay narrow, and a narrow bound against a wide counter. */
#include "certify.h"

#define SIZE 300
static uint8_t table[SIZE];

struct trail {
    uint32_t hash;
    uint8_t byte;
    int16_t half;
    uint32_t word;
    int64_t wide;
};

static NOINLINE struct trail together(unsigned trips, uint8_t byte_step, int16_t half_step, uint32_t word_step, int64_t wide_step) {
    struct trail trail = {1, 200, 32000, 0xFFFFFF00u, -5};
    for (unsigned trip = 0; trip < trips; trip++) {
        trail.hash = trail.hash * 33u + trail.byte + (uint32_t)trail.half + trail.word + (uint32_t)(trail.wide >> 4);
        trail.byte = (uint8_t)(trail.byte + byte_step);
        trail.half = (int16_t)(trail.half + half_step);
        trail.word += word_step;
        trail.wide += wide_step;
    }
    return trail;
}

/* The same values by multiplication, in 64 bits, cut to the width at the end. */
static void check_together(unsigned trips, unsigned byte_step, int half_step, uint32_t word_step, int64_t wide_step) {
    struct trail trail = together(opaque_unsigned(trips), (uint8_t)byte_step, (int16_t)half_step, word_step, wide_step);
    uint32_t hash = 1;
    for (unsigned trip = 0; trip <= trips; trip++) {
        int64_t n = opaque_int64(trip);
        uint32_t byte = (uint32_t)((200 + n * byte_step) % 256);
        int64_t half = ((32000 + n * half_step + 32768) % 65536 + 65536) % 65536 - 32768;
        uint32_t word = (uint32_t)(INT64_C(0xFFFFFF00) + n * word_step);
        int64_t wide = -5 + n * wide_step;
        if (trip == trips)
            CHECK(trail.byte == byte && trail.half == half && trail.word == word && trail.wide == wide);
        else
            hash = hash * 33u + byte + (uint32_t)half + word + (uint32_t)(wide >> 4);
    }
    CHECK(trail.hash == hash);
}

/* A byte counter added to a wide base: the sum may pass 255 although the counter never does. */
static uint32_t base_and_byte(size_t base, uint8_t from, uint8_t trips) {
    uint32_t sum = 0;
    for (uint8_t at = from, left = trips; left != 0; at++, left--)
        sum = sum * 3u + table[base + at];
    return sum;
}

/* The sum itself is a byte. */
static uint32_t byte_of_both(size_t base, uint8_t from, uint8_t trips) {
    uint32_t sum = 0;
    for (uint8_t at = from, left = trips; left != 0; at++, left--)
        sum = sum * 3u + table[(uint8_t)(base + at)];
    return sum;
}

static uint32_t table_plain(unsigned base, unsigned from, unsigned trips, int outer_byte) {
    const volatile uint8_t *slow = table;
    uint32_t sum = 0;
    for (unsigned trip = 0; trip < trips; trip++) {
        unsigned at = (from + trip) & 255u;
        sum = sum * 3u + slow[outer_byte ? (base + at) & 255u : base + at];
    }
    return sum;
}

/* A signed counter that starts below zero as an offset from the middle, extended with its sign every time. */
static NOINLINE int32_t around_middle(const uint8_t *middle, int8_t from, int8_t to) {
    int32_t sum = 0;
    for (int8_t at = from; at < to; at++)
        sum += middle[at] * at;
    return sum;
}

/* The product of narrow counters wraps at 16 bits, the sum of the products does not. */
static uint64_t narrow_products(uint16_t rows, uint16_t columns) {
    uint64_t sum = 0;
    for (uint16_t row = 0; row < rows; row = (uint16_t)(row + 7))
        for (uint16_t column = 1000; column < columns; column = (uint16_t)(column + 300)) {
            uint16_t product = (uint16_t)((uint32_t)row * column);
            sum += product;
            sum += (uint64_t)row * column << 32;
        }
    return sum;
}

/* The counter is 32 bits wide and crosses into values that a sign extension would take for negative. */
static uint64_t crossing(uint32_t from, uint32_t trips, uint32_t step) {
    uint64_t sum = 0;
    uint32_t at = from;
    for (int32_t trip = 0; trip < (int32_t)trips; trip++, at += step)
        sum += (uint64_t)at * 3 + (uint64_t)(int64_t)(int32_t)at;
    return sum;
}

/* The bound is read as a byte each time, the counter is a size. */
static size_t until_narrow_bound(const uint8_t *bound, uint8_t *cell) {
    size_t at;
    for (at = 0; at < *bound; at += 3)
        *cell = (uint8_t)(*cell + 100);
    return at;
}

PROGRAM(loop_mixed_width_induction) {
    for (unsigned index = 0; index < SIZE; index++)
        table[index] = (uint8_t)(index * 71u + (index >> 3));
    for (unsigned trips = 0; trips < 90; trips += 11) {
        check_together(trips, 3, 700, 1, 1);
        check_together(trips, 255, -1, 0x01234567u, INT64_C(-0x123456789));
        check_together(trips, 128, -32768, 0xFFFFFFFFu, INT64_C(0x80000000));
        check_together(trips, 37, 999, 16, opaque_int64(INT64_C(0xFFFFFFFF)));
    }
    for (unsigned from = 0; from < 256; from += 17)
        for (unsigned trips = 0; trips < 256; trips += 51) {
            unsigned base = from * 2 % 45;
            CHECK(base_and_byte(opaque_unsigned(base), (uint8_t)opaque_unsigned(from), (uint8_t)trips) == table_plain(base, from, trips, 0));
            CHECK(byte_of_both(opaque_unsigned(base), (uint8_t)from, (uint8_t)opaque_unsigned(trips)) == table_plain(base, from, trips, 1));
        }
    for (int from = -128; from < 127; from += 15) {
        int32_t expected = 0;
        for (int at = from; at < 90; at++)
            expected += *(const volatile uint8_t *)&table[150 + at] * at;
        CHECK(around_middle(table + 150, (int8_t)opaque_int(from), 90) == expected);
    }
    uint64_t expected = 0;
    for (uint64_t row = 0; row < 140; row += 7)
        for (uint64_t column = 1000; column < 20000; column += 300)
            expected += row * column % 65536 + row * column * UINT64_C(0x100000000);
    CHECK(narrow_products((uint16_t)opaque_unsigned(140), (uint16_t)opaque_unsigned(20000)) == expected);
    CHECK(narrow_products((uint16_t)opaque_unsigned(140), 1000) == 0);
    for (uint32_t step = 1; step < 0x40000000u; step = step * 5 + 1) {
        uint64_t sum = 0;
        uint64_t at = 0x7FFFFFF0u;
        for (int trip = 0; trip < 25; trip++, at = (at + step) % UINT64_C(0x100000000))
            sum += at * 4 - (at >> 31 << 32);
        CHECK(crossing(opaque_unsigned(0x7FFFFFF0u), opaque_unsigned(25), step) == sum);
    }
    for (unsigned bound = 0; bound < 256; bound += 15) {
        uint8_t limit = (uint8_t)bound, cell = 5;
        CHECK(until_narrow_bound(&limit, &cell) == (bound + 2) / 3 * 3);
        CHECK(limit == bound && cell == (5 + (bound + 2) / 3 * 100) % 256);
        size_t at = 0;
        unsigned value = bound;
        for (; at < value; at += 3)
            value = (value + 100) % 256;
        CHECK(until_narrow_bound(&limit, (uint8_t *)opaque_pointer(&limit)) == at && limit == value);
    }
}
