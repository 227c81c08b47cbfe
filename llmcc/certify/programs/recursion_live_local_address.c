/* Calls in tail position that are no tail calls, because the address of a local of the frame is still in use below it. */
#include "certify.h"

struct frame {
    const struct frame *caller;
    int16_t id;
    uint8_t mark;
};

static int answers[40];

/* At the bottom all frames above are looked at through their locals. */
static int bottom(const struct frame *top, int count) {
    int sum = 0;
    for (const struct frame *frame = top; frame; frame = frame->caller)
        sum += frame->id * --count + frame->mark;
    CHECK(count == 0);
    return sum;
}

static int descend(const struct frame *caller, int depth, int limit) {
    struct frame own = {caller, (int16_t)(depth * 7 - 30), (uint8_t)(depth ^ 5)};
    if (depth == limit)
        return bottom(&own, limit + 1);
    return descend(&own, depth + 1, limit);
}

/* Only every third frame is linked: some of the calls could be tail calls, were it not for the others. */
static int descend_some(const struct frame *caller, int depth, int limit, int linked) {
    struct frame own = {caller, (int16_t)(depth * 11), (uint8_t)depth};
    if (depth == limit)
        return bottom(caller, linked);
    if (depth % 3 == 0)
        return descend_some(&own, depth + 1, limit, linked + 1);
    return descend_some(caller, depth + 1, limit, linked);
}

/* Writes into the frame above through the pointer, one level late. */
static unsigned write_up(unsigned *above, unsigned depth) {
    unsigned own = depth * 3;
    if (depth == 0)
        return *above;
    *above += own + depth;
    unsigned result = write_up(&own, depth - 1);
    return result ^ own << 1;
}

static unsigned write_up_model(unsigned depth) {
    unsigned own[42], result;
    for (unsigned level = 0; level <= depth; level++)
        own[level] = level * 3 + (level > 1 ? (level - 1) * 4 : 0);
    /* The frame of level 0 reads what its caller at level 1 holds, which nothing has changed. */
    result = depth == 0 ? 1000 : own[1];
    for (unsigned level = 1; level <= depth; level++)
        result ^= own[level] << 1;
    return result;
}

/* The least of the addresses kept so far decides nothing; the values behind them do. */
static void collect(const int *const *known, int count, int depth) {
    const int *mine[8];
    int own = depth * depth - 20 * depth;
    for (int i = 0; i < count; i++)
        mine[i < 7 ? i : 7] = known[i];
    if (count > 7)
        count = 7;
    mine[count++] = &own;
    int best = 0;
    for (int i = 1; i < count; i++)
        if (*mine[i] < *mine[best])
            best = i;
    answers[depth] = *mine[best];
    if (depth < 24)
        collect(mine, count, depth + 1);
}

/* Either the caller's buffer or the own one goes down: a choice that is known only at run time. */
static int ping(int *given, int depth) {
    int own[2] = {depth, given[1] + given[0]};
    if (depth <= 0)
        return given[0] * 1000 + given[1];
    given[0]++;
    return ping(depth & 4 ? own : given, depth - 1);
}

static int ping_model(int depth) {
    int first = 2, second = 3;
    for (; depth > 0; depth--) {
        int own[2] = {depth, first + second};
        first++;
        if (depth & 4)
            first = own[0], second = own[1];
    }
    return first * 1000 + second;
}

PROGRAM(recursion_live_local_address) {
    unsigned checked = 0;
    for (int limit = 0; limit < 36; limit++) {
        int direct = 0, some = 0, linked = 0;
        for (int depth = 0; depth <= limit; depth++)
            direct += (depth * 7 - 30) * depth + (depth ^ 5);
        CHECK(descend(0, 0, opaque_int(limit)) == direct);
        for (int depth = 0; depth < limit; depth += 3)
            some += depth * 11 * linked++ + depth;
        CHECK(descend_some(0, 0, opaque_int(limit), 0) == some);
        unsigned above = 1000;
        CHECK(write_up(&above, opaque_unsigned((unsigned)limit)) == write_up_model((unsigned)limit));
        CHECK(above == 1000u + (unsigned)limit * 4);
        int buffer[2] = {2, opaque_int(3)};
        CHECK(ping(buffer, limit) == ping_model(limit));
        checked++;
    }
    collect(0, 0, opaque_int(0));
    for (int depth = 0; depth < 25; depth++) {
        int least = depth * depth - 20 * depth;
        for (int known = 0; known < 7 && known <= depth; known++)
            if (known * known - 20 * known < least)
                least = known * known - 20 * known;
        CHECK(answers[depth] == least);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 61);
}
