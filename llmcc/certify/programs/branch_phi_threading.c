/* Branches on values that are constants on the ways that lead to them: flags set and tested later, codes of results that
 * a caller tests again, and a variable that goes through several joins. */
#include "certify.h"

enum status { OKAY, EMPTY, TOO_LARGE, BROKEN };

static uint32_t journal;
static NOINLINE void log_step(unsigned step) { journal = journal * 11u + step; }

/* Every way assigns a constant, and the tests come after other work. */
static enum status check_header(const uint8_t *bytes, unsigned count, unsigned *size) {
    enum status status;
    if (count == 0) {
        status = EMPTY;
    } else if (bytes[0] > 99) {
        status = TOO_LARGE;
    } else {
        *size = bytes[0];
        status = count - 1 < bytes[0] ? BROKEN : OKAY;
    }
    log_step(1);
    if (status != OKAY)
        log_step(2);
    return status;
}

static int consume(const uint8_t *bytes, unsigned count) {
    unsigned size = 0;
    int result = 0, warned = 0, partial = 0;
    enum status status = check_header(bytes, count, &size);
    if (status == EMPTY)
        return -1;
    if (status == BROKEN) {
        size = count - 1;
        partial = 1;
        warned = 1;
    } else if (status == TOO_LARGE) {
        warned = 1;
    }
    log_step(3 + (unsigned)warned);
    for (unsigned index = 1; index <= size; index++)
        result += bytes[index];
    if (partial)
        result += 10000;
    else if (warned)
        result += 20000;
    if (status != TOO_LARGE)
        log_step(5);
    return result;
}

static int consume_plain(const volatile uint8_t *bytes, unsigned count) {
    int result = 0;
    journal = journal * 11u + 1;
    if (count == 0) {
        journal = journal * 11u + 2;
        return -1;
    }
    unsigned head = bytes[0], present = count - 1;
    if (head > 99) {
        journal = (journal * 11u + 2) * 11u + 4;
        return 20000;
    }
    if (head > present)
        journal = (journal * 11u + 2) * 11u + 4;
    else
        journal = journal * 11u + 3;
    for (unsigned index = 1; index < count && index <= head; index++)
        result += bytes[index];
    journal = journal * 11u + 5;
    return head > present ? result + 10000 : result;
}

/* One variable through four joins; some ways keep it, some replace it. */
static NOINLINE unsigned joins(unsigned choice) {
    int state = 0;
    unsigned path = 1;
    if (choice & 1)
        state = 1;
    if (choice & 2) {
        path = path * 3 + 1;
        state = state ? 2 : 0;
    }
    if (state == 1) {
        path = path * 5 + 2;
        state = choice & 4 ? 3 : 1;
    } else if (state == 2) {
        path = path * 7 + 3;
        if (choice & 4)
            state = 0;
    }
    switch (state) {
    case 0: path = path * 2; break;
    case 1: path = path * 2 + 1; state = 4; break;
    case 2: path += 100; state = 4; break;
    case 3: path += 200; break;
    }
    if (state == 4 && (choice & 8))
        path += 1000;
    else if (state != 4 && !(choice & 8))
        path += 2000;
    return path * 10 + (unsigned)state;
}

static unsigned joins_plain(volatile unsigned choice) {
    unsigned state = choice & 1 ? (choice & 2 ? 2 : 1) : 0, path = choice & 2 ? 4 : 1, high = choice >> 3 & 1;
    unsigned third = choice >> 2 & 1;
    path = state == 1 ? path * 5 + 2 : state == 2 ? path * 7 + 3 : path;
    state = state == 1 ? (third ? 3 : 1) : state == 2 && third ? 0 : state;
    path = state == 0 ? path + path : state == 1 ? path + path + 1 : path + (state - 1) * 100;
    unsigned four = state == 1 || state == 2;
    path += four && high ? 1000 : !four && !high ? 2000 : 0;
    return path * 10 + (four ? 4 : state);
}

PROGRAM(branch_phi_threading) {
    uint8_t bytes[130];
    uint32_t random = 15, digest = 0;
    for (unsigned round = 0; round < 120; round++) {
        for (unsigned index = 0; index < 130; index++) {
            random = random * 1664525u + 1013904223u;
            bytes[index] = (uint8_t)(random >> 24 & (round % 3 == 0 ? 255 : 3));
        }
        bytes[0] = (uint8_t)(random >> 22 & 127);
        unsigned count = round % 4 == 0 ? round : bytes[0] + round % 3;
        journal = 1;
        int first = consume(bytes, opaque_unsigned(count));
        uint32_t logged = journal;
        journal = 1;
        CHECK(consume_plain(bytes, count) == first && journal == logged);
        digest = digest * 31u + logged + (uint32_t)first;
    }
    CHECK(digest == 0xdf8bef62u);
    for (unsigned choice = 0; choice < 16; choice++)
        CHECK(joins(opaque_unsigned(choice)) == joins_plain(choice));
    CHECK(joins(0) == 20020 && joins(opaque_unsigned(9)) == 10154 && joins(3) == 1314);
}
