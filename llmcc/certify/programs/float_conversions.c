/* Conversions between integers and both precisions: rounding of integers with more bits than the mantissa,
 * truncation at the limits of every integer type (never beyond them), and narrowing of doubles, against integer
 * models of the formats. */
#include "certify.h"

union single { float value; uint32_t bits; };
union twice { double value; uint64_t bits; };

static uint32_t single_bits(float value) { return ((union single){.value = value}).bits; }
static uint64_t twice_bits(double value) { return ((union twice){.value = value}).bits; }

/* The format with so many bits after the leading one, and a bias; magnitude is nonzero or all is zero. */
static NOINLINE uint64_t encode(uint64_t magnitude, int negative, int bits, int bias) {
    if (magnitude == 0)
        return 0;
    int top = 63;
    while (!(magnitude >> top))
        top--;
    uint64_t mantissa;
    if (top <= bits)
        mantissa = magnitude << (bits - top);
    else {
        int drop = top - bits;
        uint64_t half = (uint64_t)1 << (drop - 1), rest = magnitude & (half * 2 - 1);
        mantissa = magnitude >> drop;
        mantissa += rest > half || (rest == half && mantissa % 2);
    }
    /* The leading one adds one to the exponent, and so does a carry out of the mantissa. */
    return (mantissa + ((uint64_t)(top + bias - 1) << bits)) | (uint64_t)negative << (bits == 23 ? 31 : 63);
}

static uint64_t magnitude(int64_t value) { return value < 0 ? 0 - (uint64_t)value : (uint64_t)value; }

static NOINLINE float single_of_signed64(int64_t x) { return (float)x; }
static NOINLINE float single_of_unsigned64(uint64_t x) { return (float)x; }
static NOINLINE double twice_of_signed64(int64_t x) { return (double)x; }
static NOINLINE double twice_of_unsigned64(uint64_t x) { return (double)x; }
static NOINLINE float single_of_signed32(int32_t x) { return (float)x; }
static NOINLINE float single_of_unsigned32(uint32_t x) { return (float)x; }
static NOINLINE double twice_of_unsigned32(uint32_t x) { return x; }
static float single_of_narrow(int8_t a, uint8_t b, int16_t c, uint16_t d) {
    return (float)a * 2 + (float)b * 3 + (float)c + (float)d;
}

static NOINLINE void check_integers(uint64_t x) {
    int64_t s = (int64_t)x;
    uint32_t u = (uint32_t)(x >> 17);
    int32_t n = (int32_t)u;
    CHECK(single_bits(single_of_signed64(s)) == encode(magnitude(s), s < 0, 23, 127));
    CHECK(single_bits(single_of_unsigned64(x)) == encode(x, 0, 23, 127));
    CHECK(twice_bits(twice_of_signed64(s)) == encode(magnitude(s), s < 0, 52, 1023));
    CHECK(twice_bits(twice_of_unsigned64(x)) == encode(x, 0, 52, 1023));
    CHECK(single_bits(single_of_signed32(n)) == encode(magnitude(n), n < 0, 23, 127));
    CHECK(single_bits(single_of_unsigned32(u)) == encode(u, 0, 23, 127));
    CHECK(twice_bits(twice_of_unsigned32(u)) == encode(u, 0, 52, 1023));
    CHECK((int64_t)twice_of_unsigned32(u) == u && (uint32_t)twice_of_unsigned32(u) == u && (int32_t)(double)n == n);
    int64_t narrow = (int64_t)(int8_t)x * 2 + (int64_t)(uint8_t)(x >> 8) * 3 + (int16_t)(x >> 16) + (uint16_t)(x >> 32);
    CHECK((int64_t)single_of_narrow((int8_t)x, (uint8_t)(x >> 8), (int16_t)(x >> 16), (uint16_t)(x >> 32)) == narrow);
}

/* quarters / 4, truncated to every type that it fits. */
static NOINLINE void check_truncation(int64_t quarters) {
    double twice = (double)quarters / 4;
    float single = (float)quarters * 0.25f;
    int64_t expected = quarters / 4;
    CHECK((int64_t)twice == expected && (int64_t)single == expected);
    if (quarters > -4) {
        CHECK((uint64_t)twice == (uint64_t)expected && (uint32_t)single == (uint32_t)expected);
        if (quarters < 1024)
            CHECK((uint8_t)twice == expected && (uint8_t)single == expected);
        if (quarters < 65536 * 4)
            CHECK((uint16_t)single == expected && (uint16_t)twice == expected);
    }
    if (expected >= -128 && expected <= 127)
        CHECK((int8_t)single == expected && (int8_t)twice == expected);
    if (expected >= -32768 && expected <= 32767)
        CHECK((int16_t)single == expected && (int16_t)twice == expected);
    CHECK((int32_t)single == expected && (int32_t)twice == expected && (_Bool)single == (quarters != 0));
}

static NOINLINE int32_t to_signed32(double x) { return (int32_t)x; }
static NOINLINE uint32_t to_unsigned32(double x) { return (uint32_t)x; }
static NOINLINE int64_t to_signed64(float x) { return (int64_t)x; }
static NOINLINE uint64_t to_unsigned64(float x) { return (uint64_t)x; }
static NOINLINE uint64_t wide_to_unsigned64(double x) { return (uint64_t)x; }
static NOINLINE float narrowed(double x) { return (float)x; }

PROGRAM(float_conversions) {
    unsigned checked = 0;
    for (unsigned i = 0; i < 64; i++, checked += opaque_unsigned(1)) {
        uint64_t power = (uint64_t)1 << i;
        check_integers(opaque_uint64(power));
        check_integers(opaque_uint64(0 - power - (i & 1)));
        check_integers(opaque_uint64(power - 1));
        /* On, above and below the middle between neighbours, in each format. */
        check_integers(opaque_uint64((power << 25) + (power << 1) + (power >> 1)));
        check_integers((opaque_uint64(0x1ffffff) << i % 40) + (i & 3) - 1);
        check_integers((opaque_uint64(0x3ffffffffffffd) << i % 11) + (i & 3) - 1);
    }
    for (int64_t q = -600; q < 1400; q += 3, checked += opaque_unsigned(1))
        check_truncation(opaque_int64(q));
    for (int64_t q = -0x800001; q < 0xffffff; q += 0x55555, checked += opaque_unsigned(1))
        check_truncation(opaque_int64(q));

    CHECK(to_signed32(opaque_double(2147483647.96875)) == INT32_MAX &&
          to_signed32(opaque_double(-2147483648.96875)) == INT32_MIN);
    CHECK(to_unsigned32(opaque_double(4294967295.9375)) == UINT32_MAX && to_unsigned32(opaque_double(-0.9375)) == 0);
    CHECK(to_unsigned32(2147483648.0) == 0x80000000 && to_unsigned32(opaque_double(2147483649.5)) == 0x80000001);
    CHECK(to_signed64(opaque_float(-9223372036854775808.0f)) == INT64_MIN);
    CHECK(to_signed64(opaque_float(9223371487098961920.0f)) == 0x7fffff8000000000);
    CHECK(to_unsigned64(opaque_float(18446742974197923840.0f)) == 0xffffff0000000000);
    CHECK(to_unsigned64(opaque_float(9223372036854775808.0f)) == 0x8000000000000000 && to_unsigned64(0.99999994f) == 0);
    CHECK(wide_to_unsigned64(opaque_double(18446744073709549568.0)) == 0xfffffffffffff800);
    CHECK(wide_to_unsigned64(opaque_double(9223372036854774784.0)) == 0x7ffffffffffffc00);
    CHECK(wide_to_unsigned64(opaque_double(9007199254740993.0)) == 9007199254740992);
    /* 1 + 2^-24 is in the middle, 1 + 3 * 2^-24 too; a little more decides; then the largest value and the overflow. */
    CHECK(single_bits(narrowed(opaque_double(0x1.000001p0))) == 0x3f800000 &&
          single_bits(narrowed(0x1.000003p0)) == 0x3f800002);
    CHECK(single_bits(narrowed(opaque_double(0x1.0000010000001p0))) == 0x3f800001);
    CHECK(single_bits(narrowed(opaque_double(0x1.fffffefffffffp127))) == 0x7f7fffff);
    CHECK(single_bits(narrowed(opaque_double(-0x1.ffffffp127))) == 0xff800000);
    CHECK(checked == 804);
}
