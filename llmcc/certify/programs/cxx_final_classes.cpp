/* Shapes that invite devirtualisation: several final classes behind one interface, a final function in a class that is
 * not final, a base with one overrider only, calls qualified by class, and objects whose type changes in a loop. */
#include "certify.h"

namespace {

struct Operation {
    virtual int32_t apply(int32_t value) const = 0;
    virtual uint32_t cost() const { return 1; }
    int32_t twice(int32_t value) const { return apply(apply(value)); }
};

struct Add final : Operation {
    explicit Add(int32_t by_) : by(by_) {}
    int32_t apply(int32_t value) const override { return value + by; }
    int32_t by;
};

struct Subtract final : Operation {
    explicit Subtract(int32_t by_) : by(by_) {}
    int32_t apply(int32_t value) const override { return value - by; }
    uint32_t cost() const override { return 2; }
    int32_t by;
};

struct SubtractFrom final : Operation {
    explicit SubtractFrom(int32_t by_) : by(by_) {}
    int32_t apply(int32_t value) const override { return by - value; }
    uint32_t cost() const override { return 2; }
    int32_t by;
};

struct Mask final : Operation {
    explicit Mask(int16_t by_) : by(by_) {}
    int32_t apply(int32_t value) const override { return value & by; }
    uint32_t cost() const override { return 3; }
    int16_t by;
};

/* cost is final here, apply is not. */
struct Limit : Operation {
    Limit(int32_t low_, int32_t high_) : low(low_), high(high_) {}
    int32_t apply(int32_t value) const override { return value < low ? low : value > high ? high : value; }
    uint32_t cost() const final { return 4u + static_cast<uint32_t>(high - low) % 3u; }
    int32_t low, high;
};

struct Wrap : Limit {
    Wrap(int32_t low_, int32_t high_) : Limit(low_, high_) {}
    int32_t apply(int32_t value) const override {
        int32_t limited = Limit::apply(value);
        return limited == value ? value : low + high - limited;
    }
};

/* A hierarchy with a single implementation. */
struct Sole {
    virtual int32_t only(int32_t value) const = 0;
};
struct SoleImplementation : Sole {
    int32_t only(int32_t value) const override { return value * 3 - 1; }
};

NOINLINE int32_t apply_indirect(const Operation &operation, int32_t value) { return operation.apply(value); }
NOINLINE int32_t apply_add(const Add &operation, int32_t value) { return operation.apply(value); }
NOINLINE int32_t apply_limit(const Limit &operation, int32_t value) { return operation.apply(value) + static_cast<int32_t>(operation.cost()); }
NOINLINE int32_t ask_sole(const Sole *sole, int32_t value) { return sole->only(value) + sole->only(value + 1); }

NOINLINE int32_t run(const Operation *const *operations, unsigned count, int32_t value, uint32_t &cost) {
    for (unsigned i = 0; i < count; i++) {
        value = value & 1 ? operations[i]->apply(value) : operations[i]->twice(value);
        cost = cost * 7u + operations[i]->cost();
    }
    return value;
}

int32_t model_apply(unsigned kind, int32_t value) {
    switch (kind) {
    case 0: return value + 13;
    case 1: return value - 5;
    case 2: return 77 - value;
    case 3: return value & 0x7f3;
    case 4: return value < -20 ? -20 : value > 60 ? 60 : value;
    default: return value < -9 ? 30 : value > 30 ? -9 : value;
    }
}

const uint8_t costs[6] = {1, 2, 2, 3, 4 + 80 % 3, 4 + 39 % 3};

/* All types are known here; everything may be folded. */
int32_t direct(int32_t value) {
    Add add(13);
    Subtract subtract(5);
    SubtractFrom from(77);
    Mask mask(0x7f3);
    Limit limit(-20, 60);
    Wrap wrap(-9, 30);
    const Operation *chain[6] = {&add, &subtract, &from, &mask, &limit, &wrap};
    int32_t sum = 0;
    for (const Operation *operation : chain) {
        value = operation->twice(value) ^ static_cast<int32_t>(operation->cost());
        sum = sum * 3 + value;
    }
    return sum;
}

int32_t direct_model(int32_t value) {
    int32_t sum = 0;
    for (unsigned kind = 0; kind < 6; kind++) {
        value = model_apply(kind, model_apply(kind, value)) ^ costs[kind];
        sum = sum * 3 + value;
    }
    return sum;
}

} // namespace

PROGRAM(cxx_final_classes) {
    Add add(opaque_int(13));
    Subtract subtract(opaque_int(5));
    SubtractFrom from(opaque_int(77));
    Mask mask(static_cast<int16_t>(opaque_int(0x7f3)));
    Limit limit(opaque_int(-20), 60);
    Wrap wrap(-9, opaque_int(30));
    const Operation *const all[6] = {&add, &subtract, &from, &mask, &limit, &wrap};
    uint32_t seed = opaque_unsigned(99);
    for (int round = 0; round < 40; round++) {
        const Operation *chain[8];
        unsigned kinds[8];
        int32_t start = round * 17 - 300, value = start;
        uint32_t cost = 0, wanted_cost = 0;
        for (unsigned i = 0; i < 8; i++) {
            seed = seed * 1103515245u + 12345u;
            kinds[i] = (seed >> 16) % 6;
            chain[i] = all[kinds[i]];
            value = model_apply(kinds[i], value & 1 ? value : model_apply(kinds[i], value));
            wanted_cost = wanted_cost * 7u + costs[kinds[i]];
        }
        CHECK(run(chain, opaque_unsigned(8), opaque_int(start), cost) == value && cost == wanted_cost);
        for (unsigned kind = 0; kind < 6; kind++)
            CHECK(apply_indirect(*all[kind], start) == model_apply(kind, start));
        CHECK(apply_add(add, start) == start + 13);
        CHECK(apply_limit(limit, start) == model_apply(4, start) + 6 && apply_limit(wrap, start) == model_apply(5, start) + 4);
        CHECK(wrap.Limit::apply(start) == (start < -9 ? -9 : start > 30 ? 30 : start));
        SoleImplementation sole;
        CHECK(ask_sole(&sole, start) == start * 6 + 1);
        CHECK(direct(start) == direct_model(opaque_int(start)));
    }
    CHECK(direct(9) == direct_model(9));
}
