/* Functions of three pointers of one type, called with every combination of equal and different arguments; the same text
 * on volatile operands says what the results have to be. */
#include "certify.h"

#define KERNELS(SUFFIX, CELL)                                                                       \
    static NOINLINE int32_t chain_##SUFFIX(CELL *a, CELL *b, CELL *c) {                             \
        *a = *b + 1;                                                                                \
        *c = *a * 2;                                                                                \
        *b = *c - *a;                                                                               \
        int32_t sum = *a;                                                                           \
        *a = 3;                                                                                     \
        sum = sum * 7 + *b;                                                                         \
        return sum * 7 + *c;                                                                        \
    }                                                                                               \
    static NOINLINE int32_t rotate_##SUFFIX(CELL *a, CELL *b, CELL *c) {                            \
        int32_t kept = *a;                                                                          \
        *a = *b;                                                                                    \
        *b = *c;                                                                                    \
        *c = kept;                                                                                  \
        return *a - 2 * *b + 4 * *c;                                                                \
    }                                                                                               \
    static int32_t branch_##SUFFIX(CELL *a, CELL *b, CELL *c) {                                     \
        if (*a < *b) {                                                                              \
            *c = *a;                                                                                \
            *b += 2;                                                                                \
            if (*c == *a)                                                                           \
                *a -= 5;                                                                            \
        } else {                                                                                    \
            *c = *b;                                                                                \
            *a += 2;                                                                                \
            if (*c == *b)                                                                           \
                *b -= 5;                                                                            \
        }                                                                                           \
        return *a * 3 + *b * 5 + *c;                                                                \
    }                                                                                               \
    static int32_t loop_##SUFFIX(CELL *a, CELL *b, CELL *c) {                                       \
        int32_t turns = 0;                                                                          \
        for (*a = 0; *a < 6 && turns < 9; ++*a) {                                                   \
            *b += *c;                                                                               \
            turns++;                                                                                \
            if (*b > 20)                                                                            \
                *b -= 18;                                                                           \
        }                                                                                           \
        return turns * 1000 + *a + *b + *c;                                                         \
    }                                                                                               \
    static NOINLINE int32_t exclusive_##SUFFIX(CELL *a, CELL *b, CELL *c) {                         \
        *a ^= *b;                                                                                   \
        *b ^= *a;                                                                                   \
        *a ^= *b;                                                                                   \
        *c = *a | 1;                                                                                \
        return *a * 16 + *b;                                                                        \
    }                                                                                               \
    static int32_t sort_##SUFFIX(CELL *a, CELL *b, CELL *c) {                                       \
        int32_t kept, swaps = 0;                                                                    \
        if (*a > *b) kept = *a, *a = *b, *b = kept, swaps++;                                        \
        if (*b > *c) kept = *b, *b = *c, *c = kept, swaps++;                                        \
        if (*a > *b) kept = *a, *a = *b, *b = kept, swaps++;                                        \
        return swaps;                                                                               \
    }

KERNELS(plain, int32_t)
KERNELS(model, volatile int32_t)

static int32_t run_plain(int kernel, int32_t *a, int32_t *b, int32_t *c) {
    switch (kernel) {
    case 0: return chain_plain(a, b, c);
    case 1: return rotate_plain(a, b, c);
    case 2: return branch_plain(a, b, c);
    case 3: return loop_plain(a, b, c);
    case 4: return exclusive_plain(a, b, c);
    default: return sort_plain(a, b, c);
    }
}

static int32_t run_model(int kernel, volatile int32_t *a, volatile int32_t *b, volatile int32_t *c) {
    switch (kernel) {
    case 0: return chain_model(a, b, c);
    case 1: return rotate_model(a, b, c);
    case 2: return branch_model(a, b, c);
    case 3: return loop_model(a, b, c);
    case 4: return exclusive_model(a, b, c);
    default: return sort_model(a, b, c);
    }
}

static void check_all(int kernel, const int32_t start[3]) {
    for (int choice = 0; choice < 27; choice++) {
        int32_t cell[3] = {start[0], start[1], start[2]};
        volatile int32_t model[3] = {start[0], start[1], start[2]};
        int i = choice % 3, j = choice / 3 % 3, k = choice / 9;
        int32_t result = run_plain(kernel, &cell[i], &cell[j], &cell[k]);
        CHECK(result == run_model(kernel, &model[i], &model[j], &model[k]));
        CHECK(cell[0] == model[0] && cell[1] == model[1] && cell[2] == model[2]);
    }
}

PROGRAM(alias_may_or_may_not) {
    static const int32_t starts[][3] = {{1, 2, 3}, {3, 2, 1}, {-5, 9, -5}, {0, 0, 0}, {7, 7, 40}};
    for (int kernel = 0; kernel < 6; kernel++)
        for (int i = 0; i < 5; i++)
            check_all(opaque_int(kernel), starts[i]);

    /* Aliasing that is visible at the call. */
    int32_t x = 4, y = 6;
    CHECK(chain_plain(&x, &x, &x) == (0 * 7 + 3) * 7 + 3);
    x = 4;
    CHECK(chain_plain(&x, &y, &x) == (14 * 7 + 0) * 7 + 3 && x == 3 && y == 0);
    x = 4;
    CHECK(exclusive_plain(&x, &x, &y) == 0 && x == 0 && y == 1);
    /* y: 1 2 4 8 16 32-18 28-18. */
    CHECK(loop_plain(&x, &y, &y) == 6026 && x == 6 && y == 10);
    CHECK(sort_plain(&y, &x, &y) == 3 && y == 6 && x == 10);
}
