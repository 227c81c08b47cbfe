/* String literals in tables: equal ones, endings of others, with zeros inside, packed into one, as arrays that can be changed. */
#include "certify.h"

static const char *const names[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};
static const char *const endings[] = {"teen", "een", "n", "", "seventeen", "ten", "hen", "then", "seven"};
static const char fixed[5][6] = {"ab", "abc", "abcde", "", "b"};
static const char packed[] = "add\0sub\0mul\0shift left\0\0last";
static const uint8_t starts[] = {0, 4, 8, 12, 23, 24};
static char changing[] = "some text";
static const char binary[] = "\1\0\377\x80z\0" "1\\\"";
static const struct {
    char code[4];
    const char *meaning;
    uint16_t number;
} statuses[] = {{"OK", "all is well", 200}, {"NO", "not found", 404}, {"BAD", "bad" " " "request", 400}, {"ERR", "server\terror", 500}};
static const char *const keywords[] = {"auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else",
                                       "enum", "extern", "float", "for", "goto", "if"};
enum { KEYWORDS = sizeof keywords / sizeof *keywords };

static NOINLINE int compare(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return (*(const unsigned char *)a > *(const unsigned char *)b) - (*(const unsigned char *)a < *(const unsigned char *)b);
}

static unsigned length(const char *text) {
    unsigned n = 0;
    while (text[n])
        n++;
    return n;
}

static int keyword_index(const char *word) {
    int low = 0, high = KEYWORDS - 1;
    while (low <= high) {
        int middle = (low + high) / 2, order = compare(word, keywords[middle]);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return -1;
}

/* What a switch over the letters finds, without any table. */
static int keyword_by_letters(const char *word) {
    switch (word[0]) {
    case 'a': return compare(word + 1, "uto") ? -1 : 0;
    case 'b': return compare(word + 1, "reak") ? -1 : 1;
    case 'c': return !compare(word, "case") ? 2 : !compare(word, "char") ? 3 : !compare(word, "const") ? 4 : !compare(word, "continue") ? 5 : -1;
    case 'd': return !compare(word, "default") ? 6 : !compare(word, "do") ? 7 : !compare(word, "double") ? 8 : -1;
    case 'e': return !compare(word + 1, "lse") ? 9 : !compare(word + 1, "num") ? 10 : !compare(word + 1, "xtern") ? 11 : -1;
    case 'f': return !compare(word + 1, "loat") ? 12 : !compare(word + 1, "or") ? 13 : -1;
    case 'g': return compare(word, "goto") ? -1 : 14;
    case 'i': return word[1] == 'f' && word[2] == 0 ? 15 : -1;
    }
    return -1;
}

static const char *status_of(int number) {
    switch (number) {
    case 200: return "all is well";
    case 400: return "bad request";
    case 404: return "not found";
    case 500: return "server\terror";
    default: return "unknown";
    }
}

/* The number in words, put together from the table and from endings. */
static unsigned spell(char *out, unsigned number) {
    static const char *const irregular[] = {"eleven", "twelve", "thir", "four", "fif", "six", "seven", "eigh", "nine"};
    const char *parts[2] = {number <= 10 ? names[number] : irregular[number - 11], number > 12 ? endings[0] : ""};
    unsigned used = 0;
    for (int part = 0; part < 2; part++)
        for (const char *from = parts[part]; *from; from++)
            out[used++] = *from;
    out[used] = 0;
    return used;
}

PROGRAM(static_string_tables) {
    unsigned checked = 0;
    static const uint8_t lengths[] = {4, 3, 3, 5, 4, 4, 3, 5, 5, 4, 3, 6, 6, 8, 8, 7, 7, 9, 8, 8};
    char word[12];
    for (unsigned i = 0; i < 20; i++) {
        CHECK(spell(word, opaque_unsigned(i)) == lengths[i] && length(word) == lengths[i]);
        CHECK(i > 10 || compare(word, names[i]) == 0);
        CHECK(i != 17 || compare(word, endings[opaque_int(4)]) == 0);
        checked++;
    }
    for (int i = 0; i < 4; i++)
        CHECK(compare(endings[opaque_int(4)] + (i == 0 ? 5 : i == 1 ? 6 : i == 2 ? 8 : 9), endings[i]) == 0);
    CHECK(compare(endings[6], endings[opaque_int(7)] + 1) == 0 && compare(endings[5], names[10]) == 0 && compare(endings[8], names[7]) == 0);
    CHECK(compare(names[opaque_int(3)], names[2]) < 0 && compare("then", endings[6]) > 0 && compare("", "\200") < 0);

    for (int i = 0; i < 5; i++) {
        static const uint8_t wanted[5] = {2, 3, 5, 0, 1};
        CHECK(length(fixed[opaque_int(i)]) == wanted[i] && fixed[i][5] == 0);
        CHECK(fixed[i][opaque_int(1)] == (i < 3 ? 'b' : 0));
        checked++;
    }
    CHECK(sizeof packed == 29 && sizeof starts == 6);
    for (unsigned i = 1, at = 0; i < 6; i++) {
        at += length(packed + at) + 1;
        CHECK(at == starts[opaque_unsigned(i)]);
        checked++;
    }
    CHECK(compare(packed + starts[opaque_int(3)], "shift left") == 0 && packed[starts[4]] == 0 && compare(packed + starts[5], "last") == 0);

    CHECK(sizeof binary == 10 && binary[opaque_int(0)] == 1 && binary[1] == 0 && (unsigned char)binary[opaque_int(2)] == 255);
    CHECK((unsigned char)binary[3] == 128 && binary[4] == 'z' && binary[opaque_int(5)] == 0 && binary[6] == '1' && binary[8] == '"');
    for (unsigned i = 0; i < 4; i++) {
        CHECK(compare(status_of(statuses[opaque_unsigned(i)].number), statuses[i].meaning) == 0);
        CHECK(compare(status_of(opaque_int(statuses[i].number + 1)), "unknown") == 0);
        CHECK(length(statuses[opaque_unsigned(i)].code) == (i < 2 ? 2 : 3));
        checked++;
    }
    for (int i = 0; i < KEYWORDS; i++) {
        const char *keyword = opaque_pointer(keywords[i]);
        CHECK(keyword_index(keyword) == i && keyword_by_letters(keyword) == i);
        unsigned n = length(keyword);
        for (unsigned j = 0; j <= n; j++)
            word[j] = keyword[j];
        word[n - 1]++;
        CHECK(keyword_index(word) == keyword_by_letters(word) && keyword_index(word) == -1);
        word[n - 1] = 0;
        CHECK(keyword_index(word) == keyword_by_letters(word));
        checked++;
    }
    for (int round = 0; round < 2; round++) {
        CHECK(compare(changing, "some text") == 0 && sizeof changing == 10);
        changing[opaque_int(4)] = '-';
        changing[0] = (char)(changing[0] - 'a' + 'A');
        CHECK(compare(changing, "Some-text") == 0 && compare(changing + 5, "text") == 0);
        changing[opaque_int(0)] = 's';
        changing[4] = ' ';
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 52);
}
