/* Nested loops whose bounds depend on outer counters, on quotients, on data and on what the inner loop itself changes,
 * against closed forms and counts made the other way round. */
#include "certify.h"

/* Points (i, j, k) with i <= j <= k < n: a binomial coefficient. */
static uint32_t ordered_triples(unsigned n, uint32_t *weighted) {
    uint32_t count = 0, sum = 0;
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = i; j < n; j++)
            for (unsigned k = j; k < n; k++) {
                count++;
                sum += k - i;
            }
    *weighted = sum;
    return count;
}

/* Pairs with i * j <= limit, by quotients and by divisors. */
static NOINLINE unsigned under_hyperbola(unsigned limit) {
    unsigned count = 0;
    for (unsigned i = 1; i <= limit; i++)
        for (unsigned j = 1; j <= limit / i; j++)
            count++;
    return count;
}

static unsigned divisors_up_to(unsigned limit) {
    unsigned count = 0;
    for (unsigned number = limit; number > 0; number--)
        for (unsigned divisor = 1; divisor * divisor <= number; divisor++)
            if (number % divisor == 0)
                count += divisor * divisor == number ? 1 : 2;
    return count;
}

/* Each row is as long as the one before it tells. */
static NOINLINE int ragged(const uint8_t *lengths, unsigned rows, uint8_t *cells, unsigned capacity) {
    unsigned at = 0;
    for (unsigned row = 0; row < rows; row++) {
        unsigned length = lengths[row];
        for (unsigned column = 0; column < length; column++) {
            if (at == capacity)
                return -(int)row - 1;
            cells[at++] = (uint8_t)(row * 16 + column % 16);
        }
    }
    return (int)at;
}

/* The inner loop moves its own bound. */
static unsigned moving_bound(uint16_t *values, unsigned start, unsigned limit) {
    unsigned count = start, trips = 0;
    for (unsigned index = 0; index < count; index++) {
        trips++;
        for (unsigned other = index + 1; other < count && count < limit; other++) {
            if (values[index] % values[other] == 0 && values[other] > 1) {
                values[count] = (uint16_t)(values[index] / values[other]);
                count += values[count] > 1;
            }
            trips += 1000;
        }
    }
    return trips * 64 + count;
}

static unsigned moving_bound_plain(volatile uint16_t *values, unsigned start, unsigned limit) {
    volatile unsigned count = start;
    unsigned trips = 0, index = 0, other;
    while (index != count) {
        trips++;
        other = index + 1;
        while (other < count) {
            if (count >= limit)
                break;
            unsigned quotient = values[index] / values[other];
            if (quotient * values[other] == values[index] && values[other] != 1) {
                values[count] = (uint16_t)quotient;
                if (quotient > 1)
                    count = count + 1;
            }
            trips += 1000;
            other++;
        }
        index++;
    }
    return trips * 64 + count;
}

/* Bounds that meet: minimum and maximum of expressions in the outer counter. */
static int diagonal_sum(const int8_t *matrix, int rows, int columns, int *cells) {
    int sum = 0, sign = 1;
    *cells = 0;
    for (int diagonal = 0; diagonal < rows + columns - 1; diagonal++) {
        int first = diagonal < columns ? 0 : diagonal - columns + 1;
        int last = diagonal < rows ? diagonal : rows - 1;
        for (int row = first; row <= last; row++) {
            sum += sign * matrix[row * columns + diagonal - row];
            ++*cells;
        }
        sign = -sign;
    }
    return sum;
}

PROGRAM(loop_dependent_bounds) {
    for (unsigned n = 0; n < 16; n++) {
        uint32_t weighted, expected = 0;
        CHECK(ordered_triples(opaque_unsigned(n), &weighted) == n * (n + 1) * (n + 2) / 6);
        /* A difference d leaves n - d pairs of ends and d + 1 places between them. */
        for (unsigned difference = 1; difference < n; difference++)
            expected += difference * (n - difference) * (difference + 1);
        CHECK(weighted == expected);
    }
    for (unsigned limit = 0; limit < 90; limit += 11)
        CHECK(under_hyperbola(opaque_unsigned(limit)) == divisors_up_to(opaque_unsigned(limit)));
    CHECK(under_hyperbola(opaque_unsigned(100)) == 482 && under_hyperbola(10) == 27 && divisors_up_to(100) == 482);

    uint8_t lengths[12], cells[80];
    for (unsigned round = 0; round < 20; round++) {
        unsigned total = 0, rows = round % 13, capacity = 20 + round * 3;
        int expected = 0;
        for (unsigned row = 0; row < rows; row++) {
            lengths[row] = (uint8_t)((row * 7 + round * 5) % 11);
            total += lengths[row];
            if (total > capacity && expected == 0)
                expected = -(int)row - 1;
        }
        for (unsigned index = 0; index < 80; index++)
            cells[index] = 0xFF;
        CHECK(ragged(lengths, opaque_unsigned(rows), cells, opaque_unsigned(capacity)) == (expected ? expected : (int)total));
        unsigned row = 0, column = 0;
        for (unsigned index = 0; index < 80; index++) {
            while (row < rows && column == lengths[row])
                row++, column = 0;
            CHECK(cells[index] == (row < rows && index < capacity ? row * 16 + column : 0xFF));
            column++;
        }
    }
    static const uint16_t seeds[][4] = {{60, 2, 5, 3}, {1024, 2, 4, 7}, {30030, 30, 7, 11}, {9, 9, 3, 3}, {7, 5, 3, 2}};
    for (unsigned seed = 0; seed < 5; seed++) {
        uint16_t first[24], second[24];
        for (unsigned index = 0; index < 24; index++)
            first[index] = second[index] = seeds[seed][index % 4];
        unsigned one = moving_bound(first, opaque_unsigned(4), 20);
        CHECK(one == moving_bound_plain(second, 4, opaque_unsigned(20)));
        for (unsigned index = 0; index < 24; index++)
            CHECK(first[index] == second[index]);
    }
    int8_t matrix[56];
    for (int cell = 0; cell < 56; cell++)
        matrix[cell] = (int8_t)(cell * 37 % 101 - 50);
    for (int rows = 1; rows < 8; rows++)
        for (int columns = 1; columns < 8; columns++) {
            int cells_seen, expected = 0;
            for (int cell = 0; cell < rows * columns; cell++)
                expected += (cell / columns + cell % columns) % 2 ? -matrix[cell] : matrix[cell];
            CHECK(diagonal_sum(matrix, opaque_int(rows), columns, &cells_seen) == expected && cells_seen == rows * columns);
        }
}
