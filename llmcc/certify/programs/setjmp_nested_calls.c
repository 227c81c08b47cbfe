/* longjmp out of nested calls, from several depths and with several codes, past frames that hold arrays. */
#include "certify.h"
#include <setjmp.h>

static jmp_buf surface;
static int entered, left_normally;

static NOINLINE unsigned dive(int depth, int floor, int code, unsigned *above);

static NOINLINE unsigned dive_twice(int depth, int floor, int code, unsigned *above) {
    unsigned own[3] = {above[0] + 1, above[1] * 3, above[2] ^ 5};
    entered++;
    unsigned first = dive(depth + 1, floor, code, own);
    own[0] += first;
    unsigned second = dive(depth + 2, floor, code - 1, own);
    left_normally++;
    return first + 2 * second + own[1];
}

/* Below the floor it turns round, or leaves all frames at once when the code is 0 or less. */
static NOINLINE unsigned dive(int depth, int floor, int code, unsigned *above) {
    unsigned own[4];
    entered++;
    for (int i = 0; i < 4; i++)
        own[i] = above[i % 3] + (unsigned)(depth * i);
    if (depth >= floor) {
        if (code <= 0)
            longjmp(surface, depth - floor - code);
        left_normally++;
        return own[0] + own[3];
    }
    unsigned result;
    if (depth & 1)
        result = dive(depth + 1, floor, code, own + 1) + own[0];
    else
        result = dive_twice(depth, floor, code, own) ^ own[2];
    left_normally++;
    return result;
}

/* The same walk with a return code in place of the jump: whether it jumped. */
static int model(int depth, int floor, int code, const unsigned *above, unsigned *result, int *jump, int *frames);

static int model_twice(int depth, int floor, int code, const unsigned *above, unsigned *result, int *jump, int *frames) {
    unsigned own[3] = {above[0] + 1, above[1] * 3, above[2] ^ 5}, first, second;
    ++*frames;
    if (model(depth + 1, floor, code, own, &first, jump, frames))
        return 1;
    own[0] += first;
    if (model(depth + 2, floor, code - 1, own, &second, jump, frames))
        return 1;
    *result = first + 2 * second + own[1];
    return 0;
}

static int model(int depth, int floor, int code, const unsigned *above, unsigned *result, int *jump, int *frames) {
    unsigned own[4], below;
    ++*frames;
    for (int i = 0; i < 4; i++)
        own[i] = above[i % 3] + (unsigned)(depth * i);
    if (depth >= floor) {
        *jump = depth - floor - code;
        *result = own[0] + own[3];
        return code <= 0;
    }
    if (depth & 1) {
        if (model(depth + 1, floor, code, own + 1, &below, jump, frames))
            return 1;
        *result = below + own[0];
    } else {
        if (model_twice(depth, floor, code, own, &below, jump, frames))
            return 1;
        *result = below ^ own[2];
    }
    return 0;
}

static NOINLINE int attempt(int floor, int code, unsigned *result) {
    unsigned start[3] = {1, 2, 3};
    switch (setjmp(surface)) {
    case 0: *result = dive(0, floor, code, start); return -1;
    case 1: return 1;
    case 2: return 2;
    case 3: return 3;
    default: return 4;
    }
}

PROGRAM(setjmp_nested_calls) {
    unsigned checked = 0;
    int jumps = 0;
    for (int floor = 0; floor < 9; floor++)
        for (int code = -3; code < 6; code++) {
            unsigned start[3] = {1, 2, 3}, result = 0, wanted = 0;
            int jump = 0, frames = 0;
            entered = left_normally = 0;
            int out = model(0, floor, code, start, &wanted, &jump, &frames);
            int got = attempt(opaque_int(floor), opaque_int(code), &result);
            CHECK(entered == frames);
            if (out) {
                /* A jump with 0 arrives as 1. */
                CHECK(got == (jump == 0 ? 1 : jump > 3 ? 4 : jump));
                CHECK(left_normally < entered && result == 0);
                jumps++;
            } else {
                CHECK(got == -1 && left_normally == entered && result == wanted);
            }
            checked++;
        }
    CHECK(jumps > 40 && jumps < 81);
    /* No loop was left out. */
    CHECK(checked == 81);
}
