#include "heap.h"

#include <stdlib.h>

/* Four children per node: half the levels of a binary heap, and siblings share cache lines. */
enum { CHILDREN = 4 };

void qsim_heap_init(struct qsim_heap *heap)
{
    heap->entries = NULL;
    heap->count = heap->capacity = 0;
    heap->pushed = 0;
}

void qsim_heap_free(struct qsim_heap *heap)
{
    free(heap->entries);
    qsim_heap_init(heap);
}

static bool before(const struct qsim_heap_entry *a, const struct qsim_heap_entry *b)
{
    return a->time < b->time || (a->time == b->time && a->order < b->order);
}

static bool grow(struct qsim_heap *heap)
{
    size_t capacity = heap->capacity ? heap->capacity * 2 : 64;
    struct qsim_heap_entry *entries = realloc(heap->entries, capacity * sizeof *entries);
    if (!entries)
        return false;
    heap->entries = entries;
    heap->capacity = capacity;
    return true;
}

bool qsim_heap_push(struct qsim_heap *heap, int64_t time, uint32_t item)
{
    if (heap->count == heap->capacity && !grow(heap))
        return false;
    struct qsim_heap_entry fresh = {time, heap->pushed++, item};
    size_t at = heap->count++;
    while (at) {
        size_t parent = (at - 1) / CHILDREN;
        if (!before(&fresh, &heap->entries[parent]))
            break;
        heap->entries[at] = heap->entries[parent];
        at = parent;
    }
    heap->entries[at] = fresh;
    return true;
}

static size_t earliest_child(const struct qsim_heap *heap, size_t parent)
{
    size_t first = parent * CHILDREN + 1, best = first;
    for (size_t child = first + 1; child < first + CHILDREN && child < heap->count; child++)
        if (before(&heap->entries[child], &heap->entries[best]))
            best = child;
    return best;
}

bool qsim_heap_pop(struct qsim_heap *heap, struct qsim_heap_entry *entry)
{
    if (!heap->count)
        return false;
    *entry = heap->entries[0];
    struct qsim_heap_entry last = heap->entries[--heap->count];
    size_t at = 0;
    while (at * CHILDREN + 1 < heap->count) {
        size_t child = earliest_child(heap, at);
        if (!before(&heap->entries[child], &last))
            break;
        heap->entries[at] = heap->entries[child];
        at = child;
    }
    if (heap->count)
        heap->entries[at] = last;
    return true;
}
