/* Switches on 64-bit values: cases equal in one half, dense runs far from zero and across the 32-bit boundary, and
 * narrow switches whose value has junk above it. */
#include "certify.h"

#define COUNT 12
static const volatile uint64_t wide_keys[COUNT] = {
    0, 1, UINT64_C(0x100000000), UINT64_C(0x100000001), UINT64_C(0x8000000000000000), UINT64_C(0x8000000000000001),
    UINT64_C(0xFFFFFFFF), UINT64_C(0xFFFFFFFFFFFFFFFF), UINT64_C(0xFFFFFFFF00000000), UINT64_C(0x0123456789ABCDEF),
    UINT64_C(0x0123456689ABCDEF), UINT64_C(0x0123456789ABCDEE)};

static NOINLINE int halves(uint64_t key) {
    switch (key) {
    case UINT64_C(0x0123456789ABCDEE): return 11;
    case UINT64_C(0x0123456689ABCDEF): return 10;
    case UINT64_C(0x0123456789ABCDEF): return 9;
    case UINT64_C(0xFFFFFFFF00000000): return 8;
    case UINT64_C(0xFFFFFFFFFFFFFFFF): return 7;
    case UINT64_C(0xFFFFFFFF): return 6;
    case UINT64_C(0x8000000000000001): return 5;
    case UINT64_C(0x8000000000000000): return 4;
    case UINT64_C(0x100000001): return 3;
    case UINT64_C(0x100000000): return 2;
    case 1: return 1;
    case 0: return 0;
    default: return -1;
    }
}

/* A dense run that starts below 2^32 and ends above it. */
static int64_t across(int64_t value, int64_t other) {
    switch (value) {
    case INT64_C(0xFFFFFFFC): return other + 1;
    case INT64_C(0xFFFFFFFD): return other - 1;
    case INT64_C(0xFFFFFFFE): return other * 2;
    case INT64_C(0xFFFFFFFF): return other / 2;
    case INT64_C(0x100000000): return -other;
    case INT64_C(0x100000001): return other ^ value;
    case INT64_C(0x100000002): return other & value;
    case INT64_C(0x100000003): return other | value;
    default: return other;
    }
}

static int64_t across_by_steps(int64_t value, int64_t other) {
    int64_t step = value - INT64_C(0xFFFFFFFC);
    if (step < 0 || step > 7)
        return other;
    if (step < 2)
        return other + 1 - 2 * step;
    if (step == 2)
        return other + other;
    if (step == 3)
        return (other - other % 2) / 2;
    if (step == 4)
        return 0 - other;
    int64_t both = other & value;
    return step == 5 ? other + value - 2 * both : step == 6 ? both : other + value - both;
}

static uint64_t table_of_wide(int64_t month) {
    switch (month) {
    case INT64_MIN + 0: return UINT64_C(0x1F00000000000001);
    case INT64_MIN + 1: return UINT64_C(0x1C00000000000002);
    case INT64_MIN + 2: return UINT64_C(0x1F00000000000003);
    case INT64_MIN + 3: return UINT64_C(0x1E00000000000004);
    case INT64_MIN + 4: return UINT64_C(0x1F00000000000005);
    case INT64_MIN + 5: return UINT64_C(0x1E00000000000006);
    case INT64_MIN + 6: return UINT64_C(0x1F00000000000007);
    case INT64_MAX: return UINT64_C(0x1F0000000000000C);
    default: return 0;
    }
}

static unsigned low_byte(uint64_t value) {
    switch ((uint8_t)value) {
    case 0x10: return 1;
    case 0x11: return 2;
    case 0x12: return 3;
    case 0xF0: return 4;
    default: return 0;
    }
}

static unsigned third_half_word(uint64_t value) {
    switch ((uint16_t)(value >> 32)) {
    case 0xFFFE: return 7;
    case 0xFFFF: return 8;
    case 0x0000: return 9;
    case 0x0001: return 10;
    default: return 6;
    }
}

static int wide_rank(uint64_t key) {
    int rank = -1;
    for (int which = 0; which < COUNT; which++)
        if (wide_keys[which] == key)
            rank = which;
    return rank;
}

PROGRAM(switch_wide_cases) {
    for (int which = 0; which < COUNT; which++) {
        uint64_t key = wide_keys[which];
        CHECK(halves(key) == which);
        for (int bit = 0; bit < 64; bit++) {
            uint64_t changed = opaque_uint64(key ^ UINT64_C(1) << bit);
            CHECK(halves(changed) == wide_rank(changed));
        }
        CHECK(halves(opaque_uint64(key + 1)) == wide_rank(key + 1) && halves(opaque_uint64(key - 1)) == wide_rank(key - 1));
        uint64_t swapped = key << 32 | key >> 32;
        CHECK(halves(opaque_uint64(swapped)) == wide_rank(swapped));
    }
    for (int64_t value = INT64_C(0xFFFFFFF8); value < INT64_C(0x100000008); value++)
        for (int64_t other = -INT64_C(5000000000); other < INT64_C(9000000000); other += INT64_C(1999999973)) {
            CHECK(across(opaque_int64(value), other) == across_by_steps(value, other));
            CHECK(across(opaque_int64(value - INT64_C(0x100000000)), other) == other);
            CHECK(across(opaque_int64((int32_t)(uint32_t)value), other) == other);
        }
    for (int offset = -4; offset < 12; offset++) {
        /* Goes round from the least value to the greatest. */
        uint64_t found = table_of_wide((int64_t)opaque_uint64(UINT64_C(0x8000000000000000) + (uint64_t)(int64_t)offset));
        uint64_t expected = 0;
        if (offset == -1)
            expected = UINT64_C(0x1F0000000000000C);
        else if (offset >= 0 && offset < 7)
            expected = (UINT64_C(31) - (offset == 1 ? 3 : offset == 3 || offset == 5)) << 56 | (uint64_t)(offset + 1);
        CHECK(found == expected);
        CHECK(table_of_wide(opaque_int(offset)) == 0);
    }
    for (unsigned value = 0; value < 512; value++) {
        uint64_t junk = (uint64_t)value * UINT64_C(0x9E3779B97F4A7C15) << 8;
        unsigned byte = value & 255;
        CHECK(low_byte(opaque_uint64(junk | byte)) == (byte >= 0x10 && byte <= 0x12 ? byte - 0xF : byte == 0xF0 ? 4 : 0));
        uint64_t around = ((uint64_t)value - 256) << 32;
        unsigned expected = value == 256 ? 9 : value == 257 ? 10 : value == 255 ? 8 : value == 254 ? 7 : 6;
        CHECK(third_half_word(opaque_uint64(around | (junk >> 32))) == expected);
        CHECK(third_half_word(opaque_uint64(around ^ UINT64_C(0xABCD000000000000))) == expected);
    }
}
