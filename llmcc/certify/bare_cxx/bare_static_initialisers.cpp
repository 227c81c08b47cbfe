/* Objects with constructors at namespace scope, which the start code runs, and constants that need none. */
#include "bare.h"

namespace {

uint32_t trace = 1;

class Register {
public:
    Register(unsigned number_, uint32_t reset_) : number(number_), reset(reset_), order(trace) { trace = trace * 31 + number_; }
    uint32_t read() const { return reset ^ order; }
    unsigned number;

private:
    uint32_t reset, order;
};

class Bank {
public:
    Bank() {
        for (unsigned i = 0; i < 4; i++)
            registers[i].number += 100;
        trace ^= 0x5a5a;
    }
    Register registers[4] = {{3, 0xf0}, {1, 0x0f}, {4, 0xff}, {1, 0x55}};
};

struct Fixed {
    constexpr Fixed(int a_, int b_) : a(a_), b(b_) {}
    int a, b;
};

Register first(7, 1);
Bank bank;
constexpr Fixed constants[] = {{1, 2}, {3, 5}, {8, 13}};
const uint32_t seen_between = trace;
Register last(9, seen_between);
uint32_t (*const handler)(const Register &) = [](const Register &r) { return r.read() + r.number; };

/* The place of a template's member in the order is open: it leaves no trace. */
struct Lonely {
    explicit Lonely(unsigned n) : number(opaque_unsigned(n) * 3) {}
    unsigned number;
};
template <unsigned N> struct Numbered {
    static const Lonely instance;
};
template <unsigned N> const Lonely Numbered<N>::instance(N);

} // namespace

PROGRAM(bare_static_initialisers) {
    Sum sum;
    Add{sum, first.read(), last.read(), seen_between};
    for (const Register &r : bank.registers)
        Add{sum, handler(r)};
    for (const Fixed &fixed : constants)
        Add{sum, fixed.a * opaque_int(10) + fixed.b};
    Add{sum, Numbered<6>::instance.number, Numbered<11>::instance.number};
    bank.registers[opaque_unsigned(2)].number = 0;
    Add{sum, handler(bank.registers[2]), handler(last)};
    AGREED(bare_static_initialisers, sum);
}
