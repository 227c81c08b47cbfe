/* Globals and functions of external linkage: tentative, incomplete until later, constant, changed behind calls and pointers. */
#include "certify.h"

struct static_external_globals_account {
    int64_t balance;
    int16_t moves;
    char owner[6];
};

/* Declared without their size first; the definitions are at the end. */
extern const uint16_t static_external_globals_primes[];
extern struct static_external_globals_account static_external_globals_accounts[];
extern int (*static_external_globals_policy)(int);
extern const unsigned static_external_globals_count;

/* Tentative definitions, given more than once. */
int32_t static_external_globals_total;
int32_t static_external_globals_total;
uint8_t static_external_globals_flags[12];
int32_t static_external_globals_limit;
int32_t *static_external_globals_cursor;
volatile uint32_t static_external_globals_register;

int static_external_globals_lenient(int amount);
int static_external_globals_strict(int amount);
int static_external_globals_move(unsigned from, unsigned to, int amount);

/* Nobody else changes the total, but the compiler cannot know. */
static NOINLINE void note(int32_t amount) { static_external_globals_total += amount; }

static NOINLINE int32_t accumulate(const int32_t *values, unsigned count) {
    static_external_globals_total = 0;
    for (unsigned i = 0; i < count; i++) {
        static_external_globals_total += values[i];
        if (static_external_globals_total > static_external_globals_limit) {
            note(-static_external_globals_total);
            static_external_globals_limit += opaque_int(2);
        }
    }
    return static_external_globals_total;
}

/* The cursor may point at the limit itself. */
static NOINLINE int32_t through_cursor(int32_t value) {
    int32_t before = static_external_globals_limit;
    *static_external_globals_cursor = value;
    return static_external_globals_limit - before;
}

/* Only the order of the two fields that are written matters to the reader. */
static NOINLINE unsigned toggle(unsigned rounds) {
    unsigned sum = 0;
    for (unsigned i = 0; i < rounds; i++) {
        static_external_globals_register = i;
        static_external_globals_register |= 0x100;
        sum += static_external_globals_register;
    }
    return sum;
}

static NOINLINE int raise_flag(unsigned which) {
    if (static_external_globals_flags[which])
        return 0;
    static_external_globals_flags[which] = 1;
    return 1;
}

static int64_t sum_of_balances(void) {
    int64_t sum = 0;
    for (unsigned i = 0; i < static_external_globals_count; i++)
        sum += static_external_globals_accounts[i].balance;
    return sum;
}

PROGRAM(static_external_globals) {
    unsigned checked = 0;
    int32_t values[20], total = 0, limit = 30;
    static_external_globals_limit = opaque_int(30);
    for (int i = 0; i < 20; i++) {
        values[i] = opaque_int(i * 5 % 17);
        total += values[i];
        if (total > limit)
            total = 0, limit += 2;
        checked++;
    }
    CHECK(accumulate(values, opaque_unsigned(20)) == total && static_external_globals_limit == limit && limit > 32);
    static_external_globals_cursor = opaque_pointer(&static_external_globals_limit);
    CHECK(through_cursor(5) == 5 - limit && static_external_globals_limit == 5);
    static_external_globals_cursor = &static_external_globals_total;
    CHECK(through_cursor(opaque_int(8)) == 0 && static_external_globals_total == 8 && static_external_globals_limit == 5);
    CHECK(toggle(opaque_unsigned(10)) == 45 + 2560 && static_external_globals_register == 0x109);

    for (unsigned i = 0; i < 12; i++)
        static_external_globals_flags[i] = 0;
    for (unsigned i = 0; i < 24; i++)
        CHECK(raise_flag(opaque_unsigned(i * 5 % 12)) == (i < 12));
    for (unsigned i = 0; i < static_external_globals_count; i++) {
        static_external_globals_accounts[i].balance = 100;
        static_external_globals_accounts[i].moves = 0;
        checked++;
    }
    int allowed = 0, moved = 0;
    for (unsigned i = 0; i < 40; i++) {
        unsigned from = i * 7 % 4, to = (i * i + 1) % 4;
        int amount = opaque_int((int)(i * 11 % 50));
        static_external_globals_policy = i % 8 < 4 ? static_external_globals_lenient : static_external_globals_strict;
        int64_t before = static_external_globals_accounts[from].balance, other = static_external_globals_accounts[to].balance;
        int wanted = i % 8 < 4 ? amount : amount > 25 ? 0 : amount;
        wanted = wanted > before ? -1 : wanted;
        CHECK(static_external_globals_move(opaque_unsigned(from), to, amount) == wanted);
        wanted = wanted < 0 ? 0 : wanted;
        CHECK(from == to || static_external_globals_accounts[from].balance == before - wanted);
        CHECK(static_external_globals_accounts[to].balance == (from == to ? before : other + wanted));
        CHECK(sum_of_balances() == 400);
        allowed += wanted > 0;
        checked++;
    }
    for (unsigned i = 0; i < 4; i++)
        moved += static_external_globals_accounts[i].moves;
    CHECK(moved == 2 * allowed && allowed > 10 && allowed < 40);
    CHECK(static_external_globals_accounts[opaque_int(2)].owner[0] == 'c' && static_external_globals_accounts[3].owner[5] == 0);
    for (unsigned i = 0; i < 8; i++)
        for (unsigned j = 0; j < i; j++)
            CHECK(static_external_globals_primes[opaque_unsigned(i)] % static_external_globals_primes[j] != 0);
    CHECK(static_external_globals_primes[7] == 19 && static_external_globals_primes[8] == 0 && static_external_globals_count == 4);
    /* No loop was left out. */
    CHECK(checked == 64);
}

int static_external_globals_lenient(int amount) { return amount; }
int static_external_globals_strict(int amount) { return amount > 25 ? 0 : amount; }

int static_external_globals_move(unsigned from, unsigned to, int amount) {
    struct static_external_globals_account *source = &static_external_globals_accounts[from];
    amount = static_external_globals_policy(amount);
    if (amount > source->balance)
        return -1;
    source->balance -= amount;
    static_external_globals_accounts[to].balance += amount;
    source->moves = (int16_t)(source->moves + (amount > 0));
    static_external_globals_accounts[to].moves = (int16_t)(static_external_globals_accounts[to].moves + (amount > 0));
    return amount;
}

const unsigned static_external_globals_count = 4;
const uint16_t static_external_globals_primes[9] = {2, 3, 5, 7, 11, 13, 17, 19};
struct static_external_globals_account static_external_globals_accounts[4] = {{.owner = "alice"}, {.owner = "bob"}, {.owner = "carol"}, {.owner = "dave"}};
int (*static_external_globals_policy)(int) = static_external_globals_lenient;
