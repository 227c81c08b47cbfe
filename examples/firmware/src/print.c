#include "print.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "memory.h"
#include "serial.h"

struct output {
    char *buffer; /* null: the serial line */
    size_t size;
    size_t length;
};

struct conversion {
    unsigned width;
    bool left;
    char fill;
};

static void put(struct output *output, char c)
{
    if (!output->buffer) {
        if (c == '\n')
            serial_write('\r');
        serial_write((uint8_t)c);
    } else if (output->length + 1 < output->size) {
        output->buffer[output->length] = c;
    }
    output->length++;
}

static void put_field(struct output *output, const struct conversion *how, const char *text, size_t length)
{
    size_t padding = how->width > length ? how->width - length : 0;
    /* A sign stands before the zeros that fill the field. */
    if (how->fill == '0' && length && *text == '-') {
        put(output, *text++);
        length--;
    }
    for (size_t i = 0; !how->left && i < padding; i++)
        put(output, how->fill);
    while (length--)
        put(output, *text++);
    for (size_t i = 0; how->left && i < padding; i++)
        put(output, ' ');
}

static void put_number(struct output *output, const struct conversion *how, uint32_t value, unsigned base, bool minus)
{
    char digits[11];
    char *first = digits + sizeof digits;
    do {
        *--first = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (minus)
        *--first = '-';
    put_field(output, how, first, (size_t)(digits + sizeof digits - first));
}

static void print_all(struct output *output, const char *format, va_list arguments)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(output, *format);
            continue;
        }
        struct conversion how = {0, false, ' '};
        for (format++; *format == '-' || *format == '0'; format++) {
            if (*format == '-')
                how.left = true;
            else
                how.fill = '0';
        }
        if (*format == '*') {
            how.width = va_arg(arguments, unsigned);
            format++;
        }
        for (; *format >= '0' && *format <= '9'; format++)
            how.width = how.width * 10 + (unsigned)(*format - '0');
        switch (*format) {
        case 'd': {
            int value = va_arg(arguments, int);
            put_number(output, &how, value < 0 ? 0u - (uint32_t)value : (uint32_t)value, 10, value < 0);
            break;
        }
        case 'u':
            put_number(output, &how, va_arg(arguments, unsigned), 10, false);
            break;
        case 'x':
            put_number(output, &how, va_arg(arguments, unsigned), 16, false);
            break;
        case 's': {
            const char *text = va_arg(arguments, const char *);
            how.fill = ' ';
            put_field(output, &how, text, strlen(text));
            break;
        }
        case 'c': {
            char c = (char)va_arg(arguments, int);
            how.fill = ' ';
            put_field(output, &how, &c, 1);
            break;
        }
        case '\0':
            return;
        default:
            put(output, *format);
        }
    }
}

void print(const char *format, ...)
{
    struct output output = {0};
    va_list arguments;
    va_start(arguments, format);
    print_all(&output, format, arguments);
    va_end(arguments);
}

size_t print_into(char *buffer, size_t size, const char *format, ...)
{
    struct output output = {buffer, size, 0};
    va_list arguments;
    va_start(arguments, format);
    print_all(&output, format, arguments);
    va_end(arguments);
    if (size)
        buffer[output.length < size ? output.length : size - 1] = '\0';
    return output.length;
}
