/* Comparisons in which an operand may be a NaN, infinite or a zero of either sign: every predicate and its
 * negation, as values, in branches and combined, in both precisions, against the operands' known order. */
#include "certify.h"

/* How many rounds of the checking loops there were, lest one that ends early pass. */
static unsigned checked;

enum { values = 11, nan_at = 9 };

/* In ascending order; 4 and 5 are the zeros, the last two are NaNs. */
static int order(int i, int j) {
    if (i >= nan_at || j >= nan_at)
        return 2;
    if ((i == 4 || i == 5) && (j == 4 || j == 5))
        return 0;
    return i < j ? -1 : i > j;
}

#define PREDICATES(name, type)                                                                                     \
    static NOINLINE unsigned plain_##name(type a, type b) {                                                        \
        return (unsigned)(a < b) | (unsigned)(a <= b) << 1 | (unsigned)(a == b) << 2 | (unsigned)(a != b) << 3 |   \
               (unsigned)(a >= b) << 4 | (unsigned)(a > b) << 5;                                                   \
    }                                                                                                              \
    static NOINLINE unsigned negated_##name(type a, type b) {                                                      \
        unsigned bits = 0;                                                                                         \
        if (!(a < b))                                                                                              \
            bits |= 1;                                                                                             \
        if (!(a <= b))                                                                                             \
            bits |= 2;                                                                                             \
        if (!(a == b))                                                                                             \
            bits |= 4;                                                                                             \
        if (!(a != b))                                                                                             \
            bits |= 8;                                                                                             \
        if (!(a >= b))                                                                                             \
            bits |= 16;                                                                                            \
        if (!(a > b))                                                                                              \
            bits |= 32;                                                                                            \
        return bits;                                                                                               \
    }                                                                                                              \
    static NOINLINE unsigned combined_##name(type a, type b) {                                                     \
        unsigned bits = a < b || a >= b ? 1 : 0;                                                                   \
        bits |= a < b || a > b ? 2 : 0;                                                                            \
        bits |= !(a < b) && !(a >= b) ? 4 : 0;                                                                     \
        bits |= !(a <= b) && !(b <= a) ? 8 : 0;                                                                    \
        bits |= a <= b && b <= a ? 16 : 0;                                                                         \
        bits |= a == a && b == b ? 32 : 0;                                                                         \
        bits |= a != a || b != b ? 64 : 0;                                                                         \
        bits |= (a < b) == (a <= b) ? 128 : 0;                                                                     \
        bits |= a != b && !(a > b) ? 256 : 0;                                                                      \
        return bits;                                                                                               \
    }                                                                                                              \
    static NOINLINE unsigned builtins_##name(type a, type b) {                                                     \
        return (unsigned)!!__builtin_isless(a, b) | (unsigned)!!__builtin_islessequal(a, b) << 1 |                 \
               (unsigned)!!__builtin_isgreater(a, b) << 2 | (unsigned)!!__builtin_isgreaterequal(a, b) << 3 |      \
               (unsigned)!!__builtin_islessgreater(a, b) << 4 | (unsigned)!!__builtin_isunordered(a, b) << 5;      \
    }                                                                                                              \
    /* The classes of one value, without a second one to compare with. */                                          \
    static NOINLINE unsigned classes_##name(type a) {                                                              \
        unsigned bits = a < 0 ? 1 : a > 0 ? 2 : a == 0 ? 4 : 8;                                                    \
        bits |= a - a == 0 ? 16 : 0;                                                                               \
        bits |= !(a <= 1 && a >= -1) ? 32 : 0;                                                                     \
        bits |= a * 0 != 0 ? 64 : 0;                                                                               \
        return bits | (a != a + 1 ? 128 : 0);                                                                      \
    }                                                                                                              \
    /* Counts until a test fails that a NaN makes fail at once, or until one holds that it never lets hold. */     \
    static NOINLINE int while_less_##name(const type *v, int count, type limit) {                                  \
        int i = 0;                                                                                                 \
        while (i < count && v[i] < limit)                                                                          \
            i++;                                                                                                   \
        return i;                                                                                                  \
    }                                                                                                              \
    static NOINLINE int until_not_less_##name(const type *v, int count, type limit) {                              \
        int i = 0;                                                                                                 \
        for (; i < count; i++)                                                                                     \
            if (v[i] >= limit)                                                                                     \
                break;                                                                                             \
        return i;                                                                                                  \
    }                                                                                                              \
    static void check_##name(const type *v) {                                                                      \
        for (int i = 0; i < values; i++) {                                                                         \
            for (int j = 0; j < values; j++, checked += opaque_unsigned(1)) {                                      \
                int o = order(i, j);                                                                               \
                unsigned less = o == -1, equal = o == 0, greater = o == 1, unordered = o == 2;                     \
                unsigned expected = less | (less | equal) << 1 | equal << 2 | (equal ^ 1) << 3 |                   \
                                    (greater | equal) << 4 | greater << 5;                                         \
                CHECK(plain_##name(v[i], v[j]) == expected && negated_##name(v[i], v[j]) == (63 ^ expected));      \
                expected = (unordered ? 64 | 8 | 4 : 32 | 1) | (less | greater) << 1 | equal << 4;                 \
                expected |= (equal ? 0 : 128) | (less | unordered) << 8;                                           \
                CHECK(combined_##name(v[i], v[j]) == expected);                                                    \
                expected = less | (less | equal) << 1 | greater << 2 | (greater | equal) << 3;                     \
                CHECK(builtins_##name(v[i], v[j]) == (expected | (less | greater) << 4 | unordered << 5));         \
            }                                                                                                      \
            unsigned expected = i >= nan_at ? 8 : i < 4 ? 1 : i < 6 ? 4 : 2;                                       \
            expected |= (i > 0 && i < 8 ? 16u : 0) | (i > 1 && i < 7 ? 128u : 32u);                                \
            expected |= (i == 0 || i >= 8 ? 64u : 0) | (i >= nan_at ? 128u : 0);                                   \
            CHECK(classes_##name(v[i]) == expected);                                                               \
            int at = i >= nan_at ? 0 : i == 5 ? 4 : i;                                                             \
            CHECK(while_less_##name(v, values, v[i]) == at);                                                       \
            CHECK(until_not_less_##name(v, values, v[i]) == (i >= nan_at ? values : at));                          \
            CHECK(while_less_##name(v + nan_at, 2, v[i]) == 0 && until_not_less_##name(v + nan_at, 2, v[i]) == 2); \
        }                                                                                                          \
    }

PREDICATES(single, float)
PREDICATES(twice, double)

PROGRAM(float_unordered) {
    checked = 0;
    float infinity = opaque_float(__builtin_inff()), nan = opaque_float(__builtin_nanf(""));
    const float single[values] = {-infinity, -1e30f, -1, -0.5f, -0.0f, 0.0f, 1e-40f, 1e30f, infinity, nan, -nan};
    check_single(single);
    double wide_infinity = opaque_double(__builtin_inf()), wide_nan = opaque_double(__builtin_nan(""));
    const double twice[values] = {-wide_infinity, -1e300, -1, -0.5, -0.0, 0.0, 1e-310, 1e300, wide_infinity, wide_nan,
                                  -wide_nan};
    check_twice(twice);
    CHECK(plain_single(-0.0f, 0.0f) == (2 | 4 | 16) && negated_twice(opaque_double(0.0), -0.0) == (1 | 8 | 32));
    CHECK(checked == 242);
}
