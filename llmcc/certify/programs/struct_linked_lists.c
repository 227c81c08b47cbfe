/* Self-referential structures: lists sorted by insertion and by merging, reversed, split, and edited through a pointer to a
 * pointer; a doubly linked ring. An array of the values is the model. */
#include "certify.h"

enum { COUNT = 24 };

struct cell { struct cell *next; int32_t value; };
struct ring { struct ring *before, *after; int32_t value; };

static struct cell *build(struct cell *cells, const int32_t *values, int n) {
    struct cell *head = 0;
    while (n-- > 0) {
        cells[n].value = values[n];
        cells[n].next = head;
        head = &cells[n];
    }
    return head;
}

static struct cell *reversed(struct cell *list) {
    struct cell *result = 0;
    while (list) {
        struct cell *next = list->next;
        list->next = result;
        result = list;
        list = next;
    }
    return result;
}

static NOINLINE struct cell *merged(struct cell *a, struct cell *b) {
    struct cell *head = 0, **end = &head;
    while (a && b)
        if (b->value < a->value) {
            *end = b;
            end = &b->next;
            b = b->next;
        } else {
            *end = a;
            end = &a->next;
            a = a->next;
        }
    *end = a ? a : b;
    return head;
}

static struct cell *sorted(struct cell *list) {
    if (!list || !list->next)
        return list;
    struct cell *slow = list, *fast = list->next;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    struct cell *half = slow->next;
    slow->next = 0;
    return merged(sorted(list), sorted(half));
}

static void insert(struct cell **place, struct cell *cell) {
    while (*place && (*place)->value < cell->value)
        place = &(*place)->next;
    cell->next = *place;
    *place = cell;
}

static int remove_all(struct cell **place, int32_t value) {
    int removed = 0;
    while (*place)
        if ((*place)->value == value) {
            *place = (*place)->next;
            removed++;
        } else
            place = &(*place)->next;
    return removed;
}

static int length(const struct cell *list) { return list ? 1 + length(list->next) : 0; }

static NOINLINE void matches(const struct cell *list, const int32_t *values, int n) {
    for (int i = 0; i < n; i++) {
        CHECK(list != 0 && list->value == values[i]);
        list = list->next;
    }
    CHECK(list == 0);
}

/* Counts down around the ring and takes out every k-th. */
static int32_t last_left(struct ring *ring, int n, int k) {
    for (int i = 0; i < n; i++)
        ring[i] = (struct ring){&ring[(i + n - 1) % n], &ring[(i + 1) % n], i};
    struct ring *at = &ring[n - 1];
    while (at->after != at) {
        for (int i = 0; i < k; i++)
            at = at->after;
        at->before->after = at->after;
        at->after->before = at->before;
        at = at->before;
    }
    CHECK(at->before == at);
    return at->value;
}

static void check_list(int n, int32_t step) {
    struct cell cells[COUNT], pool[COUNT], *list, *inserted = 0;
    int32_t values[COUNT] = {0}, backwards[COUNT] = {0}, order[COUNT] = {0};
    for (int i = 0; i < n; i++)
        values[i] = backwards[n - 1 - i] = i * step % 17 - 8;
    for (int i = 0; i < n; i++) {
        int rank = 0;
        for (int k = 0; k < n; k++)
            rank += values[k] < values[i] || (values[k] == values[i] && k < i);
        order[rank] = values[i];
    }
    list = build(cells, values, n);
    matches(list, values, n);
    list = reversed(list);
    matches(list, backwards, n);
    CHECK(length(list) == n);
    list = sorted(list);
    matches(list, order, n);
    build(pool, values, n);
    for (int i = 0; i < n; i++)
        insert(&inserted, &pool[i]);
    matches(inserted, order, n);

    int kept = 0;
    for (int i = 0; i < n; i++)
        if (order[i] != 0)
            order[kept++] = order[i];
    CHECK(remove_all(&list, opaque_int(0)) == n - kept && remove_all(&list, 100) == 0);
    matches(list, order, kept);
    CHECK(length(merged(list, inserted)) == kept + n);
}

PROGRAM(struct_linked_lists) {
    static const int32_t steps[] = {1, 5, 16, 7, 0};
    for (int i = 0; i < 5; i++) {
        check_list(opaque_int(COUNT), steps[i]);
        check_list(opaque_int(i), 3);
    }
    struct ring ring[COUNT];
    for (int k = 1; k < 5; k++) {
        int32_t survivor = 0;
        for (int n = 1; n <= COUNT; n++) {
            survivor = (n > 1 ? survivor + k : 0) % n;
            CHECK(last_left(ring, opaque_int(n), k) == survivor);
        }
    }
}
