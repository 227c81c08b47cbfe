/* The shortest list of line changes between two texts (E. W. Myers, "An O(ND) Difference Algorithm and Its
 * Variations", 1986, the linear-space refinement). */
#ifndef LOGBOOK_DIFF_H
#define LOGBOOK_DIFF_H

#include "text.h"

struct line {
    const char *bytes;
    size_t length; /* with its newline, when it has one */
    size_t id;     /* equal lines have equal ids */
};

struct diff {
    struct line *before, *after;
    size_t before_count, after_count;
    bool *removed; /* per line of before */
    bool *added;   /* per line of after */
    size_t changes;
};

/* Keeps pointers into both texts. */
void diff_make(struct diff *diff, const struct text *before, const struct text *after);
void diff_free(struct diff *diff);

/* Unified format with that many lines of context; the file names are the caller's to print. */
void diff_print(struct text *out, const struct diff *diff, size_t context);

#endif
