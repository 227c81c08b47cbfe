/* Restrict used correctly: disjoint parts of one array, overlapping operands that are only read, restrict in inner scopes
 * and in inlined callees, and an unrestricted caller whose operands do overlap. */
#include "certify.h"

enum { COUNT = 24 };

static NOINLINE void multiply_add(int32_t *restrict to, const int32_t *restrict a, const int32_t *restrict b, int n) {
    for (int i = 0; i < n; i++)
        to[i] += a[i] * b[i];
}

static void add_rotated(int32_t *restrict to, const int32_t *restrict from, int n, int by) {
    for (int i = 0; i < n; i++)
        to[i] = from[(i + by) % n] + 3 * to[i];
}

static void add_plain(int32_t *to, const int32_t *from, int n, int by) {
    for (int i = 0; i < n; i++)
        to[i] = from[(i + by) % n] + 3 * to[i];
}

static int32_t gather(const int32_t *restrict table, const uint8_t *restrict index, int32_t *restrict last, int n) {
    int32_t sum = 0;
    for (int i = 0; i < n; i++) {
        *last = table[index[i]];
        sum = sum * 5 + *last;
        if (*last < 0)
            return sum;
    }
    return -sum;
}

/* Each block has its own restricted names: the two may meet the same elements, one after the other. */
static void two_phases(int32_t *data, int n) {
    {
        int32_t *restrict low = data;
        int32_t *restrict high = data + n / 2;
        for (int i = 0; i < n / 2; i++) {
            low[i] = high[i] - i;
            high[i] = 2 * low[i];
        }
    }
    {
        int32_t *restrict even = data;
        for (int i = 0; i + 1 < n; i += 2)
            even[i] += even[i + 1];
    }
}

static void scale_by(double *restrict values, const double *restrict factor, int n) {
    for (int i = 0; i < n; i++)
        values[i] *= *factor;
}

static void fill(int32_t *data, int32_t start) {
    for (int i = 0; i < 2 * COUNT; i++)
        data[i] = start + i * (i % 5) - 2 * i;
}

static void check_one(int32_t start, int n, int by) {
    int32_t data[2 * COUNT];
    volatile int32_t model[2 * COUNT];
    int32_t last = 0, expected = 0;
    uint8_t index[COUNT];

    fill(data, start);
    for (int i = 0; i < 2 * COUNT; i++)
        model[i] = data[i];
    /* The operands that are only read are the same array, then two windows of one array. */
    multiply_add(data, data + COUNT, data + COUNT, n);
    multiply_add(data, data + COUNT, data + COUNT + 1, n - 1);
    for (int i = 0; i < n; i++)
        model[i] += model[COUNT + i] * model[COUNT + i];
    for (int i = 0; i < n - 1; i++)
        model[i] += model[COUNT + i] * model[COUNT + i + 1];
    for (int i = 0; i < 2 * COUNT; i++)
        CHECK(data[i] == model[i]);

    add_rotated(data + COUNT, data, n, by);
    for (int i = 0; i < n; i++)
        model[COUNT + i] = model[(i + by) % n] + 3 * model[COUNT + i];
    add_plain(data, data, n, by);
    for (int i = 0; i < n; i++)
        model[i] = model[(i + by) % n] + 3 * model[i];
    for (int i = 0; i < 2 * COUNT; i++)
        CHECK(data[i] == model[i]);

    two_phases(data, 2 * COUNT);
    for (int i = 0; i < COUNT; i++) {
        model[i] = model[COUNT + i] - i;
        model[COUNT + i] = 2 * model[i];
    }
    for (int i = 0; i + 1 < 2 * COUNT; i += 2)
        model[i] += model[i + 1];
    for (int i = 0; i < 2 * COUNT; i++)
        CHECK(data[i] == model[i]);

    fill(data, start % 50);
    for (int i = 0; i < n; i++)
        index[i] = (uint8_t)(i * 7 % COUNT);
    volatile int32_t seen = 0;
    int m = n < 9 ? n : 9, stopped = 0;
    for (int i = 0; i < m && !stopped; i++) {
        seen = data[index[i]];
        expected = expected * 5 + seen;
        stopped = seen < 0;
    }
    CHECK(gather(data, index, &last, m) == (stopped ? expected : -expected));
    CHECK(last == seen);
}

PROGRAM(alias_restrict_kernels) {
    for (int n = 1; n <= COUNT; n++)
        check_one(opaque_int(10 - 3 * n), opaque_int(n), n / 2);
    check_one(40, COUNT, 1);
    check_one(-9, 7, 5);
    double values[9], factor = opaque_double(0.5);
    for (int i = 0; i < 9; i++)
        values[i] = i - 4;
    scale_by(values, &factor, 8);
    scale_by(values + 1, values, opaque_int(8));
    for (int i = 1; i < 8; i++)
        CHECK(values[i] == (i - 4) * 0.5 * -2);
    CHECK(values[0] == -2 && values[8] == -8);
}
