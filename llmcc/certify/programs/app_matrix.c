/* Matrix operations on whole numbers modulo a prime: product by rows and in blocks, transpose in place, powers, determinant
 * by elimination and by expansion, inverse and rank, each against the others. */
#include "certify.h"

enum { N = 6, PRIME = 10007 };

typedef int32_t matrix[N][N];

static int32_t modulo(int64_t value) {
    int32_t rest = (int32_t)(value % PRIME);
    return rest < 0 ? rest + PRIME : rest;
}

static void clear(matrix m) { __builtin_memset(m, 0, sizeof(matrix)); }

static void product_rows(matrix a, matrix b, matrix to) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int64_t sum = 0;
            for (int k = 0; k < N; k++) sum += (int64_t)a[i][k] * b[k][j];
            to[i][j] = modulo(sum);
        }
}

static void product_blocks(matrix a, matrix b, matrix to) {
    clear(to);
    for (int ii = 0; ii < N; ii += 4)
        for (int kk = 0; kk < N; kk += 4)
            for (int i = ii; i < N && i < ii + 4; i++)
                for (int k = kk; k < N && k < kk + 4; k++)
                    for (int j = N - 1; j >= 0; j--)
                        to[i][j] = modulo(to[i][j] - (int64_t)(PRIME - a[i][k]) * b[k][j]);
}

static void transpose(matrix m) {
    for (int i = 0; i < N; i++)
        for (int j = i + 1; j < N; j++) {
            int32_t kept = m[i][j];
            m[i][j] = m[j][i];
            m[j][i] = kept;
        }
}

static int32_t power(int32_t base, int32_t exponent) {
    int64_t result = 1, square = base;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1) result = result * square % PRIME;
        square = square * square % PRIME;
    }
    return (int32_t)result;
}

static void swap_rows(matrix m, int a, int b) {
    for (int j = 0; j < N; j++) {
        int32_t kept = m[a][j];
        m[a][j] = m[b][j], m[b][j] = kept;
    }
}

static void add_row(matrix m, int to, int from, int32_t factor) {
    for (int j = 0; j < N; j++) m[to][j] = modulo(m[to][j] + (int64_t)factor * m[from][j]);
}

/* Gauss-Jordan: gives the determinant, leaves the inverse in `to` if there is one, and the rank. */
static int32_t eliminate(matrix from, matrix to, int *rank) {
    matrix m;
    int32_t determinant = 1;
    int row = 0;
    __builtin_memcpy(m, from, sizeof m);
    clear(to);
    for (int i = 0; i < N; i++) to[i][i] = 1;
    for (int column = 0; column < N; column++) {
        int pivot = row;
        while (pivot < N && m[pivot][column] == 0) pivot++;
        if (pivot == N) {
            determinant = 0;
            continue;
        }
        if (pivot != row) {
            swap_rows(m, row, pivot);
            swap_rows(to, row, pivot);
            determinant = modulo(-determinant);
        }
        determinant = modulo((int64_t)determinant * m[row][column]);
        int32_t inverse = power(m[row][column], PRIME - 2);
        add_row(m, row, row, inverse - 1);
        add_row(to, row, row, inverse - 1);
        for (int i = 0; i < N; i++) {
            int32_t factor = i == row ? 0 : -m[i][column];
            add_row(m, i, row, factor);
            add_row(to, i, row, factor);
        }
        row++;
    }
    *rank = row;
    return determinant;
}

/* By the first row that is left; the columns in use are bits. */
static int32_t expand(matrix m, int row, unsigned used) {
    int64_t sum = 0;
    int sign = 1;
    if (row == N) return 1;
    for (int j = 0; j < N; j++) {
        if (used >> j & 1) continue;
        if (m[row][j]) sum += (int64_t)sign * m[row][j] * expand(m, row + 1, used | 1U << j) % PRIME;
        sign = -sign;
    }
    return modulo(sum);
}

static int same(matrix a, matrix b) { return __builtin_memcmp(a, b, sizeof(matrix)) == 0; }

PROGRAM(app_matrix) {
    static matrix a, b, c, d, e;
    uint32_t state = opaque_unsigned(21);
    int singular = 0;
    for (int turn = 0; turn < 18; turn++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                state = state * 1566083941 + 907633515;
                a[i][j] = (int32_t)(turn % 3 ? (state >> 8) % PRIME : (state >> 28) / 6);
                b[i][j] = (int32_t)((state >> 4) % PRIME);
            }
        if (turn % 4 == 1)
            for (int j = 0; j < N; j++) a[N - 1][j] = modulo(a[0][j] * 3 - a[2][j] * 2);
        product_rows(a, b, c);
        product_blocks(a, b, e);
        CHECK(same(c, e));
        transpose(a), transpose(b);
        product_blocks(b, a, d);
        transpose(d);
        CHECK(same(c, d));
        transpose(a), transpose(b);
        int rank, rank_b, rank_c;
        int32_t determinant = eliminate(a, d, &rank), of_b = eliminate(b, e, &rank_b);
        CHECK(determinant == expand(a, 0, 0) && of_b == expand(b, 0, 0) && (determinant != 0) == (rank == N));
        CHECK(eliminate(c, e, &rank_c) == (int64_t)determinant * of_b % PRIME && (rank_b < N || rank_c == rank));
        singular += rank < N;
        if (rank == N) {
            product_rows(a, d, c);
            product_rows(d, a, e);
            for (int i = 0; i < N * N; i++)
                CHECK(c[i / N][i % N] == (i / N == i % N) && e[i / N][i % N] == c[i / N][i % N]);
        }
    }
    CHECK(singular >= 4);
    /* Powers of the matrix that shifts a row of Fibonacci numbers. */
    for (int i = 0; i < N * N; i++)
        a[i / N][i % N] = i / N == 0 ? i % N < 2 : i / N == i % N + 1, d[i / N][i % N] = i / N == i % N;
    int32_t before = 0, now = 1;
    for (int i = 0; i < 40; i++) {
        CHECK(d[0][0] == now && d[0][1] == before && d[1][0] == before);
        product_blocks(d, a, c);
        __builtin_memcpy(d, c, sizeof d);
        int32_t next = (now + before) % PRIME;
        before = now, now = next;
    }
}
