#include "table.h"

#include "csv.h"

#include <stdlib.h>
#include <string.h>

/* Columns of the row become variables of a fresh scope inside `outer`. */
static void open_row(struct scope *scope, struct scope *outer, struct value *row)
{
    scope_init(scope, outer);
    size_t cursor = 0;
    const char *name;
    void *item;
    while (map_next(row->as.record, &cursor, &name, &item))
        scope_set(scope, name, value_share(item));
    scope_set(scope, "row", value_share(row));
}

static struct value *evaluate_for_row(struct expr *expr, struct scope *outer, struct value *row, struct fault *fault)
{
    struct scope scope;
    open_row(&scope, outer, row);
    struct value *value = evaluate(expr, &scope, fault);
    scope_free(&scope);
    return value;
}

static struct expr *parse(const char *source, struct fault *fault)
{
    struct expr *expr = expr_parse(source, strlen(source), fault);
    if (!expr)
        fault_set(fault, 0, "expression is missing");
    return expr;
}

/* The steps below give back the list they are given, or NULL after they have released it. */
static struct value *replace_rows(struct value *old, struct value *fresh, const struct fault *fault)
{
    value_release(old);
    if (fault->set) {
        value_release(fresh);
        return NULL;
    }
    return fresh;
}

static struct value *keep_where(struct value *rows, const char *where, struct scope *outer, struct fault *fault)
{
    struct expr *expr = parse(where, fault);
    struct value *kept = value_list();
    for (size_t i = 0; expr && !fault->set && i < rows->as.list.count; i++) {
        struct value *row = rows->as.list.items[i];
        struct value *answer = evaluate_for_row(expr, outer, row, fault);
        if (answer && value_truth(answer))
            value_list_add(kept, value_share(row));
        value_release(answer);
    }
    expr_free(expr);
    return replace_rows(rows, kept, fault);
}

static void group_key(struct text *key, const struct value *item)
{
    text_clear(key);
    text_add_char(key, (char)('a' + item->kind)); /* the text "1" and the number 1 are two groups */
    value_print(key, item);
}

/* One record per value of the column, in the order of first appearance: the column, `count`, and hidden `rows`. */
static struct value *group_by(struct value *rows, const char *column, struct fault *fault)
{
    struct value *groups = value_list();
    struct map *by_key = map_new(NULL);
    struct text key;
    text_init(&key);
    for (size_t i = 0; i < rows->as.list.count; i++) {
        struct value *item = value_field(rows->as.list.items[i], column);
        if (!item) {
            fault_set(fault, 0, "no column '%s'", column);
            break;
        }
        group_key(&key, item);
        struct value *group = map_get(by_key, key.bytes);
        if (!group) {
            group = value_record();
            value_record_set(group, column, value_share(item));
            value_record_set(group, "rows", value_list());
            map_set(by_key, key.bytes, group);
            value_list_add(groups, group);
        }
        struct value *members = value_field(group, "rows");
        value_list_add(members, value_share(rows->as.list.items[i]));
        value_record_set(group, "count", value_number((double)members->as.list.count));
    }
    text_free(&key);
    map_free(by_key);
    return replace_rows(rows, groups, fault);
}

static struct value *copy_record(const struct value *record, const char *without)
{
    struct value *copy = value_record();
    size_t cursor = 0;
    const char *name;
    void *item;
    while (map_next(record->as.record, &cursor, &name, &item))
        if (!without || strcmp(name, without) != 0)
            value_record_set(copy, name, value_share(item));
    return copy;
}

static struct value *calculate(struct value *rows, const char *source, struct scope *outer, struct fault *fault)
{
    struct expr *expr = parse(source, fault);
    if (expr && expr->kind != EXPR_ASSIGN)
        fault_set(fault, expr->at, "a calculated column needs a name and '='");
    struct value *wider = value_list();
    for (size_t i = 0; !fault->set && i < rows->as.list.count; i++) {
        struct value *row = rows->as.list.items[i];
        struct value *answer = evaluate_for_row(expr, outer, row, fault);
        if (!answer)
            break;
        struct value *copy = copy_record(row, NULL);
        value_record_set(copy, expr->name, answer);
        value_list_add(wider, copy);
    }
    expr_free(expr);
    return replace_rows(rows, wider, fault);
}

static struct value *drop_column(struct value *rows, const char *name, const struct fault *fault)
{
    struct value *narrower = value_list();
    for (size_t i = 0; i < rows->as.list.count; i++)
        value_list_add(narrower, copy_record(rows->as.list.items[i], name));
    return replace_rows(rows, narrower, fault);
}

static int compare_pairs(const struct value *a, const struct value *b, void *context)
{
    int order = value_compare(a->as.list.items[0], b->as.list.items[0]);
    return *(const bool *)context ? -order : order;
}

/* Sorts pairs of key and row, so that every key is calculated once. */
static struct value *sort_by(struct value *rows, const char *source, bool descending, struct scope *outer,
                             struct fault *fault)
{
    struct expr *expr = parse(source, fault);
    struct value *pairs = value_list(), *sorted = value_list();
    for (size_t i = 0; expr && !fault->set && i < rows->as.list.count; i++) {
        struct value *key = evaluate_for_row(expr, outer, rows->as.list.items[i], fault);
        if (!key)
            break;
        struct value *pair = value_list();
        value_list_add(pair, key);
        value_list_add(pair, value_share(rows->as.list.items[i]));
        value_list_add(pairs, pair);
    }
    value_sort(pairs->as.list.items, pairs->as.list.count, compare_pairs, &descending);
    for (size_t i = 0; i < pairs->as.list.count; i++)
        value_list_add(sorted, value_share(pairs->as.list.items[i]->as.list.items[1]));
    value_release(pairs);
    expr_free(expr);
    return replace_rows(rows, sorted, fault);
}

static struct value *pick_columns(struct value *rows, const char *columns, struct fault *fault)
{
    struct value *picked = value_list();
    for (size_t i = 0; !fault->set && i < rows->as.list.count; i++) {
        struct value *record = value_record();
        for (const char *at = columns;;) {
            size_t length = strcspn(at, ",");
            char *name = copy_string(at, length);
            struct value *item = value_field(rows->as.list.items[i], name);
            if (item)
                value_record_set(record, name, value_share(item));
            else
                fault_set(fault, 0, "no column '%s'", name);
            free(name);
            if (!at[length])
                break;
            at += length + 1;
        }
        value_list_add(picked, record);
    }
    return replace_rows(rows, picked, fault);
}

static bool all_records(const struct value *rows)
{
    if (rows->kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < rows->as.list.count; i++)
        if (rows->as.list.items[i]->kind != VALUE_RECORD)
            return false;
    return true;
}

static struct value *run_steps(struct value *rows, const struct query *query, struct scope *outer, struct fault *fault)
{
    if (query->where)
        rows = keep_where(rows, query->where, outer, fault);
    if (rows && query->group)
        rows = group_by(rows, query->group, fault);
    for (size_t i = 0; rows && i < query->calculation_count; i++)
        rows = calculate(rows, query->calculations[i], outer, fault);
    if (rows && query->group)
        rows = drop_column(rows, "rows", fault);
    if (rows && query->sort)
        rows = sort_by(rows, query->sort, query->descending, outer, fault);
    if (rows && query->columns)
        rows = pick_columns(rows, query->columns, fault);
    return rows;
}

struct value *table_query(const struct value *rows, const struct query *query, struct fault *fault)
{
    if (!all_records(rows)) {
        fault_set(fault, 0, "only a list of records can be queried");
        return NULL;
    }
    struct value *copy = value_list();
    for (size_t i = 0; i < rows->as.list.count; i++)
        value_list_add(copy, value_share(rows->as.list.items[i]));
    struct scope outer;
    scope_init(&outer, NULL);
    struct value *result = run_steps(copy, query, &outer, fault);
    scope_free(&outer);
    return result;
}

static void print_padded(struct text *out, const struct value *item, size_t width, bool last)
{
    struct text cell;
    text_init(&cell);
    if (item)
        value_print(&cell, item);
    size_t have = text_width(cell.bytes, cell.length);
    size_t blanks = width > have ? width - have : 0;
    bool right = item && item->kind == VALUE_NUMBER;
    if (right)
        text_add_repeated(out, ' ', blanks);
    text_add(out, cell.bytes, cell.length);
    if (!right && !last)
        text_add_repeated(out, ' ', blanks);
    text_add_string(out, last ? "\n" : "  ");
    text_free(&cell);
}

static size_t column_width(const struct value *rows, const struct value *column)
{
    struct text cell;
    text_init(&cell);
    size_t width = text_width(column->as.string.bytes, column->as.string.length);
    for (size_t i = 0; i < rows->as.list.count; i++) {
        const struct value *item = value_field(rows->as.list.items[i], column->as.string.bytes);
        text_clear(&cell);
        if (item)
            value_print(&cell, item);
        size_t own = text_width(cell.bytes, cell.length);
        width = own > width ? own : width;
    }
    text_free(&cell);
    return width;
}

void table_print(struct text *out, const struct value *rows)
{
    struct value *columns = csv_columns(rows);
    size_t count = columns->as.list.count;
    size_t *widths = allocate(count * sizeof *widths);
    for (size_t i = 0; i < count; i++) {
        widths[i] = column_width(rows, columns->as.list.items[i]);
        print_padded(out, columns->as.list.items[i], widths[i], i + 1 == count);
    }
    for (size_t i = 0; i < count; i++) {
        text_add_repeated(out, '-', widths[i]);
        text_add_string(out, i + 1 == count ? "\n" : "  ");
    }
    for (size_t row = 0; row < rows->as.list.count; row++)
        for (size_t i = 0; i < count; i++)
            print_padded(out, value_field(rows->as.list.items[row], columns->as.list.items[i]->as.string.bytes),
                         widths[i], i + 1 == count);
    free(widths);
    value_release(columns);
}
