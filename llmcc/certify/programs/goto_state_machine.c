/* State machines whose next state is a label in a variable: a decoder of framed bytes that can stop anywhere and go on
 * later, against a decoder that sees the whole input, and a walk through labels chosen by conditions. */
#include "certify.h"

enum { IDLE, LENGTH, PAYLOAD, CHECKSUM };

struct decoder {
    unsigned at, wanted, received, sum;
    unsigned frames, broken, noise;
    uint32_t digest;
};

/* Labels do not outlive a call, so that a number goes beside the label and is kept between calls. */
static NOINLINE void feed(struct decoder *decoder, const uint8_t *bytes, unsigned count) {
    static const void *const labels[] = {&&idle, &&length, &&payload, &&checksum};
    unsigned at = decoder->at;
    const void *next = labels[at];
    const uint8_t *end = bytes + count;
    uint8_t byte;
read:
    if (bytes == end) {
        decoder->at = at;
        return;
    }
    byte = *bytes++;
    goto *next;
idle:
    if (byte != 0x7E) {
        decoder->noise++;
        goto read;
    }
    next = &&length;
    at = LENGTH;
    goto read;
length:
    decoder->wanted = byte & 7u;
    decoder->received = 0;
    decoder->sum = byte;
    decoder->broken += byte > 0x3F;
    next = byte > 0x3F ? &&idle : decoder->wanted ? &&payload : &&checksum;
    at = byte > 0x3F ? IDLE : decoder->wanted ? PAYLOAD : CHECKSUM;
    goto read;
payload:
    decoder->sum = (decoder->sum * 3 + byte) & 0xFFu;
    decoder->digest = decoder->digest * 33u + byte;
    if (++decoder->received == decoder->wanted) {
        next = &&checksum;
        at = CHECKSUM;
    }
    goto read;
checksum:
    next = &&idle;
    at = IDLE;
    if (byte == decoder->sum) {
        decoder->frames++;
        goto read;
    }
    decoder->broken++;
    if (byte == 0x7E)
        next = labels[at = LENGTH];
    goto read;
}

static struct decoder whole(const volatile uint8_t *bytes, unsigned count) {
    struct decoder decoder = {0, 0, 0, 0, 0, 0, 0, 0};
    unsigned index = 0;
    while (index < count) {
        if (bytes[index++] != 0x7E) {
            decoder.noise++;
            continue;
        }
        int again;
        do {
            again = 0;
            if (index >= count)
                break;
            unsigned head = bytes[index++], sum = head;
            decoder.broken += head >= 0x40;
            if (head >= 0x40)
                break;
            for (unsigned left = head % 8; left > 0 && index < count; left--, index++) {
                sum = (sum * 3 + bytes[index]) % 256;
                decoder.digest = decoder.digest * 33u + bytes[index];
            }
            if (index < count) {
                unsigned last = bytes[index++];
                decoder.frames += last == sum;
                decoder.broken += last != sum;
                again = last != sum && last == 0x7E;
            }
        } while (again);
    }
    return decoder;
}

/* Three labels and two variables that hold them; each step swaps or replaces one. */
static unsigned wander(unsigned steps, uint32_t choices, unsigned *visits) {
    const void *now = &&red, *later = &&green;
    const void *kept;
    unsigned path = 0;
    goto *now;
red:
    path = path * 3;
    visits[0]++;
    now = choices & 1 ? later : &&blue;
    goto tick;
green:
    path = path * 3 + 1;
    visits[1]++;
    kept = now;
    now = later;
    later = choices & 1 ? &&red : kept;
    goto tick;
blue:
    path = path * 3 + 2;
    visits[2]++;
    later = choices & 1 ? &&blue : &&green;
    now = choices & 2 ? &&red : &&green;
tick:
    choices = choices >> 1 | choices << 31;
    if (steps-- > 1)
        goto *now;
    return path;
}

static unsigned wander_plain(unsigned steps, uint32_t choices, unsigned *visits) {
    volatile int now = 0, later = 1;
    unsigned path = 0;
    do {
        int here = now, odd = choices & 1, second = choices >> 1 & 1;
        path = path * 3 + (unsigned)here;
        visits[here]++;
        int follow = here == 0 ? (odd ? later : 2) : here == 1 ? later : !second;
        later = here == 0 ? later : here == 1 ? (odd ? 0 : 1) : odd ? 2 : 1;
        now = follow;
        choices = choices >> 1 | choices << 31;
    } while (--steps);
    return path;
}

PROGRAM(goto_state_machine) {
    static uint8_t bytes[420];
    uint32_t random = 5;
    for (unsigned index = 0; index < 420;) {
        random = random * 1664525u + 1013904223u;
        unsigned kind = random >> 29, size = random >> 20 & 7, sum = size;
        if (index > 400 || kind == 0) {
            bytes[index++] = (uint8_t)(random >> 8);
            continue;
        }
        bytes[index++] = 0x7E;
        bytes[index++] = (uint8_t)(kind == 1 ? size + 0x3D : size);
        for (unsigned left = size; left > 0; left--) {
            random = random * 1664525u + 1013904223u;
            bytes[index] = (uint8_t)(random >> 24);
            sum = (sum * 3 + bytes[index++]) & 0xFF;
        }
        bytes[index++] = (uint8_t)(kind == 2 ? 0x7E : kind == 3 ? sum + 1 : sum);
    }
    struct decoder expected = whole(bytes, 420);
    CHECK(expected.frames > 20 && expected.broken > 10 && expected.noise > 20);
    for (unsigned chunk = 1; chunk < 24; chunk++) {
        struct decoder decoder = {0, 0, 0, 0, 0, 0, 0, 0};
        for (unsigned index = 0; index < 420; index += chunk)
            feed(&decoder, bytes + index, opaque_unsigned(index + chunk > 420 ? 420 - index : chunk));
        CHECK(decoder.frames == expected.frames && decoder.broken == expected.broken);
        CHECK(decoder.noise == expected.noise && decoder.digest == expected.digest);
    }
    for (unsigned steps = 1; steps < 60; steps++) {
        unsigned first[3] = {0, 0, 0}, second[3] = {0, 0, 0};
        random = random * 1664525u + 1013904223u;
        CHECK(wander(opaque_unsigned(steps), random, first) == wander_plain(steps, random, second));
        CHECK(first[0] == second[0] && first[1] == second[1] && first[2] == second[2]);
    }
}
