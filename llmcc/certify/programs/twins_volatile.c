/* Functions and regions that are equal but for a volatile access: polls of a register that a callee moves, a value
 * written twice, a read between two writes, a volatile local, volatile through a qualified pointer. */
#include "certify.h"

struct port {
    volatile uint32_t control;
    uint32_t shadow;
    volatile uint8_t data[8];
    uint8_t copy[8];
};

static volatile uint32_t status;
static uint32_t plain_status;
static unsigned ticks;

/* The device: every call moves both registers the same way. */
static NOINLINE void tick(void) {
    ticks++;
    status = status * 5 + 3;
    plain_status = plain_status * 5 + 3;
}

#define POLL(name, word, mask)                                    \
    static NOINLINE int name(int limit) {                         \
        int spins = 0;                                            \
        while (!(word & (mask))) {                                \
            if (++spins > limit)                                  \
                return -1;                                        \
            tick();                                               \
        }                                                         \
        uint32_t seen = word, again = word;                       \
        return spins * 2 + (seen == again);                       \
    }
POLL(poll_volatile, status, 0x40)
POLL(poll_plain, plain_status, 0x40)
POLL(poll_other_bit, status, 0x400)

#define COMMAND(name, word)                                       \
    static uint32_t name(struct port *port, uint32_t bits) {      \
        port->word = bits;                                        \
        port->word |= 0x100;                                      \
        uint32_t half = port->word;                               \
        if (half & 1)                                             \
            port->word ^= 0x30;                                   \
        port->word = (port->word << 1) + half;                    \
        return half - port->word;                                 \
    }
COMMAND(command_control, control)
COMMAND(command_shadow, shadow)

#define TRANSFER(name, bytes)                                     \
    static NOINLINE unsigned name(struct port *port, int turn) {  \
        unsigned sum = 0;                                         \
        for (int i = 0; i < 8; i++)                               \
            port->bytes[i] = (uint8_t)(turn * i + 1);             \
        for (int i = 0; i < 8; i++)                               \
            port->bytes[7 - i] = port->bytes[i];                  \
        for (int i = 0; i < 8; i++)                               \
            sum = sum * 7 + port->bytes[i];                       \
        return sum;                                               \
    }
TRANSFER(transfer_data, data)
TRANSFER(transfer_copy, copy)

#define LOCAL(name, qualifier)                                    \
    static NOINLINE int64_t name(int64_t seed, int count) {       \
        qualifier int64_t kept = seed;                            \
        int64_t last = 0;                                         \
        for (int i = 0; i < count; i++) {                         \
            last = kept;                                          \
            kept = kept * 3 - i;                                  \
            if (kept > 1000000)                                   \
                kept -= 999983;                                   \
        }                                                         \
        return kept * 16 + (last & 15);                           \
    }
LOCAL(local_plain, )
LOCAL(local_volatile, volatile)

static void through(volatile uint32_t *word, uint32_t value) { *word = value, *word = *word + 1; }
static void past(uint32_t *word, uint32_t value) { *word = value, *word = *word + 1; }

/* One region five times; the second and the fourth go through the volatile register. */
static NOINLINE uint32_t regions(uint32_t x) {
    uint32_t sum = 0;
    plain_status = x;     x += plain_status >> 2; x ^= plain_status << 1; sum += x;
    status = x;           x += status >> 2;       x ^= status << 1;       sum += x;
    plain_status = x;     x += plain_status >> 2; x ^= plain_status << 1; sum += x;
    tick();
    status = x;           x += status >> 2;       x ^= status << 1;       sum += x;
    plain_status = x + 1; x += plain_status >> 2; x ^= plain_status << 1; sum += x;
    return sum;
}

static uint32_t regions_expected(uint32_t x) {
    uint32_t sum = 0;
    for (int turn = 0; turn < 5; turn++) {
        volatile uint32_t word = x + (turn == 4);
        x = (x + word / 4) ^ (word + word);
        sum += x;
    }
    return sum;
}

PROGRAM(twins_volatile) {
    for (unsigned start = 0; start < 60; start += 7) {
        uint32_t model = start;
        int spins = 0, other = 0;
        for (; !(model & 0x40); spins++)
            model = model * 5 + 3;
        for (model = start; !(model & 0x400); other++)
            model = model * 5 + 3;
        ticks = 0;
        status = plain_status = opaque_unsigned(start);
        CHECK(poll_volatile(40) == 2 * spins + 1 && ticks == (unsigned)spins);
        status = plain_status = opaque_unsigned(start);
        CHECK(poll_plain(40) == 2 * spins + 1 && ticks == 2 * (unsigned)spins);
        CHECK(status == plain_status);
        status = opaque_unsigned(start);
        CHECK(poll_other_bit(40) == 2 * other + 1 && status == model);
    }
    status = plain_status = 0;
    CHECK(poll_volatile(opaque_int(1)) == -1 && status == 3 && plain_status == 3);
    struct port port = {0, 0, {0}, {0}};
    for (uint32_t bits = 0; bits < 8; bits++) {
        uint32_t half = bits + 256, done = (bits % 2 ? half ^ 48 : half) * 2 + half;
        CHECK(command_control(&port, opaque_unsigned(bits)) == half - done && port.control == done);
        CHECK(command_shadow(&port, opaque_unsigned(bits)) == half - done && port.shadow == done);
        port.control = bits;
        CHECK(port.shadow == done);
    }
    for (int turn = -5; turn < 60; turn += 9) {
        unsigned sum = 0;
        for (int i = 0; i < 8; i++)
            sum = sum * 7 + (uint8_t)(turn * (i < 4 ? i : 7 - i) + 1);
        CHECK(transfer_data(&port, opaque_int(turn)) == sum);
        CHECK(transfer_copy(&port, opaque_int(turn)) == sum);
        CHECK(port.data[6] == port.copy[1] && port.data[5] == (uint8_t)(turn * 2 + 1));
        CHECK(local_plain(opaque_int(turn), 25) == local_volatile(opaque_int(turn), 25));
    }
    CHECK(local_volatile(opaque_int(2), 4) == 16 * 144 + 1 - 16 * 0);
    uint32_t word = 0, apart = opaque_unsigned(4);
    through(&word, apart * 5);
    past(&apart, word);
    CHECK(word == 21 && apart == 22);
    for (uint32_t x = 1; x < 3000000000U; x = x * 3 + 1) {
        CHECK(regions(opaque_unsigned(x)) == regions_expected(x));
        if (x > 1431655764) break;
    }
}
