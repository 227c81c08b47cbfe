/* Atomics of one word and less, as classes over the compiler's builtins: fetches, exchanges and loops that compare. */
#include "bare.h"

namespace {

template <typename T> class Atomic {
public:
    explicit Atomic(T value_ = T()) : value(value_) {}
    T load() const { return __atomic_load_n(&value, __ATOMIC_ACQUIRE); }
    void store(T desired) { __atomic_store_n(&value, desired, __ATOMIC_RELEASE); }
    T exchange(T desired) { return __atomic_exchange_n(&value, desired, __ATOMIC_ACQ_REL); }
    T operator+=(T by) { return __atomic_add_fetch(&value, by, __ATOMIC_SEQ_CST); }
    T fetch_sub(T by) { return __atomic_fetch_sub(&value, by, __ATOMIC_RELAXED); }
    T fetch_xor(T bits) { return __atomic_fetch_xor(&value, bits, __ATOMIC_SEQ_CST); }
    T fetch_and(T bits) { return __atomic_fetch_and(&value, bits, __ATOMIC_ACQUIRE); }
    bool replace(T &expected, T desired) { return __atomic_compare_exchange_n(&value, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED); }
    template <typename Function> T update(Function function) {
        T old = load();
        while (!__atomic_compare_exchange_n(&value, &old, function(old), true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        }
        return old;
    }

private:
    T value;
};

struct Node {
    uint32_t payload;
    Node *next;
};
class Stack {
public:
    void push(Node &node) {
        top.update([&node](Node *old) {
            node.next = old;
            return &node;
        });
    }
    Node *pop() {
        Node *taken = top.load();
        while (taken && !top.replace(taken, taken->next)) {
        }
        return taken;
    }

private:
    Atomic<Node *> top;
};

} // namespace

PROGRAM(bare_atomics) {
    Sum sum;
    Atomic<uint32_t> word(opaque_unsigned(9));
    Atomic<int32_t> number(opaque_int(-4));
    Atomic<uint32_t> flags(0);
    Stack stack;
    Node nodes[6] = {};
    Numbers numbers(opaque_unsigned(6));
    unsigned free = 0;
    for (int i = 0; i < 40; i++) {
        uint32_t by = numbers.next();
        uint32_t expected = i % 3 ? word.load() : by;
        Add{sum, word += by, number.fetch_sub(static_cast<int32_t>(by & 0xfff)), flags.fetch_xor(by), flags.fetch_and(~(by >> 3))};
        Add{sum, word.replace(expected, by ^ 1), expected, word.update([](uint32_t old) { return old * 3 + 1; }), word.load()};
        Add{sum, number.exchange(i - 20), number.load()};
        if (by & 1 && free < 6) {
            nodes[free].payload = by;
            stack.push(nodes[free++]);
        } else if (Node *node = stack.pop())
            Add{sum, node->payload};
        if (i == 30)
            flags.store(0x77);
    }
    AGREED(bare_atomics, sum);
}
