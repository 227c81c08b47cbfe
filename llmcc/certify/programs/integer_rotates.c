/* Rotations and funnel shifts of 8 to 64 bits in the spellings in use, against rotating one bit at a time, and a keyed
 * mixing of words that rotations in the other direction undo. */
#include "certify.h"

/* How many rounds of the checking loops there were, lest one that ends early pass. */
static unsigned checked;

#define ROTATES(bits, type)                                                                                        \
    static type one_left##bits(type x) { return (type)((type)(x << 1) + (x >> (bits - 1))); }                      \
    static type by_steps##bits(type x, unsigned n) {                                                               \
        while (n-- > 0)                                                                                            \
            x = one_left##bits(x);                                                                                 \
        return x;                                                                                                  \
    }                                                                                                              \
    static NOINLINE type left_masked##bits(type x, unsigned n) {                                                   \
        return (type)(x << (n & (bits - 1)) | x >> (-n & (bits - 1)));                                             \
    }                                                                                                              \
    static NOINLINE type right_masked##bits(type x, unsigned n) {                                                  \
        return (type)(x >> (n & (bits - 1)) | x << (-n & (bits - 1)));                                             \
    }                                                                                                              \
    static NOINLINE type left_guarded##bits(type x, unsigned n) {                                                  \
        return n ? (type)((type)(x << n) ^ x >> (bits - n)) : x;                                                   \
    }                                                                                                              \
    static NOINLINE type right_guarded##bits(type x, unsigned n) {                                                 \
        if (n == 0)                                                                                                \
            return x;                                                                                              \
        return (type)((x >> n) + (type)(x << (bits - n)));                                                         \
    }                                                                                                              \
    static NOINLINE type funnel##bits(type high, type low, unsigned n) {                                           \
        n %= bits;                                                                                                 \
        return n == 0 ? high : (type)((type)(high << n) | low >> (bits - n));                                      \
    }                                                                                                              \
    static type constants##bits(type x) {                                                                          \
        type a = (type)(x << 1 | x >> (bits - 1)), b = (type)(x << 5 | x >> (bits - 5));                           \
        type c = (type)(x >> 3 | x << (bits - 3)), d = (type)(x << bits / 2 | x >> bits / 2);                      \
        return (type)(a + (b ^ 0x5a) - (c & d));                                                                   \
    }                                                                                                              \
    static void check##bits(type x, type y) {                                                                      \
        for (unsigned n = 0; n < bits; n += 1 + (bits > 16 && n % 3 == 1), checked += opaque_unsigned(1)) {        \
            type expected = by_steps##bits(x, n), back = by_steps##bits(x, (bits - n) % bits);                     \
            CHECK(left_masked##bits(x, n) == expected && left_masked##bits(x, n + 3 * bits) == expected);          \
            CHECK(left_guarded##bits(x, n) == expected && funnel##bits(x, x, n + bits) == expected);               \
            CHECK(right_masked##bits(x, n) == back && right_guarded##bits(x, n) == back);                          \
            type high = x, low = y;                                                                                \
            for (unsigned i = 0; i < n; i++) {                                                                     \
                high = (type)((type)(high << 1) + (low >> (bits - 1)));                                            \
                low = (type)(low << 1);                                                                            \
            }                                                                                                      \
            CHECK(funnel##bits(x, y, n) == high);                                                                  \
        }                                                                                                          \
        type a = by_steps##bits(x, 1), b = by_steps##bits(x, 5), c = by_steps##bits(x, bits - 3);                  \
        CHECK(constants##bits(x) == (type)(a + (b ^ 0x5a) - (c & by_steps##bits(x, bits / 2))));                   \
    }

ROTATES(8, uint8_t)
ROTATES(16, uint16_t)
ROTATES(32, uint32_t)
ROTATES(64, uint64_t)

/* Add, rotate, exclusive or, on four words; the amounts are constants in one and a table in the other. */
static NOINLINE void mix(uint32_t w[4], uint32_t key) {
    w[0] += w[1] + key;
    w[3] = (w[3] ^ w[0]) << 19 | (w[3] ^ w[0]) >> 13;
    w[2] += w[3];
    w[1] = (w[1] ^ w[2]) << 11 | (w[1] ^ w[2]) >> 21;
    w[0] -= w[3] ^ key;
    w[2] = w[2] << 31 | w[2] >> 1;
    w[1] += w[0] >> 27 | w[0] << 5;
}

static NOINLINE void mix_by_table(uint32_t w[4], uint32_t key, const uint8_t amounts[4]) {
    w[0] += w[1] + key;
    w[3] = by_steps32(w[3] ^ w[0], amounts[0]);
    w[2] += w[3];
    w[1] = by_steps32(w[1] ^ w[2], amounts[1]);
    w[0] -= w[3] ^ key;
    w[2] = by_steps32(w[2], amounts[2]);
    w[1] += by_steps32(w[0], amounts[3]);
}

static NOINLINE void unmix(uint32_t w[4], uint32_t key) {
    w[1] -= w[0] << 5 | w[0] >> 27;
    w[2] = w[2] << 1 | w[2] >> 31;
    w[0] += w[3] ^ key;
    w[1] = (w[1] >> 11 | w[1] << 21) ^ w[2];
    w[2] -= w[3];
    w[3] = (w[3] >> 19 | w[3] << 13) ^ w[0];
    w[0] -= w[1] + key;
}

PROGRAM(integer_rotates) {
    checked = 0;
    static const uint64_t edges[] = {0, 1, 0x8000000000000000, 0x80000001, 0x8181, 0x123456789abcdef0, UINT64_MAX};
    for (int i = 0; i < 7; i++) {
        uint64_t x = opaque_uint64(edges[i]), y = opaque_uint64(~edges[(i + 3) % 7]);
        check8((uint8_t)x, (uint8_t)y);
        check16((uint16_t)(x ^ x >> 32), (uint16_t)y);
        check32((uint32_t)(x ^ x >> 32), (uint32_t)y);
        check64(x, y);
    }

    static const uint8_t amounts[4] = {19, 11, 31, 5};
    uint32_t words[4] = {0, 1, 2, opaque_unsigned(3)}, other[4] = {0, 1, 2, 3};
    for (uint32_t round = 0; round < 24; round++, checked += opaque_unsigned(1)) {
        mix(words, round * 0x9e3779b9);
        mix_by_table(other, round * 0x9e3779b9, amounts);
        for (int i = 0; i < 4; i++)
            CHECK(words[i] == other[i]);
    }
    for (uint32_t round = 24; round-- > 0;)
        unmix(words, round * 0x9e3779b9);
    for (uint32_t i = 0; i < 4; i++)
        CHECK(words[i] == i);
    CHECK(left_masked32(0x80000001, 4) == 0x18 && right_guarded16(0x1234, 4) == 0x4123 && constants8(0) == 0x5a);
    CHECK(checked == 647);
}
