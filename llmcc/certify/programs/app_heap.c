/* A priority queue as an indexed binary heap with change and removal of any element, stable for equal keys, and a four-ary
 * heap of plain words that sorts in place, against scans of unsorted arrays. */
#include "certify.h"

enum { ITEMS = 40 };

struct item {
    int32_t priority;
    uint32_t order;
    uint8_t place;
};

static struct item items[ITEMS];
static uint8_t heap[ITEMS + 1];
static unsigned heap_size;
static uint32_t next_order;

static int before(unsigned a, unsigned b) {
    const struct item *x = &items[a], *y = &items[b];
    return x->priority != y->priority ? x->priority < y->priority : x->order < y->order;
}

static void move(unsigned place, unsigned id) {
    heap[place] = (uint8_t)id;
    items[id].place = (uint8_t)place;
}

static unsigned up(unsigned place, unsigned id) {
    while (place > 1 && before(id, heap[place / 2]))
        move(place, heap[place / 2]), place /= 2;
    move(place, id);
    return place;
}

static unsigned down(unsigned place, unsigned id) {
    for (unsigned child; (child = place * 2) <= heap_size; place = child) {
        if (child < heap_size && before(heap[child + 1], heap[child])) child++;
        if (before(id, heap[child])) break;
        move(place, heap[child]);
    }
    move(place, id);
    return place;
}

static void push(unsigned id, int32_t priority) {
    items[id].priority = priority;
    items[id].order = next_order++;
    up(++heap_size, id);
}

static void change(unsigned id, int32_t priority) {
    int sooner = priority < items[id].priority;
    items[id].priority = priority;
    (sooner ? up : down)(items[id].place, id);
}

static void cancel(unsigned id) {
    unsigned place = items[id].place, last = heap[heap_size--];
    items[id].place = 0;
    if (last == id) return;
    if (up(place, last) == place)
        down(place, last);
}

static int pop(void) {
    if (heap_size == 0) return -1;
    int id = heap[1];
    cancel((unsigned)id);
    return id;
}

/* Four children from 4 i + 1, the largest on top. */
static void sink4(uint32_t *v, unsigned size, unsigned at) {
    uint32_t value = v[at];
    for (;;) {
        unsigned first = at * 4 + 1, best = first, end = first + 4 < size ? first + 4 : size;
        if (first >= size) break;
        for (unsigned c = first + 1; c < end; c++) best = v[c] > v[best] ? c : best;
        if (v[best] <= value) break;
        v[at] = v[best];
        at = best;
    }
    v[at] = value;
}

static void build4(uint32_t *v, unsigned size) {
    for (unsigned i = (size + 2) / 4; i-- > 0;) sink4(v, size, i);
}

static void sort4(uint32_t *v, unsigned size) {
    build4(v, size);
    while (size > 1) {
        uint32_t top = v[0];
        v[0] = v[--size];
        v[size] = top;
        sink4(v, size, 0);
    }
}

/* Priority and order in one number; what is not in the queue is last. */
static int64_t model[ITEMS];
static const int64_t RANK = 100000, ABSENT = INT64_MAX;

static int model_first(void) {
    int best = 0;
    for (int i = 1; i < ITEMS; i++) best = model[i] < model[best] ? i : best;
    return model[best] < ABSENT ? best : -1;
}

PROGRAM(app_heap) {
    uint32_t state = opaque_unsigned(3), orders = 0, v[50], w[50];
    heap_size = 0, next_order = 0;
    for (int i = 0; i < ITEMS; i++) model[i] = ABSENT;
    for (int turn = 0; turn < 500; turn++) {
        state = state * 2654435769U + 12345;
        unsigned id = (state >> 22) % ITEMS, count = 0, way = state >> 5 & 7;
        int32_t priority = (int32_t)(state >> 10 & 31) * 50000 - 800000;
        if (way == 7) {
            int first = pop();
            CHECK(first == model_first());
            if (first >= 0) model[first] = ABSENT;
        } else if (model[id] == ABSENT) {
            push(id, opaque_int(priority));
            model[id] = (int64_t)priority * RANK + orders++;
        } else if (way < 2 + turn / 180U) {
            cancel(id);
            model[id] = ABSENT;
        } else {
            model[id] += ((int64_t)priority - items[id].priority) * RANK;
            change(id, opaque_int(priority));
        }
        for (unsigned i = 0; i < ITEMS; i++) {
            count += model[i] < ABSENT;
            CHECK((items[i].place != 0) == (model[i] < ABSENT) && (!items[i].place || heap[items[i].place] == i));
        }
        CHECK(count == heap_size);
        for (unsigned place = 2; place <= heap_size; place++) CHECK(before(heap[place / 2], heap[place]));
    }
    for (int expected; (expected = model_first()) >= 0; model[expected] = ABSENT) CHECK(pop() == expected);
    CHECK(pop() == -1 && heap_size == 0 && orders == next_order && orders > 100);
    for (unsigned size = 0; size <= 50; size++) {
        for (unsigned i = 0; i < size; i++)
            v[i] = w[i] = (state = state * 2654435769U + 12345) >> (size % 3 ? 26 : 3);
        sort4(v, size);
        for (unsigned i = 0; i < size; i++) {
            unsigned smaller = 0, equal = 0;
            for (unsigned j = 0; j < size; j++) smaller += w[j] < w[i], equal += w[j] == w[i];
            for (unsigned j = smaller; j < smaller + equal; j++) CHECK(v[j] == w[i]);
        }
        build4(w, size);
        for (unsigned i = 1; i < size; i++) CHECK(w[(i - 1) / 4] >= w[i]);
    }
}
