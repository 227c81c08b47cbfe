/* Strided access: every second to seventh element, backward, interleaved groups, columns of a matrix, a stride known only
 * at run time (also zero and negative), and the gaps that must stay as they were. */
#include "certify.h"

enum { SIZE = 120 };
static uint16_t source[SIZE], target[SIZE];

static void reset(void) {
    for (unsigned index = 0; index < SIZE; index++) {
        source[index] = (uint16_t)(index * 523u + 99u);
        target[index] = 0x7777;
    }
}

/* The value that belongs to a place, without an array. */
static uint16_t at(unsigned index) { return (uint16_t)(opaque_unsigned(index) * 523u + 99u); }

static NOINLINE void every_second(uint16_t *to, const uint16_t *from, unsigned count) {
    for (unsigned index = 0; index < count; index++)
        to[index * 2] = from[index * 2 + 1];
}

static NOINLINE void every_third_reversed(uint16_t *to, const uint16_t *from, int count) {
    for (int index = 0; index < count; index++)
        to[3 * index] = from[3 * (count - 1 - index)];
}

/* Groups of three, with their parts exchanged: three loads and three stores of one record. */
static NOINLINE void rotate_groups(uint16_t *to, const uint16_t *from, unsigned groups) {
    for (unsigned group = 0; group < groups * 3; group += 3) {
        to[group] = from[group + 1];
        to[group + 1] = from[group + 2];
        to[group + 2] = (uint16_t)~from[group];
    }
}

/* Two of four parts only: the others must not be written. */
static void two_of_four(uint16_t *to, const uint16_t *from, unsigned groups) {
    for (unsigned group = 0; group < groups; group++) {
        to[4 * group + 1] = (uint16_t)(from[4 * group] + 1);
        to[4 * group + 3] = (uint16_t)(from[4 * group + 2] - 1);
    }
}

static uint32_t by_stride(const uint16_t *from, int count, ptrdiff_t stride) {
    uint32_t hash = 7;
    for (int index = 0; index < count; index++, from += stride)
        hash = hash * 31u + *from;
    return hash;
}

static NOINLINE unsigned store_by_stride(uint16_t *to, unsigned count, ptrdiff_t stride) {
    unsigned written = 0;
    for (unsigned index = 0; index < count; index++) {
        to[(ptrdiff_t)index * stride] = (uint16_t)(index + 1);
        written += to[0];
    }
    return written;
}

static void transpose(uint16_t *to, const uint16_t *from, unsigned rows, unsigned columns) {
    for (unsigned row = 0; row < rows; row++)
        for (unsigned column = 0; column < columns; column++)
            to[column * rows + row] = from[row * columns + column];
}

static uint32_t column_sums(const uint16_t *from, unsigned rows, unsigned columns, uint32_t *sums) {
    uint32_t all = 0;
    for (unsigned column = 0; column < columns; column++) {
        sums[column] = 0;
        for (unsigned row = 0; row < rows; row++)
            sums[column] += from[row * columns + column];
        all = all * 5u + sums[column];
    }
    return all;
}

/* Pairs in memory as complex numbers. */
static void multiply_pairs(int32_t *to, const int32_t *left, const int32_t *right, int count) {
    for (int index = 0; index < count; index++) {
        int32_t real = left[2 * index] * right[2 * index] - left[2 * index + 1] * right[2 * index + 1];
        int32_t imaginary = left[2 * index] * right[2 * index + 1] + left[2 * index + 1] * right[2 * index];
        to[2 * index] = real;
        to[2 * index + 1] = imaginary;
    }
}

PROGRAM(loop_strided_access) {
    for (unsigned count = 0; count < 38; count += 1 + count / 12) {
        reset();
        every_second(target, source, opaque_unsigned(count));
        for (unsigned index = 0; index < SIZE; index++)
            CHECK(target[index] == (index % 2 == 0 && index / 2 < count ? at(index + 1) : 0x7777));
        reset();
        every_third_reversed(target + 1, source + 2, opaque_int((int)count));
        for (unsigned index = 0; index < SIZE; index++)
            CHECK(target[index] == (index % 3 == 1 && index / 3 < count ? at(3 * (count - 1 - index / 3) + 2) : 0x7777));
        reset();
        rotate_groups(target, source, opaque_unsigned(count));
        for (unsigned index = 0; index < SIZE; index++)
            CHECK(target[index] == (index / 3 >= count ? 0x7777 : index % 3 == 2 ? (uint16_t)~at(index - 2) : at(index + 1)));
        unsigned groups = count % 30;
        reset();
        two_of_four(target, source, opaque_unsigned(groups));
        for (unsigned index = 0; index < SIZE; index++)
            CHECK(target[index] == (index % 2 == 0 || index / 4 >= groups ? 0x7777 : (uint16_t)(at(index - 1) + (index % 4 == 1 ? 1 : -1))));
    }
    reset();
    for (int stride = -7; stride <= 7; stride++)
        for (int count = 0; count <= 8; count += 2) {
            uint32_t hash = 7;
            for (int index = 0; index < count; index++)
                hash = hash * 31u + at((unsigned)(60 + stride * index));
            CHECK(by_stride(source + 60, opaque_int(count), opaque_int(stride)) == hash);
            for (unsigned index = 0; index < SIZE; index++)
                target[index] = 0;
            unsigned written = store_by_stride(target + 60, opaque_unsigned((unsigned)count), opaque_int(stride));
            /* With stride zero every store changes the element that is read. */
            CHECK(written == (unsigned)(stride ? count : count * (count + 1) / 2));
            for (int index = 0; index < SIZE; index++) {
                int distance = index - 60, expected = 0;
                if (stride == 0)
                    expected = distance == 0 ? count : 0;
                else if (distance % stride == 0 && distance / stride >= 0 && distance / stride < count)
                    expected = distance / stride + 1;
                CHECK(target[index] == expected);
            }
        }
    for (unsigned rows = 1; rows < 11; rows += 3)
        for (unsigned columns = 1; columns < 12; columns += 2) {
            uint32_t sums[12], direct = 0;
            transpose(target, source, opaque_unsigned(rows), opaque_unsigned(columns));
            uint32_t all = column_sums(source, rows, opaque_unsigned(columns), sums);
            for (unsigned column = 0; column < columns; column++) {
                uint32_t sum = 0;
                for (unsigned row = 0; row < rows; row++) {
                    CHECK(target[column * rows + row] == at(row * columns + column));
                    sum += target[column * rows + row];
                }
                CHECK(sum == sums[column]);
                direct = direct * 5u + sum;
            }
            CHECK(all == direct);
        }
    /* (2 + i)^n has the norm 5^n. */
    int32_t powers[18], base[18], norm = 1;
    for (int index = 0; index < 18; index++)
        powers[index] = index % 2 == 0, base[index] = 2 - index % 2;
    for (int power = 1; power <= 9; power++) {
        multiply_pairs(powers, powers, base, opaque_int(9));
        norm *= 5;
        for (int index = 0; index < 18; index += 2)
            CHECK(powers[index] * powers[index] + powers[index + 1] * powers[index + 1] == norm);
    }
    CHECK(powers[0] == -718 && powers[1] == -1199 && powers[16] == -718 && powers[17] == -1199);
}
