/* Constant tables of every width, one and two dimensions, equal ones and nested ones, against what their entries are by formula. */
#include "certify.h"

static const uint8_t bits_of_nibble[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
static const int8_t balanced[9] = {-4, -3, -2, -1, 0, 1, 2, 3, 4};
static const uint16_t days_before[2][13] = {{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
                                            {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366}};
static const int32_t factorials[13] = {1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800, 39916800, 479001600};
static const uint64_t powers_of_seven[] = {1, 7, 49, 343, 2401, 16807, 117649, 823543, 5764801, 40353607, 282475249, 1977326743,
                                           13841287201, 96889010407, 678223072849, 4747561509943, 33232930569601};
static const double halves[6] = {1, 0.5, 0.25, 0.125, 0.0625, 0.03125};
/* To the nearest eighth. */
static const float thirds_of_64[4] = {0, 21.375f, 42.625f, 64};
static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
/* Equal to a part of others: to share storage is fine, to mix them up is not. */
static const uint8_t same_as_nibble[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
static const uint8_t nearly_nibble[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 5};
static const int32_t first_factorials[4] = {1, 1, 2, 6};
static const int64_t pascal[6][6] = {{1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}, {1, 4, 6, 4, 1}, {1, 5, 10, 10, 5, 1}};
static const _Bool prime[32] = {[2] = 1, [3] = 1, [5] = 1, [7] = 1, [11] = 1, [13] = 1, [17] = 1, [19] = 1, [23] = 1, [29] = 1, [31] = 1};

static unsigned count_bits(uint32_t value) {
    unsigned count = 0;
    for (; value; value >>= 4)
        count += bits_of_nibble[value & 15];
    return count;
}

static unsigned count_bits_nearly(uint32_t value) {
    unsigned count = 0;
    for (; value; value >>= 4)
        count += nearly_nibble[value & 15];
    return count;
}

/* The month by search in a row of the table that is chosen at run time. */
static NOINLINE int month_of(int day, int leap, int *day_of_month) {
    const uint16_t *row = days_before[leap != 0];
    int month = 0;
    while (row[month + 1] <= day)
        month++;
    *day_of_month = day - row[month] + 1;
    return month + 1;
}

/* Tables made of switches: one linear, one of few values, one with a hole. */
static NOINLINE int linear(unsigned n) {
    switch (n) {
    case 0: return 3;
    case 1: return 10;
    case 2: return 17;
    case 3: return 24;
    case 4: return 31;
    case 5: return 38;
    default: return -1;
    }
}

static NOINLINE unsigned few(unsigned n) {
    switch (n) {
    case 10: case 13: case 14: return 1;
    case 11: case 17: return 2;
    case 12: case 15: case 16: return 3;
    }
    return 0;
}

static NOINLINE int64_t holed(unsigned n) {
    static const int64_t local[3] = {INT64_C(-7000000000), 5, INT64_C(7000000000)};
    switch (n) {
    case 1: return local[0];
    case 2: return INT64_C(123456789012);
    case 4: return local[2] + 1;
    case 5: return INT64_C(-123456789012);
    case 7: return local[1];
    default: return n;
    }
}

static NOINLINE int compare_tables(const uint8_t *a, const uint8_t *b, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (a[i] != b[i])
            return (int)i;
    return -1;
}

PROGRAM(static_const_tables) {
    unsigned checked = 0;
    for (unsigned i = 0; i < 200; i++) {
        uint32_t value = opaque_unsigned(i * 2654435761u ^ i << 7), count = 0, fifteens = 0;
        for (unsigned bit = 0; bit < 32; bit++)
            count += value >> bit & 1;
        for (unsigned shift = 0; shift < 32; shift += 4)
            fifteens += (value >> shift & 15) == 15;
        CHECK(count_bits(value) == count && count_bits_nearly(value) == count + fifteens);
        checked++;
    }
    CHECK(count_bits(0xf0f01248u) == 12 && count_bits_nearly(0xf0f01248u) == 14);
    CHECK(compare_tables(bits_of_nibble, same_as_nibble, 16) == -1 && compare_tables(nearly_nibble, same_as_nibble, 16) == 15);

    for (int leap = 0; leap < 2; leap++) {
        static const uint8_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        int month = 1, day = 1;
        for (int n = 0; n < 365 + leap; n++) {
            int got_day, got_month = month_of(opaque_int(n), opaque_int(leap * 4), &got_day);
            CHECK(got_month == month && got_day == day);
            if (++day > lengths[month - 1] + (leap && month == 2))
                day = 1, month++;
            checked++;
        }
        CHECK(month == 13 && days_before[leap][12] == 365 + leap);
        checked++;
    }
    int32_t factorial = 1;
    uint64_t power = 1;
    for (int i = 0; i < 13; i++) {
        CHECK(factorials[opaque_int(i)] == factorial && factorials[i] == factorial);
        CHECK(i > 3 || first_factorials[opaque_int(i)] == factorial);
        factorial = i < 12 ? factorial * (i + 1) : factorial;
        checked++;
    }
    for (unsigned i = 0; i < sizeof powers_of_seven / sizeof *powers_of_seven; i++, power *= 7)
        CHECK(powers_of_seven[opaque_unsigned(i)] == power && powers_of_seven[i] % 6 == 1);
    double half = 1;
    for (int i = 0; i < 6; i++, half /= 2)
        CHECK(halves[opaque_int(i)] == half && halves[i] * (1 << i) == 1);
    for (int i = 0; i < 4; i++)
        CHECK(thirds_of_64[opaque_int(i)] * 8 == (float)((i * 1024 + 3) / 6) && thirds_of_64[i] + thirds_of_64[3 - i] == 64);
    for (int i = 0; i < 9; i++)
        CHECK(balanced[opaque_int(i)] == i - 4 && balanced[i] * balanced[8 - i] == -(i - 4) * (i - 4));
    for (int i = 0; i < 36; i++)
        CHECK(digits[opaque_int(i)] == (i < 10 ? '0' + i : "abcdefghijklmnopqrstuvwxyz"[i - 10]));
    CHECK(sizeof digits == 37 && digits[36] == 0);
    for (int n = 1; n < 6; n++)
        for (int k = 0; k < 6; k++)
            CHECK(pascal[opaque_int(n)][k] == pascal[n - 1][k] + (k ? pascal[n - 1][opaque_int(k - 1)] : 0));
    for (int n = 0; n < 32; n++) {
        int divisors = 0;
        for (int d = 1; d <= n; d++)
            divisors += n % d == 0;
        CHECK(prime[opaque_int(n)] == (divisors == 2) && prime[n] + 0 == (divisors == 2));
        checked++;
    }
    const unsigned expected_few[8] = {1, 2, 3, 1, 1, 3, 3, 2};
    for (unsigned n = 0; n < 24; n++) {
        unsigned o = opaque_unsigned(n);
        CHECK(linear(o) == (n < 6 ? (int)n * 7 + 3 : -1) && few(o) == (n < 10 || n > 17 ? 0 : expected_few[n - 10]));
        CHECK(holed(o) == (n == 1 ? INT64_C(-7000000000) : n == 4 ? INT64_C(7000000001) : n == 7 ? 5 : n == 2 || n == 5
              ? (n == 2 ? 1 : -1) * INT64_C(123456789012) : (int64_t)n));
        checked++;
    }
    CHECK(linear(opaque_unsigned(~0u)) == -1 && few(opaque_unsigned(10u + 256u)) == 0 && holed(opaque_unsigned(0x80000001u)) == 0x80000001);
    /* No loop was left out. */
    CHECK(checked == 1002);
}
