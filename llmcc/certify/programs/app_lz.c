/* A compressor of matches and literals with a bit reader and writer: round trips of many kinds of data, every match
 * checked against the text, and a naive parser that must come to the same tokens as the one with hash chains. */
#include "certify.h"

enum { LIMIT = 480, MINIMUM = 3, MAXIMUM = 34, WINDOW = 255, NONE = 0xffff };

struct bits {
    uint8_t *bytes;
    unsigned capacity, at;
    uint32_t pending;
    int count, failed;
};

static void put_bits(struct bits *b, unsigned value, int width) {
    b->pending |= (uint32_t)value << b->count;
    b->count += width;
    while (b->count >= 8) {
        if (b->at < b->capacity)
            b->bytes[b->at++] = (uint8_t)b->pending;
        else
            b->failed = 1;
        b->pending >>= 8;
        b->count -= 8;
    }
}

static unsigned get_bits(struct bits *b, int width) {
    while (b->count < width) {
        if (b->at == b->capacity)
            b->failed = 1;
        else
            b->pending |= (uint32_t)b->bytes[b->at++] << b->count;
        b->count += 8;
    }
    unsigned value = b->pending & ((1U << width) - 1);
    b->pending >>= width;
    b->count -= width;
    return value;
}

static uint16_t heads[64], links[LIMIT];

static unsigned hash(const uint8_t *p) { return (p[0] * 33U ^ p[1] * 5U ^ p[2]) & 63; }

static unsigned match_length(const uint8_t *text, unsigned a, unsigned b, unsigned size) {
    unsigned length = 0;
    while (length < MAXIMUM && b + length < size && text[a + length] == text[b + length]) length++;
    return length;
}

/* Both give the longest match, the nearest of equals, as distance * 64 + length. */
static unsigned find_chained(const uint8_t *text, unsigned at, unsigned size) {
    unsigned best = 0;
    if (at + MINIMUM > size) return 0;
    for (unsigned from = heads[hash(text + at)]; from != NONE && at - from <= WINDOW; from = links[from]) {
        unsigned length = match_length(text, from, at, size);
        if (length >= MINIMUM && length > best % 64) best = (at - from) * 64 + length;
        if (length == MAXIMUM) break;
    }
    return best;
}

static unsigned find_naive(const uint8_t *text, unsigned at, unsigned size) {
    unsigned best = 0;
    for (unsigned distance = 1; distance <= WINDOW && distance <= at; distance++) {
        unsigned length = match_length(text, at - distance, at, size);
        if (length >= MINIMUM && length > best % 64) best = distance * 64 + length;
    }
    return best;
}

static void enter(const uint8_t *text, unsigned at, unsigned size) {
    if (at + MINIMUM > size) return;
    unsigned h = hash(text + at);
    links[at] = heads[h];
    heads[h] = (uint16_t)at;
}

static unsigned compress(const uint8_t *text, unsigned size, uint8_t *to, unsigned room, int lazy) {
    struct bits out = {to, room, 0, 0, 0, 0};
    __builtin_memset(heads, 0xff, sizeof heads);
    put_bits(&out, size, 10);
    for (unsigned at = 0; at < size;) {
        unsigned match = find_chained(text, at, size), length = match % 64;
        CHECK(lazy || match == find_naive(text, at, size));
        enter(text, at, size);
        /* A longer match one further on is worth a literal here. */
        if (lazy && length && find_chained(text, at + 1, size) % 64 > length + 1) length = 0;
        put_bits(&out, length != 0, 1);
        if (!length) {
            put_bits(&out, text[at++], 8);
            continue;
        }
        put_bits(&out, match / 64, 8);
        put_bits(&out, length - MINIMUM, 5);
        for (unsigned end = at + length; ++at < end;) enter(text, at, size);
    }
    put_bits(&out, 0, 7);
    return out.failed ? 0 : out.at;
}

static int expand(const uint8_t *from, unsigned length, uint8_t *text, unsigned room) {
    struct bits in = {(uint8_t *)(uintptr_t)from, length, 0, 0, 0, 0};
    unsigned size = get_bits(&in, 10), at = 0;
    if (size > room) return -1;
    while (at < size && !in.failed) {
        if (!get_bits(&in, 1)) {
            text[at++] = (uint8_t)get_bits(&in, 8);
            continue;
        }
        unsigned distance = get_bits(&in, 8), count = get_bits(&in, 5) + MINIMUM;
        if (distance == 0 || distance > at || at + count > size) return -2;
        /* Byte by byte: the match may reach into what it writes. */
        for (; count-- > 0; at++) text[at] = text[at - distance];
    }
    return in.failed ? -3 : (int)size;
}

static uint32_t state;
static unsigned draw(unsigned range) { return ((state = state * 214013 + 2531011) >> 16) % range; }

static unsigned generate(uint8_t *text, int kind) {
    unsigned size = kind == 0 ? 0 : 40 + draw(LIMIT - 40);
    for (unsigned i = 0; i < size; i++)
        switch (kind % 5) {
        case 1: text[i] = (uint8_t)draw(256); break;
        case 2: text[i] = 'z'; break;
        case 3: text[i] = (uint8_t)(i < 30 || draw(9) == 0 ? draw(4) + 'a' : text[i - 17 - draw(3)]); break;
        default: text[i] = (uint8_t)("the ring of the pool "[(i + i / 50) % 21]); break;
        }
    return size;
}

PROGRAM(app_lz) {
    static uint8_t text[LIMIT], packed[LIMIT * 9 / 8 + 8], back[LIMIT];
    uint32_t sum = 1;
    state = opaque_unsigned(11);
    for (int kind = 0; kind < 10; kind++) {
        unsigned size = generate(text, kind);
        for (int lazy = 0; lazy < 2; lazy++) {
            unsigned length = compress(text, size, packed, sizeof packed, lazy);
            CHECK(length >= 2 && length <= size * 9 / 8 + 3);
            for (unsigned i = 0; i < length; i++) sum = sum * 16777619 ^ packed[i];
            __builtin_memset(back, 1, sizeof back);
            CHECK(expand(packed, length, back, sizeof back) == (int)size);
            CHECK(__builtin_memcmp(text, back, size) == 0);
            CHECK(size == 0 || expand(packed, length / 2, back, sizeof back) < 0);
            CHECK(size == 0 || expand(packed, length, back, size - 1) == -1);
            CHECK(compress(text, size, back, length - 1, lazy) == 0);
        }
    }
    CHECK(sum == 7595526);
    static const uint8_t wrong[3] = {20, 4, 0};
    CHECK(expand(wrong, opaque_unsigned(3), back, sizeof back) == -2);
}
