#include "date.h"

static bool is_leap(long year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(long year, int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool read_digits(const char *bytes, int count, long *number)
{
    *number = 0;
    for (int i = 0; i < count; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
        *number = *number * 10 + (bytes[i] - '0');
    }
    return true;
}

bool date_parse(struct date *date, const char *bytes, size_t length)
{
    long year, month, day;
    if (length != 10 || bytes[4] != '-' || bytes[7] != '-')
        return false;
    if (!read_digits(bytes, 4, &year) || !read_digits(bytes + 5, 2, &month) || !read_digits(bytes + 8, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, (int)month))
        return false;
    *date = (struct date){year, (int)month, (int)day};
    return true;
}

void date_print(struct text *out, struct date date)
{
    text_addf(out, "%04ld-%02d-%02d", date.year, date.month, date.day);
}

static long floor_divide(long a, long b)
{
    long quotient = a / b;
    return quotient - (a % b != 0 && (a < 0) != (b < 0));
}

/* Days from 0001-01-01 to the first of January of `year`. */
static long days_before_year(long year)
{
    long past = year - 1;
    return past * 365 + floor_divide(past, 4) - floor_divide(past, 100) + floor_divide(past, 400);
}

enum { EPOCH = 719162 }; /* days_before_year(1970) */

long date_to_days(struct date date)
{
    long days = days_before_year(date.year) + date.day - 1;
    for (int month = 1; month < date.month; month++)
        days += days_in_month(date.year, month);
    return days - EPOCH;
}

struct date date_from_days(long days)
{
    days += EPOCH;
    /* 146097 days make 400 years; the estimate is at most one year off. */
    long year = floor_divide(days * 400, 146097) + 1;
    while (days_before_year(year) > days)
        year--;
    while (days_before_year(year + 1) <= days)
        year++;
    long left = days - days_before_year(year);
    int month = 1;
    while (left >= days_in_month(year, month))
        left -= days_in_month(year, month++);
    return (struct date){year, month, (int)left + 1};
}

int date_weekday(long days)
{
    long weekday = (days + 3) % 7; /* day 0 was a Thursday */
    return (int)(weekday < 0 ? weekday + 7 : weekday) + 1;
}

const char *date_weekday_name(int weekday)
{
    static const char *const names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    return names[weekday - 1];
}

int date_week(long days)
{
    long thursday = days + 4 - date_weekday(days);
    struct date date = date_from_days(thursday);
    long first = date_to_days((struct date){date.year, 1, 1});
    return (int)((thursday - first) / 7) + 1;
}
