/* Lambdas: captures by value (a copy of then), by reference (the value of now), with an initialiser, of this and of
 * *this; mutable state that belongs to each copy; generic and nested ones; conversion to function pointers. */
#include "certify.h"

#include <type_traits>
#include <utility>

namespace {

template <typename Function> NOINLINE int64_t call_times(Function function, int times) {
    int64_t digest = 0;
    for (int i = 0; i < times; i++)
        digest = digest * 5 + function(i);
    return digest;
}

/* By reference: the state of the caller's object advances. */
template <typename Function> NOINLINE int64_t call_times_in_place(Function &function, int times) {
    int64_t digest = 0;
    for (int i = 0; i < times; i++)
        digest = digest * 5 + function(i);
    return digest;
}

/* A function object without its type, made of two pointers. */
struct Reference {
    template <typename Function>
    explicit Reference(Function &function)
        : object(&function), invoke([](void *erased, int value) { return static_cast<int64_t>((*static_cast<Function *>(erased))(value)); }) {}
    int64_t operator()(int value) const { return invoke(object, value); }
    void *object;
    int64_t (*invoke)(void *, int);
};

struct Account {
    int balance;
    uint8_t rate;
    auto depositor() {
        return [this](int amount) {
            balance += amount * rate;
            return balance;
        };
    }
    auto snapshot() const {
        return [*this](int amount) { return balance + amount * rate; };
    }
    auto spender(int limit) {
        return [this, limit, spent = 0](int amount) mutable {
            if (spent + amount > limit)
                return -spent;
            spent += amount;
            balance -= amount;
            return spent;
        };
    }
};

using Unary = int (*)(int);
const Unary stateless[6] = {
    [](int value) { return value + 1; }, [](int value) { return value - 1; },        [](int value) { return 1 - value; },
    [](int value) { return value * 2; }, [](int value) -> int { return value < 9; }, [](int value) -> int { return value <= 9; },
};
int stateless_model(unsigned which, int value) {
    switch (which) {
    case 0: return value + 1;
    case 1: return value - 1;
    case 2: return 1 - value;
    case 3: return value * 2;
    case 4: return value < 9;
    default: return value <= 9;
    }
}

auto make_adder(int by) {
    return [by](auto value) { return static_cast<decltype(value)>(value + by); };
}
auto make_counter(int start) {
    return [start]() mutable { return start++; };
}

/* Recursion through a generic parameter. */
NOINLINE uint64_t paths(unsigned rows, unsigned columns) {
    auto walk = [](auto &self, unsigned r, unsigned c) -> uint64_t { return r == 0 || c == 0 ? 1 : self(self, r - 1, c) + self(self, r, c - 1); };
    return walk(walk, rows, columns);
}

} // namespace

PROGRAM(cxx_lambda_captures) {
    for (int start = -3; start < 9; start += 4) {
        int a = opaque_int(start), b = 10;
        int64_t wide = int64_t{a} * 4000000000;
        int16_t narrow = static_cast<int16_t>(a * 7);
        const auto by_value = [a, b, wide, narrow](int i) { return a + b * i + wide + narrow; };
        const auto by_reference = [&](int i) { return a + b * i + wide + narrow; };
        auto by_both = [&a, b, copy = narrow + b](int i) mutable {
            a += i;
            copy ^= a;
            return a - b + copy;
        };
        const int64_t base = int64_t{start} * 4000000000 + static_cast<int16_t>(start * 7);
        const int64_t before = by_value(3);
        b = 20;
        narrow++;
        CHECK(before == base + start + 30 && by_value(3) == before && by_reference(opaque_int(3)) == base + 1 + start + 60);
        int64_t model = 0, model_a = start, model_copy = start * 7 + 10;
        for (int i = 0; i < 6; i++) {
            model_a += i;
            model_copy ^= model_a;
            model = model * 5 + model_a - 10 + model_copy;
        }
        auto untouched = by_both;
        CHECK(call_times(by_both, opaque_int(6)) == model && a == start + 15);
        a = start;
        CHECK(call_times_in_place(by_both, 6) == model && a == start + 15);
        a = start;
        CHECK(call_times(by_both, 6) != model);
        a = start;
        Reference erased(untouched);
        CHECK(call_times(erased, 6) == model && call_times_in_place(by_both, 0) == 0);

        Account account = {start, static_cast<uint8_t>(opaque_int(3))};
        auto deposit = account.depositor();
        auto then = account.snapshot();
        auto spend = account.spender(opaque_int(7));
        CHECK(deposit(5) == start + 15 && then(5) == start + 15 && deposit(1) == start + 18 && then(1) == start + 3);
        auto spend_copy = spend;
        CHECK(spend(4) == 4 && spend(4) == -4 && spend(3) == 7 && spend(1) == -7 && spend_copy(6) == 6 && account.balance == start + 5);

        a = start;
        auto add = make_adder(a + 250);
        CHECK(add(uint8_t{10}) == static_cast<uint8_t>(start + 260) && add(10) == start + 260 && add(0.5) == start + 250.5);
        CHECK(add(int64_t{1} << 40) == (int64_t{1} << 40) + start + 250);
        auto counter = make_counter(a), copied = counter;
        int sum = counter();
        sum += counter() * 10;
        sum += copied() * 100;
        sum += counter() * 1000;
        CHECK(sum == start * 1111 + 10 + 2000);
        auto nested = [&a](int x) {
            int factor = 3;
            return [&a, x, factor](int y) mutable {
                factor++;
                a += y;
                return [=]() { return a * 10000 + x * 100 + factor * 10 + y; };
            };
        };
        auto outer = nested(opaque_int(7));
        auto first = outer(1);
        auto second = outer(2);
        CHECK(a == start + 3 && second() == (start + 3) * 10000 + 700 + 50 + 2 && first() == (start + 1) * 10000 + 700 + 40 + 1);
    }
    for (unsigned which = 0; which < 6; which++)
        for (int value = 7; value < 12; value++)
            CHECK(stateless[opaque_unsigned(which)](opaque_int(value)) == stateless_model(which, value));
    CHECK(paths(opaque_unsigned(5), opaque_unsigned(4)) == 126 && paths(3, 3) == 20);
}
