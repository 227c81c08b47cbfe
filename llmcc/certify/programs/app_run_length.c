/* Three run-length codecs, of literal and repeat packets, of counted pairs in a bit map, and of nibble runs with an
 * escape, on rows of an image: round trips, streaming in small pieces, broken input, and lengths told in advance. */
#include "certify.h"

enum { ROW = 150, ROOM = 2 * ROW + 4 };

/* A packet is n < 128: n + 1 literals follow, or n >= 128: the next byte is repeated n - 126 times. */
static unsigned pack(const uint8_t *from, unsigned size, uint8_t *to) {
    unsigned at = 0, out = 0;
    while (at < size) {
        unsigned run = 1, literals;
        while (at + run < size && run < 129 && from[at + run] == from[at]) run++;
        if (run >= 2) {
            to[out++] = (uint8_t)(run + 126);
            to[out++] = from[at];
            at += run;
            continue;
        }
        for (literals = 1; at + literals < size && literals < 128; literals++)
            if (at + literals + 1 < size && from[at + literals] == from[at + literals + 1]) break;
        to[out++] = (uint8_t)(literals - 1);
        while (literals-- > 0) to[out++] = from[at++];
    }
    return out;
}

/* The decoder keeps its state between pieces of input. */
struct unpacker {
    unsigned left, repeat, started, written;
};

static int unpack_feed(struct unpacker *u, const uint8_t *from, unsigned size, uint8_t *to, unsigned room) {
    for (; size > 0; size--, from++) {
        if (!u->started) {
            u->repeat = *from >= 128;
            u->left = u->repeat ? *from - 126U : *from + 1U;
            u->started = 1;
            continue;
        }
        if (u->written + (u->repeat ? u->left : 1) > room) return -1;
        do
            to[u->written++] = *from;
        while (--u->left > 0 && u->repeat);
        u->started = u->left > 0;
    }
    return u->started;
}

/* Runs of ones and zeros of the bit at `plane`, each as a byte; a run over 254 is cut with an empty one between. */
static unsigned pack_plane(const uint8_t *from, unsigned size, int plane, uint8_t *to) {
    unsigned out = 0, run = 0, now = 0;
    for (unsigned i = 0; i < size * 2; i++) {
        unsigned bit = from[i / 2] >> (i % 2 ? plane : plane ^ 4) & 1;
        if (bit != now || run == 254) {
            to[out++] = (uint8_t)run;
            if (bit == now) to[out++] = 0;
            run = 0;
            now = bit;
        }
        run++;
    }
    to[out++] = (uint8_t)run;
    return out;
}

static unsigned unpack_plane(const uint8_t *from, unsigned length, int plane, uint8_t *to) {
    unsigned place = 0;
    for (unsigned i = 0; i < length; i++)
        for (unsigned run = from[i]; run > 0; run--, place++)
            to[place / 2] = (uint8_t)(to[place / 2] | (i & 1) << (place % 2 ? plane : plane ^ 4));
    return place;
}

/* Nibbles: 15 escapes, then count - 4 and the value; an own 15 is written as a run of at least one. */
static unsigned pack_nibbles(const uint8_t *from, unsigned size, uint8_t *to) {
    unsigned out = 0, total = size * 2;
    __builtin_memset(to, 0, ROOM);
#define NIBBLE(array, i) (array[(i) / 2] >> ((i) % 2 ? 0 : 4) & 15)
#define EMIT(value) (to[out / 2] = (uint8_t)(to[out / 2] | (value) << (out % 2 ? 0 : 4)), out++)
    for (unsigned at = 0, run; at < total; at += run) {
        unsigned value = NIBBLE(from, at);
        for (run = 1; run < 16 && at + run < total && NIBBLE(from, at + run) == value;) run++;
        if (run < 4 && value != 15) {
            run = 1;
            EMIT(value);
        } else {
            EMIT(15U);
            EMIT(run - 1);
            EMIT(value);
        }
    }
    return out;
}

static unsigned unpack_nibbles(const uint8_t *from, unsigned count, uint8_t *to) {
    unsigned out = 0;
    for (unsigned at = 0; at < count; at++) {
        unsigned value = NIBBLE(from, at), run = 1;
        if (value == 15) {
            run = NIBBLE(from, at + 1) + 1U;
            value = NIBBLE(from, at + 2);
            at += 2;
        }
        while (run-- > 0) EMIT(value);
    }
    return out;
}

static unsigned changes(const uint8_t *row, unsigned size, int plane) {
    unsigned count = 0, last = 0;
    for (unsigned i = 0; i < 2 * size; i++) {
        unsigned bit = (i % 2 ? row[i / 2] % 16U : row[i / 2] / 16U) / (1U << plane) % 2;
        count += bit != last;
        last = bit;
    }
    return count;
}

PROGRAM(app_run_length) {
    static uint8_t row[ROW], coded[ROOM], back[ROW + 1];
    uint32_t state = opaque_unsigned(99), sum = 0;
    for (unsigned turn = 0; turn < 24; turn++) {
        unsigned size = turn < 3 ? turn : ROW - turn * turn % 60, run = 0, value = 0;
        for (unsigned i = 0; i < size; i++) {
            state = state * 1103515245 + 12345;
            if (run-- == 0) {
                run = turn % 4 == 3 ? 400 : (state >> 16) % (1 + turn % 7 * 4);
                value = state >> 24 & (turn % 2 ? 255 : 0xf3);
            }
            row[i] = (uint8_t)value;
        }
        back[size] = 0xa5;
        unsigned length = pack(row, size, coded);
        for (unsigned piece = 1; piece < 40; piece += 6) {
            struct unpacker u = {0, 0, 0, 0};
            for (unsigned at = 0; at < length; at += piece)
                CHECK(unpack_feed(&u, coded + at, length - at < piece ? length - at : piece, back, size) >= 0);
            CHECK(u.written == size && !u.started && __builtin_memcmp(row, back, size) == 0 && back[size] == 0xa5);
        }
        struct unpacker u = {0, 0, 0, 0}, v = {0, 0, 0, 0};
        CHECK(size == 0 || unpack_feed(&u, coded, length - 1, back, size) == 1);
        CHECK(size == 0 || unpack_feed(&v, coded, length, back, size - 1) == -1);
        CHECK(length <= size + size / 3 + 1);
        for (unsigned i = 0; i < length; i++) sum = (sum << 7 | sum >> 25) + coded[i];
        __builtin_memset(back, 0, size);
        for (int plane = 0; plane < 4; plane++) {
            length = pack_plane(row, size, plane, coded);
            CHECK(length >= changes(row, size, plane) + 1 && unpack_plane(coded, length, plane, back) == size * 2);
            CHECK(size > 127 || length == changes(row, size, plane) + 1);
        }
        CHECK(__builtin_memcmp(row, back, size) == 0);
        length = pack_nibbles(row, size, coded);
        sum ^= length << 8;
        __builtin_memset(back, 0, size);
        CHECK(unpack_nibbles(coded, length, back) == size * 2 && __builtin_memcmp(row, back, size) == 0);
    }
    CHECK(sum == 1137492537);
}
