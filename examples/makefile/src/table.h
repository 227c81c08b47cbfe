/* Questions to a list of records: which rows, in which order, grouped by what, with which calculated columns. */
#ifndef LOGBOOK_TABLE_H
#define LOGBOOK_TABLE_H

#include "eval.h"

enum { CALCULATIONS_MAX = 16 };

struct query {
    const char *where;                          /* expression; NULL: every row */
    const char *group;                          /* column; NULL: no groups */
    const char *calculations[CALCULATIONS_MAX]; /* "name = expression" per row, or per group: then of `rows`, `count` */
    size_t calculation_count;
    const char *sort; /* expression over the resulting rows */
    bool descending;
    const char *columns; /* names with commas; NULL: all */
};

/* Inside expressions every column is a variable, and `row` is the whole record. A new list, or NULL and a fault. */
struct value *table_query(const struct value *rows, const struct query *query, struct fault *fault);

/* Aligned for reading: numbers to the right, a line under the names. */
void table_print(struct text *out, const struct value *rows);

#endif
