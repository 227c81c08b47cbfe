#include "csv.h"
#include "diff.h"
#include "json.h"
#include "lz.h"
#include "table.h"
#include "template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Exit codes: 0 all went well, 1 the input is wrong (or, for diff, the files differ), 2 the command line is wrong. */
enum { DONE = 0, WRONG_INPUT = 1, WRONG_USAGE = 2 };

static const char usage[] =
    "usage: logbook calc [FILE]                evaluate every line\n"
    "       logbook json [-c] [FILE]           check and print JSON (-c: on one line)\n"
    "       logbook convert csv|json [FILE]    CSV to JSON or JSON to CSV, by what the input is\n"
    "       logbook query [-w EXPR] [-g COLUMN] [-a NAME=EXPR]... [-s EXPR] [-r]\n"
    "                     [-c COLUMNS] [-o table|csv|json] [FILE]\n"
    "       logbook render TEMPLATE [FILE]     the data are in the variable `data`\n"
    "       logbook diff [-u LINES] BEFORE AFTER\n"
    "       logbook pack | unpack INPUT OUTPUT\n"
    "FILE is CSV or JSON; without one, or with -, standard input is read.\n";

static int wrong_usage(void)
{
    fputs(usage, stderr);
    return WRONG_USAGE;
}

static int complain(const char *file, const char *where, const struct fault *fault)
{
    fprintf(stderr, "logbook: %s: %s %zu: %s\n", file, where, fault->at, fault->message);
    return WRONG_INPUT;
}

static bool load(struct text *text, const char *path)
{
    text_init(text);
    if (text_read_file(text, path))
        return true;
    fprintf(stderr, "logbook: cannot read %s\n", path);
    text_free(text);
    return false;
}

static int finish(struct text *out)
{
    bool ok = text_write_file(out, "-");
    text_free(out);
    return ok ? DONE : WRONG_INPUT;
}

/* What starts with a bracket is JSON. NULL after a message. */
static struct value *load_data(const char *path)
{
    struct text text;
    struct fault fault;
    fault_clear(&fault);
    if (!load(&text, path))
        return NULL;
    size_t start = strspn(text.bytes, " \t\r\n");
    bool json = text.bytes[start] == '[' || text.bytes[start] == '{';
    struct value *data = json ? json_parse(text.bytes, text.length, &fault) : csv_parse(text.bytes, text.length, &fault);
    if (!data)
        complain(path, json ? "byte" : "line", &fault);
    text_free(&text);
    return data;
}

static int calc_line(struct text *out, const char *line, size_t length, struct scope *scope)
{
    struct fault fault;
    fault_clear(&fault);
    struct value *value = evaluate_source(line, length, scope, &fault);
    if (fault.set) {
        text_addf(out, "error at %zu: %s\n", fault.at + 1, fault.message);
        return WRONG_INPUT;
    }
    if (value && value->kind != VALUE_NIL) {
        if (value->kind == VALUE_STRING)
            value_print(out, value);
        else
            json_print(out, value, 0);
        text_add_char(out, '\n');
    }
    value_release(value);
    return DONE;
}

static int run_calc(int count, char **arguments)
{
    struct text input, out;
    if (count > 1)
        return wrong_usage();
    if (!load(&input, count ? arguments[0] : "-"))
        return WRONG_INPUT;
    text_init(&out);
    struct scope scope;
    scope_init(&scope, NULL);
    int result = DONE;
    for (size_t at = 0; at < input.length;) {
        const char *end = memchr(input.bytes + at, '\n', input.length - at);
        size_t length = end ? (size_t)(end - input.bytes) - at : input.length - at;
        if (calc_line(&out, input.bytes + at, length, &scope) != DONE)
            result = WRONG_INPUT;
        at += length + 1;
    }
    scope_free(&scope);
    text_free(&input);
    int written = finish(&out);
    return result ? result : written;
}

static int run_json(int count, char **arguments)
{
    unsigned indent = 2;
    if (count && strcmp(arguments[0], "-c") == 0) {
        indent = 0;
        count--, arguments++;
    }
    if (count > 1)
        return wrong_usage();
    const char *path = count ? arguments[0] : "-";
    struct text input, out;
    struct fault fault;
    fault_clear(&fault);
    if (!load(&input, path))
        return WRONG_INPUT;
    struct value *value = json_parse(input.bytes, input.length, &fault);
    text_free(&input);
    if (!value)
        return complain(path, "byte", &fault);
    text_init(&out);
    json_print(&out, value, indent);
    text_add_char(&out, '\n');
    value_release(value);
    return finish(&out);
}

static bool print_rows(struct text *out, const struct value *rows, const char *format)
{
    if (strcmp(format, "json") == 0) {
        json_print(out, rows, 2);
        text_add_char(out, '\n');
    } else if (rows->kind != VALUE_LIST) {
        return false;
    } else if (strcmp(format, "csv") == 0) {
        csv_print(out, rows);
    } else {
        table_print(out, rows);
    }
    return true;
}

static int run_convert(int count, char **arguments)
{
    if (count < 1 || count > 2 || (strcmp(arguments[0], "csv") != 0 && strcmp(arguments[0], "json") != 0))
        return wrong_usage();
    const char *path = count > 1 ? arguments[1] : "-";
    struct value *data = load_data(path);
    if (!data)
        return WRONG_INPUT;
    struct text out;
    text_init(&out);
    bool ok = print_rows(&out, data, arguments[0]);
    value_release(data);
    if (!ok) {
        fprintf(stderr, "logbook: %s: only a list of records can be written as CSV\n", path);
        text_free(&out);
        return WRONG_INPUT;
    }
    return finish(&out);
}

/* False when the option needs a value that is not there, or is none of query's. */
static bool take_option(struct query *query, const char **format, char option, const char *value)
{
    switch (option) {
    case 'w':
        query->where = value;
        return true;
    case 'g':
        query->group = value;
        return true;
    case 's':
        query->sort = value;
        return true;
    case 'c':
        query->columns = value;
        return true;
    case 'a':
        if (query->calculation_count == CALCULATIONS_MAX)
            return false;
        query->calculations[query->calculation_count++] = value;
        return true;
    case 'o':
        *format = value;
        return strcmp(value, "table") == 0 || strcmp(value, "csv") == 0 || strcmp(value, "json") == 0;
    default:
        return false;
    }
}

static int run_query(int count, char **arguments)
{
    struct query query = {.where = NULL};
    const char *format = "table";
    int at = 0;
    for (; at < count && arguments[at][0] == '-' && arguments[at][1] && !arguments[at][2]; at++) {
        if (arguments[at][1] == 'r') {
            query.descending = true;
            continue;
        }
        if (at + 1 == count || !take_option(&query, &format, arguments[at][1], arguments[at + 1]))
            return wrong_usage();
        at++;
    }
    if (count - at > 1)
        return wrong_usage();
    const char *path = at < count ? arguments[at] : "-";
    struct value *data = load_data(path);
    if (!data)
        return WRONG_INPUT;
    struct fault fault;
    fault_clear(&fault);
    struct value *rows = table_query(data, &query, &fault);
    value_release(data);
    if (!rows) {
        fprintf(stderr, "logbook: query: %s\n", fault.message);
        return WRONG_INPUT;
    }
    struct text out;
    text_init(&out);
    print_rows(&out, rows, format);
    value_release(rows);
    return finish(&out);
}

static int run_render(int count, char **arguments)
{
    if (count < 1 || count > 2)
        return wrong_usage();
    struct text source, out;
    struct fault fault;
    fault_clear(&fault);
    struct value *data = load_data(count > 1 ? arguments[1] : "-");
    if (!data)
        return WRONG_INPUT;
    struct scope scope;
    scope_init(&scope, NULL);
    scope_set(&scope, "data", data);
    int result = WRONG_INPUT;
    if (load(&source, arguments[0])) {
        text_init(&out);
        if (template_render(&out, source.bytes, source.length, &scope, &fault)) {
            result = finish(&out);
        } else {
            result = complain(arguments[0], "line", &fault);
            text_free(&out);
        }
        text_free(&source);
    }
    scope_free(&scope);
    return result;
}

static int run_diff(int count, char **arguments)
{
    size_t context = 3;
    if (count == 4 && strcmp(arguments[0], "-u") == 0) {
        char *end;
        unsigned long lines = strtoul(arguments[1], &end, 10);
        if (*end || end == arguments[1] || lines > 1000000)
            return wrong_usage();
        context = lines;
        count -= 2, arguments += 2;
    }
    struct text before, after, out;
    if (count != 2)
        return wrong_usage();
    if (!load(&before, arguments[0]))
        return WRONG_USAGE;
    if (!load(&after, arguments[1])) {
        text_free(&before);
        return WRONG_USAGE;
    }
    struct diff diff;
    diff_make(&diff, &before, &after);
    text_init(&out);
    if (diff.changes) {
        text_addf(&out, "--- %s\n+++ %s\n", arguments[0], arguments[1]);
        diff_print(&out, &diff, context);
    }
    int result = diff.changes ? WRONG_INPUT : DONE;
    diff_free(&diff);
    text_free(&before);
    text_free(&after);
    return finish(&out) == DONE ? result : WRONG_USAGE;
}

static int run_packing(int count, char **arguments, bool unpack)
{
    struct text input, out;
    struct fault fault;
    fault_clear(&fault);
    if (count != 2)
        return wrong_usage();
    if (!load(&input, arguments[0]))
        return WRONG_INPUT;
    text_init(&out);
    int result = DONE;
    if (!unpack)
        lz_pack(&out, input.bytes, input.length);
    else if (!lz_unpack(&out, input.bytes, input.length, &fault))
        result = complain(arguments[0], "byte", &fault);
    if (result == DONE && !text_write_file(&out, arguments[1])) {
        fprintf(stderr, "logbook: cannot write %s\n", arguments[1]);
        result = WRONG_INPUT;
    }
    text_free(&input);
    text_free(&out);
    return result;
}

static int run_pack(int count, char **arguments)
{
    return run_packing(count, arguments, false);
}

static int run_unpack(int count, char **arguments)
{
    return run_packing(count, arguments, true);
}

static int run_help(int count, char **arguments)
{
    (void)count, (void)arguments;
    fputs(usage, stdout);
    return DONE;
}

static const struct {
    const char *name;
    int (*run)(int count, char **arguments);
} commands[] = {
    {"calc", run_calc}, {"convert", run_convert}, {"diff", run_diff},     {"help", run_help},     {"json", run_json},
    {"pack", run_pack}, {"query", run_query},     {"render", run_render}, {"unpack", run_unpack},
};

int main(int argc, char **argv)
{
    if (argc < 2)
        return wrong_usage();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    return wrong_usage();
}
