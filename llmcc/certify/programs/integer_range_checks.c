/* Comparison chains: ranges as two tests, as one unsigned test and by table; keys compared field by field;
 * tests that imply or exclude each other; the days of a calendar. */
#include "certify.h"

enum class { other, digit, upper, lower, blank, control, beyond };

static NOINLINE enum class by_ranges(int c) {
    if (c >= '0' && c <= '9')
        return digit;
    if (c >= 'A' && c <= 'Z')
        return upper;
    if ('a' <= c && c <= 'z')
        return lower;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 11 || c == 12)
        return blank;
    if (c < ' ' || c == 127)
        return c < 0 ? other : control;
    return c > 127 && c < 256 ? beyond : other;
}

static NOINLINE enum class by_offsets(int c) {
    unsigned u = (unsigned)c;
    return u - '0' < 10 ? digit : u - 'A' < 26 ? upper : (u | 32) - 'a' <= 25 ? lower
         : u == 32 || u - 9 <= 4 ? blank : u < 32 || u == 127 ? control : (u >> 7) == 1 ? beyond : other;
}

static NOINLINE enum class by_switch(int c) {
    switch (c) {
    case 9: case 10: case 11: case 12: case 13: case 32: return blank;
    case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9': return digit;
    case 127: return control;
    default: break;
    }
    if (c < 0 || c > 255)
        return other;
    if (c < 32 || c >= 128)
        return c < 32 ? control : beyond;
    return (c & 31) == 0 || (c & 31) > 26 || c < 64 ? other : c & 32 ? lower : upper;
}

static NOINLINE int inside_signed(int32_t x, int32_t low, int32_t high) { return x >= low && x < high; }
static NOINLINE int outside_signed(int32_t x, int32_t low, int32_t high) { return x < low || high <= x; }
static NOINLINE int inside_offset(int32_t x, int32_t low, int32_t high) {
    return low < high && (uint32_t)x - (uint32_t)low < (uint32_t)high - (uint32_t)low;
}
static NOINLINE int valid_index(int32_t i, int32_t count) { return count >= 0 && i >= 0 && i < count; }
static NOINLINE int valid_index_unsigned(int32_t i, int32_t count) {
    return count >= 0 && (uint32_t)i < (uint32_t)count;
}

/* The weight of the tests that hold; some pairs exclude, some imply one another. */
static NOINLINE unsigned related(int32_t x, int32_t y) {
    unsigned w = 0;
    if (x > 10 && x - 5 < 0)
        w += 1;
    if (x != 3 && x != 4 && x != 5)
        w += 2;
    if (x < y && y - x < 0)
        w += 4;
    if (x < 7 || x > 7)
        w += 8;
    if (x <= y && y <= x)
        w += 16;
    if (x < 0 && (x & 1) == 0 && x != -4)
        w += 32;
    if ((x < 20 || y < 20) && !(x < 20 && y < 20))
        w += 64;
    if (x >= 100 ? y >= 100 : y < 100)
        w += 128;
    if ((x == 1 || x == 9) && (y == 2 || y == 3 || y == 6 || y == 7))
        w += 256;
    return w;
}

static unsigned related_model(int32_t x, int32_t y) {
    static const uint8_t members[10] = {0, 1, 2, 2, 0, 0, 2, 2, 0, 1};
    unsigned w = x - 3 > 2 || 3 - x > 0 ? 2 : 0;
    w |= (x != 7) * 8u | (x == y) * 16u | (x <= -2 && x % 2 == 0 && x + 4 != 0) * 32u;
    w |= ((x < 20) != (y < 20)) * 64u | ((x < 100) == (y < 100)) * 128u;
    return w | (x >= 0 && y >= 0 && x < 10 && y < 10 && members[x] == 1 && members[y] == 2) * 256u;
}

struct key { uint16_t year; uint8_t month, day; uint32_t number; int16_t zone; };

static NOINLINE int equal(const struct key *a, const struct key *b) {
    return a->year == b->year && a->month == b->month && a->day == b->day && a->number == b->number &&
        a->zone == b->zone;
}

static NOINLINE int compare(const struct key *a, const struct key *b) {
    if (a->year != b->year)
        return a->year < b->year ? -1 : 1;
    if (a->month != b->month)
        return a->month < b->month ? -1 : 1;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->zone < b->zone ? -1 : a->zone > b->zone;
}

static uint64_t rank(struct key k) {
    return (uint64_t)k.year << 50 | (uint64_t)k.month << 45 | (uint64_t)k.day << 40 | (uint64_t)k.number << 8 |
        (uint8_t)(k.zone + 100);
}

static int valid_date(int year, int month, int day) {
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           (day <= 28 || (day <= 30 && month != 2) || (day == 31 && (month < 8 ? month % 2 == 1 : month % 2 == 0)) ||
            (month == 2 && day == 29 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)));
}

PROGRAM(integer_range_checks) {
    unsigned checked = 0;
    for (int c = -300; c < 600; c++, checked += opaque_unsigned(1)) {
        int x = opaque_int(c);
        CHECK(by_ranges(x) == by_offsets(x) && by_switch(x) == by_ranges(x));
    }
    CHECK(by_ranges(INT_MIN) == other && by_offsets(opaque_int(INT_MAX)) == other && by_ranges('_') == other &&
          by_switch('@') == other);

    static const int32_t edges[] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 19, 20, 99, 100, -1, -4, -6, INT32_MAX, INT32_MIN,
                                    INT32_MIN + 1};
    for (int i = 0; i < 20; i++)
        for (int j = 0; j < 20; j++, checked += opaque_unsigned(1)) {
            int32_t x = opaque_int(edges[i]), y = opaque_int(edges[j]), z = edges[(i + j) % 20];
            int inside = (int64_t)x - y >= 0 && (int64_t)z - x > 0;
            CHECK(inside_signed(x, y, z) == inside && outside_signed(x, y, z) != inside &&
                  inside_offset(x, y, z) == inside);
            CHECK(valid_index(x, y) == (y > 0 && inside_signed(x, 0, y)) &&
                  valid_index_unsigned(x, y) == valid_index(x, y));
            if (x > -1000 && x < 1000 && y > -1000 && y < 1000)
                CHECK(related(x, y) == related_model(x, y));
            struct key a = {(uint16_t)(2000 + i % 2), (uint8_t)(i / 2 % 2), (uint8_t)(i % 3 + 1), (uint32_t)z,
                            (int16_t)(i % 5 - 2)};
            struct key b = {(uint16_t)(2000 + j % 2), (uint8_t)(j / 2 % 2), (uint8_t)(j % 3 + 1), (uint32_t)y,
                            (int16_t)(j % 5 - 2)};
            CHECK(compare(&a, &b) == (rank(a) > rank(b)) - (rank(a) < rank(b)) &&
                  equal(&a, &b) == (rank(a) == rank(b)));
        }

    int valid = 0;
    for (int year = opaque_int(-1); year <= 4; year++)
        for (int month = -1; month < 14; month++)
            for (int day = -1; day < 33; day++)
                valid += valid_date(year, month, day);
    CHECK(valid == 3 * 365 + 366 && !valid_date(1900, 2, 29) && valid_date(2000, 2, 29) && !valid_date(10000, 1, 1));
    CHECK(checked == 1300);
}
