/* va_copy, lists handed to other functions by value and by address: a formatter that measures first and then writes. */
#include "certify.h"
#include <stdarg.h>

struct sink {
    char *text;
    unsigned used, limit;
};

static void put(struct sink *sink, char letter) {
    if (sink->used < sink->limit)
        sink->text[sink->used] = letter;
    sink->used++;
}

static void put_number(struct sink *sink, uint64_t value, unsigned base, unsigned width) {
    char digits[24];
    unsigned count = 0;
    do
        digits[count++] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    for (; width > count; width--)
        put(sink, '0');
    while (count)
        put(sink, digits[--count]);
}

/* Takes the list by address: the caller goes on behind what was read here. */
static NOINLINE int64_t next_signed(va_list *arguments, char size) {
    if (size == 'w')
        return va_arg(*arguments, int64_t);
    if (size == 'h')
        return (int16_t)va_arg(*arguments, int);
    return va_arg(*arguments, int);
}

static NOINLINE unsigned format_list(struct sink *sink, const char *pattern, va_list given) {
    va_list arguments;
    va_copy(arguments, given);
    for (char size = 0; *pattern; pattern++) {
        if (*pattern == 'w' || *pattern == 'h') {
            size = *pattern;
            continue;
        }
        if (*pattern == 'd') {
            int64_t value = next_signed(&arguments, size);
            if (value < 0)
                put(sink, '-');
            put_number(sink, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, 0);
        } else if (*pattern == 'x') {
            put_number(sink, (uint64_t)next_signed(&arguments, size) & (size == 'w' ? UINT64_MAX : 0xffffffffu), 16, 4);
        } else if (*pattern == 's') {
            for (const char *text = va_arg(arguments, const char *); *text; text++)
                put(sink, *text);
        } else if (*pattern == 'n') {
            *va_arg(arguments, unsigned *) = sink->used;
        } else {
            put(sink, *pattern);
        }
        size = 0;
    }
    va_end(arguments);
    return sink->used;
}

/* The same list twice: once without room, once with as much as the first pass asked for. */
static NOINLINE unsigned format(char *text, unsigned room, const char *pattern, ...) {
    va_list arguments, again;
    va_start(arguments, pattern);
    va_copy(again, arguments);
    struct sink measure = {0, 0, 0};
    unsigned needed = format_list(&measure, pattern, arguments);
    if (needed < room) {
        struct sink sink = {text, 0, room};
        CHECK(format_list(&sink, pattern, again) == needed);
        text[needed] = 0;
    }
    va_end(again);
    va_end(arguments);
    return needed;
}

static NOINLINE int64_t difference_of_halves(int half, ...) {
    va_list first, second;
    int64_t sum = 0;
    va_start(first, half);
    va_copy(second, first);
    for (int i = 0; i < half; i++)
        (void)next_signed(&second, 0);
    for (int i = 0; i < half; i++)
        sum += next_signed(&first, 0) - next_signed(&second, 'h') * (i + 1);
    va_end(second);
    va_end(first);
    return sum;
}

static int same(const char *left, const char *right) {
    while (*left && *left == *right)
        left++, right++;
    return *left == *right;
}

PROGRAM(varargs_copy_and_forward) {
    unsigned checked = 0;
    char text[64] = "untouched";
    unsigned middle = 99;
    int seven = opaque_int(7);
    CHECK(format(text, 5, "d:d", seven, 100) == 5 && same(text, "untouched"));
    CHECK(format(text, 6, "d:d", seven, -10) == 5 && same(text, "7:-10"));
    CHECK(format(text, sizeof text, "[s|s|d]n!", "", "yes", -seven, &middle) == 10);
    CHECK(same(text, "[|yes|-7]!") && middle == 9);
    CHECK(format(text, sizeof text, "xn wx,hd", 255 * seven, &middle, INT64_C(0x123456789abcdef), 65535 + seven) == 22);
    CHECK(same(text, "06f9 123456789abcdef,6") && middle == 4);
    CHECK(format(text, sizeof text, "wd hd d", INT64_MIN, (int)INT16_MIN, INT_MIN) == 39);
    CHECK(same(text, "-9223372036854775808 -32768 -2147483648"));
    for (int i = -20; i < 20; i++) {
        int a = opaque_int(i * 997), b = a / 3;
        CHECK(difference_of_halves(3, a, b, a - b, b, a, 5) == a + b + (a - b) - b - 2 * (int64_t)a - 15);
        CHECK(format(text, sizeof text, "d", a) == (i == 0 ? 1u : 3u + (a < 0) + (i * i > 1) + (i * i > 100)));
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 40);
}
