/* 8- and 16-bit arithmetic in class types: wraparound, sign extension and saturation on the way in and out. */
#include "bare.h"

namespace {

template <typename T> struct Wrapping {
    T value;
    Wrapping operator+(Wrapping o) const { return {static_cast<T>(value + o.value)}; }
    Wrapping operator-(Wrapping o) const { return {static_cast<T>(value - o.value)}; }
    Wrapping operator*(Wrapping o) const { return {static_cast<T>(static_cast<unsigned>(value) * static_cast<unsigned>(o.value))}; }
    Wrapping operator<<(unsigned n) const { return {static_cast<T>(static_cast<unsigned>(value) << n)}; }
    Wrapping operator>>(unsigned n) const { return {static_cast<T>(value >> n)}; }
    bool operator<(Wrapping o) const { return value < o.value; }
};

template <typename T, int Low, int High> class Saturating {
public:
    explicit Saturating(int v) : value(clip(v)) {}
    Saturating &operator+=(int v) {
        value = clip(value + v);
        return *this;
    }
    Saturating &operator*=(int v) {
        value = clip(value * v);
        return *this;
    }
    T get() const { return value; }

private:
    static T clip(int v) { return static_cast<T>(v < Low ? Low : v > High ? High : v); }
    T value;
};

template <typename T> NOINLINE uint32_t mix(Numbers &numbers, int rounds) {
    Wrapping<T> a{static_cast<T>(numbers.next())}, b{static_cast<T>(numbers.next())};
    uint32_t result = 0;
    while (rounds-- > 0) {
        unsigned n = numbers.below(sizeof(T) * 8);
        a = a * b + (a >> n);
        b = b - (a << n);
        if (a < b)
            result = result * 3 + static_cast<uint32_t>(a.value);
        else
            result ^= static_cast<uint32_t>(b.value) << 3;
    }
    return result;
}

NOINLINE int8_t narrow(int32_t value) { return static_cast<int8_t>(value); }
NOINLINE uint16_t widened(int8_t value) { return static_cast<uint16_t>(value); }

} // namespace

PROGRAM(bare_narrow_integers) {
    Sum sum;
    Numbers numbers(opaque_unsigned(16));
    for (int i = 0; i < 6; i++) {
        Add{sum, mix<uint8_t>(numbers, 9), mix<int8_t>(numbers, 9), mix<uint16_t>(numbers, 9), mix<int16_t>(numbers, 9)};
        Saturating<int8_t, -128, 127> small(opaque_int(i * 20));
        Saturating<uint8_t, 0, 255> byte(opaque_int(i * 50));
        Saturating<int16_t, -1000, 1000> level(opaque_int(-i));
        for (int j = 0; j < 12; j++) {
            int by = static_cast<int>(numbers.below(200)) - 100;
            small += by;
            byte += -by;
            level *= by >> 4;
            level += 3;
            Add{sum, small.get(), byte.get(), level.get(), narrow(by * 77), widened(narrow(by))};
        }
    }
    AGREED(bare_narrow_integers, sum);
}
