/* Loops steered by floating point: counters with fractions, counters that stop growing, exits that a NaN takes or
 * keeps shut, bisection to neighbouring numbers, iterations until a fixed point or an escape. */
#include "certify.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif
#if defined __FLT_EVAL_METHOD__ && (__FLT_EVAL_METHOD__ == 1 || __FLT_EVAL_METHOD__ == 2)
enum { extra_precision = 1 };
#else
enum { extra_precision = 0 };
#endif

static float step(float x) {
    volatile float stored = x;
    return stored;
}

static NOINLINE int trips_up(float from, float to, float by) {
    int trips = 0;
    for (float x = from; x < to; x += by)
        trips++;
    return trips;
}

static NOINLINE int trips_up_equal(float from, float to, float by) {
    int trips = 0;
    for (float x = from; x <= to; x += by)
        trips++;
    return trips;
}

static NOINLINE int trips_down(float from, float to, float by) {
    int trips = 0;
    for (float x = from; !(x < to) && trips < 10000; x -= by)
        trips++;
    return trips;
}

/* Until adding one has no effect. */
static NOINLINE int until_stuck(float x) {
    int trips = 0;
    for (float next = x + 1; next != x; next = x + 1) {
        x = next;
        trips++;
    }
    return trips;
}

/* The greatest float whose square, computed as a double, does not exceed n. */
static NOINLINE float bisect(double n, int *trips) {
    float low = 0, high = (float)n + 1;
    for (*trips = 0;; ++*trips) {
        float middle = low + (high - low) / 2;
        if (middle == low || middle == high)
            return low;
        if ((double)middle * middle <= n)
            low = middle;
        else
            high = middle;
    }
}

static NOINLINE float fixed_point(float x, float n, int *trips) {
    float before;
    *trips = 0;
    do {
        before = x;
        x = (x + n / x) / 2;
    } while (++*trips < 50 && x != before);
    return x;
}

static NOINLINE float fixed_point_by_steps(float x, float n, int *trips) {
    for (*trips = 1;; ++*trips) {
        float before = x;
        x = step(step(x + step(n / x)) / 2);
        if (x == before || *trips == 50)
            return x;
    }
}

/* Squaring and adding in the plane: the trips before the square of the distance passes 4, or the limit. */
static NOINLINE int escape(float cx, float cy, int limit) {
    float x = 0, y = 0;
    int trips = 0;
    for (; trips < limit; trips++) {
        float xx = x * x, yy = y * y;
        if (xx + yy > 4)
            return trips;
        y = x * y * 2 + cy;
        x = xx - yy + cx;
    }
    return limit;
}

static NOINLINE int escape_by_steps(float cx, float cy, int limit) {
    float x = 0, y = 0;
    int trips = 0;
    for (; trips < limit && !(step(step(x * x) + step(y * y)) > 4); trips++) {
        float product = step(x * y), next = step(step(step(x * x) - step(y * y)) + cx);
        y = step(step(product * 2) + cy);
        x = next;
    }
    return trips;
}

PROGRAM(float_loop_conditions) {
    unsigned checked = 0;
    for (int quarters = 1; quarters < 12; quarters++)
        for (int to = -8; to < 40; to += 3, checked += opaque_unsigned(1)) {
            float by = opaque_float((float)quarters) / 4, end = opaque_float((float)to) / 2;
            int room = to * 2 + 12;
            CHECK(trips_up(-3, end, by) == (room > 0 ? (room + quarters - 1) / quarters : 0));
            CHECK(trips_up_equal(-3, end, by) == (room >= 0 ? room / quarters + 1 : 0));
            CHECK(trips_down(end, -3, by) == (room >= 0 ? room / quarters + 1 : 0));
        }
    float nan = opaque_float(__builtin_nanf("")), infinity = opaque_float(__builtin_inff());
    CHECK(trips_up(nan, 1, 1) == 0 && trips_up(0, nan, 1) == 0 && trips_up_equal(0, nan, 1) == 0);
    CHECK(trips_up(infinity, infinity, 1) == 0 && trips_up_equal(1, -infinity, 1) == 0);
    CHECK(trips_down(nan, 0, 1) == 10000 && trips_down(0, nan, 1) == 10000);
    CHECK(trips_up(0, 5, infinity) == 1 && trips_up(opaque_float(-0x1.8p127f), 0x1.8p127f, 0x1p127f) == 3);

    /* Whatever is rounded later than it is written has no definite result. */
    if (extra_precision && opaque_int(1))
        return;
    CHECK(until_stuck(opaque_float(16777200)) == 16 && until_stuck(-33554432) == 0 && until_stuck(infinity) == 0);
    for (int n = 2; n < 400; n += 13, checked += opaque_unsigned(1)) {
        int trips, other;
        float low = bisect(opaque_double(n), &trips), above = low;
        /* The next float: what half as much is added to until it moves no more. */
        for (float gap = 0x1p-10f; low + gap != low; gap /= 2)
            above = low + gap;
        CHECK((double)low * low <= n && (double)above * above > n && above > low && trips > 20 && trips < 40);
        float root = fixed_point((float)n, opaque_float((float)n), &trips);
        CHECK(root == fixed_point_by_steps((float)n, (float)n, &other) && trips == other);
        CHECK(root - low <= 0x1p-18f && low - root <= 0x1p-18f);
    }
    int inside = 0, trips = 0;
    for (int i = -16; i <= 8; i++)
        for (int j = 0; j <= 10; j++) {
            float cx = opaque_float((float)i) * 0.125f, cy = opaque_float((float)j) * 0.125f;
            int count = escape(cx, cy, 24);
            CHECK(count == escape_by_steps(cx, cy, 24));
            inside += count == 24, trips += count;
        }
    /* Points on the axis from -2 to 1/4 never leave. */
    CHECK(inside >= 19 && trips > inside * 24 && escape(-2, 0, 1000) == 1000 &&
          escape(0.25f, opaque_float(0), 1000) == 1000 && checked == 207);
}
