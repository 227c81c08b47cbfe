/* Dense switches over constants: tables of values, linear ramps, single-bit answers, strided and power-of-two cases,
 * holes, and two values merged from one switch. */
#include "certify.h"

static const volatile int irregular_table[11] = {17, -4, 90000, 3, -70001, 255, 256, 12, -128, 127, 0};
static const volatile uint8_t byte_table[8] = {9, 200, 0, 255, 31, 128, 127, 64};

static NOINLINE int irregular(unsigned index) {
    switch (index) {
    case 0: return 17;
    case 1: return -4;
    case 2: return 90000;
    case 3: return 3;
    case 4: return -70001;
    case 5: return 255;
    case 6: return 256;
    case 7: return 12;
    case 8: return -128;
    case 9: return 127;
    case 10: return 0;
    default: return -1;
    }
}

static int ramp(int index) {
    switch (index) {
    case -2: return -34;
    case -1: return -27;
    case 0: return -20;
    case 1: return -13;
    case 2: return -6;
    case 3: return 1;
    case 4: return 8;
    default: return 999;
    }
}

static int falling_ramp(int index) {
    switch (index) {
    case 3: return -300;
    case 4: return -400;
    case 5: return -500;
    case 6: return -600;
    case 7: return -700;
    case 8: return -800;
    default: return 0;
    }
}

static unsigned is_member(unsigned index) {
    switch (index) {
    case 1: case 2: case 3: case 5: case 8: case 13: case 21: return 1;
    default: return 0;
    }
}

static uint8_t packed_byte(uint8_t index) {
    uint8_t value = 77;
    switch (index) {
    case 100: value = 9; break;
    case 101: value = 200; break;
    case 102: value = 0; break;
    case 103: value = 255; break;
    case 104: value = 31; break;
    case 105: value = 128; break;
    case 106: value = 127; break;
    case 107: value = 64; break;
    }
    return value;
}

static int strided(unsigned key) {
    switch (key) {
    case 24: return 5;
    case 28: return 4;
    case 32: return 11;
    case 36: return 2;
    case 44: return 8;
    case 48: return -8;
    default: return 1;
    }
}

static int bit_position(unsigned key) {
    switch (key) {
    case 1u: return 70;
    case 2u: return 61;
    case 4u: return 52;
    case 8u: return 43;
    case 16u: return 34;
    case 0x40000000u: return 25;
    case 0x80000000u: return 16;
    default: return -2;
    }
}

/* Holes take the default, which is not a constant, and both results meet after the switch. */
static void two_results(int index, int32_t *low, int64_t *high) {
    int32_t first;
    int64_t second;
    switch (index) {
    case 10: first = 4; second = INT64_C(1) << 40; break;
    case 11: first = -4; second = INT64_C(3) << 40; break;
    case 13: first = 400; second = -(INT64_C(5) << 40); break;
    case 14: first = -400; second = 7; break;
    case 16: first = 40000; second = INT64_MIN; break;
    default: first = index / 2; second = -(int64_t)index; break;
    }
    *low = first;
    *high = second;
}

PROGRAM(switch_dense_values) {
    static const int extremes[] = {INT_MIN, INT_MIN + 1, INT_MIN + 10, INT_MAX - 1, INT_MAX, 0x10000, 0x100, -256, -300};
    for (int step = -40; step < 60; step++) {
        int index = opaque_int(step);
        CHECK(irregular((unsigned)index) == (index >= 0 && index <= 10 ? irregular_table[index] : -1));
        CHECK(ramp(index) == (index >= -2 && index <= 4 ? index * 7 - 20 : 999));
        CHECK(falling_ramp(index) == (index >= 3 && index <= 8 ? index * -100 : 0));
        int multiple = index >= 24 && index <= 48 && index % 4 == 0 && index != 40;
        CHECK(multiple == (strided((unsigned)index) != 1));
        int32_t low;
        int64_t high;
        two_results(index, &low, &high);
        if (index == 10 || index == 11) {
            CHECK(low == (index == 10 ? 4 : -4) && high >> 40 == (index - 10) * 2 + 1);
        } else if (index == 13 || index == 14 || index == 16) {
            CHECK(low == (index == 13 ? 400 : index == 14 ? -400 : 40000));
            CHECK(high == (index == 13 ? INT64_C(-5497558138880) : index == 14 ? 7 : INT64_MIN));
        } else {
            CHECK(low == index / 2 && high == -(int64_t)index);
        }
    }
    unsigned previous = 1, current = 2, members = 0;
    for (unsigned index = 0; index < 300; index++) {
        unsigned expected = index < 22 && (index == 1 || index == current);
        CHECK(is_member(opaque_unsigned(index)) == expected);
        if (index == current) {
            current += previous;
            previous = index;
        }
        members += is_member(index);
        uint8_t byte = (uint8_t)opaque_unsigned(index);
        CHECK(packed_byte(byte) == (byte >= 100 && byte < 108 ? byte_table[byte - 100] : 77));
    }
    CHECK(members == 7);
    CHECK(strided(24) + strided(28) * 10 + strided(32) * 100 + strided(36) * 1000 + strided(44) * 10000 == 82000 + 1100 + 45);
    CHECK(strided(opaque_unsigned(48)) == -8 && strided(opaque_unsigned(0x80000018u)) == 1 && strided(opaque_unsigned(25)) == 1);
    for (unsigned bit = 0; bit < 32; bit++) {
        int expected = bit < 5 ? 70 - 9 * (int)bit : bit >= 30 ? 25 - 9 * (int)(bit - 30) : -2;
        CHECK(bit_position(opaque_unsigned(1u << bit)) == expected);
        CHECK(bit < 1 || bit_position(opaque_unsigned((1u << bit) | 1u)) == -2);
    }
    CHECK(bit_position(opaque_unsigned(0)) == -2);
    for (unsigned which = 0; which < sizeof extremes / sizeof *extremes; which++) {
        int index = opaque_int(extremes[which]);
        CHECK(irregular((unsigned)index) == -1 && ramp(index) == 999 && falling_ramp(index) == 0 && is_member((unsigned)index) == 0);
    }
}
