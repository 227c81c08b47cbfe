/* Days of the proleptic Gregorian calendar, counted from 1970-01-01, without the C library's time zones. */
#ifndef LOGBOOK_DATE_H
#define LOGBOOK_DATE_H

#include "text.h"

struct date {
    long year;
    int month; /* 1…12 */
    int day;   /* 1…31 */
};

/* YYYY-MM-DD exactly, years 0001…9999. */
bool date_parse(struct date *date, const char *bytes, size_t length);
void date_print(struct text *out, struct date date);

long date_to_days(struct date date);
struct date date_from_days(long days);

/* 1 = Monday … 7 = Sunday */
int date_weekday(long days);
const char *date_weekday_name(int weekday);

/* ISO 8601: week 1 is the one with the year's first Thursday. */
int date_week(long days);

#endif
