/* Loops whose first or last trips differ: a flag that is set once, values that settle after one, two or three trips,
 * conditions on the counter at both ends, and a middle that a split of the range leaves. */
#include "certify.h"

enum { SIZE = 50 };

/* The first has no comma before it. */
static NOINLINE unsigned join(char *to, const uint8_t *digits, unsigned count, char separator) {
    unsigned at = 0;
    int first = 1;
    for (unsigned index = 0; index < count; index++) {
        if (!first)
            to[at++] = separator;
        first = 0;
        to[at++] = (char)('0' + digits[index] % 10);
    }
    to[at] = 0;
    return at;
}

/* a, b and c are invariant after three trips. */
static uint32_t settling(unsigned trips, uint32_t x, uint32_t y, uint32_t *kept) {
    uint32_t a = 1, b = 2, c = 3, sum = 0;
    for (unsigned trip = 0; trip < trips; trip++) {
        sum = sum * 7u + a + b * 2u + c * 4u;
        c = b;
        b = a;
        a = x ^ y;
    }
    *kept = a + b * 16u + c * 256u;
    return sum;
}

static NOINLINE void edges(int32_t *to, const int32_t *from, int count) {
    for (int index = 0; index < count; index++) {
        int32_t left = index == 0 ? from[0] : from[index - 1];
        int32_t right = index == count - 1 ? from[index] : from[index + 1];
        to[index] = left - 2 * from[index] + right;
    }
}

/* Three parts of the range by two conditions on the counter. */
static uint32_t split_range(const int32_t *from, unsigned count, unsigned low, unsigned high) {
    uint32_t sum = 1;
    for (unsigned index = 0; index < count; index++) {
        uint32_t value = (uint32_t)from[index];
        if (index < low)
            sum += value;
        else if (index < high)
            sum = sum * 3u + value;
        else
            sum ^= value << (index & 7);
        if (index == high)
            sum += 0x1000;
    }
    return sum;
}

/* Minimum by the first element, deltas by the one before, and a maximum that is set in trip two. */
static NOINLINE int64_t deltas(const int32_t *from, int count, int32_t *least, int32_t *steepest) {
    int64_t total = 0;
    int32_t previous = 0;
    *least = 0;
    *steepest = 0;
    for (int index = 0; index < count; index++) {
        if (index == 0) {
            *least = from[index];
        } else {
            int32_t delta = from[index] - previous;
            if (index == 1 || delta > *steepest)
                *steepest = delta;
            total += delta < 0 ? -(int64_t)delta : delta;
            if (from[index] < *least)
                *least = from[index];
        }
        previous = from[index];
    }
    return total;
}

/* A pointer that is null until the first trip ends. */
static unsigned longest_step(const int32_t *values, unsigned count) {
    const int32_t *before = NULL;
    unsigned longest = 0, run = 0;
    for (unsigned index = 0; index < count; before = &values[index++]) {
        run = before && *before < values[index] ? run + 1 : 1;
        longest = run > longest ? run : longest;
    }
    return longest;
}

PROGRAM(loop_peeling) {
    uint8_t digits[SIZE];
    int32_t values[SIZE], result[SIZE];
    uint32_t random = 21;
    for (unsigned index = 0; index < SIZE; index++) {
        random = random * 1664525u + 1013904223u;
        digits[index] = (uint8_t)(random >> 24);
        values[index] = (int32_t)(random >> 16 & 2047) - 1000;
    }
    for (unsigned count = 0; count <= SIZE; count++) {
        char text[2 * SIZE + 1];
        unsigned length = join(text, digits, opaque_unsigned(count), ',');
        CHECK(length == (count ? 2 * count - 1 : 0) && text[length] == 0);
        for (unsigned index = 0; index < length; index++)
            CHECK(text[index] == (index % 2 ? ',' : '0' + digits[index / 2] % 10));

        uint32_t kept, sum = 0, x = random, y = count * 77u, z = x ^ y;
        uint32_t sums = settling(opaque_unsigned(count), x, y, &kept);
        for (unsigned trip = 0; trip < count; trip++)
            sum = sum * 7u + (trip == 0 ? 17 : trip == 1 ? z + 2 + 8 : trip == 2 ? z * 3 + 4 : z * 7);
        CHECK(sums == sum);
        CHECK(kept == (count == 0 ? 1 + 2 * 16 + 3 * 256 : z + (count > 1 ? z : 1) * 16 + (count > 2 ? z : count > 1 ? 1 : 2) * 256));

        for (unsigned index = 0; index < SIZE; index++)
            result[index] = 5555;
        edges(result, values, opaque_int((int)count));
        int32_t all = 0;
        for (unsigned index = 0; index < count; index++) {
            all += result[index];
            if (index > 0 && index + 1 < count)
                CHECK(result[index] == values[index - 1] + values[index + 1] - values[index] - values[index]);
        }
        CHECK(all == 0 && (count == SIZE || result[count] == 5555));
        CHECK(count < 2 || (result[0] == values[1] - values[0] && result[count - 1] == values[count - 2] - values[count - 1]));

        for (unsigned low = 0; low < 60; low += 9)
            for (unsigned high = 0; high < 60; high += 13) {
                uint32_t expected = 1;
                unsigned middle = high > low ? high : low, index = 0;
                for (; index < low && index < count; index++)
                    expected += (uint32_t)values[index] + (index == high ? 0x1000u : 0u);
                for (; index < middle && index < count; index++)
                    expected += expected * 2u + (uint32_t)values[index];
                for (; index < count; index++)
                    expected = (expected ^ (uint32_t)values[index] * (1u << index % 8)) + (index == high ? 0x1000u : 0u);
                CHECK(split_range(values, opaque_unsigned(count), opaque_unsigned(low), high) == expected);
            }

        int32_t least, steepest, lowest = count ? values[0] : 0, highest = count > 1 ? INT32_MIN : 0;
        int64_t total = deltas(values, opaque_int((int)count), &least, &steepest), direct = 0;
        unsigned longest = count > 0;
        for (unsigned index = count; index-- > 1;) {
            const volatile int32_t *slow = values;
            int32_t delta = slow[index] - slow[index - 1];
            unsigned run = 1;
            direct += delta > 0 ? delta : 0 - delta;
            highest = delta < highest ? highest : delta;
            lowest = slow[index] > lowest ? lowest : slow[index];
            for (unsigned back = index; back > 0 && slow[back] > slow[back - 1]; back--)
                run++;
            longest = run > longest ? run : longest;
        }
        CHECK(total == direct && least == lowest && steepest == highest);
        CHECK(longest_step(values, opaque_unsigned(count)) == longest);
    }
}
