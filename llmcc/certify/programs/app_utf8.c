/* UTF-8 encoder, strict decoder, streaming decoder: every length, all limits, every kind of
 * malformed text, and samples through the whole range against the definition by value. */
#include "certify.h"

enum { BAD = 0xfffd };

static unsigned encode(uint32_t code, uint8_t *to) {
    if (code < 0x80) {
        to[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (uint8_t)(0xc0 | code >> 6);
        to[1] = (uint8_t)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        if (code >= 0xd800 && code < 0xe000) return 0;
        to[0] = (uint8_t)(0xe0 | code >> 12);
        to[1] = (uint8_t)(0x80 | (code >> 6 & 63));
        to[2] = (uint8_t)(0x80 | (code & 63));
        return 3;
    }
    if (code > 0x10ffff) return 0;
    to[0] = (uint8_t)(0xf0 | code >> 18);
    to[1] = (uint8_t)(0x80 | (code >> 12 & 63));
    to[2] = (uint8_t)(0x80 | (code >> 6 & 63));
    to[3] = (uint8_t)(0x80 | (code & 63));
    return 4;
}

/* Gives the length, or 0 minus the number of bytes that one replacement stands for. */
static int decode(const uint8_t *at, unsigned size, uint32_t *code) {
    uint8_t first = at[0], low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    int more = (first >= 0xc2) + (first >= 0xe0) + (first >= 0xf0);
    *code = BAD;
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    if (more == 0 || first > 0xf4)
        return -1;
    uint32_t value = first & (0x3fU >> more);
    for (int i = 1; i <= more; i++) {
        if ((unsigned)i >= size || at[i] < low || at[i] > high)
            return -i;
        value = value << 6 | (at[i] & 63);
        low = 0x80, high = 0xbf;
    }
    *code = value;
    return more + 1;
}

/* The same by one state per kind of byte that must follow. */
struct stream {
    uint32_t value;
    uint8_t state;
};

static int stream_feed(struct stream *s, uint8_t byte, uint32_t out[2]) {
    static const uint8_t lows[] = {0, 0x80, 0x80, 0x80, 0xa0, 0x80, 0x90, 0x80}, highs[] = {0, 0xbf, 0xbf, 0xbf, 0xbf, 0x9f, 0xbf, 0x8f};
    static const uint8_t next[] = {0, 0, 1, 2, 1, 1, 2, 2};
    int given = 0;
    if (s->state) {
        if (byte >= lows[s->state] && byte <= highs[s->state]) {
            s->value = s->value * 64 + byte % 64;
            s->state = next[s->state];
            out[0] = s->value;
            return s->state == 0;
        }
        s->state = 0;
        out[given++] = BAD;
    }
    switch (byte >> 4) {
    case 0: case 1: case 2: case 3: case 4: case 5: case 6: case 7: out[given++] = byte; break;
    case 12: case 13:
        if (byte < 0xc2)
            out[given++] = BAD;
        else
            s->state = 1, s->value = byte % 32;
        break;
    case 14: s->state = byte == 0xe0 ? 4 : byte == 0xed ? 5 : 2, s->value = byte % 16; break;
    case 15:
        if (byte > 0xf4)
            out[given++] = BAD;
        else
            s->state = byte == 0xf0 ? 6 : byte == 0xf4 ? 7 : 3, s->value = byte % 8;
        break;
    default: out[given++] = BAD;
    }
    return given;
}

static void both_decoders(const uint8_t *text, unsigned size, uint32_t *sum) {
    struct stream s = {0, 0};
    uint32_t direct[24], streamed[26], pair[2];
    unsigned count = 0, given = 0;
    for (unsigned at = 0; at < size;) {
        int length = decode(text + at, size - at, &direct[count++]);
        at += (unsigned)(length < 0 ? -length : length);
    }
    for (unsigned i = 0; i < size; i++)
        for (int n = stream_feed(&s, text[i], pair), j = 0; j < n; j++)
            streamed[given++] = pair[j];
    if (s.state)
        streamed[given++] = BAD;
    CHECK(count == given);
    for (unsigned i = 0; i < count; i++) {
        CHECK(direct[i] == streamed[i]);
        *sum = *sum * 31 + direct[i];
    }
}

/* Both ends and the middle of each block of 1024. */
static uint32_t next_sample(uint32_t c) {
    uint32_t low = c % 0x400;
    return c < 0xa0 || low < 2 || low >= 0x3fe ? c + 1 : c - low + (low < 0x200 ? 0x200 : 0x3fe);
}

PROGRAM(app_utf8) {
    uint8_t bytes[24];
    uint32_t code, sum = 0, state = opaque_unsigned(1);
    for (uint32_t c = 0; c < 0x112000; c = next_sample(c)) {
        unsigned length = encode(opaque_unsigned(c), bytes);
        int surrogate = c / 0x800 == 27;
        CHECK(length == (c > 0x10ffff || surrogate ? 0 : 1U + (c > 127) + (c > 2047) + (c > 65535)));
        if (length == 0)
            continue;
        CHECK(decode(bytes, length, &code) == (int)length && code == c);
        uint32_t value = 0;
        for (unsigned i = 0; i < length; i++) {
            CHECK(i == 0 || bytes[i] / 64 == 2);
            value = value * 64 + bytes[i] % 64;
            CHECK(i == 0 || decode(bytes, i, &code) == -(int)i);
        }
        /* The mark of the length in the first byte, which the sum above has taken in. */
        CHECK(length == 1 ? bytes[0] == c : value == c + (length == 2 ? 0 : length == 3 ? 0x20000U : 0xc00000U));
    }
    static const uint8_t likely[16] = {0xe0, 0xed, 0xf0, 0xf4, 0xc1, 0xc2, 0xf5, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0x41, 0xef, 0xc0};
    for (unsigned turn = 0; turn < 320; turn++) {
        for (unsigned i = 0; i < sizeof bytes; i++) {
            state = state * 69069 + 5;
            bytes[i] = state >> 29 ? likely[state >> 24 & 15] : (uint8_t)(state >> 20);
        }
        bytes[0] = likely[turn & 15], bytes[1] = likely[turn >> 4 & 15];
        both_decoders(bytes, 1 + turn % 24, &sum);
    }
    CHECK(sum == 1053117632);
}
