/* Volatile locals keep their last values over a longjmp, at every nesting and on every way out, while locals that do not
 * change after setjmp stay as they were. */
#include "certify.h"

#include <setjmp.h>

static jmp_buf outer, inner;
static int depth_reached;

static NOINLINE void leave(int code) {
    if (code)
        longjmp(outer, code);
}

static void descend(int depth, int stop) {
    depth_reached++;
    if (depth == stop)
        longjmp(outer, depth + 1);
    if (depth < 50)
        descend(depth + 1, stop);
    depth_reached = -1;
}

static int retry(int limit) {
    volatile int attempts = 0, sum = 0;
    const int before = limit * 3;
    switch (setjmp(outer)) {
    case 0:
        sum += 1;
        break;
    case 7:
        sum += 100;
        break;
    default:
        sum += 10;
    }
    attempts++;
    if (attempts <= limit) {
        sum = sum + attempts * 1000;
        leave(attempts & 1 ? 7 : 8);
    }
    return sum + before;
}

static int order_of_stores(int stop) {
    volatile int place = 0;
    volatile uint8_t history[6] = {0, 0, 0, 0, 0, 0};
    if (setjmp(outer) == 0) {
        for (int i = 0; i < 6; i++) {
            place = i;
            history[i] = (uint8_t)(i + 1);
            leave(i == stop ? 5 : 0);
            history[i] = (uint8_t)(history[i] * 10);
        }
        place = 99;
    }
    int sum = 0;
    for (int i = 0; i < 6; i++)
        sum += history[i];
    return sum * 100 + place;
}

static int two_levels(int inner_code, int outer_code) {
    volatile int trace = 1;
    switch (setjmp(outer)) {
    case 0:
        trace = trace * 10 + 2;
        switch (setjmp(inner)) {
        case 0:
            trace = trace * 10 + 3;
            if (inner_code)
                longjmp(inner, inner_code);
            trace = trace * 10 + 4;
            break;
        case 6:
            trace = trace * 10 + 6;
            break;
        default:
            trace = trace * 10 + 7;
        }
        leave(outer_code);
        trace = trace * 10 + 5;
        break;
    case 8:
        trace = trace * 10 + 8;
        break;
    default:
        trace = trace * 10 + 9;
    }
    return trace;
}

static int recursion(int stop) {
    volatile double weight = 0.5;
    volatile int64_t wide = (int64_t)stop << 33;
    depth_reached = 0;
    if (setjmp(outer) == 0) {
        weight = weight + stop;
        wide += 5;
        descend(0, stop);
        weight = -1;
    } else
        wide++;
    CHECK(weight == stop + 0.5);
    CHECK(wide == ((int64_t)stop << 33) + 6);
    return depth_reached;
}

static int many_unchanged(int a) {
    int b = a * 3, c = b ^ 5, d = c - a, e = d * b, f = e | 1, g = f + c, h = g - d;
    volatile int turns = 0;
    if (setjmp(outer) < 4) {
        turns++;
        leave(turns);
    }
    return a + b * 2 + c * 3 + d * 5 + e * 7 + f * 11 + g * 13 + h * 17 + turns;
}

static int many_by_hand(int a) {
    int b = opaque_int(a) * 3, c = b ^ 5, d = c - a, e = d * b, f = e | 1, g = f + c, h = g - d;
    return a + b * 2 + c * 3 + d * 5 + e * 7 + f * 11 + g * 13 + h * 17 + 4;
}

PROGRAM(volatile_locals_across_longjmp) {
    /* Attempt k is written as 1000k and leaves with 7 when k is odd. */
    CHECK(retry(0) == 1 && retry(1) == 1 + 1000 + 100 + 3);
    CHECK(retry(opaque_int(5)) == 1 + 15000 + 3 * 100 + 2 * 10 + 15);
    for (int stop = 0; stop < 6; stop++) {
        int sum = 0;
        for (int i = 0; i <= stop; i++)
            sum += i < stop ? (i + 1) * 10 : i + 1;
        CHECK(order_of_stores(opaque_int(stop)) == sum * 100 + stop);
    }
    CHECK(order_of_stores(6) == 21099 && order_of_stores(2) == 3302);
    CHECK(two_levels(0, 0) == 12345 && two_levels(6, 0) == 12365);
    CHECK(two_levels(opaque_int(0), opaque_int(9)) == 12349 && two_levels(7, opaque_int(8)) == 12378);
    for (int stop = 0; stop < 9; stop += 2)
        CHECK(recursion(opaque_int(stop)) == stop + 1);
    CHECK(many_unchanged(opaque_int(12)) == many_by_hand(12) && many_unchanged(-5) == many_by_hand(-5));
}
