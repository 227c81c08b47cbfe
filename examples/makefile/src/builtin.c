#include "date.h"
#include "eval.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* The evaluator has checked number and kinds of the arguments. NULL says "no result for this". */
#define BUILTIN(name) static struct value *name(struct value **arguments, size_t count, struct fault *fault)
#define UNUSED (void)arguments, (void)count, (void)fault

#define NUMBER(i) (arguments[i]->as.number)
#define STRING(i) (arguments[i]->as.string)
#define LIST(i) (arguments[i]->as.list)

static struct value *take_text(struct text *text)
{
    struct value *value = value_string(text->bytes, text->length);
    text_free(text);
    return value;
}

BUILTIN(do_abs)
{
    UNUSED;
    return value_number(fabs(NUMBER(0)));
}

BUILTIN(do_sqrt)
{
    UNUSED;
    return NUMBER(0) < 0 ? NULL : value_number(sqrt(NUMBER(0)));
}

BUILTIN(do_floor)
{
    UNUSED;
    return value_number(floor(NUMBER(0)));
}

BUILTIN(do_ceil)
{
    UNUSED;
    return value_number(ceil(NUMBER(0)));
}

BUILTIN(do_round)
{
    UNUSED;
    double places = count > 1 ? NUMBER(1) : 0;
    if (!(places >= 0 && places <= 12))
        return NULL;
    double scale = 1;
    for (int i = 0; i < (int)places; i++)
        scale *= 10;
    return value_number(round(NUMBER(0) * scale) / scale);
}

BUILTIN(do_ln)
{
    UNUSED;
    return NUMBER(0) <= 0 ? NULL : value_number(log(NUMBER(0)));
}

BUILTIN(do_exp)
{
    UNUSED;
    return value_number(exp(NUMBER(0)));
}

/* min(list) and min(a, b, …) are both wanted: this gives the items of either. */
static struct value **items_of(struct value **arguments, size_t *count)
{
    if (*count != 1 || arguments[0]->kind != VALUE_LIST)
        return arguments;
    *count = LIST(0).count;
    return LIST(0).items;
}

static struct value *extreme(struct value **arguments, size_t count, int sign)
{
    struct value **items = items_of(arguments, &count);
    if (!count)
        return NULL;
    struct value *best = items[0];
    for (size_t i = 1; i < count; i++)
        if (value_compare(items[i], best) * sign > 0)
            best = items[i];
    return value_share(best);
}

BUILTIN(do_min)
{
    UNUSED;
    return extreme(arguments, count, -1);
}

BUILTIN(do_max)
{
    UNUSED;
    return extreme(arguments, count, 1);
}

/* False when an item is neither a number nor nil; nil is an empty cell and does not count. */
static bool add_up(struct value **items, size_t count, double *sum, size_t *added)
{
    *sum = 0;
    *added = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i]->kind == VALUE_NIL)
            continue;
        if (items[i]->kind != VALUE_NUMBER)
            return false;
        *sum += items[i]->as.number;
        ++*added;
    }
    return true;
}

BUILTIN(do_sum)
{
    UNUSED;
    double sum;
    size_t added;
    struct value **items = items_of(arguments, &count);
    return add_up(items, count, &sum, &added) ? value_number(sum) : NULL;
}

BUILTIN(do_mean)
{
    UNUSED;
    double sum;
    size_t added;
    struct value **items = items_of(arguments, &count);
    return add_up(items, count, &sum, &added) && added ? value_number(sum / (double)added) : NULL;
}

BUILTIN(do_length)
{
    UNUSED;
    switch (arguments[0]->kind) {
    case VALUE_STRING:
        return value_number((double)text_width(STRING(0).bytes, STRING(0).length));
    case VALUE_LIST:
        return value_number((double)LIST(0).count);
    case VALUE_RECORD:
        return value_number((double)map_count(arguments[0]->as.record));
    default:
        return NULL;
    }
}

static int compare_plain(const struct value *a, const struct value *b, void *context)
{
    (void)context;
    return value_compare(a, b);
}

BUILTIN(do_sort)
{
    UNUSED;
    struct value *sorted = value_list();
    for (size_t i = 0; i < LIST(0).count; i++)
        value_list_add(sorted, value_share(LIST(0).items[i]));
    value_sort(sorted->as.list.items, sorted->as.list.count, compare_plain, NULL);
    return sorted;
}

BUILTIN(do_range)
{
    UNUSED;
    double from = count > 1 ? NUMBER(0) : 0, to = count > 1 ? NUMBER(1) : NUMBER(0);
    if (!(to - from <= 100000))
        return NULL;
    struct value *list = value_list();
    for (double number = from; number < to; number += 1)
        value_list_add(list, value_number(number));
    return list;
}

BUILTIN(do_column)
{
    UNUSED;
    struct value *list = value_list();
    for (size_t i = 0; i < LIST(0).count; i++) {
        struct value *field = value_field(LIST(0).items[i], STRING(1).bytes);
        value_list_add(list, field ? value_share(field) : value_nil());
    }
    return list;
}

static struct value *change_case(const char *bytes, size_t length, int (*change)(int))
{
    struct text text;
    text_init(&text);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        text_add_char(&text, (char)(c < 0x80 ? change(c) : c));
    }
    return take_text(&text);
}

BUILTIN(do_upper)
{
    UNUSED;
    return change_case(STRING(0).bytes, STRING(0).length, toupper);
}

BUILTIN(do_lower)
{
    UNUSED;
    return change_case(STRING(0).bytes, STRING(0).length, tolower);
}

BUILTIN(do_trim)
{
    UNUSED;
    const char *start = STRING(0).bytes, *end = start + STRING(0).length;
    while (start < end && isspace((unsigned char)*start))
        start++;
    while (start < end && isspace((unsigned char)end[-1]))
        end--;
    return value_string(start, (size_t)(end - start));
}

/* Position of `part` from `from` on, or the whole length when it is not there. */
static size_t find(const struct value *whole, const struct value *part, size_t from)
{
    size_t length = whole->as.string.length, wanted = part->as.string.length;
    for (size_t at = from; wanted && at + wanted <= length; at++)
        if (memcmp(whole->as.string.bytes + at, part->as.string.bytes, wanted) == 0)
            return at;
    return length;
}

BUILTIN(do_contains)
{
    UNUSED;
    if (arguments[0]->kind == VALUE_LIST) {
        for (size_t i = 0; i < LIST(0).count; i++)
            if (value_compare(LIST(0).items[i], arguments[1]) == 0)
                return value_bool(true);
        return value_bool(false);
    }
    if (arguments[0]->kind != VALUE_STRING || arguments[1]->kind != VALUE_STRING)
        return NULL;
    return value_bool(!STRING(1).length || find(arguments[0], arguments[1], 0) < STRING(0).length);
}

BUILTIN(do_replace)
{
    UNUSED;
    struct text text;
    text_init(&text);
    size_t at = 0;
    while (at < STRING(0).length) {
        size_t next = find(arguments[0], arguments[1], at);
        text_add(&text, STRING(0).bytes + at, next - at);
        if (next < STRING(0).length) {
            text_add(&text, STRING(2).bytes, STRING(2).length);
            next += STRING(1).length;
        }
        at = next;
    }
    return take_text(&text);
}

BUILTIN(do_split)
{
    UNUSED;
    struct value *list = value_list();
    size_t at = 0;
    for (;;) {
        size_t next = find(arguments[0], arguments[1], at);
        value_list_add(list, value_string(STRING(0).bytes + at, next - at));
        if (next >= STRING(0).length)
            return list;
        at = next + STRING(1).length;
    }
}

BUILTIN(do_join)
{
    UNUSED;
    struct text text;
    text_init(&text);
    for (size_t i = 0; i < LIST(0).count; i++) {
        if (i)
            text_add(&text, STRING(1).bytes, STRING(1).length);
        value_print(&text, LIST(0).items[i]);
    }
    return take_text(&text);
}

/* pad(text, 8) fills up on the right, pad(text, -8) on the left. */
BUILTIN(do_pad)
{
    UNUSED;
    double width = fabs(NUMBER(1));
    if (!(width <= 1000))
        return NULL;
    struct text content, text;
    text_init(&content);
    text_init(&text);
    value_print(&content, arguments[0]);
    size_t have = text_width(content.bytes, content.length);
    size_t blanks = (size_t)width > have ? (size_t)width - have : 0;
    if (NUMBER(1) < 0)
        text_add_repeated(&text, ' ', blanks);
    text_add(&text, content.bytes, content.length);
    if (NUMBER(1) > 0)
        text_add_repeated(&text, ' ', blanks);
    text_free(&content);
    return take_text(&text);
}

BUILTIN(do_fixed)
{
    UNUSED;
    if (!(NUMBER(1) >= 0 && NUMBER(1) <= 12) || fabs(NUMBER(0)) > 1e15)
        return NULL;
    struct text text;
    text_init(&text);
    text_addf(&text, "%.*f", (int)NUMBER(1), NUMBER(0));
    return take_text(&text);
}

static bool days_of(const struct value *string, long *days)
{
    struct date date;
    if (!date_parse(&date, string->as.string.bytes, string->as.string.length))
        return false;
    *days = date_to_days(date);
    return true;
}

BUILTIN(do_days)
{
    UNUSED;
    long days;
    return days_of(arguments[0], &days) ? value_number((double)days) : NULL;
}

BUILTIN(do_date)
{
    UNUSED;
    if (!(NUMBER(0) >= -719162 && NUMBER(0) <= 2932896)) /* 0001-01-01 … 9999-12-31 */
        return NULL;
    struct text text;
    text_init(&text);
    date_print(&text, date_from_days((long)floor(NUMBER(0))));
    return take_text(&text);
}

BUILTIN(do_weekday)
{
    UNUSED;
    long days;
    if (!days_of(arguments[0], &days))
        return NULL;
    const char *name = date_weekday_name(date_weekday(days));
    return value_string(name, strlen(name));
}

BUILTIN(do_week)
{
    UNUSED;
    long days;
    return days_of(arguments[0], &days) ? value_number(date_week(days)) : NULL;
}

enum { MANY = 1000 };

static const struct builtin builtins[] = {
    {"abs", 1, 1, "n", do_abs},          {"ceil", 1, 1, "n", do_ceil},      {"column", 2, 2, "ls", do_column},
    {"contains", 2, 2, ".", do_contains}, {"date", 1, 1, "n", do_date},      {"days", 1, 1, "s", do_days},
    {"exp", 1, 1, "n", do_exp},          {"fixed", 2, 2, "n", do_fixed},    {"floor", 1, 1, "n", do_floor},
    {"join", 2, 2, "ls", do_join},       {"length", 1, 1, ".", do_length},  {"ln", 1, 1, "n", do_ln},
    {"lower", 1, 1, "s", do_lower},      {"max", 1, MANY, ".", do_max},     {"mean", 1, MANY, ".", do_mean},
    {"min", 1, MANY, ".", do_min},       {"pad", 2, 2, ".n", do_pad},       {"range", 1, 2, "n", do_range},
    {"replace", 3, 3, "s", do_replace},  {"round", 1, 2, "n", do_round},    {"sort", 1, 1, "l", do_sort},
    {"split", 2, 2, "s", do_split},      {"sqrt", 1, 1, "n", do_sqrt},      {"sum", 1, MANY, ".", do_sum},
    {"trim", 1, 1, "s", do_trim},        {"upper", 1, 1, "s", do_upper},    {"week", 1, 1, "s", do_week},
    {"weekday", 1, 1, "s", do_weekday},
};

const struct builtin *builtin_find(const char *name)
{
    size_t low = 0, high = sizeof builtins / sizeof *builtins;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(name, builtins[middle].name);
        if (order == 0)
            return &builtins[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
