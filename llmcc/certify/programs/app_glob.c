/* Glob matching with stars, question marks, classes, escapes and alternatives: an iterative matcher with one point to return
 * to and a set of states kept in bits, against a recursive matcher, over all short texts and patterns of small alphabets. */
#include "certify.h"

/* Matches one character against the element at `p`; `next` is set to behind it. */
static int one(const char *p, char c, const char **next) {
    int negative, hit = 0;
    switch (*p) {
    case '?': *next = p + 1; return c != 0;
    case '\\':
        if (p[1]) p++;
        break;
    case '[':
        negative = p[1] == '!';
        p += 1 + negative;
        do {
            char low = *p, high = low;
            if (p[1] == '-' && p[2] != ']' && p[2]) high = p[2], p += 2;
            hit |= c >= low && c <= high;
            p++;
        } while (*p && *p != ']');
        *next = *p ? p + 1 : p;
        return c != 0 && hit != negative;
    }
    *next = p + 1;
    return *p == c && c != 0;
}

static int match_recursive(const char *p, const char *text) {
    const char *next;
    if (!*p) return !*text;
    if (*p == '*') {
        if (match_recursive(p + 1, text)) return 1;
        return *text && match_recursive(p, text + 1);
    }
    return *text && one(p, *text, &next) && match_recursive(next, text + 1);
}

/* Only the last star needs to be taken back. */
static int match_iterative(const char *p, const char *text) {
    const char *star = NULL, *resume = NULL, *next;
    while (*text) {
        if (*p == '*') {
            star = ++p;
            resume = text;
        } else if (*p && one(p, *text, &next)) {
            p = next;
            text++;
        } else if (star) {
            p = star;
            text = ++resume;
        } else {
            return 0;
        }
    }
    while (*p == '*') p++;
    return !*p;
}

/* Compiled: each element has a set of characters, and a bit that says that a star comes before it. */
struct compiled {
    uint32_t accepts[128 / 32][16];
    uint32_t stars;
    int length;
};

static void compile(struct compiled *c, const char *p) {
    *c = (struct compiled){{{0}}, 0, 0};
    while (*p) {
        const char *next = p + 1;
        if (*p == '*') {
            c->stars |= 1U << c->length;
        } else {
            for (int letter = 1; letter < 128; letter++)
                if (one(p, (char)letter, &next)) c->accepts[letter / 32][c->length] |= 1U << letter % 32;
            c->length++;
        }
        p = next;
    }
}

static int match_states(const struct compiled *c, const char *text) {
    uint32_t states = 1;
    for (; *text; text++) {
        uint32_t moved = 0;
        for (uint32_t rest = states; rest; rest &= rest - 1) {
            int at = __builtin_ctz(rest);
            if (at < c->length && c->accepts[*text / 32][at] >> *text % 32 & 1) moved |= 2U << at;
        }
        states = moved | (states & c->stars);
        if (!states) return 0;
    }
    return states >> c->length & 1;
}

/* Alternatives in braces, one level of commas, nested by recursion; the first list is written out and tried. */
static int match_braces(const char *pattern, const char *text, int budget) {
    char out[40];
    int open = 0, depth = 0, close, at;
    while (pattern[open] && pattern[open] != '{') open++;
    if (!pattern[open] || budget == 0) return match_iterative(pattern, text);
    for (close = open; pattern[close]; close++) {
        depth += (pattern[close] == '{') - (pattern[close] == '}');
        if (depth == 0) break;
    }
    if (!pattern[close]) return -1;
    for (int from = open + 1; from <= close; from = at + 1) {
        int length = open;
        for (at = from, depth = 0; at < close && (depth || pattern[at] != ','); at++)
            depth += (pattern[at] == '{') - (pattern[at] == '}');
        __builtin_memcpy(out, pattern, (size_t)open);
        for (int i = from; i < at; i++) out[length++] = pattern[i];
        for (int i = close + 1; pattern[i]; i++) out[length++] = pattern[i];
        out[length] = 0;
        int result = match_braces(out, text, budget - 1);
        if (result) return result;
    }
    return 0;
}

PROGRAM(app_glob) {
    static const char *const elements[8] = {"a", "b", "*", "?", "[ab]", "[!a]", "\\*", "c"};
    static struct compiled c;
    char pattern[20], text[6];
    unsigned matches = 0;
    for (unsigned p = 0; p < 8 * 8 * 8 * 8; p += 7) {
        char *to = pattern;
        for (unsigned i = 0, rest = p; i < 4; i++, rest /= 8)
            for (const char *e = elements[rest % 8]; *e && (i < 3 || p % 2); e++) *to++ = *e;
        *to = 0;
        compile(&c, opaque_pointer(pattern));
        for (unsigned t = p % 5; t < 256 + 85; t += 23) {
            unsigned length = 0;
            for (unsigned rest = t; rest > 0 && length < 5; rest = (rest - 1) / 4)
                text[length++] = "abc*"[(rest - 1) % 4];
            text[length] = 0;
            int expected = match_recursive(pattern, text);
            CHECK(match_iterative(pattern, opaque_pointer(text)) == expected && match_states(&c, text) == expected);
            CHECK(match_braces(pattern, text, 0) == expected);
            matches += (unsigned)expected;
        }
    }
    CHECK(matches == 810);
    static const struct {
        const char *pattern, *text;
        int result;
    } fixed[] = {{"*.[ch]", "main.c", 1}, {"*.[ch]", "main.o", 0}, {"[a-fx-z0-9]?", "y!", 1}, {"[a-fx-z0-9]?", "g!", 0},
                 {"*ab*ab*b", "xabyabzabb", 1}, {"*ab*ab*c", "xabyabzabb", 0}, {"{foo,ba{r,z}}*.{c,h}", "bazaar.h", 1},
                 {"{foo,ba{r,z}}*.{c,h}", "barter.o", 0}, {"{foo,ba{r,z}}*.{c,h}", "foo.c", 1}, {"a{,b}c", "ac", 1},
                 {"a{,b}c", "abbc", 0}, {"{a,b", "a", -1}, {"[]x]", "]", 1}, {"[!]x]", "]", 0}, {"", "", 1}, {"*", "", 1},
                 {"[a-", "-", 1}, {"\\", "\\", 1}, {"x\\?", "x?", 1}, {"x\\?", "xy", 0}};
    for (unsigned i = 0; i < sizeof fixed / sizeof *fixed; i++)
        CHECK(match_braces(opaque_pointer(fixed[i].pattern), fixed[i].text, 5) == fixed[i].result);
}
