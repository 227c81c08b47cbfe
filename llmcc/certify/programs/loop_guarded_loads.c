/* Loads that a condition guards inside a loop: through pointers that may be null, past limits, of a limit that the loop
 * itself may write, and of an address that exists only for some trips. */
#include "certify.h"

struct settings {
    int32_t gain, offset;
    const struct settings *base;
};

/* Both fields look invariant, but the pointer may be null. */
static NOINLINE int64_t apply(const int16_t *values, int count, const struct settings *settings) {
    int64_t sum = 0;
    for (int index = 0; index < count; index++) {
        if (settings != NULL)
            sum += values[index] * settings->gain + settings->offset;
        else
            sum += values[index];
    }
    return sum;
}

/* The second pointer may be followed only where the first says so. */
static NOINLINE int64_t apply_base(const int16_t *values, int count, const struct settings *settings, int use_base) {
    int64_t sum = 0;
    for (int index = 0; index < count; index++) {
        int32_t gain = settings->gain;
        if (use_base && settings->base)
            gain += settings->base->gain;
        if (values[index] < 0 && use_base > 1)
            sum += settings->base->base->offset;
        sum += values[index] * gain;
    }
    return sum;
}

/* The limit may be one of the elements that the loop writes. */
static NOINLINE unsigned fill_below(uint16_t *values, const uint16_t *limit, uint16_t step) {
    unsigned written = 0;
    for (unsigned index = 0; index < *limit; index++) {
        values[index] = (uint16_t)(values[index] + step);
        written++;
    }
    return written;
}

/* An index that is far outside whenever the flag is off. */
static uint32_t far_index(const uint32_t *table, const uint8_t *flags, int count, int64_t index) {
    uint32_t sum = 1;
    for (int trip = 0; trip < count; trip++) {
        sum *= 3u;
        if (flags[trip] & 1)
            sum += table[index];
        if (flags[trip] & 2)
            sum ^= table[index + 1] + table[index];
    }
    return sum;
}

/* The neighbour exists for all but the last. */
static int peaks(const int *values, int count, int *valleys) {
    int found = 0;
    *valleys = 0;
    for (int index = 0; index < count; index++) {
        int above_left = index == 0 || values[index - 1] < values[index];
        int above_right = index + 1 == count || values[index + 1] < values[index];
        found += above_left && above_right;
        *valleys += index > 0 && index < count - 1 && values[index - 1] > values[index] && values[index + 1] > values[index];
    }
    return found;
}

/* The one value that is loaded each trip changes only through another name. */
static NOINLINE int countdown(int *left, int *other, int count) {
    int trips = 0;
    for (int index = 0; index < count; index++) {
        if (*left <= 0)
            break;
        trips++;
        --*other;
    }
    return trips;
}

static int pick(const int *const *rows, const uint8_t *present, int count, int column) {
    int sum = 0;
    for (int row = 0; row < count; row++) {
        const int *chosen = present[row] ? rows[row] : NULL;
        int before = sum;
        if (present[row] > 1)
            sum += chosen[column] * 2;
        else if (present[row] == 1)
            sum += chosen[0];
        if (sum == before && chosen)
            sum += chosen[column + 1];
    }
    return sum;
}

PROGRAM(loop_guarded_loads) {
    int16_t values[24];
    int64_t plain = 0, negative = 0;
    for (int index = 0; index < 24; index++) {
        values[index] = (int16_t)(index % 2 ? index * 11 : -index * 5);
        plain += values[index];
        negative += values[index] < 0;
    }
    struct settings last = {1, 700, NULL}, middle = {10, 4, &last}, first = {-3, 9, &middle}, lone = {6, 0, NULL};
    const struct settings *none = (const struct settings *)opaque_pointer(NULL);
    CHECK(apply(values, opaque_int(24), none) == plain && apply(values, 0, none) == 0);
    CHECK(apply(values, opaque_int(24), &first) == plain * -3 + 24 * 9 && apply(values, 24, NULL) == plain);
    CHECK(apply_base(values, opaque_int(24), &lone, opaque_int(1)) == plain * 6 && apply_base(values, opaque_int(24), &lone, opaque_int(0)) == plain * 6);
    CHECK(apply_base(values, opaque_int(24), &first, opaque_int(1)) == plain * 7 && apply_base(values, 24, &first, 0) == plain * -3);
    CHECK(apply_base(values, opaque_int(24), &first, opaque_int(2)) == plain * 7 + negative * 700);
    CHECK(apply_base(values + 1, opaque_int(1), &lone, opaque_int(2)) == 66);

    for (unsigned at = 0; at < 12; at++)
        for (unsigned step = 0; step < 3; step++) {
            uint16_t cells[16];
            for (unsigned index = 0; index < 16; index++)
                cells[index] = 6;
            unsigned written = fill_below(cells, cells + opaque_unsigned(at), (uint16_t)step);
            /* Where the limit lies below itself it grows by the step when it is passed. */
            unsigned expected = at < 6 ? 6 + step : 6;
            CHECK(written == expected && cells[at] == (at < 6 ? 6 + step : 6));
            for (unsigned index = 0; index < 16; index++)
                CHECK(cells[index] == (index < expected ? 6 + step : 6));
        }
    static const uint32_t table[3] = {11, 22, 44};
    uint8_t flags[9] = {0};
    CHECK(far_index(table, flags, opaque_int(9), (int64_t)opaque_int(1 << 28)) == 19683);
    CHECK(far_index(none ? table : NULL, flags, opaque_int(4), opaque_int(2)) == 81);
    flags[0] = 1;
    CHECK(far_index(table, flags, opaque_int(2), opaque_int(2)) == (3 + 44) * 3);
    flags[1] = 3;
    CHECK(far_index(table, flags, opaque_int(2), opaque_int(1)) == (((3u + 22) * 3 + 22) ^ 66u));

    int heights[] = {5, 3, 4, 9, 9, 2, 8, 1};
    static const volatile uint8_t expected[][2] = {{0, 0}, {1, 0}, {1, 0}, {2, 1}, {2, 1}, {1, 1}, {1, 1}, {2, 2}, {2, 2}};
    for (int count = 0; count <= 8; count++) {
        int valleys, found = peaks(heights, opaque_int(count), &valleys);
        CHECK(found == expected[count][0] && valleys == expected[count][1]);
    }
    int budget = 5, elsewhere = 5;
    CHECK(countdown(&budget, &elsewhere, opaque_int(9)) == 9 && elsewhere == -4);
    CHECK(countdown(&budget, (int *)opaque_pointer(&budget), opaque_int(9)) == 5 && budget == 0);

    static const int row_a[] = {1, 2, 4}, row_b[] = {0, 0, 7};
    const int *const rows[] = {row_a, NULL, row_b, row_a, NULL};
    static const uint8_t present[] = {1, 0, 2, 2, 0}, others[] = {2, 0, 1, 1, 0};
    CHECK(pick(rows, present, opaque_int(5), opaque_int(1)) == 1 + 0 + 7 + 4);
    CHECK(pick(rows, others, opaque_int(5), opaque_int(1)) == 4 + 0 + 7 + 1);
}
