/* Static locals with run-time initialisers: initialised once, at the first passage, in the order of the first passages,
 * one per template instance and per inline function, with initialisers that call each other. */
#include "certify.h"

namespace {

uint8_t events[48];
unsigned count;

int note(int code, int value) {
    if (count < sizeof events)
        events[count] = static_cast<uint8_t>(code);
    count++;
    return value;
}

struct Cell {
    Cell(int code, int value_) : value(note(code, value_)), uses(0) {}
    int take() { return value + uses++; }
    int value, uses;
};

NOINLINE int plain(int seed) {
    static int state = note(1, opaque_int(seed * 10));
    return state++;
}

/* As plain, but for the code and the step. */
NOINLINE int plain_other(int seed) {
    static int state = note(2, opaque_int(seed * 10));
    return state--;
}

NOINLINE int constant(int by) {
    static int state = 40;
    static const int limit = 45;
    state = state + by > limit ? 0 : state + by;
    return state;
}

/* Three guards in one function, passed in an order that depends on the argument. */
NOINLINE int branches(int which, int seed) {
    if (which > 1) {
        static Cell late(3, seed + 300);
        if (which == 3)
            return late.take();
        seed += late.value;
    }
    static Cell middle(4, seed);
    for (int i = 0; i < which; i++) {
        static Cell inner(5, middle.value * 2 + i);
        middle.value += inner.take();
    }
    return middle.take();
}

template <typename T> NOINLINE T next_of(T start) {
    static T state = static_cast<T>(note(10 + static_cast<int>(sizeof(T)), static_cast<int>(start)));
    state = static_cast<T>(state * 3 + 1);
    return state;
}

template <int code> struct Registry {
    static Cell &instance() {
        static Cell cell(code, code * 1000);
        return cell;
    }
};

/* The initialiser of one needs the other. */
int inner_value(int seed) {
    static const int value = note(31, seed * 2);
    return value;
}
int middle_value(int seed) {
    static const int value = note(32, inner_value(seed + 1) + 5);
    return value;
}
NOINLINE int outer_value(int seed) {
    static const int value = [seed] {
        int middle = middle_value(seed + 1);
        return note(33, middle * inner_value(77));
    }();
    return value;
}

NOINLINE Cell &by_reference(bool first) {
    static Cell cells[2] = {Cell(41, 7), Cell(42, 8)};
    static Cell &chosen = cells[first ? 0 : 1];
    chosen.uses += 10;
    return chosen;
}

/* A static local of a lambda is shared by all its copies. */
auto make_ticket(int kind) {
    return [kind] {
        static int next = note(50, 100);
        return next++ * 10 + kind;
    };
}

bool happened(const uint8_t *wanted, unsigned length) {
    bool same = length == count;
    for (unsigned i = 0; same && i < length; i++)
        same = events[i] == wanted[i];
    count = 0;
    return same;
}
template <unsigned length> bool happened(const uint8_t (&wanted)[length]) { return happened(wanted, length); }

} // namespace

PROGRAM(cxx_static_guards) {
    CHECK(count == 0);
    int first = plain(opaque_int(5)), second = plain(opaque_int(6));
    const uint8_t one[] = {1}, two[] = {2};
    CHECK(first == 50 && second == 51 && happened(one));
    first = plain_other(opaque_int(7));
    second = plain_other(8);
    CHECK(first == 70 && second == 69 && happened(two) && plain(0) == 52);
    CHECK(constant(opaque_int(3)) == 43 && constant(opaque_int(2)) == 45 && constant(opaque_int(1)) == 0 && constant(44) == 44);

    const uint8_t only_middle[] = {4}, then_late[] = {3}, then_inner[] = {5};
    CHECK(branches(opaque_int(0), opaque_int(20)) == 20 && happened(only_middle));
    CHECK(branches(opaque_int(0), 99) == 21 && count == 0);
    CHECK(branches(opaque_int(3), opaque_int(1)) == 301 && happened(then_late));
    CHECK(branches(opaque_int(3), opaque_int(9)) == 302 && count == 0);
    /* middle is 20 with two uses; inner becomes 40 and is taken once: 60 + 2. */
    CHECK(branches(opaque_int(1), 5) == 62 && happened(then_inner));
    CHECK(branches(opaque_int(2), 5) == 60 + 41 + 42 + 3 && count == 0);

    CHECK(next_of(static_cast<int8_t>(opaque_int(40))) == 121 && next_of(static_cast<int8_t>(1)) == 108);
    CHECK(next_of(static_cast<int16_t>(opaque_int(40))) == 121 && next_of(static_cast<int16_t>(1)) == 364);
    CHECK(next_of(static_cast<int64_t>(opaque_int(50))) == 151 && next_of(static_cast<int64_t>(1)) == 454);
    const uint8_t widths[] = {11, 12, 18};
    CHECK(happened(widths));

    const uint8_t registered[] = {22, 21};
    CHECK(Registry<22>::instance().take() == 22000 && Registry<21>::instance().take() == 21000);
    CHECK(Registry<22>::instance().take() == 22001 && Registry<22>::instance().uses == 2 && Registry<21>::instance().uses == 1);
    CHECK(happened(registered));

    /* 31 first: 2 * 7 = 14, then 19, then their product. */
    const uint8_t chain[] = {31, 32, 33};
    CHECK(outer_value(opaque_int(5)) == 14 * 19 && outer_value(6) == 266 && inner_value(0) == 14 && middle_value(0) == 19 && happened(chain));

    const uint8_t pair[] = {41, 42};
    Cell &cell = by_reference(opaque_int(0) != 0);
    CHECK(&by_reference(true) == &cell && cell.value == 8 && cell.uses == 20 && happened(pair));
    auto ticket = make_ticket(opaque_int(3)), other = make_ticket(opaque_int(4));
    auto copy = ticket;
    const uint8_t tickets[] = {50};
    CHECK(ticket() == 1003 && other() == 1014 && copy() == 1023 && ticket() == 1033 && happened(tickets));
}
