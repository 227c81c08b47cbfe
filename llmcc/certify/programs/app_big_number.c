/* Big natural numbers of 16-bit digits: addition, subtraction, multiplication, long division with estimated digits and
 * decimal text, each against the others, against 64-bit arithmetic and against a factorial. */
#include "certify.h"

enum { DIGITS = 24 };

struct big {
    unsigned size;
    uint16_t digit[DIGITS];
};

static struct big from64(uint64_t value) {
    struct big b = {0, {0}};
    for (; value; value >>= 16) b.digit[b.size++] = (uint16_t)value;
    return b;
}

static struct big trimmed(struct big b) {
    while (b.size && b.digit[b.size - 1] == 0) b.size--;
    return b;
}

static int compare(const struct big *a, const struct big *b) {
    if (a->size != b->size) return a->size < b->size ? -1 : 1;
    for (unsigned i = a->size; i-- > 0;)
        if (a->digit[i] != b->digit[i]) return a->digit[i] < b->digit[i] ? -1 : 1;
    return 0;
}

/* Adds a multiple, which may be negative, to the digits from `to` on; gives what is carried out of them. */
static int64_t accumulate(uint16_t *to, unsigned room, const struct big *b, int32_t factor) {
    int64_t carry = 0;
    for (unsigned i = 0; i < room; i++) {
        carry += to[i] + (i < b->size ? (int64_t)b->digit[i] * factor : 0);
        to[i] = (uint16_t)carry;
        carry >>= 16;
    }
    return carry;
}

static struct big add(struct big a, const struct big *b) {
    a.size = DIGITS;
    accumulate(a.digit, DIGITS, b, 1);
    return trimmed(a);
}

static struct big subtract(struct big a, const struct big *b) {
    accumulate(a.digit, a.size, b, -1);
    return trimmed(a);
}

static struct big multiply(const struct big *a, const struct big *b) {
    struct big product = {DIGITS, {0}};
    for (unsigned i = 0; i < a->size; i++) accumulate(product.digit + i, DIGITS - i, b, a->digit[i]);
    return trimmed(product);
}

static uint16_t divide_small(struct big *a, uint16_t divisor) {
    uint32_t rest = 0;
    for (unsigned i = a->size; i-- > 0;) {
        rest = rest << 16 | a->digit[i];
        a->digit[i] = (uint16_t)(rest / divisor);
        rest %= divisor;
    }
    *a = trimmed(*a);
    return (uint16_t)rest;
}

static unsigned added_back;

/* Estimates each digit of the quotient from the top digits, the divisor shifted so that its top bit is set. */
static struct big divide(struct big a, struct big b, struct big *rest) {
    struct big quotient = {0, {0}};
    unsigned shift = 0;
    if (compare(&a, &b) < 0) {
        *rest = a;
        return quotient;
    }
    if (b.size == 1) {
        *rest = from64(divide_small(&a, b.digit[0]));
        return a;
    }
    for (; !(b.digit[b.size - 1] >> 15); shift++) a = add(a, &a), b = add(b, &b);
    unsigned n = b.size, m = a.size + 1 - n;
    quotient.size = m;
    for (unsigned j = m; j-- > 0;) {
        uint32_t top = (uint32_t)a.digit[j + n] << 16 | a.digit[j + n - 1];
        uint32_t guess = top / b.digit[n - 1], left = top % b.digit[n - 1];
        while (guess > 0xffff || (left <= 0xffff && guess * b.digit[n - 2] > (left << 16 | a.digit[j + n - 2])))
            guess--, left += b.digit[n - 1];
        if (accumulate(a.digit + j, n + 1, &b, -(int32_t)guess) < 0)
            guess--, added_back++, accumulate(a.digit + j, n + 1, &b, 1);
        quotient.digit[j] = (uint16_t)guess;
    }
    *rest = trimmed(a);
    for (; shift > 0; shift--) divide_small(rest, 2);
    return trimmed(quotient);
}

static uint32_t state;

/* Digits that make estimates go wrong are frequent. */
static struct big draw(unsigned size) {
    static const uint16_t corners[4] = {0, 0xffff, 0x8000, 0x7fff};
    struct big b = {size, {0}};
    for (unsigned i = 0; i < size; i++) {
        state = state * 1597334677 + 3812015801U;
        b.digit[i] = state >> 30 ? corners[state >> 16 & 3] : (uint16_t)(state >> 12);
    }
    return trimmed(b);
}

static int same(struct big a, struct big b) { return compare(&a, &b) == 0; }

static uint64_t to64(const struct big *a) {
    uint64_t value = 0;
    for (unsigned i = a->size; i-- > 0;) value = value * 65536 + a->digit[i];
    return value;
}

PROGRAM(app_big_number) {
    state = opaque_unsigned(6), added_back = 0;
    for (unsigned turn = 0; turn < 150; turn++) {
        struct big a = draw(turn % 19), b = draw(turn % 7 + turn % 3), c = draw(turn % 5), rest;
        struct big ab = add(a, &b), product = multiply(&b, &c);
        CHECK(same(ab, add(b, &a)) && same(subtract(ab, &b), a) && compare(&ab, &a) == (b.size > 0));
        CHECK(same(product, multiply(&c, &b)));
        /* (a + b) c = a c + b c, and b b c c is a square in two ways. */
        struct big ac = multiply(&a, &c), bc = add(ac, &product), b2 = multiply(&b, &b), c2 = multiply(&c, &c);
        CHECK(same(multiply(&ab, &c), bc));
        CHECK(b.size + c.size > 11 || same(multiply(&b2, &c2), multiply(&product, &product)));
        if (b.size) {
            struct big quotient = divide(a, b, &rest), back = multiply(&quotient, &b);
            CHECK(compare(&rest, &b) < 0 && same(add(back, &rest), a));
            CHECK(same(divide(product, b, &rest), c) && rest.size == 0);
        }
        uint64_t x = opaque_uint64(to64(&c)), y = to64(&b) >> (turn % 40 + 8);
        struct big small = from64(x), other = from64(y | 1), sum = add(small, &other), low = multiply(&other, &other);
        struct big quotient = divide(small, other, &rest);
        CHECK(to64(&sum) == x + (y | 1) && to64(&low) == (y | 1) * (y | 1));
        CHECK(to64(&quotient) == x / (y | 1) && to64(&rest) == x % (y | 1));
    }
    CHECK(added_back > 0);
    struct big factorial = from64(1);
    for (unsigned i = 2; i <= 30; i++) {
        struct big factor = from64(opaque_unsigned(i));
        factorial = multiply(&factorial, &factor);
    }
    static const char text[] = "265252859812191058636308480000000";
    for (unsigned i = sizeof text - 1; i-- > 0;) CHECK(divide_small(&factorial, 10) == text[i] - '0');
    CHECK(factorial.size == 0);
}
