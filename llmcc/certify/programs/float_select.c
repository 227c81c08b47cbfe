/* Minimum, maximum, clamp, absolute value and replacement by comparison: which operand comes back when they compare
 * equal, or not at all, is part of the meaning, so each form has its own answer for zeros of either sign and
 * NaNs. */
#include "certify.h"

/* How many rounds of the checking loops there were, lest one that ends early pass. */
static unsigned checked;

union single { float value; uint32_t bits; };
union twice { double value; uint64_t bits; };

static uint64_t single_bits(float value) { return ((union single){.value = value}).bits; }
static uint64_t twice_bits(double value) { return ((union twice){.value = value}).bits; }

enum { values = 9, nan_at = 7, forms = 12 };

/* 2 and 3 are the zeros, the last two are NaNs. */
static int order(int i, int j) {
    if (i >= nan_at || j >= nan_at)
        return 2;
    return (i == 2 || i == 3) && (j == 2 || j == 3) ? 0 : i < j ? -1 : i > j;
}

#define FORMS(name, type)                                                                                          \
    static NOINLINE type less_a_##name(type a, type b) { return a < b ? a : b; }                                   \
    static NOINLINE type less_b_##name(type a, type b) { return a < b ? b : a; }                                   \
    static NOINLINE type less_equal_a_##name(type a, type b) { return a <= b ? a : b; }                            \
    static NOINLINE type less_equal_b_##name(type a, type b) { return a <= b ? b : a; }                            \
    static NOINLINE type greater_a_##name(type a, type b) { return a > b ? a : b; }                                \
    static NOINLINE type not_less_a_##name(type a, type b) { return !(a < b) ? a : b; }                            \
    static NOINLINE type not_greater_equal_a_##name(type a, type b) { return !(a >= b) ? a : b; }                  \
    static NOINLINE type equal_a_##name(type a, type b) { return a == b ? a : b; }                                 \
    static NOINLINE type equal_b_##name(type a, type b) {                                                          \
        if (a != b)                                                                                                \
            return a;                                                                                              \
        return b;                                                                                                  \
    }                                                                                                              \
    static NOINLINE type ordered_a_##name(type a, type b) { return a == a ? a : b; }                               \
    static NOINLINE type both_##name(type a, type b) { return a < b || b < a ? a : b; }                            \
    static NOINLINE type greater_equal_branch_##name(type a, type b) {                                             \
        type result = b;                                                                                           \
        if (a >= b)                                                                                                \
            result = a;                                                                                            \
        return result;                                                                                             \
    }                                                                                                              \
    static NOINLINE type positive_##name(type a) { return a > 0 ? a : 0; }                                         \
    static NOINLINE type not_negative_##name(type a) { return a < 0 ? 0 : a; }                                     \
    static NOINLINE type absolute_##name(type a) { return a < 0 ? -a : a; }                                        \
    static NOINLINE type absolute_equal_##name(type a) { return a <= 0 ? -a : a; }                                 \
    static NOINLINE type plain_zero_##name(type a) { return a == 0 ? 0 : a; }                                      \
    static NOINLINE type clamp_##name(type a) { return a < -1 ? -1 : a > 1 ? 1 : a; }                              \
    static NOINLINE type clamp_nested_##name(type a) {                                                             \
        type low = a > -1 ? a : -1;                                                                                \
        return low < 1 ? low : 1;                                                                                  \
    }                                                                                                              \
    /* The least of an array from either end, with a start that only a smaller one replaces. */                    \
    static NOINLINE int least_at_##name(const type *v, int count, int step) {                                      \
        int at = step > 0 ? 0 : count - 1;                                                                         \
        type least = v[at];                                                                                        \
        for (int i = at; i >= 0 && i < count; i += step)                                                           \
            if (v[i] < least) {                                                                                    \
                least = v[i];                                                                                      \
                at = i;                                                                                            \
            }                                                                                                      \
        return at;                                                                                                 \
    }                                                                                                              \
    static type (*const forms_##name[forms])(type, type) = {                                                       \
        less_a_##name, less_b_##name, less_equal_a_##name, less_equal_b_##name, greater_a_##name, not_less_a_##name, \
        not_greater_equal_a_##name, equal_a_##name, equal_b_##name, ordered_a_##name, both_##name,                 \
        greater_equal_branch_##name};                                                                              \
    static void check_##name(const type *v) {                                                                      \
        for (int i = 0; i < values; i++) {                                                                         \
            for (int j = 0; j < values; j++)                                                                       \
                for (int form = 0; form < forms; form++, checked += opaque_unsigned(1)) {                          \
                    uint64_t expected = name##_bits(first(form, order(i, j), i) ? v[i] : v[j]);                    \
                    CHECK(name##_bits(forms_##name[form](v[i], v[j])) == expected);                                \
                }                                                                                                  \
            int not_a_number = i >= nan_at, below = i < 2, zero = i == 2 || i == 3;                                \
            uint64_t bits = name##_bits(v[i]), sign = name##_bits(v[2]), nothing = name##_bits(v[3]);              \
            CHECK(name##_bits(positive_##name(v[i])) == (not_a_number || below || zero ? nothing : bits));         \
            CHECK(name##_bits(not_negative_##name(v[i])) == (below ? nothing : bits));                             \
            CHECK(name##_bits(absolute_##name(v[i])) == (below ? bits ^ sign : bits));                             \
            CHECK(name##_bits(absolute_equal_##name(v[i])) == (below || zero ? bits ^ sign : bits));               \
            CHECK(name##_bits(plain_zero_##name(v[i])) == (zero ? nothing : bits));                                \
            uint64_t one = name##_bits((type)1);                                                                   \
            uint64_t clamped = i == 0 || i == 1 ? one ^ sign : i == 5 || i == 6 ? one : bits;                      \
            CHECK(name##_bits(clamp_##name(v[i])) == clamped);                                                     \
            CHECK(name##_bits(clamp_nested_##name(v[i])) == (not_a_number ? one ^ sign : clamped));                \
        }                                                                                                          \
        CHECK(least_at_##name(v, values, opaque_int(1)) == 0 && least_at_##name(v, values, -1) == 8);              \
        CHECK(least_at_##name(v + 2, 3, 1) == 0 && least_at_##name(v + 2, 2, -1) == 1);                            \
        CHECK(least_at_##name(v + 1, 6, opaque_int(-1)) == 0 && least_at_##name(v + 7, 2, 1) == 0);                \
    }

/* Whether the first operand comes back: by the form and the order of the operands. */
static int first(int form, int order, int i) {
    int less = order == -1, equal = order == 0, greater = order == 1, unordered = order == 2;
    const int chosen[forms] = {less, !less, less || equal, greater || unordered, greater, !less, less ||
                               unordered, equal,
                               !equal, i < nan_at, less || greater, greater || equal};
    return chosen[form];
}

FORMS(single, float)
FORMS(twice, double)

PROGRAM(float_select) {
    checked = 0;
    float infinity = opaque_float(__builtin_inff());
    const float single[values] = {-infinity, -1.5f, -0.0f, 0.0f, 0.75f, 2, infinity, __builtin_nanf(""),
                                  __builtin_nanf("1")};
    check_single(single);
    const double twice[values] = {-infinity, -1.5, -0.0, 0.0, opaque_double(0.75), 2, infinity, __builtin_nan(""),
                                  __builtin_nan("1")};
    check_twice(twice);
    CHECK(checked == 1944);
}
