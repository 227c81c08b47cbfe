/* Reductions by every operator: sum, difference, product, and, or, exclusive or, minimum, maximum, their places, any and
 * all, selected last values, saturating and conditional sums, in 8 to 64 bits and in floating point that is exact. */
#include "certify.h"

#define REDUCE(name, type, start, step)                                 \
    static NOINLINE type name(const int32_t *values, unsigned count) {  \
        type result = (start);                                          \
        for (unsigned index = 0; index < count; index++) {              \
            int32_t value = values[index];                              \
            step;                                                       \
        }                                                               \
        return result;                                                  \
    }
REDUCE(sum, int64_t, 0, result += value)
REDUCE(difference, int64_t, 1000, result -= value)
REDUCE(product, uint32_t, 1, result *= (uint32_t)value | 1u)
REDUCE(conjunction, int32_t, -1, result &= value)
REDUCE(disjunction, int32_t, 0, result |= value)
REDUCE(parity, int32_t, 0x55, result ^= value)
REDUCE(least, int32_t, INT32_MAX, result = value < result ? value : result)
REDUCE(greatest, int32_t, INT32_MIN, result = value > result ? value : result)
REDUCE(least_unsigned, uint32_t, UINT32_MAX, result = (uint32_t)value < result ? (uint32_t)value : result)
REDUCE(greatest_unsigned, uint32_t, 0, result = result < (uint32_t)value ? (uint32_t)value : result)
REDUCE(byte_sum, uint8_t, 200, result = (uint8_t)(result + value))
REDUCE(half_sum, int16_t, -30000, result = (int16_t)(uint16_t)((uint32_t)result + (uint32_t)value))
REDUCE(any_negative, int, 0, if (value < 0) result = 1)
REDUCE(all_small, int, 1, if (value > 900000) result = 0)
REDUCE(count_odd, unsigned, 0, result += value % 2 != 0)
REDUCE(last_even, int32_t, -7, if (!(value & 1)) result = value)
REDUCE(positive_sum, int64_t, 0, if (value > 0) result += value)
REDUCE(saturated, int32_t, 0, result = result > 2000000 - (value & 0xFFFF) ? 2000000 : result + (value & 0xFFFF))
REDUCE(doubles, double, 0, result += value)
REDUCE(float_least, float, 1e9f, if ((float)(value >> 8) < result) result = (float)(value >> 8))
REDUCE(wide_parity, uint64_t, 3, result ^= (uint64_t)(uint32_t)value << (index & 31))
REDUCE(alternating, int64_t, 0, result = value - result)
REDUCE(polynomial, uint32_t, 0, result = result * 0x01000193u + (uint32_t)value)

/* The first place of the least and the last place of the greatest. */
static NOINLINE unsigned places(const int32_t *values, unsigned count) {
    unsigned low = 0, high = 0;
    for (unsigned index = 1; index < count; index++) {
        if (values[index] < values[low])
            low = index;
        if (values[index] >= values[high])
            high = index;
    }
    return low * 256 + high;
}

/* From the back, in halves: nothing here has the shape of the loops above. */
static void check_all(const int32_t *values, unsigned count) {
    const volatile int32_t *slow = values;
    int64_t total = 0, positive = 0, minus = 0;
    uint32_t multiplied = 1, power = 1, hash = 0, bits[3] = {0xFFFFFFFFu, 0, 0x55};
    uint64_t wide = 3;
    int negative = 0, large = 0, even = -7, even_seen = 0;
    unsigned odd = 0, low = 0, high = 0;
    for (unsigned index = count; index-- > 0;) {
        int32_t value = slow[index];
        total += value;
        positive += value > 0 ? value : 0;
        minus += (count - 1 - index) % 2 ? -(int64_t)value : value;
        multiplied = ((uint32_t)value | 1u) * multiplied;
        hash += (uint32_t)value * power;
        power *= 0x01000193u;
        for (unsigned bit = 0; bit < 32; bit++) {
            uint32_t one = 1u << bit, set = (uint32_t)value & one;
            if (!set) bits[0] &= ~one;
            if (set) bits[1] |= one;
            if (set) bits[2] = bits[2] & one ? bits[2] - one : bits[2] + one;
        }
        wide ^= (uint64_t)(uint32_t)value * (UINT64_C(1) << index % 32);
        negative |= value < 0;
        large |= value > 900000;
        odd += (uint32_t)value & 1u;
        if (value % 2 == 0 && !even_seen)
            even = value, even_seen = 1;
        if (slow[low] >= value || low >= count) low = index;
        if (index == count - 1 || slow[high] < value) high = index;
    }
    low = count ? low : 0;
    for (unsigned index = 0; index < low; index++)
        CHECK(slow[index] > slow[low]);
    CHECK(sum(values, count) == total && difference(values, count) == 1000 - total);
    CHECK(product(values, count) == multiplied && polynomial(values, count) == hash);
    CHECK((uint32_t)conjunction(values, count) == bits[0] && (uint32_t)disjunction(values, count) == bits[1]);
    CHECK((uint32_t)parity(values, count) == bits[2] && wide_parity(values, count) == wide);
    CHECK(least(values, count) == (count ? slow[low] : INT32_MAX) && greatest(values, count) == (count ? slow[high] : INT32_MIN));
    CHECK(count == 0 || places(values, count) == low * 256 + high);
    CHECK(any_negative(values, count) == negative && all_small(values, count) == !large && count_odd(values, count) == odd);
    CHECK(last_even(values, count) == even && positive_sum(values, count) == positive && alternating(values, count) == minus);
    CHECK(byte_sum(values, count) == (uint8_t)((uint64_t)total + 200u));
    CHECK((uint16_t)half_sum(values, count) == (uint16_t)((uint64_t)total - 30000u));
    CHECK(doubles(values, count) == (double)total);
    uint32_t smallest = UINT32_MAX, largest = 0;
    int32_t room = 2000000;
    for (unsigned index = 0; index < count; index++) {
        uint32_t value = (uint32_t)slow[index];
        smallest -= smallest > value ? smallest - value : 0;
        largest += largest < value ? value - largest : 0;
        room -= room < (int32_t)(value % 65536u) ? room : (int32_t)(value % 65536u);
    }
    CHECK(least_unsigned(values, count) == smallest && greatest_unsigned(values, count) == largest);
    CHECK(saturated(values, count) == 2000000 - room);
    CHECK(float_least(values, count) == (count ? (float)(slow[low] >> 8) : 1e9f));
}

PROGRAM(loop_reductions) {
    static int32_t values[150];
    uint32_t random = 1234567;
    for (unsigned round = 0; round < 24; round++) {
        for (unsigned index = 0; index < 150; index++) {
            random = random * 1664525u + 1013904223u;
            values[index] = (int32_t)(random >> (round % 9 + 1)) - (round % 2 ? 0x100000 : 0);
            if (round % 4 == 3)
                values[index] = values[index] / 65536 * 65536 + 5;
        }
        check_all(values, opaque_unsigned(round < 18 ? round : round * 6));
    }
    CHECK(sum(values, 0) == 0 && product(values, opaque_unsigned(0)) == 1 && byte_sum(values, 0) == 200);
    for (unsigned index = 0; index < 100; index++)
        values[index] = (int32_t)index + 1;
    CHECK(sum(values, opaque_unsigned(100)) == 5050 && alternating(values, 100) == 50 && count_odd(values, 100) == 50);
    CHECK(parity(values, opaque_unsigned(99)) == 0x55 && disjunction(values, 100) == 127 && conjunction(values, 100) == 0);
}
