/* Large structures returned by value into the object that is also an argument, into array elements, through several callees and
 * out of branches: the result may only be built in place when nobody can see it half done. */
#include "certify.h"

enum { SIZE = 12 };
struct large { int32_t cell[SIZE]; int16_t extra; };

static struct large global;

static struct large make(int32_t start, int32_t step) {
    struct large result;
    for (int i = 0; i < SIZE; i++)
        result.cell[i] = start + i * step;
    result.extra = (int16_t)step;
    return result;
}

static NOINLINE struct large reversed(const struct large *from) {
    struct large result;
    for (int i = 0; i < SIZE; i++)
        result.cell[i] = from->cell[SIZE - 1 - i];
    result.extra = (int16_t)-from->extra;
    return result;
}

static struct large prefix_sums(struct large from) {
    struct large result = {.extra = from.extra};
    result.cell[0] = from.cell[0];
    for (int i = 1; i < SIZE; i++)
        result.cell[i] = result.cell[i - 1] + from.cell[i];
    return result;
}

/* Reads the global object after it has begun to write the result. */
static NOINLINE struct large from_global(int32_t add) {
    struct large result;
    for (int i = 0; i < SIZE; i++) {
        result.cell[i] = add;
        result.cell[i] += global.cell[(i * 5 + 3) % SIZE];
    }
    result.extra = (int16_t)(global.cell[0] + global.extra);
    return result;
}

static struct large choose(const struct large *a, const struct large *b, int which) {
    struct large result = *a;
    if (which == 0)
        return result;
    result.extra = 99;
    if (which == 1)
        return *b;
    result.cell[which] = b->cell[which];
    return which > 5 ? reversed(&result) : result;
}

static struct large forwarded(int depth, struct large value) {
    if (depth == 0)
        return value;
    value.cell[depth % SIZE] += depth;
    value = forwarded(depth - 1, reversed(&value));
    value.extra++;
    return value;
}

static NOINLINE int32_t weigh(const struct large *value) {
    int32_t sum = value->extra;
    for (int i = 0; i < SIZE; i++)
        sum += (i + 1) * value->cell[i];
    return sum;
}

/* For start a and step d the weight is a * 78 + d * 572 + d. */
static int32_t weight(int32_t start, int32_t step) { return start * 78 + step * 573; }

static void check_in_place(int32_t start, int32_t step) {
    struct large x = make(start, step), list[3];
    volatile int32_t model[SIZE];
    CHECK(weigh(&x) == weight(start, step));
    x = reversed(&x);
    CHECK(weigh(&x) == weight(start + 11 * step, -step));
    x = reversed(&x);
    x = prefix_sums(x);
    for (int i = 0; i < SIZE; i++)
        CHECK(x.cell[i] == (i + 1) * start + i * (i + 1) / 2 * step);
    CHECK(x.extra == step);

    global = make(start, step);
    for (int i = 0; i < SIZE; i++)
        model[i] = global.cell[(i * 5 + 3) % SIZE] + 1;
    global = from_global(1);
    for (int i = 0; i < SIZE; i++)
        CHECK(global.cell[i] == model[i]);
    CHECK(global.extra == start + step);

    for (int i = 0; i < 3; i++)
        list[i] = make(start + i, step - i);
    list[1] = reversed(&list[2]);
    list[opaque_int(2)] = prefix_sums(list[0]);
    list[0] = choose(&list[1], &list[0], opaque_int(8));
    CHECK(weigh(&list[1]) == weight(start + 2 + 11 * (step - 2), 2 - step));
    for (int i = 0; i < SIZE; i++) {
        int k = SIZE - 1 - i;
        int32_t from_two = start + 2 + (SIZE - 1 - k) * (step - 2), from_zero = start + k * step;
        CHECK(list[0].cell[i] == (k == 8 ? from_zero : from_two));
        CHECK(list[2].cell[i] == x.cell[i]);
    }
    CHECK(list[0].extra == -99);
}

static void check_chosen(void) {
    struct large a = make(100, 1), b = make(200, -2), c;
    c = choose(&a, &b, opaque_int(0));
    CHECK(weigh(&c) == weight(100, 1));
    c = choose(&a, &b, 1);
    CHECK(weigh(&c) == weight(200, -2));
    c = choose(&c, &a, opaque_int(3));
    CHECK(weigh(&c) == weight(200, -2) + 2 + 99 + 4 * (103 - 194));
    a = choose(&b, &a, 2);
    CHECK(weigh(&a) == weight(200, -2) + 2 + 99 + 3 * (102 - 196) && weigh(&b) == weight(200, -2));
}

static void check_forwarded(int depth) {
    struct large value = make(5, 3), result = forwarded(depth, value);
    volatile int32_t model[SIZE];
    for (int i = 0; i < SIZE; i++)
        model[i] = 5 + 3 * i;
    for (int d = depth; d > 0; d--) {
        model[d % SIZE] += d;
        for (int low = 0; low < SIZE / 2; low++) {
            int32_t kept = model[low];
            model[low] = model[SIZE - 1 - low];
            model[SIZE - 1 - low] = kept;
        }
    }
    for (int i = 0; i < SIZE; i++)
        CHECK(result.cell[i] == model[i]);
    CHECK(result.extra == (depth & 1 ? -3 : 3) + depth && weigh(&value) == weight(5, 3));
}

PROGRAM(struct_large_returns) {
    check_in_place(opaque_int(10), opaque_int(7));
    check_in_place(-40, opaque_int(4));
    check_in_place(3, -6);
    check_chosen();
    for (int depth = 0; depth < 16; depth += 3)
        check_forwarded(opaque_int(depth));
}
