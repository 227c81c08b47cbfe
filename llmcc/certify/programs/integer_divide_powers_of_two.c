/* Division and remainder by powers of two, positive and negative, constant and computed: truncation towards zero
 * against halving one step at a time, and the flooring that shifts and masks do. */
#include "certify.h"

/* How many rounds of the checking loops there were, lest one that ends early pass. */
static unsigned checked;

/* Halves towards zero, k times: dividing by 2 k times truncates like dividing by 2^k. */
static int64_t halved(int64_t value, unsigned k) {
    int negative = value < 0;
    uint64_t magnitude = negative ? 0 - (uint64_t)value : (uint64_t)value;
    while (k-- > 0)
        magnitude = (magnitude - (magnitude & 1)) / 2;
    return negative ? -(int64_t)(magnitude - 1) - 1 : (int64_t)magnitude;
}

#define POWERS(P) P(1) P(2) P(3) P(4) P(5) P(7) P(8) P(12) P(15) P(16) P(17) P(23) P(24) P(29) P(30)

static NOINLINE int32_t quotient32(int32_t x, unsigned k) {
    switch (k) {
#define CASE(k) case k: return x / (1 << k);
        POWERS(CASE)
#undef CASE
    case 31: return x / INT32_MIN;
    default: return x;
    }
}

static NOINLINE int32_t negated_quotient32(int32_t x, unsigned k) {
    switch (k) {
#define CASE(k) case k: return x / -(1 << k);
        POWERS(CASE)
#undef CASE
    case 31: return x / INT32_MIN;
    default: return -x;
    }
}

static NOINLINE int32_t remainder32(int32_t x, unsigned k) {
    switch (k) {
#define CASE(k) case k: return x % (1 << k);
        POWERS(CASE)
#undef CASE
    case 31: return x % INT32_MIN;
    default: return 0;
    }
}

static NOINLINE int64_t quotient64(int64_t x, unsigned k) {
    switch (k) {
#define CASE(k) case k: return x / ((int64_t)1 << (k + 31)) + x / -((int64_t)1 << k);
        POWERS(CASE)
#undef CASE
    default: return 0;
    }
}

static const uint8_t powers[] = {
#define ENTRY(k) k,
    POWERS(ENTRY)};

static int32_t floor_quotient(int32_t x, int32_t d) { return x / d - (x % d != 0 && (x < 0) != (d < 0)); }
static int32_t ceiling_quotient(int32_t x, int32_t d) { return x / d + (x % d != 0 && (x < 0) == (d < 0)); }

static NOINLINE void check(int32_t x) {
    for (unsigned i = 0; i < sizeof powers; i++, checked += opaque_unsigned(1)) {
        unsigned k = powers[i];
        int32_t quotient = (int32_t)halved(x, k), computed = 1 << k;
        CHECK(quotient32(x, k) == quotient);
        CHECK(negated_quotient32(x, k) == -quotient);
        CHECK(remainder32(x, k) == x - (int32_t)((uint32_t)quotient << k));
        CHECK(x / computed == quotient && x % -computed == remainder32(x, k));
        CHECK(floor_quotient(x, computed) == x >> k);
        CHECK((x & (computed - 1)) == x - (x >> k) * (int64_t)computed);
        CHECK(ceiling_quotient(x, computed) == (x >> k) + ((x & (computed - 1)) != 0));
        CHECK((uint32_t)x / ((uint32_t)1 << k) == (uint32_t)x >> k &&
              (uint32_t)x % (1u << k) == ((uint32_t)x & ~(~0u << k)));
        int64_t wide = (int64_t)((uint64_t)(int64_t)x << 31) + k;
        CHECK(quotient64(wide, k) == halved(wide, k + 31) - halved(wide, k));
    }
    CHECK(remainder32(x, 31) == (x == INT32_MIN ? 0 : x) && quotient32(x, 31) == (x == INT32_MIN));
}

/* Walks from value to zero by halves and counts; the remainder decides the way. */
static NOINLINE unsigned walk(int32_t value) {
    unsigned trace = 1;
    while (value != 0) {
        if (value % 4 == -1)
            trace = trace * 3 + 1;
        else if (value % 2 == 1)
            trace ^= (unsigned)value;
        else if (value % 2 != 0)
            trace += 5;
        value /= value % 8 == 0 ? -8 : 2;
    }
    return trace;
}

static NOINLINE unsigned walk_by_bits(int32_t value) {
    unsigned trace = 1;
    while (value != 0) {
        if (value < 0 && (value & 3) == 3)
            trace = trace * 3 + 1;
        else if (value > 0 && (value & 1))
            trace ^= (unsigned)value;
        else if (value & 1)
            trace += 5;
        if ((value & 7) == 0)
            value = -(value >> 3);
        else
            value = (value + (value < 0)) >> 1;
    }
    return trace;
}

PROGRAM(integer_divide_powers_of_two) {
    checked = 0;
    static const int32_t edges[] = {0, 1, -1, 2, -2, 3, -3, 255, -255, 256, -257, 65535, -65536, INT32_MAX,
                                    INT32_MAX - 1, -INT32_MAX, INT32_MIN + 2, 0x40000000, -0x40000000, -0x40000001};
    for (unsigned i = 0; i < sizeof edges / sizeof *edges; i++)
        check(opaque_int(edges[i]));
    check(opaque_int(-1000003));
    for (int32_t value = -600; value <= 600; value += 7, checked += opaque_unsigned(1)) {
        int32_t scaled = opaque_int(value) * 3571;
        CHECK(walk(scaled) == walk_by_bits(scaled));
        CHECK(quotient32(scaled, 3) * 8 + remainder32(scaled, 3) == scaled);
    }
    CHECK(quotient32(-7, 1) == -3 && remainder32(-7, 1) == -1 && (-7 >> opaque_int(1)) == -4);
    CHECK(quotient32(INT32_MIN, 30) == -2 && negated_quotient32(INT32_MIN, 1) == 0x40000000);
    CHECK(checked == 487);
}
