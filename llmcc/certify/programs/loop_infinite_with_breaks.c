/* Loops without a condition that end by break, return or goto, some from inside a switch or an inner loop, some after a
 * number of trips that only arithmetic knows; and loops that seem to have no effect but their end. */
#include "certify.h"

static unsigned collatz(uint32_t value, uint32_t *highest) {
    unsigned steps = 0;
    *highest = value;
    for (;;) {
        if (value == 1)
            break;
        value = value % 2 ? value * 3 + 1 : value / 2;
        if (value > *highest)
            *highest = value;
        steps++;
    }
    return steps;
}

static uint32_t root(uint32_t square) {
    uint32_t low = 0, high = 65536;
    while (1) {
        uint32_t middle = (low + high) / 2;
        if (middle == low)
            return low;
        if (middle * middle <= square)
            low = middle;
        else
            high = middle;
    }
}

/* The order of a number modulo a prime: never zero, so the loop ends. */
static NOINLINE unsigned order(uint32_t base, uint32_t prime) {
    uint32_t power = base;
    unsigned exponent = 1;
    do {
        if (power == 1)
            break;
        power = power * base % prime;
        exponent++;
    } while (1);
    return exponent;
}

/* Reads numbers of seven bits per byte; ends in four ways. */
static NOINLINE int decode(const uint8_t *bytes, unsigned count, uint32_t *value) {
    unsigned index = 0, shift = 0;
    *value = 0;
    for (;;) {
        if (index == count)
            return -1;
        uint8_t byte = bytes[index++];
        if (shift == 28 && byte > 15 && byte < 128)
            return -2;
        *value |= (uint32_t)(byte & 127) << shift;
        if (byte < 128)
            break;
        shift += 7;
        if (shift > 28)
            goto too_long;
    }
    return (int)index;
too_long:
    return -3;
}

static unsigned encode(uint8_t *bytes, uint32_t value) {
    unsigned length = 0;
    for (;; value >>= 7) {
        bytes[length] = (uint8_t)(value & 127);
        if (value >= 128)
            bytes[length++] |= 128;
        else
            return length + 1;
    }
}

/* A break in the switch ends the switch; only two of the cases end the loop. */
static NOINLINE int commands(const char *text, int *depth) {
    int level = 0, total = 0;
    *depth = 0;
    for (;;) {
        switch (*text++) {
        case '(':
            if (++level > *depth)
                *depth = level;
            break;
        case ')':
            if (--level < 0)
                return -1;
            break;
        case '+':
            total += level;
            continue;
        case '-':
            while (1) {
                if (*text != '-')
                    break;
                total -= 10;
                text++;
            }
            total -= level;
            break;
        case 0:
            return level ? -2 : total;
        default:
            goto done;
        }
        total += 100;
    }
done:
    return 1000000 + total;
}

/* Nothing but the end of the first loop can be seen of it. */
static unsigned silent(uint32_t seed, unsigned limit) {
    uint32_t state = seed;
    unsigned trips = 0;
    for (;;) {
        state = state * 5u + 3u;
        if (state >> 28 == 9)
            break;
    }
    for (;; trips++)
        if (trips == limit || (state = state * 5u + 3u) >> 31)
            return trips;
}

PROGRAM(loop_infinite_with_breaks) {
    uint32_t highest, value;
    CHECK(collatz(opaque_unsigned(27), &highest) == 111 && highest == 9232);
    CHECK(collatz(opaque_unsigned(1), &highest) == 0 && highest == 1 && collatz(97, &highest) == 118 && highest == 9232);
    CHECK(collatz(opaque_unsigned(1u << 31), &highest) == 31 && collatz(opaque_unsigned(703), &highest) == 170 && highest == 250504);
    for (uint32_t square = 0; square < 2000; square += 7) {
        uint32_t direct = 0;
        for (uint32_t odd = 1, left = square; left >= odd; left -= odd, odd += 2)
            direct++;
        CHECK(root(opaque_unsigned(square)) == direct);
    }
    CHECK(root(opaque_unsigned(UINT32_MAX)) == 65535 && root(65535u * 65535u) == 65535 && root(opaque_unsigned(65535u * 65535u - 1)) == 65534);
    static const uint8_t orders[] = {0, 1, 12, 3, 6, 4, 12, 12, 4, 3, 6, 12, 2};
    for (uint32_t base = 1; base < 13; base++)
        CHECK(order(opaque_unsigned(base), 13) == orders[base]);
    for (uint32_t base = 2; base < 60; base += 5)
        CHECK(58 % order(base, opaque_unsigned(59)) == 0);
    for (unsigned bit = 0; bit < 32; bit++)
        for (uint32_t other = 0; other < 3; other++) {
            uint8_t bytes[6];
            uint32_t number = opaque_unsigned((1u << bit) - other * (bit > 1));
            unsigned length = encode(bytes, number), significant = 1;
            for (uint32_t rest = number; rest >= 128; rest /= 128)
                significant++;
            CHECK(length == significant && decode(bytes, length, &value) == (int)length && value == number);
            CHECK(decode(bytes, length - 1, &value) == -1);
        }
    static const uint8_t broken[] = {0xFF, 0xFF, 0xFF, 0xFF, 0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01};
    CHECK(decode(broken, opaque_unsigned(5), &value) == -2 && decode(broken + 5, opaque_unsigned(6), &value) == -3 && value == 0);
    CHECK(decode(broken + 4, opaque_unsigned(1), &value) == 1 && value == 16);
    int depth;
    CHECK(commands((const char *)opaque_pointer("((+)+)"), &depth) == 403 && depth == 2);
    CHECK(commands((const char *)opaque_pointer("(---)-"), &depth) == 400 - 20 - 1 && depth == 1);
    CHECK(commands("())", &depth) == -1 && commands((const char *)opaque_pointer("(()"), &depth) == -2 && depth == 2);
    CHECK(commands((const char *)opaque_pointer("(+)x("), &depth) == 1000201 && commands("", &depth) == 0 && depth == 0);
    for (uint32_t seed = 0; seed < 40; seed++) {
        uint32_t state = seed * 1000003u;
        unsigned expected = 0;
        do
            state = state * 5u + 3u;
        while (state < 0x90000000u || state > 0x9FFFFFFFu);
        while (expected < 6 && (state = state * 5u + 3u) < 0x80000000u)
            expected++;
        CHECK(silent(opaque_unsigned(seed * 1000003u), opaque_unsigned(6)) == expected);
    }
}
