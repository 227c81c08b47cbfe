/* Recursive templates: powers, greatest common divisors, number sequences, sorting networks and polynomials unrolled by
 * recursion over an integer parameter, against loops over run-time values. */
#include "certify.h"

#include <type_traits>
#include <utility>

namespace {

template <unsigned exponent> constexpr uint64_t power(uint64_t base) {
    if constexpr (exponent == 0)
        return 1;
    else if constexpr (exponent % 2)
        return base * power<exponent - 1>(base);
    else
        return power<exponent / 2>(base * base);
}

template <unsigned a, unsigned b> struct Divisor : Divisor<b, a % b> {};
template <unsigned a> struct Divisor<a, 0> {
    static constexpr unsigned value = a;
};

template <unsigned index> struct Sequence {
    static constexpr uint32_t value = Sequence<index - 1>::value * 3u ^ Sequence<index / 2>::value;
};
template <> struct Sequence<0> {
    static constexpr uint32_t value = 5;
};

/* Horner's rule over the digits 1, 2, 3, ... */
template <int degree> struct Polynomial {
    static NOINLINE int64_t at(int64_t x) { return Polynomial<degree - 1>::at(x) * x + degree + 1; }
    static int64_t inlined(int64_t x) { return Polynomial<degree - 1>::inlined(x) * x + degree + 1; }
};
template <> struct Polynomial<0> {
    static int64_t at(int64_t) { return 1; }
    static int64_t inlined(int64_t) { return 1; }
};

template <typename T> inline void order(T &a, T &b) {
    if (b < a) {
        T kept = a;
        a = b;
        b = kept;
    }
}

/* A bubble sort whose loops are template recursion. */
template <unsigned last, unsigned at, typename T> inline void bubble(T *values) {
    if constexpr (at < last) {
        order(values[at], values[at + 1]);
        bubble<last, at + 1>(values);
    }
}
template <unsigned count, typename T> NOINLINE void sort_unrolled(T *values) {
    if constexpr (count > 1) {
        bubble<count - 1, 0>(values);
        sort_unrolled<count - 1>(values);
    }
}

template <typename T> void sort_plain(T *values, unsigned count) {
    for (unsigned i = 1; i < count; i++)
        for (unsigned k = i; k > 0 && values[k] < values[k - 1]; k--)
            std::swap(values[k], values[k - 1]);
}

/* Two functions that call each other down to zero. */
template <unsigned n> NOINLINE uint32_t odd_step(uint32_t value);
template <unsigned n> NOINLINE uint32_t even_step(uint32_t value) {
    if constexpr (n == 0)
        return value;
    else
        return odd_step<n - 1>(value * 2u + n);
}
template <unsigned n> NOINLINE uint32_t odd_step(uint32_t value) {
    if constexpr (n == 0)
        return ~value;
    else
        return even_step<n - 1>(value * 2u ^ n);
}

/* A choice by binary search over template parameters. */
template <unsigned low, unsigned high> inline uint32_t pick(unsigned index) {
    if constexpr (low + 1 == high) {
        return Sequence<low>::value;
    } else {
        constexpr unsigned middle = (low + high) / 2;
        return index < middle ? pick<low, middle>(index) : pick<middle, high>(index);
    }
}

template <unsigned... lengths> struct Chain;
template <> struct Chain<> {
    static constexpr unsigned total = 0;
    static unsigned walk(unsigned position) { return position; }
};
template <unsigned first, unsigned... rest> struct Chain<first, rest...> {
    static constexpr unsigned total = first + Chain<rest...>::total;
    static unsigned walk(unsigned position) { return position < first ? first * 100 + position : Chain<rest...>::walk(position - first); }
};

unsigned plain_divisor(unsigned a, unsigned b) {
    while (b) {
        unsigned rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

template <unsigned count, typename T> NOINLINE void check_sort(uint32_t seed) {
    T unrolled[count], plain[count];
    for (unsigned i = 0; i < count; i++) {
        seed = seed * 69069u + 1u;
        unrolled[i] = plain[i] = static_cast<T>(static_cast<int32_t>(seed >> 3) - (1 << 28));
    }
    sort_unrolled<count>(unrolled);
    sort_plain(plain, opaque_unsigned(count));
    for (unsigned i = 0; i < count; i++)
        CHECK(unrolled[i] == plain[i]);
}

} // namespace

PROGRAM(cxx_template_recursion) {
    static_assert(power<5>(3) == 243 && Divisor<84, 36>::value == 12 && Chain<3, 1, 4>::total == 8, "");
    uint32_t sequence[40] = {5};
    for (unsigned i = 1; i < 40; i++)
        sequence[i] = sequence[i - 1] * 3u ^ sequence[i / 2];
    CHECK(Sequence<39>::value == sequence[39] && Sequence<17>::value == sequence[17]);
    for (unsigned i = 0; i < 40; i++)
        CHECK((pick<0, 40>(opaque_unsigned(i)) == sequence[i]));
    uint64_t base = opaque_uint64(0x100000001b3u), product = 1;
    for (unsigned i = 0; i < 29; i++)
        product *= base;
    CHECK(power<29>(base) == product && power<29>(0x100000001b3u) == product && power<28>(base) * base == product);
    CHECK((Divisor<1071, 462>::value == plain_divisor(opaque_unsigned(1071), 462) && Divisor<17, 5>::value == 1));
    for (int x = -6; x < 7; x++) {
        int64_t sum = 0;
        for (int i = 0; i <= 12; i++)
            sum = sum * x + i + 1;
        CHECK(Polynomial<12>::at(opaque_int(x)) == sum && Polynomial<12>::inlined(opaque_int(x)) == sum);
    }
    for (uint32_t seed = 1; seed < 6; seed++) {
        check_sort<9, int8_t>(seed);
        check_sort<9, uint8_t>(seed);
        check_sort<7, int16_t>(seed);
        check_sort<7, uint32_t>(seed);
        check_sort<6, int64_t>(seed);
        check_sort<6, double>(seed);
    }
    uint32_t value = opaque_unsigned(9), walked = value;
    for (unsigned n = 11; n > 0; n--)
        walked = n % 2 ? walked * 2u + n : (walked * 2u ^ n);
    CHECK(even_step<11>(value) == ~walked && odd_step<0>(value) == ~value);
    using Lengths = Chain<3, 1, 4, 1, 5>;
    const unsigned walk[15] = {300, 301, 302, 100, 400, 401, 402, 403, 100, 500, 501, 502, 503, 504, 0};
    for (unsigned i = 0; i < 15; i++)
        CHECK(Lengths::walk(opaque_unsigned(i)) == walk[i]);
}
