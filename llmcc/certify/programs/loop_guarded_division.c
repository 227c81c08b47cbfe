/* Invariant divisions, remainders and shifts that a condition guards: computed ahead of the condition they would divide
 * by zero, overflow or shift too far. */
#include "certify.h"

static NOINLINE int64_t scaled(const int32_t *values, int count, int32_t divisor, int32_t *rest) {
    int64_t sum = 0;
    for (int index = 0; index < count; index++) {
        if (divisor != 0) {
            sum += values[index] + 1000 / divisor;
            *rest = 1000 % divisor;
        } else {
            sum -= values[index];
        }
    }
    return sum;
}

/* The quotient does not exist for a zero, and overflows for the least value by -1. */
static NOINLINE int32_t safe_quotients(int32_t dividend, int32_t divisor, int count) {
    int32_t result = 0;
    for (int index = 0; index < count; index++) {
        if (divisor == 0 || (dividend == INT32_MIN && divisor == -1))
            result = result / 2 + 3;
        else
            result = (dividend / divisor) / 4 - (dividend % divisor) / 4 + result / 2;
    }
    return result;
}

static NOINLINE uint64_t wide_quotients(const uint8_t *wanted, unsigned count, uint64_t dividend, uint64_t divisor) {
    uint64_t sum = 0;
    for (unsigned index = 0; index < count; index++)
        if (wanted[index])
            sum += dividend / divisor + (dividend % divisor << 1);
    return sum;
}

/* The trip count is zero exactly when the divisor is. */
static uint32_t average_deviation(const uint16_t *values, unsigned count) {
    uint32_t sum = 0, deviation = 0;
    for (unsigned index = 0; index < count; index++)
        sum += values[index];
    for (unsigned index = 0; index < count; index++) {
        uint32_t mean = sum / count;
        deviation += values[index] > mean ? values[index] - mean : mean - values[index];
    }
    return deviation;
}

/* Each inner loop runs only with a divisor it may use; the outer one goes through zero. */
static int across_zero(int low, int high, int *divided) {
    int sum = 0;
    for (int divisor = low; divisor <= high; divisor++)
        for (int index = 0; index < 3; index++) {
            if (!divisor)
                continue;
            sum += (840 + index) / divisor - (840 - index) % divisor;
            ++*divided;
        }
    return sum;
}

static NOINLINE uint32_t guarded_shift(const uint32_t *values, unsigned count, unsigned amount) {
    uint32_t result = 0;
    for (unsigned index = 0; index < count; index++) {
        if (amount < 32)
            result += values[index] << amount | values[index] >> (31 - amount);
        else if (amount < 64)
            result ^= (uint32_t)((uint64_t)values[index] << amount >> 32);
        else
            result = ~result;
    }
    return result;
}

/* The divisor changes once, and the old quotient must not be used after that. */
static unsigned changing(const uint8_t *bytes, unsigned count, unsigned *divisor) {
    unsigned sum = 0;
    for (unsigned index = 0; index < count; index++) {
        if (bytes[index] == 0)
            *divisor = 0;
        if (*divisor == 0) {
            sum += 100000;
            if (bytes[index] > 200)
                *divisor = bytes[index] - 190;
        } else {
            sum += 9999 / *divisor;
        }
    }
    return sum;
}

PROGRAM(loop_guarded_division) {
    static const volatile int32_t divisors[] = {0, 1, -1, 2, -7, 1000, 1001, INT32_MIN, INT32_MAX};
    int32_t values[17];
    for (int index = 0; index < 17; index++)
        values[index] = index * index - 40;
    for (int which = 0; which < 9; which++)
        for (int count = 0; count < 18; count += 4) {
            int32_t divisor = divisors[which], rest = 77, quotient = divisor == 0 ? 0 : 1000 / divisor;
            int64_t sum = (int64_t)(count - 1) * count * (2 * count - 1) / 6 - 40 * count;
            CHECK(scaled(values, opaque_int(count), divisor, &rest) == (divisor ? sum + (int64_t)count * quotient : -sum));
            CHECK(rest == (divisor == 0 || count == 0 ? 77 : 1000 - quotient * divisor));
            for (int other = 0; other < 9; other++) {
                int32_t dividend = divisors[other], expected = 0;
                /* Rounds of the same recurrence, with 64-bit division, where nothing overflows. */
                int allowed = divisor != 0 && !(dividend == INT32_MIN && divisor == -1);
                int64_t wide = allowed ? (int64_t)dividend / divisor : 0, left = allowed ? (int64_t)dividend % divisor : 0;
                for (int round = 0; round < count; round++)
                    expected = (int32_t)(allowed ? wide / 4 - left / 4 + expected / 2 : expected / 2 + 3);
                CHECK(safe_quotients(opaque_int(dividend), opaque_int(divisor), count) == expected);
            }
        }
    uint8_t wanted[20] = {0};
    CHECK(wide_quotients(wanted, opaque_unsigned(20), 55, opaque_uint64(0)) == 0);
    CHECK(wide_quotients(wanted, 0, opaque_uint64(55), 0) == 0);
    wanted[3] = wanted[19] = 1;
    CHECK(wide_quotients(wanted, opaque_unsigned(20), opaque_uint64(UINT64_C(10000000000000000019)), UINT64_C(1000000000)) == 2 * (UINT64_C(10000000000) + 38));
    CHECK(wide_quotients(wanted, 19, opaque_uint64(100), 7) == 14 + 4);

    uint16_t samples[] = {10, 20, 60000, 40, 0, 65535, 7};
    CHECK(average_deviation(samples, opaque_unsigned(0)) == 0 && average_deviation(samples, 0) == 0);
    for (unsigned count = 1; count < 7; count++) {
        uint32_t mean = 0, sum = 0, below = 0, above = 0;
        for (unsigned index = 0; index < count; index++)
            sum += samples[index];
        while ((mean + 1) * count <= sum)
            mean += (mean + 1024) * count <= sum ? 1024 : 1;
        for (unsigned index = 0; index < count; index++)
            if (samples[index] < mean) below += mean - samples[index]; else above += samples[index] - mean;
        CHECK(average_deviation(samples, opaque_unsigned(count)) == below + above);
        CHECK(count != 3 || below + above == 79980);
    }
    int divided = 0;
    CHECK(across_zero(opaque_int(-4), opaque_int(4), &divided) == -18 && divided == 24);
    divided = 0;
    CHECK(across_zero(opaque_int(0), opaque_int(0), &divided) == 0 && divided == 0);

    uint32_t words[] = {1, 0x80000001u, 0xFFFFFFFFu, 0x12345678u, 0};
    for (unsigned amount = 0; amount < 100; amount++) {
        uint32_t expected = 0;
        for (unsigned index = 0; index < 5; index++) {
            uint32_t left = words[index], right = words[index];
            for (unsigned step = 0; step < amount && step < 64; step++)
                left = amount >= 32 && step < 32 ? left : left + left;
            for (unsigned step = amount; step < 31; step++)
                right /= 2;
            expected = amount < 32 ? expected + (left | right) : amount < 64 ? expected ^ left : ~expected;
        }
        CHECK(guarded_shift(words, opaque_unsigned(5), opaque_unsigned(amount)) == expected);
    }
    static const uint8_t bytes[] = {5, 0, 9, 210, 3, 0, 0, 255, 1};
    unsigned divisor = opaque_unsigned(3);
    CHECK(changing(bytes, opaque_unsigned(9), &divisor) == 3333 + 300000 + 499 + 300000 + 153 && divisor == 65);
}
