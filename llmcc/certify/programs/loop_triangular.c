/* Triangular loops: the lower and the upper half of matrices, factors that multiply back, forward and back substitution,
 * binomials in place, packed storage, and all pairs, in both directions of each counter. */
#include "certify.h"

enum { SIZE = 8 };
typedef int32_t matrix[SIZE][SIZE];

/* A product of a lower triangle with ones on its diagonal and an upper one, taken apart again in place; all exact. */
static NOINLINE void factorise(matrix m, int size) {
    for (int pivot = 0; pivot < size; pivot++)
        for (int row = pivot + 1; row < size; row++) {
            m[row][pivot] /= m[pivot][pivot];
            for (int column = pivot + 1; column < size; column++)
                m[row][column] -= m[row][pivot] * m[pivot][column];
        }
}

static NOINLINE void substitute(matrix m, int32_t *x, int size) {
    for (int row = 1; row < size; row++)
        for (int column = 0; column < row; column++)
            x[row] -= m[row][column] * x[column];
    for (int row = size - 1; row >= 0; row--) {
        for (int column = size - 1; column > row; column--)
            x[row] -= m[row][column] * x[column];
        x[row] /= m[row][row];
    }
}

/* In place only when the inner loop goes down. */
static void pascal(uint32_t *row, unsigned count) {
    for (unsigned index = 0; index < count; index++) {
        row[index] = 1;
        for (unsigned place = index; place-- > 1;)
            row[place] += row[place - 1];
    }
}

/* The same inner loop going up gives prefix sums of prefix sums. */
static void prefix(uint32_t *row, unsigned count) {
    for (unsigned round = 1; round < count; round++)
        for (unsigned place = round; place < count; place++)
            row[place] += row[place - 1];
}

/* Element (row, column) of the lower half at row * (row + 1) / 2 + column. */
static NOINLINE unsigned pack(uint8_t *packed, const uint8_t *full, unsigned size) {
    unsigned at = 0;
    for (unsigned row = 0; row < size; row++)
        for (unsigned column = 0; column <= row; column++)
            packed[at++] = full[row * size + column];
    return at;
}

static void mirror(uint8_t *full, unsigned size) {
    for (unsigned row = 0; row < size; row++)
        for (unsigned column = row + 1; column < size; column++)
            full[row * size + column] = full[column * size + row];
}

static void transpose_in_place(uint8_t *full, unsigned size) {
    for (unsigned row = size; row-- > 1;)
        for (unsigned column = 0; column < row; column++) {
            uint8_t kept = full[row * size + column];
            full[row * size + column] = full[column * size + row];
            full[column * size + row] = kept;
        }
}

static NOINLINE unsigned inversions(const uint8_t *values, unsigned count, unsigned *equal) {
    unsigned found = 0, same = 0;
    for (unsigned left = 0; left + 1 < count; left++)
        for (unsigned right = left + 1; right < count; right++) {
            found += values[left] > values[right];
            same += values[left] == values[right];
        }
    *equal = same;
    return found;
}

static void set_up(matrix m, int32_t *x, int size, int seed) {
    for (int row = 0; row < size; row++) {
        x[row] = 0;
        for (int column = 0; column < size; column++) {
            m[row][column] = 0;
            for (int inner = 0; inner <= row && inner <= column; inner++) {
                int32_t left = inner == row ? 1 : (row * 3 + inner * 5 + seed) % 7 - 3;
                int32_t right = inner == column ? 1 + (inner + seed) % 3 : (inner * 2 + column * 7 + seed) % 5 - 2;
                m[row][column] += left * right;
            }
            x[row] += m[row][column] * (column - 3);
        }
    }
}

PROGRAM(loop_triangular) {
    for (int size = 0; size <= SIZE; size++)
        for (int seed = 0; seed < 5; seed++) {
            matrix m;
            int32_t x[SIZE];
            set_up(m, x, size, seed);
            factorise(m, opaque_int(size));
            for (int row = 0; row < size; row++)
                for (int column = 0; column < size; column++) {
                    int32_t expected = row > column ? (row * 3 + column * 5 + seed) % 7 - 3
                                     : row == column ? 1 + (row + seed) % 3 : (row * 2 + column * 7 + seed) % 5 - 2;
                    CHECK(m[row][column] == expected);
                }
            substitute(m, x, opaque_int(size));
            for (int row = 0; row < size; row++)
                CHECK(x[row] == row - 3);
        }
    for (unsigned count = 1; count < 20; count++) {
        uint32_t row[20], binomial = 1;
        pascal(row, opaque_unsigned(count));
        for (unsigned place = 0; place < count; place++) {
            CHECK(row[place] == binomial);
            binomial = binomial * (count - 1 - place) / (place + 1);
        }
        for (unsigned place = 0; place < count; place++)
            row[place] = 1;
        prefix(row, opaque_unsigned(count));
        /* Ballot numbers end each row: the last element is a Catalan number. */
        uint32_t catalan = 1;
        for (uint32_t index = 1; index <= count && index <= 15; index++)
            catalan = catalan * (4 * index - 2) / (index + 1);
        CHECK(count > 15 || row[count - 1] == catalan);
    }
    uint8_t full[SIZE * SIZE], packed[SIZE * SIZE + 1];
    for (unsigned size = 0; size <= SIZE; size++) {
        for (unsigned cell = 0; cell < size * size; cell++)
            full[cell] = (uint8_t)(cell * 3 + 1);
        packed[size * (size + 1) / 2] = 0xEE;
        CHECK(pack(packed, full, opaque_unsigned(size)) == size * (size + 1) / 2 && packed[size * (size + 1) / 2] == 0xEE);
        transpose_in_place(full, opaque_unsigned(size));
        for (unsigned cell = 0; cell < size * size; cell++)
            CHECK(full[cell] == (cell % size * size + cell / size) * 3 + 1);
        mirror(full, opaque_unsigned(size));
        for (unsigned row = 0; row < size; row++)
            for (unsigned column = 0; column < size; column++) {
                unsigned low = row < column ? row : column, high = row + column - low;
                CHECK(full[row * size + column] == (low * size + high) * 3 + 1);
                CHECK(packed[high * (high + 1) / 2 + low] == (high * size + low) * 3 + 1);
            }
    }
    uint32_t random = 12;
    for (unsigned count = 0; count < 30; count++) {
        uint8_t values[30];
        unsigned buckets[16] = {0}, expected = 0, same = 0, equal;
        for (unsigned index = 0; index < count; index++) {
            random = random * 1664525u + 1013904223u;
            values[index] = (uint8_t)(random >> 28);
            for (unsigned above = values[index] + 1u; above < 16; above++)
                expected += buckets[above];
            same += buckets[values[index]]++;
        }
        CHECK(inversions(values, opaque_unsigned(count), &equal) == expected && equal == same);
    }
}
