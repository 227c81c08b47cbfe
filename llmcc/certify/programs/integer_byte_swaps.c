/* Byte order: the swapping builtins, the shifts and masks that mean the same, loads and stores of single bytes that
 * compilers join into one, reversal of bits, and a small message that is packed, checked and read back. */
#include "certify.h"

static uint16_t swap16(uint16_t x) { return (uint16_t)(x >> 8 | x << 8); }
static uint32_t swap32_shifts(uint32_t x) { return x >> 24 | (x >> 8 & 0xff00) | (x << 8 & 0xff0000) | x << 24; }
static uint32_t swap32_halves(uint32_t x) { return (uint32_t)swap16((uint16_t)x) << 16 | swap16((uint16_t)(x >> 16)); }
static uint32_t swap32_steps(uint32_t x) {
    x = x << 16 | x >> 16;
    return (x & 0x00ff00ff) << 8 | (x & 0xff00ff00) >> 8;
}
static uint64_t swap64_halves(uint64_t x) {
    return (uint64_t)swap32_shifts((uint32_t)x) << 32 | swap32_steps((uint32_t)(x >> 32));
}
/* Not a swap: two bytes change places, two stay. */
static uint32_t swap_inner(uint32_t x) { return (x & 0xff0000ff) | (x >> 8 & 0xff00) | (x & 0xff00) << 8; }
static uint32_t swap_within_halves(uint32_t x) { return (x >> 8 & 0x00ff00ff) | (x << 8 & 0xff00ff00); }

static uint32_t read_little(const uint8_t *p) { return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24; }
static uint32_t read_big(const uint8_t *p) { return p[3] | p[2] << 8 | p[1] << 16 | (uint32_t)p[0] << 24; }
static uint32_t read_middle(const uint8_t *p) { return p[2] | p[3] << 8 | p[0] << 16 | (uint32_t)p[1] << 24; }
static uint16_t read_big16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static NOINLINE uint64_t read_loop(const uint8_t *p, int bytes, int big) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | p[big ? i : bytes - 1 - i];
    return value;
}

static NOINLINE void write_little(uint8_t *p, uint32_t x) {
    p[0] = (uint8_t)x;
    p[1] = (uint8_t)(x >> 8);
    p[2] = (uint8_t)(x >> 16);
    p[3] = (uint8_t)(x >> 24);
}

static NOINLINE void write_big(uint8_t *p, uint32_t x) {
    p[0] = (uint8_t)(x >> 24);
    p[1] = (uint8_t)(x >> 16);
    p[2] = (uint8_t)(x >> 8);
    p[3] = (uint8_t)x;
}

static NOINLINE void write_big64(uint8_t *p, uint64_t x) {
    for (int shift = 56; shift >= 0; shift -= 8)
        *p++ = (uint8_t)(x >> shift);
}

static NOINLINE uint32_t reverse_bits(uint32_t x) {
    x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
    x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
    x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
    return swap32_shifts(x);
}

static NOINLINE uint32_t reverse_loop(uint32_t x) {
    uint32_t r = 0;
    for (int i = 0; i < 32; i++) {
        r = r << 1 | (x & 1);
        x >>= 1;
    }
    return r;
}

static NOINLINE uint8_t reverse_byte(uint8_t x) {
    uint8_t r = 0;
    for (int i = 0; i < 8; i++)
        r |= (uint8_t)((x >> i & 1) << (7 - i));
    return r;
}

/* The sum of 16-bit words with the carries added back in does not depend on the order of bytes, but for a swap. */
static NOINLINE uint16_t folded_sum(const uint8_t *p, int bytes, int big) {
    uint32_t sum = 0;
    for (int i = 0; i + 1 < bytes; i += 2)
        sum += big ? read_big16(p + i) : (uint16_t)(p[i] | p[i + 1] << 8);
    if (bytes % 2)
        sum += big ? (uint32_t)p[bytes - 1] << 8 : p[bytes - 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static void check_value(uint64_t x) {
    uint8_t bytes[9] = {0}, copy[9] = {0};
    uint32_t n = (uint32_t)(x >> 13), expected, inner;
    write_big64(bytes + 1, x);
    CHECK(read_loop(bytes + 1, 8, 1) == x && read_loop(bytes + 1, 8, 0) == __builtin_bswap64(x));
    CHECK(swap64_halves(x) == __builtin_bswap64(x) && swap64_halves(__builtin_bswap64(x)) == x);
    CHECK(read_loop(bytes, 7, 1) == x >> 16 && read_loop(bytes + 3, 3, 0) == (__builtin_bswap64(x) >> 16 & 0xffffff));
    write_little(bytes + 1, n);
    write_big(copy + 1, n);
    expected = (uint32_t)read_loop(bytes + 1, 4, 1);
    CHECK(read_little(bytes + 1) == n && read_big(copy + 1) == n && read_loop(copy + 1, 4, 1) == n);
    CHECK(read_big(bytes + 1) == expected && read_little(copy + 1) == expected && __builtin_bswap32(n) == expected);
    CHECK(swap32_shifts(n) == expected && swap32_halves(n) == expected && swap32_steps(n) == expected);
    CHECK(read_middle(copy + 1) == swap_within_halves(n) && swap16((uint16_t)n) == __builtin_bswap16((uint16_t)n));
    inner = (uint32_t)copy[1] << 24 | (uint32_t)copy[3] << 16 | (uint32_t)copy[2] << 8 | copy[4];
    CHECK(swap_inner(n) == inner && swap_within_halves(swap_within_halves(n)) == n && bytes[0] == 0);
    CHECK(reverse_bits(n) == reverse_loop(n) && reverse_byte((uint8_t)n) == reverse_loop(n) >> 24);
    CHECK((__builtin_bswap32(n) & 0xff00) == (n >> 8 & 0xff00) && (__builtin_bswap32(n) >> 24) == (n & 0xff));
    CHECK((__builtin_bswap32(n) == __builtin_bswap32(~n + 1)) == (n == 0 || n == 0x80000000));
}

PROGRAM(integer_byte_swaps) {
    unsigned checked = 0;
    static const uint64_t edges[] = {0, 1, 0xff, 0x100000000000000, 0x0123456789abcdef, UINT64_MAX,
                                     0x8000000000000000, 0x1fe000};
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++, checked += opaque_unsigned(1))
            check_value(opaque_uint64(edges[i] ^ edges[j] * 0x101));

    uint8_t message[29];
    for (int length = 8; length <= 29; length++, checked += opaque_unsigned(1)) {
        for (int i = 0; i < 29; i++)
            message[i] = (uint8_t)(opaque_int(i) * 73 + length * 41);
        write_big(message, (uint32_t)length << 16);
        uint16_t sum = folded_sum(message, length, 1);
        CHECK(folded_sum(message, length, 0) == swap16(sum));
        sum ^= 0xffff;
        message[2] = (uint8_t)(sum >> 8);
        message[3] = (uint8_t)sum;
        CHECK(folded_sum(message, length, 1) == 0xffff && folded_sum(message, length, 0) == 0xffff);
        CHECK(read_big16(message) == length && read_big(message) == ((uint32_t)length << 16 | sum));
        message[length - 1] ^= 0x10;
        CHECK(folded_sum(message, length, 1) != 0xffff);
    }
    CHECK(swap32_steps(0x01020304) == 0x04030201 && swap_inner(0x01020304) == 0x01030204 &&
          reverse_bits(0x00000005) == 0xa0000000);
    CHECK(checked == 86);
}
