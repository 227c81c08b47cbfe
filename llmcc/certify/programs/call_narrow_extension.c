/* Narrow arguments and results at the borders of calls: sign and zero extension of values whose upper bits were not zero. */
#include "certify.h"
#include <stdbool.h>

static NOINLINE int8_t byte_from(int64_t value) { return (int8_t)(value >> 3); }
static NOINLINE uint8_t octet_from(int64_t value) { return (uint8_t)(value >> 3); }
static NOINLINE int16_t half_from(int64_t value) { return (int16_t)(value >> 3); }
static NOINLINE uint16_t word_from(int64_t value) { return (uint16_t)(value >> 3); }
static NOINLINE int32_t int_from(int64_t value) { return (int32_t)(value >> 3); }
static NOINLINE uint32_t unsigned_from(int64_t value) { return (uint32_t)(value >> 3); }
static NOINLINE bool bool_from(int64_t value) { return value >> 3; }

static NOINLINE int64_t widen_byte(int8_t value) { return value; }
static NOINLINE int64_t widen_octet(uint8_t value) { return value; }
static NOINLINE int64_t widen_half(int16_t value) { return value; }
static NOINLINE int64_t widen_word(uint16_t value) { return value; }
static NOINLINE int64_t widen_int(int32_t value) { return value; }
static NOINLINE int64_t widen_unsigned(uint32_t value) { return value; }
static NOINLINE int64_t widen_bool(bool value) { return value; }

/* Narrow in, narrow out; the sums wrap at the width of the result. */
static NOINLINE uint8_t add_octets(uint8_t a, uint8_t b) { return (uint8_t)(a + b); }
static NOINLINE int8_t add_bytes(int8_t a, int8_t b) { return (int8_t)(a + b); }
static NOINLINE uint16_t add_words(uint16_t a, uint16_t b) { return (uint16_t)(a + b); }
static NOINLINE int16_t add_halves(int16_t a, int16_t b) { return (int16_t)(a + b); }
static NOINLINE uint16_t scale_octet(uint8_t a, int8_t b) { return (uint16_t)(a * b); }
static NOINLINE int8_t negate_bool(bool value) { return (int8_t)-value; }

/* The same bits compared by each kind of value. */
static NOINLINE bool less_bytes(int8_t a, int8_t b) { return a < b; }
static NOINLINE bool less_octets(uint8_t a, uint8_t b) { return a < b; }
static NOINLINE bool less_halves(int16_t a, int16_t b) { return a < b; }
static NOINLINE bool less_words(uint16_t a, uint16_t b) { return a < b; }

static const int16_t table[16] = {5, -3, 8, 1, 0, 77, -1000, 32767, -32768, 4, 6, 2, 9, -9, 12, 13};
static NOINLINE int16_t at_octet(uint8_t index) { return table[index >> 4]; }
static NOINLINE int16_t at_byte(int8_t index) { return table[8 + index / 16]; }
static NOINLINE int16_t at_unsigned(uint32_t index) { return table[index >> 28]; }
static NOINLINE int16_t at_int(int32_t offset) { return (&table[8])[offset >> 28]; }

static int64_t wrap(int64_t value, int bits, bool is_signed) {
    int64_t span = INT64_C(1) << bits, low = value % span;
    if (low < 0)
        low += span;
    return is_signed && low >= span / 2 ? low - span : low;
}

struct conversion {
    int64_t (*widen)(int64_t);
    int8_t bits;
    bool is_signed;
};

static int64_t through_byte(int64_t value) { return widen_byte(byte_from(value)); }
static int64_t through_octet(int64_t value) { return widen_octet(octet_from(value)); }
static int64_t through_half(int64_t value) { return widen_half(half_from(value)); }
static int64_t through_word(int64_t value) { return widen_word(word_from(value)); }
static int64_t through_int(int64_t value) { return widen_int(int_from(value)); }
static int64_t through_unsigned(int64_t value) { return widen_unsigned(unsigned_from(value)); }
/* From one kind to another of the same width. */
static int64_t byte_as_octet(int64_t value) { return widen_octet((uint8_t)byte_from(value)); }
static int64_t octet_as_byte(int64_t value) { return widen_byte((int8_t)octet_from(value)); }
static int64_t half_as_word(int64_t value) { return widen_word((uint16_t)half_from(value)); }
static int64_t word_as_half(int64_t value) { return widen_half((int16_t)word_from(value)); }
static int64_t half_as_octet(int64_t value) { return widen_octet((uint8_t)half_from(value)); }
static int64_t unsigned_as_byte(int64_t value) { return widen_byte((int8_t)unsigned_from(value)); }

static const struct conversion conversions[] = {
    {through_byte, 8, true},   {through_octet, 8, false}, {through_half, 16, true},      {through_word, 16, false},
    {through_int, 32, true},   {through_unsigned, 32, false}, {byte_as_octet, 8, false}, {octet_as_byte, 8, true},
    {half_as_word, 16, false}, {word_as_half, 16, true},  {half_as_octet, 8, false},     {unsigned_as_byte, 8, true}};

PROGRAM(call_narrow_extension) {
    unsigned checked = 0;
    uint8_t (*const octets)(uint8_t, uint8_t) = opaque_int(1) ? add_octets : 0;
    int8_t (*const bytes)(int8_t, int8_t) = opaque_int(1) ? add_bytes : 0;
    uint64_t state = opaque_uint64(0x123456789abcdefu);
    for (int round = 0; round < 60; round++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        int64_t value = (int64_t)(state ^ state >> 33);
        /* The lowest bits of the quotient at the corners of the narrow types as well. */
        if (round % 4 == 0)
            value = value / 2097152 * 2097152 + (round % 8 ? 128 * 8 : 255 * 8) + (round % 16 > 7 ? 32640 * 8 : 0);
        int64_t quotient = value >> 3;
        for (unsigned i = 0; i < sizeof conversions / sizeof *conversions; i++)
            CHECK(conversions[i].widen(value) == wrap(quotient, conversions[i].bits, conversions[i].is_signed));
        CHECK(widen_bool(bool_from(value)) == (quotient != 0) && negate_bool(bool_from(value)) == -(quotient != 0));

        int64_t other = wrap(value / 4096, 32, true);
        uint32_t x = (uint32_t)value, y = (uint32_t)other;
        int64_t b1 = wrap(value, 8, true), b2 = wrap(other, 8, true), o1 = wrap(value, 8, false), o2 = wrap(other, 8, false);
        int64_t h1 = wrap(value, 16, true), h2 = wrap(other, 16, true), w1 = wrap(value, 16, false), w2 = wrap(other, 16, false);
        CHECK(octets((uint8_t)x, (uint8_t)y) == wrap(o1 + o2, 8, false));
        CHECK(bytes((int8_t)x, (int8_t)y) == wrap(b1 + b2, 8, true));
        CHECK(add_words((uint16_t)x, (uint16_t)y) == wrap(w1 + w2, 16, false));
        CHECK(add_halves((int16_t)x, (int16_t)y) == wrap(h1 + h2, 16, true));
        CHECK(scale_octet((uint8_t)x, (int8_t)y) == wrap(o1 * b2, 16, false));
        CHECK(less_bytes((int8_t)x, (int8_t)y) == (b1 < b2) && less_octets((uint8_t)x, (uint8_t)y) == (o1 < o2));
        CHECK(less_halves((int16_t)x, (int16_t)y) == (h1 < h2) && less_words((uint16_t)x, (uint16_t)y) == (w1 < w2));
        CHECK(at_octet((uint8_t)x) == table[o1 / 16] && at_byte((int8_t)x) == table[8 + b1 / 16]);
        CHECK(at_unsigned(x) == table[wrap(value, 32, false) / 268435456]);
        CHECK(at_int((int32_t)x) == table[(wrap(value, 32, true) + INT64_C(2147483648)) / 268435456]);
        /* A result goes straight into the next call and into wide arithmetic. */
        CHECK(widen_half(add_bytes((int8_t)x, (int8_t)y)) * 3 == wrap(b1 + b2, 8, true) * 3);
        CHECK(INT64_C(100000) * add_octets(octet_from(value), (uint8_t)y) - add_halves(half_from(value), 1)
              == 100000 * wrap(quotient + o2, 8, false) - wrap(quotient + 1, 16, true));
        checked++;
    }
    CHECK(!bool_from(opaque_int64(7)) && bool_from(opaque_int64(256 * 8)) && bool_from(opaque_int64(INT64_MIN)));
    /* No loop was left out. */
    CHECK(checked == 60);
}
