/* strcmp against hand-written comparisons: empty strings, prefixes, bytes above 127, constants on either side, results used as
 * a value, a truth value or an order; sorting and searching a table of words by it. */
#include "certify.h"

static NOINLINE int compare_loop(const char *a, const char *b) {
    const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
    while (*x && *x == *y) {
        x++;
        y++;
    }
    return *x - *y;
}

static int compare_bounded(const char *a, const char *b, unsigned limit) {
    for (unsigned i = 0; i < limit; i++) {
        unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];
        if (x != y)
            return x < y ? -1 : 1;
        if (!x)
            break;
    }
    return 0;
}

static int equal_loop(const char *a, const char *b) {
    for (;; a++, b++) {
        if (*a != *b)
            return 0;
        if (*a == 0)
            return 1;
    }
}

static int has_prefix(const char *word, const char *prefix) {
    while (*prefix)
        if (*word++ != *prefix++)
            return 0;
    return 1;
}

static int sign(int value) { return (value > 0) - (value < 0); }

static int keyword(const char *word) {
    if (__builtin_strcmp(word, "if") == 0)
        return 1;
    if (!__builtin_strcmp(word, "else"))
        return 2;
    if (__builtin_strcmp("", word) == 0)
        return 3;
    if (__builtin_strcmp(word, "x") == 0 || __builtin_strcmp("y", word) == 0)
        return 4 + (word[0] == 'y');
    return __builtin_strcmp(word, "m") < 0 ? -1 : -2;
}

static int keyword_by_loop(const char *word) {
    static const char *const known[] = {"if", "else", "", "x", "y"};
    for (int i = 0; i < 5; i++)
        if (equal_loop(word, known[i]))
            return i + 1;
    return compare_loop(word, "m") < 0 ? -1 : -2;
}

static void sort(const char **words, int n) {
    for (int i = 1; i < n; i++) {
        const char *word = words[i];
        int k = i;
        for (; k > 0 && __builtin_strcmp(words[k - 1], word) > 0; k--)
            words[k] = words[k - 1];
        words[k] = word;
    }
}

static int search(const char *const *words, int n, const char *word) {
    int low = 0, high = n - 1;
    while (low <= high) {
        int middle = (low + high) / 2, order = __builtin_strcmp(word, words[middle]);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return -1 - low;
}

/* The characters change between two comparisons of the same pointers. */
static int changing(char *a, const char *b) {
    int first = __builtin_strcmp(a, b) == 0;
    char kept = a[1];
    a[1] = (char)(b[1] + 1);
    int second = __builtin_strcmp(a, b) > 0;
    a[1] = kept;
    int third = __builtin_strcmp(a, b) == 0;
    a[0] = 0;
    return first * 1000 + second * 100 + third * 10 + (__builtin_strcmp(a, b) < 0);
}

PROGRAM(memory_string_order) {
    static const char *const table[] = {"else", "if", "", "a", "ab", "abc", "abd", "b", "a\200", "a\377", "x", "elsewhere",
                                        "y", "iff", "m", "zoo", "ab ", "\177"};
    enum { COUNT = sizeof table / sizeof *table };
    const char *words[COUNT];
    for (int i = 0; i < COUNT; i++) {
        words[i] = opaque_pointer(table[i]);
        for (int k = 0; k < COUNT; k++) {
            int order = sign(compare_loop(table[i], table[k]));
            CHECK(sign(__builtin_strcmp(words[i], table[k])) == order && (__builtin_strcmp(table[k], words[i]) > 0) == (order < 0));
            CHECK(equal_loop(table[i], words[i]) && equal_loop(words[i], table[k]) == (order == 0) && (order == 0) == (i == k));
            CHECK(compare_bounded(table[i], table[k], 100) == order);
            if (has_prefix(table[i], table[k]))
                CHECK(order >= 0 && compare_bounded(words[i], table[k], (unsigned)__builtin_strlen(table[k])) == 0);
        }
        CHECK(keyword(words[i]) == keyword_by_loop(table[i]));
    }
    CHECK(keyword("if") == 1 && keyword("y") == 5 && keyword("") == 3 && keyword("lamp") == -1 && keyword("night") == -2);
    sort(words, opaque_int(COUNT));
    for (int i = 0; i + 1 < COUNT; i++)
        CHECK(compare_loop(words[i], words[i + 1]) < 0);
    for (int i = 0; i < COUNT; i++) {
        int found = search(words, COUNT, table[i]);
        CHECK(found >= 0 && words[found] == table[i]);
    }
    CHECK(search(words, COUNT, "aaa") == -3 && search(words, opaque_int(COUNT), "zz") == -1 - 17 && search(words, 0, "a") == -1);
    CHECK(words[0][0] == 0 && equal_loop(words[COUNT - 1], "\177") && equal_loop(words[6], "a\200"));
    CHECK(compare_bounded("abcx", "abcy", opaque_unsigned(3)) == 0 && compare_bounded("abcx", "abcy", 4) == -1);
    char text[] = "cat";
    CHECK(changing(text, opaque_pointer("cat")) == 1111 && text[0] == 0 && text[1] == 'a');
}
