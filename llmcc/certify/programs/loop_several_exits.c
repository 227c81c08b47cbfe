/* Loops with several exits, each with its own values: the first exit to hold decides, which single scans for each
 * condition can tell. Breaks, returns, a bound in the middle and an exit after the side effect. */
#include "certify.h"

enum { LENGTH = 48 };
enum reason { AT_END, FOUND, NEGATIVE, OVER_BUDGET, REPEATED };

struct outcome {
    enum reason reason;
    int index;
    int sum;
    uint32_t hash;
};

static NOINLINE struct outcome scan(const int16_t *values, int count, int key, int budget) {
    struct outcome outcome = {AT_END, 0, 0, 1};
    int previous = -1;
    for (outcome.index = 0; outcome.index < count; outcome.index++) {
        int value = values[outcome.index];
        if (value == key) {
            outcome.reason = FOUND;
            break;
        }
        if (value < 0) {
            outcome.reason = NEGATIVE;
            outcome.sum -= 1;
            break;
        }
        outcome.sum += value;
        if (outcome.sum > budget) {
            outcome.reason = OVER_BUDGET;
            break;
        }
        outcome.hash = outcome.hash * 31u + (uint32_t)value;
        if (value == previous) {
            outcome.reason = REPEATED;
            return outcome;
        }
        previous = value;
    }
    outcome.hash ^= (uint32_t)outcome.index << 20;
    return outcome;
}

static int first_of(const volatile int16_t *values, int count, enum reason reason, int key, int budget) {
    int sum = 0;
    for (int index = 0; index < count; index++) {
        sum += values[index];
        if (reason == FOUND && values[index] == key) return index;
        if (reason == NEGATIVE && values[index] < 0) return index;
        if (reason == OVER_BUDGET && sum > budget) return index;
        if (reason == REPEATED && index > 0 && values[index] == values[index - 1]) return index;
    }
    return count;
}

/* The reason comes from where the loop ended, not from a variable. */
static int digits(const char *text, int *value) {
    int result = 0, index;
    *value = -1;
    for (index = 0; text[index] != 0; index++) {
        if (text[index] < '0' || text[index] > '9')
            return -1 - index;
        if (index == 6)
            goto too_long;
        result = result * 10 + text[index] - '0';
        if (result > 65535) {
            *value = result / 10;
            return 100 + index;
        }
    }
    if (index == 0)
        return 50;
    *value = result;
    return index;
too_long:
    *value = result;
    return 200;
}

/* The inner exits leave one loop or both; the outer sum is updated only on one of the ways. */
static NOINLINE int two_levels(const int16_t *values, int rows, int columns, int stop, int skip, int *sum) {
    int visited = 0;
    *sum = 0;
    for (int row = 0; row < rows; row++) {
        int part = 0, column = 0;
        while (column < columns) {
            int value = values[row * columns + column];
            visited++;
            if (value == stop)
                return -visited;
            if (value == skip)
                break;
            part += value;
            if (part > 30000)
                goto full;
            column++;
        }
        *sum += part * (column == columns ? 1 : 2);
        if (*sum < -30000)
            break;
    }
    return visited;
full:
    return visited + 10000;
}

static int two_levels_flat(const volatile int16_t *values, int rows, int columns, int stop, int skip, int *sum) {
    int visited = 0, cell = 0, part = 0;
    *sum = 0;
    while (cell < rows * columns) {
        int value = values[cell], skipped = value == skip, ended = skipped || cell % columns == columns - 1;
        visited++;
        if (value == stop)
            return 0 - visited;
        part += skipped ? 0 : value;
        if (!skipped && part > 30000)
            return 10000 + visited;
        cell = skipped ? (cell / columns + 1) * columns : cell + 1;
        if (ended) {
            *sum += skipped ? part + part : part;
            part = 0;
            if (*sum < -30000)
                return visited;
        }
    }
    return visited;
}

PROGRAM(loop_several_exits) {
    static int16_t values[LENGTH];
    unsigned seen[5] = {0, 0, 0, 0, 0};
    uint32_t random = 3;
    for (int round = 0; round < 300; round++) {
        for (int index = 0; index < LENGTH; index++) {
            random = random * 1664525u + 1013904223u;
            values[index] = (int16_t)((random >> 20) % (round % 3 ? 1000 : 4000) - (round % 5 ? 0 : 20));
        }
        if (round % 4 == 1)
            values[random >> 27] = values[(random >> 27) + 1];
        int key = round % 3 == 2 ? values[(random >> 8) % LENGTH] : 1 << 12, budget = (int)(random >> 5 & 0x7FFF), count = round % (LENGTH + 1);
        struct outcome outcome = scan(values, opaque_int(count), key, budget);
        enum reason best = AT_END;
        int at = count, sum = 0;
        uint32_t hash = 1;
        for (int reason = FOUND; reason <= REPEATED; reason++) {
            int where = first_of(values, count, (enum reason)reason, key, budget);
            if (where < at) {
                at = where;
                best = (enum reason)reason;
            }
        }
        for (int index = 0; index < at + (best == OVER_BUDGET || best == REPEATED); index++)
            sum += values[index];
        for (int index = 0; index < at + (best == REPEATED); index++)
            hash = hash * 31u + (uint32_t)values[index];
        CHECK(outcome.reason == best && outcome.index == at);
        CHECK(outcome.sum == sum - (best == NEGATIVE));
        CHECK(outcome.hash == (best == REPEATED ? hash : hash ^ (uint32_t)at << 20));
        seen[best]++;

        int first, second, columns = 1 + round % 8;
        int one = two_levels(values, LENGTH / 8, opaque_int(columns), key, values[random >> 27], &first);
        CHECK(one == two_levels_flat(values, LENGTH / 8, columns, key, values[random >> 27], &second) && first == second);
    }
    for (int reason = 0; reason < 5; reason++)
        CHECK(seen[reason] > 5);
    int value;
    CHECK(digits((const char *)opaque_pointer("12345"), &value) == 5 && value == 12345);
    CHECK(digits("65535", &value) == 5 && value == 65535 && digits((const char *)opaque_pointer("65536"), &value) == 104 && value == 6553);
    CHECK(digits((const char *)opaque_pointer(""), &value) == 50 && value == -1 && digits("77x", &value) == -3 && value == -1);
    CHECK(digits((const char *)opaque_pointer("0000123"), &value) == 200 && value == 12 && digits("00001x", &value) == -6);
}
