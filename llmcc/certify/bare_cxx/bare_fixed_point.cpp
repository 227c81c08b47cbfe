/* Fixed-point numbers as a template: rounding, saturation, division, square roots and a filter over them. */
#include "bare.h"

namespace {

template <typename Store, typename Wide, unsigned Bits> class Fixed {
public:
    constexpr Fixed() = default;
    static constexpr Fixed raw(Store value) {
        Fixed fixed;
        fixed.store = value;
        return fixed;
    }
    static constexpr Fixed of(int value) { return raw(static_cast<Store>(static_cast<Wide>(value) * (Wide(1) << Bits))); }
    Fixed operator+(Fixed o) const { return clipped(static_cast<Wide>(store) + o.store); }
    Fixed operator-(Fixed o) const { return clipped(static_cast<Wide>(store) - o.store); }
    Fixed operator*(Fixed o) const { return clipped((static_cast<Wide>(store) * o.store + (Wide(1) << (Bits - 1))) >> Bits); }
    Fixed operator/(Fixed o) const { return o.store ? clipped(static_cast<Wide>(store) * (Wide(1) << Bits) / o.store) : raw(store < 0 ? least : most); }
    bool operator<(Fixed o) const { return store < o.store; }
    Store bits() const { return store; }
    Fixed root() const {
        if (store <= 0)
            return Fixed();
        Fixed guess = store < of(1).store ? of(1) : *this;
        for (int i = 0; i < 20; i++)
            guess = raw(static_cast<Store>((static_cast<Wide>(guess.store) + (*this / guess).store) / 2));
        return guess;
    }

private:
    static constexpr Store most = static_cast<Store>((Wide(1) << (sizeof(Store) * 8 - 1)) - 1), least = static_cast<Store>(-most - 1);
    static constexpr Fixed clipped(Wide value) { return raw(static_cast<Store>(value > most ? most : value < least ? least : value)); }
    Store store = 0;
};

using Q15 = Fixed<int16_t, int32_t, 12>;
using Q16 = Fixed<int32_t, int64_t, 16>;

template <typename Number> class Smoother {
public:
    Smoother(Number weight_) : weight(weight_) {}
    NOINLINE Number step(Number input) {
        Number change = (input - state) * weight;
        state = state + change;
        energy = energy + change * change;
        return state;
    }
    Number energy;

private:
    Number weight, state;
};

template <typename Number, typename Store> void exercise(Sum &sum, Numbers numbers) {
    Smoother<Number> smoother(Number::of(1) / Number::of(opaque_int(6)));
    Number last = Number::of(opaque_int(1));
    for (int i = 0; i < 30; i++) {
        Number input = Number::raw(static_cast<Store>(numbers.next()));
        Number result = smoother.step(input);
        Add{sum, result.bits(), smoother.energy.bits(), (input / last).bits(), (input * last).bits()};
        Add{sum, input.root().bits(), (result - input).bits(), input < result};
        last = i % 4 == 3 ? Number() : input;
    }
}

} // namespace

PROGRAM(bare_fixed_point) {
    Sum sum;
    exercise<Q15, int16_t>(sum, Numbers(opaque_unsigned(15)));
    exercise<Q16, int32_t>(sum, Numbers(opaque_unsigned(1616)));
    AGREED(bare_fixed_point, sum);
}
