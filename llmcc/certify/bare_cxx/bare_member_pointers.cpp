/* Pointers to members, data and functions, virtual ones and those of second bases, in tables and as template arguments. */
#include "bare.h"

namespace {

struct Counter {
    int up(int by) { return value += by; }
    virtual int down(int by) { return value -= by; }
    virtual int reset(int to) { return value = to; }
    int value = 10;
};
struct Limits {
    virtual int clamp(int by) { return by > most ? most : by; }
    int plain(int by) { return by + most; }
    int most = 6;
};
struct Meter : Counter, Limits {
    int down(int by) override { return Counter::down(by * 2) + most; }
    int clamp(int by) override { return Limits::clamp(by) + value; }
    int own(int by) { return value * by - most; }
    int8_t a = 1;
    int16_t b = 2;
    int32_t c = 3;
};

using Action = int (Meter::*)(int);
const Action actions[] = {&Meter::up, &Meter::down, &Meter::clamp, &Meter::own, &Meter::plain, &Meter::reset};

NOINLINE int apply(Meter &meter, Action action, int by) { return (meter.*action)(by); }

template <typename T, T Meter::*Field> NOINLINE void bump(Meter &meter, int by) { meter.*Field = static_cast<T>(meter.*Field * 3 + by); }

struct Plain {
    int first, second, third;
};
NOINLINE int pick(const Plain *rows, int count, int Plain::*field) {
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum = sum * 3 + rows[i].*field;
    return sum;
}

} // namespace

PROGRAM(bare_member_pointers) {
    Sum sum;
    Meter meter;
    Numbers numbers(opaque_unsigned(31));
    for (int i = 0; i < 40; i++) {
        Action action = actions[numbers.below(6)];
        Add{sum, apply(meter, action, static_cast<int>(numbers.below(9))), meter.value};
        if (meter.value > 500 || meter.value < -500)
            apply(meter, &Meter::reset, opaque_int(i));
        Add{sum, action == &Meter::own, action != nullptr};
    }
    for (int i = 0; i < 8; i++) {
        bump<int8_t, &Meter::a>(meter, opaque_int(i));
        bump<int16_t, &Meter::b>(meter, opaque_int(-i));
        bump<int32_t, &Meter::c>(meter, i);
        Add{sum, meter.a, meter.b, meter.c};
    }
    Plain rows[] = {{1, 2, 3}, {4, opaque_int(5), 6}, {7, 8, 9}};
    int Plain::*fields[] = {&Plain::third, &Plain::first, &Plain::second};
    for (int i = 0; i < 6; i++)
        Add{sum, pick(rows, 3, fields[opaque_int(i) % 3])};
    AGREED(bare_member_pointers, sum);
}
