/* Designated initialisers, static and automatic: nested, out of order, with gaps that are zero, unions, compound literals. */
#include "certify.h"

enum colour { RED, GREEN = 3, BLUE, GREY = 9, COLOURS };

struct point {
    int16_t x, y;
};

struct panel {
    uint8_t flags;
    struct point corner[2];
    union {
        int32_t number;
        uint8_t letters[4];
        struct point point;
    };
    int64_t stamp;
    struct {
        uint16_t low : 5, high : 9;
        int8_t level;
    } bits;
    const struct panel *next;
};

static const int16_t hue[COLOURS] = {[GREY] = 50, [RED] = -7, [BLUE] = 240, [GREEN] = 120};
/* After [5] the next without a designator is [6]. */
static int32_t sparse[12] = {[5] = 55, 66, 77, [1] = 11, [10] = 100};
static const char letters[8] = {[2] = 'c', 'd', [0] = 'a'};
static const int8_t grid[4][4] = {[1] = {[2] = 12, 13}, [3][0] = 30, [0] = {[3] = 3}, [2][2] = 22};

static const struct panel empty = {.flags = 0};
static struct panel wide = {
    .stamp = INT64_C(-5000000000), .corner[1].y = 9, .corner[0] = {.y = 4, .x = -4}, .bits.high = 300, .number = 123456, .next = &empty};
static const struct panel chained[3] = {
    [2] = {.point = {.y = 5}, .bits = {.level = -3, .low = 31}, .next = &chained[0]},
    [0] = {.flags = 200, .letters = {[3] = 4, [1] = 2}, .next = chained + 1},
    [1] = {.corner = {[1] = {.x = 1}}, .next = &wide},
};

static NOINLINE int64_t digest(const struct panel *panel) {
    int64_t sum = panel->flags;
    for (int i = 0; i < 2; i++)
        sum = sum * 7 + panel->corner[i].x * 3 + panel->corner[i].y;
    sum = sum * 7 + panel->stamp;
    return sum * 7 + panel->bits.low * 2 + panel->bits.high * 5 + panel->bits.level;
}

/* Member by member from nothing. */
static NOINLINE void build(struct panel *panel, int flags, int x, int y, int64_t stamp, int high) {
    panel->flags = (uint8_t)flags;
    panel->corner[0].x = panel->corner[1].y = 0;
    panel->corner[0].y = (int16_t)y;
    panel->corner[1].x = (int16_t)x;
    panel->number = 0;
    panel->stamp = stamp;
    panel->bits.low = 0;
    panel->bits.high = high & 511;
    panel->bits.level = 0;
    panel->next = 0;
}

static int64_t built(int flags, int x, int y, int64_t stamp, int high) {
    struct panel panel;
    build(&panel, flags, x, y, stamp, high);
    return digest(&panel);
}

/* The members that are not named must be zero although the stack was not. */
static NOINLINE int64_t automatic(int flags, int x, int y, int64_t stamp, int high) {
    struct panel panel = {.stamp = stamp, .corner[1].x = (int16_t)x, .corner[0].y = (int16_t)y, .bits.high = high & 511,
                          .flags = (uint8_t)flags};
    CHECK(panel.next == 0 && panel.number == 0);
    return digest(&panel);
}

static NOINLINE int64_t literal(int flags, int x, int y, int64_t stamp, int high) {
    return digest(&(struct panel){.flags = (uint8_t)flags, .bits = {.high = high & 511}, .stamp = stamp,
                                  .corner = {[1].x = (int16_t)x, [0].y = (int16_t)y}});
}

static NOINLINE int sum_array(const int *values, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum = sum * 2 + values[i];
    return sum;
}

static int automatic_arrays(int a, int b, int c) {
    int one[7] = {[6] = a, [2] = b, c}, two[7] = {[0] = c, [5] = a};
    int sum = sum_array(one, 7) - sum_array(two, 7);
    for (int round = 0; round < 3; round++) {
        /* Fresh in each round. */
        int fresh[5] = {[1] = round, [4] = b};
        CHECK(fresh[0] == 0 && fresh[2] == 0 && fresh[3] == 0);
        fresh[round] += c;
        fresh[3] -= a;
        sum += sum_array(fresh, 5);
    }
    return sum;
}

PROGRAM(static_designated_initialisers) {
    unsigned checked = 0;
    for (int i = 0; i < COLOURS; i++) {
        int wanted = i == RED ? -7 : i == GREEN ? 120 : i == BLUE ? 240 : i == GREY ? 50 : 0;
        CHECK(hue[opaque_int(i)] == wanted && hue[i] == wanted);
        checked++;
    }
    CHECK(sizeof hue / sizeof *hue == 10 && hue[GREY] == 50);
    for (int i = 0; i < 12; i++) {
        int wanted = i == 1 || (i >= 5 && i <= 7) ? i * 11 : i == 10 ? 100 : 0;
        CHECK(sparse[opaque_int(i)] == wanted);
        sparse[i] -= wanted;
        checked++;
    }
    CHECK(sparse[5] == 0 && sparse[10] == 0);
    sparse[1] = 11, sparse[5] = 55, sparse[6] = 66, sparse[7] = 77, sparse[10] = 100;
    CHECK(letters[0] == 'a' && letters[opaque_int(1)] == 0 && letters[3] - letters[opaque_int(2)] == 1 && letters[7] == 0);
    for (int i = 0; i < 16; i++) {
        int wanted = i == 6 ? 12 : i == 7 ? 13 : i == 12 ? 30 : i == 3 ? 3 : i == 10 ? 22 : 0;
        CHECK(grid[opaque_int(i) / 4][i % 4] == wanted);
        checked++;
    }
    const struct panel *at = opaque_pointer(&chained[2]);
    CHECK(at->point.x == 0 && at->point.y == 5 && at->bits.level == -3 && at->bits.low == 31 && at->bits.high == 0 && at->flags == 0);
    at = at->next;
    CHECK(at == chained && at->flags == 200 && at->letters[0] == 0 && at->letters[1] == 2 && at->letters[2] == 0 && at->letters[3] == 4);
    at = at->next;
    CHECK(digest(at) == 3 * 7 * 7 && at->next == &wide);
    at = at->next;
    CHECK(digest(at) == ((INT64_C(-8) * 7 + 9) * 7 - INT64_C(5000000000)) * 7 + 1500 && at->number == 123456);
    CHECK(digest(at->next) == 0 && at->next->next == 0 && at->next->number == 0);
    wide.flags = (uint8_t)opaque_int(1);
    CHECK(digest(chained[1].next) == digest(&wide) && wide.flags == 1);
    wide.flags = 0;

    for (int i = -8; i < 8; i++) {
        int flags = opaque_int(i * 31), x = i * 1000, y = opaque_int(7 - i), high = i * i * 9;
        int64_t stamp = opaque_int64(INT64_C(987654321987) * i), wanted = built(flags, x, y, stamp, high);
        CHECK(automatic(flags, x, y, stamp, high) == wanted && literal(flags, x, y, stamp, high) == wanted);
        CHECK(wanted == (((int64_t)(uint8_t)flags * 7 + y) * 7 + x * 3) * 49 + stamp * 7 + (high & 511) * 5);
        /* Element k of n has the weight 2 to the power of n - 1 - k. */
        int a = i, b = i + 1, c = 2 - i;
        CHECK(automatic_arrays(opaque_int(a), b, c) == a + 16 * b + 8 * c - 64 * c - 2 * a + 8 * (0 + 1 + 2) + 3 * b + c * (16 + 8 + 4) - 6 * a);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 54);
}
