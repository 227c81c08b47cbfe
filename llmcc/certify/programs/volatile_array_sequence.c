/* A byte program in a volatile array, fetched through a volatile cursor and writing to a volatile log: every fetch has to
 * happen once and in order. The same program in a constant table is the second way. */
#include "certify.h"

enum { STOP, PUSH, ADD, SUBTRACT, DUPLICATE, SWAP, JUMP_IF, LOG, PATCH };

static const uint8_t countdown[] = {PUSH, 5, LOG, PUSH, 1, SUBTRACT, DUPLICATE, JUMP_IF, 2, PUSH, 99, LOG, STOP};
/* Patches the operand at 5 to 7 and the operation at 14 to SUBTRACT. */
static const uint8_t patched[] = {PUSH, 6, PATCH, 5, PUSH, 0, LOG, PUSH, 2, PATCH, 14, PUSH, 20, SWAP, STOP, LOG, STOP};

static volatile uint8_t script[24];
static volatile uint8_t cursor;
static volatile int log_data[8];
static volatile unsigned log_length;
static unsigned fetches;

static uint8_t fetch(void) {
    fetches++;
    uint8_t at = cursor;
    cursor = (uint8_t)(at + 1);
    return script[at];
}

static void append(int value) { log_data[log_length++] = value; }

static int run(void) {
    int stack[6], top = 0;
    cursor = 0;
    log_length = 0;
    fetches = 0;
    for (;;) {
        int kept;
        switch (fetch()) {
        case STOP:
            return top;
        case PUSH:
            stack[top++] = fetch();
            break;
        case ADD:
            top--;
            stack[top - 1] += stack[top];
            break;
        case SUBTRACT:
            top--;
            stack[top - 1] -= stack[top];
            break;
        case DUPLICATE:
            stack[top] = stack[top - 1];
            top++;
            break;
        case SWAP:
            kept = stack[top - 1];
            stack[top - 1] = stack[top - 2];
            stack[top - 2] = kept;
            break;
        case JUMP_IF: {
            uint8_t to = fetch();
            if (stack[--top])
                cursor = to;
            break;
        }
        case LOG:
            append(stack[top - 1]);
            break;
        case PATCH: {
            uint8_t at = fetch();
            script[at] = (uint8_t)stack[--top];
            script[at]++;
            break;
        }
        default:
            return -1;
        }
    }
}

static void load(const uint8_t *from, unsigned size) {
    for (unsigned i = 0; i < sizeof script; i++)
        script[i] = i < size ? from[i] : STOP;
}

/* Four reads and four writes whose order decides the values: a shift register in a volatile array. */
static unsigned shift_register(volatile uint16_t *taps, unsigned steps) {
    unsigned bits = 0;
    while (steps--) {
        uint16_t feedback = (uint16_t)(taps[0] ^ taps[3]);
        taps[0] = taps[1];
        taps[1] = taps[2];
        taps[2] = taps[3];
        taps[3] = feedback;
        bits = bits << 1 | (taps[3] & 1u);
        taps[3];
    }
    return bits;
}

static unsigned shift_register_plain(unsigned state, unsigned steps) {
    unsigned bits = 0;
    while (steps--) {
        unsigned feedback = (state ^ state >> 3) & 1;
        state = state >> 1 | feedback << 3;
        bits = bits << 1 | feedback;
    }
    return bits;
}

PROGRAM(volatile_array_sequence) {
    load(countdown, sizeof countdown);
    CHECK(run() == 2);
    CHECK(log_length == 6 && cursor == sizeof countdown);
    for (unsigned i = 0; i < 5; i++)
        CHECK(log_data[i] == 5 - (int)i);
    CHECK(log_data[5] == 99);
    /* Two fetches first, then seven for each of five rounds, then four. */
    CHECK(fetches == 2 + 5 * 7 + 4);

    load(patched, sizeof patched);
    script[0] = (uint8_t)opaque_unsigned(PUSH);
    for (int turn = 0; turn < 2; turn++) {
        CHECK(run() == 1 && log_length == 2);
        CHECK(log_data[0] == 7 && log_data[1] == 13 && script[5] == 7 && script[14] == SUBTRACT);
        CHECK(fetches == 17 && cursor == 17);
    }
    script[6] = (uint8_t)opaque_unsigned(77);
    CHECK(run() == -1 && fetches == 7 && cursor == 7 && log_length == 0 && log_data[0] == 7);

    volatile uint16_t taps[4] = {1, 0, 0, (uint16_t)opaque_unsigned(1)};
    CHECK(shift_register(taps, 15) == shift_register_plain(9, 15));
    CHECK(taps[0] == 1 && taps[1] == 0 && taps[2] == 0 && taps[3] == 1);
    taps[0] = taps[1] = taps[2] = taps[3] = 1;
    CHECK(shift_register(taps, opaque_unsigned(6)) == shift_register_plain(15, 6));
}
