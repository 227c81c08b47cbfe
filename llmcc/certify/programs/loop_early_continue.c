/* Bodies with several early continues: each skips a different part of the updates, in for, while and do loops, where
 * the step of a for still happens and the step of a while does not. */
#include "certify.h"

struct totals {
    uint32_t even, third, large, rest, hash;
    unsigned skipped[5];
};

static NOINLINE void classify(const uint16_t *values, unsigned count, struct totals *totals) {
    uint32_t hash = totals->hash;
    for (unsigned index = 0; index < count; index++) {
        uint32_t value = values[index];
        if (value == 0) {
            totals->skipped[0]++;
            continue;
        }
        hash = hash * 17u + value;
        if (value % 2 == 0) {
            totals->even += value;
            if (value % 8 != 0)
                continue;
            totals->skipped[1]++;
        }
        if (value % 3 == 0) {
            totals->third += value;
            totals->skipped[2]++;
            continue;
        }
        hash ^= index;
        if (value > 50000) {
            totals->large += value;
            if (++totals->skipped[3] % 2)
                continue;
        }
        totals->rest += value;
        totals->skipped[4]++;
    }
    totals->hash = hash;
}

/* The same updates, each under all that must hold for it. */
static void classify_guarded(const volatile uint16_t *values, unsigned count, struct totals *totals) {
    for (unsigned index = 0; index < count; index++) {
        uint32_t value = values[index];
        int even = !(value & 1), eight = !(value & 7), third = value % 3 == 0, go_on = value != 0 && (!even || eight);
        int large = go_on && !third && value > 50000;
        if (value == 0) totals->skipped[0]++;
        if (value != 0) totals->hash = totals->hash * 17u + value;
        if (even) totals->even += value;
        if (even && go_on) totals->skipped[1]++;
        if (go_on && third) totals->third += value;
        if (go_on && third) totals->skipped[2]++;
        if (go_on && !third) totals->hash ^= index;
        if (large) totals->large += value;
        if (large) totals->skipped[3]++;
        if (go_on && !third && !(large && totals->skipped[3] % 2 == 1)) totals->rest += value;
        if (go_on && !third && !(large && totals->skipped[3] % 2 == 1)) totals->skipped[4]++;
    }
}

/* A continue in a while must step by itself, and here by another amount. */
static unsigned skip_runs(const uint8_t *bytes, unsigned count, unsigned *runs) {
    unsigned index = 0, kept = 0;
    *runs = 0;
    while (index < count) {
        if (bytes[index] == 0xEE) {
            index += 2;
            continue;
        }
        if (index + 1 < count && bytes[index] == bytes[index + 1]) {
            ++*runs;
            do {
                index++;
                if (index + 1 >= count)
                    continue;
                if (bytes[index + 1] == 0xEE) {
                    kept += 1000;
                    break;
                }
            } while (index + 1 < count && bytes[index] == bytes[index + 1]);
            index++;
            continue;
        }
        kept = kept * 7u + bytes[index];
        index++;
    }
    return kept;
}

/* The continue of the inner loop depends on the outer counter, and the outer continue on the inner result. */
static int outer_and_inner(int rows, int *visited) {
    int total = 0;
    *visited = 0;
    for (int row = 0; row < rows; row++) {
        int part = 0;
        for (int column = 0; column < 12; column++) {
            if ((row ^ column) & 1)
                continue;
            if (column % 3 == row % 3)
                continue;
            ++*visited;
            part += column;
        }
        if (part % 5 == 0)
            continue;
        total += part - row;
    }
    return total;
}

PROGRAM(loop_early_continue) {
    static uint16_t values[300];
    uint32_t random = 77;
    for (unsigned round = 0; round < 12; round++) {
        for (unsigned index = 0; index < 300; index++) {
            random = random * 1103515245u + 12345u;
            values[index] = (uint16_t)(random >> 28 == round ? 0 : random >> 12);
        }
        struct totals first = {0, 0, 0, 0, 9, {0, 0, 0, 0, 0}}, second = first;
        unsigned count = 300 - round * 7;
        classify(values, opaque_unsigned(count), &first);
        classify_guarded(values, count, &second);
        CHECK(first.even == second.even && first.third == second.third && first.large == second.large);
        CHECK(first.rest == second.rest && first.hash == second.hash);
        for (unsigned which = 0; which < 5; which++)
            CHECK(first.skipped[which] == second.skipped[which]);
    }
    struct totals fixed = {0, 0, 0, 0, 0, {0, 0, 0, 0, 0}};
    static const uint16_t chosen[] = {0, 2, 8, 24, 9, 50001, 50003, 60000, 7};
    classify(chosen, 9, &fixed);
    CHECK(fixed.even == 60034 && fixed.third == 24 + 9 + 60000 + 50001 && fixed.large == 50003 && fixed.rest == 15);
    CHECK(fixed.skipped[0] == 1 && fixed.skipped[1] == 3 && fixed.skipped[2] == 4 && fixed.skipped[3] == 1 && fixed.skipped[4] == 2);

    static const uint8_t text[] = {1, 2, 2, 2, 3, 0xEE, 9, 4, 4, 0xEE, 5, 6, 6};
    unsigned runs;
    CHECK(skip_runs(text, (unsigned)opaque_int(13), &runs) == 1 * 7u + 3 + 1000 && runs == 3);
    CHECK(skip_runs(text + 4, opaque_unsigned(3), &runs) == 3 && runs == 0);
    CHECK(skip_runs(text, opaque_unsigned(3), &runs) == 1 && runs == 1 && skip_runs(text + 5, 1, &runs) == 0 && runs == 0);

    for (int rows = 0; rows < 30; rows++) {
        int visited, expected = 0, total = 0;
        for (int row = 0; row < rows; row++) {
            /* Of every six columns two have the parity of the row and another remainder by three. */
            int part = 0, remainder = row % 6;
            for (int step = 1; step < 3; step++)
                part += (remainder + 2 * step) % 6 * 2 + 6;
            expected += 4;
            total += part % 5 ? part - row : 0;
        }
        CHECK(outer_and_inner(opaque_int(rows), &visited) == total && visited == expected);
    }
}
