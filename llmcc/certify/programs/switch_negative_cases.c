/* Negative cases: narrow signed types, switched expressions that shift or flip the range, signed remainders, the same
 * constants read as unsigned, and a default in the middle. */
#include "certify.h"

static int narrow_signed(int8_t value) {
    switch (value) {
    case -128: return 1;
    case -127: return 2;
    case -2: return 3;
    case -1: return 4;
    default: return 0;
    case 1: return 5;
    case 126: return 6;
    case 127: return 7;
    }
}

/* The same cases as an unsigned byte sees them. */
static int narrow_unsigned(uint8_t value) {
    switch (value) {
    case 0x80: return 1;
    case 0x81: return 2;
    case 0xFE: return 3;
    case 0xFF: return 4;
    default: return 0;
    case 0x01: return 5;
    case 0x7E: return 6;
    case 0x7F: return 7;
    }
}

static NOINLINE int around_zero(int value) {
    switch (value) {
    case -4: return 40;
    case -3: return 31;
    case -2: return 22;
    case -1: return 13;
    case 0: return 0;
    case 1: return -13;
    case 2: return -22;
    case 3: return -31;
    case 4: return -40;
    default: return 1;
    }
}

static int shifted(int64_t value) {
    switch (value - 6) {
    case -9: return 'p';
    case -8: return 'q';
    default: return '-';
    case -7: return 'r';
    case -6: return 's';
    case -5: return 't';
    }
}

static int flipped(int value) {
    switch (~value) {
    case -1: return 100;
    case -2: return 101;
    case -3: return 102;
    case -10: return 109;
    case 0: return 99;
    case 1: return 98;
    default: return 1;
    }
}

static int remainder_class(int value) {
    switch (value % 5) {
    case -4: return 10;
    case -3: return 20;
    case -2: return 30;
    case -1: return 40;
    case 0: return 50;
    case 1: return 60;
    case 2: return 70;
    case 3: return 80;
    case 4: return 90;
    }
    return -1;
}

static int top_nibble(int32_t value) {
    int result;
    switch (value >> 28) {
    case -8: result = 3; break;
    case -7: result = 1; break;
    case -5: result = 4; break;
    case -1: result = 1; break;
    default: result = 5; break;
    case 0: result = 9; break;
    case 2: result = 2; break;
    case 7: result = 6; break;
    }
    return result * 2 + (value < 0);
}

static int as_unsigned(unsigned value) {
    switch (value) {
    case (unsigned)-1: return -1;
    case (unsigned)-2: return -2;
    case (unsigned)-3: return -3;
    case (unsigned)-4: return -4;
    case (unsigned)INT_MIN: return INT_MIN;
    default: return (int)(value & 0x7FFFFFFFu);
    }
}

PROGRAM(switch_negative_cases) {
    static const volatile signed char interesting[] = {-128, -127, -2, -1, 1, 126, 127};
    for (int value = -300; value < 300; value++) {
        int wrapped = ((value + 128) % 256 + 256) % 256 - 128, expected = 0;
        for (int which = 0; which < 7; which++)
            if (interesting[which] == wrapped)
                expected = which + 1;
        CHECK(narrow_signed((int8_t)opaque_int(value)) == expected);
        CHECK(narrow_unsigned((uint8_t)opaque_int(value)) == expected);

        int magnitude = value < 0 ? -value : value;
        int step = magnitude > 4 ? 1 : magnitude == 0 ? 0 : magnitude * 9 + 4;
        CHECK(around_zero(opaque_int(value)) == (magnitude > 4 || value < 0 ? step : -step));
        CHECK(around_zero(opaque_int(-value)) == (magnitude > 4 || value > 0 ? step : -step));

        CHECK(shifted(opaque_int(value)) == (value >= -3 && value <= 1 ? 'p' + value + 3 : '-'));
        CHECK(flipped(opaque_int(value)) == (value == 0 || value == 1 || value == 2 || value == 9 || value == -1 || value == -2 ? 100 + value : 1));
        CHECK(remainder_class(opaque_int(value)) == (value - value / 5 * 5 + 5) * 10);
        CHECK(as_unsigned((unsigned)opaque_int(value)) == (value >= -4 ? value : INT_MAX + value + 1));
    }
    /* Only the low byte decides: what is above it must be cut off first. */
    for (int high = -3; high <= 3; high++) {
        CHECK(narrow_signed((int8_t)opaque_int(high * 256 + 127)) == 7 && narrow_unsigned((uint8_t)opaque_int(high * 256 - 2)) == 3);
        CHECK(narrow_signed((int8_t)opaque_int(high * 256 - 128)) == 1 && narrow_unsigned((uint8_t)opaque_int(high * 256)) == 0);
        CHECK(shifted(opaque_int64(high * INT64_C(0x100000000))) == (high == 0 ? 's' : '-'));
        CHECK(shifted(opaque_int64(high * INT64_C(0x100000000) - 3)) == (high == 0 ? 'p' : '-'));
    }
    static const volatile uint8_t nibbles[16] = {9, 5, 2, 5, 5, 5, 5, 6, 3, 1, 5, 4, 5, 5, 5, 1};
    for (unsigned nibble = 0; nibble < 16; nibble++)
        for (uint32_t low = 0; low < 0x10000000u; low += 0x03FFFFFFu)
            CHECK(top_nibble((int32_t)opaque_unsigned(nibble << 28 | low)) == nibbles[nibble] * 2 + (int)(nibble >> 3));
    CHECK(around_zero(INT_MIN) == 1 && around_zero(opaque_int(INT_MIN + 4)) == 1 && around_zero(opaque_int(INT_MAX)) == 1);
    CHECK(remainder_class(opaque_int(INT_MIN)) == 20 && remainder_class(INT_MAX) == 70 && flipped(opaque_int(INT_MAX)) == 1);
    CHECK(as_unsigned(opaque_unsigned(0x80000000u)) == INT_MIN && as_unsigned(opaque_unsigned(0x80000001u)) == 1);
}
