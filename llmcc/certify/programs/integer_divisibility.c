/* Tests of divisibility and of single remainders, which compilers turn into multiplications by inverses, against
 * counters that step along with the value, a sieve, and calendar rules counted day by day. */
#include "certify.h"

/* How many rounds of the checking loops there were, lest one that ends early pass. */
static unsigned checked;

static int leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/* Bits for several residues of one value: signed, so that negative multiples count and negative remainders do not. */
static NOINLINE unsigned residues(int32_t x) {
    unsigned bits = 0;
    if (x % 3 == 0)
        bits |= 1;
    if (x % 5 == 0)
        bits |= 2;
    if (x % 6 == 0)
        bits |= 4;
    if (x % 7 == 3)
        bits |= 8;
    if (x % 12 == -5)
        bits |= 16;
    if (x % -10 == 0)
        bits |= 32;
    if (x % 2 == 1)
        bits |= 64;
    if (x % 100 > 90)
        bits |= 128;
    return bits;
}

static NOINLINE unsigned residues_unsigned(uint32_t x) {
    unsigned bits = 0;
    bits |= (x % 3 == 0) << 0 | (x % 5 == 0) << 1 | (x % 6 == 0) << 2 | (x % 7 == 3) << 3;
    bits |= (x % 12 == 7) << 4 | (x % 10u != 9) << 5 | (x % 25 <= 4) << 6 | (x % 1000 == 999) << 7;
    return bits;
}

/* Counts modulo a number by stepping; start must be its true residue. */
struct counter { int modulus, value; };
static int advance(struct counter *c) {
    int now = c->value;
    if (++c->value == c->modulus)
        c->value = 0;
    return now;
}

static NOINLINE void walk_signed(int32_t first, int count) {
    static const int moduli[] = {3, 5, 6, 7, 12, 10, 100};
    struct counter c[7];
    for (int i = 0; i < 7; i++)
        c[i] = (struct counter){moduli[i], (first % moduli[i] + moduli[i]) % opaque_int(moduli[i])};
    for (int32_t x = first; count-- > 0; x++, checked += opaque_unsigned(1)) {
        int r[7];
        for (int i = 0; i < 7; i++)
            r[i] = advance(&c[i]);
        unsigned bits = (r[0] == 0) | (r[1] == 0) << 1 | (r[2] == 0) << 2;
        bits |= (unsigned)(x > 0 && r[3] == 3) << 3 | (unsigned)(x < 0 && r[4] == 7) << 4 | (r[5] == 0) << 5;
        bits |= (unsigned)(x > 0 && (x & 1)) << 6 | (unsigned)(x > 0 && r[6] > 90) << 7;
        CHECK(residues(x) == bits);
    }
}

static NOINLINE void walk_unsigned(uint32_t first, int count) {
    static const unsigned moduli[] = {3, 5, 6, 7, 12, 10, 25, 1000};
    struct counter c[8];
    for (int i = 0; i < 8; i++)
        c[i] = (struct counter){(int)moduli[i], (int)(first % opaque_unsigned(moduli[i]))};
    for (uint32_t x = first; count-- > 0; x++, checked += opaque_unsigned(1)) {
        unsigned bits = (advance(&c[0]) == 0) | (advance(&c[1]) == 0) << 1 | (advance(&c[2]) == 0) << 2;
        bits |= (unsigned)(advance(&c[3]) == 3) << 3 | (unsigned)(advance(&c[4]) == 7) << 4;
        bits |= (unsigned)(advance(&c[5]) != 9) << 5 | (unsigned)(advance(&c[6]) <= 4) << 6;
        bits |= (unsigned)(advance(&c[7]) == 999) << 7;
        CHECK(residues_unsigned(x) == bits);
    }
}

static int prime_by_trial(unsigned n) {
    if (n < 2)
        return 0;
    if (n % 2 == 0 || n % 3 == 0 || n % 5 == 0 || n % 7 == 0 || n % 11 == 0 || n % 13 == 0)
        return n <= 7 ? n != 4 && n != 6 : n == 11 || n == 13;
    for (unsigned d = 17; d * d <= n; d += 2)
        if (n % d == 0)
            return 0;
    return 1;
}

PROGRAM(integer_divisibility) {
    checked = 0;
    walk_signed(opaque_int(-420), 840);
    walk_signed(opaque_int(INT32_MAX - 130), 130);
    walk_signed(opaque_int(INT32_MIN), 130);
    walk_unsigned(opaque_unsigned(0), 500);
    walk_unsigned(opaque_unsigned(0x7fffff80), 256);
    walk_unsigned(opaque_unsigned(0xffffff00), 256);

    uint32_t composite[20] = {3};
    for (unsigned p = 2; p < 640; p++)
        if (!(composite[p / 32] >> p % 32 & 1))
            for (unsigned multiple = p * p; multiple < 640; multiple += p)
                composite[multiple / 32] |= 1u << multiple % 32;
    int primes = 0;
    for (unsigned n = 0; n < 640; n++) {
        int prime = !(composite[n / 32] >> n % 32 & 1);
        CHECK(prime_by_trial(opaque_unsigned(n)) == prime);
        primes += prime;
    }
    CHECK(primes == 115);

    /* 400 years have 97 leap years and a whole number of weeks. */
    int leaps = 0;
    int64_t days = 0;
    for (int year = opaque_int(1601); year <= 2000; year++) {
        leaps += leap(year);
        days += 365 + leap(year);
        int before = year - 1;
        CHECK(days == 365 * (year - 1600) + before / 4 - before / 100 + before / 400 - 388 + leap(year));
    }
    CHECK(leaps == 97 && days == 146097 && days % 7 == 0);
    for (uint64_t x = opaque_uint64(0xfffffffffffffc00), m = x; x != 0; x++, m++, checked += opaque_unsigned(1))
        CHECK((x % 15 == 0) == (x % 3 == 0 && m % 5 == 0) && ((int64_t)x % 9 == -4) == ((0 - m) % 9 == 4));
    CHECK(checked == 3136);
}
