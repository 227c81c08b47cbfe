/* A priority queue of moments. Entries of the same moment come out in the order in which they went in. */
#ifndef QSIM_HEAP_H
#define QSIM_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct qsim_heap_entry {
    int64_t time;
    uint64_t order;
    uint32_t item;
};

struct qsim_heap {
    struct qsim_heap_entry *entries;
    size_t count, capacity;
    uint64_t pushed;
};

void qsim_heap_init(struct qsim_heap *heap);
void qsim_heap_free(struct qsim_heap *heap);

/* False when memory is out; the heap is then as before. */
bool qsim_heap_push(struct qsim_heap *heap, int64_t time, uint32_t item);

/* False when the heap is empty. */
bool qsim_heap_pop(struct qsim_heap *heap, struct qsim_heap_entry *entry);

#ifdef __cplusplus
}
#endif

#endif
