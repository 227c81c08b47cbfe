/* Lambdas that capture by value and by reference, are mutable, generic, stored by a small type-erased function. */
#include "bare.h"

namespace {

template <typename Result, typename... Arguments> class Callback {
public:
    template <typename Function> Callback(Function function) {
        static_assert(sizeof(Function) <= sizeof storage, "a callback holds what fits");
        new (storage) Function(function);
        call = [](void *place, Arguments... arguments) -> Result { return (*static_cast<Function *>(place))(arguments...); };
    }
    Result operator()(Arguments... arguments) { return call(storage, arguments...); }

private:
    Result (*call)(void *, Arguments...);
    alignas(8) unsigned char storage[24];
};

using Step = Callback<int, int>;

NOINLINE int run(Step *steps, unsigned count, int value) {
    for (unsigned i = 0; i < count; i++)
        value = steps[i](value);
    return value;
}

template <typename Function> int fold(const int16_t *values, int count, Function function) {
    int64_t state = 1;
    for (int i = 0; i < count; i++)
        state = function(state, values[i]) % 1000003;
    return static_cast<int>(state);
}

struct Owner {
    int base;
    auto adder() {
        return [this](int x) { return base += x & 15; };
    }
    auto snapshot() {
        return [copy = *this](int x) { return copy.base + x; };
    }
};

} // namespace

PROGRAM(bare_lambdas) {
    Sum sum;
    int offset = opaque_int(3), counter = 0;
    int64_t wide = opaque_int64(1LL << 33 | 5);
    Owner owner{opaque_int(100)};
    Step steps[] = {
        [offset](int x) { return x * offset + 1; },
        [&counter](int x) { return x + ++counter; },
        [wide, offset](int x) { return x ^ static_cast<int>(wide >> offset & 0xff); },
        [state = 7](int x) mutable {
            state = (state * 5 + 3) & 127;
            return x - state;
        },
        owner.adder(),
        owner.snapshot(),
        [](int x) { return x & 0x3ff; },
    };
    int value = opaque_int(11);
    for (int round = 0; round < 12; round++) {
        value = run(steps, 3 + static_cast<unsigned>(opaque_int(round)) % 5, value) & 0xfffff;
        Add{sum, value, counter, owner.base};
        offset++;
    }
    int16_t values[] = {3, -4, 100, -32768, 32767, 0, 9};
    values[2] = static_cast<int16_t>(opaque_int(-100));
    Add{sum, fold(values, 7, [](auto a, auto b) { return a * 31 + b; })};
    Add{sum, fold(values, 7, [wide](int64_t a, int b) { return b < 0 ? a + wide : a * (b + 1); })};
    AGREED(bare_lambdas, sum);
}
