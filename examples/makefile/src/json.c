#include "json.h"

#include <stdlib.h>
#include <string.h>

/* Deep enough for any data a person wrote, shallow enough for any stack. */
enum { DEPTH_MAX = 200 };

struct reader {
    const char *bytes;
    size_t length;
    size_t at;
    unsigned depth;
    struct fault *fault;
};

static struct value *read_value(struct reader *reader);

static int peek(const struct reader *reader)
{
    return reader->at < reader->length ? (unsigned char)reader->bytes[reader->at] : -1;
}

static void skip_blanks(struct reader *reader)
{
    for (;;) {
        int c = peek(reader);
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return;
        reader->at++;
    }
}

static bool accept(struct reader *reader, char c)
{
    skip_blanks(reader);
    if (peek(reader) != (unsigned char)c)
        return false;
    reader->at++;
    return true;
}

static bool accept_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    if (reader->length - reader->at < length || memcmp(reader->bytes + reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool skip_digits(struct reader *reader)
{
    size_t start = reader->at;
    while (is_digit(peek(reader)))
        reader->at++;
    return reader->at > start;
}

static struct value *read_number(struct reader *reader)
{
    size_t start = reader->at;
    if (peek(reader) == '-')
        reader->at++;
    bool ok;
    if (peek(reader) == '0') {
        reader->at++;
        ok = true;
    } else {
        ok = skip_digits(reader);
    }
    if (ok && peek(reader) == '.') {
        reader->at++;
        ok = skip_digits(reader);
    }
    if (ok && (peek(reader) == 'e' || peek(reader) == 'E')) {
        reader->at++;
        if (peek(reader) == '+' || peek(reader) == '-')
            reader->at++;
        ok = skip_digits(reader);
    }
    if (!ok) {
        fault_set(reader->fault, start, "not a number");
        return NULL;
    }
    char *digits = copy_string(reader->bytes + start, reader->at - start);
    double number = strtod(digits, NULL);
    free(digits);
    if (number > 1.7e308 || number < -1.7e308) {
        fault_set(reader->fault, start, "number out of range");
        return NULL;
    }
    return value_number(number);
}

/* Four hexadecimal digits, or -1. */
static long read_hex(struct reader *reader)
{
    long unit = 0;
    for (int i = 0; i < 4; i++) {
        int c = peek(reader);
        int digit;
        if (is_digit(c))
            digit = c - '0';
        else if (c >= 'a' && c <= 'f')
            digit = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            digit = c - 'A' + 10;
        else
            return -1;
        unit = unit * 16 + digit;
        reader->at++;
    }
    return unit;
}

static bool read_unicode_escape(struct reader *reader, struct text *out)
{
    long unit = read_hex(reader);
    if (unit < 0)
        return false;
    unsigned long code_point = (unsigned long)unit;
    if (unit >= 0xd800 && unit < 0xdc00) {
        if (!accept_word(reader, "\\u"))
            return false;
        long low = read_hex(reader);
        if (low < 0xdc00 || low > 0xdfff)
            return false;
        code_point = 0x10000 + (((unsigned long)unit - 0xd800) << 10) + ((unsigned long)low - 0xdc00);
    } else if (unit >= 0xdc00 && unit < 0xe000) {
        return false;
    }
    text_add_code_point(out, code_point);
    return true;
}

static bool read_escape(struct reader *reader, struct text *out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    int c = peek(reader);
    if (c < 0)
        return false;
    reader->at++;
    if (c == 'u')
        return read_unicode_escape(reader, out);
    const char *name = c ? strchr(names, c) : NULL;
    if (!name)
        return false;
    text_add_char(out, meanings[name - names]);
    return true;
}

static bool read_string(struct reader *reader, struct text *out)
{
    size_t start = reader->at++;
    for (;;) {
        size_t run = reader->at;
        int c;
        while ((c = peek(reader)) >= 0x20 && c != '"' && c != '\\')
            reader->at++;
        text_add(out, reader->bytes + run, reader->at - run);
        if (c == '"') {
            reader->at++;
            return true;
        }
        if (c != '\\') {
            fault_set(reader->fault, c < 0 ? start : reader->at, c < 0 ? "string has no end" : "control character in string");
            return false;
        }
        size_t escape = reader->at++;
        if (!read_escape(reader, out)) {
            fault_set(reader->fault, escape, "unknown escape");
            return false;
        }
    }
}

static struct value *read_string_value(struct reader *reader)
{
    struct text content;
    text_init(&content);
    struct value *value = NULL;
    if (read_string(reader, &content))
        value = value_string(content.bytes, content.length);
    text_free(&content);
    return value;
}

static struct value *read_list(struct reader *reader)
{
    reader->at++;
    struct value *list = value_list();
    if (accept(reader, ']'))
        return list;
    do {
        struct value *item = read_value(reader);
        if (!item)
            goto failed;
        value_list_add(list, item);
    } while (accept(reader, ','));
    if (accept(reader, ']'))
        return list;
    fault_set(reader->fault, reader->at, "expected ',' or ']'");
failed:
    value_release(list);
    return NULL;
}

static bool read_member(struct reader *reader, struct value *record)
{
    skip_blanks(reader);
    if (peek(reader) != '"') {
        fault_set(reader->fault, reader->at, "expected a name in quotes");
        return false;
    }
    struct text name;
    text_init(&name);
    bool ok = read_string(reader, &name);
    if (ok && strlen(name.bytes) != name.length) {
        fault_set(reader->fault, reader->at, "a name may not hold a NUL");
        ok = false;
    }
    if (ok && !accept(reader, ':')) {
        fault_set(reader->fault, reader->at, "expected ':'");
        ok = false;
    }
    struct value *item = ok ? read_value(reader) : NULL;
    if (item)
        value_record_set(record, name.bytes, item);
    text_free(&name);
    return item != NULL;
}

static struct value *read_record(struct reader *reader)
{
    reader->at++;
    struct value *record = value_record();
    if (accept(reader, '}'))
        return record;
    do {
        if (!read_member(reader, record))
            goto failed;
    } while (accept(reader, ','));
    if (accept(reader, '}'))
        return record;
    fault_set(reader->fault, reader->at, "expected ',' or '}'");
failed:
    value_release(record);
    return NULL;
}

static struct value *read_value(struct reader *reader)
{
    skip_blanks(reader);
    int c = peek(reader);
    if (c == '"')
        return read_string_value(reader);
    if (c == '-' || is_digit(c))
        return read_number(reader);
    if (c == '[' || c == '{') {
        if (reader->depth == DEPTH_MAX) {
            fault_set(reader->fault, reader->at, "nested too deeply");
            return NULL;
        }
        reader->depth++;
        struct value *value = c == '[' ? read_list(reader) : read_record(reader);
        reader->depth--;
        return value;
    }
    if (accept_word(reader, "true"))
        return value_bool(true);
    if (accept_word(reader, "false"))
        return value_bool(false);
    if (accept_word(reader, "null"))
        return value_nil();
    fault_set(reader->fault, reader->at, c < 0 ? "unexpected end" : "unexpected character");
    return NULL;
}

struct value *json_parse(const char *bytes, size_t length, struct fault *fault)
{
    struct reader reader = {bytes, length, 0, 0, fault};
    struct value *value = read_value(&reader);
    if (!value)
        return NULL;
    skip_blanks(&reader);
    if (reader.at < length) {
        fault_set(fault, reader.at, "something follows the value");
        value_release(value);
        return NULL;
    }
    return value;
}

static void print_string(struct text *out, const char *bytes, size_t length)
{
    text_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        switch (c) {
        case '"':
            text_add_string(out, "\\\"");
            break;
        case '\\':
            text_add_string(out, "\\\\");
            break;
        case '\n':
            text_add_string(out, "\\n");
            break;
        case '\r':
            text_add_string(out, "\\r");
            break;
        case '\t':
            text_add_string(out, "\\t");
            break;
        default:
            if (c < 0x20)
                text_addf(out, "\\u%04x", c);
            else
                text_add_char(out, (char)c);
        }
    }
    text_add_char(out, '"');
}

static void new_line(struct text *out, unsigned indent, unsigned level)
{
    if (!indent)
        return;
    text_add_char(out, '\n');
    text_add_repeated(out, ' ', (size_t)indent * level);
}

static void print_at(struct text *out, const struct value *value, unsigned indent, unsigned level);

static void print_list(struct text *out, const struct value *list, unsigned indent, unsigned level)
{
    text_add_char(out, '[');
    for (size_t i = 0; i < list->as.list.count; i++) {
        if (i)
            text_add_string(out, indent ? "," : ", ");
        new_line(out, indent, level + 1);
        print_at(out, list->as.list.items[i], indent, level + 1);
    }
    if (list->as.list.count)
        new_line(out, indent, level);
    text_add_char(out, ']');
}

static void print_record(struct text *out, const struct value *record, unsigned indent, unsigned level)
{
    text_add_char(out, '{');
    size_t cursor = 0;
    const char *name;
    void *item;
    bool first = true;
    while (map_next(record->as.record, &cursor, &name, &item)) {
        if (!first)
            text_add_string(out, indent ? "," : ", ");
        first = false;
        new_line(out, indent, level + 1);
        print_string(out, name, strlen(name));
        text_add_string(out, ": ");
        print_at(out, item, indent, level + 1);
    }
    if (!first)
        new_line(out, indent, level);
    text_add_char(out, '}');
}

static void print_at(struct text *out, const struct value *value, unsigned indent, unsigned level)
{
    switch (value->kind) {
    case VALUE_NIL:
        text_add_string(out, "null");
        break;
    case VALUE_BOOL:
        text_add_string(out, value->as.truth ? "true" : "false");
        break;
    case VALUE_NUMBER:
        number_print(out, value->as.number);
        break;
    case VALUE_STRING:
        print_string(out, value->as.string.bytes, value->as.string.length);
        break;
    case VALUE_LIST:
        print_list(out, value, indent, level);
        break;
    case VALUE_RECORD:
        print_record(out, value, indent, level);
        break;
    }
}

void json_print(struct text *out, const struct value *value, unsigned indent)
{
    print_at(out, value, indent, 0);
}
