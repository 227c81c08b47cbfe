/* Calendar arithmetic: days from the civil date and back by formulas, by walking and by tables, weekdays, week numbers,
 * leap rules, month arithmetic, times of the day with offsets and a text form, over several centuries. */
#include "certify.h"

struct date {
    int32_t year;
    int8_t month, day;
};

static int is_leap(int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static const int16_t before_month[14] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

static int32_t before_year(int32_t year) { return (year - 1) * 365 + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400; }

/* Day 0 is 1970-01-01; years are positive. */
static int32_t days_from_date(struct date d) {
    return before_year(d.year) + before_month[d.month] + (d.month > 2 && is_leap(d.year)) + d.day - 719163;
}

/* The mean year gives an estimate that is one off at most. */
static struct date date_from_days(int32_t days) {
    days += 719162;
    struct date d = {(int32_t)((int64_t)days * 400 / 146097) + 1, 1, 0};
    while (before_year(d.year) > days)
        d.year--;
    while (before_year(d.year + 1) <= days)
        d.year++;
    days -= before_year(d.year);
    int leap = is_leap(d.year);
    while (days >= before_month[d.month + 1] + (d.month >= 2 ? leap : 0))
        d.month++;
    d.day = (int8_t)(days - before_month[d.month] - (d.month > 2 ? leap : 0) + 1);
    return d;
}

static int month_length(int32_t year, int month) {
    switch (month) {
    case 2: return is_leap(year) ? 29 : 28;
    case 4: case 6: case 9: case 11: return 30;
    default: return 31;
    }
}

static int weekday(int32_t days) { return (int)(((days + 3) % 7 + 7) % 7); }

/* Weeks begin on Monday, week 1 holds the first Thursday: gives year * 100 + week. */
static int32_t week_of(int32_t days) {
    int32_t thursday = days - weekday(days) + 3;
    struct date d = date_from_days(thursday), first = {d.year, 1, 1};
    return d.year * 100 + (thursday - days_from_date(first)) / 7 + 1;
}

/* The last day of a shorter month stands for the days that it lacks. */
static struct date add_months(struct date d, int32_t months) {
    int32_t total = d.year * 12 + d.month - 1 + months;
    int32_t year = total / 12;
    int month = (int)(total % 12) + 1, length = month_length(year, month);
    struct date sum = {year, (int8_t)month, (int8_t)(d.day < length ? d.day : length)};
    return sum;
}

static int write_text(int64_t seconds, int offset_minutes, char *to) {
    seconds += offset_minutes * 60;
    int32_t days = (int32_t)((seconds >= 0 ? seconds : seconds - 86399) / 86400), rest = (int32_t)(seconds - days * INT64_C(86400));
    struct date d = date_from_days(days);
    const int32_t fields[6] = {d.year, d.month, d.day, rest / 3600, rest / 60 % 60, rest % 60};
    static const uint8_t widths[6] = {4, 2, 2, 2, 2, 2};
    int at = 0;
    for (int i = 0; i < 6; i++) {
        int32_t value = fields[i];
        for (int place = widths[i]; place-- > 0; value /= 10)
            to[at + place] = (char)('0' + value % 10);
        at += widths[i];
        to[at++] = "--T::"[i];
    }
    to[at - 1] = 0;
    return weekday(days);
}

static int64_t read_text(const char *text, int offset_minutes) {
    int32_t fields[6] = {0, 0, 0, 0, 0, 0};
    for (int i = 0; *text && i < 6; text++) {
        if (*text < '0' || *text > '9')
            i++;
        else
            fields[i] = fields[i] * 10 + *text - '0';
    }
    struct date d = {fields[0], (int8_t)fields[1], (int8_t)fields[2]};
    if (d.month < 1 || d.month > 12 || d.day < 1 || d.day > month_length(d.year, d.month) || fields[3] > 23 || fields[4] > 59 || fields[5] > 59)
        return INT64_MIN;
    return days_from_date(d) * INT64_C(86400) + fields[3] * 3600 + (fields[4] - offset_minutes) * 60 + fields[5];
}

static int same(struct date a, struct date b) { return a.year == b.year && a.month == b.month && a.day == b.day; }

PROGRAM(app_calendar) {
    /* A walk from 1596 on, a day at a time through the first years, then a month at a time. */
    struct date d = {1596, 1, 1};
    int32_t days = -136601, of_week = 0;
    struct date start = date_from_days(opaque_int(days));
    CHECK(same(start, d));
    while (d.year < 2405) {
        CHECK(days_from_date(d) == days && same(date_from_days(opaque_int(days)), d) && weekday(days) == of_week);
        int step = d.year < 1602 || d.day != 1 ? 1 : month_length(d.year, d.month);
        days += step;
        of_week = (of_week + step) % 7;
        d.day = (int8_t)(d.day + step);
        if (d.day > (d.month == 2 ? 28 + (d.year % 4 == 0) - (d.year % 100 == 0) + (d.year % 400 == 0) : 30 + (d.month + d.month / 8) % 2)) {
            d.day = 1;
            d.month = (int8_t)(d.month % 12 + 1);
            d.year += d.month == 1;
        }
    }
    CHECK(days == days_from_date((struct date){2405, 1, 1}) && days_from_date((struct date){1970, 1, 1}) == 0);
    CHECK(days_from_date((struct date){2000, 3, 1}) == 11017 && weekday(0) == 3);
    for (int32_t year = 1898; year < 2110; year++) {
        /* A week belongs to the year that has its fourth day: count them. */
        int32_t first = days_from_date((struct date){opaque_int(year), 1, 1}), week = weekday(first) < 4;
        for (int32_t day = 0; day < 365 + is_leap(year); day++) {
            if (day > 0 && weekday(first + day) == 0)
                week++;
            if (day < 6 || day > 358 || day % 97 == 0) {
                int32_t got = week_of(first + day);
                int last = day + 3 - weekday(first + day) >= 365 + is_leap(year);
                CHECK(week == 0 ? got / 100 == year - 1 && got % 100 >= 52 : got == (last ? year * 100 + 101 : year * 100 + week));
            }
        }
    }
    CHECK(week_of(days_from_date((struct date){2005, 1, 1})) == 200453 && week_of(days_from_date((struct date){2008, 12, 29})) == 200901);
    struct date base = {2023, 8, 31};
    for (int32_t months = -300; months < 300; months += 7) {
        struct date moved = add_months(base, opaque_int(months)), next = {moved.year, moved.month, 28};
        CHECK((moved.year - 2023) * 12 + moved.month - 8 == months && moved.day >= 28);
        CHECK(moved.day == 31 || add_months(next, 1).month == date_from_days(days_from_date(moved) + 1).month);
    }
    CHECK(same(add_months(base, 6), (struct date){2024, 2, 29}) && same(add_months(base, -6), (struct date){2023, 2, 28}));
    char text[24];
    CHECK(write_text(INT64_C(951782399), 0, text) == 0 && __builtin_strcmp(text, "2000-02-28T23:59:59") == 0);
    CHECK(write_text(opaque_int64(-1), 0, text) == 2 && __builtin_strcmp(text, "1969-12-31T23:59:59") == 0);
    CHECK(write_text(INT64_C(4102444800), -90, text) == 3 && __builtin_strcmp(text, "2099-12-31T22:30:00") == 0);
    for (int64_t seconds = INT64_C(-9000000000); seconds < INT64_C(9000000000); seconds += 87654321) {
        int offset = (int)(seconds % 13) * 45;
        write_text(opaque_int64(seconds), offset, text);
        CHECK(read_text(text, offset) == seconds);
    }
    CHECK(read_text("2023-02-29T00:00:00", 0) == INT64_MIN && read_text("2024-02-29T24:00:00", 0) == INT64_MIN);
}
