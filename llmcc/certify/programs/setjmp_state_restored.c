/* Transactions that a jump cuts short: tables, an arena and an undo log are put back to what they were at the setjmp. */
#include "certify.h"
#include <setjmp.h>

enum { ACCOUNTS = 8, ARENA = 48, LOG = 32 };

struct change {
    int32_t *place;
    int32_t old;
};

static struct {
    int32_t balance[ACCOUNTS];
    int16_t arena[ARENA];
    unsigned arena_used;
    struct change log[LOG];
    unsigned logged;
    jmp_buf abandon;
} ledger;

static void set(int32_t *place, int32_t value) {
    if (ledger.logged == LOG)
        longjmp(ledger.abandon, 3);
    ledger.log[ledger.logged].place = place;
    ledger.log[ledger.logged].old = *place;
    ledger.logged++;
    *place = value;
}

static int16_t *reserve(unsigned count) {
    if (count > ARENA - ledger.arena_used)
        longjmp(ledger.abandon, 2);
    int16_t *block = ledger.arena + ledger.arena_used;
    ledger.arena_used += count;
    for (unsigned i = 0; i < count; i++)
        block[i] = 0;
    return block;
}

static NOINLINE void transfer(unsigned from, unsigned to, int32_t amount) {
    set(&ledger.balance[from], ledger.balance[from] - amount);
    set(&ledger.balance[to], ledger.balance[to] + amount);
    if (ledger.balance[from] < 0)
        longjmp(ledger.abandon, 1);
}

/* Moves amount round a ring of accounts in ever larger steps and notes each move in the arena. */
static NOINLINE void apply(unsigned first, unsigned moves, int32_t amount) {
    int16_t *notes = reserve(moves / 2 + 1);
    for (unsigned move = 0; move < moves; move++) {
        unsigned from = (first + move * (move + 1) / 2) % ACCOUNTS, to = (first + move * 3 + 1) % ACCOUNTS;
        if (from == to)
            continue;
        transfer(from, to, amount + (int32_t)move);
        notes[move / 2] = (int16_t)(notes[move / 2] + (int16_t)(from * 8 + to));
    }
}

/* 0 when the transaction went through, else the reason, with everything back in place. */
static NOINLINE int transact(unsigned first, unsigned moves, int32_t amount, double *rate, int64_t *stamp) {
    const double old_rate = *rate;
    const int64_t old_stamp = *stamp;
    const unsigned mark = ledger.arena_used;
    volatile int reason = 0;
    ledger.logged = 0;
    switch (setjmp(ledger.abandon)) {
    case 0:
        *rate = old_rate * 2;
        *stamp = old_stamp + moves;
        apply(first, moves, amount);
        *rate = old_rate + 1;
        return 0;
    case 1: reason = 1; break;
    case 2: reason = 2; break;
    case 3: reason = 3; break;
    }
    while (ledger.logged > 0) {
        struct change *last = &ledger.log[--ledger.logged];
        *last->place = last->old;
    }
    ledger.arena_used = mark;
    *rate = old_rate;
    *stamp = old_stamp;
    return reason;
}

/* Finds out without changing anything whether it would go through. */
static int foresee(unsigned first, unsigned moves, int32_t amount, int32_t *after) {
    unsigned writes = 0;
    for (unsigned i = 0; i < ACCOUNTS; i++)
        after[i] = ledger.balance[i];
    if (ledger.arena_used + moves / 2 + 1 > ARENA)
        return 2;
    for (unsigned move = 0; move < moves; move++) {
        unsigned from = (first + move * (move + 1) / 2) % ACCOUNTS, to = (first + move * 3 + 1) % ACCOUNTS;
        if (from == to)
            continue;
        if (writes + 2 > LOG)
            return 3;
        writes += 2;
        after[to] += amount + (int32_t)move;
        if ((after[from] -= amount + (int32_t)move) < 0)
            return 1;
    }
    return 0;
}

PROGRAM(setjmp_state_restored) {
    unsigned checked = 0;
    unsigned seen[4] = {0, 0, 0, 0};
    for (unsigned i = 0; i < ACCOUNTS; i++)
        ledger.balance[i] = opaque_int(100);
    ledger.arena_used = 0;
    double rate = opaque_double(1);
    int64_t stamp = opaque_int64(INT64_C(1) << 40);
    unsigned state = opaque_unsigned(12345);
    for (unsigned round = 0; round < 200; round++) {
        int32_t after[ACCOUNTS], before[ACCOUNTS];
        int16_t arena[ARENA];
        state = state * 1103515245u + 12345u;
        unsigned first = state >> 8 & 7, moves = state >> 16 & 31;
        int32_t amount = (int32_t)((state >> 22 & 63) >> (state >> 28 & 3));
        const unsigned mark = ledger.arena_used;
        const double rate_before = rate;
        const int64_t stamp_before = stamp;
        for (unsigned i = 0; i < ACCOUNTS; i++)
            before[i] = ledger.balance[i];
        for (unsigned i = 0; i < ARENA; i++)
            arena[i] = ledger.arena[i];
        int foreseen = foresee(first, moves, amount, after);
        int reason = transact(first, moves, amount, &rate, &stamp);
        CHECK(reason == foreseen);
        int32_t total = 0;
        for (unsigned i = 0; i < ACCOUNTS; i++) {
            CHECK(ledger.balance[i] == (reason ? before[i] : after[i]));
            total += ledger.balance[i];
            checked++;
        }
        CHECK(total == 100 * ACCOUNTS);
        for (unsigned i = 0; i < mark; i++)
            CHECK(ledger.arena[i] == arena[i]);
        CHECK(ledger.arena_used == mark + (reason ? 0 : moves / 2 + 1));
        CHECK(rate == rate_before + !reason && stamp == stamp_before + (reason ? 0 : moves));
        seen[reason]++;
        if (reason == 2)
            ledger.arena_used = 0;
        checked++;
    }
    CHECK(seen[0] > 10 && seen[1] > 10 && seen[2] > 3 && seen[3] > 10);
    /* No loop was left out. */
    CHECK(checked == 1800);
}
