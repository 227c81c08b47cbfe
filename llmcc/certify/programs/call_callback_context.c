/* Callbacks with a context: walking both ways, searching, adding up and sorting, with callbacks that stop early and that call back again. */
#include "certify.h"

typedef int (*visitor)(void *context, int index, int value);

static int visit_all(const int *values, int count, visitor visit, void *context) {
    for (int i = 0; i < count; i++) {
        int stop = visit(context, i, values[i]);
        if (stop)
            return stop;
    }
    return 0;
}

static int visit_backwards(const int *values, int count, visitor visit, void *context) {
    for (int i = count; i-- > 0;) {
        int stop = visit(context, i, values[i]);
        if (stop)
            return stop;
    }
    return 0;
}

struct totals {
    int64_t sum;
    int least, greatest, seen;
};

static int add_up(void *context, int index, int value) {
    struct totals *totals = context;
    (void)index;
    totals->sum += value;
    if (totals->seen == 0 || value < totals->least)
        totals->least = value;
    if (totals->seen == 0 || value > totals->greatest)
        totals->greatest = value;
    totals->seen++;
    return 0;
}

struct search {
    int wanted, steps;
};

static int find_equal(void *context, int index, int value) {
    struct search *search = context;
    search->steps++;
    return value == search->wanted ? index + 1 : 0;
}

static int find_above(void *context, int index, int value) {
    struct search *search = context;
    search->steps++;
    return value > search->wanted ? index + 1 : 0;
}

struct pairs {
    const int *values;
    int count, left, matches, target;
};

static int match_right(void *context, int index, int value) {
    struct pairs *pairs = context;
    if (index > pairs->left && pairs->values[pairs->left] + value == pairs->target)
        pairs->matches++;
    return 0;
}

/* Calls the walker from inside of the walker, with the same context. */
static int match_left(void *context, int index, int value) {
    struct pairs *pairs = context;
    if (value > pairs->target)
        return 0;
    pairs->left = index;
    return visit_all(pairs->values, pairs->count, match_right, context);
}

struct order {
    const uint8_t *keys;
    int sign;
    unsigned comparisons;
};

static int by_key(void *context, int left, int right) {
    struct order *order = context;
    order->comparisons++;
    return (order->keys[left] - order->keys[right]) * order->sign;
}

static int by_key_then_index(void *context, int left, int right) {
    struct order *order = context;
    order->comparisons++;
    int difference = (order->keys[left] - order->keys[right]) * order->sign;
    return difference ? difference : right - left;
}

static void insertion_sort(uint8_t *items, int count, int (*compare)(void *, int, int), void *context) {
    for (int i = 1; i < count; i++) {
        uint8_t item = items[i];
        int j = i;
        for (; j > 0 && compare(context, items[j - 1], item) > 0; j--)
            items[j] = items[j - 1];
        items[j] = item;
    }
}

PROGRAM(call_callback_context) {
    unsigned checked = 0;
    enum { COUNT = 30 };
    int values[COUNT];
    uint8_t keys[COUNT], items[COUNT];
    for (int i = 0; i < COUNT; i++) {
        values[i] = opaque_int((i * 17 + 5) % 31 - 12);
        keys[i] = (uint8_t)(values[i] + 12) / 4;
        checked++;
    }
    struct totals forward = {0, 0, 0, 0}, backward = {0, 0, 0, 0};
    CHECK(visit_all(values, COUNT, add_up, &forward) == 0 && visit_backwards(values, COUNT, add_up, &backward) == 0);
    /* The residues 0 to 30 but for the one at i = 30, which is 19. */
    CHECK(forward.sum == 31 * 15 - 12 * 31 - 7 && forward.least == -12 && forward.greatest == 18);
    CHECK(forward.sum == backward.sum && backward.seen == COUNT && backward.least == -12 && backward.greatest == 18);

    for (int i = 0; i < COUNT; i++) {
        struct search search = {values[i], 0}, above = {values[i], 0};
        CHECK(visit_all(values, COUNT, find_equal, &search) == i + 1 && search.steps == i + 1);
        CHECK(visit_backwards(values, COUNT, find_equal, &search) == i + 1 && search.steps == COUNT + 1);
        int expected = 0;
        while (expected < COUNT && values[expected] <= values[i])
            expected++;
        CHECK(visit_all(values, COUNT, find_above, &above) == (expected == COUNT ? 0 : expected + 1));
        CHECK(above.steps == (expected == COUNT ? COUNT : expected + 1));
        checked++;
    }
    for (int target = -10; target < 20; target += 3) {
        struct pairs pairs = {values, COUNT, 0, 0, target};
        int expected = 0;
        for (int i = 0; i < COUNT; i++)
            for (int j = i + 1; j < COUNT && values[i] <= target; j++)
                expected += values[i] + values[j] == target;
        CHECK(visit_all(values, COUNT, match_left, &pairs) == 0 && pairs.matches == expected);
        checked++;
    }
    for (int sign = -1; sign <= 1; sign += 2) {
        struct order stable = {keys, opaque_int(sign), 0}, total = {keys, opaque_int(-sign), 0};
        for (int i = 0; i < COUNT; i++)
            items[i] = (uint8_t)i;
        insertion_sort(items, COUNT, by_key, &stable);
        for (int i = 1; i < COUNT; i++)
            CHECK(sign * keys[items[i - 1]] < sign * keys[items[i]] || (keys[items[i - 1]] == keys[items[i]] && items[i - 1] < items[i]));
        uint8_t first[COUNT];
        for (int i = 0; i < COUNT; i++)
            first[i] = items[i];
        insertion_sort(items, COUNT, by_key_then_index, &total);
        for (int i = 0; i < COUNT; i++)
            CHECK(items[i] == first[COUNT - 1 - i]);
        CHECK(total.comparisons == COUNT * (COUNT - 1) / 2 && stable.comparisons < total.comparisons);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 72);
}
