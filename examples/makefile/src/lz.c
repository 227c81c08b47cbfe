#include "lz.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    MATCH_MIN = 4,
    LITERALS_MAX = 128,
    LENGTH_SHORT = 127, /* lengths from MATCH_MIN + this on need a number of their own */
    HASH_BITS = 13,
    WINDOW = 1 << 16,
    CHAIN_MAX = 48,  /* candidates looked at per position */
    GOOD_ENOUGH = 64 /* a match this long is taken without looking further */
};

static const char magic[4] = {'L', 'G', 'B', '1'};

struct packer {
    const unsigned char *bytes;
    size_t length;
    size_t *newest;   /* per hash: 1 + the last position with it */
    size_t *previous; /* per position modulo WINDOW: 1 + the one before with the same hash */
    size_t literals_from;
    struct text *out;
};

struct match {
    size_t length;
    size_t distance;
};

static uint32_t check_value(const unsigned char *bytes, size_t length)
{
    uint32_t low = 1, high = 0x1234567;
    for (size_t i = 0; i < length; i++) {
        low = (low << 5 | low >> 27) + bytes[i];
        high = (high ^ low) * 0x2c1b3c6du + 7;
    }
    return high ^ high >> 16;
}

static void add_number(struct text *out, size_t number)
{
    while (number >= 0x80) {
        text_add_char(out, (char)(number | 0x80));
        number >>= 7;
    }
    text_add_char(out, (char)number);
}

static size_t hash_at(const unsigned char *bytes)
{
    uint32_t four = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    return (four * 0x9e3779b1u) >> (32 - HASH_BITS);
}

static void remember(struct packer *packer, size_t at)
{
    if (at + MATCH_MIN > packer->length)
        return;
    size_t hash = hash_at(packer->bytes + at);
    packer->previous[at % WINDOW] = packer->newest[hash];
    packer->newest[hash] = at + 1;
}

static size_t common_length(const struct packer *packer, size_t a, size_t b)
{
    size_t start = b;
    while (b < packer->length && packer->bytes[a] == packer->bytes[b])
        a++, b++;
    return b - start;
}

static struct match longest_match(const struct packer *packer, size_t at)
{
    struct match best = {0, 0};
    if (at + MATCH_MIN > packer->length)
        return best;
    size_t candidate = packer->newest[hash_at(packer->bytes + at)];
    for (int tried = 0; candidate && tried < CHAIN_MAX; tried++) {
        size_t from = candidate - 1;
        if (at - from >= WINDOW)
            break;
        size_t length = common_length(packer, from, at);
        if (length > best.length)
            best = (struct match){length, at - from};
        if (length >= GOOD_ENOUGH)
            break;
        size_t next = packer->previous[from % WINDOW];
        if (next >= candidate)
            break; /* the ring has come round: that entry belongs to a newer position */
        candidate = next;
    }
    if (best.length < MATCH_MIN)
        best.length = 0;
    return best;
}

static void write_literals(struct packer *packer, size_t to)
{
    while (packer->literals_from < to) {
        size_t count = to - packer->literals_from;
        if (count > LITERALS_MAX)
            count = LITERALS_MAX;
        text_add_char(packer->out, (char)(count - 1));
        text_add(packer->out, packer->bytes + packer->literals_from, count);
        packer->literals_from += count;
    }
}

static void write_match(struct packer *packer, struct match match)
{
    size_t extra = match.length - MATCH_MIN;
    if (extra < LENGTH_SHORT) {
        text_add_char(packer->out, (char)(0x80 | extra));
    } else {
        text_add_char(packer->out, (char)0xff);
        add_number(packer->out, extra - LENGTH_SHORT);
    }
    add_number(packer->out, match.distance);
}

static void pack_steps(struct packer *packer)
{
    size_t at = 0;
    struct match match = longest_match(packer, 0);
    while (at < packer->length) {
        remember(packer, at);
        struct match later = {0, 0};
        if (match.length < GOOD_ENOUGH)
            later = longest_match(packer, at + 1);
        /* A longer match one byte on is worth a literal here. */
        if (!match.length || later.length > match.length + 1) {
            at++;
            match = later;
            continue;
        }
        write_literals(packer, at);
        write_match(packer, match);
        for (size_t i = 1; i < match.length; i++)
            remember(packer, at + i);
        at += match.length;
        packer->literals_from = at;
        match = longest_match(packer, at);
    }
    write_literals(packer, packer->length);
}

void lz_pack(struct text *out, const char *bytes, size_t length)
{
    struct packer packer = {.bytes = (const unsigned char *)bytes, .length = length, .out = out};
    text_add(out, magic, sizeof magic);
    add_number(out, length);
    add_number(out, check_value(packer.bytes, length));
    packer.newest = allocate(sizeof *packer.newest << HASH_BITS);
    packer.previous = allocate(sizeof *packer.previous * WINDOW);
    pack_steps(&packer);
    free(packer.newest);
    free(packer.previous);
}

struct unpacker {
    const unsigned char *bytes;
    size_t length;
    size_t at;
    size_t expected;
    struct text *out;
    struct fault *fault;
};

static bool broken(struct unpacker *unpacker, const char *what)
{
    fault_set(unpacker->fault, unpacker->at, "%s", what);
    return false;
}

static bool read_number(struct unpacker *unpacker, size_t *number)
{
    *number = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (unpacker->at == unpacker->length)
            return broken(unpacker, "the packed text is cut off");
        unsigned char byte = unpacker->bytes[unpacker->at++];
        *number |= (size_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return broken(unpacker, "a number is too long");
}

static bool unpack_literals(struct unpacker *unpacker, size_t count)
{
    if (count > unpacker->length - unpacker->at)
        return broken(unpacker, "the packed text is cut off");
    if (count > unpacker->expected - unpacker->out->length)
        return broken(unpacker, "more text than announced");
    text_add(unpacker->out, unpacker->bytes + unpacker->at, count);
    unpacker->at += count;
    return true;
}

static bool unpack_match(struct unpacker *unpacker, size_t count)
{
    size_t extra = 0, distance;
    if (count == LENGTH_SHORT && !read_number(unpacker, &extra))
        return false;
    if (!read_number(unpacker, &distance))
        return false;
    if (distance == 0 || distance > unpacker->out->length)
        return broken(unpacker, "a copy from before the start");
    count += MATCH_MIN;
    size_t room = unpacker->expected - unpacker->out->length;
    if (count > room || extra > room - count)
        return broken(unpacker, "more text than announced");
    /* byte by byte: a match may overlap what it makes */
    for (count += extra; count; count--)
        text_add_char(unpacker->out, unpacker->out->bytes[unpacker->out->length - distance]);
    return true;
}

bool lz_unpack(struct text *out, const char *bytes, size_t length, struct fault *fault)
{
    struct unpacker unpacker = {(const unsigned char *)bytes, length, 0, 0, out, fault};
    text_clear(out);
    if (length < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0)
        return broken(&unpacker, "this is no packed text");
    unpacker.at = sizeof magic;
    size_t check;
    if (!read_number(&unpacker, &unpacker.expected) || !read_number(&unpacker, &check))
        return false;
    while (out->length < unpacker.expected) {
        if (unpacker.at == length)
            return broken(&unpacker, "the packed text is cut off");
        unsigned char step = unpacker.bytes[unpacker.at++];
        if (!(step & 0x80 ? unpack_match(&unpacker, step & 0x7f) : unpack_literals(&unpacker, (size_t)step + 1)))
            return false;
    }
    if (unpacker.at < length)
        return broken(&unpacker, "something follows the packed text");
    if (check_value((const unsigned char *)out->bytes, out->length) != check)
        return broken(&unpacker, "the check value is wrong");
    return true;
}
