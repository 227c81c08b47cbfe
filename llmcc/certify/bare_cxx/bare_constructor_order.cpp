/* Constructors and destructors of bases, members, arrays and temporaries leave their order in a log. */
#include "bare.h"

namespace {

struct Log {
    uint8_t entries[96];
    unsigned count = 0;
    NOINLINE void put(int code) {
        if (count < sizeof entries)
            entries[count] = static_cast<uint8_t>(code);
        count++;
    }
};
Log *current;

template <int Code> struct Traced {
    explicit Traced(int extra_ = 0) : extra(extra_) { current->put(Code + extra); }
    Traced(const Traced &other) : extra(other.extra + 1) { current->put(Code + 100 + extra); }
    Traced &operator=(const Traced &other) {
        current->put(Code + 50);
        extra = other.extra;
        return *this;
    }
    ~Traced() { current->put(Code + 150); }
    int extra;
};

struct Base {
    Base() { hook(); }
    virtual ~Base() { hook(); }
    virtual void hook() { current->put(1); }
    Traced<10> member;
};
struct Middle : Base {
    ~Middle() override { hook(); }
    void hook() override { current->put(2); }
    Traced<20> pair[2] = {Traced<20>(3), Traced<20>(4)};
};
struct Leaf final : Middle, Traced<30> {
    explicit Leaf(int n) : Traced<30>(n), last(first.extra + n) { hook(); }
    void hook() override { current->put(3); }
    Traced<40> first{2};
    Traced<50> last;
};

NOINLINE Traced<10> made(int extra) {
    Traced<10> local(extra);
    if (extra > 4)
        return Traced<10>(extra - 4);
    current->put(99);
    return local;
}

NOINLINE int early(int n) {
    Traced<20> outer(n);
    for (int i = 0; i < n; i++) {
        Traced<30> inner(i);
        if (i == 1)
            continue;
        if (i == 3)
            return inner.extra + outer.extra;
    }
    return -n;
}

} // namespace

PROGRAM(bare_constructor_order) {
    Sum sum;
    for (int round = 0; round < 6; round++) {
        Log log;
        current = &log;
        {
            Leaf leaf(opaque_int(round));
            Base &base = leaf;
            base.hook();
            Leaf copy = leaf;
            copy.pair[0] = leaf.pair[1];
        }
        const Traced<10> &kept = made(opaque_int(round) + 2);
        Add{sum, kept.extra, early(round), log.count};
        for (unsigned i = 0; i < log.count && i < sizeof log.entries; i++)
            Add{sum, log.entries[i]};
    }
    AGREED(bare_constructor_order, sum);
}
