/* A command shell: quoting, escapes, variables, commands joined by ; && and ||, found by an unambiguous prefix in a sorted
 * table and called through it, against scripts whose output is known and words that are quoted in random ways. */
#include "certify.h"

enum { WORDS = 7, BUFFER = 160, OPEN_QUOTE = -1, TOO_MANY = -2 };

static char output[BUFFER];
static unsigned printed, calls;
static int32_t variables[26];

static void print(const char *text) {
    while (*text && printed + 1 < sizeof output) output[printed++] = *text++;
    output[printed] = 0;
}

static const char *decimal(int32_t value) {
    static char digits[12];
    char *at = digits + sizeof digits - 1;
    uint32_t rest = value < 0 ? 0 - (uint32_t)value : (uint32_t)value;
    *at = 0;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0) *--at = '-';
    return at;
}

static int32_t number(const char *text) {
    uint32_t value = 0;
    int negative = *text == '-';
    for (text += negative; *text >= '0' && *text <= '9'; text++) value = value * 10 + (uint32_t)(*text - '0');
    return (int32_t)(negative ? 0 - value : value);
}

/* Splits one command off the line into `buffer`; *at is left on what ended it. */
static int split(const char **at, char *buffer, char **words) {
    int count = 0, inside = 0;
    char quote = 0, *to = buffer;
    const char *from = *at;
    for (; *from && (quote || (*from != ';' && *from != '&' && *from != '|')); from++) {
        if (!quote && *from == ' ') {
            if (inside) *to++ = 0;
            inside = 0;
            continue;
        }
        if (!inside) {
            if (count == WORDS) return TOO_MANY;
            words[count++] = to;
            inside = 1;
        }
        if (*from == quote) {
            quote = 0;
        } else if (!quote && (*from == '\'' || *from == '"')) {
            quote = *from;
        } else if (*from == '$' && quote != '\'' && from[1] >= 'a' && from[1] <= 'z') {
            for (const char *digit = decimal(variables[*++from - 'a']); *digit; digit++) *to++ = *digit;
        } else {
            if (*from == '\\' && quote != '\'' && from[1]) from++;
            *to++ = *from;
        }
    }
    *to = 0;
    *at = from;
    return quote ? OPEN_QUOTE : count;
}

static int do_echo(int count, char **words) {
    for (int i = 1; i < count; i++) print(words[i]), print(i + 1 < count ? " " : "\n");
    return 0;
}

static int do_sum(int count, char **words) {
    uint32_t sum = 0;
    for (int i = 2; i < count; i++) sum += (uint32_t)number(words[i]);
    variables[words[1][0] - 'a'] = (int32_t)sum;
    return words[0][1] == 'u' && sum == 0;
}

static int do_test(int count, char **words) {
    int32_t a = number(words[1]), b = count == 4 ? number(words[3]) : 0;
    char relation = count == 4 ? words[2][0] : '!';
    return relation == '<' ? a >= b : relation == '>' ? a <= b : relation == '=' ? a != b : a == 0;
}

static const struct {
    const char *name;
    int (*run)(int, char **);
    int8_t least, most;
} commands[] = {{"echo", do_echo, 1, 7}, {"set", do_sum, 2, 7}, {"sum", do_sum, 2, 7}, {"test", do_test, 2, 4}};

static int has_prefix(const char *name, const char *prefix) {
    while (*prefix && *name == *prefix) name++, prefix++;
    return *prefix ? (*name > *prefix) - (*name < *prefix) : 0;
}

/* Halves the table to the first name that the prefix fits; it must not fit the next one too. */
static int look_up(const char *prefix) {
    const int total = (int)(sizeof commands / sizeof *commands);
    int low = 0, high = total;
    while (low < high) {
        int middle = (low + high) / 2;
        int below = has_prefix(commands[middle].name, prefix) < 0;
        low = below ? middle + 1 : low, high = below ? high : middle;
    }
    if (low == total || has_prefix(commands[low].name, prefix)) return -1;
    return low + 1 < total && !has_prefix(commands[low + 1].name, prefix) ? -2 : low;
}

static int run(const char *line) {
    char buffer[BUFFER], *words[WORDS];
    int status = 0;
    char joint = ';';
    for (;; line += *line == joint) {
        int count = split(&line, buffer, words);
        if (count < 0) return count - 10;
        if (count > 0 && (joint == ';' || (joint == '&') == (status == 0))) {
            int found = look_up(words[0]);
            if (found < 0)
                status = found - 20;
            else if (count < commands[found].least || count > commands[found].most)
                status = -30;
            else
                status = commands[found].run(count, words), calls++;
        }
        if (!*line) return status;
        joint = *line++;
    }
}

static int shows(const char *line, int status, const char *expected) {
    printed = 0, output[0] = 0;
    return run(opaque_pointer(line)) == status && __builtin_strcmp(output, expected) == 0;
}

PROGRAM(app_shell) {
    for (int i = 0; i < 26; i++) variables[i] = 0;
    calls = 0;
    CHECK(shows("echo one  two 'three  four' \"fi\"ve", 0, "one two three  four five\n"));
    CHECK(shows("set x 12; set y -5; sum z $x $y 100; echo $x$y\\$x '$z' \"$z;\"", 0, "12-5$x $z 107;\n"));
    CHECK(shows("test 3 < 4 && echo less || echo more", 0, "less\n") && shows("test $x = 13&&echo a||echo b;echo c", 0, "b\nc\n"));
    CHECK(shows("test 0 || te 0 || ec last", 0, "last\n") && shows("test 0 && echo no && echo no", 1, ""));
    CHECK(shows("s x", -22, "") && shows("su a 1 2;ec $a", 0, "3\n") && shows("sums", -21, "") && shows("z", -21, ""));
    CHECK(shows("set", -30, "") && shows("test 1 2 3 4", -30, "") && shows("echo 'open", -11, "") && shows("a b c d e f g h", -12, ""));
    CHECK(shows("", 0, "") && shows("; ; echo '' \"\"", 0, " \n") && shows("test $z && t", -30, "") && shows("e \\;\\\\", 0, ";\\\n"));
    CHECK(shows("set m -2147483648;sum n $m -1;e $m $n;sum k $m $m", 1, "-2147483648 2147483647\n"));
    CHECK(calls == 23);
    /* A count down, a line at a time. */
    int turns = 0;
    for (run("set i 40"); run("sum i $i -3; test $i > 0") == 0; turns++)
        CHECK(variables['i' - 'a'] == 37 - 3 * turns);
    CHECK(turns == 13 && variables['i' - 'a'] == -2);
    uint32_t state = opaque_unsigned(9);
    for (int turn = 0; turn < 60; turn++) {
        char line[BUFFER] = "echo ", expected[60], *at = line + 5, *to = expected;
        for (int i = 0; i < 14; i++) {
            state = state * 69069 + 77;
            char c = "ab $;&|'\"\\"[(state >> 8) % 10];
            int way = (state >> 20) % 3 == 0 && c != '\'' ? '\'' : (state >> 20) % 3 == 1 && c != '"' && c != '\\' && c != '$' ? '"' : '\\';
            *at++ = (char)way, *at++ = *to++ = c;
            if (way != '\\') *at++ = (char)way;
        }
        *at = 0, *to++ = '\n', *to = 0;
        CHECK(shows(line, 0, expected));
    }
}
