/* Try blocks inside handlers, exceptions thrown by handlers, destructors that throw and catch for themselves while
 * another exception unwinds, and the number of exceptions in flight meanwhile. */
#include "certify.h"

#include <exception>

namespace {

uint16_t log_entries[48];
unsigned log_length;

void note(unsigned code) {
    if (log_length < sizeof log_entries / sizeof *log_entries)
        log_entries[log_length] = static_cast<uint16_t>(code);
    log_length++;
}

struct Problem {
    int number;
};

NOINLINE void raise_if(bool condition, int number) {
    if (condition)
        throw Problem{number};
}

/* Its destructor throws and catches; mode 2 does so two levels deep. */
struct Busy {
    Busy(int id_, unsigned mode_) : id(id_), mode(mode_) { note(100 + id); }
    ~Busy() {
        note(200 + id + 10 * std::uncaught_exceptions());
        try {
            if (mode == 2) {
                Busy inner(id + 1, 1);
                raise_if(true, id + 50);
            }
            raise_if(mode == 1, id + 30);
            note(300 + id);
        } catch (const Problem &problem) {
            note(400 + problem.number);
        }
    }
    int id;
    unsigned mode;
};

NOINLINE int handler_with_try(int first, int second, int third) {
    int result = 0;
    try {
        raise_if(first != 0, first);
        result += 1;
    } catch (const Problem &outer) {
        try {
            raise_if(second != 0, second);
            result += 10;
        } catch (const Problem &inner) {
            result += outer.number * 100 + inner.number;
            try {
                raise_if(third == outer.number, third + 1);
                raise_if(third == inner.number, third + 2);
                result += 5;
            } catch (Problem innermost) {
                result += (outer.number ^ inner.number ^ innermost.number) * 10000;
            }
        }
        result += outer.number;
    }
    return result;
}

int handler_model(int first, int second, int third) {
    if (first == 0)
        return 1;
    if (second == 0)
        return 10 + first;
    int result = first * 100 + second;
    if (third == first)
        result += (first ^ second ^ (third + 1)) * 10000;
    else if (third == second)
        result += (first ^ second ^ (third + 2)) * 10000;
    else
        result += 5;
    return result + first;
}

/* An exception thrown by a handler leaves the try: its neighbours do not see it. After the inner exception is
 * dealt with, "throw;" means the outer one again. */
NOINLINE int replace(int number) {
    int steps = 0;
    try {
        try {
            raise_if(number > 0, number);
            steps += 1;
        } catch (const Problem &problem) {
            steps += 2;
            if (problem.number % 2)
                throw problem.number * 3;
            try {
                throw number + 0.25;
            } catch (double inner) {
                steps += inner > 8 ? 16 : 4;
            } catch (const Problem &) {
                steps += 1000;
            }
            if (number > 4)
                throw;
        } catch (int) {
            steps += 2000;
        }
        steps += 32;
    } catch (int value) {
        return steps * 100 + value;
    } catch (const Problem &problem) {
        return steps * 100 + problem.number + 50;
    }
    return steps * 100;
}

NOINLINE int unwind_busy(unsigned mode, bool fail) {
    try {
        Busy first(1, mode);
        Busy second(3, mode == 0 ? 2 : 0);
        raise_if(fail, 77);
        note(500 + std::uncaught_exceptions());
    } catch (const Problem &problem) {
        note(600 + problem.number + std::uncaught_exceptions());
        return problem.number;
    }
    return static_cast<int>(mode);
}

bool logged(const uint16_t *wanted, unsigned count) {
    bool same = count == log_length;
    for (unsigned i = 0; same && i < count; i++)
        same = log_entries[i] == wanted[i];
    log_length = 0;
    return same;
}

template <unsigned count> bool logged(const uint16_t (&wanted)[count]) { return logged(wanted, count); }

} // namespace

PROGRAM(cxx_throw_nested_handlers) {
    for (int first = 0; first < 4; first++)
        for (int second = 0; second < 4; second++)
            for (int third = 0; third < 5; third++)
                CHECK(handler_with_try(opaque_int(first), opaque_int(second), opaque_int(third)) == handler_model(first, second, third));
    const int replaced[11] = {3300, 203, 3800, 209, 3800, 215, 656, 221, 1858, 227, 1860};
    for (int number = 0; number <= 10; number++)
        CHECK(replace(opaque_int(number)) == replaced[number]);

    const uint16_t quiet[] = {101, 103, 500, 203, 303, 201, 431};
    CHECK(unwind_busy(opaque_unsigned(1), opaque_int(0) != 0) == 1 && logged(quiet));
    const uint16_t one_level[] = {101, 103, 213, 303, 211, 431, 677};
    CHECK(unwind_busy(opaque_unsigned(1), opaque_int(1) != 0) == 77 && logged(one_level));
    const uint16_t two_levels[] = {101, 103, 213, 104, 224, 434, 453, 211, 301, 677};
    CHECK(unwind_busy(opaque_unsigned(0), opaque_int(1) != 0) == 77 && logged(two_levels));
    const uint16_t twice[] = {101, 103, 213, 303, 211, 102, 222, 432, 451, 677};
    CHECK(unwind_busy(opaque_unsigned(2), opaque_int(1) != 0) == 77 && logged(twice));
    const uint16_t calm[] = {101, 103, 500, 203, 303, 201, 102, 212, 432, 451};
    CHECK(unwind_busy(opaque_unsigned(2), opaque_int(0) != 0) == 2 && logged(calm));
}
