/* Lengths and scans: strlen and strchr as builtins, and loops in every usual form that do the same for bytes, halves and words,
 * bounded and unbounded, with early exits, on strings at every offset. */
#include "certify.h"

static NOINLINE unsigned length_by_index(const char *s) {
    unsigned n = 0;
    while (s[n])
        n++;
    return n;
}

static NOINLINE unsigned length_by_pointer(const char *s) {
    const char *end = s;
    while (*end++)
        ;
    return (unsigned)(end - s);
}

static NOINLINE unsigned length_down(const signed char *s) {
    const signed char *p = s - 1;
    do
        p++;
    while (*p != 0);
    return (unsigned)(p - s);
}

static unsigned length_half(const uint16_t *s) {
    unsigned n = 0;
    for (; s[n] != 0; n++)
        ;
    return n;
}

static unsigned length_word(const uint32_t *s) {
    const uint32_t *p = s;
    while (*p)
        p++;
    return (unsigned)(p - s);
}

static unsigned length_bounded(const char *s, unsigned limit) {
    unsigned n = 0;
    while (n < limit && s[n])
        n++;
    return n;
}

static const char *find(const char *s, char wanted) {
    for (;; s++) {
        if (*s == wanted)
            return s;
        if (!*s)
            return 0;
    }
}

static const char *find_last(const char *s, char wanted) {
    const char *last = 0;
    do
        if (*s == wanted)
            last = s;
    while (*s++);
    return last;
}

static const char *find_bounded(const char *s, char wanted, unsigned size) {
    while (size--)
        if (*s++ == wanted)
            return s - 1;
    return 0;
}

static unsigned count(const char *s, char wanted) {
    unsigned found = 0;
    for (const char *p = __builtin_strchr(s, wanted); p && *p; p = __builtin_strchr(p + 1, wanted))
        found++;
    return found;
}

static unsigned span(const char *s, const char *accepted) {
    unsigned n = 0;
    for (; s[n]; n++)
        if (!__builtin_strchr(accepted, s[n]))
            return n;
    return n;
}

/* The length is needed again after the last character went. */
static unsigned trim(char *s) {
    unsigned removed = 0;
    while (__builtin_strlen(s) && s[__builtin_strlen(s) - 1] == ' ') {
        s[__builtin_strlen(s) - 1] = 0;
        removed++;
    }
    return removed * 100 + (unsigned)__builtin_strlen(s);
}

static void check_string(const char *s, unsigned n) {
    uint16_t halves[24];
    uint32_t words[24];
    signed char bytes[25] = {0};
    for (unsigned i = 0; i <= n; i++) {
        halves[i] = (uint16_t)(s[i] ? s[i] << 8 : 0);
        words[i] = s[i] ? (uint32_t)1 << s[i] % 32 : 0;
        bytes[i + 1] = (signed char)s[i];
    }
    CHECK(__builtin_strlen(s) == n && length_by_index(s) == n && length_by_pointer(s) == n + 1 && length_down(bytes + 1) == n);
    CHECK(length_half(halves) == n && length_word(words) == n);
    for (unsigned limit = 0; limit < n + 3; limit += 3)
        CHECK(length_bounded(s, opaque_unsigned(limit)) == (n < limit ? n : limit));
    CHECK(find(s, 0) == s + n && find_last(s, 0) == s + n && find_bounded(s, 0, n + 1) == s + n && !find_bounded(s, 0, n));
    CHECK(__builtin_strchr(s, 0) == s + n && __builtin_strchr(s, '~') == 0 && find(s, '~') == 0 && find_last(s, '~') == 0);
    for (unsigned i = 0; i < n; i++) {
        char c = s[i];
        unsigned first = 0, last = n - 1, number = 0;
        while (s[first] != c)
            first++;
        while (s[last] != c)
            last--;
        for (unsigned k = 0; k < n; k++)
            number += s[k] == c;
        CHECK(find(s, c) == s + first && __builtin_strchr(s, c) == s + first && find_last(s, c) == s + last);
        CHECK(find_bounded(s, c, first + 1) == s + first && find_bounded(s, c, first) == 0 && count(s, c) == number);
    }
}

PROGRAM(memory_string_lengths) {
    char text[24];
    for (unsigned at = 0; at < 5; at++)
        for (unsigned n = 0; n < 18; n += 1 + n / 6) {
            for (unsigned i = 0; i < n; i++)
                text[at + i] = (char)('a' + (i * i + at) % 7);
            text[at + n] = 0;
            check_string(opaque_pointer(text + at), n);
        }
    check_string("one two", 7);
    check_string("", 0);
    CHECK(span("abcabd", "abc") == 5 && span(opaque_pointer("xyz"), "abc") == 0 && span("cab", opaque_pointer("bca")) == 3);
    CHECK(span("", "a") == 0 && span("a", "") == 0 && count("banana", 'a') == 3 && length_by_index("four") == 4);
    char padded[] = "to the end   ", blank[] = "    ";
    CHECK(trim(padded) == 310 && trim(padded) == 10 && trim(blank) == 400 && blank[0] == 0);
    CHECK(__builtin_strlen(&"ab\0cd"[opaque_unsigned(3)]) == 2 && __builtin_strlen(&"ab\0cd"[opaque_unsigned(1)]) == 1);
    CHECK(__builtin_strlen(opaque_int(1) ? "five5" : "seven77") == 5 && find("key=value", '=')[opaque_int(1)] == 'v');
}
