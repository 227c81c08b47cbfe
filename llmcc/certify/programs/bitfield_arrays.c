/* Arrays of structures made of fields: a heap, a stable sort, a free list linked by indices in fields, a histogram,
 * each beside the same work on plain integers. */
#include "certify.h"

struct task { uint32_t priority : 6, owner : 5, serial : 9, ready : 1; int32_t credit : 11; };
struct plain_task { int priority, owner, serial, ready, credit; };

enum { capacity = 48 };

static int before(const struct task *a, const struct task *b) {
    return a->priority != b->priority ? a->priority < b->priority : a->serial < b->serial;
}

struct heap { struct task items[capacity]; int count; };

static NOINLINE void push(struct heap *h, struct task item) {
    int at = h->count++;
    while (at > 0 && before(&item, &h->items[(at - 1) / 2])) {
        h->items[at] = h->items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    h->items[at] = item;
}

static NOINLINE struct task pop(struct heap *h) {
    struct task top = h->items[0], last = h->items[--h->count];
    int at = 0;
    for (int child; (child = 2 * at + 1) < h->count; at = child) {
        if (child + 1 < h->count && before(&h->items[child + 1], &h->items[child]))
            child++;
        if (!before(&h->items[child], &last))
            break;
        h->items[at] = h->items[child];
    }
    h->items[at] = last;
    return top;
}

static NOINLINE void settle(struct task *tasks, int count) {
    for (int i = 0; i < count; i++) {
        tasks[i].credit -= tasks[i].priority * 2;
        if (!(tasks[i].ready = tasks[i].credit >= 0))
            tasks[i].credit = -tasks[i].credit;
        tasks[i].owner += tasks[i].ready ? 3 : 30;
    }
}

static NOINLINE void settle_plain(struct plain_task *t, int count) {
    for (; count > 0; count--, t++) {
        t->credit -= t->priority * 2;
        t->ready = t->credit < 0 ? 0 : 1;
        t->credit = t->ready ? t->credit : -t->credit;
        t->owner = (t->owner + (t->ready ? 3 : 30)) % 32;
    }
}

static NOINLINE void sort(struct task *tasks, int count) {
    for (int i = 1; i < count; i++) {
        struct task key = tasks[i];
        int j = i - 1;
        for (; j >= 0 && tasks[j].owner > key.owner; j--)
            tasks[j + 1] = tasks[j];
        tasks[j + 1] = key;
    }
}

/* Nodes linked by index; 31 ends a list. */
struct node { uint16_t next : 5, used : 1, value : 10; };

static NOINLINE unsigned allocate(struct node *nodes, unsigned *free_list, unsigned head, unsigned value) {
    unsigned at = *free_list;
    if (at == 31)
        return head;
    *free_list = nodes[at].next;
    nodes[at] = (struct node){head & 31, 1, value & 0x3ff};
    return at;
}

static NOINLINE unsigned release_odd(struct node *nodes, unsigned *free_list, unsigned head) {
    unsigned kept = 31;
    while (head != 31) {
        unsigned next = nodes[head].next, odd = nodes[head].value & 1, *list = odd ? free_list : &kept;
        nodes[head].used = !odd;
        nodes[head].next = *list & 31;
        *list = head;
        head = next;
    }
    return kept;
}

PROGRAM(bitfield_arrays) {
    struct heap heap = {.count = 0};
    struct task tasks[capacity];
    struct plain_task plain[capacity];
    uint32_t state = opaque_unsigned(31), counts[64] = {0}, checked = 0;
    for (unsigned i = 0; i < capacity; i++) {
        state = state * 134775813 + 1;
        tasks[i] = (struct task){state >> 26, i & 31, 511 - i, 0, (int32_t)(state >> 12 & 0x3ff) - 512};
        plain[i] = (struct plain_task){(int)(state >> 26), (int)i % 32, 511 - (int)i, 0,
                                       (int)(state >> 12 & 0x3ff) - 512};
        counts[tasks[i].priority]++;
        push(&heap, tasks[i]);
    }
    struct task previous = pop(&heap);
    CHECK(counts[previous.priority]-- > 0);
    for (int i = 1; i < capacity; i++, checked += opaque_unsigned(1)) {
        struct task next = pop(&heap);
        const struct plain_task *origin = &plain[511 - next.serial];
        CHECK(before(&previous, &next) && !before(&next, &previous) && origin->credit == next.credit);
        CHECK(origin->owner == next.owner && origin->priority == next.priority && counts[next.priority]-- > 0);
        previous = next;
    }
    CHECK(heap.count == 0);
    settle(tasks, capacity);
    settle_plain(plain, capacity);
    for (int i = 0; i < capacity; i++) {
        CHECK(tasks[i].owner == plain[i].owner && tasks[i].serial == plain[i].serial);
        CHECK(tasks[i].credit == plain[i].credit && tasks[i].ready == plain[i].ready);
    }
    sort(tasks, capacity);
    for (const struct task *t = tasks + 1; t < tasks + capacity; t++)
        CHECK(t[-1].owner < t->owner || (t[-1].owner == t->owner && t[-1].serial > t->serial));

    struct node nodes[31];
    for (unsigned i = 0; i < 31; i++)
        nodes[i] = (struct node){(i + 1) & 31, 0, 0};
    unsigned free_list = 0, head = 31, expected[31], kept = 0;
    for (unsigned round = 1; round < 8; round++, checked += opaque_unsigned(1)) {
        for (unsigned i = 0; i < 12; i++) {
            unsigned value = (opaque_unsigned(i) * 341 + round * 97) & 0x3ff;
            if (free_list != 31)
                expected[kept++] = value;
            head = allocate(nodes, &free_list, head, value);
        }
        head = release_odd(nodes, &free_list, head);
        /* What is left, its order turned round by the release. */
        unsigned left[31], count = 0, used = 0, at = head;
        for (unsigned i = kept; i-- > 0;)
            if (expected[i] % 2 == 0)
                left[count++] = expected[i];
        for (kept = 0; kept < count; kept++)
            expected[kept] = left[kept];
        for (unsigned i = kept; i-- > 0; at = nodes[at].next)
            CHECK(at != 31 && nodes[at].used && nodes[at].value == expected[i]);
        for (unsigned i = 0; i < 31; i++)
            used += nodes[i].used;
        CHECK(at == 31 && used == kept);
    }
    CHECK(checked == 54);
}
