/* Results that nobody looks at: effects must stay, whole calls may go; results used at one place only, and handed through. */
#include "certify.h"

struct report {
    int32_t sum, least, greatest;
    int64_t product;
    int16_t places[6];
};

static int32_t queue[8];
static unsigned queue_head, queue_length, rejected;

/* Its result is used by some callers; all of them rely on the effect. */
static NOINLINE int enqueue(int32_t value) {
    if (queue_length == 8) {
        rejected++;
        return 0;
    }
    queue[(queue_head + queue_length++) % 8] = value;
    return 1;
}

static NOINLINE int32_t dequeue(void) {
    int32_t value = queue[queue_head];
    queue_head = (queue_head + 1) % 8;
    queue_length--;
    return value;
}

/* No caller uses what it returns. */
static NOINLINE unsigned clear_queue(int32_t with) {
    unsigned cleared = 0;
    for (unsigned i = 0; i < 8; i++)
        if (queue[i] != with) {
            queue[i] = with;
            cleared += i;
        }
    queue_head = queue_length = rejected = 0;
    return cleared * 7;
}

/* Returns what it got, after it has worked on it. */
static NOINLINE int32_t *negate(int32_t *values, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        values[i] = -values[i];
    return values;
}

static NOINLINE struct report examine(const int32_t *values, int count, unsigned *examined) {
    struct report report = {0, values[0], values[0], 1, {0}};
    for (int i = 0; i < count; i++) {
        report.sum += values[i];
        report.product = report.product * (values[i] | 1) % 1000003;
        if (values[i] < report.least)
            report.least = values[i];
        if (values[i] > report.greatest)
            report.greatest = values[i], report.places[i % 6]++;
    }
    ++*examined;
    return report;
}

/* Without effects: loops whose result is dropped, and which end. */
static NOINLINE unsigned slow_root(unsigned value) {
    unsigned root = 0;
    while ((root + 1) * (root + 1) <= value)
        root++;
    return root;
}

static unsigned collatz_length(unsigned value) {
    unsigned length = 1;
    for (; value > 1; length++)
        value = value % 2 ? 3 * value + 1 : value / 2;
    return length;
}

/* Divides into two results; the returned one is used in one place. */
static NOINLINE int divide(int dividend, int divisor, int *remainder) {
    *remainder = dividend % divisor;
    return dividend / divisor;
}

/* The result of the recursion is dropped on the way, and made anew. */
static unsigned visited;
static NOINLINE unsigned visit(unsigned node, unsigned limit) {
    visited++;
    if (node * 2 < limit)
        visit(node * 2, limit);
    if (node * 2 + 1 < limit)
        (void)visit(node * 2 + 1, limit);
    return node ^ limit;
}

PROGRAM(call_unused_results) {
    unsigned checked = 0;
    static const int32_t numbers[9] = {4, -2, 9, 9, 0, -7, 12, 3, -1};
    clear_queue(-1);
    for (int i = 0; i < 10; i++)
        enqueue(opaque_int(i * i));
    CHECK(queue_length == 8 && rejected == 2 && enqueue(5) == 0 && rejected == 3);
    for (int i = 0; i < 5; i++)
        if (i % 2)
            CHECK(dequeue() == i * i);
        else
            dequeue();
    CHECK(queue_length == 3 && queue_head == 5);
    if (enqueue(opaque_int(-6)))
        enqueue(-7);
    else
        enqueue(-8);
    CHECK(queue[0] == -6 && queue[1] == -7 && queue_length == 5 && rejected == 3);
    (void)clear_queue(opaque_int(2));
    for (unsigned i = 0; i < 8; i++)
        CHECK(queue[i] == 2);
    CHECK(queue_length == 0 && rejected == 0);

    int32_t values[9];
    for (int i = 0; i < 9; i++)
        values[i] = opaque_int(numbers[i]);
    negate(values, 9);
    CHECK(*negate(values, 1) == 4 && values[1] == 2);
    CHECK(negate(negate(values + 1, 8), 0) == values + 1);
    for (int i = 0; i < 9; i++)
        CHECK(values[i] == numbers[i]);
    negate(negate(negate(values, 4) + 2, 3) + 1, 2);
    static const int32_t signs[9] = {-1, -1, 1, -1, 1, 1, 1, 1, 1};
    for (int i = 0; i < 9; i++)
        CHECK(values[i] == numbers[i] * signs[i]);

    unsigned examined = 0;
    for (int count = 1; count <= 9; count++) {
        int32_t sum = 0, least = numbers[0], greatest = numbers[0];
        for (int i = 0; i < count; i++) {
            sum += numbers[i];
            least = numbers[i] < least ? numbers[i] : least;
            greatest = numbers[i] > greatest ? numbers[i] : greatest;
            checked++;
        }
        examine(numbers, count, &examined);
        CHECK(examine(numbers, opaque_int(count), &examined).sum == sum && examine(numbers, count, &examined).least == least);
        struct report report = examine(numbers, count, &examined);
        CHECK(report.greatest == greatest && report.places[0] == (count > 6) && report.places[2] == (count > 2));
        checked++;
    }
    CHECK(examined == 36);
    unsigned kept = 0;
    for (unsigned i = 0; i < 50; i++) {
        slow_root(opaque_unsigned(i * 3));
        collatz_length(i);
        unsigned root = slow_root(opaque_unsigned(i)), dropped = collatz_length(i + 1);
        kept += i % 5 == 0 ? dropped : 0;
        CHECK(root * root <= i && (root + 1) * (root + 1) > i);
        checked++;
    }
    unsigned lengths = 0;
    for (unsigned i = 1; i < 50; i += 5)
        lengths += collatz_length(opaque_unsigned(i));
    CHECK(kept == lengths && collatz_length(opaque_unsigned(27)) == 112);
    for (int i = -30; i < 30; i++) {
        int remainder = 99;
        divide(opaque_int(i), 7, &remainder);
        CHECK(remainder == i - i / 7 * 7);
        if (i > 20)
            CHECK(divide(i, 4, &remainder) * 4 + remainder == i);
        else
            divide(i, opaque_int(-4), &remainder);
        CHECK(remainder == i % 4);
        checked++;
    }
    visited = 0;
    visit(1, opaque_unsigned(40));
    CHECK(visited == 39 && visit(3, opaque_unsigned(4)) == 7 && visited == 40);
    /* No loop was left out. */
    CHECK(checked == 164);
}
