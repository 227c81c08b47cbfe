/* Arms that fall through: a descending chain, a default in the middle that is entered, left and passed, a remainder
 * entered in the middle of a loop, and an accumulating parse of flags. */
#include "certify.h"

static unsigned descend(unsigned level, unsigned *trace) {
    unsigned weight = 0;
    switch (level) {
    case 6: weight += 64; *trace = *trace * 7 + 6; /* fall through */
    case 5: weight += 32; *trace = *trace * 7 + 5; /* fall through */
    case 4: weight += 16; *trace = *trace * 7 + 4; /* fall through */
    case 3: weight += 8; *trace = *trace * 7 + 3; /* fall through */
    case 2: weight += 4; *trace = *trace * 7 + 2; break;
    case 1: weight += 2; *trace = *trace * 7 + 1; /* fall through */
    case 0: weight += 1; /* fall through */
    default: *trace += 1000; break;
    }
    return weight;
}

static int64_t middle_default(int code, int64_t value) {
    switch (code) {
    case 4: value ^= 21; /* fall through */
    case 1: value += 100; /* fall through */
    default: value = value * 3 - 1; /* fall through */
    case 9: value -= 8; break;
    case 2: value = -value; break;
    case 3: value += 5; /* fall through */
    case 8: value *= 2; /* fall through */
    case -6: value ^= 1; break;
    }
    return value;
}

/* The same program as a list of steps: where a code enters, and how far it runs. */
static int64_t middle_default_steps(int code, int64_t value) {
    static const volatile signed char first[] = {2, 1, 4, 5, 0, 2, 2, 2, 6, 3};
    int step = code == -6 ? 7 : code >= 0 && code <= 9 ? first[code] : 2;
    for (;; step++) {
        if (step == 0) value ^= 21;
        if (step == 1) value += 100;
        if (step == 2) value = value + value + value - 1;
        if (step == 3) return value - 8;
        if (step == 4) return 0 - value;
        if (step == 5) value += 5;
        if (step == 6) value += value;
        if (step == 7) return value ^ 1;
    }
}

/* Copies in rounds of five; the first round is entered at the remainder. */
static uint16_t *copy_rounds(uint16_t *to, const uint16_t *from, unsigned count) {
    if (count == 0)
        return to;
    unsigned rounds = (count + 4) / 5;
    switch (count % 5) {
    case 0:
        do {
            *to++ = *from++; /* fall through */
    case 4: *to++ = *from++; /* fall through */
    case 3: *to++ = *from++; /* fall through */
    case 2: *to++ = *from++; /* fall through */
    case 1: *to++ = *from++;
        } while (--rounds);
    }
    return to;
}

static uint32_t tail_bytes(const uint8_t *bytes, unsigned count) {
    uint32_t hash = 0x811C9DC5u + count;
    for (; count >= 4; count -= 4, bytes += 4)
        hash = (hash ^ ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24)) * 0x01000193u;
    uint32_t rest = 0;
    switch (count) {
    case 3: rest ^= (uint32_t)bytes[2] << 16; /* fall through */
    case 2: rest ^= (uint32_t)bytes[1] << 8; /* fall through */
    case 1: rest ^= bytes[0];
            hash = (hash ^ rest) * 0x01000193u;
    }
    return hash;
}

static uint32_t tail_bytes_plain(const volatile uint8_t *bytes, unsigned count) {
    uint32_t hash = 0x811C9DC5u + count, word = 0;
    for (unsigned index = 0; index < count; index++) {
        word |= (uint32_t)bytes[index] << index % 4 * 8;
        if (index % 4 == 3 || index + 1 == count) {
            hash = (hash ^ word) * 0x01000193u;
            word = 0;
        }
    }
    return hash;
}

PROGRAM(switch_fall_through) {
    static const unsigned weights[] = {1, 3, 4, 12, 28, 60, 124, 0, 0};
    for (unsigned level = 0; level < 9; level++) {
        unsigned trace = 0, expected = 0;
        CHECK(descend(opaque_unsigned(level), &trace) == weights[level]);
        for (unsigned passed = level; level < 7 && passed >= (level < 2 ? 1u : 2u) && passed <= level; passed--)
            expected = expected * 7 + passed;
        CHECK(trace == expected + (level < 2 || level > 6 ? 1000u : 0u));
    }
    for (int code = -10; code < 20; code++)
        for (int value = -3; value < 40; value += 7) {
            CHECK(middle_default(opaque_int(code), value) == middle_default_steps(code, value));
            CHECK(middle_default(code, value) == middle_default_steps(code, value));
        }
    CHECK(middle_default(4, 1) == ((21 ^ 1) + 100) * 3 - 9 && middle_default(77, 10) == 21 && middle_default(3, 2) == 15);
    uint16_t from[40], to[48];
    for (unsigned index = 0; index < 40; index++)
        from[index] = (uint16_t)(index * 2749u + 77u);
    for (unsigned count = 0; count < 33; count++) {
        for (unsigned index = 0; index < 48; index++)
            to[index] = 0xBEEF;
        uint16_t *end = copy_rounds(to + 3, from, opaque_unsigned(count));
        CHECK(end == to + 3 + count);
        for (unsigned index = 0; index < 48; index++)
            CHECK(to[index] == (index >= 3 && index < 3 + count ? from[index - 3] : 0xBEEF));
        /* One element further into itself: the first element spreads. */
        for (unsigned index = 0; index < 48; index++)
            to[index] = (uint16_t)(index + 1);
        copy_rounds(to + 1, to, count);
        for (unsigned index = 0; index < 48; index++)
            CHECK(to[index] == (index <= count ? 1 : index + 1));
    }
    uint8_t bytes[24];
    for (unsigned index = 0; index < 24; index++)
        bytes[index] = (uint8_t)(index * 37u + 200u);
    for (unsigned count = 0; count <= 24; count++)
        CHECK(tail_bytes(bytes, opaque_unsigned(count)) == tail_bytes_plain(bytes, count));
}
