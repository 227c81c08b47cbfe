/* Values of counters and other variables after the loop, computed by what the loop leaves or by a formula, for steps
 * that do not divide the distance, for early exits, wrapping types, nested loops and loops that never run. */
#include "certify.h"

static int step_up(int from, int to, int step) {
    int at = from;
    while (at < to)
        at += step;
    return at;
}

static NOINLINE unsigned step_up_unsigned(unsigned from, unsigned to, unsigned step) {
    unsigned at;
    for (at = from; at < to; at += step)
        ;
    return at;
}

/* A polynomial of second and one of third degree, and a power, all only used at the end. */
static void polynomial(unsigned trips, uint32_t *first, uint32_t *second, uint32_t *third, uint32_t *power) {
    uint32_t a = 5, b = 0, c = 0, p = 1;
    for (unsigned trip = 0; trip < trips; trip++) {
        c += b;
        b += a;
        a += 2;
        p *= 3;
    }
    *first = a;
    *second = b;
    *third = c;
    *power = p;
}

/* The value of the trip before the last, and of the first. */
static NOINLINE int before_last(const int16_t *values, int count, int *first) {
    int previous = -1, current = -2, index;
    *first = -3;
    for (index = 0; index < count; index++) {
        previous = current;
        current = values[index];
        if (index == 0)
            *first = current;
    }
    return previous * 2 + index;
}

/* The exit decides which of the values is right: the stepped one or not yet. */
static unsigned exit_in_middle(const uint8_t *bytes, unsigned count, uint8_t key, unsigned *passed, unsigned *doubled) {
    unsigned index = 0, twice = 0, weight = 100;
    for (;;) {
        if (index == count)
            break;
        weight += 3;
        if (bytes[index] == key)
            break;
        twice += 2;
        index++;
        weight -= 1;
    }
    *passed = weight;
    *doubled = twice;
    return index;
}

/* Both counters of a nest after it; the inner one is left by a break. */
static NOINLINE int after_nest(int rows, int columns, int *last_row, int *last_column) {
    int row, column = -1, total = 0;
    for (row = 0; row < rows; row++) {
        for (column = row; column < columns; column++)
            if ((row + 1) * column > 20)
                break;
        total += column;
    }
    *last_row = row;
    *last_column = column;
    return total;
}

static uint8_t narrow_after(unsigned trips, uint8_t step, int16_t *half) {
    uint8_t at = 10;
    int16_t down = 100;
    while (trips-- > 0) {
        at = (uint8_t)(at + step);
        down = (int16_t)(down - 300);
    }
    *half = down;
    return at;
}

static unsigned logarithm(uint64_t value, uint64_t *power) {
    unsigned exponent = 0;
    uint64_t at = 1;
    while (at <= value / 2) {
        at <<= 1;
        exponent++;
    }
    *power = at;
    return exponent;
}

static const uint8_t *pointers_after(const uint8_t *from, const uint8_t *to, ptrdiff_t *behind) {
    const uint8_t *second = from;
    while (from < to) {
        from += 4;
        second++;
    }
    *behind = from - second;
    return second;
}

PROGRAM(loop_exit_values) {
    for (int from = -9; from < 10; from += 3)
        for (int to = -12; to < 30; to += 5)
            for (int step = 1; step < 8; step++) {
                int trips = to > from ? (to - from + step - 1) / step : 0;
                CHECK(step_up(opaque_int(from), opaque_int(to), opaque_int(step)) == from + trips * step);
                CHECK(step_up(from, to, 4) == from + (to > from ? (to - from + 3) / 4 * 4 : 0));
                if (from >= 0 && to >= 0)
                    CHECK(step_up_unsigned(opaque_unsigned((unsigned)from), (unsigned)to, (unsigned)step) == (unsigned)(from + trips * step));
            }
    /* So near to the end of the type that a distance rounded up to steps would wrap. */
    CHECK(step_up_unsigned(opaque_unsigned(0xFFFFFFF0u), 0xFFFFFFFEu, 7) == 0xFFFFFFFEu);
    CHECK(step_up_unsigned(opaque_unsigned(0x80000000u), 0xFFFFFF00u, 0x7FFFFF00u) == 0xFFFFFF00u);
    CHECK(step_up(opaque_int(INT_MAX - 5), INT_MAX, 5) == INT_MAX);
    for (unsigned trips = 0; trips < 30; trips++) {
        uint32_t first, second, third, power, n = trips, expected = 1;
        polynomial(opaque_unsigned(trips), &first, &second, &third, &power);
        for (unsigned step = 0; step < trips; step++)
            expected = expected + expected + expected;
        CHECK(first == 5 + 2 * n && second == n * (n + 4) && power == expected);
        CHECK(third == (n == 0 ? 0 : (n - 1) * n * (2 * n - 1) / 6 + 2 * n * (n - 1)));
        int16_t half;
        CHECK(narrow_after(opaque_unsigned(trips * 9), (uint8_t)opaque_unsigned(77), &half) == (10 + trips * 9 * 77) % 256);
        CHECK(half == (int)((32768u + 100u - trips * 9 * 300 + 65536u * 4) % 65536u) - 32768);
    }
    static const int16_t values[] = {40, -7, 300, 12, 12};
    static const volatile int16_t previous[] = {-1, -2, 40, -7, 300, 12};
    for (int count = -2; count <= 5; count++) {
        int first;
        CHECK(before_last(values, opaque_int(count), &first) == (count > 0 ? previous[count] * 2 + count : -2));
        CHECK(first == (count > 0 ? 40 : -3));
    }
    uint8_t bytes[20];
    for (unsigned index = 0; index < 20; index++)
        bytes[index] = (uint8_t)(index * 3);
    for (unsigned count = 0; count <= 20; count++)
        for (unsigned key = 0; key < 66; key++) {
            unsigned passed, doubled, place = key % 3 == 0 && key / 3 < count ? key / 3 : count;
            CHECK(exit_in_middle(bytes, opaque_unsigned(count), (uint8_t)opaque_unsigned(key), &passed, &doubled) == place);
            CHECK(doubled == place * 2 && passed == 100 + place * 2 + (place < count ? 3 : 0));
        }
    for (int rows = 0; rows < 9; rows++)
        for (int columns = 0; columns < 24; columns++) {
            int row, column, total = 0, last = -1;
            for (int each = 0; each < rows; each++) {
                int limit = 20 / (each + 1) + 1;
                last = limit > columns ? columns : limit;
                last = last > each ? last : each;
                total += last;
            }
            CHECK(after_nest(opaque_int(rows), opaque_int(columns), &row, &column) == total && row == rows && column == last);
        }
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t power, value = UINT64_C(1) << bit;
        CHECK(logarithm(opaque_uint64(value), &power) == bit && power == value);
        CHECK(logarithm(opaque_uint64(value | (value - 1)), &power) == bit && power == value);
    }
    for (unsigned length = 0; length <= 16; length++) {
        ptrdiff_t behind;
        const uint8_t *second = pointers_after(bytes, bytes + opaque_unsigned(length), &behind);
        CHECK(second == bytes + (length + 3) / 4 && behind == (ptrdiff_t)((length + 3) / 4 * 3));
    }
}
