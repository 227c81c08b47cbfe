/* Loops and record updates that are equal but for the width of a type: of the accumulator, of the counter, of the
 * elements in memory, of a member, of a bit-field. */
#include "certify.h"

enum { LENGTH = 20 };

#define ACCUMULATE(name, type)                                               \
    static NOINLINE type name(const type *from, unsigned count, type seed) { \
        type total = seed;                                                   \
        for (unsigned i = 0; i < count; i++) {                               \
            total = (type)(total * 5 + from[i]);                             \
            if (total & 1)                                                   \
                total = (type)(total ^ (type)~from[i] >> 2);                 \
        }                                                                    \
        return total;                                                        \
    }
ACCUMULATE(accumulate8, uint8_t)
ACCUMULATE(accumulate16, uint16_t)
ACCUMULATE(accumulate32, uint32_t)
ACCUMULATE(accumulate64, uint64_t)

#define FILL(name, type)                                                     \
    static void name(type *to, unsigned count, uint64_t first) {             \
        for (unsigned i = 0; i < count; i++) {                               \
            to[i] = (type)first;                                             \
            first = first * UINT64_C(0x5851f42d4c957f2d) + 77;               \
        }                                                                    \
    }
FILL(fill8, uint8_t)
FILL(fill16, uint16_t)
FILL(fill32, uint32_t)
FILL(fill64, uint64_t)

/* How often a counter of the width passes zero. */
#define WRAPS(name, type)                                                    \
    static NOINLINE unsigned name(unsigned rounds, unsigned step) {          \
        unsigned wraps = 0;                                                  \
        type counter = 1;                                                    \
        while (rounds-- > 0) {                                               \
            type next = (type)(counter + step);                              \
            wraps += next < counter;                                         \
            counter = next;                                                  \
        }                                                                    \
        return wraps;                                                        \
    }
WRAPS(wraps8, uint8_t)
WRAPS(wraps16, uint16_t)
WRAPS(wraps32, uint32_t)

struct narrow {
    uint32_t head : 5, body : 11, tail : 16;
    int8_t sign;
};
struct middle {
    uint32_t head : 6, body : 10, tail : 16;
    int16_t sign;
};

#define UPDATE(name, record)                                                 \
    static NOINLINE uint32_t name(struct record *r, int32_t amount) {        \
        r->head += (uint32_t)amount;                                         \
        r->body -= (uint32_t)amount * 3;                                     \
        r->tail ^= (uint32_t)amount << 4;                                    \
        if (r->head < r->body)                                               \
            r->sign = (__typeof__(r->sign))(r->sign + amount);               \
        return r->head + r->body * 64U + ((uint32_t)r->tail << 17);          \
    }
UPDATE(update_narrow, narrow)
UPDATE(update_middle, middle)

/* The same at every width: 64-bit words, cut back to the width after each step. */
static uint64_t accumulate_expected(const uint64_t *from, uint64_t seed, int width) {
    uint64_t mask = width == 64 ? ~UINT64_C(0) : (UINT64_C(1) << width) - 1, total = seed & mask;
    for (int i = 0; i < LENGTH; i++) {
        uint64_t value = from[i] & mask;
        total = ((total << 2) + total + value) & mask;
        if (total % 2)
            total ^= (mask - value) / 4;
    }
    return total;
}

static unsigned wraps_expected(unsigned rounds, unsigned step, int width) {
    uint64_t travelled = 1 + (uint64_t)rounds * (step & ((UINT64_C(1) << width) - 1));
    return (unsigned)(travelled >> width);
}

static uint32_t field(uint32_t value, int width) { return value & ((1U << width) - 1); }

PROGRAM(twins_widths) {
    uint8_t bytes[LENGTH];
    uint16_t halves[LENGTH];
    uint32_t words[LENGTH];
    uint64_t doubles[LENGTH];
    for (uint64_t seed = 3; seed < 1000000000; seed = seed * 41 + 6) {
        uint64_t first = opaque_uint64(seed);
        fill8(bytes, LENGTH, first);
        fill16(halves, LENGTH, first);
        fill32(words, LENGTH, first);
        fill64(doubles, LENGTH, first);
        for (int i = 0; i < LENGTH; i++) {
            CHECK(doubles[i] % 256 == bytes[i] && doubles[i] % 65536 == halves[i]);
            CHECK((doubles[i] ^ words[i]) << 32 == 0);
        }
        CHECK(accumulate8(bytes, LENGTH, (uint8_t)first) == accumulate_expected(doubles, seed, 8));
        CHECK(accumulate16(halves, LENGTH, (uint16_t)first) == accumulate_expected(doubles, seed, 16));
        CHECK(accumulate32(words, LENGTH, (uint32_t)first) == accumulate_expected(doubles, seed, 32));
        CHECK(accumulate64(doubles, LENGTH, first) == accumulate_expected(doubles, seed, 64));
    }
    for (unsigned step = 1; step < 70000; step = step * 6 + 5) {
        CHECK(wraps8(opaque_unsigned(700), step) == wraps_expected(700, step, 8));
        CHECK(wraps16(opaque_unsigned(700), step) == wraps_expected(700, step, 16));
        CHECK(wraps32(opaque_unsigned(700), step * 65521) == wraps_expected(700, step * 65521, 32));
    }
    struct narrow n = {3, 9, 100, 100};
    struct middle m = {3, 9, 100, 100};
    uint32_t heads = 3, bodies = 9, tail = 100;
    int sign8 = 100, sign16 = 100;
    for (int amount = -9; amount < 30; amount++) {
        uint32_t left = update_narrow(&n, opaque_int(amount)), right = update_middle(&m, opaque_int(amount));
        heads += (uint32_t)amount, bodies -= 3 * (uint32_t)amount, tail = field(tail ^ (uint32_t)amount * 16, 16);
        sign8 += field(heads, 5) < field(bodies, 11) ? amount : 0;
        sign16 += field(heads, 6) < field(bodies, 10) ? amount : 0;
        CHECK(left == field(heads, 5) + 64 * field(bodies, 11) + tail * 131072);
        CHECK(right == field(heads, 6) + 64 * field(bodies, 10) + tail * 131072);
        CHECK(n.sign == ((sign8 + 128) & 255) - 128 && m.sign == sign16);
        CHECK(n.tail == tail && m.tail == tail && n.head == m.head % 32 && n.body % 1024 == m.body);
    }
    CHECK(sign8 > 127);
}
