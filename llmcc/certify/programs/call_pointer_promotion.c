/* Pointer arguments that are only loaded from, where the load must stay: behind a test, behind a store, in a loop, null. */
#include "certify.h"

struct shape {
    int16_t kind, width, height;
    int32_t scale;
    const struct shape *part;
};

/* The second pointer is null whenever the guard is 0. */
static NOINLINE int guarded(int guard, const int *always, const int *sometimes) {
    int sum = *always;
    if (guard)
        sum += *sometimes * guard;
    return sum;
}

static NOINLINE int unless_empty(unsigned count, const int *divided, const int *divisor) {
    if (count == 0)
        return -1;
    return *divided / *divisor + (int)count;
}

/* The store may be to what is loaded afterwards. */
static NOINLINE int store_then_load(int *target, const int *source, int value) {
    *target = value;
    return *source * 2 + *target;
}

static NOINLINE int load_then_store(int *target, const int *source, int value) {
    int loaded = *source;
    *target = value;
    return loaded * 2 + *target;
}

/* The limit moves when the loop writes to it. */
static NOINLINE unsigned until_limit(unsigned *cells, const unsigned *limit, unsigned step) {
    unsigned i = 0;
    while (i < *limit) {
        cells[i] += step;
        i++;
    }
    return i;
}

static NOINLINE int area(const struct shape *shape) { return shape->width * shape->height; }
static NOINLINE int edge(const struct shape *shape) { return shape->width + shape->height; }

static NOINLINE int64_t measure(const struct shape *shape, const int *depth) {
    if (!shape)
        return *depth;
    int64_t own = shape->kind == 1 ? area(shape) : shape->kind == 2 ? edge(shape) : 0;
    int deeper = *depth + 1;
    return own * shape->scale + measure(shape->part, &deeper);
}

/* Called with what is null, of kind 2, or neither, from one place each. */
static NOINLINE int describe(const struct shape *shape, int fallback) {
    if (!shape)
        return fallback;
    return shape->kind == 2 ? -edge(shape) : area(shape) + fallback;
}

static NOINLINE int classify(const struct shape *shape, int x) {
    if (!shape || shape->kind == 2)
        return describe(shape, x) + 1;
    if (x > 5 && shape->width > 100)
        return describe(shape->part, x - 5);
    return describe(shape, x * 2);
}

/* Each byte of what is pointed to, and its whole. */
static NOINLINE unsigned by_parts(const uint8_t *bytes, const uint32_t *whole, uint32_t *other) {
    unsigned sum = bytes[0] + bytes[3];
    *other ^= 0xff00ff00u;
    return sum * 7 + bytes[1] + bytes[2] + *whole % 1000;
}

static NOINLINE unsigned poll(const volatile unsigned *flag, unsigned *reads) {
    unsigned sum = 0;
    for (unsigned i = 0; i < 3; i++) {
        sum += *flag;
        ++*reads;
    }
    return sum;
}

/* A pointer to a local of the caller, that the caller changes between two calls. */
static int between_calls(int start) {
    int local = start, sum = 0;
    sum += guarded(0, &local, 0);
    local = sum * 3;
    sum += guarded(1, &local, &local);
    local -= 1;
    sum += guarded(-1, &sum, &local);
    return sum;
}

PROGRAM(call_pointer_promotion) {
    unsigned checked = 0;
    int a = opaque_int(40), b = opaque_int(7), zero = opaque_int(0);
    CHECK(guarded(zero, &a, 0) == 40 && guarded(opaque_int(2), &a, &b) == 54 && guarded(0, &b, 0) == 7);
    CHECK(unless_empty(0, 0, 0) == -1 && unless_empty((unsigned)zero, &a, &zero) == -1 && unless_empty(3, &a, &b) == 8);
    CHECK(store_then_load(&a, &a, 5) == 15 && a == 5);
    CHECK(store_then_load(&a, &b, 6) == 20 && load_then_store(&b, &b, 9) == 23 && b == 9);
    CHECK(load_then_store(&b, &a, opaque_int(1)) == 13 && load_then_store(&a, &b, 3) == 5 && a == 3);

    for (unsigned size = 2; size < 9; size++)
        for (unsigned step = 0; step < 4; step++) {
            unsigned cells[16] = {0}, expected[16] = {0}, count = 0;
            cells[size - 1] = expected[size - 1] = size;
            for (; count < expected[size - 1] && count < 16; count++)
                expected[count] += step;
            /* The limit is one of the cells. */
            CHECK(until_limit(cells, &cells[size - 1], opaque_unsigned(step)) == count && count == size + step);
            for (unsigned i = 0; i < 16; i++)
                CHECK(cells[i] == expected[i]);
            checked++;
        }
    struct shape inner = {2, 3, 4, opaque_int(-10), 0}, middle = {3, 101, 2, 5, &inner}, outer = {1, 200, 30, opaque_int(2), &middle};
    int depth = opaque_int(0);
    CHECK(measure(&outer, &depth) == 12000 - 70 + 3 && measure(0, &depth) == 0 && depth == 0);
    const struct shape *const shapes[4] = {0, &inner, &middle, &outer};
    static const int expected[4][2] = {{4, 10}, {-6, -6}, {202 + 6, -7}, {6000 + 6, 202 + 4}};
    for (int i = 0; i < 4; i++) {
        CHECK(classify(shapes[opaque_int(i)], 3) == expected[i][0]);
        CHECK(classify(shapes[opaque_int(i)], 9) == expected[i][1]);
        checked++;
    }
    CHECK(describe(&inner, zero) == -7 && describe(0, 8) == 8);
    uint32_t whole = opaque_unsigned(0x04020402u), swapped = opaque_unsigned(1);
    CHECK(by_parts((const uint8_t *)&whole, &whole, &swapped) == ((2 + 4) * 7 + 4 + 2 + 67240962u % 1000) && swapped == 0xff00ff01u);
    /* The same object: first and last byte are read before the change, the others after it. */
    CHECK(by_parts((const uint8_t *)&whole, &whole, &whole)
          == (2 + 4) * 7 + (opaque_unsigned(0x04020402u ^ 0xff00ff00u) >> 8 & 255) + 2 + (0x04020402u ^ 0xff00ff00u) % 1000);
    unsigned reads = 0;
    volatile unsigned flag = opaque_unsigned(5);
    CHECK(poll(&flag, &reads) == 15 && reads == 3);
    flag = 1;
    CHECK(poll(&flag, &reads) == 3 && reads == 6);
    for (int start = -5; start < 5; start++) {
        int sum = start, local = start * 3;
        sum += local * 2;
        CHECK(between_calls(opaque_int(start)) == sum + sum - (local - 1));
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 42);
}
