/* Subnormal numbers of both precisions: gradual underflow, sums and differences that are exact there, products and
 * quotients that round into them, comparisons and conversions; nothing may be flushed to zero. */
#include "certify.h"

#if defined __FLT_EVAL_METHOD__ && (__FLT_EVAL_METHOD__ == 1 || __FLT_EVAL_METHOD__ == 2)
enum { extra_precision = 1 };
#else
enum { extra_precision = 0 };
#endif

union single { float value; uint32_t bits; };
union twice { double value; uint64_t bits; };

static uint32_t bits_of(float value) { return ((union single){.value = value}).bits; }
static float float_of(uint32_t bits) { return ((union single){.bits = bits}).value; }
static uint64_t wide_bits(double value) { return ((union twice){.value = value}).bits; }
static double double_of(uint64_t bits) { return ((union twice){.bits = bits}).value; }

static NOINLINE int halvings(float x) {
    int count = 0;
    for (; x > 0; x /= 2)
        count++;
    return count;
}

static NOINLINE int halvings_by_product(float x) {
    int count = 0;
    while (x != 0) {
        x *= 0.5f;
        count++;
    }
    return count;
}

static NOINLINE int wide_halvings(double x) {
    int count = 0;
    do
        x = x * 0.5;
    while (count++, x);
    return count;
}

static NOINLINE float add(float a, float b) { return a + b; }
static NOINLINE float subtract(float a, float b) { return a - b; }
static NOINLINE float multiply(float a, float b) { return a * b; }
static NOINLINE float divide(float a, float b) { return a / b; }
static NOINLINE int nonzero(float a) { return a != 0; }
static NOINLINE int positive(float a) { return a > 0; }
static NOINLINE int difference_positive(float a, float b) { return a - b > 0; }

/* A product of a subnormal number by a / 2^24, done on its integer: rounds to even. */
static NOINLINE uint32_t scaled(uint32_t bits, uint32_t a) {
    uint64_t product = (uint64_t)bits * a, rest = product & 0xffffff;
    uint32_t kept = (uint32_t)(product >> 24);
    return kept + (rest > 0x800000 || (rest == 0x800000 && kept % 2));
}

static void check_bits(uint32_t x, uint32_t y) {
    float a = float_of(x), b = float_of(y);
    /* Below 2^24 the bits count multiples of the least number, and sums stay exact. */
    CHECK(bits_of(add(a, b)) == x + y && (y > x || bits_of(subtract(a, b)) == x - y));
    CHECK(bits_of(subtract(b, add(a, b))) == (x ? 0x80000000 | x : 0));
    CHECK((a < b) == (x < y) && (a == b) == (x == y) && difference_positive(a, b) == (x > y));
    CHECK(nonzero(a) == (x != 0) && positive(a) == (x != 0) && positive(-a) == 0);
    CHECK((subtract(a, b) == 0) == (x == y));
    if (x < 0x800000)
        CHECK(bits_of(multiply(a, (float)y / 16777216)) == scaled(x, y));
    if (x < 0x800000 && x)
        CHECK(bits_of(multiply(a, 2)) == 2 * x && bits_of(divide(a, 0.25f)) == bits_of(multiply(multiply(a, 2), 2)));
    if (x < 0x1000000 && y && y < 0x800000)
        CHECK(bits_of(divide(a, b)) == bits_of((float)x / (float)y));
    double wide = (double)a;
    CHECK((float)wide == a && wide * 0x1p149 == x && (float)((double)x * 0x1p-149) == a);
    CHECK((float)(wide * 0.5) == float_of((x >> 1) + (x & (x >> 1) & 1)));
}

static NOINLINE double product(double a, double b) { return a * b; }
static NOINLINE double sum(double a, double b) { return a + b; }

/* Sums a table of constants, most of them subnormal, and of products that only differ there. */
static NOINLINE float table_sum(int sign) {
    static const float table[] = {0x1p-149f, 0x1.8p-148f, 0x1p-140f, 0x1.fffffcp-127f, 0x1p-127f, -0x1p-149f, 1e-44f,
                                  1e-40f};
    float total = 0;
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++)
        total += sign > 0 ? table[i] : -table[i];
    return total;
}

PROGRAM(float_denormals) {
    unsigned checked = 0;
    /* Whatever is rounded later than it is written has no definite result. */
    if (extra_precision && opaque_int(1))
        return;
    CHECK(halvings(opaque_float(1)) == 150 && halvings_by_product(opaque_float(1)) == 150 && halvings(0x1p-149f) == 1);
    CHECK(halvings(opaque_float(1.5f)) == 151 && halvings_by_product(1.25f) == 150);

    static const uint32_t edges[] = {0, 1, 2, 3, 5, 0x3fffff, 0x400000, 0x7ffffe, 0x7fffff, 0x123456, 0x2aaaab};
    for (int i = 0; i < 11; i++)
        for (int j = 0; j < 11; j++, checked += opaque_unsigned(1))
            check_bits(opaque_unsigned(edges[i]), opaque_unsigned(edges[j]));
    for (uint32_t x = 1; x < 0x7fffff; x = x * 3 + 1, checked += opaque_unsigned(1))
        check_bits(opaque_unsigned(x), 0x7fffff - x);

    /* The least normal number less the least subnormal one; products and quotients next to nothing. */
    CHECK(bits_of(subtract(float_of(0x800000), float_of(1))) == 0x7fffff);
    CHECK(bits_of(multiply(0x1p-75f, opaque_float(0x1p-75f))) == 0 &&
          bits_of(multiply(0x1.000002p-75f, 0x1p-75f)) == 1);
    CHECK(bits_of(divide(0x1p-126f, opaque_float(16777216))) == 0 && bits_of(divide(0x1.8p-126f, 16777216)) == 1);
    CHECK(bits_of(divide(0x1.8p-126f, opaque_float(8388608))) == 2);
    CHECK(bits_of(multiply(opaque_float(-0x1p-100f), 0x1p-100f)) == 0x80000000);

    /* In units of the least number: 1 + 3 + 512 + 0x7fffff + 0x400000 - 1 + 7 + 71362. */
    uint32_t expected = 1 + 3 + 512 + 0x7fffff + 0x400000 - 1 + 7 + 71362;
    CHECK(table_sum(opaque_int(1)) == (float)((double)expected * 0x1p-149) &&
          table_sum(opaque_int(-1)) == -table_sum(1));

    CHECK(wide_halvings(opaque_double(1)) == 1075 && wide_halvings(opaque_double(1.5)) == 1076);
    for (uint64_t x = 1; x < 0xfffffffffffff; x = x * 5 + 3, checked += opaque_unsigned(1)) {
        double a = double_of(opaque_uint64(x)), b = double_of(0xfffffffffffff - x);
        CHECK(wide_bits(sum(a, b)) == 0xfffffffffffff && wide_bits(sum(sum(a, b), -b)) == x && a > 0 && a - b != 0);
        CHECK(wide_bits(product(a, 0.5)) == (x >> 1) + (x & (x >> 1) & 1) && wide_bits(product(a, 2)) == 2 * x);
    }
    CHECK(wide_bits(product(opaque_double(0x1p-537), 0x1p-537)) == 1 &&
          wide_bits(product(0x1p-537, opaque_double(0x1p-538))) == 0);
    CHECK(checked == 159);
}
