#include "diff.h"

#include "map.h"

#include <stdlib.h>
#include <string.h>

/* Two cursors over the diagonals, one from each end; index 0 of either array is diagonal -limit - 1.
 * A value is the furthest line of `before` reached on that diagonal, -1 where nothing has got to. */
struct search {
    struct diff *diff;
    long *forward;
    long *backward;
};

struct range {
    long before, before_end;
    long after, after_end;
};

static bool same(const struct search *search, long before, long after)
{
    return search->diff->before[before].id == search->diff->after[after].id;
}

/* The best start on diagonal `k` with one more change, or -1. x counts lines of before, x - k those of after. */
static long step(const long *reached, long k, long n, long m)
{
    long right = reached[k - 1] >= 0 && reached[k - 1] < n ? reached[k - 1] + 1 : -1;
    long down = reached[k + 1] >= 0 && reached[k + 1] - k <= m ? reached[k + 1] : -1;
    return right > down ? right : down;
}

/* A point of the range which some shortest path goes through. */
static void find_middle(struct search *search, const struct range *range, long *x_out, long *y_out)
{
    long n = range->before_end - range->before, m = range->after_end - range->after;
    long limit = (n + m + 1) / 2, delta = n - m;
    long *forward = search->forward + limit + 1, *backward = search->backward + limit + 1;
    for (long k = -limit - 1; k <= limit + 1; k++)
        forward[k] = backward[k] = -1;
    for (long d = 0; d <= limit; d++) {
        for (long k = -d; k <= d; k += 2) {
            long x = d ? step(forward, k, n, m) : 0;
            while (x >= 0 && x < n && x - k < m && same(search, range->before + x, range->after + x - k))
                x++;
            forward[k] = x;
            long facing = delta - k; /* the same diagonal seen from the other end */
            if (x >= 0 && delta % 2 && facing > -d && facing < d && backward[facing] >= 0 && x + backward[facing] >= n) {
                *x_out = x;
                *y_out = x - k;
                return;
            }
        }
        for (long k = -d; k <= d; k += 2) {
            long x = d ? step(backward, k, n, m) : 0;
            while (x >= 0 && x < n && x - k < m &&
                   same(search, range->before_end - 1 - x, range->after_end - 1 - (x - k)))
                x++;
            backward[k] = x;
            long facing = delta - k;
            if (x >= 0 && delta % 2 == 0 && facing >= -d && facing <= d && forward[facing] >= 0 &&
                x + forward[facing] >= n) {
                *x_out = n - x;
                *y_out = m - (x - k);
                return;
            }
        }
    }
    *x_out = n; /* not reached: the two cursors meet before the limit */
    *y_out = 0;
}

static void mark(struct search *search, struct range range)
{
    for (;;) {
        while (range.before < range.before_end && range.after < range.after_end &&
               same(search, range.before, range.after))
            range.before++, range.after++;
        while (range.before < range.before_end && range.after < range.after_end &&
               same(search, range.before_end - 1, range.after_end - 1))
            range.before_end--, range.after_end--;
        if (range.before == range.before_end || range.after == range.after_end)
            break;
        long x, y;
        find_middle(search, &range, &x, &y);
        struct range first = {range.before, range.before + x, range.after, range.after + y};
        mark(search, first);
        range.before += x;
        range.after += y;
    }
    for (; range.before < range.before_end; range.before++) {
        search->diff->removed[range.before] = true;
        search->diff->changes++;
    }
    for (; range.after < range.after_end; range.after++) {
        search->diff->added[range.after] = true;
        search->diff->changes++;
    }
}

static struct line *split_lines(const struct text *text, size_t *count)
{
    size_t lines = 0;
    for (size_t i = 0; i < text->length; i++)
        lines += text->bytes[i] == '\n';
    lines += text->length && text->bytes[text->length - 1] != '\n';
    struct line *split = allocate(lines * sizeof *split);
    size_t at = 0;
    for (size_t i = 0; i < lines; i++) {
        const char *end = memchr(text->bytes + at, '\n', text->length - at);
        size_t length = end ? (size_t)(end - text->bytes) - at + 1 : text->length - at;
        split[i] = (struct line){text->bytes + at, length, 0};
        at += length;
    }
    *count = lines;
    return split;
}

/* The map counts ids from 1 in its pointers. A line with a NUL is keyed by all its bytes in hexadecimal. */
static void number_lines(struct map *ids, struct line *lines, size_t count)
{
    struct text key;
    text_init(&key);
    for (size_t i = 0; i < count; i++) {
        text_clear(&key);
        if (memchr(lines[i].bytes, '\0', lines[i].length)) {
            text_add_char(&key, '\n'); /* no other key begins with one and goes on */
            for (size_t j = 0; j < lines[i].length; j++)
                text_addf(&key, "%02x", (unsigned char)lines[i].bytes[j]);
        } else {
            text_add(&key, lines[i].bytes, lines[i].length);
        }
        size_t *id = map_get(ids, key.bytes);
        if (!id) {
            id = allocate(sizeof *id);
            *id = map_count(ids) + 1;
            map_set(ids, key.bytes, id);
        }
        lines[i].id = *id;
    }
    text_free(&key);
}

void diff_make(struct diff *diff, const struct text *before, const struct text *after)
{
    memset(diff, 0, sizeof *diff);
    diff->before = split_lines(before, &diff->before_count);
    diff->after = split_lines(after, &diff->after_count);
    struct map *ids = map_new(free);
    number_lines(ids, diff->before, diff->before_count);
    number_lines(ids, diff->after, diff->after_count);
    map_free(ids);
    diff->removed = allocate(diff->before_count * sizeof *diff->removed);
    diff->added = allocate(diff->after_count * sizeof *diff->added);
    size_t diagonals = diff->before_count + diff->after_count + 5;
    struct search search = {diff, allocate(diagonals * sizeof(long)), allocate(diagonals * sizeof(long))};
    mark(&search, (struct range){0, (long)diff->before_count, 0, (long)diff->after_count});
    free(search.forward);
    free(search.backward);
}

void diff_free(struct diff *diff)
{
    free(diff->before);
    free(diff->after);
    free(diff->removed);
    free(diff->added);
}

static void print_line(struct text *out, char sign, const struct line *line)
{
    text_add_char(out, sign);
    text_add(out, line->bytes, line->length);
    if (line->bytes[line->length - 1] != '\n')
        text_add_string(out, "\n\\ No newline at end of file\n");
}

static void print_range(struct text *out, size_t from, size_t to)
{
    size_t count = to - from;
    text_addf(out, "%zu", count ? from + 1 : from);
    if (count != 1)
        text_addf(out, ",%zu", count);
}

/* A position in both files, between two lines of each. */
struct position {
    size_t before, after;
};

static bool at_end(const struct diff *diff, struct position at)
{
    return at.before == diff->before_count && at.after == diff->after_count;
}

static bool at_change(const struct diff *diff, struct position at)
{
    return (at.before < diff->before_count && diff->removed[at.before]) ||
           (at.after < diff->after_count && diff->added[at.after]);
}

static struct position past_change(const struct diff *diff, struct position at)
{
    while (at.before < diff->before_count && diff->removed[at.before])
        at.before++;
    while (at.after < diff->after_count && diff->added[at.after])
        at.after++;
    return at;
}

static void print_hunk(struct text *out, const struct diff *diff, struct position from, struct position to)
{
    text_add_string(out, "@@ -");
    print_range(out, from.before, to.before);
    text_add_string(out, " +");
    print_range(out, from.after, to.after);
    text_add_string(out, " @@\n");
    while (from.before < to.before || from.after < to.after) {
        if (from.before < to.before && diff->removed[from.before])
            print_line(out, '-', &diff->before[from.before++]);
        else if (from.after < to.after && diff->added[from.after])
            print_line(out, '+', &diff->after[from.after++]);
        else
            print_line(out, ' ', &diff->before[from.before++]), from.after++;
    }
}

/* From the first change at `at` to where more than twice the context is unchanged, or the end. */
static struct position hunk_end(const struct diff *diff, struct position at, size_t context)
{
    for (;;) {
        at = past_change(diff, at);
        struct position ahead = at;
        size_t quiet = 0;
        while (!at_end(diff, ahead) && !at_change(diff, ahead)) {
            ahead.before++, ahead.after++;
            quiet++;
        }
        if (at_end(diff, ahead) || quiet > 2 * context) {
            size_t tail = quiet < context ? quiet : context;
            return (struct position){at.before + tail, at.after + tail};
        }
        at = ahead;
    }
}

void diff_print(struct text *out, const struct diff *diff, size_t context)
{
    struct position at = {0, 0}, last_end = {0, 0};
    while (!at_end(diff, at)) {
        if (!at_change(diff, at)) {
            at.before++, at.after++;
            continue;
        }
        size_t lead = at.before - last_end.before < context ? at.before - last_end.before : context;
        struct position from = {at.before - lead, at.after - lead};
        struct position to = hunk_end(diff, at, context);
        print_hunk(out, diff, from, to);
        at = last_end = to;
    }
}
