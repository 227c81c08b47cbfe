/* Temporaries live to the end of the full expression, longer when a reference takes them, and only on the branch that
 * makes them: conditional operators, short circuits, range-for, chained calls, results, members of temporaries. */
#include "certify.h"

namespace {

uint8_t events[64];
unsigned count;
int alive;

void record(unsigned code) {
    if (count < sizeof events)
        events[count] = static_cast<uint8_t>(code);
    count++;
}

struct Value {
    explicit Value(int number_) : number(number_) {
        alive++;
        record(static_cast<unsigned>(number));
    }
    Value(const Value &other) : number(other.number + 50) {
        alive++;
        record(static_cast<unsigned>(number));
    }
    Value &operator=(const Value &) = delete;
    ~Value() {
        alive--;
        record(100u + static_cast<unsigned>(number));
    }
    int get() const { return number; }
    const Value &self() const { return *this; }
    explicit operator bool() const { return number % 2 != 0; }
    int number;
};

struct Holder {
    Value value;
    int extra;
};

struct Bound {
    const Value &value;
    int extra;
};

struct Numbers {
    explicit Numbers(int first) : value(first), data{first, first + 1, first + 2} {}
    const int *begin() const { return data; }
    const int *end() const { return data + 3; }
    Value value;
    int data[3];
};

NOINLINE Value make(int number) { return Value(number); }
NOINLINE Holder make_holder(int number) { return Holder{Value(number), number * 2}; }
NOINLINE int add(const Value &a, const Value &b) { return a.number + b.number * 1000 + alive * 1000000; }

bool recorded(const uint8_t *wanted, unsigned length) {
    bool same = length == count && alive == 0;
    for (unsigned i = 0; same && i < length; i++)
        same = events[i] == wanted[i];
    count = 0;
    return same;
}
template <unsigned length> bool recorded(const uint8_t (&wanted)[length]) { return recorded(wanted, length); }

NOINLINE int simple(int a) {
    int result = make(a).self().get();
    record(200);
    const Value &kept = make(a + 1);
    result = result * 10 + kept.number;
    record(201);
    const Value &member = make_holder(a + 2).value;
    record(202);
    return result * 10 + member.number + make(a + 3).number;
}

NOINLINE int branches(bool first, bool second) {
    int result = first ? make(1).get() : make(2).get() + make(4).get();
    record(200);
    if (first && make(3) && (second || make(5)))
        result += 100;
    record(201);
    if (!make(9) || (second ? make(7) : Value(8)))
        result += 1000;
    return result;
}

NOINLINE int branches_other(bool first, bool second) {
    const Value &chosen = first ? make(1) : Value(2);
    record(200);
    if (first || make(3) || (second && make(4)))
        return chosen.number + 100;
    record(201);
    return chosen.number + (make(6) ? 0 : 10000);
}

NOINLINE int ranges(int first, int stop) {
    int sum = 0;
    for (int number : Numbers(first)) {
        if (number == stop)
            break;
        Value turn(number + 10);
        sum = sum * 100 + turn.number;
    }
    for (int i = 0; make(i + 20).number < 22; i++)
        sum++;
    return sum;
}

NOINLINE int aggregate(int number) {
    Bound bound{make(number), number + 1};
    record(200);
    const Holder &holder = make_holder(number + 2);
    Value copy(bound.value);
    return copy.number + holder.extra * 100 + bound.extra * 10000;
}

/* A temporary bound in an argument lasts to the end of the whole expression, not of the call. */
NOINLINE int chained(int number) {
    const Value local(number);
    int result = add(make(number + 1).self(), local);
    record(200);
    return result + (add(local, local), make(number + 2), alive);
}

} // namespace

PROGRAM(cxx_temporary_lifetime) {
    count = 0;
    for (int round = 0; round < 2; round++) {
        const uint8_t simple_events[] = {1, 101, 200, 2, 201, 3, 202, 4, 104, 103, 102};
        CHECK(simple(opaque_int(1)) == 127 && recorded(simple_events));
        const uint8_t both[] = {1, 101, 200, 3, 103, 201, 9, 7, 107, 109};
        CHECK(branches(opaque_int(1) != 0, opaque_int(1) != 0) == 1101 && recorded(both));
        const uint8_t only_first[] = {1, 101, 200, 3, 5, 105, 103, 201, 9, 8, 108, 109};
        CHECK(branches(opaque_int(1) != 0, opaque_int(0) != 0) == 101 && recorded(only_first));
        CHECK(branches(opaque_int(0) != 0, true) == 1006 && count == 10 && events[4] == 200);
        count = 0;
        const uint8_t chosen_first[] = {1, 200, 101};
        CHECK(branches_other(opaque_int(1) != 0, true) == 101 && recorded(chosen_first));
        const uint8_t chosen_second[] = {2, 200, 3, 103, 102};
        CHECK(branches_other(opaque_int(0) != 0, opaque_int(0) != 0) == 102 && recorded(chosen_second));

        const uint8_t range_events[] = {5, 15, 115, 16, 116, 17, 117, 105, 20, 120, 21, 121, 22, 122};
        CHECK(ranges(opaque_int(5), opaque_int(0)) == 151619 && recorded(range_events));
        const uint8_t broken[] = {5, 15, 115, 105, 20, 120, 21, 121, 22, 122};
        CHECK(ranges(5, opaque_int(6)) == 17 && recorded(broken));

        const uint8_t aggregate_events[] = {7, 200, 9, 57, 157, 109, 107};
        CHECK(aggregate(opaque_int(7)) == 57 + 1800 + 80000 && recorded(aggregate_events));
        const uint8_t chained_events[] = {1, 2, 102, 200, 3, 103, 101};
        CHECK(chained(opaque_int(1)) == 2001004 && recorded(chained_events));
    }
}
