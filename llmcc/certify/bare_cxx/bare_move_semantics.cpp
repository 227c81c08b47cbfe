/* Handles of a pool that move and never copy: moved from is empty, every resource is given back once. */
#include "bare.h"

namespace {

class Pool {
public:
    int take() {
        for (int i = 0; i < 8; i++)
            if (!(used & 1u << i)) {
                used |= 1u << i;
                takes++;
                return i;
            }
        return -1;
    }
    void give(int slot) {
        CHECK(used & 1u << slot);
        used &= ~(1u << slot);
        gives = gives * 3 + static_cast<unsigned>(slot);
    }
    unsigned used = 0, takes = 0, gives = 0;
};

class Handle {
public:
    explicit Handle(Pool &pool_) : pool(&pool_), slot(pool_.take()) {}
    Handle(Handle &&other) noexcept : pool(other.pool), slot(other.slot) { other.slot = -1; }
    Handle &operator=(Handle &&other) noexcept {
        int mine = slot;
        slot = other.slot;
        other.slot = mine;
        return *this;
    }
    ~Handle() {
        if (slot >= 0)
            pool->give(slot);
    }
    int place() const { return slot; }
    explicit operator bool() const { return slot >= 0; }

private:
    Pool *pool;
    int slot;
};

struct Pair {
    Handle first, second;
    uint16_t tag;
};

Handle pass(Handle handle) { return handle; }
NOINLINE Handle choose(Pair pair, bool left) { return static_cast<Handle &&>(left ? pair.first : pair.second); }
NOINLINE Pair make(Pool &pool, uint16_t tag) { return Pair{Handle(pool), Handle(pool), tag}; }
template <typename T> void exchange(T &a, T &b) {
    T c = static_cast<T &&>(a);
    a = static_cast<T &&>(b);
    b = static_cast<T &&>(c);
}

} // namespace

PROGRAM(bare_move_semantics) {
    Sum sum;
    Pool pool;
    Numbers numbers(opaque_unsigned(5));
    for (int round = 0; round < 10; round++) {
        Handle kept = choose(make(pool, static_cast<uint16_t>(round)), numbers.next() & 1);
        Pair pair = make(pool, static_cast<uint16_t>(numbers.next()));
        if (numbers.next() & 2)
            exchange(pair.first, pair.second);
        Handle held = pass(static_cast<Handle &&>(pair.second));
        Add{sum, kept.place(), held.place(), pair.first.place(), pair.second.place(), pair.tag, static_cast<bool>(pair.second)};
        if (numbers.next() & 1)
            pair.second = static_cast<Handle &&>(kept);
        else
            exchange(kept, held);
        Add{sum, pool.used, kept.place()};
    }
    Add{sum, pool.used, pool.takes, pool.gives};
    AGREED(bare_move_semantics, sum);
}
