/* Small containers with storage inside: a ring, a set with open addressing and a heap of priorities, each for several
 * element types and capacities, against simple models. */
#include "certify.h"

namespace {

template <typename T, unsigned capacity> struct Ring {
    bool push(T value) {
        if (used == capacity)
            return false;
        items[(head + used++) % capacity] = value;
        return true;
    }
    bool pop(T &value) {
        if (used == 0)
            return false;
        value = items[head];
        head = head + 1 == capacity ? 0 : head + 1;
        used--;
        return true;
    }
    T &operator[](unsigned index) { return items[(head + index) % capacity]; }
    unsigned head = 0, used = 0;
    T items[capacity] = {};
};

template <typename Key, unsigned capacity> struct Set {
    static unsigned slot_of(Key key) { return static_cast<unsigned>(static_cast<uint32_t>(key) * 2654435769u >> 7) % capacity; }
    int find(Key key) const {
        unsigned slot = slot_of(key);
        for (unsigned probe = 0; probe < capacity; probe++, slot = slot + 1 < capacity ? slot + 1 : 0) {
            if (states[slot] == 0)
                return -1;
            if (states[slot] == 1 && keys[slot] == key)
                return static_cast<int>(slot);
        }
        return -1;
    }
    bool insert(Key key) {
        if (find(key) >= 0)
            return false;
        for (unsigned probe = 0, slot = slot_of(key); probe < capacity; probe++, slot = (slot + 1) % capacity)
            if (states[slot] != 1) {
                states[slot] = 1;
                keys[slot] = key;
                return true;
            }
        return false;
    }
    bool erase(Key key) {
        int slot = find(key);
        if (slot >= 0)
            states[slot] = 2;
        return slot >= 0;
    }
    Key keys[capacity] = {};
    uint8_t states[capacity] = {};
};

template <typename T, unsigned capacity, typename Before> struct Heap {
    void push(T value) {
        unsigned at = count++;
        for (; at > 0 && before(value, items[(at - 1) / 2]); at = (at - 1) / 2)
            items[at] = items[(at - 1) / 2];
        items[at] = value;
    }
    T pop() {
        T top = items[0], last = items[--count];
        unsigned at = 0;
        for (;;) {
            unsigned child = at * 2 + 1;
            if (child >= count)
                break;
            if (child + 1 < count && before(items[child + 1], items[child]))
                child++;
            if (!before(items[child], last))
                break;
            items[at] = items[child];
            at = child;
        }
        items[at] = last;
        return top;
    }
    Before before;
    unsigned count = 0;
    T items[capacity] = {};
};
struct Less {
    template <typename T> bool operator()(T a, T b) const { return a < b; }
};
struct Greater {
    template <typename T> bool operator()(T a, T b) const { return b < a; }
};

uint32_t random(uint32_t &seed) {
    seed = seed * 1103515245u + 12345u;
    return seed >> 12;
}

template <typename T, unsigned capacity> NOINLINE void check_ring(uint32_t seed) {
    Ring<T, capacity> ring;
    T next_in = 0, next_out = 0, value = 0;
    for (unsigned step = 0; step < 90; step++) {
        if (random(seed) % 8 < 4 + step % 2) {
            if (ring.push(next_in))
                next_in = static_cast<T>(next_in + 3);
            else
                CHECK(ring.used == capacity);
        } else if (ring.pop(value)) {
            CHECK(value == next_out);
            next_out = static_cast<T>(next_out + 3);
        } else {
            CHECK(next_in == next_out);
        }
        CHECK(static_cast<T>(next_in - next_out) == static_cast<T>(ring.used * 3));
        CHECK(ring.used == 0 || ring[ring.used - 1] == static_cast<T>(next_in - 3));
    }
}

template <typename Key, unsigned capacity> NOINLINE void check_set(uint32_t seed) {
    Set<Key, capacity> set;
    uint32_t present = 0;
    for (unsigned step = 0; step < 150; step++) {
        const uint32_t bit = random(seed) % 24, one = 1u << bit;
        const Key key = static_cast<Key>(bit * 37 - 300);
        const bool there = present & one, full = __builtin_popcount(present) == static_cast<int>(capacity);
        if (random(seed) % 3) {
            CHECK(set.insert(key) == (!there && !full));
            present |= full ? 0 : one;
        } else {
            CHECK(set.erase(key) == there);
            present &= ~one;
        }
        for (unsigned i = 0; i < 24; i++)
            CHECK((set.find(static_cast<Key>(i * 37 - 300)) < 0) == ((present & 1u << i) == 0));
    }
}

template <typename T, typename Before> NOINLINE void check_heap(uint32_t seed, bool ascending) {
    Heap<T, 24, Before> heap;
    /* The sum of what went in and of what came out. */
    uint64_t in = 0, out = 0;
    for (unsigned size = 0; size < 24; size++) {
        const T value = static_cast<T>(random(seed));
        in += static_cast<uint64_t>(value);
        heap.push(value);
    }
    for (unsigned step = 0; step < 30; step++) {
        const T replaced = heap.pop();
        out += static_cast<uint64_t>(replaced);
        for (unsigned i = 0; i < heap.count; i++)
            CHECK(ascending ? replaced <= heap.items[i] : replaced >= heap.items[i]);
        if (step < 6) {
            const T value = static_cast<T>(random(seed));
            in += static_cast<uint64_t>(value);
            heap.push(value);
        }
    }
    CHECK(heap.count == 0 && in == out);
}

} // namespace

PROGRAM(cxx_inline_containers) {
    for (uint32_t seed = 1; seed < 4; seed++) {
        check_ring<uint8_t, 8>(opaque_unsigned(seed));
        check_ring<uint16_t, 7>(opaque_unsigned(seed));
        check_ring<uint32_t, 5>(opaque_unsigned(seed));
        check_set<int16_t, 16>(opaque_unsigned(seed));
        check_set<int32_t, 13>(opaque_unsigned(seed));
        check_heap<int32_t, Less>(opaque_unsigned(seed), true);
        check_heap<int32_t, Greater>(opaque_unsigned(seed), false);
        check_heap<uint8_t, Less>(opaque_unsigned(seed), true);
        check_heap<double, Greater>(opaque_unsigned(seed), false);
    }
}
