/* Inline functions and variables, templates and static members with external linkage: one definition each, with a state
 * of its own, although bodies are equal or differ by one constant; explicit instances; local types. */
#include "certify.h"

#include <utility>

namespace cxx_comdat_functions {

inline int shared_counter = 5;
inline const uint16_t shared_table[6] = {1, 10, 100, 1000, 10000, 65535};
template <typename T> inline T per_type = static_cast<T>(sizeof(T) * 10);
template <typename T, int start> struct Tally {
    static inline T total = start;
    static T add(T value) { return total = static_cast<T>(total + value); }
    static unsigned calls;
    static int count() { return static_cast<int>(++calls); }
};
template <typename T, int start> unsigned Tally<T, start>::calls = 0;

/* Equal bodies: still distinct functions. */
inline int first_twin(int a, int b) { return a * 3 + b; }
inline int second_twin(int a, int b) { return a * 3 + b; }
/* One constant, one order, one callee apart. */
inline int near_twin(int a, int b) { return a * 5 + b; }
inline int turned_twin(int a, int b) { return b * 3 + a; }
NOINLINE inline int calls_first(int a, int b) { return first_twin(a, b) - (a > b ? b : a); }
NOINLINE inline int calls_second(int a, int b) { return near_twin(a, b) - (a > b ? b : a); }
NOINLINE inline int calls_third(int a, int b) { return turned_twin(a, b) - (a > b ? b : a); }
NOINLINE inline int calls_fourth(int a, int b) { return first_twin(a, b) - (a > b ? a : b); }

inline int ticket() {
    static int next = 100;
    return next++;
}
inline int other_ticket() {
    static int next = 100;
    return next += 2;
}

template <typename T> NOINLINE T average(const T *values, unsigned count) {
    T sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum = static_cast<T>(sum + values[i] / static_cast<T>(count));
    return sum;
}
template float average<float>(const float *, unsigned);
extern template double average<double>(const double *, unsigned);
template double average<double>(const double *, unsigned);
/* A specialisation that does something else. */
template <> NOINLINE inline int8_t average<int8_t>(const int8_t *values, unsigned count) {
    int sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += values[i];
    return static_cast<int8_t>(sum / static_cast<int>(count));
}

template <int (*callee)(int, int), unsigned times> NOINLINE int repeat(int a, int b) {
    for (unsigned i = 0; i < times; i++)
        a = callee(a, b) % 1000;
    return a;
}

struct Shape {
    virtual int area(int scale) const { return scale; }
    virtual int sides() const { return 0; }
};
struct Square : Shape {
    explicit Square(int side_) : side(side_) {}
    int area(int scale) const override { return side * side * scale; }
    int sides() const override { return 4; }
    int side;
};
template <int corners> struct Regular : Shape {
    explicit Regular(int side_) : side(side_) {}
    int area(int scale) const override { return side * scale * corners; }
    int sides() const override { return corners; }
    int side;
};
NOINLINE inline int measure(const Shape &shape, int scale) { return shape.area(scale) * 10 + shape.sides(); }

/* A type that is local to an inline function, with a static member function and a lambda. */
inline auto local_type(int seed) {
    struct Local {
        int value;
        int next() { return value = step(value); }
        static int step(int from) { return (from * 7 + 3) % 101; }
    };
    return Local{seed};
}
inline auto local_lambda = [](int value) { return value * 2 + shared_counter; };

using Binary = int (*)(int, int);
extern const Binary calls[8];
const Binary calls[8] = {first_twin, second_twin, near_twin, turned_twin, calls_first, calls_second, calls_third, calls_fourth};

int model(unsigned which, int a, int b);
int model(unsigned which, int a, int b) {
    const int low = a > b ? b : a, high = a > b ? a : b;
    const int values[8] = {a * 3 + b, a * 3 + b, a * 5 + b, b * 3 + a, a * 3 + b - low, a * 5 + b - low, b * 3 + a - low, a * 3 + b - high};
    return values[which];
}

} // namespace cxx_comdat_functions

using namespace cxx_comdat_functions;

PROGRAM(cxx_comdat_functions) {
    for (unsigned which = 0; which < 8; which++)
        for (int a = -4; a < 9; a += 3)
            for (int b = -2; b < 12; b += 5)
                CHECK(calls[opaque_unsigned(which)](opaque_int(a), opaque_int(b)) == model(which, a, b));

    shared_counter += opaque_int(2);
    CHECK(shared_counter == 7 && local_lambda(opaque_int(5)) == 17);
    unsigned sum = 0;
    for (uint16_t entry : shared_table)
        sum += entry;
    CHECK(sum == 76646 && shared_table[opaque_unsigned(3)] == 1000);
    per_type<int8_t> = static_cast<int8_t>(per_type<int8_t> + opaque_int(100));
    per_type<int32_t> += opaque_int(100);
    CHECK(per_type<int8_t> == 110 && per_type<int32_t> == 140 && per_type<int16_t> == 20 && per_type<double> == 80);
    per_type<int8_t> = static_cast<int8_t>(per_type<int8_t> + opaque_int(100));
    CHECK(per_type<int8_t> == -46 && per_type<uint8_t> == 10);

    CHECK((Tally<int, 3>::add(opaque_int(10)) == 13 && Tally<int, 4>::add(10) == 14 && Tally<uint8_t, 3>::add(static_cast<uint8_t>(opaque_int(254))) == 1));
    CHECK((Tally<int, 3>::add(1) == 14 && Tally<int, 4>::total == 14 && Tally<int64_t, 3>::total == 3));
    CHECK((Tally<int, 3>::count() == 1 && Tally<int, 4>::count() == 1 && Tally<int, 3>::count() == 2 && Tally<uint8_t, 3>::calls == 0));
    CHECK(ticket() == 100 && other_ticket() == 102 && ticket() == 101 && other_ticket() == 104);

    const float reals[4] = {opaque_float(1), 2, opaque_float(4), 9};
    const double doubles[4] = {opaque_double(1), 2, 4, opaque_double(11)};
    const int8_t bytes[4] = {static_cast<int8_t>(opaque_int(127)), 127, -1, 3};
    const int16_t words[4] = {static_cast<int16_t>(opaque_int(127)), 127, -1, 3};
    CHECK(average(reals, opaque_unsigned(4)) == 4.0f && average(doubles, opaque_unsigned(4)) == 4.5);
    CHECK(average(bytes, opaque_unsigned(4)) == 64 && average(words, opaque_unsigned(4)) == 62);

    int a = opaque_int(3), wanted = 3, turned = 3;
    for (int i = 0; i < 6; i++) {
        wanted = (wanted * 3 + 8) % 1000;
        turned = (8 * 3 + turned) % 1000;
    }
    CHECK((repeat<first_twin, 6>(a, 8) == wanted && repeat<second_twin, 6>(a, 8) == wanted && repeat<turned_twin, 6>(a, 8) == turned));
    CHECK((repeat<near_twin, 2>(a, 8) == 123 && repeat<near_twin, 1>(a, 8) == 23 && repeat<first_twin, 1>(a, 8) == 17));

    const Square square(opaque_int(6));
    const Regular<3> triangle(opaque_int(6));
    const Regular<5> pentagon(6);
    const Shape shape, *shapes[4] = {&square, &triangle, &pentagon, &shape};
    const int measures[4] = {724, 363, 605, 20};
    for (unsigned i = 0; i < 4; i++)
        CHECK(measure(*shapes[opaque_unsigned(i)], opaque_int(2)) == measures[i]);
    auto local = local_type(opaque_int(9)), copy = local;
    CHECK(local.next() == 66 && local.next() == 61 && copy.value == 9 && decltype(local)::step(0) == 3);
}
