/* Thrown objects of many types, caught by value, by reference and by reference to const: which handler takes them
 * without any conversion, and whose copy a handler changes before it throws again. */
#include "certify.h"

namespace {

struct Point {
    int32_t x;
    int32_t y;
};

struct Wide {
    int64_t words[4];
};

enum class Signal : uint8_t { idle = 3, busy = 250 };

NOINLINE void throw_kind(unsigned kind, int value) {
    switch (kind) {
    case 0: throw value;
    case 1: throw static_cast<unsigned>(value);
    case 2: throw static_cast<short>(value);
    case 3: throw static_cast<signed char>(value & 63);
    case 4: throw static_cast<long long>(value) * 65537;
    case 5: throw static_cast<float>(value) / 4;
    case 6: throw static_cast<double>(value) / 8;
    case 7: throw Point{value, -value};
    case 8: throw Wide{{value, value + 1, value * 2, ~value}};
    case 9: throw value & 1 ? Signal::busy : Signal::idle;
    case 10: throw (value & 1) != 0;
    default: return;
    }
}

int64_t expected(unsigned kind, int value) {
    switch (kind) {
    case 0: return 1000 + value;
    case 1: return 2000 + static_cast<int64_t>(static_cast<unsigned>(value) % 8191u);
    case 2: return 3000 + value;
    case 3: return 4000 + (value & 63);
    case 4: return static_cast<int64_t>(value) * 65537 + 5000;
    case 5: return 6000 + value;
    case 6: return 7000 + value;
    case 7: return 8000 + value * 2;
    case 8: return 9000 + value * 3 + 1 - ~value;
    case 9: return value & 1 ? 250 : 3;
    case 10: return 10000 + (value & 1);
    default: return -1;
    }
}

NOINLINE int64_t take_by_value(unsigned kind, int value) {
    try {
        throw_kind(kind, value);
        return -1;
    } catch (int taken) {
        return 1000 + taken;
    } catch (unsigned taken) {
        return 2000 + static_cast<int64_t>(taken % 8191u);
    } catch (short taken) {
        return 3000 + taken;
    } catch (signed char taken) {
        return 4000 + taken;
    } catch (long long taken) {
        return 5000 + taken;
    } catch (float taken) {
        return 6000 + static_cast<int64_t>(taken * 4);
    } catch (double taken) {
        return 7000 + static_cast<int64_t>(taken * 8);
    } catch (Point taken) {
        return 8000 + taken.x - taken.y;
    } catch (Wide taken) {
        return 9000 + taken.words[1] + taken.words[2] - taken.words[3];
    } catch (Signal taken) {
        return static_cast<int64_t>(taken);
    } catch (bool taken) {
        return 10000 + taken;
    }
}

/* The same handlers in the other order and by reference; the result leaves through a variable. */
NOINLINE int64_t take_by_reference(unsigned kind, int value) {
    int64_t result = -2;
    try {
        throw_kind(kind, value);
        result = -1;
    } catch (const bool &taken) {
        result = 10000 + taken;
    } catch (const Signal &taken) {
        result = taken == Signal::busy ? 250 : taken == Signal::idle ? 3 : 0;
    } catch (Wide &taken) {
        taken.words[0] = taken.words[1] + taken.words[2];
        result = 9000 + taken.words[0] - taken.words[3];
    } catch (const Point &taken) {
        result = 8000 + taken.x - taken.y;
    } catch (double &taken) {
        taken *= 8;
        result = 7000 + static_cast<int64_t>(taken);
    } catch (const float &taken) {
        result = 6000 + static_cast<int64_t>(taken * 4);
    } catch (long long &taken) {
        taken += 5000;
        result = taken;
    } catch (const signed char &taken) {
        result = 4000 + taken;
    } catch (short &taken) {
        result = 3000 + taken;
    } catch (const unsigned &taken) {
        result = 2000 + static_cast<int64_t>(taken % 8191u);
    } catch (int &taken) {
        taken += 1000;
        result = taken;
    }
    return result;
}

/* A change through a reference reaches the outer handler, a change of a copy does not. */
NOINLINE int64_t change_and_throw_again(unsigned kind, int value, int rounds) {
    try {
        if (rounds > 0)
            return change_and_throw_again(kind, value, rounds - 1);
        throw_kind(kind, value);
    } catch (int &taken) {
        taken += rounds + 1;
        if (rounds == 3)
            return taken;
        throw;
    } catch (Point taken) {
        taken.x += 100;
        if (rounds == 3)
            return taken.x * 4 + rounds;
        throw;
    } catch (Wide &taken) {
        taken.words[rounds] ^= 0x5500 + rounds;
        if (rounds == 3)
            return taken.words[0] + taken.words[1] * 3 + taken.words[2] * 5 + taken.words[3] * 7;
        throw;
    } catch (long long taken) {
        if (rounds == 3)
            return taken;
        throw taken - rounds;
    }
    return -3;
}

} // namespace

PROGRAM(cxx_throw_value_reference) {
    for (unsigned kind = 0; kind < 12; kind++)
        for (int value = -40; value <= 40; value += 13) {
            int64_t wanted = expected(kind, value);
            CHECK(take_by_value(opaque_unsigned(kind), opaque_int(value)) == wanted);
            CHECK(take_by_reference(opaque_unsigned(kind), opaque_int(value)) == wanted);
        }
    CHECK(take_by_value(7, -21) == 7958 && take_by_reference(8, 30) == 9122);
    for (int value = -9; value < 10; value += 3) {
        int wide = opaque_int(value);
        CHECK(change_and_throw_again(0, wide, 3) == value + 10);
        CHECK(change_and_throw_again(7, wide, 3) == (value + 100) * 4 + 3);
        CHECK(change_and_throw_again(4, wide, 3) == static_cast<int64_t>(value) * 65537 - 3);
        int64_t sum = (value ^ 0x5500) + ((value + 1) ^ 0x5501) * 3 + ((value * 2) ^ 0x5502) * 5 + ((~value) ^ 0x5503) * 7;
        CHECK(change_and_throw_again(8, wide, 3) == sum);
        CHECK(change_and_throw_again(11, wide, 3) == -3);
    }
}
