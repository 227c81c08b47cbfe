/* A printf-like formatter with flags, width, precision, length modifiers and truncation, over variable arguments, against
 * known strings and against a reader that takes the numbers apart again. */
#include "certify.h"

#include <stdarg.h>

struct sink {
    char *to;
    int room, length;
};
struct spec {
    unsigned left : 1, zero : 1, plus : 1, upper : 1;
    int width, precision;
};

static void put(struct sink *s, char c) {
    if (s->length + 1 < s->room) s->to[s->length] = c;
    s->length++;
}

static void pad(struct sink *s, char c, int count) {
    while (count-- > 0) put(s, c);
}

/* Digits in reverse; zeros come from the precision or else from the width. */
static void number(struct sink *s, uint64_t value, unsigned base, int negative, const struct spec *p) {
    char reversed[24], sign = negative ? '-' : p->plus ? '+' : 0;
    int digits = 0, zeros;
    for (; value || (digits == 0 && p->precision != 0); value /= base) {
        unsigned digit = (unsigned)(value % base);
        reversed[digits++] = (char)(digit < 10 ? '0' + digit : (p->upper ? 'A' : 'a') + digit - 10);
    }
    zeros = p->precision - digits;
    if (p->zero && !p->left && p->precision < 0) zeros = p->width - digits - (sign != 0);
    int blank = p->width - digits - (sign != 0) - (zeros > 0 ? zeros : 0);
    pad(s, ' ', p->left ? 0 : blank);
    pad(s, sign, sign != 0);
    pad(s, '0', zeros);
    while (digits > 0) put(s, reversed[--digits]);
    pad(s, ' ', p->left ? blank : 0);
}

static void string(struct sink *s, const char *from, const struct spec *p) {
    int length = 0;
    while ((p->precision < 0 || length < p->precision) && from[length]) length++;
    pad(s, ' ', p->left ? 0 : p->width - length);
    for (int i = 0; i < length; i++) put(s, from[i]);
    pad(s, ' ', p->left ? p->width - length : 0);
}

static const char *digits(const char *at, int *value) {
    for (*value = 0; *at >= '0' && *at <= '9'; at++) *value = *value * 10 + *at - '0';
    return at;
}

static char line[80];

static NOINLINE int format(int room, const char *at, ...) {
    struct sink s = {line, room, 0};
    va_list list;
    va_start(list, at);
    __builtin_memset(line, '~', sizeof line);
    for (; *at; at++) {
        if (*at != '%') {
            put(&s, *at);
            continue;
        }
        struct spec p = {0, 0, 0, 0, 0, -1};
        int wide = 0, narrow = 0;
        for (at++; *at == '-' || *at == '0' || *at == '+'; at++)
            *at == '-' ? (p.left = 1) : *at == '0' ? (p.zero = 1) : (p.plus = 1);
        if (*at == '*') {
            int width = va_arg(list, int);
            p.left |= width < 0;
            p.width = width < 0 ? -width : width;
            at++;
        } else {
            at = digits(at, &p.width);
        }
        if (*at == '.' && at[1] == '*')
            p.precision = va_arg(list, int), at += 2;
        else if (*at == '.')
            at = digits(at + 1, &p.precision);
        for (; *at == 'h' || *at == 'l'; at++) narrow += *at == 'h', wide += *at == 'l';
        switch (*at) {
        case 'd': {
            int64_t value = wide == 2 ? va_arg(list, long long) : wide ? va_arg(list, long) : va_arg(list, int);
            value = narrow == 2 ? (signed char)value : narrow ? (short)value : value;
            number(&s, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, value < 0, &p);
            break;
        }
        case 'X':
            p.upper = 1;
            /* fallthrough */
        case 'u': case 'x': case 'o': {
            uint64_t value = wide == 2 ? va_arg(list, unsigned long long) : wide ? va_arg(list, unsigned long) : va_arg(list, unsigned);
            value = narrow == 2 ? (unsigned char)value : narrow ? (unsigned short)value : value;
            p.plus = 0;
            number(&s, value, *at == 'u' ? 10 : *at == 'o' ? 8 : 16, 0, &p);
            break;
        }
        case 'c': {
            char letter[2] = {(char)va_arg(list, int), 0};
            p.precision = 1;
            string(&s, letter, &p);
            break;
        }
        case 's': string(&s, va_arg(list, const char *), &p); break;
        default: put(&s, *at);
        }
    }
    va_end(list);
    if (room > 0) line[s.length < room ? s.length : room - 1] = 0;
    return s.length;
}

static int is(const char *expected, int length) {
    return __builtin_strcmp(line, opaque_pointer(expected)) == 0 && line[length] == 0 && line[length + 1] == '~';
}

/* The number in the line, by Horner's rule. */
static uint64_t value_of(unsigned base) {
    uint64_t value = 0;
    for (const char *at = line; *at; at++)
        if (*at != ' ' && *at != '-' && *at != '+')
            value = value * base + (unsigned)(*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
    return line[0] == '-' ? 0 - value : value;
}

PROGRAM(app_format) {
    CHECK(is("[42|   42|42   |-0042]", format(80, "[%d|%5d|%-5d|%05d]", opaque_int(42), 42, 42, -42)));
    CHECK(is("+7 -7 007     -007|007     |", format(80, "%+d %+d %.3d %8.3d|%-8.3d|", 7, -7, 7, -7, 7)));
    CHECK(is("beef BEEF 0000beef 10 4294967295", format(80, "%x %X %08x %o %u", 48879, 48879, opaque_unsigned(48879), 8, UINT_MAX)));
    CHECK(is("127 32767 255 2345", format(80, "%hhd %hd %hhu %hx", 383, 98303, 511, 74565)));
    CHECK(is("abc|ab|   abc|abc   |x%  y", format(80, "%s|%.2s|%6s|%-6s|%c%%%3c", "abc", "abc", "abc", opaque_pointer("abc"), 'x', 'y')));
    CHECK(is("   5|5   |005|z", format(80, "%*d|%*d|%.*d|%.*s", opaque_int(4), 5, -4, 5, 3, 5, 1, "zz")));
    CHECK(is("-9223372036854775808 18446744073709551615 -1 123456789abcdef0",
             format(80, "%lld %llu %ld %llx", (long long)INT64_MIN, (unsigned long long)UINT64_MAX, -1L,
                    (unsigned long long)opaque_uint64(0x123456789abcdef0))));
    CHECK(is("()()(0)()", format(80, "(%.0d)(%.0x)(%0d)(%s)", opaque_int(0), 0, 0, "")));
    for (int room = 0; room < 12; room++) {
        CHECK(format(opaque_int(room), "%d-%s", 12345, "abc") == 9 && line[room] == '~');
        for (int i = 0; i < room; i++) CHECK(line[i] == (i > 9 ? '~' : i == room - 1 ? 0 : "12345-abc"[i]));
    }
    uint64_t value = 1;
    for (int turn = 0; turn < 60; turn++) {
        value = value * UINT64_C(6364136223846793005) + 1442695040888963407;
        uint64_t cut = value >> turn % 64;
        int width = turn % 30, precision = turn % 23, given = format(80, "%0*lld", width, (long long)opaque_uint64(cut));
        CHECK(value_of(10) == cut && given >= width && line[given] == 0);
        given = format(80, "%*.*llX", width, precision, (unsigned long long)cut);
        CHECK(value_of(16) == cut && given >= width && given >= precision);
        CHECK(format(80, "%-*llo", width, (unsigned long long)cut) >= width && value_of(8) == cut && line[0] != ' ');
        CHECK(format(80, "%+.*d", precision, (int)(cut & 0xffff) - 32768) > precision);
        CHECK((int64_t)value_of(10) == (int)(cut & 0xffff) - 32768);
    }
}
