/* Short-circuit evaluation: which operands of mixed and nested && and || run, in which order, how often, and what they
 * leave; operands that may only be evaluated after the one before held; and the value of the whole as a number. */
#include "certify.h"

static uint32_t order;
static unsigned calls;

static NOINLINE int is(unsigned tag, unsigned truths) {
    calls++;
    order = order * 9u + tag;
    return (int)(truths & (1u << (tag - 1)));
}

#define A is(1, t)
#define B is(2, t)
#define C is(3, t)
#define D is(4, t)
#define E is(5, t)

static int form_0(unsigned t) { return A && B && C && D; }
static int form_1(unsigned t) { return A || B || C || D; }
static int form_2(unsigned t) { return (A && B) || (C && D); }
static int form_3(unsigned t) { return (A || B) && (C || D); }
static int form_4(unsigned t) { return !(A && !B) || (C && !(D || E)); }
static int form_5(unsigned t) { return A ? B && C : D || E; }
static int form_6(unsigned t) { return (A && (B || (C && (D || E)))) == 0; }
static int form_7(unsigned t) {
    if (A && B) {
        if (C || D)
            return 1;
    } else if (D && E) {
        return 1;
    }
    return 0;
}

/* The tree of each form for an interpreter: an operand is its number, then the place to go when false, and when true. */
struct node {
    uint8_t tag, when_false, when_true;
};
enum { NO = 20, YES = 21 };
static const struct node trees[8][6] = {
    {{1, NO, 1}, {2, NO, 2}, {3, NO, 3}, {4, NO, YES}},
    {{1, 1, YES}, {2, 2, YES}, {3, 3, YES}, {4, NO, YES}},
    {{1, 2, 1}, {2, 2, YES}, {3, NO, 3}, {4, NO, YES}},
    {{1, 1, 2}, {2, NO, 2}, {3, 3, YES}, {4, NO, YES}},
    {{1, YES, 1}, {2, 2, YES}, {3, NO, 3}, {4, 4, NO}, {5, YES, NO}},
    {{1, 3, 1}, {2, NO, 2}, {3, NO, YES}, {4, 4, YES}, {5, NO, YES}},
    {{1, YES, 1}, {2, 2, NO}, {3, YES, 3}, {4, 4, NO}, {5, YES, NO}},
    {{1, 4, 1}, {2, 4, 2}, {3, 3, YES}, {4, NO, YES}, {4, NO, 5}, {5, NO, YES}}};

static int interpret(const struct node *tree, unsigned truths) {
    unsigned at = 0;
    while (at < NO) {
        order = order * 9u + tree[at].tag;
        calls++;
        at = truths >> (tree[at].tag - 1) & 1 ? tree[at].when_true : tree[at].when_false;
    }
    return at == YES;
}

struct item {
    const struct item *parent;
    const int8_t *name;
    int32_t limit, divisor;
};

/* Each operand protects the next. */
static NOINLINE int guarded(const struct item *item, int index, int value) {
    return item && item->parent && item->parent->name && index >= 0 && index < item->parent->limit
        && item->parent->name[index] != 0 && value / item->parent->name[index] > 3
        && (item->divisor == 0 || value % item->divisor == 1);
}

static int guarded_steps(const volatile struct item *item, volatile int index, int value) {
    if (!item) return 0;
    const struct item *parent = item->parent;
    if (!parent) return 0;
    if (!parent->name) return 0;
    if (index < 0) return 0;
    if (index >= parent->limit) return 0;
    volatile int divisor = parent->name[index];
    if (divisor == 0) return 0;
    if (value / divisor <= 3) return 0;
    divisor = item->divisor;
    if (divisor == 0) return 1;
    return value % divisor == 1;
}

/* Side effects in the operands themselves: increments, stores and assignments. */
static int increments(int a, int b, int *first, int *second) {
    int result = a++ > 0 && b++ > 0;
    result += 2 * (a++ > 2 || b++ > 2);
    result += 4 * (b > a && (a = b));
    *first = a;
    *second = b;
    return result;
}

/* Truth values as numbers, in sums, shifts and indices, next to bitwise ones that evaluate both sides. */
static unsigned as_numbers(unsigned t) {
    static const uint8_t weights[4] = {1, 5, 25, 125};
    unsigned sum = weights[(A && B) + (B || C) * 2];
    sum += (unsigned)(((C != 0) * (D != 0)) << 3) + (unsigned)((C && D) << 4);
    return sum * 2u + (A != 0) + (unsigned)-(int)(E && !A);
}

PROGRAM(branch_short_circuit) {
    int (*const forms[8])(unsigned) = {form_0, form_1, form_2, form_3, form_4, form_5, form_6, form_7};
    for (unsigned form = 0; form < 8; form++)
        for (unsigned truths = 0; truths < 32; truths++) {
            order = calls = 0;
            int result = forms[opaque_unsigned(form)](opaque_unsigned(truths));
            uint32_t seen = order;
            unsigned count = calls;
            order = calls = 0;
            CHECK((result == 0 || result == 1) && interpret(trees[form], truths) == result);
            CHECK(order == seen && calls == count);
        }
    order = 0;
    CHECK(form_2(1 | 4 | 8) == 1 && order == ((1 * 9 + 2) * 9 + 3) * 9 + 4);
    order = 0;
    CHECK(form_4(opaque_unsigned(1 | 4 | 16)) == 0 && order == (((1 * 9 + 2) * 9 + 3) * 9 + 4) * 9 + 5);

    static const int8_t names[] = {0, 1, -1, 7, 100};
    struct item root = {NULL, names, 5, 0}, nameless = {NULL, NULL, 5, 0};
    struct item items[] = {{&root, NULL, 0, 0}, {&root, NULL, 0, 4}, {&nameless, NULL, 0, 1}, {NULL, names, 9, 9}};
    for (int which = -1; which < 4; which++)
        for (int index = -1; index <= 5; index++)
            for (int value = -60; value < 500; value += 11) {
                const struct item *item = (const struct item *)opaque_pointer(which < 0 ? NULL : &items[which]);
                CHECK(guarded(item, opaque_int(index), value) == guarded_steps(item, index, value));
            }
    CHECK(guarded(&items[1], opaque_int(3), opaque_int(29)) == 1 && guarded(NULL, 0, 0) == 0);

    for (int a = -1; a < 5; a++)
        for (int b = -1; b < 5; b++) {
            int first, second, x = a + 1, y = b + (a > 0), expected = a > 0 && b > 0;
            expected += x > 2 || y > 2 ? 2 : 0;
            y += x <= 2;
            x++;
            if (y > x) {
                expected += y ? 4 : 0;
                x = y;
            }
            CHECK(increments(opaque_int(a), opaque_int(b), &first, &second) == expected && first == x && second == y);
        }
    for (unsigned truths = 0; truths < 32; truths++) {
        unsigned a = truths & 1, b = truths >> 1 & 1, c = truths >> 2 & 1, d = truths >> 3 & 1, e = truths >> 4;
        calls = 0;
        unsigned power = 1;
        for (unsigned step = a * b + 2 * (b + c > 0); step > 0; step--)
            power *= 5;
        CHECK(as_numbers(opaque_unsigned(truths)) == (power + c * d * 24) * 2 + a - (e > a));
        CHECK(calls == 7 + a + !b + c + e);
    }
}
