#include "ring.h"

#include "memory.h"

size_t ring_count(const struct ring *ring)
{
    return ring->written - ring->read;
}

bool ring_put(struct ring *ring, uint8_t byte)
{
    uint32_t written = ring->written;
    if (written - ring->read == RING_SIZE)
        return false;
    ring->bytes[written % RING_SIZE] = byte;
    /* The byte must be there before the reader sees the index. */
    compiler_barrier();
    ring->written = written + 1;
    return true;
}

bool ring_get(struct ring *ring, uint8_t *byte)
{
    uint32_t read = ring->read;
    if (ring->written == read)
        return false;
    *byte = ring->bytes[read % RING_SIZE];
    compiler_barrier();
    ring->read = read + 1;
    return true;
}
