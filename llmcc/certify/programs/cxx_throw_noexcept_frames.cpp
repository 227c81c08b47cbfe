/* Exceptions and noexcept functions in between that never let one out: they call functions that cannot throw, or
 * catch all that comes; noexcept overloads chosen by the noexcept operator; frames of all kinds without any cleanup. */
#include "certify.h"

#include <utility>

namespace {

struct Empty {};
struct Overflow {
    int64_t wanted;
};

NOINLINE int checked_add(int a, int b) {
    int64_t sum = int64_t{a} + b;
    if (sum > 1000 || sum < -1000)
        throw Overflow{sum};
    return static_cast<int>(sum);
}

NOINLINE int clamped_add(int a, int b) noexcept {
    int64_t sum = int64_t{a} + b;
    return sum > 1000 ? 1000 : sum < -1000 ? -1000 : static_cast<int>(sum);
}

/* Same meaning as clamped_add by way of an exception that stays inside. */
NOINLINE int caught_add(int a, int b) noexcept {
    try {
        return checked_add(a, b);
    } catch (const Overflow &overflow) {
        return overflow.wanted > 0 ? 1000 : -1000;
    }
}

NOINLINE int caught_add_nearly(int a, int b) noexcept {
    try {
        return checked_add(b, a);
    } catch (const Overflow &overflow) {
        return overflow.wanted > 0 ? 1000 : -999;
    }
}

/* noexcept, and throws in a frame below that another noexcept frame closes. */
NOINLINE int sum_noexcept(const int *values, int count) noexcept {
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum = i & 1 ? caught_add(sum, values[i]) : clamped_add(sum, values[i]);
    return sum;
}

/* Frames that an exception passes: without cleanup, with an array, with a variable-size amount of work. */
NOINLINE int bare_frame(int a, int b) { return checked_add(a, b) * 2; }

NOINLINE int array_frame(int a, int b) {
    int scratch[24];
    for (int i = 0; i < 24; i++)
        scratch[i] = clamped_add(a * i, b);
    scratch[a & 15] += checked_add(scratch[3], scratch[5]);
    unsigned sum = 0;
    for (int value : scratch)
        sum ^= static_cast<unsigned>(value) + sum * 3;
    return static_cast<int>(sum & 0xffff);
}

NOINLINE int recursive_frame(int depth, int a, int b) {
    if (depth == 0)
        return bare_frame(a, b);
    int below = recursive_frame(depth - 1, a + depth, b - 1);
    return clamped_add(below, depth) ^ depth;
}

int recursive_model(int depth, int a, int b) {
    int at_bottom = a, other = b;
    for (int i = depth; i > 0; i--) {
        at_bottom += i;
        other--;
    }
    int64_t sum = int64_t{at_bottom} + other;
    if (sum > 1000 || sum < -1000)
        return static_cast<int>(sum % 1000) + 5000;
    int result = static_cast<int>(sum) * 2;
    for (int i = 1; i <= depth; i++)
        result = clamped_add(result, i) ^ i;
    return result;
}

/* Whether the call can throw is part of its type and picks the way. */
template <typename Function> NOINLINE int guarded(Function function, int a, int b) {
    if constexpr (noexcept(function(a, b)))
        return function(a, b) + 1;
    else
        try {
            return function(a, b) + 2;
        } catch (const Overflow &overflow) {
            return static_cast<int>(overflow.wanted % 1000) + 3;
        } catch (Empty) {
            return 4;
        }
}

struct Swapped {
    int value;
    Swapped(int value_) : value(value_) {}
    Swapped(Swapped &&other) noexcept(false) : value(checked_add(other.value, 0)) { other.value = -1; }
    Swapped &operator=(Swapped &&other) noexcept {
        value = other.value;
        other.value = -2;
        return *this;
    }
};
static_assert(!noexcept(Swapped(std::declval<Swapped>())) && noexcept(std::declval<Swapped &>() = std::declval<Swapped>()), "");

NOINLINE bool exchange(Swapped &a, Swapped &b) {
    try {
        Swapped kept(static_cast<Swapped &&>(a));
        a = static_cast<Swapped &&>(b);
        b = static_cast<Swapped &&>(kept);
    } catch (...) {
        return false;
    }
    return true;
}

NOINLINE int outcome(int depth, int a, int b) {
    try {
        return recursive_frame(depth, a, b);
    } catch (const Overflow &overflow) {
        return static_cast<int>(overflow.wanted % 1000) + 5000;
    }
}

} // namespace

PROGRAM(cxx_throw_noexcept_frames) {
    int values[12];
    for (int i = 0; i < 12; i++)
        values[i] = opaque_int((i * i * 97 + 13) % 1901 - 950);
    int clamped = 0, mismatch = 0;
    for (int i = 0; i < 12; i++) {
        clamped = clamped_add(clamped, values[i]);
        CHECK(sum_noexcept(values, i + 1) == clamped);
        for (int k = 0; k < 12; k++) {
            int exact = values[i] + values[k], wanted = clamped_add(values[i], values[k]);
            CHECK(caught_add(values[i], values[k]) == wanted && caught_add_nearly(values[i], values[k]) == wanted + (exact < -1000));
            CHECK(guarded(clamped_add, values[i], values[k]) == wanted + 1);
            CHECK(guarded(checked_add, values[i], values[k]) == (wanted == exact ? exact + 2 : exact % 1000 + 3));
            CHECK(guarded([](int a, int b) -> int { if (a > b) throw Empty(); return a; }, values[i], values[k]) ==
                  (values[i] > values[k] ? 4 : values[i] + 2));
            int depth = opaque_int((i + k) % 9);
            CHECK(outcome(depth, values[i], values[k]) == recursive_model(depth, values[i], values[k]));
            mismatch += wanted != exact;
            Swapped a(values[i] * 2), b(values[k]);
            bool swapped = exchange(a, b);
            CHECK(swapped == (values[i] * 2 <= 1000 && values[i] * 2 >= -1000));
            CHECK(swapped ? a.value == values[k] && b.value == values[i] * 2 : a.value == values[i] * 2 && b.value == values[k]);
        }
    }
    CHECK(mismatch > 10 && mismatch < 134);
    int checks = 0;
    unsigned digest = 0;
    for (int i = 1; i < 12; i++)
        try {
            digest = digest * 31u + static_cast<unsigned>(array_frame(values[i] / 8, values[i - 1] / 2));
            checks++;
        } catch (const Overflow &overflow) {
            /* The two elements whose sum was too large. */
            int64_t third = clamped_add(values[i] / 8 * 3, values[i - 1] / 2), fifth = clamped_add(values[i] / 8 * 5, values[i - 1] / 2);
            CHECK(overflow.wanted == third + fifth);
            checks += 100;
        }
    CHECK(digest == 0x34d99502u && checks % 100 + checks / 100 == 11 && checks > 100 && checks % 100 > 3);
}
