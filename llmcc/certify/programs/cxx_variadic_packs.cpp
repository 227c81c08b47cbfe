/* Parameter packs: folds over every operator, index sequences, packs of types with mixed widths, recursion over a pack,
 * and forwarding to callees that take values and references; against loops over arrays. */
#include "certify.h"

#include <type_traits>
#include <utility>

namespace {

template <typename... T> NOINLINE int64_t sum(T... values) { return (int64_t{0} + ... + static_cast<int64_t>(values)); }
template <typename... T> NOINLINE int64_t left_difference(T... values) { return (... - static_cast<int64_t>(values)); }
template <typename... T> NOINLINE int64_t right_difference(T... values) { return (static_cast<int64_t>(values) - ...); }
template <typename... T> NOINLINE bool all_positive(T... values) { return (... && (values > 0)); }
template <typename... T> NOINLINE bool any_odd(T... values) { return (... || (values % 2 != 0)); }
template <typename... T> NOINLINE uint64_t total_bits() { return (uint64_t{0} + ... + (sizeof(T) * 8)); }

/* Short circuit: how many were asked. */
template <typename... T> NOINLINE unsigned asked_until(int limit, T... values) {
    unsigned asked = 0;
    bool unused = (... && (asked++, values < limit));
    return asked * 2 + unused;
}

template <typename T, typename... Rest> NOINLINE T largest(T first, Rest... rest) {
    if constexpr (sizeof...(rest) == 0) {
        return first;
    } else {
        T other = static_cast<T>(largest(rest...));
        return other > first ? other : first;
    }
}

/* Puts the values of the pack into bytes one after another, each in as many as its type has. */
template <typename T> unsigned put(unsigned char *to, unsigned at, T value) {
    for (unsigned i = 0; i < sizeof(T); i++)
        to[at++] = static_cast<unsigned char>(static_cast<uint64_t>(value) >> 8 * i);
    return at;
}
template <typename... T> NOINLINE unsigned pack(unsigned char *to, T... values) {
    unsigned at = 0;
    ((at = put(to, at, values)), ...);
    return at;
}
template <typename T> unsigned get(const unsigned char *from, unsigned at, T &value) {
    uint64_t pattern = 0;
    for (unsigned i = 0; i < sizeof(T); i++)
        pattern |= uint64_t{from[at++]} << 8 * i;
    value = static_cast<T>(pattern);
    return at;
}
template <typename... T> NOINLINE unsigned unpack(const unsigned char *from, T &... values) {
    unsigned at = 0;
    ((at = get(from, at, values)), ...);
    return at;
}

template <typename T, size_t... index> int64_t dot_indices(const T *a, const T *b, std::index_sequence<index...>) {
    return (int64_t{0} + ... + (static_cast<int64_t>(a[index]) * b[index]));
}
template <size_t count, typename T> NOINLINE int64_t dot(const T *a, const T *b) { return dot_indices(a, b, std::make_index_sequence<count>()); }

template <size_t... index> NOINLINE void permute(uint32_t *to, const uint32_t *from, std::index_sequence<index...>) {
    unsigned at = 0;
    ((to[at++] = from[(index * 5 + 3) % sizeof...(index)]), ...);
}

NOINLINE int32_t callee(int32_t a, int16_t &b, const int64_t &c, uint8_t d) {
    b = static_cast<int16_t>(b + a);
    return a * 2 + b + static_cast<int32_t>(c % 1000) + d;
}
NOINLINE int32_t callee_nearly(int32_t a, int16_t &b, const int64_t &c, uint8_t d) {
    b = static_cast<int16_t>(b - a);
    return a * 2 + b + static_cast<int32_t>(c % 1000) + d;
}
template <typename Function, typename... T> NOINLINE int32_t forward_to(Function function, T &&... values) {
    return function(std::forward<T>(values)...) + static_cast<int32_t>(sizeof...(values));
}

/* A pack of functions applied in turn. */
template <uint32_t (*... steps)(uint32_t)> NOINLINE uint32_t pipeline(uint32_t value) {
    ((value = steps(value)), ...);
    return value;
}
uint32_t step_rotate(uint32_t value) { return value << 7 | value >> 25; }
uint32_t step_multiply(uint32_t value) { return value * 0x9e3779b1u; }
uint32_t step_fold(uint32_t value) { return value ^ value >> 16; }

} // namespace

PROGRAM(cxx_variadic_packs) {
    for (int round = -4; round < 5; round++) {
        const int r = opaque_int(round);
        const int8_t a = static_cast<int8_t>(r * 9);
        const uint16_t b = static_cast<uint16_t>(r + 40000);
        const int32_t c = r * 100003;
        const int64_t d = int64_t{r} * 5000000000;
        const uint8_t e = static_cast<uint8_t>(200 + r);
        CHECK(sum() == 0 && sum(a, b, c, d, e) == int64_t{round} * 5000100014 + 40200);
        CHECK(left_difference(a, b, c, d, e) == int64_t{a} - b - c - d - e && left_difference(d, e) == d - e);
        CHECK(right_difference(a, b, c, d, e) == int64_t{a} - (b - (c - (d - e))) && right_difference(e, d) == e - d);
        CHECK(all_positive(b, e, r + 5) && all_positive(r, 1, r + 5) == (round > 0) && !all_positive(1, 2, r - 4) && all_positive(b, a, c) == (round > 0) && all_positive());
        CHECK(any_odd(b, d) == (round % 2 != 0) && !any_odd() && any_odd(a, 8, 3));
        CHECK(asked_until(opaque_int(3), 1, 2, r, 9, 0) == (round < 3 ? 8u : 6u) && asked_until(100, r, r) == 5u);
        const int8_t narrowed = static_cast<int8_t>(c > e ? c : e);
        CHECK(largest(a, c, e) == (narrowed > a ? narrowed : a));
        CHECK(largest(d, c, b, e) == (round > 0 ? d : 40000 + round) && largest(r) == round);

        unsigned char bytes[32] = {0};
        const unsigned size = pack(bytes, e, d, b, a, c);
        CHECK(size == 16 && bytes[0] == e && bytes[9] == (b & 255) && bytes[10] == b >> 8 && bytes[11] == static_cast<uint8_t>(a));
        uint8_t e2;
        int64_t d2;
        uint16_t b2;
        int8_t a2;
        int32_t c2;
        CHECK(unpack(bytes, e2, d2, b2, a2, c2) == 16 && a2 == a && b2 == b && c2 == c && d2 == d && e2 == e);

        int16_t shared = 500;
        CHECK(forward_to(callee, r, shared, d, e) == r * 2 + 500 + r + static_cast<int32_t>(d % 1000) + e + 4 && shared == 500 + r);
        CHECK(forward_to(callee_nearly, r * 3, shared, d + 7, uint8_t{9}) == r * 6 + 500 - r * 2 + static_cast<int32_t>((d + 7) % 1000) + 13);
        CHECK(shared == 500 - r * 2);
    }
    CHECK((total_bits<>() == 0 && total_bits<int8_t, int64_t, uint16_t>() == 88 && total_bits<uint32_t, uint32_t>() == 64));

    int16_t first[12], second[12];
    int64_t dots[13] = {0};
    uint32_t from[8], to[8];
    for (int i = 0; i < 12; i++) {
        first[i] = static_cast<int16_t>(opaque_int(i * i * 31 - 900));
        second[i] = static_cast<int16_t>(opaque_int(700 - i * 123));
        dots[i + 1] = dots[i] + first[i] * second[i];
    }
    CHECK(dot<3>(first, second) == dots[3] && dot<1>(first, second) == dots[1] && dot<7>(first, second) == dots[7] && dot<12>(first, second) == dots[12]);
    for (uint32_t i = 0; i < 8; i++)
        from[i] = opaque_unsigned(i * i + 1);
    permute(to, from, std::make_index_sequence<8>());
    for (uint32_t i = 0; i < 8; i++)
        CHECK(to[i] == from[(i * 5 + 3) & 7] && (to[i] - 1) == ((i * 5 + 3) & 7) * ((i * 5 + 3) & 7));
    uint32_t x = opaque_unsigned(0xc0ffee01u);
    CHECK((pipeline<step_rotate, step_multiply, step_fold>(x) == step_fold(step_multiply(step_rotate(x)))));
    CHECK((pipeline<step_fold, step_multiply, step_rotate, step_fold>(x) == step_fold(step_rotate(step_multiply(step_fold(x))))));
    CHECK((pipeline<>(x) == x && pipeline<step_rotate, step_rotate>(x) == (x << 14 | x >> 18)));
}
