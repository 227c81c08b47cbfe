/* Static functions known by their address: registered, looked up, compared, converted, returned, called direct and indirect. */
#include "certify.h"

typedef int (*unary)(int);
typedef void (*anything)(void);

static int increment(int x) { return x + 1; }
static int decrement(int x) { return x - 1; }
static int square(int x) { return x * x; }
static int identity(int x) { return x; }
static int never_called(int x) { return x / 0x7fff; }

/* Address taken, but what it is called with directly is always the same. */
static NOINLINE int offset(int x) { return x >= 1000 ? x - 1000 : x + 5; }

struct entry {
    unary function;
    uint8_t arity, uses;
    int32_t total;
};

static struct entry registry[6];
static unsigned registered;

/* A function is its own key. */
static struct entry *enter(unary function) {
    for (unsigned i = 0; i < registered; i++)
        if (registry[i].function == function)
            return &registry[i];
    registry[registered].function = function;
    registry[registered].uses = 0;
    registry[registered].total = 0;
    return &registry[registered++];
}

static int call_counted(unary function, int x) {
    struct entry *entry = enter(function);
    int result = function(x);
    entry->uses++;
    entry->total += result;
    return result;
}

/* Known functions are not called but done here. */
static NOINLINE int call_by_comparison(unary function, int x) {
    if (function == increment)
        return x + 1;
    if (function == square)
        return x * x;
    if (function == never_called)
        return -1;
    return function ? function(x) : 0;
}

static unary inverse_of(unary function) {
    return function == increment ? decrement : function == decrement ? increment : function == identity ? identity : (unary)0;
}

/* The next function to call comes back from each of them. */
struct state {
    struct state (*next)(const char **text, int *count);
};
static struct state in_word(const char **text, int *count);
static struct state finished(const char **text, int *count) {
    (void)text;
    (void)count;
    return (struct state){0};
}
static struct state in_space(const char **text, int *count) {
    while (**text == ' ')
        ++*text;
    if (**text == 0)
        return (struct state){finished};
    ++*count;
    return (struct state){in_word};
}
static struct state in_word(const char **text, int *count) {
    (void)count;
    while (**text && **text != ' ')
        ++*text;
    return (struct state){**text ? in_space : finished};
}

static int count_words(const char *text) {
    int count = 0, rounds = 0;
    for (struct state state = {in_space}; state.next; state = state.next(&text, &count))
        CHECK(++rounds < 40);
    return count;
}

static NOINLINE int64_t wide(int64_t a, int16_t b) { return a * b; }
static NOINLINE int narrow(int8_t a) { return a * 2; }

/* Through another type and back: the type at the call is the function's own. */
static int through_conversion(const anything *slots, int which, int x) {
    return which ? (int)((int64_t(*)(int64_t, int16_t))slots[1])(x, -3) : ((int (*)(int8_t))slots[0])((int8_t)x);
}

static int apply_n(unary function, int times, int x) {
    while (times-- > 0)
        x = function(x);
    return x;
}

PROGRAM(call_address_taken) {
    unsigned checked = 0;
    static const unary known[] = {increment, decrement, square, identity, offset};
    const unary *const *table = opaque_pointer(&(const unary *){known});
    registered = 0;
    for (unsigned round = 0; round < 4; round++)
        for (unsigned i = 0; i < 5; i++) {
            if (round > i)
                continue;
            int x = opaque_int((int)(i * 3 + round)), expected = 0;
            switch (i) {
            case 0: expected = x + 1; break;
            case 1: expected = x - 1; break;
            case 2: expected = x * x; break;
            case 3: expected = x; break;
            case 4: expected = x + 5; break;
            }
            CHECK(call_counted((*table)[i], x) == expected && call_by_comparison((*table)[i], x) == expected);
            checked++;
        }
    CHECK(registered == 5);
    for (unsigned i = 0; i < 5; i++) {
        CHECK(registry[i].function == known[i] && registry[i].uses == (i < 4 ? i + 1 : 4));
        for (unsigned j = 0; j < 5; j++)
            CHECK(((*table)[i] == known[j]) == (i == j));
        checked++;
    }
    CHECK(registry[0].total == 1 && registry[1].total == 2 + 3 && registry[2].total == 36 + 49 + 64);
    CHECK(enter(increment) == registry && enter(offset) == registry + 4 && registered == 5);
    CHECK(enter(never_called) == registry + 5 && registered == 6);

    CHECK(call_by_comparison(0, opaque_int(3)) == 0 && call_by_comparison(never_called, opaque_int(70000)) == -1);
    CHECK(inverse_of(square) == 0 && inverse_of(inverse_of(increment)) == increment && inverse_of(identity) == identity);
    for (int x = -5; x < 5; x++) {
        unary forward = opaque_int(x) & 1 ? increment : decrement;
        CHECK(inverse_of(forward) != forward && inverse_of(forward)(forward(x)) == x);
        CHECK(apply_n(forward, opaque_int(9), x) == x + (x & 1 ? 9 : -9));
        checked++;
    }
    CHECK(apply_n(offset, opaque_int(4), 990) == 5 && apply_n(square, 3, opaque_int(3)) == 6561 && offset(7) + offset(7) == 24);
    static const struct { const char *text; int words; } texts[] = {
        {"", 0}, {"one", 1}, {"  two words", 2}, {"a b  c   d ", 4}, {"    ", 0}};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK(count_words(opaque_pointer(texts[i].text)) == texts[i].words);
    const anything slots[2] = {(anything)narrow, (anything)wide};
    for (int x = -200; x < 200; x += 23)
        for (int which = 0; which < 2; which++)
            CHECK(through_conversion(slots, opaque_int(which), x)
                  == (which ? -3 * x : 2 * (x < -128 ? x + 256 : x > 127 ? x - 256 : x)));
    /* No loop was left out. */
    CHECK(checked == 29);
}
