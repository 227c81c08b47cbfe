/* Recursion in which each frame has an array of its own that the frames below read and that must survive them. */
#include "certify.h"

enum { SIZE = 5 };

/* Cofactor expansion; every frame holds the matrix that is left. */
static int64_t determinant(const int32_t *matrix, int order) {
    int32_t minor[(SIZE - 1) * (SIZE - 1)];
    int64_t sum = 0;
    if (order == 1)
        return matrix[0];
    for (int removed = 0; removed < order; removed++) {
        int next = 0;
        for (int row = 1; row < order; row++)
            for (int column = 0; column < order; column++)
                if (column != removed)
                    minor[next++] = matrix[row * order + column];
        int64_t product = matrix[removed] * determinant(minor, order - 1);
        sum += removed % 2 ? -product : product;
    }
    return sum;
}

/* Fraction free elimination. */
static int64_t determinant_by_elimination(const int32_t *matrix) {
    int64_t m[SIZE][SIZE], previous = 1;
    int sign = 1;
    for (int i = 0; i < SIZE * SIZE; i++)
        m[i / SIZE][i % SIZE] = matrix[i];
    for (int k = 0; k < SIZE - 1; k++) {
        int pivot = k;
        while (pivot < SIZE && m[pivot][k] == 0)
            pivot++;
        if (pivot == SIZE)
            return 0;
        if (pivot != k) {
            for (int j = 0; j < SIZE; j++) {
                int64_t swapped = m[k][j];
                m[k][j] = m[pivot][j];
                m[pivot][j] = swapped;
            }
            sign = -sign;
        }
        for (int i = k + 1; i < SIZE; i++)
            for (int j = k + 1; j < SIZE; j++)
                m[i][j] = (m[i][j] * m[k][k] - m[i][k] * m[k][j]) / previous;
        previous = m[k][k];
    }
    return sign * m[SIZE - 1][SIZE - 1];
}

/* Copies the list without one element for each frame below; gives the visited orders to the checksum of the caller. */
static unsigned permute(const uint8_t *list, int count, uint8_t *prefix, int used, unsigned *expected_rank) {
    uint8_t rest[SIZE];
    unsigned visited = 0;
    if (count == 0) {
        unsigned rank = 0;
        for (int i = 0; i < used; i++) {
            unsigned smaller = 0, factorial = 1;
            for (int j = i + 1; j < used; j++)
                smaller += prefix[j] < prefix[i];
            for (int j = 2; j < used - i; j++)
                factorial *= (unsigned)j;
            rank += smaller * factorial;
        }
        CHECK(rank == (*expected_rank)++);
        return 1;
    }
    for (int taken = 0; taken < count; taken++) {
        __builtin_memcpy(rest, list, (size_t)taken);
        __builtin_memcpy(rest + taken, list + taken + 1, (size_t)(count - taken - 1));
        prefix[used] = list[taken];
        visited += permute(rest, count - 1, prefix, used + 1, expected_rank);
        CHECK(taken == 0 || rest[taken - 1] == list[taken - 1]);
    }
    return visited;
}

static int merge_sort(int16_t *values, int count) {
    int16_t low[24], high[24];
    int inversions = 0, half = count / 2, i = 0, j = 0, k = 0;
    if (count < 2)
        return 0;
    __builtin_memcpy(low, values, (size_t)half * sizeof *low);
    __builtin_memcpy(high, values + half, (size_t)(count - half) * sizeof *high);
    inversions = merge_sort(low, half) + merge_sort(high, count - half);
    while (i < half && j < count - half)
        if (low[i] <= high[j]) {
            values[k++] = low[i++];
        } else {
            inversions += half - i;
            values[k++] = high[j++];
        }
    while (i < half)
        values[k++] = low[i++];
    while (j < count - half)
        values[k++] = high[j++];
    return inversions;
}

/* Solutions of the queens problem with the attacked columns of each row in the frame of that row. */
static int queens(int row, int order, const uint8_t *attacked_above) {
    uint8_t attacked[8];
    int solutions = 0;
    if (row == order)
        return 1;
    for (int column = 0; column < order; column++) {
        if (attacked_above[column])
            continue;
        __builtin_memset(attacked, 0, sizeof attacked);
        for (int i = 0; i < order; i++) {
            if (attacked_above[i] & 1 && i > 0)
                attacked[i - 1] |= 1;
            if (attacked_above[i] & 2)
                attacked[i] |= 2;
            if (attacked_above[i] & 4 && i + 1 < order)
                attacked[i + 1] |= 4;
        }
        if (column > 0)
            attacked[column - 1] |= 1;
        attacked[column] |= 2;
        if (column + 1 < order)
            attacked[column + 1] |= 4;
        solutions += queens(row + 1, order, attacked);
    }
    return solutions;
}

PROGRAM(recursion_stack_arrays) {
    unsigned checked = 0;
    static const int expected_queens[] = {1, 1, 0, 0, 2, 10, 4};
    static const uint8_t none[8];
    uint32_t state = opaque_unsigned(99);
    for (int round = 0; round < 12; round++) {
        int32_t matrix[SIZE * SIZE];
        int16_t values[30];
        int inversions = 0;
        for (int i = 0; i < SIZE * SIZE; i++) {
            state = state * 1664525u + 1013904223u;
            matrix[i] = (int32_t)(state >> 24) % 7 - 3;
            checked++;
        }
        CHECK(determinant(matrix, SIZE) == determinant_by_elimination(matrix));
        for (int i = 0; i < 30; i++)
            values[i] = (int16_t)((int)((state ^ (unsigned)i * 2654435761u) >> 20) - 2000);
        for (int i = 0; i < 30; i++)
            for (int j = 0; j < i; j++)
                inversions += values[j] > values[i];
        CHECK(merge_sort(values, 30) == inversions);
        for (int i = 1; i < 30; i++)
            CHECK(values[i - 1] <= values[i]);
        checked++;
    }
    uint8_t letters[SIZE] = {2, 3, 5, 7, 11}, prefix[SIZE] = {0};
    unsigned rank = 0;
    CHECK(permute(letters, opaque_int(SIZE), prefix, 0, &rank) == 120 && rank == 120);
    for (int order = 0; order < 7; order++)
        CHECK(queens(0, opaque_int(order), none) == expected_queens[order]);
    /* No loop was left out. */
    CHECK(checked == 312);
}
