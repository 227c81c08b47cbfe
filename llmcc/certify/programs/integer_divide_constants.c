/* Quotients and remainders by constants, signed and unsigned in 8 to 64 bits, against division by the same value
 * unknown. */
#include "certify.h"

/* How many rounds of the checking loops there were, lest one that ends early pass. */
static unsigned checked;

#define DIVISORS32(D) D(3) D(5) D(6) D(7) D(9) D(10) D(11) D(12) D(13) D(14) D(19) D(21) D(25) D(28) D(60) D(100) D(125) \
    D(365) D(641) D(1000) D(10007) D(65535) D(65537) D(1000003) D(1000000007) D(2147483647)
#define DIVISORS64(D) D(3) D(7) D(10) D(13) D(60) D(641) D(86400) D(6700417) D(4294967295) D(4294967297) D(10000000000) \
    D(274177) D(67280421310721) D(999999999989) D(6148914691236517205) D(9223372036854775807)

struct pair32 { uint32_t quotient, remainder; };
struct pair64 { uint64_t quotient, remainder; };

static NOINLINE struct pair32 unsigned32(uint32_t x, unsigned which) {
#define CASE(d) if (which-- == 0) return (struct pair32){x / d##u, x % d##u};
    DIVISORS32(CASE)
#undef CASE
    return (struct pair32){x / 4294967291u, x % 4294967291u};
}

static NOINLINE struct pair32 signed32(int32_t x, unsigned which) {
#define CASE(d) if (which-- == 0) return (struct pair32){(uint32_t)(x / d), (uint32_t)(x % d)};
    DIVISORS32(CASE)
#undef CASE
    return (struct pair32){(uint32_t)(x / -715827883), (uint32_t)(x % -715827883)};
}

static NOINLINE struct pair32 negative32(int32_t x, unsigned which) {
#define CASE(d) if (which-- == 0) return (struct pair32){(uint32_t)(x / -d), (uint32_t)(x % -d)};
    DIVISORS32(CASE)
#undef CASE
    return (struct pair32){(uint32_t)(x / 715827883), (uint32_t)(x % 715827883)};
}

static NOINLINE struct pair64 unsigned64(uint64_t x, unsigned which) {
#define CASE(d) if (which-- == 0) return (struct pair64){x / d##u, x % d##u};
    DIVISORS64(CASE)
#undef CASE
    return (struct pair64){x / 18446744073709551557u, x % 18446744073709551557u};
}

static NOINLINE struct pair64 signed64(int64_t x, unsigned which) {
#define CASE(d) if (which-- == 0) return (struct pair64){(uint64_t)(x / -d), (uint64_t)(x % d)};
    DIVISORS64(CASE)
#undef CASE
    return (struct pair64){(uint64_t)(x / -4611686018427387847), (uint64_t)(x % 4611686018427387847)};
}

static const int64_t divisors32[] = {
#define ENTRY(d) d,
    DIVISORS32(ENTRY)};
static const int64_t divisors64[] = {DIVISORS64(ENTRY)};
enum { count32 = sizeof divisors32 / sizeof *divisors32, count64 = sizeof divisors64 / sizeof *divisors64 };

static void check32(uint32_t x) {
    for (unsigned i = 0; i <= count32; i++, checked += opaque_unsigned(1)) {
        uint32_t d = i < count32 ? (uint32_t)divisors32[i] : opaque_unsigned(4294967291u);
        int32_t s = i < count32 ? (int32_t)d : -715827883, n = (int32_t)x;
        struct pair32 u = unsigned32(x, i), p = signed32(n, i), m = negative32(n, i);
        CHECK(u.quotient == x / d && u.remainder == x - d * u.quotient && u.remainder < d);
        CHECK((int32_t)p.quotient == n / s && (int32_t)p.remainder == n % s);
        CHECK(m.quotient == 0 - p.quotient && m.remainder == p.remainder);
    }
}

static void check64(uint64_t x) {
    for (unsigned i = 0; i <= count64; i++, checked += opaque_unsigned(1)) {
        uint64_t d = i < count64 ? (uint64_t)divisors64[i] : opaque_uint64(18446744073709551557u);
        int64_t s = i < count64 ? (int64_t)d : opaque_int64(4611686018427387847), n = (int64_t)x;
        struct pair64 u = unsigned64(x, i), p = signed64(n, i);
        CHECK(u.quotient == x / d && u.remainder == x - d * u.quotient && u.remainder < d);
        CHECK((int64_t)p.quotient == -(n / s) && (int64_t)p.remainder == n % s);
    }
}

static NOINLINE int digits(uint32_t value, uint8_t *out) {
    int length = 0;
    do
        out[length++] = (uint8_t)(value % 10);
    while ((value /= 10) != 0);
    return length;
}

PROGRAM(integer_divide_constants) {
    checked = 0;
    static const uint32_t edges[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0xfffffffe, 715827882};
    for (unsigned i = 0; i < sizeof edges / sizeof *edges; i++) {
        check32(opaque_unsigned(edges[i]));
        check64((uint64_t)opaque_unsigned(edges[i]) << 32 | edges[(i * 4 + 1) % 9]);
    }
    uint64_t state = opaque_uint64(0x9e3779b97f4a7c15);
    for (int i = 0; i < 40; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        check32((uint32_t)(state >> 32) >> i % 17);
        check64((uint64_t)((int64_t)state >> i % 29));
        /* Around multiples, where a reciprocal that is one off shows. */
        check32((uint32_t)divisors32[i % count32] * (uint32_t)(state >> 40) - (uint32_t)(i & 1));
    }

    uint8_t odometer[10] = {0}, out[10];
    unsigned seven = opaque_unsigned(7);
    for (unsigned value = 0; value < 1200; value++, checked += opaque_unsigned(1)) {
        int length = digits(value, out);
        for (int i = 0; i < length; i++)
            CHECK(out[i] == odometer[i]);
        for (int i = 0; ++odometer[i] == 10; i++)
            odometer[i] = 0;
        CHECK((uint8_t)value / 7 == (uint8_t)value / seven && (int8_t)value % 7 == (int8_t)value % (int)seven);
        CHECK((uint16_t)(value * 57) / 7 % 5 == (uint16_t)(value * 57) / (seven * 1) % (seven - 2));
    }
    CHECK(digits(opaque_unsigned(UINT32_MAX), out) == 10 && out[9] == 4 && out[5] == 9 && out[0] == 5);
    CHECK(checked == 4436);
}
