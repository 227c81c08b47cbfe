/* Constructors that throw at every possible point: bases, a virtual base and members built so far are destroyed in
 * reverse order, the rest is not; with delegating constructors, whose object counts as built once the target is done. */
#include "certify.h"

namespace {

int fuse;
unsigned char live[32];
unsigned depth;
bool in_order;
unsigned char history[64];
unsigned recorded;

void record(unsigned code) {
    if (recorded < sizeof history)
        history[recorded] = static_cast<unsigned char>(code);
    recorded++;
}

/* A step that may fail without an object of its own. */
NOINLINE int gate(int value) {
    if (fuse-- == 0)
        throw value;
    return value;
}

template <unsigned char id> struct Part {
    Part() : Part(gate(id)) {}
    explicit Part(int value_) : value(value_) {
        live[depth++ % sizeof live] = id;
        record(id);
    }
    ~Part() {
        depth--;
        in_order = in_order && live[depth % sizeof live] == id;
        record(128u + id);
    }
    int value;
};

struct Root {
    Root() : scale(3) { gate(1); }
    ~Root() { record(201); }
    Part<2> part;
    int scale;
};

struct Left : virtual Root {
    explicit Left(int value) : part(gate(value)) {}
    ~Left() { record(202); }
    Part<5> part;
};

struct Right : virtual Root {
    Right() : Right(6) { gate(21); }
    explicit Right(int value) : number(value) { gate(22); }
    ~Right() { record(203); }
    Part<7> part;
    int number;
};

struct Whole : Left, Right {
    Whole(int first_, int last_) : Left(first_), second(gate(first_ + last_)), last(last_) {
        Part<12> local;
        gate(local.value + 13);
        sum = first.value + second.value + scale;
    }
    /* Fails after its target constructor is done: the destructor of the whole object runs. */
    explicit Whole(int both) : Whole(both, both + 1) {
        sum += gate(both);
        Part<14> local;
        sum += gate(local.value);
    }
    ~Whole() { record(204); }
    Part<8> first;
    Part<9> second;
    int last;
    Part<10> third;
    int sum;
};

NOINLINE int build_two_step(int allowed) {
    fuse = allowed;
    depth = recorded = 0;
    in_order = true;
    try {
        Whole whole(40, 50);
        return 1000 + whole.sum;
    } catch (int value) {
        return value;
    }
}

NOINLINE int build_delegated(int allowed) {
    fuse = allowed;
    depth = recorded = 0;
    in_order = true;
    try {
        Whole whole(40);
        return 1000 + whole.sum;
    } catch (int value) {
        return value;
    }
}

bool history_is(const unsigned char *wanted, unsigned count) {
    if (count != recorded)
        return false;
    for (unsigned i = 0; i < count; i++)
        if (history[i] != wanted[i])
            return false;
    return true;
}

template <unsigned count> bool history_is(const unsigned char (&wanted)[count]) { return history_is(wanted, count); }

} // namespace

PROGRAM(cxx_throw_partial_members) {
    /* What the gates throw in the order in which they are passed. */
    const int gates[] = {2, 1, 40, 7, 22, 21, 8, 90, 10, 12, 25};
    const int count = sizeof gates / sizeof *gates;
    for (int allowed = 0; allowed <= count; allowed++) {
        int result = build_two_step(opaque_int(allowed));
        CHECK(result == (allowed < count ? gates[allowed] : 1000 + 8 + 90 + 3));
        CHECK(depth == 0 && in_order);
    }
    const int delegated_gates[] = {2, 1, 40, 7, 22, 21, 8, 81, 10, 12, 25, 40, 14, 14};
    const int delegated_count = sizeof delegated_gates / sizeof *delegated_gates;
    for (int allowed = 0; allowed <= delegated_count; allowed++) {
        int result = build_delegated(opaque_int(allowed));
        CHECK(result == (allowed < delegated_count ? delegated_gates[allowed] : 1000 + 8 + 81 + 3 + 40 + 14));
        CHECK(depth == 0 && in_order);
    }

    const unsigned char at_root[] = {2, 130};
    CHECK(build_two_step(opaque_int(1)) == 1 && history_is(at_root));
    const unsigned char at_target[] = {2, 5, 7, 135, 202, 133, 201, 130};
    CHECK(build_two_step(opaque_int(4)) == 22 && history_is(at_target));
    const unsigned char after_target[] = {2, 5, 7, 203, 135, 202, 133, 201, 130};
    CHECK(build_two_step(opaque_int(5)) == 21 && history_is(after_target));
    const unsigned char in_body[] = {2, 5, 7, 8, 9, 10, 12, 140, 138, 137, 136, 203, 135, 202, 133, 201, 130};
    CHECK(build_two_step(opaque_int(10)) == 25 && history_is(in_body));
    const unsigned char whole_built[] = {2, 5, 7, 8, 9, 10, 12, 140, 204, 138, 137, 136, 203, 135, 202, 133, 201, 130};
    CHECK(build_delegated(opaque_int(11)) == 40 && history_is(whole_built));
    CHECK(build_two_step(opaque_int(11)) == 1101 && history_is(whole_built));
    const unsigned char with_local[] = {2, 5, 7, 8, 9, 10, 12, 140, 14, 142, 204, 138, 137, 136, 203, 135, 202, 133, 201, 130};
    CHECK(build_delegated(opaque_int(13)) == 14 && history_is(with_local));
}
