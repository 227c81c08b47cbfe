/* Functions with try blocks that are alike but for one thing: a constant in the handler, the type it takes, the callee,
 * the order of two handlers, a comparison. Folding two of them into one would show. */
#include "certify.h"

namespace {

struct Small {
    int value;
};
struct Large : Small {
    int extra;
};

NOINLINE int source(int kind, int value) {
    if (kind == 1)
        throw Small{value};
    if (kind == 2) {
        Large large;
        large.value = value + 1;
        large.extra = value * 2;
        throw large;
    }
    if (kind == 3)
        throw value;
    if (kind == 4)
        throw static_cast<unsigned>(value) + 40u;
    return value ^ 5;
}

NOINLINE int source_shifted(int kind, int value) { return source(kind, value + 3) + 1; }

/* Which function is called, what the two handlers take and what they make of it. */
#define HANDLER(name, callee, First, first_result, Second, second_result) \
    NOINLINE int name(int kind, int value) {                               \
        int before = value * 3 - kind;                                     \
        try {                                                              \
            before += callee(kind, value);                                 \
        } catch (First caught) {                                           \
            before = first_result;                                         \
        } catch (Second caught) {                                          \
            before = second_result;                                        \
        }                                                                  \
        return before;                                                     \
    }

HANDLER(handler_a, source, const Small &, before * 2 + caught.value + 11, int, before - caught * 7)
/* The constant of the first handler, its type, the type of the second, the callee. */
HANDLER(handler_b, source, const Small &, before * 2 + caught.value + 12, int, before - caught * 7)
HANDLER(handler_c, source, const Large &, before * 2 + caught.value + 11, int, before - caught * 7)
HANDLER(handler_d, source, const Small &, before * 2 + caught.value + 11, unsigned, before - static_cast<int>(caught) * 7)
HANDLER(handler_e, source_shifted, const Small &, before * 2 + caught.value + 11, int, before - caught * 7)
/* Another member of the object that was caught, and the operands of the subtraction. */
HANDLER(handler_f, source, const Large &, before * 2 + caught.extra + 11, int, caught * 7 - before)

/* The same handlers the other way round, and a second try with other constants. */
NOINLINE int handler_g(int kind, int value) {
    int before = value * 3 - kind;
    try {
        before += source(kind, value);
    } catch (int number) {
        before = before - number * 7;
    } catch (const Small &small) {
        before = before * 2 + small.value + 11;
    }
    try {
        before += source(kind, value);
    } catch (int number) {
        before = before - number * 8;
    } catch (const Small &small) {
        before = before * 2 + small.value + (before < 0 ? 21 : 22);
    }
    return before;
}

/* As a, and its twin in all but the condition. */
[[noreturn]] NOINLINE int pass_on() { throw; }
HANDLER(handler_h, source, const Small &, caught.value < 20 ? pass_on() : before * 2 + caught.value + 11, int, before - caught * 7)
HANDLER(handler_i, source, const Small &, caught.value <= 20 ? pass_on() : before * 2 + caught.value + 11, int, before - caught * 7)

using Handler = int (*)(int, int);

NOINLINE int run(Handler handler, int kind, int value) {
    try {
        return handler(kind, value);
    } catch (Large &large) {
        return 20000 + large.extra;
    } catch (Small &small) {
        return 10000 + small.value;
    } catch (int number) {
        return 30000 + number;
    } catch (...) {
        return 40000;
    }
}

/* What each handler takes and makes of it, without exceptions. */
int model(unsigned which, int kind, int value) {
    int before = value * 3 - kind, shift = which == 4 ? 3 : 0, seen = value + shift;
    bool small = kind == 1 || kind == 2;
    int carried = kind == 2 ? seen + 1 : seen;
    if (kind == 0 && which == 6)
        return before + 2 * (value ^ 5);
    if (kind == 0)
        return before + (seen ^ 5) + (which == 4);
    if ((which == 7 && small && carried < 20) || (which == 8 && small && carried <= 20) || ((which == 2 || which == 5) && kind == 1))
        return kind == 2 ? 20000 + seen * 2 : 10000 + carried;
    if (kind == 3 && which == 3)
        return 30000 + seen;
    if (kind == 4)
        return which == 3 ? before - (value + 40) * 7 : 40000;
    if (kind == 3)
        return which == 5 ? seen * 7 - before : which == 6 ? before - seen * 15 : before - seen * 7;
    if (which == 5)
        return before * 2 + seen * 2 + 11;
    int once = before * 2 + carried + (which == 1 ? 12 : 11);
    return which == 6 ? once * 2 + carried + (once < 0 ? 21 : 22) : once;
}

const Handler handlers[9] = {handler_a, handler_b, handler_c, handler_d, handler_e, handler_f, handler_g, handler_h, handler_i};

} // namespace

PROGRAM(cxx_throw_handler_constants) {
    for (int value = -40; value < 60; value += 9)
        for (int kind = 0; kind < 5; kind++)
            for (unsigned which = 0; which < 9; which++)
                CHECK(run(handlers[opaque_unsigned(which)], opaque_int(kind), opaque_int(value)) == model(which, kind, value));
    CHECK(run(handler_h, opaque_int(1), 20) == 149 && run(handler_i, opaque_int(1), 20) == 10020);
    CHECK(run(handler_h, 2, 19) == 141 && run(handler_i, 2, 19) == 20038 && run(handler_h, 1, 19) == 10019);
    CHECK(handler_a(1, 4) == 37 && handler_b(1, 4) == 38 && handler_d(4, 4) == -300 && handler_f(3, 4) == 19);
}
