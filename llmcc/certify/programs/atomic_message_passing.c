/* Release and acquire, fences and a sequence counter around ordinary data, with producer and consumer as interleaved steps of
 * one thread: no ordinary access may be lost, merged over a fence or answered from an earlier read. */
#include "certify.h"

#include <stdatomic.h>

struct message { int32_t kind; int32_t body[3]; };

static struct message box;
static atomic_int full;
static int32_t table[4];
static _Atomic uint32_t sequence;
static int reread;

static int post(int32_t kind, int32_t value) {
    if (atomic_load_explicit(&full, memory_order_acquire))
        return 0;
    box.kind = kind;
    for (int i = 0; i < 3; i++)
        box.body[i] = value + i * kind;
    atomic_store_explicit(&full, 1, memory_order_release);
    return 1;
}

static int post_with_fence(int32_t kind, int32_t value) {
    if (atomic_load_explicit(&full, memory_order_relaxed))
        return 0;
    atomic_thread_fence(memory_order_acquire);
    box.kind = kind;
    for (int i = 0; i < 3; i++)
        box.body[i] = value - i * kind;
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&full, 1, memory_order_relaxed);
    return 1;
}

static int32_t collect(void) {
    if (!atomic_load_explicit(&full, memory_order_acquire))
        return -1;
    int32_t sum = box.kind * 1000 + box.body[0] + box.body[1] * 2 + box.body[2] * 3;
    box.kind = 0;
    atomic_store_explicit(&full, 0, memory_order_release);
    return sum;
}

static int32_t collect_with_fence(void) {
    if (!atomic_load_explicit(&full, memory_order_relaxed))
        return -1;
    atomic_thread_fence(memory_order_acquire);
    int32_t sum = box.kind * 1000 + box.body[0] + box.body[1] * 2 + box.body[2] * 3;
    box.kind = 0;
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&full, 0, memory_order_relaxed);
    return sum;
}

static void write_table(int32_t base) {
    uint32_t before = atomic_load_explicit(&sequence, memory_order_relaxed);
    atomic_store_explicit(&sequence, before + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    for (int i = 0; i < 4; i++)
        table[i] = base * (i + 1);
    atomic_store_explicit(&sequence, before + 2, memory_order_release);
}

/* The writer steps in between the reader's loads as often as the caller asks. */
static NOINLINE void interrupt(int *times) {
    if (*times > 0)
        write_table(100 * (*times)--);
}

static int32_t read_table(int times) {
    for (;;) {
        uint32_t before = atomic_load_explicit(&sequence, memory_order_acquire);
        if (before & 1) {
            atomic_fetch_add(&sequence, 1);
            continue;
        }
        int32_t low = table[0] + table[1];
        interrupt(&times);
        int32_t high = table[2] + table[3];
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load_explicit(&sequence, memory_order_relaxed) == before)
            return low * 10 + high;
        reread++;
    }
}

/* Stores to one object on both sides of a fence, and a read between them through another name. */
static int32_t around_fences(int32_t *value, const int32_t *look, int32_t start) {
    *value = start;
    atomic_signal_fence(memory_order_seq_cst);
    int32_t sum = *look;
    *value = start + 1;
    atomic_thread_fence(memory_order_seq_cst);
    sum = sum * 10 + *look;
    *value += 1;
    atomic_signal_fence(memory_order_release);
    *value *= 2;
    atomic_thread_fence(memory_order_acq_rel);
    return sum * 100 + *look;
}

PROGRAM(atomic_message_passing) {
    atomic_store(&full, 0);
    CHECK(collect() == -1 && post(opaque_int(2), 5) && !post(3, 6) && !post_with_fence(3, 6));
    CHECK(collect() == 2000 + 5 + 14 + 27 && box.kind == 0 && collect() == -1 && collect_with_fence() == -1);
    CHECK(post_with_fence(1, opaque_int(50)) && !post(4, 4) && box.body[2] == 48 && collect_with_fence() == 1000 + 50 + 98 + 144);
    for (int turn = 0; turn < 6; turn++) {
        int32_t kind = turn & 1 ? opaque_int(turn) : turn;
        CHECK(turn % 3 ? post(kind, 7) : post_with_fence(kind, 7));
        int32_t step = turn % 3 ? kind : -kind;
        CHECK((turn & 2 ? collect() : collect_with_fence()) == kind * 1000 + 42 + 8 * step);
    }

    atomic_store(&sequence, opaque_unsigned(0xfffffffcu));
    write_table(opaque_int(3));
    reread = 0;
    CHECK(read_table(0) == (3 + 6) * 10 + 9 + 12 && reread == 0);
    /* Written with 200, then with 100; the third reading is undisturbed. */
    CHECK(read_table(opaque_int(2)) == 300 * 10 + 700 && reread == 2 && sequence == 2);
    atomic_fetch_sub(&sequence, 1);
    CHECK(read_table(1) == 3700 && reread == 3 && sequence == 4);

    int32_t one, other = opaque_int(9);
    CHECK(around_fences(&one, &one, 4) == 4512 && one == 12);
    CHECK(around_fences(&one, &other, opaque_int(6)) == 9909 && one == 16 && other == 9);
}
