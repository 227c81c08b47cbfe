/* Functions and regions that are equal but for the function they call: directly, in tail position, through a
 * parameter, in mutual recursion, under a condition that decides the argument. */
#include "certify.h"

static char trace[96];
static unsigned traced;

static void note(char letter) {
    if (traced < sizeof trace - 1)
        trace[traced++] = letter;
    trace[traced] = 0;
}

static NOINLINE int32_t grow(int32_t value, int32_t by) { note('g'); return value + by; }
static NOINLINE int32_t trim(int32_t value, int32_t by) { note('t'); return value - by; }
static NOINLINE int32_t flip(int32_t value, int32_t by) { note('f'); return by - value; }
static int32_t keep(int32_t value, int32_t by) { (void)by; return value; }

#define WALK(name, callee)                                                  \
    static NOINLINE int32_t name(const int8_t *steps, unsigned count) {     \
        int32_t place = 0;                                                  \
        for (unsigned i = 0; i < count; i++) {                              \
            if (steps[i] == 0)                                              \
                break;                                                      \
            place = callee(place, steps[i]);                                \
            if (place > 20)                                                 \
                place = callee(place, 9);                                   \
        }                                                                   \
        return callee(place, 1);                                            \
    }
WALK(walk_grow, grow)
WALK(walk_trim, trim)
WALK(walk_flip, flip)
WALK(walk_keep, keep)

static NOINLINE int32_t walk_any(const int8_t *steps, unsigned count, int32_t (*callee)(int32_t, int32_t)) {
    int32_t place = 0;
    for (unsigned i = 0; i < count && steps[i]; i++) {
        place = callee(place, steps[i]);
        if (place > 20)
            place = callee(place, 9);
    }
    return callee(place, 1);
}

/* Mutual recursion: the three differ in whom they hand on to, and in the letter. */
static int32_t red(uint32_t n, int32_t sum);
static int32_t green(uint32_t n, int32_t sum);
static int32_t blue(uint32_t n, int32_t sum);

#define COLOUR(name, letter, even, odd)                                     \
    static NOINLINE int32_t name(uint32_t n, int32_t sum) {                 \
        note(letter);                                                       \
        if (n <= 1)                                                         \
            return sum * 4 + (letter & 3);                                  \
        if (n % 2)                                                          \
            return odd(n * 3 / 4, sum + 1);                                 \
        return even(n / 2, sum + 2);                                        \
    }
COLOUR(red, 'r', green, blue)
COLOUR(green, 'n', blue, red)
COLOUR(blue, 'b', green, red)

static int32_t colour_expected(uint32_t n, unsigned at, char *letters) {
    static const char name[] = "rnb";
    static const unsigned char even[] = {1, 2, 1}, odd[] = {2, 0, 0};
    int32_t sum = 0;
    for (;; *letters = 0) {
        *letters++ = name[at];
        if (n < 2)
            break;
        sum += n % 2 ? 1 : 2;
        unsigned next = n % 2 ? odd[at] : even[at];
        n = n % 2 ? n - (n + 3) / 4 : n / 2;
        at = next;
    }
    *letters = 0;
    return sum * 4 + (name[at] & 3);
}

static int same(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

/* One region four times: the callee of each third statement differs. */
static NOINLINE int32_t regions(int32_t x, int deep) {
    int32_t y = x;
    x = grow(x, 3); y += x; x = trim(x, y); y ^= 1;
    x = grow(x, 3); y += x; x = flip(x, y); y ^= 1;
    x = grow(x, 3); y += x; x = keep(x, y); y ^= 1;
    if (deep) {
        x = grow(x, 3); y += x; x = trim(x, y); y ^= 1;
    } else {
        x = grow(x, 3); y += x; x = flip(x, y); y ^= 1;
    }
    return x * 1000 + y;
}

PROGRAM(twins_callees) {
    static const int8_t steps[10] = {4, -3, 9, 7, -2, 12, -15, 8, 0, 99};
    static int32_t (*const callees[4])(int32_t, int32_t) = {grow, trim, flip, keep};
    static int32_t (*const walks[4])(const int8_t *, unsigned) = {walk_grow, walk_trim, walk_flip, walk_keep};
    static int32_t (*const colours[3])(uint32_t, int32_t) = {red, green, blue};
    for (unsigned count = 0; count <= 10; count++)
        for (int i = 0; i < 4; i++) {
            char first[sizeof trace];
            traced = 0, note(' ');
            int32_t direct = walks[opaque_int(i)](steps, count);
            for (unsigned j = 0; j <= traced; j++)
                first[j] = trace[j];
            traced = 0, note(' ');
            CHECK(direct == walk_any(steps, count, callees[opaque_int(i)]));
            CHECK(same(first, trace));
        }
    traced = 0;
    CHECK(walk_grow(steps, 4) == 18 && same(trace, "ggggg"));
    CHECK(walk_trim(steps, 4) == -18 && same(trace, "gggggttttt"));
    CHECK(walk_flip(steps, 4) == 10 && same(trace, "gggggtttttfffff") && walk_keep(steps, 9) == 0 && traced == 15);
    for (uint32_t n = 0; n < 40; n++)
        for (unsigned at = 0; at < 3; at++) {
            char letters[sizeof trace];
            traced = 0;
            int32_t expected = colour_expected(n, at, letters);
            CHECK(colours[at](opaque_unsigned(n), 0) == expected);
            CHECK(same(trace, letters));
        }
    traced = 0;
    CHECK(red(9, 0) == 26 && same(trace, "rbnrn"));
    traced = 0;
    CHECK(regions(opaque_int(10), 1) == -37933 && same(trace, "gtgfggt"));
    CHECK(regions(opaque_int(10), 0) == 38067 && same(trace, "gtgfggtgtgfggf"));
}
