/* Volatile accesses behind guards: null pointers, short-circuits and conditional expressions, where an access that the source
 * does not make would trap, write or count; pointers that are volatile themselves, and volatile views of ordinary objects. */
#include "certify.h"

struct link {
    volatile int32_t value;
    struct link *volatile next;
};

static volatile int32_t reads;
static volatile int32_t port = 4;

static int32_t read_port(void) {
    reads++;
    return port;
}

static int32_t guarded(volatile int32_t *pointer, int32_t otherwise) { return pointer ? *pointer : otherwise; }

static int32_t guarded_sum(volatile int32_t *a, volatile int32_t *b) {
    int32_t sum = 0;
    if (a)
        sum += *a;
    if (b) {
        sum += *b * 2;
        if (a)
            *a = *b;
    }
    return sum;
}

static int short_circuit(int32_t limit) {
    return (limit > 0 && read_port() > limit) || (limit < 0 && read_port() < -limit) || read_port() == 77;
}

static int32_t chosen(int which) { return which ? read_port() * 2 : which - 1; }

static void guarded_store(volatile int32_t *to, int32_t value, int when) {
    if (when)
        *to = value;
    else if (to)
        *to = -value;
}

static int32_t walk(struct link *volatile head) {
    int32_t sum = 0;
    while (head) {
        sum = sum * 10 + head->value;
        head->value += 1;
        head = head->next;
    }
    return sum;
}

static void unlink_value(struct link *volatile *head, int32_t value) {
    while (*head)
        if ((*head)->value == value)
            *head = (*head)->next;
        else
            head = &(*head)->next;
}

/* Only this view is volatile; the object is an ordinary local that other statements use directly. */
static int32_t views(int32_t start) {
    int32_t object = start;
    volatile int32_t *view = &object;
    const volatile int32_t *look = &object;
    *view = *view + 1;
    object *= 2;
    *view -= 3;
    int32_t first = *look;
    object = first + *view;
    *view;
    return object * 1000 + *look - first;
}

static int32_t moving_pointer(int32_t *data, int n) {
    int32_t *volatile at = data;
    int32_t sum = 0;
    while (at != data + n) {
        int32_t *here = at;
        sum += *here * (int32_t)(at - data + 1);
        *at++ = sum;
        if (sum > 50 && at != data + n)
            at = at + 1;
    }
    return sum;
}

static int32_t moving_index(int32_t *data, int n) {
    int32_t sum = 0;
    for (int i = 0; i != n; i++) {
        sum += data[i] * (i + 1);
        data[i] = sum;
        i += sum > 50 && i + 1 != n;
    }
    return sum;
}

PROGRAM(volatile_guarded_access) {
    int32_t a = opaque_int(5), b = 6;
    CHECK(guarded(&a, 9) == 5 && guarded(0, 9) == 9 && guarded(opaque_int(0) ? &b : 0, opaque_int(-3)) == -3);
    CHECK(guarded_sum(0, 0) == 0 && guarded_sum(&a, 0) == 5 && guarded_sum(0, &b) == 12 && a == 5);
    CHECK(guarded_sum(&a, &b) == 17 && a == 6 && guarded_sum(&b, &b) == 18);

    reads = 0;
    CHECK(short_circuit(3) == 1 && reads == 1);
    CHECK(short_circuit(opaque_int(4)) == 0 && reads == 3);
    CHECK(short_circuit(-5) == 1 && reads == 4);
    CHECK(short_circuit(opaque_int(-4)) == 0 && reads == 6 && short_circuit(0) == 0 && reads == 7);
    port = 77;
    CHECK(short_circuit(opaque_int(100)) == 1 && reads == 9);
    CHECK(chosen(0) == -1 && reads == 9 && chosen(opaque_int(1)) == 154 && reads == 10);
    CHECK(chosen(opaque_int(0)) == -1 && reads == 10);
    guarded_store(0, 3, opaque_int(0));
    guarded_store(&b, 3, 0);
    guarded_store(&a, 4, opaque_int(1));
    CHECK(a == 4 && b == -3);

    struct link links[4];
    for (int i = 0; i < 4; i++) {
        links[i].value = i + 1;
        links[i].next = i < 3 ? &links[i + 1] : 0;
    }
    struct link *volatile head = &links[0];
    CHECK(walk(head) == 1234 && walk(head) == 2345);
    unlink_value(&head, opaque_int(4));
    CHECK(walk(head) == 356);
    unlink_value(&head, 4);
    unlink_value(&head, 7);
    CHECK(walk(head) == 6 && links[0].value == 4 && links[1].value == 4);
    unlink_value(&head, opaque_int(7));
    CHECK(walk(head) == 0);

    CHECK(views(4) == 14000 + 7 && views(opaque_int(-2)) == -10000 - 5);
    int32_t data[9], same[9];
    for (int n = 0; n <= 9; n++) {
        for (int i = 0; i < 9; i++)
            data[i] = same[i] = 3 * i - 4;
        CHECK(moving_pointer(data, opaque_int(n)) == moving_index(same, n));
        for (int i = 0; i < 9; i++)
            CHECK(data[i] == same[i]);
    }
}
