/* Equal regions that work on local arrays and on variables whose address escapes: some live only inside the region,
 * some across several copies of it, some in one branch, some sized the same and never live together. */
#include "certify.h"

enum { SIZE = 10 };

static int32_t *watched;

static NOINLINE void touch(int32_t *place, int32_t by) {
    *place += by;
    if (watched && watched != place)
        *watched -= by;
}

/* Three blocks with an own array each: their stack slots may be shared, their contents may not. */
static NOINLINE int64_t blocks(int32_t seed) {
    int64_t sum = 0;
    int32_t across = seed;
    {
        int32_t local[SIZE];
        for (int i = 0; i < SIZE; i++)
            local[i] = seed + i * i;
        touch(&local[3], across);
        for (int i = 0; i < SIZE; i++)
            sum += local[i] * (i + 1);
        across += local[3];
    }
    {
        int32_t local[SIZE];
        for (int i = 0; i < SIZE; i++)
            local[i] = seed + i * i;
        touch(&local[4], across);
        for (int i = 0; i < SIZE; i++)
            sum += local[i] * (i + 1);
        touch(&across, local[4]);
    }
    {
        int32_t local[SIZE];
        for (int i = 0; i < SIZE; i++)
            local[i] = seed - i * i;
        touch(&local[3], across);
        for (int i = 0; i < SIZE; i++)
            sum += local[i] * (i + 1);
        across ^= local[3];
    }
    return sum * 64 + (across & 63);
}

/* The variables stay live over all copies of the region, which see one another's changes. */
static NOINLINE int32_t shared(int32_t x, int32_t y) {
    int32_t first = x, second = y, *low = &first, *high = &second;
    watched = low;
    touch(high, 3); *low *= 2; touch(low, *high); if (*low > *high) low = &second, high = &first;
    touch(high, 5); *low *= 2; touch(low, *high); if (*low > *high) low = &first, high = &second;
    watched = high;
    touch(high, 3); *low *= 2; touch(low, *high); if (*low > *high) low = high;
    touch(high, 5); *low *= 2; touch(low, *high);
    watched = NULL;
    touch(low, 1);
    return first * 1000 + second;
}

static int32_t shared_expected(int32_t x, int32_t y) {
    static const int8_t amounts[4] = {3, 5, 3, 5};
    int32_t v[2] = {x, y};
    int low = 0, high = 1, eye = 0;
    for (int step = 0; step < 4; step++) {
        if (step == 2)
            eye = high;
        v[high] += amounts[step];
        v[eye] -= eye != high ? amounts[step] : 0;
        v[low] += v[low];
        int32_t by = v[high];
        v[low] += by;
        v[eye] -= eye != low ? by : 0;
        if (v[low] > v[high]) {
            if (step == 0) low = 1, high = 0;
            if (step == 1) low = 0, high = 1;
            if (step == 2) low = high;
        }
    }
    v[low]++;
    return v[0] * 1000 + v[1];
}

/* Recursion with a local that the callers keep: each frame has its own. */
#define NEST(name, mirror)                                            \
    static NOINLINE int32_t name(const int32_t *above, int depth) {   \
        int32_t mine[2] = {above ? above[1] + depth : depth, 0};      \
        mine[1] = mine[0] * 2 - (above ? above[0] : 1);               \
        if (depth == 0)                                               \
            return mine[0] - mine[1];                                 \
        int32_t below = mirror(mine, depth - 1);                      \
        return below + mine[depth & 1] * (above ? above[1] & 3 : 1);  \
    }
static int32_t nest_b(const int32_t *above, int depth);
NEST(nest_a, nest_b)
NEST(nest_b, nest_a)

static int32_t nest_expected(int depth) {
    int32_t values[8][2], sum = 0;
    for (int d = depth; d >= 0; d--) {
        int top = d == depth;
        values[d][0] = (top ? 0 : values[d + 1][1]) + d;
        values[d][1] = values[d][0] + values[d][0] - (top ? 1 : values[d + 1][0]);
        sum += d == 0 ? values[d][0] - values[d][1] : values[d][d % 2] * (top ? 1 : values[d + 1][1] & 3);
    }
    return sum;
}

static int64_t blocks_expected(int32_t seed) {
    volatile int32_t cells[3][SIZE];
    int32_t across = seed;
    int64_t sum = 0;
    for (int block = 0; block < 3; block++) {
        for (int i = 0, square = 0; i < SIZE; square += 2 * i + 1, i++)
            cells[block][i] = block == 2 ? seed - square : seed + square;
        int place = block == 1 ? 4 : 3;
        cells[block][place] += across;
        across = block == 2 ? across ^ cells[2][place] : across + cells[block][place];
        for (int i = SIZE; i > 0; i--)
            sum += cells[block][i - 1] * i;
    }
    return sum * 64 + (across & 63);
}

PROGRAM(twins_region_allocas) {
    watched = NULL;
    for (int32_t seed = -40; seed < 60; seed += 7) {
        CHECK(blocks(opaque_int(seed)) == blocks_expected(seed));
        for (int32_t other = -30; other < 50; other += 11) {
            CHECK(shared(opaque_int(seed), opaque_int(other)) == shared_expected(seed, other));
            CHECK(watched == NULL);
        }
    }
    int32_t aside = 0;
    watched = &aside;
    CHECK(blocks(10) == blocks_expected(opaque_int(10)));
    CHECK(aside == -(10 + 39 + 65 + 104));
    watched = NULL;
    for (int depth = 0; depth < 8; depth++) {
        CHECK(nest_a(opaque_pointer(NULL), depth) == nest_expected(depth));
        CHECK(nest_b(NULL, opaque_int(depth)) == nest_expected(depth));
    }
    CHECK(nest_a(NULL, 0) == 1 && nest_b(NULL, 7) == 699);
}
