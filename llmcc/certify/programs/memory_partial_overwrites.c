/* A memset, a copy or a wide store of which later stores replace the beginning, the end, the middle or all: what is left of the
 * first one has to stay. Reads and calls in between keep it alive. */
#include "certify.h"

enum { SIZE = 32 };

static volatile unsigned char model[SIZE];
static unsigned char pattern[SIZE];

static void model_set(int from, int to, int value) {
    for (int i = from; i < to; i++)
        model[i] = (unsigned char)value;
}

static void model_copy(int to, int from, int n) {
    for (int i = 0; i < n; i++)
        model[to + i] = pattern[from + i];
}

static NOINLINE void same(const unsigned char *data) {
    for (int i = 0; i < SIZE; i++)
        CHECK(data[i] == model[i]);
}

static NOINLINE unsigned peek(const unsigned char *data, int at) { return data[at] + data[at + 1] * 256u; }

static void put32(unsigned char *to, uint32_t value) { __builtin_memcpy(to, &value, sizeof value); }
static void put64(unsigned char *to, uint64_t value) { __builtin_memcpy(to, &value, sizeof value); }

static void beginning(int value) {
    unsigned char data[SIZE];
    __builtin_memset(data, value, SIZE);
    __builtin_memcpy(data, pattern, 5);
    put32(data + 5, 0x01010101u);
    model_set(0, SIZE, value);
    model_copy(0, 0, 5);
    model_set(5, 9, 1);
    same(data);
}

static void end(int value) {
    unsigned char data[SIZE];
    __builtin_memcpy(data, pattern, SIZE);
    __builtin_memset(data + 23, value, 9);
    data[20] = 9;
    model_copy(0, 0, SIZE);
    model_set(23, SIZE, value);
    model_set(20, 21, 9);
    same(data);
}

static void middle(int value) {
    unsigned char data[SIZE];
    __builtin_memset(data, 0, SIZE);
    put64(data + 11, 0x7777777777777777u);
    __builtin_memset(data + 13, value, 3);
    data[13] = 1;
    __builtin_memcpy(data + 14, pattern + 2, 1);
    model_set(0, SIZE, 0);
    model_set(11, 19, 0x77);
    model_set(13, 16, value);
    model_set(13, 14, 1);
    model_copy(14, 2, 1);
    same(data);
}

/* Together the small stores cover the first one, but a read comes before the last of them. */
static unsigned covered(int value, int at) {
    unsigned char data[SIZE];
    __builtin_memset(data, value, SIZE);
    for (int i = 0; i < 16; i++)
        data[i] = (unsigned char)i;
    unsigned seen = peek(data, at);
    for (int i = 16; i < SIZE; i++)
        data[i] = (unsigned char)(i * 2);
    seen = seen * 3 + data[at];
    put64(data + 8, 0);
    put64(data + 12, UINT64_MAX);
    for (int i = 0; i < SIZE; i++)
        model[i] = (unsigned char)(i < 8 ? i : i * 2);
    model_set(8, 12, 0);
    model_set(12, 20, 255);
    same(data);
    return seen;
}

static int conditional(unsigned char *data, int value, int which) {
    __builtin_memcpy(data, pattern, SIZE);
    if (which & 1)
        __builtin_memset(data, value, 16);
    else
        data[3] = 3;
    if (which & 2)
        __builtin_memset(data + 8, value + 1, 16);
    if (which & 4) {
        __builtin_memset(data, 0, SIZE - 1);
        if (which & 8)
            return 1;
    } else if (which & 8)
        put32(data + 14, 0);
    return 0;
}

static void check_conditional(int value, int which) {
    unsigned char data[SIZE];
    model_copy(0, 0, SIZE);
    CHECK(conditional(data, value, which) == (which >> 2 == 3));
    model_set(which % 2 ? 0 : 3, which % 2 ? 16 : 4, which % 2 ? value : 3);
    model_set(8, which / 2 % 2 * 24, value + 1);
    model_set(0, which / 4 % 2 * (SIZE - 1), 0);
    model_set(14, which >> 2 == 2 ? 18 : 0, 0);
    same(data);
}

struct header { uint16_t kind; uint8_t size, flags; uint32_t sum; uint64_t data[2]; };

static uint64_t fields(uint32_t seed, int late) {
    struct header h;
    __builtin_memset(&h, 0xff, sizeof h);
    h.kind = (uint16_t)seed;
    h.flags = 7;
    uint64_t result = h.size;
    h.sum = 0;
    h = (struct header){.kind = h.kind, .sum = seed, .data = {[1] = h.flags}};
    result = result * 1000 + h.flags + h.data[0];
    if (late)
        h.data[0] = h.size + 5u;
    h.size = (uint8_t)seed;
    return result * 1000 + h.data[0] * 100 + h.data[1] * 10 + (h.sum == seed && h.kind == (uint16_t)seed && h.size == (uint8_t)seed);
}

PROGRAM(memory_partial_overwrites) {
    for (int i = 0; i < SIZE; i++)
        pattern[i] = (unsigned char)(200 - i * 3);
    static const int values[] = {0, 0xff, 0x42};
    for (int i = 0; i < 3; i++) {
        beginning(opaque_int(values[i]));
        end(opaque_int(values[i]));
        middle(opaque_int(values[i]));
        for (int which = 0; which < 16; which++)
            check_conditional(opaque_int(values[i]), opaque_int(which));
    }
    beginning(0x55);
    middle(0x99);
    check_conditional(0, 11);
    CHECK(covered(opaque_int(0x21), opaque_int(15)) == (15 + 0x21 * 256u) * 3 + 15);
    CHECK(covered(4, 20) == (4 + 4 * 256u) * 3 + 40 && covered(opaque_int(9), 3) == (3 + 4 * 256u) * 3 + 3);
    CHECK(fields(opaque_unsigned(0x80001234u), 0) == 255000071 && fields(5, 1) == 255000571);
    CHECK(fields(77, opaque_int(1)) == 255000571);
}
