/* A scalar operand of a loop that lies inside the array that the loop writes: it may not be kept in a register, hoisted or
 * stored only after the loop. */
#include "certify.h"

enum { COUNT = 12 };

static NOINLINE void scale(int32_t *data, int n, const int32_t *factor) {
    for (int i = 0; i < n; i++)
        data[i] = data[i] * *factor % 1009;
}

static NOINLINE void subtract(int32_t *data, int n, const int32_t *amount) {
    for (int i = 0; i < n; i++)
        data[i] -= *amount;
}

static void accumulate(const int32_t *data, int n, int32_t *total) {
    for (int i = 0; i < n; i++)
        *total += data[i];
}

static void accumulate_if(const int32_t *data, int n, int32_t *total, int32_t threshold) {
    for (int i = 0; i < n; i++)
        if (data[i] > threshold)
            *total -= data[i] - threshold;
}

static int count_to_limit(int32_t *data, const int32_t *limit) {
    int i = 0;
    while (i < *limit && i < COUNT) {
        data[i] = *limit + (i & 1) - 1;
        i++;
    }
    return i;
}

static void least_first(int32_t *data, int n, int32_t *least) {
    for (int i = 0; i < n; i++)
        if (data[i] < *least) {
            int32_t kept = *least;
            *least = data[i];
            data[i] = kept + 1;
        }
}

static void histogram(int32_t *bins, const int32_t *data, int n) {
    for (int i = 0; i < n; i++)
        bins[(unsigned)data[i] % COUNT]++;
}

static void matrix(int32_t *data, const int32_t *add, const int32_t *times) {
    for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 4; column++)
            data[row * 4 + column] = (data[row * 4 + column] * *times + *add) % 127;
        if (*add < 0)
            data[row * 4] = -1;
    }
}

static void start(int32_t *data, volatile int32_t *model, int seed) {
    for (int i = 0; i < COUNT; i++)
        data[i] = model[i] = (i * i * 5 + seed) % 23 - 3;
}

static void equal(const int32_t *data, const volatile int32_t *model) {
    for (int i = 0; i < COUNT; i++)
        CHECK(data[i] == model[i]);
}

static void check_place(int place, int other, int seed) {
    int32_t data[COUNT];
    volatile int32_t v[COUNT];

    start(data, v, seed);
    scale(data, COUNT, &data[place]);
    for (int i = 0; i < COUNT; i++)
        v[i] = v[i] * v[place] % 1009;
    equal(data, v);
    subtract(data, COUNT - 1, &data[place]);
    for (int i = 0; i < COUNT - 1; i++)
        v[i] = v[i] - v[place];
    equal(data, v);

    start(data, v, seed + 1);
    accumulate(data, COUNT, &data[place]);
    for (int i = 0; i < COUNT; i++)
        v[place] = v[place] + v[i];
    equal(data, v);
    accumulate_if(data, COUNT, &data[place], 4);
    for (int i = 0; i < COUNT; i++)
        if (v[i] > 4)
            v[place] = v[place] - v[i] + 4;
    equal(data, v);

    start(data, v, seed + 2);
    int reached = count_to_limit(data, &data[place]), i = 0;
    while (i < v[place] && i < COUNT) {
        v[i] = v[place] + (i & 1) - 1;
        i++;
    }
    CHECK(reached == i);
    equal(data, v);

    start(data, v, seed);
    least_first(data, COUNT, &data[place]);
    for (i = 0; i < COUNT; i++)
        if (v[i] < v[place]) {
            int32_t kept = v[place];
            v[place] = v[i];
            v[i] = kept + 1;
        }
    equal(data, v);
    histogram(data, data, COUNT);
    for (i = 0; i < COUNT; i++)
        v[(unsigned)v[i] % COUNT]++;
    equal(data, v);
    matrix(data, &data[place], &data[other]);
    for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 4; column++)
            v[row * 4 + column] = (v[row * 4 + column] * v[other] + v[place]) % 127;
        if (v[place] < 0)
            v[row * 4] = -1;
    }
    equal(data, v);
}

PROGRAM(alias_scalar_inside_array) {
    for (int place = 0; place < COUNT; place++) {
        check_place(opaque_int(place), (place + 5) % COUNT, place);
        check_place(place, opaque_int(place), 7);
    }
    check_place(3, 8, 2);
    check_place(0, COUNT - 1, opaque_int(4));

    int32_t data[COUNT], apart = 3;
    volatile int32_t v[COUNT];
    start(data, v, 9);
    scale(data, COUNT, &apart);
    accumulate(data, COUNT, &apart);
    int32_t sum = 3;
    for (int i = 0; i < COUNT; i++) {
        CHECK(data[i] == v[i] * 3);
        sum += v[i] * 3;
    }
    CHECK(apart == sum);
}
