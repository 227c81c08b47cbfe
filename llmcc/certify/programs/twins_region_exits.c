/* Equal regions with several exits: each leaves by falling through, by a return, by a break or continue of an outer
 * loop or by a jump, and where the exits lead differs from copy to copy. */
#include "certify.h"

static int32_t counts[5];

/* Walks the digits of a value: three ways out, and what runs there is given by the caller. */
#define SCAN(value, place, on_big, on_zero)               \
    for (uint32_t rest = value; rest; rest /= 10) {       \
        uint32_t digit = rest % 10;                       \
        place++;                                          \
        if (digit > 7)                                    \
            on_big;                                       \
        if (digit == 0)                                   \
            on_zero;                                      \
        counts[0]++;                                      \
    }

static NOINLINE int32_t returns(uint32_t a, uint32_t b) {
    int32_t place = 0;
    SCAN(a, place, return -place, return place * 10)
    SCAN(b, place, return -place - 100, return place * 10 + 1)
    SCAN(a ^ b, place, return -place - 200, return place * 10 + 2)
    return place + 1000;
}

static NOINLINE int32_t jumps(uint32_t a, uint32_t b) {
    int32_t place = 0;
    SCAN(a, place, goto big, goto zero)
    SCAN(b, place, goto zero, goto big)
    SCAN(a ^ b, place, goto big, goto big)
    counts[1]++;
    return place;
big:
    counts[2]++;
    place += 50;
zero:
    counts[3]++;
    return place + 100;
}

static NOINLINE int32_t mixed(const uint32_t *values, int count) {
    int32_t place = 0, index;
    for (index = 0; index < count; index++) {
        SCAN(values[index], place, goto next, return place + index * 100)
        SCAN(values[count - 1 - index], place, goto next, goto out)
        counts[4]++;
        continue;
    next:
        place += 3;
        if (place > 24)
            break;
    }
    return place - 7;
out:
    return -place - index;
}

static NOINLINE int32_t breaks(uint32_t a, uint32_t b) {
    int32_t place = 0, bigs = 0;
    SCAN(a, place, bigs++, break)
    SCAN(b, place, bigs += 2, break)
    SCAN(a ^ b, place, break, bigs += 4)
    SCAN(b, place, break, continue)
    return place * 64 + bigs;
}

/* What a scan does, as data: how it ended, how many digits it read and how many it counted. */
struct scan {
    char end;
    int32_t read, passed, bigs, zeros;
};

static struct scan scan(volatile uint32_t value, int stop_big, int stop_zero, int skip_zero) {
    struct scan s = {'n', 0, 0, 0, 0};
    uint8_t digits[10];
    int length = 0;
    for (uint32_t left = value; left != 0; length++) {
        uint32_t tenth = 0;
        for (int bit = 28; bit >= 0; bit--)
            if (left >> bit >= 10U)
                left -= 10U << bit, tenth += 1U << bit;
        digits[length] = (uint8_t)left, left = tenth;
    }
    for (int i = 0; i < length; i++) {
        s.read++;
        s.bigs += digits[i] >= 8, s.zeros += !digits[i];
        if ((digits[i] >= 8 && stop_big) || (!digits[i] && stop_zero)) {
            s.end = digits[i] ? 'b' : 'z';
            return s;
        }
        s.passed += digits[i] || !skip_zero;
    }
    return s;
}

PROGRAM(twins_region_exits) {
    int32_t passed = 0, ones = 0, twos = 0, threes = 0, fours = 0;
    for (int i = 0; i < 5; i++)
        counts[i] = 0;
    uint32_t values[8] = {0}, a = 1;
    for (int turn = 0; turn < 160; turn++) {
        a = a * 1103515245 + 12345;
        uint32_t x = turn % 3 ? a >> 17 : a % 4000000, y = turn % 5 ? a % 977 : x ^ 511;
        values[turn % 8] = x % 12221;
        struct scan s[3] = {scan(x, 1, 1, 0), scan(y, 1, 1, 0), scan(x ^ y, 1, 1, 0)};
        int32_t place = 0, stop = -1;
        for (int i = 0; i < 3 && stop < 0; i++) {
            place += s[i].read, passed += s[i].passed;
            stop = s[i].end != 'n' ? i : -1;
        }
        CHECK(returns(opaque_unsigned(x), opaque_unsigned(y)) ==
              (stop < 0 ? place + 1000 : s[stop].end == 'b' ? -place - 100 * stop : place * 10 + stop));
        CHECK(counts[0] == passed);
        for (int i = 0; i <= (stop < 0 ? 2 : stop); i++)
            passed += s[i].passed;
        int big = stop >= 0 && (stop == 2 || (s[stop].end == 'b') == (stop == 0));
        ones += stop < 0, twos += big, threes += stop >= 0;
        CHECK(jumps(opaque_unsigned(x), opaque_unsigned(y)) == place + (stop < 0 ? 0 : 100 + 50 * big));
        CHECK(counts[0] == passed && counts[1] == ones && counts[2] == twos && counts[3] == threes);
        struct scan p = scan(x, 0, 1, 0), q = scan(y, 0, 1, 0), r = scan(x ^ y, 1, 0, 0), t = scan(y, 1, 0, 1);
        passed += p.passed + q.passed + r.passed + t.passed;
        CHECK(breaks(opaque_unsigned(x), opaque_unsigned(y)) ==
              (p.read + q.read + r.read + t.read) * 64 + p.bigs + q.bigs * 2 + r.zeros * 4);
        CHECK(counts[0] == passed);
        int32_t want = 0;
        char end = 'n';
        int index = 0;
        for (place = 0; index < 8 && end == 'n'; index += end == 'n') {
            struct scan first = scan(values[index], 1, 1, 0), second = scan(values[7 - index], 1, 1, 0);
            place += first.read, passed += first.passed;
            if (first.end == 'n')
                place += second.read, passed += second.passed;
            if (first.end == 'z')
                end = 'r', want = place + index * 100;
            else if (first.end == 'n' && second.end == 'z')
                end = 'o', want = -place - index;
            else if (first.end == 'b' || second.end == 'b')
                place += 3, end = place > 24 ? 's' : 'n';
            else
                fours++;
        }
        CHECK(mixed(values, opaque_int(8)) == (end == 'r' || end == 'o' ? want : place - 7));
        CHECK(counts[0] == passed && counts[4] == fours);
    }
    CHECK(ones > 5 && twos > 5 && threes > twos + 5 && fours > 5);
}
