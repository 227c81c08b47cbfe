#ifndef LOGBOOK_CSV_H
#define LOGBOOK_CSV_H

#include "value.h"

/* The first line names the columns. Gives a list of records; a cell without quotes that looks like a number becomes
 * one, an empty one becomes nil. NULL and a fault (at: line number) for a line of another width or an open quote. */
struct value *csv_parse(const char *bytes, size_t length, struct fault *fault);

/* Columns in the order in which the records first name them; anything in the list that is no record is left out. */
void csv_print(struct text *out, const struct value *rows);

/* The names of all columns, as a list of strings. */
struct value *csv_columns(const struct value *rows);

#endif
