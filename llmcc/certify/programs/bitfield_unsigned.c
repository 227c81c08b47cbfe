/* Unsigned fields: wrapping of counters, promotion to int when narrower than it, comparisons and shifts after
 * promotion, and a packed time of day that is stepped, compared and taken apart. */
#include "certify.h"

struct counters {
    unsigned low : 4;
    unsigned middle : 11;
    unsigned high : 17;
    uint64_t wide : 45;
    unsigned all : 32;
};

struct moment {
    unsigned second : 6;
    unsigned minute : 6;
    unsigned hour : 5;
    unsigned day : 9;
    unsigned year : 6;
};

static NOINLINE void bump(struct counters *c, unsigned by) {
    c->low += by;
    c->middle += by * 3;
    c->high -= by;
    c->wide = (uint64_t)c->wide * 5 + by;
    c->all = c->all * 7 - by;
}

static NOINLINE void bump_model(uint64_t v[5], unsigned by) {
    v[0] = (v[0] + by) % 16;
    v[1] = (v[1] + by * 3u) % 2048;
    v[2] = (v[2] + 0x20000 - by % 0x20000) % 0x20000;
    v[3] = (v[3] * 5 + by) & 0x1fffffffffff;
    v[4] = (v[4] * 7 - by) & 0xffffffff;
}

/* Narrow fields become int, so differences may be negative; the 32-bit one stays unsigned. */
static NOINLINE unsigned promoted(const struct counters *c) {
    unsigned bits = 0;
    if (c->low - 9 < 0)
        bits |= 1;
    if (c->middle - c->high < 0)
        bits |= 2;
    if (-c->low > -3)
        bits |= 4;
    if (c->all - 1 > 0x7fffffff)
        bits |= 8;
    if (-2 - c->middle < 0)
        bits |= 16;
    if ((c->high - 65536) / 2 < 0)
        bits |= 32;
    if ((c->low ^ -1) >> 3 == -1)
        bits |= 64;
    return bits | (unsigned)(c->middle << 20) >> 24 << 8;
}

static unsigned promoted_model(const uint64_t v[5]) {
    int64_t low = (int64_t)v[0], middle = (int64_t)v[1], high = (int64_t)v[2];
    unsigned bits = (low < 9) | (middle < high) << 1 | (low < 3) << 2 | (v[4] == 0 || v[4] > 0x80000000) << 3 | 16;
    return bits | (unsigned)(high < 65535) << 5 | (unsigned)(low < 8) << 6 | (unsigned)(middle % 4096 / 16) << 8;
}

static NOINLINE int tick(struct moment *m) {
    if (m->second++ != 59)
        return 0;
    m->second = 0;
    if (++m->minute < 60)
        return 1;
    m->minute = 0;
    if (m->hour == 23)
        m->hour = 0;
    else {
        m->hour++;
        return 2;
    }
    m->day++;
    if (m->day == 365) {
        m->day = 0;
        m->year++;
        return 4;
    }
    return 3;
}

static struct moment take_apart(uint32_t seconds) {
    struct moment m;
    m.second = seconds % 60;
    m.minute = seconds / 60 % 60;
    m.hour = seconds / 3600 % 24;
    m.day = seconds / 86400 % 365;
    m.year = seconds / 31536000;
    return m;
}

static NOINLINE uint32_t together(struct moment m) {
    return m.second + 60 * (m.minute + 60 * (m.hour + 24u * (m.day + 365u * m.year)));
}

static NOINLINE int earlier(const struct moment *a, const struct moment *b) {
    if (a->year != b->year)
        return a->year < b->year;
    if (a->day != b->day)
        return a->day < b->day;
    return a->hour < b->hour ||
        (a->hour == b->hour && (a->minute < b->minute || (a->minute == b->minute && a->second < b->second)));
}

static NOINLINE int same(const struct moment *a, const struct moment *b) {
    return a->second == b->second && a->minute == b->minute && a->hour == b->hour && a->day == b->day &&
        a->year == b->year;
}

PROGRAM(bitfield_unsigned) {
    unsigned checked = 0;
    struct counters c = {15, 2047, 0, 0, 0};
    uint64_t model[5] = {15, 2047, 0, 0, 0};
    uint32_t state = opaque_unsigned(99);
    for (int i = 0; i < 300; i++, checked += opaque_unsigned(1)) {
        state = state * 69069 + 1;
        bump(&c, i < 50 ? (unsigned)i % 4 : state >> i % 31);
        bump_model(model, i < 50 ? (unsigned)i % 4 : state >> i % 31);
        CHECK(c.low == model[0] && c.middle == model[1] && c.high == model[2] && c.wide == model[3] &&
              c.all == model[4]);
        CHECK(promoted(&c) == promoted_model(model));
    }

    static const uint32_t starts[] = {0, 3540, 86340, 31535940, 60 * 31536000u - 30, 1893455940};
    for (int i = 0; i < 6; i++) {
        uint32_t seconds = opaque_unsigned(starts[i]);
        struct moment m = take_apart(seconds);
        int carries = 0;
        for (int n = 0; n < 75; n++, checked += opaque_unsigned(1)) {
            struct moment next = m, expected = take_apart(++seconds);
            carries += tick(&next);
            CHECK(same(&next, &expected) && together(next) == seconds && !same(&m, &next));
            CHECK(earlier(&m, &next) && !earlier(&next, &m) && !earlier(&m, &m));
            m = next;
        }
        CHECK(carries == (i < 4 ? i + 1 : i == 4 ? 4 : 3));
    }
    CHECK(checked == 750);
}
