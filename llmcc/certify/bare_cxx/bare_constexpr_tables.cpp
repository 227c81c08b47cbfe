/* Tables computed by constexpr functions, looked up at run time and compared with the same functions run then. */
#include "bare.h"

namespace {

template <unsigned N> struct Table {
    uint32_t entries[N] = {};
    constexpr uint32_t operator[](unsigned i) const { return entries[i % N]; }
};

constexpr uint32_t collatz(uint32_t n) {
    uint32_t steps = 0;
    while (n > 1) {
        n = n % 2 ? 3 * n + 1 : n / 2;
        steps++;
    }
    return steps;
}

constexpr uint32_t root(uint32_t n) {
    uint32_t r = 0;
    for (uint32_t bit = 1u << 15; bit; bit >>= 1)
        if ((r + bit) * (r + bit) <= n)
            r += bit;
    return r;
}

constexpr uint32_t gray(uint32_t n) { return n ^ n >> 1; }

template <unsigned N> constexpr Table<N> tabulate(uint32_t (*function)(uint32_t), uint32_t step) {
    Table<N> table;
    for (unsigned i = 0; i < N; i++)
        table.entries[i] = function(i * step);
    return table;
}

constexpr auto steps = tabulate<40>(collatz, 1);
constexpr auto roots = tabulate<33>(root, 977);
constexpr Table<17> grays = tabulate<17>(gray, 3);
static_assert(steps[27] == 111 && roots[4] == 62, "computed by the compiler");

constexpr const char letters[] = "etaoinshrdlu";
struct Rank {
    int8_t of[26] = {};
    constexpr Rank() {
        for (int8_t &place : of)
            place = -1;
        for (unsigned i = 0; letters[i]; i++)
            of[letters[i] - 'a'] = static_cast<int8_t>(i);
    }
};
constexpr Rank rank;

} // namespace

PROGRAM(bare_constexpr_tables) {
    Sum sum;
    for (unsigned i = 0; i < 45; i++) {
        unsigned at = opaque_unsigned(i * 7);
        Add{sum, steps[at], roots[at], grays[at]};
        Add{sum, collatz(at % 40) == steps[at], root(at % 33 * 977) == roots[at], gray(at % 17 * 3) - grays[at]};
        Add{sum, rank.of[at % 26]};
    }
    AGREED(bare_constexpr_tables, sum);
}
