/* Loops whose source and destination are one array shifted by every small distance, so that an iteration may read what an
 * earlier one wrote; several element types, both directions, two stores per iteration. */
#include "certify.h"

enum { MARGIN = 6, COUNT = 21, TOTAL = COUNT + 2 * MARGIN };

#define LOOPS(SUFFIX, TYPE)                                                                         \
    static NOINLINE void forward_##SUFFIX(TYPE *to, const TYPE *from, int n) {                      \
        for (int i = 0; i < n; i++)                                                                 \
            to[i] = (TYPE)(from[i] + 1);                                                            \
    }                                                                                               \
    static NOINLINE void backward_##SUFFIX(TYPE *to, const TYPE *from, int n) {                     \
        for (int i = n - 1; i >= 0; i--)                                                            \
            to[i] = (TYPE)(from[i] + 1);                                                            \
    }                                                                                               \
    static void paired_##SUFFIX(TYPE *to, const TYPE *from, int n) {                                \
        for (int i = 0; i + 1 < n; i += 2) {                                                        \
            to[i] = (TYPE)(from[i + 1] - 2);                                                        \
            to[i + 1] = (TYPE)(from[i] + 3);                                                        \
        }                                                                                           \
    }                                                                                               \
    static void summed_##SUFFIX(TYPE *to, const TYPE *from, int n) {                                \
        for (int i = 1; i + 1 < n; i++)                                                             \
            to[i] = (TYPE)(from[i - 1] / 2 + from[i + 1] / 2);                                      \
    }                                                                                               \
    static void start_##SUFFIX(TYPE *data, volatile TYPE *model) {                                  \
        for (int i = 0; i < TOTAL; i++)                                                             \
            data[i] = model[i] = (TYPE)(i * 2 % 37 + (i & 4));                                      \
    }                                                                                               \
    static void equal_##SUFFIX(const TYPE *data, const volatile TYPE *model) {                      \
        for (int i = 0; i < TOTAL; i++)                                                             \
            CHECK(data[i] == model[i]);                                                             \
    }                                                                                               \
    static void check_##SUFFIX(int distance, int n) {                                               \
        TYPE data[TOTAL];                                                                           \
        volatile TYPE model[TOTAL], *to = model + MARGIN + distance, *from = model + MARGIN;        \
        start_##SUFFIX(data, model);                                                                \
        forward_##SUFFIX(data + MARGIN + distance, data + MARGIN, n);                               \
        for (int i = 0; i < n; i++)                                                                 \
            to[i] = (TYPE)(from[i] + 1);                                                            \
        equal_##SUFFIX(data, model);                                                                \
        backward_##SUFFIX(data + MARGIN + distance, data + MARGIN, n);                              \
        for (int i = n - 1; i >= 0; i--)                                                            \
            to[i] = (TYPE)(from[i] + 1);                                                            \
        equal_##SUFFIX(data, model);                                                                \
        paired_##SUFFIX(data + MARGIN + distance, data + MARGIN, n);                                \
        for (int i = 0; i + 1 < n; i += 2) {                                                        \
            to[i] = (TYPE)(from[i + 1] - 2);                                                        \
            to[i + 1] = (TYPE)(from[i] + 3);                                                        \
        }                                                                                           \
        equal_##SUFFIX(data, model);                                                                \
        summed_##SUFFIX(data + MARGIN + distance, data + MARGIN, n);                                \
        for (int i = 1; i + 1 < n; i++)                                                             \
            to[i] = (TYPE)(from[i - 1] / 2 + from[i + 1] / 2);                                      \
        equal_##SUFFIX(data, model);                                                                \
    }

LOOPS(byte, uint8_t)
LOOPS(half, int16_t)
LOOPS(word, int32_t)
LOOPS(huge, int64_t)
LOOPS(real, float)

/* The distance is a constant of the loop, and the dependence crosses the boundary of any vector width. */
static void fixed_distances(int n) {
    int32_t data[COUNT + 8];
    for (int i = 0; i < COUNT + 8; i++)
        data[i] = i;
    for (int i = 3; i < n; i++)
        data[i] += data[i - 3];
    int32_t expected[3] = {0, 1, 2};
    for (int i = 3; i < n; i++) {
        expected[i % 3] += i;
        CHECK(data[i] == expected[i % 3]);
    }
    for (int i = 0; i < COUNT + 8; i++)
        data[i] = i;
    for (int i = 0; i < n; i++)
        data[i] = data[i + 5] * 2;
    for (int i = 0; i < n; i++)
        CHECK(data[i] == (i + 5) * 2);
    for (int i = n; i < COUNT + 8; i++)
        CHECK(data[i] == i);
}

PROGRAM(alias_shifted_overlap) {
    for (int distance = -MARGIN; distance <= MARGIN; distance++) {
        int d = opaque_int(distance), n = COUNT - (distance & 3);
        check_byte(d, n);
        check_half(d, n);
        check_word(d, n);
        check_huge(d, n);
        check_real(d, n);
    }
    check_byte(1, COUNT);
    check_word(-1, 16);
    check_half(2, opaque_int(5));
    check_word(4, opaque_int(0));
    fixed_distances(COUNT);
    fixed_distances(opaque_int(COUNT + 3));
}
