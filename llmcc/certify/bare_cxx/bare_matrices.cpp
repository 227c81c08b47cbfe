/* Matrices whose sizes are template arguments: products, transposes, elimination modulo a prime, expression templates. */
#include "bare.h"

namespace {

template <unsigned Rows, unsigned Columns> struct Matrix {
    uint32_t cells[Rows][Columns] = {};
    uint32_t *operator[](unsigned row) { return cells[row]; }
    const uint32_t *operator[](unsigned row) const { return cells[row]; }
    template <unsigned Other> NOINLINE Matrix<Rows, Other> operator*(const Matrix<Columns, Other> &o) const {
        Matrix<Rows, Other> result;
        for (unsigned i = 0; i < Rows; i++)
            for (unsigned j = 0; j < Other; j++) {
                uint64_t sum = 0;
                for (unsigned k = 0; k < Columns; k++)
                    sum += static_cast<uint64_t>(cells[i][k]) * o[k][j];
                result[i][j] = static_cast<uint32_t>(sum % 65521);
            }
        return result;
    }
    Matrix<Columns, Rows> transposed() const {
        Matrix<Columns, Rows> result;
        for (unsigned i = 0; i < Rows; i++)
            for (unsigned j = 0; j < Columns; j++)
                result[j][i] = cells[i][j];
        return result;
    }
};

template <unsigned N> NOINLINE uint32_t determinant(Matrix<N, N> m) {
    uint32_t result = 1;
    for (unsigned i = 0; i < N; i++) {
        for (unsigned j = i + 1; j < N; j++)
            while (m[j][i]) {
                uint32_t times = m[i][i] / m[j][i];
                for (unsigned k = i; k < N; k++) {
                    uint32_t rest = (m[i][k] + 65521u - times * m[j][k] % 65521u) % 65521u;
                    m[i][k] = m[j][k];
                    m[j][k] = rest;
                }
                result = (65521u - result) % 65521u;
            }
        result = result * m[i][i] % 65521u;
    }
    return result;
}

template <typename Left, typename Right> struct SumOf {
    const Left &left;
    const Right &right;
    uint32_t at(unsigned i) const { return left.at(i) + right.at(i); }
};
template <typename Inner> struct Scaled {
    Inner inner;
    uint32_t by;
    uint32_t at(unsigned i) const { return inner.at(i) * by; }
};
struct Line {
    uint32_t values[6];
    uint32_t at(unsigned i) const { return values[i]; }
    template <typename Expression> Line &operator=(const Expression &e) {
        for (unsigned i = 0; i < 6; i++)
            values[i] = e.at(i);
        return *this;
    }
};
template <typename Left, typename Right> SumOf<Left, Right> operator+(const Left &l, const Right &r) { return {l, r}; }
template <typename Inner> Scaled<Inner> operator*(const Inner &inner, uint32_t by) { return {inner, by}; }

} // namespace

PROGRAM(bare_matrices) {
    Sum sum;
    Numbers numbers(opaque_unsigned(333));
    for (int round = 0; round < 6; round++) {
        Matrix<3, 5> a;
        Matrix<5, 4> b;
        for (auto &row : a.cells)
            for (uint32_t &cell : row)
                cell = numbers.below(65521);
        for (auto &row : b.cells)
            for (uint32_t &cell : row)
                cell = numbers.below(9);
        Matrix<3, 4> product = a * b;
        Matrix<3, 3> square = product * product.transposed();
        Add{sum, product[0][3], product[2][1], square[1][2], square[1][2] == square[2][1], determinant(square), determinant(b.transposed() * b)};
        Line x = {{1, 2, 3, 4, 5, static_cast<uint32_t>(opaque_int(round))}}, y = {{9, 8, 7, 6, 5, 4}}, z = {};
        z = (x + y) * 3 + x;
        y = y + z * opaque_unsigned(2);
        for (unsigned i = 0; i < 6; i++)
            Add{sum, z.values[i], y.values[i]};
    }
    AGREED(bare_matrices, sum);
}
