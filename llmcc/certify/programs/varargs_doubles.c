/* Variadic doubles and promoted floats, alone and between integers, until the registers of both kinds have run out. */
#include "certify.h"
#include <stdarg.h>

/* Highest power first; all values are small integers or halves of them, so every result is exact. */
static NOINLINE double horner(double x, int degree, ...) {
    va_list coefficients;
    va_start(coefficients, degree);
    double value = va_arg(coefficients, double);
    while (degree-- > 0)
        value = value * x + va_arg(coefficients, double);
    va_end(coefficients);
    return value;
}

static NOINLINE double horner_float(float x, int degree, ...) {
    va_list coefficients;
    va_start(coefficients, degree);
    double value = va_arg(coefficients, double);
    while (degree-- > 0)
        value = value * (double)x + va_arg(coefficients, double);
    va_end(coefficients);
    return value;
}

static double power_sum(double x, int degree, const double *coefficients) {
    double value = 0;
    for (int i = 0; i <= degree; i++) {
        double power = 1;
        for (int j = i; j < degree; j++)
            power *= x;
        value += coefficients[i] * power;
    }
    return value;
}

/* d double, i int, w int64_t: integers and doubles go to two sums with the weight of their position. */
static NOINLINE double two_sums(const char *tags, int64_t *integers, ...) {
    va_list arguments;
    double doubles = 0;
    int weight = 0;
    *integers = 0;
    va_start(arguments, integers);
    while (*tags) {
        weight++;
        switch (*tags++) {
        case 'd': doubles += va_arg(arguments, double) * weight; continue;
        case 'i': *integers += (int64_t)va_arg(arguments, int) * weight; continue;
        case 'w': *integers += va_arg(arguments, int64_t) * weight; continue;
        }
        break;
    }
    va_end(arguments);
    return doubles;
}

/* Skips what it does not want: the doubles are still to be stepped over. */
static NOINLINE int64_t integers_only(const char *tags, ...) {
    va_list arguments;
    int64_t hash = 7;
    va_start(arguments, tags);
    for (; *tags; tags++) {
        if (*tags == 'd')
            (void)va_arg(arguments, double);
        else if (*tags == 'i')
            hash = hash * 3 + va_arg(arguments, int);
        else
            hash = hash * 3 + va_arg(arguments, int64_t);
    }
    va_end(arguments);
    return hash;
}

PROGRAM(varargs_doubles) {
    unsigned checked = 0;
    static const double lists[4][5] = {{1, 2, 3, 4, 5}, {-1, 0.5, 8, -2.5, 0}, {0, 0, 1, -1, 1}, {1024, -512, 256, 0.25, 3}};
    for (int n = 0; n < 4; n++) {
        const double *c = opaque_pointer(lists[n]);
        for (int twice = -6; twice <= 6; twice++) {
            double x = opaque_double(twice / 2.0);
            CHECK(horner(x, 4, c[0], c[1], c[2], c[3], c[4]) == power_sum(x, 4, c));
            CHECK(horner(x, 2, c[1], c[4], c[0], c[3]) == (c[1] * x + c[4]) * x + c[0]);
            CHECK(horner_float((float)x, 3, c[0], (float)c[1], c[2], (float)c[3]) == power_sum(x, 3, c));
            checked++;
        }
        checked++;
    }
    CHECK(horner(2, 9, 1., 0., 0., 0., 0., 0., 0., 0., 0., 1.) == 513);
    CHECK(horner_float(-1, 12, 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.) == 1);

    for (int seed = 1; seed < 20; seed++) {
        int a = opaque_int(seed * 1000 - 7000), b = 3 - a, c = a * b;
        int64_t w = (int64_t)c * 100000, v = -w - 1, sum;
        double d = opaque_double(seed) / 4, e = d - 100, f = a;
        float g = (float)d * 2;
        CHECK(two_sums("didwdiddid", &sum, d, a, e, w, f, b, d, g, c, e) == d * 8 + e * 13 + f * 5 + g * 8.0);
        CHECK(sum == (int64_t)a * 2 + w * 4 + (int64_t)b * 6 + (int64_t)c * 9);
        CHECK(two_sums("iiiiiiiidddddddddd", &sum, a, b, c, a, b, c, a, b, d, e, f, d, e, f, d, e, f, g)
              == d * (9 + 12 + 15) + e * (10 + 13 + 16) + f * (11 + 14 + 17) + g * 18.0);
        CHECK(sum == (int64_t)a * 12 + (int64_t)b * 15 + (int64_t)c * 9);
        CHECK(integers_only("dwdidwd", d, v, e, a, f, w, d) == ((7 * 3 + v) * 3 + a) * 3 + w);
        CHECK(integers_only("iddddddddddi", a, d, e, f, d, e, f, d, e, f, g, b) == (7 * 3 + (int64_t)a) * 3 + b);
        CHECK(two_sums("", &sum, d) == 0 && sum == 0);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 75);
}
