/* Functions and regions that are equal but for which object they write, which member, which of two stores comes
 * first, and whether the value is read back before or after: the pointers may be equal or overlap. */
#include "certify.h"

struct cell {
    int32_t count, peak;
};

static int32_t inner, outer, spare;
static struct cell cells[4];

#define BUMP(name, target, other)                                     \
    static NOINLINE int32_t name(int32_t amount) {                    \
        if (amount < 0)                                               \
            return other;                                             \
        target += amount;                                             \
        if (target > 100)                                             \
            target -= 100, spare++;                                   \
        return target;                                                \
    }
BUMP(bump_inner, inner, outer)
BUMP(bump_outer, outer, inner)
BUMP(bump_spare, spare, inner)

/* Differ only when p and q name the same cell. */
#define STORE_BOTH(name, first, second)                               \
    static NOINLINE int32_t name(int32_t *p, int32_t *q, int32_t v) { \
        first;                                                        \
        second;                                                       \
        return *p * 3 - *q;                                           \
    }
STORE_BOTH(store_pq, *p = v + 1, *q = v * 2)
STORE_BOTH(store_qp, *q = v * 2, *p = v + 1)
STORE_BOTH(store_read, *p = *q + v, *q = *p * 2)
STORE_BOTH(store_daer, *q = *p * 2, *p = *q + v)

#define MEMBER(name, written, watched)                                \
    static NOINLINE void name(struct cell *c, struct cell *d) {       \
        int32_t old = d->watched;                                     \
        c->written = old + 7;                                         \
        d->watched = c->written - old * 2;                            \
        if (c->written != old + 7)                                    \
            c->written++;                                             \
    }
MEMBER(member_count_peak, count, peak)
MEMBER(member_peak_count, peak, count)
MEMBER(member_count_count, count, count)

/* Both arms store to the same places, in the other order. */
static NOINLINE void arms(int way, int32_t *a, int32_t *b, int32_t *c) {
    if (way) {
        *a = 10;
        *b = *a + 1;
        *c = *b + 1;
    } else {
        *c = 10;
        *b = *a + 1;
        *a = *b + 1;
    }
    *b += *c;
}

static int32_t slots[8];

/* The same region over and over, with two stores turned around in every third. */
static NOINLINE void regions(unsigned at, int32_t x) {
    slots[at] = x;                   slots[(at + 1) & 7] = x + slots[at];
    slots[(at + 2) & 7] = x * 3;     slots[at ^ 1] += x;
    slots[at ^ 2] = x;               slots[(at + 3) & 7] = x + slots[at];
    slots[(at + 4) & 7] = x * 3;     slots[at ^ 1] += x;
    slots[(at + 5) & 7] = x + slots[at]; slots[at ^ 4] = x;
    slots[(at + 2) & 7] += x * 3;    slots[at ^ 1] += x;
}

/* The same steps as data: {target, is relative to (0 plus, 1 exclusive or), kind of value}. */
static void regions_expected(int32_t *model, unsigned at, int32_t x) {
    static const signed char steps[12][3] = {{0, 0, 0}, {1, 0, 1}, {2, 0, 2}, {1, 1, 3}, {2, 1, 0}, {3, 0, 1},
                                             {4, 0, 2}, {1, 1, 3}, {5, 0, 1}, {4, 1, 0}, {2, 0, 4}, {1, 1, 3}};
    for (int i = 0; i < 12; i++) {
        unsigned amount = (unsigned)steps[i][0];
        volatile unsigned target = steps[i][1] ? at ^ amount : (at + amount) % 8;
        switch (steps[i][2]) {
        case 0: model[target] = x; break;
        case 1: model[target] = model[at] + x; break;
        case 2: model[target] = x + x + x; break;
        case 3: model[target] = model[target] + x; break;
        case 4: model[target] = model[target] + 3 * x; break;
        }
    }
}

PROGRAM(twins_stores) {
    inner = outer = spare = 0;
    int32_t in = 0, out = 0, over = 0;
    for (int turn = 1; turn <= 40; turn++) {
        int32_t amount = opaque_int(turn * 7 % 41);
        in += turn * 7 % 41, over += in > 100, in -= in > 100 ? 100 : 0;
        CHECK(bump_inner(amount) == in && outer == out && spare == over);
        out += turn * 7 % 41 + 2, over += out > 100, out -= out > 100 ? 100 : 0;
        CHECK(bump_outer(amount + 2) == out && inner == in && spare == over);
        CHECK(bump_inner(-1) == out && bump_outer(opaque_int(-1)) == in && bump_spare(-1) == in);
    }
    spare = opaque_int(95);
    CHECK(bump_spare(9) == 5 && bump_spare(4) == 9 && spare == 9);
    CHECK(inner == in && outer == out);
    for (int v = -3; v < 9; v += 4) {
        int32_t pair[2] = {5, 6}, same = 9, *one = &pair[opaque_int(0)], *alias = opaque_pointer(&same);
        CHECK(store_pq(one, &pair[1], v) == 3 * (v + 1) - 2 * v && pair[0] == v + 1 && pair[1] == 2 * v);
        CHECK(store_qp(&pair[1], one, v) == 3 * (v + 1) - 2 * v && pair[0] == 2 * v && pair[1] == v + 1);
        CHECK(store_read(one, &pair[1], v) == 2 * v + 1 && pair[0] == 2 * v + 1 && pair[1] == 4 * v + 2);
        CHECK(store_daer(one, &pair[1], v) == 11 * v + 4 && pair[0] == 5 * v + 2 && pair[1] == 4 * v + 2);
        CHECK(store_pq(&same, alias, v) == v * 4 && same == 2 * v);
        CHECK(store_qp(&same, alias, v) == v * 2 + 2 && same == v + 1);
        CHECK(store_read(&same, alias, v) == 8 * v + 4 && same == 4 * v + 2);
        CHECK(store_daer(alias, &same, v) == 18 * v + 8 && same == 9 * v + 4);
    }
    cells[0].count = 3, cells[0].peak = 20, cells[1].count = -4, cells[1].peak = 50;
    member_count_peak(&cells[0], &cells[opaque_int(1)]);
    CHECK(cells[0].count == 57 && cells[0].peak == 20 && cells[1].count == -4 && cells[1].peak == -43);
    member_peak_count(&cells[0], &cells[opaque_int(1)]);
    CHECK(cells[0].count == 57 && cells[0].peak == 3 && cells[1].count == 11 && cells[1].peak == -43);
    member_count_count(&cells[0], &cells[opaque_int(0)]);
    CHECK(cells[0].count == -49 && cells[0].peak == 3);
    member_count_peak(&cells[opaque_int(1)], &cells[1]);
    CHECK(cells[1].count == -36 && cells[1].peak == 50);
    for (int way = 0; way < 2; way++) {
        int32_t t[3] = {1, 2, 3}, one = 1, two = 2;
        arms(opaque_int(way), &t[0], &t[1], &t[2]);
        CHECK(t[0] == (way ? 10 : 3) && t[1] == (way ? 23 : 12) && t[2] == (way ? 12 : 10));
        arms(opaque_int(way), &one, &two, opaque_pointer(&one));
        CHECK(one == 12 && two == 23);
        arms(opaque_int(way), &two, opaque_pointer(&two), &one);
        CHECK(two == (way ? 23 : 35) && one == (way ? 12 : 10));
    }
    int32_t model[8] = {0};
    for (int i = 0; i < 8; i++)
        slots[i] = 0;
    for (unsigned turn = 0; turn < 30; turn++) {
        regions(opaque_unsigned(turn * 5) & 7, (int32_t)turn - 12);
        regions_expected(model, turn * 5 % 8, (int32_t)turn - 12);
        for (int i = 0; i < 8; i++)
            CHECK(slots[i] == model[i]);
    }
}
