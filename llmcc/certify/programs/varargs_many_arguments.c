/* Long variadic calls of pointers: sentinels, results written through the arguments, calls through function pointers. */
#include "certify.h"
#include <stdarg.h>

struct node {
    struct node *next;
    int value;
};

static struct node nodes[40];

/* Links its arguments in order; a null pointer ends them. */
static NOINLINE struct node *chain(struct node *first, ...) {
    va_list arguments;
    struct node *last = first;
    va_start(arguments, first);
    while (last) {
        struct node *next = va_arg(arguments, struct node *);
        last->next = next;
        last = next;
    }
    va_end(arguments);
    return first;
}

/* Links them the other way round. */
static NOINLINE struct node *chain_reversed(struct node *first, ...) {
    va_list arguments;
    struct node *head = 0;
    va_start(arguments, first);
    for (struct node *node = first; node; node = va_arg(arguments, struct node *)) {
        node->next = head;
        head = node;
    }
    va_end(arguments);
    return head;
}

/* Takes number apart by the given bases, least significant first, into what the pointers between them point to. */
static NOINLINE unsigned take_apart(unsigned number, ...) {
    va_list arguments;
    va_start(arguments, number);
    for (;;) {
        unsigned base = va_arg(arguments, unsigned);
        if (base == 0)
            break;
        unsigned char *place = va_arg(arguments, unsigned char *);
        if (place)
            *place = (unsigned char)(number % base);
        number /= base;
    }
    va_end(arguments);
    return number;
}

static int sum_fixed(int count, ...) {
    va_list arguments;
    int sum = 0;
    va_start(arguments, count);
    for (int i = 0; i < count; i++)
        sum += *va_arg(arguments, const int *);
    va_end(arguments);
    return sum;
}

static int alternating(int count, ...) {
    va_list arguments;
    int sum = 0;
    va_start(arguments, count);
    for (int i = 0; i < count; i++)
        sum = *va_arg(arguments, const int *) - sum;
    va_end(arguments);
    return sum;
}

static int apply_pairs(int (*function)(int, int), ...) {
    va_list arguments;
    int result = 0;
    va_start(arguments, function);
    while (function) {
        int left = va_arg(arguments, int), right = va_arg(arguments, int);
        result = result * 2 + function(left, right);
        function = va_arg(arguments, int (*)(int, int));
    }
    va_end(arguments);
    return result;
}

static int add(int left, int right) { return left + right; }
static int subtract(int left, int right) { return left - right; }

#define P(i) &nodes[(i) % 40]
#define TEN(base) P(base), P((base) + 3), P((base) + 6), P((base) + 9), P((base) + 12), P((base) + 15), P((base) + 18), \
                  P((base) + 21), P((base) + 24), P((base) + 27)

PROGRAM(varargs_many_arguments) {
    unsigned checked = 0;
    static int (*const reducers[])(int, ...) = {sum_fixed, alternating};
    for (int i = 0; i < 40; i++)
        nodes[i].value = opaque_int(i * i - 5 * i);
    /* Thirty, then ten more by steps of three: each node of the table exactly once. */
    int position = 0;
    struct node *list = chain(TEN(0), TEN(30), TEN(60), TEN(90), (struct node *)0);
    for (struct node *node = list; node; node = node->next, position++)
        CHECK(node == &nodes[position * 3 % 40]);
    CHECK(position == 40);
    list = chain_reversed(TEN(0), TEN(30), TEN(60), TEN(90), (struct node *)0);
    for (struct node *node = list; node; node = node->next)
        CHECK(node == &nodes[--position * 3 % 40]);
    CHECK(position == 0);
    CHECK(chain((struct node *)0, P(1)) == 0 && chain_reversed((struct node *)0) == 0);
    CHECK(chain(P(5), (struct node *)0)->next == 0);

    for (unsigned second = 0; second < 2000000000; second += 37123457) {
        unsigned char s = 0, m = 0, h = 0, d = 0, untouched = 77;
        unsigned weeks = take_apart(opaque_unsigned(second), 60u, &s, 60u, &m, 24u, &h, 7u, &d, 0u, &untouched);
        CHECK((((weeks * 7 + d) * 24 + h) * 60 + m) * 60 + s == second);
        CHECK(s < 60 && m < 60 && h < 24 && d < 7 && untouched == 77);
        CHECK(take_apart(second, 3600u, (unsigned char *)0, 24u, &untouched, 0u) == second / 86400 && untouched == h);
        checked++;
    }
    for (int way = 0; way < 2; way++) {
        int (*reduce)(int, ...) = reducers[opaque_int(way)];
        int sum = 0, sign = way ? -1 : 1;
        const int *values[12];
        for (int i = 0; i < 12; i++) {
            values[i] = &nodes[i * 2].value;
            sum = sum * sign + *values[i];
            checked++;
        }
        CHECK(reduce(12, values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8],
                     values[9], values[10], values[11]) == sum);
        CHECK(reduce(0, values[0]) == 0 && reduce(1, values[3], values[4]) == 6);
        checked++;
    }
    int nine = opaque_int(9);
    CHECK(apply_pairs(add, nine, 1, subtract, nine, 4, subtract, 2, nine, add, 0, nine, (int (*)(int, int))0) == 80 + 20 - 14 + 9);
    /* No loop was left out. */
    CHECK(checked == 80);
}
