/* Arguments that nothing reads: passed on unread, read in one mode only, kept by a pointer type, with effects in what computes them. */
#include "certify.h"

static unsigned ticks;
static unsigned tick(void) { return ++ticks; }

/* spare and table go round and are never read; depth and sum are. */
static NOINLINE int64_t circle(int depth, int64_t spare, int sum, const int16_t *table, uint8_t flag) {
    if (depth == 0)
        return sum;
    return circle(depth - 1, spare * 3 + depth, sum + depth * flag, table + 1, flag);
}

/* ghost depends on all others and only on its way down. */
static NOINLINE unsigned haunted(unsigned value, unsigned ghost, unsigned limit);
static NOINLINE unsigned haunting(unsigned ghost, unsigned limit, unsigned value) {
    if (value >= limit)
        return value;
    return haunted(value * 2 + 1, ghost ^ value, limit);
}
static NOINLINE unsigned haunted(unsigned value, unsigned ghost, unsigned limit) {
    if (value % 5 == 0)
        value++;
    return haunting(ghost + value, limit, value + 3);
}

/* Two callees of one pointer type: what one ignores the other needs. */
static NOINLINE int first_and_third(int a, int64_t b, int c, double d) {
    (void)b;
    (void)d;
    return a * 10 + c;
}
static NOINLINE int second_and_fourth(int a, int64_t b, int c, double d) {
    (void)a;
    (void)c;
    return (int)(b % 1000) * 10 + (int)d;
}

/* The last three matter in one mode each. */
static NOINLINE int by_mode(int mode, int x, int only_one, int only_two, const int *only_three) {
    int result = x;
    switch (mode) {
    case 0: break;
    case 1: result += only_one; break;
    case 2: result -= only_two * 2; break;
    case 3: result ^= *only_three; break;
    }
    return result * 4 + mode;
}

/* The same shape without a live last argument: the caller may pass anything there. */
static NOINLINE int by_mode_short(int mode, int x, int only_one, int only_two, const int *never) {
    int result = x;
    (void)never;
    switch (mode) {
    case 0: break;
    case 1: result += only_one; break;
    case 2: result -= only_two * 2; break;
    }
    return result * 4 + mode;
}

struct record {
    int32_t id, weight;
    int64_t stamp;
    uint8_t tags[12];
};

/* One field of the structure passed by value is live. */
static NOINLINE int tag_of(struct record record, unsigned index) { return record.tags[index % 12]; }
static NOINLINE int64_t stamp_of(struct record record, unsigned index) { return record.stamp + (int64_t)(index & 0); }

/* An argument that is overwritten before it is read. */
static NOINLINE int overwritten(int a, int b, int count) {
    b = a & 7;
    for (; count > 0; count--) {
        int kept = b;
        b = a;
        a = kept + count;
    }
    return a * 100 + b;
}

/* Only the lowest byte of wide matters, and only the sign of number. */
static NOINLINE int partly(uint64_t wide, int64_t number, unsigned shift) {
    return (int)(uint8_t)wide + (number < 0 ? 1000 : 2000) + (int)(shift % 1u);
}

PROGRAM(call_dead_arguments) {
    unsigned checked = 0;
    static const int16_t table[40] = {1};
    int (*const choice[2])(int, int64_t, int, double) = {first_and_third, second_and_fourth};
    for (int depth = 0; depth < 30; depth++) {
        int d = opaque_int(depth);
        CHECK(circle(d, opaque_int64(depth), 7, table, 3) == 7 + 3 * depth * (depth + 1) / 2);
        CHECK(circle(d, 0, -1, table + 5, (uint8_t)opaque_int(0)) == -1);
        checked++;
    }
    for (unsigned limit = 1; limit < 4000; limit = limit * 2 + 3) {
        unsigned value = limit & 3;
        do {
            value += value % 5 == 0;
            value += 3;
            if (value >= limit)
                break;
            value = value * 2 + 1;
        } while (1);
        CHECK(haunted(limit & 3, opaque_unsigned(9), limit) == value);
        CHECK(haunted(limit & 3, tick(), limit) == value);
        checked++;
    }
    unsigned before = ticks;
    /* What computes a dead argument is still called, once for each call. */
    CHECK(circle(3, tick(), 0, table, 1) == 6 && ticks == before + 1);
    CHECK(overwritten(opaque_int(29), (int)tick(), 0) == 2905 && ticks == before + 2);
    CHECK(choice[opaque_int(0)](4, tick(), 2, tick()) == 42 && ticks == before + 4);
    CHECK(choice[opaque_int(1)]((int)tick(), 5007, 0, opaque_double(3.5)) == 73 && ticks == before + 5);
    CHECK(first_and_third(1, -1, opaque_int(-5), 0) == 5 && second_and_fourth(0, opaque_int64(12), 0, -9.75) == 111);

    const int mask = opaque_int(0x55);
    for (int mode = 0; mode < 4; mode++)
        for (int x = -4; x < 5; x++) {
            int expected = mode == 0 ? x : mode == 1 ? x + 50 : mode == 2 ? x - 14 : x ^ 0x55;
            CHECK(by_mode(opaque_int(mode), x, 50, 7, mode == 3 ? &mask : 0) == expected * 4 + mode);
            if (mode < 3)
                CHECK(by_mode_short(opaque_int(mode), x, 50, 7, x ? &mask : 0) == expected * 4 + mode);
            checked++;
        }
    CHECK(by_mode(0, opaque_int(6), 1, 2, 0) == 24 && by_mode_short(1, opaque_int(6), (int)tick() * 0 + 1, 2, &mask) == 29);
    CHECK(ticks == before + 6);

    struct record record = {1, 2, opaque_int64(-77), {0}};
    for (unsigned i = 0; i < 12; i++)
        record.tags[i] = (uint8_t)opaque_unsigned(i * 40);
    for (unsigned i = 0; i < 24; i++) {
        CHECK(tag_of(record, i) == (int)(i % 12 * 40 & 255) && stamp_of(record, i) == -77);
        CHECK(partly(opaque_uint64(0xabcdef00u * (uint64_t)i + i), opaque_int(i % 2 ? -1 : 1), i) == (int)i + (i % 2 ? 1000 : 2000));
        checked++;
    }
    for (int count = 0; count < 6; count++) {
        int a = 100, b = 4;
        for (int left = count; left > 0; left--) {
            int sum = b + left;
            b = a, a = sum;
            checked++;
        }
        CHECK(overwritten(opaque_int(100), 12345, count) == a * 100 + b);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 121);
}
