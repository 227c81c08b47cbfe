/* Locks of one thread: atomic_flag with try, nesting and a callback that finds the lock taken; a ticket lock; a lock of bits
 * in a byte. The guarded values are ordinary objects that must not move out of the section. */
#include "certify.h"

#include <stdatomic.h>

static atomic_flag guard = ATOMIC_FLAG_INIT;
static _Atomic uint16_t next_ticket, now_serving;
static _Atomic uint8_t lock_bits;
static int balance, refused, entered;

static int try_lock(void) { return !atomic_flag_test_and_set_explicit(&guard, memory_order_acquire); }
static void unlock(void) { atomic_flag_clear_explicit(&guard, memory_order_release); }

static NOINLINE int deposit(int amount) {
    if (!try_lock()) {
        refused++;
        return 0;
    }
    balance += amount;
    entered++;
    unlock();
    return 1;
}

static NOINLINE int withdraw(int amount) {
    if (!try_lock()) {
        refused++;
        return 0;
    }
    int done = balance >= amount;
    if (done)
        balance -= amount;
    entered++;
    unlock();
    return done;
}

/* A callee takes the same lock while it is held here, and again after it is free. */
static int nested(int (*inside)(int), int amount) {
    int before = balance, result;
    if (!try_lock())
        return -1;
    balance = before + 1;
    result = inside(amount);
    CHECK(balance == before + 1);
    if (result) {
        unlock();
        return -2;
    }
    balance = before;
    unlock();
    return inside(amount) * 100 + try_lock() * 10 + try_lock();
}

static uint16_t take_ticket(void) { return atomic_fetch_add_explicit(&next_ticket, 1, memory_order_relaxed); }
static int served(uint16_t ticket) { return atomic_load_explicit(&now_serving, memory_order_acquire) == ticket; }

static void serve_next(void) {
    uint16_t current = atomic_load_explicit(&now_serving, memory_order_relaxed);
    atomic_store_explicit(&now_serving, (uint16_t)(current + 1), memory_order_release);
}

static int ticket_rounds(uint16_t first, int customers) {
    uint16_t tickets[8];
    int order = 0, waiting = customers;
    atomic_store(&next_ticket, first);
    atomic_store(&now_serving, first);
    for (int i = 0; i < customers; i++)
        tickets[(i * 3) % 8] = take_ticket();
    while (waiting > 0)
        for (int i = 0; i < 8 && waiting > 0; i++)
            if ((i * 3) % 8 < customers && served(tickets[i])) {
                order = (order * 9 + i + 1) % 100003;
                serve_next();
                waiting--;
            }
    return order;
}

static int ticket_model(int customers) {
    int order = 0;
    for (int i = 0; i < customers; i++)
        order = (order * 9 + (i * 3) % 8 + 1) % 100003;
    return order;
}

static int lock_bit(unsigned bit) {
    uint8_t mask = (uint8_t)(1u << bit);
    return !(atomic_fetch_or_explicit(&lock_bits, mask, memory_order_acquire) & mask);
}

static int unlock_bit(unsigned bit) {
    uint8_t mask = (uint8_t)(1u << bit);
    return (atomic_fetch_and_explicit(&lock_bits, (uint8_t)~mask, memory_order_release) & mask) != 0;
}

PROGRAM(atomic_flag_locks) {
    atomic_flag own = ATOMIC_FLAG_INIT;
    CHECK(!atomic_flag_test_and_set(&own) && atomic_flag_test_and_set(&own) && atomic_flag_test_and_set(&own));
    atomic_flag_clear(&own);
    CHECK(!atomic_flag_test_and_set(&own));

    unlock();
    balance = opaque_int(50);
    refused = entered = 0;
    CHECK(deposit(25) && withdraw(opaque_int(70)) && !withdraw(6) && balance == 5 && entered == 3 && refused == 0);
    CHECK(nested(deposit, 10) == 110 && balance == 15 && refused == 1 && entered == 4);
    CHECK(nested(deposit, 10) == -1 && !deposit(1) && !withdraw(0) && refused == 3);
    unlock();
    CHECK(nested(withdraw, opaque_int(15)) == 110 && balance == 0 && refused == 4);
    unlock();
    CHECK(nested(withdraw, 1) == 10 && balance == 0 && refused == 5 && entered == 6);
    unlock();

    for (int customers = 0; customers <= 8; customers++)
        CHECK(ticket_rounds((uint16_t)opaque_unsigned(65533), customers) == ticket_model(customers));
    CHECK(next_ticket == 5 && now_serving == 5);

    atomic_store(&lock_bits, 0);
    for (unsigned bit = 0; bit < 8; bit++) {
        CHECK(lock_bit(opaque_unsigned(bit)) && !lock_bit(bit));
        CHECK(atomic_load(&lock_bits) == (2u << bit) - 1);
    }
    CHECK(unlock_bit(3) && !unlock_bit(3) && lock_bits == 0xf7 && lock_bit(3) && !lock_bit(7) && lock_bits == 0xff);
}
