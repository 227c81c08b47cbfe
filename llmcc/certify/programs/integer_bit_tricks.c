/* Formulas on words that stand for loops: averages without overflow, next power of two, next permutation of bits,
 * Gray codes, interleaving, bytes within a word, integer square roots and logarithms; against the plain way. */
#include "certify.h"

static NOINLINE uint32_t average_down(uint32_t a, uint32_t b) { return (a & b) + ((a ^ b) >> 1); }
static NOINLINE uint32_t average_up(uint32_t a, uint32_t b) { return (a | b) - ((a ^ b) >> 1); }
static NOINLINE int32_t average_signed(int32_t a, int32_t b) { return (a & b) + ((a ^ b) >> 1); }

static uint32_t round_up_to_power(uint32_t x) {
    x--;
    x |= x >> 1;
    x |= x >> 2;
    x |= x >> 4;
    x |= x >> 8;
    x |= x >> 16;
    return x + 1;
}

/* The next larger word with as many bits set. */
static NOINLINE uint32_t next_permutation(uint32_t x) {
    uint32_t lowest = x & (0 - x), ripple = x + lowest;
    return ripple | ((x ^ ripple) / lowest) >> 2;
}

static uint32_t to_gray(uint32_t x) { return x ^ x >> 1; }
static uint32_t from_gray(uint32_t x) {
    for (unsigned shift = 16; shift; shift /= 2)
        x ^= x >> shift;
    return x;
}

static NOINLINE uint32_t spread(uint32_t x) {
    x &= 0xffff;
    x = (x | x << 8) & 0x00ff00ff;
    x = (x | x << 4) & 0x0f0f0f0f;
    x = (x | x << 2) & 0x33333333;
    return (x | x << 1) & 0x55555555;
}
static NOINLINE uint32_t gather(uint32_t x) {
    x &= 0x55555555;
    x = (x | x >> 1) & 0x33333333;
    x = (x | x >> 2) & 0x0f0f0f0f;
    x = (x | x >> 4) & 0x00ff00ff;
    return (x | x >> 8) & 0xffff;
}
static uint32_t interleave(uint32_t x, uint32_t y) { return spread(x) | spread(y) << 1; }

/* Four bytes at a time. */
static NOINLINE int has_zero_byte(uint32_t x) { return ((x - 0x01010101) & ~x & 0x80808080) != 0; }
static NOINLINE int has_byte(uint32_t x, uint8_t b) { return has_zero_byte(x ^ b * 0x01010101u); }
static NOINLINE uint32_t add_bytes(uint32_t a, uint32_t b) {
    return ((a & 0x7f7f7f7f) + (b & 0x7f7f7f7f)) ^ ((a ^ b) & 0x80808080);
}
static NOINLINE uint32_t sub_bytes(uint32_t a, uint32_t b) {
    return ((a | 0x80808080) - (b & 0x7f7f7f7f)) ^ (~(a ^ b) & 0x80808080);
}
static NOINLINE uint32_t sum_of_bytes(uint32_t x) { return (x & 0x00ff00ff) + (x >> 8 & 0x00ff00ff); }

static NOINLINE uint32_t square_root(uint32_t x) {
    uint32_t root = 0, bit = 1u << 30;
    while (bit > x)
        bit >>= 2;
    for (; bit != 0; bit >>= 2)
        if (x >= root + bit) {
            x -= root + bit;
            root = (root >> 1) + bit;
        } else
            root >>= 1;
    return root;
}

static NOINLINE int logarithm_by_halves(uint32_t x) {
    int result = 0;
    if (x >> 16) result += 16, x >>= 16;
    if (x >> 8) result += 8, x >>= 8;
    if (x >> 4) result += 4, x >>= 4;
    /* What is left has four bits: a table of two bits for each of its values. */
    return result + (int)(0xffffaa50 >> 2 * x & 3);
}

static NOINLINE int decimal_digits(uint32_t x) {
    static const uint32_t powers[] = {0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    int guess = (logarithm_by_halves(x | 1) + 1) * 1233 >> 12;
    return guess + (x >= powers[guess]);
}

static void check_pair(uint32_t a, uint32_t b) {
    uint64_t sum = (uint64_t)a + b;
    CHECK(average_down(a, b) == sum / 2 && average_up(a, b) == (sum + 1) / 2);
    CHECK(average_signed((int32_t)a, (int32_t)b) == ((int64_t)(int32_t)a + (int32_t)b) >> 1);
    uint32_t plus = 0, minus = 0, pairs[2] = {0, 0}, woven = 0;
    int zero = 0, found = 0;
    for (unsigned at = 0; at < 32; at += 8) {
        uint8_t x = (uint8_t)(a >> at), y = (uint8_t)(b >> at);
        plus |= (uint32_t)(uint8_t)(x + y) << at;
        minus |= (uint32_t)(uint8_t)(x - y) << at;
        pairs[at / 8 / 2] += x;
        zero |= x == 0;
        found |= x == (uint8_t)b;
    }
    for (unsigned i = 0; i < 32; i++)
        woven |= ((i % 2 ? b : a) >> i / 2 & 1) << i;
    CHECK(add_bytes(a, b) == plus && sub_bytes(a, b) == minus && sum_of_bytes(a) == (pairs[0] | pairs[1] << 16));
    CHECK(has_zero_byte(a) == zero && has_byte(a, (uint8_t)b) == found);
    CHECK(interleave(a, b) == woven && gather(woven) == (a & 0xffff) && gather(woven >> 1) == (b & 0xffff));
    CHECK(from_gray(to_gray(a)) == a && to_gray(from_gray(b)) == b);
    uint64_t root = square_root(a);
    CHECK(root * root <= a && (root + 1) * (root + 1) > a);
    int log = -1, digits = 0;
    for (uint32_t x = a; x; x >>= 1)
        log++;
    for (uint64_t power = 1; power <= a || digits == 0; power *= 10)
        digits++;
    CHECK((a == 0 || logarithm_by_halves(a) == log) && decimal_digits(a) == digits);
    CHECK(a == 0 || log == 31 || round_up_to_power(a) == ((a & (a - 1)) ? 2u << log : a));
}

PROGRAM(integer_bit_tricks) {
    unsigned checked = 0;
    static const uint32_t edges[] = {0, 1, 2, 9, 10, 0xff, 0x10000, 99999, 0x00ff8001, 0x7fffffff, 0x80000000,
                                     0xfffe0001, UINT32_MAX};
    for (int i = 0; i < 13; i++)
        for (int j = 0; j < 13; j++, checked += opaque_unsigned(1))
            check_pair(opaque_unsigned(edges[i]), opaque_unsigned(edges[j] ^ edges[i] >> 3));

    /* All words of three bits out of nine, in order. */
    uint32_t x = opaque_unsigned(7), count = 0;
    for (uint32_t next = 0; next < 512; next++)
        if ((next & 1) + (next >> 1 & 1) + (next >> 2 & 1) + (next >> 3 & 1) + (next >> 4 & 1) + (next >> 5 & 1) +
            (next >> 6 & 1) + (next >> 7 & 1) + (next >> 8) == 3) {
            CHECK(x == next);
            x = next_permutation(x);
            count++;
        }
    CHECK(count == 84);
    for (uint32_t i = 0; i < 64; i++, checked += opaque_unsigned(1)) {
        uint32_t change = to_gray(opaque_unsigned(i)) ^ to_gray(i + 1);
        CHECK(change == ((i + 1) & ~i));
    }
    CHECK(checked == 233);
}
