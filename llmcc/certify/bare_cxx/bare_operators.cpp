/* Operators of classes: fractions, vectors and a matrix, with chains, compound assignments and conversions. */
#include "bare.h"

namespace {

class Fraction {
public:
    constexpr Fraction(int32_t n = 0, int32_t d = 1) : numerator(n), denominator(d) {}
    Fraction &operator+=(const Fraction &o) { return *this = Fraction(numerator * o.denominator + o.numerator * denominator, denominator * o.denominator).reduced(); }
    Fraction &operator*=(const Fraction &o) { return *this = Fraction(numerator * o.numerator, denominator * o.denominator).reduced(); }
    Fraction operator-() const { return {-numerator, denominator}; }
    friend Fraction operator+(Fraction a, const Fraction &b) { return a += b; }
    friend Fraction operator-(Fraction a, const Fraction &b) { return a += -b; }
    friend Fraction operator*(Fraction a, const Fraction &b) { return a *= b; }
    friend bool operator<(const Fraction &a, const Fraction &b) {
        return static_cast<int64_t>(a.numerator) * b.denominator < static_cast<int64_t>(b.numerator) * a.denominator;
    }
    explicit operator int() const { return numerator / denominator; }
    explicit operator bool() const { return numerator != 0; }
    int32_t numerator, denominator;

private:
    Fraction reduced() const {
        int32_t a = numerator < 0 ? -numerator : numerator, b = denominator;
        while (b) {
            int32_t rest = a % b;
            a = b;
            b = rest;
        }
        return a ? Fraction(numerator / a, denominator / a) : Fraction(0, 1);
    }
};

template <typename T> struct Vector3 {
    T x, y, z;
    T &operator[](unsigned i) { return i == 0 ? x : i == 1 ? y : z; }
    Vector3 operator%(const Vector3 &o) const { return {y * o.z - z * o.y, z * o.x - x * o.z, x * o.y - y * o.x}; }
    T operator*(const Vector3 &o) const { return x * o.x + y * o.y + z * o.z; }
    Vector3 &operator++() {
        x = x + 1;
        y = y + 2;
        return *this;
    }
    Vector3 operator++(int) {
        Vector3 old = *this;
        ++*this;
        return old;
    }
};

struct Steps {
    int count = 0;
    Steps &operator,(int by) {
        count = count * 2 + by;
        return *this;
    }
    int operator()(int a, int b = 7) const { return count + a * b; }
    int *operator->() { return &count; }
};

} // namespace

PROGRAM(bare_operators) {
    Sum sum;
    Numbers numbers(opaque_unsigned(8));
    Fraction total;
    for (int i = 1; i < 20; i++) {
        Fraction some{static_cast<int32_t>(numbers.below(13)) - 6, static_cast<int32_t>(numbers.below(5)) + 1};
        total = (total + some) * Fraction(1, 2) - Fraction(i % 3, 4);
        if (total.denominator > 100)
            total = Fraction(static_cast<int>(total * 64), 64) + 0;
        Add{sum, total.numerator, total.denominator, static_cast<bool>(total), total < some};
        Vector3<int64_t> a = {opaque_int64(i), 3 - i, 1LL << i}, b = {i * i, -i, 5};
        Vector3<int64_t> cross = a++ % b;
        Add{sum, cross.x, cross.y, cross.z, a * b, (++b)[static_cast<unsigned>(i) % 3]};
        Steps steps;
        steps, i, opaque_int(i * 3), 1;
        Add{sum, steps(i), steps(2, i), *steps.operator->()};
    }
    AGREED(bare_operators, sum);
}
