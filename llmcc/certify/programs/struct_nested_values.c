/* Nested structures: inner values read, replaced and returned as a whole while the others stay; a small matrix and interval
 * arithmetic by value, against the same with plain variables. */
#include "certify.h"

struct point { int16_t x, y; };
struct interval { int32_t low, high; };
struct rectangle { struct point corner, opposite; };
struct item { uint8_t kind; struct rectangle bounds; struct { struct interval range; uint8_t mark; } inner; };
struct matrix { struct { int32_t c[2]; } row[2]; };

static struct point add(struct point a, struct point b) { return (struct point){(int16_t)(a.x + b.x), (int16_t)(a.y + b.y)}; }
static struct point turn(struct point p) { return (struct point){(int16_t)-p.y, p.x}; }
static struct point mirror(struct point p) { return (struct point){p.y, p.x}; }

static struct rectangle ordered(struct rectangle r) {
    struct rectangle result = r;
    if (r.corner.x > r.opposite.x) {
        result.corner.x = r.opposite.x;
        result.opposite.x = r.corner.x;
    }
    if (r.corner.y > r.opposite.y) {
        result.corner.y = r.opposite.y;
        result.opposite.y = r.corner.y;
    }
    return result;
}

static int32_t area(struct rectangle r) { return (r.opposite.x - r.corner.x) * (r.opposite.y - r.corner.y); }

static NOINLINE struct item moved(struct item item, struct point by) {
    item.bounds.corner = add(item.bounds.corner, by);
    item.bounds.opposite = add(item.bounds.opposite, by);
    item.inner.mark++;
    return item;
}

static NOINLINE struct item turned(struct item item) {
    item.bounds.corner = turn(item.bounds.corner);
    item.bounds.opposite = turn(item.bounds.opposite);
    item.bounds = ordered(item.bounds);
    item.inner.range.high = area(item.bounds);
    return item;
}

static struct interval sum(struct interval a, struct interval b) { return (struct interval){a.low + b.low, a.high + b.high}; }
static struct interval negated(struct interval a) { return (struct interval){-a.high, -a.low}; }

static struct interval product(struct interval a, struct interval b) {
    int32_t all[4] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
    struct interval result = {all[0], all[0]};
    for (int i = 1; i < 4; i++) {
        if (all[i] < result.low)
            result.low = all[i];
        if (all[i] > result.high)
            result.high = all[i];
    }
    return result;
}

static NOINLINE struct interval polynomial(struct item item, struct interval x) {
    struct interval one = {1, 1};
    item.inner.range = sum(item.inner.range, one);
    struct interval square = product(x, x);
    return sum(product(item.inner.range, square), negated(sum(x, one)));
}

static struct matrix multiplied(struct matrix a, struct matrix b) {
    struct matrix r = {{{{0, 0}}, {{0, 0}}}};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            for (int j = 0; j < 2; j++)
                r.row[i].c[j] += a.row[i].c[k] * b.row[k].c[j];
    return r;
}

static struct matrix swapped(struct matrix m) {
    struct matrix r;
    r.row[0] = m.row[1];
    r.row[1] = m.row[0];
    return r;
}

/* Powers of the Fibonacci matrix by repeated squaring. */
static int32_t fibonacci(unsigned n) {
    struct matrix base = {{{{1, 1}}, {{1, 0}}}}, result = {{{{1, 0}}, {{0, 1}}}};
    for (; n; n >>= 1) {
        if (n & 1)
            result = multiplied(result, base);
        if (n > 1)
            base = multiplied(base, base);
    }
    CHECK(result.row[0].c[1] == result.row[1].c[0]);
    result = swapped(result);
    return result.row[0].c[0];
}

static void check_item(int16_t x, int16_t y, int16_t width, int16_t height) {
    struct item item = {7, {{x, y}, {(int16_t)(x + width), (int16_t)(y + height)}}, {{-1, 0}, 250}}, first = item;
    struct point step = {3, -2};
    for (int i = 1; i <= 8; i++) {
        item = moved(item, step);
        CHECK(item.bounds.corner.x == x + 3 * i && item.bounds.opposite.y == y + height - 2 * i);
        CHECK(item.inner.mark == (250 + i) % 256 && item.kind == 7 && item.inner.range.low == -1);
    }
    int volatile left = item.bounds.corner.x, bottom = item.bounds.corner.y;
    for (int i = 0; i < 4; i++) {
        /* A quarter turn takes (x, y) to (-y, x): the new left edge is minus the old top edge. */
        int top = bottom + (i & 1 ? width : height);
        item = turned(item);
        bottom = left;
        left = -top;
        CHECK(item.bounds.corner.x == left && item.bounds.corner.y == bottom);
        CHECK(item.inner.range.high == width * height && item.inner.mark == 2);
    }
    CHECK(item.bounds.corner.x == x + 24 && item.bounds.corner.y == y - 16);
    item.bounds.corner = mirror(item.bounds.corner);
    CHECK(item.bounds.corner.x == y - 16 && item.bounds.corner.y == x + 24 && item.bounds.opposite.x == x + width + 24);
    item = first;
    CHECK(area(item.bounds) == width * height && item.inner.range.high == 0 && item.inner.mark == 250);
}

static void check_interval(int32_t low, int32_t high) {
    struct item item = {1, {{0, 0}, {0, 0}}, {{2, 4}, 0}};
    struct interval x = {low, high}, result = polynomial(item, x);
    int32_t most = low * low > high * high ? low * low : high * high, least = low * low < high * high ? low * low : high * high;
    if (low < 0 && high > 0)
        least = low * high;
    /* (range + 1) * x * x - (x + 1), where x * x takes its factors as independent. */
    CHECK(result.low == (least < 0 ? 5 : 3) * least - high - 1 && result.high == 5 * most - low - 1);
    CHECK(item.inner.range.low == 2 && item.inner.range.high == 4);
}

PROGRAM(struct_nested_values) {
    check_item((int16_t)opaque_int(10), (int16_t)opaque_int(-4), 5, 9);
    check_item(-30, 12, (int16_t)opaque_int(1), 6);
    check_item(0, 0, 3, 3);
    check_interval(opaque_int(2), opaque_int(6));
    check_interval(-3, opaque_int(4));
    check_interval(-8, -5);
    int32_t volatile a = 0, b = 1;
    for (unsigned n = 0; n < 40; n++) {
        CHECK(fibonacci(opaque_unsigned(n)) == a);
        int32_t next = a + b;
        a = b;
        b = next;
    }
    CHECK(fibonacci(24) == 46368);
}
