/* A byte queue with one writer (an interrupt handler) and one reader: no locks. */
#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RING_SIZE = 64 };
_Static_assert((RING_SIZE & (RING_SIZE - 1)) == 0, "the indices run freely and are masked");

struct ring {
    volatile uint32_t written;
    volatile uint32_t read;
    uint8_t bytes[RING_SIZE];
};

size_t ring_count(const struct ring *ring);
bool ring_put(struct ring *ring, uint8_t byte);
bool ring_get(struct ring *ring, uint8_t *byte);

#endif
