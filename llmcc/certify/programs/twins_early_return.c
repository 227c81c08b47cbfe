/* Functions with a cheap guard before a costly body, as the partial inliner splits them, equal but for the guard, the
 * value returned early, the place of the early return or the bound of the loop. */
#include "certify.h"

struct job {
    int32_t kind, cost;
    uint8_t weights[9];
};

static int32_t spent, refused;

#define CHARGE(name, guard, early)                                    \
    static int32_t name(struct job *job, int32_t budget) {            \
        if (guard)                                                    \
            return early;                                             \
        int32_t due = job->cost;                                      \
        for (unsigned i = 0; i < sizeof job->weights; i++) {          \
            due += job->weights[i] * (int32_t)(i + 1);                \
            if (due > budget) {                                       \
                refused++;                                            \
                job->cost = due - budget;                             \
                return -due;                                          \
            }                                                         \
        }                                                             \
        spent += due;                                                 \
        job->kind ^= 1;                                               \
        return due;                                                   \
    }
CHARGE(charge_strict, job->cost > budget, 0)
CHARGE(charge_equal, job->cost >= budget, 0)
CHARGE(charge_early, job->cost > budget, budget - 1)
CHARGE(charge_kind, job->kind > budget, 0)
CHARGE(charge_null, !job || job->cost > budget, 0)

/* The same, step by step over a list of what happens, from plain numbers. */
static int32_t charge_expected(int skip, int32_t early, struct job *job, int32_t budget, int32_t *log) {
    int32_t sums[sizeof job->weights], due = job->cost;
    if (skip)
        return early;
    for (unsigned i = 0; i < sizeof job->weights; i++)
        sums[i] = due += (int32_t)i * job->weights[i] + job->weights[i];
    for (unsigned i = 0; i < sizeof job->weights; i++)
        if (sums[i] > budget) {
            log[1]++;
            job->cost = sums[i] - budget;
            return 0 - sums[i];
        }
    log[0] += due;
    job->kind = job->kind % 2 ? job->kind - 1 : job->kind + 1;
    return due;
}

#define FIND(name, bound, exit_early, missing)                        \
    static NOINLINE int name(const uint8_t *bytes, uint8_t wanted) {  \
        int seen = 0;                                                 \
        for (int i = 0; i < (bound); i++) {                           \
            if (bytes[i] == wanted) {                                 \
                seen++;                                               \
                if (exit_early)                                       \
                    return i;                                         \
            }                                                         \
        }                                                             \
        return seen ? seen + 100 : missing;                           \
    }
FIND(find_first_12, 12, seen == 1, -1)
FIND(find_first_13, 13, seen == 1, -1)
FIND(find_second, 13, seen == 2, -1)
FIND(count_all, 13, seen > 13, -1)
FIND(count_other, 13, seen > 13, 0)

/* The two halves are the same but for where they return. */
static NOINLINE unsigned settle(unsigned x, unsigned limit) {
    x = x * 13 + 5;
    if (x % 16 < limit)
        return x;
    x ^= x >> 3;
    x = x * 13 + 5;
    if (x % 16 < limit)
        return x + 1;
    x ^= x >> 3;
    x = x * 13 + 5;
    if (x % 16 <= limit)
        return x;
    x ^= x >> 3;
    return x;
}

static unsigned settle_expected(unsigned x, unsigned limit) {
    for (unsigned turn = 0; turn < 3; turn++) {
        x = (x << 4) - x - x - x + 5;
        if ((x & 15) < limit + turn / 2)
            return turn == 1 ? x + 1 : x;
        x = (x | x >> 3) - (x & x >> 3);
    }
    return x;
}

PROGRAM(twins_early_return) {
    static const uint8_t text[13] = {3, 5, 3, 9, 12, 5, 3, 1, 0, 8, 8, 4, 7};
    spent = refused = 0;
    int32_t log[2] = {0, 0};
    for (int32_t cost = 0; cost < 60; cost += 6)
        for (int32_t budget = 12; budget <= 252; budget += 24) {
            struct job mine = {budget / 2 + cost / 5 * 7, opaque_int(cost), {0}}, model;
            for (unsigned i = 0; i < sizeof mine.weights; i++)
                mine.weights[i] = (uint8_t)(text[i] * (unsigned)(cost + 9) % 7);
            model = mine;
            int32_t limit = opaque_int(budget);
#define SAME(call, skip, early)                                                                     \
    CHECK(call(&mine, limit) == charge_expected(skip, early, &model, budget, log));                 \
    CHECK(spent == log[0] && refused == log[1] && mine.kind == model.kind && mine.cost == model.cost)
            SAME(charge_strict, model.cost > budget, 0);
            SAME(charge_equal, model.cost > budget - 1, 0);
            SAME(charge_early, model.cost > budget, budget - 1);
            SAME(charge_kind, model.kind > budget, 0);
            SAME(charge_null, model.cost > budget, 0);
            mine.cost = model.cost = budget;
            SAME(charge_equal, 1, 0);
            SAME(charge_strict, 0, 0);
        }
    CHECK(charge_null(opaque_pointer(NULL), 5) == 0 && spent == log[0]);
    CHECK(spent > 1000 && refused > 100);
    const uint8_t *bytes = opaque_pointer(text);
    for (int wanted = 0; wanted < 15; wanted++) {
        int first = -1, second = -1, count = 0;
        for (int i = 12; i >= 0; i--)
            if (text[i] == wanted)
                second = first, first = i, count++;
        CHECK(find_first_13(bytes, (uint8_t)wanted) == first);
        CHECK(find_first_12(bytes, (uint8_t)wanted) == (first == 12 ? -1 : first));
        CHECK(find_second(bytes, (uint8_t)wanted) == (count > 1 ? second : count ? 101 : -1));
        CHECK(count_all(bytes, (uint8_t)wanted) == (count ? count + 100 : -1));
        CHECK(count_other(bytes, (uint8_t)wanted) == (count ? count + 100 : 0));
    }
    CHECK(find_first_12(text, 7) == -1 && find_first_13(text, 7) == 12 && find_second(text, 3) == 2);
    for (unsigned x = 0; x < 120; x++)
        for (unsigned limit = 0; limit < 9; limit += 2)
            CHECK(settle(opaque_unsigned(x), limit) == settle_expected(x, limit));
    CHECK(settle(3, 15) == 44 && settle(opaque_unsigned(3), 15) == 44);
}
