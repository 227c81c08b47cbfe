/* Properties that hold for every input, tried on many generated ones. The generator is fixed: every run is the same. */
#include "csv.h"
#include "date.h"
#include "diff.h"
#include "json.h"
#include "lz.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned checks, failures;

#define CHECK(condition) check((condition), #condition, __LINE__)

static void check(bool ok, const char *condition, int line)
{
    checks++;
    if (ok)
        return;
    if (failures++ < 20)
        printf("units.c:%d: not so: %s\n", line, condition);
}

static uint32_t state = 12345;

static uint32_t any(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

static void try_map(void)
{
    enum { KEYS = 300 };
    int values[KEYS];
    bool present[KEYS] = {false};
    size_t count = 0;
    struct map *map = map_new(NULL);
    for (int round = 0; round < 20000; round++) {
        uint32_t key = any(KEYS);
        char name[16];
        snprintf(name, sizeof name, "key %u", (unsigned)key);
        if (any(3)) {
            map_set(map, name, &values[key]);
            count += !present[key];
            present[key] = true;
        } else {
            CHECK(map_remove(map, name) == present[key]);
            count -= present[key];
            present[key] = false;
        }
        uint32_t other = any(KEYS);
        snprintf(name, sizeof name, "key %u", (unsigned)other);
        CHECK(map_get(map, name) == (present[other] ? &values[other] : NULL));
        CHECK(map_count(map) == count);
    }
    size_t cursor = 0, seen = 0;
    const char *name;
    void *value;
    while (map_next(map, &cursor, &name, &value)) {
        CHECK(present[(int *)value - values]);
        seen++;
    }
    CHECK(seen == count);
    map_free(map);
}

static void try_map_order(void)
{
    static const char *const names[] = {"z", "y", "x", "w", "v", "u", "t", "s", "r", "q", "p", "o"};
    struct map *map = map_new(NULL);
    for (size_t i = 0; i < 12; i++)
        map_set(map, names[i], (void *)names[i]);
    map_remove(map, "x");
    map_set(map, "x", (void *)names[2]);
    size_t cursor = 0;
    const char *name;
    void *value;
    struct text order;
    text_init(&order);
    while (map_next(map, &cursor, &name, &value))
        text_add_string(&order, name);
    CHECK(strcmp(order.bytes, "zywvutsrqpox") == 0);
    text_free(&order);
    map_free(map);
}

static void generate(struct text *text, size_t length, uint32_t letters)
{
    text_clear(text);
    while (text->length < length) {
        if (text->length > 8 && any(4) == 0) {
            size_t from = any((uint32_t)text->length), count = 1 + any(200);
            for (size_t i = 0; i < count && text->length < length; i++)
                text_add_char(text, text->bytes[from + i]);
        } else {
            text_add_char(text, (char)any(letters));
        }
    }
}

static void try_packing(void)
{
    struct text original, packed, back;
    struct fault fault;
    text_init(&original);
    text_init(&packed);
    text_init(&back);
    static const size_t lengths[] = {0, 1, 3, 4, 5, 127, 128, 129, 130, 1000, 65535, 65536, 65537, 200000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (uint32_t letters = 1; letters <= 256; letters *= 16) {
            generate(&original, lengths[i], letters);
            text_clear(&packed);
            fault_clear(&fault);
            lz_pack(&packed, original.bytes, original.length);
            CHECK(lz_unpack(&back, packed.bytes, packed.length, &fault));
            CHECK(text_equal(&original, &back));
            CHECK(packed.length <= original.length + original.length / 128 + 16);
            CHECK(letters > 1 || packed.length < 64);
        }
    }
    generate(&original, 3000, 5);
    text_clear(&packed);
    lz_pack(&packed, original.bytes, original.length);
    for (size_t at = 0; at < packed.length; at++) {
        char kept = packed.bytes[at];
        packed.bytes[at] = (char)(kept ^ (1 << any(8)));
        fault_clear(&fault);
        CHECK(!lz_unpack(&back, packed.bytes, packed.length, &fault) || text_equal(&original, &back));
        packed.bytes[at] = kept;
        fault_clear(&fault);
        CHECK(!lz_unpack(&back, packed.bytes, at, &fault) && fault.set);
    }
    text_free(&original);
    text_free(&packed);
    text_free(&back);
}

static void generate_lines(struct text *text, uint32_t lines, uint32_t sorts)
{
    text_clear(text);
    for (uint32_t i = 0; i < lines; i++)
        text_addf(text, "line %u\n", (unsigned)any(sorts));
    if (any(4) == 0 && text->length)
        text_addf(text, "no newline %u", (unsigned)any(2));
}

/* The classical table, to know the fewest changes. */
static size_t fewest_changes(const struct diff *diff)
{
    enum { MOST = 64 };
    static size_t common[MOST][MOST];
    for (size_t i = 0; i <= diff->before_count; i++) {
        for (size_t j = 0; j <= diff->after_count; j++) {
            size_t best = 0;
            if (i && j) {
                best = common[i - 1][j] > common[i][j - 1] ? common[i - 1][j] : common[i][j - 1];
                if (diff->before[i - 1].id == diff->after[j - 1].id)
                    best = common[i - 1][j - 1] + 1;
            }
            common[i][j] = best;
        }
    }
    return diff->before_count + diff->after_count - 2 * common[diff->before_count][diff->after_count];
}

static void try_diff(void)
{
    struct text before, after, made;
    text_init(&before);
    text_init(&after);
    text_init(&made);
    for (int round = 0; round < 3000; round++) {
        uint32_t sorts = 1 + any(12);
        generate_lines(&before, any(40), sorts);
        generate_lines(&after, any(40), sorts);
        struct diff diff;
        diff_make(&diff, &before, &after);
        text_clear(&made);
        size_t i = 0, j = 0;
        while (i < diff.before_count || j < diff.after_count) {
            if (i < diff.before_count && diff.removed[i]) {
                i++;
            } else if (j < diff.after_count && diff.added[j]) {
                text_add(&made, diff.after[j].bytes, diff.after[j].length);
                j++;
            } else if (i < diff.before_count && j < diff.after_count) {
                text_add(&made, diff.before[i].bytes, diff.before[i].length);
                i++, j++;
            } else {
                break;
            }
        }
        CHECK(i == diff.before_count && j == diff.after_count);
        CHECK(text_equal(&made, &after));
        CHECK(diff.changes == fewest_changes(&diff));
        diff_free(&diff);
    }
    text_free(&before);
    text_free(&after);
    text_free(&made);
}

static void try_dates(void)
{
    struct text text;
    struct date date = {0, 0, 0};
    text_init(&text);
    for (long days = -719162; days <= 2932896; days += 1 + (long)any(60)) {
        text_clear(&text);
        date_print(&text, date_from_days(days));
        CHECK(date_parse(&date, text.bytes, text.length));
        CHECK(date_to_days(date) == days);
        int week = date_week(days);
        CHECK(week >= 1 && week <= 53);
        CHECK(date_weekday(days) == 7 ? date_week(days + 1) != week : date_week(days + 1) == week);
    }
    CHECK(!date_parse(&date, "2023-02-29", 10));
    CHECK(date_parse(&date, "2024-02-29", 10));
    CHECK(!date_parse(&date, "1900-02-29", 10));
    CHECK(!date_parse(&date, "2024-13-01", 10));
    CHECK(!date_parse(&date, "2024-1-01", 9));
    text_free(&text);
}

static struct value *generate_value(unsigned depth)
{
    char name[16];
    struct value *value;
    switch (any(depth ? 6 : 4)) {
    case 0:
        return value_nil();
    case 1:
        return value_bool(any(2));
    case 2:
        return value_number(((double)any(1u << 24) - (1 << 23)) / (1 + any(1000)));
    case 3: {
        struct text text;
        text_init(&text);
        for (uint32_t i = any(20); i; i--)
            text_add_code_point(&text, any(3) ? 1 + any(0x7f) : 0x80 + any(0xd000));
        value = value_string(text.bytes, text.length);
        text_free(&text);
        return value;
    }
    case 4:
        value = value_list();
        for (uint32_t i = any(6); i; i--)
            value_list_add(value, generate_value(depth - 1));
        return value;
    default:
        value = value_record();
        for (uint32_t i = any(6); i; i--) {
            snprintf(name, sizeof name, "n\"%u", (unsigned)any(100));
            value_record_set(value, name, generate_value(depth - 1));
        }
        return value;
    }
}

static void try_json(void)
{
    struct text text;
    struct fault fault;
    text_init(&text);
    for (int round = 0; round < 2000; round++) {
        struct value *value = generate_value(4);
        text_clear(&text);
        json_print(&text, value, any(4));
        fault_clear(&fault);
        struct value *back = json_parse(text.bytes, text.length, &fault);
        CHECK(back && value_compare(value, back) == 0);
        value_release(back);
        fault_clear(&fault);
        if (value->kind >= VALUE_STRING) {
            back = json_parse(text.bytes, text.length - 1, &fault);
            CHECK(!back && fault.set);
            value_release(back);
        }
        value_release(value);
    }
    text_free(&text);
}

static void try_csv(void)
{
    struct text text;
    struct fault fault;
    text_init(&text);
    for (int round = 0; round < 500; round++) {
        struct value *rows = value_list();
        for (uint32_t i = 1 + any(8); i; i--) {
            struct value *record = value_record();
            static const char *const names[] = {"date", "who, what", "say \"x\""};
            for (int column = 0; column < 3; column++) {
                static const char *const cells[] = {"", "12", "a,b", "line\nbreak", "\"", "007", "caf\xc3\xa9", "-1.5"};
                const char *cell = cells[any(8)];
                struct value *item = any(3) ? value_string(cell, strlen(cell)) : value_number(any(1000) / 4.0);
                value_record_set(record, names[column], item);
            }
            value_list_add(rows, record);
        }
        text_clear(&text);
        csv_print(&text, rows);
        fault_clear(&fault);
        struct value *back = csv_parse(text.bytes, text.length, &fault);
        CHECK(back && value_compare(rows, back) == 0);
        value_release(back);
        value_release(rows);
    }
    text_free(&text);
}

static int compare_first(const struct value *a, const struct value *b, void *context)
{
    ++*(unsigned *)context;
    return value_compare(a->as.list.items[0], b->as.list.items[0]);
}

static void try_sort(void)
{
    for (uint32_t count = 0; count < 200; count++) {
        struct value *pairs = value_list();
        for (uint32_t i = 0; i < count; i++) {
            struct value *pair = value_list();
            value_list_add(pair, value_number(any(20)));
            value_list_add(pair, value_number(i));
            value_list_add(pairs, pair);
        }
        unsigned comparisons = 0;
        value_sort(pairs->as.list.items, count, compare_first, &comparisons);
        CHECK(comparisons <= count * 8);
        /* By the first number and, within equal ones, still in the order of the second. */
        for (uint32_t i = 1; i < count; i++)
            CHECK(value_compare(pairs->as.list.items[i - 1], pairs->as.list.items[i]) < 0);
        value_release(pairs);
    }
}

int main(void)
{
    try_map();
    try_map_order();
    try_packing();
    try_diff();
    try_dates();
    try_json();
    try_csv();
    try_sort();
    printf("units: %u checks, %u failed\n", checks, failures);
    return failures != 0;
}
