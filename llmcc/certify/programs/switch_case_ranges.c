/* Switches over ranges of values: neighbouring ranges with different targets, ranges that reach the ends of the type,
 * full coverage without a default, and sets of values that are tested as bits. */
#include "certify.h"

enum kind { KIND_CONTROL, KIND_BLANK, KIND_DIGIT, KIND_UPPER, KIND_LOWER, KIND_PUNCTUATION, KIND_HIGH, KIND_COUNT };

static enum kind classify(uint8_t code) {
    switch (code) {
    case 0 ... 8: case 14 ... 31: case 127: return KIND_CONTROL;
    case 9 ... 13: case 32: return KIND_BLANK;
    case 48 ... 57: return KIND_DIGIT;
    case 65 ... 90: return KIND_UPPER;
    case 97 ... 122: return KIND_LOWER;
    case 33 ... 47: case 58 ... 64: case 91 ... 96: case 123 ... 126: return KIND_PUNCTUATION;
    case 128 ... 255: return KIND_HIGH;
    }
    return KIND_COUNT;
}

static enum kind classify_by_bounds(uint8_t code) {
    static const volatile uint8_t last[] = {8, 13, 31, 32, 47, 57, 64, 90, 96, 122, 126, 127, 255};
    static const volatile uint8_t kinds[] = {KIND_CONTROL, KIND_BLANK, KIND_CONTROL, KIND_BLANK, KIND_PUNCTUATION, KIND_DIGIT,
                                             KIND_PUNCTUATION, KIND_UPPER, KIND_PUNCTUATION, KIND_LOWER, KIND_PUNCTUATION,
                                             KIND_CONTROL, KIND_HIGH};
    unsigned range = 0;
    while (code > last[range])
        range++;
    return (enum kind)kinds[range];
}

static NOINLINE int grade(int32_t points) {
    int bonus = 0;
    switch (points) {
    case INT32_MIN ... -1001: return -3;
    case -1000 ... -1: bonus = 1; break;
    case 0: return 0;
    case 1 ... 49: bonus = 2; break;
    case 50: bonus = 9; break;
    case 51 ... 99: bonus = 3; break;
    case 100 ... 65535: bonus = 4; break;
    case 65536 ... INT32_MAX - 1: return 5;
    case INT32_MAX: return 6;
    }
    return bonus * 1000 + points % 1000;
}

static int grade_by_tests(int32_t points) {
    if (points <= 0)
        return points < -1000 ? -3 : points == 0 ? 0 : 1000 + points % 1000;
    if (points > 65535)
        return points - 1 < INT32_MAX - 1 ? 5 : 6;
    return (points > 99 ? 4 : points > 50 ? 3 : points == 50 ? 9 : 2) * 1000 + points % 1000;
}

/* Four interleaved sets in one word of bits, and the same sets again 64 further, where a word no longer holds them. */
static unsigned bit_set(unsigned value) {
    switch (value) {
    case 3: case 6: case 9: case 12: case 18: case 21: case 24: case 27: return 3;
    case 5: case 10: case 20: case 25: return 5;
    case 15: case 30: return 15;
    case 7: case 14: case 28: return 7;
    case 67: case 70: case 73: case 76: case 82: case 85: case 88: case 91: return 3;
    case 69: case 74: case 84: case 89: return 5;
    case 79: case 94: return 15;
    case 71: case 78: case 92: return 7;
    default: return 1;
    }
}

static unsigned bit_set_by_division(unsigned value) {
    if (value >= 64)
        value -= 64;
    if (value == 0 || value > 30)
        return 1;
    unsigned product = (value % 3 == 0 ? 3 : 1) * (value % 5 == 0 ? 5 : 1);
    if (product != 1)
        return product;
    return value % 7 == 0 ? 7 : 1;
}

static int16_t fold_range(int16_t value) {
    switch (value) {
    case -32768 ... -257: value = (int16_t)(value / 256); break;
    case -256 ... 255: break;
    case 256 ... 32767: value = (int16_t)(value & 255); break;
    }
    return value;
}

PROGRAM(switch_case_ranges) {
    unsigned histogram[KIND_COUNT] = {0};
    for (unsigned code = 0; code < 256; code++) {
        enum kind kind = classify((uint8_t)opaque_unsigned(code));
        CHECK(kind < KIND_COUNT);
        CHECK(kind == classify_by_bounds((uint8_t)code));
        histogram[kind]++;
    }
    static const unsigned sizes[KIND_COUNT] = {28, 6, 10, 26, 26, 32, 128};
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        CHECK(histogram[kind] == sizes[kind]);
    static const int32_t edges[] = {INT32_MIN, -1001, -1000, -1, 0, 1, 49, 50, 51, 99, 100, 65535, 65536, INT32_MAX - 1, INT32_MAX};
    for (unsigned edge = 0; edge < sizeof edges / sizeof *edges; edge++) {
        for (int32_t distance = -3; distance <= 3; distance++) {
            int64_t wide = (int64_t)edges[edge] + distance;
            if (wide < INT32_MIN || wide > INT32_MAX)
                continue;
            CHECK(grade(opaque_int((int)wide)) == grade_by_tests((int32_t)wide));
        }
    }
    CHECK(grade(-1001) == -3 && grade(-1000) == 1000 && grade(-1) == 999 && grade(49) == 2049 && grade(65535) == 4535 && grade(INT32_MAX) == 6);
    unsigned sum = 0;
    for (unsigned value = 0; value < 160; value++) {
        CHECK(bit_set(opaque_unsigned(value)) == bit_set_by_division(value));
        sum += bit_set(value);
    }
    CHECK(sum == 160 + 2 * (8 * 2 + 4 * 4 + 2 * 14 + 3 * 6));
    CHECK(bit_set(opaque_unsigned(0x80000003u)) == 1 && bit_set(opaque_unsigned(35)) == 1 && bit_set(opaque_unsigned(3 + 128)) == 1);
    for (int value = -32768; value < 32768; value += 127) {
        int folded = fold_range((int16_t)opaque_int(value));
        int expected = value < -256 ? -(-value / 256) : value < 256 ? value : value % 256;
        CHECK(folded == expected);
    }
}
