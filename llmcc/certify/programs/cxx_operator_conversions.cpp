/* Overloaded operators and conversions of classes: a 128-bit integer in two words and a fixed point number, each operator
 * against plain arithmetic; explicit and implicit conversions, and which overload a call takes. */
#include "certify.h"

#include <utility>

namespace {

/* Unsigned, modulo 2 to the 128. */
struct Wide {
    constexpr Wide(uint64_t low_ = 0) : high(0), low(low_) {}
    constexpr Wide(uint64_t high_, uint64_t low_) : high(high_), low(low_) {}
    explicit constexpr operator bool() const { return (high | low) != 0; }
    explicit constexpr operator uint32_t() const { return static_cast<uint32_t>(low); }
    /* The other may be this object. */
    Wide &operator+=(const Wide &other) {
        const uint64_t before = low;
        low += other.low;
        high += other.high + (low < before);
        return *this;
    }
    Wide &operator-=(const Wide &other) {
        high -= other.high + (low < other.low);
        low -= other.low;
        return *this;
    }
    Wide &operator<<=(unsigned by) {
        if (by >= 64) {
            high = low << (by - 64);
            low = 0;
        } else if (by) {
            high = high << by | low >> (64 - by);
            low <<= by;
        }
        return *this;
    }
    Wide &operator>>=(unsigned by) {
        if (by >= 64) {
            low = high >> (by - 64);
            high = 0;
        } else if (by) {
            low = low >> by | high << (64 - by);
            high >>= by;
        }
        return *this;
    }
    Wide operator~() const { return Wide(~high, ~low); }
    Wide &operator++() { return *this += 1; }
    Wide operator++(int) {
        Wide before = *this;
        ++*this;
        return before;
    }
    uint64_t operator[](unsigned index) const { return index ? high : low; }
    uint64_t high, low;
};
Wide operator+(Wide a, const Wide &b) { return a += b; }
Wide operator-(Wide a, const Wide &b) { return a -= b; }
Wide operator-(const Wide &a) { return Wide() - a; }
Wide operator<<(Wide a, unsigned by) { return a <<= by; }
Wide operator>>(Wide a, unsigned by) { return a >>= by; }
Wide operator^(const Wide &a, const Wide &b) { return Wide(a.high ^ b.high, a.low ^ b.low); }
bool operator==(const Wide &a, const Wide &b) { return a.high == b.high && a.low == b.low; }
bool operator<(const Wide &a, const Wide &b) { return a.high < b.high || (a.high == b.high && a.low < b.low); }

NOINLINE Wide operator*(const Wide &a, Wide b) {
    Wide product;
    for (unsigned i = 0; b; i++, b >>= 1)
        if (b.low & 1)
            product += a << i;
    return product;
}
NOINLINE Wide operator/(const Wide &a, const Wide &b) {
    Wide quotient, rest;
    for (unsigned i = 128; i-- > 0;) {
        rest = rest << 1 ^ Wide((a >> i).low & 1);
        quotient <<= 1;
        if (!(rest < b)) {
            rest -= b;
            ++quotient;
        }
    }
    return quotient;
}

constexpr uint64_t operator""_k(unsigned long long value) { return value * 1000; }

/* 24.8 bits. */
struct Fixed {
    Fixed(int whole) : raw(whole * 256) {}
    static Fixed of_raw(int32_t raw) {
        Fixed result(0);
        result.raw = raw;
        return result;
    }
    operator double() const { return raw / 256.0; }
    explicit operator int() const { return raw >> 8; }
    Fixed operator-() const { return of_raw(-raw); }
    int32_t raw;
};
Fixed operator+(Fixed a, Fixed b) { return Fixed::of_raw(a.raw + b.raw); }
Fixed operator*(Fixed a, Fixed b) { return Fixed::of_raw(static_cast<int32_t>(int64_t{a.raw} * b.raw / 256)); }
bool operator<(Fixed a, Fixed b) { return a.raw < b.raw; }

struct Celsius {
    explicit Celsius(double degrees_) : degrees(degrees_) {}
    double degrees;
};
struct Fahrenheit {
    explicit Fahrenheit(double degrees_) : degrees(degrees_) {}
    operator Celsius() const { return Celsius((degrees - 32) / 2); }
    double degrees;
};

NOINLINE int overload(int) { return 1; }
NOINLINE int overload(double) { return 2; }
NOINLINE int overload(const Fixed &) { return 3; }
NOINLINE int overload(...) { return 4; }
NOINLINE int wants_fixed(Fixed value) { return value.raw; }
NOINLINE double wants_celsius(const Celsius &value) { return value.degrees; }
NOINLINE double wants_double(double value) { return value; }

} // namespace

PROGRAM(cxx_operator_conversions) {
    uint64_t seed = opaque_uint64(0x853c49e6748fea9bu);
    for (unsigned round = 0; round < 25; round++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const uint64_t a = seed >> (round * 5 % 60), b = (seed * 0x9e3779b97f4a7c15u) >> (round * 11 % 61) | 1;
        const Wide x(a ^ b, a), y(b >> 40, b * 3);
        CHECK(x + y - y == x && x - y == -(y - x) && ~x + 1 == -x && (x ^ y ^ x) == y);
        /* Halves of 32 bits multiplied by hand. */
        const uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
        const uint64_t cross = a1 * b0, other = a0 * b1, middle = (a0 * b0 >> 32) + (cross & 0xffffffffu) + (other & 0xffffffffu);
        const Wide product = Wide(a) * Wide(b), known(a1 * b1 + (cross >> 32) + (other >> 32) + (middle >> 32), a * b);
        CHECK(product == known);
        CHECK(product / b == Wide(a) && (product + (b - 1)) / Wide(b) == Wide(a) && product / Wide(b) * b == product);
        const Wide quotient = x / y, rest = x - quotient * y;
        CHECK(rest < y && !(x < quotient * y) && x / 1 == x);
        for (unsigned by = 0; by < 128; by += 13) {
            Wide power = 1;
            for (unsigned i = 0; i < by; i++)
                power += power;
            CHECK((x << by) == x * power && (x >> by) == x / power);
        }
        Wide counter(round, ~uint64_t{0} - 1);
        CHECK((counter++)[0] == ~uint64_t{0} - 1 && (++counter)[1] == round + 1 && counter.low == 0 && static_cast<bool>(counter) && !Wide());
        CHECK(static_cast<uint32_t>(x) == (a & 0xffffffffu) && (y < x) == (b >> 40 < (a ^ b) || (b >> 40 == (a ^ b) && b * 3 < a)));

        const int whole = static_cast<int>(a % 200) - 100;
        const Fixed f(opaque_int(whole)), g = Fixed::of_raw(static_cast<int32_t>(b % 4000) - 2000);
        CHECK(static_cast<int>(f) == whole && f.raw == whole * 256 && wants_double(g) * 256 == static_cast<double>(g.raw));
        CHECK((f * g).raw == whole * g.raw && (f + g + Fixed(1)).raw == f.raw + g.raw + 256 && wants_fixed(-g) == -g.raw && wants_fixed(whole) == f.raw);
        CHECK((f < g) == (whole * 256 < g.raw) && wants_double(f * g) == whole * wants_double(g));
        CHECK(wants_celsius(Fahrenheit(whole)) == (whole - 32) * 0.5 && wants_celsius(static_cast<Celsius>(Fahrenheit(f))) == (whole - 32) * 0.5);
    }
    const Fixed fixed(3);
    CHECK(overload(fixed) == 3 && overload('a') == 1 && overload(1.5f) == 2 && overload(static_cast<double>(fixed)) == 2);
    CHECK(overload(static_cast<int>(fixed)) == 1 && overload(nullptr) == 4 && overload(fixed * fixed) == 3 && overload(true) == 1);
    CHECK(12_k == 12000 && Wide(5_k) / 7 == Wide(714));
}
