/* memcpy of every constant size up to 40 and of the same sizes known only at run time, at every alignment of source and
 * destination, with the bytes before and after checked. */
#include "certify.h"

enum { LARGEST = 40, ROOM = 64 };

static _Alignas(16) unsigned char source[ROOM], target[ROOM];

#define CASE(SIZE) case SIZE: __builtin_memcpy(to, from, SIZE); break;
#define EIGHT(BASE) CASE(BASE) CASE(BASE + 1) CASE(BASE + 2) CASE(BASE + 3) \
    CASE(BASE + 4) CASE(BASE + 5) CASE(BASE + 6) CASE(BASE + 7)

static NOINLINE void copy_constant(unsigned char *to, const unsigned char *from, unsigned size) {
    switch (size) {
    EIGHT(1) EIGHT(9) EIGHT(17) EIGHT(25) EIGHT(33)
    }
}

/* The same sizes where the compiler knows the alignment of both operands. */
static void copy_aligned(unsigned size) {
    unsigned char *to = target + 8;
    const unsigned char *from = source + 8;
    switch (size) {
    CASE(1) CASE(2) CASE(3) CASE(5) CASE(7) CASE(8) CASE(11) CASE(12) CASE(15) CASE(16) CASE(23) CASE(31) CASE(40)
    }
}

static NOINLINE void copy_variable(void *to, const void *from, size_t size) { __builtin_memcpy(to, from, size); }

static void copy_bounded(unsigned char *to, const unsigned char *from, unsigned size) {
    if (size <= 4)
        __builtin_memcpy(to, from, size);
    else if (size <= 16)
        __builtin_memcpy(to, from, size & 31);
    else {
        __builtin_memcpy(to, from, 16);
        __builtin_memcpy(to + 16, from + 16, size - 16);
    }
}

static void copy_words(void *to, const void *from, unsigned words) {
    uint32_t *restrict out = to;
    const uint32_t *restrict in = from;
    for (unsigned i = 0; i < words; i++)
        out[i] = in[i];
}

static void copy_twice(unsigned char *to, const unsigned char *from, unsigned size) {
    unsigned char between[LARGEST];
    __builtin_memcpy(between, from, size);
    __builtin_memcpy(to, between, size);
}

static void clear(void) {
    for (unsigned i = 0; i < ROOM; i++)
        target[i] = (unsigned char)(0xe0 + i % 16);
}

static void check(unsigned to, unsigned from, unsigned size) {
    const volatile unsigned char *seen = target;
    for (unsigned i = 0; i < ROOM; i++) {
        unsigned expected = i >= to && i < to + size ? (i - to + from) * 3 + 1 : 0xe0 + i % 16;
        CHECK(seen[i] == expected);
    }
}

static void check_words(unsigned words) {
    uint32_t in[10], out[10];
    for (unsigned i = 0; i < 10; i++) {
        in[i] = i * 0x01020304u;
        out[i] = ~i;
    }
    copy_words(out, in, words);
    for (unsigned i = 0; i < 10; i++)
        CHECK(out[i] == (i < words ? i * 0x01020304u : ~i));
}

PROGRAM(memory_copy_small_sizes) {
    for (unsigned i = 0; i < ROOM; i++)
        source[i] = (unsigned char)(i * 3 + 1);
    for (unsigned size = 0; size <= LARGEST; size++) {
        unsigned to = size * 5 % 9, from = size * 3 % 8;
        clear();
        copy_constant(target + to, source + from, opaque_unsigned(size));
        check(to, from, size);
        clear();
        copy_variable(target + opaque_unsigned(to), source + from + 1, size);
        check(to, from + 1, size);
        clear();
        copy_bounded(target + 3, source + to, opaque_unsigned(size));
        check(3, to, size);
        clear();
        copy_twice(target + to, source + opaque_unsigned(2), size);
        check(to, 2, size);
    }
    for (unsigned place = 0; place < 8; place++) {
        for (unsigned size = 1; size < 18; size += 1 + size / 5) {
            clear();
            copy_constant(target + place, source + 9 - place, opaque_unsigned(size));
            check(place, 9 - place, size);
        }
        check_words(opaque_unsigned(place));
    }
    static const uint8_t sizes[] = {1, 2, 3, 5, 7, 8, 11, 12, 15, 16, 23, 31, 40};
    for (unsigned i = 0; i < sizeof sizes; i++) {
        clear();
        copy_aligned(opaque_unsigned(sizes[i]));
        check(8, 8, sizes[i]);
    }
    clear();
    copy_aligned(23);
    check(8, 8, 23);
    clear();
    copy_bounded(target + 1, source, 13);
    check(1, 0, 13);
    check_words(10);
}
