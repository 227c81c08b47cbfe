/* The order of destructors while an exception passes through frames with nested scopes, loops, temporaries, switches
 * and early exits. Every point of failure is tried in turn; live objects must go in exactly the reverse order. */
#include "certify.h"

namespace {

/* Every construction counts the fuse down; the one that finds zero throws. */
int fuse;
unsigned char live[40];
unsigned depth, made, deepest;
bool in_order;
uint32_t digest;

struct Spent {
    unsigned depth_at_throw;
    unsigned id;
};

struct Probe {
    explicit Probe(unsigned id_) : id(static_cast<unsigned char>(id_)) {
        if (fuse-- == 0)
            throw Spent{depth, id};
        live[depth % sizeof live] = id;
        depth++;
        made++;
        if (depth > deepest)
            deepest = depth;
        digest = digest * 33u + id;
    }
    Probe(const Probe &) = delete;
    ~Probe() {
        depth--;
        in_order = in_order && live[depth % sizeof live] == id;
        digest = digest * 33u + 128u + id;
    }
    unsigned weigh(unsigned factor) const { return id * factor; }
    unsigned char id;
};

struct Pair {
    explicit Pair(unsigned id) : first(id), second(id + 1) {}
    Probe first, second;
};

NOINLINE unsigned leaf(unsigned id) {
    Probe only(id);
    return only.weigh(2) + Probe(id + 1).weigh(3);
}

NOINLINE unsigned leaf_other(unsigned id) {
    Probe only(id);
    return only.weigh(3) + Probe(id + 1).weigh(2);
}

NOINLINE unsigned scopes(unsigned id, unsigned mode) {
    unsigned sum = 0;
    Probe outer(id);
    {
        Pair pair(id + 1);
        sum += pair.first.weigh(1) + leaf(id + 3);
        if (mode == 2)
            return sum;
        const Probe &kept = Probe(id + 5);
        sum += kept.weigh(1);
    }
    Probe last(id + 6);
    return sum + leaf_other(id + 7) + last.weigh(1);
}

NOINLINE unsigned loops(unsigned id, unsigned mode) {
    unsigned sum = 0;
    for (unsigned i = 0; i < 4; i++) {
        Probe turn(id + i);
        if (i == mode)
            continue;
        sum += leaf(id + 10 + i);
        for (unsigned j = 0;; j++) {
            Probe inner(id + 20 + j);
            if (j == i)
                break;
            sum += turn.weigh(j) ^ inner.weigh(i);
        }
        if (i + mode == 5)
            return sum;
    }
    return sum;
}

NOINLINE unsigned choose(unsigned mode) {
    Probe frame(60);
    switch (mode) {
    case 0: {
        Pair pair(61);
        return scopes(1, mode) + pair.second.weigh(2);
    }
    case 1: {
        unsigned sum = loops(80, mode);
        return sum + scopes(1, mode);
    }
    case 2: {
        unsigned sum = scopes(30, mode);
        sum += Probe(63).weigh(1);
        Probe late(64);
        return sum + loops(90, mode) + late.weigh(5);
    }
    default: {
        Probe *none = nullptr;
        bool used = leaf(70) > 400 || Probe(72).weigh(1) == 0 || (Probe(73).weigh(2) > 100 && leaf_other(74) > 0);
        return loops(100, mode) + used + (none == nullptr);
    }
    }
}

struct Outcome {
    unsigned result, made, deepest;
    uint32_t digest;
    bool thrown, clean;
};

NOINLINE Outcome attempt(int allowed, unsigned mode) {
    fuse = allowed;
    depth = made = deepest = 0;
    in_order = true;
    digest = 0;
    Outcome outcome = {0, 0, 0, 0, false, true};
    try {
        outcome.result = choose(mode);
    } catch (const Spent &spent) {
        outcome.thrown = true;
        outcome.clean = spent.depth_at_throw <= deepest && made == static_cast<unsigned>(allowed);
        outcome.result = spent.id;
    }
    outcome.made = made;
    outcome.deepest = deepest;
    outcome.digest = digest;
    outcome.clean = outcome.clean && depth == 0 && in_order;
    return outcome;
}

} // namespace

PROGRAM(cxx_throw_unwind_order) {
    /* How many objects a whole run makes, and the digest over all runs up to it. */
    const struct {
        int objects;
        uint32_t sum;
    } wanted[4] = {{12, 0xfcbc7954u}, {28, 0xa87995ceu}, {25, 0xd2df2a93u}, {22, 0x76b5fcf9u}};
    for (unsigned mode = 0; mode < 4; mode++) {
        uint32_t sum = 0;
        int allowed = 0;
        for (;; allowed++) {
            Outcome outcome = attempt(opaque_int(allowed), opaque_unsigned(mode));
            CHECK(outcome.clean && outcome.made == static_cast<unsigned>(allowed));
            sum = sum * 17u + outcome.digest + outcome.result + outcome.deepest;
            if (!outcome.thrown)
                break;
            CHECK(allowed < 60);
        }
        CHECK(allowed == wanted[mode].objects && sum == wanted[mode].sum);
    }
}
