/* Repeated regions that contain repeated regions: loops in loops of the same shape, the inner part also on its own
 * elsewhere, two and three levels deep, with a constant, a table or a direction changed at one level. */
#include "certify.h"

enum { WIDTH = 6, HEIGHT = 5, CELLS = WIDTH * HEIGHT };

static int16_t plane[CELLS], other[CELLS];

#define INNER(grid, row, k, acc)                          \
    for (int x = 0; x < WIDTH; x++) {                     \
        int16_t *cell = &grid[(row) * WIDTH + x];         \
        if (*cell & 1)                                    \
            *cell = (int16_t)(*cell * 3 + (k));           \
        else                                              \
            *cell = (int16_t)(*cell / 2 - (k));           \
        acc += *cell;                                     \
    }

#define MIDDLE(grid, first, step, k, acc)                 \
    for (int y = first; y < HEIGHT; y += step) {          \
        INNER(grid, y, k, acc)                            \
        acc ^= y;                                         \
        INNER(grid, HEIGHT - 1 - y, k + 1, acc)           \
    }

static NOINLINE int32_t once(int row) {
    int32_t sum = 0;
    INNER(plane, row, 4, sum)
    INNER(other, row, 4, sum)
    return sum;
}

static NOINLINE int32_t twice(int first) {
    int32_t sum = 7;
    MIDDLE(plane, first, 2, 4, sum)
    MIDDLE(other, first, 2, 4, sum)
    INNER(plane, first, 4, sum)
    return sum;
}

static NOINLINE int32_t thrice(int rounds) {
    int32_t sum = 0, side = 0;
    for (int r = 0; r < rounds; r++) {
        MIDDLE(plane, 0, 1, r, sum)
        if (sum & 2) {
            MIDDLE(plane, 1, 2, r, sum)
            side++;
        } else {
            MIDDLE(other, 1, 2, r, sum)
            side--;
        }
        MIDDLE(other, 0, 1, r, side)
    }
    return sum * 5 + side;
}

/* The same statement group at three depths of the same function. */
static NOINLINE uint32_t depths(uint32_t x, const uint8_t *keys) {
    uint32_t t = 1;
    x ^= x << 5, t += x >> 27, x += t * keys[0];
    for (int i = 0; i < 4; i++) {
        x ^= x << 5, t += x >> 27, x += t * keys[i];
        if (x & 64) {
            x ^= x << 5, t += x >> 27, x += t * keys[i];
            for (int j = i; j < 4; j++)
                x ^= x << 5, t += x >> 27, x += t * keys[j], x ^= x << 5, t += x >> 28, x += t * keys[j];
            x ^= x << 5, t += x >> 28, x += t * keys[i];
        }
        x ^= x << 5, t += x >> 27, x += t * keys[3 - i];
    }
    return x ^ t;
}

static int16_t model[2][CELLS];

static int32_t inner_expected(int grid, int row, int k, int32_t acc) {
    for (int at = row * WIDTH; at < (row + 1) * WIDTH; at++) {
        volatile int32_t value = model[grid][at];
        value = value % 2 ? value + value + value + k : (value - value % 2) / 2 - k;
        model[grid][at] = (int16_t)value;
        acc += model[grid][at];
    }
    return acc;
}

static int32_t middle_expected(int grid, int first, int step, int k, int32_t acc) {
    for (int y = 0; y < HEIGHT; y++)
        if (y >= first && (y - first) % step == 0) {
            acc = inner_expected(grid, y, k, acc) ^ y;
            acc = inner_expected(grid, HEIGHT - 1 - y, k + 1, acc);
        }
    return acc;
}

static void mix(volatile uint32_t *x, volatile uint32_t *t, int shift, uint32_t key) {
    uint32_t v = *x;
    for (int i = 0; i < 5; i++) v += v;
    *x = (*x | v) - (*x & v);
    *t = *t + *x / (1U << shift);
    *x = *x + *t * key;
}

static uint32_t depths_expected(uint32_t start, const uint8_t *keys) {
    volatile uint32_t x = start, t = 1;
    mix(&x, &t, 27, keys[0]);
    for (int i = 0; i < 4; i++) {
        mix(&x, &t, 27, keys[i]);
        if (x / 64 % 2) {
            mix(&x, &t, 27, keys[i]);
            for (int j = 2 * i; j < 8; j++) mix(&x, &t, 27 + j % 2, keys[j / 2]);
            mix(&x, &t, 28, keys[i]);
        }
        mix(&x, &t, 27, keys[3 - i]);
    }
    return x ^ t;
}

static void same_cells(int line) {
    for (int i = 0; i < CELLS; i++)
        if (plane[i] != model[0][i] || other[i] != model[1][i]) certify_failed(line);
}

PROGRAM(twins_nested_regions) {
    for (int i = 0; i < CELLS; i++) {
        plane[i] = model[0][i] = (int16_t)(opaque_int(i * 67) % 41 - 20);
        other[i] = model[1][i] = (int16_t)(opaque_int(i * 23) % 37 - 9);
    }
    for (int row = 0; row < HEIGHT; row++) {
        CHECK(once(opaque_int(row)) == inner_expected(0, row, 4, 0) + inner_expected(1, row, 4, 0));
        same_cells(__LINE__);
        int32_t sum = middle_expected(1, row, 2, 4, middle_expected(0, row, 2, 4, 7));
        /* The grids do not share cells: only the order of the sums matters. */
        sum = inner_expected(0, row, 4, sum);
        CHECK(twice(opaque_int(row)) == sum);
        same_cells(__LINE__);
    }
    int32_t sum = 0, side = 0;
    for (int r = 0; r < 4; r++) {
        sum = middle_expected(0, 0, 1, r, sum);
        int up = (sum & 2) != 0;
        sum = middle_expected(!up, 1, 2, r, sum);
        side += up ? 1 : -1;
        side = middle_expected(1, 0, 1, r, side);
    }
    CHECK(thrice(opaque_int(4)) == sum * 5 + side);
    same_cells(__LINE__);
    static const uint8_t keys[4] = {3, 200, 77, 14};
    for (uint32_t x = 1; x < 2000000000; x = x * 3 + 2)
        CHECK(depths(opaque_unsigned(x), opaque_pointer(keys)) == depths_expected(x, keys));
}
