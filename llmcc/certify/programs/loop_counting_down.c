/* Loops that count down: to zero and past it, by pointers, by steps that jump over zero, in signed and unsigned types,
 * with the counter used in the body and after the loop. */
#include "certify.h"

static NOINLINE uint32_t while_postfix(const uint8_t *bytes, unsigned count, unsigned *left) {
    uint32_t hash = 1;
    while (count--)
        hash = hash * 31u + bytes[count];
    *left = count;
    return hash;
}

static uint32_t while_prefix(const uint8_t *bytes, unsigned count, unsigned *left) {
    uint32_t hash = 1;
    count++;
    while (--count)
        hash = hash * 31u + bytes[count - 1];
    *left = count;
    return hash;
}

static uint32_t for_signed(const uint8_t *bytes, int count, unsigned *left) {
    uint32_t hash = 1;
    int index;
    for (index = count - 1; index >= 0; index--)
        hash = hash * 31u + bytes[index];
    *left = (unsigned)index;
    return hash;
}

static uint32_t by_pointer(const uint8_t *bytes, unsigned count, unsigned *left) {
    const uint8_t *at = bytes + count;
    uint32_t hash = 1;
    while (at != bytes)
        hash = hash * 31u + *--at;
    *left = (unsigned)(at - bytes);
    return hash;
}

static uint32_t by_narrow(const uint8_t *bytes, uint8_t count, unsigned *left) {
    uint32_t hash = 1;
    for (; count; --count)
        hash = hash * 31u + bytes[(uint8_t)(count - 1)];
    *left = --count;
    return hash;
}

static uint32_t by_wide(const uint8_t *bytes, int64_t count, unsigned *left) {
    uint32_t hash = 1;
    for (; count > 0; count -= 1)
        hash = hash * 31u + bytes[count - 1];
    *left = (unsigned)(count + 7);
    return hash;
}

static uint32_t going_up(const volatile uint8_t *bytes, unsigned count) {
    uint32_t hash = 1;
    for (unsigned index = 0; index < count; index++)
        hash = hash * 31u + bytes[count - 1 - index];
    return hash;
}

/* Jumps over zero, or lands on it, and says where it stopped. */
static int by_steps(int from, int step, int *visited) {
    int at, sum = 0;
    *visited = 0;
    for (at = from; at > 0; at -= step) {
        sum += at;
        ++*visited;
    }
    return sum * 100 - at;
}

static NOINLINE int both_ends(int *values, int count) {
    int low = 0, high = count - 1, exchanged = 0;
    while (low < high) {
        int kept = values[low];
        values[low++] = values[high];
        values[high--] = kept;
        exchanged++;
    }
    return exchanged * 1000 + (high - low) + 5;
}

/* The outer counter runs down, the inner one up to it. */
static int bubbles(int *values, int count) {
    int exchanges = 0;
    for (int last = count; last-- > 1;)
        for (int index = 0; index < last; index++)
            if (values[index] > values[index + 1]) {
                int kept = values[index];
                values[index] = values[index + 1];
                values[index + 1] = kept;
                exchanges++;
            }
    return exchanges;
}

static unsigned signed_byte_down(int8_t from, int8_t to) {
    unsigned trips = 0;
    for (int8_t at = from; at != to; at = (int8_t)(at - 1))
        trips++;
    return trips;
}

PROGRAM(loop_counting_down) {
    static uint8_t bytes[100];
    for (unsigned index = 0; index < 100; index++)
        bytes[index] = (uint8_t)(index * index * 7u + 3u);
    for (unsigned count = 0; count < 100; count += 1 + count / 9) {
        uint32_t expected = going_up(bytes, count);
        unsigned left;
        CHECK(while_postfix(bytes, opaque_unsigned(count), &left) == expected && left == UINT_MAX);
        CHECK(while_prefix(bytes, opaque_unsigned(count), &left) == expected && left == 0);
        CHECK(for_signed(bytes, opaque_int((int)count), &left) == expected && left == UINT_MAX);
        CHECK(by_pointer(bytes, opaque_unsigned(count), &left) == expected && left == 0);
        CHECK(by_narrow(bytes, (uint8_t)opaque_unsigned(count), &left) == expected && left == 255);
        CHECK(by_wide(bytes, opaque_int64(count), &left) == expected && left == 7);
    }
    unsigned left;
    CHECK(for_signed(bytes, opaque_int(-5), &left) == 1 && left == UINT_MAX - 5 && by_wide(bytes, INT64_C(-3), &left) == 1 && left == 4);
    for (int from = -3; from < 40; from++)
        for (int step = 1; step < 9; step++) {
            int visited, trips = from > 0 ? (from + step - 1) / step : 0;
            int result = by_steps(opaque_int(from), opaque_int(step), &visited);
            CHECK(visited == trips);
            CHECK(result == (trips * from - step * trips * (trips - 1) / 2) * 100 - (from - trips * step));
        }
    for (int count = 0; count < 20; count++) {
        int values[20];
        for (int index = 0; index < count; index++)
            values[index] = index * 3;
        CHECK(both_ends(values, opaque_int(count)) == count / 2 * 1000 + (count % 2 ? 5 : 4));
        for (int index = 0; index < count; index++)
            CHECK(values[index] == (count - 1 - index) * 3);
        /* Descending values need every exchange. */
        CHECK(bubbles(values, opaque_int(count)) == count * (count - 1) / 2);
        for (int index = 0; index < count; index++)
            CHECK(values[index] == index * 3);
        CHECK(bubbles(values, count) == 0);
    }
    CHECK(signed_byte_down((int8_t)opaque_int(-100), 100) == 56 && signed_byte_down(127, (int8_t)opaque_int(-128)) == 255);
    CHECK(signed_byte_down((int8_t)opaque_int(5), 5) == 0 && signed_byte_down((int8_t)opaque_int(4), 5) == 255);
}
