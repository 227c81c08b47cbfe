/* Arrays of both precisions holding small whole numbers, so that every result is exact: matrix products,
 * convolutions, complex products, polynomials, elimination, updates in place, each against the same
 * work on integers. */
#include "certify.h"

enum { size = 7, length = 37 };

static NOINLINE void multiply(float out[size][size], const float a[size][size], const float b[size][size]) {
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            float sum = 0;
            for (int k = 0; k < size; k++)
                sum += a[i][k] * b[k][j];
            out[i][j] = sum;
        }
}

/* Rows added up in place of inner products, with the row's factor kept outside. */
static NOINLINE void multiply_by_rows(double out[size][size], const float a[size][size], const float b[size][size]) {
    for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++)
            out[i][j] = 0;
        for (int k = 0; k < size; k++) {
            double factor = a[i][k];
            if (factor == 0)
                continue;
            for (int j = 0; j < size; j++)
                out[i][j] += factor * b[k][j];
        }
    }
}

static NOINLINE void convolve(float *out, const float *v, const float *kernel) {
    for (int i = 0; i + 4 < length; i++)
        out[i] = v[i] * kernel[0] + v[i + 1] * kernel[1] + v[i + 2] * kernel[2] + v[i + 3] * kernel[3] +
                 v[i + 4] * kernel[4];
}

static NOINLINE void smooth_in_place(float *v) {
    for (int i = 1; i + 1 < length; i++)
        v[i] = v[i - 1] + 2 * v[i] - v[i + 1];
}

static NOINLINE void smooth_integers(int32_t *v) {
    int32_t left = v[0];
    for (int i = 1; i + 1 < length; i++)
        v[i] = left = left + 2 * v[i] - v[i + 1];
}

struct complex { float re, im; };

static struct complex times(struct complex a, struct complex b) {
    return (struct complex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static NOINLINE struct complex horner(const float *v, int count, struct complex at) {
    struct complex sum = {0, 0};
    while (count-- > 0) {
        sum = times(sum, at);
        sum.re += v[count];
    }
    return sum;
}

/* A triangular system, solved from the bottom; the diagonal is all ones and minus ones. */
static NOINLINE void solve(double x[size], const float a[size][size], const double b[size]) {
    for (int i = size - 1; i >= 0; i--) {
        double rest = b[i];
        for (int j = i + 1; j < size; j++)
            rest -= a[i][j] * x[j];
        x[i] = a[i][i] > 0 ? rest : -rest;
    }
}

struct summary { float least, greatest, total; int where, sign_changes; };

static NOINLINE struct summary summarise(const float *v) {
    struct summary s = {v[0], v[0], 0, 0, 0};
    for (int i = 0; i < length; i++) {
        if (v[i] < s.least)
            s.least = v[i];
        if (s.greatest < v[i])
            s.greatest = v[s.where = i];
        s.total += v[i];
        s.sign_changes += i > 0 && (v[i] < 0) != (v[i - 1] < 0);
    }
    return s;
}

PROGRAM(float_arrays) {
    unsigned checked = 0;
    float a[size][size], b[size][size], c[size][size];
    double wide[size][size], x[size], right[size];
    int32_t ia[size][size], ib[size][size];
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            ia[i][j] = opaque_int(i * 5 + j * 3) % 11 - 5, ib[i][j] = opaque_int(i * 7 + j * j) % 9 - 4;
            a[i][j] = (float)ia[i][j], b[i][j] = (float)ib[i][j];
        }
    multiply(c, a, b);
    multiply_by_rows(wide, a, b);
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            int32_t sum = 0;
            for (int k = 0; k < size; k++)
                sum += ia[i][k] * ib[k][j];
            CHECK(c[i][j] == (float)sum && wide[i][j] == sum);
        }
    for (int i = 0; i < size; i++) {
        a[i][i] = i % 3 ? 1 : -1;
        right[i] = 0;
        for (int j = i; j < size; j++)
            right[i] += a[i][j] * (j * 10 - 31);
    }
    solve(x, a, right);
    for (int i = 0; i < size; i++)
        CHECK(x[i] == i * 10 - 31);

    float v[length], out[length];
    int32_t iv[length];
    const float kernel[5] = {1, -2, opaque_float(3), 0.5f, -0.25f};
    for (int i = 0; i < length; i++) {
        iv[i] = opaque_int(i * i * 13) % 41 - 20;
        v[i] = (float)iv[i];
    }
    convolve(out, v, kernel);
    for (int i = 0; i + 4 < length; i++, checked += opaque_unsigned(1))
        CHECK(out[i] * 4 == (float)(4 * iv[i] - 8 * iv[i + 1] + 12 * iv[i + 2] + 2 * iv[i + 3] - iv[i + 4]));
    struct summary s = summarise(v);
    CHECK(s.greatest == v[s.where] && s.where < length);
    int32_t total = 0, changes = 0;
    for (int i = 0; i < length; i++) {
        CHECK(v[i] >= s.least && v[i] <= s.greatest && (i >= s.where || v[i] < s.greatest));
        changes += i > 0 && ((iv[i] ^ iv[i - 1]) >> 31 & 1);
        total += iv[i];
    }
    CHECK(s.total == (float)total && s.sign_changes == changes);
    struct complex p = horner(v, 12, (struct complex){opaque_float(1), -1});
    int32_t re = 0, im = 0;
    for (int i = 11; i >= 0; i--) {
        int32_t next = re + im + iv[i];
        im -= re;
        re = next;
    }
    CHECK(p.re == (float)re && p.im == (float)im);
    smooth_in_place(v);
    smooth_integers(iv);
    for (int i = 0; i < length; i++)
        CHECK(v[i] == (float)iv[i] && checked == 33);
}
