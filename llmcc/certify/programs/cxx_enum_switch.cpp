/* Switches over enumerations with several underlying types, sparse, dense, negative and 64 bits wide: equal switches that
 * differ in one case, nested ones, ranges of cases, and a state machine; against tables searched in order. */
#include "certify.h"

#include <type_traits>

namespace {

enum class Color : uint8_t { red, green, blue, cyan = 17, pink, gray = 200, last = 255 };
enum class Key : uint32_t { none = 0, escape = 0x1b, arrow = 0x80000000u, page = 0x80000001u, all = 0xffffffffu };
enum class Mark : int64_t { past = -5000000000, now = 0, soon = 1, future = 5000000000, distant = 5000000001 };
enum Plain { plain_zero, plain_one, plain_four = 4, plain_five, plain_nine = 9 };

NOINLINE int by_color(Color color, int value) {
    switch (color) {
    case Color::red: return value + 1;
    case Color::green: return value * 2;
    case Color::blue: return value - 3;
    case Color::cyan: return value ^ 4;
    case Color::pink: return value * 2;
    case Color::gray: return -value;
    case Color::last: break;
    }
    return color == Color::last ? 55 : 66;
}

/* As by_color, but for blue. */
NOINLINE int by_color_other(Color color, int value) {
    switch (color) {
    case Color::red: return value + 1;
    case Color::green: return value * 2;
    case Color::blue: return 3 - value;
    case Color::cyan: return value ^ 4;
    case Color::pink: return value * 2;
    case Color::gray: return -value;
    case Color::last: break;
    }
    return color == Color::last ? 55 : 66;
}

NOINLINE uint32_t by_key(Key key, uint32_t state) {
    uint32_t result = state;
    switch (key) {
    case Key::all: result = ~result;
        [[fallthrough]];
    case Key::arrow: result += 0x1000; break;
    case Key::escape: return 0;
    case Key::page:
        switch (static_cast<Plain>(state % 10)) {
        case plain_zero:
        case plain_nine: return 1;
        case plain_one: result *= 3; break;
        case plain_four:
            if (state > 100)
                break;
            result = 9;
            [[fallthrough]];
        case plain_five: result += 70;
        }
        break;
    case Key::none: result ^= 2;
    }
    return result * 5;
}

uint32_t by_key_plain(uint32_t key, uint32_t state) {
    if (key == 0x1b)
        return 0;
    uint32_t digit = state % 10, result = state;
    if (key == 0xffffffffu)
        result = ~state + 0x1000;
    else if (key == 0x80000000u)
        result = state + 0x1000;
    else if (key == 0)
        result = state ^ 2;
    else if (key == 0x80000001u) {
        if (digit == 0 || digit == 9)
            return 1;
        result = digit == 1 ? state * 3 : digit == 4 && state <= 100 ? 79 : digit == 5 ? state + 70 : state;
    }
    return result * 5;
}

NOINLINE int by_mark(Mark mark) {
    switch (mark) {
    case Mark::past: return -1;
    case Mark::now: return 0;
    case Mark::soon:
    case Mark::future: return 1;
    case Mark::distant: return 2;
    default: return static_cast<int64_t>(mark) > 0 ? 10 : -10;
    }
}

/* The value of every case comes back unchanged from the underlying type. */
template <typename Enumeration> NOINLINE unsigned position(Enumeration one, const Enumeration *all, unsigned count) {
    using Raw = std::underlying_type_t<Enumeration>;
    for (unsigned i = 0; i < count; i++)
        if (static_cast<Raw>(all[i]) == static_cast<Raw>(one) && all[i] == one)
            return i;
    return count;
}

/* Comments of the C++ kind, strings and characters: how many letters are outside of all. */
enum class State : uint8_t { code, slash, line, string, string_escape, quoted, quoted_escape };
NOINLINE unsigned letters_in_code(const char *text, unsigned (&visits)[7]) {
    State state = State::code;
    unsigned letters = 0;
    for (; *text; text++) {
        const char c = *text;
        visits[static_cast<uint8_t>(state)]++;
        switch (state) {
        case State::slash:
            if (c == '/') {
                state = State::line;
                break;
            }
            letters++;
            state = State::code;
            [[fallthrough]];
        case State::code:
            if (c == '/')
                state = State::slash;
            else if (c == '"')
                state = State::string;
            else if (c == '\'')
                state = State::quoted;
            else
                letters++;
            break;
        case State::line:
            if (c == '\n')
                state = State::code;
            break;
        case State::string: state = c == '\\' ? State::string_escape : c == '"' ? State::code : State::string; break;
        case State::quoted: state = c == '\\' ? State::quoted_escape : c == '\'' ? State::code : State::quoted; break;
        case State::string_escape: state = State::string; break;
        case State::quoted_escape: state = State::quoted; break;
        }
    }
    return letters * 10 + static_cast<unsigned>(state);
}

} // namespace

PROGRAM(cxx_enum_switch) {
    static const Color colors[] = {Color::red, Color::green, Color::blue, Color::cyan, Color::pink, Color::gray, Color::last};
    for (int value = -20; value < 30; value += 7) {
        const int results[7] = {value + 1, value * 2, value - 3, value ^ 4, value * 2, -value, 55};
        for (unsigned raw = 0; raw < 256; raw++) {
            const Color color = static_cast<Color>(opaque_unsigned(raw));
            const unsigned at = position(color, colors, 7);
            CHECK(by_color(color, opaque_int(value)) == (at < 7 ? results[at] : 66));
            CHECK(by_color_other(color, value) == (at == 2 ? 3 - value : at < 7 ? results[at] : 66));
        }
    }
    const uint32_t keys[] = {0, 0x1b, 0x80000000u, 0x80000001u, 0xffffffffu, 1, 0x1a, 0x1c, 0x7fffffffu, 0x80000002u};
    for (uint32_t key : keys)
        for (uint32_t state = 0; state < 130; state += 3)
            CHECK(by_key(static_cast<Key>(opaque_unsigned(key)), opaque_unsigned(state)) == by_key_plain(key, state));
    const int64_t marks[] = {-5000000000, 0, 1, 5000000000, 5000000001, 705032704, -705032704, 2, -1, 4294967296};
    const int results[] = {-1, 0, 1, 1, 2, 10, -10, 10, -10, 10};
    for (unsigned i = 0; i < 10; i++)
        CHECK(by_mark(static_cast<Mark>(opaque_int64(marks[i]))) == results[i]);
    unsigned visits[7] = {0};
    const char *text = "a/b // c\n\"d\\\"/\" e '\\'' f/";
    CHECK(letters_in_code(static_cast<const char *>(opaque_pointer(text)), visits) == 91);
    const unsigned known[7] = {12, 2, 3, 4, 1, 2, 1};
    for (unsigned i = 0; i < 7; i++)
        CHECK(visits[i] == known[i]);
}
