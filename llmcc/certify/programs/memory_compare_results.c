/* memcmp of constant and variable sizes with one differing byte at every place: equality, inequality, less, greater and the
 * sign as a value; the same with operands that are constants. */
#include "certify.h"

enum { LARGEST = 33 };

#define EQUAL(SIZE) case SIZE: return __builtin_memcmp(a, b, SIZE) == 0;
#define LESS(SIZE) case SIZE: return __builtin_memcmp(a, b, SIZE) < 0;
#define SIGN(SIZE) case SIZE: { int r = __builtin_memcmp(a, b, SIZE); return (r > 0) - (r < 0); }
#define SIZES(C) C(1) C(2) C(3) C(4) C(5) C(6) C(7) C(8) C(9) C(11) C(12) C(13) C(15) C(16) C(17) C(20) C(24) C(31) C(32) C(33)

static NOINLINE int equal(const unsigned char *a, const unsigned char *b, unsigned size) {
    switch (size) {
    SIZES(EQUAL)
    default: return !__builtin_memcmp(a, b, size);
    }
}

static NOINLINE int less(const unsigned char *a, const unsigned char *b, unsigned size) {
    switch (size) {
    SIZES(LESS)
    default: return __builtin_memcmp(a, b, size) < 0;
    }
}

static NOINLINE int sign(const unsigned char *a, const unsigned char *b, unsigned size) {
    switch (size) {
    SIZES(SIGN)
    default: return __builtin_memcmp(a, b, size) > 0 ? 1 : __builtin_memcmp(b, a, size) > 0 ? -1 : 0;
    }
}

static int model(const unsigned char *a, const unsigned char *b, unsigned size) {
    const volatile unsigned char *left = a, *right = b;
    for (unsigned i = 0; i < size; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

/* Equality by a loop over fields that chains of comparisons may be merged from. */
struct key { uint16_t a, b; uint32_t c; int32_t d; uint8_t e, f, g, h; };

static int same_key(const struct key *x, const struct key *y) {
    return x->a == y->a && x->b == y->b && x->c == y->c && x->d == y->d && x->e == y->e && x->f == y->f && x->g == y->g
        && x->h == y->h;
}

static int order_keys(const struct key *x, const struct key *y) {
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->c != y->c)
        return x->c < y->c ? -2 : 2;
    if (x->d != y->d)
        return x->d < y->d ? -3 : 3;
    return (x->h > y->h) - (x->h < y->h);
}

static int classify(const char *word) {
    if (__builtin_memcmp(word, "abcd", 4) == 0)
        return 1 + (__builtin_memcmp(word + 4, "efgh", 4) < 0);
    if (__builtin_memcmp("abce", word, 4) <= 0)
        return __builtin_memcmp(word, "abce\377", 5) >= 0 ? 4 : 3;
    return __builtin_memcmp(word, "aa", 2) ? 5 : 6;
}

static void check_one(const unsigned char *a, const unsigned char *b, unsigned size) {
    int expected = model(a, b, size);
    CHECK(equal(a, b, opaque_unsigned(size)) == (expected == 0));
    CHECK(less(a, b, opaque_unsigned(size)) == (expected < 0) && less(b, a, size) == (expected > 0));
    CHECK(sign(a, b, opaque_unsigned(size)) == expected && sign(b, a, size) == -expected);
}

PROGRAM(memory_compare_results) {
    unsigned char a[LARGEST + 3], b[LARGEST + 3];
    static const uint8_t changes[] = {0x01, 0x80, 0xff};
    for (unsigned i = 0; i < sizeof a; i++)
        a[i] = b[i] = (unsigned char)(i * 13 + 0x70);
    for (unsigned place = 0; place < LARGEST; place++) {
        unsigned char *changed = place & 1 ? &a[place] : &b[place];
        *changed ^= changes[place % 3];
        /* A second difference later on, the other way round, must not count. */
        b[place + 2] = (unsigned char)(a[place + 2] + (a[place] < b[place] ? -1 : 1));
        for (unsigned size = place > 3 ? place - 2 : 0; size <= LARGEST; size += 1 + size / 12)
            check_one(a, b, size);
        *changed ^= changes[place % 3];
        b[place + 2] = a[place + 2];
    }
    for (unsigned size = 0; size <= LARGEST; size++)
        check_one(a, b, size);
    check_one(a + 1, b, 16);
    check_one(a + 1, b + 2, 7);

    struct key x = {1, 2, 3, -4, 5, 6, 7, 8}, y = x;
    x.d = opaque_int(-4);
    CHECK(same_key(&x, &y) && order_keys(&x, &y) == 0);
    y.h = 200;
    CHECK(!same_key(&x, &y) && order_keys(&x, &y) == -1);
    y.d = opaque_int(3);
    CHECK(!same_key(&y, &x) && order_keys(&y, &x) == 3);
    x.c = 0x80000000u;
    CHECK(!same_key(&x, &y) && order_keys(&y, &x) == -2);
    y.a = 0xffff;
    CHECK(order_keys(&x, &y) == -1 && order_keys(&y, &x) == 1);
    y = x;
    y.b++;
    CHECK(!same_key(&x, &y) && order_keys(&x, &y) == 0);

    static const char *const words[] = {"abcdefgh", "abcdefgg", "abcd\377fgh", "abce", "abce\376", "abce\377", "abd", "aazz", "aba"};
    static const int classes[] = {1, 2, 1, 3, 3, 4, 4, 6, 5};
    for (int i = 0; i < 9; i++) {
        char word[9] = {0};
        for (int k = 0; words[i][k]; k++)
            word[k] = words[i][k];
        CHECK(classify(opaque_pointer(word)) == classes[i]);
    }
    CHECK(classify("abcdefgh") == 1 && classify("aazzzzzz") == 6 && classify("zzzzzzzz") == 4);
}
