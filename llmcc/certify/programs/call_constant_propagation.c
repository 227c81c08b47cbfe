/* Constant arguments that reach some callees only, constant results, unchanged arguments of recursion, callees as constants. */
#include "certify.h"

enum operation { ADD, SUBTRACT, MULTIPLY, MODULO, POWER };

static NOINLINE int32_t apply(enum operation operation, int32_t a, int32_t b, int32_t modulus) {
    int32_t result = 0;
    switch (operation) {
    case ADD: result = a + b; break;
    case SUBTRACT: result = a - b; break;
    case MULTIPLY: result = a * b; break;
    case MODULO: result = b ? a % b : a; break;
    case POWER:
        result = 1;
        for (; b > 0; b--)
            result = result * a % modulus;
        return result;
    }
    return result % modulus;
}

/* In all direct calls step is 4; the call through the pointer has another. */
static NOINLINE unsigned stepped_sum(const uint8_t *bytes, unsigned count, unsigned step) {
    unsigned sum = 0;
    for (unsigned i = 0; i < count; i += step)
        sum = sum * 3 + bytes[i];
    return sum;
}

/* The same with every call direct. */
static NOINLINE unsigned stepped_xor(const uint8_t *bytes, unsigned count, unsigned step) {
    unsigned sum = 0;
    for (unsigned i = 0; i < count; i += step)
        sum = sum * 3 ^ bytes[i];
    return sum;
}

/* Results that are one constant, of two constants, in a range. */
static NOINLINE int always_three(int x) { return x > 0 ? 3 : x < -10 ? 3 : 6 / 2; }
static NOINLINE int three_or_five(int x) { return x & 4 ? 5 : 3; }
static NOINLINE unsigned below_sixteen(unsigned x) { return x * 2654435761u >> 28; }
static NOINLINE int sign_of(int x) { return (x > 0) - (x < 0); }

/* base and stride never change on the way down. */
static NOINLINE unsigned recursive_hash(const uint8_t *bytes, unsigned left, unsigned base, unsigned stride) {
    if (left < stride)
        return base;
    return recursive_hash(bytes + stride, left - stride, base, stride) * 31 + bytes[0];
}

static NOINLINE int32_t fold(const int8_t *values, int count, int32_t start, int32_t (*step)(int32_t, int32_t)) {
    for (int i = 0; i < count; i++)
        start = step(start, values[i]);
    return start;
}

static int32_t plus(int32_t a, int32_t b) { return a + b; }
static int32_t minus(int32_t a, int32_t b) { return a - b; }
static int32_t least(int32_t a, int32_t b) { return b < a ? b : a; }
static int32_t greatest(int32_t a, int32_t b) { return b > a ? b : a; }

static const int16_t primes[8] = {2, 3, 5, 7, 11, 13, 17, 19};
static const int16_t cubes[8] = {0, 1, 8, 27, 64, 125, 216, 343};
static NOINLINE int lookup(const int16_t *table, unsigned index, int missing) { return index < 8 ? table[index] : missing; }

/* Always stored with the same value, once the program has started. */
static int mode = 2;
static NOINLINE void set_mode(int wanted) { mode = wanted == 7 ? 2 : wanted + 1; }
static NOINLINE int scaled(int x) { return mode == 2 ? x * 5 : x; }

PROGRAM(call_constant_propagation) {
    unsigned checked = 0;
    uint8_t bytes[40];
    int8_t values[20];
    for (int i = 0; i < 40; i++)
        bytes[i] = (uint8_t)opaque_int(i * 29 + 3);
    for (int i = 0; i < 20; i++)
        values[i] = (int8_t)opaque_int(i * 31 % 64 - 32);

    for (int a = -9; a < 10; a += 2)
        for (int b = 0; b < 9; b++) {
            int x = opaque_int(a), y = opaque_int(b), power = 1;
            for (int i = 0; i < b; i++)
                power = power * a % 97;
            CHECK(apply(ADD, x, y, 97) == (a + b) % 97 && apply(SUBTRACT, x, y, 97) == (a - b) % 97);
            CHECK(apply(POWER, x, y, 97) == power && apply(MULTIPLY, x, 3, 97) == a * 3 % 97);
            CHECK(apply((enum operation)opaque_int(MODULO), x, y, 97) == (b ? a % b : a));
            CHECK(apply(MODULO, 100, y, 1000) == (b ? 100 % b : 100) && apply(POWER, 2, y, 1000) == 1 << b);
            checked++;
        }
    unsigned (*const indirect)(const uint8_t *, unsigned, unsigned) = opaque_int(0) ? stepped_xor : stepped_sum;
    for (unsigned count = 0; count <= 40; count += 5) {
        unsigned fours = 0, sevens = 0, mixed = 0, ones = 0, last = 0, hash = 17, hash_threes = 9;
        for (unsigned i = 0; i < count; i++) {
            fours = i % 4 == 0 ? fours * 3 + bytes[i] : fours;
            mixed = i % 4 == 0 ? mixed * 3 ^ bytes[i] : mixed;
            sevens = i % 7 == 0 ? sevens * 3 + bytes[i] : sevens;
            ones = ones * 3 + bytes[i];
            last = i;
            checked++;
        }
        CHECK(stepped_sum(bytes, opaque_unsigned(count), 4) == fours && stepped_xor(bytes, count, 4) == mixed);
        CHECK(indirect(bytes, count, 7) == sevens && indirect(bytes, count, 1) == ones && (count == 0 || last == count - 1));
        for (unsigned i = count / 4; i > 0; i--)
            hash = hash * 31 + bytes[(i - 1) * 4];
        for (unsigned i = count / 3; i > 0; i--)
            hash_threes = hash_threes * 31 + bytes[(i - 1) * 3];
        CHECK(recursive_hash(bytes, count, 17, 4) == hash && recursive_hash(bytes, opaque_unsigned(count), 9, 3) == hash_threes);
        checked++;
    }
    for (int x = -20; x < 20; x++) {
        int o = opaque_int(x), three = always_three(o), either = three_or_five(o);
        CHECK(three == 3 && three * o == 3 * x && (either == 3 || either == 5) && either == 3 + (x & 4) / 2);
        CHECK(below_sixteen((unsigned)o) < 16 && below_sixteen((unsigned)x) == (unsigned)((uint32_t)x * 2654435761u) / 268435456);
        CHECK(sign_of(o) * o >= 0 && sign_of(o) * sign_of(o) == (x != 0) && sign_of(-o) == -sign_of(o));
        unsigned index = (unsigned)o;
        CHECK(lookup(cubes, index, -1) == (x >= 0 && x < 8 ? x * x * x : -1));
        CHECK(lookup(primes, index & 7, 0) % 2 == ((x & 7) != 0) && lookup(primes, 9, three) == 3);
        set_mode(x & 1 ? 7 : 1);
        CHECK(scaled(o) == 5 * x && mode == 2);
        checked++;
    }
    int sum = 0, low = 127, high = -128;
    for (int i = 0; i < 20; i++) {
        sum += values[i];
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
        checked++;
    }
    CHECK(fold(values, 20, 0, plus) == sum && fold(values, 20, 5, minus) == 5 - sum);
    CHECK(fold(values, 20, 127, least) == low && fold(values, 20, -128, greatest) == high);
    CHECK(fold(values, 10, fold(values + 10, 10, 0, plus), opaque_int(1) ? plus : least) == sum);
    /* No loop was left out. */
    CHECK(checked == 339);
}
