/* References: overloads by value category and const, members and parameters that alias, references to arrays, functions
 * and pointers, bit-fields and conversions that bind a temporary copy, forwarding through several layers. */
#include "certify.h"

#include <type_traits>
#include <utility>

namespace {

struct Box {
    int value;
    int get() & { return value + 100; }
    int get() const & { return value + 200; }
    int get() && { return value + 300; }
    int get() const && { return value + 400; }
    int &slot() { return value; }
    const int &slot() const { return value; }
};

NOINLINE int kind(Box &box) { return box.value + 1000; }
NOINLINE int kind(const Box &box) { return box.value + 2000; }
NOINLINE int kind(Box &&box) { return box.value + 3000; }
template <typename T> int layer_one(T &&box) { return kind(std::forward<T>(box)) * 2 + std::is_lvalue_reference<T>::value; }
template <typename T> NOINLINE int layer_two(T &&box) { return layer_one(std::forward<T>(box)) + 1; }
template <typename T> NOINLINE int layer_named(T &&box) { return layer_one(box) + 1; }

/* The parameters may be the same object. */
NOINLINE int accumulate(int &to, const int &from, int times) {
    for (int i = 0; i < times; i++)
        to += from + i;
    return to - from;
}
NOINLINE int accumulate_copy(int &to, int from, int times) {
    for (int i = 0; i < times; i++)
        to += from + i;
    return to - from;
}
NOINLINE int64_t overlap(int32_t &a, int32_t &b, const int32_t &c) {
    a = c + 1;
    b = c * 2;
    a -= b;
    return int64_t{a} * 1000000 + b * 1000 + c;
}

template <typename T, size_t count> NOINLINE T sum_array(const T (&values)[count]) {
    T sum = 0;
    for (const T &value : values)
        sum = static_cast<T>(sum * 3 + value);
    return static_cast<T>(sum + count);
}
template <size_t rows, size_t columns> NOINLINE void transpose(const int16_t (&from)[rows][columns], int16_t (&to)[columns][rows]) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            to[c][r] = from[r][c];
}

struct Packed {
    unsigned low : 5;
    unsigned high : 11;
};
NOINLINE unsigned read_twice(const unsigned &value, Packed &packed) {
    unsigned before = value;
    packed.low = (packed.low + 9) & 31u;
    packed.high = 77;
    return before * 100 + value;
}
NOINLINE int64_t read_wide(const int64_t &value, int &narrow) {
    narrow += 5;
    return value;
}

struct View {
    View(int &first_, const int &second_) : first(first_), second(second_) {}
    int mix() const { return first * 10 + second; }
    View swapped_roles(int &other) const { return View(other, first); }
    int &first;
    const int &second;
};

int add(int a, int b) { return a + b; }
int subtract(int a, int b) { return a - b; }
NOINLINE int call(int (&function)(int, int), int a, int b) { return function(a, b); }
NOINLINE void retarget(int *&pointer, int &target, int *const &kept) {
    pointer = &target;
    *pointer += *kept;
}
NOINLINE int &larger(int &a, int &b) { return a < b ? b : a; }
NOINLINE const int &clamp(const int &value, const int &low, const int &high) { return value < low ? low : high < value ? high : value; }

} // namespace

PROGRAM(cxx_reference_binding) {
    for (int v = -5; v < 30; v += 7) {
        Box box = {opaque_int(v)};
        const Box fixed = {v + 1};
        CHECK(box.get() == v + 100 && fixed.get() == v + 201 && std::move(box).get() == v + 300 && std::move(fixed).get() == v + 401);
        CHECK(Box{v}.get() == v + 300 && static_cast<const Box &>(box).get() == v + 200);
        CHECK(layer_two(box) == (v + 1000) * 2 + 2 && layer_two(fixed) == (v + 2001) * 2 + 2 && layer_two(Box{v}) == (v + 3000) * 2 + 1);
        CHECK(layer_two(std::move(fixed)) == (v + 2001) * 2 + 1 && layer_named(Box{v}) == (v + 1000) * 2 + 2 && layer_named(fixed) == (v + 2001) * 2 + 2);
        box.slot() += 3;
        CHECK(static_cast<const Box &>(box).slot() == v + 3);

        int to = opaque_int(v), from = v, model = v, seen;
        seen = accumulate(to, to, 4);
        for (int i = 0; i < 4; i++)
            model = model * 2 + i;
        CHECK(to == model && seen == 0);
        to = v;
        seen = accumulate_copy(to, to, opaque_int(4));
        CHECK(to == v * 5 + 6 && seen == v * 4 + 6);
        to = v;
        seen = accumulate(to, from, opaque_int(4));
        CHECK(to == v * 5 + 6 && seen == v * 4 + 6 && from == v);

        int32_t a = opaque_int(1), b = opaque_int(2), c = opaque_int(v);
        CHECK(overlap(a, b, c) == int64_t{1 - v} * 1000000 + v * 2000 + v && a == 1 - v && b == v * 2);
        c = v;
        CHECK(overlap(c, b, c) == int64_t{-v - 1} * 1000000 + (v * 2 + 2) * 1000 - v - 1 && c == -v - 1);
        c = v;
        CHECK(overlap(a, c, c) == int64_t{1 - v} * 1000000 + v * 2000 + v * 2 && c == v * 2);
        c = v;
        CHECK(overlap(c, c, c) == 0 && c == 0);

        const int values[4] = {v, 2, 3, opaque_int(4)};
        const uint8_t bytes[3] = {static_cast<uint8_t>(v), 200, 100};
        CHECK(sum_array(values) == v * 27 + 35 && sum_array(bytes) == static_cast<uint8_t>(v * 9 + 703));
        int16_t table[2][3] = {{1, 2, static_cast<int16_t>(v)}, {4, 5, 6}}, turned[3][2];
        transpose(table, turned);
        CHECK(turned[2][0] == v && turned[2][1] == 6 && turned[0][1] == 4 && turned[1][0] == 2);

        /* A reference to a bit-field or to another type is bound to a copy. */
        Packed packed = {static_cast<unsigned>(v) & 31u, 1000};
        unsigned low = packed.low;
        CHECK(read_twice(packed.low, packed) == low * 101 && packed.low == ((low + 9) & 31u) && packed.high == 77);
        int narrow = v;
        CHECK(read_wide(narrow, narrow) == v && narrow == v + 5);

        int x = opaque_int(v), y = 7;
        View view(x, y), same(x, x), other = view.swapped_roles(y);
        x += 2;
        y++;
        CHECK(view.mix() == (v + 2) * 10 + 8 && same.mix() == (v + 2) * 11 && other.mix() == 80 + v + 2);
        other.first = v;
        CHECK(view.second == v && view.mix() == (v + 2) * 10 + v);
        int (&operation)(int, int) = v & 1 ? add : subtract;
        CHECK(call(operation, opaque_int(v), 4) == (v & 1 ? v + 4 : v - 4) && call(add, v, 1) - call(subtract, v, 1) == 2);
        int *pointer = &x;
        retarget(pointer, y, pointer);
        CHECK(pointer == &y && y == v * 2 && x == v + 2);
        larger(x, y) = 1000;
        CHECK(v > 2 ? y == 1000 && x == v + 2 : x == 1000 && y == v * 2);
        const int lower = -1, upper = 12;
        CHECK(&clamp(v, lower, upper) == (v < -1 ? &lower : v > 12 ? &upper : &v) && clamp(opaque_int(v), -1, 12) == (v < -1 ? -1 : v > 12 ? 12 : v));
    }
}
