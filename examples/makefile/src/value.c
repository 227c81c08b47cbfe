#include "value.h"

#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct value *make(enum value_kind kind)
{
    struct value *value = allocate(sizeof *value);
    value->kind = kind;
    value->owners = 1;
    return value;
}

struct value *value_nil(void)
{
    return make(VALUE_NIL);
}

struct value *value_bool(bool truth)
{
    struct value *value = make(VALUE_BOOL);
    value->as.truth = truth;
    return value;
}

struct value *value_number(double number)
{
    struct value *value = make(VALUE_NUMBER);
    value->as.number = number;
    return value;
}

struct value *value_string(const char *bytes, size_t length)
{
    struct value *value = make(VALUE_STRING);
    value->as.string.bytes = copy_string(bytes, length);
    value->as.string.length = length;
    return value;
}

struct value *value_list(void)
{
    return make(VALUE_LIST);
}

static void release_item(void *item)
{
    value_release(item);
}

struct value *value_record(void)
{
    struct value *value = make(VALUE_RECORD);
    value->as.record = map_new(release_item);
    return value;
}

struct value *value_share(struct value *value)
{
    value->owners++;
    return value;
}

void value_release(struct value *value)
{
    if (!value || --value->owners)
        return;
    switch (value->kind) {
    case VALUE_STRING:
        free(value->as.string.bytes);
        break;
    case VALUE_LIST:
        for (size_t i = 0; i < value->as.list.count; i++)
            value_release(value->as.list.items[i]);
        free(value->as.list.items);
        break;
    case VALUE_RECORD:
        map_free(value->as.record);
        break;
    default:
        break;
    }
    free(value);
}

void value_list_add(struct value *list, struct value *item)
{
    if (list->as.list.count == list->as.list.capacity) {
        list->as.list.capacity = list->as.list.capacity ? list->as.list.capacity * 2 : 4;
        list->as.list.items = reallocate(list->as.list.items, list->as.list.capacity, sizeof *list->as.list.items);
    }
    list->as.list.items[list->as.list.count++] = item;
}

void value_record_set(struct value *record, const char *name, struct value *item)
{
    map_set(record->as.record, name, item);
}

struct value *value_field(const struct value *record, const char *name)
{
    return record->kind == VALUE_RECORD ? map_get(record->as.record, name) : NULL;
}

const char *value_kind_name(const struct value *value)
{
    static const char *const names[] = {"nil", "boolean", "number", "string", "list", "record"};
    return names[value->kind];
}

bool value_truth(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NIL:
        return false;
    case VALUE_BOOL:
        return value->as.truth;
    case VALUE_NUMBER:
        return value->as.number != 0;
    case VALUE_STRING:
        return value->as.string.length > 0;
    case VALUE_LIST:
        return value->as.list.count > 0;
    case VALUE_RECORD:
        return map_count(value->as.record) > 0;
    }
    return false;
}

static int compare_strings(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t shorter = a_length < b_length ? a_length : b_length;
    int order = shorter ? memcmp(a, b, shorter) : 0;
    if (order)
        return order < 0 ? -1 : 1;
    return (a_length > b_length) - (a_length < b_length);
}

static int compare_lists(const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < a->as.list.count && i < b->as.list.count; i++) {
        int order = value_compare(a->as.list.items[i], b->as.list.items[i]);
        if (order)
            return order;
    }
    return (a->as.list.count > b->as.list.count) - (a->as.list.count < b->as.list.count);
}

static int compare_records(const struct value *a, const struct value *b)
{
    size_t a_cursor = 0, b_cursor = 0;
    const char *a_name, *b_name;
    void *a_item, *b_item;
    for (;;) {
        bool a_more = map_next(a->as.record, &a_cursor, &a_name, &a_item);
        bool b_more = map_next(b->as.record, &b_cursor, &b_name, &b_item);
        if (!a_more || !b_more)
            return a_more - b_more;
        int order = strcmp(a_name, b_name);
        if (!order)
            order = value_compare(a_item, b_item);
        if (order)
            return order < 0 ? -1 : 1;
    }
}

int value_compare(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    switch (a->kind) {
    case VALUE_NIL:
        return 0;
    case VALUE_BOOL:
        return a->as.truth - b->as.truth;
    case VALUE_NUMBER:
        return (a->as.number > b->as.number) - (a->as.number < b->as.number);
    case VALUE_STRING:
        return compare_strings(a->as.string.bytes, a->as.string.length, b->as.string.bytes, b->as.string.length);
    case VALUE_LIST:
        return compare_lists(a, b);
    case VALUE_RECORD:
        return compare_records(a, b);
    }
    return 0;
}

void number_print(struct text *out, double number)
{
    if (number == 0) {
        text_add_char(out, '0'); /* also for negative zero */
        return;
    }
    if (fabs(number) < 1e15 && floor(number) == number) {
        text_addf(out, "%.0f", number);
        return;
    }
    char digits[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    text_add_string(out, digits);
}

void value_print(struct text *out, const struct value *value)
{
    switch (value->kind) {
    case VALUE_STRING:
        text_add(out, value->as.string.bytes, value->as.string.length);
        break;
    case VALUE_NIL:
        break; /* a missing cell is an empty cell */
    default:
        json_print(out, value, 0);
        break;
    }
}

static void merge_sort(struct value **items, struct value **spare, size_t count, compare_items compare, void *context)
{
    if (count < 2)
        return;
    size_t half = count / 2;
    merge_sort(items, spare, half, compare, context);
    merge_sort(items + half, spare, count - half, compare, context);
    memcpy(spare, items, half * sizeof *items);
    size_t left = 0, right = half, to = 0;
    while (left < half && right < count) {
        if (compare(spare[left], items[right], context) <= 0)
            items[to++] = spare[left++];
        else
            items[to++] = items[right++];
    }
    while (left < half)
        items[to++] = spare[left++];
}

void value_sort(struct value **items, size_t count, compare_items compare, void *context)
{
    struct value **spare = allocate((count / 2 + 1) * sizeof *spare);
    merge_sort(items, spare, count, compare, context);
    free(spare);
}
