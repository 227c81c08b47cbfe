#include "csv.h"

#include <stdlib.h>
#include <string.h>

struct scanner {
    const char *bytes;
    size_t length;
    size_t at;
    size_t line;
    struct fault *fault;
};

enum cell_end { CELL_NEXT, CELL_LAST, CELL_BROKEN };

static enum cell_end end_of_cell(struct scanner *scanner)
{
    if (scanner->at == scanner->length)
        return CELL_LAST;
    char c = scanner->bytes[scanner->at++];
    if (c == ',')
        return CELL_NEXT;
    if (c == '\r' && scanner->at < scanner->length && scanner->bytes[scanner->at] == '\n')
        scanner->at++;
    scanner->line++;
    return CELL_LAST;
}

static enum cell_end read_quoted(struct scanner *scanner, struct text *cell)
{
    size_t first_line = scanner->line;
    scanner->at++;
    for (;;) {
        if (scanner->at == scanner->length) {
            fault_set(scanner->fault, first_line, "quote has no end");
            return CELL_BROKEN;
        }
        char c = scanner->bytes[scanner->at++];
        if (c == '"') {
            if (scanner->at == scanner->length || scanner->bytes[scanner->at] != '"')
                break;
            scanner->at++;
        }
        scanner->line += c == '\n';
        text_add_char(cell, c);
    }
    if (scanner->at < scanner->length && !strchr(",\r\n", scanner->bytes[scanner->at])) {
        fault_set(scanner->fault, scanner->line, "text after the closing quote");
        return CELL_BROKEN;
    }
    return end_of_cell(scanner);
}

static enum cell_end read_bare(struct scanner *scanner, struct text *cell)
{
    size_t start = scanner->at;
    while (scanner->at < scanner->length && !strchr(",\r\n", scanner->bytes[scanner->at]))
        scanner->at++;
    text_add(cell, scanner->bytes + start, scanner->at - start);
    return end_of_cell(scanner);
}

/* Only plain decimals: codes such as 007, 1e5 and 0x10 are names in most logs and stay strings. */
static bool looks_like_number(const char *cell)
{
    if (*cell == '-')
        cell++;
    if (*cell == '0' && cell[1] >= '0' && cell[1] <= '9')
        return false;
    size_t digits = strspn(cell, "0123456789");
    if (!digits || digits > 15)
        return false;
    cell += digits;
    if (*cell == '.') {
        digits = strspn(cell + 1, "0123456789");
        if (!digits)
            return false;
        cell += 1 + digits;
    }
    return *cell == '\0';
}

static struct value *cell_value(const struct text *cell, bool quoted)
{
    if (quoted)
        return value_string(cell->bytes, cell->length);
    if (!cell->length)
        return value_nil();
    if (strlen(cell->bytes) == cell->length && looks_like_number(cell->bytes))
        return value_number(strtod(cell->bytes, NULL));
    return value_string(cell->bytes, cell->length);
}

/* One line as a list; NULL when it is broken. `plain`: every cell is a string. */
static struct value *read_line(struct scanner *scanner, bool plain)
{
    struct value *cells = value_list();
    struct text cell;
    text_init(&cell);
    enum cell_end end;
    do {
        text_clear(&cell);
        bool quoted = scanner->at < scanner->length && scanner->bytes[scanner->at] == '"';
        end = quoted ? read_quoted(scanner, &cell) : read_bare(scanner, &cell);
        if (end != CELL_BROKEN)
            value_list_add(cells, cell_value(&cell, quoted || plain));
    } while (end == CELL_NEXT);
    text_free(&cell);
    if (end == CELL_BROKEN) {
        value_release(cells);
        return NULL;
    }
    return cells;
}

static bool is_empty_line(const struct value *cells)
{
    return cells->as.list.count == 1 && cells->as.list.items[0]->kind == VALUE_NIL;
}

static struct value *row_record(const struct value *names, const struct value *cells)
{
    struct value *record = value_record();
    for (size_t i = 0; i < names->as.list.count; i++)
        value_record_set(record, names->as.list.items[i]->as.string.bytes, value_share(cells->as.list.items[i]));
    return record;
}

struct value *csv_parse(const char *bytes, size_t length, struct fault *fault)
{
    struct scanner scanner = {bytes, length, 0, 1, fault};
    struct value *rows = value_list();
    struct value *names = read_line(&scanner, true);
    while (names && scanner.at < length) {
        size_t line = scanner.line;
        struct value *cells = read_line(&scanner, false);
        if (!cells)
            break;
        size_t width = cells->as.list.count;
        if (width == names->as.list.count && !is_empty_line(cells))
            value_list_add(rows, row_record(names, cells));
        else if (!is_empty_line(cells))
            fault_set(fault, line, "%zu cells where the first line has %zu", width, names->as.list.count);
        value_release(cells);
        if (fault->set)
            break;
    }
    value_release(names);
    if (fault->set) {
        value_release(rows);
        return NULL;
    }
    return rows;
}

struct value *csv_columns(const struct value *rows)
{
    struct value *columns = value_list();
    struct map *seen = map_new(NULL);
    for (size_t i = 0; i < rows->as.list.count; i++) {
        if (rows->as.list.items[i]->kind != VALUE_RECORD)
            continue;
        size_t cursor = 0;
        const char *name;
        void *item;
        while (map_next(rows->as.list.items[i]->as.record, &cursor, &name, &item)) {
            if (map_get(seen, name))
                continue;
            struct value *column = value_string(name, strlen(name));
            map_set(seen, name, column);
            value_list_add(columns, column);
        }
    }
    map_free(seen);
    return columns;
}

/* A string that would be read back as a number or as nothing needs its quotes. */
static void print_cell(struct text *out, const struct value *value)
{
    struct text plain;
    text_init(&plain);
    value_print(&plain, value);
    bool quoted = plain.length && memchr(plain.bytes, '"', plain.length);
    quoted = quoted || strcspn(plain.bytes, ",\r\n") < plain.length;
    if (value->kind == VALUE_STRING)
        quoted = quoted || !plain.length || looks_like_number(plain.bytes);
    if (!quoted) {
        text_add(out, plain.bytes, plain.length);
    } else {
        text_add_char(out, '"');
        for (size_t i = 0; i < plain.length; i++) {
            if (plain.bytes[i] == '"')
                text_add_char(out, '"');
            text_add_char(out, plain.bytes[i]);
        }
        text_add_char(out, '"');
    }
    text_free(&plain);
}

void csv_print(struct text *out, const struct value *rows)
{
    struct value *columns = csv_columns(rows);
    size_t width = columns->as.list.count;
    for (size_t i = 0; i < width; i++) {
        print_cell(out, columns->as.list.items[i]);
        text_add_char(out, i + 1 < width ? ',' : '\n');
    }
    for (size_t row = 0; row < rows->as.list.count; row++) {
        const struct value *record = rows->as.list.items[row];
        if (record->kind != VALUE_RECORD)
            continue;
        for (size_t i = 0; i < width; i++) {
            const struct value *item = value_field(record, columns->as.list.items[i]->as.string.bytes);
            if (item)
                print_cell(out, item);
            text_add_char(out, i + 1 < width ? ',' : '\n');
        }
    }
    value_release(columns);
}
