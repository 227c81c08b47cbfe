/* Loops whose counter, bound or step is volatile and is changed in the body, in the condition or by a callee: nothing may be
 * evaluated once for all turns, or a turn too often. */
#include "certify.h"

static volatile int bound, step, counter;
static int evaluations;

static int read_bound(void) {
    evaluations++;
    return bound;
}

static NOINLINE void shrink(int turn) {
    if (turn % 3 == 2)
        bound--;
}

static void stretch(int turn) {
    if (turn % 4 == 1)
        bound += 2;
}

static int shrinking(int start) {
    int turns = 0;
    bound = start;
    for (int i = 0; i < bound; i++) {
        shrink(i);
        turns++;
    }
    return turns;
}

static int stretching(int start, int limit) {
    int turns = 0;
    bound = start;
    for (int i = 0; i < read_bound(); i++) {
        stretch(i);
        if (++turns == limit)
            break;
    }
    return turns;
}

static int turns_by_hand(int start, int limit, int every, int rest, int change) {
    int turns = 0, i = 0, end = opaque_int(start);
again:
    if (i >= end)
        return turns;
    if (i % every == rest)
        end += change;
    if (++turns == limit)
        return turns;
    i++;
    goto again;
}

static int volatile_counter(int from, int to) {
    int sum = 0;
    for (counter = from; counter != to; counter += step) {
        if (counter == 12 && step > 0)
            counter = 20;
        sum = sum * 3 % 1021 + counter;
        if (counter > 40)
            step = -step;
        if (sum % 7 == 0)
            continue;
        counter--;
        counter++;
    }
    return sum;
}

static int plain_counter(int from, int to, int by) {
    int sum = 0, c = from;
    while (c != to) {
        if (c == 12 && by > 0)
            c = 20;
        sum = sum * 3 % 1021 + c;
        if (c > 40)
            by = -by;
        c += by;
    }
    return sum;
}

static int empty_loops(int n) {
    volatile int i, last = 0;
    for (i = 0; i < n; i++)
        ;
    last = i;
    while (i-- > 0)
        ;
    last = last * 10 + i + 1;
    do
        i += 2;
    while (i < n);
    return last * 10 + i - n;
}

static int nested(int rows) {
    volatile int columns = rows;
    int cells = 0, full = 0;
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            cells++;
            if (column == 2 * row)
                columns = columns - 1;
            if (column > 9)
                goto done;
        }
        full++;
    }
done:
    return cells * 100 + full;
}

static int nested_by_hand(int rows) {
    int columns = opaque_int(rows), cells = 0, full = 0, row = 0, column = 0;
    while (row < rows) {
        if (column >= columns) {
            column = 0;
            row++;
            full++;
            continue;
        }
        cells++;
        columns -= column == 2 * row;
        if (column > 9)
            break;
        column++;
    }
    return cells * 100 + full;
}

PROGRAM(volatile_loop_bounds) {
    for (int n = 0; n < 20; n++) {
        CHECK(shrinking(opaque_int(n)) == turns_by_hand(n, 100, 3, 2, -1));
        evaluations = 0;
        int turns = stretching(n, opaque_int(15));
        CHECK(turns == turns_by_hand(n, 15, 4, 1, 2) && evaluations == turns + (turns < 15));
        CHECK(empty_loops(opaque_int(n)) == (n * 10 + 0) * 10 + (n == 0 ? 1 : n % 2 ? 0 : 1));
        CHECK(nested(opaque_int(n)) == nested_by_hand(n));
    }
    CHECK(shrinking(9) == turns_by_hand(9, 100, 3, 2, -1) && bound == 7);
    step = 2;
    CHECK(volatile_counter(0, 30) == plain_counter(0, 30, 2) && step == 2);
    step = opaque_int(4);
    CHECK(volatile_counter(0, -4) == plain_counter(0, -4, 4) && step == -4);
}
