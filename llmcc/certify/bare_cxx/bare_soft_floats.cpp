/* Floating point in classes, most of it in software on these targets: exact operations only, and comparisons. */
#include "bare.h"

namespace {

template <typename T> class Controller {
public:
    Controller(T p_, T i_, T d_, T limit_) : p(p_), i(i_), d(d_), limit(limit_) {}
    NOINLINE T step(T error) {
        integral = integral + error * i;
        if (integral > limit)
            integral = limit;
        else if (integral < -limit)
            integral = -limit;
        T out = error * p;
        out = out + integral;
        out = out + (error - last) * d;
        last = error;
        return out < -limit ? -limit : out > limit ? limit : out;
    }

private:
    T p, i, d, limit, integral = 0, last = 0;
};

struct Complex {
    float real, imaginary;
    Complex operator+(Complex o) const { return {real + o.real, imaginary + o.imaginary}; }
    Complex turned() const { return {-imaginary, real}; }
    bool operator<(const Complex &o) const { return real < o.real || (real == o.real && imaginary < o.imaginary); }
};

template <typename T> class Polynomial {
public:
    template <typename... Rest> explicit Polynomial(Rest... rest) : coefficients{static_cast<T>(rest)...}, count(sizeof...(Rest)) {}
    NOINLINE T operator()(T x) const {
        T result = 0;
        for (unsigned k = count; k-- > 0;) {
            result = result * x;
            result = result + coefficients[k];
        }
        return result;
    }

private:
    T coefficients[6];
    unsigned count;
};

/* Small powers of two keep every product and sum exact, so that no contraction and no order changes the answer. */
template <typename T> T exact(uint32_t number) { return static_cast<T>(static_cast<int32_t>(number & 255) - 128) / static_cast<T>(4); }

} // namespace

PROGRAM(bare_soft_floats) {
    Sum sum;
    Numbers numbers(opaque_unsigned(2));
    Controller<float> coarse(0.5f, 0.25f, 0.125f, opaque_float(24.0f));
    Controller<double> fine(0.75, 0.5, 0.0625, opaque_double(40.0));
    Polynomial<double> cubic(1, -2, 3, 0.5);
    Polynomial<float> line(-7, 0.25);
    Complex place = {0, 0};
    for (int n = 0; n < 40; n++) {
        uint32_t number = numbers.next();
        float a = exact<float>(number);
        double b = exact<double>(number >> 8);
        Add{sum, static_cast<int>(coarse.step(a) * 64.0f), static_cast<int>(fine.step(b) * 256.0)};
        Add{sum, static_cast<int64_t>(cubic(b) * 128.0), static_cast<int>(line(a) * 16.0f)};
        Complex next = place + Complex{a, static_cast<float>(b)}.turned();
        Add{sum, next < place, a < static_cast<float>(b), b != static_cast<double>(a), !(b <= 0.0)};
        place = next;
        Add{sum, static_cast<int>(place.real * 4.0f), static_cast<unsigned>(place.imaginary < 0 ? -place.imaginary : place.imaginary)};
    }
    AGREED(bare_soft_floats, sum);
}
