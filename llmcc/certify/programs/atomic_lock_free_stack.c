/* A lock-free stack of indices: head and tag are packed into one 32-bit atomic word, and a hook steps in between the load and
 * the compare-exchange, so that the tag has to notice a head that came back. A ring buffer with atomic ends. */
#include "certify.h"

#include <stdatomic.h>

enum { NODES = 8, NONE = 0xffff, RING = 4 };

static struct { uint16_t next; int16_t value; } nodes[NODES];
static _Atomic uint32_t stack_head, free_head;
static int hook_turns, retries;

static uint32_t pack(uint32_t old, unsigned index) { return ((old + 0x10000u) & 0xffff0000u) | index; }

static void hook(void);

static void push(_Atomic uint32_t *head, unsigned index) {
    uint32_t old = atomic_load_explicit(head, memory_order_relaxed);
    do
        nodes[index].next = (uint16_t)old;
    while (!atomic_compare_exchange_weak_explicit(head, &old, pack(old, index), memory_order_release, memory_order_relaxed));
}

static unsigned pop(_Atomic uint32_t *head) {
    uint32_t old = atomic_load_explicit(head, memory_order_acquire);
    for (;;) {
        unsigned index = old & 0xffff;
        if (index == NONE)
            return NONE;
        unsigned next = nodes[index].next;
        hook();
        if (atomic_compare_exchange_strong_explicit(head, &old, pack(old, next), memory_order_acq_rel, memory_order_acquire))
            return index;
        retries++;
    }
}

static int insert(int value) {
    unsigned index = pop(&free_head);
    if (index == NONE)
        return 0;
    nodes[index].value = (int16_t)value;
    push(&stack_head, index);
    return 1;
}

static int take(int otherwise) {
    unsigned index = pop(&stack_head);
    if (index == NONE)
        return otherwise;
    int value = nodes[index].value;
    push(&free_head, index);
    return value;
}

/* Takes the two topmost nodes and puts the first one back: the same index is on top, with another one below. */
static NOINLINE void hook(void) {
    if (hook_turns != 1) {
        if (hook_turns > 0)
            hook_turns--;
        return;
    }
    hook_turns = 0;
    unsigned top = pop(&stack_head), below = pop(&stack_head);
    if (below != NONE)
        push(&free_head, below);
    if (top != NONE)
        push(&stack_head, top);
}

static void reset(void) {
    hook_turns = retries = 0;
    atomic_store(&stack_head, NONE);
    atomic_store(&free_head, 0xfffd0000u | NONE);
    for (unsigned i = 0; i < NODES; i++)
        push(&free_head, i);
}

static int16_t ring[RING];
static _Atomic uint8_t ring_read, ring_write;

static int ring_put(int value) {
    uint8_t write = atomic_load_explicit(&ring_write, memory_order_relaxed);
    if ((uint8_t)(write - atomic_load_explicit(&ring_read, memory_order_acquire)) == RING)
        return 0;
    ring[write % RING] = (int16_t)value;
    atomic_store_explicit(&ring_write, (uint8_t)(write + 1), memory_order_release);
    return 1;
}

static int ring_get(int otherwise) {
    uint8_t read = atomic_load_explicit(&ring_read, memory_order_relaxed);
    if (read == atomic_load_explicit(&ring_write, memory_order_acquire))
        return otherwise;
    int value = ring[read % RING];
    atomic_store_explicit(&ring_read, (uint8_t)(read + 1), memory_order_release);
    return value;
}

PROGRAM(atomic_lock_free_stack) {
    reset();
    CHECK(take(-1) == -1);
    for (int i = 0; i < NODES; i++)
        CHECK(insert(opaque_int(i * i)));
    CHECK(!insert(99) && retries == 0);
    for (int i = NODES - 1; i >= 2; i--)
        CHECK(take(-1) == i * i);
    CHECK(insert(-7) && take(-1) == -7 && take(-1) == 1 && take(-1) == 0 && take(opaque_int(-5)) == -5);
    /* Eight pushes set up the list; nine pops of each head and as many pushes follow. */
    CHECK(free_head >> 16 == (0xfffdu + 8 + 18) % 0x10000 && stack_head >> 16 == 18);

    reset();
    for (int i = 1; i <= 4; i++)
        insert(opaque_int(i) * 10);
    hook_turns = 1;
    CHECK(take(-1) == 40 && retries == 1);
    CHECK(take(-1) == 20 && take(-1) == 10 && take(-1) == -1);
    insert(5);
    hook_turns = opaque_int(1);
    CHECK(take(-1) == 5 && retries == 2 && take(-2) == -2);
    for (int i = 0; i < NODES; i++)
        CHECK(insert(i));
    CHECK(!insert(0));
    hook_turns = 3;
    CHECK(take(-1) == 7 && take(-1) == 6 && take(-1) == 5 && take(-1) == 3 && retries == 3);

    int put = 0, got = 0;
    atomic_store(&ring_read, (uint8_t)opaque_unsigned(253));
    atomic_store(&ring_write, atomic_load(&ring_read));
    for (int step = 0; step < 60; step++) {
        int waiting = put - got;
        if (step * 5 % 7 < 4) {
            CHECK(ring_put(put * 3) == (waiting < RING));
            put += waiting < RING;
        } else {
            CHECK(ring_get(-1) == (waiting ? got * 3 : -1));
            got += waiting > 0;
        }
    }
    CHECK(put - got == (uint8_t)(ring_write - ring_read) && put > 20);
}
