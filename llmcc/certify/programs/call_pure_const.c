/* Functions declared const or pure: calls may be shared, moved and dropped, but not past a store and not in front of a test. */
#include "certify.h"

#define CONST static NOINLINE __attribute__((const))
#define PURE static NOINLINE __attribute__((pure))

static int16_t levels[16];
static unsigned used;

CONST int square(int x) { return x * x; }
CONST unsigned root(unsigned x) {
    unsigned r = 0;
    for (unsigned bit = 1u << 15; bit; bit >>= 1)
        if ((r | bit) * (r | bit) <= x)
            r |= bit;
    return r;
}
/* Not to be called with a divisor of 0. */
CONST int quotient(int a, int b) { return a / b; }
CONST int64_t mixed(int8_t a, int64_t b, uint16_t c) { return b * a + c; }

PURE int highest(void) {
    int best = INT_MIN;
    for (unsigned i = 0; i < used; i++)
        if (levels[i] > best)
            best = levels[i];
    return best;
}
PURE int lowest(void) {
    int best = INT_MAX;
    for (unsigned i = 0; i < used; i++)
        if (levels[i] < best)
            best = levels[i];
    return best;
}
PURE unsigned length(const char *text) {
    unsigned n = 0;
    while (text[n])
        n++;
    return n;
}
PURE int sum_of(const int *values, unsigned count) {
    int sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += values[i];
    return sum;
}
/* Not to be called with an empty table. */
PURE int mean_level(void) {
    int sum = 0;
    for (unsigned i = 0; i < used; i++)
        sum += levels[i];
    return sum / (int)used;
}

/* The length changes inside of the loop, once in each round. */
static unsigned cut(char *text, unsigned least) {
    unsigned rounds = 0;
    while (length(text) > least) {
        text[length(text) - 1] = 0;
        rounds++;
    }
    return rounds;
}

/* Here it does not, and the call may leave the loop. */
static unsigned count_letter(const char *text, char letter) {
    unsigned found = 0;
    for (unsigned i = 0; i < length(text); i++)
        found += text[i] == letter;
    return found;
}

static int quotients(const int *divisors, unsigned count, int dividend) {
    int sum = 0;
    for (unsigned i = 0; i < count; i++) {
        if (divisors[i] == 0)
            continue;
        sum += quotient(dividend, divisors[i]) + quotient(dividend, divisors[i]) * 2;
    }
    return sum;
}

/* The divisor is the same in all rounds, but it may be 0, and then nothing may be divided. */
static NOINLINE int invariant_quotient(const int *values, unsigned count, int divisor) {
    int sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += divisor != 0 ? values[i] + quotient(1000, divisor) : values[i];
    return sum;
}

static NOINLINE int spread(int none) {
    if (used == 0)
        return none;
    int mean = mean_level();
    return (highest() - mean) * 1000 + mean - lowest();
}

static NOINLINE int store_between(int16_t value) {
    int before = highest();
    levels[used / 2] = value;
    int after = highest();
    levels[0] = (int16_t)(after + 1);
    return highest() * 4 - after * 2 - before;
}

static NOINLINE int local_array(int start) {
    int values[6] = {start, 1, 2, 3, 4, 5};
    int first = sum_of(values, 6);
    values[5] = start * 2;
    int second = sum_of(values, 6);
    values[0] = 0;
    return first * 10000 + second * 100 + sum_of(values, 6) + sum_of(values + 1, 5);
}

PROGRAM(call_pure_const) {
    unsigned checked = 0;
    for (int x = -300; x < 300; x += 7) {
        int o = opaque_int(x);
        CHECK(square(o) == square(-o) && square(o + 1) - square(o) == 2 * x + 1);
        CHECK(root((unsigned)square(o)) == (unsigned)(x < 0 ? -x : x));
        CHECK(x == 0 || root((unsigned)square(o) - 1) == (unsigned)(x < 0 ? -x : x) - 1);
        CHECK(mixed((int8_t)(o / 3), INT64_C(5000000000), (uint16_t)o) == x / 3 * INT64_C(5000000000) + (x & 0xffff));
        checked++;
    }
    char text[] = "abracadabra";
    CHECK(count_letter(text, 'a') == 5 && count_letter(text, (char)opaque_int('b')) == 2);
    CHECK(cut(text, opaque_unsigned(8)) == 3 && length(text) == 8 && count_letter(text, 'a') == 4);
    CHECK(cut(text, 8) == 0 && cut(text, 0) == 8 && text[0] == 0 && length(text) == 0);

    const int divisors[7] = {3, 0, -4, opaque_int(0), 7, 1000, opaque_int(-1)};
    CHECK(quotients(divisors, 7, opaque_int(100)) == 3 * (33 - 25 + 14 + 0 - 100) && quotients(divisors + 3, 1, 5) == 0);
    CHECK(invariant_quotient(divisors, 7, opaque_int(0)) == 1005 && invariant_quotient(divisors, 7, opaque_int(-8)) == 1005 - 875);
    CHECK(invariant_quotient(divisors, 0, opaque_int(0)) == 0);

    used = 0;
    CHECK(spread(-7) == -7 && highest() == INT_MIN && lowest() == INT_MAX);
    for (int i = 0; i < 16; i++) {
        int least = i % 2 ? -i : i ? 1 - i : 0, greatest = i % 2 ? i - 1 : i, mean = (i % 2 ? -(i + 1) / 2 : i / 2) / (i + 1);
        levels[i] = (int16_t)opaque_int(i % 2 ? -i : i);
        used++;
        CHECK(highest() == greatest && lowest() == least);
        CHECK(spread(0) == (greatest - mean) * 1000 + mean - least);
        checked++;
    }
    CHECK(store_between((int16_t)opaque_int(3)) == 15 * 4 - 14 * 2 - 14);
    CHECK(store_between((int16_t)opaque_int(50)) == 51 * 4 - 50 * 2 - 15 && levels[0] == 51 && levels[8] == 50);
    for (int start = -3; start < 4; start++)
        CHECK(local_array(opaque_int(start)) == (start + 15) * 10000 + (start * 3 + 10) * 100 + (start * 2 + 10) * 2);
    /* No loop was left out. */
    CHECK(checked == 102);
}
