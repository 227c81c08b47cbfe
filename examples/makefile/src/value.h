/* The values that expressions, templates, JSON and CSV share. Reference counted; lists and records are not changed
 * once another owner can see them. */
#ifndef LOGBOOK_VALUE_H
#define LOGBOOK_VALUE_H

#include "map.h"
#include "text.h"

enum value_kind { VALUE_NIL, VALUE_BOOL, VALUE_NUMBER, VALUE_STRING, VALUE_LIST, VALUE_RECORD };

struct value {
    enum value_kind kind;
    unsigned owners;
    union {
        bool truth;
        double number;
        struct {
            char *bytes;
            size_t length;
        } string;
        struct {
            struct value **items;
            size_t count, capacity;
        } list;
        struct map *record;
    } as;
};

struct value *value_nil(void);
struct value *value_bool(bool truth);
struct value *value_number(double number);
struct value *value_string(const char *bytes, size_t length);
struct value *value_list(void);
struct value *value_record(void);

struct value *value_share(struct value *value);
void value_release(struct value *value);

/* Both take over the caller's reference to the item. */
void value_list_add(struct value *list, struct value *item);
void value_record_set(struct value *record, const char *name, struct value *item);

/* Borrowed, NULL when there is none. */
struct value *value_field(const struct value *record, const char *name);

const char *value_kind_name(const struct value *value);
bool value_truth(const struct value *value);

/* A total order: by kind first, then by content. Records compare by their fields in order. */
int value_compare(const struct value *a, const struct value *b);

/* The way a person wants to read it: strings bare, numbers in the shortest form that reads back the same. */
void value_print(struct text *out, const struct value *value);
void number_print(struct text *out, double number);

/* Stable, by merging, so that equal items keep their order on every libc. */
typedef int (*compare_items)(const struct value *a, const struct value *b, void *context);
void value_sort(struct value **items, size_t count, compare_items compare, void *context);

#endif
