/* Hand-written moves inside one array, forwards and backwards, by bytes, halves and words, one and several elements a turn:
 * some are a memmove, some are a memcpy, and some repeat a pattern and are neither. */
#include "certify.h"

enum { ROOM = 40 };

#define MOVES(SUFFIX, TYPE)                                                                     \
    static void up_##SUFFIX(TYPE *to, const TYPE *from, int n) {                                \
        for (int i = 0; i < n; i++)                                                             \
            to[i] = from[i];                                                                    \
    }                                                                                           \
    static void down_##SUFFIX(TYPE *to, const TYPE *from, int n) {                              \
        while (n-- > 0)                                                                         \
            to[n] = from[n];                                                                    \
    }                                                                                           \
    static NOINLINE void either_##SUFFIX(TYPE *data, int to, int from, int n) {                 \
        if (to < from)                                                                          \
            up_##SUFFIX(data + to, data + from, n);                                             \
        else                                                                                    \
            down_##SUFFIX(data + to, data + from, n);                                           \
    }                                                                                           \
    static void by_pointer_##SUFFIX(TYPE *to, const TYPE *from, const TYPE *end) {              \
        while (from < end)                                                                      \
            *to++ = *from++;                                                                    \
    }                                                                                           \
    static void pairs_##SUFFIX(TYPE *to, const TYPE *from, int n) {                             \
        for (int i = 0; i + 1 < n; i += 2) {                                                    \
            TYPE first = from[i], second = from[i + 1];                                         \
            to[i] = first;                                                                      \
            to[i + 1] = second;                                                                 \
        }                                                                                       \
    }                                                                                           \
    static void fixed_up_##SUFFIX(TYPE *data, int n) {                                          \
        for (int i = 1; i < n; i++)                                                             \
            data[i] = data[i - 1];                                                              \
    }                                                                                           \
    static void fixed_down_##SUFFIX(TYPE *data, int n) {                                        \
        for (int i = n - 1; i > 0; i--)                                                         \
            data[i] = data[i - 1];                                                              \
    }                                                                                           \
    static void remove_##SUFFIX(TYPE *data, int n, int at) {                                    \
        for (int i = at; i < n - 1; i++)                                                        \
            data[i] = data[i + 1];                                                              \
    }                                                                                           \
    static void fill_##SUFFIX(TYPE *data, volatile TYPE *model) {                               \
        for (int i = 0; i < ROOM; i++)                                                          \
            data[i] = model[i] = (TYPE)(i * 5 + 1);                                             \
    }                                                                                           \
    static void equal_##SUFFIX(const TYPE *data, const volatile TYPE *model) {                  \
        for (int i = 0; i < ROOM; i++)                                                          \
            CHECK(data[i] == model[i]);                                                         \
    }                                                                                           \
    static void check_##SUFFIX(int to, int from, int n) {                                       \
        TYPE data[ROOM];                                                                        \
        volatile TYPE model[ROOM], kept[ROOM];                                                  \
        fill_##SUFFIX(data, model);                                                             \
        up_##SUFFIX(data + to, data + from, n);                                                 \
        for (int i = 0; i < n; i++)                                                             \
            model[to + i] = model[from + i];                                                    \
        equal_##SUFFIX(data, model);                                                            \
        fill_##SUFFIX(data, model);                                                             \
        down_##SUFFIX(data + to, data + from, n);                                               \
        for (int i = n - 1; i >= 0; i--)                                                        \
            model[to + i] = model[from + i];                                                    \
        equal_##SUFFIX(data, model);                                                            \
        fill_##SUFFIX(data, model);                                                             \
        either_##SUFFIX(data, to, from, n);                                                     \
        for (int i = 0; i < n; i++)                                                             \
            kept[i] = model[from + i];                                                          \
        for (int i = 0; i < n; i++)                                                             \
            model[to + i] = kept[i];                                                            \
        equal_##SUFFIX(data, model);                                                            \
        by_pointer_##SUFFIX(data + to, data + from, data + from + n);                           \
        pairs_##SUFFIX(data + from, data + to, n);                                              \
        for (int i = 0; i < n; i++)                                                             \
            model[to + i] = model[from + i];                                                    \
        for (int i = 0; i + 1 < n; i += 2) {                                                    \
            TYPE second = model[to + i + 1];                                                    \
            model[from + i] = model[to + i];                                                    \
            model[from + i + 1] = second;                                                       \
        }                                                                                       \
        equal_##SUFFIX(data, model);                                                            \
        fill_##SUFFIX(data, model);                                                             \
        fixed_down_##SUFFIX(data + to, n);                                                      \
        remove_##SUFFIX(data + from, n, n / 2);                                                 \
        fixed_up_##SUFFIX(data + to + n / 2, n / 2);                                            \
        for (int i = n - 1; i > 0; i--)                                                         \
            model[to + i] = model[to + i - 1];                                                  \
        for (int i = n / 2; i < n - 1; i++)                                                     \
            model[from + i] = model[from + i + 1];                                              \
        for (int i = 1; i < n / 2; i++)                                                         \
            model[to + n / 2 + i] = model[to + n / 2];                                          \
        equal_##SUFFIX(data, model);                                                            \
    }

MOVES(byte, unsigned char)
MOVES(half, uint16_t)
MOVES(word, uint32_t)

PROGRAM(memory_overlapping_loops) {
    for (int distance = -9; distance <= 9; distance += 1 + (distance > 4)) {
        int to = 10 + distance, n = 20 - (distance & 3);
        check_byte(opaque_int(to), 10, opaque_int(n));
        check_half(to, opaque_int(10), n);
        check_word(opaque_int(to), 10, n);
    }
    for (int n = 0; n < 6; n++) {
        check_byte(3, opaque_int(4), n);
        check_half(opaque_int(4), 3, n);
        check_word(7, 7, opaque_int(n));
    }
    check_byte(8, 6, 17);
    check_word(5, 9, 8);
}
