/* A serial protocol: frames with start and end marks, escaping, sequence numbers, a checksum, and a link that loses, doubles
 * and damages bytes; the byte-wise state machine against a decoder of whole buffers, and delivery with repeats in order. */
#include "certify.h"

enum { START = 0x5b, END = 0x5d, ESCAPE = 0x5c, FLIP = 0x2a, LONGEST = 20, WIRE = 2 * LONGEST + 16 };
enum state { IDLE, HEADER, LENGTH, PAYLOAD, SUM_HIGH, SUM_LOW, CLOSE };

/* Two running sums, the second weighs each byte by its place. */
static uint16_t checksum(uint16_t sum, uint8_t byte) {
    unsigned low = ((sum & 255) + byte + 1) % 251, high = ((sum >> 8) + low) % 251;
    return (uint16_t)(high << 8 | low);
}

static unsigned escaped(uint8_t *to, unsigned at, uint8_t byte) {
    if (byte == START || byte == END || byte == ESCAPE)
        to[at++] = ESCAPE, byte ^= FLIP;
    to[at++] = byte;
    return at;
}

static unsigned encode(uint8_t header, const uint8_t *payload, unsigned length, uint8_t *to) {
    uint16_t sum = checksum(checksum(0x1234, header), (uint8_t)length);
    unsigned at = 0;
    to[at++] = START;
    at = escaped(to, at, header);
    at = escaped(to, at, (uint8_t)length);
    for (unsigned i = 0; i < length; i++)
        sum = checksum(sum, payload[i]), at = escaped(to, at, payload[i]);
    at = escaped(to, at, (uint8_t)(sum >> 8));
    at = escaped(to, at, (uint8_t)sum);
    to[at++] = END;
    return at;
}

struct receiver {
    enum state state;
    uint16_t sum, wanted;
    uint8_t header, length, got, escape, payload[LONGEST];
    unsigned good, bad;
};

/* One byte; tells whether it completed a frame. */
static int receive(struct receiver *r, uint8_t byte) {
    if (byte == START) {
        r->bad += r->state != IDLE;
        r->state = HEADER, r->sum = 0x1234, r->got = r->escape = 0;
        return 0;
    }
    if (r->state == IDLE) return 0;
    if (byte == ESCAPE && !r->escape) {
        r->escape = 1;
        return 0;
    }
    if (byte == END || byte == ESCAPE) {
        int complete = byte == END && r->state == CLOSE && !r->escape && r->sum == r->wanted;
        r->state = IDLE;
        r->good += (unsigned)complete, r->bad += (unsigned)!complete;
        return complete;
    }
    if (r->escape) byte ^= FLIP, r->escape = 0;
    switch (r->state) {
    case HEADER: r->header = byte, r->state = LENGTH, r->sum = checksum(r->sum, byte); break;
    case LENGTH:
        r->length = byte, r->sum = checksum(r->sum, byte);
        r->state = byte > LONGEST ? CLOSE : byte ? PAYLOAD : SUM_HIGH;
        r->wanted = (uint16_t)~r->sum;
        break;
    case PAYLOAD:
        r->payload[r->got++] = byte, r->sum = checksum(r->sum, byte);
        if (r->got == r->length) r->state = SUM_HIGH;
        break;
    case SUM_HIGH: r->wanted = (uint16_t)(byte << 8), r->state = SUM_LOW; break;
    case SUM_LOW: r->wanted |= byte, r->state = CLOSE; break;
    case CLOSE: r->wanted = (uint16_t)~r->sum; break;
    case IDLE: break;
    }
    return 0;
}

/* The last frame of a buffer: finds its ends, takes the escapes out, checks what is left. Gives the length or -1. */
static int decode(const uint8_t *wire, int size, uint8_t *header, uint8_t *payload) {
    uint8_t plain[2 * WIRE];
    int end = size - 1, start, length = 0;
    for (start = end; start >= 0 && wire[start] != START; start--)
        if (wire[start] == END && start < end) return -1;
    if (start < 0 || wire[end] != END) return -1;
    for (int i = start + 1; i < end; i++) {
        int escape = wire[i] == ESCAPE;
        i += escape;
        if (i == end || wire[i] == ESCAPE) return -1;
        plain[length++] = escape ? wire[i] ^ FLIP : wire[i];
    }
    if (length < 4 || plain[1] > LONGEST || plain[1] + 4 != length) return -1;
    unsigned low = 0x34, high = 0x12;
    for (int i = 0; i < length - 2; i++)
        low += plain[i] + 1U, low -= low >= 251 ? low >= 502 ? 502 : 251 : 0, high += low, high -= high >= 251 ? 251 : 0;
    if (plain[length - 2] != high || plain[length - 1] != low) return -1;
    *header = plain[0];
    __builtin_memcpy(payload, plain + 2, plain[1]);
    return plain[1];
}

static uint32_t random_state;

static unsigned draw(unsigned range) {
    random_state = random_state * 69069 + 362437;
    return (random_state >> 15) % range;
}

/* Sends over the bad link; gives what arrives. */
static unsigned disturb(const uint8_t *from, unsigned size, uint8_t *to, unsigned trouble) {
    unsigned at = 0;
    for (unsigned i = 0; i < size; i++) {
        unsigned luck = draw(100);
        if (luck < trouble) continue;
        to[at++] = luck < 2 * trouble ? (uint8_t)(from[i] ^ 1U << draw(8)) : from[i];
        if (luck >= 100 - trouble) to[at++] = from[i];
    }
    return at;
}

PROGRAM(app_protocol) {
    static const uint8_t likely[8] = {START, END, ESCAPE, START ^ FLIP, END ^ FLIP, ESCAPE ^ FLIP, 0, 255};
    uint8_t payload[LONGEST], wire[WIRE], arrived[2 * WIRE], unpacked[LONGEST], header = 0;
    struct receiver r = {IDLE, 0, 0, 0, 0, 0, 0, {0}, 0, 0};
    unsigned frames = 0, tries = 0, sum = 0;
    random_state = opaque_unsigned(10);
    while (frames < 90) {
        unsigned length = draw(LONGEST + 1), trouble = frames / 30, done = 0;
        for (unsigned i = 0; i < length; i++) payload[i] = draw(2) ? likely[draw(8)] : (uint8_t)draw(256);
        for (unsigned attempt = 0; !done; attempt++, tries++) {
            CHECK(attempt < 60);
            unsigned size = encode((uint8_t)frames, payload, length, wire);
            CHECK(size >= length + 6 && size <= 2 * (length + 4) + 2);
            unsigned came = disturb(wire, size, arrived, trouble);
            for (unsigned i = 0; i < came; i++) {
                unsigned fresh = r.state == IDLE;
                int complete = receive(&r, arrived[i]);
                if (arrived[i] != END || fresh) continue;
                int whole = decode(arrived, (int)i + 1, &header, unpacked);
                CHECK(complete == (whole >= 0) && r.state == IDLE);
                if (!complete) continue;
                CHECK(r.header == header && r.length == whole && __builtin_memcmp(r.payload, unpacked, r.length) == 0);
                /* What passes the checksum must be what was sent. */
                CHECK(header == (uint8_t)frames && r.length == length && __builtin_memcmp(unpacked, payload, length) == 0);
                done = 1;
            }
            CHECK(trouble || done);
            r.state = IDLE;
            sum = sum * 13 + came + r.bad * 3;
        }
        frames++;
    }
    CHECK(r.good >= frames && r.bad > 30 && tries > frames + 30);
    CHECK(sum == 915746594);
}
