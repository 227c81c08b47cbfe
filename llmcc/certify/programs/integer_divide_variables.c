/* Division by unknown divisors against restoring division bit by bit, and divisions that must stay behind their guard:
 * by zero, and of the least value by minus one. */
#include "certify.h"

static NOINLINE uint64_t restoring(uint64_t dividend, uint64_t divisor, uint64_t *remainder) {
    uint64_t quotient = 0, rest = 0;
    for (int bit = 63; bit >= 0; bit--) {
        int carry = (int)(rest >> 63);
        rest = rest << 1 | (dividend >> bit & 1);
        if (carry || rest >= divisor) {
            rest -= divisor;
            quotient |= (uint64_t)1 << bit;
        }
    }
    *remainder = rest;
    return quotient;
}

static void check_division(uint64_t a, uint64_t b) {
    uint64_t rest, quotient = restoring(a, b, &rest);
    CHECK(a / b == quotient && a % b == rest);
    int64_t sa = (int64_t)a, sb = (int64_t)b;
    if (sa != INT64_MIN || sb != -1) {
        quotient = restoring(sa < 0 ? 0 - a : a, sb < 0 ? 0 - b : b, &rest);
        CHECK((uint64_t)(sa / sb) == ((sa < 0) != (sb < 0) ? 0 - quotient : quotient));
        CHECK((uint64_t)(sa % sb) == (sa < 0 ? 0 - rest : rest));
    }
    uint32_t na = (uint32_t)a, nb = (uint32_t)b;
    if (nb != 0) {
        quotient = restoring(na, nb, &rest);
        CHECK(na / nb == quotient && na % nb == rest);
        CHECK((uint64_t)na / nb == quotient && (uint16_t)na / (nb & 0xffff ? (uint16_t)nb : 1u) <= (uint16_t)na);
    }
}

/* The loop's divisor does not change; nothing may divide by it where no element asks for it. */
static NOINLINE int32_t scaled_sum(const int32_t *values, int count, int32_t divisor, int enabled) {
    int32_t sum = 0;
    for (int i = 0; i < count; i++) {
        if (enabled)
            sum += values[i] / divisor;
        else
            sum -= values[i];
        if (i > 5 && divisor != 0 && values[i] % divisor == 1)
            return sum + 1000;
    }
    return sum;
}

static NOINLINE int32_t guarded(int32_t a, int32_t b, int32_t otherwise) {
    if (b == 0)
        return otherwise;
    if (b == -1)
        return (int32_t)(0u - (uint32_t)a);
    return a / b;
}

static NOINLINE int32_t guarded_select(int32_t a, int32_t b, int32_t otherwise) {
    return b != 0 && b != -1 ? a / b : b ? (int32_t)(0u - (uint32_t)a) : otherwise;
}

static uint32_t gcd_by_remainder(uint32_t a, uint32_t b) { return b == 0 ? a : gcd_by_remainder(b, a % b); }

static uint32_t gcd_by_subtraction(uint32_t a, uint32_t b) {
    unsigned twos = 0;
    if (a == 0 || b == 0)
        return a | b;
    for (; ((a | b) & 1) == 0; twos++)
        a >>= 1, b >>= 1;
    while (a != b) {
        if ((a & 1) == 0)
            a >>= 1;
        else if ((b & 1) == 0)
            b >>= 1;
        else if (a > b)
            a -= b;
        else
            b -= a;
    }
    return a << twos;
}

static NOINLINE uint32_t power_modulo(uint32_t base, uint32_t exponent, uint32_t modulus) {
    uint64_t result = 1 % modulus, square = base % modulus;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1)
            result = result * square % modulus;
        square = square * square % modulus;
    }
    return (uint32_t)result;
}

/* One divisor out of three, chosen on the way. */
static NOINLINE uint32_t chosen_divisor(uint32_t x, int way) {
    uint32_t divisor = way > 0 ? 10 : way < 0 ? 7 : x | 1;
    uint32_t quotient = x / divisor;
    return quotient * 16 + x % divisor % 16;
}

PROGRAM(integer_divide_variables) {
    unsigned checked = 0;
    static const uint64_t edges[] = {1, 2, 3, 10, 0xffff, 0x10000, 0x7fffffff, 0xffffffff, 0x100000000, 0x123456789,
                                     0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffff6, UINT64_MAX};
    for (int i = 0; i < 14; i++)
        for (int j = 0; j < 14; j++, checked += opaque_unsigned(1))
            check_division(opaque_uint64(edges[i]), opaque_uint64(edges[j]));

    int32_t values[12];
    for (int i = 0; i < 12; i++)
        values[i] = opaque_int(i * 100 - 350);
    CHECK(scaled_sum(values, 12, opaque_int(0), opaque_int(0)) == -2400);
    CHECK(scaled_sum(values, 12, opaque_int(10), opaque_int(1)) == 240);
    CHECK(scaled_sum(values, 12, opaque_int(-7), 1) == -(64 + 78 + 92 + 107) + 1000);
    CHECK(scaled_sum(values, 0, opaque_int(0), 1) == 0);

    for (int32_t b = -3; b <= 3; b++)
        for (int32_t a = -40; a <= 40; a += 5, checked += opaque_unsigned(1)) {
            int32_t expected = 0, sign = (a < 0) != (b < 0) ? -1 : 1;
            for (int32_t rest = a < 0 ? -a : a; b != 0 && rest >= (b < 0 ? -b : b); rest -= b < 0 ? -b : b)
                expected += sign;
            if (b == 0)
                expected = 99;
            CHECK(guarded(opaque_int(a), opaque_int(b), 99) == expected);
            CHECK(guarded_select(opaque_int(a), opaque_int(b), 99) == expected);
        }
    CHECK(guarded(opaque_int(INT32_MIN), opaque_int(-1), 0) == INT32_MIN);
    CHECK(guarded_select(opaque_int(INT32_MIN), opaque_int(-1), 0) == INT32_MIN);

    for (uint32_t a = 0; a < 60; a += 4)
        for (uint32_t b = 0; b < 50; b += 3, checked += opaque_unsigned(1))
            CHECK(gcd_by_remainder(a * 30, opaque_unsigned(b) * 42) == gcd_by_subtraction(a * 30, b * 42));
    /* Fermat, and 5^4 + 2^4 = 641, which divides 2^32 + 1. */
    CHECK(power_modulo(opaque_unsigned(3), 4294967290u, 4294967291u) == 1);
    CHECK(power_modulo(opaque_unsigned(2), 640, 641) == 1 && power_modulo(5, 32, 641) == 640);
    CHECK(chosen_divisor(opaque_unsigned(1234), opaque_int(1)) == 123 * 16 + 4);
    CHECK(chosen_divisor(opaque_unsigned(1234), opaque_int(-1)) == 176 * 16 + 2);
    CHECK(chosen_divisor(opaque_unsigned(1234), opaque_int(0)) == 1234 % 1235 % 16);
    CHECK(checked == 570);
}
