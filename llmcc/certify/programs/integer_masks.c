/* Masks: inserting and extracting fields, blending two words, tests of several bits at once, contiguous runs, against
 * loops over single bits; with large constants used over and over. */
#include "certify.h"

static int bit(uint64_t x, unsigned n) { return (int)(x >> n & 1); }

static uint32_t low_mask(unsigned n) { return n >= 32 ? UINT32_MAX : (1u << n) - 1; }
static uint32_t field_mask(unsigned at, unsigned width) { return low_mask(width) << at; }

static NOINLINE uint32_t extract(uint32_t x, unsigned at, unsigned width) { return x >> at & low_mask(width); }
static NOINLINE uint32_t extract_by_shifts(uint32_t x, unsigned at, unsigned width) {
    return width == 0 ? 0 : x << (32 - at - width) >> (32 - width);
}
static NOINLINE uint32_t insert(uint32_t x, uint32_t field, unsigned at, unsigned width) {
    return (x & ~field_mask(at, width)) | (field << at & field_mask(at, width));
}
static NOINLINE uint32_t insert_by_difference(uint32_t x, uint32_t field, unsigned at, unsigned width) {
    return x ^ (((x >> at ^ field) & low_mask(width)) << at);
}

static NOINLINE uint32_t blend_or(uint32_t a, uint32_t b, uint32_t mask) { return (a & mask) | (b & ~mask); }
static NOINLINE uint32_t blend_xor(uint32_t a, uint32_t b, uint32_t mask) { return ((a ^ b) & mask) ^ b; }
static NOINLINE uint32_t blend_add(uint32_t a, uint32_t b, uint32_t mask) { return (a & mask) + (b & ~mask); }
static NOINLINE uint32_t blend_not(uint32_t a, uint32_t b, uint32_t mask) { return ~((~a & mask) | ~(b | mask)); }

/* Results are named by the tests that hold. */
static NOINLINE unsigned tests(uint32_t x) {
    unsigned held = 0;
    if ((x & 0x00f00000) == 0x00f00000)
        held |= 1;
    if ((x & 0x00f00000) != 0 && (x & 0x0000000f) != 0)
        held |= 2;
    if (!(x & 0x80000000) && !(x & 1))
        held |= 4;
    if ((x & 3) == 1 || (x & 3) == 3)
        held |= 8;
    if ((x & ~0xffu) == 0x1200)
        held |= 16;
    if ((x & 0x18) == 8)
        held |= 32;
    if ((x | 0xfffffff0) == 0xfffffff5)
        held |= 64;
    if ((x & 0x11111111) == (x >> 1 & 0x11111111))
        held |= 128;
    return held;
}

static NOINLINE unsigned tests_by_bits(uint32_t x) {
    unsigned held = 0, all = 1, any_high = 0, any_low = 0, byte = 0, equal = 1;
    for (unsigned i = 20; i < 24; i++)
        all &= (unsigned)bit(x, i), any_high += (unsigned)bit(x, i);
    for (unsigned i = 0; i < 4; i++)
        any_low += (unsigned)bit(x, i);
    for (unsigned i = 8; i < 32; i++)
        byte += bit(x, i) == (i == 9 || i == 12);
    for (unsigned i = 0; i < 32; i += 4)
        equal &= bit(x, i) == bit(x, i + 1);
    held |= all | (unsigned)(any_high && any_low) << 1 | (unsigned)(bit(x, 31) + bit(x, 0) == 0) << 2;
    held |= (unsigned)bit(x, 0) << 3 | (unsigned)(byte == 24) << 4 | (unsigned)(bit(x, 3) > bit(x, 4)) << 5;
    held |= (unsigned)(bit(x, 0) && !bit(x, 1) && bit(x, 2) && !bit(x, 3)) << 6 | equal << 7;
    return held;
}

static int one_run(uint64_t x) { return x != 0 && ((x | (x - 1)) & ((x | (x - 1)) + 1)) == 0; }
static int power_of_two(uint64_t x) { return x && !(x & (x - 1)); }
static int power_of_two_or_zero(uint64_t x) { return (x & (0 - x)) == x; }

/* Every statement works with constants too large for an immediate operand. */
static NOINLINE uint64_t shuffle(uint64_t x) {
    x = (x & 0x5555555555555555) << 1 | (x >> 1 & 0x5555555555555555);
    x = (x & 0x3333333333333333) << 2 | (x >> 2 & 0x3333333333333333);
    x ^= 0x5555555555555555;
    x = (x & 0x0f0f0f0f0f0f0f0f) << 4 | (x & 0xf0f0f0f0f0f0f0f0) >> 4;
    return (x & 0x00ff00ff00ff00ff) == 0x0033003300330033 ? x + 0x3333333333333333 : x;
}

static NOINLINE uint64_t shuffle_by_bits(uint64_t x) {
    uint64_t y = 0;
    for (unsigned i = 0; i < 64; i++)
        y |= (uint64_t)(bit(x, i ^ 7) ^ (((i ^ 4) & 1) == 0)) << i;
    int same = 1;
    for (unsigned i = 0; i < 64; i++)
        if ((i & 8) == 0)
            same &= bit(y, i) == ((i & 6) == 0 || (i & 6) == 4);
    for (unsigned i = 0; same && i < 64; i += 4)
        y += (uint64_t)3 << i;
    return y;
}

PROGRAM(integer_masks) {
    unsigned checked = 0;
    static const uint32_t edges[] = {0, 1, 0x80000000, 0xffffffff, 0x00f00001, 0x00f0000f, 0x1234, 0x12ff, 0x40500005,
                                     0x33333333, 0xcccccccc, 0x00700008, 0xfffffffe, 0x5a5aa5a5};
    for (unsigned i = 0; i < 14; i++) {
        uint32_t x = opaque_unsigned(edges[i]), y = opaque_unsigned(edges[(i * 5 + 3) % 14]);
        for (unsigned at = 0; at < 32; at += 3)
            for (unsigned width = 0; width <= 32 - at; width += 1 + width % 7, checked += opaque_unsigned(1)) {
                uint32_t field = 0, inserted = x;
                for (unsigned n = 0; n < width; n++) {
                    field |= (uint32_t)bit(x, at + n) << n;
                    inserted = bit(y, n) ? inserted | 1u << (at + n) : inserted & ~(1u << (at + n));
                }
                CHECK(extract(x, at, width) == field && extract_by_shifts(x, at, width) == field);
                CHECK(insert(x, y, at, width) == inserted && insert_by_difference(x, y, at, width) == inserted);
                CHECK(width == 0 || one_run((uint64_t)field_mask(at, width) << at));
                CHECK(one_run(field_mask(at, width) | 1) == (at == 0 || at == 1 || width == 0));
            }
        uint32_t mask = x * 0x01010101 ^ y, blended = 0;
        for (unsigned n = 0; n < 32; n++)
            blended |= (uint32_t)bit(bit(mask, n) ? x : y, n) << n;
        CHECK(blend_or(x, y, mask) == blended && blend_xor(x, y, mask) == blended);
        CHECK(blend_add(x, y, mask) == blended && blend_not(x, y, mask) == blended);
        CHECK(tests(x) == tests_by_bits(x) && tests(mask) == tests_by_bits(mask) && tests(~x) == tests_by_bits(~x));
        uint64_t wide = (uint64_t)x << 32 | mask;
        int count = 0;
        for (unsigned n = 0; n < 64; n++)
            count += bit(wide, n);
        CHECK(power_of_two(wide) == (count == 1) && power_of_two_or_zero(wide) == (count <= 1));
        CHECK(shuffle(wide) == shuffle_by_bits(wide));
    }
    CHECK(shuffle(opaque_uint64(0x9999999999999999)) == shuffle_by_bits(0x9999999999999999));
    CHECK(tests(0x00f00005) == (1 | 2 | 8 | 64) && extract(0xdeadbeef, 8, 12) == 0xdbe &&
          insert(0, 0xfff, 4, 8) == 0xff0);
    CHECK(checked == 1302);
}
