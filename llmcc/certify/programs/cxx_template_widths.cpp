/* One set of function templates instantiated for eight integer types: instances that differ in width or signedness only
 * must not be folded into one another. Every result is compared with arithmetic on 64 bits reduced by hand. */
#include "certify.h"

#include <cstdint>
#include <type_traits>

namespace {

template <typename T> constexpr unsigned bits = sizeof(T) * 8;
template <typename T> using Unsigned = std::make_unsigned_t<T>;

template <typename T> NOINLINE T wrapping_add(T a, T b) { return static_cast<T>(static_cast<Unsigned<T>>(a) + static_cast<Unsigned<T>>(b)); }
template <typename T> NOINLINE T wrapping_scale(T a, unsigned by) { return static_cast<T>(static_cast<uint64_t>(a) * by); }
template <typename T> NOINLINE T halve(T a) { return static_cast<T>(a / 2); }
template <typename T> NOINLINE T shift_down(T a, unsigned by) { return static_cast<T>(a >> by); }
template <typename T> NOINLINE bool less(T a, T b) { return a < b; }
template <typename T> NOINLINE bool less_equal(T a, T b) { return a <= b; }
template <typename T> NOINLINE int64_t widen(T a) { return static_cast<int64_t>(a); }

template <typename T> NOINLINE T rotate(T a, unsigned by) {
    Unsigned<T> raw = static_cast<Unsigned<T>>(a);
    by %= bits<T>;
    return static_cast<T>(by ? static_cast<Unsigned<T>>(raw << by | raw >> (bits<T> - by)) : raw);
}

template <typename T> NOINLINE T saturating_add(T a, T b) {
    T sum;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    Unsigned<T> top = static_cast<Unsigned<T>>(~Unsigned<T>{0});
    if (std::is_signed<T>::value)
        return a < 0 ? static_cast<T>(static_cast<Unsigned<T>>(top / 2 + 1)) : static_cast<T>(top / 2);
    return static_cast<T>(top);
}

template <typename T> NOINLINE unsigned count_until_zero(T a) {
    unsigned steps = 0;
    while (a != 0) {
        a = a % 2 != 0 ? static_cast<T>(a - a % 2) : static_cast<T>(a / 2);
        steps++;
    }
    return steps;
}

template <typename T> NOINLINE T sum_array(const T *values, unsigned count, T start) {
    for (unsigned i = 0; i < count; i++)
        start = static_cast<T>(static_cast<Unsigned<T>>(start) * 3u + static_cast<Unsigned<T>>(values[i]));
    return start;
}

/* What remains of a 64-bit pattern in the given type. */
uint64_t reduce(uint64_t pattern, unsigned width, bool is_signed) {
    if (width == 64)
        return pattern;
    uint64_t low = pattern & ((uint64_t{1} << width) - 1);
    return is_signed && low >> (width - 1) ? low | ~uint64_t{0} << width : low;
}

bool model_less(uint64_t a, uint64_t b, bool is_signed) {
    return is_signed ? static_cast<int64_t>(a) < static_cast<int64_t>(b) : a < b;
}

template <typename T> NOINLINE uint64_t check_all(uint64_t first, uint64_t second, unsigned amount) {
    constexpr bool is_signed = std::is_signed<T>::value;
    constexpr unsigned width = bits<T>;
    const T a = static_cast<T>(first), b = static_cast<T>(second);
    const uint64_t wide_a = reduce(first, width, is_signed), wide_b = reduce(second, width, is_signed), low_a = reduce(first, width, false);
    const unsigned by = amount % width;
    uint64_t digest = 0;
    const auto same = [&digest](T result, uint64_t model) {
        digest = digest * 31u + static_cast<uint64_t>(result);
        CHECK(static_cast<uint64_t>(result) == model);
    };
    same(a, wide_a);
    CHECK(static_cast<uint64_t>(widen(a)) == wide_a);
    same(wrapping_add(a, b), reduce(wide_a + wide_b, width, is_signed));
    same(wrapping_scale(a, amount), reduce(low_a * amount, width, is_signed));
    const bool negative = is_signed && wide_a >> 63;
    same(halve(a), negative ? 0 - ((0 - wide_a) >> 1) : wide_a >> 1);
    same(shift_down(a, by), negative ? ~(~wide_a >> by) : wide_a >> by);
    same(rotate(a, amount), reduce(by ? low_a << by | low_a >> (width - by) : low_a, width, is_signed));
    CHECK(less(a, b) == model_less(wide_a, wide_b, is_signed) && less_equal(b, a) != less(a, b));
    CHECK(!less(a, static_cast<T>(first)) && less_equal(b, static_cast<T>(second)));

    const uint64_t highest = is_signed ? (uint64_t{1} << (width - 1)) - 1 : reduce(~uint64_t{0}, width, false);
    uint64_t sum = wide_a + wide_b;
    bool over = is_signed ? (~(wide_a ^ wide_b) & (wide_a ^ sum)) >> 63 : sum < wide_a;
    if (width < 64)
        over = sum != reduce(sum, width, is_signed);
    same(saturating_add(a, b), !over ? sum : negative ? ~highest : highest);

    unsigned steps = 0;
    for (uint64_t size = negative ? 0 - wide_a : wide_a; size; size >>= 1)
        steps += 1 + (size > 1 && size & 1);
    CHECK(count_until_zero(a) == steps);

    const T values[4] = {a, b, static_cast<T>(first ^ second), static_cast<T>(amount)};
    uint64_t total = second * 81u + first * 27u + second * 9u + (first ^ second) * 3u + amount;
    same(sum_array(values, 4, b), reduce(total, width, is_signed));
    return digest;
}

} // namespace

PROGRAM(cxx_template_widths) {
    uint64_t first = opaque_uint64(0x0123456789abcdefu), second = opaque_uint64(0xfedcba9876543211u), digest[8] = {0};
    for (unsigned round = 0; round < 24; round++) {
        first = first * 6364136223846793005u + 1442695040888963407u;
        second = (second ^ second >> 29) * 0xbf58476d1ce4e5b9u;
        uint64_t a = round % 4 == 3 ? uint64_t{0} - (first >> 61) : first, b = round % 5 == 4 ? second >> 60 : second;
        digest[0] += check_all<int8_t>(a, b, round * 3);
        digest[1] += check_all<uint8_t>(a, b, round * 3);
        digest[2] += check_all<int16_t>(a, b, round * 3);
        digest[3] += check_all<uint16_t>(a, b, round * 3);
        digest[4] += check_all<int32_t>(a, b, round * 3);
        digest[5] += check_all<uint32_t>(a, b, round * 3);
        digest[6] += check_all<int64_t>(a, b, round * 3);
        digest[7] += check_all<uint64_t>(a, b, round * 3);
    }
    for (unsigned i = 0; i < 8; i++)
        for (unsigned k = 0; k < i; k++)
            CHECK(digest[i] != digest[k]);
}
