/* Loops that look like memset, memcpy and memmove: with overlaps of every small distance in both directions, patterns
 * wider than a byte, fills that run into each other, and copies that are none because the source changes. */
#include "certify.h"

enum { SIZE = 72 };
static uint8_t bytes[SIZE];
static volatile uint8_t model[SIZE];
static uint32_t words[SIZE / 4];

static void reset(void) {
    for (unsigned index = 0; index < SIZE; index++)
        model[index] = bytes[index] = (uint8_t)(index * 5u + 1u);
}

static void compare(void) {
    for (unsigned index = 0; index < SIZE; index++)
        CHECK(bytes[index] == model[index]);
}

static NOINLINE void copy_up(uint8_t *to, const uint8_t *from, unsigned count) {
    for (unsigned index = 0; index < count; index++)
        to[index] = from[index];
}

static NOINLINE void copy_down(uint8_t *to, const uint8_t *from, unsigned count) {
    for (unsigned index = count; index-- > 0;)
        to[index] = from[index];
}

static NOINLINE void copy_apart(uint8_t *restrict to, const uint8_t *restrict from, unsigned count) {
    while (count-- > 0)
        *to++ = *from++;
}

/* Overlapping by a distance that is a constant, in one array. */
static NOINLINE void spread_first(uint8_t *at, unsigned count) {
    for (unsigned index = 1; index < count; index++)
        at[index] = at[index - 1];
}

static NOINLINE void spread_pairs(uint8_t *at, unsigned count) {
    for (unsigned index = 2; index < count; index++)
        at[index] = at[index - 2];
}

static NOINLINE void shift_left(uint8_t *at, unsigned count) {
    for (unsigned index = 0; index + 1 < count; index++)
        at[index] = at[index + 1];
}

static NOINLINE void fill(uint8_t *at, unsigned count, uint8_t value) {
    for (unsigned index = 0; index < count; index++)
        at[index] = value;
}

static NOINLINE void fill_words(uint32_t *at, unsigned count, uint32_t value) {
    for (unsigned index = 0; index < count; index++)
        at[index] = value;
}

/* Minus one and zero are the patterns of a single byte; the third is not. */
static NOINLINE void three_fills(uint32_t *at, unsigned count) {
    for (unsigned index = 0; index < count; index++)
        at[index] = 0xFFFFFFFFu;
    for (unsigned index = 0; index < count / 2; index++)
        at[index] = 0;
    for (unsigned index = 0; index < count / 4; index++)
        at[index] = 0x01020304u;
}

/* The value that fills is one of the elements filled. */
static NOINLINE void fill_from_inside(uint8_t *at, unsigned count, unsigned place) {
    for (unsigned index = 0; index < count; index++)
        at[index] = (uint8_t)(at[place] + (index == place));
}

/* Two fills of one loop that meet: the later store of each byte is the one that stays. */
static NOINLINE void two_stores(uint8_t *at, unsigned count) {
    for (unsigned index = 0; index < count; index++) {
        at[index] = 0x11;
        at[index + 1] = 0x22;
    }
}

struct record {
    uint8_t head, body[3];
};

static NOINLINE void clear_bodies(struct record *records, unsigned count) {
    for (unsigned index = 0; index < count; index++)
        for (unsigned part = 0; part < 3; part++)
            records[index].body[part] = 0;
}

PROGRAM(loop_memory_idioms) {
    for (int distance = -9; distance <= 9; distance++)
        for (unsigned count = 0; count < 50; count += 1 + count / 3) {
            uint8_t *to = bytes + 10 + opaque_int(distance);
            reset();
            copy_up(to, bytes + 10, opaque_unsigned(count));
            for (unsigned index = 0; index < count; index++)
                model[10 + (int)index + distance] = model[10 + index];
            compare();
            reset();
            copy_down(to, bytes + 10, opaque_unsigned(count));
            for (int index = (int)count - 1; index >= 0; index--)
                model[10 + index + distance] = model[10 + index];
            compare();
        }
    for (unsigned count = 0; count <= SIZE - 1; count += 1 + count / 4) {
        unsigned trips = opaque_unsigned(count);
        reset();
        spread_first(bytes, trips);
        for (unsigned index = 0; index < count; index++)
            model[index] = 1;
        compare();
        spread_pairs(bytes + 1, trips);
        for (unsigned index = 3; index <= count; index++)
            model[index] = model[1 + (index + 1) % 2];
        compare();
        reset();
        shift_left(bytes, trips);
        for (unsigned index = 0; index + 1 < count; index++)
            CHECK(bytes[index] == index * 5 + 6 - (index >= 50) * 256);
        reset();
        fill(bytes + 1, trips, (uint8_t)opaque_unsigned(count + 200));
        for (unsigned index = 1; index <= count; index++)
            model[index] = (uint8_t)(count + 200);
        compare();
        reset();
        two_stores(bytes, trips);
        for (unsigned index = 0; index <= count && count > 0; index++)
            model[index] = index < count ? 0x11 : 0x22;
        compare();
        reset();
        copy_apart(bytes, bytes + SIZE / 2, trips / 2);
        for (unsigned index = 0; index < count / 2; index++)
            model[index] = model[index + SIZE / 2];
        compare();
        for (unsigned place = 0; place < SIZE; place += 5) {
            reset();
            fill_from_inside(bytes, trips, opaque_unsigned(place));
            uint8_t value = model[place];
            for (unsigned index = 0; index < count; index++)
                model[index] = (uint8_t)(value + (index >= place));
            compare();
        }
        unsigned records = count / 4;
        reset();
        clear_bodies((struct record *)(void *)bytes, opaque_unsigned(records));
        for (unsigned index = 0; index < records * 4; index++)
            if (index % 4 != 0)
                model[index] = 0;
        compare();
    }
    for (unsigned count = 0; count <= SIZE / 4; count++) {
        fill_words(words, SIZE / 4, 5);
        fill_words(words, opaque_unsigned(count), opaque_unsigned(0xAABBCCDDu));
        for (unsigned index = 0; index < SIZE / 4; index++)
            CHECK(words[index] == (index < count ? 0xAABBCCDDu : 5u));
        three_fills(words, opaque_unsigned(count));
        for (unsigned index = 0; index < SIZE / 4; index++)
            CHECK(words[index] == (index < count / 4 ? 0x01020304u : index < count / 2 ? 0u : index < count ? 0xFFFFFFFFu : 5u));
    }
}
