/* memset of constant and variable sizes, places and values: zero, all ones, a value only known at run time, over arrays of
 * every element width, and followed by stores into what was set. */
#include "certify.h"

enum { ROOM = 56 };

static _Alignas(8) unsigned char room[ROOM];

#define CASE(SIZE) case SIZE: __builtin_memset(to, value, SIZE); break;
#define ZERO(SIZE) case SIZE: __builtin_memset(to, 0, SIZE); break;
#define SIZES(C) C(1) C(2) C(3) C(4) C(5) C(6) C(7) C(8) C(9) C(10) C(11) C(12) C(13) C(15) C(16) C(17) C(19) C(24) C(28) C(32) C(33) C(40)

static NOINLINE void set_constant(unsigned char *to, int value, unsigned size) {
    switch (size) {
    SIZES(CASE)
    default: __builtin_memset(to, value, size);
    }
}

static NOINLINE void set_zero(unsigned char *to, unsigned size) {
    switch (size) {
    SIZES(ZERO)
    default: __builtin_memset(to, 0, size);
    }
}

static void set_ones(unsigned char *to, unsigned size) {
    for (unsigned i = 0; i < size; i++)
        to[i] = 0xff;
}

static void check(unsigned at, unsigned size, unsigned value) {
    const volatile unsigned char *seen = room;
    for (unsigned i = 0; i < ROOM; i++)
        CHECK(seen[i] == (i >= at && i < at + size ? value : 0x30 + i));
}

static void reset(void) {
    for (unsigned i = 0; i < ROOM; i++)
        room[i] = (unsigned char)(0x30 + i);
}

#define WIDE(SUFFIX, TYPE, REPEATED)                                              \
    static TYPE wide_##SUFFIX(TYPE start, int value, unsigned from, unsigned n) { \
        TYPE data[9], sum = 0;                                                    \
        for (unsigned i = 0; i < 9; i++)                                          \
            data[i] = (TYPE)(start + (TYPE)i);                                    \
        __builtin_memset(data + from, value, n * sizeof *data);                   \
        if (n > 2)                                                                \
            data[from + 1] = (TYPE)(data[from] - 1);                              \
        for (unsigned i = 0; i < 9; i++)                                          \
            sum = (TYPE)(sum * 3 + data[i]);                                      \
        return sum;                                                               \
    }                                                                             \
    static TYPE model_##SUFFIX(TYPE start, int value, unsigned from, unsigned n) { \
        TYPE sum = 0, set = (TYPE)((TYPE)(unsigned char)value * REPEATED);        \
        for (unsigned i = 0; i < 9; i++) {                                        \
            TYPE next = i >= from && i < from + n ? set : (TYPE)(start + (TYPE)i); \
            if (n > 2 && i == from + 1)                                           \
                next = (TYPE)(set - 1);                                           \
            sum = (TYPE)(sum * 3 + next);                                         \
        }                                                                         \
        return sum;                                                               \
    }

WIDE(half, uint16_t, 0x0101u)
WIDE(word, uint32_t, 0x01010101u)
WIDE(huge, uint64_t, 0x0101010101010101u)

/* A value of which only the low byte counts, and one that is used again afterwards. */
static int low_byte_only(int value) {
    unsigned char data[7];
    int32_t twice[3] = {1, 2, 3};
    __builtin_memset(data, value, sizeof data);
    __builtin_memset(twice, data[3] & 1 ? -1 : 0, 2 * sizeof *twice);
    data[2] = (unsigned char)(data[6] + 1);
    return data[0] + data[2] * 256 + twice[0] + twice[1] * 2 + twice[2] * 4;
}

PROGRAM(memory_set_sizes) {
    for (unsigned size = 0; size <= 40; size++) {
        unsigned at = size % 9;
        reset();
        set_constant(room + opaque_unsigned(at), opaque_int((int)size + 0x180), size);
        check(at, size, size + 0x80);
        reset();
        set_zero(room + at + 1, opaque_unsigned(size));
        check(at + 1, size, 0);
        reset();
        set_ones(room + 8, opaque_unsigned(size));
        check(8, size, 0xff);
        reset();
        set_constant(room + 3, -1, size);
        set_zero(room + 3, size);
        check(3, size, 0);
    }
    reset();
    set_constant(room + 8, 0x5a, 28);
    check(8, 28, 0x5a);
    for (unsigned n = 0; n <= 9; n++)
        for (int value = -2; value < 2; value++) {
            unsigned from = (9 - n) / 2;
            CHECK(wide_half(500, opaque_int(value), from, n) == model_half(500, value, from, n));
            CHECK(wide_word(70000, value, opaque_unsigned(from), n) == model_word(70000, value, from, n));
            CHECK(wide_huge(1ull << 40, value, from, opaque_unsigned(n)) == model_huge(1ull << 40, value, from, n));
        }
    CHECK(wide_word(5, 0x7f, 2, 4) == model_word(5, 0x7f, 2, 4) && wide_half(9, 0x80, 0, 9) == model_half(9, 0x80, 0, 9));
    CHECK(low_byte_only(opaque_int(0x1234)) == 0x34 + 0x35 * 256 + 12);
    CHECK(low_byte_only(0x5ff) == 0xff + 0 * 256 - 3 + 12 && low_byte_only(opaque_int(-3)) == 0xfd + 0xfe * 256 - 3 + 12);
}
