/* Chains of truncation and of zero and sign extension between all widths, as casts, as pairs of shifts, by
 * arithmetic, through memory and through calls that take and give back narrow values. */
#include "certify.h"

/* How many rounds of the checking loops there were, lest one that ends early pass. */
static unsigned checked;

/* The value of the low bits, the top one of them counting negative when is_signed. */
static uint64_t extend(uint64_t x, unsigned bits, int is_signed) {
    uint64_t result = 0;
    for (unsigned i = 0; i < bits; i++)
        if (x >> i & 1)
            result += i == bits - 1 && is_signed ? 0 - ((uint64_t)1 << i) : (uint64_t)1 << i;
    return result;
}

static NOINLINE int32_t by_shifts32(uint32_t x, unsigned bits) { return (int32_t)(x << (32 - bits)) >> (32 - bits); }
static NOINLINE int64_t by_shifts64(uint64_t x, unsigned bits) { return (int64_t)(x << (64 - bits)) >> (64 - bits); }
static NOINLINE int64_t by_exclusive_or(uint64_t x, unsigned bits) {
    uint64_t sign = (uint64_t)1 << (bits - 1);
    return (int64_t)(((x & (sign * 2 - 1)) ^ sign) - sign);
}
static NOINLINE int64_t by_comparison(uint64_t x, unsigned bits) {
    x &= ((uint64_t)1 << bits) - 1;
    return (int64_t)(x >> (bits - 1) ? x - ((uint64_t)1 << bits) : x);
}

/* Callees whose arguments and results are narrow: who extends them is a matter of the calling convention. */
static NOINLINE int8_t signed_byte(int8_t x) { return (int8_t)(x >> 1); }
static NOINLINE uint8_t unsigned_byte(uint8_t x) { return x >> 1; }
static NOINLINE int16_t signed_half(int16_t x) { return (int16_t)(x >> 1); }
static NOINLINE uint16_t unsigned_half(uint16_t x) { return x >> 1; }
static NOINLINE _Bool truth(int8_t x) { return x; }
static NOINLINE int64_t sum_of_narrow(int8_t a, uint8_t b, int16_t c, uint16_t d, int8_t e, uint8_t f, int16_t g,
                                      _Bool h) {
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8;
}

/* One expression per chain; the order of the casts is what matters. */
static NOINLINE uint64_t chain(uint64_t x, unsigned which) {
    switch (which) {
    case 0: return (uint64_t)(int64_t)(int8_t)(uint16_t)x;
    case 1: return (uint64_t)(int64_t)(uint8_t)(int16_t)x;
    case 2: return (uint64_t)(int16_t)(uint8_t)x;
    case 3: return (uint64_t)(uint16_t)(int8_t)x;
    case 4: return (uint64_t)(int64_t)(int32_t)(uint16_t)(int8_t)x;
    case 5: return (uint32_t)(int32_t)(int16_t)x;
    case 6: return (uint64_t)(int64_t)(int32_t)(uint32_t)(uint64_t)x;
    case 7: return (uint64_t)(int64_t)(int8_t)(x >> 8) ^ (uint8_t)x;
    case 8: return (uint64_t)(int64_t)(int32_t)((uint32_t)x << 16) >> 16;
    case 9: return (uint64_t)((int64_t)(x << 20) >> 52);
    case 10: return (uint8_t)(x >> 24) + (uint64_t)(int8_t)(x >> 16);
    default: return (uint64_t)(int64_t)(int16_t)(x | 0x80) << 48 >> 40;
    }
}

static uint64_t chain_model(uint64_t x, unsigned which) {
    switch (which) {
    case 0: return extend(x, 8, 1);
    case 1: case 2: return extend(x, 8, 0);
    case 3: return extend(extend(x, 8, 1), 16, 0);
    case 4: return extend(extend(x, 8, 1), 16, 0);
    case 5: return extend(extend(x, 16, 1), 32, 0);
    case 6: return extend(x, 32, 1);
    case 7: return extend(x >> 8, 8, 1) ^ extend(x, 8, 0);
    case 8: return extend(extend(x, 16, 1) * 65536, 64, 0) >> 16;
    case 9: return extend(x >> 32, 12, 1);
    case 10: return extend(x >> 24, 8, 0) + extend(x >> 16, 8, 1);
    default: return extend(x | 128, 16, 0) * 256;
    }
}

static NOINLINE void widen(int64_t *s, uint64_t *u, const int8_t *s8, const uint8_t *u8, const int16_t *s16,
                           const uint16_t *u16) {
    for (int i = 0; i < 11; i++) {
        s[i] = (int64_t)s8[i] * 3 + s16[i];
        u[i] = (uint64_t)u8[i] * 3 + u16[i];
    }
}

static void check(uint64_t x) {
    for (unsigned bits = 1; bits < 64; bits += 1 + bits % 5, checked += opaque_unsigned(1)) {
        int64_t expected = (int64_t)extend(x, bits, 1);
        CHECK(by_shifts64(x, bits) == expected && by_exclusive_or(x, bits) == expected &&
              by_comparison(x, bits) == expected);
        CHECK(bits > 32 || by_shifts32((uint32_t)x, bits) == expected);
    }
    for (unsigned which = 0; which < 12; which++, checked += opaque_unsigned(1))
        CHECK(chain(x, which) == chain_model(x, which));
    int64_t s8 = (int64_t)extend(x, 8, 1), u8 = (int64_t)extend(x, 8, 0), s16 = (int64_t)extend(x, 16, 1);
    int64_t u16 = (int64_t)extend(x, 16, 0);
    CHECK(signed_byte((int8_t)x) == s8 >> 1 && unsigned_byte((uint8_t)x) == u8 >> 1 && truth((int8_t)x) == (u8 != 0));
    CHECK(signed_half((int16_t)x) == s16 >> 1 && unsigned_half((uint16_t)x) == u16 >> 1);
    CHECK((uint8_t)signed_byte((int8_t)x) == (u8 >> 1 | (u8 & 128)) && (int8_t)unsigned_byte((uint8_t)(x | 1)) >= 0);
    CHECK(sum_of_narrow((int8_t)x, (uint8_t)x, (int16_t)x, (uint16_t)x, (int8_t)~x, (uint8_t)~x, (int16_t)~x, x & 1) ==
          s8 + u8 * 2 + s16 * 3 + u16 * 4 + (-1 - s8) * 5 + (255 - u8) * 6 + (-1 - s16) * 7 + (int64_t)(x & 1) * 8);
}

PROGRAM(integer_extensions) {
    checked = 0;
    static const uint64_t edges[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xff7f, 0x7fffffff, 0x80000000, 0xffff8080,
                                     0x80007fff80007fff, 0x7f80017f80ff00ff, UINT64_MAX, 0x8000000000000000,
                                     0x0008000000800000};
    int64_t s[11];
    uint64_t u[11];
    int8_t s8[11];
    uint8_t u8[11];
    int16_t s16[11];
    uint16_t u16[11];
    for (int i = 0; i < 16; i++) {
        check(opaque_uint64(edges[i]));
        check(edges[i] * opaque_uint64(0x0101010101010101));
    }
    for (int i = 0; i < 11; i++) {
        uint64_t x = opaque_uint64(edges[i + 2]);
        s8[i] = (int8_t)x, u8[i] = (uint8_t)x, s16[i] = (int16_t)x, u16[i] = (uint16_t)x;
    }
    widen(s, u, s8, u8, s16, u16);
    for (int i = 0; i < 11; i++) {
        CHECK(s[i] == (int64_t)(extend(edges[i + 2], 8, 1) * 3 + extend(edges[i + 2], 16, 1)));
        CHECK(u[i] == extend(edges[i + 2], 8, 0) * 3 + extend(edges[i + 2], 16, 0));
    }
    CHECK(chain(0x8080, 0) == 0xffffffffffffff80 && chain(0x8080, 3) == 0xff80 && chain(0x8000, 5) == 0xffff8000);
    CHECK(checked == 1216);
}
