/* Loops over linked lists: reversal, removal through a pointer to the link, merging, a doubly linked ring, and cycles
 * found by two pointers of different speed. */
#include "certify.h"

enum { NODES = 40 };

struct node {
    struct node *next;
    int32_t key;
    uint16_t order;
};

static struct node nodes[NODES];

/* The nodes are used in another order than they lie in memory: 7 and 40 have no common divisor. */
static struct node *build(unsigned count, unsigned modulus) {
    struct node *head = NULL, **link = &head;
    for (unsigned index = 0; index < count; index++) {
        struct node *node = &nodes[index * 7 % NODES];
        node->key = (int32_t)(index * 11 % modulus);
        node->order = (uint16_t)index;
        *link = node;
        link = &node->next;
    }
    *link = NULL;
    return head;
}

static NOINLINE struct node *reverse(struct node *head) {
    struct node *done = NULL;
    while (head) {
        struct node *next = head->next;
        head->next = done;
        done = head;
        head = next;
    }
    return done;
}

static NOINLINE unsigned remove_key(struct node **link, int32_t key) {
    unsigned removed = 0;
    while (*link) {
        if ((*link)->key == key) {
            *link = (*link)->next;
            removed++;
        } else {
            link = &(*link)->next;
        }
    }
    return removed;
}

static NOINLINE struct node *merge(struct node *left, struct node *right) {
    struct node *head = NULL, **link = &head;
    for (; left && right; link = &(*link)->next) {
        struct node **from = right->key < left->key ? &right : &left;
        *link = *from;
        *from = (*from)->next;
    }
    *link = left ? left : right;
    return head;
}

/* Halves by two speeds, then merged again: a stable sort. */
static struct node *sort(struct node *head) {
    struct node *slow = head, *fast = head ? head->next : NULL;
    if (!fast)
        return head;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    struct node *second = slow->next;
    slow->next = NULL;
    return merge(sort(head), sort(second));
}

static unsigned cycle_length(const struct node *head, unsigned *before) {
    const struct node *slow = head, *fast = head;
    unsigned length = 0;
    do {
        if (!fast || !fast->next)
            return 0;
        slow = slow->next;
        fast = fast->next->next;
    } while (slow != fast);
    for (*before = 0, slow = head; slow != fast; slow = slow->next, fast = fast->next)
        ++*before;
    do
        fast = fast->next, length++;
    while (fast != slow);
    return length;
}

struct link {
    struct link *next, *previous;
    unsigned value;
};

static void insert_after(struct link *place, struct link *link) {
    link->next = place->next;
    link->previous = place;
    place->next->previous = link;
    place->next = link;
}

/* Takes every so many-th out of a ring until one is left. */
static NOINLINE unsigned last_in_ring(struct link *ring, unsigned count, unsigned every) {
    struct link *at = ring;
    at->next = at->previous = at;
    at->value = 0;
    for (unsigned index = 1; index < count; index++) {
        ring[index].value = index;
        insert_after(&ring[index - 1], &ring[index]);
    }
    at = ring->previous;
    while (at->next != at) {
        for (unsigned step = 0; step < every; step++)
            at = at->next;
        at->next->previous = at->previous;
        at->previous->next = at->next;
        at = at->previous;
    }
    return at->value;
}

PROGRAM(loop_linked_lists) {
    for (unsigned count = 0; count <= NODES; count += 1 + count / 6) {
        struct node *head = reverse(build(opaque_unsigned(count), 1000));
        unsigned place = count;
        for (const struct node *node = head; node; node = node->next)
            CHECK(node->order == --place && node->key == (int32_t)(place * 11));
        CHECK(place == 0);
        for (unsigned modulus = 1; modulus < 9; modulus += 2) {
            head = build(count, modulus);
            unsigned left = count;
            for (unsigned key = 0; key < modulus; key += 2) {
                unsigned expected = 0;
                for (unsigned index = 0; index < count; index++)
                    expected += index * 11 % modulus == key;
                CHECK(remove_key(&head, opaque_int((int)key)) == expected);
                left -= expected;
            }
            unsigned previous = 0, seen = 0;
            for (const struct node *node = head; node; node = node->next, seen++) {
                CHECK(node->key % 2 == 1 && (seen == 0 || node->order > previous));
                previous = node->order;
            }
            CHECK(seen == left);
            head = sort(build(count, opaque_unsigned(modulus)));
            seen = 0;
            for (const struct node *node = head; node; node = node->next, seen++)
                CHECK(!node->next || node->key < node->next->key || (node->key == node->next->key && node->order < node->next->order));
            CHECK(seen == count);
        }
        head = build(count, 17);
        unsigned before = 77;
        CHECK(cycle_length(head, &before) == 0 && before == 77);
        for (unsigned back = 0; back < count; back += 5) {
            head = build(count, 9);
            nodes[(count - 1) * 7 % NODES].next = &nodes[back * 7 % NODES];
            CHECK(cycle_length(head, &before) == count - back && before == back);
        }
    }
    struct link ring[24];
    for (unsigned count = 1; count < 25; count++)
        for (unsigned every = 1; every < 6; every++) {
            unsigned survivor = 0;
            for (unsigned size = 2; size <= count; size++)
                survivor = (survivor + every) % size;
            CHECK(last_in_ring(ring, opaque_unsigned(count), opaque_unsigned(every)) == survivor);
        }
}
