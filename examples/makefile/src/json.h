#ifndef LOGBOOK_JSON_H
#define LOGBOOK_JSON_H

#include "value.h"

/* NULL and a fault (at: byte offset) when the text is not exactly one JSON value. A repeated name keeps the last. */
struct value *json_parse(const char *bytes, size_t length, struct fault *fault);

/* indent 0: all on one line; otherwise that many blanks per level. */
void json_print(struct text *out, const struct value *value, unsigned indent);

#endif
