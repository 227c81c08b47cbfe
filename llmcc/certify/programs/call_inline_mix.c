/* always_inline, noinline and plain functions that call each other: shared statics, fresh locals, changed parameters, recursion. */
#include "certify.h"

#define ALWAYS static inline __attribute__((always_inline))

/* One counter for all the copies. */
ALWAYS unsigned ticket(void) {
    static unsigned issued = 100;
    return issued++;
}

/* The array starts with zeros in each copy and in each round of a loop around it. */
ALWAYS unsigned distinct_digits(unsigned number) {
    uint8_t seen[10] = {0};
    unsigned count = 0;
    do {
        if (!seen[number % 10]++)
            count++;
    } while ((number /= 10) != 0);
    return count;
}

/* Changes its parameters, of which the caller must see nothing. */
ALWAYS int bisect(const int16_t *values, int low, int high, int wanted) {
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (values[middle] == wanted)
            return middle;
        if (values[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return ~low;
}

static NOINLINE int find(const int16_t *values, int count, int wanted) { return bisect(values, 0, count, wanted); }

static NOINLINE int find_range(const int16_t *values, int count, int from, int to) {
    int low = 0, high = count;
    int first = bisect(values, low, high, from), last = bisect(values, low, high, to);
    first = first < 0 ? ~first : first;
    last = last < 0 ? ~last : last + 1;
    CHECK(low == 0 && high == count);
    return last - first;
}

/* Mostly the quick way out; the rest is long. */
static int refine(int value, int limit) {
    if (value >= 0 && value < limit)
        return value;
    int rounds = 0;
    while (value < 0) {
        value += limit + rounds;
        if (++rounds > 50)
            return -1;
    }
    for (int mask = 1; value >= limit; mask <<= 1) {
        value -= value / 2 + (mask & value);
        rounds += 2;
    }
    return (value + rounds) % limit;
}

static NOINLINE int refine_kept(int value, int limit) { return refine(value, limit); }
static int refine_sum(const int *values, int count, int limit) {
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += refine(values[i], limit) * (i + 1);
    return sum;
}

static NOINLINE unsigned odd_steps(unsigned value, unsigned steps);

/* Inlined into the function that it calls. */
ALWAYS unsigned even_steps(unsigned value, unsigned steps) {
    if (value == 0)
        return steps;
    return odd_steps(value / 2, steps + (value & 1));
}

static NOINLINE unsigned odd_steps(unsigned value, unsigned steps) {
    if (value == 0)
        return steps * 2;
    if (value & 8)
        return even_steps(value >> 1, steps + 1);
    return even_steps(value - 1, steps) + 1;
}

static unsigned steps_loop(unsigned value) {
    unsigned steps = 0, after = 0;
    for (;;) {
        if (value == 0)
            return steps + after;
        steps += value & 1;
        value /= 2;
        if (value == 0)
            return steps * 2 + after;
        if (value & 8)
            value >>= 1, steps++;
        else
            value--, after++;
    }
}

/* Also called through a pointer, so that a body of its own is left. */
ALWAYS int64_t combine(int32_t a, int16_t b, uint8_t c) { return (int64_t)a * b - (c << 3); }

static __attribute__((flatten)) int64_t combine_all(const int *values, int count) {
    int64_t sum = 0;
    for (int i = 2; i < count; i++)
        sum = sum * 3 + combine(values[i], (int16_t)values[i - 1], (uint8_t)values[i - 2]) + refine_kept(values[i], 9);
    return sum;
}

PROGRAM(call_inline_mix) {
    unsigned checked = 0;
    int64_t (*const kept)(int32_t, int16_t, uint8_t) = opaque_int(1) ? combine : 0;
    unsigned first = ticket(), second = ticket();
    for (int i = 0; i < 3; i++)
        CHECK(ticket() == first + 2 + (unsigned)i);
    CHECK(second == first + 1 && ticket() == first + 5 && ticket() - ticket() + 1 <= 2);

    for (unsigned i = 0; i < 60; i++) {
        unsigned number = opaque_unsigned(i * i * i * 7 + i), mask = 0, left = number;
        do
            mask |= 1u << left % 10;
        while ((left /= 10) != 0);
        CHECK(distinct_digits(number) == (unsigned)__builtin_popcount(mask));
        CHECK(distinct_digits(number % 100) + distinct_digits(11) == (number % 100 > 9 && number % 100 % 11 ? 3 : 2));
        CHECK(odd_steps(number & 0xfff, 0) == even_steps((number & 0xfff) * 2, 0));
        CHECK(even_steps(i, 0) == steps_loop(i) && even_steps(opaque_unsigned(i * 37), 0) == steps_loop(i * 37));
        checked++;
    }
    int16_t sorted[24];
    for (int i = 0; i < 24; i++)
        sorted[i] = (int16_t)opaque_int(i * i - 50);
    for (int wanted = -60; wanted < 500; wanted += 7) {
        int below = 0, inside = 0, exact = -1;
        for (int i = 0; i < 24; i++) {
            below += sorted[i] < wanted;
            inside += sorted[i] >= wanted && sorted[i] <= wanted + 60;
            exact = sorted[i] == wanted ? i : exact;
            checked++;
        }
        CHECK(find(sorted, 24, wanted) == (exact >= 0 ? exact : ~below));
        CHECK(find_range(sorted, 24, wanted, wanted + 60) == inside);
        CHECK(bisect(sorted + 4, 0, opaque_int(0), wanted) == -1);
        checked++;
    }
    static const uint8_t refined[12] = {0, 22, 22, 1, 34, 26, 30, 34, 16, 29, 31, 1};
    int values[12], sum = 0;
    int64_t total = 0;
    for (int i = 0; i < 12; i++) {
        values[i] = opaque_int(i * i * 9 - i * 70);
        CHECK(refine_kept(values[i], 40) == refined[i]);
        sum += refined[i] * (i + 1);
        checked++;
    }
    CHECK(refine_sum(values, 12, opaque_int(40)) == sum && refine_sum(values, 12, 40) == sum);
    CHECK(refine(opaque_int(39), 40) == 39 && refine_kept(-1, 40) == (39 + 1) % 40 && refine(-5000, 40) == -1);
    for (int i = 2; i < 12; i++)
        total = total * 3 + (int64_t)values[i] * values[i - 1] - (values[i - 2] & 255) * 8 + refine(values[i], 9);
    CHECK(combine_all(values, opaque_int(12)) == total && kept(opaque_int(-3), 1000, (uint8_t)opaque_int(2)) == -3016);
    /* No loop was left out. */
    CHECK(checked == 2072);
}
