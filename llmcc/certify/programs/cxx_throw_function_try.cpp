/* Function try blocks: of constructors (bases and members are gone before the handler, which always throws on), of
 * destructors and of ordinary functions, whose handlers still see the parameters. */
#include "certify.h"

namespace {

uint16_t log_entries[64];
unsigned log_length;

void note(unsigned code) {
    if (log_length < sizeof log_entries / sizeof *log_entries)
        log_entries[log_length] = static_cast<uint16_t>(code);
    log_length++;
}

struct Stop {
    int at;
};

struct Part {
    Part(int id_, int stop) : id(id_) {
        note(100 + id);
        if (stop == id)
            throw Stop{id};
    }
    ~Part() { note(200 + id); }
    int id;
};

struct Base {
    Base(int stop, int extra) try : part(1, stop), sum(extra) {
        note(10);
        if (stop == 2)
            throw Stop{2};
    } catch (Stop &fault) {
        note(20 + fault.at);
        fault.at += extra;
    }
    ~Base() { note(30); }
    Part part;
    int sum;
};

struct Derived : Base {
    Derived(int stop, int extra) try : Base(stop, extra), first(3, stop), second(4, stop) {
        note(40);
        if (stop == 5)
            throw Stop{5};
        if (stop == 6)
            throw 6;
    } catch (const Stop &fault) {
        note(50 + fault.at);
        if (fault.at % 2 == 0)
            throw fault.at * 10;
    } catch (int value) {
        note(60 + value);
        throw Stop{value + extra};
    }
    ~Derived() { note(70); }
    Part first, second;
};

/* Its destructor throws inside; the handler keeps the exception by a return. Members go before the handler. */
struct Closer {
    Closer(int id, int fail_) : part(id, fail_ == 9 ? id : 0), fail(fail_) {}
    ~Closer() noexcept try {
        note(80);
        if (fail)
            throw Stop{fail};
        note(81);
    } catch (const Stop &stop) {
        note(90 + stop.at);
        return;
    }
    Part part;
    int fail;
};

NOINLINE int ordinary(int stop, int first, int second) try {
    Part local(first, stop);
    first += 1000;
    Part other(second, stop);
    second += first;
    return second;
} catch (const Stop &stop_at) {
    return stop_at.at * 10000 + first + second;
}

NOINLINE int ordinary_closer(int stop, int first, int second) try {
    Closer local(first, stop);
    first += 1000;
    Closer other(second, stop);
    second += first;
    return second;
} catch (const Stop &stop_at) {
    return stop_at.at * 20000 + first + second;
}

NOINLINE int build(int stop, int extra) {
    try {
        Derived object(stop, extra);
        note(99);
        return object.sum;
    } catch (const Stop &fault) {
        return 1000 + fault.at;
    } catch (int value) {
        return 2000 + value;
    }
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

PROGRAM(cxx_throw_function_try) {
    const uint16_t whole[] = {101, 10, 103, 104, 40, 99, 70, 204, 203, 30, 201};
    CHECK(build(opaque_int(0), opaque_int(8)) == 8 && logged(whole));
    const uint16_t stop1[] = {101, 21, 59};
    CHECK(build(opaque_int(1), opaque_int(8)) == 1009 && logged(stop1));
    CHECK(build(opaque_int(1), opaque_int(7)) == 2080);
    const uint16_t stop1_even[] = {101, 21, 58};
    CHECK(logged(stop1_even));
    const uint16_t stop2[] = {101, 10, 201, 22, 53};
    CHECK(build(opaque_int(2), opaque_int(1)) == 1003 && logged(stop2));
    const uint16_t stop3[] = {101, 10, 103, 30, 201, 53};
    CHECK(build(opaque_int(3), opaque_int(1)) == 1003 && logged(stop3));
    const uint16_t stop4[] = {101, 10, 103, 104, 203, 30, 201, 54};
    CHECK(build(opaque_int(4), opaque_int(1)) == 2040 && logged(stop4));
    const uint16_t stop5[] = {101, 10, 103, 104, 40, 204, 203, 30, 201, 55};
    CHECK(build(opaque_int(5), opaque_int(1)) == 1005 && logged(stop5));
    const uint16_t stop6[] = {101, 10, 103, 104, 40, 204, 203, 30, 201, 66};
    CHECK(build(opaque_int(6), opaque_int(21)) == 1027 && logged(stop6));

    const uint16_t both[] = {107, 108, 208, 207}, first_only[] = {107}, second_fails[] = {107, 108, 207};
    CHECK(ordinary(opaque_int(0), 7, 8) == 1015 && logged(both));
    CHECK(ordinary(opaque_int(7), 7, 8) == 70015 && logged(first_only));
    CHECK(ordinary(opaque_int(8), 7, 8) == 81015 && logged(second_fails));
    const uint16_t closed[] = {105, 106, 80, 81, 206, 80, 81, 205}, faults[] = {105, 106, 80, 206, 94, 80, 205, 94};
    CHECK(ordinary_closer(opaque_int(0), 5, 6) == 1011 && logged(closed));
    CHECK(ordinary_closer(opaque_int(4), 5, 6) == 1011 && logged(faults));
    const uint16_t unbuilt[] = {105};
    CHECK(ordinary_closer(opaque_int(9), 5, 6) == 100011 && logged(unbuilt));
}
