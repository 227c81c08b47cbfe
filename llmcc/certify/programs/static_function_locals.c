/* Function-local statics: one of the same name in several functions and blocks, in equal functions, in recursion, by address. */
#include "certify.h"

/* Three functions of one text, with a state of their own each. */
static unsigned next_red(void) {
    static unsigned state = 1;
    state = state * 69069 + 5;
    return state >> 8;
}
static unsigned next_green(void) {
    static unsigned state = 1;
    state = state * 69069 + 5;
    return state >> 8;
}
static NOINLINE unsigned next_blue(void) {
    static unsigned state = 1;
    state = state * 69069 + 5;
    return state >> 8;
}

/* The same names in two blocks and at the level of the function. */
static NOINLINE int three_of_a_name(int which, int by) {
    static int total = 100;
    if (which == 1) {
        static int total = 1000;
        total += by;
        return total;
    }
    if (which == 2) {
        static int8_t total = 10;
        total = (int8_t)(total + by);
        return total;
    }
    total += by;
    return total;
}

static uint64_t remembered(unsigned n, unsigned *computed) {
    static uint64_t known[60];
    if (n < 2)
        return n;
    if (known[n] == 0) {
        known[n] = remembered(n - 1, computed) + remembered(n - 2, computed);
        ++*computed;
    }
    return known[n];
}

/* Depth and greatest depth are shared by all activations, own is not. */
static NOINLINE int nesting(const char **text) {
    static int depth, deepest;
    int own = 0;
    if (depth == 0)
        deepest = 0;
    if (++depth > deepest)
        deepest = depth;
    while (**text) {
        char letter = *(*text)++;
        if (letter == '(')
            own += nesting(text);
        else if (letter == ')')
            break;
        else
            own++;
    }
    depth--;
    return depth == 0 ? deepest * 100 + own : own * 2;
}

/* Gives its buffer away: what is there stays until the next call but three. */
static NOINLINE char *decimal(unsigned number) {
    static char buffers[3][12];
    static uint8_t next;
    char *end = buffers[next] + 11;
    next = (uint8_t)((next + 1) % 3);
    *end = 0;
    do
        *--end = (char)('0' + number % 10);
    while (number /= 10);
    return end;
}

/* Set up by the first call, whatever later calls ask for. */
static NOINLINE int limited(int value, int limit) {
    static int ready, kept;
    if (!ready) {
        ready = 1;
        kept = limit;
    }
    return value > kept ? kept : value;
}

/* A filter with memory; the coefficients are static as well, but never change. */
static NOINLINE int smooth(int input) {
    static const int8_t weights[4] = {1, 3, 3, 1};
    static int history[4];
    static unsigned at;
    int sum = 0;
    history[at++ % 4] = input;
    for (unsigned i = 0; i < 4; i++)
        sum += weights[i] * history[(at + i) % 4];
    return sum;
}

static unsigned value_of(const char *text) {
    unsigned value = 0;
    while (*text)
        value = value * 10 + (unsigned)(*text++ - '0');
    return value;
}

PROGRAM(static_function_locals) {
    unsigned checked = 0;
    unsigned sequence[12], state = opaque_unsigned(1);
    for (int i = 0; i < 12; i++) {
        state = state * 69069 + 5;
        sequence[i] = state >> 8;
        checked++;
    }
    for (int i = 0; i < 4; i++) {
        CHECK(next_red() == sequence[i * 3] && next_green() == sequence[i]);
        unsigned second = next_red();
        CHECK(second == sequence[i * 3 + 1]);
        second = next_red();
        CHECK(second == sequence[i * 3 + 2]);
        if (i % 2)
            CHECK(next_blue() == sequence[i / 2]);
        checked++;
    }
    int plain = 100, wide = 1000, narrow = 10;
    for (int i = 0; i < 30; i++) {
        int by = opaque_int(i * 3 - 20), which = i % 4 % 3;
        int got = three_of_a_name(opaque_int(which), by), *changed = which == 1 ? &wide : which == 2 ? &narrow : &plain;
        *changed += by;
        if (narrow > 127)
            narrow -= 256;
        CHECK(got == *changed);
        checked++;
    }
    unsigned computed = 0;
    CHECK(remembered(opaque_unsigned(50), &computed) == 12586269025 && computed == 49);
    CHECK(remembered(opaque_unsigned(59), &computed) == 956722026041 && computed == 58);
    CHECK(remembered(30, &computed) == 832040 && computed == 58);

    static const struct { const char *text; int result; } nested[] = {{"", 100}, {"abc", 103}, {"a(b)c", 204}, {"((x))(y)(", 306},
                                                                      {"(((((z)))))", 632}};
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 5; i++) {
            const char *text = opaque_pointer(nested[i].text);
            CHECK(nesting(&text) == nested[i].result && *text == 0);
            checked++;
        }
    for (unsigned i = 0; i < 10; i++) {
        char *first = decimal(opaque_unsigned(i * 429496729u)), *second = decimal(i), *third = decimal(~i);
        CHECK(value_of(first) == i * 429496729u && value_of(second) == i && value_of(third) == ~i);
        char *fourth = decimal(77);
        CHECK(value_of(fourth) == 77 && value_of(second) == i && value_of(third) == ~i);
        decimal(1), decimal(2);
        checked++;
    }
    CHECK(limited(opaque_int(50), 20) == 20 && limited(19, 5) == 19 && limited(opaque_int(21), 1000) == 20);
    int inputs[20];
    for (int i = 0; i < 20; i++) {
        inputs[i] = opaque_int(i * i % 13 - 5);
        int sum = inputs[i];
        sum += i > 0 ? 3 * inputs[i - 1] : 0;
        sum += i > 1 ? 3 * inputs[i - 2] : 0;
        sum += i > 2 ? inputs[i - 3] : 0;
        CHECK(smooth(inputs[i]) == sum);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 86);
}
